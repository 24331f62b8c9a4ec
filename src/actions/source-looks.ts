// The sources as they lie on the disk and as far as they are read: for the health strip and the self-test alike.
import { folderOf } from '../host/log-names.ts';
import type { LogKind } from '../host/logs.ts';
import type { EpochMs, LogFile } from '../model.ts';
import type { FileRow } from '../store/files.ts';
import type { Context } from './context.ts';

export type SourceName =
  | 'error_log'
  | 'nginx_error_log'
  | 'audit_log'
  | 'lfd_log'
  | 'domlogs'
  | 'access_log'
  | 'nginx_access_log'
  | 'login_logs';

/** One file of a source. */
export interface FileLook {
  readonly log: LogFile;
  /** What is kept of it; null for one that was not read yet, or is read only when it is asked about. */
  readonly row: FileRow | null;
  /** Bytes that are there and not read yet; null where a log is read only when it is asked about. */
  readonly unread: number | null;
}

/** A file that cannot be read, or not to its end. */
export interface Trouble {
  readonly path: string;
  readonly problem: string;
}

export interface SourceLook {
  readonly name: SourceName;
  /** The files that are written now and are there. */
  readonly current: readonly FileLook[];
  readonly rotated: readonly FileLook[];
  /** Those among `rotated` that cannot be read to their end. */
  readonly troubles: readonly Trouble[];
  /** What is kept of its files, of vanished ones too. */
  readonly rows: readonly FileRow[];
  /** Bytes of all files that are read whole, and how many of them are not read yet; null as in FileLook. */
  readonly bytes: number;
  readonly unread: number | null;
  /** Newest time of a line; of logs that are not read whole, when a file last changed. Null without any. */
  readonly lastAt: EpochMs | null;
  readonly lines: number | null;
  readonly refused: number | null;
}

/** Looks at all sources that are log files; those of nginx only where there are any. Cheap enough for each page. */
export function lookAtSources(ctx: Context, problems: readonly Trouble[]): SourceLook[] {
  const isNginx = nginxTest(ctx);
  const errors = ingested(ctx, 'error_log', problems);
  const access = ctx.host.logs('access_log');
  const shared = access.filter((log) => log.vhost === null);
  const looks = [
    errors('error_log', (path) => !isNginx(path)),
    errors('nginx_error_log', isNginx),
    ingested(ctx, 'audit_log', problems)('audit_log', () => true),
    ingested(ctx, 'lfd_log', problems)('lfd_log', () => true),
    onDemand(
      'domlogs',
      access.filter((log) => log.vhost !== null),
    ),
    onDemand(
      'access_log',
      shared.filter(({ path }) => !isNginx(path)),
    ),
    onDemand(
      'nginx_access_log',
      shared.filter(({ path }) => isNginx(path)),
    ),
    ingested(ctx, 'login_log', problems)('login_logs', () => true),
  ];
  return looks.filter(
    ({ name, current, rows }) => !name.startsWith('nginx') || current.length + rows.length > 0,
  );
}

/** nginx's logs are those in a folder that the layout names for it. */
function nginxTest(ctx: Context): (path: string) => boolean {
  const folders = new Set(ctx.host.layout.nginxErrorLogs.map(folderOf));
  return (path) => folders.has(folderOf(path));
}

/** Looks at logs that are read whole as they grow; `isOurs` tells by the path which of a kind belong to a source. */
function ingested(ctx: Context, kind: LogKind, problems: readonly Trouble[]) {
  const logs = present(ctx.host.logs(kind));
  const rows = ctx.store.files(kind);
  const newest = new Map(rows.map((row) => [row.path, row]));
  const broken = new Map(problems.map(({ path, problem }) => [path, problem]));
  return (name: SourceName, isOurs: (path: string) => boolean): SourceLook => {
    const files = logs
      .filter(({ path }) => isOurs(path))
      .map((log): FileLook => {
        const problem = log.problem ?? broken.get(log.path) ?? null;
        const row = newest.get(log.path) ?? null;
        return { log: { ...log, problem }, row, unread: problem === null ? unreadOf(log, row) : 0 };
      });
    const rotated = files.filter(({ log }) => log.rotated);
    const own = rows.filter(({ path }) => isOurs(path));
    // Of rotated logs of logins only those of the last days are read.
    const counted = kind === 'login_log' ? files.filter(({ log }) => !log.rotated) : files;
    return {
      name,
      current: files.filter(({ log }) => !log.rotated),
      rotated,
      troubles: rotated.flatMap(({ log: { path, problem } }) =>
        problem === null ? [] : [{ path, problem }],
      ),
      rows: own,
      bytes: sum(counted, ({ log }) => log.size),
      unread: sum(counted, ({ unread }) => unread ?? 0),
      lastAt: newestOf(own.flatMap(({ lastAt }) => lastAt ?? [])),
      lines: sum(own, ({ lines }) => lines),
      refused: sum(own, ({ refused }) => refused),
    };
  };
}

/** A packed log is read whole or not at all: how far its text reaches is not known before. */
function unreadOf(log: LogFile, row: FileRow | null): number {
  if (!log.compressed) return Math.max(0, log.size - (row?.cursor ?? 0));
  return (row?.done ?? null) === null ? log.size : 0;
}

/** Bytes of logs that can be read and are not read yet; `rows` are the store's of their kind. */
export function unreadIn(logs: readonly LogFile[], rows: readonly FileRow[]): number {
  const newest = new Map(rows.map((row) => [row.path, row]));
  return sum(
    logs.filter(({ problem }) => problem === null),
    (log) => unreadOf(log, newest.get(log.path) ?? null),
  );
}

function onDemand(name: SourceName, logs: readonly LogFile[]): SourceLook {
  const files = present(logs).map((log): FileLook => ({ log, row: null, unread: null }));
  const current = files.filter(({ log }) => !log.rotated);
  const rotated = files.filter(({ log }) => log.rotated);
  return {
    name,
    current,
    rotated,
    troubles: rotated.flatMap(({ log: { path, problem } }) => (problem === null ? [] : [{ path, problem }])),
    rows: [],
    bytes: sum(current, ({ log }) => log.size),
    unread: null,
    lastAt: newestOf(current.filter(({ log }) => log.size > 0).map(({ log }) => log.mtimeMs)),
    lines: null,
    refused: null,
  };
}

/** Discovery gives a kind without any file as one entry with the problem `missing`. */
function present(logs: readonly LogFile[]): LogFile[] {
  return logs.filter(({ problem }) => problem !== 'missing');
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function newestOf(times: readonly EpochMs[]): EpochMs | null {
  return times.reduce<EpochMs | null>((newest, at) => Math.max(newest ?? at, at), null);
}
