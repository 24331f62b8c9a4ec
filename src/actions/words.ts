// The sentences of an explanation: what happened, the three answers, the text for a ticket.
import { count, joinAnd } from '../analyse/sentences.ts';
import { onlyAddsUp } from '../analyse/score.ts';
import { decisiveRow } from './decisive-row.ts';
import type { Evidence, Transaction, Verdict } from '../model.ts';
import type { Answer, BlockView, IncidentView, Ledger } from './explanation.ts';
import { isDenied } from './incidents.ts';
import { readableTime } from './iso-time.ts';

/** One sentence of what an incident was, for the list: what it asked for, how often, which rules scored. */
export function whatHappened(transactions: readonly Transaction[]): string {
  const scored = transactions.filter((transaction) => transaction.hits.length > 0);
  const paths = ranked(scored.flatMap((transaction) => transaction.path ?? []));
  const rules = ranked(
    scored
      .flatMap((transaction) => transaction.hits.map((hit) => hit.ruleId))
      .filter((id) => !onlyAddsUp(id)),
  );
  const denied = scored.filter(isDenied).length;
  const asked = paths.length === 0 ? '' : ` for ${listed(paths, 2)}`;
  const by = rules.length === 0 ? '' : `; ${rules.length === 1 ? 'rule' : 'rules'} ${listed(rules, 3)}`;
  return `${count(scored.length, 'request')}${asked}, ${denied} refused${by}`;
}

function ranked(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([value]) => value);
}

function listed(values: readonly string[], most: number): string {
  const shown = values.slice(0, most).map((value) => (value.length > 60 ? `${value.slice(0, 57)}…` : value));
  return values.length > most ? `${shown.join(', ')} and ${values.length - most} more` : joinAnd(shown);
}

/** Two or three sentences with numbers under the headline. */
export function leadOf(who: string, incident: IncidentView, block: BlockView | null): string {
  const span = incident.requests > 1 ? ` within ${spanText(incident.spanSeconds)}` : '';
  const vhosts = incident.vhosts.map((vhost) => vhost.name);
  const where = vhosts.length === 0 ? '' : ` on ${listed(vhosts, 3)}`;
  const first = `${who} sent ${count(incident.requests, 'separate request')}${where}${span} that ModSecurity's rules matched; ${incident.denied} ${incident.denied === 1 ? 'was' : 'were'} refused.`;
  return block === null ? first : `${first} ${blockSentence(block)}`;
}

function spanText(seconds: number): string {
  if (seconds < 0.95) return `${Math.max(1, Math.round(seconds * 1000))} milliseconds`;
  if (seconds < 10) return `${seconds.toFixed(1)} seconds`;
  if (seconds < 120) return `${Math.round(seconds)} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

/** The block as a sentence. */
export function blockSentence(block: BlockView): string {
  const since = block.since === null ? '' : ` since ${readableTime(block.since)}`;
  const why = block.triggerWords === null ? '' : ` (${block.trigger ?? ''}: ${block.triggerWords})`;
  switch (block.state) {
    case 'permanent':
      return `It is blocked${since}${why}, with no end set.`;
    case 'temporary':
      return `It is blocked${since}${why}${block.until === null ? ' for a time' : ` until ${readableTime(block.until)}`}.`;
    case 'none':
      return block.since === null
        ? 'csf does not block it now.'
        : `csf does not block it now; it was blocked on ${readableTime(block.since)}${why}.`;
    default:
      return 'Whether it is blocked now is not known: csf’s lists could not be read.';
  }
}

/** Who was it? Unblock it? Change a rule? Three answers that are never merged. */
export function answersOf(
  {
    verdict,
    actors,
  }: { readonly verdict: Verdict; readonly actors: readonly { readonly verdict: Verdict }[] },
  evidence: readonly Evidence[],
  block: BlockView | null,
  ledger: Ledger | null,
): { who: Answer; unblock: Answer; rule: Answer } {
  return {
    who: whoAnswer(verdict, evidence),
    unblock: sharedAnswer(actors, block) ?? unblockAnswer(verdict, block),
    rule: ruleAnswer(verdict, ledger),
  };
}

function whoAnswer(verdict: Verdict, evidence: readonly Evidence[]): Answer {
  const strongest = evidence
    .filter((item) => item.status === 'present' && item.weight !== 0)
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, 2)
    .map((item) => item.sentence);
  const short = {
    attack: verdict.sub === null ? 'An attack' : `An attack: ${verdict.sub}`,
    'false-positive': 'Probably an ordinary visitor',
    unclear: 'Not decided',
    local: 'This server itself',
    'not-attributable': 'A proxy that many share',
  }[verdict.label];
  return {
    short,
    long: strongest.length > 0 ? strongest.join(' ') : undecided(verdict),
  };
}

function undecided({ wouldDecide }: Verdict): string {
  return wouldDecide === null
    ? 'Nothing in the logs speaks for either side.'
    : `What would decide it: ${wouldDecide}.`;
}

/** Where an ordinary visitor shares a blocked address; null elsewhere. */
function sharedAnswer(
  actors: readonly { readonly verdict: Verdict }[],
  block: BlockView | null,
): Answer | null {
  if (!actors.some(({ verdict }) => verdict.label === 'false-positive')) return null;
  if (block?.state === 'none' || block?.notWaf === true) return null;
  return {
    short: 'Yes, and not for good again',
    long: 'An ordinary visitor shares this address, and a block keeps both out. The rules stay in place and refuse the attacks; block it for hours, not for good.',
  };
}

function unblockAnswer(verdict: Verdict, block: BlockView | null): Answer {
  if (block?.state === 'none')
    return { short: 'Nothing to unblock', long: 'csf’s lists do not hold this address now.' };
  if (block?.notWaf === true) {
    return {
      short: 'After the cause is mended',
      long: 'Unblocked before that, lfd blocks it again at the next failures.',
    };
  }
  if (verdict.label === 'attack')
    return { short: 'No', long: 'The same requests tomorrow would block it again.' };
  if (verdict.label === 'false-positive') {
    return {
      short: 'Yes, after the rule is mended',
      long: 'The same requests would block it again until the rule is changed.',
    };
  }
  if (verdict.label === 'not-attributable')
    return { short: 'Yes', long: 'A block of this address blocks every visitor behind it.' };
  return {
    short: 'For 24 hours, and watch',
    long: 'Unblocking is reversible: the rules stay in place and refuse the same requests again.',
  };
}

function ruleAnswer(verdict: Verdict, ledger: Ledger | null): Answer {
  if (ledger === null) return { short: 'No', long: 'No rule scored here.' };
  const rules = [...new Set(ledger.rows.map((row) => row.ruleId))];
  const referee = ledger.blockedBy !== null && onlyAddsUp(ledger.blockedBy) ? ledger.blockedBy : null;
  const adds = referee === null ? '' : ` ${referee} only adds up their points.`;
  if (rules.length === 0)
    return { short: 'Not known yet', long: `Which rules scored is not in the logs that are left.${adds}` };
  const named = listed(rules, 4);
  if (verdict.label !== 'false-positive') {
    return {
      short: 'No',
      long: `${named} ${ledger.rows.some((row) => row.points > 0) ? 'scored' : 'refused'}; one incident is no reason to switch ${rules.length === 1 ? 'it' : 'them'} off.${adds}`,
    };
  }
  return fixAnswer(ledger, { named, adds, isOne: rules.length === 1 });
}

interface Named {
  readonly named: string;
  readonly adds: string;
  readonly isOne: boolean;
}

/** What would free an ordinary visitor. */
function fixAnswer(ledger: Ledger, { named, adds, isOne }: Named): Answer {
  const decisive = decisiveRow(ledger);
  if (decisive?.frees === false) {
    const sum =
      ledger.total === null ? '' : ` (${ledger.total} points, limit ${ledger.threshold ?? 'unknown'})`;
    return {
      short: 'Not by one rule alone',
      long: `${named} reacted together${sum}: switching off one of them alone would not free it.${adds}`,
    };
  }
  const target = decisive?.row.target ?? ledger.rows[0]?.target;
  const rule = isOne || decisive === null ? '' : ` of ${decisive.row.ruleId}`;
  return {
    short: 'Narrowly, for one target',
    long: `${named} reacted${target == null ? '' : ` to ${target}`}. An exclusion${rule} for that target alone, on that vhost, would free it.${adds}`,
  };
}

function unblockedWords(who: string, block: BlockView | null): string {
  return block?.state === 'none' ? `${who} is not blocked by csf.` : `${who}.`;
}

/** Text for a ticket: what happened, in words for a customer, without secrets. */
export function ticketOf(
  who: string,
  incident: IncidentView | null,
  block: BlockView | null,
  verdict: Verdict | null,
): string {
  const parts = [
    block?.since == null
      ? unblockedWords(who, block)
      : `${who} was blocked on ${readableTime(block.since)} (${block.since.slice(-6)}).`,
  ];
  if (incident !== null) {
    parts.push(
      `It sent ${count(incident.requests, 'request')} that the web firewall matched, ${incident.denied} of them refused, in ${spanText(incident.spanSeconds)}.`,
    );
  } else if (block?.triggerWords != null) parts.push(`Reason: ${block.triggerWords}.`);
  if (verdict !== null) parts.push(verdict.words);
  return parts.join(' ');
}
