// One text of a log from its cursor on, by the form that it has: taken apart, kept, the cursor moved.
import { tailOf } from '../host/known-bytes.ts';
import type { LogLine } from '../host/read-lines.ts';
import type { LineRef, LogFile } from '../model.ts';
import { auditForm } from '../parse/audit-form.ts';
import type { AuditPiece } from '../parse/audit-split.ts';
import type { FileRow } from '../store/files.ts';
import type { Context } from './context.ts';
import { type AuditBatch, type AuditJob, storeAuditBatch } from './ingest-audit.ts';
import { storeIndexLines } from './ingest-index.ts';
import { type ErrorBatch, longLineBatch, storeErrorBatch } from './ingest-error.ts';
import { breath, firstBytes, type Progress, stillAt, type TextRead } from './ingest-file.ts';
import { storeLfdLines } from './ingest-lfd.ts';
import { Pipeline } from './ingest-pipeline.ts';
import { RecordCutter, type RecordRead } from './record-cutter.ts';
import type { ServerClock } from './server.ts';
/** Stops between two batches when it says so. */
export type ShouldStop = () => boolean;

/** What every step of one run needs. */
export interface Run {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly shouldStop: ShouldStop;
  readonly progress: Progression;
}

/** Reads what is new in one text of a log, in the form that it has. */
export async function readText(run: Run, log: LogFile, file: FileRow): Promise<TextRead> {
  if (log.kind === 'lfd_log') return readLfdLines(run, log, file);
  if (log.kind === 'error_log') return readErrorLines(run, log, file);
  const form = auditForm(await firstBytes(run.ctx.host, log, FORM_BYTES));
  if (form === 'json') return readJsonLines(run, log, file);
  if (form === 'index') return readIndexLines(run, log, file);
  return readRecords(run, { log, file, form: form ?? 'native' });
}

/** Enough to tell the form of an audit log. */
const FORM_BYTES = 16_384;

async function readLfdLines(run: Run, log: LogFile, file: FileRow): Promise<TextRead> {
  return readByLines(run, log, file, (progress, lines) => {
    storeLfdLines(run.ctx, run.clock, progress, lines);
  });
}

/** A small log, line by line. */
async function readByLines(
  { ctx, shouldStop }: Run,
  log: LogFile,
  file: FileRow,
  store: (progress: Progress, lines: readonly LogLine[]) => void,
): Promise<TextRead> {
  let cursor = file.cursor;
  for await (const batch of ctx.host.readLines(log, cursor)) {
    const end = batch.next;
    if (end === cursor) break;
    const kept = ctx.store.write(() => {
      const now = stillAt(ctx, log, file.id, cursor);
      if (now === null) return false;
      store({ file: now, end, changedAt: log.mtimeMs }, batch.lines);
      ctx.store.texts.keepTail(file.id, batch.tail);
      return true;
    });
    if (!kept) return { bytes: cursor - file.cursor, overtaken: true };
    cursor = end;
    await breath();
    if (shouldStop()) break;
  }
  return { bytes: cursor - file.cursor, overtaken: false };
}

async function readErrorLines(run: Run, log: LogFile, file: FileRow): Promise<TextRead> {
  const { ctx, clock, shouldStop, progress } = run;
  const pipeline = new Pipeline<ErrorBatch>(ctx, log, file, (now, batch) => {
    storeErrorBatch(ctx, clock, now, batch);
    progress.done(batch.consumed);
  });
  const origin = placeOf(ctx, log, file);
  for await (const { offset, bytes, next, long } of ctx.host.readBlocks(log, file.cursor, LONGEST_LINE)) {
    const place = { ...origin, offset };
    // Before the bytes are handed over to whoever takes them apart.
    const tail = long ? null : tailOf(bytes);
    const batch = long
      ? Promise.resolve(() => longLineBatch(bytes, offset, next - offset))
      : ctx.readError({ kind: 'error', bytes, place });
    if (!(await pipeline.add(batch, next - offset, tail))) return { bytes: pipeline.done, overtaken: true };
    if (shouldStop()) break;
  }
  const isWhole = await pipeline.finish();
  return { bytes: pipeline.done, overtaken: !isWhole };
}

/** ModSecurity cuts its messages at a thousand bytes; nothing that an error log writes on purpose is nearly as long. */
const LONGEST_LINE = 1024 * 1024;

async function readJsonLines(run: Run, log: LogFile, file: FileRow): Promise<TextRead> {
  const { ctx, shouldStop } = run;
  const pipeline = auditPipeline(run, log, file);
  const origin = placeOf(ctx, log, file);
  for await (const { offset, bytes, next, long } of ctx.host.readBlocks(log, file.cursor, LONGEST_RECORD)) {
    const job = {
      kind: 'audit',
      form: 'json',
      place: { ...origin, offset },
      consumed: next - offset,
    } as const;
    const tail = long ? null : tailOf(bytes);
    const batch = ctx.readAudit(
      long
        ? { ...job, bytes, records: [], skipped: 1 }
        : { ...job, bytes, records: jsonLines(bytes), skipped: 0 },
    );
    if (!(await pipeline.add(batch, next - offset, tail))) return { bytes: pipeline.done, overtaken: true };
    if (shouldStop()) break;
  }
  const isWhole = await pipeline.finish();
  return { bytes: pipeline.done, overtaken: !isWhole };
}

/** The lines of a block that are not empty. */
function jsonLines(bytes: Buffer): AuditPiece[] {
  const lines: AuditPiece[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    if (end > start) lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

/** A record of JSON holds a whole body. */
const LONGEST_RECORD = 4 * 1024 * 1024;

async function readRecords(run: Run, read: RecordRead): Promise<TextRead> {
  const { ctx, shouldStop } = run;
  const { log, file } = read;
  const pipeline = auditPipeline(run, log, file);
  const cutter = new RecordCutter(placeOf(ctx, log, file), read);
  for await (const { bytes } of ctx.host.readChunks(log, file.cursor)) {
    for (const job of cutter.add(bytes))
      if (!(await addRecords(ctx, pipeline, job))) return { bytes: pipeline.done, overtaken: true };
    if (shouldStop()) break;
  }
  // A rotated file gets no more bytes: what is unfinished in it stays unfinished.
  for (const job of shouldStop() ? [] : cutter.end())
    if (!(await addRecords(ctx, pipeline, job))) return { bytes: pipeline.done, overtaken: true };
  const isWhole = await pipeline.finish();
  return { bytes: pipeline.done, overtaken: !isWhole };
}

/** Hands a job over to be taken apart; false as for `Pipeline.add`. */
function addRecords(ctx: Context, pipeline: Pipeline<AuditBatch>, job: AuditJob): Promise<boolean> {
  const tail = job.consumed === job.bytes.length ? tailOf(job.bytes) : null;
  return pipeline.add(ctx.readAudit(job), job.consumed, tail);
}

function auditPipeline({ ctx, clock, progress }: Run, log: LogFile, file: FileRow): Pipeline<AuditBatch> {
  return new Pipeline<AuditBatch>(ctx, log, file, (now, batch) => {
    storeAuditBatch(ctx, clock, now, batch);
    progress.done(batch.consumed);
  });
}

/** The index of single audit files names them, and tells nothing else. */
async function readIndexLines(run: Run, log: LogFile, file: FileRow): Promise<TextRead> {
  return readByLines(run, log, file, (progress, lines) => {
    storeIndexLines(run.ctx, progress, lines);
  });
}

/** What the places in a file have in common. */
function placeOf(ctx: Context, log: LogFile, file: FileRow): LineRef {
  return ctx.store.place(file.id, 0) ?? { file: log.path, offset: 0 };
}

/** Counts down what is left to be read; a class for the count. */
export class Progression {
  #left: number;
  readonly #tell: (bytesLeft: number) => void;

  constructor(bytes: number, tell: (bytesLeft: number) => void) {
    this.#tell = tell;
    this.#left = bytes;
    tell(bytes);
  }

  done(bytes: number): void {
    this.#left = Math.max(0, this.#left - bytes);
    this.#tell(this.#left);
  }
}
