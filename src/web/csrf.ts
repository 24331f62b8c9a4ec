// Protection of every POST: a token bound to the session, and the browser's own word on where the form came from.
import { createHmac } from 'node:crypto';
import type { Request } from 'express';
import type { Identity } from './access.ts';
import { WebProblem } from './problems.ts';
import { sameText } from './sessions.ts';
import type { SessionMode } from './web-context.ts';

/** The token of a session: HMAC-SHA256 of its id, in base64url. */
export function csrfToken(secret: Buffer, identity: Identity): string {
  return createHmac('sha256', secret).update(`csrf\0${identity.session}`).digest('base64url');
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

/**
 * Whether the form came from our own page. Sec-Fetch-Site, where sent, must say so; an Origin must name our host.
 * A missing Origin is left to the token. Behind WHM a proxy may rewrite Host, so there Sec-Fetch-Site is enough.
 */
function isOwnOrigin(request: Request, mode: SessionMode): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = request.get('origin');
  if (origin === undefined) return true;
  if (mode.mode === 'bridge' && site === 'same-origin') return true;
  return hostOf(origin) === request.get('host')?.toLowerCase();
}

/** Throws a 403 problem unless the POST comes from our own page and carries the session's token. */
export function checkPost(request: Request, given: string, expected: string, mode: SessionMode): void {
  if (!isOwnOrigin(request, mode)) {
    throw new WebProblem(
      403,
      'The form came from another site. If you filled it in yourself, open this page anew and try again.',
    );
  }
  if (!sameText(given, expected)) {
    throw new WebProblem(
      403,
      'The form is older than your session. Go back, reload the page and send it again.',
    );
  }
}
