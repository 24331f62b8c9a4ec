// WHM's own database of rule hits, opened to read: page by page, in the order of its ids. Nothing is ever written in it.
import Database from 'better-sqlite3';

/** The longest text that is taken of a column. */
const LONGEST = 4000;
const WAIT_MS = 2000;

/** A row: its columns as text, null for one that is empty or that this database does not have. */
export type HitsDbRow<Column extends string> = Readonly<Record<Column, string | null>> & {
  readonly id: number;
};

/** The table `hits` with the columns that are asked for; their names are the caller's own, never a stranger's. */
export class HitsDb<Column extends string> {
  readonly #db: Database.Database;
  readonly #columns: readonly Column[];
  readonly #page: Database.Statement<[number, number], Record<string, unknown>>;

  /** Opens the file; throws SQLite's error for what is no database, or has no such table. */
  constructor(path: string, columns: readonly Column[]) {
    this.#columns = columns;
    this.#db = new Database(path, { readonly: true, fileMustExist: true, timeout: WAIT_MS });
    try {
      this.#db.pragma('cache_size = -2000');
      this.#page = this.#db.prepare(this.#select());
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  #select(): string {
    const there = this.#db.pragma('table_info(hits)') as readonly { readonly name: string }[];
    const names = new Set(there.map(({ name }) => name));
    const chosen = this.#columns.map((name) =>
      names.has(name) ? `substr(CAST(${name} AS TEXT), 1, ${LONGEST}) AS ${name}` : `NULL AS ${name}`,
    );
    return `SELECT CAST(id AS INTEGER) AS id, ${chosen.join(', ')} FROM hits WHERE id > ? ORDER BY id LIMIT ?`;
  }

  /** The rows behind an id, at most `limit`. */
  page(after: number, limit: number): HitsDbRow<Column>[] {
    return this.#page.all(after, limit).map((row) => {
      const texts = this.#columns.map((name) => [name, textOf(row[name])]);
      return { ...(Object.fromEntries(texts) as Record<Column, string | null>), id: Number(row.id) };
    });
  }

  /** The newest id; 0 in an empty table. */
  lastId(): number {
    const row = this.#db.prepare<[], { id: unknown }>('SELECT max(id) AS id FROM hits').get();
    return typeof row?.id === 'number' ? row.id : 0;
  }

  close(): void {
    this.#db.close();
  }
}

/** A column without a type may hold a whole number as 942100.0. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.replace(/^(-?\d{1,15})\.0$/, '$1') : null;
}

/** An error of opening or reading such a database in plain words; null for one that is not SQLite's. */
export function hitsDbProblem(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return null;
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) return 'locked by another program';
  return code === 'SQLITE_ERROR' ? 'it has no table of hits' : 'not a database that can be read';
}
