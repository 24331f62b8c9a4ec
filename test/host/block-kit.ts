// Logs for the tests of the block index, and the question that all of them ask: is a client's line ever left out?
import { expect } from '@jest/globals';
import { fstatSync, openSync } from 'node:fs';
import type { BlockIndex } from '../../src/host/block-index.ts';
import { openBlockIndex } from '../../src/host/block-index.ts';
import { BlockBuilder } from '../../src/host/block-builder.ts';
import { BLOCK_BYTES } from '../../src/host/block-slab.ts';
import type { LogSource } from '../../src/host/read.ts';
import { fingerprint, openLog } from '../../src/host/read.ts';
import { accessLineClient, accessLineTime } from '../../src/parse/access-log.ts';

export const MIB = 1024 * 1024;
export const ALL = { from: -Infinity, to: Infinity };
export const START = Date.UTC(2026, 10, 22, 8);

export function sourceOf(file: string): LogSource {
  return {
    path: file,
    open() {
      const fd = openSync(file, 'r');
      return { problem: null, fd, stats: fstatSync(fd) };
    },
  };
}

export function builderOf(
  folder: string,
  file: string,
  kind: 'access' | 'error' = 'access',
  timeOf: (line: string) => number | null = accessLineTime,
): BlockBuilder {
  return new BlockBuilder(folder, { open: () => openLog(sourceOf(file)), kind, timeOf });
}

/** Steps until all is done; gives the bytes read. */
export async function buildAll(builder: BlockBuilder, budget = 8 * MIB): Promise<number> {
  let bytes = 0;
  for (let steps = 0; steps < 10_000; steps++) {
    const step = await builder.step(budget);
    bytes += step.bytes;
    if (step.done) return bytes;
  }
  throw new Error('never done');
}

export async function build(folder: string, file: string): Promise<void> {
  const builder = builderOf(folder, file);
  await buildAll(builder);
  builder.close();
}

/** The index of a file as it is now; its log is closed again after `use`. */
export async function withIndex<T>(
  folder: string,
  file: string,
  use: (index: BlockIndex | null) => T,
): Promise<T> {
  const { head } = await fingerprint(sourceOf(file));
  const log = openLog(sourceOf(file));
  const index = openBlockIndex(folder, log, head);
  try {
    return use(index);
  } finally {
    index?.close();
    log.close();
  }
}

/** Numbers from 0 to 1 that are the same each time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mix = Math.imul(state ^ (state >>> 15), state | 1);
    mix ^= mix + Math.imul(mix ^ (mix >>> 7), mix | 61);
    return ((mix ^ (mix >>> 14)) >>> 0) / 4294967296;
  };
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export function clf(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `[${two(date.getUTCDate())}/${String(MONTHS[date.getUTCMonth()])}/${date.getUTCFullYear()}:${clock} +0000]`;
}

/** Clients of each kind: one of them has lines in some blocks, not in all. */
export const SOME = 100;

/** Addresses as they stand in logs, some in a form that is not the short one. */
export function someClient(random: () => number): string {
  const n = Math.floor(random() * SOME);
  const kind = random();
  if (kind < 0.6) return `203.0.113.${n}`;
  if (kind < 0.7) return `2001:db8::${(n + 1).toString(16)}`;
  if (kind < 0.8) return `2001:0DB8:0:0:0:0:0:${n.toString(16)}`;
  if (kind < 0.9) return `::ffff:198.51.100.${n}`;
  return `host-${n}.example.net`;
}

export interface LogOptions {
  readonly seed: number;
  readonly bytes: number;
  /** What stands before the client, and behind it in place of ` - - `. */
  readonly vhosts?: boolean;
  readonly newline?: string;
}

const LONG_LINE_BYTES = 8192;
/** Lines of `longLines` in a block: they fill it to the last byte. */
export const LONG_LINES = BLOCK_BYTES / LONG_LINE_BYTES;

/** Whole blocks of few lines; `lineOf` says how the n-th one begins. */
export function longLines(blocks: number, lineOf: (n: number) => string): string {
  return Array.from(
    { length: blocks * LONG_LINES },
    (_, n) => lineOf(n).padEnd(LONG_LINE_BYTES - 1, 'x') + '\n',
  ).join('');
}

/** Does not pack well: archives of it are as big as real ones. */
const NOISE = Array.from({ length: 30_000 }, seeded(1))
  .map((n) => n.toString(36).slice(2, 12))
  .join('');
const ODD_LINES = [
  '',
  'no client',
  '\x00\x00192.0.2.1 - -',
  '\xff\xfe - \x80',
  '192.0.2.1 x',
  ' - -',
  '7'.repeat(600),
];

/** An access log (latin1) of some 50 lines a block, whose lines are up to 4 minutes out of order, odd ones in between. */
export function accessLog({ seed, bytes, vhosts = false, newline = '\n' }: LogOptions): string {
  const random = seeded(seed);
  const lines: string[] = [];
  let length = 0;
  for (let at = START; length < bytes; at += random() * 4000) {
    const time = clf(at - random() * 240_000);
    const prefix = vhosts ? `shop${Math.floor(random() * 5)}.example.com:443 ` : '';
    const path = NOISE.substring(random() * NOISE.length).slice(0, random() * 2400);
    let line = `${prefix}${someClient(random)} - - ${time} "GET /${path} HTTP/1.1" 200 ${lines.length} "-" "-"`;
    if (random() < 0.01) line = ODD_LINES[lines.length % ODD_LINES.length]!;
    lines.push(line + newline);
    length += line.length + newline.length;
  }
  return lines.join('');
}

/** Checks each line of a text: it lies in its client's blocks, or after what the index covers. */
export function expectNoneMissed(
  index: BlockIndex,
  text: string,
  within = ALL,
  clientOf: (line: string) => string | null = accessLineClient,
): void {
  const ranges = new Map<string, ReturnType<BlockIndex['candidates']>['ranges']>();
  let offset = 0;
  for (const line of text.split('\n')) {
    const client = clientOf(line);
    if (client !== null && offset < index.covered && isWithin(line, within)) {
      const known = ranges.get(client) ?? index.candidates(client, within).ranges;
      ranges.set(client, known);
      const end = offset + line.length;
      if (!known.some(({ from, to }) => from <= offset && end <= to))
        expect({ client, offset, ranges: known }).toBe('in a range');
    }
    offset += line.length + 1;
  }
}

function isWithin(line: string, within: typeof ALL): boolean {
  const at = within === ALL ? 0 : accessLineTime(line);
  return at !== null && at >= within.from && at <= within.to;
}
