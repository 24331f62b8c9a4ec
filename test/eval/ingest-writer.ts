// A log that is written, rotated, packed, cut and made anew, as servers do it; and every text that ever stood in it.
import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Random } from '../bench/random.ts';

/** What is waited for: a moment in which the ingester may look, or that it has read all. */
export interface Pauses {
  moment(): Promise<void>;
  allRead(): Promise<void>;
}

interface Rotated {
  readonly path: string;
  readonly packed: boolean;
}

/** Writes one log. `next` makes up what comes next: a line, or the lines of one record. */
export class LogWriter {
  readonly #path: string;
  readonly #rng: Random;
  readonly #next: () => string;
  readonly #pauses: Pauses;
  #fd: number;
  /** Bytes of a line or record that are not written yet, and where they go. */
  #pending: { fd: number; text: Text; bytes: Buffer } | null = null;
  #current = new Text();
  #rotated: Rotated[] = [];
  #names = 0;
  readonly texts: Text[] = [this.#current];
  /** What was done, for whoever looks into a failure. */
  readonly did: string[] = [];

  constructor(path: string, rng: Random, next: () => string, pauses: Pauses) {
    this.#path = path;
    this.#rng = rng;
    this.#next = next;
    this.#pauses = pauses;
    this.#fd = openSync(path, 'a');
  }

  /** One step: mostly more lines. */
  async step(): Promise<void> {
    const rng = this.#rng;
    if (rng.chance(0.66)) {
      this.#append();
      return;
    }
    const acts = {
      rename: () => this.#rename(),
      copyTruncate: () => this.#copyTruncate(),
      pack: () => this.#pack(),
      archive: () => this.#archive(),
      moveRotated: () => this.#moveRotated(),
      cut: () => this.#cut(),
      remake: () => this.#remake(),
      leaveHalfCopy: () => this.#leaveHalfCopy(),
    };
    const weights = [5, 5, 4, 6, 2, 2, 1, 1];
    const names = (Object.keys(acts) as (keyof typeof acts)[]).flatMap((name, at) =>
      Array.from({ length: weights[at] ?? 1 }, () => name),
    );
    const name = rng.pick(names);
    this.did.push(name);
    await acts[name]();
  }

  /** Writes what is still missing of a line or record. */
  finish(): void {
    if (this.#pending !== null) this.#write(this.#pending.fd, this.#pending.text, this.#pending.bytes);
    this.#pending = null;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #append(): void {
    this.finish();
    const count = this.#rng.chance(0.05) ? this.#rng.int(20, 60) : this.#rng.int(1, 4);
    let bytes = Buffer.from(Array.from({ length: count }, () => this.#next()).join(''), 'latin1');
    if (bytes.length > 1 && this.#rng.chance(0.35)) {
      const cut = this.#rng.int(1, bytes.length - 1);
      this.#pending = { fd: this.#fd, text: this.#current, bytes: bytes.subarray(cut) };
      bytes = bytes.subarray(0, cut);
    }
    this.did.push(`append ${bytes.length}`);
    this.#write(this.#fd, this.#current, bytes);
  }

  #write(fd: number, text: Text, bytes: Buffer): void {
    writeSync(fd, bytes);
    text.add(bytes);
  }

  #begin(text = new Text()): void {
    this.#current = text;
    this.texts.push(text);
  }

  #name(): string {
    const number = ++this.#names;
    return this.#rng.pick([`${this.#path}.${number}`, `${this.#path}-20261120-${number}`]);
  }

  /** Old processes go on writing to the file that was moved. */
  async #rename(): Promise<void> {
    const path = this.#name();
    renameSync(this.#path, path);
    if (this.#rng.chance(0.3)) await this.#pauses.moment();
    const old = this.#fd;
    this.#fd = openSync(this.#path, 'a');
    this.#begin();
    if (this.#rng.chance(0.5)) this.#append();
    if (this.#rng.chance(0.5)) await this.#pauses.moment();
    if (this.#pending?.fd === old) this.finish();
    closeSync(old);
    this.#rotated.push({ path, packed: false });
  }

  async #copyTruncate(): Promise<void> {
    const path = this.#name();
    await this.#slowly(readFileSync(this.#path), (part, isFirst) => {
      if (isFirst) writeFileSync(path, part);
      else appendFileSync(path, part);
    });
    ftruncateSync(this.#fd, 0);
    this.#begin();
    // What is still to be written of a line comes to stand at the beginning.
    if (this.#pending !== null) this.#pending = { ...this.#pending, text: this.#current };
    if (this.#rng.chance(0.5)) this.#append();
    this.#rotated.push({ path, packed: false });
  }

  async #pack(): Promise<void> {
    const one = this.#takePlain();
    if (one === null) return;
    const path = `${one.path}.gz`;
    await this.#slowly(gzipSync(readFileSync(one.path), { level: 1 }), (part, isFirst) => {
      if (isFirst) writeFileSync(path, part);
      else appendFileSync(path, part);
    });
    unlinkSync(one.path);
    this.#rotated.push({ path, packed: true });
  }

  /** cPanel's way: one archive a month, each rotated log appended to it. */
  async #archive(): Promise<void> {
    const one = this.#takePlain();
    if (one === null) return;
    const folder = join(dirname(this.#path), 'archive');
    mkdirSync(folder, { recursive: true });
    const month = this.#rng.pick(['11-2026', 'Nov-2026']);
    const path = join(folder, `${basename(this.#path)}-${month}.gz`);
    await this.#slowly(gzipSync(readFileSync(one.path), { level: 1 }), (part) => {
      appendFileSync(path, part);
    });
    unlinkSync(one.path);
  }

  async #moveRotated(): Promise<void> {
    const one = this.#rotated.splice(this.#rng.int(0, this.#rotated.length), 1)[0];
    if (one === undefined) return;
    const path = `${this.#name()}${one.packed ? '.gz' : ''}`;
    renameSync(one.path, path);
    this.#rotated.push({ ...one, path });
    if (this.#rng.chance(0.3)) await this.#pauses.moment();
  }

  /** Somebody makes the log shorter, and it goes on: what was cut off had been read. */
  async #cut(): Promise<void> {
    await this.#allRead();
    const before = this.#current.bytes();
    const length = this.#rng.int(0, before.length);
    const kept = before.subarray(0, length);
    const clean = this.#rng.chance(0.6) ? kept.subarray(0, kept.lastIndexOf(0x0a) + 1) : kept;
    this.#pending = null;
    ftruncateSync(this.#fd, clean.length);
    this.#begin(new Text(clean));
    if (this.#rng.chance(0.7)) this.#append();
    if (this.#rng.chance(0.3)) this.#append();
  }

  /** The log is deleted and made anew. */
  async #remake(): Promise<void> {
    await this.#allRead();
    this.#pending = null;
    unlinkSync(this.#path);
    closeSync(this.#fd);
    if (this.#rng.chance(0.5)) await this.#pauses.moment();
    this.#fd = openSync(this.#path, 'a');
    this.#begin();
  }

  /** What was cut off or deleted is only wanted when all of it had been read, also what is waited with while a log is fresh. */
  #allRead(): Promise<void> {
    makeOld(this.#path);
    return this.#pauses.allRead();
  }

  /** A copy that nobody finished: half of the log as it is, plain or packed. */
  async #leaveHalfCopy(): Promise<void> {
    const bytes = readFileSync(this.#path);
    const isPacked = this.#rng.chance(0.5);
    const path = `${this.#name()}${isPacked ? '.gz' : ''}`;
    const whole = isPacked ? gzipSync(bytes, { level: 1 }) : bytes;
    writeFileSync(path, whole.subarray(0, this.#rng.int(0, whole.length)));
    await this.#pauses.moment();
    if (this.#rng.chance(0.5) && existsSync(path)) unlinkSync(path);
  }

  #takePlain(): Rotated | null {
    const plain = this.#rotated.filter(({ packed }) => !packed);
    const one = plain.length === 0 ? null : this.#rng.pick(plain);
    this.#rotated = this.#rotated.filter((other) => other !== one);
    return one;
  }

  async #slowly(bytes: Buffer, put: (part: Buffer, isFirst: boolean) => void): Promise<void> {
    const cuts = this.#rng.chance(0.5) ? [this.#rng.int(0, bytes.length), bytes.length] : [bytes.length];
    let from = 0;
    for (const [index, to] of cuts.entries()) {
      put(bytes.subarray(from, to), index === 0);
      if (index < cuts.length - 1) await this.#pauses.moment();
      from = to;
    }
  }
}

/** Lets a file be as if it had not been written for an hour. */
export function makeOld(path: string): void {
  const at = Date.now() / 1000 - 3600;
  utimesSync(path, at, at);
}

/** All bytes that ever stood in one file, from its making to its end. */
export class Text {
  #pieces: Buffer[];

  constructor(begin: Buffer = Buffer.alloc(0)) {
    this.#pieces = [begin];
  }

  add(bytes: Buffer): void {
    this.#pieces.push(bytes);
  }

  bytes(): Buffer {
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }
}
