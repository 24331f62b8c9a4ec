// Single audit records (SecAuditLogType Concurrent): a walk through the folders of their files, which reads what is new.
import type { AuditFile, AuditMinute, AuditName, NoAuditFile } from '../host/audit-files.ts';
import { ReadProblem } from '../host/problems.ts';
import { minuteOf, minutesBefore } from '../parse/audit-path.ts';
import { isWholeRecord } from '../parse/audit-whole.ts';
import type { Context } from './context.ts';
import { breath } from './ingest-file.ts';
import { AuditFileBatch } from './keep-audit-files.ts';

/**
 * A minute's folder is looked at until the newest one of its user is so much newer. A file bears the time of its request's
 * start and is written at its end; and at the end of summer time the clock that names them goes back an hour.
 */
const LATE_MINUTES = 75;
/** A file without an end that changed since is being written. */
const WRITING_MS = 60_000;
/** A folder's time is no proof that nothing came since while it is so young: it counts in steps. */
const SETTLED_MS = 2_000;
/** A name of a time further ahead is no real one (26 hours: the server's zone is not asked). */
const AHEAD_MS = 26 * 3_600_000;
/** In the service, looking through the folders takes a twentieth of the time at most, put off for no longer than this. */
const QUICK_MS = 50;
const SHARE = 20;
const LONGEST_REST_MS = 10_000;
const MOST_REMEMBERED = 50_000;
/** The service reads so long at a time: the other logs go on meanwhile, and the next round goes on from here. */
const ROUND_MS = 3_000;
/** Work without a turn for others in this thread. */
const BREATH_MS = 50;

/** What one run read. */
interface ConcurrentReport {
  readonly bytes: number;
  readonly files: number;
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

/**
 * Reads the files of single audit records that are new: all of them in the first run, later those in minutes that are not
 * finished, and of these only folders that have changed. A file whose transaction has its audit record is not opened.
 * Rows and the minute that was finished are one commit; safe to run twice or several at once.
 */
export async function ingestConcurrent(ctx: Context, shouldStop: () => boolean): Promise<ConcurrentReport> {
  const memory = memoryOf(ctx);
  const began = Date.now();
  const isOver = (): boolean => shouldStop() || (ctx.isService && Date.now() - began > ROUND_MS);
  const walk = new Walk(ctx, memory, isOver);
  if (began < memory.restUntil) return walk.report();
  await walk.all();
  const looked = Date.now() - began - walk.readingMs;
  if (ctx.isService && looked > QUICK_MS)
    memory.restUntil = Date.now() + Math.min(looked * SHARE, LONGEST_REST_MS);
  return walk.report();
}

/** What a process remembers between two runs: only to look less. */
interface Memory {
  /** Minutes' folders of which everything was read, with their time then. */
  readonly seen: Map<string, number>;
  /** Files that cannot be used. */
  readonly refused: Set<string>;
  restUntil: number;
  /** Where a run was stopped: the next one begins behind it, so that one user's folder never keeps the others waiting. */
  stoppedAt: string | null;
}

const memories = new WeakMap<object, Memory>();

function memoryOf({ store }: Context): Memory {
  let memory = memories.get(store);
  if (memory === undefined) {
    memory = { seen: new Map(), refused: new Set(), restUntil: 0, stoppedAt: null };
    memories.set(store, memory);
  }
  if (memory.seen.size > MOST_REMEMBERED) memory.seen.clear();
  if (memory.refused.size > MOST_REMEMBERED) memory.refused.clear();
  return memory;
}

/** A minute's folder; `finished`: no later run looks at it. */
type WalkedMinute = AuditMinute & { readonly finished: boolean };

/** One run. */
class Walk {
  readonly #ctx: Context;
  readonly #memory: Memory;
  readonly #shouldStop: () => boolean;
  readonly #problems = new Map<string, string>();
  #files = 0;
  #bytes = 0;
  #breathed = Date.now();
  /** Time that went into files and the store, not into looking for them. */
  readingMs = 0;

  constructor(ctx: Context, memory: Memory, shouldStop: () => boolean) {
    this.#ctx = ctx;
    this.#memory = memory;
    this.#shouldStop = shouldStop;
  }

  report(): ConcurrentReport {
    const problems = [...this.#problems].map(([path, problem]) => ({ path, problem }));
    return { bytes: this.#bytes, files: this.#files, problems };
  }

  async all(): Promise<void> {
    const homes = this.#ctx.host.layout.auditFolders.flatMap((folder) => {
      const { users, problem } = this.#ctx.host.auditFiles.users(folder);
      // Without single records there is no such folder.
      if (problem !== null && problem !== 'missing') this.#problems.set(folder, problem);
      return users.map((user) => ({ folder, user, key: user === '' ? folder : `${folder}/${user}` }));
    });
    const stopped = homes.findIndex(({ key }) => key === this.#memory.stoppedAt) + 1;
    for (const { folder, user, key } of [...homes.slice(stopped), ...homes.slice(0, stopped)]) {
      const progress = new UserProgress(this.#ctx, folder, user);
      try {
        await this.#user(progress, folder, user);
      } catch (error) {
        if (!(error instanceof ReadProblem)) throw error;
        this.#problems.set(key, error.problem);
      }
      this.#keep(progress);
      if (Date.now() - this.#breathed > BREATH_MS) await this.#breathe();
      this.#memory.stoppedAt = this.#shouldStop() ? key : null;
      if (this.#shouldStop()) return;
    }
  }

  /** Reads what is new of one user. Throws ReadProblem where it must go on another time: nothing is finished from there on. */
  async #user(progress: UserProgress, folder: string, user: string): Promise<void> {
    const { host, store } = this.#ctx;
    const newest = host.auditFiles.newest(folder, user, minuteOf(Date.now() + AHEAD_MS));
    const lastDone = newest === null ? '' : minutesBefore(newest, LATE_MINUTES);
    for (const minute of host.auditFiles.minutes(folder, user, store.auditFiles.finishedTo(folder, user))) {
      const finished = minute.minute <= lastDone;
      if (this.#memory.seen.get(minute.path) !== minute.mtimeMs)
        await this.#minute(progress, { ...minute, finished });
      if (this.#shouldStop()) return;
      if (finished) progress.done(minute.minute);
    }
  }

  /** Reads what is new in a minute's folder. */
  async #minute(progress: UserProgress, minute: WalkedMinute): Promise<void> {
    const age = Date.now() - minute.mtimeMs;
    let isOver = age > SETTLED_MS;
    for (const names of minute.names()) {
      if (this.#shouldStop()) return;
      for (const name of names) {
        if (this.#ctx.store.transactions.hasAudit(name.uniqueId)) continue;
        if (!this.#file(progress.batch, minute, name)) isOver = false;
        if (!progress.batch.isFull) continue;
        this.#keep(progress);
        await this.#breathe();
        if (this.#shouldStop()) return;
      }
    }
    if (isOver) progress.seen.set(minute.path, minute.mtimeMs);
  }

  /** Reads one file; false when it has to be tried again. */
  #file(batch: AuditFileBatch, minute: WalkedMinute, name: AuditName): boolean {
    const path = `${minute.path}/${name.name}`;
    if (this.#memory.refused.has(path)) return true;
    const began = performance.now();
    const file = minute.read(name);
    const isDone =
      file.problem === null ? this.#take(batch, minute, file) : this.#refuse(batch, minute, file);
    this.readingMs += performance.now() - began;
    return isDone;
  }

  #take(batch: AuditFileBatch, { finished }: WalkedMinute, file: AuditFile): boolean {
    if (isBeingWritten(file)) return false;
    if (!batch.add(file, finished)) this.#memory.refused.add(file.path);
    return true;
  }

  #refuse(batch: AuditFileBatch, { finished }: WalkedMinute, { path, problem, mayPass }: NoAuditFile): true {
    if (mayPass) throw new ReadProblem(path, problem);
    // Somebody cleaned up between our look and our reading: the request is known from error_log.
    if (problem === 'missing') return true;
    batch.refuse(path, problem, finished);
    this.#memory.refused.add(path);
    return true;
  }

  async #breathe(): Promise<void> {
    await breath();
    this.#breathed = Date.now();
  }

  #keep(progress: UserProgress): void {
    const began = performance.now();
    const { files, bytes } = progress.keep();
    for (const [path, mtimeMs] of progress.seen) this.#memory.seen.set(path, mtimeMs);
    progress.seen.clear();
    this.#files += files;
    this.#bytes += bytes;
    this.readingMs += performance.now() - began;
  }
}

function isBeingWritten({ bytes, mtimeMs }: AuditFile): boolean {
  const age = Date.now() - mtimeMs;
  return age < WRITING_MS && age > -WRITING_MS && !isWholeRecord(bytes);
}

/** The files of a user that wait to be kept, and the newest minute that is finished with them. */
class UserProgress {
  readonly batch: AuditFileBatch;
  /** Minutes' folders that need not be listed again once all of this is kept, with their time. */
  readonly seen = new Map<string, number>();
  readonly #ctx: Context;
  readonly #folder: string;
  readonly #user: string;
  #done: string | null = null;

  constructor(ctx: Context, folder: string, user: string) {
    this.batch = new AuditFileBatch(ctx, folder);
    this.#ctx = ctx;
    this.#folder = folder;
    this.#user = user;
  }

  /** All of a minute's files were added. */
  done(minute: string): void {
    this.#done = minute;
  }

  /** Stores what waits with how far it goes, in one commit. */
  keep(): { readonly files: number; readonly bytes: number } {
    if (this.batch.isEmpty && this.#done === null) return { files: 0, bytes: 0 };
    const { store } = this.#ctx;
    const kept = store.write(() => {
      if (this.#done !== null) store.auditFiles.finish(this.#folder, this.#user, this.#done);
      return this.batch.store();
    });
    this.batch.clear();
    this.#done = null;
    return kept;
  }
}
