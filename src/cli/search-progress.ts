// The line on a terminal that tells how far a search is, rewritten in its place.
import type { SearchRun } from '../actions/search-run.ts';
import { safeText } from './terminal.ts';

const EVERY_MS = 200;

/** Shows progress until the function it gives is called, which takes the line away; `width` null: nothing is shown. */
export function showProgress(
  run: Pick<SearchRun, 'bytesDone' | 'bytesTotal' | 'reading' | 'collector'>,
  width: number | null,
  write: (text: string) => void,
): () => void {
  if (width === null) return () => undefined;
  let shown = 0;
  const rewrite = (text: string): void => {
    // Blanks instead of a control sequence: each terminal knows them.
    write(`\r${text.padEnd(shown)}${text.length < shown ? `\r${text}` : ''}`);
    shown = text.length;
  };
  const timer = setInterval(() => {
    rewrite(progressText(run).slice(0, Math.max(width - 1, 1)));
  }, EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown > 0) write(`\r${' '.repeat(shown)}\r`);
  };
}

function progressText({
  bytesDone,
  bytesTotal,
  reading,
  collector,
}: Parameters<typeof showProgress>[0]): string {
  const percent = bytesTotal === 0 ? 100 : Math.floor((bytesDone / bytesTotal) * 100);
  const log = reading === null ? '' : `  ${safeText(reading.replaceAll(/[\t\n]/g, ' '))}`;
  return `${percent} %  ${collector.count} lines found${log}`;
}
