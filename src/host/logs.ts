// Which logs there are: every kind's files under the names that Apache, cPanel, nginx and lfd give them.
import type { LogFile, Vhost } from '../model.ts';
import type { Layout } from './layout.ts';
import {
  ARCHIVE_FOLDERS,
  domlogNames,
  globPattern,
  homeOf,
  isNoLog,
  logBase,
  vhostOfDomlog,
} from './log-names.ts';
import { probeFile } from './probe.ts';
import type { NoPlace, Place, Root } from './root.ts';

export type LogKind = 'error_log' | 'audit_log' | 'lfd_log' | 'access_log';

/** A log with how to find it again. */
export interface FoundLog {
  readonly log: LogFile;
  /** Name without rotation, e.g. `error_log`, `shop.example.com-ssl_log`. */
  readonly base: string;
  /** A folder of an account: nothing below it may be a link (see Root.resolve). */
  readonly distrust: string | undefined;
  /** Device and inode: the same file under another path is the same log. Null when it could not be looked at. */
  readonly identity: string | null;
}

export interface Discovery {
  readonly root: Root;
  readonly layout: Layout;
  readonly vhosts: readonly Vhost[];
}

/**
 * Finds the logs of a kind, current ones first, then from new to old. A kind without any file gives one LogFile
 * with the problem `missing`; the same file under two names comes once.
 */
export function findSharedLogs(at: Discovery, kind: LogKind): FoundLog[] {
  const patterns = {
    error_log: at.layout.errorLogs,
    audit_log: at.layout.auditLogs,
    lfd_log: at.layout.lfdLogs,
    access_log: at.layout.accessLogs,
  }[kind];
  const found = inOrder(patterns.flatMap((pattern) => sharedFamily(at.root, kind, pattern)));
  const [first] = patterns;
  if (found.length > 0 || first === undefined) return found;
  return [toFound(at.root, { kind, place: at.root.resolve(first), base: nameOf(first), vhost: null })];
}

/**
 * Finds the access logs that vhosts have of their own: of one vhost (its archives in the account's home too) or
 * of all. Requests to a vhost with an own log are in no other.
 */
export function findDomlogs(at: Discovery, vhost: string | null): FoundLog[] {
  const folders = at.layout.domlogFolders.map((folder) => at.root.resolve(folder));
  const own = vhost === null ? null : domlogNames(vhost);
  const found = folders.flatMap((folder) => domlogsIn(at.root, folder, own));
  return inOrder([...found, ...homeArchives(at, vhost)]);
}

/** One shared log with its rotated files, beside it and in the archive folders. */
function sharedFamily(root: Root, kind: LogKind, pattern: string): FoundLog[] {
  const folder = root.resolve(pattern.slice(0, pattern.lastIndexOf('/')) || '/');
  if (folder.problem !== null) return [];
  const glob = globPattern(nameOf(pattern));
  const isWanted = (base: string): boolean => (glob === null ? base === nameOf(pattern) : glob.test(base));
  const entries = root.list(folder);
  const archives = entries.filter((entry) => ARCHIVE_FOLDERS.includes(entry.name) && entry.directory);
  const folders = [folder, ...archives.map((entry) => root.child(folder, entry.name))];
  return folders.flatMap((place) => {
    if (place.problem !== null) return [];
    const names = place === folder ? entries : root.list(place);
    return names
      .filter(({ name, directory }) => !directory && !isNoLog(name) && isWanted(logBase(name)))
      .map(({ name }) =>
        toFound(root, { kind, place: root.child(place, name), base: logBase(name), vhost: null }),
      )
      .filter(({ log }) => log.problem !== 'missing');
  });
}

function domlogsIn(root: Root, folder: Place | NoPlace, own: readonly string[] | null): FoundLog[] {
  if (folder.problem !== null) return [];
  const found: FoundLog[] = [];
  for (const { name, directory } of root.list(folder)) {
    if (directory || isNoLog(name)) continue;
    if (own !== null && !name.startsWith(own[0] ?? '')) continue;
    // A domain may look rotated (`shop.1`): the name itself counts before its base.
    const base = own?.includes(name) === true ? name : logBase(name);
    const vhost = vhostOfDomlog(base);
    if (vhost === null || own?.includes(base) === false) continue;
    found.push(toFound(root, { kind: 'access_log', place: root.child(folder, name), base, vhost }));
  }
  return found;
}

/** `~account/logs/<domain>-Nov-2026.gz`: what cPanel keeps of a domlog after its statistics ran. */
function homeArchives(at: Discovery, vhost: string | null): FoundLog[] {
  const wanted = at.vhosts.filter(
    (entry) => vhost === null || entry.vhost === vhost || entry.domain === vhost,
  );
  const byHome = new Map<string, Map<string, string>>();
  for (const { domain, vhost: servername, account, documentRoot } of wanted) {
    const home = homeOf(documentRoot, account);
    if (home === null) continue;
    const names = byHome.get(home) ?? new Map<string, string>();
    for (const name of [...domlogNames(servername), ...domlogNames(domain)]) names.set(name, servername);
    byHome.set(home, names);
  }
  return [...byHome].flatMap(([home, names]) => archivesIn(at.root, home, names));
}

function archivesIn(root: Root, home: string, names: ReadonlyMap<string, string>): FoundLog[] {
  const homePlace = root.resolve(home);
  if (homePlace.problem !== null) return [];
  const distrust = homePlace.real;
  const folder = root.resolve(`${home}/logs`, distrust);
  return root.list(folder).flatMap(({ name, directory }) => {
    const base = logBase(name);
    const vhost = names.get(base);
    if (directory || vhost === undefined || base === name) return [];
    const place = root.resolve(`${home}/logs/${name}`, distrust);
    return [toFound(root, { kind: 'access_log', place, base, vhost, distrust })];
  });
}

interface Candidate {
  readonly kind: LogKind;
  readonly place: Place | NoPlace;
  readonly base: string;
  readonly vhost: string | null;
  readonly distrust?: string;
}

function toFound(root: Root, { kind, place, base, vhost, distrust }: Candidate): FoundLog {
  const { path } = place;
  const name = nameOf(path);
  const rotated = name !== base || ARCHIVE_FOLDERS.some((folder) => path.endsWith(`/${folder}/${name}`));
  const probe = probeFile(root, place, rotated);
  const size = place.problem === null ? place.stats.size : 0;
  const mtimeMs = place.problem === null ? place.stats.mtimeMs : 0;
  const log: LogFile = {
    kind,
    path,
    size,
    mtimeMs,
    compressed: probe.compressed,
    rotated,
    vhost,
    problem: probe.problem,
  };
  const identity = place.problem === null ? `${place.stats.dev}:${place.stats.ino}` : null;
  return { log, base, distrust, identity };
}

/** Current logs first, then new to old; a file that several paths lead to once, under the first of them. */
function inOrder(found: readonly FoundLog[]): FoundLog[] {
  const once = new Map<string, FoundLog>();
  for (const entry of found) {
    const key = entry.identity ?? entry.log.path;
    if (!once.has(key)) once.set(key, entry);
  }
  return [...once.values()].sort(
    (a, b) =>
      Number(a.log.rotated) - Number(b.log.rotated) || (a.log.rotated ? b.log.mtimeMs - a.log.mtimeMs : 0),
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
