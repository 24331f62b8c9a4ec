// csf.deny and csf.tempban as a source of notices: for blocks that neither lfd.log nor the hook told of. Nothing hurries: a list is read
// when it has been left alone for some seconds, so that no reading waits for csf.
import { parseCsfListText } from '../parse/csf-list.ts';
import { parseTempbanLine } from '../parse/csf-tempban.ts';
import type { DenyEntry } from '../model-csf.ts';
import type { NewNotice } from '../model-firewall.ts';
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import { noticeOfEntry } from './notice-sources.ts';
import type { ServerClock } from './server.ts';

const LISTS = ['deny', 'tempban'] as const;
type ListName = (typeof LISTS)[number];

/** A list that is written again and again is read this often all the same. */
const QUIET_MS = 5000;
const BUSY_MS = 15_000;
/** Entries may come out of order: csf takes the time first and then waits for its locks. */
const OVERLAP_MS = 600_000;

/** What is kept of the last reading. */
interface Known {
  readonly stamp: string;
  readonly readAt: EpochMs;
  /** The newest time of an entry of lfd's; 0 before there was one. */
  readonly upTo: EpochMs;
  /** The entries about as new as that, by a hash of their text. */
  readonly seen: readonly string[];
}

/** What a changed list tells beyond the last reading, and what is to be kept of this one. */
export interface ListNews {
  readonly told: readonly NewNotice[];
  readonly key: string;
  readonly known: string;
}

/** The lists that have changed and may be read now. `from`: what is older is not told. */
export async function listNews(ctx: Context, clock: ServerClock, from: EpochMs): Promise<ListNews[]> {
  const news: ListNews[] = [];
  for (const name of LISTS) {
    const one = await newsOf(ctx, clock, name, from);
    if (one !== null) news.push(one);
  }
  return news;
}

async function newsOf(
  ctx: Context,
  clock: ServerClock,
  name: ListName,
  from: EpochMs,
): Promise<ListNews | null> {
  const key = `notices_${name}`;
  const look = ctx.host.csfStamp(name);
  if (look === null) return null;
  const known = readKnown(ctx.store.meta(key));
  const now = Date.now();
  const isQuiet = Math.abs(now - look.mtimeMs) >= QUIET_MS || Math.abs(now - known.readAt) >= BUSY_MS;
  if (look.stamp === known.stamp || !isQuiet) return null;
  const { text, stable } = await ctx.host.csfFile(name);
  if (text === null) return null;
  const found = entriesOf(name, text).flatMap((entry) => {
    const notice = noticeOfEntry(entry, clock);
    return notice === null ? [] : [{ notice, hash: ctx.hash(entry.text).slice(0, 16) }];
  });
  const newest = Math.max(known.upTo, ...found.map(({ notice }) => notice.at));
  // An entry from the future must not hide those of the present.
  const upTo = Math.min(newest, clock.now);
  const fresh = found.filter(({ notice }) => notice.at >= Math.max(from, known.upTo - OVERLAP_MS));
  const seen = new Set(known.seen);
  const kept: Known = {
    // What was cut may be whole the next time.
    stamp: stable ? look.stamp : '',
    readAt: now,
    upTo,
    seen: found.filter(({ notice }) => notice.at >= upTo - OVERLAP_MS).map(({ hash }) => hash),
  };
  const told = fresh.filter(({ hash }) => !seen.has(hash)).map(({ notice }) => notice);
  return { told, key, known: JSON.stringify(kept) };
}

function entriesOf(name: ListName, text: string): DenyEntry[] {
  // lfd writes into csf.deny itself, never into a file that it includes.
  if (name === 'deny') return parseCsfListText(text, 'deny').entries.map(({ entry }) => entry);
  return text.split('\n').flatMap((line) => parseTempbanLine(line) ?? []);
}

function readKnown(text: string | null): Known {
  if (text === null) return { stamp: '', readAt: 0, upTo: 0, seen: [] };
  return JSON.parse(text) as Known;
}
