// csf's files of the demo server: csf.conf, the lists, older deny entries, and the mail and ssh logs that lfd reads.
import { newestStamp, stamp } from './stamps.ts';
import type { EpochMicros, StampKind } from './stamps.ts';
import type { Block, LfdFacts, WatchedLine } from './lfd.ts';
import { appendDeny, denyLine, lfdLogLine, tempbanLine, tempipLine } from './lfd.ts';
import { IMAP_CLIENT, mailLines, SMTP_CLIENT } from './stories/mail-login.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The values of csf.conf; the ones that lfd's stand-in obeys are among them. */
export const CSF_CONF: Readonly<Record<string, string>> = {
  TESTING: '0',
  LF_DAEMON: '1',
  IPV6: '1',
  RESTRICT_UI: '1',
  DENY_IP_LIMIT: '30',
  DENY_TEMP_IP_LIMIT: '100',
  IGNORE_ALLOW: '0',
  LF_IPSET: '0',
  LF_TRIGGER: '0',
  LF_SELECT: '0',
  LF_EMAIL_ALERT: '1',
  LF_TEMP_EMAIL_ALERT: '1',
  LF_SSHD: '5',
  LF_SSHD_PERM: '1',
  LF_SMTPAUTH: '5',
  LF_SMTPAUTH_PERM: '1',
  LF_POP3D: '10',
  LF_POP3D_PERM: '1',
  LF_IMAPD: '10',
  LF_IMAPD_PERM: '1',
  LF_HTACCESS: '5',
  LF_HTACCESS_PERM: '1',
  LF_MODSEC: '10',
  LF_MODSEC_PERM: '1',
  LF_APACHE_404: '40',
  LF_APACHE_404_PERM: '21600',
  LF_APACHE_403: '0',
  LF_INTERVAL: '3600',
  LF_PARSE: '5',
  LF_FLUSH: '3600',
  LF_PERMBLOCK: '1',
  LF_PERMBLOCK_INTERVAL: '86400',
  LF_PERMBLOCK_COUNT: '4',
  LF_NETBLOCK: '0',
  CT_LIMIT: '0',
  CC_LOOKUPS: '1',
  CC_DENY: '',
  LF_LOOKUPS: '1',
  BLOCK_REPORT: '',
  UNBLOCK_REPORT: '',
  HTACCESS_LOG: '/usr/local/apache/logs/error_log',
  MODSEC_LOG: '/usr/local/apache/logs/error_log',
  SSHD_LOG: '/var/log/secure',
  SMTPAUTH_LOG: '/var/log/exim_mainlog',
  POP3D_LOG: '/var/log/maillog',
  IMAPD_LOG: '/var/log/maillog',
  IPTABLES_LOG: '/var/log/messages',
};

/** Text of csf.conf. */
export function csfConf(): string {
  const lines = Object.entries(CSF_CONF).map(([key, value]) => `${key} = "${value}"\n`);
  return `# The firewall's settings. A change needs a restart of csf and lfd.\n\n${lines.join('\n')}`;
}

const SSH_CLIENT = '203.0.113.7';
export const OFFICE = '198.51.100.10';
export const MONITOR = '192.0.2.250';

/** What the look-up of csf says of the addresses that get blocked. */
export const COUNTRIES: Readonly<Record<string, string>> = {
  '198.51.100.77': 'US/United States/-',
  '203.0.113.24': 'SK/Slovakia/dsl-24.pool.example.net',
  '203.0.113.140': 'NL/Netherlands/vps-140.hosting.example.net',
  '198.51.100.201': 'RO/Romania/-',
  [SMTP_CLIENT]: 'DE/Germany/mail-gw.example.org',
  [IMAP_CLIENT]: 'SK/Slovakia/mobile-154.example.net',
  '203.0.113.58': 'RU/Russian Federation/-',
  '192.0.2.118': 'SK/Slovakia/office-118.example.net',
  '198.51.100.133': 'SK/Slovakia/dsl-133.pool.example.org',
  '2001:db8:e14:7::31': 'CZ/Czechia/-',
  '198.51.100.27': 'AT/Austria/dyn-27.example.com',
  [SSH_CLIENT]: 'CN/China/-',
};

/** What lfd's stand-in works by; its cycles lie so that the ten hits are blocked about five seconds after the first. */
export function lfdFacts(end: EpochMicros): LfdFacts {
  return {
    settings: CSF_CONF,
    countries: COUNTRIES,
    ignored: [MONITOR],
    startedAt: end - 30 * HOUR * 1e6 + 4_600_000,
  };
}

/** One moment, counted in seconds from the end of the recording, as a token. */
export type Ago = (kind: StampKind, seconds: number) => string;

/** Gives the tokens of moments before `end`. */
export function agoFrom(end: EpochMicros): Ago {
  return (kind, seconds) => stamp(kind, end + Math.round(seconds * 1e6));
}

function lfdDeny(ago: Ago, seconds: number, address: string, text: string): string {
  return `${address} # lfd: ${text} - ${ago('C', seconds)}\n`;
}

const HEAD: readonly string[] = [
  '###############################################################################\n',
  '# Addresses, networks and filters that are blocked. One entry a line.\n',
  '###############################################################################\n\n',
  'Include /etc/csf/customers.deny\n',
];

/** The latest time in a line of csf.deny, in epoch seconds. */
const denied = (line: string): number => newestStamp(line) ?? 0;

/** csf.deny as `csf -d` has written it, entry by entry. */
function denyFile(blocks: readonly Block[], ago: Ago): string {
  const permanent = blocks.filter((block) => block.seconds === null).map(denyLine);
  const entries = [...olderDenies(ago), ...permanent].sort((a, b) => denied(a) - denied(b));
  const limit = Number(CSF_CONF.DENY_IP_LIMIT);
  return entries.reduce<readonly string[]>((lines, entry) => appendDeny(lines, entry, limit), HEAD).join('');
}

/** Entries of csf.deny from before the recording, of many kinds; none of them has lines in the logs. */
function olderDenies(ago: Ago): string[] {
  const modsec = (address: string, where: string): string =>
    `(mod_security) mod_security (id:949110) triggered by ${address} (${where}): 10 in the last 3600 secs`;
  const failed = (app: string, what: string, address: string, where: string): string =>
    `(${app}) Failed ${what} login from ${address} (${where}): 5 in the last 3600 secs`;
  const at = -DAY;
  return [
    `192.0.2.66 # mail abuse, ticket 2231 - do not delete - ${ago('C', 210 * at)}\n`,
    `203.0.113.224/28 # scraping the shop, ticket 2307 - do not delete - ${ago('C', 143 * at + 4000)}\n`,
    `2001:db8:bad::/48 # comment spam - do not delete - ${ago('C', 121 * at - 900)}\n`,
    lfdDeny(ago, 61 * at, '203.0.113.200', failed('sshd', 'SSH', '203.0.113.200', 'VN/Vietnam/-')),
    lfdDeny(ago, 58 * at + 7200, '203.0.113.201', modsec('203.0.113.201', 'US/United States/-')),
    `tcp|in|d=22|s=203.0.113.64/28 # no ssh from there - ${ago('C', 55 * at)}\n`,
    lfdDeny(ago, 47 * at - 333, '192.0.2.77', failed('ftpd', 'FTP', '192.0.2.77', 'BR/Brazil/-')),
    lfdDeny(
      ago,
      40 * at,
      '198.51.100.9',
      '(PERMBLOCK) 198.51.100.9 (FR/France/-) has had more than 4 temp blocks in the last 86400 secs',
    ),
    lfdDeny(
      ago,
      33 * at + 100,
      '192.0.2.143',
      failed('imapd', 'IMAP', '192.0.2.143', 'SK/Slovakia/dyn-143.example.net'),
    ),
    `203.0.113.210 # Manually denied: 203.0.113.210 (US/United States/-) - ${ago('C', 30 * at)}\n`,
    lfdDeny(ago, 21 * at + 51, '2001:db8:5::7', modsec('2001:db8:5::7', 'Unknown')),
    lfdDeny(
      ago,
      20 * at - 8000,
      '198.51.100.55',
      '(htpasswd) Failed web page login from 198.51.100.55 (PL/Poland/-): 5 in the last 3600 secs',
    ),
    `203.0.113.99 # DENY by Reseller webpro (password guessing) - ${ago('C', 17 * at)}\n`,
    lfdDeny(
      ago,
      12 * at + 1234,
      '192.0.2.19',
      '*Port Scan* detected from 192.0.2.19 (US/United States/scan-19.example.org). 11 hits in the last 76 seconds',
    ),
    ...[46, 47, 48, 49].map((last, i) =>
      lfdDeny(
        ago,
        11 * at + i * 5400,
        `203.0.113.${last}`,
        failed('sshd', 'SSH', `203.0.113.${last}`, 'CN/China/-'),
      ),
    ),
    lfdDeny(ago, 9 * at, '203.0.113.111', modsec('203.0.113.111', 'ID/Indonesia/-')),
    lfdDeny(ago, 8 * at - 777, '203.0.113.112', modsec('203.0.113.112', 'ID/Indonesia/-')),
    lfdDeny(
      ago,
      5 * at + 4242,
      '192.0.2.230',
      failed('smtpauth', 'SMTP AUTH', '192.0.2.230', 'UA/Ukraine/-'),
    ),
    `198.51.100.190 # asked by the owner of shop.example.com - ${ago('C', 4 * at)}\n`,
    lfdDeny(ago, 3 * at - 60, '203.0.113.161', modsec('203.0.113.161', 'NL/Netherlands/-')),
  ];
}

function sshLines(ago: Ago, end: EpochMicros): WatchedLine[] {
  return [0, 4, 9, 13, 18].map((gap, i) => {
    const seconds = -26 * HOUR + gap;
    const who = i % 2 === 0 ? 'root' : 'invalid user admin';
    return {
      at: end + seconds * 1e6,
      text: `${ago('S', seconds)} server sshd[${3310 + i}]: Failed password for ${who} from ${SSH_CLIENT} port ${40100 + i * 7} ssh2`,
    };
  });
}

const STARTED = [
  'Daemon started on server.example.com - csf v15.10 (cpanel)',
  'LF_APACHE_ERRPORT: Set to [2]',
  'IPv6 Enabled...',
  'Country Code Lookups...',
  'Temp to Perm Block Tracking...',
  'SSH Tracking...',
  'Watching /var/log/maillog...',
  'Watching /var/log/exim_mainlog...',
  'Watching /var/log/messages...',
  'Watching /var/log/secure...',
  'Watching /usr/local/apache/logs/error_log...',
];

/** The logs that lfd watches besides error_log. */
export interface SystemLogs {
  readonly secure: readonly WatchedLine[];
  readonly exim: readonly WatchedLine[];
  readonly maillog: readonly WatchedLine[];
}

/** Failed logins of the last day: two mail programs with an old password, one ssh guesser. */
export function systemLogs(end: EpochMicros): SystemLogs {
  const ago = agoFrom(end);
  return { secure: sshLines(ago, end), ...mailLines(ago, end) };
}

function lfdLog(blocks: readonly Block[], ago: Ago): string {
  const from = -30 * HOUR;
  const started = STARTED.map((text) => `${ago('S', from)} server lfd[1705]: ${text}\n`).join('');
  return started + blocks.map((block, i) => lfdLogLine(block, 1810 + i * 67)).join('');
}

/**
 * All files of csf, by path below the root. `blocks` in time order; those before `logsFrom` are in csf.deny but no
 * longer in lfd.log or csf.tempip.
 */
export function csfFiles(
  blocks: readonly Block[],
  end: EpochMicros,
  logsFrom: EpochMicros,
): Record<string, string> {
  const ago = agoFrom(end);
  const late = blocks.filter((block) => block.at >= logsFrom);
  const temp = late
    .filter((block) => block.seconds !== null && block.at + block.seconds * 1e6 > end)
    .map(tempbanLine);
  const manual = `${ago('U', -2 * HOUR)}|198.51.100.190||in|86400|until the ticket is answered\n`;
  const day = late.filter((block) => end - block.at < DAY * 1e6).map(tempipLine);
  return {
    'etc/csf/csf.conf': csfConf(),
    'etc/csf/csf.deny': denyFile(blocks, ago),
    'etc/csf/customers.deny': `# Asked for by customers\n192.0.2.181 # forum spammer, craft.example.net\n`,
    'etc/csf/csf.allow': `# Addresses that are always let in\n${OFFICE} # our office - ${ago('C', -300 * DAY)}\ntcp|in|d=22|s=2001:db8:0:10::/64 # ssh from the office - ${ago('C', -299 * DAY)}\n`,
    'etc/csf/csf.ignore': `# Addresses that lfd never blocks\n127.0.0.1\n${MONITOR} # uptime monitor\n`,
    'var/lib/csf/csf.tempban': manual + temp.join(''),
    'var/lib/csf/csf.tempip': day.join(''),
    'var/log/lfd.log': lfdLog(late, ago),
  };
}
