// The page Firewall: what csf's lists hold, each entry with its reason, its incident and how long it lasts.
import { withoutBlockAdvice } from '../analyse/verdict.ts';
import type { Verdict } from '../model.ts';
import { netHolder, textRange } from '../parse/net-range.ts';
import type { NearIncident } from '../store/firewall-lookups.ts';
import type { Context } from './context.ts';
import { csfSettings } from './csf-settings.ts';
import { commentText, coverWords, entryReason, entryText } from './entry-words.ts';
import { alarmView } from './firewall-alarm.ts';
import type { EntryRow, FirewallFilter, FirewallView } from './firewall-view.ts';
import { entryEnd, entryTime, readFirewall } from './firewall.ts';
import { isoTime, readableDay } from './iso-time.ts';
import { judgePending } from './judge.ts';
import {
  countKinds,
  isShown,
  type KindedEntry,
  kindedEntries,
  newestFirst,
  textTest,
} from './list-filter.ts';
import { netSize } from './net-words.ts';
import { refresh } from './refresh.ts';
import { dropsOutWords, type Rotation, rotationOf } from './rotation.ts';
import { type ServerClock, serverView } from './server.ts';
import { indexVhosts } from './vhosts.ts';

const PER_PAGE = 50;
/** Incidents that a page judges itself; the service judges the rest beside it. */
const PAGE_JUDGES = 64;
/** Addresses of a net that are counted. */
const MOST_OF_NET = 2000;
const DAY_MS = 86_400_000;

/**
 * One page of csf's entries, newest first, with counts of each kind under the same text. A page beyond the last one is the last
 * one. What cannot be read stands among the problems; never throws for it.
 */
export async function listFirewall(ctx: Context, filter: FirewallFilter): Promise<FirewallView> {
  const { clock } = await refresh(ctx);
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  await judgePending(ctx, clock, vhosts, { most: PAGE_JUDGES });
  const firewall = await readFirewall(ctx);
  const { lookups } = ctx.store.firewall;
  const fits = textTest(filter.text);
  const entries = kindedEntries(firewall).filter(({ entry }) => fits(entry));
  const wanted = newestFirst(
    entries.filter(({ kind }) => isShown(filter.kind, kind)),
    clock.zone.offsetMinutesAt(clock.now) * 60_000,
  );
  const pages = Math.max(1, Math.ceil(wanted.length / PER_PAGE));
  const page = Math.min(Math.max(1, filter.page), pages);
  const rotation = rotationOf(firewall, clock, (since) => lookups.permanentBlocks(since));
  return {
    rows: rowsOf({ ctx, clock, rotation }, wanted.slice((page - 1) * PER_PAGE, page * PER_PAGE)),
    counts: countKinds(entries),
    permanent: firewall.deny.length,
    temporary: firewall.tempbans.length,
    page,
    pages,
    matching: wanted.length,
    rotation: rotation.statement,
    settings: csfSettings(firewall.conf),
    alarm: alarmView(ctx, clock),
    problems: firewall.problems,
    readAt: isoTime(clock.zone, clock.now),
    server: serverView(ctx, clock),
  };
}

interface Work {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly rotation: Rotation;
}

/** The incidents of all rows come in one answer. */
function rowsOf(work: Work, entries: readonly KindedEntry[]): EntryRow[] {
  const { ctx, clock } = work;
  const near = ctx.store.firewall.lookups.nearest(
    entries.map(({ entry }) => ({ client: entry.target.address ?? '', at: entryTime(entry, clock) })),
  );
  const oldest = ctx.store.counts.oldestAt();
  return entries.map((one, index) => rowOf(work, one, near[index] ?? null, oldest));
}

function rowOf(
  { ctx, clock, rotation }: Work,
  { entry, kind }: KindedEntry,
  near: NearIncident | null,
  oldest: number | null,
): EntryRow {
  const at = entryTime(entry, clock);
  const end = entryEnd(entry);
  return {
    entry: entryText(entry),
    list: entry.list,
    address: entry.target.address,
    size: entry.target.kind === 'cidr' ? sizeOf(ctx, entry.target.address ?? '') : null,
    kind,
    trigger: entry.message?.trigger ?? null,
    words: entryReason(entry),
    comment: commentText(entry.comment),
    covers: coverWords(entry),
    since: at === null ? null : isoTime(clock.zone, at),
    until: end === null ? null : isoTime(clock.zone, end),
    isKept: entry.doNotDelete,
    includedFrom: entry.included ? entry.ref.file : null,
    ref: entry.ref,
    incident: near === null ? null : incidentOf(clock, near, { at, kind }),
    noIncident: near === null ? noIncident(entry, at, oldest) : null,
    dropsOut: dropsOutWords(rotation.daysLeft(entry)),
  };
}

/** `256 addresses, 5 were seen`. */
function sizeOf({ store }: Context, net: string): string {
  const isIn = netHolder(net);
  const names = store.firewall.lookups.clientNamesIn(textRange(net), MOST_OF_NET);
  const seen = names.filter(isIn).length;
  const least = names.length < MOST_OF_NET ? '' : 'at least ';
  const verb = seen === 1 ? 'was' : 'were';
  return seen === 0 ? netSize(net) : `${netSize(net)}, ${least}${seen} ${verb} seen`;
}

function incidentOf(
  clock: ServerClock,
  { client, from, to, verdict }: NearIncident,
  { at, kind }: { readonly at: number | null; readonly kind: EntryRow['kind'] },
): EntryRow['incident'] {
  const start = isoTime(clock.zone, from);
  const isFar = at !== null && (at < from - DAY_MS || at > to + DAY_MS);
  const words = verdict === null ? 'Not judged yet.' : verdictWords(verdict, kind);
  return {
    client,
    from: start,
    label: verdict?.label ?? null,
    words: isFar ? `${words} (of another day: ${readableDay(start)})` : words,
  };
}

/** Nobody is told to leave the block of an address that is let in. */
function verdictWords(verdict: Verdict, kind: EntryRow['kind']): string {
  return kind === 'allowed' || kind === 'ignored' ? withoutBlockAdvice(verdict).words : verdict.words;
}

function noIncident({ target }: KindedEntry['entry'], at: number | null, oldest: number | null): string {
  if (target.address === null) return 'about no address';
  if (target.kind === 'cidr') return 'a net, not judged as a whole';
  return at !== null && (oldest === null || at < oldest)
    ? 'no logs from then'
    : 'nothing in the logs that are kept';
}
