// Block indexes that stay open for the next search: reading the table of one of gigabytes takes longer than asking it.
import type { BlockIndex } from './block-index.ts';
import { openBlockIndex } from './block-index.ts';
import type { SearchFile } from './search-file.ts';

/** Most searches ask the same few logs again. */
const MOST_OPEN = 8;
/** An index that was opened before that is opened anew: it may have grown, and removed files go. */
const KEPT_MS = 10_000;

interface Kept {
  readonly index: BlockIndex | null;
  readonly at: number;
}

/** Opens indexes and keeps them for a while. */
export class IndexCache {
  readonly #kept = new Map<string, Kept>();

  /** The index of an opened log, null when it has none; not to be closed by the caller. Throws ReadProblem. */
  async of(folder: string, file: SearchFile): Promise<BlockIndex | null> {
    const key = `${folder} ${file.open.path} ${file.open.inode} ${file.size}`;
    const now = performance.now();
    for (const [name, { at }] of this.#kept) if (now - at > KEPT_MS) this.#drop(name);
    const known = this.#kept.get(key);
    if (known !== undefined) return known.index;
    const { head } = await file.fingerprint();
    const index = openBlockIndex(folder, file.open, head);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST_OPEN && oldest !== undefined) this.#drop(oldest);
    this.#kept.set(key, { index, at: now });
    return index;
  }

  #drop(name: string): void {
    this.#kept.get(name)?.index?.close();
    this.#kept.delete(name);
  }
}
