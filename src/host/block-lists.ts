// The block lists that csf has loaded: csf.block.NAME for each list of csf.blocklists, and csf.gdeny.
import { AddressListReader, type AddressList, type ListEntry } from '../parse/address-list.ts';
import { parseBlocklists } from '../parse/csf-blocklists.ts';
import type { Layout } from './layout.ts';
import { openLog, plainChunks } from './read.ts';
import type { Root } from './root.ts';
import { readSmallFile } from './small-file.ts';

/** A list of two million addresses has 30 MB. */
const MAX_BYTES = 256 * 1024 * 1024;
/** The name that is shown for csf.gdeny, the list of GLOBAL_DENY. */
const GLOBAL = 'GLOBAL_DENY';

/** One list that is loaded. */
export interface BlockList {
  /** As csf.blocklists names it. */
  readonly name: string;
  /** The server's own path of its file. */
  readonly path: string;
  readonly entries: number;
  /** The narrowest entry that holds a normalised address, with the place of its line; null when none does. */
  readonly find: (address: string) => ListEntry | null;
}

/** Reads the lists below a root; keeps each until its file changes. */
export class BlockLists {
  readonly #root: Root;
  readonly #layout: Layout;
  readonly #kept = new Map<string, { readonly stamp: string; readonly list: AddressList }>();

  constructor(root: Root, layout: Layout) {
    this.#root = root;
    this.#layout = layout;
  }

  /** The lists with a file that can be read and holds an entry. A changed file is read in steps that let others work. */
  async read(): Promise<BlockList[]> {
    const { csfFolder, csfStateFolder } = this.#layout;
    const settings = readSmallFile(this.#root, `${csfFolder}/csf.blocklists`);
    const named = settings.problem === null ? parseBlocklists(settings.text) : [];
    const files = [
      ...named.map(({ name, most }) => ({ name, most, path: `${csfStateFolder}/csf.block.${name}` })),
      { name: GLOBAL, most: null, path: `${csfStateFolder}/csf.gdeny` },
    ];
    const lists: BlockList[] = [];
    for (const { name, most, path } of files) {
      const list = await this.#list(path, most);
      if (list !== null && list.entries > 0)
        lists.push({ name, path, entries: list.entries, find: list.find });
    }
    for (const path of this.#kept.keys())
      if (!files.some((file) => file.path === path)) this.#kept.delete(path);
    return lists;
  }

  async #list(path: string, most: number | null): Promise<AddressList | null> {
    const place = this.#root.resolve(path);
    if (place.problem !== null || place.stats.size > MAX_BYTES) return null;
    const stamp = `${place.stats.mtimeMs}:${place.stats.size}:${place.stats.ino}:${most ?? 0}`;
    const kept = this.#kept.get(path);
    if (kept?.stamp === stamp) return kept.list;
    const list = await this.#readList(path, most).catch(() => null);
    if (list === null) this.#kept.delete(path);
    else this.#kept.set(path, { stamp, list });
    return list;
  }

  async #readList(path: string, most: number | null): Promise<AddressList> {
    const place = this.#root.resolve(path);
    const log = openLog({ path, open: () => (place.problem === null ? this.#root.open(place) : place) });
    try {
      const reader = new AddressListReader(most);
      for await (const { bytes, offset } of plainChunks(log, { from: 0, limit: MAX_BYTES, reuse: true })) {
        reader.take(bytes, offset);
        if (reader.isFull) break;
      }
      return reader.done();
    } finally {
      log.close();
    }
  }
}
