// `whyblocked serve` and `whyblocked demo`: the pages on 127.0.0.1 or on a Unix socket, with the engine behind them.
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Output } from './cli/terminal.ts';
import type { Access } from './config.ts';
import type { WorkerOptions } from './engine.ts';
import { removeFolder } from './host/own-files.ts';
import { closeGently, listenOnPort, listenOnSocket, pageServer } from './listen.ts';
import { LoginDoor } from './login-door.ts';
import { Service } from './service.ts';
import { loginLink } from './web/login.ts';
import { LoginSessions } from './web/sessions.ts';

/** How long open answers may take when the service is told to stop. */
const STOP_MS = 4000;

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
  /** The Unix socket of the WHM bridge; then no port is listened on. */
  readonly socket?: string;
  /** With a socket: the loopback port for the links of `whyblocked login`, 0 for any free one; absent: none are made. */
  readonly login?: number;
}

/** Serves a server's pages until SIGINT or SIGTERM. Throws when the port is taken or the socket cannot be used. */
export async function serve(options: ServeOptions): Promise<void> {
  const { root, config, state, now, version } = options;
  // The library that checks it is large: without a configuration it is not loaded.
  const { access, ...set } = config === undefined ? {} : (await import('./config.ts')).configOf(config);
  const worker = { root, state, now, version, env: { ...process.env }, ...set };
  const place = root === '/' ? 'this server' : root;
  if (options.socket !== undefined) {
    await serveSocket({ ...options, socket: options.socket }, worker, access);
    return;
  }
  const running = await start(options, worker, access);
  options.output.write(
    `Whyblocked reads ${place}. Open this link once, it signs you in:\n\n  ${running.link}\n\nStop with Ctrl-C.\n`,
  );
  await running.ended;
}

/** Unpacks the demo server with its times moved to the present, and serves it until SIGINT or SIGTERM. */
export async function serveDemo(options: Serving & { readonly state?: string }): Promise<void> {
  const folder = options.state ?? join(tmpdir(), `whyblocked-demo-${process.pid}`);
  const { unpackDemo } = await import('./host/demo-root.ts');
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

async function start(
  serving: Serving,
  worker: WorkerOptions,
  access?: Access,
): Promise<{ link: string; ended: Promise<void> }> {
  const token = randomBytes(32).toString('base64url');
  const sessions = new LoginSessions(() => Date.now());
  sessions.offer(token, 'root');
  const service = new Service(worker, serving.version, access);
  const server = pageServer();
  server.on('request', service.app({ mode: 'login', sessions }));
  try {
    const port = await listenOnPort(server, serving.port);
    const ended = service.ended().finally(async () => {
      server.close();
      server.closeAllConnections();
      await service.stop();
    });
    // It is waited for later; until then a failure must not end the process.
    ended.catch(() => undefined);
    await service.ready();
    return { link: `http://127.0.0.1:${port}/${loginLink(token)}`, ended };
  } catch (error) {
    server.close();
    await service.stop();
    throw error;
  }
}

/** The pages for the WHM bridge, on a socket that root alone can reach; with `login` also links to a loopback port. */
async function serveSocket(
  { socket, login, root, version, output }: ServeOptions & { readonly socket: string },
  worker: WorkerOptions,
  access?: Access,
): Promise<void> {
  const server = pageServer();
  // First of all: a second service must not open the database of the first one.
  await listenOnSocket(server, socket);
  const service = new Service(worker, version, access);
  const ended = service.ended();
  ended.catch(() => undefined);
  const door = login === undefined ? null : new LoginDoor(service, login);
  const pages = service.app({ mode: 'bridge' });
  server.on('request', door === null ? pages : door.beside(pages));
  try {
    await service.ready();
    output.write(`Whyblocked reads ${root === '/' ? 'this server' : root} and answers on ${socket}.\n`);
    await ended;
  } finally {
    await Promise.all([closeGently(server, STOP_MS), door?.close()]);
    await service.stop();
  }
}
