// One search from start to end: reads the logs in order, judges what ripgrep finds, and tells its state at any moment.
import type { GrepLine, Piece } from '../host/grep.ts';
import { grep } from '../host/grep.ts';
import { linesWith } from '../host/direct-lines.ts';
import { plainLines } from '../host/grep-lines.ts';
import { ReadProblem } from '../host/problems.ts';
import { PatternProblem, type Pattern } from '../host/ripgrep.ts';
import type { SearchKind } from '../model.ts';
import { lineTimeReader } from '../parse/line-time.ts';
import type { BadInput } from './errors.ts';
import { chooseLogs } from './search-choice.ts';
import { Collector } from './search-collect.ts';
import type { SearchClock, SearchContext } from './search-context.ts';
import { finish, newFileState, type FileState, type OwnedPiece } from './search-file-state.ts';
import { LineJudge, repeatedHour, slackOf, type JudgeOptions } from './search-judge.ts';
import { lineClock } from './line-clock.ts';
import { timesAbove } from './line-times.ts';
import { SearchOrder, type Work } from './search-order.ts';
import { planSearch, type SearchPlan } from './search-plan.ts';
import type { SearchQuery } from './search-query.ts';
import type { SearchPhase } from './search-view.ts';
import { SearchPattern } from './search-pattern.ts';
import { clientSign, exactly, looksFor, type Looks } from './search-prefilter.ts';
import { Waiting, type WaitingLine } from './search-waiting.ts';
import { noteWhenNothing } from './search-words.ts';

const BEYOND_ASCII = /[^\x00-\x7f]/;
/** Lines of a packed log whose times are looked for at one go. */
const MOST_TIMELESS = 50_000;
/** Lines that wait for the second look at the pattern. */
const WAITING_BYTES = 4 * 1024 * 1024;

type Take = (piece: Piece, lines: readonly GrepLine[]) => Promise<void>;

export interface RunOptions {
  /** Counts all lines; without it the search ends when the newest lines are certain. */
  readonly countAll: boolean;
  readonly timeoutMs: number;
}

/** A search that is running or has ended. */
export class SearchRun {
  readonly plan: SearchPlan;
  readonly clock: SearchClock;
  readonly files: readonly FileState[];
  readonly collector: Collector;
  readonly bytesTotal: number;
  bytesDone = 0;
  phase: SearchPhase = 'waiting';
  problem: string | null = null;
  /** Set when the pattern itself was refused: nothing was searched. */
  refused: BadInput | null = null;
  reading: string | null = null;
  tookMs = 0;
  readonly #ctx: SearchContext;
  readonly #options: RunOptions;
  readonly #judging: Omit<JudgeOptions, 'timeOf'>;
  readonly #end = new AbortController();
  readonly #pattern: SearchPattern;

  /** Reads the query and chooses the logs. Throws BadInput. */
  constructor(ctx: SearchContext, clock: SearchClock, query: SearchQuery, options: RunOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.clock = clock;
    this.plan = planSearch(query, clock);
    this.#pattern = new SearchPattern(this.plan.pattern, query);
    const { zone, now } = clock;
    const { logs, names } = chooseLogs(ctx, query);
    const repeated = repeatedHour(zone, this.plan.window);
    this.#judging = { plan: this.plan, names, repeated };
    this.files = logs.map(({ log, leftOut }) =>
      newFileState(log, {
        leftOut,
        timeOf: lineTimeReader(log.kind, lineClock(zone, now)),
        slackMs: slackOf(log.kind, repeated),
      }),
    );
    this.collector = new Collector(query.limit, zone.offsetMinutesAt(now));
    const waiting = this.files.filter(({ state }) => state === 'waiting');
    this.bytesTotal = waiting.reduce((sum, { log }) => sum + log.size, 0);
  }

  /** As `run` begins: see SearchPattern. Throws BadInput when the pattern is refused; `run` tells it in `refused`. */
  async check(): Promise<void> {
    await this.#pattern.check();
  }

  /** The pattern as it is searched; null when every line is. */
  get pattern(): Pattern | null {
    return this.#pattern.value;
  }

  get hasEnded(): boolean {
    return this.phase !== 'waiting' && this.phase !== 'running';
  }

  /** Searches until all is read, `stop` is called, or the time is over. Never throws: `problem` says what went wrong. */
  async run(): Promise<void> {
    if (this.hasEnded) {
      for (const state of this.files) this.#close(state);
      return;
    }
    const started = performance.now();
    this.phase = 'running';
    const timer = setTimeout(() => {
      this.#finish('timeout');
    }, this.#options.timeoutMs);
    try {
      const endedEarly = await this.#search();
      this.#finish(endedEarly ? 'enough' : 'done');
    } catch (error) {
      this.refused = this.#pattern.refusal(error);
      this.problem = this.#pattern.words(error);
      this.#finish('failed');
    } finally {
      clearTimeout(timer);
      this.tookMs = performance.now() - started;
      this.reading = null;
      for (const state of this.files) this.#close(state);
    }
  }

  /** Ends the search; what was found stays. */
  stop(): void {
    this.#finish('stopped');
  }

  #finish(phase: SearchPhase): void {
    if (this.hasEnded) return;
    this.phase = phase;
    if (phase === 'timeout')
      this.problem = `The search was ended after ${this.#options.timeoutMs / 1000} seconds. Narrow it down: a shorter time window, fewer logs or an address.`;
    this.#end.abort();
  }

  #close(state: FileState): void {
    if (state.state === 'reading' || state.state === 'waiting') {
      const isCut = this.phase !== 'done' && this.phase !== 'enough';
      finish(
        state,
        state.state === 'reading' || !isCut ? 'done' : 'left out',
        isCut ? 'not read to its end' : null,
      );
    } else state.file?.close();
  }

  async #search(): Promise<boolean> {
    const order = new SearchOrder({
      ctx: this.#ctx,
      plan: this.plan,
      states: this.files,
      wants: (latest) => this.#options.countAll || this.collector.takes(latest),
    });
    // With an address the pattern is looked at last, and perhaps not at all.
    if (this.plan.address !== null) await this.#pattern.compile();
    for await (const work of order.work()) {
      if (this.#end.signal.aborted) break;
      await this.#searchPieces(work);
    }
    if (!this.#end.signal.aborted) await this.#pattern.compile();
    return order.endedEarly;
  }

  async #searchPieces({ pieces, how }: Work): Promise<void> {
    if (how === 'apart') {
      await Promise.all(pieces.map((piece) => this.#searchPieces({ pieces: [piece], how: 'together' })));
      return;
    }
    for (const { owner } of pieces) owner.state = 'reading';
    this.reading = pieces.length === 1 ? (pieces[0]?.owner.log.path ?? null) : null;
    const audit = pieces.filter(({ owner }) => owner.log.kind === 'audit');
    const others = pieces.filter(({ owner }) => owner.log.kind !== 'audit');
    for (const group of [others, audit]) {
      const [some] = group;
      if (some === undefined) continue;
      if (how === 'directly')
        await this.#take(group, { first: null, second: this.pattern, onlyBeyondAscii: false });
      else await this.#grepAdapting(group, some.owner.log.kind);
    }
  }

  /** Searches with the wide form of the pattern, as it is, or with Unicode's classes, whichever ripgrep takes first. */
  async #grepAdapting(pieces: readonly OwnedPiece[], kind: SearchKind): Promise<void> {
    try {
      await this.#take(pieces, looksFor(this.plan, this.pattern, kind));
      if (this.plan.address === null) this.#pattern.isCompiled = true;
    } catch (error) {
      if (!(error instanceof PatternProblem) || this.#pattern.isCompiled || error.kind === 'too-hard')
        throw error;
      await this.#pattern.compile();
      await this.#take(pieces, exactly(looksFor(this.plan, this.pattern, kind)));
    }
  }

  /** Reads pieces (directly without a first look), judges the lines and keeps those that the second look finds. */
  async #take(
    pieces: readonly OwnedPiece[],
    { first, second, onlyBeyondAscii }: Omit<Looks, 'first'> & { readonly first: Pattern | null },
  ): Promise<void> {
    const isDecided = (text: string): boolean =>
      second === null || (onlyBeyondAscii && !BEYOND_ASCII.test(text));
    const waiting = new Waiting(second, this.#end.signal);
    const take = async (piece: Piece, lines: readonly GrepLine[]): Promise<void> => {
      const owner = this.#judgeOf(piece);
      for (const line of lines) {
        // A log without any time needs no second reading.
        const at = owner.judge?.judge(line, owner.first === null && piece.file.compressed ? null : undefined);
        if (at === undefined) owner.timeless.push(line);
        else passes(owner, line, at);
      }
      if (owner.timeless.length > MOST_TIMELESS) await this.#findTimes(piece, passes);
      if (second !== null) this.#keepAll(await waiting.ready(WAITING_BYTES));
    };
    const passes = (owner: FileState, line: GrepLine, at: number | null): void => {
      if (at === null) return;
      if (isDecided(line.text)) this.#keep(owner, at, line);
      else waiting.add({ owner, at, ...line });
    };
    if (first === null) await this.#readDirectly(pieces, take);
    else await this.#grep(pieces, first, take);
    for (const piece of pieces) await this.#findTimes(piece, passes);
    this.#keepAll(await waiting.ready(0));
  }

  /** Looks for the times of lines of a packed log that have none, and judges them with it. */
  async #findTimes(
    piece: Piece,
    passes: (owner: FileState, line: GrepLine, at: number | null) => void,
  ): Promise<void> {
    const owner = this.#judgeOf(piece);
    const lines = owner.timeless;
    owner.timeless = [];
    if (lines.length === 0 || this.#end.signal.aborted) return;
    const offsets = lines.map(({ offset }) => offset);
    const times = await timesAbove(piece.file, owner.timeOf, offsets, this.#end.signal);
    for (const line of lines)
      passes(owner, line, owner.judge?.judge(line, times.get(line.offset) ?? null) ?? null);
  }

  #judgeOf(piece: Piece): FileState {
    const { owner } = piece as OwnedPiece;
    owner.judge ??= new LineJudge(piece, { ...this.#judging, timeOf: owner.timeOf });
    return owner;
  }

  async #readDirectly(pieces: readonly OwnedPiece[], take: Take): Promise<void> {
    for (const piece of pieces) {
      try {
        for await (const lines of this.#directLines(piece)) await take(piece, lines);
      } catch (error) {
        if (!(error instanceof ReadProblem)) throw error;
        finish(piece.owner, 'problem', error.problem);
      }
    }
  }

  #directLines(piece: OwnedPiece): Iterable<readonly GrepLine[]> | AsyncIterable<readonly GrepLine[]> {
    const sign = clientSign(this.plan.address, piece.owner.log.kind);
    if (sign === null) return plainLines(piece, this.#end.signal, this.#read);
    return linesWith(piece, sign, this.#read);
  }

  async #grep(pieces: readonly OwnedPiece[], pattern: Pattern, take: Take): Promise<void> {
    const batches = grep({
      pieces,
      pattern,
      signal: this.#end.signal,
      onRead: this.#read,
      onProblem: (piece, { problem }) => {
        finish((piece as OwnedPiece).owner, 'problem', problem);
      },
      onBytes: (piece, offset, bytes) => {
        this.#judgeOf(piece).judge?.times.pass(offset, bytes);
      },
    });
    for await (const { piece, lines } of batches) await take(piece, lines);
  }

  readonly #read = (bytes: number): void => {
    this.bytesDone = Math.min(this.bytesTotal, this.bytesDone + bytes);
  };

  #keep(owner: FileState, at: number, { offset, text }: GrepLine): void {
    owner.lines++;
    this.collector.add(at, owner.log.path, offset, text);
  }

  #keepAll(lines: readonly WaitingLine[]): void {
    for (const line of lines) this.#keep(line.owner, line.at, line);
  }

  /** Hints about the pattern: those known from the start, and why nothing may have been found. */
  notes(): SearchPlan['notes'] {
    const isOver = this.phase === 'done' || this.phase === 'enough';
    if (this.collector.count > 0 || !isOver || this.plan.notes.length > 0) return this.plan.notes;
    return noteWhenNothing(this.plan.query);
  }
}
