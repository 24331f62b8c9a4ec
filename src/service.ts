// The engine with the pages on it, whatever they are listened for on.
import { randomBytes } from 'node:crypto';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { maskSecrets } from './analyse/secrets.ts';
import type { Access } from './config.ts';
import { Engine, type WorkerOptions } from './engine.ts';
import { readPageAsset } from './host/own-files.ts';
import { createApp } from './web/app.ts';
import type { SessionMode } from './web/web-context.ts';
import { webEngine } from './web-engine.ts';

/** Costly pages that one user may ask for in a minute, unless the configuration says so. */
const COSTLY_PER_MINUTE = 30;

// An error's message may quote a line of a log, and where it came from is an address.
async function openLog(): Promise<Logger> {
  const { pino } = await import('pino');
  return pino({ level: 'warn', hooks: { streamWrite: maskSecrets } }, pino.destination(2));
}

/** An engine at work, and apps on it. */
export class Service {
  readonly #engine: Engine;
  #log: Promise<Logger> | null = null;
  readonly #version: string;
  readonly #access: Access;
  #end: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(worker: WorkerOptions, version: string, access: Access = {}) {
    this.#version = version;
    this.#access = access;
    this.#engine = new Engine(worker, (error) => {
      this.#end?.reject(error);
    });
  }

  /** The pages for one way to sign in. */
  app(session: SessionMode): Express {
    return createApp({
      engine: webEngine(this.#engine),
      record: (row) => {
        this.#engine.read.ask('record', row).catch((error: unknown) => {
          this.#complain({ err: error }, 'an act was not recorded');
        });
      },
      log: ({ id, where, error }) => {
        this.#complain({ id, where, err: error }, 'a page failed');
      },
      session,
      readOnly: this.#access.readOnly ?? [],
      costlyPerMinute: this.#access.costlyPerMinute ?? COSTLY_PER_MINUTE,
      version: this.#version,
      asset: readPageAsset,
      secret: randomBytes(32),
      clock: () => Date.now(),
    });
  }

  /** Writes to the service's own log, which is opened with its first line. */
  #complain(what: Readonly<Record<string, unknown>>, message: string): void {
    this.#log ??= openLog();
    void this.#log.then((log) => {
      log.error(what, message);
    });
  }

  /** Resolves once the database and the root have shown that they can be used. */
  async ready(): Promise<void> {
    await this.#engine.read.ask('catchUp', 0);
  }

  /** Resolves with SIGINT or SIGTERM, rejects when the engine cannot go on. */
  ended(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#end = { resolve, reject };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
    });
  }

  /** Ends the threads; a change that is at work is brought to its end first. */
  async stop(): Promise<void> {
    await this.#engine.stop().catch(() => undefined);
  }
}
