// The processes that read the servers of some runs, started and killed at random. Starting one takes as long as a whole run: so
// some are always ready, and one reads several servers, each of which it leaves in another state when it is killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Random } from '../bench/random.ts';

const CHILD = join(import.meta.dirname, 'ingest-child.ts');
/** How often ingesters are killed while a run is written, about. */
const KILLS = 5;
/** Steps of a run, about. */
const STEPS = 40;

/** A server's logs and where its rows are kept. */
export interface Place {
  readonly root: string;
  readonly state: string;
}

/** A process that reads again and again until it is killed. */
class Ingester {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  readonly #ended: Promise<unknown>;
  #waiting: { number: string; passes: number; resolve: (hasRead: boolean) => void }[] = [];
  #isKilled = false;
  /** Why it ended by itself; null while it should. */
  failure: string | null = null;

  constructor() {
    const args = ['--disable-warning=ExperimentalWarning', CHILD];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => (errors += error.message));
    this.#ready = once(child.stdout, 'data').then(() => {
      child.stdout.on('data', (text: Buffer) => {
        for (const number of text.toString().split('\n')) this.#passed(number);
      });
    });
    this.#ended = once(child, 'close').then(() => {
      if (!this.#isKilled || errors !== '') this.failure = `an ingester ended by itself ${errors}`;
      for (const { resolve } of this.#waiting) resolve(false);
      this.#waiting = [];
    });
  }

  get isAlive(): boolean {
    return !this.#isKilled && this.failure === null;
  }

  /** Begins to read a server. */
  async begin(number: number, place: Place): Promise<void> {
    await Promise.race([this.#ready, this.#ended]);
    this.#child.stdin?.write(`${JSON.stringify({ number, ...place })}\n`);
  }

  /** Waits for a whole pass over a server that began after this; false when it ended before. */
  hasRead(number: number): Promise<boolean> {
    if (!this.isAlive) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiting.push({ number: String(number), passes: 2, resolve }));
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #passed(number: string): void {
    for (const one of this.#waiting) {
      if (one.number === number && --one.passes === 0) one.resolve(true);
    }
    this.#waiting = this.#waiting.filter(({ passes }) => passes > 0);
  }
}

/** Keeps some ingesters ready. */
export class Pool {
  readonly #spare: Ingester[];

  constructor(size: number) {
    this.#spare = Array.from({ length: size }, () => new Ingester());
  }

  take(): Ingester {
    const one = this.#spare.shift() ?? new Ingester();
    this.#spare.push(new Ingester());
    return one;
  }

  async close(): Promise<void> {
    await Promise.all(this.#spare.map((one) => one.kill()));
  }
}

/** The ingesters of some servers: one process, or two that read the same at once. */
export class Crew {
  readonly #rng: Random;
  readonly #pool: Pool;
  readonly #many: number;
  readonly #places: Place[] = [];
  #alive: Ingester[] = [];
  readonly #all: Ingester[] = [];
  kills = 0;

  constructor(rng: Random, pool: Pool) {
    this.#rng = rng;
    this.#pool = pool;
    this.#many = rng.chance(0.4) ? 2 : 1;
  }

  /** A server that is read from now on; gives its number. */
  async add(place: Place): Promise<number> {
    const number = this.#places.push(place) - 1;
    await Promise.all(this.#alive.map((one) => one.begin(number, place)));
    return number;
  }

  /** Called between two steps of a run: now and then one is killed, and after a while another one started. */
  async turn(): Promise<void> {
    const [first] = this.#alive;
    if (first !== undefined && this.#rng.chance(KILLS / STEPS / this.#places.length)) {
      const victim = this.#rng.pick(this.#alive);
      this.#alive = this.#alive.filter((one) => one !== victim);
      this.kills++;
      await victim.kill();
    } else if (this.#alive.length < this.#many && this.#rng.chance(Math.min(0.3, 3 / this.#places.length)))
      await this.#start();
  }

  /** Waits until all that is there now has been read on a server. */
  async hasRead(number: number): Promise<void> {
    for (let isRead = false; !isRead;) {
      if (this.#alive.length === 0) await this.#start();
      const passes = await Promise.all(this.#alive.map((one) => one.hasRead(number)));
      isRead = passes.includes(true) || this.failure !== null;
    }
  }

  get failure(): string | null {
    return this.#all.find(({ failure }) => failure !== null)?.failure ?? null;
  }

  async close(): Promise<void> {
    const alive = this.#alive;
    this.#alive = [];
    await Promise.all(alive.map((one) => one.kill()));
  }

  async #start(): Promise<void> {
    const one = this.#pool.take();
    this.#alive.push(one);
    this.#all.push(one);
    await Promise.all(this.#places.map((place, number) => one.begin(number, place)));
  }
}
