// Transactions: written merged by unique_id, read by address, vhost, rule or id.
import type {
  EngineError,
  EpochMs,
  LineRef,
  RequestFacts,
  TransactionParts,
  ValueFinding,
} from '../model.ts';
import type { HitCodec } from './codec.ts';
import { type Db, prepared } from './database.ts';
import { SlowAnswers } from './slow-answers.ts';
import { outlineOf, type PackedBatch, type PackedTransaction } from './packed.ts';

interface Row {
  unique_id: string;
  at: number;
  client: string;
  vhost: string | null;
  path: string | null;
  error_hits: string;
  audit_hits: string | null;
  request: string | null;
  findings: string;
  engine_errors: string;
  audit_file: number | null;
  audit_offset: number | null;
  ambiguous: number;
}

const PAGE = 500;
const COLUMNS =
  'unique_id, at, client, vhost, path, error_hits, audit_hits, request, findings, engine_errors, audit_file, audit_offset, ambiguous';
const INSERT = `INSERT INTO transactions (${COLUMNS}, rule_ids, denied) VALUES (:id, :at, :client, :vhost, :path,
  :errorHits, :auditHits, :request, :findings, :engineErrors, :auditFile, :auditOffset, :ambiguous, :ruleIds, :denied)`;
/** Bound by position: a third quicker, where hundreds of thousands are written. */
const ADD = `INSERT INTO transactions (${COLUMNS}, rule_ids, denied) VALUES (${'?, '.repeat(14)}?)
  ON CONFLICT (unique_id) DO NOTHING`;
const UPDATE = `UPDATE transactions SET path = :path, error_hits = :errorHits, audit_hits = :auditHits,
  request = :request, findings = :findings, engine_errors = :engineErrors, audit_file = :auditFile,
  audit_offset = :auditOffset, ambiguous = :ambiguous, rule_ids = :ruleIds, denied = :denied WHERE unique_id = :id`;
const MOVE = 'UPDATE transactions SET at = :at, client = :client, vhost = :vhost WHERE unique_id = :id';

/** What grouping into incidents needs of a transaction. */
export interface Outline {
  readonly uniqueId: string;
  readonly at: EpochMs;
  readonly vhost: string | null;
  readonly ruleIds: readonly string[];
  readonly denied: boolean;
}

/** Reads and writes the transactions table. */
export class TransactionTable {
  readonly #db: Db;
  readonly #codec: HitCodec;
  readonly #slow = new SlowAnswers();

  constructor(db: Db, codec: HitCodec) {
    this.#db = db;
    this.#codec = codec;
  }

  /** The transaction with this unique_id; null when none is kept. */
  byId(uniqueId: string): TransactionParts | null {
    const sql = `SELECT ${COLUMNS} FROM transactions WHERE unique_id = ?`;
    const row = prepared<[string], Row>(this.#db, sql).get(uniqueId);
    return row === undefined ? null : this.#toParts(row);
  }

  /** Whether the audit record of this unique_id was read. */
  hasAudit(uniqueId: string): boolean {
    const sql = 'SELECT 1 FROM transactions WHERE unique_id = ? AND audit_file IS NOT NULL';
    return prepared<[string]>(this.#db, sql).get(uniqueId) !== undefined;
  }

  /**
   * Writes a merged transaction over what was kept (`kept`, as `byId` gave it, null for a new one). Call inside a
   * write transaction.
   */
  save(parts: TransactionParts, fileId: (ref: LineRef) => number, kept: TransactionParts | null): void {
    const content = {
      id: parts.uniqueId,
      path: parts.path,
      errorHits: this.#codec.encode(parts.errorHits, fileId),
      auditHits: parts.auditHits === null ? null : this.#codec.encode(parts.auditHits, fileId),
      request: parts.request === null ? null : JSON.stringify(parts.request),
      findings: JSON.stringify(parts.findings),
      engineErrors: JSON.stringify(parts.engineErrors),
      auditFile: parts.auditRef === null ? null : fileId(parts.auditRef),
      auditOffset: parts.auditRef?.offset ?? null,
      ambiguous: parts.ambiguous ? 1 : 0,
      ...outlineOf([...parts.errorHits, ...(parts.auditHits ?? [])]),
    };
    const key = { at: Math.round(parts.at * 1000), client: parts.client, vhost: parts.vhost };
    if (kept === null) {
      prepared(this.#db, INSERT).run({ ...content, ...key });
      return;
    }
    prepared(this.#db, UPDATE).run(content);
    // Columns with an index are written only when they change: most second sources change none.
    if (kept.at !== parts.at || kept.client !== parts.client || kept.vhost !== parts.vhost) {
      prepared(this.#db, MOVE).run({ ...key, id: parts.uniqueId });
    }
  }

  /**
   * Writes transactions of one file that are new, and gives those of which something is kept already: they are to be merged.
   * Call inside a write transaction.
   */
  add({ texts, transactions }: PackedBatch, fileId: number): TransactionParts[] {
    const ids = this.#codec.textIds(texts);
    const insert = prepared(this.#db, ADD);
    const known: TransactionParts[] = [];
    for (const one of transactions) {
      const row = this.#packedRow(one, ids, fileId);
      const result = insert.run(
        row.unique_id,
        row.at,
        row.client,
        row.vhost,
        row.path,
        row.error_hits,
        row.audit_hits,
        row.request,
        row.findings,
        row.engine_errors,
        row.audit_file,
        row.audit_offset,
        row.ambiguous,
        one.ruleIds,
        one.denied,
      );
      if (result.changes === 0) known.push(this.#toParts(row));
    }
    return known;
  }

  #packedRow(one: PackedTransaction, ids: readonly number[], fileId: number): Row {
    return {
      unique_id: one.uniqueId,
      at: Math.round(one.at * 1000),
      client: one.client,
      vhost: one.vhost,
      path: one.path,
      error_hits: this.#codec.join(one.errorHits, ids, fileId),
      audit_hits: one.auditHits === null ? null : this.#codec.join(one.auditHits, ids, fileId),
      request: one.request,
      findings: one.findings,
      engine_errors: one.engineErrors,
      audit_file: one.auditOffset === null ? null : fileId,
      audit_offset: one.auditOffset,
      ambiguous: one.ambiguous,
    };
  }

  /** Forgets a transaction that turned out to be made up. Call inside a write transaction. */
  remove(uniqueId: string): void {
    prepared(this.#db, 'DELETE FROM transactions WHERE unique_id = ?').run(uniqueId);
  }

  /**
   * Transactions of an address between two times (inclusive), oldest first; of more than `limit` the earliest and the newest,
   * half of them each.
   */
  ofClient(client: string, from: EpochMs, to: EpochMs, limit = 20_000): TransactionParts[] {
    const where = 'client = ? AND at BETWEEN ? AND ?';
    const newest = this.#list(where, [client, micros(from), micros(to)], limit);
    if (newest.length < limit) return newest;
    const half = limit >> 1;
    const earliest = prepared<unknown[], Row>(
      this.#db,
      `SELECT ${COLUMNS} FROM transactions WHERE ${where} ORDER BY at, unique_id LIMIT ?`,
    )
      .all(client, micros(from), micros(to), limit - half)
      .map((row) => this.#toParts(row));
    const kept = new Set(newest.slice(-half).map(({ uniqueId }) => uniqueId));
    return [...earliest.filter(({ uniqueId }) => !kept.has(uniqueId)), ...newest.slice(-half)];
  }

  /**
   * Transactions of some host names between two times (inclusive), name by name, oldest first; only refused ones
   * with `deniedOnly`. Rows are read some hundred at a time: other queries may run between two of them.
   */
  *ofVhosts(
    names: Iterable<string>,
    from: EpochMs,
    to: EpochMs,
    deniedOnly: boolean,
  ): Generator<TransactionParts> {
    const page = prepared<[string, number, number, number, number], Row & { id: number }>(
      this.#db,
      `SELECT id, ${COLUMNS} FROM transactions
       WHERE vhost = ? AND (at, id) > (?, ?) AND at <= ? AND denied >= ? ORDER BY at, id LIMIT ${PAGE}`,
    );
    for (const name of names) {
      let at = micros(from) - 1;
      let id = Number.MAX_SAFE_INTEGER;
      for (;;) {
        const rows = page.all(name, at, id, micros(to), deniedOnly ? 1 : 0);
        for (const row of rows) yield this.#toParts(row);
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE) break;
        ({ at, id } = last);
      }
    }
  }

  /** What the transactions of an address look like from afar, from a time on, oldest first; read some hundred at a time. */
  *outlines(client: string, from: EpochMs): Generator<Outline> {
    const page = prepared<
      [string, number, string],
      { id: string; at: number; vhost: string | null; rules: string; denied: number }
    >(
      this.#db,
      `SELECT unique_id AS id, at, vhost, rule_ids AS rules, denied FROM transactions
       WHERE client = ? AND (at, unique_id) > (?, ?) ORDER BY at, unique_id LIMIT ${PAGE}`,
    );
    let at = micros(from) - 1;
    let id = '\uffff';
    for (;;) {
      const rows = page.all(client, at, id);
      for (const row of rows)
        yield {
          uniqueId: row.id,
          at: row.at / 1000,
          vhost: row.vhost,
          ruleIds: row.rules === '' ? [] : row.rules.split(' '),
          denied: row.denied === 1,
        };
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      ({ at, id } = last);
    }
  }

  /** Transactions kept, and those with at least one rule hit. */
  counts(): { all: number; withHits: number } {
    return this.#slow.ask('counts', () => {
      const row = prepared<[], { all: number; hits: number | null }>(
        this.#db,
        `SELECT count(*) AS "all", sum(rule_ids <> '') AS hits FROM transactions`,
      ).get();
      return { all: row?.all ?? 0, withHits: row?.hits ?? 0 };
    });
  }

  #list(where: string, values: readonly (string | number)[], limit: number): TransactionParts[] {
    return prepared<unknown[], Row>(
      this.#db,
      `SELECT ${COLUMNS} FROM transactions WHERE ${where} ORDER BY at DESC, unique_id DESC LIMIT ?`,
    )
      .all(...values, limit)
      .reverse()
      .map((row) => this.#toParts(row));
  }

  #toParts(row: Row): TransactionParts {
    return {
      uniqueId: row.unique_id,
      at: row.at / 1000,
      client: row.client,
      vhost: row.vhost,
      path: row.path,
      errorHits: this.#codec.decode(row.error_hits),
      auditHits: row.audit_hits === null ? null : this.#codec.decode(row.audit_hits),
      request: row.request === null ? null : (JSON.parse(row.request) as RequestFacts),
      findings: JSON.parse(row.findings) as ValueFinding[],
      engineErrors: JSON.parse(row.engine_errors) as EngineError[],
      auditRef:
        row.audit_file === null || row.audit_offset === null
          ? null
          : this.#codec.place(row.audit_file, row.audit_offset),
      ambiguous: row.ambiguous === 1,
    };
  }
}

function micros(at: EpochMs): number {
  return Number.isFinite(at)
    ? Math.round(at * 1000)
    : at > 0
      ? Number.MAX_SAFE_INTEGER
      : Number.MIN_SAFE_INTEGER;
}
