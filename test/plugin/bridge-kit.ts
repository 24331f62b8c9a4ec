// What the suites of the bridge share: a stand-in service on a Unix socket, and the bridge run as a bare process.
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PLANTED, TOKEN, bridgeText, writeStandIns } from './cpsrvd.ts';

/** One request as the service got it, as text in latin1. */
export interface Heard {
  readonly first: string;
  /** Header lines as they came, `Name: value`. */
  readonly lines: readonly string[];
  readonly body: string;
  readonly raw: string;
}

/** Splits a request as a server would; throws when it is none. */
function heard(raw: string): Heard {
  const end = raw.indexOf('\r\n\r\n');
  const [first = '', ...lines] = raw.slice(0, end).split('\r\n');
  return { first, lines, body: raw.slice(end + 4), raw };
}

type Answer = string | Buffer | ((socket: Socket, request: Heard) => void);

/** A service that answers each request, whole, as it is told, and keeps what it heard. */
export class StandInService {
  readonly socket: string;
  readonly requests: Heard[] = [];
  answer: Answer = ok('hello');
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.socket = join(dir, 'whyblocked.sock');
    this.#server = createServer((socket) => {
      this.#take(socket);
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen({ path: this.socket, backlog: 511 }, done));
    chmodSync(this.socket, 0o600);
    return this;
  }

  #take(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#open.delete(socket));
    let raw = '';
    const read = (chunk: Buffer): void => {
      raw += chunk.toString('latin1');
      const end = raw.indexOf('\r\n\r\n');
      const length = Number(/\r\nContent-Length: (\d+)\r\n/.exec(raw)?.[1] ?? 0);
      if (end < 0 || raw.length < end + 4 + length) return;
      socket.off('data', read);
      const request = heard(raw);
      this.requests.push(request);
      if (typeof this.answer === 'function') this.answer(socket, request);
      else socket.end(this.answer);
    };
    socket.on('data', read);
  }

  /** Stops listening; safe to call twice. */
  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }
}

/** An answer with these headers and this body, with its length. */
export function ok(body: string | Buffer, ...headers: readonly string[]): Buffer {
  const bytes = Buffer.from(body);
  const type = headers.some((line) => /^content-type:/i.test(line))
    ? []
    : ['Content-Type: text/html; charset=utf-8'];
  const head = ['HTTP/1.1 200 OK', ...type, ...headers, `Content-Length: ${bytes.length}`, '', ''].join(
    '\r\n',
  );
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

/** A folder with a copy of the bridge and stand-ins for cPanel, for running it without a server. */
export class BareBridge {
  readonly dir = mkdtempSync(join(tmpdir(), 'whyblocked-bridge-'));
  readonly lib = join(this.dir, 'cpanel');
  readonly socket = join(this.dir, 'run/whyblocked.sock');
  readonly file = join(this.dir, 'index.cgi');
  readonly #services: StandInService[] = [];
  readonly #children = new Set<ChildProcessWithoutNullStreams>();

  constructor(
    options: { readonly chrome?: boolean; readonly limits?: Readonly<Record<string, number>> } = {},
  ) {
    writeStandIns(this.lib, options.chrome === true);
    this.write(bridgeText({ lib: this.lib, socket: this.socket, limits: options.limits }));
  }

  write(text: string): void {
    writeFileSync(this.file, text, { mode: 0o755 });
  }

  /** Puts another text in place of a stand-in module. */
  module(name: string, text: string): void {
    writeFileSync(join(this.lib, name), text);
  }

  async service(): Promise<StandInService> {
    const service = await new StandInService(join(this.dir, 'run')).listen();
    this.#services.push(service);
    return service;
  }

  start(env: Readonly<Record<string, string>>, ...flags: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn('/usr/bin/perl', [...flags, this.file], { env: { ...environment(), ...env } });
    child.stdin.on('error', () => undefined);
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }

  /** Ends what it started, its services included, and removes the folder. */
  async remove(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#services.map(async (service) => service.close()));
    rmSync(this.dir, { recursive: true, force: true });
  }
}

type BridgeOptions = ConstructorParameters<typeof BareBridge>[0];

/** Gives a bridge of its own to `use`, and removes it whatever happens. */
export async function withBridge<T>(
  options: BridgeOptions,
  use: (bridge: BareBridge) => Promise<T>,
): Promise<T> {
  const bridge = new BareBridge(options);
  try {
    return await use(bridge);
  } finally {
    await bridge.remove();
  }
}

/** Environment of a GET as cpsrvd gives it, traps included. */
function environment(): Record<string, string> {
  return {
    PATH: '/usr/bin:/bin',
    REQUEST_METHOD: 'GET',
    REMOTE_USER: 'root',
    REMOTE_ADDR: '198.51.100.7',
    HTTP_HOST: 'whm.example.com:2087',
    cp_security_token: TOKEN,
    REMOTE_PASSWORD: PLANTED.password,
    HTTP_COOKIE: PLANTED.cookie,
    HTTP_AUTHORIZATION: PLANTED.authorization,
  };
}

export interface Said {
  readonly status: string;
  /** Header lines after `Status:`, as they came. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly text: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly ms: number;
}

/** Value of a header, by lower-case name. */
export function header(said: Said, name: string): string | undefined {
  return said.headers.find((line) => line.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2);
}

/**
 * Reads a CGI answer. Throws unless it is whole: a Status line, then nothing but header lines, a Content-Type among
 * them, then an empty line.
 */
function said(out: Buffer, rest: Pick<Said, 'stderr' | 'code' | 'ms'>): Said {
  const end = out.indexOf('\r\n\r\n');
  const [first = '', ...headers] = out.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
  const status = /^Status: (\d{3} [A-Za-z' -]+)$/.exec(first)?.[1];
  if (status === undefined)
    throw new Error(`no CGI answer: ${JSON.stringify(out.toString('latin1').slice(0, 200))} ${rest.stderr}`);
  for (const line of headers)
    if (!/^[A-Za-z0-9-]+: [\t -~\x80-\xff]*$/.test(line))
      throw new Error(`no header: ${JSON.stringify(line)}`);
  if (!headers.some((line) => line.startsWith('Content-Type: '))) throw new Error('no Content-Type');
  const body = out.subarray(end + 4);
  return { status, headers, body, text: body.toString('utf8'), ...rest };
}

/** Runs the bridge once. The body is written and then closed; with `hold` its end never comes, with `trickle` zeros come instead, one each so many ms. */
export async function run(
  bridge: BareBridge,
  env: Readonly<Record<string, string>> = {},
  input: {
    readonly body?: string | Buffer;
    readonly hold?: boolean;
    readonly trickle?: number;
    readonly flags?: readonly string[];
  } = {},
): Promise<Said> {
  const began = performance.now();
  const child = bridge.start(env, ...(input.flags ?? []));
  const out: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  if (input.body !== undefined) child.stdin.write(input.body);
  if (input.hold !== true && input.trickle === undefined) child.stdin.end();
  const timer = setInterval(() => child.stdin.write('0'), input.trickle ?? 1_000_000);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  clearInterval(timer);
  return said(Buffer.concat(out), { stderr, code, ms: performance.now() - began });
}
