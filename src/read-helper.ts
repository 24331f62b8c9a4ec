// A helper thread for a first start: takes lines and records apart while the main thread reads on and writes.
import { Worker } from 'node:worker_threads';
import { type AuditJob, readAuditBatch } from './actions/ingest-audit.ts';
import { type ErrorJob, readErrorBatch } from './actions/ingest-error.ts';

/** Less than this is done faster than a thread is started. */
const WORTH_A_THREAD = 3 * 1024 * 1024;
// As in the service: a small young generation is collected before it piles up.
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 12 };

type Job = ErrorJob | AuditJob;

/** What goes to the thread, and what comes back. */
export interface ReadAsk {
  readonly id: number;
  readonly job: Job;
}

export interface ReadReply {
  readonly id: number;
  readonly batch: string;
}

/** Takes a job apart. */
export function readJob(job: Job, hash: (value: string) => string): unknown {
  return job.kind === 'error' ? readErrorBatch(job, hash) : readAuditBatch(job, hash);
}

/** Does jobs here while little has come, else in a thread that is started then. */
export class ReadHelper {
  readonly #key: string;
  readonly #hash: (value: string) => string;
  readonly #waiting = new Map<
    number,
    { resolve: (batch: unknown) => void; reject: (error: Error) => void }
  >();
  #worker: Worker | null = null;
  #next = 1;
  #seen = 0;

  /** `key` makes the thread's keyed hash the same as `hash`. */
  constructor(key: string, hash: (value: string) => string) {
    this.#key = key;
    this.#hash = hash;
  }

  /** Takes a job apart; rejects only when the thread dies. The job's bytes are gone afterwards. */
  read<Batch>(job: Job): Promise<Batch> {
    this.#seen += job.bytes.length;
    if (this.#worker === null && this.#seen < WORTH_A_THREAD)
      return Promise.resolve(readJob(job, this.#hash) as Batch);
    const worker = this.#worker ?? this.#start();
    const id = this.#next++;
    return new Promise<Batch>((resolve, reject) => {
      this.#waiting.set(id, {
        resolve: (batch) => {
          resolve(batch as Batch);
        },
        reject,
      });
      // An idle thread must not keep the process alive, a busy one must.
      worker.ref();
      worker.postMessage({ id, job } satisfies ReadAsk);
    });
  }

  /** Ends the thread, if one was started. */
  close(): void {
    void this.#worker?.terminate();
    this.#worker = null;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./read-worker.ts', import.meta.url), {
      workerData: this.#key,
      resourceLimits: LIMITS,
    });
    worker.on('message', ({ id, batch }: ReadReply) => {
      this.#waiting.get(id)?.resolve(JSON.parse(batch));
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
    });
    worker.on('error', (error) => {
      for (const { reject } of this.#waiting.values())
        reject(error instanceof Error ? error : new Error(String(error)));
      this.#waiting.clear();
    });
    this.#worker = worker;
    return worker;
  }
}
