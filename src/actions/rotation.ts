// How long "permanent" lasts: csf.deny keeps so many lines, and each new one drops the topmost when it is full. Pure.
import { count } from '../analyse/sentences.ts';
import type { PlacedEntry } from '../model-csf.ts';
import type { EpochMs } from '../model.ts';
import type { BlockCount } from '../store/firewall-lookups.ts';
import type { Statement } from './explanation.ts';
import { entryTime, type Firewall } from './firewall.ts';
import type { ServerClock } from './server.ts';

const DAY_MS = 86_400_000;
/** So far back the rate is counted. */
const WINDOW_DAYS = 14;
/** Fewer new lines, or a shorter time, say nothing of a rate. */
const FEWEST = 3;
const SHORTEST_DAYS = 0.25;
/** What lies farther ahead is not said as a number: the rate will be another by then. */
const FARTHEST_DAYS = 730;

/** What decides how long entries stay. */
export interface Rotation {
  /** DENY_IP_LIMIT; 0: nothing drops out; null: csf.conf does not say. */
  readonly limit: number | null;
  /** Lines that count towards it. */
  readonly counted: number;
  /** New lines a day; null where too little is known. */
  readonly perDay: number | null;
  /** Days until a line drops out, by its place; null: never, or nobody knows. */
  readonly daysLeft: (entry: PlacedEntry) => number | null;
  /** How long "permanent" lasts here, as a sentence; null where csf.deny could not be read. */
  readonly statement: Statement | null;
}

/**
 * Counts at which rate csf.deny grows: by the dates of its own lines in the last 14 days (of a full list, since its oldest
 * line), else by the permanent blocks of lfd.log, which `blocks` gives when it is asked. `csf -d` drops lines from the
 * top; those of included files and those marked "do not delete" are neither counted nor dropped (csf.pl).
 */
export function rotationOf(
  { deny, conf, readable }: Pick<Firewall, 'deny' | 'conf' | 'readable'>,
  clock: ServerClock,
  blocks: (since: EpochMs) => BlockCount,
): Rotation {
  const counted = deny.filter((entry) => !entry.included && !entry.doNotDelete);
  const limit = limitOf(conf.get('DENY_IP_LIMIT'));
  const facts = { limit, counted: counted.length };
  if (!readable || limit === null || limit === 0) {
    const statement = readable ? unlimited(facts) : null;
    return { ...facts, perDay: null, daysLeft: () => null, statement };
  }
  const rate = rateByDates(counted, limit, clock) ?? rateByLog(clock, blocks);
  const perDay = rate?.perDay ?? null;
  const order = new Map(counted.map((entry, index) => [entry.ref.offset, index]));
  const free = limit - counted.length;
  return {
    ...facts,
    perDay,
    daysLeft: (entry) => {
      const index = entry.included || entry.list !== 'deny' ? undefined : order.get(entry.ref.offset);
      return index === undefined || perDay === null ? null : Math.max(1, free + index + 1) / perDay;
    },
    statement: limited({ ...facts, limit }, rate),
  };
}

function limitOf(text: string | undefined): number | null {
  return text === undefined || !/^\d{1,9}$/.test(text) ? null : Number(text);
}

interface Rate {
  readonly perDay: number;
  /** What it was counted by, in words. */
  readonly by: string;
}

/**
 * Of a full list what came before its oldest line is gone: the time begins there. A list whose lines are all of one day was emptied,
 * or is new: that day is no rate.
 */
function rateByDates(counted: readonly PlacedEntry[], limit: number, clock: ServerClock): Rate | null {
  const from = clock.now - WINDOW_DAYS * DAY_MS;
  const times = counted.flatMap((entry) => entryTime(entry, clock) ?? []).filter((at) => at <= clock.now);
  const oldest = times.reduce((least, at) => Math.min(least, at), Infinity);
  const start = counted.length >= limit ? Math.max(from, oldest) : from;
  const fresh = times.filter((at) => at >= start).length;
  const days = (clock.now - start) / DAY_MS;
  const isYoung = counted.length < limit && clock.now - oldest < DAY_MS;
  if (fresh < FEWEST || days < SHORTEST_DAYS || isYoung) return null;
  return { perDay: fresh / days, by: `${count(fresh, 'line')} of the last ${daysWords(days)}` };
}

function rateByLog({ now }: ServerClock, blocks: (since: EpochMs) => BlockCount): Rate | null {
  const from = now - WINDOW_DAYS * DAY_MS;
  const { blocks: number, since } = blocks(from);
  const days = since === null ? 0 : (now - Math.max(from, since)) / DAY_MS;
  if (number < FEWEST || days < SHORTEST_DAYS) return null;
  return { perDay: number / days, by: `${count(number, 'block')} in lfd.log of the last ${daysWords(days)}` };
}

function unlimited({ limit, counted }: Pick<Rotation, 'limit' | 'counted'>): Statement {
  return limit === null
    ? said('missing', 'How many lines csf.deny keeps (DENY_IP_LIMIT) is not known: csf.conf does not say.')
    : said(
        'known',
        `Nothing drops out of csf.deny (DENY_IP_LIMIT is 0); it has ${count(counted, 'line')}. “Permanent” lasts until somebody takes the line out.`,
      );
}

function limited(
  { limit, counted }: { readonly limit: number; readonly counted: number },
  rate: Rate | null,
): Statement {
  const isFull = counted >= limit;
  const keeps = `csf.deny keeps ${limit} lines (DENY_IP_LIMIT)`;
  const now = isFull ? `${keeps} and is full` : `${keeps} and has ${counted}`;
  if (rate === null)
    return said(
      'missing',
      `${now}: “permanent” lasts until newer blocks push a line out at the top. How fast is not known: its dated lines are too few, or all of one day.`,
    );
  const { perDay, by } = rate;
  const pace = `at today’s rate of ${rateWords(perDay)} (${by})`;
  const lasts = `a new block lasts ${spanOf(limit / perDay)}`;
  return said(
    'inferred',
    isFull
      ? `${now}: each new block drops the oldest, and ${pace} ${lasts}.`
      : `${now}: ${pace} it is full in ${spanOf((limit - counted) / perDay)}; then each new block drops the oldest, and ${lasts}.`,
  );
}

/** `3 new lines a day`, `2 new lines a week`. */
function rateWords(perDay: number): string {
  if (perDay >= 0.95) return `${count(Math.round(perDay), 'new line')} a day`;
  return `${count(Math.max(1, Math.round(perDay * 7)), 'new line')} a week`;
}

/** When a line drops out, e.g. `in about 9 days`; null where it does not, or nobody knows. */
export function dropsOutWords(days: number | null): string | null {
  return days === null ? null : `in ${spanOf(days)}`;
}

/** `about 5 hours`, `about 9 days`, `about 4 months`, `more than 2 years`. */
function spanOf(days: number): string {
  if (days > FARTHEST_DAYS) return 'more than 2 years';
  if (days < 1 / 24) return 'less than an hour';
  if (days < 2) return `about ${count(Math.round(days * 24), 'hour')}`;
  return `about ${daysWords(days)}`;
}

function daysWords(days: number): string {
  if (days < 2) return count(Math.round(days * 24), 'hour');
  return days < 90 ? count(Math.round(days), 'day') : count(Math.round(days / 30.4), 'month');
}

function said(basis: Statement['basis'], sentence: string): Statement {
  return { basis, sentence, lines: [] };
}
