// Explains one address (or one transaction's, or a mail whose address was cut out): block, incident, verdict.
import type { AccessContext } from '../analyse/access-context.ts';
import { withoutBlockAdvice } from '../analyse/verdict.ts';
import type { Coverage, EpochMs, Transaction, Verdict } from '../model.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import { accessCoverage, type AccessAnswer, CONTEXT_MS, readAccess } from './access.ts';
import { type FoundBlock, findBlock } from './block.ts';
import { logCoverage, type Window } from './coverage.ts';
import { hitsListCoverage } from './hits-list.ts';
import { chooseRecord } from './choose-record.ts';
import type { Desk } from './desk.ts';
import type { Asked, Explanation, IncidentView, RawLine, Statement } from './explanation.ts';
import { incidentRow } from './incident-row.ts';
import { incidentView, scoredRequests } from './incident-view.ts';
import { transactionsOf } from './incidents.ts';
import { judgeFor } from './judge.ts';
import { vhostsNamed } from './judge-case.ts';
import { judgementFor, type ShownJudgement } from './judgement-for.ts';
import { fuller, keptContext } from './kept-evidence.ts';
import { buildLedger } from './ledger.ts';
import { isForeign, mailView } from './mail-view.ts';
import { missingOf } from './missing.ts';
import { readPasted } from './pasted.ts';
import { rawLines } from './raw-lines.ts';
import { serverView } from './server.ts';
import { type ServiceTrace, serviceTrace } from './service-lines.ts';
import { unseenByLfd } from './unseen-by-lfd.ts';
import { answersOf, leadOf, ticketOf } from './words.ts';
import { headlineOf, leadWithoutIncident, pastedStatements, whoWords } from './headline.ts';

export interface AddressQuestion {
  readonly asked: Asked;
  /** Null where it was cut out or is not known. */
  readonly address: string | null;
  readonly mail: LfdMail | null;
  /** The transaction asked for; its incident is shown. */
  readonly uniqueId: string | null;
  /** Start of the incident that is wanted (to the millisecond); null to choose it. */
  readonly from: EpochMs | null;
}

/** What was found for one address before it is put into words. */
interface Findings {
  readonly block: FoundBlock;
  /** Lines of a mail, ssh or FTP log behind a block that is no matter of the WAF. */
  readonly service: readonly RawLine[];
  readonly record: IncidentRecord | null;
  readonly others: readonly IncidentRecord[];
  readonly transactions: readonly Transaction[];
  readonly pasted: readonly Transaction[];
  readonly context: AccessContext | null;
  readonly access: AccessAnswer;
  readonly window: Window | null;
  /** Lines of lfd.log about the address. */
  readonly lfdLines: number;
}

const NOT_JUDGED = { evidence: [], actors: [], verdict: null } as const;

/** See the file's first line. Never throws for a target without a trace: the outcome says so. */
export async function explainAddress(desk: Desk, question: AddressQuestion): Promise<Explanation> {
  const found = await gather(desk, question);
  const { block, transactions, context } = found;
  const who = whoWords(question.address, question.uniqueId);
  const incident = incidentView(desk, {
    client: question.address ?? 'address cut out',
    transactions,
    context,
    record: found.record,
    lfdCount: block.view.count,
    blockAt: block.at,
    most: desk.most,
  });
  const ledger = buildLedger(scoredRequests(incident));
  const coverage = coverageOf(desk, found);
  const covered = isForeignMail(desk, question) || isCovered(found, coverage);
  const judged = incident === null ? NOT_JUDGED : await judgedOf(desk, question, found, covered);
  const outcome = outcomeOf(desk, question, found, coverage);
  const { evidence } = judged;
  const actors = judged.actors.map((actor) => ({ ...actor, verdict: withoutBlockAdvice(actor.verdict) }));
  const verdict = verdictOf(judged, found);
  const mail = question.mail === null ? null : mailView(desk, question.mail);
  return {
    asked: question.asked,
    outcome,
    headline: headlineOf({ who, outcome, block: block.view, verdict, incident }),
    lead:
      incident === null
        ? leadWithoutIncident(block.view, outcome, coverage)
        : leadOf(who, incident, block.view),
    answers: verdict === null ? null : answersOf({ verdict, actors }, evidence, block.view, ledger),
    block: block.view,
    mail,
    incident,
    incidents: found.others.map((record) => incidentRow(desk, record)),
    ledger,
    evidence,
    verdict,
    actors,
    statements: statementsOf(desk, question, found, covered),
    coverage,
    missing: missingOf(desk, coverage),
    raw: await rawOf(desk, question, found, incident),
    ticket: ticketOf(who, incident, block.view, verdict),
    server: serverView(desk.ctx, desk.clock),
  };
}

/** None for a block that is no matter of the WAF; where there is no block, it does not say what becomes of it. */
function verdictOf(
  { verdict }: Pick<ShownJudgement, 'verdict'> | typeof NOT_JUDGED,
  found: Findings,
): Verdict | null {
  const { view } = found.block;
  if (verdict === null || (view.notWaf && found.transactions.length === 0)) return null;
  return view.state === 'none' ? withoutBlockAdvice(verdict) : verdict;
}

function judgedOf(
  desk: Desk,
  question: AddressQuestion,
  found: Findings,
  covered: boolean,
): Promise<ShownJudgement> {
  const foreign = isForeignMail(desk, question);
  return judgementFor(desk, { ...found, address: question.address, covered, foreign });
}

async function gather(desk: Desk, question: AddressQuestion): Promise<Findings> {
  const { ctx, clock } = desk;
  const { address, mail } = question;
  const foreign = isForeignMail(desk, question);
  const found = findBlock({ ctx, clock, firewall: desk.firewall, address, mail, mailForeign: foreign });
  const service = serviceTrace(ctx, found.view.trigger, foreign ? null : address);
  const block = withTrace(found, service);
  const records = address === null || foreign ? [] : await recordsOf(desk, address);
  const record = chooseRecord(
    records,
    block,
    { from: question.from, isMail: mail !== null },
    askedAt(desk, question),
  );
  const stored = record === null ? [] : transactionsOf(ctx, record.client, record);
  const pasted = pastedBeside(desk, mail, stored);
  const transactions = record === null ? pasted : stored;
  const access = await accessFor(desk, address, foreign ? [] : transactions);
  const kept = keptContext(record?.judgement?.context ?? null);
  return {
    block: transactions.length > 0 ? asWebBlock(block) : block,
    service: service.raw,
    record,
    others: [...records].reverse().filter((one) => one !== record),
    transactions,
    pasted,
    context: fuller(access.contexts[0] ?? null, kept),
    access,
    window: windowOf(block, transactions),
    lfdLines: address === null || foreign ? 0 : ctx.store.lfdEventsOf(address).length,
  };
}

/** The raw lines behind the answer, where somebody looks at them. */
async function rawOf(
  desk: Desk,
  { mail }: AddressQuestion,
  { block, service }: Findings,
  incident: IncidentView | null,
): Promise<RawLine[]> {
  if (!desk.raw) return [];
  return [...(await rawLines(desk.ctx, incident, block.view, mail?.lines ?? [])), ...service];
}

/** A refused request is also a line about a forbidden or missing page: then ModSecurity does have a part in it. */
function asWebBlock(found: FoundBlock): FoundBlock {
  if (found.view.trigger === null || !/^LF_APACHE_40\d$/.test(found.view.trigger)) return found;
  return { ...found, view: { ...found.view, notWaf: false, advice: [] } };
}

/** The lines stand behind the sentence that names the log. */
function withTrace(found: FoundBlock, { statements }: ServiceTrace): FoundBlock {
  const [named, ...advice] = found.view.advice;
  if (named === undefined || statements.length === 0) return found;
  return { ...found, view: { ...found.view, advice: [named, ...statements, ...advice] } };
}

async function recordsOf(desk: Desk, address: string): Promise<IncidentRecord[]> {
  await judgeFor(desk.ctx, desk.clock, desk.vhosts, address);
  return desk.ctx.store.incidents.ofClient(address);
}

/** Time of the transaction asked for; null when none was, or when it is not kept. */
function askedAt(desk: Desk, { uniqueId }: AddressQuestion): EpochMs | null {
  return uniqueId === null ? null : (desk.ctx.store.transactions.byId(uniqueId)?.at ?? null);
}

/** The requests that a mail quotes and that are not among those kept. */
function pastedBeside(desk: Desk, mail: LfdMail | null, stored: readonly Transaction[]): Transaction[] {
  if (mail === null) return [];
  const known = new Set(stored.map((one) => one.uniqueId));
  const { transactions } = readPasted(desk.ctx, desk.clock, mail.lines, mail.offsetMinutes);
  return transactions.filter((one) => !known.has(one.uniqueId));
}

function windowOf({ at, intervalMs }: FoundBlock, transactions: readonly Transaction[]): Window | null {
  const times = transactions.map((one) => one.at);
  if (times.length > 0) return { from: Math.min(...times), to: Math.max(...times) };
  return at === null ? null : { from: at - intervalMs, to: at + 60_000 };
}

async function accessFor(
  desk: Desk,
  address: string | null,
  transactions: readonly Transaction[],
): Promise<AccessAnswer> {
  if (address === null || transactions.length === 0) return readAccess(desk.ctx, [], []);
  const times = transactions.map((one) => one.at);
  const window = { from: Math.min(...times) - CONTEXT_MS, to: Math.max(...times) + CONTEXT_MS };
  const names = vhostsNamed(
    desk.vhosts,
    transactions.flatMap((one) => one.vhost ?? []),
  );
  return readAccess(desk.ctx, names, [{ client: address, ...window }]);
}

function isForeignMail(desk: Desk, { mail }: AddressQuestion): boolean {
  return mail !== null && isForeign(desk, mail);
}

/** Whether error_log reaches the time of requests that only the text tells of: then they were not made here. */
function isCovered({ record, window }: Findings, coverage: readonly Coverage[]): boolean {
  const errorLog = coverage.find((one) => one.kind === 'error_log');
  return record === null && window !== null && errorLog?.state === 'ok';
}

function coverageOf(desk: Desk, found: Findings): Coverage[] {
  const { ctx, clock } = desk;
  const { window, transactions } = found;
  const lfd = logCoverage(ctx, clock, ctx.host.logs('lfd_log'), {
    kind: 'lfd_log',
    window: null,
    used: found.lfdLines,
  });
  // The web server's logs have nothing to say about mail logins, sshd or connections.
  if (found.block.view.notWaf && transactions.length === 0) return [lfd];
  const from = (kind: string): number =>
    transactions.filter((one) => (one.sources as readonly string[]).includes(kind)).length;
  const hits = transactions.reduce(
    (sum, one) => sum + one.hits.filter((hit) => hit.sources.includes('error_log')).length,
    0,
  );
  return [
    logCoverage(ctx, clock, ctx.host.logs('error_log'), { kind: 'error_log', window, used: hits }),
    logCoverage(ctx, clock, ctx.host.logs('audit_log'), {
      kind: 'audit_log',
      window,
      used: from('audit_log'),
    }),
    accessCoverage(clock, found.access, window, found.context?.total ?? 0),
    lfd,
    ...hitsListCoverage(transactions),
  ];
}

function outcomeOf(
  desk: Desk,
  question: AddressQuestion,
  found: Findings,
  coverage: readonly Coverage[],
): Explanation['outcome'] {
  const { block, transactions, others } = found;
  const seen = transactions.length > 0 || others.length > 0 || (found.context?.total ?? 0) > 0;
  const blocked =
    block.view.state === 'permanent' || block.view.state === 'temporary' || block.view.since !== null;
  if (seen || blocked || question.mail !== null) return 'answered';
  const errorLog = coverage.find((one) => one.kind === 'error_log');
  return errorLog?.state === 'ok' && desk.firewall.readable ? 'no-trace' : 'gap';
}

function statementsOf(desk: Desk, question: AddressQuestion, found: Findings, covered: boolean): Statement[] {
  const said: Statement[] = [];
  if (question.mail !== null)
    said.push(
      ...pastedStatements(desk, question.mail, found.pasted, { logged: found.record !== null, covered }),
    );
  if (found.transactions.some((one) => one.ambiguous || one.hits.some((hit) => hit.ambiguous))) {
    said.push({
      basis: 'known',
      sentence:
        'Some lines hold forged fields; the audit record and the installed rules decided how they are read.',
      lines: found.transactions
        .flatMap((one) => one.hits.filter((hit) => hit.ambiguous).flatMap((hit) => hit.refs))
        .slice(0, 5),
    });
  }
  said.push(...unseenByLfd(desk.ctx, found.transactions));
  return said;
}
