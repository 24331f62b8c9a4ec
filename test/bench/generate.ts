// node test/bench/generate.ts OUT_DIR [--seed 1] [--small]: a copied server with large logs.
//
// Writes etc/apache2/logs/access_log and its packed archives below OUT_DIR, so that --root OUT_DIR reads them. The
// same seed and size give the same bytes (random.ts says how the numbers are drawn; packed with level 6 by Node's own zlib).
import { mkdirSync, realpathSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { random } from './random.ts';
import { type Planted, plantedLines, traffic, type Traffic } from './traffic.ts';

const MIB = 1024 * 1024;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 30;
/** All lines are written with this offset, also those before the end of summer time: it makes places easy to work out. */
const OFFSET = '+0100';
const OFFSET_MS = HOUR;
/** Lines are written when a request ends, stamped with its begin: some come this much late, never more. */
export const LATEST_MS = 300_000;
const LATE_SHARE = 0.03;
/** Begin and end of the access_log, epoch ms: 2026-10-16 to 2026-11-14, whole days of +0100. */
export const LOG_FROM = Date.parse('2026-10-16T00:00:00+01:00');
export const LOG_TO = LOG_FROM + DAYS * DAY;
export const LOGS_FOLDER = 'etc/apache2/logs';

/** How much is written. Bytes are those of the text, up to one line more. */
export interface Size {
  readonly logBytes: number;
  readonly archives: number;
  readonly archiveBytes: number;
  /** Lines that SQLI_PATTERN finds in the access_log. */
  readonly attacks: number;
}

export const FULL: Size = { logBytes: 1024 * MIB, archives: 5, archiveBytes: 100 * MIB, attacks: 300 };
export const SMALL: Size = { logBytes: 8 * MIB, archives: 2, archiveBytes: 2 * MIB, attacks: 24 };

/** One written file: its path below the root, bytes on disk, bytes and lines of text. */
export interface Written {
  readonly path: string;
  readonly bytes: number;
  readonly textBytes: number;
  readonly lines: number;
}

interface Log {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly planted: readonly Planted[];
}

/** The logs of a size, the newest first; an archive is named after the last day in it, as logrotate's dateext does. */
function logsOf(seed: number, size: Size): Log[] {
  const span = (DAYS * DAY * size.archiveBytes) / size.logBytes;
  const archives = Array.from({ length: size.archives }, (_, i) => {
    const to = LOG_FROM - i * span;
    const day = new Date(to - 1 + OFFSET_MS).toISOString().slice(0, 10).replaceAll('-', '');
    return { name: `access_log-${day}.gz`, from: to - span, to, bytes: size.archiveBytes, planted: [] };
  });
  const planted = plantedLines(seed, size.attacks);
  return [{ name: 'access_log', from: LOG_FROM, to: LOG_TO, bytes: size.logBytes, planted }, ...archives];
}

/** The names of the files of a size, the access_log first, then the archives from the newest. */
export function namesOf(size: Size): string[] {
  return logsOf(1, size).map((log) => log.name);
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/** A time (epoch ms) as Apache's %t writes it, without the brackets: `15/Oct/2026:17:56:34 +0100`. */
export function clf(ms: number): string {
  const wall = new Date(ms + OFFSET_MS);
  const day = `${two(wall.getUTCDate())}/${MONTHS[wall.getUTCMonth()]!}/${wall.getUTCFullYear()}`;
  return `${day}:${two(wall.getUTCHours())}:${two(wall.getUTCMinutes())}:${two(wall.getUTCSeconds())} ${OFFSET}`;
}

/** `clf` that formats each minute once. */
function clfCache(): (ms: number) => string {
  const minutes = new Map<number, string>();
  return (ms) => {
    const minute = Math.floor(ms / 60_000);
    let head = minutes.get(minute);
    if (head === undefined) {
      if (minutes.size > 64) minutes.clear();
      head = clf(minute * 60_000).slice(0, 18);
      minutes.set(minute, head);
    }
    return `${head}${two(Math.floor(ms / 1000) % 60)} ${OFFSET}`;
  };
}

/** The time at a share (0 to 1) of the log: hours of the day are up to four times busier than hours of the night. */
function rhythm(from: number, to: number): (share: number) => number {
  const hours = Math.max(1, Math.round((to - from) / HOUR));
  const sums = new Float64Array(hours + 1);
  for (let i = 0; i < hours; i++) {
    const hour = ((from + OFFSET_MS) / HOUR + i) % 24;
    sums[i + 1] = sums[i]! + 1 + 0.6 * Math.sin(((hour - 9) / 24) * 2 * Math.PI);
  }
  let at = 0;
  return (share) => {
    const sum = Math.min(share, 1) * sums[hours]!;
    while (at < hours - 1 && sums[at + 1]! <= sum) at++;
    return from + ((at + (sum - sums[at]!) / (sums[at + 1]! - sums[at]!)) * (to - from)) / hours;
  };
}

/** The text of a log in pieces of some 4 MiB, each ending with a line; `lines` counts as they are made. */
function* pieces(
  seed: number,
  world: Traffic,
  log: Log,
  told: { lines: number; bytes: number },
): Generator<Buffer> {
  const rng = random(seed, log.name);
  const timeAt = rhythm(log.from, log.to);
  const time = clfCache();
  let planted = 0;
  while (told.bytes < log.bytes) {
    const piece = Buffer.allocUnsafe(4 * MIB);
    let used = 0;
    while (used < piece.length - 4096 && told.bytes < log.bytes) {
      const share = told.bytes / log.bytes;
      const next = log.planted[planted];
      const due = next !== undefined && next.place <= share ? next : null;
      if (due !== null) planted++;
      const late = rng.next() < LATE_SHARE ? rng.int(0, LATEST_MS - 1000) : 0;
      const stamp = Math.max(log.from, Math.min(timeAt(share), log.to - 1) - late);
      const written = piece.write(world.line(rng, time(stamp), due), used, 'latin1');
      used += written;
      told.bytes += written;
      told.lines++;
    }
    yield piece.subarray(0, used);
  }
}

async function writeLog(folder: string, seed: number, world: Traffic, log: Log): Promise<Written> {
  const told = { lines: 0, bytes: 0 };
  const source = pieces(seed, world, log, told);
  const handle = await open(join(folder, log.name), 'w');
  try {
    if (log.name.endsWith('.gz')) {
      const sink = async (packed: AsyncIterable<Buffer>): Promise<void> => {
        for await (const part of packed) await handle.write(part);
      };
      await pipeline(Readable.from(source), createGzip({ level: 6, chunkSize: 256 * 1024 }), sink);
    } else await writeAll(handle, source);
    const { size } = await handle.stat();
    return { path: `${LOGS_FOLDER}/${log.name}`, bytes: size, textBytes: told.bytes, lines: told.lines };
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, source: Iterable<Buffer>): Promise<void> {
  for (const piece of source) await handle.write(piece);
}

/**
 * Writes the logs of a seed and size below `root` and tells what was written, the access_log first. Existing files
 * of the same names are written anew. Throws what the file system throws.
 */
export async function generate(root: string, seed: number, size: Size): Promise<Written[]> {
  const folder = join(root, LOGS_FOLDER);
  mkdirSync(folder, { recursive: true });
  const world = traffic(seed);
  // All at once: zlib packs in threads of its own meanwhile.
  return Promise.all(logsOf(seed, size).map((log) => writeLog(folder, seed, world, log)));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' }, small: { type: 'boolean', default: false } },
  });
  const seed = Number(values.seed);
  if (positionals[0] === undefined || !Number.isSafeInteger(seed)) {
    console.error('Usage: node test/bench/generate.ts OUT_DIR [--seed 1] [--small]');
    process.exitCode = 2;
    return;
  }
  const started = performance.now();
  const written = await generate(resolve(positionals[0]), seed, values.small ? SMALL : FULL);
  printWritten(written, (performance.now() - started) / 1000);
}

/** Prints sizes, lines and seconds, a file a line. */
function printWritten(written: readonly Written[], seconds: number): void {
  for (const { path, bytes, textBytes, lines } of written) {
    const text = textBytes === bytes ? '' : `, ${textBytes} unpacked`;
    console.log(
      `${path}: ${bytes} bytes${text}, ${lines} lines, ${(textBytes / lines).toFixed(1)} bytes a line`,
    );
  }
  console.log(`written in ${seconds.toFixed(1)} s`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) await main();
