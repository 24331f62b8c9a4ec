// The access-log context of addresses: one pass over the logs of their vhosts for all windows asked.
import { maskUri } from '../analyse/mask.ts';
import type { AccessContext } from '../analyse/access-context.ts';
import type { AccessHit, Coverage, EpochMs, LogFile } from '../model.ts';
import { accessLineClient, accessLineTime, parseAccessLogLine } from '../parse/access-log.ts';
import type { Context } from './context.ts';
import { describe, type Window } from './coverage.ts';
import { firstBytes } from './ingest-file.ts';
import type { ServerClock } from './server.ts';

/** Context around an incident: 15 minutes on both sides (TRIAGE's unit of judgement). */
export const CONTEXT_MS = 15 * 60_000;
/** Lines of one address that are looked at; a flood beyond that says nothing new. */
const MAX_LINES = 5000;
/** No vhost has this name: asks for the shared access log alone. */
const SHARED_ONLY = '-';

/** What is asked about one address. */
export interface AccessQuestion extends Window {
  readonly client: string;
  /** The most lines that are looked at, the earliest; 5,000 unless set. */
  readonly most?: number;
  /** Which lines are wanted; all unless set. */
  readonly keep?: (hit: AccessHit) => boolean;
}

export interface AccessAnswer {
  /** In the order of the questions. */
  readonly contexts: readonly AccessContext[];
  readonly logs: readonly LogFile[];
  /** Time of the oldest line in the logs that were read; null when they are empty. */
  readonly from: EpochMs | null;
}

/**
 * Reads the access logs of these vhosts (all of them when null) and the shared one, once, and gives each question
 * its lines, masked, oldest first. `covered` is false when the logs begin after the window or cannot be read.
 */
export async function readAccess(
  ctx: Context,
  vhosts: readonly string[] | null,
  questions: readonly AccessQuestion[],
): Promise<AccessAnswer> {
  const logs = accessLogs(ctx, vhosts === null || vhosts.length > 0 ? vhosts : [SHARED_ONLY]);
  const collected = questions.map(() => [] as AccessHit[]);
  if (questions.length > 0) {
    const from = Math.min(...questions.map((question) => question.from));
    const to = Math.max(...questions.map((question) => question.to));
    const byClient = Map.groupBy(questions.keys(), (index) => questions[index]?.client ?? '');
    for (const log of logs) {
      if (log.problem !== null || log.size === 0) continue;
      // A copy of a server may have any file times; on the server itself an old file holds nothing new.
      if (ctx.host.rootDir === '/' && log.mtimeMs < from - 60_000) continue;
      await collect(ctx, log, { from, to }, { questions, byClient, collected });
    }
  }
  const oldest = await oldestLine(ctx, logs);
  return {
    contexts: questions.map((question, i) => toContext(question, collected[i] ?? [], logs, oldest)),
    logs,
    from: oldest,
  };
}

/** The access logs of these vhosts (all when null) and the shared ones, each once. */
export function accessLogs(ctx: Context, vhosts: readonly string[] | null): LogFile[] {
  const found =
    vhosts === null
      ? ctx.host.logs('access_log')
      : vhosts.flatMap((vhost) => ctx.host.logs('access_log', vhost));
  return [...new Map(found.map((log) => [log.path, log])).values()];
}

interface Collecting {
  readonly questions: readonly AccessQuestion[];
  readonly byClient: ReadonlyMap<string, readonly number[]>;
  readonly collected: readonly AccessHit[][];
}

async function collect(ctx: Context, log: LogFile, window: Window, into: Collecting): Promise<void> {
  const head = (await ctx.host.fingerprint(log)).head;
  const wanted = (line: string): boolean => into.byClient.has(accessLineClient(line) ?? '');
  const one = oneOfEach();
  for await (const batch of ctx.host.readWindow(log, { ...window, wanted }, accessLineTime)) {
    for (const line of batch.lines) {
      const client = accessLineClient(line.text);
      const indexes = client === null ? undefined : into.byClient.get(client);
      if (indexes === undefined) continue;
      const entry = parseAccessLogLine(line.text);
      if (entry === null) continue;
      const hit = masked({
        ...entry,
        userAgent: one(entry.userAgent),
        referer: one(entry.referer),
        vhost: entry.vhost ?? log.vhost,
        ref: { file: log.path, offset: line.offset, head },
      });
      for (const index of indexes) offer(hit, into.questions[index], into.collected[index]);
    }
  }
}

/** One text of a browser's name instead of thousands. */
function oneOfEach(): (text: string | null) => string | null {
  const texts = new Map<string, string>();
  return (text) => {
    if (text === null) return null;
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
}

function offer(hit: AccessHit, question: AccessQuestion | undefined, lines: AccessHit[] | undefined): void {
  if (question === undefined || lines === undefined) return;
  if (hit.at < question.from - 999 || hit.at > question.to) return;
  if (lines.length < (question.most ?? MAX_LINES) && question.keep?.(hit) !== false) lines.push(hit);
}

function masked(hit: AccessHit): AccessHit {
  return {
    ...hit,
    uri: maskUri(hit.uri),
    referer: hit.referer === null ? null : maskUri(hit.referer),
    userAgent: hit.userAgent === null ? null : maskUri(hit.userAgent),
  };
}

async function oldestLine(ctx: Context, logs: readonly LogFile[]): Promise<EpochMs | null> {
  let oldest: EpochMs | null = null;
  for (const log of logs) {
    if (log.problem !== null || log.size === 0) continue;
    const text = (await firstBytes(ctx.host, log, 4096)).toString('latin1');
    const at =
      text
        .split('\n')
        .map(accessLineTime)
        .find((time) => time !== null) ?? null;
    if (at !== null && (oldest === null || at < oldest)) oldest = at;
  }
  return oldest;
}

function toContext(
  question: AccessQuestion,
  hits: readonly AccessHit[],
  logs: readonly LogFile[],
  oldest: EpochMs | null,
): AccessContext {
  const sorted = [...hits].sort((a, b) => a.at - b.at || a.ref.offset - b.ref.offset);
  const broken =
    logs.length === 0 ||
    logs.some((log) => log.problem !== null && !log.rotated && log.problem !== 'missing');
  const { from, to } = question;
  return {
    from,
    to,
    covered: !broken && oldest !== null && oldest <= from,
    hits: sorted,
    total: sorted.length,
  };
}

/** The access logs' coverage of a window, for "Read for this page". They are searched only around refused requests. */
export function accessCoverage(
  clock: ServerClock,
  answer: AccessAnswer,
  window: Window | null,
  used: number,
): Coverage {
  const present = answer.logs.filter((log) => log.problem !== 'missing');
  const coverage = describe({
    kind: 'access_log',
    clock,
    logs: present,
    from: answer.from,
    to: clock.now,
    window,
    used,
  });
  return coverage.state === 'ok' && answer.contexts.length === 0
    ? {
        ...coverage,
        skipped: true,
        sentence: 'not looked through: no refused request says which time to look at.',
      }
    : coverage;
}

/** A stamp of the access logs' state: equal stamps mean that nothing was added. */
export function accessStamp(ctx: Context): string {
  const logs = accessLogs(ctx, null);
  const size = logs.reduce((sum, log) => sum + log.size, 0);
  const newest = logs.reduce((time, log) => Math.max(time, log.mtimeMs), 0);
  return `${logs.length}:${size}:${newest}`;
}
