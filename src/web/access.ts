// Who asks: the Host check against DNS rebinding, and the identity behind a request (session cookie or WHM bridge).
import type { Request, Response } from 'express';
import { WebProblem } from './problems.ts';
import type { LoginSessions } from './sessions.ts';
import type { SessionMode } from './web-context.ts';

/** The signed-in user. `session` is the secret that CSRF tokens are bound to; `isReadOnly`: may look, but not change anything. */
export interface Identity {
  readonly who: string;
  readonly address: string | null;
  readonly session: string;
  readonly isReadOnly: boolean;
}

const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/i;
const HEADER_VALUE = /^[\x21-\x7e]{1,200}$/;

/**
 * Refuses a Host header that is not this machine's loopback name with the port we listen on: a foreign name
 * that resolves to 127.0.0.1 must not reach the pages. Throws a 403 problem.
 */
export function checkHost(request: Request): void {
  const match = LOCAL_HOST.exec(request.get('host') ?? '');
  const port = request.socket.localPort;
  if (match !== null && Number(match[1] ?? 80) === port) return;
  throw new WebProblem(
    403,
    `Whyblocked only answers as 127.0.0.1 or localhost with port ${port ?? '?'}. Through an ssh tunnel, use the same port at both ends: ssh -L ${port ?? 'PORT'}:127.0.0.1:${port ?? 'PORT'} SERVER`,
  );
}

/** The session cookie's name: cookies are shared by all ports of a host, so the port is part of it. */
function cookieName(request: Request): string {
  return `whyblocked-${request.socket.localPort ?? 0}`;
}

function readCookie(request: Request, name: string): string | null {
  for (const part of (request.get('cookie') ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** Gives the browser its session. The cookie ends with the browser; the server ends it after idle time. */
export function setSessionCookie(request: Request, response: Response, session: string): void {
  response.cookie(cookieName(request), session, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: request.secure,
    encode: String,
  });
}

/** Takes the session cookie away. */
export function clearSessionCookie(request: Request, response: Response): void {
  response.clearCookie(cookieName(request), {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: request.secure,
  });
}

function bridgeHeader(request: Request, name: string): string | null {
  const value = request.get(name);
  return value !== undefined && HEADER_VALUE.test(value) ? value : null;
}

/** Who the bridge says is asking, with the session that WHM gave him; null when it does not say. */
export function bridgePeer(request: Request): Omit<Identity, 'isReadOnly'> | null {
  const who = bridgeHeader(request, 'X-WB-User');
  const token = bridgeHeader(request, 'X-WB-Token');
  if (who === null || token === null) return null;
  return { who, address: bridgeHeader(request, 'X-WB-Addr'), session: `${who}\0${token}` };
}

/** Whether the bridge says that WHM gave this user root's rights. It refuses all others itself: this is the second check. */
export function hasRootRights(request: Request): boolean {
  return request.get('X-WB-Root') === '1';
}

function loginPeer(request: Request, sessions: LoginSessions): Omit<Identity, 'isReadOnly'> | null {
  const session = readCookie(request, cookieName(request));
  const who = session === null ? null : sessions.touch(session);
  return session === null || who === null
    ? null
    : { who, address: request.socket.remoteAddress ?? null, session };
}

/**
 * The identity behind a request; null when nobody is signed in, or WHM's user has not root's rights. In bridge mode the
 * headers are trusted: only root can reach the socket.
 */
export function identify(
  request: Request,
  mode: SessionMode,
  readOnly: readonly string[] = [],
): Identity | null {
  if (mode.mode === 'bridge' && !hasRootRights(request)) return null;
  const peer = mode.mode === 'bridge' ? bridgePeer(request) : loginPeer(request, mode.sessions);
  return peer === null ? null : { ...peer, isReadOnly: readOnly.includes(peer.who) };
}
