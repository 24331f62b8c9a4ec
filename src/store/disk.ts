// The database as a file: how big it is, giving free pages back, folding its log, a copy of it as it stands.
import { type Db, openDatabase, readMeta } from './database.ts';

export interface DatabaseSize {
  /** The file, with pages that are free. */
  readonly fileBytes: number;
  /** What its rows and indexes take. */
  readonly usedBytes: number;
  /** Whether free pages can be given back: a database made by an older version keeps its size and uses them itself. */
  readonly shrinks: boolean;
}

/** Free pages that are kept for the rows of the next hours: giving them back and taking them again costs twice. */
const SPARE_PAGES = 2000;
const SPARE_SHARE = 0.05;
/** Pages that one step gives back: some milliseconds. */
const STEP_PAGES = 200;
/** A log of writes with more pages is cut back to nothing. */
const LOG_PAGES = 1000;
const INCREMENTAL = 2;

/** One connection's view of the file. */
export class DatabaseFile {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  size(): DatabaseSize {
    const page = this.#number('page_size');
    const pages = this.#number('page_count');
    return {
      fileBytes: pages * page,
      usedBytes: (pages - this.#number('freelist_count')) * page,
      shrinks: this.#number('auto_vacuum') === INCREMENTAL,
    };
  }

  /** Gives some free pages back; false when there are none to spare. A short write of its own. */
  giveBack(): boolean {
    if (this.#number('auto_vacuum') !== INCREMENTAL) return false;
    const spare = Math.max(SPARE_PAGES, this.#number('page_count') * SPARE_SHARE);
    const free = this.#number('freelist_count');
    if (free <= spare) return false;
    this.#db.pragma(`incremental_vacuum(${Math.min(STEP_PAGES, Math.ceil(free - spare))})`);
    return true;
  }

  /** Folds the log of writes into the file, and cuts it off when it is long and nobody reads in it. Never waits. */
  foldLog(): void {
    const wait = this.#number('busy_timeout');
    this.#db.pragma('busy_timeout = 0');
    try {
      const [state] = this.#db.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[];
      if (state !== undefined && state.log >= LOG_PAGES && state.checkpointed === state.log)
        this.#db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      this.#db.pragma(`busy_timeout = ${wait}`);
    }
  }

  /**
   * Writes the database as it stands into an empty file, without its free pages. Others read and write meanwhile; the log of
   * writes grows until it is done. Throws SQLite's error.
   */
  copyInto(path: string): void {
    // A copy of an older database can give pages back. On a newer one SQLite would write this, and wait for others.
    if (this.#number('auto_vacuum') !== INCREMENTAL) this.#db.pragma(`auto_vacuum = ${INCREMENTAL}`);
    this.#db.prepare('VACUUM INTO ?').run(path);
  }

  #number(pragma: string): number {
    return Number(this.#db.pragma(pragma, { simple: true }));
  }
}

/** What a copy holds. */
export interface CopyLook {
  /** `ok`, or what is wrong. */
  readonly found: string;
  readonly transactions: number;
  readonly incidents: number;
  readonly root: string | null;
}

/** Looks at every page of a copy that nobody uses. Throws StoreError for a file that is no database. */
export function lookAtCopy(path: string): CopyLook {
  const db = openDatabase(path, '', { readOnly: true });
  const count = (table: string): number =>
    db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
  try {
    return {
      found: String(db.pragma('quick_check(1)', { simple: true })).replace(/\s+/g, ' '),
      transactions: count('transactions'),
      incidents: count('incidents'),
      root: readMeta(db, 'root'),
    };
  } finally {
    db.close();
  }
}
