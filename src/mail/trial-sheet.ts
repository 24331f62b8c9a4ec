// The mail that shows whether mails arrive.
import type { TrialLetter } from '../actions/mail-letter.ts';
import { footOf } from './foot.ts';
import { paragraph, section, type Sheet } from './sheet.ts';
import { pageAddress } from './whm-links.ts';

/** The sheet of a letter. */
export function trialSheet({ head, server }: TrialLetter): Sheet {
  const href = pageAddress(head.whm, '/');
  return {
    badge: 'Trial',
    tone: 'calm',
    title: 'Mails of Whyblocked arrive here.',
    lead: `Sent from ${head.from} to ${head.to.join(', ')}.`,
    sections: section('What comes next', [
      paragraph(
        'When lfd blocks an address, a mail says what it did, what speaks for an attack and against one, and what to do.',
      ),
      href === null ? null : { kind: 'links', links: [{ text: 'Whyblocked in WHM', href }] },
    ]),
    foot: footOf(head, server, 'Somebody asked for this mail with `whyblocked mail test`.'),
  };
}
