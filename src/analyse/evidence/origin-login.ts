// ORIGIN: the owner of the site that was hit logged in from this address.
import type { Evidence } from '../../model.ts';
import type { LoginService, OwnerLogin } from '../../model-evidence.ts';
import { maskUri } from '../mask.ts';
import { count, joinAnd, span } from '../sentences.ts';
import { firstBlock, flagged, isDenied, serviceDomain, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const DID: Readonly<Record<LoginService, (user: string) => string>> = {
  imap: (user) => `The owner’s mailbox ${user} was opened`,
  pop3: (user) => `The owner’s mailbox ${user} was opened`,
  smtp: (user) => `Mail was sent with the password of the owner’s mailbox ${user}`,
  ftp: (user) => `The owner’s FTP user ${user} logged in`,
  webmail: (user) => `The webmail of the owner’s mailbox ${user} was opened`,
  cpanel: (user) => `The owner logged in to cPanel as ${user}`,
  whm: (user) => `The owner logged in to WHM as ${user}`,
};

/**
 * O4: within 7 days somebody logged in from this address, with a password, to a mailbox, FTP user or cPanel account of
 * the account whose sites got at least half of the flagged requests. A login to another account counts for nothing:
 * whoever rents a site here may attack his neighbours.
 */
export function ownerLoggedIn(input: EvidenceInput): Evidence {
  const { logins } = input.facts;
  if (logins === null)
    return unknown(
      'O4',
      'Whether the owner logged in from this address: no mail, FTP or cPanel log covers it.',
    );
  if (logins.length === 0)
    return absent('O4', 'No mailbox, FTP user or cPanel account was opened from this address in 7 days.');
  const hits = accountsHit(input);
  if (hits.size === 0) return unknown('O4', 'It logged in here, but which account was hit is not known.');
  const own = logins.filter((login) => hits.has(accountOf(input, login.user) ?? ''));
  const [newest] = own;
  const accounts = new Set(own.map(({ user }) => accountOf(input, user)));
  const reached = [...accounts].reduce((sum, account) => sum + (hits.get(account ?? '') ?? 0), 0);
  if (newest === undefined || reached * 2 < flagged(input).length) {
    const others = [...new Set(logins.map(({ user }) => maskUri(user)))];
    const named = others.length > 3 ? [...others.slice(0, 3), `${others.length - 3} more`] : others;
    return absent(
      'O4',
      `It logged in as ${joinAnd(named)}, which does not belong to the account that ${newest === undefined ? 'was hit' : 'most requests hit'}.`,
      logins.slice(0, 20).map(({ ref }) => ref),
    );
  }
  return present(
    'O4',
    sentence(input, newest, own.length),
    own.slice(0, 20).map(({ ref }) => ref),
  );
}

function sentence(input: EvidenceInput, newest: OwnerLogin, all: number): string {
  const before = firstBlock(input) - newest.lastAt;
  const when = before >= 0 ? `${span(before)} before` : `${span(-before)} after`;
  const what = flagged(input).some(isDenied) ? 'refusal' : 'rule hit';
  const more = all - 1;
  const others = `; ${count(more, 'other login')} of the account ${more === 1 ? 'was' : 'were'} used from there too`;
  return `${DID[newest.service](maskUri(newest.user))} from this address ${when} the first ${what}${more > 0 ? others : ''}.`;
}

/** Flagged requests by the account whose site they went to; those to nobody's site are left out. */
function accountsHit(input: EvidenceInput): Map<string, number> {
  const hits = new Map<string, number>();
  for (const { vhost } of flagged(input)) {
    const account = vhost === null ? null : accountOfHost(input, vhost);
    if (account !== null) hits.set(account, (hits.get(account) ?? 0) + 1);
  }
  return hits;
}

function accountOfHost(input: EvidenceInput, host: string): string | null {
  const domain = serviceDomain(host);
  return input.accounts(host) ?? (domain === null ? null : input.accounts(domain));
}

/** The account that a login belongs to: that of the domain behind its last `@`, else the one of this name. */
function accountOf(input: EvidenceInput, user: string): string | null {
  const at = user.lastIndexOf('@');
  return at < 0 ? user : accountOfHost(input, user.slice(at + 1).toLowerCase());
}
