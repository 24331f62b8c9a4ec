// Audit records into transactions: values are looked at raw, then everything is masked and joined with what is kept.
import { maskHit, maskRequest, maskUri } from '../analyse/mask.ts';
import { findValues } from '../analyse/values.ts';
import type { EpochMs, LineRef, TransactionParts } from '../model.ts';
import { type AuditRecord, parseAuditRecord, splitAuditRecords } from '../parse/audit-log.ts';
import type { FileRow } from '../store/files.ts';
import type { Context } from './context.ts';
import { saveMerged } from './ingest-error.ts';

/**
 * Stores the whole records in `bytes`, which begin at the file's cursor, and moves the cursor past them.
 * Gives the number of bytes done. Call inside `store.write`.
 */
export function storeAuditRecords(ctx: Context, file: FileRow, bytes: Buffer, atEnd: boolean): number {
  const place = ctx.store.place(file.id, 0) ?? { file: file.path, offset: 0 };
  const split = splitAuditRecords(bytes, atEnd);
  let firstAt: EpochMs | null = null;
  let lastAt: EpochMs | null = null;
  let refused = 0;
  for (const { start, end } of split.records) {
    const record = parseAuditRecord(bytes.subarray(start, end));
    if (record === null) {
      refused++;
      ctx.store.keepBadLine(
        file.id,
        file.cursor + start,
        maskUri(bytes.toString('latin1', start, Math.min(end, start + 300))),
      );
      continue;
    }
    firstAt = Math.min(firstAt ?? record.at, record.at);
    lastAt = Math.max(lastAt ?? record.at, record.at);
    saveMerged(ctx, toParts(ctx, record, { ...place, offset: file.cursor + start }), () => file.id);
  }
  ctx.store.advanceFile(file.id, {
    cursor: file.cursor + split.consumed,
    firstAt,
    lastAt,
    lines: split.records.length,
    refused: refused + split.skipped,
  });
  return split.consumed;
}

function toParts(ctx: Context, record: AuditRecord, ref: LineRef): TransactionParts {
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
    ctx.hash,
  );
  return {
    uniqueId: record.uniqueId,
    at: record.at,
    client: record.client,
    vhost: request.host?.toLowerCase().replace(/:\d+$/, '') ?? null,
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
