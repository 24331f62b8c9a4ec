// The values with a finding that count for one client: its transactions of a day and the access lines around them.
import type { AccessHit, EpochMs, LineRef, Transaction, ValueFinding } from '../../model.ts';
import { pathOf, type AccessContext } from '../access-context.ts';
import { normalizeValue, urlDecode } from '../decode.ts';
import { MASK } from '../secrets.ts';
import { findAccessValues } from '../values.ts';
import { flaggedInDay, linesOf, type EvidenceInput } from './evidence-input.ts';

/** A finding with the lines it stands in. */
export interface Content {
  readonly finding: ValueFinding;
  readonly vhost: string | null;
  readonly at: EpochMs;
  readonly lines: readonly LineRef[];
}

const dayContents = new WeakMap<EvidenceInput, readonly Content[]>();
const contentOf = new WeakMap<EvidenceInput, readonly Content[]>();
const accessFindings = new WeakMap<AccessContext, readonly { hit: AccessHit; findings: ValueFinding[] }[]>();

/** The findings of the day's transactions. */
export function contentsOfDay(input: EvidenceInput): readonly Content[] {
  const known = dayContents.get(input);
  if (known !== undefined) return known;
  const all = flaggedInDay(input).flatMap((transaction) => {
    const { vhost, at } = transaction;
    const lines = linesOf([transaction]);
    return onePerField(transaction).map((finding) => ({ finding, vhost, at, lines }));
  });
  dayContents.set(input, all);
  return all;
}

/** All findings that count, in time order per source. Computed once for an input. */
export function contents(input: EvidenceInput): readonly Content[] {
  const known = contentOf.get(input);
  if (known !== undefined) return known;
  const all = [...contentsOfDay(input)];
  const seen = requestKeys(flaggedInDay(input));
  for (const { hit, findings } of findingsOf(input.context)) {
    if (seen.has(lineKey(hit.uri, hit.at))) continue;
    for (const finding of findings) all.push({ finding, vhost: hit.vhost, at: hit.at, lines: [hit.ref] });
  }
  contentOf.set(input, all);
  return all;
}

/**
 * Without an audit record the findings come line by line, and rules log transformed copies of one value: of each
 * field the longest with grammar counts, else those nothing explains, else the longest.
 */
function onePerField(transaction: Transaction): readonly ValueFinding[] {
  if (transaction.request !== null || transaction.findings.length < 2) return transaction.findings;
  const byField = new Map<string, ValueFinding>();
  for (const finding of transaction.findings) {
    const key = fieldKey(finding);
    const other = byField.get(key);
    if (other === undefined || tells(finding, other)) byField.set(key, finding);
  }
  return [...byField.values()];
}

function tells(finding: ValueFinding, other: ValueFinding): boolean {
  const rank = ({ grammar, explained }: ValueFinding): number => (grammar.length > 0 ? 2 : explained ? 0 : 1);
  const more = rank(finding) - rank(other);
  if (more !== 0) return more > 0;
  return finding.length > other.length || (finding.length === other.length && finding.hash < other.hash);
}

function fieldKey(finding: ValueFinding): string {
  return finding.field.toLowerCase().replace(/^args_(?:get|post):/, 'args:');
}

function findingsOf(context: AccessContext | null): readonly { hit: AccessHit; findings: ValueFinding[] }[] {
  if (context === null) return [];
  const known = accessFindings.get(context);
  if (known !== undefined) return known;
  const found: { hit: AccessHit; findings: ValueFinding[] }[] = [];
  for (const hit of context.hits) {
    const findings = findAccessValues(hit.uri);
    if (findings.length > 0) found.push({ hit, findings });
  }
  accessFindings.set(context, found);
  return found;
}

/**
 * The access line of a transaction shows the same values again, and rules may have logged them in another spelling:
 * lines of the same path and second are left out. Apache stamps a line with the request's start.
 */
function requestKeys(transactions: readonly Transaction[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const transaction of transactions) {
    if (transaction.findings.length === 0) continue;
    const uri = transaction.request?.uri ?? transaction.path ?? '';
    for (const shift of [-1000, 0, 1000]) keys.add(lineKey(uri, transaction.at + shift));
  }
  return keys;
}

function lineKey(uri: string, at: number): string {
  return `${Math.floor(at / 1000)} ${urlDecode(pathOf(uri))}`;
}

/** Different (field, value) pairs: copies that only differ in case, blanks or backslashes are one. */
export function distinctValues(list: readonly Content[]): readonly Content[] {
  const byKey = new Map<string, Content>();
  for (const content of list) {
    const { excerpt, hash } = content.finding;
    const text = excerpt.includes(MASK) ? hash : normalizeValue(excerpt);
    const key = `${fieldKey(content.finding)} ${text}`;
    if (!byKey.has(key)) byKey.set(key, content);
  }
  return [...byKey.values()];
}

/** Whether any line shows what was sent: a hit beyond the rules that only add up, an audit record, or access lines. */
export function isContentSeen(input: EvidenceInput): boolean {
  if ((input.context?.hits.length ?? 0) > 0) return true;
  return flaggedInDay(input).some(
    (transaction) =>
      transaction.request !== null || transaction.hits.some((hit) => hit.data !== null && hit.data !== ''),
  );
}
