// A search as a file: text, CSV or JSON lines. Masked lines only, and nothing in them acts in a terminal or a table program.
import { setImmediate as breath, setTimeout as pause } from 'node:timers/promises';
import { CSV_HEAD, csvRow, jsonRow, lineText } from '../actions/search-rows.ts';
import type { FoundLine, SearchView } from '../actions/search-view.ts';
import type { FileAnswer, Page, PageTools, Visit } from './page.ts';
import { spokenProblem, WebProblem } from './problems.ts';
import { readSearch, searchLink } from './search-query.ts';
import { isBusy } from './view-search.ts';
import { visible, whole } from './view-text.ts';

/** How long one look waits, the rest between two (each carries all lines), and how long an export may take: waiting for two others and its own 30 s. */
const LOOK_MS = 1000;
const REST_MS = 200;
const LONGEST_MS = 120_000;
/** Characters of one file; what is beyond is left out, and the header says so. */
const MOST = 32 * 1024 * 1024;
const ROWS_AT_ONCE = 500;

const FORMATS = {
  text: { ending: 'txt', type: 'text/plain; charset=utf-8', head: '', row: textRow },
  csv: {
    ending: 'csv',
    type: 'text/csv; charset=utf-8; header=present',
    head: CSV_HEAD,
    row: (found: FoundLine) => csvRow(found, oneLine),
  },
  jsonl: {
    ending: 'jsonl',
    type: 'application/x-ndjson; charset=utf-8',
    head: '',
    row: (found: FoundLine) => jsonRow(found, false),
  },
} as const;

type Format = keyof typeof FORMATS;

/** One line whatever it holds: line feeds are spelled out like all other control characters. */
function oneLine(text: string): string {
  return visible(text.replaceAll(/\r?\n/g, '\u2039U+000A\u203a'));
}

function textRow(found: FoundLine): string {
  return `${oneLine(lineText(found))}\n`;
}

/** The rows of a file up to its limit, and how many lines they are. Other pages are answered in between. */
async function bodyOf(
  format: Format,
  lines: readonly FoundLine[],
): Promise<{ readonly body: string; readonly rows: number }> {
  const { head, row } = FORMATS[format];
  const rows: string[] = [];
  let size = 0;
  for (const line of lines) {
    const text = row(line);
    size += text.length;
    if (size > MOST) break;
    rows.push(text);
    if (rows.length % ROWS_AT_ONCE === 0) await breath();
  }
  return { body: head + rows.join(''), rows: rows.length };
}

/** Looks until the search has ended; stops it when nobody waits for the file any more or it takes too long. */
async function ended(
  { engine, clock }: PageTools,
  first: SearchView,
  gone: AbortSignal,
): Promise<SearchView> {
  const end = clock() + LONGEST_MS;
  let view = first;
  while (isBusy(view.phase)) {
    if (gone.aborted || clock() > end) return (await engine.search.stop(view.id)) ?? view;
    await pause(REST_MS);
    const next = await engine.search.look(view.id, LOOK_MS);
    if (next === null)
      throw new WebProblem(400, 'The search was ended before the file was ready. Export it again.');
    view = next;
  }
  return view;
}

/** What a reader of the file must know, in ASCII for a header; null when the file is complete. */
function noteOf(view: SearchView, rows: number): string | null {
  const what = [
    view.phase === 'stopped' ? 'incomplete: the search was cancelled' : '',
    view.phase === 'timeout' ? 'incomplete: the search took too long' : '',
    view.phase === 'failed' ? 'incomplete: the search failed' : '',
    rows < view.lines.length ? `cut: the first ${rows} lines only, the file would be too long` : '',
    view.older === null ? '' : `cut: the newest ${whole(view.lines.length)} lines, there are older ones`,
    view.covered ? '' : 'not all logs cover the time asked for',
  ].filter((text) => text !== '');
  return what.length === 0 ? null : what.join('; ');
}

function isFormat(text: string | null): text is Format {
  return text !== null && Object.hasOwn(FORMATS, text);
}

async function start({ engine }: PageTools, fields: URLSearchParams): Promise<SearchView> {
  const { query, errors } = readSearch(fields);
  const [wrong] = errors.values();
  if (wrong !== undefined) throw new WebProblem(400, wrong);
  try {
    return await engine.search.start(query, LOOK_MS);
  } catch (error) {
    throw spokenProblem(error);
  }
}

/** Exports a search: `?p=/search/export&format=csv&q=…`. One that failed without a line leads back to its page. */
export const exportLines: Page = async (tools, fields, { gone }: Visit) => {
  const format = fields.get('format');
  if (!isFormat(format)) throw new WebProblem(400, 'The format is text, csv or jsonl.');
  const view = await ended(tools, await start(tools, fields), gone);
  if (view.phase === 'failed' && view.lines.length === 0)
    return { kind: 'redirect', to: searchLink(view.query, { job: view.id }) };
  const { body, rows } = await bodyOf(format, view.lines);
  const day = /^\d{4}-\d{2}-\d{2}/.exec(view.server.now)?.[0] ?? 'undated';
  const { ending, type } = FORMATS[format];
  const file: FileAnswer = {
    kind: 'file',
    name: `whyblocked-search-${day}.${ending}`,
    type,
    body,
    note: noteOf(view, rows),
  };
  return file;
};
