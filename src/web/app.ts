// The web surface as an express app: who may ask, which page answers, and the one place for errors.
import { randomBytes } from 'node:crypto';
import express from 'express';
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express';
import type { Identity } from './access.ts';
import { checkHost, identify } from './access.ts';
import { type Assets, prepareAssets } from './assets.ts';
import { checkPost, csrfToken } from './csrf.ts';
import { noStore, securityHeaders } from './headers.ts';
import type { LoginPage } from './login.ts';
import { bridgeProblem, LoginDesk, signedOutPage } from './login.ts';
import { Pace, TooOften } from './pace.ts';
import { Refusals } from './refusals.ts';
import { visitEngine } from './visit-engine.ts';
import { markFragment, wantsFragment } from './fragment.ts';
import type { FileAnswer, PageTools, Route } from './page.ts';
import { routeOf } from './pages.ts';
import { Pastes } from './pastes.ts';
import { problemOf, WebProblem } from './problems.ts';
import { checkEntry, formOf, methodOf, queryOf, redirect } from './requests.ts';
import type { Shell, ShellOptions } from './shell.ts';
import { makeShell, READ_ONLY } from './shell.ts';
import { Turns } from './turns.ts';
import { escapeHtml } from './view-text.ts';
import { useViews } from './views.ts';
import type { WebContext } from './web-context.ts';
import { whmLookOf } from './whm-request.ts';

/** The largest body of a form. The WHM bridge has the same cap. */
const BODY_LIMIT = 1024 * 1024;
const SECRET_MIN = 32;

/** Views that are parts of a page. */
const PARTS: ReadonlySet<string> = new Set(['search-results', 'act-state']);

/** Aborts when the browser goes away before its answer is written. */
function goneSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Sends a file that the browser saves and never shows. Its name has no character that a header could trip over. */
function sendFile(response: Response, file: FileAnswer): void {
  response.set('Content-Type', file.type);
  response.set('Content-Disposition', `attachment; filename="${file.name.replaceAll(/[^\w.-]/g, '_')}"`);
  if (file.note !== null) response.set('X-Whyblocked-Note', file.note.replaceAll(/[^\x20-\x7e]/g, '?'));
  response.send(file.body);
}

/** One web surface: its sessions, pastes and handlers, in the order they run. */
class Surface {
  readonly #context: WebContext;
  readonly #tools: PageTools;
  readonly #assets: Assets;
  readonly #desk: LoginDesk | null = null;
  readonly #refusals: Refusals;
  readonly #pace: Pace | null;
  /** The pages of searches are the longest, and many may be asked for at once. */
  readonly #turns = new Turns();
  readonly #readForm = express.urlencoded({ extended: false, limit: BODY_LIMIT, parameterLimit: 20 });

  constructor(context: WebContext) {
    this.#context = context;
    this.#assets = prepareAssets(context.asset);
    this.#tools = { engine: context.engine, pastes: new Pastes(context.clock), clock: context.clock };
    this.#refusals = new Refusals(context);
    const { costlyPerMinute, session, clock } = context;
    this.#pace = costlyPerMinute === undefined ? null : new Pace(clock, costlyPerMinute);
    if (session.mode === 'login') this.#desk = new LoginDesk(context, session, this.#refusals);
  }

  handlers(): readonly RequestHandler[] {
    return [securityHeaders(), noStore, this.#host, this.#assets.handler, this.#signIn, this.#page];
  }

  #identity(request: Request): Identity | null {
    return identify(request, this.#context.session, this.#context.readOnly);
  }

  #shell(identity: Identity | null, options: ShellOptions): Shell {
    const { secret, version } = this.#context;
    const canSignOut = this.#desk !== null;
    const user = identity === null ? null : { identity, csrf: csrfToken(secret, identity), canSignOut };
    return makeShell(this.#assets, version, user, options);
  }

  #showLogin(response: Response, status: number, page: LoginPage): void {
    const about = { title: page.title, section: null, find: false, server: null, isFragment: false };
    const shell = this.#shell(null, about);
    response.status(status).render('login', { shell, page });
  }

  /** Reads the form of a POST and checks that it is our own. */
  async #form(request: Request, response: Response, identity: Identity): Promise<URLSearchParams> {
    await new Promise<void>((resolve, reject) => {
      this.#readForm(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new WebProblem(400, ''));
      });
    });
    const form = formOf(request);
    const expected = csrfToken(this.#context.secret, identity);
    try {
      checkPost(request, form.get('csrf') ?? '', expected, this.#context.session);
    } catch (error) {
      this.#refuse(request, identity, 'the form is not one of our own pages, or old');
      throw error;
    }
    return form;
  }

  #refuse(request: Request, { who, address }: Identity, detail: string): void {
    const act = `POST ${queryOf(request).get('p') ?? '/'}`.slice(0, 100);
    this.#refusals.record({ who, address, act, detail });
  }

  /** Throws a 403 problem when somebody who may only look sends what would change something. */
  #checkMayChange(request: Request, identity: Identity, route: Route): void {
    if (!identity.isReadOnly || route.isHarmless === true) return;
    this.#refuse(request, identity, 'this user may only look (access.readOnly)');
    throw new WebProblem(403, `You may look at everything, but not change anything: ${READ_ONLY}`);
  }

  /** The engine as this visitor may use it. */
  #toolsOf({ who, address }: Identity): PageTools {
    const spend = (): void => this.#pace?.spend(who);
    const { record } = this.#context;
    return { ...this.#tools, engine: visitEngine(this.#tools.engine, { who, address, spend, record }) };
  }

  readonly #host: RequestHandler = (request, _response, next) => {
    if (this.#context.session.mode === 'login') checkHost(request);
    next();
  };

  /** Sign-in is the one open page. Its token works by GET only, so that a HEAD does not use it up. */
  readonly #signIn: RequestHandler = (request, response, next) => {
    checkEntry(request);
    const query = queryOf(request);
    if (this.#desk === null || query.get('p') !== '/login') {
      next();
      return;
    }
    if (request.method !== 'GET') throw new WebProblem(405, 'It answers to GET.', 'GET');
    const answer = this.#desk.signIn(request, response, query.get('token'));
    if (typeof answer === 'string') redirect(response, answer);
    else this.#showLogin(response, answer.status, answer.page);
  };

  readonly #page: RequestHandler = async (request, response) => {
    const { session } = this.#context;
    const identity = this.#identity(request);
    if (identity === null) {
      if (session.mode === 'bridge') throw bridgeProblem(request, this.#refusals);
      this.#showLogin(response, 401, signedOutPage(session));
      return;
    }
    const name = queryOf(request).get('p') ?? '/';
    if (name === '/logout' && this.#desk !== null) {
      methodOf(request, ['POST']);
      await this.#form(request, response, identity);
      redirect(response, this.#desk.signOut(request, response, identity));
      return;
    }
    await this.#answer(name, request, response, identity);
  };

  async #answer(name: string, request: Request, response: Response, identity: Identity): Promise<void> {
    const route = routeOf(name);
    const method = methodOf(request, route.methods);
    const fields = method === 'GET' ? queryOf(request) : await this.#form(request, response, identity);
    if (method === 'POST') this.#checkMayChange(request, identity, route);
    const { who, address } = identity;
    const whm = whmLookOf(request, this.#context.session);
    const visit = { who, address, gone: goneSignal(response), whm };
    const answer = await (method === 'GET' ? route.get : route.post)(this.#toolsOf(identity), fields, visit);
    if (answer.kind === 'redirect') {
      redirect(response, answer.to);
      return;
    }
    if (answer.kind === 'file') {
      sendFile(response, answer);
      return;
    }
    if (answer.section === 'search') await this.#turns.next();
    // A part of a page has no head of its own; the script that asked for it takes it as it is.
    const isFragment = !PARTS.has(answer.view) && wantsFragment(request, this.#context.session);
    if (isFragment) markFragment(response, answer.page.title);
    const shell = this.#shell(identity, { ...answer, title: answer.page.title, isFragment });
    response.status(answer.status).render(answer.view, { shell, page: answer.page });
  }

  readonly failed: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(error, () => randomBytes(6).toString('hex'));
    if (problem.id !== null) {
      const where = `${request.method} ${queryOf(request).get('p') ?? '/'}`.slice(0, 200);
      this.#context.log({ id: problem.id, where, error });
    }
    if (problem.allow !== null) response.set('Allow', problem.allow);
    const identity = problem.status === 403 ? null : this.#identity(request);
    if (error instanceof TooOften) response.set('Retry-After', String(error.retryAfterSeconds));
    const isFragment = wantsFragment(request, this.#context.session);
    if (isFragment) markFragment(response, problem.title);
    const shell = this.#shell(identity, {
      title: problem.title,
      section: null,
      find: true,
      server: null,
      isFragment,
    });
    response.status(problem.status).set('Cache-Control', 'no-store');
    response.render('error', { shell, page: problem }, (broken: unknown, html: string) => {
      if (broken instanceof Error) response.type('text').send(`${problem.title} ${problem.id ?? ''}`);
      else response.send(html);
    });
  };
}

/**
 * Makes the express app of the pages. It works under any prefix: all links are relative and the page is named
 * by `?p=`. Throws a RangeError when the secret is too short.
 */
export function createApp(context: WebContext): Express {
  if (context.secret.length < SECRET_MIN)
    throw new RangeError(`the page's secret needs at least ${SECRET_MIN} bytes`);
  const surface = new Surface(context);
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  useViews(app, escapeHtml);
  app.use(...surface.handlers());
  app.use(surface.failed);
  return app;
}
