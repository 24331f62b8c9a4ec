// Runs rows of work in turn, round by round, and prints their wall times raw and as ratios within a round.

/** What a row in a process of its own tells of itself. */
export interface Ran {
  readonly results: number;
  /** Peak of that process's resident memory. */
  readonly rssMib: number;
}

/** Work to be timed; gives how many results it had, so that rows of one block can be seen to do the same. */
export interface Row {
  readonly name: string;
  readonly run: () => Promise<number | Ran>;
  /** Our own code: the memory of this process is watched while it runs. */
  readonly own?: boolean;
}

/** What was measured of a row. Times are wall milliseconds, one per counted round. */
export interface Measured {
  readonly name: string;
  readonly ms: readonly number[];
  /** Results of the last round. */
  readonly results: number;
  /** Peak of this process's resident memory while the row ran, MiB, children not counted, or what the row told; null for peers. */
  readonly rssMib: number | null;
}

const MIB = 1024 * 1024;
const SAMPLE_MS = 20;

/**
 * Runs every row once per round, in the same order, so that load from outside falls on all of them; the first
 * `warmUp` rounds are not counted. A row that throws ends the measuring: half a table would mislead.
 */
export async function measure(rows: readonly Row[], rounds: number, warmUp = 1): Promise<Measured[]> {
  const all = rows.map((row) => ({ row, ms: [] as number[], results: 0, rssMib: null as number | null }));
  for (let round = -warmUp; round < rounds; round++) {
    for (const one of all) {
      // What the row before left behind is not this row's memory, where node runs with --expose-gc.
      globalThis.gc?.();
      const watch = one.row.own === true ? watchMemory() : null;
      const started = performance.now();
      const ran = await one.row.run();
      const ms = performance.now() - started;
      const told = typeof ran === 'number' ? { results: ran, rssMib: null } : ran;
      const rss = watch?.stop() ?? told.rssMib;
      if (round < 0) continue;
      one.ms.push(ms);
      one.results = told.results;
      if (rss !== null) one.rssMib = Math.max(one.rssMib ?? 0, rss);
    }
  }
  return all.map(({ row, ms, results, rssMib }) => ({ name: row.name, ms, results, rssMib }));
}

function watchMemory(): { stop(): number } {
  let peak = process.memoryUsage.rss();
  const sample = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      sample();
      return peak / MIB;
    },
  };
}

/** The middle of the numbers, or the mean of the two in the middle; NaN for none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** How many times the reference's time each round took, round by round. */
export function ratios(one: Measured, reference: Measured): number[] {
  return one.ms.map((ms, round) => ms / (reference.ms[round] ?? Number.NaN));
}

/**
 * A plain table of a block: median, least and most milliseconds, the median of the ratios against the row named
 * `reference`, results, memory, and every raw time.
 */
export function table(title: string, rows: readonly Measured[], reference: string): string {
  const base = rows.find((row) => row.name === reference);
  const width = Math.max(4, ...rows.map((row) => row.name.length));
  const head = [
    'row'.padEnd(width),
    'median ms'.padStart(10),
    'min'.padStart(9),
    'max'.padStart(9),
    `x ${reference}`.padStart(10),
    'results'.padStart(9),
    'rss MiB'.padStart(8),
    'all ms, by round',
  ].join(' ');
  const lines = rows.map((row) =>
    [
      row.name.padEnd(width),
      ms(median(row.ms)).padStart(10),
      ms(Math.min(...row.ms)).padStart(9),
      ms(Math.max(...row.ms)).padStart(9),
      (base === undefined ? '-' : ratio(median(ratios(row, base)))).padStart(10),
      String(row.results).padStart(9),
      (row.rssMib === null ? '-' : row.rssMib.toFixed(0)).padStart(8),
      row.ms.map(ms).join(' '),
    ].join(' '),
  );
  return [`## ${title}`, head, ...lines, ''].join('\n');
}

const ms = (number: number): string => number.toFixed(number < 10 ? 2 : 1);
const ratio = (number: number): string => number.toFixed(number < 0.1 ? 4 : 2);
