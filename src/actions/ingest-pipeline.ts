// Batches of one file on their way into the store: taken apart (perhaps by another thread), kept in order, several in one write.
import type { LogFile } from '../model.ts';
import type { FileRow } from '../store/files.ts';
import type { Context } from './context.ts';
import { breath, stillAt } from './ingest-file.ts';
import { rebuildIncidents } from './incidents.ts';

/** What a batch tells beside its rows: the bytes of the file that are done with it. */
interface Consuming {
  readonly consumed: number;
}

/** Bytes that are written together: many small writes cost far more than few, and a page's write waits for one. */
const WRITE_BYTES = 8 * 1024 * 1024;
/** How often a service regroups incidents while much is read, so that pages see them. */
const REGROUP_MS = 3000;
/** When a store's incidents were regrouped last while reading. */
const regrouped = new WeakMap<Context['store'], number>();

/** A batch that was taken apart, opened when it is needed: until then it may be a text of another thread. */
export type Taken<Batch> = () => Batch;

/** A batch on its way: its bytes, and what the last of them are known by (see `tailOf`). */
interface Waiting<Taking> {
  readonly taken: Taking;
  readonly bytes: number;
  readonly tail: string | null;
}

/** The batches of one file; a class for what is on its way. */
export class Pipeline<Batch extends Consuming> {
  readonly #ctx: Context;
  readonly #log: LogFile;
  readonly #file: FileRow;
  readonly #store: (file: FileRow, batch: Batch) => void;
  readonly #inWork: Waiting<Promise<Taken<Batch>>>[] = [];
  #ready: Waiting<Taken<Batch>>[] = [];
  #readyBytes = 0;
  #kept: number;

  /** `store` writes one batch at the file's cursor and moves it; called inside a write. */
  constructor(ctx: Context, log: LogFile, file: FileRow, store: (file: FileRow, batch: Batch) => void) {
    this.#ctx = ctx;
    this.#log = log;
    this.#file = file;
    this.#store = store;
    this.#kept = file.cursor;
  }

  /** Bytes that were kept so far. */
  get done(): number {
    return this.#kept - this.#file.cursor;
  }

  /** Takes the next batch of the file, of so many bytes; false when another ingester was here. See `LogTexts.keepTail`. */
  async add(taken: Promise<Taken<Batch>>, bytes: number, tail: string | null): Promise<boolean> {
    // Awaited in `#collect`; a failure before that must not end the process.
    taken.catch(() => undefined);
    this.#inWork.push({ taken, bytes, tail });
    return this.#collect(this.#ctx.readAhead - 1);
  }

  /** Keeps all that is on its way; false as for `add`. */
  async finish(): Promise<boolean> {
    return (await this.#collect(0)) && this.#write();
  }

  async #collect(most: number): Promise<boolean> {
    while (this.#inWork.length > most) {
      const next = this.#inWork.shift();
      if (next === undefined) break;
      this.#ready.push({ ...next, taken: await next.taken });
      this.#readyBytes += next.bytes;
      if (this.#readyBytes >= WRITE_BYTES && !(await this.#written())) return false;
    }
    return true;
  }

  async #written(): Promise<boolean> {
    if (!this.#write()) return false;
    const { store } = this.#ctx;
    const now = Date.now();
    if (this.#ctx.isService && now - (regrouped.get(store) ?? 0) >= REGROUP_MS) {
      rebuildIncidents(this.#ctx, true);
      regrouped.set(store, Date.now());
    }
    await breath();
    return true;
  }

  #write(): boolean {
    if (this.#ready.length === 0) return true;
    const batches = this.#ready;
    this.#ready = [];
    this.#readyBytes = 0;
    return this.#ctx.store.write(() => {
      for (const { taken, tail } of batches) {
        const batch = taken();
        const file = stillAt(this.#ctx, this.#log, this.#file.id, this.#kept);
        if (file === null) return false;
        this.#store(file, batch);
        this.#ctx.store.texts.keepTail(file.id, tail);
        this.#kept += batch.consumed;
      }
      return true;
    });
  }
}
