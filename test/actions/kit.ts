// What the tests of the spine share: contexts on temporary state folders, the command line in this process, and all
// rows of a store in a form that does not depend on row numbers or on the names that log files have now.
import { spawn, type ChildProcess } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GlobalOptions } from '../../src/cli/global-options.ts';
import { runCli } from '../../src/cli/program.ts';
import { configOf } from '../../src/config.ts';
import { type ContextOptions, type OpenContext, openContext } from '../../src/context.ts';
import { refresh } from '../../src/actions/refresh.ts';
import type { LineRef, Transaction, TransactionParts } from '../../src/model.ts';
import { toTransaction } from '../../src/analyse/merge.ts';
import { search } from '../../src/search.ts';
import { indexLogs } from '../../src/index-logs.ts';
import { trialMail } from '../../src/mailing.ts';
import { isDamage, openDatabase, writeMeta } from '../../src/store/database.ts';
import { tempDir } from '../host/make-root.ts';

export const LAUNCHER = join(import.meta.dirname, '../../plugin/whyblocked');

export interface Place {
  readonly root: string;
  readonly state?: string | undefined;
  readonly now?: string | undefined;
}

/** A context on a server folder; its state folder is a new one unless named. */
export function open({ root, state = join(tempDir(), 'state'), now }: Place): OpenContext {
  return openContext({
    root,
    state,
    now,
    version: '0.0.0',
    env: { HOME: '/nonexistent' },
    warn: () => undefined,
  });
}

export interface CliAnswer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command in this process, as main.ts does; `more` are options that the command line has no words for. */
export async function cli(
  args: readonly string[],
  stdin = '',
  more: Pick<ContextOptions, 'databaseWaitMs'> = {},
): Promise<CliAnswer> {
  let out = '';
  let err = '';
  const output = {
    colour: false,
    width: 100,
    write: (text: string) => {
      out += text;
    },
    note: (text: string) => {
      err += text;
    },
  };
  const contextOptions = (options: GlobalOptions): ContextOptions => ({
    ...more,
    root: options.root,
    state: options.state,
    now: options.now,
    version: '0.0.0',
    env: { HOME: '/nonexistent' },
    ...(options.config === undefined ? {} : configOf(options.config)),
    warn: (text) => {
      err += `${text}\n`;
    },
  });
  const code = await runCli(args, {
    version: '0.0.0',
    output,
    readStdin: () => Promise.resolve(stdin),
    isDamage,
    sendTrial: trialMail,
    ask: null,
    author: 'root',
    indexLogs: (ctx, options) => indexLogs(ctx, options.state),
    openContext: (options, how) => Promise.resolve(openContext({ ...contextOptions(options), ...how })),
    search: (args, database) =>
      search(args, database, contextOptions(args), {
        output,
        write: (text) => {
          output.write(text);
          return Promise.resolve();
        },
        progressWidth: null,
      }),
    serve: () => Promise.reject(new Error('not here')),
    login: () => Promise.reject(new Error('not here')),
    demo: () => Promise.reject(new Error('not here')),
  });
  return { code, out, err };
}

export interface Spawned extends CliAnswer {
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Spawned>;
}

/** Starts plugin/whyblocked as a process of its own. */
export function start(args: readonly string[], stdin = ''): Running {
  const child = spawn(LAUNCHER, [...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const ended = new Promise<Spawned>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code: code ?? -1, signal, out, err });
    });
  });
  return { child, ended };
}

/**
 * A new state folder for a server folder, with the same key of value hashes each time: rows of two databases can
 * then be compared whole.
 */
export function newState(root: string): string {
  const state = join(tempDir(), 'state');
  mkdirSync(state, { mode: 0o700 });
  const db = openDatabase(join(state, 'whyblocked.db'), root);
  writeMeta(db, 'hash_key', 'of the tests');
  db.close();
  return state;
}

/** Reads all that is new on a server folder into a state folder and closes it again. */
export async function ingestOnce(root: string, state: string): Promise<void> {
  const ctx = open({ root, state });
  try {
    await refresh(ctx);
  } finally {
    ctx.close();
  }
}

export interface AllRows {
  readonly parts: readonly unknown[];
  readonly transactions: readonly unknown[];
  readonly incidents: readonly unknown[];
  readonly lfdEvents: readonly unknown[];
  readonly waiting: number;
}

/** All that a state folder holds, read through the store's API; places name an offset, not a file. */
export function rowsIn(root: string, state: string): AllRows {
  const ctx = open({ root, state });
  const db = openDatabase(join(state, 'whyblocked.db'), ctx.host.rootDir);
  const column = (sql: string): string[] =>
    db
      .prepare<[], { value: string }>(sql)
      .all()
      .map((row) => row.value);
  try {
    const ids = column('SELECT unique_id AS value FROM transactions ORDER BY unique_id');
    const clients = column('SELECT DISTINCT client AS value FROM incidents ORDER BY client');
    const addresses = column(
      'SELECT DISTINCT address AS value FROM lfd_events WHERE address IS NOT NULL ORDER BY address',
    );
    const parts = ids.map((id) => ctx.store.transactions.byId(id)).filter((one) => one !== null);
    return {
      parts: parts.map(comparable),
      transactions: parts.map((one) => comparable(toTransaction(one))),
      // What was judged rests on more than these logs, and is compared by the tests of the judgement.
      incidents: clients.flatMap((client) =>
        ctx.store.incidents.ofClient(client).map((incident) => ({ ...incident, judgement: null })),
      ),
      lfdEvents: addresses.flatMap((address) =>
        ctx.store
          .lfdEventsOf(address)
          .map(({ at, event, offset }) => ({ at, address, event, offset }))
          .sort((a, b) => a.at - b.at || a.offset - b.offset),
      ),
      waiting: ctx.store.ambiguousLines(100_000).length,
    };
  } finally {
    db.close();
    ctx.close();
  }
}

/** Rotation renames files, and a young file's fingerprint covers less than a KiB: both say the same place. */
function comparable(value: TransactionParts | Transaction): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, item: unknown) => {
      if (key === 'findings') return (item as object[]).map((one) => JSON.stringify(one)).sort();
      return key === 'ref' || key === 'auditRef' || key === 'refs' ? placeOf(item) : item;
    }),
  ) as unknown;
}

function placeOf(item: unknown): unknown {
  if (item === null || item === undefined) return item;
  return Array.isArray(item) ? item.map((one) => (one as LineRef).offset) : (item as LineRef).offset;
}

/** Files below a folder with size and time, for "nothing was written". */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((item) => {
      const path = join(item.parentPath, item.name);
      const { size, mtimeMs, ctimeMs } = lstatSync(path);
      return `${path} ${String(size)} ${String(mtimeMs)} ${String(ctimeMs)}`;
    })
    .sort();
}
