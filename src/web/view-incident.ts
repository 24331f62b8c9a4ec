// The page of one explanation, whatever was asked: all sections put together from the other view files.
import { isIP } from 'node:net';
import type { Answer, Asked, Explanation, IncidentView } from '../actions/explanation.ts';
import { actorsView, type ActorsView } from './view-actors.ts';
import { type BlockAct, blockActs } from './view-block-acts.ts';
import type { BlockCard, FreeCommand } from './view-block.ts';
import { blockCard, freeCommand } from './view-block.ts';
import type { CombView } from './view-comb.ts';
import { combView } from './view-comb.ts';
import type { CoverageView, ReadItem } from './view-coverage.ts';
import { coverageView, readList } from './view-coverage.ts';
import type { EvidenceView } from './view-evidence.ts';
import { evidenceView } from './view-evidence.ts';
import type { LedgerView, SolverView } from './view-ledger.ts';
import { ledgerView, solverView } from './view-ledger.ts';
import type { MailCard } from './view-mail.ts';
import { mailCard } from './view-mail.ts';
import { reportLink } from './links.ts';
import type { RawGroup, StatementView } from './view-raw.ts';
import { rawView, statementView } from './view-raw.ts';
import type { RequestsView } from './view-requests.ts';
import { requestsView } from './view-requests.ts';
import type { IncidentRowView } from './view-rows.ts';
import { incidentRows } from './view-rows.ts';
import { counted, longText } from './view-text.ts';
import { clockMs, dayTime, weekDay } from './view-time.ts';
import type { ScaleView, VerdictMark } from './view-verdict.ts';
import { verdictMark, verdictScale } from './view-verdict.ts';
import type { WordCard } from './view-word.ts';
import { wordCard } from './view-word.ts';

interface AnswerView extends Answer {
  readonly question: string;
  /** Anchor of the section that says more, with its words; null without one. */
  readonly more: { readonly href: string; readonly text: string } | null;
  readonly free: FreePart | null;
}

/** What can be done about the block: from here, and by hand. */
interface FreePart extends FreeCommand {
  readonly acts: readonly BlockAct[];
  /** What happens when the same requests come again. */
  readonly again: readonly StatementView[];
}

/** What views/incident.ejs needs. */
export interface IncidentPage {
  readonly title: string;
  readonly crumb: string;
  readonly mark: VerdictMark | null;
  readonly headline: string;
  readonly lead: string;
  readonly answers: readonly AnswerView[];
  /** When no answers are given, the command still stands in the block card. */
  readonly free: FreePart | null;
  /** Frees against the verdict: the command then folds away. */
  readonly freeFolds: boolean;
  /** What the admin said of the address, and the forms for it. */
  readonly word: WordCard | null;
  readonly elsewhere: string | null;
  readonly advice: readonly StatementView[] | null;
  /** The visitors behind the address; null where they were not told apart. */
  readonly actors: ActorsView | null;
  readonly evidence: EvidenceView | null;
  readonly scale: ScaleView | null;
  readonly clock: { readonly comb: CombView; readonly about: string; readonly counts: string } | null;
  readonly requests: RequestsView | null;
  readonly ledger: LedgerView | null;
  readonly solver: SolverView | null;
  readonly engineErrors: readonly StatementView[];
  readonly coverage: CoverageView | null;
  readonly statements: readonly StatementView[];
  readonly incidentsTitle: string;
  readonly incidents: readonly IncidentRowView[];
  readonly raw: readonly RawGroup[];
  readonly mail: MailCard | null;
  readonly block: BlockCard | null;
  readonly read: readonly ReadItem[];
  readonly ticket: string;
  /** The page with the report; null for what is about no single address of this server. */
  readonly report: string | null;
}

const CRUMBS: Readonly<Record<Asked['kind'], string>> = {
  ip: 'Address',
  cidr: 'Net',
  domain: 'Domain',
  uniqueId: 'unique_id',
  ruleId: 'Rule',
  line: 'Pasted lines',
  mail: 'Pasted mail',
};

function crumb(explanation: Explanation): string {
  const { kind, value } = explanation.asked;
  const name = explanation.incident !== null && kind === 'ip' ? 'Incident' : CRUMBS[kind];
  return value === null ? name : `${name} ${longText(value, 80).start}`;
}

function pageTitle(explanation: Explanation, mark: VerdictMark | null): string {
  const subject = longText(explanation.asked.value ?? CRUMBS[explanation.asked.kind], 60).start;
  if (mark !== null) return `${subject}: ${mark.word.toLowerCase()}`;
  if (explanation.outcome === 'answered') return subject;
  return `${subject}: ${explanation.outcome === 'gap' ? 'the logs have a gap' : 'no trace'}`;
}

interface Sections {
  readonly evidence: boolean;
  readonly ledger: boolean;
  readonly solver: boolean;
  readonly anchors: Anchors;
}

function answerViews(explanation: Explanation, has: Sections): readonly AnswerView[] {
  const { answers } = explanation;
  if (answers === null) return [];
  const score = has.ledger ? { href: '#h-score', text: 'The points' } : null;
  const solver = has.solver ? { href: '#h-solve', text: 'What fits' } : null;
  return [
    {
      ...answers.who,
      question: 'Who was it?',
      more: has.evidence ? { href: '#h-ev', text: 'Evidence' } : null,
      free: null,
    },
    { ...answers.unblock, question: 'Unblock it?', more: null, free: freePart(explanation, has.anchors) },
    { ...answers.rule, question: 'Change a rule?', more: score ?? solver, free: null },
  ];
}

function countWords(incident: IncidentView): string {
  const rate =
    incident.rate === null || incident.rate < 0.5 ? '' : ` (${Number(incident.rate.toFixed(1))} a second)`;
  const lfd =
    incident.lfdCount === null
      ? ''
      : incident.lfdCount === incident.denied
        ? ` lfd counted the same ${incident.lfdCount}.`
        : ` lfd counted ${counted(incident.lfdCount, 'line')}: it counts lines, and one request can write several.`;
  const vhosts = incident.vhosts
    .slice(0, 5)
    .map((one) => `${one.name}${one.account === null ? '' : ` (account ${one.account})`}, ${one.requests}`);
  const more = incident.vhosts.length > 5 ? ` and ${incident.vhosts.length - 5} more` : '';
  const where = incident.vhosts.length > 1 ? ` By vhost: ${vhosts.join('; ')}${more}.` : '';
  return `${counted(incident.requests, 'request')}${rate}, ${incident.denied} refused.${lfd}${where}`;
}

function clockView(incident: IncidentView): IncidentPage['clock'] {
  const comb = combView(incident);
  if (comb === null) return null;
  return {
    comb,
    about: `${weekDay(incident.from)}, from ${clockMs(incident.from)}`,
    counts: countWords(incident),
  };
}

/** The note when another incident than the asked one is shown; null when it is the asked one or none was named. */
export function otherIncidentNote(incident: IncidentView | null, from: string | null): string | null {
  if (from === null || incident?.from === from) return null;
  return `The incident that began ${dayTime(from)} cannot be shown by itself. This is what is known about the address.`;
}

type Anchors = ReadonlyMap<string, string>;

/** What the score says: the ledger where rules are known, the solver's sets where they are missing. */
function scoreParts({ ledger, incident }: Explanation): Pick<IncidentPage, 'ledger' | 'solver'> {
  const shown = incident?.transactions.find((one) => one.uniqueId === ledger?.uniqueId) ?? null;
  const known = ledger === null ? null : ledgerView(ledger, shown);
  const unsolved = incident?.transactions.find((one) => one.score.sets.length > 0);
  const score = ledger?.score ?? unsolved?.score ?? null;
  const meaning = known === null ? (ledger?.meaning ?? '') : '';
  return { ledger: known, solver: score === null ? null : solverView(score, meaning) };
}

function incidentParts(
  incident: IncidentView | null,
  anchors: Anchors,
): Pick<IncidentPage, 'clock' | 'requests' | 'engineErrors'> {
  if (incident === null || incident.transactions.length === 0)
    return { clock: null, requests: null, engineErrors: [] };
  const errors = incident.transactions.flatMap((one) => one.engineErrors);
  return {
    clock: clockView(incident),
    requests: requestsView(incident, anchors),
    engineErrors: errors.map((error) => statementView(error, anchors)),
  };
}

function freePart(explanation: Explanation, anchors: Anchors): FreePart {
  const again = explanation.block?.again ?? [];
  return {
    ...freeCommand(explanation.block),
    acts: blockActs(explanation),
    again: again.map((one) => statementView(one, anchors)),
  };
}

function blockParts(
  explanation: Explanation,
  anchors: Anchors,
): Pick<IncidentPage, 'advice' | 'block' | 'free' | 'freeFolds'> {
  const { block, answers, verdict, server } = explanation;
  return {
    advice: block?.notWaf === true ? block.advice.map((one) => statementView(one, anchors)) : null,
    block: block === null ? null : blockCard(block, anchors, server.now),
    free: answers === null ? freePart(explanation, anchors) : null,
    freeFolds: verdict?.label === 'attack' && block?.state !== 'none',
  };
}

function reportOf({ incident, block, mail, outcome }: Explanation): string | null {
  const address = incident?.client ?? block?.address ?? null;
  if (address === null || isIP(address) === 0 || mail?.foreign === true || outcome !== 'answered')
    return null;
  const from = incident?.from ?? null;
  return reportLink({ address, from, vhost: null, kind: 'customer', hideAddress: false });
}

/**
 * Puts the page together. Sections without content are null or empty and are left out. `paste` names the pasted text
 * that it is about.
 */
export function incidentPage(explanation: Explanation, paste: string | null = null): IncidentPage {
  const { incident, verdict, mail } = explanation;
  const { groups, anchors } = rawView(explanation.raw);
  const mark = verdict === null ? null : verdictMark(verdict, true);
  const score = scoreParts(explanation);
  const evidence = evidenceView(explanation.evidence, anchors);
  const has = {
    evidence: evidence !== null,
    ledger: score.ledger !== null,
    solver: score.solver !== null,
    anchors,
  };
  return {
    title: pageTitle(explanation, mark),
    crumb: crumb(explanation),
    mark,
    headline: explanation.headline,
    lead: explanation.lead,
    answers: answerViews(explanation, has),
    ...blockParts(explanation, anchors),
    word: wordCard(explanation, paste),
    elsewhere: null,
    actors: actorsView(explanation.actors, anchors),
    evidence,
    scale: verdict === null ? null : verdictScale(verdict),
    ...incidentParts(incident, anchors),
    ...score,
    coverage: coverageView(explanation),
    statements: explanation.statements.map((one) => statementView(one, anchors)),
    incidentsTitle: incident === null ? 'Incidents' : 'Other incidents of this address',
    incidents: incidentRows(explanation.incidents, explanation.server.now),
    raw: groups,
    mail: mail === null ? null : mailCard(mail, incident === null),
    read: readList(explanation.coverage),
    ticket: explanation.ticket,
    report: reportOf(explanation),
  };
}
