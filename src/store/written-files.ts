// Which bytes Whyblocked wrote into which file last, so that a change by hand is seen.
import { type Db, prepared } from './database.ts';

export interface WrittenFile {
  /** The server's own path. */
  readonly path: string;
  readonly vhost: string;
  readonly text: string;
  /** Bytes that somebody else put there and the admin wants to keep; null when there are none. */
  readonly kept: string | null;
}

/** Reads and writes the table of written files; writes happen inside `Store.write`. */
export class WrittenFileTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** We wrote these bytes. */
  save(path: string, vhost: string, text: string): void {
    prepared(
      this.#db,
      `INSERT INTO written_files (path, vhost, text) VALUES (?, ?, ?)
       ON CONFLICT (path) DO UPDATE SET vhost = excluded.vhost, text = excluded.text, kept = NULL`,
    ).run(path, vhost, text);
  }

  /** The admin keeps what stands there now. */
  keep(path: string, bytes: string): void {
    prepared(this.#db, 'UPDATE written_files SET kept = ? WHERE path = ?').run(bytes, path);
  }

  byPath(path: string): WrittenFile | null {
    return (
      prepared<[string], WrittenFile>(this.#db, 'SELECT * FROM written_files WHERE path = ?').get(path) ??
      null
    );
  }

  /** All of them, by path. */
  all(): WrittenFile[] {
    return prepared<[], WrittenFile>(this.#db, 'SELECT * FROM written_files ORDER BY path').all();
  }
}
