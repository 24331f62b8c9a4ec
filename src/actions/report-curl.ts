// A redacted request as a curl call that reproduces what a rule reacted to, for the sandbox of the CRS project.
// Its headers: coreruleset.org/docs, "CRS Sandbox".
import { hitValue } from '../analyse/hit-data.ts';
import { splitUri } from '../analyse/value-place.ts';
import type { StoredHit, Transaction } from '../model.ts';
import { shapeOfName, shapeOfPath, shapeOfValue } from './report-shape.ts';

const SANDBOX = 'https://sandbox.coreruleset.org';
const JSON_TYPE = /^application\/(?:[\w.-]{1,40}\+)?json\b/i;
const MULTIPART = /^multipart\/form-data\b/i;
const MOST_PARTS = 8;

/** Where a value is put in the call. */
interface Part {
  readonly kind: 'query' | 'form' | 'json' | 'cookie' | 'header' | 'body';
  /** Empty for a body. */
  readonly name: string;
  readonly value: string;
}

/** What the call is about beside the request. */
export interface CurlSettings {
  readonly paranoiaLevel: number | null;
  readonly isNginx: boolean;
}

/** The call, one option a line. Every value is quoted for a shell; nothing of it is the visitor's own. */
export function curlCall(
  transaction: Transaction,
  hits: readonly StoredHit[],
  { paranoiaLevel, isNginx }: CurlSettings,
): string {
  const { request } = transaction;
  const { path, args } = splitUri(request?.uri ?? transaction.path ?? '/');
  const queryNames = new Set(args.map(({ name }) => name));
  const parts = hits.flatMap((hit) => partOf(hit, transaction, queryNames) ?? []);
  const unique = [...longest(parts).values()].slice(0, MOST_PARTS);
  const query = unique
    .filter((part) => part.kind === 'query')
    .map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const url = `${SANDBOX}${shapeOfPath(path === '' ? '/' : path)}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  const method = methodOf(transaction, unique);
  const lines = [
    'curl',
    `-H 'x-format-output: txt-matched-rules'`,
    ...(paranoiaLevel === null ? [] : [`-H 'x-crs-paranoia-level: ${paranoiaLevel}'`]),
    ...(isNginx ? [`-H 'x-backend: nginx'`] : []),
    ...(method === null ? [] : [`-X ${method}`]),
    ...unique.flatMap((part) => optionOf(part, MULTIPART.test(request?.contentType ?? ''))),
    ...jsonOptions(unique),
    quoted(url),
  ];
  return lines.join(' \\\n  ');
}

/** Null where curl's own choice is right. */
function methodOf({ request }: Transaction, parts: readonly Part[]): string | null {
  const method = request?.method ?? null;
  if (method === null || !/^[A-Z]{3,10}$/.test(method)) return null;
  const own = parts.some(({ kind }) => kind === 'form' || kind === 'json' || kind === 'body')
    ? 'POST'
    : 'GET';
  return method === own ? null : method;
}

/** Rules cut what they quote in different places: the longest text of a place says most. */
function longest(parts: readonly Part[]): ReadonlyMap<string, Part> {
  const found = new Map<string, Part>();
  for (const part of parts) {
    const key = `${part.kind} ${part.name}`;
    if ((found.get(key)?.value.length ?? -1) < part.value.length) found.set(key, part);
  }
  return found;
}

const MATCHED = /^Matched Data: ([^]*?) found within /;

function partOf(hit: StoredHit, { request }: Transaction, query: ReadonlySet<string>): Part | null {
  const found = hitValue(hit);
  if (found === null) return null;
  const [collection = '', ...rest] = found.target.split(':');
  const kind = KINDS[collection];
  if (kind === undefined) return null;
  const matched = MATCHED.exec(hit.data ?? '')?.[1] ?? '';
  const value = shapeOfValue(matched.length > found.value.length ? matched : found.value);
  const name = rest.join(':');
  if (kind !== 'argument') return { kind, name: shapeOfName(name), value };
  const inQuery = query.has(name) || isBodyless(request?.method);
  return argumentPart(name, value, inQuery, request?.contentType ?? '');
}

const KINDS: Readonly<Record<string, Part['kind'] | 'argument'>> = {
  ARGS: 'argument',
  ARGS_GET: 'argument',
  ARGS_POST: 'argument',
  REQUEST_COOKIES: 'cookie',
  REQUEST_HEADERS: 'header',
  REQUEST_BODY: 'body',
  XML: 'body',
};

function isBodyless(method: string | null | undefined): boolean {
  return method === 'GET' || method === 'HEAD' || method == null;
}

function argumentPart(name: string, value: string, inQuery: boolean, contentType: string): Part {
  const shaped = shapeOfName(name);
  if (inQuery) return { kind: 'query', name: shaped, value };
  return { kind: JSON_TYPE.test(contentType) ? 'json' : 'form', name: shaped, value };
}

function optionOf(part: Part, isMultipart: boolean): string[] {
  switch (part.kind) {
    case 'form':
      return isMultipart
        ? [`--form-string ${quoted(`${part.name}=${part.value}`)}`]
        : [`--data-urlencode ${quoted(`${part.name}=${part.value}`)}`];
    case 'cookie':
      return [`--cookie ${quoted(`${oneLine(part.name)}=${oneLine(part.value)}`)}`];
    case 'header':
      return [`-H ${quoted(`${oneLine(part.name)}: ${oneLine(part.value)}`)}`];
    case 'body':
      return [`--data-raw ${quoted(part.value)}`];
    default:
      return [];
  }
}

/** `json.a.b` is the value of b in a. */
function jsonOptions(parts: readonly Part[]): string[] {
  const fields = parts.filter((part) => part.kind === 'json');
  if (fields.length === 0) return [];
  const body = fields.map(({ name, value }) => {
    const keys = name.replace(/^json\./, '').split('.');
    return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  });
  const whole = body.length === 1 ? body[0] : (Object.assign({}, ...(body as object[])) as object);
  return [`-H 'Content-Type: application/json'`, `--data-raw ${quoted(JSON.stringify(whole))}`];
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ');
}

/** A word of a POSIX shell: nothing in single quotes means anything but the quote itself. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
