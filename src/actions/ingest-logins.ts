// Successful logins from the mail, FTP and cPanel logs into the store. Of gigabytes a day only the lines with a login
// are looked at; cursors, batches and guarantees are those of the other logs.
import type { Zone } from '../host/clock.ts';
import { nameOf, logBase } from '../host/log-names.ts';
import { tailOf } from '../host/known-bytes.ts';
import { ReadProblem } from '../host/problems.ts';
import type { EpochMs, LogFile } from '../model.ts';
import { lineTimeReader } from '../parse/line-time.ts';
import { LOGIN_MARKS, parseLoginLine, type LoginSource } from '../parse/login-line.ts';
import { markedLines } from '../parse/marked-lines.ts';
import type { FileRow } from '../store/files.ts';
import { loginDay, type LoginMoment, type LoginRecord } from '../store/logins.ts';
import type { Context } from './context.ts';
import { breath, oldestFirst, readFile, stillAt, type TextRead } from './ingest-file.ts';
import type { IngestReport } from './ingest.ts';
import type { ShouldStop } from './read-text.ts';
import { lineClock } from './line-clock.ts';

const DAY_MS = 86_400_000;
/** A log that was never read is read from here on: the 7 days that are asked for, and one for the incident. */
const FIRST_READ_MS = 8 * DAY_MS;
const KEPT_MS = 30 * DAY_MS;
/** Bytes that are kept in one write. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** An unfinished line that is longer holds no login. */
const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 0x0a;
/** When the current logs were last read to their ends; only on the server itself, where they go on until now. */
const READ_AT = 'logins_read_at';

/**
 * Reads all that was added to the logs that hold logins, oldest files first; a server may lack any of them. What cannot
 * be read comes as a problem, never as an error.
 */
export async function ingestLogins(ctx: Context, zone: Zone, shouldStop: ShouldStop): Promise<IngestReport> {
  const isLive = ctx.host.rootDir === '/';
  const started = Date.now();
  // A copied server may be of any age, and so may be the incidents in it: its logs are read whole.
  const run = { ctx, zone, shouldStop, since: isLive ? started - FIRST_READ_MS : -Infinity };
  const problems: { path: string; problem: string }[] = [];
  let bytes = 0;
  let files = 0;
  for (const log of oldestFirst(ctx.host.logs('login_log'))) {
    if (shouldStop()) break;
    if (log.problem === 'missing' || (log.rotated && log.mtimeMs < run.since)) continue;
    const read =
      log.problem === null
        ? await readFile(ctx, log, shouldStop, (text, file) => new Reading(run, text, file).read())
        : { bytes: 0, problem: log.problem };
    bytes += read.bytes;
    files += read.bytes > 0 ? 1 : 0;
    if (read.problem !== null) problems.push({ path: log.path, problem: read.problem });
  }
  if (isLive && !shouldStop()) {
    ctx.store.write(() => {
      ctx.store.logins.prune(started - KEPT_MS);
      ctx.store.setMeta(READ_AT, String(started));
    });
  }
  return { bytes, files, problems };
}

/**
 * The time that the logs of logins were read for and is still kept: from the first line of any of them to the last one;
 * on the server itself from 30 days before they were last read up to then. Null when there is none of them.
 */
export function loginsCovered(ctx: Context): { readonly from: EpochMs; readonly to: EpochMs } | null {
  const files = ctx.store.files('login_log');
  const from = Math.min(...files.map(({ firstAt }) => firstAt ?? Infinity));
  const to = Math.max(...files.map(({ lastAt }) => lastAt ?? -Infinity));
  const meta = ctx.store.meta(READ_AT);
  if (from > to) return null;
  if (meta === null) return { from, to };
  return { from: Math.max(from, Number(meta) - KEPT_MS), to: Math.max(to, Number(meta)) };
}

interface Run {
  readonly ctx: Context;
  readonly zone: Zone;
  readonly shouldStop: ShouldStop;
  readonly since: EpochMs;
}

/** What one batch found. */
interface Batch {
  readonly logins: Map<string, LoginRecord>;
  lines: number;
  firstAt: EpochMs | null;
  lastAt: EpochMs | null;
}

/** One pass over what is new in a file. */
class Reading {
  readonly #run: Run;
  readonly #log: LogFile;
  readonly #file: FileRow;
  readonly #source: LoginSource;
  readonly #timeOf: (line: string) => EpochMs | null;
  /** Up to where batches are kept, and up to where whole lines were looked at. */
  #kept: number;
  #seen: number;
  #tail: string | null = null;
  #batch = emptyBatch();
  bytes = 0;

  constructor(run: Run, log: LogFile, file: FileRow) {
    this.#run = run;
    this.#log = log;
    this.#file = file;
    this.#source = sourceOf(log.path);
    // A line without a year was written before its file last changed.
    this.#timeOf = lineTimeReader('system', lineClock(run.zone, log.mtimeMs));
    this.#kept = file.cursor;
    this.#seen = file.cursor;
  }

  /** Reads to the end, or until it is asked to stop; of an archive that ends early the good part is kept. Throws ReadProblem. */
  async read(): Promise<TextRead> {
    try {
      const isKept = this.#begin() && (await this.#readOn());
      return { bytes: this.bytes, overtaken: !isKept };
    } catch (error) {
      if (error instanceof ReadProblem) this.#keep();
      throw error;
    }
  }

  async #readOn(): Promise<boolean> {
    const { ctx, shouldStop } = this.#run;
    let open: Buffer = Buffer.alloc(0);
    let isLong = false;
    for await (const { bytes, offset } of ctx.host.readChunks(this.#log, this.#seen)) {
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      if (end === 0) {
        isLong ||= open.length + bytes.length > LONGEST_LINE;
        open = isLong ? Buffer.alloc(0) : Buffer.concat([open, bytes]);
        continue;
      }
      // A line that was given up is passed over up to its newline.
      const start = isLong ? bytes.indexOf(NEWLINE) + 1 : 0;
      const whole = bytes.subarray(start, end);
      this.#look(open.length === 0 ? whole : Buffer.concat([open, whole]), offset + start - open.length);
      this.#seen = offset + end;
      this.#tail = tailOf(bytes, end);
      open = bytes.subarray(end);
      isLong = false;
      if (this.#seen - this.#kept < BATCH_BYTES) continue;
      if (!this.#keep()) return false;
      await breath();
      if (shouldStop()) return true;
    }
    return this.#keep();
  }

  /** Moves the cursor of a plain file that was never read to where the wanted days begin. */
  #begin(): boolean {
    const { ctx, since } = this.#run;
    if (this.#file.cursor > 0 || since === -Infinity) return true;
    const start = ctx.host.windowStart(this.#log, since, this.#timeOf);
    this.#seen = start;
    const isKept = this.#keep();
    // What was jumped over was not read.
    this.bytes = 0;
    return isKept;
  }

  /** Takes the logins out of whole lines that begin at `offset`. */
  #look(whole: Buffer, offset: number): void {
    const batch = this.#batch;
    const text = whole.toString('latin1');
    this.#cover(text);
    for (const { start, end } of markedLines(text, LOGIN_MARKS[this.#source])) {
      // A text of its own: what is kept of it must not keep the whole piece alive.
      const line = whole.toString('latin1', start, end);
      const login = parseLoginLine(this.#source, line);
      const at = login === null ? null : this.#timeOf(line);
      if (login === null || at === null) continue;
      const moment = { at, fileId: this.#file.id, offset: offset + start };
      const key = `${login.address} ${login.service} ${String(loginDay(at))} ${login.user}`;
      batch.logins.set(
        key,
        widen(batch.logins.get(key) ?? { ...login, first: moment, last: moment }, moment),
      );
      batch.lines++;
    }
  }

  /** Any line shows that the log covers its time. */
  #cover(text: string): void {
    const last = text.lastIndexOf('\n', text.length - 2) + 1;
    for (const line of [text.slice(0, text.indexOf('\n')), text.slice(last, -1)]) {
      const at = this.#timeOf(line);
      if (at === null) continue;
      this.#batch.firstAt = Math.min(this.#batch.firstAt ?? at, at);
      this.#batch.lastAt = Math.max(this.#batch.lastAt ?? at, at);
    }
  }

  /** Writes what was found and moves the cursor, in one commit; false when another ingester moved it before. */
  #keep(): boolean {
    if (this.#seen === this.#kept) return true;
    const { ctx } = this.#run;
    const { logins, lines, firstAt, lastAt } = this.#batch;
    const isKept = ctx.store.write(() => {
      if (stillAt(ctx, this.#log, this.#file.id, this.#kept) === null) return false;
      for (const login of logins.values()) ctx.store.logins.save(login);
      ctx.store.advanceFile(this.#file.id, { cursor: this.#seen, firstAt, lastAt, lines, refused: 0 });
      ctx.store.texts.keepTail(this.#file.id, this.#tail);
      return true;
    });
    if (isKept) {
      this.bytes += this.#seen - this.#kept;
      this.#kept = this.#seen;
      this.#batch = emptyBatch();
    }
    return isKept;
  }
}

function emptyBatch(): Batch {
  return { logins: new Map(), lines: 0, firstAt: null, lastAt: null };
}

function widen(login: LoginRecord, moment: LoginMoment): LoginRecord {
  return {
    ...login,
    first: moment.at < login.first.at ? moment : login.first,
    last: moment.at >= login.last.at ? moment : login.last,
  };
}

/** Which services write to a log, by its name. */
function sourceOf(path: string): LoginSource {
  const name = logBase(nameOf(path));
  if (name === 'exim_mainlog') return 'exim';
  return name === 'login_log' || name === 'session_log' ? 'cpanel' : 'syslog';
}
