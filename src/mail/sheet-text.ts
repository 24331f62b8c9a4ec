// A sheet as plain text, 76 characters a line where words allow it.
import { cleanText } from './clean.ts';
import type { Sheet, SheetItem, SheetPart } from './sheet.ts';

const WIDTH = 76;

/** The text, with LF at every line's end. */
export function sheetText(sheet: Sheet): string {
  const lines = [
    cleanText(sheet.badge).toUpperCase(),
    ...wrapped(sheet.title),
    '',
    ...wrapped(sheet.lead),
    ...sheet.sections.flatMap(({ heading, parts }) => [
      '',
      '',
      cleanText(heading).toUpperCase(),
      ...parts.flatMap((part, index) => [...(index === 0 ? [] : ['']), ...partLines(part)]),
    ]),
    '',
    // What mail programs know as the beginning of small print.
    '-- ',
    ...sheet.foot.flatMap((line) => wrapped(line)),
  ];
  return `${lines.join('\n')}\n`;
}

function partLines(part: SheetPart): string[] {
  switch (part.kind) {
    case 'text':
      return wrapped(part.text);
    case 'items':
      return part.items.flatMap(itemLines);
    case 'facts':
      return part.facts.flatMap(([name, value]) => wrapped(`${name}: ${value}`, '', '  '));
    case 'commands':
      return part.commands.map((command) => `    ${cleanText(command)}`);
    default:
      return part.links.flatMap(({ text, href }) =>
        href === null ? wrapped(text, '- ', '  ') : [...wrapped(`${text}:`, '- ', '  '), `  ${href}`],
      );
  }
}

function itemLines({ mark, text, basis, isCode, href }: SheetItem): string[] {
  const standing = basis === null ? '' : ` [${basis}]`;
  const start = mark === null ? '- ' : `${cleanText(mark)} `.padEnd(6);
  // A log line is not broken where it has blanks of its own.
  if (isCode) return [`${start}${cleanText(text)}${standing}`];
  const indent = ' '.repeat(Math.min(start.length, 6));
  return [...wrapped(`${text}${standing}`, start, indent), ...(href === null ? [] : [`${indent}${href}`])];
}

function wrapped(text: string, first = '', later = ''): string[] {
  const lines: string[] = [];
  let line = first;
  let isStart = true;
  for (const word of cleanText(text, 2000).split(' ')) {
    if (!isStart && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = later + word;
    } else line += isStart ? word : ` ${word}`;
    isStart = false;
  }
  return [...lines, line];
}
