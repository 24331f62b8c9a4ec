// How pages and the terminal name what csf holds and what is done with it.
import { count } from '../analyse/sentences.ts';
import type { EntryRow, FirewallRequest, FirewallView } from './firewall-view.ts';

/** An act as a noun: `Unblock`. */
export const ACT_WORDS: Readonly<Record<FirewallRequest['act'], string>> = {
  unblock: 'Unblock',
  'temp-allow': 'Allow for a while',
  allow: 'Allow',
  disallow: 'End of the allow',
  'temp-block': 'Block for a while',
  block: 'Block',
};

/** What an entry does, by its list. */
export const ENTRY_STATES: Readonly<Record<EntryRow['list'], string>> = {
  deny: 'permanent',
  tempban: 'temporary',
  allow: 'allowed',
  tempallow: 'allowed for a while',
  ignore: 'ignored',
};

/** How much is denied: `193 addresses are denied: 187 permanently, 6 for a while.`; no number where no list could be read. */
export function deniedSentence({
  permanent,
  temporary,
  problems,
}: Pick<FirewallView, 'permanent' | 'temporary' | 'problems'>): string {
  const all = permanent + temporary;
  const isRead = problems.length === 0;
  if (all === 0) return isRead ? 'No address is denied.' : 'What csf denies is not known.';
  const how = [
    permanent === 0 ? '' : `${permanent} permanently`,
    temporary === 0 ? '' : `${temporary} for a while`,
  ].filter((part) => part !== '');
  const one = `${all === 1 ? '' : 'all '}${permanent > 0 ? 'permanently' : 'for a while'}`;
  const share = how.length === 2 ? `: ${how.join(', ')}` : `, ${one}`;
  const least = isRead ? '' : 'At least ';
  return `${least}${count(all, 'address', 'addresses')} ${all === 1 ? 'is' : 'are'} denied${share}.`;
}

/** Why an entry is there; a comment that is not understood as it is written. */
export function entryWords({ words, comment }: Pick<EntryRow, 'words' | 'comment'>): string {
  if (words !== null) return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
  return comment === '' ? 'No reason is written' : `Not understood, shown as written: “${comment}”`;
}

/** What somebody wrote beside an entry by hand; null where nothing was, and for lfd's own, which are said in words. */
export function handComment({ kind, words, comment }: EntryRow): string | null {
  const isSaid = words === null || comment === '' || words.includes(comment);
  return isSaid || (kind !== 'hand' && kind !== 'nets' && kind !== 'allowed' && kind !== 'ignored')
    ? null
    : comment;
}
