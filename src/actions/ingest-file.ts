// Where a log was read up to: its row in the store, whatever its file is called now. Shared by all that ingest.
import { beginsWith, endsWith, headText, lineHeads } from '../host/known-bytes.ts';
import { ReadProblem } from '../host/problems.ts';
import type { EpochMs, LogFile } from '../model.ts';
import { type FoundFile, matchFile, placesToCheck } from '../store/file-match.ts';
import type { FileRow } from '../store/files.ts';
import { isKeptAs } from '../store/log-texts.ts';
import type { Context } from './context.ts';
import { type FoundText, textsOfArchive, WHOLE_FILE } from './log-texts.ts';

/** Old processes write to a renamed log for a while, and a copy is made bit by bit. */
const SETTLED_MS = 60_000;

/** A place in a file that a batch of lines or records ends at. */
export interface Progress {
  readonly file: FileRow;
  readonly end: number;
  /** When the file last changed, for times without a year. */
  readonly changedAt: EpochMs;
}

/** Logs in the order they were written, as far as their last change tells it. */
export function oldestFirst(logs: readonly LogFile[]): LogFile[] {
  return [...logs].sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1));
}

/** What one pass over a text did; `overtaken` when another ingester moved the cursor meanwhile. */
export interface TextRead {
  readonly bytes: number;
  readonly overtaken: boolean;
}

/** What was read of a file, and why it ended early. */
export interface FileRead {
  readonly bytes: number;
  readonly problem: string | null;
}

/**
 * Reads what is new in a log file: the one text of a plain log, those of an archive that were not read before. `readText` reads a
 * text from its row's cursor on; it must hand the log that it is given to the host, which then reads that text and no other. A
 * text is read to its end also when another ingester reads it too. What cannot be read comes as a problem.
 */
export async function readFile(
  ctx: Context,
  log: LogFile,
  shouldStop: () => boolean,
  readText: (log: LogFile, file: FileRow) => Promise<TextRead>,
): Promise<FileRead> {
  const reading = new FileReading(ctx, log, shouldStop, readText);
  try {
    const problem = log.compressed ? await reading.archive() : await reading.text(WHOLE_FILE);
    return { bytes: reading.bytes, problem };
  } catch (error) {
    if (error instanceof ReadProblem) return { bytes: reading.bytes, problem: error.problem };
    throw error;
  }
}

/** One pass over a log file. */
class FileReading {
  readonly #ctx: Context;
  readonly #log: LogFile;
  readonly #shouldStop: () => boolean;
  readonly #readText: (log: LogFile, file: FileRow) => Promise<TextRead>;
  bytes = 0;

  constructor(
    ctx: Context,
    log: LogFile,
    shouldStop: () => boolean,
    readText: (log: LogFile, file: FileRow) => Promise<TextRead>,
  ) {
    this.#ctx = ctx;
    this.#log = log;
    this.#shouldStop = shouldStop;
    this.#readText = readText;
  }

  /** An archive that was read to its end, or as far as it is good, is passed over until it changes. */
  async archive(): Promise<string | null> {
    const { path, size, mtimeMs } = this.#log;
    const stamp = `${size}:${mtimeMs}`;
    const known = this.#ctx.store.texts.archive(path);
    if (known?.stamp === stamp) return known.problem;
    const { texts, problem, read } = await textsOfArchive(this.#ctx, this.#log);
    for (const text of texts) await this.text(text);
    if (this.#shouldStop()) return problem;
    this.#ctx.store.write(() => {
      this.#ctx.store.texts.keepArchive({ path, stamp, problem, ...read });
    });
    return problem;
  }

  async text(text: FoundText): Promise<null> {
    for (let goesOn = true; goesOn && !this.#shouldStop();) {
      const open = await openText(this.#ctx, this.#log, text);
      if (open === null || open.log.size <= open.file.cursor) break;
      const read = await this.#readText(open.log, open.file);
      this.bytes += read.bytes;
      goesOn = read.overtaken;
    }
    return null;
  }
}

interface OpenText {
  readonly log: LogFile;
  readonly file: FileRow;
}

/** Another ingester may claim rows between two looks; so often it is waited for. */
const MOST_LOOKS = 20;

/** The store's row of a text, and the log as it must be read; null where nothing is to be read. */
async function openText(ctx: Context, log: LogFile, text: FoundText): Promise<OpenText | null> {
  const isWhole = log.compressed
    ? text.problem === null
    : log.rotated && Date.now() - log.mtimeMs > SETTLED_MS;
  const { packedAt, length } = text;
  const pin = { packedAt, length, head: '', cursor: 0, tail: null, whole: isWhole };
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const seen = ctx.store.files(log.kind);
    const { found, size } = await lookAt(ctx, { ...log, text: pin }, seen, text);
    if (size === 0) return null;
    const file = claim(ctx, found, seen);
    if (file === null) return null;
    if (file === undefined) continue;
    const { fingerprint: head, cursor, tail } = file;
    return { file, log: { ...log, size, text: { ...pin, head, cursor, tail } } };
  }
  return null;
}

async function lookAt(
  ctx: Context,
  log: LogFile,
  seen: readonly FileRow[],
  text: FoundText,
): Promise<{ found: FoundFile; size: number }> {
  const { kind, path } = log;
  const about = (first: Buffer, size: number): Omit<FoundFile, 'ends'> => ({
    kind,
    path,
    size,
    fingerprint: headText(first),
    headLength: first.length,
    lineHeads: lineHeads(first),
    whole: text.problem === null,
    begins: (fingerprint) => beginsWith(first, fingerprint),
  });
  const look = await ctx.host.look(log, (first, size) => placesToCheck(seen, about(first, size)));
  const ends = (cursor: number, tail: string): boolean | null => {
    const before = look.before.get(cursor);
    return before === undefined ? null : endsWith(before, tail);
  };
  return { found: { ...about(look.first, look.size), ends }, size: look.size };
}

/** See `LogTexts.claim`; without a write where the row is as it was. */
function claim(ctx: Context, found: FoundFile, seen: readonly FileRow[]): FileRow | null | undefined {
  const match = matchFile(seen, found);
  if (match.is === 'known' && (isKeptAs(match.row, found) || isCopy(ctx, match.row, found))) return match.row;
  if (match.is === 'nothing') return null;
  return ctx.store.write(() => ctx.store.texts.claim(found, seen));
}

/** The paths that each row had, by store. */
const paths = new WeakMap<Context['store'], Map<number, Set<string>>>();

/** Whether two files hold a text that was read to its end: they would take the row's path from each other at every look. */
function isCopy(ctx: Context, row: FileRow, found: FoundFile): boolean {
  if (row.fingerprint !== found.fingerprint || found.size > row.cursor) return false;
  const known = paths.get(ctx.store) ?? new Map<number, Set<string>>();
  paths.set(ctx.store, known);
  const had = known.get(row.id) ?? new Set<string>();
  known.set(row.id, had.add(row.path));
  return had.has(found.path);
}

/** Whether nothing more will be written behind what was read of a log: it was rotated away, and has been left alone for a while. */
export function isSettled(log: LogFile): boolean {
  return log.text?.whole ?? false;
}

/** The first bytes of a log's unpacked text, at most `limit`. */
export async function firstBytes(host: Context['host'], log: LogFile, limit: number): Promise<Buffer> {
  for await (const chunk of host.readChunks(log, 0, limit)) return chunk.bytes;
  return Buffer.alloc(0);
}

/** Lets messages of a helper thread in between two batches: promises alone would keep them waiting. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** The file's row read inside the write lock; null when its cursor has moved since the batch was read. */
export function stillAt(ctx: Context, log: LogFile, id: number, cursor: number): FileRow | null {
  const row = ctx.store.files(log.kind).find((file) => file.id === id);
  return row?.cursor === cursor ? row : null;
}
