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
const MOST_CAUSES = 5;

/** What an error of reading or keeping means, by its code or that of what caused it. Takes anything that was thrown. */
export function failureOf(error: unknown): {
  readonly failure: ReadFailure;
  readonly detail: string;
} {
  for (const one of causesOf(error)) {
    const known = CODES.find(([form]) => form.test(errorCode(one)));
    if (known !== undefined) return { failure: known[1], detail: detailOf(one) };
  }
  return { failure: 'other', detail: detailOf(error) };
}

/** An error, its cause, and so on. */
function causesOf(error: unknown): unknown[] {
  const chain = [error];
  for (let at = error; hasCause(at) && chain.length < MOST_CAUSES; at = at.cause) chain.push(at.cause);
  return chain;
}

function hasCause(error: unknown): error is { readonly cause: unknown } {
  return typeof error === 'object' && error !== null && 'cause' in error;
}

/** The state after an error that leaves what is kept readable; null for any other error. */
export function stoppedBy(error: unknown): ReadState | null {
  const failed = failureOf(error);
  const isKept = failed.failure === 'disk-full' || failed.failure === 'locked' || failed.failure === 'denied';
  return isKept ? { ...NOT_READ_YET, ...failed } : null;
}

/** Whether an answer may keep what it found out by the way: not while nothing can be kept. */
export function mayKeep({ reader }: { readonly reader: (() => ReadState) | null }): boolean {
  return (reader?.() ?? NO_FAILURE).failure === null;
}

function detailOf(error: unknown): string {
  const has = typeof error === 'object' && error !== null && 'message' in error;
  const text = has && typeof error.message === 'string' ? error.message : typeof error;
  return text.replace(/\.$/, '').slice(0, MOST_DETAIL);
}

/** A state of the reading that a page must say. */
export interface ReadNotice {
  /** What happened. */
  readonly title: string;
  /** What is still true, and what is missing. */
  readonly text: string;
  readonly mend: string;
}

/** Words of the server that a notice needs: how it writes a time, and the folder of the database. */
export interface NoticeWords {
  readonly when: (at: EpochMs) => string;
  readonly folder: string;
}

interface Words {
  /** A clause that fits "stopped: …". */
  readonly why: string;
  readonly title: string;
  /** FOLDER stands for the folder of the database. */
  readonly mend: string;
}

const WORDS: Readonly<Record<ReadFailure, Words>> = {
  'disk-full': {
    why: 'the disk is full',
    title: 'The disk is full: nothing new can be kept.',
    mend: 'Free space on the disk of FOLDER. Reading goes on by itself.',
  },
  locked: {
    why: 'the database is locked',
    title: 'Another program holds the database locked: nothing new can be kept.',
    mend: 'End that program; fuser -v FOLDER/whyblocked.db names it. Reading goes on by itself.',
  },
  denied: {
    why: 'the database cannot be written',
    title: 'The database cannot be written: nothing new can be kept.',
    mend: 'Let root write in FOLDER: look at its rights and at how its disk is mounted. Reading goes on by itself.',
  },
  damaged: {
    why: 'the database is damaged',
    title: 'The database is damaged: nothing new can be kept.',
    mend: 'Restart the service: it sets FOLDER/whyblocked.db aside and reads the logs again. Marks and reasons come back from a backup.',
  },
  other: {
    why: 'an error stops it',
    title: 'An error stops the reading of logs: nothing new is kept.',
    mend: 'whyblocked doctor and journalctl -u whyblocked tell more. It is tried again every second.',
  },
};

/** What a page or the terminal says of a failure; null when there is none. */
export function readNotice(state: ReadState, { when, folder }: NoticeWords): ReadNotice | null {
  if (state.failure === null) return null;
  const { title, mend } = WORDS[state.failure];
  const told = state.detail === null || state.detail === '' ? '' : ` It was reported as: ${state.detail}.`;
  return {
    title,
    text: `${keptWords(state.at, when)}${told}`,
    mend: mend.replaceAll('FOLDER', () => folder),
  };
}

/** Why reading has stopped, as a clause; null while it goes on. */
export function stopWords({ failure }: Pick<ReadState, 'failure'>): string | null {
  return failure === null ? null : WORDS[failure].why;
}

/** What a failure is and how it is mended, in one text: for an act that it stopped. */
export function failureNotice(failure: ReadFailure): string {
  const { title, mend } = WORDS[failure];
  return `${title} ${mend.replaceAll('FOLDER', 'the folder of the database')}`;
}

function keptWords(at: EpochMs | null, when: (at: EpochMs) => string): string {
  const since = at === null ? 'the last line that was read' : when(at);
  return `What was read before stays true and is shown. Whatever came after ${since} is missing here; that does not mean nothing happened.`;
}

/** The items of the health strip about reading as a whole; none while it goes well. */
export function readStateHealth(state: ReadState): HealthItem[] {
  if (state.failure !== null) {
    return [
      { name: 'reading', state: 'bad', text: `stopped: ${WORDS[state.failure].why}`, check: 'reading' },
    ];
  }
  if (!state.running || state.bytesLeft === 0) return [];
  const first = state.at === null ? 'first read in progress, ' : '';
  const text = `${first}${mebibytes(state.bytesLeft)} still to be read`;
  return [{ name: 'reading', state: 'warn', text, check: 'reading' }];
}
