// Where a log was read up to: its row in the store, whatever its file is called now. Shared by all that ingest.
import { beginsWith } from '../host/read.ts';
import type { EpochMs, LogFile } from '../model.ts';
import { type FileRow, HEAD_BYTES } from '../store/files.ts';
import type { Context } from './context.ts';

/** A place in a file that a batch of lines or records ends at. */
export interface Progress {
  readonly file: FileRow;
  readonly end: number;
  /** When the file last changed, for times without a year. */
  readonly changedAt: EpochMs;
}

/** Logs in the order they were written, as far as their last change tells it. */
export function oldestFirst(logs: readonly LogFile[]): LogFile[] {
  return [...logs].sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1));
}

/** An archive does not grow: once read to its end, its size and time are enough to pass it over. */
export function isFinished(ctx: Context, log: LogFile): boolean {
  const stamp = stampOf(log);
  return (
    log.compressed && ctx.store.files(log.kind).some((row) => row.path === log.path && row.done === stamp)
  );
}

/** Marks an archive as read to its end; nothing for a plain log. */
export function finish(ctx: Context, log: LogFile, file: FileRow): void {
  if (!log.compressed) return;
  ctx.store.write(() => {
    ctx.store.finishFile(file.id, stampOf(log));
  });
}

function stampOf(log: LogFile): string {
  return `${log.size}:${log.mtimeMs}`;
}

/** The store's row of a log file; null for an empty file that was never read. */
export async function openFile(ctx: Context, log: LogFile): Promise<FileRow | null> {
  const print = await ctx.host.fingerprint(log);
  if (print.headLength === 0) return null;
  const known = ctx.store
    .files(log.kind)
    .find((row) => row.path === log.path && row.headLength === HEAD_BYTES && row.fingerprint === print.head);
  if (known !== undefined) return known;
  const head = await firstBytes(ctx.host, log, HEAD_BYTES);
  const { kind, path } = log;
  const found = { kind, path, fingerprint: print.head, headLength: print.headLength };
  const begins = (fingerprint: string): boolean => beginsWith(head, fingerprint);
  return ctx.store.write(() => ctx.store.claimFile({ ...found, begins }));
}

/** The first bytes of a log's unpacked text, at most `limit`. */
export async function firstBytes(host: Context['host'], log: LogFile, limit: number): Promise<Buffer> {
  for await (const chunk of host.readChunks(log, 0, limit)) return chunk.bytes;
  return Buffer.alloc(0);
}

/** Lets messages of a helper thread in between two batches: promises alone would keep them waiting. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** The file's row read inside the write lock; null when its cursor has moved since the batch was read. */
export function stillAt(ctx: Context, log: LogFile, id: number, cursor: number): FileRow | null {
  const row = ctx.store.files(log.kind).find((file) => file.id === id);
  return row?.cursor === cursor ? row : null;
}
