// Found lines as text for the terminal, as CSV and as JSON; what a log holds can act in none of them.
import { readableTime } from '../actions/iso-time.ts';
import { csvRow } from '../actions/search-rows.ts';
import type { FoundLine } from '../actions/search-view.ts';
import { type Output, safeText, styled } from './terminal.ts';

/** Width of `22 Nov 2026, 17:56:41`. */
const TIME_WIDTH = 21;

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

/** One row of --csv. */
export function foundCsv(found: FoundLine): string {
  return csvRow(found, oneLine);
}

/** A file name may hold a line feed: it must not begin a line of its own. */
function oneLine(text: string): string {
  return safeText(text.replaceAll('\n', '\\x0a'));
}
