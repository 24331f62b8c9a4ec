// A search as its address carries it: URL parameters to SearchQuery and back. What cannot be read is said, never guessed.
import type { RotatedChoice, SearchQuery, Syntax } from '../actions/search-query.ts';
import { EMPTY_QUERY, MAX_CONTEXT, MAX_LIMIT } from '../actions/search-query.ts';

/** Parameters of the address; `log` may be there several times. */
const NAMES = [
  'q',
  'syntax',
  'i',
  'v',
  'log',
  'vhost',
  'account',
  'ip',
  'from',
  'to',
  'status',
  'rotated',
  'context',
  'limit',
  'before',
] as const;

/** A field of the form, by its name in the address. */
export type SearchField = (typeof NAMES)[number];

export const SYNTAXES: readonly Syntax[] = ['regex', 'literal', 'pcre'];
export const ROTATED_CHOICES: readonly RotatedChoice[] = ['auto', 'always', 'never'];

/** An address as a search. */
export interface SearchRequest {
  readonly query: SearchQuery;
  /** Sentences about fields that cannot be read; their value in `query` is the default. */
  readonly errors: ReadonlyMap<SearchField, string>;
  /** Whether the address asks for a search at all: a field of it is there. */
  readonly asked: boolean;
}

const FIELD_OF: Readonly<Partial<Record<string, SearchField>>> = {
  pattern: 'q',
  syntax: 'syntax',
  ignoreCase: 'i',
  invert: 'v',
  logs: 'log',
  vhost: 'vhost',
  account: 'account',
  ip: 'ip',
  from: 'from',
  to: 'to',
  status: 'status',
  rotated: 'rotated',
  context: 'context',
  limit: 'limit',
  before: 'before',
};

/** The form's field for a name of SearchQuery, e.g. `logs` to `log`; null for a name that is none. */
export function fieldOf(name: unknown): SearchField | null {
  return typeof name === 'string' && Object.hasOwn(FIELD_OF, name) ? (FIELD_OF[name] ?? null) : null;
}

/** Reads parameters one by one and collects what cannot be read. */
class Reader {
  readonly errors = new Map<SearchField, string>();
  readonly #fields: URLSearchParams;

  constructor(fields: URLSearchParams) {
    this.#fields = fields;
  }

  text(name: SearchField): string | null {
    const value = (this.#fields.get(name) ?? '').trim();
    return value === '' ? null : value;
  }

  choice<T extends string>(name: SearchField, choices: readonly T[], usual: T): T {
    const value = this.text(name);
    if (value === null) return usual;
    const found = choices.find((one) => one === value);
    if (found === undefined) this.#refuse(name, `\u201c${value}\u201d is none of ${choices.join(', ')}.`);
    return found ?? usual;
  }

  flag(name: SearchField): boolean {
    const value = this.text(name);
    if (value !== null && value !== '0' && value !== '1')
      this.#refuse(name, `\u201c${name}=${value}\u201d is neither 1 nor 0.`);
    return value === '1';
  }

  number(name: SearchField, least: number, most: number): number {
    const usual = name === 'limit' ? EMPTY_QUERY.limit : EMPTY_QUERY.context;
    const value = this.text(name);
    if (value === null) return usual;
    if (/^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    this.#refuse(name, `\u201c${value}\u201d is not a whole number from ${least} to ${most}.`);
    return usual;
  }

  #refuse(name: SearchField, sentence: string): void {
    this.errors.set(name, sentence.length > 200 ? `${sentence.slice(0, 199)}\u2026` : sentence);
  }
}

/**
 * Reads a search out of an address. The pattern stays as it is, to the last space; the other texts lose the space around
 * them. A value that cannot be read gives the default and a sentence; the search must then not be run.
 */
export function readSearch(fields: URLSearchParams): SearchRequest {
  const reader = new Reader(fields);
  const query: SearchQuery = {
    pattern: fields.get('q') ?? '',
    syntax: reader.choice('syntax', SYNTAXES, EMPTY_QUERY.syntax),
    ignoreCase: reader.flag('i'),
    invert: reader.flag('v'),
    logs: fields
      .getAll('log')
      .map((log) => log.trim())
      .filter((log) => log !== ''),
    vhost: reader.text('vhost'),
    account: reader.text('account'),
    ip: reader.text('ip'),
    from: reader.text('from'),
    to: reader.text('to'),
    status: reader.text('status'),
    rotated: reader.choice('rotated', ROTATED_CHOICES, EMPTY_QUERY.rotated),
    context: reader.number('context', 0, MAX_CONTEXT),
    limit: reader.number('limit', 1, MAX_LIMIT),
    before: reader.text('before'),
  };
  const asked = NAMES.some((name) => fields.has(name)) && fields.get('run') !== '0';
  return { query, errors: reader.errors, asked };
}

/** The parameters of a search, defaults left out; the pattern is there whenever nothing else is. */
export function searchParams(query: SearchQuery): URLSearchParams {
  const fields: readonly (readonly [SearchField, string | number | null])[] = [
    ['q', query.pattern === '' ? null : query.pattern],
    ['syntax', query.syntax === EMPTY_QUERY.syntax ? null : query.syntax],
    ['i', query.ignoreCase ? 1 : null],
    ['v', query.invert ? 1 : null],
    ...query.logs.map((log) => ['log', log] as const),
    ['vhost', query.vhost],
    ['account', query.account],
    ['ip', query.ip],
    ['from', query.from],
    ['to', query.to],
    ['status', query.status],
    ['rotated', query.rotated === EMPTY_QUERY.rotated ? null : query.rotated],
    ['context', query.context === EMPTY_QUERY.context ? null : query.context],
    ['limit', query.limit === EMPTY_QUERY.limit ? null : query.limit],
    ['before', query.before],
  ];
  const params = new URLSearchParams();
  for (const [name, value] of fields) if (value !== null) params.append(name, String(value));
  if (params.size === 0) params.set('q', '');
  return params;
}

/**
 * A relative link to a search, or to another page that takes one (`/search/export`), with more parameters after it.
 * Lone surrogates become U+FFFD, as a browser would send them.
 */
export function searchLink(
  query: SearchQuery,
  extra: Readonly<Record<string, string>> = {},
  page = '/search',
): string {
  const all = [...searchParams(query), ...Object.entries(extra)];
  const text = all.map(([name, value]) => `&${name}=${encodeURIComponent(value.toWellFormed())}`).join('');
  return `index.cgi?p=${page}${text}`;
}

/** Whether two searches are the same one, so that a running search can be shown for an address. */
export function isSameSearch(one: SearchQuery, other: SearchQuery): boolean {
  return searchLink(one) === searchLink(other);
}
