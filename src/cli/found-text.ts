// Exclusions that others left as lines for the terminal.
import type { FoundView } from '../actions/exclusion-view.ts';
import { type Output, safeText, styled, wrap } from './terminal.ts';

const MAKERS = { cmc: 'CMC', whm: 'WHM', hand: 'by hand' } as const;
const INDENT = 9;

/** A few lines each: who made it and what it switches off, where it stands, warnings, and whether it can be taken over. */
export function foundLines(output: Output, rows: readonly FoundView[]): string[] {
  return rows.flatMap((row) => [
    styled(output, 'bold', MAKERS[row.maker].padEnd(INDENT)) + folded(output, row.words),
    ...[placeWords(row), ...row.warnings.map(({ text }) => `Note: ${text}`)].map((text) =>
      indented(output, text),
    ),
    indented(output, takeWords(row)),
  ]);
}

function placeWords({ places }: FoundView): string {
  const files = [...Map.groupBy(places, ({ file }) => file)];
  const texts = files.map(([file, lines]) => {
    const numbers = [...new Set(lines.map(({ line }) => line))];
    const more = numbers.length > 6 ? ` and ${numbers.length - 6} more` : '';
    return `${file}:${numbers.slice(0, 6).join(',')}${more}`;
  });
  return texts.join(' ');
}

function takeWords({ key, scopes, adoptWhy }: FoundView): string {
  if (adoptWhy !== null) return `Stays: ${adoptWhy}`;
  return `Can be taken over as ${scopes.length === 1 ? '1 exclusion' : `${scopes.length} exclusions`} (${key})`;
}

function indented(output: Output, text: string): string {
  return ' '.repeat(INDENT) + folded(output, text);
}

/** A line feed in a file's name must not look like a line of ours. */
function folded(output: Output, text: string): string {
  return wrap(safeText(text.replace(/[\r\n\t]/g, ' ')), output.width, INDENT);
}
