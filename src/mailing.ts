// Wires the mails: the library is loaded when the first mail is written.
import type { Context } from './actions/context.ts';
import type { MailTools } from './actions/mail-decide.ts';
import { programTransport } from './actions/mail-program.ts';
import { MailDesk } from './actions/mail-round.ts';
import { mailHost, type MailSettings } from './actions/mail-settings.ts';
import { sendTrial, type TrialAnswer } from './actions/mail-trial.ts';

/** What writes and sends the mails of a server. */
export async function mailTools(ctx: Context, { smtp }: MailSettings): Promise<MailTools> {
  const { writer } = await import('./mail/compose.ts');
  const { mailer } = ctx.host;
  if (smtp === null) return { writer, transport: programTransport(mailer) };
  const { smtpTransport } = await import('./mail/smtp.ts');
  const name = mailHost(ctx.host.hostname());
  return { writer, transport: smtpTransport(smtp, { name, password: (file) => mailer.password(file) }) };
}

/** The mails of the service; `complain` is told what stops the sending. */
export function serviceMails(complain: (error: unknown) => void): MailDesk {
  return new MailDesk({ load: mailTools, now: () => Date.now(), complain });
}

/** Sends a trial mail now. */
export function trialMail(ctx: Context): Promise<TrialAnswer> {
  return sendTrial(ctx, mailTools, Date.now());
}
