// Successful logins of mailboxes, FTP users and cPanel accounts, as their services log them.
// Every name in such a line was typed by a client, and exim's HELO and subject are free text: a line counts only when
// it can be read in one way.
import type { LoginService } from '../model-evidence.ts';
import { normalizeAddress } from './address.ts';

/** Which services write to a log: those that log through syslog, exim's main log, cPanel's login_log and session_log. */
export type LoginSource = 'syslog' | 'exim' | 'cpanel';

/** Who logged in to what, from where. The time is that of the line (see lineTimeReader). */
export interface LoginLine {
  /** Normalised; never loopback. */
  readonly address: string;
  readonly service: LoginService;
  /** As logged: `info@shop.example.com`, or the name of an account. Printable ASCII without blanks. */
  readonly user: string;
}

/** Texts of which a login's line holds at least one: all other lines need no look. */
export const LOGIN_MARKS: Readonly<Record<LoginSource, readonly string[]>> = {
  syslog: [
    '-login: Login: user=<',
    '-login: Logged in: user=<',
    ' is now logged in',
    ': Login successful',
    '] OK LOGIN: Client "',
  ],
  exim: [' A=dovecot_'],
  cpanel: [' - SUCCESS LOGIN ', 'method=handle_form_login'],
};

/** Mails to hundreds of people make long lines; nothing real is longer. */
const LONGEST = 64 * 1024;
/** Printable ASCII but for blank, quote and angle brackets. */
const USER = String.raw`[\x21\x23-\x3b\x3d\x3f-\x7e]{1,254}`;
const ADDRESS = '[0-9A-Fa-f.:]{2,45}';

/**
 * Reads one line (latin1, without its newline) of such a log; null for everything but a successful login with a
 * password from another machine. Never throws.
 *
 * Formats seen in the programs' source or in real logs: dovecot 2.3 `imap-login: Login: user=<…>, method=PLAIN, rip=…`
 * and cPanel's and 2.4's `Logged in:` (login-common/client-common.c), exim `<= … H=(…) [ip]:port P=esmtpsa …
 * A=dovecot_login:… S=…` (receive.c), pure-ftpd `(?@ip) [INFO] … is now logged in` (ftpd.c), vsftpd
 * `[user] OK LOGIN: Client "ip"`, cPanel's `… - user - SUCCESS LOGIN cpaneld` and
 * `NEW user:… address=…,app=…,method=handle_form_login,possessed=0`. Judgement: `submission-login` logs as its
 * sisters do; proftpd `host (name[ip]) - USER x: Login successful.` is put together from its source; vsftpd is
 * read only where it logs through syslog. A session that another user opened (`possessor`, `create_user_session`)
 * and one that was made for a wrong password (`badpass`) prove nothing.
 */
export function parseLoginLine(source: LoginSource, line: string): LoginLine | null {
  if (line.length > LONGEST) return null;
  if (source === 'exim') return eximLogin(line);
  return source === 'cpanel' ? cpanelLogin(line.trimEnd()) : syslogLogin(line.trimEnd());
}

function login(address: string | undefined, service: LoginService, user: string): LoginLine | null {
  const normal = address === undefined ? null : normalizeAddress(address);
  if (normal === null || normal === '::1' || normal.startsWith('127.')) return null;
  return { address: normal, service, user };
}

// `Nov 22 17:56:41 host dovecot[12]: ` or with an RFC 3339 time.
const SYSLOG =
  /^(?:[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)) [^\s:]{1,255} ([a-z-]{2,20})(?:\[\d{1,10}\])?: /;

const SYSLOG_PROGRAMS: Readonly<Record<string, (message: string) => LoginLine | null>> = {
  dovecot: dovecotLogin,
  'pure-ftpd': pureFtpdLogin,
  proftpd: proftpdLogin,
  vsftpd: vsftpdLogin,
};

function syslogLogin(line: string): LoginLine | null {
  const head = SYSLOG.exec(line);
  const name = head?.[1] ?? '';
  const program = Object.hasOwn(SYSLOG_PROGRAMS, name) ? SYSLOG_PROGRAMS[name] : undefined;
  return program?.(line.slice(head?.[0].length)) ?? null;
}

const DOVECOT = new RegExp(`^(imap|pop3|submission)-login: (?:Login|Logged in): user=<(${USER})>, `);
const RIP = new RegExp(`, rip=(${ADDRESS}), `);
const DOVECOT_SERVICES = { imap: 'imap', pop3: 'pop3', submission: 'smtp' } as const;

function dovecotLogin(message: string): LoginLine | null {
  const found = DOVECOT.exec(message);
  if (found === null || !once(message, 'rip=')) return null;
  const service = DOVECOT_SERVICES[found[1] as keyof typeof DOVECOT_SERVICES];
  return login(RIP.exec(message.slice(found[0].length - 2))?.[1], service, found[2] ?? '');
}

// The name before the `@` is `?` until this very line. A host name there (DontResolve off) tells no address.
const PURE_FTPD = new RegExp(String.raw`^\(\?@(${ADDRESS})\) \[INFO\] (${USER}) is now logged in$`);

function pureFtpdLogin(message: string): LoginLine | null {
  const found = PURE_FTPD.exec(message);
  return found === null ? null : login(found[1], 'ftp', found[2] ?? '');
}

const PROFTPD = new RegExp(
  String.raw`^[^\s()\[\]]{1,255} \([^\s()\[\]]{1,255}\[(${ADDRESS})\]\)(?: -|:) USER (${USER}): Login successful\.?$`,
);

function proftpdLogin(message: string): LoginLine | null {
  const found = PROFTPD.exec(message);
  return found === null ? null : login(found[1], 'ftp', found[2] ?? '');
}

const VSFTPD = new RegExp(
  String.raw`^(?:\[pid \d{1,10}\] )?\[([^\s\[\]"<>]{1,254})\] OK LOGIN: Client "(${ADDRESS})"$`,
);

function vsftpdLogin(message: string): LoginLine | null {
  const found = VSFTPD.exec(message);
  return found?.[1] === undefined || !PRINTABLE.test(found[1]) ? null : login(found[2], 'ftp', found[1]);
}

const PRINTABLE = new RegExp(`^${USER}$`);

// The id of the message, `<=`, then sender, host and what the session had, up to the size.
const EXIM_START =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [+-]\d{4})?(?: \[\d{1,10}\])? [0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4} <= /;
/** What stands between the host's name and ` P=`: address and port, the server's own side, fast open. */
const EXIM_HOST = new RegExp(
  String.raw` \[(${ADDRESS})\](?::\d{1,5})?(?: I=\[${ADDRESS}\](?::\d{1,5})?)?(?: TFO\*?)?$`,
);
const EXIM_AUTH = new RegExp(
  String.raw`^e?s?smtps?a(?: L[.*-]?)?(?: X=[^\s"]{1,200})?(?: CV=[a-z]{1,20})?(?: DN="[^"]{0,1000}")?(?: SNI="[^"]{0,1000}")? A=dovecot_[a-z0-9_]{1,40}:(${USER}) `,
);

/**
 * cPanel lets a client say anything in HELO, so that `H=(…)` may hold a whole line of its own. The true ` P=` and ` A=`
 * are always written: where there is one of each, they are the true ones, and right before ` P=` stands the
 * address that the connection came from.
 */
function eximLogin(line: string): LoginLine | null {
  const start = EXIM_START.exec(line)?.[0].length;
  if (start === undefined || !once(line, ' A=') || !once(line, ' P=')) return null;
  const protocol = line.indexOf(' P=', start);
  const host = EXIM_HOST.exec(line.slice(Math.max(start, protocol - 256), protocol));
  const session = EXIM_AUTH.exec(line.slice(protocol + 3, protocol + 4096));
  // With the selector smtp_mailauth the sender that the client named follows after a colon.
  const user = session?.[1]?.split(':')[0] ?? '';
  return host === null || user === '' ? null : login(host[1], 'smtp', user);
}

const CPANEL_SERVICES: Readonly<Record<string, LoginService>> = {
  cpaneld: 'cpanel',
  webmaild: 'webmail',
  whostmgrd: 'whm',
};
const CPANEL_HEAD = String.raw`^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] info \[[a-z]{2,20}\] (${ADDRESS})`;
const LOGIN_LOG = new RegExp(`${CPANEL_HEAD} - (${USER}) - SUCCESS LOGIN (cpaneld|webmaild|whostmgrd)$`);
const SESSION_LOG = new RegExp(`${CPANEL_HEAD} NEW ([^\\s:]{1,254}):[^\\s:]{1,256} (\\S{1,2048})$`);

function cpanelLogin(line: string): LoginLine | null {
  const found = LOGIN_LOG.exec(line);
  const service = CPANEL_SERVICES[found?.[3] ?? ''];
  return found === null || service === undefined
    ? sessionLogin(line)
    : login(found[1], service, found[2] ?? '');
}

function sessionLogin(line: string): LoginLine | null {
  const found = SESSION_LOG.exec(line);
  if (found === null) return null;
  const [, address, user = '', text = ''] = found;
  const fields = fieldsOf(text);
  const service = CPANEL_SERVICES[fields?.get('app') ?? ''];
  const own = { address, creator: user, method: 'handle_form_login', possessed: '0' };
  const isOwn = Object.entries(own).every(([name, value]) => fields?.get(name) === value);
  return !isOwn || service === undefined || !PRINTABLE.test(user)
    ? null
    : login(address, service, user.replace(/%40/g, '@'));
}

/** `a=1,b=2`; null when a name comes twice. */
function fieldsOf(text: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    if (fields.has(name)) return null;
    fields.set(name, equals < 0 ? '' : part.slice(equals + 1));
  }
  return fields;
}

/** Whether a text stands in the line exactly once. */
function once(line: string, text: string): boolean {
  const first = line.indexOf(text);
  return first >= 0 && !line.includes(text, first + 1);
}
