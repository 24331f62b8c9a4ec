// One run of the campaign: logs are written, rotated and packed while one or two ingesters read them and are killed; at the end
// their rows must be those of one undisturbed reading of everything that was ever written.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { refresh } from '../../src/actions/refresh.ts';
import { openContext } from '../../src/context.ts';
import { openDatabase, writeMeta } from '../../src/store/database.ts';
import { type Random, random } from '../bench/random.ts';
import { LineMaker } from './ingest-lines.ts';
import type { Ingester, Pool } from './ingest-pool.ts';
import { filesOf, firstDifference, rowsOf, type Rows } from './ingest-rows.ts';
import { LogWriter, type Pauses } from './ingest-writer.ts';

const LOGS = {
  error: 'var/log/apache2/error_log',
  audit: 'var/log/apache2/modsec_audit.log',
  lfd: 'var/log/lfd.log',
};
const MOST_KILLS = 4;

export interface RunReport {
  /** What differs, or went wrong; null when all is as it must be. */
  readonly problem: string | null;
  readonly kills: number;
  readonly transactions: number;
  readonly steps: readonly string[];
}

/** Does one run. */
export async function runOnce(seed: number, pool: Pool): Promise<RunReport> {
  // In memory where that is possible: what a killed process leaves is the same, and the disk is not waited for.
  const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = realpathSync(mkdtempSync(join(scratch, 'whyblocked-campaign-')));
  const run = new CampaignRun(seed, pool, folder);
  try {
    return await run.run();
  } finally {
    await run.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class CampaignRun implements Pauses {
  readonly #rng: Random;
  readonly #pool: Pool;
  readonly #folder: string;
  readonly #root: string;
  readonly #state: string;
  readonly #writers: LogWriter[];
  readonly #many: number;
  #ingesters: Ingester[] = [];
  #kills = 0;
  readonly #steps: string[] = [];

  constructor(seed: number, pool: Pool, folder: string) {
    this.#rng = random(seed, 'campaign');
    this.#pool = pool;
    this.#folder = folder;
    this.#root = makeServer(join(folder, 'root'));
    this.#state = makeState(join(folder, 'state'), this.#root);
    this.#many = this.#rng.chance(0.3) ? 2 : 1;
    const lines = new Queues(new LineMaker(random(seed, 'lines')));
    const writer = (kind: keyof typeof LOGS, next: () => string): LogWriter =>
      new LogWriter(join(this.#root, LOGS[kind]), random(seed, kind), next, this);
    this.#writers = [
      writer('error', () => lines.error()),
      writer('audit', () => lines.audit()),
      writer('lfd', () => lines.lfd()),
    ];
  }

  async run(): Promise<RunReport> {
    const count = this.#rng.int(20, 60);
    for (let step = 0; step < count; step++) {
      while (this.#ingesters.length < this.#many && this.#rng.chance(0.7)) await this.#start();
      const writer = this.#rng.pick(this.#writers);
      const before = writer.did.length;
      await writer.step();
      this.#steps.push(`${this.#writers.indexOf(writer)}: ${writer.did.slice(before).join(', ')}`);
      if (this.#rng.chance(0.5)) await this.moment();
      if (this.#kills < MOST_KILLS && this.#rng.chance(0.08)) await this.#kill();
    }
    for (const writer of this.#writers) if (this.#rng.chance(0.8)) writer.finish();
    await this.allRead();
    await this.close();
    return this.#compare();
  }

  async moment(): Promise<void> {
    if (this.#rng.chance(0.5)) await new Promise((resolve) => setImmediate(resolve));
    else await sleep(this.#rng.int(1, 6));
  }

  async allRead(): Promise<void> {
    if (this.#ingesters.length === 0) await this.#start();
    await Promise.all(this.#ingesters.map((one) => one.hasRead()));
  }

  async close(): Promise<void> {
    const ingesters = this.#ingesters;
    this.#ingesters = [];
    await Promise.all(ingesters.map((one) => one.kill()));
    for (const one of ingesters) if (one.failure !== null) this.#failures.push(one.failure);
  }

  readonly #failures: string[] = [];

  async #start(): Promise<void> {
    const one = this.#pool.take();
    this.#ingesters.push(one);
    await one.begin(this.#root, this.#state);
  }

  async #kill(): Promise<void> {
    const one = this.#ingesters.splice(this.#rng.int(0, this.#ingesters.length - 1), 1)[0];
    if (one === undefined) return;
    this.#kills++;
    this.#steps.push('kill');
    await one.kill();
    if (one.failure !== null) this.#failures.push(one.failure);
  }

  async #compare(): Promise<RunReport> {
    const texts = this.#writers.flatMap((writer) => writer.texts.map((text) => text.bytes()));
    const got = rowsOf(this.#root, this.#state, texts);
    const wanted = await this.#undisturbed(texts);
    const problem = this.#failures[0] ?? firstDifference(got, wanted);
    if (problem !== null) {
      this.#steps.push(`texts: ${texts.map((text, at) => `${at}: ${text.length}`).join(', ')}`);
      this.#steps.push(...filesOf(this.#state, this.#root, texts), 'one undisturbed reading:');
      this.#steps.push(...filesOf(join(this.#folder, 'whole-state'), join(this.#folder, 'whole'), texts));
    }
    return { problem, kills: this.#kills, transactions: wanted.transactions.length, steps: this.#steps };
  }

  /** The rows of one reading of all texts, each in a file of its own. */
  async #undisturbed(texts: readonly Buffer[]): Promise<Rows> {
    const root = makeServer(join(this.#folder, 'whole'));
    const state = makeState(join(this.#folder, 'whole-state'), root);
    for (const [index, log] of Object.values(LOGS).entries()) {
      for (const [number, text] of (this.#writers[index]?.texts ?? []).entries())
        writeFileSync(join(root, `${log}.${number + 1}`), text.bytes());
    }
    const ctx = openContext({ root, state, version: '0.0.0', env: {}, warn: () => undefined });
    try {
      await refresh(ctx);
    } finally {
      ctx.close();
    }
    return rowsOf(root, state, texts);
  }
}

/** Requests come to the logs in the same order, each log taking its lines when it writes next. */
class Queues {
  readonly #maker: LineMaker;
  readonly #error: string[] = [];
  readonly #audit: string[] = [];

  constructor(maker: LineMaker) {
    this.#maker = maker;
  }

  error(): string {
    return this.#next(this.#error);
  }

  audit(): string {
    return this.#next(this.#audit);
  }

  lfd(): string {
    return this.#maker.lfd();
  }

  #next(queue: string[]): string {
    while (queue.length === 0) {
      const { error, audit } = this.#maker.request();
      this.#error.push(...error);
      if (audit !== '') this.#audit.push(audit);
    }
    return queue.shift() ?? '';
  }
}

function makeServer(root: string): string {
  mkdirSync(join(root, 'var/log/apache2'), { recursive: true });
  mkdirSync(join(root, 'etc/apache2'), { recursive: true });
  symlinkSync('/var/log/apache2', join(root, 'etc/apache2/logs'));
  symlinkSync('/usr/share/zoneinfo/Europe/Bratislava', join(root, 'etc/localtime'));
  return root;
}

/** Two databases are compared: values are hashed with the same key in both. */
function makeState(state: string, root: string): string {
  mkdirSync(state, { mode: 0o700 });
  const db = openDatabase(join(state, 'whyblocked.db'), root);
  writeMeta(db, 'hash_key', 'of the campaign');
  db.close();
  return state;
}
