// Transactions on their way into the database: everything that can be made ready without it, so that another thread may do so.
import type { LineRef, PlacedHit, RuleHit, TransactionParts } from '../model.ts';
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

/** A masked hit with its place in the file that is read. The same hit may come as the same object many times. */
export interface FileHit {
  readonly hit: RuleHit;
  readonly offset: number;
  readonly ambiguous: boolean;
}

/** A transaction as one file tells it. */
export interface FileTransaction extends Omit<TransactionParts, 'errorHits' | 'auditHits'> {
  readonly errorHits: readonly FileHit[];
  readonly auditHits: readonly FileHit[] | null;
}

/** Makes transactions ready, all of them told by one file. */
export function packTransactions(told: readonly FileTransaction[]): PackedBatch {
  const texts = new Map<string, number>();
  const pack = ({ hit, offset, ambiguous }: FileHit): PackedHit => {
    const { shared, rest } = readyHit(hit);
    let text = texts.get(shared);
    if (text === undefined) {
      text = texts.size;
      texts.set(shared, text);
    }
    return [text, rest, offset, ambiguous ? 1 : 0];
  };
  const transactions = told.map((one) => ({
    uniqueId: one.uniqueId,
    at: one.at,
    client: one.client,
    vhost: one.vhost,
    path: one.path,
    errorHits: one.errorHits.map(pack),
    auditHits: one.auditHits === null ? null : one.auditHits.map(pack),
    request: one.request === null ? null : JSON.stringify(one.request),
    findings: one.findings.length === 0 ? '[]' : JSON.stringify(one.findings),
    engineErrors: one.engineErrors.length === 0 ? '[]' : JSON.stringify(one.engineErrors),
    auditOffset: one.auditRef?.offset ?? null,
    ambiguous: one.ambiguous ? (1 as const) : (0 as const),
    ...outlineOf([...one.errorHits, ...(one.auditHits ?? [])].map(({ hit }) => hit)),
  }));
  return { texts: [...texts.keys()], transactions };
}

const ready = new WeakMap<RuleHit, { readonly shared: string; readonly rest: string }>();

/** What of a hit is the same wherever it stands. */
function readyHit(hit: RuleHit): { readonly shared: string; readonly rest: string } {
  const before = ready.get(hit);
  if (before !== undefined) return before;
  const made = { shared: sharedText(hit), rest: `${JSON.stringify(hit.target)},${JSON.stringify(hit.data)}` };
  ready.set(hit, made);
  return made;
}

/** The same with the whole place of every hit, to be merged with what is kept. */
export function partsOf(told: FileTransaction, place: LineRef): TransactionParts {
  const placed = ({ hit, offset, ambiguous }: FileHit): PlacedHit => ({
    ...hit,
    ref: { ...place, offset },
    ambiguous,
  });
  const { errorHits, auditHits } = told;
  return {
    ...told,
    errorHits: errorHits.map(placed),
    auditHits: auditHits === null ? null : auditHits.map(placed),
  };
}

/** The columns that grouping into incidents reads. */
export function outlineOf(hits: readonly RuleHit[]): { ruleIds: string; denied: 0 | 1 } {
  const ids = hits.map((hit) => hit.ruleId);
  const ruleIds = ids.length < 2 ? ids : [...new Set(ids)].sort();
  return { ruleIds: ruleIds.join(' '), denied: hits.some((hit) => hit.action === 'denied') ? 1 : 0 };
}
