// The server's own sendmail as a way for mails: it reads the message, and its exit code says whether it took it.
import type { Mailer } from '../host/sendmail.ts';
import type { Delivery, Transport } from './mail-outbox.ts';

/** Of sysexits.h those that no other time will mend: usage, bad data, no such user, no such host. */
const FINAL = new Set([64, 65, 67, 68]);

/** The way through the server's sendmail. */
export function programTransport(mailer: Mailer): Transport {
  return {
    name: mailer.argv[0] ?? '',
    send: async ({ raw }, before): Promise<Delivery> => {
      const refused = (said: string, isFinal: boolean): Delivery => ({
        outcome: 'refused',
        said,
        isFinal,
        isAnswer: isFinal,
      });
      if (mailer.refusal !== null) return refused(mailer.refusal, false);
      const { code, output, problem, given } = await mailer.sendmail(raw ?? new Uint8Array(), before);
      if (code === 0) return { outcome: 'taken', said: output, unserved: [] };
      const said = output.split('\n').at(-1) ?? '';
      if (code !== null)
        return refused(`${mailer.argv[0] ?? ''} ended with ${code}. ${said}`, FINAL.has(code));
      return given ? { outcome: 'unknown', said: problem ?? '' } : refused(problem ?? '', false);
    },
  };
}
