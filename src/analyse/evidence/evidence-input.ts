// What every evidence item is computed from, and the features several items share.
import type { EpochMs, LineRef, Transaction } from '../../model.ts';
import type { AddressFacts } from '../../model-evidence.ts';
import type { AccessContext } from '../access-context.ts';
import type { SourcesAtHand } from '../grade.ts';
import { distinctFlagged } from '../distinct-flagged.ts';
import type { CrossFacts } from '../others.ts';
import { SERVICE_LABELS } from '../patterns/clients.ts';

export interface EvidenceInput {
  /** The incident, of one client. */
  readonly transactions: readonly Transaction[];
  /** Access-log lines around it; null when no access log was read. */
  readonly context: AccessContext | null;
  /** Whether the access logs cover the incident's time. */
  readonly contextCovered: boolean;
  /** Access lines of the 24 hours before it too, for logins; null where none was looked for. */
  readonly lookBack: AccessContext | null;
  /** The same client's transactions of 24 hours, the incident's among them or not. */
  readonly day: readonly Transaction[];
  /** The cPanel account that owns a vhost; null when unknown. */
  readonly accounts: (vhost: string) => string | null;
  /** Whether a vhost is the server's own name, its default vhost or a parked name. */
  readonly isBareServer: (vhost: string | null) => boolean;
  /** Whether a domain, or one below it, is served here. */
  readonly knownVhost: (name: string) => boolean;
  readonly has: SourcesAtHand;
  /** What is known of the address beyond its requests. */
  readonly facts: AddressFacts;
  /** Servername of the vhost that a host name belongs to; empty for names that nobody here owns. */
  readonly causeVhost: (host: string | null) => string;
  /** Authors that an earlier judgement knew from logs that are not read again. */
  readonly keptAuthors?: readonly { readonly app: string; readonly site: string }[];
  /** What the requests of others tell; null while they were not looked at. */
  readonly cross: CrossFacts | null;
  /** Whether other clients get 200 on this path; left out when not known. */
  readonly othersGet200?: (path: string) => boolean;
}

/** Nothing is known: no source could tell. */
export const NO_FACTS: AddressFacts = {
  logins: null,
  caught: null,
  listings: null,
  known: [],
  reverse: { state: 'unknown', name: null, at: null },
  lfdName: null,
};

const MAX_LINES = 20;

/** The incident's transactions with a rule hit, each once, in time order. */
export function flagged(input: EvidenceInput): readonly Transaction[] {
  const known = flaggedOf.get(input);
  if (known !== undefined) return known;
  const distinct = distinctFlagged(input.transactions);
  flaggedOf.set(input, distinct);
  return distinct;
}

// The same input goes through every item; these only save the work of computing a feature again.
const flaggedOf = new WeakMap<EvidenceInput, readonly Transaction[]>();
const dayOf = new WeakMap<EvidenceInput, readonly Transaction[]>();

/** Incident and day together, each transaction once, in time order. */
export function flaggedInDay(input: EvidenceInput): readonly Transaction[] {
  const known = dayOf.get(input);
  if (known !== undefined) return known;
  const distinct = distinctFlagged([...input.transactions, ...input.day]);
  dayOf.set(input, distinct);
  return distinct;
}

/** Time of the first refused request (the first one with a hit when none was refused). */
export function firstBlock(input: EvidenceInput): EpochMs {
  const all = flagged(input);
  return (all.find(isDenied) ?? all[0])?.at ?? 0;
}

/** Whether ModSecurity refused the request. */
export function isDenied(transaction: Transaction): boolean {
  return transaction.hits.some((hit) => hit.action === 'denied');
}

/** One place a transaction, at most 20. */
export function linesOf(transactions: readonly Transaction[]): LineRef[] {
  const lines: LineRef[] = [];
  for (const transaction of transactions) {
    const ref = transaction.hits.find((hit) => hit.refs.length > 0)?.refs[0] ?? transaction.auditRef;
    if (ref !== null) lines.push(ref);
    if (lines.length >= MAX_LINES) break;
  }
  return lines;
}

/** Request target as far as a log shows it: with query from the audit record, else the path. */
export function targetOf(transaction: Transaction): string | null {
  return transaction.request?.uri ?? transaction.path;
}

/** The site a vhost belongs to: its account, else the name without a service label (`webmail.` …). */
export function siteOf(input: EvidenceInput, vhost: string): string {
  const account = input.accounts(vhost);
  if (account !== null) return `account ${account}`;
  const domain = serviceDomain(vhost);
  if (domain === null) return vhost;
  const owner = input.accounts(domain);
  return owner === null ? domain : `account ${owner}`;
}

/** `webmail.example.com` gives `example.com`; null when the first label is no service of a cPanel server. */
export function serviceDomain(vhost: string): string | null {
  const dot = vhost.indexOf('.');
  return dot > 0 && SERVICE_LABELS.has(vhost.slice(0, dot)) ? vhost.slice(dot + 1) : null;
}
