// Whether mails about blocks are sent, and whether they arrive.
import { count } from '../analyse/sentences.ts';
import type { EpochMs } from '../model.ts';
import { type Check, checksOf } from './doctor-view.ts';
import type { MailStatus } from './mail-status.ts';

const RECENT_MS = 7 * 86_400_000;
const HOW = '`whyblocked mail test --config /etc/whyblocked/config.json` sends one now and tells the answer.';

/** `when` writes a time. */
export function mailCheck(status: MailStatus, now: EpochMs, when: (at: EpochMs) => string): Check {
  const check = checksOf('service');
  const { setup, stuck, lastSent } = status;
  if (setup === null)
    return check('mail', 'Mails', {
      state: 'info',
      found: 'off',
      means: 'Blocks are explained when they are asked about; no mail is sent.',
      mend: 'Give /etc/whyblocked/config.json a section "mail": {"to": ["you@example.com"]}, then restart the service.',
    });
  const sent = lastSent === null ? 'none sent yet' : `last sent ${when(lastSent.at)}`;
  const found = `to ${setup.to.join(', ')} by ${setup.via}; ${sent}${heldWords(status)}`;
  const lost = status.lost.filter(({ at }) => at >= now - RECENT_MS);
  if (stuck !== null)
    return check('mail', 'Mails', {
      state: 'fail',
      found: `${found}; ${count(status.waiting, 'mail waits', 'mails wait')}: ${stuck.problem ?? ''}`,
      means: `Tried again ${when(stuck.again)}; given up a day after it was written.`,
      mend: HOW,
    });
  if (lost.length > 0)
    return check('mail', 'Mails', {
      state: 'warn',
      found: `${found}; in 7 days ${count(lost.length, 'mail')} did not arrive or may not have`,
      means: `The newest: “${lost[0]?.subject ?? ''}”, ${lost[0]?.problem ?? ''}.`,
      mend: HOW,
    });
  return check('mail', 'Mails', {
    state: 'ok',
    found,
    means: 'Each mail is sent once.',
  });
}

function heldWords({ held, undecided, waiting }: MailStatus): string {
  const parts = [
    ...(waiting > 0 ? [`${waiting} on their way`] : []),
    ...(held > 0 ? [`${count(held, 'block')} held`] : []),
    ...(undecided > 0 ? [`${count(undecided, 'block')} to be decided about`] : []),
  ];
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}
