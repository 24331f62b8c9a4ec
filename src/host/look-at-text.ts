// A first look at a log's text: its first KiB, its size, and the bytes before some places, all from one opened file.
import type { LogSource, OpenLog } from './read.ts';
import { openLog, readInto } from './read.ts';
import { HEAD_BYTES, TAIL_BYTES } from './known-bytes.ts';
import { ReadProblem, problemOf } from './problems.ts';
import { ArchiveProblem, unpackMembers } from './unpack.ts';

export interface TextLook {
  /** At most the first KiB. */
  readonly first: Buffer;
  /** Bytes of the text; of an archive as its source says. */
  readonly size: number;
  /** For each place that was asked for the (at most 512) bytes before it; fewer where the text ends before. */
  readonly before: ReadonlyMap<number, Buffer>;
}

/** Says, when the beginning of a text is known, which places to look at. */
export type WantedPlaces = (first: Buffer, size: number) => readonly number[];

/** Looks at a plain log, or at the part of an archive that its source names. Throws ReadProblem. */
export async function lookAtText(source: LogSource, wanted: WantedPlaces): Promise<TextLook> {
  const log = openLog(source);
  try {
    return log.compressed ? await lookInArchive(log, wanted) : lookAtPlain(log, wanted);
  } catch (error) {
    throw error instanceof ReadProblem ? error : new ReadProblem(source.path, problemOf(error));
  } finally {
    log.close();
  }
}

function lookAtPlain(log: OpenLog, wanted: WantedPlaces): TextLook {
  const bytesAt = (start: number, end: number): Buffer => {
    const bytes = Buffer.alloc(end - start);
    return bytes.subarray(0, readInto(log, bytes, start));
  };
  const first = bytesAt(0, HEAD_BYTES);
  const places = wanted(first, log.size);
  const before = new Map(places.map((place) => [place, bytesAt(Math.max(0, place - TAIL_BYTES), place)]));
  return { first, size: log.size, before };
}

async function lookInArchive(log: OpenLog, wanted: WantedPlaces): Promise<TextLook> {
  const { packedAt, length } = log.text ?? { packedAt: 0, length: null };
  const look = new ArchiveLook(length ?? log.size, wanted);
  try {
    for await (const { bytes } of unpackMembers(log.fd, packedAt)) if (look.take(bytes)) break;
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
  }
  return look;
}

/** A look at text that comes piece by piece. */
class ArchiveLook implements TextLook {
  readonly size: number;
  readonly before = new Map<number, Buffer>();
  readonly #wanted: WantedPlaces;
  readonly #head: number;
  first: Buffer = Buffer.alloc(0);
  /** Null until the beginning is known. */
  #places: readonly number[] | null = null;
  #offset = 0;
  /** The last pieces: at least the bytes that may stand before the next place. */
  #recent: Buffer = Buffer.alloc(0);

  constructor(size: number, wanted: WantedPlaces) {
    this.size = size;
    this.#wanted = wanted;
    this.#head = Math.min(size, HEAD_BYTES);
  }

  /** Takes the next piece; true when nothing more is needed. */
  take(bytes: Buffer): boolean {
    if (this.first.length < this.#head)
      this.first = Buffer.concat([this.first, bytes]).subarray(0, this.#head);
    if (this.first.length === this.#head) this.#places ??= this.#wanted(this.first, this.size);
    this.#recent = Buffer.concat([this.#recent.subarray(-TAIL_BYTES), bytes]);
    this.#offset += bytes.length;
    for (const place of this.#places ?? []) this.#lookBefore(place);
    return this.#offset >= Math.max(this.#head, ...(this.#places ?? []));
  }

  #lookBefore(place: number): void {
    const start = Math.max(0, place - TAIL_BYTES);
    const from = this.#offset - this.#recent.length;
    if (place <= this.first.length) this.before.set(place, this.first.subarray(start, place));
    else if (place <= this.#offset && start >= from)
      this.before.set(place, this.#recent.subarray(start - from, place - from));
  }
}
