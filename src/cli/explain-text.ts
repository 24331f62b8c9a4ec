// An explanation as text for the terminal: the same statements as the page, each known, inferred or missing.
import type { BlockView, Explanation, IncidentView, Ledger, RequestView } from '../actions/explanation.ts';
import { actTarget, isBlocked } from '../actions/act-target.ts';
import { readableTime } from '../actions/iso-time.ts';
import { incidentLines } from './incidents-text.ts';
import { type Output, safeText, styled, wrap } from './terminal.ts';

const LABEL = 11;

/** Prints an explanation. */
export function printExplanation(output: Output, explanation: Explanation): void {
  const print = new Printer(output);
  print.headline(explanation.headline);
  print.paragraph(explanation.lead);
  if (explanation.block !== null) printBlock(print, explanation.block);
  if (explanation.verdict !== null) printVerdict(print, explanation);
  printActors(print, explanation);
  printWord(print, explanation);
  if (explanation.incident !== null) printIncident(print, explanation.incident);
  if (explanation.ledger !== null) printLedger(print, explanation.ledger);
  printEvidence(print, explanation);
  for (const statement of explanation.statements) print.row('', `${statement.sentence} [${statement.basis}]`);
  if (explanation.incidents.length > 0) {
    print.blank();
    print.row(explanation.incident === null ? 'INCIDENTS' : 'OTHERS', `${explanation.incidents.length}`);
    for (const line of incidentLines(output, explanation.incidents.slice(0, 20))) print.raw(line);
  }
  print.blank();
  for (const source of explanation.coverage) print.row('READ', `${source.source}: ${source.sentence}`);
  const read = new Set(explanation.coverage.map((source) => source.source));
  for (const { source, why } of explanation.missing) {
    if (!read.has(source)) print.row('MISSING', `${source}: ${why}`);
  }
  if (explanation.answers !== null) {
    print.blank();
    print.row('UNBLOCK?', `${explanation.answers.unblock.short}. ${explanation.answers.unblock.long}`);
    print.row('RULE?', `${explanation.answers.rule.short}. ${explanation.answers.rule.long}`);
  }
  printNext(print, explanation);
}

/** The command of ours that undoes the block, where there is one. */
function printNext(print: Printer, explanation: Explanation): void {
  const target = actTarget(explanation);
  if (target === null || !isBlocked(explanation)) return;
  const label = explanation.verdict?.label;
  const allow = label === 'unclear' ? ' --allow 24h' : '';
  const anyway = label === 'attack' ? 'Nothing to do. If it must be: ' : '';
  print.row('NEXT', `${anyway}whyblocked unblock ${target}${allow} --reason TEXT`);
}

class Printer {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  raw(line: string): void {
    this.#output.write(`${line}\n`);
  }

  blank(): void {
    this.raw('');
  }

  headline(text: string): void {
    this.raw(styled(this.#output, 'bold', wrap(safeText(text), this.#output.width)));
  }

  paragraph(text: string): void {
    if (text !== '') this.raw(wrap(safeText(text), this.#output.width));
  }

  row(label: string, text: string): void {
    const head = label.padEnd(LABEL);
    this.raw(styled(this.#output, 'dim', head) + wrap(safeText(text), this.#output.width, LABEL));
  }
}

function printBlock(print: Printer, block: BlockView): void {
  print.blank();
  const where = block.source === null ? '' : `, ${block.source}`;
  const since = block.since === null ? '' : `, since ${readableTime(block.since)}`;
  const until = block.until === null ? '' : `, until ${readableTime(block.until)}`;
  print.row('BLOCK', `${blockWords(block)}${where}${since}${until}`);
  if (block.triggerWords !== null) print.row('', `${block.trigger ?? ''}: ${block.triggerWords}`);
  for (const { name, value, meaning, misreading } of block.settings)
    print.row('', `${name} = "${value}": ${meaning}${misreading == null ? '' : `. ${misreading}`}`);
  for (const statement of [...block.contradictions, ...block.advice])
    print.row('', `${statement.sentence} [${statement.basis}]`);
}

function blockWords(block: BlockView): string {
  switch (block.state) {
    case 'permanent':
      return 'blocked, permanent';
    case 'temporary':
      return 'blocked for a time';
    case 'none':
      return 'not blocked in csf';
    default:
      return 'not known whether it is blocked';
  }
}

function printVerdict(print: Printer, { verdict }: Explanation): void {
  if (verdict === null) return;
  const sub = verdict.sub === null ? '' : ` (${verdict.sub})`;
  print.row('VERDICT', `${verdict.label}${sub}, sum ${verdict.logOdds > 0 ? '+' : ''}${verdict.logOdds}`);
  if (verdict.wouldDecide !== null) print.row('', verdict.wouldDecide);
}

/** What the admin said, where he did. */
function printWord(print: Printer, { word }: Explanation): void {
  if (word !== undefined && word.sentences.length > 0) print.row('YOUR WORD', word.sentences.join(' '));
}

function printIncident(print: Printer, incident: IncidentView): void {
  const lines = incident.lfdCount === null ? '' : `; lfd counted ${incident.lfdCount} lines`;
  const rate = incident.rate === null || incident.rate < 0.5 ? '' : `, ${incident.rate.toFixed(1)} a second`;
  const span = incident.requests > 1 ? ` in ${incident.spanSeconds.toFixed(3)} s${rate}` : '';
  const vhosts = incident.vhosts.map(
    (vhost) => `${vhost.name}${vhost.account === null ? '' : ` (${vhost.account})`}`,
  );
  print.row('REQUESTS', `${incident.requests}, ${incident.denied} refused${span}${lines}`);
  print.row('', `${readableTime(incident.from)} on ${vhosts.slice(0, 8).join(', ') || 'no named vhost'}`);
  for (const request of incident.transactions.slice(0, 12)) print.row('', requestLine(request));
  const more = incident.requests - Math.min(incident.transactions.length, 12);
  if (more > 0) print.row('', `and ${more} more`);
}

function requestLine(request: RequestView): string {
  const at = `+${(request.sinceStartMs / 1000).toFixed(3)} s`;
  const answer = request.status === null ? '' : ` ${request.status}`;
  const score = request.score.total ?? request.score.computed;
  return `${at} ${request.method === null ? '' : `${request.method} `}${request.vhost ?? ''}${request.uri ?? ''}${answer}, score ${score}`;
}

function printLedger(print: Printer, ledger: Ledger): void {
  print.blank();
  print.row(
    'RULES',
    `${ledger.score.sentence} [${ledger.score.inferred ? 'inferred' : 'known'}] in ${ledger.same} of ${ledger.of} requests`,
  );
  for (const row of ledger.rows) {
    const data = row.data === null ? '' : `, ${row.data}`;
    const place = row.file === null ? '' : ` (${row.file.replace(/^.*\//, '')}:${row.line ?? '?'})`;
    print.row('', `+${row.points} ${row.ruleId} ${row.message ?? ''} at ${row.target ?? '?'}${data}${place}`);
  }
  print.row('', ledger.meaning);
}

/** Each visitor behind the address on a line of its own, with what it calls itself. */
function printActors(print: Printer, { actors }: Explanation): void {
  for (const [index, { agents, requests, verdict }] of actors.entries()) {
    const name = agents.length === 0 ? 'a program without a name' : agents.slice(0, 2).join('; ');
    const more = agents.length > 2 ? ` and ${agents.length - 2} more` : '';
    const heading = index === 0 ? 'VISITORS' : '';
    print.row(heading, `${verdict.label}, ${requests} flagged: ${name}${more}`);
  }
}

function printEvidence(print: Printer, { evidence }: Explanation): void {
  if (evidence.length === 0) return;
  print.blank();
  for (const direction of ['for', 'against'] as const) {
    const items = evidence.filter((item) => item.direction === direction && item.status === 'present');
    const label = direction === 'for' ? 'FOR' : 'AGAINST';
    if (items.length === 0) print.row(label, 'nothing found');
    for (const [index, item] of items.entries()) {
      const weight = `${item.weight > 0 ? '+' : ''}${item.weight.toFixed(1)}`;
      print.row(index === 0 ? label : '', `${weight} ${item.sentence} [${item.basis}]`);
    }
  }
  for (const item of evidence.filter((candidate) => candidate.status === 'unknown')) {
    print.row('UNKNOWN', `${item.sentence} [missing]`);
  }
}
