// How the reading of the logs stands, and in words what a failure of it means: what happened, what is shown meanwhile, how it
// is mended. Plain data: it crosses from the reading thread to that of the pages.
import { errorCode } from '../host/problems.ts';
import type { EpochMs } from '../model.ts';
import { mebibytes } from './mebibytes.ts';
import type { HealthItem } from './inbox-view.ts';

/** What stopped the reading. `denied`: the database, or a folder that it needs, must not be written. */
export type ReadFailure = 'disk-full' | 'locked' | 'denied' | 'damaged' | 'other';

export interface ReadState {
  /** When all that was there had been read last; null before the first time. */
  readonly at: EpochMs | null;
  readonly running: boolean;
  readonly failure: ReadFailure | null;
  /** The failure in the words of whoever reported it; may hold what strangers wrote: escape it. */
  readonly detail: string | null;
  /** Sources that could not be read. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
  /** Bytes of all logs that were there and are not read yet. */
  readonly bytesLeft: number;
}

/** What a round without failure says. */
export const NO_FAILURE = { failure: null, detail: null } as const;

/** Before the first round. */
export const NOT_READ_YET: ReadState = {
  at: null,
  running: false,
  ...NO_FAILURE,
  problems: [],
  bytesLeft: 0,
};

/**
 * Codes by the failure they stand for. SQLite reports a full disk as FULL, while it makes the index of its log larger as
 * IOERR_SHMSIZE, and a quota that is used up as IOERR_WRITE (os_unix.c: only ENOSPC becomes FULL).
 */
const CODES: readonly (readonly [RegExp, ReadFailure])[] = [
  [/^(?:SQLITE_FULL|SQLITE_IOERR_(?:SHMSIZE|WRITE)|ENOSPC|EDQUOT)$/, 'disk-full'],
  [/^SQLITE_(?:BUSY|LOCKED)/, 'locked'],
  [/^(?:SQLITE_(?:READONLY|CANTOPEN|PERM)|EACCES$|EPERM$|EROFS$)/, 'denied'],
  [/^SQLITE_(?:CORRUPT|NOTADB$|IOERR_SHORT_READ$)/, 'damaged'],
];
const MOST_DETAIL = 300;

/** What an error of reading or keeping means, by its code or that of its cause. Takes anything that was thrown. */
export function failureOf(error: unknown): {
  readonly failure: ReadFailure;
  readonly detail: string;
} {
  const text = error instanceof Error ? error.message : messageOf(error);
  const codes = [errorCode(error), errorCode(causeOf(error))];
  const known = CODES.find(([form]) => codes.some((code) => form.test(code)));
  return { failure: known?.[1] ?? 'other', detail: text.slice(0, MOST_DETAIL) };
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : null;
}

function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** A state of the reading that a page must say. */
export interface ReadNotice {
  /** What happened. */
  readonly title: string;
  /** What is still true, and what is missing. */
  readonly text: string;
  readonly mend: string;
}

interface Words {
  readonly short: string;
  readonly title: string;
  readonly mend: string;
}

const WORDS: Readonly<Record<ReadFailure, Words>> = {
  'disk-full': {
    short: 'stopped, the disk is full',
    title: 'The disk is full: what the logs say now cannot be kept.',
    mend: 'Free space where the database lies; `whyblocked doctor` names the folder. Reading goes on by itself.',
  },
  locked: {
    short: 'stopped, the database is locked',
    title: 'Another program holds the database locked: what the logs say now cannot be kept.',
    mend: 'End that program (`fuser -v` on whyblocked.db names it). Reading goes on by itself.',
  },
  denied: {
    short: 'stopped, the database cannot be written',
    title: 'The database cannot be written: what the logs say now cannot be kept.',
    mend: 'Let root write in the folder of the database; `whyblocked doctor` names it. Reading goes on by itself.',
  },
  damaged: {
    short: 'stopped, the database is damaged',
    title: 'The database is damaged: what the logs say now cannot be kept.',
    mend: 'Restart the service: it sets the file aside and reads the logs again. Marks and reasons come back from a backup.',
  },
  other: {
    short: 'stopped by an error',
    title: 'The logs cannot be read or kept: an error stops it.',
    mend: '`whyblocked doctor` and the journal of the service tell more. It is tried again every second.',
  },
};

/** What a page or the terminal says of a failure; null when there is none. `when` writes a time. */
export function readNotice(state: ReadState, when: (at: EpochMs) => string): ReadNotice | null {
  if (state.failure === null) return null;
  const { title, mend } = WORDS[state.failure];
  const told = state.detail === null || state.detail === '' ? '' : ` It was reported as: ${state.detail}.`;
  return { title, text: `${keptWords(state.at, when)}${told}`, mend };
}

function keptWords(at: EpochMs | null, when: (at: EpochMs) => string): string {
  const since = at === null ? 'the last time that it worked' : when(at);
  return `What was read before stays true and is shown. Whatever happened after ${since} is missing here, and that does not mean nothing happened.`;
}

/** The items of the health strip about reading as a whole; none while it goes well. */
export function readStateHealth(state: ReadState): HealthItem[] {
  if (state.failure !== null) {
    return [{ name: 'reading', state: 'bad', text: WORDS[state.failure].short, check: 'reading' }];
  }
  if (!state.running || state.bytesLeft === 0) return [];
  const first = state.at === null ? 'first read in progress, ' : '';
  const text = `${first}${mebibytes(state.bytesLeft)} still to be read`;
  return [{ name: 'reading', state: 'warn', text, check: 'reading' }];
}
