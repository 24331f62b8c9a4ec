// The form of a search: every field with what was typed, its hint and its error; and the searches kept under a name.
import type { SearchLog } from '../model.ts';
import type { SearchQuery } from '../actions/search-query.ts';
import { DEFAULT_KINDS, EMPTY_QUERY, SEARCH_KINDS } from '../actions/search-query.ts';
import type { SavedSearch } from '../actions/search-view.ts';
import { pageLink } from './links.ts';
import type { SearchField, SearchRequest } from './search-query.ts';
import { searchLink } from './search-query.ts';
import type { LongText } from './view-text.ts';
import { FieldValue, longText, whole } from './view-text.ts';
import { dayTime } from './view-time.ts';

/** Paths offered while typing; the list page has all. */
const OFFERED_PATHS = 200;
const CONTROLS =
  'It has control characters, shown as \u2039U+\u2026\u203a, which a form cannot send. In a regex, write \\x00 or \\n instead.';

interface TextField {
  readonly id: string;
  readonly name: SearchField;
  readonly label: string;
  readonly value: FieldValue;
  readonly hint: string;
  readonly error: string;
  /** Id of the list of offers; empty for none. */
  readonly list: string;
  readonly mono: boolean;
}

interface Option {
  readonly value: string;
  readonly text: string;
  readonly selected: boolean;
}

interface Choice {
  readonly id: string;
  readonly name: SearchField;
  readonly label: string;
  readonly options: readonly Option[];
  readonly error: string;
}

/** What views/partials/search-form.ejs needs. */
export interface SearchForm {
  /** A problem that belongs to no field; empty for none. */
  readonly error: string;
  readonly pattern: TextField;
  readonly syntaxes: readonly (Option & { readonly hint: string })[];
  readonly syntaxError: string;
  readonly flags: readonly {
    readonly name: SearchField;
    readonly text: string;
    readonly on: boolean;
    readonly error: string;
  }[];
  readonly kinds: readonly Option[];
  readonly fields: readonly TextField[];
  readonly more: readonly TextField[];
  readonly choices: readonly Choice[];
  readonly moreOpen: boolean;
  readonly limit: Choice;
  readonly paths: readonly string[];
  readonly logsLink: string;
}

/** A search kept under a name. */
export interface SavedRow {
  readonly id: number;
  readonly name: string;
  readonly href: string;
  readonly pattern: LongText | null;
  readonly about: string;
}

const KIND_NAMES = {
  access: 'access logs',
  error: 'error_log',
  audit: 'modsec_audit.log',
  lfd: 'lfd.log',
  mail: 'mail logs',
  system: 'system logs',
} as const;

const SYNTAX_NAMES = [
  { value: '', key: 'regex', text: 'Regex', hint: 'linear time, no backreferences' },
  { value: 'literal', key: 'literal', text: 'Literal', hint: 'every character as it is' },
  { value: 'pcre', key: 'pcre', text: 'PCRE', hint: 'lookaround and backreferences, slower' },
] as const;

type Errors = ReadonlyMap<SearchField, string>;

interface Words {
  readonly label: string;
  readonly hint?: string;
  readonly list?: string;
  readonly mono?: boolean;
}

function field(name: SearchField, text: string | null, errors: Errors, words: Words): TextField {
  const value = new FieldValue(text ?? '');
  return {
    id: `wb-s-${name}`,
    name,
    label: words.label,
    value,
    hint: words.hint ?? '',
    error: errors.get(name) ?? (value.isWhole ? '' : CONTROLS),
    list: words.list ?? '',
    mono: words.mono ?? false,
  };
}

/** Numbers to choose from, the usual one sent as nothing, and the one of the address even when it is no usual one. */
function numberChoice(
  name: 'limit' | 'context',
  label: string,
  now: number,
  choices: readonly number[],
): Omit<Choice, 'error'> {
  const all = choices.includes(now) ? choices : [...choices, now].toSorted((a, b) => a - b);
  return {
    id: `wb-s-${name}`,
    name,
    label,
    options: all.map((value) => ({
      value: value === EMPTY_QUERY[name] ? '' : String(value),
      text: whole(value),
      selected: value === now,
    })),
  };
}

function pathFields(query: SearchQuery, errors: Errors): readonly TextField[] {
  const paths = query.logs.filter((log) => !SEARCH_KINDS.some((kind) => kind === log));
  return [...paths, ''].map((path, index) => ({
    ...field('log', path, index === 0 ? errors : new Map(), {
      label: index === 0 ? 'Log by its path' : 'Another log',
      list: 'wb-s-paths',
      mono: true,
    }),
    id: `wb-s-log-${index + 1}`,
  }));
}

function rotatedChoice(query: SearchQuery, errors: Errors): Choice {
  const names = [
    ['auto', 'as the time needs'],
    ['always', 'always'],
    ['never', 'never'],
  ] as const;
  return {
    id: 'wb-s-rotated',
    name: 'rotated',
    label: 'Rotated and packed logs',
    error: errors.get('rotated') ?? '',
    options: names.map(([value, text]) => ({
      value: value === 'auto' ? '' : value,
      text,
      selected: value === query.rotated,
    })),
  };
}

function isMoreSet(query: SearchQuery, errors: Errors): boolean {
  const { account, status, rotated, context } = query;
  const names: readonly SearchField[] = ['log', 'account', 'status', 'rotated', 'context'];
  return (
    account !== null ||
    status !== null ||
    rotated !== EMPTY_QUERY.rotated ||
    context !== EMPTY_QUERY.context ||
    query.logs.some((log) => log.startsWith('/')) ||
    names.some((name) => errors.has(name))
  );
}

function textFields(query: SearchQuery, errors: Errors): Pick<SearchForm, 'pattern' | 'fields' | 'more'> {
  const when = 'Also 17:56 yesterday, -2h, a mail\u2019s time, or a time with +-5 min.';
  return {
    pattern: field('q', query.pattern, errors, { label: 'Pattern', mono: true }),
    fields: [
      field('from', query.from, errors, { label: 'From', hint: when }),
      field('to', query.to, errors, { label: 'To', hint: 'Empty: up to now.' }),
      field('ip', query.ip, errors, { label: 'Address or net', hint: 'In any spelling.', mono: true }),
      field('vhost', query.vhost, errors, { label: 'Vhost', hint: 'Its logs only.' }),
    ],
    more: [
      ...pathFields(query, errors),
      field('account', query.account, errors, { label: 'Account', hint: 'All logs of its vhosts.' }),
      field('status', query.status, errors, {
        label: 'Status',
        hint: '4xx or 403; access logs only.',
        list: 'wb-s-statuses',
      }),
    ],
  };
}

/** The form for a request. `problem` is what the engine could not understand, when no field is named. */
export function searchForm(
  { query, errors }: SearchRequest,
  logs: readonly SearchLog[],
  problem = '',
): SearchForm {
  const chosen = query.logs.length === 0 ? DEFAULT_KINDS : query.logs;
  return {
    error: errors.get('before') ?? problem,
    ...textFields(query, errors),
    syntaxes: SYNTAX_NAMES.map(({ value, key, text, hint }) => ({
      value,
      text,
      hint,
      selected: key === query.syntax,
    })),
    syntaxError: errors.get('syntax') ?? '',
    flags: [
      { name: 'i', text: 'Ignore case', on: query.ignoreCase, error: errors.get('i') ?? '' },
      { name: 'v', text: 'Lines that do not match', on: query.invert, error: errors.get('v') ?? '' },
    ],
    kinds: SEARCH_KINDS.map((value) => ({
      value,
      text: KIND_NAMES[value],
      selected: chosen.includes(value),
    })),
    choices: [
      rotatedChoice(query, errors),
      {
        ...numberChoice('context', 'Lines around each', query.context, [0, 1, 2, 5, 10, 20]),
        error: errors.get('context') ?? '',
      },
    ],
    moreOpen: isMoreSet(query, errors),
    limit: {
      ...numberChoice('limit', 'Newest', query.limit, [200, 1000, 10_000]),
      error: errors.get('limit') ?? '',
    },
    paths: logs.slice(0, OFFERED_PATHS).map((log) => log.path),
    logsLink: pageLink('/search/logs'),
  };
}

/** The searches kept, in the order given. */
export function savedRows(saved: readonly SavedSearch[]): readonly SavedRow[] {
  return saved.map(({ id, name, query, who, at }) => ({
    id,
    name,
    href: searchLink(query),
    pattern: query.pattern === '' ? null : longText(query.pattern, 120),
    about: `${who}, ${dayTime(at)}`,
  }));
}
