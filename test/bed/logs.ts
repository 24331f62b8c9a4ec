// Watches what the bed's Apache writes, and gives the rule files in its logs the paths they have on a cPanel server.
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigFacts } from './config.ts';

const CPANEL = '/etc/apache2';
const SETTLE_MS = 5_000;

function countLines(file: string): number {
  let count = 0;
  for (const byte of readFileSync(file)) if (byte === 0x0a) count += 1;
  return count;
}

/** The logs of one bed; knows how many requests were sent and how far the paths are rewritten. */
export class CpanelLogs {
  readonly #folder: string;
  readonly #alias: string;
  readonly #done = new Map<string, number>();
  #requests = 0;

  constructor(facts: ConfigFacts) {
    this.#folder = join(facts.root, 'var/log/apache2');
    this.#alias = facts.alias;
    if (this.#alias.length !== CPANEL.length) throw new Error(`${this.#alias} is not as long as ${CPANEL}`);
  }

  countRequest(): void {
    this.#requests += 1;
  }

  #errorLog(): string {
    const file = join(this.#folder, 'error_log');
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  }

  hasStarted(): boolean {
    return this.starts() > 0;
  }

  /** How often Apache has said that it serves (a start or a graceful restart). */
  starts(): number {
    return this.#errorLog().split('resuming normal operations').length - 1;
  }

  lastErrors(): string {
    return this.#errorLog().split('\n').slice(-6).join('\n');
  }

  #accessLines(): number {
    const domlogs = join(this.#folder, 'domlogs');
    const files = readdirSync(domlogs).map((name) => join(domlogs, name));
    return [join(this.#folder, 'access_log'), ...files].reduce((sum, file) => sum + countLines(file), 0);
  }

  /** An access line is the last thing that Apache writes for a request; throws when one does not come. */
  async settle(): Promise<void> {
    const until = Date.now() + SETTLE_MS;
    while (this.#accessLines() < this.#requests) {
      if (Date.now() > until)
        throw new Error(`${this.#accessLines()} access lines for ${this.#requests} requests`);
      await sleep(10);
    }
    this.toCpanelPaths();
  }

  /**
   * Replaces the bed's short folder name by `/etc/apache2` in error_log and audit log, in place: both are equally
   * long, so offsets, sizes and Apache's own appending are left as they are.
   */
  toCpanelPaths(): void {
    for (const name of ['error_log', 'modsec_audit.log']) {
      const file = join(this.#folder, name);
      if (existsSync(file)) this.#rewrite(file);
    }
  }

  #rewrite(file: string): void {
    // A name that was only half written when we last looked starts before that place.
    const from = Math.max(0, (this.#done.get(file) ?? 0) - this.#alias.length);
    const size = statSync(file).size;
    const fd = openSync(file, 'r+');
    try {
      const bytes = Buffer.alloc(size - from);
      readSync(fd, bytes, 0, bytes.length, from);
      for (let at = bytes.indexOf(this.#alias); at >= 0; at = bytes.indexOf(this.#alias, at + 1)) {
        writeSync(fd, CPANEL, from + at);
      }
    } finally {
      closeSync(fd);
    }
    this.#done.set(file, size);
  }
}
