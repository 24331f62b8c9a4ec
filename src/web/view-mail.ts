// What a pasted mail says by itself.
import type { MailView } from '../actions/explanation.ts';
import { dayTime, duration, interval } from './view-time.ts';

export interface MailCard {
  readonly foreign: string | null;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly lines: readonly string[];
  /** Unfolded: the mail is all there is. */
  readonly open: boolean;
}

function blockWords(mail: MailView): string | null {
  if (mail.temporarySeconds !== null) return `temporary, ${duration(mail.temporarySeconds * 1000)}`;
  if (mail.permanent === null) return null;
  return mail.permanent ? 'permanent' : 'temporary';
}

/** The mail as facts and lines, unfolded when `alone`; `foreign` names the other server when the mail is not from this one. */
export function mailCard(mail: MailView, alone: boolean): MailCard {
  const count = mail.count === null ? null : String(mail.count);
  const facts = [
    { name: 'Server', value: mail.host },
    { name: 'Time', value: mail.at === null ? null : dayTime(mail.at) },
    { name: 'Address', value: mail.addresses.length === 0 ? 'cut out' : mail.addresses.join(', ') },
    { name: 'Trigger', value: mail.trigger },
    {
      name: 'Counted',
      value:
        count !== null && mail.intervalSeconds !== null
          ? `${count} within ${interval(mail.intervalSeconds)}`
          : count,
    },
    { name: 'Block', value: blockWords(mail) },
  ].flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]));
  return {
    foreign: mail.foreign ? (mail.host ?? 'another server') : null,
    facts,
    lines: mail.lines,
    open: alone,
  };
}
