// A report as Markdown (CommonMark, tables as on GitHub). Values stand in code spans, where nothing is a link, an image,
// HTML, a mention or a reference; words of our own are escaped.
import type { Report, ReportBlock, Span, Spans } from './report-view.ts';

const SIGNS = /[\\`*_[\]<#|~&@$]/g;
/** At the beginning of a line these would make a list or a quote. */
const OPENING = /^(\d+)?([.)=:>+-])/;

/** The whole report. `crs` has the headings of the issue form that it is for. */
export function markdownOf({ title, sections, kind }: Report): string {
  const level = kind === 'crs' ? '###' : '##';
  const parts = sections.map(({ heading, blocks }) =>
    [`${level} ${words(heading)}`, ...blocks.map(blockOf)].join('\n\n'),
  );
  return `${[`# ${line(title)}`, ...parts].join('\n\n')}\n`;
}

function blockOf(block: ReportBlock): string {
  switch (block.kind) {
    case 'text':
      return line(block.spans);
    case 'task':
      return `- [ ] ${line(block.spans)}`;
    case 'list':
      return block.items.map((item) => `- ${line(item)}`).join('\n');
    case 'table':
      return tableOf(block.head, block.rows);
    default:
      return fenced(block.text);
  }
}

function tableOf(head: readonly string[], rows: readonly (readonly Spans[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = rows.map((cells) =>
    row(cells.map((cell) => cell.map((span) => spanOf(span, true)).join(''))),
  );
  return [row(head.map(words)), row(head.map(() => '---')), ...lines].join('\n');
}

function line(spans: Spans): string {
  const text = spans.map((span) => spanOf(span, false)).join('');
  return text.replace(OPENING, (_, digits: string | undefined, sign: string) => `${digits ?? ''}\\${sign}`);
}

function spanOf(span: Span, isInTable: boolean): string {
  return typeof span === 'string' ? words(span) : codeSpan(span.value, isInTable);
}

/** Words of our own: every sign that could mean something is escaped, and they stay on their line. */
function words(text: string): string {
  return oneLine(text).replace(SIGNS, '\\$&');
}

/**
 * A code span: its fence is longer than any run of backticks in it. In a table a bar would end the cell, and readers differ in
 * what a backslash before it does: a broken bar stands for it.
 */
function codeSpan(value: string, isInTable: boolean): string {
  const text = oneLine(value);
  const fence = '`'.repeat(longestRun(text) + 1);
  const pad = /^`|`$|^ .* $/.test(text) ? ' ' : '';
  const inner = isInTable ? text.replaceAll('|', '\u00a6') : text;
  return `${fence}${pad}${inner}${pad}${fence}`;
}

function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}\n${text.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, '\ufffd')}\n${fence}`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}

function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
