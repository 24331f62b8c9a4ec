// The engine behind the pages: a worker thread that reads the logs every second and answers questions, so that
// the web thread never waits for a file or the database.
import { Worker } from 'node:worker_threads';
import type { ActivityRow, Explanation, Inbox, InboxFilter, IsoTime } from './actions/explanation.ts';
import type { ContextOptions } from './context.ts';
import type { ActRecord } from './web/web-context.ts';

/** What can be asked of the worker, and what it answers. */
export interface Questions {
  readonly explain: {
    readonly args: readonly [text: string, from: IsoTime | null];
    readonly answer: Explanation;
  };
  readonly inbox: { readonly args: readonly [filter: InboxFilter]; readonly answer: Inbox };
  readonly activity: { readonly args: readonly []; readonly answer: readonly ActivityRow[] };
  readonly record: { readonly args: readonly [row: ActRecord]; readonly answer: null };
  readonly stop: { readonly args: readonly []; readonly answer: null };
}

export interface Ask {
  readonly id: number;
  readonly name: keyof Questions;
  readonly args: readonly unknown[];
}

/** `error` keeps name and message of a failure: classes do not cross the thread's border. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };

/** What the worker is started with. */
export type WorkerOptions = Omit<ContextOptions, 'warn' | 'env'> & {
  readonly env: Readonly<Record<string, string | undefined>>;
};

// The service stays under 200 MiB whatever the logs hold: a small young generation is collected before it piles up.
const MEMORY = { maxOldGenerationSizeMb: 80, maxYoungGenerationSizeMb: 3 };

/** Starts the worker and passes questions to it, each with its own answer. */
export class Engine {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #next = 1;
  #ended: Error | null = null;

  /** `onEnd` is told when the worker dies by itself; questions are then refused with the same error. */
  constructor(options: WorkerOptions, onEnd: (error: Error) => void) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: options,
      resourceLimits: MEMORY,
    });
    this.#worker.on('message', (reply: Reply) => {
      this.#settle(reply);
    });
    this.#worker.on('error', (error) => {
      const ended = error instanceof Error ? error : new Error(String(error));
      this.#end(ended);
      onEnd(ended);
    });
  }

  /** Asks the worker; rejects with an error of the same name and message as the failure there. */
  ask<Name extends keyof Questions>(
    name: Name,
    ...args: Questions[Name]['args']
  ): Promise<Questions[Name]['answer']> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {
        resolve: (value) => {
          resolve(value as Questions[Name]['answer']);
        },
        reject,
      });
      this.#worker.postMessage({ id, name, args } satisfies Ask);
    });
  }

  /** Lets the worker finish its batch, closes the database and ends the thread. */
  async stop(): Promise<void> {
    if (this.#ended === null) await this.ask('stop');
    await this.#worker.terminate();
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (waiting === undefined) return;
    if ('error' in reply)
      waiting.reject(Object.assign(new Error(reply.error.message), { name: reply.error.name }));
    else waiting.resolve(reply.value);
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
