// A vhost's own file under /var/cpanel/userdata/<account>: only the lines about names and the engine's switch.

import { normalizeAddress } from './address.ts';

/** What such a file says about the names a vhost answers to. */
export interface UserdataVhost {
  readonly servername: string | null;
  /** Lower case, in order, each once. */
  readonly aliases: readonly string[];
  /** True when the account switched ModSecurity off for this vhost. */
  readonly engineOff: boolean;
  /** Address and port that Apache serves it on; null when they cannot be read. */
  readonly ip: string | null;
  readonly port: number | null;
}

const NAME = /^(?:\*\.)?[a-z0-9_][a-z0-9_.-]{0,252}$/;

/**
 * Reads `servername:`, `serveralias:` (names split by blanks, or a YAML list below it), `ip:`, `port:` and
 * `secruleengineoff:` of a userdata file (latin1). Nested and unknown lines are skipped; never throws.
 */
export function parseUserdataVhost(text: string): UserdataVhost {
  const aliases = new Set<string>();
  let servername: string | null = null;
  let engineOff = false;
  let inAliases = false;
  let ip: string | null = null;
  let port: number | null = null;
  for (const line of text.split(/\r?\n/)) {
    const item = /^ {0,8}- {1,8}(\S{1,300})$/.exec(line)?.[1];
    if (inAliases && item !== undefined) addNames(aliases, item);
    const pair = /^([a-z]{1,40}):(.*)$/.exec(line);
    if (pair === null) continue;
    const [, key = '', value = ''] = pair;
    inAliases = key === 'serveralias';
    if (inAliases) addNames(aliases, value);
    else if (key === 'servername') servername = names(value)[0] ?? null;
    else if (key === 'secruleengineoff') engineOff = unquoted(value) === '1';
    else if (key === 'ip') ip = normalizeAddress(unquoted(value));
    else if (key === 'port') port = portOf(unquoted(value));
  }
  return { servername, aliases: [...aliases], engineOff, ip, port };
}

function addNames(aliases: Set<string>, value: string): void {
  for (const name of names(value)) aliases.add(name);
}

function names(value: string): string[] {
  return unquoted(value)
    .toLowerCase()
    .split(/\s+/)
    .filter((name) => NAME.test(name) && !name.includes('..'));
}

function portOf(text: string): number | null {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}

function unquoted(value: string): string {
  return value.trim().replace(/^["']|["']$/g, '');
}
