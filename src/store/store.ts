// The store: one object that owns the database connection and its tables.
import type { LineRef } from '../model.ts';
import { activityOfCause, type ActivityRecord, newestActivity, recordActivity } from './activity.ts';
import { AuditFileTable } from './audit-files.ts';
import { badLinesOf } from './bad-lines.ts';
import { CauseCells } from './cause-cells.ts';
import { CauseCounts } from './cause-counts.ts';
import { CauseHitTable } from './cause-hits.ts';
import { CauseList } from './cause-list.ts';
import { CauseStates } from './cause-states.ts';
import { ChangeTable } from './changes.ts';
import { HitCodec } from './codec.ts';
import { type Db, openDatabase, type OpenOptions, prepared, readMeta, writeMeta } from './database.ts';
import { DatabaseFile } from './disk.ts';
import { ErrorRows } from './error-rows.ts';
import { DnsNameTable } from './dns-names.ts';
import { ExclusionTable } from './exclusions.ts';
import {
  advanceFile,
  fileById,
  fileIdOf,
  type FileProgress,
  type FileRow,
  filesOfKind,
  keepBadLine,
} from './files.ts';
import { FingerprintTable } from './fingerprints.ts';
import { IncidentPages } from './incident-pages.ts';
import { IncidentTable } from './incidents.ts';
import { type LfdRecord, lfdEventsOf, newestLfdEvent, saveLfdEvent } from './lfd-events.ts';
import { LeftoverTable } from './leftovers.ts';
import { LogTexts } from './log-texts.ts';
import { MarkTable } from './marks.ts';
import { LoginTable } from './logins.ts';
import { RetentionTable } from './retention.ts';
import { RuleUseTable } from './rule-use.ts';
import { forgetSearch, savedSearches, type SavedSearchRow, saveSearch } from './saved-searches.ts';
import { TransactionCounts } from './transaction-counts.ts';
import { TransactionTable } from './transactions.ts';
import { type FirewallTables, firewallTables } from './firewall-tables.ts';
import { WrittenFileTable } from './written-files.ts';
import type { EpochMs, SourceKind } from '../model.ts';

/** A line that can be read in two ways, waiting for an audit record. `entry` is JSON of the caller's own. */
export interface AmbiguousLine {
  readonly fileId: number;
  readonly offset: number;
  readonly entry: string;
}

/** Everything Whyblocked keeps. Synchronous; writes happen inside `write`. */
export class Store {
  readonly transactions: TransactionTable;
  readonly incidents: IncidentTable;
  readonly incidentPages: IncidentPages;
  readonly exclusions: ExclusionTable;
  readonly changes: ChangeTable;
  readonly written: WrittenFileTable;
  readonly ruleUse: RuleUseTable;
  readonly marks: MarkTable;
  readonly counts: TransactionCounts;
  readonly logins: LoginTable;
  readonly dnsNames: DnsNameTable;
  readonly causeHits: CauseHitTable;
  readonly fingerprints: FingerprintTable;
  readonly causeCounts: CauseCounts;
  readonly causeList: CauseList;
  readonly causeCells: CauseCells;
  readonly causeStates: CauseStates;
  readonly errorRows: ErrorRows;
  readonly texts: LogTexts;
  readonly retention: RetentionTable;
  readonly leftovers: LeftoverTable;
  readonly file: DatabaseFile;
  readonly auditFiles: AuditFileTable;
  readonly firewall: FirewallTables;
  readonly #db: Db;
  readonly #codec: HitCodec;
  readonly #markDirty;

  /** Opens the database file for a server root; throws StoreError (see `openDatabase`, its options too). */
  constructor(path: string, root: string, options: OpenOptions = {}) {
    this.#db = openDatabase(path, root, options);
    this.#codec = new HitCodec(this.#db);
    this.transactions = new TransactionTable(this.#db, this.#codec);
    this.incidents = new IncidentTable(this.#db);
    this.incidentPages = new IncidentPages(this.#db);
    this.exclusions = new ExclusionTable(this.#db);
    this.changes = new ChangeTable(this.#db);
    this.written = new WrittenFileTable(this.#db);
    this.ruleUse = new RuleUseTable(this.#db);
    this.marks = new MarkTable(this.#db);
    this.counts = new TransactionCounts(this.#db);
    this.logins = new LoginTable(this.#db);
    this.dnsNames = new DnsNameTable(this.#db);
    this.causeHits = new CauseHitTable(this.#db);
    this.fingerprints = new FingerprintTable(this.#db);
    this.causeCounts = new CauseCounts(this.#db);
    this.causeList = new CauseList(this.#db);
    this.causeCells = new CauseCells(this.#db);
    this.causeStates = new CauseStates(this.#db);
    this.errorRows = new ErrorRows(this.#db);
    this.texts = new LogTexts(this.#db, this.#codec);
    this.retention = new RetentionTable(this.#db);
    this.leftovers = new LeftoverTable(this.#db);
    this.file = new DatabaseFile(this.#db);
    this.auditFiles = new AuditFileTable(this.#db);
    this.firewall = firewallTables(this.#db);
    this.#markDirty = prepared(
      this.#db,
      `INSERT INTO dirty_clients (client, from_at) VALUES (?, ?)
       ON CONFLICT (client) DO UPDATE SET from_at = min(from_at, excluded.from_at)`,
    );
  }

  /** Runs `work` in one write transaction (BEGIN IMMEDIATE): all of it is kept, or nothing. */
  write<Result>(work: () => Result): Result {
    try {
      return this.#db
        .transaction(() => {
          this.#codec.follow();
          return work();
        })
        .immediate();
    } catch (error) {
      this.#codec.reset();
      throw error;
    }
  }

  /** As `write`, but on the disk when it returns, not only safe from a killed process: for what the server's files must agree with. */
  writeDurably<Result>(work: () => Result): Result {
    this.#db.pragma('synchronous = FULL');
    try {
      return this.write(work);
    } finally {
      this.#db.pragma('synchronous = NORMAL');
    }
  }

  /** See `saveSearch`. */
  saveSearch(row: Omit<SavedSearchRow, 'id'>): void {
    this.write(() => {
      saveSearch(this.#db, row);
    });
  }

  savedSearches(): SavedSearchRow[] {
    return savedSearches(this.#db);
  }

  /** See `forgetSearch`. */
  forgetSearch(id: number): boolean {
    return this.write(() => forgetSearch(this.#db, id));
  }

  /** Log files of a kind and how far each was read. */
  files(kind: SourceKind): FileRow[] {
    return filesOfKind(this.#db, kind);
  }

  /** See `advanceFile`. Call inside `write`. */
  advanceFile(id: number, progress: FileProgress): void {
    advanceFile(this.#db, id, progress);
  }

  /** The place that a file's number and an offset stand for; null for an unknown file. */
  place(fileId: number, offset: number): LineRef | null {
    const file = fileById(this.#db, fileId);
    return file === null ? null : { file: file.path, offset, head: file.fingerprint };
  }

  /** Keeps a line that was not understood (at most 20 a file). */
  keepBadLine(fileId: number, offset: number, text: string): void {
    keepBadLine(this.#db, fileId, offset, text);
  }

  /** See `badLinesOf`. */
  badLines(files: readonly number[], limit: number): string[] {
    return badLinesOf(this.#db, files, limit);
  }

  /** Keeps a line that can be read in two ways. */
  keepAmbiguous(line: AmbiguousLine): void {
    prepared(
      this.#db,
      'INSERT INTO ambiguous_lines (file, offset, entry) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ).run(line.fileId, line.offset, line.entry);
  }

  /** Lines that wait for an audit record, in order of place: at most `limit`, those behind `after`. */
  ambiguousLines(
    limit: number,
    after: Pick<AmbiguousLine, 'fileId' | 'offset'> | null = null,
  ): AmbiguousLine[] {
    return prepared<[number, number, number], AmbiguousLine>(
      this.#db,
      `SELECT file AS fileId, offset, entry FROM ambiguous_lines WHERE (file, offset) > (?, ?)
       ORDER BY file, offset LIMIT ?`,
    ).all(after?.fileId ?? -1, after?.offset ?? -1, limit);
  }

  /** Lets the oldest waiting lines go, so that at most `most` are left. Call inside `write`. */
  trimAmbiguous(most: number): void {
    prepared(
      this.#db,
      `DELETE FROM ambiguous_lines WHERE (file, offset) IN
         (SELECT file, offset FROM ambiguous_lines ORDER BY file DESC, offset DESC LIMIT -1 OFFSET ?)`,
    ).run(most);
  }

  /** Forgets a line that was decided. */
  dropAmbiguous(fileId: number, offset: number): void {
    prepared(this.#db, 'DELETE FROM ambiguous_lines WHERE file = ? AND offset = ?').run(fileId, offset);
  }

  /** The number of the file that a place lies in (0 when it is not known any more). */
  fileIdOf(ref: LineRef): number {
    return fileIdOf(this.#db, ref);
  }

  /** Marks an address for regrouping; `at` is the time of the transaction that was written. */
  markDirty(client: string, at: EpochMs): void {
    this.#markDirty.run(client, Math.round(at * 1000));
  }

  /** Addresses to regroup behind `after` (all when empty) in order, at most `limit`, with the oldest time written. */
  dirtyClients(limit: number, after = ''): { client: string; from: EpochMs }[] {
    return prepared<[string, number], { client: string; from: number }>(
      this.#db,
      `SELECT client, from_at / 1000.0 AS "from" FROM dirty_clients WHERE client > ? ORDER BY client LIMIT ?`,
    ).all(after, limit);
  }

  /** An address was regrouped. Call inside the same write. */
  clearDirty(client: string): void {
    prepared(this.#db, 'DELETE FROM dirty_clients WHERE client = ?').run(client);
  }

  /** Keeps an lfd.log line once. */
  saveLfdEvent(record: LfdRecord<unknown>): void {
    saveLfdEvent(this.#db, record);
  }

  /** lfd.log lines about an address, newest first. */
  lfdEventsOf<Event>(address: string, limit = 200): LfdRecord<Event>[] {
    return lfdEventsOf<Event>(this.#db, address, limit);
  }

  /** The newest lfd.log line that is kept, about whomever. */
  newestLfdEvent<Event>(): LfdRecord<Event> | null {
    return newestLfdEvent<Event>(this.#db);
  }

  /** Appends an act to the activity record. */
  record(row: ActivityRecord): void {
    recordActivity(this.#db, row);
  }

  /** The newest acts first. */
  activity(limit = 200): ActivityRecord[] {
    return newestActivity(this.#db, limit);
  }

  /** See `activityOfCause`. */
  activityOfCause(cause: number, limit: number): ActivityRecord[] {
    return activityOfCause(this.#db, cause, limit);
  }

  /** A value kept beside the tables; null when it was never set. */
  meta(key: string): string | null {
    return readMeta(this.#db, key);
  }

  /** Keeps a value beside the tables. */
  setMeta(key: string, value: string): void {
    writeMeta(this.#db, key, value);
  }

  /** The newest transaction's time; null in an empty store. */
  newestAt(): EpochMs | null {
    const row = prepared<[], { at: number | null }>(this.#db, 'SELECT max(at) AS at FROM transactions').get();
    return row?.at == null ? null : row.at / 1000;
  }

  /** Folds the write-ahead log into the file and closes the connection. */
  close(): void {
    try {
      if (!this.#db.readonly) this.#db.pragma('optimize');
    } catch {
      // It would only have made later queries faster: on a full disk the answer that was given stays one.
    } finally {
      this.#db.close();
    }
  }
}
