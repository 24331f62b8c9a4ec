// Audit records into transactions: values are looked at raw, then everything is masked and joined with what is kept.
import { maskAuditLine, maskHit, maskRequest, maskUri } from '../analyse/mask.ts';
import { unionErrors } from '../analyse/merge.ts';
import { findValues } from '../analyse/values.ts';
import type { EpochMs, LineRef, TransactionParts } from '../model.ts';
import { parseAuditJson } from '../parse/audit-json.ts';
import { type AuditRecord, parseAuditRecord } from '../parse/audit-log.ts';
import type { AuditPiece } from '../parse/audit-split.ts';
import { latin1Of } from '../parse/byte-lines.ts';
import { parseAuditV3 } from '../parse/audit-v3.ts';
import type { FileRow } from '../store/files.ts';
import { type FileTransaction, packTransactions, type PackedBatch, partsOf } from '../store/packed.ts';
import type { Context } from './context.ts';
import { storePacked } from './ingest-error.ts';
import type { ServerClock } from './server.ts';

/** Audit bytes to take apart, here or in another thread. */
export interface AuditJob {
  readonly kind: 'audit';
  readonly form: 'native' | 'native3' | 'json';
  readonly bytes: Uint8Array;
  /** Where they begin: the file, its head, the offset. */
  readonly place: LineRef;
  /** The records in them, as `splitAuditRecords` gives them; of JSON the lines. */
  readonly records: readonly AuditPiece[];
  /** Bytes of the file that are done with this job; more than `bytes` where the middle of a long record was left out. */
  readonly consumed: number;
  /** Records that were given up when the bytes were split. */
  readonly skipped: number;
}

/** What stood in the bytes. */
export interface AuditBatch {
  readonly packed: PackedBatch;
  readonly consumed: number;
  /** Indices of transactions whose time is the server's local time without zone. */
  readonly walls: readonly number[];
  readonly records: number;
  readonly refused: number;
  /** Records that were not understood: their places and masked beginnings. */
  readonly bad: readonly { readonly offset: number; readonly text: string }[];
}

const MOST_BAD = 20;

/** Takes audit bytes apart into masked transactions; pure. `hash` is the context's keyed hash. */
export function readAuditBatch(job: Omit<AuditJob, 'kind'>, hash: Context['hash']): AuditBatch {
  const { bytes, place, records, consumed, skipped } = job;
  const parts: FileTransaction[] = [];
  const bad: { offset: number; text: string }[] = [];
  let refused = skipped;
  const walls: number[] = [];
  for (const piece of records) {
    const raw = bytesOf(bytes, piece);
    const record = readRecord(raw, job.form);
    const ref = { ...place, offset: place.offset + piece.start };
    if (record !== null) {
      if (record.atWall !== undefined) walls.push(parts.length);
      parts.push(told(hash, record, ref));
      continue;
    }
    refused++;
    if (bad.length < MOST_BAD) bad.push({ offset: ref.offset, text: beginningOf(raw) });
  }
  return {
    packed: packTransactions(parts),
    consumed,
    walls,
    records: records.length,
    refused,
    bad,
  };
}

/** One record by itself: the bytes of a whole file, or one line of JSON. */
export function readRecord(raw: Uint8Array, form: AuditJob['form']): AuditRecord | null {
  if (form === 'json') return parseAuditJson(latin1Of(raw));
  return form === 'native3' ? parseAuditV3(raw) : parseAuditRecord(raw);
}

function bytesOf(bytes: Uint8Array, { start, end, pieces }: AuditPiece): Uint8Array {
  if (pieces === undefined) return bytes.subarray(start, end);
  return Buffer.concat(pieces.map(([from, to]) => bytes.subarray(from, to)));
}

function beginningOf(raw: Uint8Array): string {
  return latin1Of(raw.subarray(0, 300)).split('\n').map(maskAuditLine).join('\n');
}

/** Stores a batch that begins at the file's cursor and moves the cursor past it. Call inside `store.write`. */
export function storeAuditBatch(ctx: Context, clock: ServerClock, file: FileRow, batch: AuditBatch): void {
  const walls = new Set(batch.walls);
  const transactions = batch.packed.transactions.map((one, index) =>
    walls.has(index) ? { ...one, at: clock.zone.wallToEpoch(one.at) } : one,
  );
  for (const { offset, text } of batch.bad) ctx.store.keepBadLine(file.id, offset, text);
  storePacked(ctx, file.id, { texts: batch.packed.texts, transactions });
  ctx.store.advanceFile(file.id, {
    cursor: file.cursor + batch.consumed,
    ...spanOf(transactions.map(({ at }) => at)),
    lines: batch.records,
    refused: batch.refused,
  });
}

function spanOf(times: readonly EpochMs[]): { firstAt: EpochMs | null; lastAt: EpochMs | null } {
  if (times.length === 0) return { firstAt: null, lastAt: null };
  return {
    firstAt: times.reduce((a, b) => Math.min(a, b)),
    lastAt: times.reduce((a, b) => Math.max(a, b)),
  };
}

/** What one record tells, masked; `ref` is where it begins. */
export function auditParts(hash: Context['hash'], record: AuditRecord, ref: LineRef): TransactionParts {
  return partsOf(told(hash, record, ref), ref);
}

function told(hash: Context['hash'], record: AuditRecord, ref: LineRef): FileTransaction {
  const { request } = record;
  const path = request.uri === null ? null : request.uri.replace(/[?#].*$/s, '');
  const findings = findValues(
    {
      path,
      method: request.method,
      args: record.args,
      headers: record.headers,
      uri: request.uri,
      hits: record.messages.map((message) => message.hit),
    },
    hash,
  );
  return {
    uniqueId: record.uniqueId,
    at: record.at,
    client: record.client,
    vhost: request.host === null ? null : maskUri(request.host.toLowerCase().replace(/:\d+$/, '')),
    path: path === null ? null : maskUri(path),
    errorHits: [],
    // All Messages of a record stand at its place; the index keeps them apart and in order.
    auditHits: record.messages.map(({ hit, ambiguous }) => ({
      hit: maskHit(hit),
      offset: ref.offset,
      ambiguous,
    })),
    request: maskRequest(request),
    findings,
    engineErrors: unionErrors(
      record.engineErrors.map((error) => ({
        ...error,
        text: maskUri(error.text.slice(0, 300)),
        refs: [ref],
      })),
      [],
    ),
    auditRef: ref,
    ambiguous: false,
  };
}
