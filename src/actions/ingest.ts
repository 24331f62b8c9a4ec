// Reads what is new in the logs into the store: cursor and rows in one commit, so that a kill at any byte or a
// second ingester changes nothing.
import type { LogFile } from '../model.ts';
import { splitAuditRecords } from '../parse/audit-log.ts';
import type { FileRow } from '../store/files.ts';
import type { Context } from './context.ts';
import { decideAmbiguous } from './decide-ambiguous.ts';
import { type AuditBatch, storeAuditBatch } from './ingest-audit.ts';
import { storeErrorLines } from './ingest-error.ts';
import { breath, finish, isFinished, oldestFirst, openFile, stillAt } from './ingest-file.ts';
import { storeLfdLines } from './ingest-lfd.ts';
import { ingestLogins } from './ingest-logins.ts';
import { rebuildIncidents } from './incidents.ts';
import type { ServerClock } from './server.ts';

/** What one run read. */
export interface IngestReport {
  readonly bytes: number;
  readonly files: number;
  /** Sources that could not be read, with the problem. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

/** Stops between two batches when it says so. */
export type ShouldStop = () => boolean;

/**
 * Reads all that was added to error_log, audit log, lfd.log and the logs of logins since the last run, oldest files
 * first. Safe to run twice or several at once: every batch is kept only when the cursor still stands where the batch began.
 */
export async function ingest(
  ctx: Context,
  clock: ServerClock,
  shouldStop: ShouldStop = () => false,
): Promise<IngestReport> {
  const run = { ctx, clock, shouldStop };
  // Side by side: while one log is being waited for, the other goes on.
  const parts = await Promise.all(
    (['error_log', 'audit_log', 'lfd_log'] as const).map((kind) => ingestKind(run, kind)),
  );
  decideAmbiguous(ctx);
  rebuildIncidents(ctx);
  parts.push(await ingestLogins(ctx, clock.zone, shouldStop));
  return {
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    files: parts.reduce((sum, part) => sum + part.files, 0),
    problems: parts.flatMap((part) => part.problems),
  };
}

async function ingestKind(run: Run, kind: 'error_log' | 'audit_log' | 'lfd_log'): Promise<IngestReport> {
  let bytes = 0;
  let files = 0;
  const problems: { path: string; problem: string }[] = [];
  for (const log of oldestFirst(run.ctx.host.logs(kind))) {
    if (run.shouldStop()) break;
    if (log.problem !== null) {
      problems.push({ path: log.path, problem: log.problem });
      continue;
    }
    const read = await ingestFile(run, log);
    bytes += read;
    files += read > 0 ? 1 : 0;
  }
  return { bytes, files, problems };
}

/** What every step of one run needs. */
interface Run {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly shouldStop: ShouldStop;
}

/** What a read of one file did; `overtaken` when another ingester moved the cursor meanwhile. */
interface FileRead {
  readonly bytes: number;
  readonly overtaken: boolean;
}

/** Reads one file to its end: whoever asked must not be answered from half of it, even when another reads it too. */
async function ingestFile(run: Run, log: LogFile): Promise<number> {
  if (isFinished(run.ctx, log)) return 0;
  let bytes = 0;
  for (;;) {
    const file = await openFile(run.ctx, log);
    if (file === null || (!log.compressed && log.size <= file.cursor)) return bytes;
    const read = await (log.kind === 'audit_log' ? readRecords(run, log, file) : readLines(run, log, file));
    bytes += read.bytes;
    if (!read.overtaken || run.shouldStop()) {
      if (!read.overtaken && !run.shouldStop()) finish(run.ctx, log, file);
      return bytes;
    }
  }
}

async function readLines(run: Run, log: LogFile, file: FileRow): Promise<FileRead> {
  const { ctx, clock, shouldStop } = run;
  let cursor = file.cursor;
  const store = log.kind === 'lfd_log' ? storeLfdLines : storeErrorLines;
  for await (const batch of ctx.host.readLines(log, cursor)) {
    const end = batch.next;
    if (end === cursor) break;
    const kept = ctx.store.write(() => {
      const now = stillAt(ctx, log, file.id, cursor);
      if (now === null) return false;
      store(ctx, clock, { file: now, end, changedAt: log.mtimeMs }, batch.lines);
      return true;
    });
    if (!kept) return { bytes: cursor - file.cursor, overtaken: true };
    cursor = end;
    await breath();
    if (shouldStop()) break;
  }
  return { bytes: cursor - file.cursor, overtaken: false };
}

/** Audit bytes that are looked at together (more where several batches may be in work), and the most that an unfinished record may pile up. */
const AUDIT_BATCH = 1024 * 1024;
const AUDIT_BUFFER = 96 * 1024 * 1024;

async function readRecords(run: Run, log: LogFile, file: FileRow): Promise<FileRead> {
  const batches = new AuditBatches(run.ctx, log, file);
  for await (const chunk of run.ctx.host.readChunks(log, file.cursor)) {
    batches.add(chunk.bytes);
    if (
      batches.waiting >= run.ctx.auditAhead * AUDIT_BATCH &&
      !(await batches.next(batches.waiting > AUDIT_BUFFER))
    ) {
      return { bytes: batches.done, overtaken: true };
    }
    if (run.shouldStop()) break;
  }
  // A rotated file gets no more bytes: what is unfinished in it stays unfinished.
  const isWhole = await batches.finish(log.rotated);
  return { bytes: batches.done, overtaken: !isWhole };
}

/** Audit bytes on their way into the store: cut at whole records, taken apart (perhaps by a helper thread), kept in order. */
class AuditBatches {
  readonly #ctx: Context;
  readonly #log: LogFile;
  readonly #file: FileRow;
  /** Where the bytes that wait begin, and up to where batches are kept. */
  #begin: number;
  #kept: number;
  #pending: Buffer = Buffer.alloc(0);
  readonly #inWork: Promise<AuditBatch>[] = [];

  constructor(ctx: Context, log: LogFile, file: FileRow) {
    this.#ctx = ctx;
    this.#log = log;
    this.#file = file;
    this.#begin = file.cursor;
    this.#kept = file.cursor;
  }

  get waiting(): number {
    return this.#pending.length;
  }

  get done(): number {
    return this.#kept - this.#file.cursor;
  }

  add(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
  }

  /** Sends the whole records that wait to be taken apart; false when another ingester was here. */
  async next(atEnd: boolean): Promise<boolean> {
    const { records, consumed, skipped } = splitAuditRecords(this.#pending, atEnd);
    if (consumed > 0) {
      const known = this.#ctx.store.place(this.#file.id, this.#begin);
      const place = known ?? { file: this.#log.path, offset: this.#begin };
      const bytes = this.#pending.subarray(0, consumed);
      this.#inWork.push(this.#ctx.readAudit({ bytes, place, records, skipped }));
      this.#begin += consumed;
      this.#pending = this.#pending.subarray(consumed);
    }
    return this.#keep(this.#ctx.auditAhead - 1);
  }

  /** Keeps all that waits; with `atEnd` an abandoned record at the end is given up. False as for `next`. */
  async finish(atEnd: boolean): Promise<boolean> {
    return (await this.next(atEnd)) && this.#keep(0);
  }

  /** Keeps the oldest batches until at most `most` are in work. */
  async #keep(most: number): Promise<boolean> {
    while (this.#inWork.length > most) {
      const batch = await this.#inWork.shift();
      if (batch !== undefined && !this.#store(batch)) return false;
    }
    return true;
  }

  #store(batch: AuditBatch): boolean {
    return this.#ctx.store.write(() => {
      const now = stillAt(this.#ctx, this.#log, this.#file.id, this.#kept);
      if (now === null) return false;
      storeAuditBatch(this.#ctx, now, batch);
      this.#kept += batch.consumed;
      return true;
    });
  }
}
