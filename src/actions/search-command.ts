// A search written as a command for the shell: every value is one word there, whatever it holds.
import { maskUri } from '../analyse/mask.ts';
import { DEFAULT_KINDS, EMPTY_QUERY } from './search-query.ts';
import type { SearchQuery } from './search-query.ts';

/** Words that no POSIX shell changes or splits. A tilde or an equals sign at the start is not among them. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;
/** Control, invisible, direction-changing and unassigned characters: neither a terminal nor a page copies them whole. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const NUL_IN_PATTERN = /(\\*)\0/g;

function octal(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

function hiddenWord(value: string): string {
  const inside = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll(new RegExp(HIDDEN, 'gu'), octal);
  return `$'${inside}'`;
}

/**
 * One word of a shell command: bare where nothing in it is special, else in single quotes (POSIX). A value with control
 * or invisible characters is written as `$'…'` with octal bytes, which bash, zsh, ksh and POSIX 2024 read.
 */
export function shellWord(value: string): string {
  if (PLAIN.test(value)) return value;
  return HIDDEN.test(value) ? hiddenWord(value) : `'${value.replaceAll("'", "'\\''")}'`;
}

/** A NUL cannot stand in an argument. In a pattern `\x00` means the same; a backslash before the NUL is taken along. */
function withoutNul({ pattern, syntax }: SearchQuery): string {
  if (syntax === 'literal') return pattern;
  return pattern.replaceAll(NUL_IN_PATTERN, (_all, slashes: string) =>
    slashes.length % 2 === 0 ? `${slashes}\\x00` : `${slashes}x00`,
  );
}

function option(name: string, value: string | null): readonly string[] {
  if (value === null) return [];
  return value.startsWith('-') ? [`${name}=${shellWord(value)}`] : [name, shellWord(value)];
}

function isDefaultKinds(logs: readonly string[]): boolean {
  return logs.length === DEFAULT_KINDS.length && DEFAULT_KINDS.every((kind) => logs.includes(kind));
}

/**
 * The same search as `whyblocked search PATTERN …`, defaults left out. Where the page before ended (`before`) is left
 * out too: the command gives the newest lines. Empty when it cannot be written: a NUL in anything but a regex.
 */
export function searchCommand(query: SearchQuery): string {
  const pattern = withoutNul(query);
  const texts = [query.vhost, query.account, query.ip, query.from, query.to, query.status];
  if ([pattern, ...query.logs, ...texts].some((text) => text?.includes('\0') === true)) return '';
  const flags = [
    query.syntax === 'literal' ? '--literal' : '',
    query.syntax === 'pcre' ? '--pcre' : '',
    query.ignoreCase ? '-i' : '',
    query.invert ? '-v' : '',
  ].filter((flag) => flag !== '');
  const number = (name: string, value: number, usual: number): readonly string[] =>
    value === usual ? [] : [name, String(value)];
  return [
    'whyblocked search',
    pattern.startsWith('-') ? `--regex=${shellWord(pattern)}` : shellWord(pattern),
    ...flags,
    ...(isDefaultKinds(query.logs) ? [] : query.logs.flatMap((log) => option('--log', log))),
    ...option('--vhost', query.vhost),
    ...option('--account', query.account),
    ...option('--ip', query.ip),
    ...option('--from', query.from),
    ...option('--to', query.to),
    ...option('--status', query.status),
    ...(query.rotated === 'auto' ? [] : ['--rotated', query.rotated]),
    ...number('--context', query.context, EMPTY_QUERY.context),
    ...number('--limit', query.limit, EMPTY_QUERY.limit),
  ].join(' ');
}

/** The same for the record of acts: what is a secret in it is left out. */
export function safeCommand(query: SearchQuery): string {
  return maskUri(searchCommand(query));
}
