// From evidence to the verdict: label, sub-label, the answer as a sentence, and what would decide an unclear case.
import type { Evidence, Verdict } from '../model.ts';
import { combine, type Combination } from './combine.ts';
import { missingSources, type Grade, type SourcesAtHand } from './grade.ts';
import type { ClientKind } from './proxies.ts';
import { joinAnd, joinOr } from './sentences.ts';
import { STRONG_FLOOR, STRONG_ITEMS, THRESHOLDS } from './weights.ts';

/** What the words of a verdict need besides the evidence. */
export interface VerdictFacts {
  readonly grade: Grade;
  readonly errorLogOnly: boolean;
  readonly client: ClientKind;
  /** The first sentence about a proxy: whose it is. */
  readonly shared?: string | null;
  /** True when another incident of the same address and program within a day holds a veto. */
  readonly dayVeto?: boolean;
  readonly has?: SourcesAtHand;
  /** Number of different vhosts with flagged requests. */
  readonly vhosts?: number;
  /** The site most flagged requests went to. */
  readonly site?: string | null;
  /** Grammar families in what was sent, most frequent first. */
  readonly families?: readonly string[];
  /** Name of the tool it gave itself. */
  readonly tool?: string | null;
}

/**
 * Judges one incident. Deterministic: the order of the evidence does not matter. An address of the server itself or
 * of a shared proxy gets no verdict on a visitor. A mail alone, or an error log alone, never gives a false alarm,
 * and at most "very likely" for an attack.
 */
export function judge(evidence: readonly Evidence[], facts: VerdictFacts): Verdict {
  const ids = new Set(evidence.filter((item) => item.status === 'present').map((item) => item.id));
  const sum = combine([...ids].sort());
  if (facts.client !== 'normal') return notAVisitor(facts.client, sum, facts.shared ?? null);
  const held = isPoor(ids, facts) || facts.dayVeto === true;
  const label = sum.label === 'false-positive' && held ? 'unclear' : sum.label;
  const base = { label, logOdds: sum.logOdds, groups: sum.groups };
  if (label === 'attack') {
    const sub = subLabel(ids, facts);
    return { ...base, sub, words: attackWords(sub, isCertain(ids, sum, facts), facts), wouldDecide: null };
  }
  if (label === 'false-positive') {
    return { ...base, sub: null, words: falseAlarmWords(ids, sum), wouldDecide: null };
  }
  return {
    ...base,
    sub: null,
    words: unclearWords(ids, sum, facts),
    wouldDecide: wouldDecide(ids, sum, facts),
  };
}

/**
 * Whether the sources cannot prove innocence: a mail or an error log alone; and without an access log, which would show
 * guessed passwords and probes that no rule reacted to, unless the admin vouches for the address.
 */
function isPoor(ids: ReadonlySet<string>, { grade, errorLogOnly }: VerdictFacts): boolean {
  return grade === 'D' || errorLogOnly || (grade === 'C' && !ids.has('C8'));
}

/**
 * Beyond doubt only where no missing log could hold what speaks against it: next to a strong item such evidence lowers
 * the sum by a bounded amount, and without one by any.
 */
function isCertain(ids: ReadonlySet<string>, sum: Combination, facts: VerdictFacts): boolean {
  if (facts.grade === 'D' || facts.errorLogOnly) return false;
  if (missingLogs(facts).length === 0) return sum.strong;
  const isStrong = [...STRONG_ITEMS].some((id) => ids.has(id));
  return isStrong && sum.logOdds + STRONG_FLOOR >= THRESHOLDS.attackStrong;
}

function missingLogs({ has }: VerdictFacts): string[] {
  if (has === undefined) return [];
  const logs: string[] = [];
  if (!has.errorLog && !has.auditLog) logs.push('error_log');
  if (!has.auditLog) logs.push('audit log');
  if (!has.accessLog) logs.push('access log');
  return logs;
}

function notAVisitor(client: 'local' | 'proxy', sum: Combination, shared: string | null): Verdict {
  const local = client === 'local';
  return {
    label: local ? 'local' : 'not-attributable',
    sub: null,
    logOdds: sum.logOdds,
    groups: sum.groups,
    words: local
      ? 'These requests came from the server itself. Do not block it; look at the program that sends them.'
      : `${shared ?? 'This address is a proxy that many visitors share.'} Do not block it; let Apache see the address behind it.`,
    wouldDecide: local ? null : "the visitor's own address: mod_remoteip with this proxy trusted",
  };
}

const SUB_LABELS: readonly (readonly [string, readonly string[]])[] = [
  ['login attack', ['R7', 'R7b']],
  ['named tool', ['C1']],
  ['campaign', ['X2']],
  ['scanner', ['P1', 'P1b', 'R1b', 'R2', 'R3b', 'R4', 'R5']],
];

/** The first kind of attack that fits. */
function subLabel(ids: ReadonlySet<string>, facts: VerdictFacts): string {
  for (const [sub, items] of SUB_LABELS) {
    if (items.some((id) => ids.has(id))) return sub;
  }
  const aimed = (ids.has('Y1b') || ids.has('Y3')) && (facts.vhosts ?? 1) === 1;
  return aimed ? 'targeted' : 'hostile request';
}

const LEAVE_THE_BLOCK = ' Leave the block in place.';

/** The same verdict without what it says about a block: for an address that is not blocked, and for one of several visitors. */
export function withoutBlockAdvice(verdict: Verdict): Verdict {
  return { ...verdict, words: verdict.words.replace(LEAVE_THE_BLOCK, '') };
}

function attackWords(sub: string, strong: boolean, facts: VerdictFacts): string {
  const logs = missingLogs(facts);
  const end = `${attacker(sub, facts)}.${LEAVE_THE_BLOCK}`;
  if (strong) return `Almost certainly ${end}`;
  return logs.length === 0 ? `Very likely ${end}` : `Without the ${joinAnd(logs)}: very likely ${end}`;
}

function attacker(sub: string, facts: VerdictFacts): string {
  if (sub === 'scanner') return 'a scanner, not a customer';
  if (sub === 'named tool')
    return facts.tool == null
      ? 'an attack tool, not a customer'
      : `an attack tool (${facts.tool}), not a customer`;
  if (sub === 'campaign') return 'part of a wider attack on many sites';
  if (sub === 'targeted') return `a targeted attack${facts.site == null ? '' : ` on ${facts.site}`}`;
  return sub === 'login attack' ? 'a login attack' : 'an attack: what it asked for is hostile';
}

function falseAlarmWords(ids: ReadonlySet<string>, sum: Combination): string {
  const sure = sum.strong ? 'Very probably' : 'Probably';
  if (ids.has('Y7'))
    return `${sure} a false alarm: the rule looked at the site's answer. Fix the rule, then unblock.`;
  if (ids.has('C7') || ids.has('C8'))
    return `${sure} a false alarm: a known client was stopped. Fix the rule, then unblock.`;
  if (ids.has('H2') || ids.has('O4'))
    return `${sure} a false alarm: somebody who had logged in was stopped. Fix the rule, then unblock.`;
  return `${sure} a false alarm: an ordinary visitor was stopped. Fix the rule, then unblock.`;
}

const PERSON = ['H1', 'H2', 'H4', 'O4'];
const PROGRAM = ['P1', 'P1b', 'P2', 'C2', 'C3', 'C4', 'H4x'];
const WEAK_VETO = ['Y1c', 'Y6'];

function unclearWords(ids: ReadonlySet<string>, sum: Combination, facts: VerdictFacts): string {
  const has = (list: readonly string[]): boolean => list.some((id) => ids.has(id));
  if (facts.dayVeto === true && sum.label === 'false-positive')
    return 'Cannot be decided: this looks like an ordinary visitor, but the same address sent something else within a day that does not.';
  if ((sum.hostile || has(WEAK_VETO)) && has(PERSON)) return personWords(ids, facts);
  if (facts.grade === 'D') return mailOnlyWords(has(PROGRAM), facts.has?.logsCover === true);
  if (sum.hostile) return hostileWords(ids, facts);
  if (ids.has('Y1c'))
    return 'Cannot be decided: it saved code in a field that authors use, and no login is in the logs.';
  if (ids.has('Y6')) return 'Cannot be decided: a rule reacted to a text that nothing here explains.';
  if (has(PROGRAM))
    return 'Scripted, but nothing hostile in what it asked. Is it a monitor or a program of yours?';
  if (facts.errorLogOnly)
    return 'Cannot be decided: nothing clearly hostile, and an error_log alone cannot show an ordinary visitor.';
  if (facts.grade === 'C')
    return 'Cannot be decided: nothing clearly hostile, and no access log shows how it browsed.';
  return 'Cannot be decided: nothing clearly hostile, and nothing that only an ordinary visitor would do.';
}

function mailOnlyWords(program: boolean, covered: boolean): string {
  if (covered) {
    const proved = program ? 'the mail proves a script' : 'the mail does not say what was asked for';
    return `Cannot be decided: ${proved}, and this server's logs hold none of its requests.`;
  }
  return program
    ? 'Cannot be decided: the mail proves a script, but the logs that say what it wanted are gone.'
    : 'Cannot be decided: only the mail is left, and it does not say what was asked for.';
}

const TRICKS: ReadonlyMap<string, string> = new Map([
  ['sqli', 'an SQL trick'],
  ['xss', 'a script trick'],
  ['lfi', 'a trick to read files'],
  ['rce', 'a trick to run commands'],
  ['php', 'a PHP trick'],
  ['java', 'a Java trick'],
  ['exploit', 'a published exploit'],
]);

function trick(facts: VerdictFacts): string {
  return TRICKS.get(facts.families?.[0] ?? '') ?? 'written to attack';
}

function personWords(ids: ReadonlySet<string>, facts: VerdictFacts): string {
  if (ids.has('Y1') || ids.has('Y1b'))
    return `Looks like a person, but the text is ${trick(facts)}: a tester or a targeted try.`;
  if (ids.has('R1') || ids.has('R1b'))
    return 'Browsed like a person, but asked for an address that no page links to.';
  if (ids.has('Y1c')) return 'Looks like a person who saved code in a page, but no login is in the logs.';
  if (ids.has('Y6')) return 'Looks like a person, but a rule reacted to a text that nothing here explains.';
  return 'Looks like a person, but some of what it did is hostile: one address may hold several people.';
}

function hostileWords(ids: ReadonlySet<string>, facts: VerdictFacts): string {
  if (ids.has('Y1') || ids.has('Y1b'))
    return `Cannot be decided: the text is ${trick(facts)}, but it came once and alone.`;
  return 'Cannot be decided: some of it is hostile, but too little for an attack.';
}

function wouldDecide(ids: ReadonlySet<string>, sum: Combination, facts: VerdictFacts): string | null {
  const wanted: string[] = [];
  const site = facts.site ?? 'the site';
  if (ids.has('Y1c')) {
    wanted.push(
      `a login POST from this address in the log of ${site}`,
      `your own knowledge of who edits ${site}`,
    );
  }
  if (!sum.hostile && PROGRAM.some((id) => ids.has(id))) {
    wanted.push('your own knowledge of the program: mark the client as known');
  }
  if (facts.has !== undefined) wanted.push(...missingSources(facts.has));
  else if (facts.grade !== 'A') wanted.push('the logs that are missing');
  if (facts.dayVeto === true) wanted.push('the other incidents of this address within a day');
  if (wanted.length === 0 && sum.veto)
    wanted.push(`a word with the owner of ${site}: who sent this text, and why`);
  if (wanted.length === 0)
    wanted.push('a login or more page views by this address', 'the same rule stopping other visitors');
  return joinOr(wanted);
}
