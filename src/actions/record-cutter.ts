// Audit bytes as they come, cut into jobs of whole records in bounded memory.
import type { LineRef, LogFile } from '../model.ts';
import { NATIVE } from '../parse/audit-boundary.ts';
import { LongRecord } from '../parse/audit-long.ts';
import { splitAuditRecords } from '../parse/audit-split.ts';
import { V3 } from '../parse/audit-v3-boundary.ts';
import type { FileRow } from '../store/files.ts';
import type { AuditJob } from './ingest-audit.ts';
import { isSettled } from './ingest-file.ts';

/** Bytes that are looked at together. */
const BATCH = 1024 * 1024;
/** An unfinished record of more bytes is followed piece by piece. */
const LONG = 4 * 1024 * 1024;
/** A record that another one interrupts may go on for so long. */
const FRESH_MS = 60_000;

/** A file of whole records, and how it writes them. */
export interface RecordRead {
  readonly log: LogFile;
  readonly file: FileRow;
  readonly form: 'native' | 'native3';
}

/** Cuts one file; a class for the bytes that wait. */
export class RecordCutter {
  readonly #read: RecordRead;
  readonly #place: LineRef;
  #begin: number;
  #pieces: Buffer[] = [];
  #waiting = 0;
  #long: LongRecord | null = null;

  /** `place`: of the file. */
  constructor(place: LineRef, read: RecordRead) {
    this.#place = place;
    this.#read = read;
    this.#begin = read.file.cursor;
  }

  /** Takes the next bytes; gives the jobs that they make whole. */
  *add(bytes: Buffer): Generator<AuditJob> {
    if (this.#long !== null) {
      yield* this.#follow(this.#long, bytes);
      return;
    }
    this.#wait(bytes);
    if (this.#waiting >= BATCH) yield* this.#split(false);
  }

  /** Gives what is left; in a text that nothing more comes to an unfinished record at its end is given up. */
  *end(): Generator<AuditJob> {
    const isWhole = isSettled(this.#read.log);
    if (this.#long === null) {
      yield* this.#split(isWhole);
      return;
    }
    if (!isWhole) return;
    const { used } = this.#long;
    this.#long = null;
    yield this.#job({ bytes: Buffer.alloc(0), records: [], consumed: used, skipped: 1 });
  }

  #wait(bytes: Buffer): void {
    if (bytes.length > 0) this.#pieces.push(bytes);
    this.#waiting += bytes.length;
  }

  *#split(atEnd: boolean): Generator<AuditJob> {
    const bytes =
      this.#pieces.length === 1 ? (this.#pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pieces);
    const isFresh = Date.now() - this.#read.log.mtimeMs < FRESH_MS;
    const { records, consumed, skipped } = splitAuditRecords(bytes, { atEnd, isFresh, form: this.#form });
    // A copy: the memory of the job is handed over.
    const rest = Buffer.from(bytes.subarray(consumed));
    this.#pieces = [];
    this.#waiting = 0;
    if (consumed > 0) yield this.#job({ bytes: bytes.subarray(0, consumed), records, consumed, skipped });
    if (rest.length <= LONG || atEnd) {
      this.#wait(rest);
      return;
    }
    this.#long = new LongRecord(this.#form);
    yield* this.#follow(this.#long, rest);
  }

  /** A long record goes on; behind its end everything is as before. */
  *#follow(long: LongRecord, bytes: Buffer): Generator<AuditJob> {
    const state = long.feed(bytes);
    if (state === 'open') return;
    this.#long = null;
    const record = long.bytes();
    const whole = state === 'whole';
    yield this.#job({
      bytes: record,
      records: whole ? [{ start: 0, end: record.length }] : [],
      consumed: long.used,
      skipped: whole ? 0 : 1,
    });
    yield* this.add(Buffer.from(long.unused));
  }

  #job(part: Pick<AuditJob, 'bytes' | 'records' | 'consumed' | 'skipped'>): AuditJob {
    const place = { ...this.#place, offset: this.#begin };
    this.#begin += part.consumed;
    return { kind: 'audit', form: this.#read.form, place, ...part };
  }

  get #form() {
    return this.#read.form === 'native3' ? V3 : NATIVE;
  }
}
