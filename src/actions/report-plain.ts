// A report as plain text, wrapped at 72 characters: for mails and for ticket systems that know no markup.
import type { Report, ReportBlock, Spans } from './report-view.ts';
import { plainOf } from './report-value.ts';

const WIDTH = 72;
const GAP = '  ';

/** The whole report. Lines of code are left as they are; everything else is at most 72 characters wide. */
export function plainTextOf({ title, sections }: Report): string {
  const parts = sections.map(({ heading, blocks }) =>
    [underlined(heading, '-'), blocks.map(blockOf).join('\n\n')].join('\n'),
  );
  return `${[underlined(plainOf(title), '='), ...parts].join('\n\n')}\n`;
}

function underlined(text: string, sign: string): string {
  const lines = wrapped(text, WIDTH);
  return [...lines, sign.repeat(Math.max(...lines.map(widthOf)))].join('\n');
}

function blockOf(block: ReportBlock): string {
  switch (block.kind) {
    case 'text':
      return wrapped(plainOf(block.spans), WIDTH).join('\n');
    case 'task':
      return hanging(plainOf(block.spans), '[ ] ');
    case 'list':
      return block.items.map((item) => hanging(plainOf(item), '* ')).join('\n');
    case 'table':
      return tableOf(block.head, block.rows);
    default:
      return block.text
        .split('\n')
        .map((line) => `    ${oneLine(line)}`)
        .join('\n');
  }
}

/** Columns beside each other where they fit, else each row as lines of `name: value`. */
function tableOf(head: readonly string[], rows: readonly (readonly Spans[])[]): string {
  const texts = rows.map((cells) => cells.map((cell) => oneLine(plainOf(cell))));
  const widths = head.map((name, at) =>
    Math.max(widthOf(name), ...texts.map((cells) => widthOf(cells[at] ?? ''))),
  );
  const total = widths.reduce((sum, width) => sum + width, GAP.length * widths.length);
  if (total <= WIDTH)
    return [head, head.map((_, at) => '-'.repeat(widths[at] ?? 0)), ...texts]
      .map((cells) => `${GAP}${cells.map((cell, at) => padded(cell, widths[at] ?? 0)).join(GAP)}`.trimEnd())
      .join('\n');
  return texts
    .map((cells) =>
      cells.map((cell, at) => hanging(`${head[at] ?? ''}: ${cell}`, at === 0 ? '* ' : '  ')).join('\n'),
    )
    .join('\n');
}

function hanging(text: string, mark: string): string {
  return wrapped(text, WIDTH - mark.length)
    .map((line, at) => `${at === 0 ? mark : ' '.repeat(mark.length)}${line}`)
    .join('\n');
}

/** Lines of at most so many characters, broken at blanks; a longer word is broken within. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of oneLine(text)
    .split(' ')
    .flatMap((one) => pieces(one, width))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): string[] {
  const chars = Array.from(word);
  const count = Math.max(1, Math.ceil(chars.length / width));
  return Array.from({ length: count }, (_, at) => chars.slice(at * width, (at + 1) * width).join(''));
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

function widthOf(text: string): number {
  return Array.from(text).length;
}

/** Control bytes act on terminals and mail programs. */
function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
