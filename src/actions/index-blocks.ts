// Keeps the block indexes of the big access and error logs up to date, a part at a time, beside the reading of logs.
import { BlockBuilder } from '../host/block-builder.ts';
import { sweepIndexes } from '../host/block-sweep.ts';
import { ReadProblem } from '../host/problems.ts';
import { SearchFile } from '../host/search-file.ts';
import type { Host } from '../host/host.ts';
import type { Zone } from '../host/clock.ts';
import type { SearchLog } from '../model.ts';
import { lineTimeReader } from '../parse/line-time.ts';
import { lineClock } from './line-clock.ts';
import { isIndexed } from './search-order.ts';

/** Logs smaller than that have no index: reading them is quick. */
const LEAST_BYTES = 4 * 1024 * 1024;
const LEAST_PACKED = 256 * 1024;
/** Which logs there are is looked at once a minute, what is no log's index any more once an hour. */
const LIST_MS = 60_000;
const SWEEP_MS = 3_600_000;

interface Indexed {
  readonly builder: BlockBuilder;
  /** As it was listed last. */
  log: SearchLog;
  /** Bytes on disk when all of it was indexed; null while it is not. */
  doneAt: number | null;
}

/** Builds indexes step by step; keep one for a server. */
export class IndexKeeper {
  readonly #host: Host;
  readonly #folder: string;
  #logs = new Map<string, Indexed>();
  #listedAt = 0;
  #sweptAt = 0;

  constructor(host: Host, folder: string) {
    this.#host = host;
    this.#folder = folder;
  }

  /**
   * Indexes about `budget` bytes of text; gives how many were read, 0 when nothing is left to do. A log that cannot
   * be read has no index: searches say what is the matter with it.
   */
  async step(budget: number, zone: Zone): Promise<number> {
    this.#list(zone);
    let read = 0;
    for (const indexed of this.#logs.values()) {
      if (read >= budget) return read;
      if (indexed.doneAt === this.#sizeOf(indexed)) continue;
      read += await this.#stepOne(indexed, budget - read);
    }
    if (read === 0) await this.#sweep();
    return read;
  }

  close(): void {
    for (const { builder } of this.#logs.values()) builder.close();
    this.#logs.clear();
  }

  async #stepOne(indexed: Indexed, budget: number): Promise<number> {
    try {
      const size = this.#sizeOf(indexed);
      const { bytes, done } = await indexed.builder.step(budget);
      if (done) indexed.doneAt = size;
      return bytes;
    } catch (error) {
      if (!(error instanceof ReadProblem)) throw error;
      indexed.doneAt = this.#sizeOf(indexed);
      return 0;
    }
  }

  /** Bytes on disk now; -1 when it cannot be opened. */
  #sizeOf({ log }: Indexed): number {
    // Archives change once a day at most.
    if (log.compressed) return log.size;
    try {
      const open = this.#host.openSearchLog(log);
      open.close();
      return open.size;
    } catch {
      return -1;
    }
  }

  #list(zone: Zone): void {
    const now = Date.now();
    if (now - this.#listedAt < LIST_MS) return;
    this.#listedAt = now;
    const known = this.#logs;
    this.#logs = new Map();
    for (const log of this.#host.searchLogs()) {
      if (log.problem !== null || !isIndexed(log)) continue;
      if (log.size < (log.compressed ? LEAST_PACKED : LEAST_BYTES)) continue;
      const indexed = known.get(log.path) ?? this.#indexed(log, zone, now);
      indexed.log = log;
      this.#logs.set(log.path, indexed);
      known.delete(log.path);
    }
    for (const { builder } of known.values()) builder.close();
  }

  #indexed(log: SearchLog, zone: Zone, now: number): Indexed {
    const timeOf = lineTimeReader(log.kind, lineClock(zone, now));
    const kind = log.kind === 'access' ? 'access' : 'error';
    const builder = new BlockBuilder(this.#folder, {
      open: () => this.#host.openSearchLog(log),
      kind,
      timeOf,
    });
    return { builder, log, doneAt: null };
  }

  async #sweep(): Promise<void> {
    const now = Date.now();
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    const used = new Set<string>();
    for (const { log } of this.#logs.values()) {
      try {
        const file = new SearchFile(log, this.#host.openSearchLog(log));
        used.add((await file.fingerprint()).head);
        file.close();
      } catch (error) {
        if (!(error instanceof ReadProblem)) throw error;
      }
    }
    sweepIndexes(this.#folder, used);
  }
}
