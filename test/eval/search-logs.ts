// Random small access logs with everything that makes searching them go wrong, and random windows of time in them.
import { gzipSync } from 'node:zlib';
import type { Random } from '../bench/random.ts';
import { FRAGMENTS } from './search-patterns.ts';

/** A log: its text, and the file as it lies on the disk, which is packed for some. */
export interface RandomLog {
  readonly text: Buffer;
  readonly file: Buffer;
  /** `access_log`, or `access_log.gz` when `file` is packed (one member or several). */
  readonly name: string;
  /** What is nasty about it, for a report. */
  readonly traits: readonly string[];
}

/** From (included) to (excluded), epoch ms; null: open. */
export interface Window {
  readonly from: number | null;
  readonly to: number | null;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
/** Europe/Bratislava leaves summer time at 2026-10-25 03:00 local (01:00 UTC): 02:00 to 03:00 comes twice. */
export const CLOCK_CHANGE = Date.parse('2026-10-25T01:00:00Z');
const LATEST_MS = 300_000;

/** An address of documentation that comes again; `203.0.113.5` is the begin of another. */
const CLIENTS = [
  '203.0.113.5',
  '203.0.113.52',
  '198.51.100.9',
  '192.0.2.77',
  '2001:db8::5',
  '2001:db8:0:1::52',
];

function clf(ms: number, offsetHours: number): string {
  const wall = new Date(ms + offsetHours * 3_600_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${two(wall.getUTCDate())}/${MONTHS[wall.getUTCMonth()]!}/${wall.getUTCFullYear()}`;
  const time = `${two(wall.getUTCHours())}:${two(wall.getUTCMinutes())}:${two(wall.getUTCSeconds())}`;
  return `${day}:${time} +0${offsetHours}00`;
}

/** Summer time before the change, standard time after it. */
function stamp(ms: number): string {
  return clf(ms, ms < CLOCK_CHANGE ? 2 : 1);
}

interface Nature {
  readonly ending: 'lf' | 'crlf' | 'mixed';
  readonly late: boolean;
  readonly broken: boolean;
  readonly huge: boolean;
  readonly odd: boolean;
}

/** A log of 0 to some 20,000 lines, most of a few hundred. Its times lie within days of the clock change. */
export function randomLog(rng: Random): RandomLog {
  const nature: Nature = {
    ending: rng.pick(['lf', 'lf', 'lf', 'crlf', 'mixed']),
    late: rng.chance(0.5),
    broken: rng.chance(0.4),
    huge: rng.chance(0.06),
    odd: rng.chance(0.3),
  };
  const count = lineCount(rng);
  const change = rng.chance(0.4);
  const gap = rng.pick([500, 5000, 30_000]);
  let now = CLOCK_CHANGE - (change ? Math.min((count * gap) / 2, 5_000_000) : rng.int(-200, 200) * 3_600_000);
  const parts: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    now += rng.chance(0.2) ? 0 : rng.int(0, gap * 2);
    const late = nature.late && rng.chance(0.1) ? rng.int(0, LATEST_MS - 1000) : 0;
    parts.push(line(rng, stamp(now - late), nature), ending(rng, nature));
  }
  const traits = Object.entries(nature).flatMap(([key, value]) =>
    value === false || value === 'lf' ? [] : [value === true ? key : String(value)],
  );
  if (change) traits.push('clock change');
  const text = edges(rng, parts, traits);
  return packed(rng, text, traits);
}

function lineCount(rng: Random): number {
  const kind = rng.next();
  if (kind < 0.06) return rng.int(0, 3);
  if (kind < 0.7) return rng.int(20, 300);
  if (kind < 0.97) return rng.int(300, 3000);
  return 20_000;
}

function line(rng: Random, time: string, nature: Nature): Buffer {
  if (nature.odd && rng.chance(0.05)) return Buffer.alloc(0);
  if (nature.odd && rng.chance(0.04)) return Buffer.from(oddText(rng), 'latin1');
  const size = rng.chance(0.05) ? '-' : String(rng.int(0, 99_999));
  const status = rng.pick([200, 200, 301, 304, 403, 404, 500]);
  const request = `${rng.pick(['GET', 'GET', 'POST', 'HEAD'])} ${path(rng)} HTTP/1.1`;
  const referer = rng.chance(0.5) ? '-' : 'https://shop.example.com/' + rng.pick(['', 'cart', 'a|b']);
  const agent = rng.pick([
    'Mozilla/5.0 (X11; Linux x86_64) Firefox/144.0',
    '-',
    'curl/8.5.0',
    noise(rng, nature),
  ]);
  const text = `${rng.pick(CLIENTS)} - - [${time}] "${request}" ${status} ${size} "${referer}" "${agent}"`;
  const long = nature.huge && rng.chance(0.01) ? 'x'.repeat(100_000) + rng.pick(FRAGMENTS) : '';
  return Buffer.from(text + long, 'latin1');
}

/** Lines without a time of the kind a broken writer leaves. */
function oddText(rng: Random): string {
  return rng.pick([
    ' ',
    '\t',
    '-',
    'cut off in the mid',
    '\0\0\0\0',
    '\r',
    '"',
    '[',
    '[25/Oct/2026',
    ...FRAGMENTS,
  ]);
}

function path(rng: Random): string {
  const count = rng.int(0, 2);
  return '/' + Array.from({ length: count }, () => rng.pick(FRAGMENTS).replaceAll(' ', '+')).join('/');
}

/** Bytes that are no text, in a broken log; text of two-byte characters otherwise. */
function noise(rng: Random, nature: Nature): string {
  if (!nature.broken) return 'caf\xc3\xa9 \xc4\x8daj';
  return Array.from({ length: rng.int(1, 8) }, () =>
    rng.pick([
      '\xff',
      '\xfe',
      '\0',
      '\x80',
      '\xc3',
      '\xed\xa0\x80',
      '\r',
      '\x0b',
      '\x1b[31m',
      '\x7f',
      'a',
      ' ',
      '"',
    ]),
  ).join('');
}

function ending(rng: Random, nature: Nature): Buffer {
  const crlf = nature.ending === 'crlf' || (nature.ending === 'mixed' && rng.chance(0.5));
  return Buffer.from(crlf ? '\r\n' : '\n');
}

/** The begin and end of the whole: a BOM, a last line without its newline, empty lines. */
function edges(rng: Random, parts: readonly Buffer[], traits: string[]): Buffer {
  const all = [...parts];
  if (rng.chance(0.15)) {
    const bom = rng.pick([
      [0xef, 0xbb, 0xbf],
      [0xff, 0xfe],
      [0xfe, 0xff],
    ]);
    traits.push(`BOM ${Buffer.from(bom).toString('hex')}`);
    all.unshift(Buffer.from(bom));
  }
  if (rng.chance(0.3) && parts.length > 0) {
    traits.push('no final newline');
    all.pop();
  } else if (rng.chance(0.1)) all.push(Buffer.from('\n\n'));
  return Buffer.concat(all);
}

function packed(rng: Random, text: Buffer, traits: string[]): RandomLog {
  if (!rng.chance(0.25)) return { text, file: text, name: 'access_log', traits };
  const members = rng.int(1, 4);
  // Members end in the middle of lines; one may hold nothing.
  const cuts = Array.from({ length: members - 1 }, () => rng.int(0, text.length)).sort((a, b) => a - b);
  const ends = [...cuts, text.length];
  const file = Buffer.concat(ends.map((end, i) => gzipSync(text.subarray(i === 0 ? 0 : ends[i - 1]!, end))));
  return { text, file, name: 'access_log.gz', traits: [...traits, `gz of ${members}`] };
}

const TIME =
  /\[(\d\d)\/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\]/;

/**
 * The time of an access line (latin1), epoch ms: that of the first full `[day/month/year:time offset]` in it; null when
 * there is none. Knows only the well-formed times that randomLog writes, on purpose: it shares nothing with the product.
 */
export function lineTime(text: string): number | null {
  const found = TIME.exec(text);
  if (found === null) return null;
  const [, day, month, year, hour, minute, second, sign, hours, minutes] = found;
  const wall = Date.UTC(
    Number(year),
    MONTHS.indexOf(month!),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? wall + offset : wall - offset;
}

/** A window of the log: around some of its lines, sometimes open, empty, beyond its ends, or the repeated hour. */
export function randomWindow(rng: Random, log: RandomLog): Window {
  const times = log.text
    .toString('latin1')
    .split('\n')
    .map(lineTime)
    .filter((time) => time !== null);
  const near = (): number =>
    (times.length === 0 ? CLOCK_CHANGE : rng.pick(times)) +
    rng.pick([0, 0, 0, 1000, -1000, 400, 60_000, -299_000]);
  const kind = rng.next();
  if (kind < 0.1) return { from: null, to: null };
  if (kind < 0.2) return { from: near(), to: null };
  if (kind < 0.3) return { from: null, to: near() };
  if (kind < 0.4)
    return { from: CLOCK_CHANGE - rng.pick([0, 3_600_000]), to: CLOCK_CHANGE + rng.pick([0, 1, 3_600_000]) };
  const from = near();
  if (kind < 0.5) return { from, to: from + rng.pick([0, 1, 1000, 60_000]) };
  const to = near();
  return { from: Math.min(from, to), to: Math.max(from, to) + rng.pick([0, 1000, 86_400_000]) };
}
