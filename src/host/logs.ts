// Which logs there are: every kind's files under the names that Apache, cPanel, nginx and lfd give them.
import type { LogFile, Vhost } from '../model.ts';
import { expandFolders } from './glob-folders.ts';
import { type Layout, loginLogs } from './layout.ts';
import {
  ARCHIVE_FOLDERS,
  domlogNames,
  familyTest,
  folderOf,
  homeOf,
  isNoLog,
  logBase,
  nameOf,
  vhostOfDomlog,
} from './log-names.ts';
import type { Prober } from './probe.ts';
import type { NoPlace, Place, Root } from './root.ts';

export type LogKind = 'error_log' | 'audit_log' | 'lfd_log' | 'access_log' | 'login_log';

/** A log with how to find it again; `Kind` is what its finder calls it. */
export interface FoundLog<Kind extends string = LogKind> {
  readonly log: Omit<LogFile, 'kind'> & { readonly kind: Kind };
  /** Name without rotation, e.g. `error_log`, `shop.example.com-ssl_log`. */
  readonly base: string;
  /** A folder of an account: nothing below it may be a link (see Root.resolve). */
  readonly distrust: string | undefined;
  /** Device and inode: the same file under another path is the same log. Null when it could not be looked at. */
  readonly identity: string | null;
  /** The server's path after all links; null when it could not be looked at. */
  readonly real: string | null;
}

/** How files are looked at. */
export interface Looker {
  readonly root: Root;
  readonly probe: Prober;
}

export interface Discovery extends Looker {
  readonly layout: Layout;
  readonly vhosts: readonly Vhost[];
}

/**
 * Finds the logs of a kind, current ones first, then from new to old. A kind without any file gives one LogFile
 * with the problem `missing`; the same file under two names comes once.
 */
export function findSharedLogs(at: Discovery, kind: LogKind): FoundLog[] {
  const patterns = {
    // nginx in front of Apache, or alone: its own log of errors, where there is one.
    error_log: [...at.layout.errorLogs, ...at.layout.nginxErrorLogs],
    audit_log: at.layout.auditLogs,
    lfd_log: at.layout.lfdLogs,
    access_log: at.layout.accessLogs,
    login_log: loginLogs(at.layout),
  }[kind];
  const found = inOrder(findFamilies(at, kind, patterns));
  const [first] = patterns;
  if (found.length > 0 || first === undefined) return found;
  return [missingLog(at, kind, first)];
}

/** The one entry of a kind that has no file at all: its first path, with the problem `missing`. */
export function missingLog<Kind extends string>(at: Looker, kind: Kind, path: string): FoundLog<Kind> {
  return toFound(at, { kind, place: at.root.resolve(path), base: nameOf(path), vhost: null });
}

/**
 * Shared logs by server paths (with `*` and `?` in any component) and their rotated files, beside them and in
 * the archive folders; unordered, and a path that leads to no file gives nothing.
 */
export function findFamilies<Kind extends string>(
  at: Looker,
  kind: Kind,
  patterns: readonly string[],
): FoundLog<Kind>[] {
  return patterns
    .flatMap((pattern) => expandFolders(at.root, pattern))
    .flatMap((pattern) => sharedFamily(at, kind, pattern));
}

/**
 * Finds the access logs that vhosts have of their own: of one vhost (its archives in the account's home too) or
 * of all. Requests to a vhost with an own log are in no other.
 */
export function findDomlogs(at: Discovery, vhost: string | null): FoundLog<'access_log'>[] {
  const folders = at.layout.domlogFolders.map((folder) => at.root.resolve(folder));
  const own = vhost === null ? null : domlogNames(vhost);
  const found = folders.flatMap((folder) => domlogsIn(at, folder, own));
  return inOrder([...found, ...homeArchives(at, vhost)]);
}

/** One shared log with its rotated files, beside it and in the archive folders. */
function sharedFamily<Kind extends string>(at: Looker, kind: Kind, pattern: string): FoundLog<Kind>[] {
  const { root } = at;
  const folder = root.resolve(folderOf(pattern));
  if (folder.problem !== null) return [];
  const isWanted = familyTest(nameOf(pattern));
  const entries = root.list(folder);
  const archives = entries.filter((entry) => ARCHIVE_FOLDERS.includes(entry.name) && entry.directory);
  const folders = [folder, ...archives.map((entry) => root.child(folder, entry.name))];
  return folders.flatMap((place) => {
    if (place.problem !== null) return [];
    const names = place === folder ? entries : root.list(place);
    return names
      .filter(({ name, directory }) => !directory && !isNoLog(name) && isWanted(logBase(name)))
      .map(({ name }) =>
        toFound(at, { kind, place: root.child(place, name), base: logBase(name), vhost: null }),
      )
      .filter(({ log }) => log.problem !== 'missing');
  });
}

function domlogsIn(
  at: Looker,
  folder: Place | NoPlace,
  own: readonly string[] | null,
): FoundLog<'access_log'>[] {
  if (folder.problem !== null) return [];
  const found: FoundLog<'access_log'>[] = [];
  for (const { name, directory } of at.root.list(folder)) {
    if (directory || isNoLog(name)) continue;
    if (own !== null && !name.startsWith(own[0] ?? '')) continue;
    // A domain may look rotated (`shop.1`): the name itself counts before its base.
    const base = own?.includes(name) === true ? name : logBase(name);
    const vhost = vhostOfDomlog(base);
    if (vhost === null || own?.includes(base) === false) continue;
    found.push(toFound(at, { kind: 'access_log', place: at.root.child(folder, name), base, vhost }));
  }
  return found;
}

/** An account's home with the names (without rotation) of the domlogs that are archived in it. */
export interface ArchiveHome {
  readonly account: string;
  /** Base name of a domlog -> the vhost whose log it is. */
  readonly names: ReadonlyMap<string, string>;
}

/** The homes that document roots name, by their path. */
export function archiveHomes(vhosts: readonly Vhost[]): Map<string, ArchiveHome> {
  const homes = new Map<string, { account: string; names: Map<string, string> }>();
  for (const { domain, vhost, account, documentRoot } of vhosts) {
    const home = homeOf(documentRoot, account);
    if (home === null) continue;
    const entry = homes.get(home) ?? { account, names: new Map<string, string>() };
    for (const name of [...domlogNames(vhost), ...domlogNames(domain)]) entry.names.set(name, vhost);
    homes.set(home, entry);
  }
  return homes;
}

/** `~account/logs/<domain>-Nov-2026.gz`: what cPanel keeps of a domlog after its statistics ran. */
function homeArchives(at: Discovery, vhost: string | null): FoundLog<'access_log'>[] {
  const wanted = at.vhosts.filter(
    (entry) => vhost === null || entry.vhost === vhost || entry.domain === vhost,
  );
  const parents = new Map<string, Place | NoPlace>();
  return [...archiveHomes(wanted)].flatMap(([home, { names }]) => {
    const above = folderOf(home);
    const parent = parents.get(above) ?? at.root.resolve(above);
    parents.set(above, parent);
    return archivesIn(at, archiveFolder(at.root, parent, nameOf(home)), names);
  });
}

/** An account's folder of archives, or why it cannot be used. */
interface ArchiveFolder {
  readonly folder: Place | NoPlace;
  /** For Root.resolve: all below the home is the account's. */
  readonly distrust: string;
}

/** The archive folder of a home (its name in a folder that was resolved); a link on the way from there is refused. */
export function archiveFolder(root: Root, parent: Place | NoPlace, name: string): ArchiveFolder {
  const home = parent.problem === null ? root.child(parent, name) : parent;
  if (home.problem !== null) return { folder: home, distrust: home.path };
  return { folder: root.child({ ...home, distrusted: true }, 'logs'), distrust: home.real };
}

function archivesIn(
  at: Looker,
  { folder, distrust }: ArchiveFolder,
  names: ReadonlyMap<string, string>,
): FoundLog<'access_log'>[] {
  if (folder.problem !== null) return [];
  return at.root.list(folder).flatMap(({ name, directory }) => {
    const base = logBase(name);
    const vhost = names.get(base);
    if (directory || vhost === undefined || base === name) return [];
    const place = at.root.child(folder, name);
    return [toFound(at, { kind: 'access_log', place, base, vhost, distrust })];
  });
}

interface Candidate<Kind extends string> {
  readonly kind: Kind;
  readonly place: Place | NoPlace;
  readonly base: string;
  readonly vhost: string | null;
  readonly distrust?: string | undefined;
  /** Opens it even where its name does not say that it may be packed. */
  readonly sniff?: boolean;
}

/** Looks at a file that may be a log: what a search or the ingest has to know of it, and whether it can be read. */
export function toFound<Kind extends string>(at: Looker, candidate: Candidate<Kind>): FoundLog<Kind> {
  const { kind, place, base, vhost, distrust } = candidate;
  const { path } = place;
  const name = nameOf(path);
  const rotated = name !== base || ARCHIVE_FOLDERS.some((folder) => path.endsWith(`/${folder}/${name}`));
  const probe = at.probe(place, rotated || candidate.sniff === true);
  const size = place.problem === null ? place.stats.size : 0;
  const mtimeMs = place.problem === null ? place.stats.mtimeMs : 0;
  const log = {
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
  return { log, base, distrust, identity, real: place.problem === null ? place.real : null };
}

/** Current logs first, then new to old; a file that several paths lead to once, under the first of them. */
export function inOrder<Kind extends string>(found: readonly FoundLog<Kind>[]): FoundLog<Kind>[] {
  const once = new Map<string, FoundLog<Kind>>();
  for (const entry of found) {
    const key = entry.identity ?? entry.log.path;
    if (!once.has(key)) once.set(key, entry);
  }
  return [...once.values()].sort(
    (a, b) =>
      Number(a.log.rotated) - Number(b.log.rotated) || (a.log.rotated ? b.log.mtimeMs - a.log.mtimeMs : 0),
  );
}
