// `whyblocked serve` and `whyblocked demo`: the pages on 127.0.0.1, with the engine behind them.
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Output } from './cli/terminal.ts';
import { parseConfig } from './config.ts';
import { readConfigText } from './context.ts';
import { Engine, type WorkerOptions } from './engine.ts';
import { unpackDemo } from './host/demo-root.ts';
import { readPageAsset, removeFolder } from './host/own-files.ts';
import { createApp } from './web/app.ts';
import { loginLink } from './web/login.ts';

/** Bytes of a request before its body: a long pattern travels in the address, three for each of its characters. */
const LONGEST_HEAD = 512 * 1024;

interface Serving {
  readonly port: number;
  readonly version: string;
  readonly output: Output;
}

export interface ServeOptions extends Serving {
  readonly root: string;
  readonly config?: string;
  readonly state?: string;
  readonly now?: string;
}

/** Serves a server's pages until SIGINT or SIGTERM. Throws when the port is taken. */
export async function serve(options: ServeOptions): Promise<void> {
  const { root, config, state, now, version } = options;
  const set = config === undefined ? {} : parseConfig(readConfigText(config), config);
  const running = await start(options, { root, state, now, version, env: { ...process.env }, ...set });
  options.output.write(
    `Whyblocked reads ${root === '/' ? 'this server' : root}. Open this link once, it signs you in:\n\n  ${running.link}\n\nStop with Ctrl-C.\n`,
  );
  await running.ended;
}

/** Unpacks the demo server with its times moved to the present, and serves it until SIGINT or SIGTERM. */
export async function serveDemo(options: Serving & { readonly state?: string }): Promise<void> {
  const folder = options.state ?? join(tmpdir(), `whyblocked-demo-${process.pid}`);
  const demo = unpackDemo(folder, Date.now());
  const state = join(folder, 'state');
  removeFolder(state);
  const running = await start(options, {
    root: demo.root,
    state,
    version: options.version,
    env: { ...process.env },
  });
  const [mail] = demo.mails;
  options.output.write(
    `The demo server: real logs of Apache, ModSecurity and CRS, moved to the present.\n\nOpen this link once, it signs you in:\n\n  ${running.link}\n\n` +
      `Paste the mail that lfd sent:      ${mail?.path ?? ''}\n` +
      `The same in the terminal:          plugin/whyblocked explain - --root ${demo.root} < ${mail?.path ?? ''}\n` +
      'Your own server, as root there:    plugin/whyblocked serve\n' +
      'A copy of a server’s files:        plugin/whyblocked serve --root FOLDER\n\nStop with Ctrl-C.\n',
  );
  await running.ended;
  if (options.state === undefined) removeFolder(folder);
}

/** Answers a request whose head could not be read: Node's own answer to a too long one has no words. */
function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, sentence] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The address is too long: shorten the pattern of the search.']
      : ['400 Bad Request', 'This request cannot be read.'];
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${sentence.length}\r\n\r\n${sentence}`,
  );
}

async function start(
  serving: Serving,
  worker: WorkerOptions,
): Promise<{ link: string; ended: Promise<void> }> {
  const log = pino({ level: 'warn' }, pino.destination(2));
  const token = randomBytes(32).toString('base64url');
  let fail: (error: Error) => void = () => undefined;
  const engine = new Engine(worker, (error) => {
    fail(error);
  });
  const app = createApp({
    engine: {
      explain: (text, from) => engine.read.ask('explain', text, from ?? null),
      inbox: (filter) => engine.read.ask('inbox', filter),
      activity: () => engine.read.ask('activity'),
      exclusions: {
        domains: () => engine.exclusions.ask('domains'),
        domain: (vhost) => engine.exclusions.ask('domain', vhost),
        rules: (filter) => engine.exclusions.ask('rules', filter),
        rule: (id) => engine.exclusions.ask('rule', id),
        propose: (fields) => engine.exclusions.ask('propose', fields),
        exclude: (request) => engine.exclusions.ask('exclude', request),
        revert: (...args) => engine.exclusions.ask('revert', ...args),
        edit: (...args) => engine.exclusions.ask('edit', ...args),
        adopt: (...args) => engine.exclusions.ask('adopt', ...args),
        settle: (...args) => engine.exclusions.ask('settle', ...args),
        act: (id, waitMs) => engine.exclusions.ask('act', id, waitMs),
        exclusions: () => engine.exclusions.ask('exclusions'),
        change: (id) => engine.exclusions.ask('change', id),
        changes: () => engine.exclusions.ask('changes'),
      },
      search: {
        start: (query, waitMs, most) => engine.search.ask('start', query, waitMs, most ?? null),
        look: (id, waitMs, most) => engine.search.ask('look', id, waitMs, most ?? null),
        stop: (id) => engine.search.ask('cancel', id),
        around: (file, offset, lines) => engine.search.ask('around', file, offset, lines),
        logs: () => engine.search.ask('logs'),
        saved: () => engine.read.ask('saved'),
        save: async (name, query, who) => {
          await engine.read.ask('save', name, query, who);
        },
        forget: async (id, who) => {
          await engine.read.ask('forget', id, who);
        },
      },
    },
    record: (row) => {
      engine.read.ask('record', row).catch((error: unknown) => {
        log.error({ err: error }, 'an act was not recorded');
      });
    },
    log: ({ id, where, error }) => {
      log.error({ id, where, err: error }, 'a page failed');
    },
    session: { mode: 'login', token },
    version: serving.version,
    asset: readPageAsset,
    secret: randomBytes(32),
    clock: () => Date.now(),
  });
  const server = createServer({ maxHeaderSize: LONGEST_HEAD }, app);
  server.on('clientError', refuseUnread);
  try {
    await listen(server, serving.port);
    // The first question also shows whether the database and the root can be used at all.
    await engine.read.ask('activity');
  } catch (error) {
    await engine.stop().catch(() => undefined);
    server.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const ended = new Promise<void>((resolve, reject) => {
    fail = reject;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        resolve();
      });
  }).finally(async () => {
    server.close();
    server.closeAllConnections();
    await engine.stop().catch(() => undefined);
  });
  return { link: `http://127.0.0.1:${port}/${loginLink(token)}`, ended };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is taken. Name another one with --port, or 0 for any free one.`)
          : error,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
