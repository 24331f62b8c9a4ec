// One case as the evidence wants it: what is known of the address, its requests and its access lines.
import type { AccessContext } from '../analyse/access-context.ts';
import { NO_FACTS, type EvidenceInput } from '../analyse/evidence/evidence-input.ts';
import type { CrossFacts } from '../analyse/others.ts';
import type { AddressFacts } from '../model-evidence.ts';
import type { Transaction } from '../model.ts';
import type { VhostIndex } from './vhosts.ts';

/** What one judgement rests on. */
export interface Case {
  readonly client: string;
  readonly transactions: readonly Transaction[];
  readonly day: readonly Transaction[];
  readonly context: AccessContext | null;
  readonly lookBack?: AccessContext | null;
  readonly has: EvidenceInput['has'];
  readonly facts?: AddressFacts;
  readonly cross?: CrossFacts | null;
  readonly keptAuthors?: EvidenceInput['keptAuthors'];
  /** Paths that others get without a login. */
  readonly open?: ReadonlySet<string>;
}

/** The input of the evidence items. */
export function inputOf(vhosts: VhostIndex, one: Case): EvidenceInput {
  return {
    transactions: one.transactions,
    context: one.context,
    contextCovered: one.context?.covered === true,
    lookBack: one.lookBack ?? null,
    day: one.day,
    accounts: (vhost) => vhosts.account(vhost),
    isBareServer: (vhost) => vhosts.isBareServer(vhost),
    knownVhost: (name) => vhosts.isKnown(name),
    causeVhost: (host) => causeVhost(vhosts, host),
    has: one.has,
    facts: one.facts ?? NO_FACTS,
    cross: one.cross ?? null,
    keptAuthors: one.keptAuthors ?? [],
    othersGet200: (path) => one.open?.has(path) === true,
  };
}

/** Servername of the vhost that a host name belongs to; empty for names that nobody here owns. */
export function causeVhost(vhosts: VhostIndex, host: string | null): string {
  return host === null ? '' : (vhosts.vhostOf(host) ?? '');
}

/** The vhosts that serve these host names; the shared access log is always read beside them. */
export function vhostsNamed(vhosts: VhostIndex, names: readonly string[]): string[] {
  return [...new Set(names.map((name) => vhosts.vhostOf(name) ?? name))];
}

/** Which logs tell of these transactions. */
export function sourcesOf(
  transactions: readonly Transaction[],
  context: AccessContext | null,
): EvidenceInput['has'] {
  const from = (kind: string): boolean =>
    transactions.some((one) => (one.sources as readonly string[]).includes(kind));
  // Rows of WHM's hits list come from error_log and say as much of the rules.
  const errorLog = from('error_log') || from('hits_db');
  const auditLog = from('audit_log');
  return {
    errorLog,
    auditLog,
    accessLog: context !== null && (context.covered || context.total > 0),
    mailOnly: !errorLog && !auditLog,
  };
}
