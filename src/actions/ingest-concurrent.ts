// Single audit records (SecAuditLogType Concurrent): a walk through the folders of their files, which reads what is new.
import type { AuditFile, AuditMinute, AuditName } from '../host/audit-files.ts';
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
/** Problems that may be over later, of those that the host tells. */
const DENIED = /^(?:permission denied|unreadable|read error)/;

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
  for (const folder of ctx.host.layout.auditFolders) await walk.folder(folder);
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
}

const memories = new WeakMap<object, Memory>();

function memoryOf({ store }: Context): Memory {
  let memory = memories.get(store);
  if (memory === undefined) {
    memory = { seen: new Map(), refused: new Set(), restUntil: 0 };
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

  async folder(folder: string): Promise<void> {
    const { users, problem } = this.#ctx.host.auditFiles.users(folder);
    // Without single records there is no such folder.
    if (problem !== null && problem !== 'missing') this.#problems.set(folder, problem);
    for (const user of users) {
      if (this.#shouldStop()) return;
      await this.#user(folder, user);
    }
  }

  async #user(folder: string, user: string): Promise<void> {
    const { host, store } = this.#ctx;
    const newest = host.auditFiles.newest(folder, user, minuteOf(Date.now() + AHEAD_MS));
    // A user may have put something else there than a folder; that is nobody's loss.
    if (newest.problem !== null && DENIED.test(newest.problem))
      this.#problems.set(`${folder}/${user}`, newest.problem);
    const lastDone = newest.minute === null ? '' : minutesBefore(newest.minute, LATE_MINUTES);
    const progress = new UserProgress(this.#ctx, folder, user);
    for (const minute of host.auditFiles.minutes(folder, user, store.auditFiles.finishedTo(folder, user))) {
      const finished = minute.minute <= lastDone;
      if (this.#memory.seen.get(minute.path) !== minute.mtimeMs)
        await this.#minute(progress, { ...minute, finished });
      if (this.#shouldStop()) break;
      if (finished) progress.done(minute.minute);
    }
    this.#keep(progress);
  }

  /** Reads what is new in a minute's folder. */
  async #minute(progress: UserProgress, minute: WalkedMinute): Promise<void> {
    const { seen } = this.#memory;
    const age = Date.now() - minute.mtimeMs;
    let isOver = age > SETTLED_MS;
    for (const names of minute.names()) {
      for (const name of names) {
        if (this.#ctx.store.transactions.hasAudit(name.uniqueId)) continue;
        if (!this.#file(progress.batch, minute, name)) isOver = false;
        if (!progress.batch.isFull) continue;
        this.#keep(progress);
        await breath();
        if (this.#shouldStop()) return;
      }
    }
    if (isOver) seen.set(minute.path, minute.mtimeMs);
  }

  /** Reads one file; false when it has to be tried again. */
  #file(batch: AuditFileBatch, minute: WalkedMinute, name: AuditName): boolean {
    const path = `${minute.path}/${name.name}`;
    if (this.#memory.refused.has(path)) return true;
    const began = performance.now();
    try {
      const file = minute.read(name);
      if (file.problem === null) {
        if (isBeingWritten(file)) return false;
        if (!batch.add(file, minute.finished)) this.#memory.refused.add(path);
        return true;
      }
      return this.#problem(batch, minute, { path, problem: file.problem });
    } finally {
      this.readingMs += performance.now() - began;
    }
  }

  /** What a file that could not be read means; false when it has to be tried again. */
  #problem(
    batch: AuditFileBatch,
    minute: WalkedMinute,
    { path, problem }: { readonly path: string; readonly problem: string },
  ): boolean {
    // Somebody cleaned up between our look and our reading: the request is known from error_log.
    if (problem === 'missing') return true;
    if (DENIED.test(problem)) {
      this.#problems.set(minute.path.replace(/(?:\/[\d-]+){2}$/, ''), problem);
      return false;
    }
    batch.refuse(path, problem, minute.finished);
    this.#memory.refused.add(path);
    return true;
  }

  #keep(progress: UserProgress): void {
    const began = performance.now();
    const { files, bytes } = progress.keep();
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
