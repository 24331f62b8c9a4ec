// Sign-in with the one-time link and sign-out, outside WHM.
import type { Request, Response } from 'express';
import type { Identity } from './access.ts';
import { bridgePeer, clearSessionCookie, identify, setSessionCookie } from './access.ts';
import { pageLink } from './links.ts';
import { WebProblem } from './problems.ts';
import type { Refusals } from './refusals.ts';
import type { LoginMode, WebContext } from './web-context.ts';

const RENEW = 'Stop Whyblocked in its terminal and start it again: it prints a new link.';

/** The relative link that signs in, to be printed after `http://127.0.0.1:PORT/`. */
export function loginLink(token: string): string {
  return pageLink('/login', { token });
}

/** What views/login.ejs needs. */
export interface LoginPage {
  readonly title: string;
  readonly text: string;
  readonly renew: string;
  /** Set when this answer has just signed in and the browser must go on by a click. */
  readonly next: string | null;
}

/** The page for everybody without a session: how to get in. */
export function signedOutPage(mode: LoginMode): LoginPage {
  return {
    title: 'You are not signed in.',
    text: 'Whyblocked shows the logs of this server only to the person who started it. Open the link that it printed in the terminal. The link works once.',
    renew: mode.renew ?? RENEW,
    next: null,
  };
}

function usedLinkPage(mode: LoginMode): LoginPage {
  return {
    ...signedOutPage(mode),
    title: 'This link does not work.',
    text: 'It was used already, or it is not the link that was printed last.',
  };
}

/** Opens sessions and ends them; says what to show. */
export class LoginDesk {
  readonly #context: WebContext;
  readonly #mode: LoginMode;
  readonly #refusals: Refusals;

  constructor(context: WebContext, mode: LoginMode, refusals: Refusals) {
    this.#context = context;
    this.#mode = mode;
    this.#refusals = refusals;
  }

  /**
   * Handles `?p=/login&token=…`: gives a redirect target, or the page to show with its status.
   * A browser that came from another site would not send a strict cookie on a redirect: it gets a link to click.
   */
  signIn(
    request: Request,
    response: Response,
    token: string | null,
  ): { status: number; page: LoginPage } | string {
    if (identify(request, this.#mode) !== null) return pageLink('/');
    if (token === null) return { status: 401, page: signedOutPage(this.#mode) };
    const session = this.#mode.sessions.open(token);
    if (session === null) {
      this.#recordRefused(request);
      return { status: 401, page: usedLinkPage(this.#mode) };
    }
    setSessionCookie(request, response, session.id);
    this.#record(request, 'Signed in', session.who);
    if (request.get('sec-fetch-site') !== 'cross-site') return pageLink('/');
    const page = {
      title: 'Signed in.',
      text: 'The link has done its work and cannot be used again.',
      renew: '',
      next: pageLink('/'),
    };
    return { status: 200, page };
  }

  /** Ends the session and gives the page to go to. */
  signOut(request: Request, response: Response, identity: Identity): string {
    this.#mode.sessions.close(identity.session);
    clearSessionCookie(request, response);
    this.#record(request, 'Signed out', identity.who);
    return pageLink('/login');
  }

  #record(request: Request, act: string, who: string): void {
    const address = request.socket.remoteAddress ?? null;
    this.#context.record({ who, address, act, detail: 'one-time link', result: 'done' });
  }

  #recordRefused(request: Request): void {
    const address = request.socket.remoteAddress ?? null;
    const detail = 'the link was wrong or used already';
    this.#refusals.record({ who: 'unknown', address, act: 'Sign-in', detail });
  }
}

/** The problem of who came through the bridge without an identity (outside WHM the login page is shown instead); recorded. */
export function bridgeProblem(request: Request, refusals: Refusals): WebProblem {
  const peer = bridgePeer(request);
  if (peer === null)
    return new WebProblem(401, 'WHM did not say who you are. Open Whyblocked from WHM\u2019s menu.');
  const { who, address } = peer;
  refusals.record({ who, address, act: 'Open', detail: 'a user of WHM without root\u2019s rights' });
  return new WebProblem(
    403,
    'Whyblocked shows the logs of the whole server and changes its rules: only users with all of root\u2019s rights in WHM may use it.',
  );
}
