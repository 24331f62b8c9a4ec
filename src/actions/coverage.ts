// What each source covers, and what follows from a gap.
import { count } from '../analyse/sentences.ts';
import type { Coverage, EpochMs, LogFile, SourceKind } from '../model.ts';
import type { Context } from './context.ts';
import type { FileRow } from '../store/files.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { mebibytes } from './mebibytes.ts';
import { type ReadState, stopWords } from './read-state.ts';
import type { ServerClock } from './server.ts';
import { unreadIn } from './source-looks.ts';
import { LAG_BYTES } from './source-state.ts';

/** A window of time in EpochMs. */
export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

const NAMES: Partial<Record<SourceKind, string>> = {
  error_log: 'error_log',
  audit_log: 'modsec_audit.log',
  access_log: 'access logs',
  lfd_log: 'lfd.log',
};

/** What would have stood in a source, for the sentence about a gap. */
const WOULD_SHOW: Partial<Record<SourceKind, string>> = {
  error_log: 'which rules matched',
  audit_log: 'the whole requests with their headers',
  access_log: 'what else the address asked for, and the answers',
  lfd_log: 'when and why lfd blocked',
};

/** The logs stamp one request a little apart: a log whose first line is about the window's start covers it. */
const SAME_REQUEST_MS = 1000;

export interface CoverageInput {
  readonly kind: 'error_log' | 'audit_log' | 'lfd_log';
  readonly window: Window | null;
  /** Lines or records of this address that were used. */
  readonly used: number;
}

/** How error_log, audit log or lfd.log cover a window, from the files that were read. */
export function logCoverage(
  ctx: Context,
  clock: ServerClock,
  logs: readonly LogFile[],
  input: CoverageInput,
): Coverage {
  const files = ctx.store.files(input.kind);
  const times = files.flatMap((file) => file.firstAt ?? []);
  const from = times.length > 0 ? Math.min(...times) : null;
  const to = newest(files.flatMap((file) => file.lastAt ?? []));
  const covered = describe({
    kind: input.kind,
    clock,
    logs,
    from,
    to,
    window: input.window,
    used: input.used,
  });
  const behind = ctx.reader === null ? null : behindWords(ctx.reader(), logs, files);
  const isPast = input.window !== null && to !== null && to >= input.window.to;
  if (behind === null || isPast || covered.state !== 'ok') return covered;
  return {
    ...covered,
    state: 'gap',
    sentence: lateSentence(clock, to, behind, WOULD_SHOW[input.kind] ?? ''),
  };
}

/** Why lines that are there may not be known yet; null when all are. */
function behindWords(state: ReadState, logs: readonly LogFile[], files: readonly FileRow[]): string | null {
  const why = stopWords(state);
  if (why !== null) return `reading has stopped, because ${why}`;
  const unread = unreadIn(logs, files);
  return unread > LAG_BYTES ? `${mebibytes(unread)} are still to be read` : null;
}

function lateSentence(clock: ServerClock, to: EpochMs | null, behind: string, would: string): string {
  const upTo = to === null ? 'was not read yet' : `was read up to ${readableTime(isoTime(clock.zone, to))}`;
  return `${upTo}: ${behind}; what came later would have shown ${would}.`;
}

function newest(times: readonly EpochMs[]): EpochMs | null {
  return times.length > 0 ? Math.max(...times) : null;
}

export interface DescribedLogs {
  readonly kind: 'error_log' | 'audit_log' | 'lfd_log' | 'access_log';
  readonly clock: ServerClock;
  readonly logs: readonly LogFile[];
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  readonly window: Window | null;
  readonly used: number;
}

/** The coverage of a set of log files with the sentence that says what a gap means. */
export function describe(input: DescribedLogs): Coverage {
  const { kind, clock, logs, from, window } = input;
  const source = NAMES[kind] ?? kind;
  const base = { source, kind, from, to: input.to, lines: input.used };
  const would = WOULD_SHOW[kind] ?? 'what happened';
  if (logs.length === 0) {
    return { ...base, state: 'missing', sentence: `not found; it would have shown ${would}.` };
  }
  const broken = logs.find((log) => log.problem !== null && !log.rotated);
  if (broken !== undefined) {
    return {
      ...base,
      state: 'unreadable',
      sentence: `${broken.path}: ${broken.problem ?? ''}; it would have shown ${would}.`,
    };
  }
  if (from === null) {
    return {
      ...base,
      state: window === null ? 'ok' : 'gap',
      sentence: `holds no line yet; it would have shown ${would}.`,
    };
  }
  const start = readableTime(isoTime(clock.zone, from));
  if (window !== null && from > window.from + SAME_REQUEST_MS) {
    const moment = readableTime(isoTime(clock.zone, window.from));
    return {
      ...base,
      state: 'gap',
      sentence: `starts ${start}; nothing can be said about the time before, from ${moment} on; it would have shown ${would}.`,
    };
  }
  const noun = kind === 'audit_log' ? 'record' : 'line';
  const used = input.used === 0 ? `no ${noun} about this` : `${count(input.used, noun)} used`;
  return { ...base, state: 'ok', sentence: `${used}; it reaches back to ${start}.` };
}
