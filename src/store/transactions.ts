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

const COLUMNS =
  'unique_id, at, client, vhost, path, error_hits, audit_hits, request, findings, engine_errors, audit_file, audit_offset, ambiguous';

/** Reads and writes the transactions table. */
export class TransactionTable {
  readonly #db: Db;
  readonly #codec: HitCodec;
  readonly #one;
  readonly #upsert;
  readonly #rule;

  constructor(db: Db, codec: HitCodec) {
    this.#db = db;
    this.#codec = codec;
    this.#one = prepared<[string], Row>(db, `SELECT ${COLUMNS} FROM transactions WHERE unique_id = ?`);
    this.#upsert = prepared(
      db,
      `INSERT INTO transactions (${COLUMNS}, hit_count) VALUES (${'?, '.repeat(13)}?)
       ON CONFLICT (unique_id) DO UPDATE SET at = excluded.at, client = excluded.client, vhost = excluded.vhost,
         path = excluded.path, error_hits = excluded.error_hits, audit_hits = excluded.audit_hits,
         request = excluded.request, findings = excluded.findings, engine_errors = excluded.engine_errors,
         audit_file = excluded.audit_file, audit_offset = excluded.audit_offset, ambiguous = excluded.ambiguous,
         hit_count = excluded.hit_count`,
    );
    this.#rule = prepared(
      db,
      'INSERT INTO transaction_rules (rule_id, unique_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
    );
  }

  /** The transaction with this unique_id; null when none is kept. */
  byId(uniqueId: string): TransactionParts | null {
    const row = this.#one.get(uniqueId);
    return row === undefined ? null : this.#toParts(row);
  }

  /** Writes a merged transaction over what was kept (`kept`, as `byId` gave it). Call inside a write transaction. */
  save(
    parts: TransactionParts,
    fileId: (ref: LineRef) => number,
    kept: TransactionParts | null = null,
  ): void {
    const audit = parts.auditHits === null ? null : this.#codec.encode(parts.auditHits, fileId);
    this.#upsert.run(
      parts.uniqueId,
      Math.round(parts.at * 1000),
      parts.client,
      parts.vhost,
      parts.path,
      this.#codec.encode(parts.errorHits, fileId),
      audit,
      parts.request === null ? null : JSON.stringify(parts.request),
      JSON.stringify(parts.findings),
      JSON.stringify(parts.engineErrors),
      parts.auditRef === null ? null : fileId(parts.auditRef),
      parts.auditRef?.offset ?? null,
      parts.ambiguous ? 1 : 0,
      parts.errorHits.length + (parts.auditHits?.length ?? 0),
    );
    const known = kept === null ? new Set() : rulesOf(kept);
    for (const rule of rulesOf(parts)) if (!known.has(rule)) this.#rule.run(rule, parts.uniqueId);
  }

  /** Transactions of an address between two times (inclusive), oldest first, at most `limit` (the newest kept). */
  ofClient(client: string, from: EpochMs, to: EpochMs, limit = 20_000): TransactionParts[] {
    return this.#list('client = ? AND at BETWEEN ? AND ?', [client, micros(from), micros(to)], limit);
  }

  /** Addresses that have a transaction with a hit on any of these vhosts, newest first. */
  clientsOfVhosts(vhosts: readonly string[], limit: number): string[] {
    const holes = vhosts.map(() => '?').join(', ');
    return this.#clients(`WHERE t.vhost IN (${holes}) AND t.hit_count > 0`, vhosts, limit);
  }

  /** Addresses that a rule hit, newest first. */
  clientsOfRule(ruleId: string, limit: number): string[] {
    return this.#clients('JOIN transaction_rules r USING (unique_id) WHERE r.rule_id = ?', [ruleId], limit);
  }

  /** All addresses that have transactions. */
  allClients(): string[] {
    return prepared<[], { client: string }>(this.#db, 'SELECT DISTINCT client FROM transactions')
      .all()
      .map((row) => row.client);
  }

  /** Transactions kept, and those with at least one rule hit. */
  counts(): { all: number; withHits: number } {
    const row = prepared<[], { all: number; hits: number | null }>(
      this.#db,
      'SELECT count(*) AS "all", sum(hit_count > 0) AS hits FROM transactions',
    ).get();
    return { all: row?.all ?? 0, withHits: row?.hits ?? 0 };
  }

  #clients(where: string, values: readonly string[], limit: number): string[] {
    return prepared<unknown[], { client: string }>(
      this.#db,
      `SELECT t.client, max(t.at) AS newest FROM transactions t ${where} GROUP BY t.client ORDER BY newest DESC LIMIT ?`,
    )
      .all(...values, limit)
      .map((row) => row.client);
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

function rulesOf(parts: TransactionParts): Set<string> {
  return new Set([...parts.errorHits, ...(parts.auditHits ?? [])].map((hit) => hit.ruleId));
}

function micros(at: EpochMs): number {
  return Number.isFinite(at)
    ? Math.round(at * 1000)
    : at > 0
      ? Number.MAX_SAFE_INTEGER
      : Number.MIN_SAFE_INTEGER;
}
