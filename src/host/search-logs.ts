// The logs that a search may read: listed, found by path, and opened after another look at where they are.
import type { SearchKind, SearchLog, Vhost } from '../model.ts';
import type { Layout } from './layout.ts';
import { folderOf, logBase, nameOf, vhostOfDomlog } from './log-names.ts';
import type { ArchiveHome, FoundLog, Looker } from './logs.ts';
import {
  archiveFolder,
  archiveHomes,
  findDomlogs,
  findFamilies,
  inOrder,
  missingLog,
  toFound,
} from './logs.ts';
import { ReadProblem, problemOf } from './problems.ts';
import type { OpenLog } from './read.ts';
import { openLog } from './read.ts';
import type { NoPlace, OpenFile, Place, Root } from './root.ts';
import type { SearchPlaces } from './search-places.ts';
import {
  archiveOwner,
  clauseOf,
  matchFolder,
  pathProblem,
  placeProblem,
  searchPatterns,
  searchPlaces,
} from './search-places.ts';

/** Kinds that are told to be missing; of mail and system logs each server has only some. */
const EXPECTED: readonly SearchKind[] = ['access', 'error', 'audit', 'lfd'];

type Found = FoundLog<SearchKind>;

/** Who is behind a log, as userdatadomains tells it. */
interface Owners {
  readonly vhosts: readonly Vhost[];
  readonly homes: ReadonlyMap<string, ArchiveHome>;
  /** By domain, and by servername where that is no domain of its own. */
  readonly served: ReadonlyMap<string, Vhost>;
}

/** A file that passed the rules: where it was then. */
interface Known {
  readonly real: string;
  readonly distrust: string | undefined;
}

/** What stands behind Host.searchLogs, searchLogAt and openSearchLog. */
export class SearchBook {
  private readonly looker: Looker;
  private readonly root: Root;
  private readonly layout: Layout;
  private readonly vhosts: () => readonly Vhost[];
  private lastOwners: Owners | null = null;
  private known = new Map<string, Known>();

  /** `vhosts` must give the same array as long as they did not change. */
  constructor(looker: Looker, layout: Layout, vhosts: () => readonly Vhost[]) {
    this.looker = looker;
    this.root = looker.root;
    this.layout = layout;
    this.vhosts = vhosts;
  }

  /** All logs by kind, current ones first, then from new to old; see Host.searchLogs. */
  list(): SearchLog[] {
    const { owners, places } = this.now();
    const seen = new Set<string>();
    this.known = new Map();
    return searchPatterns(this.layout).flatMap(([kind, patterns]) => {
      const found = findFamilies(this.looker, kind, patterns);
      if (kind === 'access') found.push(...this.domlogs(owners));
      const fresh = inOrder(found.filter(({ identity }) => identity === null || !seen.has(identity)));
      for (const { identity } of fresh) if (identity !== null) seen.add(identity);
      const [first] = patterns;
      if (found.length === 0 && first !== undefined && EXPECTED.includes(kind))
        fresh.push(missingLog(this.looker, kind, first));
      return fresh.map((entry) => this.admit(places, owners, entry));
    });
  }

  /** One log by its path; see Host.searchLogAt. */
  at(path: string): SearchLog {
    const textProblem = pathProblem(path);
    if (textProblem !== null) return refused(path, textProblem);
    const { owners, places } = this.now();
    const found = this.find(places, path);
    if (typeof found === 'string') return refused(path, clauseOf(found));
    const log = this.admit(places, owners, found);
    return log.problem === null ? log : { ...log, problem: clauseOf(log.problem) };
  }

  /** Opens a log; see Host.openSearchLog. Throws ReadProblem. */
  open(path: string): OpenLog {
    try {
      return openLog({ path, open: () => this.opened(path) });
    } catch (error) {
      throw error instanceof ReadProblem ? error : new ReadProblem(path, clauseOf(problemOf(error)));
    }
  }

  private opened(path: string): OpenFile | NoPlace {
    const place = this.again(path) ?? this.judged(path);
    if (place.problem !== null) return place;
    const opened = this.root.open(place);
    return opened.problem === null ? opened : { path, problem: clauseOf(opened.problem) };
  }

  /** Where a log is that passed the rules before; null when that is another place now. */
  private again(path: string): Place | null {
    const known = this.known.get(path);
    if (known === undefined) return null;
    const place = this.root.resolve(path, known.distrust);
    return place.problem === null && place.real === known.real ? place : null;
  }

  private judged(path: string): Place | NoPlace {
    const log = this.at(path);
    if (log.problem !== null) return { path, problem: log.problem };
    return this.again(log.path) ?? { path, problem: clauseOf('moved while it was opened') };
  }

  private now(): { owners: Owners; places: SearchPlaces } {
    const vhosts = this.vhosts();
    if (this.lastOwners?.vhosts !== vhosts) this.lastOwners = ownersOf(vhosts);
    const owners = this.lastOwners;
    return { owners, places: searchPlaces(this.root, this.layout, owners.homes) };
  }

  private domlogs({ vhosts }: Owners): Found[] {
    const found = findDomlogs({ ...this.looker, layout: this.layout, vhosts }, null);
    return found.map((entry) => ({ ...entry, log: { ...entry.log, kind: 'access' } }));
  }

  /** The file of a path, or why it is no log. Where it lies is judged before it is opened. */
  private find(places: SearchPlaces, path: string): Found | string {
    const name = nameOf(path);
    const base = logBase(name);
    const owner = archiveOwner(places, folderOf(path));
    if (owner !== null) {
      const parent = this.root.resolve(folderOf(owner.home));
      const { folder, distrust } = archiveFolder(this.root, parent, nameOf(owner.home));
      if (folder.problem !== null) return folder.problem;
      const vhost = owner.names.get(base) ?? null;
      const place = this.root.child(folder, name);
      return toFound(this.looker, { kind: 'access', place, base, vhost, distrust, sniff: true });
    }
    const asked = this.root.resolve(folderOf(path));
    const match = matchFolder(places, { path: folderOf(path), asked }, name);
    if (typeof match === 'string') return match;
    const folder = this.root.resolve(folderOf(match.path));
    if (folder.problem !== null) return folder.problem;
    const place = this.root.child(folder, name);
    const real = place.problem === null ? place.real : null;
    const problem = placeProblem(places, { path: match.path, real, distrust: undefined });
    if (problem !== null) return problem;
    const vhost = match.isDomlog ? vhostOfDomlog(base) : null;
    return toFound(this.looker, { kind: match.kind, place, base, vhost, sniff: true });
  }

  /** Judges a file that was found, and remembers it if it may be searched. */
  private admit(places: SearchPlaces, owners: Owners, { log, real, distrust }: Found): SearchLog {
    const { path } = log;
    const problem = pathProblem(path) ?? placeProblem(places, { path, real, distrust }) ?? log.problem;
    if (problem === null && real !== null) this.known.set(path, { real, distrust });
    const served = log.vhost === null ? undefined : owners.served.get(log.vhost);
    const archive = distrust === undefined ? null : archiveOwner(places, folderOf(path));
    return {
      ...log,
      vhost: served?.vhost ?? log.vhost,
      account: served?.account ?? archive?.account ?? null,
      problem,
    };
  }
}

function ownersOf(vhosts: readonly Vhost[]): Owners {
  const served = new Map<string, Vhost>();
  for (const entry of vhosts) served.set(entry.domain, entry);
  for (const entry of vhosts) if (!served.has(entry.vhost)) served.set(entry.vhost, entry);
  return { vhosts, homes: archiveHomes(vhosts), served };
}

function refused(path: string, problem: string): SearchLog {
  return {
    kind: 'system',
    path,
    size: 0,
    mtimeMs: 0,
    compressed: false,
    rotated: false,
    vhost: null,
    account: null,
    problem,
  };
}
