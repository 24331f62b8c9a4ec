// Pages as a part of WHM's own page: the bridge asks for it, and puts WHM's header and menu around the answer.
import type { Request, Response } from 'express';
import type { SessionMode } from './web-context.ts';

/** Characters of a title in a header; each may take nine bytes there. */
const LONGEST_TITLE = 200;

/** Whether the bridge wants a fragment for WHM's page. */
export function wantsFragment(request: Request, mode: SessionMode): boolean {
  return mode.mode === 'bridge' && request.get('X-WB-Chrome') === 'whm';
}

/** Tells the bridge that the answer is a fragment, and its title (percent-encoded UTF-8). */
export function markFragment(response: Response, title: string): void {
  response.set('X-WB-Fragment', '1');
  response.set('X-WB-Title', encodeURIComponent(title.slice(0, LONGEST_TITLE).toWellFormed()));
}
