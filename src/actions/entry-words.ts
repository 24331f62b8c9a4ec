// One entry of csf's lists in words: what it is about, why it is there, what it covers.
import { maskLine } from '../analyse/mask.ts';
import type { LfdMessage, PlacedEntry } from '../model-csf.ts';
import type { EntryKind } from './firewall-view.ts';
import { triggerInfo, spanWords, triggerWords } from './triggers.ts';

const WAF: ReadonlySet<string> = new Set(['LF_MODSEC', 'LF_TRIGGER', 'LF_CXS', 'LF_SYMLINK', 'LF_QOS']);
/** Wrong passwords, and limits of logins. What lfd derives from an unknown service is none of them. */
const LOGINS =
  /^(?:LF_(?:SSHD|FTPD|SMTPAUTH|POP3D|IMAPD|HTACCESS|CPANEL|WEBMIN|DIRECTADMIN|INTERWORX|CWP|VESTA|APACHE_401|DIST(?:ATTACK|FTP|SMTP))|LT_\w{1,20}|UI_RETRY)$/;
/** lfd's number is the limit, and it was passed. */
const MORE_THAN = /^(?:LF_PERMBLOCK|LF_NETBLOCK|LF_APACHE_40[134])$/;
const LONGEST = 160;
/** So much of a comment is looked through: lines of a list may hold whole kilobytes. */
const LOOKED_AT = 8000;

/** The group that an entry stands in. */
export function entryKind({ list, target, comment, message }: PlacedEntry): EntryKind {
  if (list === 'allow' || list === 'tempallow') return 'allowed';
  if (list === 'ignore') return 'ignored';
  if (target.kind === 'cidr') return 'nets';
  if (message === null) return isLfds(comment) ? 'other' : 'hand';
  const trigger = message.trigger ?? '';
  if (WAF.has(trigger)) return 'waf';
  return LOGINS.test(trigger) ? 'logins' : 'other';
}

/** Why an entry is there, in words; null where its comment is not understood, or says nothing. */
export function entryReason({ comment, message }: Pick<PlacedEntry, 'comment' | 'message'>): string | null {
  if (message !== null) return messageWords(message);
  if (isLfds(comment) || comment === '') return null;
  if (/^Whyblocked\b/.test(comment)) return 'written with Whyblocked';
  const reseller = /^(?:DENY|ALLOW) by Reseller (\S{1,60})/.exec(comment)?.[1];
  return reseller === undefined ? 'written by hand' : `written for the reseller ${maskLine(reseller)}`;
}

function messageWords(message: LfdMessage): string | null {
  const { trigger, count, intervalSeconds, apps } = message;
  if (trigger === 'LF_CLUSTER') return 'another server of the cluster asked for it';
  if (trigger === 'LF_CUSTOMTRIGGER') {
    if (count === null) return null;
    const within = intervalSeconds === null ? '' : ` within ${spanWords(intervalSeconds)}`;
    return `${count} ${count === 1 ? 'hit' : 'hits'} of an expression of this server’s own (${maskLine(apps[0] ?? '')})${within}`;
  }
  const words = triggerWords(trigger, count, intervalSeconds);
  if (words === null || triggerInfo(trigger) === null) return words;
  return count !== null && MORE_THAN.test(trigger ?? '') ? `more than ${words}` : words;
}

/** Whether lfd wrote a comment, whatever it means. */
export function isLfds(comment: string): boolean {
  return /^lfd(?:: | - )/.test(comment);
}

/** The entry as csf has it: the first word of a line, the second field of a temporary one. */
export function entryText({ list, text }: Pick<PlacedEntry, 'list' | 'text'>): string {
  if (list === 'tempban' || list === 'tempallow') return text.split('|', 2)[1] ?? '';
  return /^\S{1,400}/.exec(text)?.[0] ?? '';
}

/** `all ports, both ways`. */
export function coverWords({ target }: Pick<PlacedEntry, 'target'>): string {
  const { ports, direction } = target;
  const names = ports === null ? 'all ports' : `${/[,_;]/.test(ports) ? 'ports' : 'port'} ${ports}`;
  return `${names}, ${{ in: 'incoming', out: 'outgoing', inout: 'both ways' }[direction]}`;
}

/** The comment, masked, printable and not too long. */
export function commentText(comment: string): string {
  const masked = maskLine(comment.slice(0, LOOKED_AT)).trim();
  return masked.length > LONGEST ? `${masked.slice(0, LONGEST - 1)}…` : masked;
}
