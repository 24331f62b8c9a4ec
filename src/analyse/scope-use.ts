// Whether a request of the access log is one that an exclusion covers: what can be told from its line alone.
import type { ExclusionScope } from '../model-rules.ts';
import type { AccessEntry } from '../model.ts';
import { matchesPath, sentPath } from './path-scope.ts';

const ARGUMENT = /^ARGS(?:_GET)?:(.+)$/is;
const HAS_BODY = /^(?:POST|PUT|PATCH|DELETE)$/;

/**
 * True when the request lies on the scope's path and may carry its target: an argument must stand in the query, unless
 * the request may have a body, which the log does not show; cookies and headers are not in the log either, so they
 * count as sent.
 */
export function coversEntry({ path, target }: ExclusionScope, { uri, method }: AccessEntry): boolean {
  if (path !== null && !matchesPath(path, sentPath(uri))) return false;
  const name = target === null ? undefined : ARGUMENT.exec(target)?.[1];
  if (name === undefined || HAS_BODY.test(method ?? '')) return true;
  return queryNames(uri).includes(name.toLowerCase());
}

/** Names of the query's arguments, decoded, lower case. */
function queryNames(uri: string): string[] {
  const start = uri.indexOf('?');
  if (start < 0) return [];
  return uri
    .slice(start + 1)
    .split('&')
    .map((pair) => decoded(pair.split('=', 1)[0] ?? '').toLowerCase());
}

function decoded(text: string): string {
  const bytes = text.replaceAll('+', ' ');
  return bytes.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
