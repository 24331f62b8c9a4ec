// Reads what is new in the logs into the store: cursor and rows in one commit, so that a kill at any byte or a
// second ingester changes nothing.
import type { Context } from './context.ts';
import { decideAmbiguous } from './decide-ambiguous.ts';
import { ingestConcurrent } from './ingest-concurrent.ts';
import { oldestFirst, readFile } from './ingest-file.ts';
import { ingestHitsDb } from './ingest-hits-db.ts';
import { ingestLogins } from './ingest-logins.ts';
import { rebuildIncidents } from './incidents.ts';
import type { ServerClock } from './server.ts';
import { Progression, readText, type Run, type ShouldStop } from './read-text.ts';
/** What one run read. */
export interface IngestReport {
  readonly bytes: number;
  readonly files: number;
  /** Sources that could not be read, with the problem. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

/** Told how many bytes are left to be read. */
export type OnProgress = (bytesLeft: number) => void;

/**
 * Reads all that was added to error_log, audit log, lfd.log and the logs of logins since the last run, oldest files
 * first. Safe to run twice or several at once: every batch is kept only when the cursor still stands where the batch began.
 */
export async function ingest(
  ctx: Context,
  clock: ServerClock,
  shouldStop: ShouldStop = () => false,
  onProgress: OnProgress = () => undefined,
): Promise<IngestReport> {
  const run = {
    ctx,
    clock,
    shouldStop,
    progress: new Progression(
      KINDS.reduce((sum, kind) => sum + bytesAhead(ctx, kind), 0),
      onProgress,
    ),
  };
  // Side by side: while one log is being waited for, the other goes on.
  const parts = await Promise.all(KINDS.map((kind) => ingestKind(run, kind)));
  parts.push(await ingestConcurrent(ctx, shouldStop));
  parts.push(await ingestHitsDb(ctx, clock.zone, shouldStop));
  decideAmbiguous(ctx);
  rebuildIncidents(ctx, ctx.isService);
  parts.push(await ingestLogins(ctx, clock.zone, shouldStop));
  return {
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    files: parts.reduce((sum, part) => sum + part.files, 0),
    problems: parts.flatMap((part) => part.problems),
  };
}

type Kind = 'error_log' | 'audit_log' | 'lfd_log';
const KINDS: readonly Kind[] = ['error_log', 'audit_log', 'lfd_log'];

/** Bytes of plain logs behind the cursors of their names, about: an archive's are not counted. */
function bytesAhead(ctx: Context, kind: Kind): number {
  const rows = new Map(ctx.store.files(kind).map(({ path, cursor }) => [path, cursor]));
  return ctx.host
    .logs(kind)
    .filter((log) => log.problem === null && !log.compressed)
    .reduce((sum, { path, size }) => sum + Math.max(0, size - (rows.get(path) ?? 0)), 0);
}

async function ingestKind(run: Run, kind: Kind): Promise<IngestReport> {
  let bytes = 0;
  let files = 0;
  const problems: { path: string; problem: string }[] = [];
  for (const log of oldestFirst(run.ctx.host.logs(kind))) {
    if (run.shouldStop()) break;
    if (log.problem !== null) {
      problems.push({ path: log.path, problem: log.problem });
      continue;
    }
    const read = await readFile(run.ctx, log, run.shouldStop, (text, file) => readText(run, text, file));
    bytes += read.bytes;
    files += read.bytes > 0 ? 1 : 0;
    if (read.problem !== null) problems.push({ path: log.path, problem: read.problem });
  }
  return { bytes, files, problems };
}
