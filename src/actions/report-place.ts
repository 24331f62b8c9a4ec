// Where a rule looked and what a request was, in words for the owner of a site.
import { targetTemplate } from '../analyse/causes.ts';
import type { CaseRequest } from './report-case.ts';
import { valueOf } from './report-value.ts';
import type { Spans } from './report-view.ts';

const MOST_NAME = 40;
/** Names that forms, cookies and headers really have. */
const NAME = /^[\w.\-[\]:$]{1,120}$/;

const WHOLE: Readonly<Record<string, string>> = {
  REQUEST_URI: 'the address of the page',
  REQUEST_URI_RAW: 'the address of the page',
  REQUEST_LINE: 'the address of the page',
  REQUEST_FILENAME: 'the address of the page',
  REQUEST_BASENAME: 'the address of the page',
  QUERY_STRING: 'the address of the page',
  REQUEST_BODY: 'all that was sent',
  XML: 'all that was sent',
  ARGS_NAMES: 'the name of a field',
  ARGS_GET_NAMES: 'the name of a field',
  ARGS_POST_NAMES: 'the name of a field',
  REQUEST_COOKIES_NAMES: 'the name of a cookie',
  REQUEST_HEADERS_NAMES: 'the name of a header',
  FILES: 'an uploaded file',
  FILES_NAMES: 'an uploaded file',
  MULTIPART_FILENAME: 'an uploaded file',
  'TX:EXTENSION': 'the ending of the address',
  'TX:CONTENT_TYPE': 'the type of what was sent',
  REQUEST_METHOD: 'the method of the request',
  REQUEST_PROTOCOL: 'the form of the request',
  RESPONSE_BODY: 'the answer of the site',
  RESPONSE_STATUS: 'the answer of the site',
};

const NAMED: Readonly<Record<string, string>> = {
  ARGS: 'field',
  ARGS_GET: 'field',
  ARGS_POST: 'field',
  REQUEST_COOKIES: 'cookie',
  REQUEST_HEADERS: 'header',
};

/** What kind of place a target is; null for one that no owner of a site knows. */
export type PlaceKind = 'field' | 'cookie' | 'header' | 'address' | 'body' | 'upload' | 'answer' | null;

const KINDS: Readonly<Record<string, PlaceKind>> = {
  'the address of the page': 'address',
  'all that was sent': 'body',
  'an uploaded file': 'upload',
  'the answer of the site': 'answer',
};

function split(target: string): { readonly collection: string; readonly name: string | null } {
  const colon = target.indexOf(':');
  return colon < 0
    ? { collection: target, name: null }
    : { collection: target.slice(0, colon), name: target.slice(colon + 1) };
}

/** Tells the kind of a target. */
export function placeKind(target: string | null): PlaceKind {
  if (target === null) return null;
  const { collection, name } = split(target);
  const named = NAMED[collection];
  if (named !== undefined) return name === null ? null : (named as PlaceKind);
  return KINDS[WHOLE[collection] ?? ''] ?? null;
}

/** E.g. `the field content`, `the cookie consent`, `the address of the page`. Numbers in names stand as `{n}`. */
export function placeWords(target: string | null): Spans {
  if (target === null) return ['a place that the logs do not name'];
  const { collection, name } = split(targetTemplate(target));
  const named = NAMED[collection];
  if (named !== undefined && name !== null)
    return NAME.test(name) ? [`the ${named} `, valueOf(name, MOST_NAME)] : [`a ${named} with an odd name`];
  return [WHOLE[target.toUpperCase()] ?? WHOLE[collection] ?? 'the form of the request'];
}

/** The same as a name, for a table. */
export function placeName(target: string | null): Spans {
  const [first, ...rest] = placeWords(target);
  return typeof first === 'string' ? [first.replace(/^the /, ''), ...rest] : [];
}

interface KnownAct {
  readonly path: RegExp;
  readonly post: boolean;
  /** A field that the act has. */
  readonly field?: RegExp;
  readonly words: string;
}

/** What known applications do at their own addresses. */
const ACTS: readonly KnownAct[] = [
  {
    path: /\/wp-admin\/admin-ajax\.php$/,
    post: true,
    field: /^ARGS:data\[wp_autosave\]/,
    words: 'a draft that the WordPress editor saves by itself',
  },
  { path: /\/wp-admin\/admin-ajax\.php$/, post: true, words: 'a call of a WordPress plugin or theme' },
  { path: /\/wp-admin\/post\.php$/, post: true, words: 'the form of the WordPress editor' },
  { path: /\/wp-json\/wp\/v2\/(?:posts|pages)\b/, post: true, words: 'a text saved in the WordPress editor' },
  { path: /\/wp-comments-post\.php$/, post: true, words: 'a comment (WordPress)' },
  { path: /\/wp-login\.php$/, post: true, words: 'the login form of WordPress' },
  { path: /\/xmlrpc\.php$/, post: true, words: 'a call of an app or another site (XML-RPC)' },
  { path: /\/administrator\/index\.php$/, post: true, words: 'a form of the Joomla back office' },
];

/** What a request was, as far as the logs prove it: `a form`, `data`, `a page or file`, or `a request`. */
export function actWords({ method, path, isForm, hits }: CaseRequest): string {
  const isPost = method === 'POST';
  const known = ACTS.find(
    (act) =>
      act.path.test(path ?? '') &&
      act.post === isPost &&
      (act.field === undefined || hits.some(({ target }) => act.field?.test(target ?? '') === true)),
  );
  if (known !== undefined) return known.words;
  if (isForm) return 'a form';
  if (method === 'GET' || method === 'HEAD') return 'a page or file';
  return method === null ? 'a request' : 'data';
}
