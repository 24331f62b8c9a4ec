// Which of lfd's catches say something about an address that ModSecurity's own log does not say already.
import type { LfdMessage } from '../model-csf.ts';
import { triggerOfApps } from '../parse/lfd-apps.ts';

/** Mail programs with an old password are caught by these. */
const MAIL: ReadonlySet<string> = new Set([
  'LF_IMAPD',
  'LF_POP3D',
  'LF_SMTPAUTH',
  'LF_EXIMSYNTAX',
  'LF_DISTSMTP',
]);

/**
 * Failures at other services. Left out: ModSecurity and cxs, what counts answers of the same web requests (404, 403,
 * mod_qos, symlink, connections), sums of earlier blocks, what another server or an admin's own expression counted
 * (nobody knows what), and limits of successful logins and of sent mail.
 */
const OTHERS: ReadonlySet<string> = new Set([
  ...[
    'LF_SSHD',
    'LF_FTPD',
    'LF_HTACCESS',
    'LF_CPANEL',
    'LF_WEBMIN',
    'LF_DIRECTADMIN',
    'LF_INTERWORX',
    'LF_CWP',
  ],
  ...[
    'LF_VESTA',
    'LF_BIND',
    'LF_SUHOSIN',
    'LF_DISTATTACK',
    'LF_DISTFTP',
    'LF_APACHE_401',
    'PS_LIMIT',
    'UI_RETRY',
  ],
]);

/** Whether a catch is about mail logins. */
export function isMailCatch(trigger: string | null): boolean {
  return trigger !== null && MAIL.has(trigger);
}

/**
 * The setting by which lfd caught an address on another service; null for a catch that does not count. Of a block for
 * failures of several kinds it names the one that counts, one that is no mail service first.
 */
export function otherService({ trigger, apps }: Pick<LfdMessage, 'trigger' | 'apps'>): string | null {
  const named = trigger === 'LF_TRIGGER' ? apps.map((app) => triggerOfApps([app]) ?? '') : [trigger ?? ''];
  return named.find((one) => OTHERS.has(one)) ?? named.find((one) => MAIL.has(one)) ?? null;
}
