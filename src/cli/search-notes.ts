// What `search` says beside the lines, on stderr: hints, logs that were not read, where older lines are.
import { searchCommand, shellWord } from '../actions/search-command.ts';
import type { SearchFileView, SearchView } from '../actions/search-view.ts';
import { safeText } from './terminal.ts';

/** Logs that are told one by one; of hundreds of vhosts only the first are. */
const MOST_LOGS = 10;
const MOST_SHORT = 3;

/** An ended search, and whether any log could hold what was asked. */
export interface Ended {
  readonly view: SearchView;
  readonly hasLogs: boolean;
  readonly counted: boolean;
}

/** Exit code: 0 found, 1 not searched to its end, 3 not found in logs that cover the time, 4 not found and a gap. */
export function exitCodeOfSearch({ view, hasLogs }: Ended): 0 | 1 | 3 | 4 {
  if (view.phase !== 'done' && view.phase !== 'enough') return 1;
  if (view.count > 0) return 0;
  return view.covered && hasLogs ? 3 : 4;
}

/** The sentences of an ended search, each for a line of its own. */
export function searchNotes(ended: Ended): string[] {
  const { view } = ended;
  const sentences = [...patternNotes(view), ...logNotes(view), ...endNotes(ended)];
  return sentences.map((sentence) => safeText(sentence.replaceAll('\n', '\\x0a')));
}

function patternNotes({ notes, query }: SearchView): string[] {
  return notes.map(({ sentence, change }) => {
    const command = change === null ? '' : searchCommand({ ...query, ...change });
    return command === '' ? sentence : `${sentence} Try: ${command}`;
  });
}

/** Logs that could not be read, one by one; of those that do not reach back many are told in one sentence. */
function logNotes({ files }: SearchView): string[] {
  const told = (chosen: readonly SearchFileView[]): string[] =>
    chosen.slice(0, MOST_LOGS).map(({ path, note }) => `${path}: ${note ?? ''}.`);
  const bad = files.filter(({ state, note }) => state === 'problem' && note !== null);
  const sentences = told(bad);
  if (bad.length > MOST_LOGS) sentences.push(`${bad.length - MOST_LOGS} more logs could not be read.`);
  const short = files.filter(isShort);
  if (short.length <= MOST_SHORT) return [...sentences, ...told(short)];
  return [
    ...sentences,
    `${short.length} logs do not reach back to the time asked for, e.g. ${told(short)[0] ?? ''}`,
  ];
}

/** A log that was read has a note when it does not reach back, or when the rest of it was not wanted. */
function isShort({ state, note }: SearchFileView): boolean {
  return state === 'done' && note?.startsWith('it ') === true;
}

function endNotes(ended: Ended): string[] {
  const { view, counted, hasLogs } = ended;
  if (view.problem !== null) return [view.problem];
  if (!hasLogs) return [`No log was read: ${whyNone(view)}.`];
  if (view.count === 0) return [nothingFound(view)];
  if (counted || view.older === null) return [];
  const older = `older ones: --before ${shellWord(view.older)}`;
  const shown = view.lines.length === 1 ? 'line is' : `${view.lines.length} lines are`;
  if (view.phase === 'enough') return [`The newest ${shown} shown; ${older}`];
  const all = view.query.before === null ? 'lines in all' : 'lines were left';
  return [`${view.count} ${all}, the newest ${view.lines.length} shown; ${older}`];
}

function whyNone({ files }: SearchView): string {
  const reasons = new Set(files.map(({ note }) => note).filter((note) => note !== null));
  return reasons.size === 0 ? 'no such log is here' : [...reasons].join('; ');
}

function nothingFound({ files, covered }: SearchView): string {
  const read = files.filter(({ state }) => state === 'done').length;
  const logs = `${read} ${read === 1 ? 'log' : 'logs'}`;
  return covered
    ? `No line was found; ${logs} read.`
    : `No line was found; ${logs} read, but not all that was asked for could be.`;
}
