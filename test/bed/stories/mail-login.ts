// Story: mail programs with an old password, blocked for failed logins at exim and at dovecot: no matter of the web.
import type { Ago } from '../csf-files.ts';
import type { WatchedLine } from '../lfd.ts';
import type { EpochMicros } from '../stamps.ts';

/** Sends: exim refuses it five times. */
export const SMTP_CLIENT = '192.0.2.201';
/** A phone that asks for new mail every five minutes: dovecot refuses it ten times. */
export const IMAP_CLIENT = '192.0.2.154';

const HOUR = 3600;
const SENDS = -6 * HOUR;
const ASKS = -9.5 * HOUR;
const PHONE = [0, 2, 298, 301, 600, 602, 899, 1204, 1206, 1499];

/** Lines of exim_mainlog and maillog in time order. */
export interface MailLines {
  readonly exim: readonly WatchedLine[];
  readonly maillog: readonly WatchedLine[];
}

/** What both programs wrote, and people who logged in besides; in the shapes of exim 4.9x and dovecot 2.3. */
export function mailLines(ago: Ago, end: EpochMicros): MailLines {
  const line = (seconds: number, text: string): WatchedLine => ({ at: end + seconds * 1e6, text });
  const dovecot = (seconds: number, text: string): WatchedLine =>
    line(
      seconds,
      `${ago('S', seconds)} server dovecot[1201]: imap-login: ${text}, TLS, session=<${session(seconds)}>`,
    );
  const failed = (seconds: number, user: string, address: string): WatchedLine =>
    dovecot(
      seconds,
      `Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<${user}>, method=PLAIN, rip=${address}, lip=192.0.2.10`,
    );
  const login = (seconds: number, user: string, address: string): WatchedLine =>
    dovecot(
      seconds,
      `Logged in: user=<${user}>, method=PLAIN, rip=${address}, lip=192.0.2.10, mpid=${20000 - seconds}`,
    );
  const exim = [0, 61, 122, 184, 245].map((seconds, i) =>
    line(
      SENDS + seconds,
      `${ago('X', SENDS + seconds)} dovecot_login authenticator failed for mail-gw.example.org ([198.51.100.99]) [${SMTP_CLIENT}]:${50210 + i}: 535 Incorrect authentication data (set_id=orders@shop.example.com)`,
    ),
  );
  return {
    exim,
    maillog: [
      login(-18 * HOUR, 'info@static.example.net', '192.0.2.60'),
      ...PHONE.map((seconds) => failed(ASKS + seconds, 'lena@craft.example.net', IMAP_CLIENT)),
      ...[0, 61, 122].map((seconds) => failed(SENDS + seconds + 3, 'orders@shop.example.com', SMTP_CLIENT)),
      login(-3 * HOUR - 1500, 'jana@blog.example.org', '203.0.113.24'),
      login(-2 * HOUR, 'info@static.example.net', '192.0.2.60'),
    ],
  };
}

/** An id as dovecot makes them for each session: base64 of 12 bytes. */
function session(seconds: number): string {
  const bytes = Buffer.alloc(12);
  for (let i = 0; i < 12; i += 1) bytes[i] = (seconds * (i + 3) * 7919 + i * 131) & 0xff;
  return bytes.toString('base64');
}
