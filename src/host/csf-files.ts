// csf's lists, read so that a rewrite in place is never taken for an empty or a cut list: csf and lfd truncate a
// file and write it again in pieces, with firewall calls in between, under flock.
import { closeSync, fstatSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitForSharedLock } from './file-lock.ts';
import { problemOf } from './problems.ts';
import type { Root } from './root.ts';
import { readText } from './small-file.ts';

/** A change this recent may still be going on. */
const YOUNG_MS = 5000;
/** An empty list, or one cut in a line, is believed at once only when nothing has touched it for this long. */
const YOUNG_ODD_MS = 60_000;
/** Under csf's own lock only another program can be at work, and such a one does not pause in the middle. */
const YOUNG_LOCKED_MS = 2000;
const TRIES = 10;
const PAUSE_MS = 110;
/** Between two looks at an old list that seems cut. */
const GLANCE_MS = 25;
/** How long a young file must read the same: one that looks whole, and one that looks cut. */
const SAME_MS = 200;
const SAME_ODD_MS = 900;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_INCLUDES = 100;

/** One file as it was read. */
export interface CsfText {
  /** The server's own path. */
  readonly path: string;
  /** latin1; null with a problem. */
  readonly text: string | null;
  /** `missing`, `permission denied` …; null when `text` holds the file. */
  readonly problem: string | null;
  /** False when it kept changing: what is not in `text` may still be in the file. */
  readonly stable: boolean;
  readonly mtimeMs: number;
}

/** A list with the files that its `Include` lines name, theirs too, each once. */
export interface CsfList extends CsfText {
  readonly includes: readonly CsfText[];
}

/** Reads csf's files below a root; remembers how long each list was, so that a shrunk one is looked at twice. */
export class CsfReader {
  private readonly root: Root;
  private readonly flock: string | null;
  private readonly stateFolder: string;
  private readonly lengths = new Map<string, number>();

  /**
   * `flock`: path of util-linux's flock on a live server; null for a copied one, where nobody writes. `stateFolder`: csf's
   * own state, which only csf and lfd write, always under that lock.
   */
  constructor(root: Root, flock: string | null, stateFolder = '/var/lib/csf') {
    this.root = root;
    this.flock = flock;
    this.stateFolder = stateFolder;
  }

  /** Reads a list and what it includes. Takes a few ms; about 1 s for a list that is being written. */
  async list(path: string): Promise<CsfList> {
    const main = await this.file(path);
    const seen = new Set([path]);
    const includes: CsfText[] = [];
    let waiting = includedPaths(main.text ?? '');
    while (waiting.length > 0 && includes.length < MAX_INCLUDES) {
      const fresh = [...new Set(waiting)]
        .filter((name) => !seen.has(name))
        .slice(0, MAX_INCLUDES - includes.length);
      for (const name of fresh) seen.add(name);
      const files = await Promise.all(fresh.map((name) => this.file(name)));
      includes.push(...files);
      waiting = files.flatMap((file) => includedPaths(file.text ?? ''));
    }
    return { ...main, includes };
  }

  /** Reads one file without its includes. */
  async file(path: string): Promise<CsfText> {
    let last = await this.once(path);
    if (last.text === null) return this.settled(path, last, true);
    if (!this.isSuspect(path, last)) {
      if (last.locked || !this.looksCut(path, last)) return this.settled(path, last, true);
      // A file that is being emptied shows its new size for a moment with its old time.
      await sleep(GLANCE_MS);
      const again = await this.once(path);
      if (again.text === last.text && again.mtimeMs === last.mtimeMs) return this.settled(path, again, true);
      last = again;
    }
    let since = performance.now();
    for (let tries = 1; tries < TRIES; tries++) {
      await sleep(PAUSE_MS);
      // Taken before the reading, `since` after one: a process that stands still between them must not look patient.
      const asked = performance.now();
      const next = await this.once(path);
      if (next.text !== last.text || next.mtimeMs !== last.mtimeMs) since = performance.now();
      last = next;
      // Nobody who writes in pieces does so under the lock that we hold: what an act of ours made shorter is soon believed.
      const needed = this.looksCut(path, last) && !last.locked ? SAME_ODD_MS : SAME_MS;
      if (last.text !== null && asked - since >= needed) return this.settled(path, last, true);
    }
    return this.settled(path, last, false);
  }

  private settled(path: string, read: Reading, stable: boolean): CsfText {
    if (stable && read.text !== null) this.lengths.set(path, read.text.length);
    const { text, problem, mtimeMs } = read;
    return { path, text, problem, stable, mtimeMs };
  }

  private isSuspect(path: string, read: Reading): boolean {
    const age = Math.abs(read.askedAt - read.mtimeMs);
    if (read.locked && path.startsWith(`${this.stateFolder}/`)) return false;
    if (read.locked) return age < YOUNG_LOCKED_MS && this.looksCut(path, read);
    return age < YOUNG_MS || (age < YOUNG_ODD_MS && this.looksCut(path, read));
  }

  /** Empty, without a newline at its end, or shorter than it was. */
  private looksCut(path: string, { text }: Reading): boolean {
    return text === null || !/[\r\n]$/.test(text) || text.length < (this.lengths.get(path) ?? 0);
  }

  /** One reading; on a live server a recently changed file is read under csf's own lock. */
  private async once(path: string): Promise<Reading> {
    // Before the reading: a process that stands still after it must not make a young file look old.
    const askedAt = Date.now();
    const place = this.root.resolve(path);
    const opened = place.problem === null ? this.root.open(place) : place;
    if (opened.problem !== null)
      return { text: null, problem: opened.problem, mtimeMs: 0, askedAt, locked: false };
    try {
      const young = Math.abs(askedAt - opened.stats.mtimeMs) < YOUNG_ODD_MS;
      const locked = this.flock !== null && young && (await waitForSharedLock(this.flock, opened.fd));
      const text = readText(opened.fd, fstatSync(opened.fd), MAX_BYTES);
      // Taken after the reading: a writer that came in between makes the file young.
      const { mtimeMs } = fstatSync(opened.fd);
      return { text, problem: text === null ? 'too large' : null, mtimeMs, askedAt, locked };
    } catch (error) {
      return { text: null, problem: problemOf(error), mtimeMs: 0, askedAt, locked: false };
    } finally {
      closeSync(opened.fd);
    }
  }
}

interface Reading {
  readonly text: string | null;
  readonly problem: string | null;
  readonly mtimeMs: number;
  /** When the reading began, epoch ms. */
  readonly askedAt: number;
  readonly locked: boolean;
}

/** The paths of `Include /path` lines: the word stands at the start of a line and is case-sensitive. */
function includedPaths(text: string): string[] {
  const paths: string[] = [];
  for (const line of text.split(/[\r\n]+/)) {
    const path = /^\s{0,8}Include\s{1,8}(\/\S{1,4000})/.exec(line)?.[1];
    if (path !== undefined) paths.push(path);
  }
  return paths;
}
