// Transactions on their way into the database: everything that can be made ready without it, so that another thread may do so.
import type { TransactionParts } from '../model.ts';
import { type PackedHit, sharedText } from './codec.ts';

/** One transaction as some lines of a single file tell it; its JSON columns are ready. */
export interface PackedTransaction {
  readonly uniqueId: string;
  /** EpochMs, or WallMs where the log has no zone: the caller turns it before it is written. */
  readonly at: number;
  readonly client: string;
  readonly vhost: string | null;
  readonly path: string | null;
  readonly errorHits: readonly PackedHit[];
  readonly auditHits: readonly PackedHit[] | null;
  readonly request: string | null;
  readonly findings: string;
  readonly engineErrors: string;
  /** Where its audit record begins; null without one. */
  readonly auditOffset: number | null;
  readonly ambiguous: 0 | 1;
  /** As the columns of these names. */
  readonly ruleIds: string;
  readonly denied: 0 | 1;
}

/** Transactions with the texts that their hits share. */
export interface PackedBatch {
  readonly texts: readonly string[];
  readonly transactions: readonly PackedTransaction[];
}

/** Makes transactions ready, all of them told by one file. */
export function packTransactions(parts: readonly TransactionParts[]): PackedBatch {
  const texts = new Map<string, number>();
  const pack = (hits: TransactionParts['errorHits']): PackedHit[] =>
    hits.map((hit) => {
      const shared = sharedText(hit);
      let text = texts.get(shared);
      if (text === undefined) {
        text = texts.size;
        texts.set(shared, text);
      }
      const rest = `${JSON.stringify(hit.target)},${JSON.stringify(hit.data)}`;
      return [text, rest, hit.ref.offset, hit.ambiguous ? 1 : 0];
    });
  const transactions = parts.map((one) => ({
    uniqueId: one.uniqueId,
    at: one.at,
    client: one.client,
    vhost: one.vhost,
    path: one.path,
    errorHits: pack(one.errorHits),
    auditHits: one.auditHits === null ? null : pack(one.auditHits),
    request: one.request === null ? null : JSON.stringify(one.request),
    findings: one.findings.length === 0 ? '[]' : JSON.stringify(one.findings),
    engineErrors: one.engineErrors.length === 0 ? '[]' : JSON.stringify(one.engineErrors),
    auditOffset: one.auditRef?.offset ?? null,
    ambiguous: one.ambiguous ? (1 as const) : (0 as const),
    ...outlineOf(one),
  }));
  return { texts: [...texts.keys()], transactions };
}

/** The columns that grouping into incidents reads. */
export function outlineOf(parts: TransactionParts): { ruleIds: string; denied: 0 | 1 } {
  const hits = parts.auditHits === null ? parts.errorHits : [...parts.errorHits, ...parts.auditHits];
  const ruleIds =
    hits.length === 1 ? [hits[0]?.ruleId ?? ''] : [...new Set(hits.map((hit) => hit.ruleId))].sort();
  return { ruleIds: ruleIds.join(' '), denied: hits.some((hit) => hit.action === 'denied') ? 1 : 0 };
}
