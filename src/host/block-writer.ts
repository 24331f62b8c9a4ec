// Writes blocks into an index: full slabs as they come, then the state that makes them count.
import { clientScanner } from './block-clients.ts';
import type { StoredIndex } from './block-files.ts';
import { SlabWriter, newGeneration, prepareFolder, removeOtherSlabs, writeState } from './block-files.ts';
import type { MakerOptions } from './block-maker.ts';
import { BlockMaker } from './block-maker.ts';
import type { BlockKind, PackedMark } from './block-slab.ts';
import { Slab } from './block-slab.ts';

export interface IndexPlace {
  readonly folder: string;
  readonly stem: string;
  readonly kind: BlockKind;
  readonly timeOf: MakerOptions['timeOf'];
}

/** Goes on with an index or begins one. What it wrote counts after `commit`; else nothing has changed. */
export class IndexWriter {
  readonly maker: BlockMaker;
  readonly #place: IndexPlace;
  readonly #generation: number;
  readonly #isNew: boolean;
  readonly #file: SlabWriter;
  #slabs: number;

  /** `stored`: the index to go on with; it need not be open. Throws ReadProblem. */
  constructor(place: IndexPlace, stored: StoredIndex | null) {
    const { folder, stem, kind, timeOf } = place;
    prepareFolder(folder);
    this.#place = place;
    this.#isNew = stored === null;
    this.#generation = stored?.generation ?? newGeneration();
    this.#slabs = stored?.slabs ?? 0;
    this.#file = new SlabWriter(folder, stem, this.#generation);
    this.maker = new BlockMaker({
      last: stored?.last ?? new Slab(),
      blocks: stored?.blocks ?? 0,
      covered: stored?.table.covered ?? 0,
      scan: clientScanner(kind),
      timeOf,
      onFull: (slab) => {
        this.#file.write(slab, this.#slabs++);
      },
    });
  }

  /**
   * Makes all whole blocks count, unless another builder of the same log was quicker: then its blocks do. Throws
   * ReadProblem; then those of before still do.
   */
  commit(packed: PackedMark | null): void {
    const { folder, stem, kind } = this.#place;
    this.maker.dropOpen();
    if (this.#file.isGone(this.#slabs > 0)) {
      this.abandon();
      return;
    }
    this.#file.finish();
    writeState(folder, stem, {
      kind,
      generation: this.#generation,
      slabs: this.#slabs,
      blocks: this.maker.blocks,
      packed,
      last: this.maker.slab,
    });
    if (this.#isNew) removeOtherSlabs(folder, stem, this.#generation);
  }

  /** Leaves the index as it was. */
  abandon(): void {
    if (this.#isNew) this.#file.remove();
    else this.#file.abandon();
  }
}
