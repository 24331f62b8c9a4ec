// Each source as the self-test shows it: where it lies, in which form, how far it is read, what of it was not understood.
import { maskLine } from '../analyse/mask.ts';
import { count, span } from '../analyse/sentences.ts';
import { ReadProblem } from '../host/problems.ts';
import { decodeBytes } from '../parse/text.ts';
import type { Context } from './context.ts';
import { type Check, checksOf, type CheckState, type SourceFile, type SourceReport } from './doctor-view.ts';
import { isoTime, readableTime } from './iso-time.ts';
import type { ServerClock } from './server.ts';
import { accessTail, logFormat } from './source-forms.ts';
import type { FileLook, SourceLook } from './source-looks.ts';
import { sourceState, type SourceCase, type SourceState } from './source-state.ts';
import { SOURCE_WORDS, stateWords } from './source-words.ts';

/** Files of one source that are told one by one. */
const MOST_FILES = 8;
const MOST_SAMPLES = 3;
const MOST_OF_A_SAMPLE = 300;
/** A quiet log may also be one that is written elsewhere by now. */
const LONG_QUIET_MS = 7 * 86_400_000;

/** A source with its check: they have the same id. */
export interface Sourced {
  readonly report: SourceReport;
  readonly check: Check;
}

export interface ReportSurroundings {
  readonly ctx: Context;
  readonly clock: ServerClock;
  /** See `sourceState`. */
  readonly isFirst: boolean;
  /** A server without Apache's error log may have nginx's. */
  readonly hasNginx: boolean;
}

/** Puts one source together: reads the first or last bytes of its files, at most 8 of them. Never throws. */
export async function sourceReport(look: SourceLook, around: ReportSurroundings): Promise<Sourced> {
  const { ctx, clock } = around;
  const state = sourceState(look, clock.now, around.isFirst);
  const newestFirst = [...look.current].sort((a, b) => b.log.mtimeMs - a.log.mtimeMs).slice(0, MOST_FILES);
  const files = await Promise.all(newestFirst.map((file) => fileReport(file, around)));
  const tail = look.unread === null ? await newestTail(ctx, newestFirst) : null;
  const formats = [...new Set([...files.flatMap(({ format }) => format ?? []), tail?.format ?? null])];
  const format = formats.filter((one) => one !== null).join(', ');
  const { title } = SOURCE_WORDS[look.name];
  const { means, mend } = stateWords({
    name: look.name,
    is: state.is,
    broken: brokenWords(look),
    problem: problemOf(look),
    lastAt: look.lastAt === null ? null : readableTime(isoTime(clock.zone, look.lastAt)),
  });
  const samples =
    tail?.refused ??
    ctx.store.badLines(
      look.rows.map(({ id }) => id),
      MOST_SAMPLES,
    );
  const checked = {
    state: checkState(look, state, around),
    found: foundWords(look, state, format, clock),
    means,
    mend,
  };
  const report: SourceReport = {
    id: look.name,
    title,
    ...checked,
    format: format === '' ? null : format,
    readable: look.current.length > 0 && problemOf(look) === null,
    files,
    moreFiles: look.current.length - files.length,
    rotatedFiles: look.rotated.length,
    lastLine: look.lastAt === null ? null : isoTime(clock.zone, look.lastAt),
    lagSeconds: look.lastAt === null ? null : Math.max(0, Math.round((clock.now - look.lastAt) / 1000)),
    unreadBytes: look.unread,
    lines: look.lines,
    refused: tail === null ? look.refused : tail.refused.length,
    samples: samples.slice(-MOST_SAMPLES).map(sampleText),
  };
  return { report, check: checksOf('logs')(look.name, title, checked) };
}

async function fileReport(
  { log, row, unread }: FileLook,
  { ctx, clock }: ReportSurroundings,
): Promise<SourceFile> {
  const { path, problem, size } = log;
  const { format, problem: late } =
    problem === null && unread !== null ? await formatOf(ctx, log) : { format: null, problem: null };
  const lastAt = row?.lastAt ?? (unread === null && size > 0 ? log.mtimeMs : null);
  return {
    path,
    format,
    problem: problem ?? late,
    bytes: size,
    unreadBytes: unread,
    lastLine: lastAt === null ? null : isoTime(clock.zone, lastAt),
  };
}

/** A file may go, or lose its rights, between the look and the reading. */
async function formatOf(
  ctx: Context,
  log: FileLook['log'],
): Promise<{ readonly format: string | null; readonly problem: string | null }> {
  try {
    return { format: await logFormat(ctx, log), problem: null };
  } catch (error) {
    if (error instanceof ReadProblem) return { format: null, problem: error.problem };
    throw error;
  }
}

/** The end of the newest file that can be read. */
async function newestTail(ctx: Context, files: readonly FileLook[]): ReturnType<typeof accessTail> {
  const nothing = { format: null, lines: 0, refused: [] };
  const newest = files.find(({ log }) => log.problem === null && log.size > 0);
  if (newest === undefined) return nothing;
  try {
    return await accessTail(ctx, newest.log);
  } catch (error) {
    if (error instanceof ReadProblem) return nothing;
    throw error;
  }
}

function sampleText(line: string): string {
  return maskLine(decodeBytes(line)).slice(0, MOST_OF_A_SAMPLE);
}

function problemOf({ current, troubles }: SourceLook): string | null {
  return current.find(({ log }) => log.problem !== null)?.log.problem ?? troubles[0]?.problem ?? null;
}

function brokenWords({ current, troubles }: SourceLook): string {
  const broken = [
    ...current.flatMap(({ log: { path, problem } }) => (problem === null ? [] : [{ path, problem }])),
    ...troubles,
  ];
  const named = broken.slice(0, 3).map(({ path, problem }) => `${path} (${problem})`);
  const more = broken.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** States that keep answers from being given at all, and those that only make them weaker. */
const CHECK_STATES: Readonly<Record<SourceCase, CheckState>> = {
  missing: 'warn',
  gone: 'warn',
  denied: 'warn',
  partly: 'warn',
  'first-read': 'info',
  lagging: 'warn',
  'not-understood': 'warn',
  'older-broken': 'warn',
  quiet: 'ok',
  well: 'ok',
};

function checkState(
  { name, current }: SourceLook,
  { is }: SourceState,
  { hasNginx }: ReportSurroundings,
): CheckState {
  const isNothing = is === 'missing' || is === 'gone' || is === 'denied';
  // A server of nginx alone has no error log of Apache's, and not every server has these.
  if (is === 'missing' && name === 'error_log' && hasNginx) return 'info';
  if (is === 'missing' && (name === 'login_logs' || name === 'access_log')) return 'info';
  if (isNothing && (name === 'error_log' || (name === 'nginx_error_log' && current.length > 0)))
    return 'fail';
  return CHECK_STATES[is];
}

function foundWords(
  { name, current, lines, lastAt }: SourceLook,
  { is, text }: SourceState,
  format: string,
  clock: ServerClock,
): string {
  const more = current.length > 1 ? ` and ${current.length - 1} more` : '';
  const parts = [
    current[0] === undefined ? '' : `${current[0].log.path}${more}`,
    format,
    text,
    lastAt === null ? '' : lastWords(is, Math.max(0, clock.now - lastAt)),
    lines === null || lines === 0 ? '' : `${count(lines, SOURCE_WORDS[name].noun)} read`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** How far the last line lies back, unless the state tells it. */
function lastWords(is: SourceCase, behind: number): string {
  if (is !== 'well') return is === 'missing' ? '' : `last line ${span(behind)} ago`;
  return behind > LONG_QUIET_MS ? 'quiet, or written elsewhere by now' : '';
}
