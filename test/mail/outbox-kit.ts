// An outbox of its own, with mails in it.
import { join } from 'node:path';
import type { NewMail } from '../../src/store/mails.ts';
import { Store } from '../../src/store/store.ts';

export const START = Date.parse('2026-11-22T12:00:00Z');

/** Opens the one in a folder. */
export function openOutbox(folder: string): Store {
  return new Store(join(folder, 'whyblocked.db'), '/');
}

export function mailOf(number: number, more: Partial<NewMail> = {}): NewMail {
  const key = `notice-${number}`;
  const text = `Subject: ${key}\r\n\r\n.dots\r\n..and more\r\n${`${'x'.repeat(70)}\r\n`.repeat(100 * (number % 4))}.\r\n`;
  return {
    key,
    kind: 'block',
    madeAt: START,
    dueAt: START,
    sender: 'whyblocked@server.example.com',
    recipients: ['admin@example.com'],
    subject: key,
    raw: Buffer.from(text),
    ...more,
  };
}

/** Puts mails into it. */
export function fill(store: Store, mails: readonly NewMail[]): void {
  store.write(() => {
    for (const mail of mails) store.firewall.mails.add(mail);
  });
}
