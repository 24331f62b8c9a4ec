// What a request through WHM shows: the bridge tells it beside the request (plugin/index.cgi).
import type { Request } from 'express';
import type { WhmLook } from '../actions/doctor-seen.ts';
import type { SessionMode } from './web-context.ts';

const LONGEST = 4096;

function listOf(request: Request, name: string): readonly string[] | null {
  const text = request.get(name);
  return text === undefined ? null : text.slice(0, LONGEST).split(',');
}

/** Null outside WHM. Names and facts come with requests for the self-test only. */
export function whmLookOf(request: Request, mode: SessionMode): WhmLook | null {
  if (mode.mode !== 'bridge') return null;
  return {
    names: listOf(request, 'X-WB-Env'),
    facts: listOf(request, 'X-WB-Facts') ?? [],
    chrome: request.get('X-WB-Chrome') === 'whm',
  };
}
