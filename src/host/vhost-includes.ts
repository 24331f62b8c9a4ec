// Apache's include files: of vhosts (userdata) and of the whole server, where ModSecurity directives of others stand.
// Which of them a vhost gets: cPanel's vhost template, in its order: userdata/*.conf, userdata/*.owner-OWNER, then
// below std (port 80) or ssl: *.conf, 2_4/*.conf, 2_4/ACCOUNT/*.conf, and 2_4/ACCOUNT/NAME/*.conf for every name that
// the vhost answers to. Without 2_4 it takes 2.
import { closeSync } from 'node:fs';
import type { EpochMs } from '../model.ts';
import type { Layout } from './layout.ts';
import { problemOf } from './problems.ts';
import type { NoPlace, Place, Root } from './root.ts';
import { readText } from './small-file.ts';

const MOST_FILES = 20_000;
/** Names looked at: folders of thousands of vhosts, and what else may lie there. */
const MOST_NAMES = 200_000;
const MOST_BYTES = 64 * 1024 * 1024;
const FILE_BYTES = 64 * 1024;
/** The server's own files may hold rules beside exclusions. */
const SERVER_FILE_BYTES = 1024 * 1024;
/** Texts kept for the next time; more are read again. */
const KEPT_BYTES = 8 * 1024 * 1024;

const TREES = ['std', 'ssl'] as const;

/** For whom Apache takes a file. Names are those of folders, as they stand on the disk: hostile. */
export interface IncludeScope {
  /** `both`: plain and TLS vhosts; `server`: the configuration outside of vhosts. */
  readonly tree: 'std' | 'ssl' | 'both' | 'server';
  /** The cPanel user whose vhosts take it; null: all. */
  readonly account: string | null;
  /** The servername or other name of the one vhost that takes it; null: all of the account. */
  readonly domain: string | null;
  /** The reseller whose accounts' vhosts take it; null: whoever owns them. */
  readonly owner: string | null;
}

/** A file that Apache includes. */
export interface IncludeFile extends IncludeScope {
  readonly path: string;
  /** latin1. */
  readonly text: string;
  readonly mtimeMs: EpochMs;
}

export interface IncludeFiles {
  /** In the order that Apache reads them within a tree. */
  readonly files: readonly IncludeFile[];
  /** Files that are there and could not be read, e.g. `permission denied`, `too large`. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
  /** True when there were more than 20,000 files, 200,000 names or 64 MiB: the rest is not here. */
  readonly cut: boolean;
}

/** Whose files are asked for. */
export interface IncludeOwner {
  readonly account: string;
  readonly owner: string;
  /** All names the vhost answers to. */
  readonly names: readonly string[];
}

/** Reads include files, and keeps their texts until a file's time, size or inode changes. */
export class VhostIncludes {
  readonly #root: Root;
  readonly #layout: Layout;
  #kept = new Map<string, { readonly stamp: string; readonly text: string }>();

  constructor(root: Root, layout: Layout) {
    this.#root = root;
    this.#layout = layout;
  }

  /** The files of one vhost with those that it shares, or of all vhosts (null), and those of the server. */
  read(vhost: IncludeOwner | null): IncludeFiles {
    const walk = new Walk(this.#root, this.#kept);
    const { includeFolder, apacheConfFolder } = this.#layout;
    this.#server(walk, apacheConfFolder);
    const mine = vhost === null ? null : `.owner-${vhost.owner}`;
    const top = walk.names(this.#root.resolve(includeFolder), (name) =>
      mine === null ? name.includes('.owner-') : name.endsWith(mine),
    );
    walk.files(top, { tree: 'both', ...ANY });
    for (const { name, place } of top) {
      const owner = /\.owner-([^]+)$/.exec(name)?.[1];
      if (owner !== undefined) walk.file(place, { tree: 'both', ...ANY, owner });
    }
    for (const tree of TREES) this.#tree(walk, `${includeFolder}/${tree}`, { tree, ...ANY }, vhost);
    if (vhost === null) this.#kept = walk.kept;
    return { files: walk.found, problems: walk.problems, cut: walk.cut };
  }

  /** What lies below std or ssl. */
  #tree(walk: Walk, folder: string, scope: IncludeScope, vhost: IncludeOwner | null): void {
    const any = (only: readonly string[] | null) => (name: string) => only?.includes(name) ?? true;
    const none = (): boolean => false;
    walk.files(walk.names(this.#root.resolve(folder), none), scope);
    const version = this.#root.resolve(`${folder}/2_4`).problem === null ? '2_4' : '2';
    const inVersion = walk.names(this.#root.resolve(`${folder}/${version}`), any(vhost && [vhost.account]));
    walk.files(inVersion, scope);
    for (const account of foldersAmong(inVersion)) {
      const inAccount = walk.names(account.place, any(vhost && folderNames(vhost.names)));
      walk.files(inAccount, { ...scope, account: account.name });
      for (const domain of foldersAmong(inAccount)) {
        const inDomain = walk.names(domain.place, none);
        walk.files(inDomain, { ...scope, account: account.name, domain: domain.name });
      }
    }
  }

  #server(walk: Walk, folder: string): void {
    const scope: IncludeScope = { tree: 'server', ...ANY };
    const none = (): boolean => false;
    for (const name of ['modsec/modsec2.user.conf', 'modsec/modsec2.cpanel.conf'])
      walk.file(this.#root.resolve(`${folder}/${name}`), scope);
    for (const place of [folder, `${folder}/includes`])
      walk.files(walk.names(this.#root.resolve(place), none), scope);
  }
}

const ANY = { account: null, domain: null, owner: null };

/** cPanel writes the star of a wildcard name as a word; a folder by the bare name would be a pattern for Apache. */
function folderNames(names: readonly string[]): string[] {
  return names.map((name) => name.replace(/^\*/, '_wildcard_')).sort();
}

function foldersAmong(names: readonly Named[]): Named[] {
  return names.filter(({ place }) => place.stats.isDirectory());
}

interface Named {
  readonly name: string;
  readonly place: Place;
}

/** One reading, with what it may still take. */
class Walk {
  readonly found: IncludeFile[] = [];
  readonly problems: { path: string; problem: string }[] = [];
  readonly kept = new Map<string, { readonly stamp: string; readonly text: string }>();
  cut = false;
  readonly #root: Root;
  readonly #before: ReadonlyMap<string, { readonly stamp: string; readonly text: string }>;
  #names = 0;
  #bytes = 0;
  #keptBytes = 0;

  constructor(root: Root, before: Walk['kept']) {
    this.#root = root;
    this.#before = before;
  }

  /**
   * What lies in a folder, by name: `*.conf` and what else is wanted; nothing when it is not there. Apache's patterns
   * pass over hidden names.
   */
  names(folder: Place | NoPlace, want: (name: string) => boolean): Named[] {
    const names: Named[] = [];
    if (folder.problem !== null) return names;
    for (const { name } of this.#root.list(folder)) {
      const isConf = name.endsWith('.conf');
      if (name.startsWith('.') || (!isConf && !want(name))) continue;
      if (++this.#names > MOST_NAMES) {
        this.cut = true;
        break;
      }
      const place = this.#root.child(folder, name);
      if (place.problem === null) names.push({ name, place });
      else if (isConf) this.problems.push({ path: place.path, problem: place.problem });
    }
    return names;
  }

  /** Takes the `*.conf` files among the names of a folder. */
  files(names: readonly Named[], scope: IncludeScope): void {
    for (const { name, place } of names) {
      if (name.endsWith('.conf') && !place.stats.isDirectory()) this.file(place, scope);
    }
  }

  /** Takes one file; nothing happens when it is not there. */
  file(place: Place | NoPlace, scope: IncludeScope): void {
    if (place.problem !== null) {
      if (place.problem !== 'missing') this.problems.push({ path: place.path, problem: place.problem });
      return;
    }
    const { path, stats } = place;
    if (this.found.length >= MOST_FILES || this.#bytes + stats.size > MOST_BYTES) {
      this.cut = true;
      return;
    }
    const stamp = `${stats.mtimeMs}:${stats.size}:${stats.ino}`;
    const before = this.#before.get(path);
    const text = before?.stamp === stamp ? before.text : this.#text(place, scope.tree);
    if (text === null) return;
    this.#bytes += text.length;
    this.found.push({ path, text, mtimeMs: stats.mtimeMs, ...scope });
    this.#keptBytes += text.length;
    if (this.#keptBytes <= KEPT_BYTES) this.kept.set(path, { stamp, text });
  }

  #text(place: Place, tree: IncludeScope['tree']): string | null {
    const opened = this.#root.open(place);
    let problem = opened.problem;
    if (opened.problem === null) {
      try {
        const limit = tree === 'server' ? SERVER_FILE_BYTES : FILE_BYTES;
        const text = readText(opened.fd, opened.stats, limit);
        if (text !== null) return text;
        problem = 'too large';
      } catch (error) {
        problem = problemOf(error);
      } finally {
        closeSync(opened.fd);
      }
    }
    this.problems.push({ path: place.path, problem: problem ?? 'cannot be read' });
    return null;
  }
}
