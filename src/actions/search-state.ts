// The state of a search as pages, terminal and exports show it.
import type { IsoTime } from './explanation.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { contextOf } from './search-around.ts';
import type { KeptLine } from './search-collect.ts';
import type { SearchContext } from './search-context.ts';
import { cursorText } from './search-cursor.ts';
import { familyOf } from './search-choice.ts';
import { fileView, type FileState } from './search-file-state.ts';
import { markedLines } from './search-lines.ts';
import type { SearchRun } from './search-run.ts';
import type { FoundLine, SearchView } from './search-view.ts';
import { indexVhosts } from './vhosts.ts';

const MOST_BARS = 60;
/** Lines that a search shows before it has ended. */
const SHOWN_WHILE_RUNNING = 200;

/** What is shown of one line at most: a page folds it, the terminal and exports print it whole. */
export interface ShowOptions {
  readonly id: string;
  readonly mostBytes: number;
  /** Secrets in found lines are shown (not in those around them): an act that the caller records. */
  readonly reveal?: boolean;
}

/** Makes states of one search; lines that were made once are kept while they are among the newest. */
export class SearchShower {
  readonly #ctx: SearchContext;
  readonly #run: SearchRun;
  readonly #options: ShowOptions;
  #made = new Map<string, FoundLine>();

  constructor(ctx: SearchContext, run: SearchRun, options: ShowOptions) {
    this.#ctx = ctx;
    this.#run = run;
    this.#options = options;
  }

  /** The state at this moment. */
  async view(): Promise<SearchView> {
    const run = this.#run;
    const { zone, server } = run.clock;
    const newest = run.collector.newest();
    const shown = run.hasEnded ? newest : newest.slice(0, SHOWN_WHILE_RUNNING);
    const last = newest.at(-1);
    const { stepSeconds, bars } = run.collector.bars(MOST_BARS);
    const { from, to } = run.plan.window;
    const iso = (at: number): IsoTime | null => (Number.isFinite(at) ? isoTime(zone, at) : null);
    const covered = !run.hasEnded || noteCoverage(run, (at) => readableTime(isoTime(zone, at)));
    return {
      id: this.#options.id,
      query: run.plan.query,
      phase: run.phase,
      count: run.collector.count,
      lines: await this.#lines(shown),
      files: run.files.map(fileView),
      bytesDone: run.hasEnded && run.phase === 'done' ? run.bytesTotal : run.bytesDone,
      bytesTotal: run.bytesTotal,
      reading: run.reading,
      window: { from: iso(from), to: iso(to) },
      histogram:
        bars.length === 0
          ? null
          : { stepSeconds, bars: bars.map(({ at, lines }) => ({ at: isoTime(zone, at), lines })) },
      notes: run.notes(),
      problem: run.problem,
      tookMs: run.tookMs,
      older:
        last !== undefined && (run.collector.hasOlder || run.phase === 'enough') ? cursorText(last) : null,
      covered,
      server,
    };
  }

  async #lines(kept: readonly KeptLine[]): Promise<FoundLine[]> {
    const missing = kept.filter((line) => !this.#made.has(keyOf(line)));
    const made = await this.#make(missing);
    const all = kept.map((line) => this.#made.get(keyOf(line)) ?? made.get(keyOf(line)));
    const lines = all.filter((line) => line !== undefined);
    this.#made = new Map(kept.map((line, index) => [keyOf(line), lines[index]] as const).filter(isMade));
    return lines;
  }

  async #make(kept: readonly KeptLine[]): Promise<Map<string, FoundLine>> {
    const { plan, pattern, clock } = this.#run;
    const index = indexVhosts(this.#ctx.host.vhosts(), this.#ctx.host.hostname());
    const audits = new Set(this.#run.files.flatMap(({ log }) => (log.kind === 'audit' ? [log.path] : [])));
    const parts = await markedLines(
      kept.map(({ text }) => text),
      {
        pattern,
        address: plan.address,
        isDomain: (name) => index.isKnown(name),
        isAudit: (at) => audits.has(kept[at]?.path ?? ''),
        most: this.#options.mostBytes,
        reveal: this.#options.reveal === true,
        signal: new AbortController().signal,
      },
    );
    const context = await this.#context(kept);
    return new Map(
      kept.map((line, i) => [
        keyOf(line),
        {
          at: line.at === -Infinity ? null : isoTime(clock.zone, line.at),
          file: line.path,
          offset: line.offset,
          parts: parts[i] ?? [],
          before: context.get(keyOf(line))?.before ?? [],
          after: context.get(keyOf(line))?.after ?? [],
        },
      ]),
    );
  }

  async #context(
    kept: readonly KeptLine[],
  ): Promise<Map<string, { readonly before: readonly string[]; readonly after: readonly string[] }>> {
    const found = new Map<
      string,
      { readonly before: readonly string[]; readonly after: readonly string[] }
    >();
    const count = this.#run.plan.query.context;
    if (count === 0) return found;
    for (const [path, lines] of Map.groupBy(kept, (line) => line.path)) {
      const offsets = lines.map(({ offset }) => offset).sort((a, b) => a - b);
      for (const [offset, around] of await contextOf(this.#ctx, path, offsets, count))
        found.set(`${path}@${offset}`, around);
    }
    return found;
  }
}

function keyOf({ path, offset }: KeptLine): string {
  return `${path}@${offset}`;
}

function isMade(entry: readonly [string, FoundLine | undefined]): entry is readonly [string, FoundLine] {
  return entry[1] !== undefined;
}

/**
 * Says of each log that begins after the window's start from when on it can be read. True when all logs that were
 * chosen reach back and could be read.
 */
function noteCoverage(run: SearchRun, words: (at: number) => string): boolean {
  const { from } = run.plan.window;
  let covered = true;
  for (const family of Map.groupBy(run.files, ({ log }) => familyOf(log)).values()) {
    if (family.some(({ state }) => state === 'problem')) covered = false;
    if (from === -Infinity) continue;
    // An empty log that was last touched before the window has had nothing to say since.
    const read = family.filter(({ state, log }) => state === 'done' && (log.size > 0 || log.mtimeMs > from));
    const firsts = read.map(({ first }) => first ?? null).filter((first) => first !== null);
    const oldest = Math.min(...firsts);
    if (read.length === 0 || oldest <= from) continue;
    covered = false;
    const earliest = earliestOf(read);
    if (earliest?.note === null) earliest.note = reachesTo(earliest, words);
  }
  return covered;
}

/** From when on a log can be read. */
function reachesTo({ first, log }: FileState, words: (at: number) => string): string {
  if (first !== null && first !== undefined) return `it cannot be read before ${words(first)}`;
  return log.size === 0 ? `it is empty since ${words(log.mtimeMs)}` : 'it holds no line with a time';
}

function earliestOf(states: readonly FileState[]): FileState | null {
  return states.toSorted((a, b) => (a.first ?? Infinity) - (b.first ?? Infinity))[0] ?? null;
}
