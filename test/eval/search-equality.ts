// node test/eval/search-equality.ts [--seed 1] [--count 500]: do ripgrep and `grep -P` find the same lines?
//
// What a search must find is told by `expected`: Debian's grep on the whole text, then this folder's own reading of
// times. Run by itself this file compares ripgrep, with the search's flags and on its stdin, over random patterns and
// logs, and shows with NOT_SHARED what is left out of the patterns and why.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rgPath } from '@vscode/ripgrep';
import { random } from '../bench/random.ts';
import { lineTime, randomLog, type RandomLog, type Window } from './search-logs.ts';
import { NOT_SHARED, type PatternFlags, randomPattern, SHARED } from './search-patterns.ts';

/** A found line: its number from 1, the offset of its first byte in the text. */
export interface FoundLine {
  readonly number: number;
  readonly offset: number;
}

/** `refused`: grep would not take the pattern or gave up on a line (PCRE's limits, 20 s): nothing can be compared. */
export interface Expected {
  readonly lines: readonly FoundLine[];
  readonly refused: string | null;
}

const PLAIN: PatternFlags = { ignoreCase: false, invert: false, literal: false };
const LIMIT_MS = 20_000;
const MOST_BYTES = 1024 * 1024 * 1024;
const RG_FLAGS = [
  '--no-config',
  '-a',
  '-b',
  '-N',
  '-I',
  '--color=never',
  '--no-mmap',
  '--no-unicode',
  '-E',
  'none',
];

/**
 * The lines of the log that a search must give: those that `LC_ALL=C grep -P` finds in the whole text and whose time
 * lies in the window, from included and to excluded. A line without a time has that of the line above it; those
 * before the first time are in no window but the open one.
 */
export function expected(
  log: RandomLog,
  pattern: string,
  window: Window,
  flags: PatternFlags = PLAIN,
): Expected {
  const folder = mkdtempSync(join(tmpdir(), 'whyblocked-equal-'));
  try {
    const path = join(folder, 'log');
    writeFileSync(path, log.text);
    const args = [flags.literal ? '-F' : '-P', '-a', '-n', '-b', ...shared(flags), '-e', pattern, '--', path];
    const run = spawnSync('/usr/bin/grep', args, {
      env: { LC_ALL: 'C' },
      timeout: LIMIT_MS,
      maxBuffer: MOST_BYTES,
    });
    if (run.status !== 0 && run.status !== 1) return { lines: [], refused: reason(run) };
    // Also with exit 0 grep may have given up on one line, which it says on stderr.
    if (run.stderr.length > 0) return { lines: [], refused: reason(run) };
    const lines = printedLines(run.stdout).map((line) => {
      const [, number, offset] = /^(\d+):(\d+):/.exec(line)!;
      return { number: Number(number), offset: Number(offset) };
    });
    const times = carriedTimes(log.text);
    const found = lines.filter((line) => isInside(times[line.number - 1] ?? null, window));
    return { lines: found, refused: null };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The time of each line: its own, or that of the line above. */
function carriedTimes(text: Buffer): (number | null)[] {
  let last: number | null = null;
  return text
    .toString('latin1')
    .split('\n')
    .map((line) => (last = lineTime(line) ?? last));
}

function isInside(time: number | null, { from, to }: Window): boolean {
  if (from === null && to === null) return true;
  if (time === null) return false;
  return (from === null || time >= from) && (to === null || time < to);
}

function shared(flags: PatternFlags): string[] {
  return [...(flags.ignoreCase ? ['-i'] : []), ...(flags.invert ? ['-v'] : [])];
}

function reason(run: { status: number | null; signal: string | null; stderr: Buffer }): string {
  const said = run.stderr
    .toString('latin1')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
  return said === '' ? `ended with ${run.status ?? run.signal ?? 'nothing'}` : said;
}

/** A program's printed lines, latin1; both programs end the last one. */
function printedLines(printed: Buffer): string[] {
  const lines = printed.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Offsets of the lines that ripgrep finds in a text on its stdin, or why it would not search. */
function ripgrepOffsets(text: Buffer, pattern: string, flags: PatternFlags): number[] | string {
  const args = [...RG_FLAGS, ...(flags.literal ? ['-F'] : []), ...shared(flags), '-e', pattern, '-'];
  const run = spawnSync(rgPath, args, { input: text, env: {}, timeout: LIMIT_MS, maxBuffer: MOST_BYTES });
  if (run.status !== 0 && run.status !== 1) return reason(run);
  return printedLines(run.stdout).map((line) => Number(/^\d+/.exec(line)?.[0]));
}

/** How the two differ over a text without a window; null when they do not. */
function difference(log: RandomLog, pattern: string, flags: PatternFlags): string | null {
  const grep = expected(log, pattern, { from: null, to: null }, flags);
  const rg = ripgrepOffsets(log.text, pattern, flags);
  if (grep.refused !== null && typeof rg === 'string') return null;
  if (grep.refused !== null) return `grep -P only: ${grep.refused.slice(0, 120)}`;
  if (typeof rg === 'string') return `ripgrep only: ${rg.slice(-120)}`;
  const offsets = grep.lines.map((line) => line.offset);
  if (offsets.join() === rg.join()) return null;
  const known = new Set(offsets);
  const here = new Set(rg);
  const more = rg.filter((offset) => !known.has(offset));
  const less = offsets.filter((offset) => !here.has(offset));
  return `ripgrep finds ${more.length} more (${more.slice(0, 2).join()}), ${less.length} fewer (${less.slice(0, 2).join()}) of ${offsets.length}`;
}

/** Probes that do not show what their list says. */
function probe(): number {
  let wrong = 0;
  for (const [probes, shared] of [
    [NOT_SHARED, false],
    [SHARED, true],
  ] as const) {
    for (const { pattern, text, why } of probes) {
      const bytes = Buffer.from(`${text}\n`, 'latin1');
      const log: RandomLog = { text: bytes, file: bytes, name: 'access_log', traits: [] };
      const how = difference(log, pattern, PLAIN);
      const asSaid = (how === null) === shared;
      if (!asSaid) wrong++;
      console.log(`${asSaid ? '' : 'NOT AS SAID '}${pattern}: ${how ?? 'the same'} [${why}]`);
    }
  }
  return wrong;
}

function compare(seed: number, count: number): number {
  const rng = random(seed, 'equality');
  let found = 0;
  let lines = 0;
  let differing = 0;
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const { text, ...flags } = randomPattern(rng);
    const log = randomLog(rng);
    const hits = expected(log, text, { from: null, to: null }, flags);
    lines += hits.lines.length;
    if (hits.lines.length > 0) found++;
    const what = `${i}: ${text} ${JSON.stringify(flags)} [${log.traits.join(', ')}]`;
    if (hits.refused !== null) {
      // No reference, so no comparison; a pattern that grep cannot read at all should not have been made.
      refused++;
      console.log(`${what}: grep -P gives no answer: ${hits.refused}`);
      continue;
    }
    const how = difference(log, text, flags);
    if (how === null) continue;
    differing++;
    console.log(`${what}: ${how}`);
  }
  console.log(
    `${count} patterns and logs: ${differing} differ; ${found} find something, ${lines} lines in all; ${refused} without an answer of grep -P`,
  );
  return differing;
}

function main(): void {
  const options = {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '500' },
  } as const;
  const { values } = parseArgs({ options });
  const wrong = probe();
  if (compare(Number(values.seed), Number(values.count)) + wrong > 0) process.exitCode = 1;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) main();
