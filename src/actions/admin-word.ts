// Puts the admin's word beside an explanation: what was said of its address, and what that means for the unblocking.
import { normalizeAddress, normalizeNet } from '../parse/address.ts';
import { marksOn, WIDEST } from './active-marks.ts';
import type { Desk } from './desk.ts';
import type { Explanation } from './explanation.ts';
import { markView } from './mark-list.ts';
import { saidSentences, unblockByWord } from './mark-words.ts';

/** The address or net that an explanation is about; null for domains, rules, cut-out addresses and foreign mails. */
function subjectOf({ asked, incident, mail }: Explanation): string | null {
  if (mail?.foreign === true || asked.kind === 'ruleId' || asked.kind === 'domain') return null;
  const value = asked.value ?? '';
  return normalizeAddress(incident?.client ?? value) ?? normalizeAddress(value) ?? normalizeNet(value);
}

/** Whether a mark can be made: not of the server itself, a shared proxy, or too wide a net. */
function isMarkable(subject: string, { verdict }: Explanation): boolean {
  if (verdict?.label === 'local' || verdict?.label === 'not-attributable') return false;
  const bits = subject.split('/')[1];
  return bits === undefined || Number(bits) >= (subject.includes(':') ? WIDEST.ipv6 : WIDEST.ipv4);
}

/** The explanation with what the admin said; as it is where it is about no address. The verdict stays the model's. */
export function withWord(desk: Desk, explanation: Explanation): Explanation {
  const subject = subjectOf(explanation);
  if (subject === null) return explanation;
  const marks = marksOn(desk.ctx, subject).map((mark) => markView(desk.clock, mark));
  const { answers, verdict, block, incident } = explanation;
  const from = incident?.from ?? null;
  const label = verdict?.label ?? null;
  const word = {
    marks,
    sentences: saidSentences(marks, label, from),
    markable: isMarkable(subject, explanation) ? subject : null,
  };
  if (answers === null || label === null) return { ...explanation, word };
  const unblock = unblockByWord(answers.unblock, marks, { label, block, from });
  return { ...explanation, word, answers: { ...answers, unblock } };
}
