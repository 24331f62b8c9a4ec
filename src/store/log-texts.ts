// The texts of logs: which row each has, up to where the bytes before its cursor are known, and which archives were read.
import type { HitCodec } from './codec.ts';
import { type Db, prepared } from './database.ts';
import { type FoundFile, matchFile } from './file-match.ts';
import { type FileRow, filesOfKind } from './files.ts';

/** What a row is made of. */
type NamedFile = Pick<FoundFile, 'kind' | 'path' | 'fingerprint' | 'headLength'>;

/** Finds and keeps the rows of texts. All but `archive` are called inside a write. */
export class LogTexts {
  readonly #db: Db;
  readonly #codec: HitCodec;

  constructor(db: Db, codec: HitCodec) {
    this.#db = db;
    this.#codec = codec;
  }

  /**
   * Finds the row of a text, or makes it, and keeps its path and its head, which may have grown. Null when there is nothing to
   * read in it; undefined when the rows are not those that it was looked at for (`seen`, as they were before that): look again.
   */
  claim(found: FoundFile, seen: readonly FileRow[]): FileRow | null | undefined {
    this.#codec.forgetFiles();
    const rows = filesOfKind(this.#db, found.kind);
    const match = matchFile(rows, found);
    if (match.is === 'nothing') return null;
    if (match.is === 'unsure') return undefined;
    if (match.is === 'known') return this.#keepHead(match.row, found);
    // Another ingester may have met this text when it was longer.
    return stampOf(rows) === stampOf(seen) ? this.#make(found, match.cursor) : undefined;
  }

  /** The row of something that is read like a log and always known by the same name; made when it is asked for first. */
  named(named: NamedFile): FileRow {
    const known = filesOfKind(this.#db, named.kind).find(
      ({ fingerprint }) => fingerprint === named.fingerprint,
    );
    return known ?? this.#make({ ...named, lineHeads: [] }, 0);
  }

  /** Keeps what the bytes before a file's cursor are known by (see `tailOf`); null when nobody knows. */
  keepTail(id: number, tail: string | null): void {
    if (tail !== null) prepared(this.#db, 'UPDATE files SET tail = ? WHERE id = ?').run(tail, id);
  }

  /** What is known of an archive; null when it was never read to its end. */
  archive(path: string): ArchiveRow | null {
    const sql =
      'SELECT path, stamp, problem, packed_at AS packedAt, packed_tail AS packedTail FROM archives WHERE path = ?';
    return prepared<[string], ArchiveRow>(this.#db, sql).get(path) ?? null;
  }

  /** Keeps how far an archive was read. */
  keepArchive(row: ArchiveRow): void {
    prepared(
      this.#db,
      `INSERT INTO archives (path, stamp, problem, packed_at, packed_tail)
       VALUES (:path, :stamp, :problem, :packedAt, :packedTail)
       ON CONFLICT (path) DO UPDATE SET stamp = excluded.stamp, problem = excluded.problem,
         packed_at = excluded.packed_at, packed_tail = excluded.packed_tail`,
    ).run({ ...row });
  }

  #keepHead(row: FileRow, found: FoundFile): FileRow {
    if (isKeptAs(row, found)) return row;
    const { path, fingerprint, headLength, lineHeads } = found;
    prepared(
      this.#db,
      'UPDATE files SET head_length = ?, path = ?, fingerprint = ?, line_heads = ? WHERE id = ?',
    ).run(headLength, path, fingerprint, lineHeads.join(' '), row.id);
    return { ...row, path, fingerprint, headLength, lineHeads };
  }

  #make(found: NamedFile & Pick<FoundFile, 'lineHeads'>, cursor: number): FileRow {
    const { kind, path, fingerprint, headLength, lineHeads } = found;
    const made = prepared(
      this.#db,
      'INSERT INTO files (kind, path, fingerprint, head_length, line_heads, cursor) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(kind, path, fingerprint, headLength, lineHeads.join(' '), cursor);
    const fresh = { cursor, tail: null, done: null, firstAt: null, lastAt: null, lines: 0, refused: 0 };
    return { id: Number(made.lastInsertRowid), kind, path, fingerprint, headLength, lineHeads, ...fresh };
  }
}

/** Tells whether the head and path of a row are those of a text. */
export function isKeptAs(row: FileRow, { path, fingerprint }: FoundFile): boolean {
  return row.path === path && row.fingerprint === fingerprint;
}

function stampOf(rows: readonly FileRow[]): string {
  return JSON.stringify(rows.map(({ id, fingerprint, cursor }) => [id, fingerprint, cursor]));
}

/** An archive that was read as far as it is good. */
export interface ArchiveRow {
  readonly path: string;
  /** Its size and time then: while they are the same, nothing is new in it. */
  readonly stamp: string;
  /** Why it could not be read to its end; null when it was. */
  readonly problem: string | null;
  /** Behind the last gzip member that is whole and was read, in the packed file, and what the bytes before are known by. */
  readonly packedAt: number;
  readonly packedTail: string | null;
}
