// The small print of a mail.
import type { ServerView } from '../actions/explanation.ts';
import type { LetterHead } from '../actions/mail-letter.ts';

/** Why it came, how to change that, and how it is to be read. */
export function footOf({ policy }: LetterHead, server: ServerView, why: string): string[] {
  return [
    ...(server.notice === null ? [] : [`${server.notice.title} ${server.notice.text}`]),
    policy.startsWith(why.replace(/\.$/, '')) ? policy : `${why} ${policy}`,
    `Times are the server’s (${server.offset}). Values that may be secret are shown as ••••. Addresses of web pages in requests are written hxxp://.`,
    `Whyblocked ${server.version} on ${server.hostname ?? 'a server without a name'}. Mails are set with "mail" in the service’s configuration.`,
  ];
}
