// What a search knows of one log while it goes on.
import type { GrepLine, Piece } from '../host/grep.ts';
import type { ByteRange } from '../host/byte-range.ts';
import type { SearchFile } from '../host/search-file.ts';
import type { EpochMs, SearchLog } from '../model.ts';
import type { LineJudge } from './search-judge.ts';
import type { SearchFileView } from './search-view.ts';

/** The state of one log; changed by the order and the run only. */
export interface FileState {
  readonly log: SearchLog;
  readonly timeOf: (line: string) => EpochMs | null;
  readonly slackMs: number;
  state: SearchFileView['state'];
  note: string | null;
  lines: number;
  file: SearchFile | null;
  judge: LineJudge | null;
  /** What is still to be read of a plain log, from its start; null before it was opened and when all was read. */
  left: ByteRange | null;
  /** No line that is still to be read is later. */
  latestLeft: EpochMs;
  /** Found lines of a packed log whose time is still to be looked for. */
  timeless: GrepLine[];
  /** Time of the log's first line; undefined before it was asked. */
  first: EpochMs | null | undefined;
}

/** A state for a log that is to be read, or left out for a reason. */
export function newFileState(
  log: SearchLog,
  options: { leftOut: string | null; timeOf: FileState['timeOf']; slackMs: number },
): FileState {
  const isThere = log.problem === null;
  return {
    log,
    timeOf: options.timeOf,
    slackMs: options.slackMs,
    state: options.leftOut !== null ? 'left out' : isThere ? 'waiting' : 'problem',
    note: options.leftOut ?? log.problem,
    lines: 0,
    file: null,
    judge: null,
    left: null,
    latestLeft: Infinity,
    timeless: [],
    first: undefined,
  };
}

/** Nothing more is read of a log. */
export function finish(state: FileState, how: 'done' | 'left out' | 'problem', note: string | null): void {
  state.file?.close();
  state.file = null;
  state.left = null;
  state.state = how;
  state.note = note ?? state.note;
}

/** The log's state as pages show it. */
export function fileView({ log, state, note, lines }: FileState): SearchFileView {
  return { path: log.path, kind: log.kind, lines, state, note };
}

/** A piece that knows its state. */
export interface OwnedPiece extends Piece {
  readonly owner: FileState;
}
