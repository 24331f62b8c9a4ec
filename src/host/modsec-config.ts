// The configuration that loads ModSecurity's rules, and which engine the server has.
import type { Layout } from './layout.ts';
import type { Root } from './root.ts';
import type { RuleFile } from './rule-files.ts';
import { readSmallFile } from './small-file.ts';

const MAX_FILE_BYTES = 4 * 1024 * 1024;
const VERSION_FILE = '/etc/cpanel/ea4/modsecurity.version';
const LITESPEED = '/usr/local/lsws/bin/lshttpd';
const NGINX_CONNECTOR = '/etc/nginx/conf.d/modsec30.conf';
/** In conf.d, in the order in which Apache includes them. */
const ENTRIES = ['modsec2.conf', 'modsec2.whitelist.conf', 'modsec30.conf'];
/** Those that an entry includes: they are entries only where it is missing. */
const INCLUDED = ['modsec/modsec2.user.conf', 'modsec/modsec2.cpanel.conf'];

export interface ModsecConfig {
  /** The files that exist, whole (latin1). */
  readonly files: readonly RuleFile[];
  /** Paths of those that Apache itself includes, in its order; empty when none was found. */
  readonly entries: readonly string[];
  /** The engine's version, e.g. `2.9.13`; null when cPanel's file does not tell it. */
  readonly version: string | null;
  readonly litespeed: boolean;
  /** True when nginx has ModSecurity's connector. */
  readonly nginx: boolean;
}

/** Reads the fixed configuration files below the root; a file that cannot be read counts as missing. */
export function readModsecConfig(root: Root, layout: Layout): ModsecConfig {
  const read = (names: readonly string[]): RuleFile[] =>
    names.flatMap((name) => {
      const path = `${layout.apacheConfFolder}/${name}`;
      const file = readSmallFile(root, path, MAX_FILE_BYTES);
      return file.problem === null ? [{ path, text: file.text }] : [];
    });
  const [entries, included] = [read(ENTRIES), read(INCLUDED)];
  const hasMain = entries.some(({ path }) => !path.endsWith('whitelist.conf'));
  const first = hasMain ? [] : included;
  return {
    files: [...entries, ...included],
    entries: [...first, ...entries].map(({ path }) => path),
    version: readVersion(root),
    litespeed: root.resolve(LITESPEED).problem === null,
    nginx: root.resolve(NGINX_CONNECTOR).problem === null,
  };
}

function readVersion(root: Root): string | null {
  const file = readSmallFile(root, VERSION_FILE, 4096);
  return file.problem === null ? (/^\s*(\d{1,3}(?:\.\d{1,4}){1,3})\s*$/.exec(file.text)?.[1] ?? null) : null;
}
