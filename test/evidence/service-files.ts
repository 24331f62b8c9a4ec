// The logs and lists of the other services: mail, FTP, cPanel, lfd, csf; and lfd's mail.
import type { TestRoot } from '../host/make-root.ts';
import { csfTime, syslogTime } from './raw-lines.ts';
import type { Extra } from './story.ts';

const MAILLOG = '/var/log/maillog';
const LFD_LOG = '/var/log/lfd.log';
const CSF_ALLOW = '/etc/csf/csf.allow';
const BLOCK_LIST = '/var/lib/csf/csf.block.SPAMDROP';

interface Line {
  readonly at: number;
  readonly file: string;
  readonly text: string;
}

/** Writes the services' files with these lines; each log covers the whole time, so absence says something. */
export function serviceFiles(
  root: TestRoot,
  { begin, end }: { readonly begin: number; readonly end: number },
  lines: readonly Line[],
): void {
  const stamp = syslogTime(begin);
  const tails: Readonly<Record<string, string>> = {
    [MAILLOG]: `${syslogTime(end)} host dovecot[700]: master: Warning: Killed with signal 15 (by pid=1 uid=0)\n`,
    [LFD_LOG]: `${syslogTime(end)} host lfd[4242]: Daemon stopped\n`,
  };
  const heads: Readonly<Record<string, string>> = {
    [MAILLOG]: `${stamp} host dovecot[700]: master: Dovecot v2.3.21 starting up for imap, pop3, lmtp\n`,
    '/var/log/exim_mainlog': `${new Date(begin).toISOString().slice(0, 19).replace('T', ' ')} exim 4.98 daemon started: pid=801\n`,
    '/var/log/messages': `${stamp} host pure-ftpd[900]: (?@?) [INFO] Starting\n`,
    '/usr/local/cpanel/logs/login_log': `[${new Date(begin).toISOString().slice(0, 19).replace('T', ' ')} +0000] info [cpsrvd] started\n`,
    [LFD_LOG]: `${stamp} host lfd[4242]: Daemon started on host.example.net - csf v15.10 (cpanel)\n`,
    [CSF_ALLOW]: '# addresses that are always let in\n',
    '/etc/csf/csf.deny': '# addresses that are kept out\n',
    '/etc/csf/csf.ignore': '# addresses that lfd leaves alone\n',
    '/etc/csf/csf.blocklists': 'SPAMDROP|86400|0|https://lists.example.org/drop.txt\n',
    '/etc/csf/csf.conf': 'LF_MODSEC = "5"\nLF_INTERVAL = "3600"\n',
    [BLOCK_LIST]: '198.51.100.254\n',
  };
  const byFile = Map.groupBy(
    [...lines].sort((a, b) => a.at - b.at),
    (line) => line.file,
  );
  for (const file of new Set([...Object.keys(heads), ...byFile.keys()])) {
    const own = byFile.get(file) ?? [];
    root.write(
      file,
      (heads[file] ?? '') + own.map((line) => line.text).join('') + (tails[file] ?? ''),
      Date.now() - end,
    );
  }
}

/** A mailbox of the site's account is opened over IMAP. */
export const mailboxLogin = (at: number, user = 'info'): Extra => ({
  file: MAILLOG,
  at,
  line: (when, { client, site }) =>
    `${syslogTime(when)} host dovecot[700]: imap-login: Login: user=<${user}@${site}>, method=PLAIN, rip=${client}, lip=192.0.2.80, mpid=4711, TLS, session=<a1b2c3>`,
});

/** A mailbox that belongs to nobody of this site is opened from the address. */
export const strangersLogin = (at: number): Extra => ({
  file: MAILLOG,
  at,
  line: (when, { client }) =>
    `${syslogTime(when)} host dovecot[700]: imap-login: Login: user=<info@elsewhere.example.net>, method=PLAIN, rip=${client}, lip=192.0.2.80, mpid=4712, TLS, session=<a1b2c4>`,
});

/** The owner of the account uploads by FTP. */
export const ftpLogin = (at: number): Extra => ({
  file: '/var/log/messages',
  at,
  line: (when, { client, account }) =>
    `${syslogTime(when)} host pure-ftpd[901]: (?@${client}) [INFO] ${account} is now logged in`,
});

/** The owner of the account opens cPanel. */
export const cpanelLogin = (at: number): Extra => ({
  file: '/usr/local/cpanel/logs/login_log',
  at,
  line: (when, { client, account }) =>
    `[${new Date(when).toISOString().slice(0, 19).replace('T', ' ')} +0000] info [cpaneld] ${client} - ${account} - SUCCESS LOGIN cpaneld`,
});

/** A wrong password at a mailbox of the site. */
export const failedMailLogin = (at: number): Extra => ({
  file: MAILLOG,
  at,
  line: (when, { client, site }) =>
    `${syslogTime(when)} host dovecot[700]: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<info@${site}>, method=PLAIN, rip=${client}, lip=192.0.2.80, TLS, session=<a1b2c5>`,
});

/** lfd blocked the address for wrong mail passwords. */
export const imapBlock = (at: number): Extra => ({
  file: LFD_LOG,
  at,
  line: (when, { client }) =>
    `${syslogTime(when)} host lfd[4242]: (imapd) Failed IMAP login from ${client} (SK/Slovakia/-): 10 in the last 3600 secs - *Blocked in csf* for 900 secs [LF_IMAPD]`,
});

/** lfd blocked the address for guessing SSH passwords. */
export const sshdBlock = (at: number): Extra => ({
  file: LFD_LOG,
  at,
  line: (when, { client }) =>
    `${syslogTime(when)} host lfd[4242]: (sshd) Failed SSH login from ${client} (XX/Unknown/-): 5 in the last 3600 secs - *Blocked in csf* [LF_SSHD]`,
});

/** lfd blocked the address for these requests, with the host name that it prints. */
export const modsecBlock = (at: number, name = '-'): Extra => ({
  file: LFD_LOG,
  at,
  line: (when, { client }) =>
    `${syslogTime(when)} host lfd[4242]: (mod_security) mod_security (id:949110) triggered by ${client} (SK/Slovakia/${name}): 5 in the last 3600 secs - *Blocked in csf* for 900 secs [LF_MODSEC]`,
});

/** The address stands in csf.allow with a comment. */
export const allowed = (comment: string): Extra => ({
  file: CSF_ALLOW,
  at: 0,
  line: (when, { client }) => `${client} # ${comment} - ${csfTime(when)}`,
});

/** Any line of csf's lists about the address. */
export const entry = (file: string, text: (client: string) => string): Extra => ({
  file,
  at: 0,
  line: (_when, { client }) => text(client),
});

/** A block list that csf loaded holds the address. */
export const listed = (): Extra => ({ file: BLOCK_LIST, at: 0, line: (_when, { client }) => client });

/** lfd's mail about a block, with the lines that it quotes. */
export function mailOf(client: string, at: number, lines: readonly string[]): string {
  const date = new Date(at).toUTCString().replace('GMT', '+0000');
  return [
    'From: root@host.example.net',
    'To: root@host.example.net',
    `Subject: lfd on host.example.net: blocked ${client} (XX/Unknown/-)`,
    `Date: ${date}`,
    '',
    `Time:     ${csfTime(at)} +0000`,
    `IP:       ${client} (XX/Unknown/-)`,
    `Failures: ${lines.length} (mod_security)`,
    'Interval: 3600 seconds',
    'Blocked:  Permanent Block [LF_MODSEC]',
    '',
    'Log entries:',
    '',
    ...lines,
    '',
  ].join('\n');
}
