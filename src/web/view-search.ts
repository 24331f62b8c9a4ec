// The results of a search: what its phase means, what was read, the lines, and what can be done next.
import { searchCommand } from '../actions/search-command.ts';
import { DEFAULT_KINDS, SEARCH_KINDS } from '../actions/search-query.ts';
import type { SearchQuery } from '../actions/search-query.ts';
import type { SearchPhase, SearchView } from '../actions/search-view.ts';
import { pageLink } from './links.ts';
import { searchLink, searchParams } from './search-query.ts';
import type { HistogramPicture } from './view-histogram.ts';
import { histogramPicture } from './view-histogram.ts';
import type { FilesView } from './view-search-files.ts';
import { filesView, windowText } from './view-search-files.ts';
import type { HitRow } from './view-search-lines.ts';
import { hitRows } from './view-search-lines.ts';
import { baseName, byteShare, byteSize, counted, whole } from './view-text.ts';
import { duration } from './view-time.ts';

/** Rows on a page while the search runs (they are sent each second), and when it has ended. */
const ROWS_RUNNING = 200;
export const ROWS = 1000;

interface Linked {
  readonly href: string;
  readonly text: string;
}

/** What views/partials/search-results.ejs needs. */
export interface SearchResults {
  readonly busy: boolean;
  readonly heading: string;
  readonly reading: string;
  readonly progress: { readonly value: number; readonly max: number; readonly text: string } | null;
  /** Forms send these back: the search's id, and the search itself as one text. */
  readonly job: string;
  readonly query: string;
  readonly stop: string;
  readonly save: string;
  readonly poll: string;
  /** What is the case, in bold, and what to do; null when the heading says it all. */
  readonly note: {
    readonly tone: 'warn' | 'attack' | '';
    readonly what: string;
    readonly then: string;
  } | null;
  readonly window: string;
  readonly hints: readonly { readonly sentence: string; readonly link: Linked | null }[];
  readonly histogram: HistogramPicture | null;
  readonly files: FilesView | null;
  readonly empty: { readonly title: string; readonly text: string; readonly link: Linked | null } | null;
  readonly count: number;
  readonly rows: readonly HitRow[];
  readonly moreRows: string;
  readonly older: string | null;
  readonly newest: string | null;
  readonly share: string;
  readonly command: string;
  readonly exports: { readonly lead: string; readonly links: readonly Linked[] };
}

/** Whether a search still works or waits. */
export function isBusy(phase: SearchPhase): boolean {
  return phase === 'waiting' || phase === 'running';
}

function heading(view: SearchView): string {
  const { phase, count, query } = view;
  if (isBusy(phase)) return `${counted(count, 'line')} so far`;
  if (phase === 'failed')
    return count === 0 ? 'The search failed' : `${counted(count, 'line')}, then it failed`;
  if (phase === 'stopped') return `Cancelled at ${counted(count, 'line')}`;
  if (phase === 'timeout') return `${counted(count, 'line')} until the time was up`;
  if (phase === 'enough')
    return `The ${query.before === null ? 'newest' : 'next older'} ${counted(view.lines.length, 'line')}`;
  if (count > 0) return counted(count, 'line');
  return query.before === null ? 'No line found' : 'No older line';
}

function noteOf(view: SearchView): SearchResults['note'] {
  const { phase, problem } = view;
  const read = `${byteShare(view.bytesDone, view.bytesTotal)} were read`;
  if (phase === 'waiting')
    return {
      tone: '',
      what: 'Two other searches are running.',
      then: 'This one starts when one of them ends.',
    };
  if (phase === 'enough') {
    const then = view.older === null ? '' : 'Older lines are one click further.';
    return { tone: '', what: 'The logs hold more, which was not counted.', then };
  }
  if (phase === 'stopped')
    return { tone: 'warn', what: 'Cancelled.', then: `${read}; what was found until then is here.` };
  if (phase === 'timeout') {
    const then = `${read}. A shorter time, one log, an address or a vhost makes it faster.`;
    return { tone: 'warn', what: problem ?? 'The search took too long and was ended.', then };
  }
  if (phase === 'failed')
    return { tone: 'attack', what: problem ?? 'The search failed.', then: 'Not all lines are here.' };
  if (view.count === 0 || view.covered) return null;
  return {
    tone: 'warn',
    what: 'Not all logs cover this time.',
    then: 'Lines may be missing: see which below.',
  };
}

/** Other kinds of logs, offered when only some were searched. */
function wider(query: SearchQuery): Linked | null {
  const chosen = query.logs.length === 0 ? DEFAULT_KINDS : query.logs;
  const others = SEARCH_KINDS.filter((kind) => !chosen.includes(kind));
  if (others.length === 0 || chosen.some((log) => log.startsWith('/'))) return null;
  const href = searchLink({ ...query, logs: SEARCH_KINDS, before: null });
  return { href, text: `Search ${others.join(', ')} too` };
}

function emptyOf(view: SearchView): SearchResults['empty'] {
  if (view.phase !== 'done' || view.count > 0) return null;
  if (!view.covered) {
    return {
      title: 'No line found, but not all logs cover this time.',
      text: 'That does not mean that nothing was written. See which log begins later or cannot be read.',
      link: null,
    };
  }
  const read = view.files.filter((file) => file.state === 'done').length;
  if (view.query.before !== null)
    return { title: 'No older line matches.', text: 'The logs were read to their beginning.', link: null };
  return {
    title: 'No line of the logs read matches.',
    text: `${counted(read, 'log')}, ${byteSize(view.bytesTotal)}, read whole for this time in ${duration(view.tookMs)}.`,
    link: wider(view.query),
  };
}

function readingText(view: SearchView): string {
  if (view.phase === 'waiting') return 'Waiting';
  if (view.phase !== 'running') return `${byteSize(view.bytesDone)} read in ${duration(view.tookMs)}`;
  const name = view.reading === null ? 'Reading' : `Reading ${baseName(view.reading)}`;
  return `${name}, ${byteShare(view.bytesDone, view.bytesTotal)}`;
}

function exportsOf({ query, older, phase }: SearchView): SearchResults['exports'] {
  const formats = [
    ['text', 'Text'],
    ['csv', 'CSV'],
    ['jsonl', 'JSON lines'],
  ] as const;
  const isAll = phase === 'done' && older === null;
  const cut = isAll ? 'all lines' : `the newest ${whole(query.limit)}`;
  return {
    lead:
      query.before === null
        ? `Export ${cut}, masked:`
        : `Export up to ${whole(query.limit)} of these older lines, masked:`,
    links: formats.map(([format, text]) => ({ href: searchLink(query, { format }, '/search/export'), text })),
  };
}

/** The results as the page shows them, and again each second while they grow. */
export function searchResults(view: SearchView): SearchResults {
  const { query, id } = view;
  const busy = isBusy(view.phase);
  const shown = view.lines.slice(0, busy ? ROWS_RUNNING : ROWS);
  const text = readingText(view);
  // Of the lines only those that are shown may have come along.
  const found = shown.length < ROWS ? view.lines.length : Math.min(view.count, query.limit);
  const hidden = found - shown.length;
  return {
    busy,
    heading: heading(view),
    reading: text,
    progress: busy ? { value: view.bytesDone, max: Math.max(view.bytesTotal, view.bytesDone), text } : null,
    job: id,
    query: searchParams(query).toString(),
    stop: pageLink('/search/stop'),
    save: pageLink('/search/save'),
    poll: pageLink('/search/results', { job: id }),
    note: noteOf(view),
    window: windowText(view),
    hints: view.notes.map((note) => ({
      sentence: note.sentence,
      link:
        note.change === null
          ? null
          : {
              href: searchLink({ ...query, before: null, ...note.change }),
              text: note.offer ?? 'Search for that',
            },
    })),
    histogram: histogramPicture(view.histogram, view.server.now),
    files: filesView(view.files),
    empty: emptyOf(view),
    count: view.count,
    rows: hitRows(shown, view.server.now),
    moreRows: hidden > 0 ? `${counted(hidden, 'more line')} found and not shown on this page` : '',
    older: view.older === null || busy ? null : searchLink({ ...query, before: view.older }),
    newest: query.before === null ? null : searchLink({ ...query, before: null }),
    share: searchLink(query),
    command: searchCommand(query),
    exports: exportsOf(view),
  };
}
