// The sources that are no logs: csf's lists, and WHM's own database of rule hits.
import type { CsfList } from '../host/csf-files.ts';
import type { PlaceLook } from '../host/self-look.ts';
import type { Context } from './context.ts';
import { type Check, checksOf, type SourceReport } from './doctor-view.ts';
import { isoTime } from './iso-time.ts';
import { mebibytes } from './mebibytes.ts';
import type { ServerClock } from './server.ts';
import type { Sourced } from './source-reports.ts';

/** Not read line by line: nothing of these is known of such a source. */
const NO_LINES = {
  ...{ moreFiles: 0, rotatedFiles: 0, lastLine: null, lagSeconds: null },
  ...{ unreadBytes: null, lines: null, refused: null, samples: [] },
} as const;
const LISTS = ['conf', 'deny', 'allow', 'ignore', 'tempban', 'tempallow'] as const;

type Checked = Pick<Check, 'state' | 'found' | 'means' | 'mend'>;

/** csf's lists and its configuration. */
export async function csfSource(ctx: Context, zone: ServerClock['zone']): Promise<Sourced> {
  const lists = await Promise.all(LISTS.map((name) => ctx.host.csfFile(name)));
  const there = lists.filter(({ problem }) => problem !== 'missing');
  const broken = there.filter(({ problem, stable }) => problem !== null || !stable);
  const checked = csfChecked(there, broken[0] ?? null);
  const newest = Math.max(...there.map(({ mtimeMs }) => mtimeMs));
  return sourced('csf-files', 'csf’s lists', checked, {
    ...NO_LINES,
    format: there.length === 0 ? null : 'csf',
    readable: there.length > 0 && broken.length === 0,
    files: there.map(({ path, problem, text, mtimeMs }) => ({
      path,
      format: null,
      problem,
      bytes: text?.length ?? 0,
      unreadBytes: null,
      lastLine: problem === null ? isoTime(zone, mtimeMs) : null,
    })),
    lastLine: there.length === 0 ? null : isoTime(zone, newest),
  });
}

function csfChecked(there: readonly CsfList[], broken: CsfList | null): Checked {
  const untold = 'Whether an address is blocked cannot be told.';
  if (broken !== null)
    return {
      state: 'fail',
      found: `${broken.path}: ${broken.problem ?? 'it kept changing while it was read'}`,
      means: untold,
      mend: 'Run it as root, and look what else writes this file.',
    };
  if (there.length === 0)
    return {
      state: 'warn',
      found: 'not found',
      means: untold,
      mend: 'Install csf, or name its folder with csfFolder in the config file.',
    };
  const bytes = there.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
  const names = there.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  return {
    state: 'ok',
    found: `${names.join(', ')}; ${mebibytes(bytes)}`,
    means: 'Who is blocked or allowed now, and why. They are read anew for each answer.',
    mend: null,
  };
}

/** WHM's own database of rule hits: `look` is the place where cPanel keeps it. */
export function whmHitsSource(look: PlaceLook, zone: ServerClock['zone']): Sourced {
  const { path, bytes, problem } = look;
  const isThere = look.kind === 'file';
  const lastLine = isThere ? isoTime(zone, look.mtimeMs) : null;
  const checked: Checked = {
    state: 'info',
    found: problem ?? (isThere ? `${path}; SQLite; ${mebibytes(bytes)}` : 'not found'),
    means: 'Read last: its rows count where neither error_log nor the audit log covers their time.',
    mend: null,
  };
  const file = { path, format: 'SQLite', problem, bytes, unreadBytes: null, lastLine };
  return sourced('whm_hits', 'WHM’s hits database', checked, {
    ...NO_LINES,
    format: isThere ? 'SQLite' : null,
    readable: isThere && problem === null,
    files: isThere ? [file] : [],
    lastLine,
  });
}

function sourced(
  id: string,
  title: string,
  checked: Checked,
  facts: Omit<SourceReport, 'id' | 'title' | keyof Checked>,
): Sourced {
  return { report: { id, title, ...checked, ...facts }, check: checksOf('logs')(id, title, checked) };
}
