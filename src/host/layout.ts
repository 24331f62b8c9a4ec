// Where this server keeps things: cPanel's places, corrected by its own paths.conf and csf.conf, then by --config.
import { parsePathsConf } from '../parse/paths-conf.ts';
import { folderOf } from './log-names.ts';

/** Server paths that `--config` may set; log entries may hold `*` and `?`. */
export interface LayoutOverrides {
  readonly errorLogs?: readonly string[];
  readonly auditLogs?: readonly string[];
  readonly auditFolders?: readonly string[];
  readonly accessLogs?: readonly string[];
  readonly lfdLogs?: readonly string[];
  /** These three are searched; of the first two only successful logins are ingested. */
  readonly mailLogs?: readonly string[];
  readonly systemLogs?: readonly string[];
  readonly nginxErrorLogs?: readonly string[];
  /** Folders with one access log per vhost, named after it. */
  readonly domlogFolders?: readonly string[];
  readonly csfFolder?: string;
  readonly csfStateFolder?: string;
  readonly apacheConfFolder?: string;
  readonly ruleFolders?: readonly string[];
  readonly userdatadomains?: string;
  readonly userdataFolder?: string;
  /** Apache's generated configuration; what a trial build writes lies beside it. */
  readonly httpdConf?: string;
  readonly httpdPreviewConf?: string;
  /** Folder of the include files of vhosts. */
  readonly includeFolder?: string;
  readonly httpdProgram?: string;
  /** WHM's own database of rule hits. */
  readonly whmHits?: string;
}

/** Server paths, all absolute. */
export type Layout = Required<LayoutOverrides>;

const MAIL_LOGS = [
  '/var/log/maillog',
  '/var/log/mail.log',
  '/var/log/exim_mainlog',
  '/var/log/exim_rejectlog',
  '/var/log/exim_paniclog',
];
const SYSTEM_LOGS = [
  '/var/log/messages',
  '/var/log/syslog',
  '/var/log/secure',
  '/var/log/auth.log',
  '/var/log/cron',
];
const CPANEL_LOGS = ['login_log', 'access_log', 'error_log', 'session_log', 'cphulkd.log'].map(
  (name) => `/usr/local/cpanel/logs/${name}`,
);
const CSF_MAIL_LOGS = ['SMTPAUTH_LOG', 'POP3D_LOG', 'IMAPD_LOG'];
const CSF_SYSTEM_LOGS = ['SSHD_LOG', 'SU_LOG', 'SUDO_LOG', 'FTPD_LOG', 'CPANEL_LOG', 'SYSLOG_LOG'];

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
 * EasyApache 4 moved, so a named file that is missing is no gap as long as another one is there. A system log that
 * csf reads mail logins from (a generic csf names /var/log/secure) stays a system log.
 */
export function buildLayout(texts: LayoutTexts, overrides: LayoutOverrides = {}): Layout {
  const paths = parsePathsConf(texts.pathsConf ?? '');
  const logs = paths.get('dir_logs') ?? LOGS;
  const confD = paths.get('dir_conf') ?? CONF_D;
  const errorLog = paths.get('file_error_log') ?? `${logs}/error_log`;
  const csf = (keys: readonly string[]): string[] => keys.map((key) => csfPath(texts.csfConf ?? '', key));
  const httpdConf = paths.get('file_conf') ?? '/etc/apache2/conf/httpd.conf';
  const ruleFolders = [`${confD}/modsec_vendor_configs`, `${confD}/modsec`];
  const defaults: Layout = {
    errorLogs: unique([errorLog, ...csf(['MODSEC_LOG', 'HTACCESS_LOG'])]),
    auditLogs: [`${logs}/modsec_audit.log`],
    auditFolders: [`${logs}/modsec_audit`],
    accessLogs: [paths.get('file_access_log') ?? `${logs}/access_log`, '/var/log/nginx/access.log'],
    lfdLogs: ['/var/log/lfd.log'],
    mailLogs: unique([...MAIL_LOGS, ...csf(CSF_MAIL_LOGS).filter((path) => !SYSTEM_LOGS.includes(path))]),
    systemLogs: unique([...SYSTEM_LOGS, ...besides(errorLog), ...CPANEL_LOGS, ...csf(CSF_SYSTEM_LOGS)]),
    nginxErrorLogs: ['/var/log/nginx/error.log'],
    domlogFolders: [paths.get('dir_domlogs') ?? `${logs}/domlogs`, '/var/log/nginx/domains'],
    csfFolder: DEFAULT_CSF_FOLDER,
    csfStateFolder: '/var/lib/csf',
    apacheConfFolder: confD,
    ruleFolders,
    userdatadomains: '/etc/userdatadomains',
    userdataFolder: '/var/cpanel/userdata',
    httpdConf,
    httpdPreviewConf: `${folderOf(httpdConf)}/httpd-preview.conf`,
    includeFolder: paths.get('dir_conf_userdata') ?? `${confD}/userdata`,
    httpdProgram: paths.get('bin_httpd') ?? '/usr/sbin/httpd',
    whmHits: '/var/cpanel/modsec/modsec.sqlite',
  };
  return { ...defaults, ...overrides };
}

/** Mail and system logs in which no service logs who logged in with a password. */
const NO_LOGINS: ReadonlySet<string> = new Set([
  'exim_rejectlog',
  'exim_paniclog',
  'cron',
  'suexec_log',
  'ssl_engine_log',
  'access_log',
  'error_log',
  'cphulkd.log',
]);

/** The mail and system logs that may hold successful logins of mailboxes, FTP users and accounts. */
export function loginLogs({ mailLogs, systemLogs }: Layout): string[] {
  return [...mailLogs, ...systemLogs].filter((path) => !NO_LOGINS.has(path.slice(path.lastIndexOf('/') + 1)));
}

/** What Apache writes beside its error log. */
function besides(errorLog: string): string[] {
  return ['suexec_log', 'ssl_engine_log'].map((name) => `${folderOf(errorLog)}/${name}`);
}

/** One `KEY = "value"` of csf.conf that is an absolute path; empty text otherwise. */
function csfPath(text: string, key: string): string {
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals < 0 || line.slice(0, equals).trim() !== key) continue;
    const value = /^"([^"\0]{1,4096})"/.exec(line.slice(equals + 1).trim())?.[1] ?? '';
    return value.startsWith('/') ? value.replace(/\/{2,}/g, '/') : '';
  }
  return '';
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths.filter((path) => path !== ''))];
}
