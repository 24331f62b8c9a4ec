// One random case of the search beside grep: a log, a pattern and a window on a server of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isoTime } from '../../src/actions/iso-time.ts';
import { EMPTY_QUERY, MAX_LIMIT, type SearchQuery } from '../../src/actions/search-query.ts';
import { SearchRun } from '../../src/actions/search-run.ts';
import { openHost } from '../../src/host/local-host.ts';
import { searchContext } from '../../src/search-context.ts';
import { random } from '../bench/random.ts';
import { expected } from './search-equality.ts';
import { randomLog, randomWindow } from './search-logs.ts';
import { randomPattern } from './search-patterns.ts';

/** What became of a case; `difference` is null when both found the same lines. */
export interface Comparison {
  readonly what: string;
  readonly found: number;
  /** Why grep has no answer to compare with; null when it has. */
  readonly unanswered: string | null;
  readonly difference: string | null;
}

/** Runs case `number` of a seed: the same numbers give the same case. Every third one has no window. */
export async function compareCase(seed: number, number: number): Promise<Comparison> {
  const rng = random(seed, `search-${number}`);
  const { text: pattern, ...flags } = randomPattern(rng);
  const log = randomLog(rng);
  const drawn = number % 3 === 0 ? { from: null, to: null } : randomWindow(rng, log);
  // An empty window is refused with a sentence; here it is one millisecond long.
  const isEmpty = drawn.from !== null && drawn.to !== null && drawn.to <= drawn.from;
  const window = isEmpty ? { from: drawn.from, to: drawn.from + 1 } : drawn;
  const what = `${number}: ${pattern} ${JSON.stringify({ ...flags, ...window })} [${log.traits.join(', ')}]`;
  const right = expected(log, pattern, window, flags);
  if (right.refused !== null) return { what, found: 0, unanswered: right.refused, difference: null };
  const root = mkdtempSync(join(tmpdir(), 'whyblocked-compare-'));
  try {
    const path = join(root, 'etc/apache2/logs', log.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, log.file);
    const ctx = searchContext({
      host: openHost({ root, env: {} }),
      version: '0',
      fixedNow: null,
      stateDir: null,
    });
    const clock = await ctx.clock();
    const time = (at: number | null): string | null => (at === null ? null : isoTime(clock.zone, at));
    const query: SearchQuery = {
      ...EMPTY_QUERY,
      pattern,
      syntax: flags.literal ? 'literal' : 'regex',
      ignoreCase: flags.ignoreCase,
      invert: flags.invert,
      logs: [`/etc/apache2/logs/${log.name}`],
      rotated: 'always',
      from: time(window.from),
      // Ends are included here and excluded there.
      to: time(window.to === null ? null : window.to - 0.001),
      limit: MAX_LIMIT,
    };
    const run = new SearchRun(ctx, clock, query, { countAll: true, timeoutMs: 60_000 });
    await run.check();
    await run.run();
    const kept = run.collector.newest().map(({ offset }) => offset);
    const difference =
      run.problem ??
      differ(
        right.lines.map(({ offset }) => offset),
        kept,
        run.collector.count,
      );
    return { what, found: run.collector.count, unanswered: null, difference };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Only the newest 10,000 lines are kept: of more, each kept one must be right and all must be counted. */
function differ(right: readonly number[], kept: readonly number[], count: number): string | null {
  const known = new Set(right);
  const wrong = kept.filter((offset) => !known.has(offset));
  const isWhole = kept.length === count && new Set(kept).size === kept.length;
  if (wrong.length === 0 && count === right.length && (isWhole || kept.length === MAX_LIMIT)) return null;
  const here = new Set(kept);
  const missing = right.filter((offset) => !here.has(offset));
  return `${count} lines for ${right.length}; too many at ${wrong.slice(0, 3).join()}, missing at ${missing.slice(0, 3).join()}`;
}
