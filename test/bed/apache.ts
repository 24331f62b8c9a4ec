// The test bed: a private Apache with mod_security2 and CRS, laid out like a cPanel server, on loopback only.
// It is started and stopped by process id; see README.md for what is real here and what is not.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBackend } from './backend.ts';
import type { Backend } from './backend.ts';
import { MODULE_FILES } from './config.ts';
import type { ConfigFacts } from './config.ts';
import { CpanelLogs } from './logs.ts';
import { sendRaw } from './send.ts';
import type { BedRequest, BedResponse } from './send.ts';
import { CRS_RULES, CRS_SETUP, writeHttpdConf, writeServerRoot, zoneFile } from './server-root.ts';
import type { BedVhost } from './sites.ts';
import { HTTPD, setFault, standInCommands } from './stand-ins.ts';
import type { BedCommands, Fault, FaultPoint } from './stand-ins.ts';

/** Starts a program that is told to end when this process dies, however that happens (util-linux). */
const TIED = ['/usr/bin/setpriv', '--pdeathsig', 'TERM', '--'];
/** How long children of the configuration before are waited for. */
const CHILDREN_MS = 1000;
const START_MS = 15_000;
const STOP_MS = 3_000;

export interface BedOptions {
  /** A folder for this bed; the server root is made below it. The caller removes it. */
  readonly dir: string;
  /** `3`: Debian's modsecurity-crs 3.3. `4ish`: the bed's own small set (small4/) with CRS 4's phases and wording. */
  readonly crs: '3' | '4ish';
  /** With `4ish`: 949111 refuses by the score of phase 1 alone. Off by default, as in CRS 4. */
  readonly earlyBlock?: boolean;
  readonly auditLog: 'serial';
  readonly vhosts: readonly BedVhost[];
  readonly mpm: 'event';
  /** Rules of the administrator, as modsec2.user.conf holds them; none by default. */
  readonly userRules?: string;
  /** Zone of the server, `Europe/Bratislava` by default. */
  readonly zone?: string;
  /** Puts unique id and microseconds before every access-log line (for the demo's recorder). */
  readonly trace?: boolean;
  /** Tells the unique id of each request in its answer (`x-bed-id`). */
  readonly answerIds?: boolean;
  /** Apache's LogLevel, `warn` by default. */
  readonly logLevel?: string;
}

export interface Bed {
  /** The server root folder, to be read with `--root`. */
  readonly root: string;
  /** Stands for port 80; `tlsUrl` stands for 443 (plain HTTP too). */
  readonly url: string;
  readonly tlsUrl: string;
  /** Stand-ins for cPanel's programs; they work on this bed alone. */
  readonly commands: BedCommands;
  send(request: BedRequest): Promise<BedResponse>;
  /** Waits until the lines of all requests sent are written, then gives rule paths the form cPanel has. */
  settle(): Promise<void>;
  /** Makes a stand-in fail from now on; null ends that. `configTest` and `graceful` below stay true. */
  setFault(point: FaultPoint, fault: Fault | null): void;
  /** `httpd -t`: whether the configuration on disk would start, and what Apache said. */
  configTest(): { readonly ok: boolean; readonly output: string };
  /** Writes httpd.conf anew, so that userdata folders that got or lost files are included or not. */
  rebuild(): void;
  /** Config test, then a graceful restart; throws and changes nothing when the test fails. */
  graceful(): Promise<void>;
  /** Stops Apache and the backend; safe to call twice. */
  stop(): Promise<void>;
}

/** What is not installed of the things the bed needs; empty when it can run. */
export function bedMissing(): string[] {
  const needs: [string, string][] = [
    ['apache2', HTTPD],
    ['modsecurity-crs', CRS_RULES],
    ['modsecurity-crs setup', CRS_SETUP],
    ...MODULE_FILES.map((file): [string, string] => [file, file]),
  ];
  return needs.filter(([, path]) => !existsSync(path)).map(([name]) => name);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) =>
    server.close(() => {
      done();
    }),
  );
  return port;
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => {
      done(false);
    });
  });
}

/**
 * A folder whose path is as long as `/etc/apache2`: ModSecurity cuts long lines by their length, so the paths it
 * writes must be as long as cPanel's to be cut in the same place. It holds links into the bed's root, and copies of
 * the files that name /etc/apache2 themselves.
 */
function makeAlias(root: string): string {
  const alias = mkdtempSync('/tmp/w');
  chmodSync(alias, 0o755);
  for (const name of ['conf', 'conf.d', 'conf.d/modsec']) mkdirSync(join(alias, name));
  for (const name of ['logs', 'conf.d/userdata', 'conf.d/modsec_vendor_configs'])
    symlinkSync(join(root, 'etc/apache2', name), join(alias, name));
  return alias;
}

/** Owns the processes of one bed. */
class RunningBed implements Bed {
  readonly root: string;
  readonly url: string;
  readonly tlsUrl: string;
  readonly commands: BedCommands;
  readonly #facts: ConfigFacts;
  readonly #backend: Backend;
  readonly #logs: CpanelLogs;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #killAtExit = (): void => {
    this.#signal('SIGKILL');
  };
  #apache: ChildProcess | null = null;

  constructor(facts: ConfigFacts, backend: Backend, zone: string) {
    this.#facts = facts;
    this.#backend = backend;
    this.root = facts.root;
    this.url = `http://127.0.0.1:${facts.port}`;
    this.tlsUrl = `http://127.0.0.1:${facts.tlsPort}`;
    this.commands = standInCommands(facts.root);
    this.#logs = new CpanelLogs(facts);
    this.#environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C', TZ: `:${zoneFile(zone)}` };
  }

  get #args(): string[] {
    return ['-d', this.#facts.alias, '-f', `${this.#facts.alias}/conf/httpd.conf`];
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#apache?.pid;
    if (pid === undefined || this.#apache?.exitCode !== null) return;
    try {
      // Apache leads a process group of its own; TERM goes to the parent alone, KILL to all of it.
      process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
    } catch {
      // It has ended by itself in the meantime.
    }
  }

  async start(): Promise<void> {
    const copied = this.#run([join(this.root, 'run/translate')]);
    if (!copied.ok) throw new Error(`the configuration was not copied: ${copied.output}`);
    const command = [HTTPD, ...this.#args, '-D', 'FOREGROUND'];
    const [program = HTTPD, ...args] = existsSync('/usr/bin/setpriv') ? [...TIED, ...command] : command;
    const child = spawn(program, args, {
      env: this.#environment,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#apache = child;
    process.once('exit', this.#killAtExit);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', () => {
        reject(new Error(`Apache did not start: ${said}${this.#logs.lastErrors()}`));
      });
    });
    failed.catch(() => undefined);
    await Promise.race([this.#ready(), failed]);
  }

  async #ready(): Promise<void> {
    const until = Date.now() + START_MS;
    while (!(await accepts(this.#facts.port)) || !this.#logs.hasStarted()) {
      // It has ended: `start` says why.
      if (this.#apache?.exitCode !== null || this.#apache.signalCode !== null) return;
      if (Date.now() > until) throw new Error(`Apache was not ready within ${START_MS} ms`);
      await sleep(20);
    }
  }

  async send(request: BedRequest): Promise<BedResponse> {
    const response = await sendRaw(request.tls === true ? this.#facts.tlsPort : this.#facts.port, request);
    this.#logs.countRequest();
    return response;
  }

  async settle(): Promise<void> {
    await this.#logs.settle();
  }

  #run([program = '', ...args]: readonly string[]) {
    const env = { ...this.#environment, BED_NO_FAULTS: '1' };
    const run = spawnSync(program, args, { env, encoding: 'latin1', timeout: START_MS });
    return { ok: run.status === 0, output: `${run.stdout}${run.stderr}` };
  }

  setFault(point: FaultPoint, fault: Fault | null): void {
    setFault(this.root, point, fault);
  }

  configTest(): { readonly ok: boolean; readonly output: string } {
    return this.#run(this.commands.httpdTest);
  }

  rebuild(): void {
    writeHttpdConf(this.#facts);
  }

  async graceful(): Promise<void> {
    const test = this.configTest();
    if (!test.ok) throw new Error(`not reloaded, the configuration is broken: ${test.output}`);
    const before = this.#logs.starts();
    const old = this.#children();
    this.#signal('SIGUSR1');
    const until = Date.now() + START_MS;
    while (this.#logs.starts() === before) {
      if (Date.now() > until) throw new Error(`Apache did not reload within ${START_MS} ms`);
      await sleep(20);
    }
    // An idle child may take one more connection under the old configuration; one with a request at work is not waited for long.
    const gone = Date.now() + CHILDREN_MS;
    while (Date.now() < gone && this.#children().some((pid) => old.includes(pid))) await sleep(10);
  }

  /** Process ids of Apache's children; none where the kernel does not tell. */
  #children(): string[] {
    const pid = this.#apache?.pid ?? 0;
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
    } catch {
      return [];
    }
  }

  async stop(): Promise<void> {
    const child = this.#apache;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((done) =>
        child.once('exit', () => {
          done();
        }),
      );
      this.#signal('SIGTERM');
      const timer = setTimeout(() => {
        this.#signal('SIGKILL');
      }, STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    process.off('exit', this.#killAtExit);
    this.#apache = null;
    await this.#backend.close();
    this.#logs.toCpanelPaths();
    rmSync(this.#facts.alias, { recursive: true, force: true });
  }
}

/**
 * Starts a bed below `options.dir`. Everything it starts is stopped by `stop()`, when the start fails, and when
 * this process ends. Throws with Apache's own words when it does not come up.
 */
export async function startBed(options: BedOptions): Promise<Bed> {
  const root = join(resolve(options.dir), 'root');
  mkdirSync(root, { recursive: true });
  chmodSync(resolve(options.dir), 0o755);
  const backend = await startBackend();
  const facts: ConfigFacts = {
    crs: options.crs,
    earlyBlock: options.earlyBlock ?? false,
    userRules: options.userRules ?? '',
    root,
    alias: makeAlias(root),
    vhosts: options.vhosts,
    port: await freePort(),
    tlsPort: await freePort(),
    backendPort: backend.port,
    trace: options.trace ?? false,
    answerIds: options.answerIds ?? false,
    logLevel: options.logLevel ?? 'warn',
    runAs: process.getuid?.() === 0 ? 'www-data' : null,
  };
  const zone = options.zone ?? 'Europe/Bratislava';
  const bed = new RunningBed(facts, backend, zone);
  try {
    writeServerRoot(facts, zone);
    await bed.start();
  } catch (error) {
    await bed.stop();
    throw error;
  }
  return bed;
}

/** Reads a file of the bed's server root as bytes in latin1. */
export function readBedFile(bed: Bed, path: string): string {
  return readFileSync(join(bed.root, path), 'latin1');
}
