// One run of the campaign: logs are written, rotated and packed while one or two ingesters read them and are killed; at the end
// their rows must be those of one undisturbed reading of everything that was ever written.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
import { Crew, type Pool } from './ingest-crew.ts';
import { filesOf, firstDifference, rowsOf, type Rows } from './ingest-rows.ts';
import { LogWriter, makeOld, type Pauses } from './ingest-writer.ts';

const LOGS = {
  error: 'var/log/apache2/error_log',
  audit: 'var/log/apache2/modsec_audit.log',
  lfd: 'var/log/lfd.log',
};

export interface RunReport {
  readonly seed: number;
  /** What differs, or went wrong; null when all is as it must be. */
  readonly problem: string | null;
  readonly kills: number;
  readonly transactions: number;
  /** What was done, and how far each text was read where something differs. */
  readonly steps: readonly string[];
}

/** Does some runs whose servers are read by the same processes. */
export async function runTogether(seeds: readonly number[], pool: Pool): Promise<RunReport[]> {
  // In memory where that is possible: what a killed process leaves is the same, and the disk is not waited for.
  const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = realpathSync(mkdtempSync(join(scratch, 'whyblocked-campaign-')));
  const crew = new Crew(random(seeds[0] ?? 0, 'crew'), pool);
  try {
    const runs = seeds.map((seed) => new CampaignRun(seed, crew, join(folder, String(seed))));
    await Promise.all(runs.map((run) => run.write()));
    await crew.close();
    const reports: RunReport[] = [];
    for (const run of runs) reports.push(await run.compare());
    return reports;
  } finally {
    await crew.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class CampaignRun implements Pauses {
  readonly #seed: number;
  readonly #rng: Random;
  readonly #crew: Crew;
  readonly #folder: string;
  readonly #root: string;
  readonly #state: string;
  readonly #writers: LogWriter[];
  #number = 0;
  #kills = 0;
  readonly #steps: string[] = [];

  constructor(seed: number, crew: Crew, folder: string) {
    this.#seed = seed;
    this.#rng = random(seed, 'campaign');
    this.#crew = crew;
    this.#folder = folder;
    this.#root = makeServer(join(folder, 'root'));
    this.#state = makeState(join(folder, 'state'), this.#root);
    const lines = new Queues(new LineMaker(random(seed, 'lines')));
    const writer = (kind: keyof typeof LOGS, next: () => string): LogWriter =>
      new LogWriter(join(this.#root, LOGS[kind]), random(seed, kind), next, this);
    this.#writers = [
      writer('error', () => lines.error()),
      writer('audit', () => lines.audit()),
      writer('lfd', () => lines.lfd()),
    ];
  }

  /** Writes the logs while they are read. */
  async write(): Promise<void> {
    this.#number = await this.#crew.add({ root: this.#root, state: this.#state });
    const killsBefore = this.#crew.kills;
    const count = this.#rng.int(20, 60);
    for (let step = 0; step < count; step++) {
      const writer = this.#rng.pick(this.#writers);
      const before = writer.did.length;
      await writer.step();
      this.#steps.push(`${this.#writers.indexOf(writer)}: ${writer.did.slice(before).join(', ')}`);
      if (this.#rng.chance(0.5)) await this.moment();
      await this.#crew.turn();
    }
    for (const writer of this.#writers) {
      if (this.#rng.chance(0.8)) writer.finish();
      writer.close();
    }
    await this.allRead();
    this.#kills = this.#crew.kills - killsBefore;
  }

  async moment(): Promise<void> {
    if (this.#rng.chance(0.5)) await new Promise((resolve) => setImmediate(resolve));
    else await sleep(this.#rng.int(1, 6));
  }

  allRead(): Promise<void> {
    return this.#crew.hasRead(this.#number);
  }

  /** Compares the rows when nobody reads any more. */
  async compare(): Promise<RunReport> {
    await readOld(this.#root, this.#state);
    const texts = this.#writers.flatMap((writer) => writer.texts.map((text) => text.bytes()));
    const got = rowsOf(this.#root, this.#state, texts);
    const wanted = await this.#undisturbed(texts);
    const problem = this.#crew.failure ?? firstDifference(got, wanted);
    if (problem !== null) {
      this.#steps.push(`texts: ${texts.map((text, at) => `${at}: ${text.length}`).join(', ')}`);
      this.#steps.push(...filesOf(this.#state, this.#root, texts), 'one undisturbed reading:');
      this.#steps.push(...filesOf(join(this.#folder, 'whole-state'), join(this.#folder, 'whole'), texts));
    }
    return {
      seed: this.#seed,
      problem,
      kills: this.#kills,
      transactions: wanted.transactions.length,
      steps: this.#steps,
    };
  }

  /** The rows of one reading of all texts, each in a file of its own. */
  async #undisturbed(texts: readonly Buffer[]): Promise<Rows> {
    const root = makeServer(join(this.#folder, 'whole'));
    const state = makeState(join(this.#folder, 'whole-state'), root);
    for (const [index, log] of Object.values(LOGS).entries()) {
      const written = this.#writers[index]?.texts ?? [];
      for (const [number, text] of written.entries())
        writeFileSync(join(root, number === written.length - 1 ? log : `${log}.${number + 1}`), text.bytes());
    }
    await readOld(root, state);
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

/** Reads logs that have been left alone for long: what is unfinished in them is given up then. */
async function readOld(root: string, state: string): Promise<void> {
  for (const item of readdirSync(join(root, 'var/log'), { recursive: true, withFileTypes: true }))
    if (item.isFile()) makeOld(join(item.parentPath, item.name));
  const ctx = openContext({ root, state, version: '0.0.0', env: {}, warn: () => undefined });
  try {
    await refresh(ctx);
  } finally {
    ctx.close();
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
