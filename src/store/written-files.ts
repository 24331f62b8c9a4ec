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

/** A written file by its first characters. */
export interface WrittenHead extends Pick<WrittenFile, 'path' | 'vhost'> {
  readonly head: string;
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

  /** All of them, by path, without their texts: hundreds of files hold many MiB. Of each the first `length` characters. */
  heads(length: number): WrittenHead[] {
    return prepared<[number], WrittenHead>(
      this.#db,
      'SELECT path, vhost, substr(text, 1, ?) AS head FROM written_files ORDER BY path',
    ).all(length);
  }
}
