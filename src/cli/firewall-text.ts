// csf's lists, where an address stands, and acts on it, as text for the terminal.
import type { Statement } from '../actions/explanation.ts';
import type { FirewallActRow } from '../actions/firewall-ledger.ts';
import type { EntryRow, FirewallPlan, FirewallView, WhereView } from '../actions/firewall-view.ts';
import { deniedSentence, ENTRY_STATES, entryWords, handComment } from '../actions/firewall-words.ts';
import { readableTime } from '../actions/iso-time.ts';
import { type Output, safeText, styled, wrap } from './terminal.ts';

const LABEL = 11;

/** Rows under labels; the label of a block of rows stands once. */
class Sheet {
  readonly #output: Output;
  readonly #lines: string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  say(text: string): this {
    if (text !== '') this.#lines.push(wrap(safeText(text), this.#output.width));
    return this;
  }

  /** A line that belongs to the one above it. */
  under(text: string): this {
    this.#lines.push(`    ${wrap(safeText(text), this.#output.width, 4)}`);
    return this;
  }

  rows(label: string, texts: readonly string[]): this {
    for (const [index, text] of texts.entries()) {
      const head = styled(this.#output, 'dim', (index === 0 ? label : '').padEnd(LABEL));
      this.#lines.push(head + wrap(safeText(text), this.#output.width, LABEL));
    }
    return this;
  }

  /** A command under the rows before it, in one piece so that it can be copied. */
  command(text: string): this {
    this.#lines.push(' '.repeat(LABEL) + safeText(text));
    return this;
  }

  blank(): this {
    this.#lines.push('');
    return this;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}

function said({ sentence, basis }: Statement): string {
  return `${sentence} [${basis}]`;
}

/** One page of csf's lists. */
export function listLines(output: Output, view: FirewallView): readonly string[] {
  const sheet = new Sheet(output).say(deniedSentence(view));
  if (view.rotation !== null) sheet.say(said(view.rotation));
  if (view.alarm !== null)
    sheet.rows('ALARM', [`${readableTime(view.alarm.at)}: ${view.alarm.sentence}`, ...view.alarm.todo]);
  sheet.rows(
    'UNREAD',
    view.problems.map(({ source, why }) => `${source}: ${why}`),
  );
  sheet.rows(
    'SETTINGS',
    view.settings
      .filter(({ state }) => state !== 'ok')
      .map(
        ({ name, value, meaning, misreading }) =>
          `${name} = "${value}": ${meaning}${misreading === null ? '' : `. ${misreading}`}`,
      ),
  );
  sheet.blank();
  for (const row of view.rows) sheet.say(entryLine(row)).under(entryWhy(row));
  if (view.rows.length === 0) sheet.say('No entry to show.');
  if (view.pages > 1) sheet.say(`Page ${view.page} of ${view.pages}; --page shows another.`);
  return sheet.lines;
}

function entryLine({ entry, list, size, since, until, dropsOut }: EntryRow): string {
  const facts = [
    ENTRY_STATES[list],
    size,
    since === null ? null : `since ${readableTime(since)}`,
    until === null ? null : `until ${readableTime(until)}`,
    dropsOut === null ? null : `drops out ${dropsOut}`,
  ].filter((fact) => fact !== null);
  return `${entry}  ${facts.join(', ')}`;
}

/** Why it is there, and what of its address was judged. */
function entryWhy(row: EntryRow): string {
  const { trigger, covers, isKept, includedFrom, incident, noIncident } = row;
  const about = [trigger, covers, isKept ? 'kept when the list is trimmed' : null, includedFrom];
  const text = handComment(row);
  const judged = incident?.words ?? noIncident;
  const parts = [
    `${entryWords(row)}${text === null ? '' : `: “${text}”`}`,
    `(${about.filter((part) => part !== null && part !== '').join('; ')})`,
  ];
  return `${parts.join(' ')}${judged === null || judged === '' ? '' : `; ${judged}`}`;
}

/** Where one address stands. */
export function whereLines(output: Output, where: WhereView): readonly string[] {
  const head = where.blocked ? `csf blocks ${where.address}.` : `csf does not block ${where.address}.`;
  return whereRows(new Sheet(output).say(head).blank(), where, true).lines;
}

function whereRows(sheet: Sheet, where: WhereView, elsewhere: boolean): Sheet {
  const places = where.places.flatMap(({ sentence, basis, way }) => [`${sentence} [${basis}]`, way]);
  return sheet
    .rows('WHERE', places.length === 0 ? ['in no list of csf that was read'] : places)
    .rows('ELSEWHERE', elsewhere ? where.elsewhere.map(said) : [])
    .rows('NEAR', where.neighbours.map(said));
}

/** What would be done. */
export function planLines(output: Output, plan: FirewallPlan): readonly string[] {
  const { title, verdict, steps, warnings, again, fix, refusal } = plan;
  const sheet = new Sheet(output)
    .say(title)
    .say(verdict?.words ?? '')
    .blank();
  sheet.rows(
    'COMMANDS',
    steps.flatMap(({ shown, effect }) => [shown, effect]),
  );
  whereRows(sheet, plan.where, plan.request.act === 'unblock')
    .rows('WARNING', warnings.map(said))
    .rows('AGAIN', again.map(said))
    .rows('FIX', fix === null ? [] : [fix.sentence]);
  if (fix?.isDone === false) sheet.command(fixCommand(fix));
  if (refusal !== null) sheet.blank().say(refusal);
  return sheet.lines;
}

/** Each value of a log in quotes that no shell looks into. */
function fixCommand({ ruleId, vhost, target, path }: NonNullable<FirewallPlan['fix']>): string {
  const options = [
    ['--vhost', vhost],
    ['--rule', ruleId],
    ['--target', target],
    ['--path', path],
  ].flatMap(([name, value]) => (value == null ? [] : [`${name} ${quoted(value)}`]));
  return `whyblocked preview ${options.join(' ')}`;
}

function quoted(value: string): string {
  return /^[\w.,:/@-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** What came of an act: its steps, and the outcome. */
export function actLines(output: Output, act: FirewallActRow): readonly string[] {
  const sheet = new Sheet(output);
  for (const { shown, text, ok } of act.steps) sheet.say(`${ok ? '✓' : '✗'} ${shown}`).under(text);
  return sheet.say(act.sentence ?? '').lines;
}
