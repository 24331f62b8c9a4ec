// A helper thread for a first start: takes audit records apart while the main thread reads error_log.
import { Worker } from 'node:worker_threads';
import { type AuditBatch, type AuditJob, readAuditBatch } from './actions/ingest-audit.ts';

/** Less than this is done faster than a thread is started. */
const WORTH_A_THREAD = 3 * 1024 * 1024;

/** What goes to the thread, and what comes back. */
export interface AuditAsk {
  readonly id: number;
  readonly job: AuditJob;
}

export interface AuditReply {
  readonly id: number;
  readonly batch: string;
}

/** Reads audit batches here while they are small, else in a thread that is started then. */
export class AuditHelper {
  readonly #key: string;
  readonly #hash: (value: string) => string;
  readonly #waiting = new Map<
    number,
    { resolve: (batch: AuditBatch) => void; reject: (error: Error) => void }
  >();
  #worker: Worker | null = null;
  #next = 1;

  /** `key` makes the thread's keyed hash the same as `hash`. */
  constructor(key: string, hash: (value: string) => string) {
    this.#key = key;
    this.#hash = hash;
  }

  /** Takes a job apart; rejects only when the thread dies. */
  read(job: AuditJob): Promise<AuditBatch> {
    if (this.#worker === null && job.bytes.length < WORTH_A_THREAD)
      return Promise.resolve(readAuditBatch(job, this.#hash));
    const worker = this.#worker ?? this.#start();
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // An idle thread must not keep the process alive, a busy one must.
      worker.ref();
      worker.postMessage({ id, job } satisfies AuditAsk);
    });
  }

  /** Ends the thread, if one was started. */
  close(): void {
    void this.#worker?.terminate();
    this.#worker = null;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./audit-worker.ts', import.meta.url), { workerData: this.#key });
    worker.on('message', ({ id, batch }: AuditReply) => {
      this.#waiting.get(id)?.resolve(JSON.parse(batch) as AuditBatch);
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
