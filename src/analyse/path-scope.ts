// Which requests a path scope covers. ModSecurity compares the path in phase 1 as it came over the wire: not decoded,
// with its dot segments; only slashes at its start are made one (tried on Apache 2.4 with ModSecurity 2.9).
import type { Transaction } from '../model.ts';
import type { PathScope } from '../model-rules.ts';
import { MASK } from './secrets.ts';

/** `maybe`: the logs do not tell. */
export type Sure = 'yes' | 'maybe' | 'no';

const NUMBER = '{n}';

/** Reads `/cart/` (exact), `/cart/*` (with all below) or `/post/{n}/edit` (template); null for a mix of the last two. */
export function readPath(text: string): PathScope | null {
  const hasNumber = text.includes(NUMBER);
  if (text.endsWith('*')) return hasNumber ? null : { kind: 'prefix', text: text.slice(0, -1) };
  return { kind: hasNumber ? 'template' : 'exact', text };
}

/** Whether a path as ModSecurity compares it is covered. Linear in path times numbers of the template. */
export function matchesPath({ kind, text }: PathScope, path: string): boolean {
  if (kind === 'exact') return path === text;
  return kind === 'prefix' ? path.startsWith(text) : matchesTemplate(text.split(NUMBER), path);
}

/** Follows all ways at once: `{n}` stands for one or more of the characters of numbers, hex runs and UUIDs. */
function matchesTemplate([first = '', ...rest]: readonly string[], path: string): boolean {
  if (!path.startsWith(first)) return false;
  let ends = new Set([first.length]);
  for (const piece of rest) {
    const next = new Set<number>();
    for (const start of ends) {
      for (let at = start; at < path.length && isNumberPart(path.charCodeAt(at)); at++) {
        // Where another way has been, the rest of the run is known already.
        if (at > start && ends.has(at)) break;
        if (path.startsWith(piece, at + 1)) next.add(at + 1 + piece.length);
      }
    }
    ends = next;
  }
  return ends.has(path.length);
}

/** 0-9, A-F, a-f and the hyphen. */
function isNumberPart(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102) || code === 45
  );
}

/**
 * The path as it was sent, of a request target out of the audit record: without query and fragment, without scheme
 * and host of an absolute one (then empty when nothing follows), with one slash at its start.
 */
export function sentPath(uri: string): string {
  const end = uri.search(/[?#]/);
  const whole = end < 0 ? uri : uri.slice(0, end);
  const path = whole.replace(/^[a-z][a-z\d+.-]{0,30}:\/\/[^/]*/i, '');
  return path.replace(/^\/+/, '/');
}

/** Characters that nothing encodes. */
const PLAIN = /^[\w.~/-]*$/;
/** Targets whose data shows the request target before it is decoded, and signs there that decoding takes away. */
const SHOWS_PATH = /^REQUEST_(?:URI|URI_RAW|LINE|FILENAME|BASENAME)$/;
const ODD = /(?:^|: )\/[^?]{0,2000}?(?:%|\/\/|\/\.{1,2}(?:\/|\?|$))/;

/**
 * Whether a scope's path covers a recorded request. Known from the audit record; error_log has the path decoded and
 * normalised: then it is `maybe` where that can make a difference.
 */
export function coversRequest(scope: PathScope, { request, path, hits }: Transaction): Sure {
  const sent = request?.uri == null ? null : sentPath(request.uri);
  if (sent !== null && !sent.includes(MASK)) return matchesPath(scope, sent) ? 'yes' : 'no';
  if (path === null) return 'maybe';
  const compared = scope.kind === 'prefix' ? path.slice(0, scope.text.length) : path;
  if (sent !== null || !PLAIN.test(compared) || scope.text.includes('%'))
    return couldBe(scope, path) ? 'maybe' : 'no';
  if (!matchesPath(scope, path)) return 'no';
  const isOdd = hits.some(({ target, data }) => SHOWS_PATH.test(target ?? '') && ODD.test(data ?? ''));
  return isOdd ? 'maybe' : 'yes';
}

/** Whether some way of sending this decoded path is covered: both are compared decoded. */
function couldBe(scope: PathScope, path: string): boolean {
  return path.includes(MASK) || matchesPath({ ...scope, text: decoded(scope.text) }, decoded(path));
}

function decoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
