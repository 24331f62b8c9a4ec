// Ingesters that wait for work: starting one takes longer than a whole run, so some are always ready.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const CHILD = join(import.meta.dirname, 'ingest-child.ts');

/** An ingester that reads again and again until it is killed. */
export class Ingester {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  readonly #ended: Promise<unknown>;
  #waiting: { passes: number; resolve: () => void }[] = [];
  #isKilled = false;
  /** Why it ended by itself; null while it should. */
  failure: string | null = null;

  constructor() {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    child.stdin.on('error', () => undefined);
    this.#ready = once(child.stdout, 'data').then(() => {
      child.stdout.on('data', (text: Buffer) => {
        for (const byte of text) if (byte === 0x0a) this.#passed();
      });
    });
    this.#ready.catch(() => undefined);
    this.#ended = once(child, 'close').then(() => {
      if (!this.#isKilled || errors !== '')
        this.failure = errors === '' ? 'the ingester ended by itself' : errors;
      this.#release();
    });
  }

  /** Begins to read a server. */
  async begin(root: string, state: string): Promise<void> {
    await this.#ready;
    this.#child.stdin?.write(`${JSON.stringify({ root, state })}\n`);
  }

  /** Waits until all that is there now has been read: for a whole pass that began after this. */
  hasRead(): Promise<void> {
    if (this.#isKilled || this.failure !== null) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ passes: 2, resolve }));
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #passed(): void {
    for (const one of this.#waiting) if (--one.passes === 0) one.resolve();
    this.#waiting = this.#waiting.filter(({ passes }) => passes > 0);
  }

  #release(): void {
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting = [];
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
