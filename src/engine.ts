// The engine behind the pages: worker threads, one that reads the logs every second and writes what it read, one that answers
// the pages from the database, one that searches the logs; so neither the web thread nor a page waits for a file.
import type { WhmLook } from './actions/doctor-seen.ts';
import type { DoctorReport } from './actions/doctor-view.ts';
import type { ActivityRow, Explanation, IsoTime } from './actions/explanation.ts';
import type { Inbox, InboxFilter } from './actions/inbox-view.ts';
import { NOT_READ_YET, type ReadState } from './actions/read-state.ts';
import type { MarkRequest, MarksFilter, MarksView } from './actions/marks-view.ts';
import type { ReportAnswer, ReportRequest } from './actions/report-view.ts';
import type { SearchQuery } from './actions/search-query.ts';
import type { SavedSearch, SearchView, SurroundingView } from './actions/search-view.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContextOptions } from './context.ts';
import type { SearchLog } from './model.ts';
import { Thread } from './thread.ts';
import type { Actor, ActRecord, ExclusionEngine, FirewallEngine } from './web/web-context.ts';

/** How the reading of logs stands; `generation` grows when the database was made anew. */
export interface ReaderNews {
  readonly state: ReadState;
  /** So much waits to be read or judged that a moment would change nothing. */
  readonly isBusy: boolean;
  readonly generation: number;
}

/** What can be asked of the reading thread, and what it answers. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface has no index signature
export type ReadQuestions = {
  /** Reads what is new now, for at most so many milliseconds. */
  readonly catchUp: { readonly args: readonly [waitMs: number]; readonly answer: ReaderNews };
  readonly record: { readonly args: readonly [row: ActRecord]; readonly answer: null };
  readonly save: {
    readonly args: readonly [name: string, query: SearchQuery, by: Actor];
    readonly answer: null;
  };
  readonly forget: { readonly args: readonly [id: number, by: Actor]; readonly answer: null };
  readonly mark: { readonly args: readonly [request: MarkRequest, by: Actor]; readonly answer: null };
  readonly unmark: { readonly args: readonly [id: number, by: Actor]; readonly answer: null };
  readonly stop: { readonly args: readonly []; readonly answer: null };
};

/** What can be asked of the searching thread. `most`: no more lines come with the answer, null for all. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface has no index signature
export type SearchQuestions = {
  readonly start: {
    readonly args: readonly [query: SearchQuery, waitMs: number, most: number | null];
    readonly answer: SearchView;
  };
  readonly look: {
    readonly args: readonly [id: string, waitMs: number, most: number | null];
    readonly answer: SearchView | null;
  };
  readonly cancel: { readonly args: readonly [id: string]; readonly answer: SearchView | null };
  readonly around: {
    readonly args: readonly [file: string, offset: number, lines: number, reveal: boolean];
    readonly answer: SurroundingView;
  };
  readonly logs: { readonly args: readonly []; readonly answer: readonly SearchLog[] };
  readonly stop: { readonly args: readonly []; readonly answer: null };
};

/** What can be asked of the thread of the pages: each page's question by its name. */
export type PageQuestions = {
  readonly [Name in keyof ExclusionEngine]: {
    readonly args: Readonly<Parameters<ExclusionEngine[Name]>>;
    readonly answer: Awaited<ReturnType<ExclusionEngine[Name]>>;
  };
} & {
  readonly [Name in keyof FirewallEngine as `firewall.${Name}`]: {
    readonly args: Readonly<Parameters<FirewallEngine[Name]>>;
    readonly answer: Awaited<ReturnType<FirewallEngine[Name]>>;
  };
} & {
  readonly hear: { readonly args: readonly [state: ReadState, generation: number]; readonly answer: null };
  readonly explain: {
    readonly args: readonly [text: string, from: IsoTime | null];
    readonly answer: Explanation;
  };
  readonly inbox: { readonly args: readonly [filter: InboxFilter]; readonly answer: Inbox };
  readonly report: { readonly args: readonly [request: ReportRequest]; readonly answer: ReportAnswer };
  readonly activity: { readonly args: readonly []; readonly answer: readonly ActivityRow[] };
  readonly saved: { readonly args: readonly []; readonly answer: readonly SavedSearch[] };
  readonly marks: { readonly args: readonly [filter: MarksFilter]; readonly answer: MarksView };
  readonly examine: { readonly args: readonly []; readonly answer: DoctorReport };
  readonly examineText: { readonly args: readonly []; readonly answer: string };
  readonly saw: { readonly args: readonly [look: WhmLook]; readonly answer: null };
  readonly trial: { readonly args: readonly [id: string, result: string | null]; readonly answer: null };
  readonly stop: { readonly args: readonly []; readonly answer: null };
};

/** What the threads are started with. */
export type WorkerOptions = Omit<ContextOptions, 'warn' | 'env' | 'reader' | 'writes'> & {
  readonly env: Readonly<Record<string, string | undefined>>;
};

// Whatever the logs hold, the service's memory is bounded: a small young generation is collected before it piles up.
const READ_MEMORY = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 3 };
/** How long a page waits for what is new in the logs. */
const CATCH_UP_MS = 60;
/** How often the reading thread is asked how it stands, so that a page knows when it cannot keep anything. */
const LISTEN_MS = 1000;
const SEARCH_MEMORY = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 3 };

/** Starts the threads. */
export class Engine {
  readonly read: Thread<ReadQuestions>;
  readonly #options: WorkerOptions;
  #search: Thread<SearchQuestions> | null = null;
  #pages: Thread<PageQuestions> | null = null;
  #news: ReaderNews = { state: NOT_READ_YET, isBusy: false, generation: 0 };
  readonly #listening: NodeJS.Timeout;
  #isListening = false;

  /** `onEnd` is told when the reading thread dies by itself: the service cannot go on without it. */
  constructor(options: WorkerOptions, onEnd: (error: Error) => void) {
    this.#options = options;
    this.read = new Thread({
      script: new URL('./worker.ts', import.meta.url),
      data: options,
      limits: READ_MEMORY,
      onEnd,
    });
    this.#listening = setInterval(() => void this.#listen(), LISTEN_MS).unref();
  }

  /** The searching thread, started when it is needed first; one that died is started anew. */
  get search(): Thread<SearchQuestions> {
    if (this.#search === null || this.#search.hasEnded)
      this.#search = new Thread({
        script: new URL('./search-worker.ts', import.meta.url),
        data: this.#options,
        limits: SEARCH_MEMORY,
        onEnd: () => undefined,
      });
    return this.#search;
  }

  /**
   * Asks the thread of the pages, after the reading thread had a moment to read what is new: a page shows the lines that were
   * there when it was asked for, unless so much is new that it would have to wait.
   */
  async ask<Name extends keyof PageQuestions>(
    name: Name,
    ...args: PageQuestions[Name]['args']
  ): Promise<PageQuestions[Name]['answer']> {
    if (!this.#news.isBusy) await Promise.race([this.#catchUp(CATCH_UP_MS), sleep(CATCH_UP_MS)]);
    const pages = this.#pageThread();
    const { state, generation } = this.#news;
    await pages.ask('hear', state, generation);
    return pages.ask(name, ...args);
  }

  async #listen(): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = true;
    await this.#catchUp(0);
    this.#isListening = false;
  }

  async #catchUp(waitMs: number): Promise<void> {
    try {
      this.#news = await this.read.ask('catchUp', waitMs);
    } catch {
      // A reading thread that died ends the service (`onEnd`); what is kept can still be shown.
    }
  }

  /** The thread of the pages, started when it is needed first; one that died is started anew. */
  #pageThread(): Thread<PageQuestions> {
    if (this.#pages === null || this.#pages.hasEnded)
      this.#pages = new Thread({
        script: new URL('./page-worker.ts', import.meta.url),
        data: this.#options,
        limits: READ_MEMORY,
        onEnd: () => undefined,
      });
    return this.#pages;
  }

  /** Lets the reading thread finish its batch, closes the database and ends all threads. */
  async stop(): Promise<void> {
    clearInterval(this.#listening);
    if (this.#search?.hasEnded === false) await this.#search.ask('stop').catch(() => undefined);
    await this.#search?.end();
    // A change that is at work is brought to its end.
    if (this.#pages?.hasEnded === false) await this.#pages.ask('stop').catch(() => undefined);
    await this.#pages?.end();
    if (!this.read.hasEnded) await this.read.ask('stop');
    await this.read.end();
  }
}
