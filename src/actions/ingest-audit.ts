// Audit records into transactions: values are looked at raw, then everything is masked and joined with what is kept.
import { maskAuditLine, maskHit, maskRequest, maskUri } from '../analyse/mask.ts';
import { findValues } from '../analyse/values.ts';
import type { EpochMs, LineRef, TransactionParts } from '../model.ts';
import { type AuditRecord, parseAuditRecord } from '../parse/audit-log.ts';
import { latin1Of } from '../parse/byte-lines.ts';
import type { FileRow } from '../store/files.ts';
import type { Context } from './context.ts';
import { saveMerged } from './ingest-error.ts';

/** Audit bytes to take apart: they begin at `place` and hold these records (see `splitAuditRecords`). */
export interface AuditJob {
  readonly bytes: Uint8Array;
  readonly place: LineRef;
  readonly records: readonly { readonly start: number; readonly end: number }[];
  /** Records that were given up when the bytes were split. */
  readonly skipped: number;
}

/** What stood in the bytes: plain data, so that a helper thread may make it. */
export interface AuditBatch {
  readonly parts: readonly TransactionParts[];
  /** Bytes that are done, from the job's start. */
  readonly consumed: number;
  readonly firstAt: EpochMs | null;
  readonly lastAt: EpochMs | null;
  readonly records: number;
  readonly refused: number;
  /** Records that were not understood: their places and masked beginnings. */
  readonly bad: readonly { readonly offset: number; readonly text: string }[];
}

/** Takes audit bytes apart into masked transactions; pure. `hash` is the context's keyed hash. */
export function readAuditBatch(job: AuditJob, hash: Context['hash']): AuditBatch {
  const { bytes, place, records, skipped } = job;
  const parts: TransactionParts[] = [];
  const bad: { offset: number; text: string }[] = [];
  for (const { start, end } of records) {
    const record = parseAuditRecord(bytes.subarray(start, end));
    const ref = { ...place, offset: place.offset + start };
    if (record !== null) parts.push(toParts(hash, record, ref));
    else
      bad.push({
        offset: ref.offset,
        text: latin1Of(bytes.subarray(start, Math.min(end, start + 300)))
          .split('\n')
          .map(maskAuditLine)
          .join('\n'),
      });
  }
  const times = parts.map((part) => part.at);
  return {
    parts,
    consumed: bytes.length,
    firstAt: times.length > 0 ? Math.min(...times) : null,
    lastAt: times.length > 0 ? Math.max(...times) : null,
    records: records.length,
    refused: bad.length + skipped,
    bad,
  };
}

/** Stores a batch that begins at the file's cursor and moves the cursor past it. Call inside `store.write`. */
export function storeAuditBatch(ctx: Context, file: FileRow, batch: AuditBatch): void {
  for (const { offset, text } of batch.bad) ctx.store.keepBadLine(file.id, offset, text);
  for (const parts of batch.parts) saveMerged(ctx, parts, () => file.id);
  ctx.store.advanceFile(file.id, {
    cursor: file.cursor + batch.consumed,
    firstAt: batch.firstAt,
    lastAt: batch.lastAt,
    lines: batch.records,
    refused: batch.refused,
  });
}

function toParts(hash: Context['hash'], record: AuditRecord, ref: LineRef): TransactionParts {
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
    auditHits: record.messages.map(({ hit, ambiguous }) => ({ ...maskHit(hit), ref, ambiguous })),
    request: maskRequest(request),
    findings,
    engineErrors: record.engineErrors.map((error) => ({
      ...error,
      text: maskUri(error.text.slice(0, 300)),
      refs: [ref],
    })),
    auditRef: ref,
    ambiguous: false,
  };
}
