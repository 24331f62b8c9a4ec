// A helper thread for a first start: takes lines and records apart while the main thread reads on and writes.
import { Worker } from 'node:worker_threads';
import type { Taken } from './actions/ingest-pipeline.ts';
import { type AuditJob, readAuditBatch } from './actions/ingest-audit.ts';
import { type ErrorJob, readErrorBatch } from './actions/ingest-error.ts';
import { giveBack } from './host/read-blocks.ts';

/** Less than this is done faster than a thread is started. */
const WORTH_A_THREAD = 3 * 1024 * 1024;
// As in the service: a small young generation is collected before it piles up.
const LIMITS = { maxOldGenerationSizeMb: 72, maxYoungGenerationSizeMb: 6 };

type Job = ErrorJob | AuditJob;

/** What goes to the thread, and what comes back with the memory of the job. */
export interface ReadAsk {
  readonly id: number;
  readonly job: Job;
}

export interface ReadReply {
  readonly id: number;
  readonly batch: string;
  readonly memory: ArrayBufferLike;
}

/** Takes a job apart. */
export function readJob(job: Job, hash: (value: string) => string): unknown {
  return job.kind === 'error' ? readErrorBatch(job, hash) : readAuditBatch(job, hash);
}

/** Memory of its own is handed over, small memory may be shared with others and is copied. */
const OWN_MEMORY = 512 * 1024;

/** The memory of a job, where it can be handed over. */
export function memoryOf({ bytes }: Job): ArrayBuffer[] {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength >= OWN_MEMORY ? [buffer] : [];
}

/** Takes a job apart in this thread. */
export function takenHere<Batch>(job: Job, hash: (value: string) => string): Taken<Batch> {
  const batch = readJob(job, hash) as Batch;
  giveBack(job.bytes.buffer);
  return () => batch;
}

/** Does jobs here while little has come, else in a thread that is started then. */
export class ReadHelper {
  readonly #key: string;
  readonly #hash: (value: string) => string;
  readonly #waiting = new Map<number, { resolve: (batch: string) => void; reject: (error: Error) => void }>();
  #worker: Worker | null = null;
  #next = 1;
  #seen = 0;

  /** `key` makes the thread's keyed hash the same as `hash`. */
  constructor(key: string, hash: (value: string) => string) {
    this.#key = key;
    this.#hash = hash;
  }

  /**
   * Takes a job apart; rejects only when the thread dies. The job's bytes are gone afterwards. What comes back is opened when
   * it is needed: until then it takes little memory.
   */
  async read<Batch>(job: Job): Promise<Taken<Batch>> {
    this.#seen += job.bytes.length;
    if (this.#worker === null && this.#seen < WORTH_A_THREAD) return takenHere<Batch>(job, this.#hash);
    const worker = this.#worker ?? this.#start();
    const id = this.#next++;
    const text = await new Promise<string>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // An idle thread must not keep the process alive, a busy one must.
      worker.ref();
      worker.postMessage({ id, job } satisfies ReadAsk, memoryOf(job));
    });
    return () => JSON.parse(text) as Batch;
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
    worker.on('message', ({ id, batch, memory }: ReadReply) => {
      giveBack(memory);
      this.#waiting.get(id)?.resolve(batch);
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
