// Found lines as rows of CSV and JSON, for the exports of the page and the terminal: nothing in them acts anywhere.
import type { FoundLine } from './search-view.ts';

export const CSV_HEAD = 'time,file,offset,text\r\n';

/** The line as it is shown: its parts joined. */
export function lineText({ parts }: FoundLine): string {
  return parts.map(({ text }) => text).join('');
}

/**
 * One row by RFC 4180 with the fields of CSV_HEAD. A cell that a table program would run as a formula gets an
 * apostrophe before it; `oneLine` makes control characters of a text harmless, line feeds too.
 */
export function csvRow(found: FoundLine, oneLine: (text: string) => string): string {
  const cell = (text: string): string => {
    const safe = `${/^[=+\-@\t\r]/.test(text) ? "'" : ''}${oneLine(text)}`;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  return `${cell(found.at ?? '')},${cell(found.file)},${found.offset},${cell(lineText(found))}\r\n`;
}

/** One line of JSON; `around`: with the lines before and after. */
export function jsonRow(found: FoundLine, around: boolean): string {
  const { file, offset, at, before, after } = found;
  const text = lineText(found);
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
