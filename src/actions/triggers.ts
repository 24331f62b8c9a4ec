// What each lfd trigger means: in words, which log lfd reads for it, and what the visitor should change.
// Source: csf's settings and their default log files (csf.conf of 15.x).

export interface TriggerInfo {
  /** What one counted line is, singular and plural. */
  readonly counted: readonly [string, string];
  /** Whether ModSecurity's rules are behind it. */
  readonly waf: boolean;
  /** csf.conf keys that name the log lfd reads. */
  readonly logKeys: readonly string[];
  /** csf.conf keys that decide about the block. */
  readonly settings: readonly string[];
  /** What the visitor should change; null where ModSecurity is the subject. */
  readonly advice: string | null;
}

const MAIL_ADVICE =
  'A mail program with an old password tries it every few minutes, phones too. Change the password in each device of that mailbox, or remove the account from it, then unblock.';

const info = (
  counted: readonly [string, string],
  logKeys: readonly string[],
  advice: string | null,
  extra: readonly string[] = [],
): Omit<TriggerInfo, 'settings'> & { extra: readonly string[] } => ({
  counted,
  waf: advice === null,
  logKeys,
  advice,
  extra,
});

const TRIGGERS: Readonly<Record<string, ReturnType<typeof info>>> = {
  LF_MODSEC: info(['refusal by ModSecurity', 'refusals by ModSecurity'], ['MODSEC_LOG'], null),
  LF_TRIGGER: info(
    ['failure of any kind', 'failures of all kinds together'],
    ['MODSEC_LOG', 'HTACCESS_LOG'],
    null,
  ),
  LF_CXS: info(['upload refused by cxs', 'uploads refused by cxs'], ['MODSEC_LOG'], null),
  LF_SYMLINK: info(
    ['symlink race caught', 'symlink races caught'],
    ['MODSEC_LOG'],
    'Apache caught a link that changed under it: look at the account that owns the files, not at the visitor.',
  ),
  LF_QOS: info(
    ['request over the mod_qos limit', 'requests over the mod_qos limit'],
    ['HTACCESS_LOG'],
    'mod_qos limits how much one address may ask for. A shared office address reaches it by honest use: raise the limit, or slow the program that asks.',
  ),
  LF_HTACCESS: info(
    ['failed login at a password-protected folder', 'failed logins at a password-protected folder'],
    ['HTACCESS_LOG'],
    'A browser or program sends a wrong password for a folder protected by .htaccess. Give the visitor the right one, or have the saved one removed.',
  ),
  LF_APACHE_404: info(
    ['request for a missing page', 'requests for missing pages'],
    ['HTACCESS_LOG'],
    'A page with many broken links or a missing picture folder does this to honest visitors: mend the links. A scanner asks for what never existed.',
  ),
  LF_APACHE_403: info(
    ['request for a forbidden page', 'requests for forbidden pages'],
    ['HTACCESS_LOG'],
    'Something the site itself links to is forbidden by its configuration: mend the "Require" or "Deny" lines of that folder.',
  ),
  LF_APACHE_401: info(
    ['request without login', 'requests without login'],
    ['HTACCESS_LOG'],
    'A program asks for a protected folder without a password. Give it one, or stop it asking.',
  ),
  LF_SSHD: info(
    ['failed ssh login', 'failed ssh logins'],
    ['SSHD_LOG'],
    'A wrong password or key at ssh or sftp. The owner of the account should check the saved password of the sftp program, or use a key.',
  ),
  LF_FTPD: info(
    ['failed FTP login', 'failed FTP logins'],
    ['FTPD_LOG'],
    'An FTP program has an old password saved. Change it there, then unblock.',
  ),
  LF_SMTPAUTH: info(
    ['failed login for sending mail', 'failed logins for sending mail'],
    ['SMTPAUTH_LOG'],
    MAIL_ADVICE,
  ),
  LF_POP3D: info(['failed mailbox login (POP3)', 'failed mailbox logins (POP3)'], ['POP3D_LOG'], MAIL_ADVICE),
  LF_IMAPD: info(['failed mailbox login (IMAP)', 'failed mailbox logins (IMAP)'], ['IMAPD_LOG'], MAIL_ADVICE),
  LF_EXIMSYNTAX: info(
    ['mail command with wrong syntax', 'mail commands with wrong syntax'],
    ['SMTPAUTH_LOG'],
    'The sending program does not speak SMTP properly: most often a spam robot, at times an old device. Look at its HELO name in exim_mainlog.',
  ),
  LF_CPANEL: info(
    ['failed cPanel, WHM or webmail login', 'failed cPanel, WHM or webmail logins'],
    ['CPANEL_LOG'],
    'A wrong password at cPanel, WHM or webmail. Have the visitor use "reset password", then unblock.',
  ),
  LF_BIND: info(
    ['denied name-server query', 'denied name-server queries'],
    ['BIND_LOG'],
    'The address asks this name server for names it does not serve: its own resolver settings point here by mistake.',
  ),
  LF_DISTATTACK: info(
    ['login attempt spread over addresses', 'login attempts spread over addresses'],
    ['HTACCESS_LOG'],
    'Many addresses tried one account. Change its password if any attempt succeeded; do not unblock single addresses of it.',
    ['LF_DISTATTACK_UNIQ'],
  ),
  LF_DISTFTP: info(
    ['FTP login from many addresses', 'FTP logins from many addresses'],
    ['FTPD_LOG'],
    'One FTP account was used from many addresses at once: its password is probably known to others. Change it.',
    ['LF_DISTFTP_UNIQ'],
  ),
  LF_DISTSMTP: info(
    ['mail login from many addresses', 'mail logins from many addresses'],
    ['SMTPAUTH_LOG'],
    'One mailbox sent from many addresses at once: its password is probably known to others. Change it.',
    ['LF_DISTSMTP_UNIQ'],
  ),
  CT_LIMIT: info(
    ['open connection', 'open connections'],
    [],
    'The address held more connections open than CT_LIMIT allows. A shared office address or a download program does that honestly: raise CT_LIMIT or lower the program’s parallel downloads.',
    ['CT_INTERVAL', 'CT_BLOCK_TIME', 'CT_PERMANENT'],
  ),
  CT_SUBNET_LIMIT: info(
    ['open connection of the net', 'open connections of the net'],
    [],
    'A whole net held more connections than CT_SUBNET_LIMIT allows.',
    ['CT_BLOCK_TIME'],
  ),
  PS_LIMIT: info(
    ['packet to a closed port', 'packets to closed ports'],
    ['IPTABLES_LOG'],
    'The address knocked at ports that are closed here. A misconfigured program of a visitor does so too: look at which port it wants (iptables log).',
    ['PS_INTERVAL', 'PS_PERMANENT'],
  ),
  LT_POP3D: info(
    ['POP3 login within an hour', 'POP3 logins within an hour'],
    ['POP3D_LOG'],
    'A mail program asks too often. Have it check mail every few minutes instead.',
  ),
  LT_IMAPD: info(
    ['IMAP login within an hour', 'IMAP logins within an hour'],
    ['IMAPD_LOG'],
    'A mail program asks too often. Have it check mail every few minutes instead.',
  ),
  LF_PERMBLOCK: info(['temporary block', 'temporary blocks'], [], null, [
    'LF_PERMBLOCK_COUNT',
    'LF_PERMBLOCK_INTERVAL',
  ]),
  LF_NETBLOCK: info(['blocked address of the net', 'blocked addresses of the net'], [], null, [
    'LF_NETBLOCK_COUNT',
    'LF_NETBLOCK_INTERVAL',
    'LF_NETBLOCK_CLASS',
  ]),
};

/** What is known of a trigger; null for an unknown or custom one. */
export function triggerInfo(trigger: string | null): TriggerInfo | null {
  const found = trigger === null ? undefined : TRIGGERS[trigger];
  if (found === undefined || trigger === null) return null;
  const { extra, ...rest } = found;
  return { ...rest, settings: [trigger, `${trigger}_PERM`, ...extra, 'LF_INTERVAL'] };
}

/** The trigger as words with its numbers, e.g. `10 refusals by ModSecurity within an hour`; null without a trigger. */
export function triggerWords(
  trigger: string | null,
  count: number | null,
  intervalSeconds: number | null,
): string | null {
  if (trigger === null) return null;
  const known = triggerInfo(trigger);
  const [one, many] = known?.counted ?? [`hit of ${trigger}`, `hits of ${trigger}`];
  const what = count === null ? many : `${count} ${count === 1 ? one : many}`;
  return intervalSeconds === null ? what : `${what} within ${spanWords(intervalSeconds)}`;
}

/** `an hour`, `24 hours`, `90 seconds` of seconds. */
export function spanWords(seconds: number): string {
  if (seconds === 3600) return 'an hour';
  if (seconds % 86_400 === 0 && seconds > 0)
    return seconds === 86_400 ? '24 hours' : `${seconds / 86_400} days`;
  if (seconds % 3600 === 0 && seconds > 0) return `${seconds / 3600} hours`;
  if (seconds % 60 === 0 && seconds > 0) return seconds === 60 ? 'a minute' : `${seconds / 60} minutes`;
  return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
}
