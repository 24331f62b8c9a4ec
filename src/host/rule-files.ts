// The ModSecurity rules that are installed: vendors' files and the server's own ones.
import type { Place, Root } from './root.ts';
import { readSmallFile } from './small-file.ts';

const MAX_FILES = 2000;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_ALL_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 3;

export interface RuleFile {
  /** The server's own path, as ModSecurity logs it. */
  readonly path: string;
  /** latin1. */
  readonly text: string;
}

/** Reads rule files and keeps the texts until a file's time or size changes. */
export class RuleFiles {
  private readonly root: Root;
  private readonly folders: readonly string[];
  private kept = new Map<string, RuleFile & { readonly stamp: string }>();

  constructor(root: Root, folders: readonly string[]) {
    this.root = root;
    this.folders = folders;
  }

  /**
   * All `*.conf` files in the folders and up to three levels below, or of these only those named by `only` (server
   * paths); unreadable ones are left out.
   */
  read(only: ReadonlySet<string> | null): RuleFile[] {
    const files = new Map<string, RuleFile & { readonly stamp: string }>();
    let bytes = 0;
    for (const place of this.folders.flatMap((folder) => this.confFiles(folder, MAX_DEPTH))) {
      if (only?.has(place.path) === false) continue;
      bytes += place.stats.size;
      if (files.size >= MAX_FILES || bytes > MAX_ALL_BYTES) break;
      const stamp = `${place.stats.mtimeMs}:${place.stats.size}:${place.stats.ino}`;
      const kept = this.kept.get(place.path);
      if (kept?.stamp === stamp) {
        files.set(place.path, kept);
        continue;
      }
      const file = readSmallFile(this.root, place.path, MAX_FILE_BYTES);
      if (file.problem === null) files.set(place.path, { path: place.path, text: file.text, stamp });
    }
    this.kept = only === null ? files : new Map([...this.kept, ...files]);
    return [...files.values()].map(({ path, text }) => ({ path, text }));
  }

  private confFiles(path: string, depth: number): Place[] {
    const folder = this.root.resolve(path);
    if (folder.problem !== null || depth < 0) return [];
    return this.root.list(folder, MAX_FILES).flatMap(({ name, directory }) => {
      if (directory) return this.confFiles(`${path}/${name}`, depth - 1);
      if (!name.endsWith('.conf')) return [];
      const place = this.root.child(folder, name);
      return place.problem === null && place.stats.isFile() ? [place] : [];
    });
  }
}
