// Opens the SQLite file: pragmas, migrations, and the refusals (newer, of another root, corrupt).
import Database from 'better-sqlite3';
import { MIGRATIONS } from './migrations.ts';

export type Db = Database.Database;

export type StoreProblem = 'corrupt' | 'newer' | 'other-root' | 'unusable';

/** Why the database cannot be used; `message` is a sentence for the admin. */
export class StoreError extends Error {
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.problem = problem;
  }
}

/** How the database is opened. */
export interface OpenOptions {
  /** Looks at every page for damage: for a file that has given an error already. */
  readonly check?: boolean;
  /** For pages: a database that is there already, in which nothing is written. */
  readonly readOnly?: boolean;
  /** Milliseconds to wait for whoever holds the database; 20 s unless set. */
  readonly waitMs?: number;
}

/**
 * Opens (or makes) the database at `path` for the server below `root`.
 * Throws StoreError: `newer` when a later Whyblocked wrote it, `other-root` when it belongs to another
 * server folder, `corrupt` when SQLite cannot read it (the caller may set it aside and open anew).
 */
export function openDatabase(path: string, root: string, options: OpenOptions = {}): Db {
  const pauses = Math.min(PAUSES, (options.waitMs ?? WAIT_MS) / PAUSE_MS);
  for (let pause = 0; ; pause++) {
    try {
      return options.readOnly === true ? openToRead(path, options) : openOnce(path, root, options);
    } catch (error) {
      if (!isBusy(error) || pause >= pauses) throw asStoreError(error, path);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

// While another process makes the file anew, or folds its log, SQLite gives up at once instead of waiting its time.
const PAUSE_MS = 25;
const PAUSES = 400;
const WAIT_MS = 20_000;

function isBusy(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY');
}

/** The log of writes is read along; rows that others write meanwhile are seen by the next query. */
function openToRead(path: string, { waitMs = WAIT_MS }: OpenOptions): Db {
  const db = onSharedMemory(path, waitMs) ?? onOwnMemory(path, waitMs);
  db.pragma('temp_store = MEMORY');
  db.pragma('cache_size = -4000');
  return db;
}

/** Null where the disk is too full for the index of the log, which those who use the database share. */
function onSharedMemory(path: string, timeout: number): Db | null {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout });
  try {
    checkVersion(db, path);
    return db;
  } catch (error) {
    db.close();
    if ((error as { code?: unknown }).code === 'SQLITE_IOERR_SHMSIZE') return null;
    throw error;
  }
}

/** Nobody else uses the database then (else the index would be there): it is held alone, so that no index is needed. */
function onOwnMemory(path: string, timeout: number): Db {
  const db = new Database(path, { fileMustExist: true, timeout });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    checkVersion(db, path);
    db.pragma('query_only = ON');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Whoever only reads cannot bring the tables up to date. */
function checkVersion(db: Db, path: string): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version === MIGRATIONS.length) return;
  throw new StoreError(
    version > MIGRATIONS.length ? 'newer' : 'unusable',
    `The database ${path} has the tables of another version of Whyblocked (${version}, this one has ${MIGRATIONS.length}), and cannot be written now.`,
  );
}

function openOnce(path: string, root: string, { check = false, waitMs = WAIT_MS }: OpenOptions): Db {
  let db: Db | undefined;
  try {
    db = new Database(path, { timeout: waitMs });
    // Heeded before the first table only: an older database keeps its size and uses its free pages itself.
    if (Number(db.pragma('page_count', { simple: true })) === 0) db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    // Fewer copies from log to file while much is read in; `close` folds the log back.
    db.pragma('wal_autocheckpoint = 8000');
    db.pragma('temp_store = MEMORY');
    db.pragma('cache_size = -8000');
    if (check) checkPages(db, path);
    migrate(db, path);
    claimRoot(db, path, root);
    return db;
  } catch (error) {
    db?.close();
    throw error;
  }
}

function checkPages(db: Db, path: string): void {
  const found = String(db.pragma('quick_check(1)', { simple: true }));
  if (found !== 'ok')
    throw new StoreError('corrupt', `The database ${path} is damaged: ${found.replace(/\s+/g, ' ')}.`);
}

/** Whether an error of any query says that the file is damaged. */
export function isDamage(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^SQLITE_(?:CORRUPT|NOTADB$|IOERR_SHORT_READ$)/.test(code);
}

function migrate(db: Db, path: string): void {
  const version = (): number => Number(db.pragma('user_version', { simple: true }));
  if (version() === MIGRATIONS.length) return;
  // Another process may be migrating: the version is read again once the write lock is held.
  db.transaction(() => {
    const from = version();
    if (from > MIGRATIONS.length) {
      throw new StoreError(
        'newer',
        `The database ${path} was written by a newer Whyblocked (schema ${from}, this one knows ${MIGRATIONS.length}). ` +
          'Update Whyblocked, or name another folder with --state.',
      );
    }
    for (const sql of MIGRATIONS.slice(from)) db.exec(sql);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}

function claimRoot(db: Db, path: string, root: string): void {
  const known = readMeta(db, 'root');
  if (known === null) writeMeta(db, 'root', root);
  else if (known !== root) {
    throw new StoreError(
      'other-root',
      `The database ${path} belongs to the server folder ${known}, not to ${root}. Name another folder with --state.`,
    );
  }
}

function asStoreError(error: unknown, path: string): unknown {
  if (error instanceof StoreError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (isDamage(error)) {
    return new StoreError('corrupt', `The database ${path} is damaged: ${text}.`, error);
  }
  return new StoreError(
    'unusable',
    `The database ${path} cannot be used: ${text}. Check the folder's rights and free space.`,
    error,
  );
}

/** Reads a value of the `meta` table; null when the key is not there. */
export function readMeta(db: Db, key: string): string | null {
  const row = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key);
  return row?.value ?? null;
}

/** Writes a value of the `meta` table. */
export function writeMeta(db: Db, key: string, value: string): void {
  db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  ).run(key, value);
}

const statements = new WeakMap<Db, Map<string, Database.Statement>>();

/** The prepared statement of a text, made once a connection: preparing costs more than most of our queries. */
export function prepared<Bound extends unknown[], Row = unknown>(
  db: Db,
  sql: string,
): Database.Statement<Bound, Row> {
  let known = statements.get(db);
  if (known === undefined) {
    known = new Map<string, Database.Statement>();
    statements.set(db, known);
  }
  let statement = known.get(sql);
  if (statement === undefined) {
    statement = db.prepare(sql);
    known.set(sql, statement);
  }
  return statement as unknown as Database.Statement<Bound, Row>;
}
