// A mail that shows whether mails arrive: sent at once, and the answer told.
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import type { MailTools } from './mail-decide.ts';
import type { Delivery } from './mail-outbox.ts';
import { mailHost } from './mail-settings.ts';
import { policyWords } from './mail-words.ts';
import { presentMoment, readZone, serverView } from './server.ts';

export interface TrialAnswer {
  readonly to: readonly string[];
  readonly from: string;
  /** Where it was given, e.g. `mail.example.com:587`. */
  readonly via: string;
  readonly delivery: Delivery;
}

/** Sends it. Throws BadInput where no mails are set. It is kept as being sent from the start, so that no service sends it too. */
export async function sendTrial(
  ctx: Context,
  load: (ctx: Context, settings: NonNullable<Context['mail']>) => Promise<MailTools>,
  now: EpochMs,
): Promise<TrialAnswer> {
  const settings = ctx.mail;
  if (settings === null)
    throw new BadInput(
      'No mails are set. Name the service’s configuration with --config /etc/whyblocked/config.json, and give it a section "mail" with "to".',
    );
  const { writer, transport } = await load(ctx, settings);
  const zone = await readZone(ctx);
  const key = `trial-${Math.round(now)}`;
  const head = {
    key,
    tag: ctx.hash('mails'),
    from: settings.from,
    to: settings.to,
    host: mailHost(ctx.host.hostname()),
    at: now,
    offsetMinutes: zone.offsetMinutesAt(now),
    whm: settings.whm,
    policy: policyWords(settings),
  };
  const clock = { zone, basis: zone.basis, now: await presentMoment(ctx) };
  const { subject, raw } = await writer.trial({ head, server: serverView(ctx, clock) });
  const { mails } = ctx.store.firewall;
  const id = ctx.store.write(() => {
    const times = { madeAt: now, dueAt: now };
    mails.add({ key, kind: 'trial', ...times, sender: settings.from, recipients: settings.to, subject, raw });
    const kept = mails.byKey(key)?.id ?? 0;
    mails.sending(kept);
    return kept;
  });
  const mail = { sender: settings.from, recipients: settings.to, raw };
  const delivery = await transport.send(mail, () => undefined);
  ctx.store.write(() => {
    if (delivery.outcome === 'taken') mails.sent(id, now);
    else if (delivery.outcome === 'unknown') mails.lost(id, delivery.said, now);
    else mails.failed(id, delivery.said, null, now);
  });
  return { to: settings.to, from: settings.from, via: transport.name, delivery };
}
