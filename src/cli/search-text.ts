// Found lines as text for the terminal, as CSV and as JSON; what a log holds can act in none of them.
import { readableTime } from '../actions/iso-time.ts';
import type { FoundLine } from '../actions/search-view.ts';
import { type Output, safeText, styled } from './terminal.ts';

/** Width of `22 Nov 2026, 17:56:41`. */
const TIME_WIDTH = 21;

export const CSV_HEAD = 'time,file,offset,text\r\n';

/** One found line with the lines around it, for a reader: `time  file@offset  line`. */
export function foundText(output: Output, found: FoundLine): string {
  const time = (found.at === null ? 'no time' : readableTime(found.at)).padStart(TIME_WIDTH);
  const head = styled(output, 'dim', `${time}  ${oneLine(found.file)}@${found.offset}`);
  const text = found.parts.map(({ text: part, marked }) =>
    marked ? styled(output, ['bold', 'inverse'], oneLine(part)) : oneLine(part),
  );
  const around = (lines: readonly string[]): string[] =>
    lines.map((line) => `    ${styled(output, 'dim', oneLine(line))}\n`);
  const group = [...around(found.before), `${head}  ${text.join('')}\n`, ...around(found.after)];
  // Lines of different places must not read as one text.
  return group.length === 1 ? group.join('') : `${group.join('')}\n`;
}

/** One row by RFC 4180; a cell that a table program would run as a formula gets an apostrophe before it. */
export function foundCsv(found: FoundLine): string {
  return `${csvCell(found.at ?? '')},${csvCell(found.file)},${found.offset},${csvCell(textOf(found))}\r\n`;
}

function csvCell(text: string): string {
  const safe = `${/^[=+\-@\t\r]/.test(text) ? "'" : ''}${oneLine(text)}`;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** One line of `search --json`; `around`: with the lines before and after. */
export function foundJson(found: FoundLine, around: boolean): string {
  const { file, offset, at, before, after } = found;
  const text = textOf(found);
  return `${safeJson(around ? { file, offset, at, text, before, after } : { file, offset, at, text })}\n`;
}

/** JSON whose hidden characters are spelled \uXXXX: faithful to a program, harmless to a terminal. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

function textOf({ parts }: FoundLine): string {
  return parts.map(({ text }) => text).join('');
}

/** A file name may hold a line feed: it must not begin a line of its own. */
function oneLine(text: string): string {
  return safeText(text.replaceAll('\n', '\\x0a'));
}
