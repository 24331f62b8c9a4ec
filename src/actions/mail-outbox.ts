// Sends what lies in the outbox, one mail at a time, each once. Before its last bytes leave it is kept as `sending`: whoever is
// killed before that sends it again, whoever is killed after it leaves a mail of which nobody knows whether it arrived.
import { maskUri } from '../analyse/mask.ts';
import type { EpochMs } from '../model.ts';
import type { Mail } from '../store/mails.ts';
import type { Store } from '../store/store.ts';

const MINUTE = 60_000;
/** Pauses after a try in vain; the last one again and again. */
const PAUSES = [1, 5, 15, 60, 240].map((minutes) => minutes * MINUTE);
/** After a day a mail about a block is of no use. */
const GIVE_UP_MS = 24 * 60 * MINUTE;
const MOST_PROBLEM = 300;

/** A recipient that a server did not take a mail for. */
interface Unserved {
  readonly recipient: string;
  readonly said: string;
  /** It never will. */
  readonly isFinal: boolean;
}

/** What became of a mail. */
export type Delivery =
  | { readonly outcome: 'taken'; readonly said: string; readonly unserved: readonly Unserved[] }
  /** It did not leave, or was refused. `isFinal`: it never will be taken. `isAnswer`: a mail server said so. */
  | {
      readonly outcome: 'refused';
      readonly said: string;
      readonly isFinal: boolean;
      readonly isAnswer: boolean;
    }
  /** Its last bytes were on their way when the answer failed to come. */
  | { readonly outcome: 'unknown'; readonly said: string };

/** How mails leave. */
export interface Transport {
  /** For people, e.g. `/usr/sbin/sendmail` or `mail.example.com:587`. */
  readonly name: string;
  /**
   * Never rejects. `before` is called when nothing but the bytes that make it complete is left to be sent; when it throws,
   * they are not.
   */
  send(mail: Pick<Mail, 'sender' | 'recipients' | 'raw'>, before: () => void): Promise<Delivery>;
}

/** When a mail is tried again after `tries` tries in vain; null: never. */
export function nextTry(tries: number, madeAt: EpochMs, now: EpochMs): EpochMs | null {
  const again = now + (PAUSES[Math.min(Math.max(tries, 1), PAUSES.length) - 1] ?? MINUTE);
  return again - madeAt > GIVE_UP_MS ? null : again;
}

export interface Sending {
  readonly store: () => Store;
  readonly transport: Transport;
  readonly now: () => EpochMs;
  readonly isStopping: () => boolean;
}

/**
 * Sends all mails that are due. Gives false when the way out is closed (nobody answers): the others would fare alike. Throws when
 * the database cannot be written; then nothing was sent that is not kept.
 */
export async function sendDue({ store, transport, now, isStopping }: Sending): Promise<boolean> {
  for (;;) {
    const mail = isStopping() ? null : store().firewall.mails.next(now());
    if (mail === null) return true;
    const delivery = await transport.send(mail, () => {
      store().writeDurably(() => {
        store().firewall.mails.sending(mail.id);
      });
    });
    const at = now();
    store().writeDurably(() => {
      keep(store(), mail, delivery, at);
    });
    if (delivery.outcome === 'refused' && !delivery.isAnswer) return false;
  }
}

function keep({ firewall: { mails } }: Store, mail: Mail, delivery: Delivery, now: EpochMs): void {
  if (delivery.outcome === 'unknown') {
    mails.lost(mail.id, problemText(delivery.said), now);
    return;
  }
  if (delivery.outcome === 'refused') {
    const again = delivery.isFinal ? null : nextTry(mail.tries + 1, mail.madeAt, now);
    mails.failed(mail.id, problemText(delivery.said), again, now);
    return;
  }
  const { unserved } = delivery;
  mails.sent(
    mail.id,
    now,
    unserved.length === 0
      ? null
      : problemText(unserved.map(({ recipient, said }) => `${recipient}: ${said}`).join(' ')),
  );
  tryOthers({ mails }, mail, unserved, now);
}

/** Those that may be served later get a mail of their own: the others have it. */
function tryOthers(
  { mails }: Pick<Store['firewall'], 'mails'>,
  mail: Mail,
  unserved: readonly Unserved[],
  now: EpochMs,
): void {
  const left = mail.recipients.filter((one) =>
    unserved.some(({ recipient, isFinal }) => recipient === one && !isFinal),
  );
  const again = nextTry(1, mail.madeAt, now);
  if (left.length === 0 || again === null || mail.raw === null) return;
  const { kind, madeAt, sender, subject, raw } = mail;
  mails.add({ key: `${mail.key}+`, kind, madeAt, dueAt: again, sender, recipients: left, subject, raw });
}

function problemText(said: string): string {
  return maskUri(said.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()).slice(0, MOST_PROBLEM);
}
