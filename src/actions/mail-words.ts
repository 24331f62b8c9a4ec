// What is set for mails, as sentences and as plain data that other processes may know.
import type { MailSettings } from './mail-settings.ts';
import type { Store } from '../store/store.ts';

/** What the service does with mails, without what is secret. */
export interface MailSetup extends Pick<
  MailSettings,
  'to' | 'from' | 'policy' | 'daily' | 'digestAt' | 'quiet' | 'perHour'
> {
  /** Where mails go, e.g. `/usr/sbin/sendmail` or `mail.example.com:587`. */
  readonly via: string;
}

const SETUP = 'mail_setup';
const SINCE = 'mail_since';

/** What is set, for the foot of a mail. */
export function policyWords({ policy, networks, perHour, daily, digestAt, quiet }: MailSettings): string {
  const which = {
    all: `Every block is mailed, at most ${perHour} an hour.`,
    doubtful: `Blocks that may have hit a visitor are mailed, at most ${perHour} an hour.`,
    networks: `Blocks are mailed when one cause stops visitors from ${networks} networks.`,
    digest: 'Blocks are told once a day.',
  }[policy];
  const day = daily ? ` The daily mail comes at ${digestAt}.` : '';
  return `${which}${day}${quiet === null ? '' : ` It is quiet from ${quiet.from} to ${quiet.to}.`}`;
}

/** Keeps what the service does, where it is new; null: it sends none. Gives since when mails are sent (0: they are not). */
export function keepSetup(store: Store, setup: MailSetup | null, now: number): number {
  const text = setup === null ? '' : JSON.stringify(setup);
  const known = store.meta(SETUP) ?? '';
  const since = Number(store.meta(SINCE) ?? 0);
  // The clock may have been set back.
  if (text === known && since <= now) return since;
  const start = setup === null ? 0 : since === 0 ? now : Math.min(since, now);
  store.write(() => {
    store.setMeta(SETUP, text);
    store.setMeta(SINCE, String(start));
  });
  return start;
}

/** What the service does; null: it sends none, or has never run with this database. */
export function keptSetup(store: Store): MailSetup | null {
  const text = store.meta(SETUP) ?? '';
  return text === '' ? null : (JSON.parse(text) as MailSetup);
}
