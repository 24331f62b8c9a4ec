// Which logs a search read: how many, what is wrong with some, and the list of all.
import type { SearchFileView, SearchView } from '../actions/search-view.ts';
import { counted, whole } from './view-text.ts';
import { dayTime } from './view-time.ts';

/** Rows of the list, and problems shown without unfolding it. */
const LISTED = 300;
const PROBLEMS = 5;

interface FileRow {
  readonly path: string;
  readonly lines: string;
  readonly tone: 'ok' | 'warn' | 'bad' | 'off';
  readonly state: string;
}

/** What the partial `search-files` prints. */
export interface FilesView {
  /** `Searched: 3 logs. 1 is being read, 2 wait.` */
  readonly summary: string;
  readonly problems: readonly FileRow[];
  readonly moreProblems: string;
  readonly rows: readonly FileRow[];
  readonly moreRows: string;
}

const STATES: Readonly<Record<SearchFileView['state'], string>> = {
  waiting: 'waits',
  reading: 'is being read',
  done: 'read',
  'left out': 'left out',
  problem: 'not read',
};

function toneOf(file: SearchFileView): FileRow['tone'] {
  if (file.state === 'problem') return 'bad';
  if (file.state !== 'done') return 'off';
  return file.note === null ? 'ok' : 'warn';
}

function fileRow(file: SearchFileView): FileRow {
  const reads = file.state === 'done' || file.state === 'reading';
  return {
    path: file.path,
    lines: reads || file.lines > 0 ? whole(file.lines) : '',
    tone: toneOf(file),
    state: file.note ?? STATES[file.state],
  };
}

function summaryText(files: readonly SearchFileView[]): string {
  const count = (state: SearchFileView['state']): number => files.filter((one) => one.state === state).length;
  const [reading, waiting, leftOut, broken] = [
    count('reading'),
    count('waiting'),
    count('left out'),
    count('problem'),
  ];
  const read = count('done') + reading;
  const rest = [
    waiting > 0 ? `${whole(waiting)} still to read` : '',
    leftOut > 0 ? `${whole(leftOut)} left out` : '',
    broken > 0 ? `${whole(broken)} not readable` : '',
  ].filter((text) => text !== '');
  return `Searched: ${counted(read, 'log')}${rest.length === 0 ? '' : `, ${rest.join(', ')}`}`;
}

/** The logs of a search, those with something to say first; null when there is none. */
export function filesView(files: readonly SearchFileView[]): FilesView | null {
  if (files.length === 0) return null;
  const rank = (file: SearchFileView): number =>
    (file.state === 'left out' ? 1 : 0) - Math.min(1, file.lines);
  const rows = files.toSorted((a, b) => rank(a) - rank(b)).map(fileRow);
  const problems = rows.filter((row) => row.tone === 'bad' || row.tone === 'warn');
  const more = (all: number, shown: number): string => (all > shown ? `and ${whole(all - shown)} more` : '');
  return {
    summary: summaryText(files),
    problems: problems.slice(0, PROBLEMS),
    moreProblems: more(problems.length, PROBLEMS),
    rows: rows.slice(0, LISTED),
    moreRows: more(rows.length, LISTED),
  };
}

/** The time window as it was understood, with the server's offset: `22 Nov 2026, 17:30:00 to … (+01:00)`. */
export function windowText({ window, server }: SearchView): string {
  const { from, to } = window;
  const offset = ` (${server.offset})`;
  if (from !== null && to !== null) return `Time: ${dayTime(from)} to ${dayTime(to)}${offset}`;
  if (from !== null) return `Time: from ${dayTime(from)} on${offset}`;
  if (to !== null) return `Time: up to ${dayTime(to)}${offset}`;
  return 'Time: all that the logs hold';
}
