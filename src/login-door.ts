// Sign-in on a server without WHM: a loopback port that is open only while somebody has a link or a session for it.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { closeGently, listenOnPort, pageServer } from './listen.ts';
import type { Service } from './service.ts';
import { loginLink } from './web/login.ts';
import { LoginSessions } from './web/sessions.ts';

/** The path on the socket that makes a link. The WHM bridge asks for `/index.cgi` alone, so no browser reaches it. */
export const LOGIN_PATH = '/login-link';
const LINK_MS = 10 * 60_000;
const IDLE_MS = 15 * 60_000;
const LOOK_MS = 15_000;
const CLOSE_MS = 2000;
const NAME = /^[\w.-]{1,64}$/;

/** What `whyblocked login` is told. */
export interface LoginAnswer {
  readonly link: string;
  readonly port: number;
  readonly host: string;
  readonly minutes: number;
}

/** The door: opened by the first link, closed when nobody has used it for 15 minutes. */
export class LoginDoor {
  readonly #service: Pick<Service, 'app'>;
  readonly #port: number;
  #open: { server: Server; sessions: LoginSessions; port: number; timer: NodeJS.Timeout } | null = null;
  #opening: Promise<void> | null = null;

  /** `port` 0 takes a free one each time that the door opens. */
  constructor(service: Pick<Service, 'app'>, port: number) {
    this.#service = service;
    this.#port = port;
  }

  /** Makes a link that signs in once, within 10 minutes. */
  async link(who: string): Promise<LoginAnswer> {
    this.#opening ??= this.#openUp().finally(() => {
      this.#opening = null;
    });
    await this.#opening;
    if (this.#open === null) throw new Error('the loopback port was closed again');
    const { port, sessions } = this.#open;
    const token = randomBytes(32).toString('base64url');
    sessions.offer(token, who, Date.now() + LINK_MS);
    const link = `http://127.0.0.1:${port}/${loginLink(token)}`;
    return { link, port, host: hostname(), minutes: LINK_MS / 60_000 };
  }

  /** Answers `POST /login-link` on the socket with JSON; every other request goes to `pages`. */
  beside(pages: RequestListener): RequestListener {
    return (request, response) => {
      if (request.url !== LOGIN_PATH) pages(request, response);
      else void this.#answer(request, response);
    };
  }

  /** Closes the port and ends its sessions. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    clearInterval(open.timer);
    await closeGently(open.server, CLOSE_MS);
  }

  async #openUp(): Promise<void> {
    if (this.#open !== null) return;
    const sessions = new LoginSessions(() => Date.now(), IDLE_MS);
    const server = pageServer();
    const renew = 'Ask for a new one in the terminal of the server: whyblocked login';
    server.on('request', this.#service.app({ mode: 'login', sessions, renew }));
    const port = await listenOnPort(server, this.#port);
    const timer = setInterval(() => {
      if (!sessions.isWanted) void this.close();
    }, LOOK_MS);
    timer.unref();
    this.#open = { server, sessions, port, timer };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = request.headers['x-wb-user'];
    const send = (status: number, body: LoginAnswer | { readonly problem: string }): void => {
      response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'POST') {
      send(405, { problem: 'It answers to POST.' });
      return;
    }
    try {
      send(200, await this.link(typeof name === 'string' && NAME.test(name) ? name : 'root'));
    } catch (error) {
      send(503, { problem: error instanceof Error ? error.message : String(error) });
    }
  }
}
