// What state a source is in, from what was seen of it: one word for the machine, few words for people.
import { count, span } from '../analyse/sentences.ts';
import type { EpochMs } from '../model.ts';
import { mebibytes } from './mebibytes.ts';
import type { SourceLook } from './source-looks.ts';
import { SOURCE_WORDS } from './source-words.ts';

export type SourceCase =
  | 'missing'
  | 'gone'
  | 'denied'
  | 'partly'
  | 'first-read'
  | 'lagging'
  | 'not-understood'
  | 'older-broken'
  | 'quiet'
  | 'well';

export interface SourceState {
  readonly is: SourceCase;
  readonly tone: 'ok' | 'warn' | 'bad' | 'off';
  readonly text: string;
}

/** A log may grow by so much within the second between two reads without being behind. */
export const LAG_BYTES = 1024 * 1024;
/** A share of lines not understood that is more than a few odd ones, and a number that is. */
const MANY = 0.01;
const A_FEW = 20;

/** `isFirst`: the logs have not been read to their ends yet since this database was made. */
export function sourceState(look: SourceLook, now: EpochMs, isFirst: boolean): SourceState {
  return brokenState(look) ?? lateState(look, isFirst) ?? readState(look, now);
}

function brokenState({ current, rows, lastAt }: SourceLook): SourceState | null {
  const broken = current.filter(({ log }) => log.problem !== null);
  const first = broken[0]?.log;
  if (current.length === 0) {
    return rows.some(({ cursor }) => cursor > 0) && lastAt !== null
      ? { is: 'gone', tone: 'bad', text: 'gone: it was there before' }
      : { is: 'missing', tone: 'bad', text: 'not found' };
  }
  if (first === undefined) return null;
  const why = first.problem ?? '';
  if (broken.length === current.length) return { is: 'denied', tone: 'bad', text: why };
  return { is: 'partly', tone: 'warn', text: `${broken.length} of ${current.length} files: ${why}` };
}

function lateState({ unread, bytes }: SourceLook, isFirst: boolean): SourceState | null {
  if (unread === null || unread <= LAG_BYTES) return null;
  if (isFirst) {
    const done = `read ${mebibytes(Math.max(0, bytes - unread))} of ${mebibytes(bytes)}`;
    return { is: 'first-read', tone: 'warn', text: `first read in progress: ${done}` };
  }
  return { is: 'lagging', tone: 'warn', text: `lagging: ${mebibytes(unread)} still to be read` };
}

function readState(look: SourceLook, now: EpochMs): SourceState {
  const { troubles, lastAt } = look;
  const refused = look.refused ?? 0;
  const { noun } = SOURCE_WORDS[look.name];
  const all = Math.max(look.lines ?? 0, refused);
  if (refused > Math.max(A_FEW, all * MANY)) {
    return { is: 'not-understood', tone: 'warn', text: `${refused} of ${count(all, noun)} not understood` };
  }
  const few = refused === 0 ? '' : `; ${count(refused, noun)} not understood`;
  if (troubles.length > 0) {
    return {
      is: 'older-broken',
      tone: 'warn',
      text: `${count(troubles.length, 'older file')} cannot be read${few}`,
    };
  }
  if (lastAt === null) return { is: 'quiet', tone: 'off', text: `no line of interest yet${few}` };
  const verb = look.unread === null ? 'last written' : 'last line';
  return { is: 'well', tone: 'ok', text: `${verb} ${span(Math.max(0, now - lastAt))} ago${few}` };
}
