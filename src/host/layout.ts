// Where this server keeps things: cPanel's places, corrected by its own paths.conf and csf.conf, then by --config.
import { parsePathsConf } from '../parse/paths-conf.ts';

/** Server paths that `--config` may set; log entries may hold `*` and `?` in their last component. */
export interface LayoutOverrides {
  readonly errorLogs?: readonly string[];
  readonly auditLogs?: readonly string[];
  readonly auditFolders?: readonly string[];
  readonly accessLogs?: readonly string[];
  readonly lfdLogs?: readonly string[];
  /** Folders with one access log per vhost, named after it. */
  readonly domlogFolders?: readonly string[];
  readonly csfFolder?: string;
  readonly csfStateFolder?: string;
  readonly apacheConfFolder?: string;
  readonly ruleFolders?: readonly string[];
  readonly userdatadomains?: string;
  readonly userdataFolder?: string;
}

/** Server paths, all absolute. */
export type Layout = Required<LayoutOverrides>;

const CONF_D = '/etc/apache2/conf.d';
const LOGS = '/etc/apache2/logs';
export const PATHS_CONF = '/etc/cpanel/ea4/paths.conf';
export const DEFAULT_CSF_FOLDER = '/etc/csf';

/** The texts that correct the defaults; null for a file that is not there. */
export interface LayoutTexts {
  readonly pathsConf: string | null;
  readonly csfConf: string | null;
}

/**
 * Builds the layout. An override replaces its entry whole. ModSecurity's lines are sought in Apache's error log
 * and in the file that csf.conf names (MODSEC_LOG, HTACCESS_LOG): csf keeps the old name of a file that
 * EasyApache 4 moved, so a named file that is missing is no gap as long as another one is there.
 */
export function buildLayout(texts: LayoutTexts, overrides: LayoutOverrides = {}): Layout {
  const paths = parsePathsConf(texts.pathsConf ?? '');
  const logs = paths.get('dir_logs') ?? LOGS;
  const confD = paths.get('dir_conf') ?? CONF_D;
  const csfLogs = ['MODSEC_LOG', 'HTACCESS_LOG'].map((key) => csfPath(texts.csfConf ?? '', key));
  const ruleFolders = [`${confD}/modsec_vendor_configs`, `${confD}/modsec`];
  const defaults: Layout = {
    errorLogs: unique([paths.get('file_error_log') ?? `${logs}/error_log`, ...csfLogs]),
    auditLogs: [`${logs}/modsec_audit.log`],
    auditFolders: [`${logs}/modsec_audit`],
    accessLogs: [paths.get('file_access_log') ?? `${logs}/access_log`, '/var/log/nginx/access.log'],
    lfdLogs: ['/var/log/lfd.log'],
    domlogFolders: [paths.get('dir_domlogs') ?? `${logs}/domlogs`, '/var/log/nginx/domains'],
    csfFolder: DEFAULT_CSF_FOLDER,
    csfStateFolder: '/var/lib/csf',
    apacheConfFolder: confD,
    ruleFolders,
    userdatadomains: '/etc/userdatadomains',
    userdataFolder: '/var/cpanel/userdata',
  };
  return { ...defaults, ...overrides };
}

/** One `KEY = "value"` of csf.conf that is an absolute path; empty text otherwise. */
function csfPath(text: string, key: string): string {
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals < 0 || line.slice(0, equals).trim() !== key) continue;
    const value = /^"([^"\0]{1,4096})"/.exec(line.slice(equals + 1).trim())?.[1] ?? '';
    return value.startsWith('/') ? value : '';
  }
  return '';
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths.filter((path) => path !== ''))];
}
