// Log lines that a user pasted, as transactions: for what this server's logs no longer hold.
import { maskHit, maskUri } from '../analyse/mask.ts';
import { toTransaction } from '../analyse/merge.ts';
import { findValues } from '../analyse/values.ts';
import type { Transaction } from '../model.ts';
import { parseErrorLogLine } from '../parse/error-log.ts';
import type { Context } from './context.ts';
import { asLatin1 } from './pasted-line.ts';
import type { ServerClock } from './server.ts';

/** Name of the place of a pasted line; its offset is the line's number from 0. */
export const PASTED = 'as pasted';
/** Stands in where the person pasting has cut the client's address out. */
const NOBODY = '0.0.0.0';
const CLIENT = /\[client [^\]]{0,60}\]/g;

/** A pasted line's transaction, and whether this server's logs hold the same unique_id. */
export interface PastedTransactions {
  readonly transactions: readonly Transaction[];
  /** Lines that no reader of ModSecurity lines understood, e.g. of other logs. */
  readonly others: readonly string[];
}

/**
 * Reads pasted lines; those that are ModSecurity's become transactions with the source `mail`, one a unique_id (one
 * a line where it was cut out). `offsetMinutes` is the mail's own offset, when it names one.
 */
export function readPasted(
  ctx: Context,
  clock: ServerClock,
  lines: readonly string[],
  offsetMinutes: number | null,
): PastedTransactions {
  const found = new Map<string, Transaction>();
  const others: string[] = [];
  for (const [index, line] of lines.entries()) {
    const transaction = toPasted({ ctx, clock, offsetMinutes }, line, index);
    if (transaction === null) others.push(line);
    else {
      const known = found.get(transaction.uniqueId);
      found.set(transaction.uniqueId, known === undefined ? transaction : joined(known, transaction));
    }
  }
  return { transactions: [...found.values()].sort((a, b) => a.at - b.at), others };
}

function joined(a: Transaction, b: Transaction): Transaction {
  return {
    ...a,
    at: Math.min(a.at, b.at),
    hits: [...a.hits, ...b.hits],
    findings: [...a.findings, ...b.findings],
  };
}

interface Paste {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly offsetMinutes: number | null;
}

function toPasted({ ctx, clock, offsetMinutes }: Paste, line: string, index: number): Transaction | null {
  const latin1 = asLatin1(line);
  const entry = parseErrorLogLine(latin1) ?? parseErrorLogLine(latin1.replace(CLIENT, `[client ${NOBODY}]`));
  if (entry === null || (entry.hit === null && entry.engineError === null)) return null;
  const at =
    offsetMinutes === null ? clock.zone.wallToEpoch(entry.wallAt) : entry.wallAt - offsetMinutes * 60_000;
  const ref = { file: PASTED, offset: index };
  const hits = entry.hit === null ? [] : [entry.hit];
  const transaction = toTransaction({
    uniqueId: entry.uniqueId ?? `pasted-${index + 1}`,
    at,
    client: entry.client,
    vhost: entry.hostname === null ? null : maskUri(entry.hostname),
    path: entry.uri === null ? null : maskUri(entry.uri),
    errorHits: hits.map((hit) => ({ ...maskHit(hit), ref, ambiguous: entry.ambiguous })),
    auditHits: null,
    request: null,
    findings: findValues(
      { path: entry.uri, method: null, args: [], headers: [], uri: entry.uri, hits },
      ctx.hash,
    ),
    engineErrors: entry.engineError === null ? [] : [{ ...entry.engineError, refs: [ref] }],
    auditRef: null,
    ambiguous: entry.ambiguous,
  });
  return {
    ...transaction,
    sources: ['mail'],
    hits: transaction.hits.map((hit) => ({ ...hit, sources: ['mail'] })),
  };
}
