// The arguments of a recorded request, from its query and its body, by the names ModSecurity gives them.
import { decodeBytes } from './text.ts';

export interface RequestArgument {
  /** As in ARGS, e.g. `id`; of a JSON body `user.name`. */
  readonly name: string;
  readonly value: string;
  readonly where: 'query' | 'body';
}

export const MOST_ARGUMENTS = 500;
const LONGEST_VALUE = 65_536;
const DEEPEST_JSON = 20;

function unescapePercent(raw: string): string {
  const spaced = raw.includes('+') ? raw.replaceAll('+', ' ') : raw;
  const bytes = spaced.includes('%')
    ? spaced.replace(/%([0-9a-fA-F]{2})/g, (_whole, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
    : spaced;
  return decodeBytes(bytes);
}

/**
 * Reads `a=1&b=2` (latin1), percent escapes undone leniently: a broken one stays as it is. At most
 * 500 arguments, values cut at 64 KiB.
 */
function parseForm(raw: string, where: 'query' | 'body'): RequestArgument[] {
  const found: RequestArgument[] = [];
  let at = 0;
  while (at < raw.length && found.length < MOST_ARGUMENTS) {
    const next = raw.indexOf('&', at);
    const end = next < 0 ? raw.length : next;
    if (end > at) {
      const pair = raw.slice(at, Math.min(end, at + 4 * LONGEST_VALUE));
      const equals = pair.indexOf('=');
      const name = equals < 0 ? pair : pair.slice(0, equals);
      const value = equals < 0 ? '' : pair.slice(equals + 1);
      found.push({
        name: unescapePercent(name).slice(0, LONGEST_VALUE),
        value: unescapePercent(value).slice(0, LONGEST_VALUE),
        where,
      });
    }
    at = end + 1;
  }
  return found;
}

/** The arguments of a request target's query (latin1, with or without a fragment). */
export function queryArguments(uri: string): RequestArgument[] {
  const mark = uri.indexOf('?');
  if (mark < 0) return [];
  const fragment = uri.indexOf('#', mark);
  return parseForm(uri.slice(mark + 1, fragment < 0 ? undefined : fragment), 'query');
}

/**
 * How a body is recorded: as it was sent to ModSecurity 2.9 or to 3, which names the values of JSON otherwise, or as
 * 2.9's part I, where a multipart body has become `a=1&b=2`.
 */
export type BodyForm = 'sent' | 'sent3' | 'compact';

/** Where a JSON value stands: the path above it and its own key, null at the top. */
interface JsonPlace {
  readonly path: string | null;
  readonly key: string | null;
  readonly depth: number;
}

function joined(path: string | null, key: string | null): string | null {
  return path === null || key === null ? (key ?? path) : `${path}.${key}`;
}

function addJson(value: unknown, place: JsonPlace, found: RequestArgument[]): void {
  if (found.length >= MOST_ARGUMENTS || place.depth > DEEPEST_JSON) return;
  const { path, key, depth } = place;
  if (value === null || typeof value !== 'object') {
    const text = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
    const name = joined(path, key) ?? '';
    found.push({ name: name.slice(0, LONGEST_VALUE), value: text.slice(0, LONGEST_VALUE), where: 'body' });
    return;
  }
  const inner = joined(path, key);
  if (Array.isArray(value)) {
    const list = { path: inner ?? 'array', key: key ?? 'array', depth: depth + 1 };
    for (const element of value) addJson(element, list, found);
    return;
  }
  for (const [name, child] of Object.entries(value)) {
    addJson(child, { path: inner, key: name, depth: depth + 1 }, found);
  }
}

/** libmodsecurity's names: `{"a":{"b":1},"l":[2]}` gives `json.a.b` and `json.l.array_0`. */
function addJson3(value: unknown, name: string, depth: number, found: RequestArgument[]): void {
  if (found.length >= MOST_ARGUMENTS || depth > DEEPEST_JSON) return;
  if (value === null || typeof value !== 'object') {
    const text = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
    found.push({ name: name.slice(0, LONGEST_VALUE), value: text.slice(0, LONGEST_VALUE), where: 'body' });
    return;
  }
  const isList = Array.isArray(value);
  for (const [key, child] of Object.entries(value)) {
    addJson3(child, `${name}.${isList ? `array_${key}` : key}`, depth + 1, found);
  }
}

/**
 * The names that ModSecurity 2.9.7 was seen to give: `{"a":{"b":1}}` is `a.b`, the elements of `{"l":[…]}` are
 * all `l.l`, those of a bare list `array.array`, a bare value has the empty name. For 3 see `addJson3`.
 */
function jsonArguments(body: string, form: BodyForm): RequestArgument[] {
  const found: RequestArgument[] = [];
  try {
    const value: unknown = JSON.parse(decodeBytes(body));
    if (form === 'sent3') addJson3(value, 'json', 0, found);
    else addJson(value, { path: null, key: null, depth: 0 }, found);
  } catch {
    return [];
  }
  return found;
}

function dispositionValue(headers: string, name: string): string | null {
  const match = new RegExp(`;\\s{0,10}${name}="([^"\\r\\n]{0,2000})"`, 'i').exec(headers);
  return match?.[1] === undefined ? null : decodeBytes(match[1]);
}

/** The fields of a multipart body; a file gives its name, not its bytes. */
function multipartArguments(body: string, boundary: string): RequestArgument[] {
  const found: RequestArgument[] = [];
  const mark = `--${boundary}`;
  let at = body.indexOf(mark);
  while (at >= 0 && found.length < MOST_ARGUMENTS) {
    const start = at + mark.length;
    const next = body.indexOf(mark, start);
    const part = body.slice(start, next < 0 ? undefined : next);
    const blank = /\r?\n\r?\n/.exec(part.slice(0, 8192));
    const headers = part.slice(0, blank?.index ?? 8192);
    const name = dispositionValue(headers, 'name');
    const file = dispositionValue(headers, 'filename');
    if (name !== null) {
      const valueStart = blank === null ? part.length : blank.index + blank[0].length;
      const text = part.slice(valueStart, valueStart + LONGEST_VALUE).replace(/\r?\n$/, '');
      found.push({ name, value: file ?? decodeBytes(text), where: 'body' });
    }
    at = next;
  }
  return found;
}

/**
 * The arguments of a recorded body (latin1). `contentType` tells how to read it, but for a compact one. A body of another kind, or a broken one, has none.
 */
export function bodyArguments(body: string, contentType: string | null, form: BodyForm): RequestArgument[] {
  const type = contentType?.toLowerCase() ?? '';
  if (form === 'compact' || type.startsWith('application/x-www-form-urlencoded'))
    return parseForm(body, 'body');
  if (type.includes('json')) return jsonArguments(body, form);
  if (!type.startsWith('multipart/')) return [];
  const boundary = /;\s{0,10}boundary="?([^";,\r\n]{1,200})/i.exec(contentType ?? '')?.[1];
  return boundary === undefined ? [] : multipartArguments(body, boundary.trimEnd());
}
