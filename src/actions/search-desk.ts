// The searches of the pages: at most two run at once, others wait; one that nobody looks at any more is ended.
import { Refused } from './errors.ts';
import type { SearchContext } from './search-context.ts';
import type { SearchQuery } from './search-query.ts';
import { SearchRun } from './search-run.ts';
import { SearchShower } from './search-state.ts';
import type { SearchView } from './search-view.ts';

const MIB = 1024 * 1024;
/** Of one line in a page; what is cut is told. */
const LINE_BYTES = 16 * 1024;

export interface DeskOptions {
  readonly atOnce: number;
  /** Searches that may wait for a place. */
  readonly mostWaiting: number;
  readonly timeoutMs: number;
  /** A search that nobody looked at for so long is ended. */
  readonly unseenMs: number;
  /** An ended search is kept for so long after the last look. */
  readonly keepMs: number;
  /** Lines of ended searches together; the oldest make room. */
  readonly keepBytes: number;
}

export const DESK_DEFAULTS: DeskOptions = {
  atOnce: 2,
  mostWaiting: 100,
  timeoutMs: 30_000,
  unseenMs: 10_000,
  keepMs: 120_000,
  keepBytes: 24 * MIB,
};

interface Job {
  readonly id: string;
  readonly run: SearchRun;
  readonly shower: SearchShower;
  readonly ended: Promise<void>;
  seenAt: number;
}

/** Keeps the searches; all times in milliseconds. */
export class SearchDesk {
  readonly #ctx: SearchContext;
  readonly #options: DeskOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #queue: (() => void)[] = [];
  #running = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(ctx: SearchContext, options: DeskOptions = DESK_DEFAULTS) {
    this.#ctx = ctx;
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#sweep();
    }, 1000);
    this.#timer.unref();
  }

  /**
   * Starts a search and gives its state when it has ended, at most `waitMs` later. Throws BadInput for fields that
   * cannot be understood, Refused when too many wait already.
   */
  async start(query: SearchQuery, waitMs: number): Promise<SearchView> {
    if (this.#queue.length >= this.#options.mostWaiting)
      throw new Refused(
        `${this.#options.mostWaiting} searches are waiting already. Wait for one of them to end, or cancel it.`,
      );
    const clock = await this.#ctx.clock();
    const run = new SearchRun(this.#ctx, clock, query, {
      countAll: true,
      timeoutMs: this.#options.timeoutMs,
    });
    const id = crypto.randomUUID();
    const shower = new SearchShower(this.#ctx, run, { id, mostBytes: LINE_BYTES });
    const job: Job = { id, run, shower, ended: this.#queued(run), seenAt: Date.now() };
    this.#jobs.set(id, job);
    const view = await this.#view(job, waitMs);
    if (run.refused === null) return view;
    this.#jobs.delete(id);
    throw run.refused;
  }

  /** The state of a search, at once when it has ended, else after `waitMs`; null when it is gone. */
  async look(id: string, waitMs: number): Promise<SearchView | null> {
    const job = this.#jobs.get(id);
    return job === undefined ? null : await this.#view(job, waitMs);
  }

  /** Ends a search; what it found stays. Null when it is gone. */
  async stop(id: string): Promise<SearchView | null> {
    const job = this.#jobs.get(id);
    if (job === undefined) return null;
    job.run.stop();
    return await this.#view(job, 0);
  }

  /** Ends all searches. */
  close(): void {
    clearInterval(this.#timer);
    for (const { run } of this.#jobs.values()) run.stop();
    this.#jobs.clear();
  }

  async #view(job: Job, waitMs: number): Promise<SearchView> {
    job.seenAt = Date.now();
    if (waitMs > 0) await Promise.race([job.ended, sleep(waitMs)]);
    job.seenAt = Date.now();
    return await job.shower.view();
  }

  async #queued(run: SearchRun): Promise<void> {
    if (this.#running >= this.#options.atOnce)
      await new Promise<void>((resolve) => {
        this.#queue.push(resolve);
      });
    else this.#running++;
    try {
      await run.run();
    } finally {
      // The place goes to the one that waits longest, without being free in between.
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #sweep(): void {
    const now = Date.now();
    let kept = 0;
    for (const [id, { run, seenAt }] of [...this.#jobs].reverse()) {
      const unseen = now - seenAt;
      if (!run.hasEnded) {
        if (unseen > this.#options.unseenMs) run.stop();
        continue;
      }
      kept += run.collector.bytes;
      if (unseen > this.#options.keepMs || (kept > this.#options.keepBytes && unseen > 5000))
        this.#jobs.delete(id);
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
