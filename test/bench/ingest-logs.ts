// node test/bench/ingest-logs.ts OUT_DIR [--seed 1] [--small]: the error_log and the audit log of a busy server.
//
// Writes error/, audit/ and both/ below OUT_DIR, each a copied server for --root: with etc/apache2/logs/error_log, with
// modsec_audit.log, with the same two again. Both logs tell of the same transactions in their order. The same seed and size
// give the same bytes (random.ts says how the numbers are drawn). Prints as JSON what was written.
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LOGS_FOLDER } from './generate.ts';
import { FROM, type Transaction, transactions } from './ingest-transactions.ts';
import { auditWriter, errorWriter } from './ingest-writers.ts';
import { UTC } from './noisy-root.ts';

const MIB = 1024 * 1024;
const PIECE = 4 * MIB;
/** More than the longest record. */
const LONGEST = 64 * 1024;

/** How much is written: up to these bytes of each log, then one transaction more; 0 leaves a log out. */
export interface IngestSize {
  readonly errorBytes: number;
  readonly auditBytes: number;
  /** The error_log ends after so many transactions, whatever its bytes. */
  readonly mostTransactions?: number;
  /** Mean time between two transactions. */
  readonly gapMs: number;
}

export const INGEST: IngestSize = { errorBytes: 300 * MIB, auditBytes: 500 * MIB, gapMs: 22_000 };
export const INGEST_SMALL: IngestSize = { errorBytes: 6 * MIB, auditBytes: 10 * MIB, gapMs: 22_000 };
export const ERROR_LOG = `${LOGS_FOLDER}/error_log`;
export const AUDIT_LOG = `${LOGS_FOLDER}/modsec_audit.log`;

/** What one log holds; `to` is the time of its last transaction. */
export interface IngestWritten {
  readonly bytes: number;
  readonly transactions: number;
  readonly hits: number;
  readonly to: number;
}

/** Writes one log up to its limit and closes it. */
function writeLog(
  path: string,
  text: (one: Transaction) => string,
  seed: number,
  size: IngestSize,
): IngestWritten {
  const most = path.endsWith(AUDIT_LOG) ? size.auditBytes : size.errorBytes;
  const told = { bytes: 0, transactions: 0, hits: 0, to: FROM };
  const piece = Buffer.allocUnsafe(PIECE);
  const fd = openSync(path, 'w');
  let used = 0;
  try {
    for (const one of transactions(seed, size.gapMs)) {
      const bytes = piece.write(text(one), used, 'latin1');
      used += bytes;
      told.bytes += bytes;
      told.transactions++;
      told.hits += one.messages.length;
      told.to = one.at;
      const isFull = told.bytes >= most || told.transactions === size.mostTransactions;
      if (isFull || used > PIECE - LONGEST) {
        writeSync(fd, piece, 0, used);
        used = 0;
      }
      if (isFull) break;
    }
  } finally {
    closeSync(fd);
  }
  return told;
}

/** An empty copied server that keeps UTC. */
export function makeRoot(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, LOGS_FOLDER), { recursive: true });
  mkdirSync(join(folder, 'etc/csf'), { recursive: true });
  writeFileSync(join(folder, 'etc/localtime'), UTC);
  return folder;
}

/** Writes a copied server with an error_log alone. Throws what the file system throws. */
export function generateErrorLog(root: string, seed: number, size: IngestSize): IngestWritten {
  return writeLog(join(makeRoot(root), ERROR_LOG), errorWriter(seed), seed, size);
}

/** Writes the three servers below a folder. What the last 980130 line of the error_log would say is left out. */
export function generateIngest(
  folder: string,
  seed: number,
  size: IngestSize,
): { error: IngestWritten; audit: IngestWritten } {
  const root = (name: string): string => join(folder, name);
  const error = generateErrorLog(root('error'), seed, size);
  const audit = writeLog(join(makeRoot(root('audit')), AUDIT_LOG), auditWriter(seed), seed, size);
  makeRoot(root('both'));
  linkSync(join(root('error'), ERROR_LOG), join(root('both'), ERROR_LOG));
  linkSync(join(root('audit'), AUDIT_LOG), join(root('both'), AUDIT_LOG));
  return { error, audit };
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' }, small: { type: 'boolean', default: false } },
  });
  const seed = Number(values.seed);
  if (positionals[0] === undefined || !Number.isSafeInteger(seed)) {
    console.error('Usage: node test/bench/ingest-logs.ts OUT_DIR [--seed 1] [--small]');
    process.exitCode = 2;
    return;
  }
  const written = generateIngest(resolve(positionals[0]), seed, values.small ? INGEST_SMALL : INGEST);
  console.log(JSON.stringify(written));
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) main();
