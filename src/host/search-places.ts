// Where a log may lie that a search reads: the folders of the layout's logs, their archive folders, nowhere else.
import type { SearchKind } from '../model.ts';
import { expandFolders } from './glob-folders.ts';
import type { Layout } from './layout.ts';
import {
  ARCHIVE_FOLDERS,
  familyTest,
  folderOf,
  globPattern,
  logBase,
  nameOf,
  vhostOfDomlog,
} from './log-names.ts';
import type { ArchiveHome } from './logs.ts';
import type { NoPlace, Place, Root } from './root.ts';

const NOT_A_LOG = 'it is not a log of this server';
const BELOW_HOME =
  'it lies in an account’s home folder, where only cPanel’s own archives in `logs` are searched';
const LEADS_OUT = 'it is a link that leads out of the log folders';
const MAX_PATH_BYTES = 4096;
/** Only the system's own: a link from a log's name to one of them is never a log. */
const SYSTEM_TREES = /^\/(?:dev|etc|proc|root|sys)\//;
const DEVICE_TREES = /^\/(?:dev|proc|sys)\//;

/** The layout's shared logs by kind; a file that two kinds name belongs to the first. */
export function searchPatterns(layout: Layout): readonly (readonly [SearchKind, readonly string[]])[] {
  return [
    ['access', layout.accessLogs],
    ['error', [...layout.errorLogs, ...layout.nginxErrorLogs]],
    ['audit', layout.auditLogs],
    ['lfd', layout.lfdLogs],
    ['mail', layout.mailLogs],
    ['system', layout.systemLogs],
  ];
}

/** A kind of logs in a folder, known by their base names. */
interface Family {
  readonly kind: SearchKind;
  readonly isNamed: (base: string) => boolean;
}

/** A folder where logs lie. */
export interface LogFolder {
  /** As the layout names it. */
  readonly path: string;
  /** After all links; null when it could not be reached, for the reason in `problem`. */
  readonly real: string | null;
  readonly problem: string | null;
  readonly families: readonly Family[];
  /** Its files are vhosts' access logs, named after them. */
  readonly isDomlogs: boolean;
  /** Whether any file in it may be searched; else only those of its families. */
  readonly isOpen: boolean;
}

export interface SearchPlaces {
  readonly folders: readonly LogFolder[];
  /** Where the open ones really are. */
  readonly reals: ReadonlySet<string>;
  readonly realOf: ReadonlyMap<string, string>;
  /** Log paths that the layout names one by one. */
  readonly named: ReadonlySet<string>;
  readonly homes: ReadonlyMap<string, ArchiveHome>;
}

/** Resolves the folders of all logs. `homes`: see archiveHomes. */
export function searchPlaces(
  root: Root,
  layout: Layout,
  homes: ReadonlyMap<string, ArchiveHome>,
): SearchPlaces {
  const named = new Set<string>();
  const families = new Map<string, Family[]>();
  for (const [kind, patterns] of searchPatterns(layout)) {
    for (const pattern of patterns.flatMap((one) => expandFolders(root, one))) {
      const folder = folderOf(pattern);
      const name = nameOf(pattern);
      if (globPattern(name) === null) named.add(pattern);
      families.set(folder, [...(families.get(folder) ?? []), { kind, isNamed: familyTest(name) }]);
    }
  }
  const paths = [...new Set([...families.keys(), ...layout.domlogFolders])];
  const folders = paths.flatMap((path) => {
    const isDomlogs = layout.domlogFolders.includes(path);
    const parts = [path, ...ARCHIVE_FOLDERS.map((name) => `${path === '/' ? '' : path}/${name}`)];
    return parts.map((part) =>
      logFolder(root, homes, { path: part, families: families.get(path) ?? [], isDomlogs }),
    );
  });
  const found = folders.filter((folder) => folder.real !== null);
  return {
    folders,
    reals: new Set(found.filter(({ isOpen }) => isOpen).map(({ real }) => real ?? '')),
    realOf: new Map(found.map(({ path, real }) => [path, real ?? ''])),
    named,
    homes,
  };
}

function logFolder(
  root: Root,
  homes: ReadonlyMap<string, ArchiveHome>,
  folder: Pick<LogFolder, 'path' | 'families' | 'isDomlogs'>,
): LogFolder {
  const place = root.resolve(folder.path);
  if (place.problem !== null) return { ...folder, real: null, problem: place.problem, isOpen: false };
  const { real, stats } = place;
  if (!stats.isDirectory()) return { ...folder, real: null, problem: 'missing', isOpen: false };
  return { ...folder, real, problem: null, isOpen: isLogFolder(real) && homeAround(homes, real) === null };
}

/** A folder at the top of the server (/etc, /var, /home) holds other things than logs, whoever names it. */
function isLogFolder(real: string): boolean {
  return real.indexOf('/', 1) > 0 && !DEVICE_TREES.test(`${real}/`);
}

/** The account's home that a path is, or lies in; null for none. */
function homeAround(homes: ReadonlyMap<string, ArchiveHome>, path: string): string | null {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const part = path.slice(0, end);
    if (homes.has(part)) return part;
  }
  return null;
}

/** The account whose archive folder this is, with its home; null for any other folder. */
export function archiveOwner(
  places: SearchPlaces,
  folder: string,
): (ArchiveHome & { readonly home: string }) | null {
  if (!folder.endsWith('/logs')) return null;
  const home = folder.slice(0, -'/logs'.length);
  const owner = places.homes.get(home);
  return owner === undefined ? null : { ...owner, home };
}

/** What is wrong with a path as text; null when it is the plain absolute path of a file. */
export function pathProblem(path: string): string | null {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `its path is longer than ${MAX_PATH_BYTES} bytes`;
  if (/[\0-\x1f\x7f-\x9f]/.test(path)) return 'its path holds control bytes';
  if (!path.startsWith('/')) return 'its path is not absolute';
  return /\/\.{0,2}(?:\/|$)/.test(path) ? 'its path holds “..”, “.” or an empty part' : null;
}

/** Where a file that may be a log is. */
export interface FoundPlace {
  readonly path: string;
  /** After all links; null when it is not there. */
  readonly real: string | null;
  /** Set for an account's archive: on the way to it no link was followed. */
  readonly distrust: string | undefined;
}

/**
 * Why a file must not be searched where it really lies; null when it may. A link must stay in the log folders,
 * unless the layout names it and it leads to no folder of the system or an account.
 */
export function placeProblem(places: SearchPlaces, { path, real, distrust }: FoundPlace): string | null {
  if (distrust !== undefined) return null;
  if (homeAround(places.homes, path) !== null) return BELOW_HOME;
  if (real === null || places.reals.has(folderOf(real))) return null;
  const folder = places.realOf.get(folderOf(path));
  const isLink = real !== `${folder === '/' ? '' : (folder ?? '')}/${nameOf(path)}`;
  const isNamed = !isLink || places.named.has(path);
  if (isNamed && !SYSTEM_TREES.test(real) && homeAround(places.homes, real) === null) return null;
  return isLink ? LEADS_OUT : NOT_A_LOG;
}

/** A log folder's file: under which path it is known, and what it is about. */
export interface FolderMatch {
  readonly path: string;
  readonly kind: SearchKind;
  readonly isDomlog: boolean;
}

/**
 * What a file is by its name and the folder (its path and what it resolved to) that it was asked for in. A text is
 * the reason why it is no log.
 */
export function matchFolder(
  places: SearchPlaces,
  folder: { readonly path: string; readonly asked: Place | NoPlace },
  name: string,
): FolderMatch | string {
  const base = logBase(name);
  const { asked } = folder;
  const holding = places.folders.filter(({ path, real }) =>
    asked.problem === null ? real === asked.real : path === folder.path,
  );
  const inside = (path: string): string => `${path === '/' ? '' : path}/${name}`;
  const [first] = holding;
  if (homeAround(places.homes, folder.path) !== null) return BELOW_HOME;
  if (first === undefined) return NOT_A_LOG;
  if (asked.problem !== null) return asked.problem;
  for (const { path, families } of holding) {
    const family = families.find(({ isNamed }) => isNamed(base));
    if (family !== undefined) return { path: inside(path), kind: family.kind, isDomlog: false };
  }
  const domlogs = holding.find(({ isDomlogs }) => isDomlogs);
  if (domlogs !== undefined && (domlogs.isOpen || vhostOfDomlog(base) !== null))
    return { path: inside(domlogs.path), kind: 'access', isDomlog: true };
  return first.isOpen ? { path: inside(first.path), kind: 'system', isDomlog: false } : NOT_A_LOG;
}

const CLAUSES: Readonly<Record<string, string>> = {
  'permission denied': 'permission is denied',
  'link loop': 'its links form a loop',
  'name too long': 'its name is too long',
  'read error of the disk': 'the disk gives a read error',
  'link in a folder that is not only root’s': 'a link in a folder that is not only root’s is not followed',
  'a second name of another file': 'it is a second name of another file, in a folder that is not only root’s',
  'replaced by a link': 'it was replaced by a link',
  'moved while it was opened': 'it was moved while it was opened',
};

/** A problem of root.ts or problems.ts as a clause that fits "X cannot be searched: …"; a clause stays as it is. */
export function clauseOf(problem: string): string {
  return CLAUSES[problem] ?? (/^(?:it|its|the) /.test(problem) ? problem : `it is ${problem}`);
}
