// Names the places where a request holds values, and what is known of a field by its name.
import { urlDecode } from './decode.ts';
import type { ValueKind } from './grammar-match.ts';
import { AUTHOR_FIELDS, type AuthorField } from './patterns/authors.ts';
import { FIELDS } from './patterns/fields.ts';

/** One value of a request with its place. */
export interface PlacedValue {
  /** As ModSecurity names it, e.g. `ARGS:id`, `REQUEST_COOKIES:lang`. */
  readonly field: string;
  /** The name alone, e.g. `id`; empty for the path. */
  readonly name: string;
  readonly value: string;
  readonly where: 'query' | 'body' | 'header' | 'path';
  readonly kind: ValueKind;
  /** True when the log shows, or was looked at for, only its beginning: what follows may be anything. */
  readonly cut?: boolean;
}

/** The name of an argument without what JSON reading puts in front (`json.a` is `a`). */
function plainName(name: string): string {
  return name.startsWith('json.') ? name.slice(5) : name;
}

/** Whether the first or last part of a name (`form_fields[email]`, `jform.message`) is in a list of field names. */
export function isField(kind: 'free' | 'search' | 'password' | 'url', name: string): boolean {
  const plain = plainName(name);
  const parts = plain.split(/[.[\]]+/).filter((part) => part !== '');
  return [plain, parts.at(0), parts.at(-1)].some((part) => part !== undefined && FIELDS[kind].test(part));
}

/** Whether a target holds codes of advertising or consent tools. */
export function isTracking(target: string): boolean {
  return FIELDS.tracking.test(target);
}

/**
 * The author field a value stands in, e.g. the text of a post: by path, name and, where the entry asks for it, the
 * value. Body values only, for SQL windows the query too. Null for any other.
 */
export function authorField(path: string, place: PlacedValue): AuthorField | null {
  if (place.kind !== 'argument' && place.kind !== 'upload') return null;
  const name = plainName(place.name);
  const fitting = AUTHOR_FIELDS.filter((entry) => {
    const inQuery = entry.app === 'phpmyadmin' || entry.app === 'adminer';
    if (place.where !== 'body' && !inQuery) return false;
    if (!entry.path.test(path) || !entry.field.test(name)) return false;
    return entry.only === undefined || entry.only.test(place.value);
  });
  // An editor of code may hide behind a path that also saves posts: what no login explains stays so.
  return fitting.find((entry) => entry.lift === false) ?? fitting[0] ?? null;
}

/** Splits a request target into its path and its query arguments (decoded once); the fragment is dropped. */
export function splitUri(uri: string): { path: string; args: { name: string; value: string }[] } {
  const rest = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(uri)?.[0].length ?? 0;
  const target = uri.slice(rest).split('#', 1)[0] ?? '';
  const mark = target.indexOf('?');
  if (mark < 0) return { path: target, args: [] };
  return { path: target.slice(0, mark), args: queryArguments(target.slice(mark + 1)) };
}

const MAX_ARGUMENTS = 2000;

/** Reads `a=b&c=d` (also with `;` left alone, as ModSecurity does); at most 2,000 arguments. */
function queryArguments(query: string): { name: string; value: string }[] {
  const args: { name: string; value: string }[] = [];
  for (const pair of query.split('&', MAX_ARGUMENTS)) {
    if (pair === '') continue;
    const sign = pair.indexOf('=');
    const name = sign < 0 ? pair : pair.slice(0, sign);
    args.push({ name: urlDecode(name, true), value: sign < 0 ? '' : urlDecode(pair.slice(sign + 1), true) });
  }
  return args;
}

/** Reads the cookies of a Cookie header, values decoded once. */
export function cookiesOf(header: string): { name: string; value: string }[] {
  return header
    .split(';', MAX_ARGUMENTS)
    .map((pair) => {
      const sign = pair.indexOf('=');
      const value = sign < 0 ? pair : pair.slice(sign + 1);
      return { name: sign < 0 ? '' : pair.slice(0, sign).trim(), value: urlDecode(value.trim()) };
    })
    .filter((cookie) => cookie.value !== '');
}
