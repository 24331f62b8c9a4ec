// What a pasted mail says by itself.
import { maskLines } from '../analyse/mask.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';
import type { Desk } from './desk.ts';
import type { MailView } from './explanation.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';
import { isoTime } from './iso-time.ts';

/** The server's name: its own file, else the short name that lfd writes into its log; null when neither is there. */
function serverName({ ctx }: Desk): string | null {
  return ctx.host.hostname() ?? ctx.store.newestLfdEvent<KeptLfdEvent>()?.event.host ?? null;
}

/** Whether the mail names another server: neither its full name nor its first label is this server's. */
export function isForeign(desk: Desk, mail: LfdMail): boolean {
  const own = serverName(desk)?.toLowerCase() ?? null;
  const named = mail.host?.toLowerCase() ?? null;
  if (own === null || named === null) return false;
  return own !== named && own.split('.')[0] !== named.split('.')[0];
}

/** The mail as plain data; lines masked. Null for log lines that no mail stands around. */
export function mailView(desk: Desk, mail: LfdMail): MailView {
  const at = mail.at ?? (mail.wallAt === null ? null : desk.clock.zone.wallToEpoch(mail.wallAt));
  return {
    host: mail.host,
    foreign: isForeign(desk, mail),
    at: at === null ? null : isoTime(desk.clock.zone, at),
    addresses: mail.addresses,
    trigger: mail.trigger,
    count: mail.count,
    intervalSeconds: mail.intervalSeconds,
    permanent: mail.permanent,
    temporarySeconds: mail.temporarySeconds,
    lines: maskLines(mail.lines),
  };
}
