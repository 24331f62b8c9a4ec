// Reads what is new in the logs into the store: cursor and rows in one commit, so that a kill at any byte or a
// second ingester changes nothing.
import type { EpochMs, LogFile } from '../model.ts';
import { type FileRow, HEAD_BYTES } from '../store/files.ts';
import type { Context } from './context.ts';
import { decideAmbiguous } from './decide-ambiguous.ts';
import { storeAuditRecords } from './ingest-audit.ts';
import { storeErrorLines } from './ingest-error.ts';
import { storeLfdLines } from './ingest-lfd.ts';
import { rebuildIncidents } from './incidents.ts';
import type { ServerClock } from './server.ts';

/** What one run read. */
export interface IngestReport {
  readonly bytes: number;
  readonly files: number;
  /** Sources that could not be read, with the problem. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

/** A place in a file that a batch of lines or records ends at. */
export interface Progress {
  readonly file: FileRow;
  readonly end: number;
  /** When the file last changed, for times without a year. */
  readonly changedAt: EpochMs;
}

/** Stops between two batches when it says so. */
export type ShouldStop = () => boolean;

/**
 * Reads all that was added to error_log, audit log and lfd.log since the last run, oldest files first. Safe to run
 * twice or several at once: every batch is kept only when the cursor still stands where the batch began.
 */
export async function ingest(
  ctx: Context,
  clock: ServerClock,
  shouldStop: ShouldStop = () => false,
): Promise<IngestReport> {
  let bytes = 0;
  let files = 0;
  const problems: { path: string; problem: string }[] = [];
  for (const kind of ['error_log', 'audit_log', 'lfd_log'] as const) {
    for (const log of oldestFirst(ctx.host.logs(kind))) {
      if (shouldStop()) break;
      if (log.problem !== null) {
        problems.push({ path: log.path, problem: log.problem });
        continue;
      }
      const read = await ingestFile({ ctx, clock, shouldStop }, log);
      bytes += read;
      files += read > 0 ? 1 : 0;
    }
  }
  decideAmbiguous(ctx);
  rebuildIncidents(ctx);
  return { bytes, files, problems };
}

function oldestFirst(logs: readonly LogFile[]): LogFile[] {
  return [...logs].sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1));
}

/** What every step of one run needs. */
interface Run {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly shouldStop: ShouldStop;
}

async function ingestFile(run: Run, log: LogFile): Promise<number> {
  const file = await openFile(run.ctx, log);
  if (file === null || (!log.compressed && log.size <= file.cursor)) return 0;
  return log.kind === 'audit_log' ? readRecords(run, log, file) : readLines(run, log, file);
}

/** The store's row of a log file; null for an empty file that was never read. */
async function openFile(ctx: Context, log: LogFile): Promise<FileRow | null> {
  const print = await ctx.host.fingerprint(log);
  if (print.headLength === 0) return null;
  const known = ctx.store
    .files(log.kind)
    .find((row) => row.path === log.path && row.head.length === HEAD_BYTES && row.fingerprint === print.head);
  if (known !== undefined) return known;
  const head = await firstBytes(ctx.host, log, HEAD_BYTES);
  const found = { kind: log.kind, path: log.path, head, fingerprint: print.head };
  return ctx.store.write(() => ctx.store.claimFile(found));
}

/** The first bytes of a log's unpacked text, at most `limit`. */
export async function firstBytes(host: Context['host'], log: LogFile, limit: number): Promise<Buffer> {
  for await (const chunk of host.readChunks(log, 0, limit)) return chunk.bytes;
  return Buffer.alloc(0);
}

async function readLines(run: Run, log: LogFile, file: FileRow): Promise<number> {
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
    // Another ingester was here: it has these lines, so this one leaves the file to it.
    if (!kept) return cursor - file.cursor;
    cursor = end;
    if (shouldStop()) break;
  }
  return cursor - file.cursor;
}

/** The file's row read inside the write lock; null when its cursor has moved since the batch was read. */
function stillAt(ctx: Context, log: LogFile, id: number, cursor: number): FileRow | null {
  const row = ctx.store.files(log.kind).find((file) => file.id === id);
  return row?.cursor === cursor ? row : null;
}

const AUDIT_BUFFER = 96 * 1024 * 1024;

async function readRecords({ ctx, shouldStop }: Run, log: LogFile, file: FileRow): Promise<number> {
  let cursor = file.cursor;
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of ctx.host.readChunks(log, cursor)) {
    pending = pending.length === 0 ? chunk.bytes : Buffer.concat([pending, chunk.bytes]);
    const done = storeBatch(ctx, log, file.id, {
      cursor,
      bytes: pending,
      atEnd: pending.length > AUDIT_BUFFER,
    });
    if (done === null) return cursor - file.cursor;
    cursor += done;
    pending = pending.subarray(done);
    if (shouldStop()) return cursor - file.cursor;
  }
  // A rotated file gets no more bytes: what is unfinished in it stays unfinished.
  if (log.rotated && pending.length > 0) {
    const done = storeBatch(ctx, log, file.id, { cursor, bytes: pending, atEnd: true });
    cursor += done ?? 0;
  }
  return cursor - file.cursor;
}

interface AuditBytes {
  readonly cursor: number;
  readonly bytes: Buffer;
  readonly atEnd: boolean;
}

/** Stores the whole records in the bytes; gives how many bytes are done, null when another ingester was here. */
function storeBatch(ctx: Context, log: LogFile, id: number, batch: AuditBytes): number | null {
  return ctx.store.write(() => {
    const now = stillAt(ctx, log, id, batch.cursor);
    return now === null ? null : storeAuditRecords(ctx, now, batch.bytes, batch.atEnd);
  });
}
