// PAYLOAD: what the rules reacted to reads as page content, or is a code of advertising.
import type { Evidence } from '../../model.ts';
import { attackFamily, hitTarget } from '../hit-data.ts';
import { isTracking } from '../value-place.ts';
import { contentsOfDay, isContentSeen } from './content.ts';
import { flagged, linesOf, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const MOSTLY = 0.8;

/** Y4: four of five values that a rule reacted to are texts for a page, none is hostile. */
export function pageContent(input: EvidenceInput): Evidence {
  const own = new Set(flagged(input).flatMap((transaction) => linesOf([transaction]).map(placeOf)));
  const reacted = contentsOfDay(input).filter(
    ({ finding, lines }) => finding.ruleIds.length > 0 && lines.some((line) => own.has(placeOf(line))),
  );
  if (reacted.length === 0) {
    return isContentSeen(input)
      ? absent('Y4', 'No rule reacted to a text for a page.')
      : unknown(
          'Y4',
          'Whether a rule reacted to the text of a page: what it sent is in none of these lines.',
        );
  }
  if (reacted.some(({ finding }) => finding.outcome === 'hostile'))
    return absent('Y4', 'Among what it sent is a text written to attack.');
  const content = reacted.filter(({ finding }) => finding.reads === 'content');
  if (content.length >= reacted.length * MOSTLY) {
    const field = content[0]?.finding.field ?? '';
    const sentence = `What tripped the rule looks like page content being saved in ${field}.`;
    return present('Y4', sentence, content.flatMap(({ lines }) => lines).slice(0, 20));
  }
  return absent('Y4', 'What tripped the rules does not look like the content of a page.');
}

function placeOf(line: { readonly file: string; readonly offset: number }): string {
  return `${line.file} ${line.offset}`;
}

/** Y5: everything that attack rules reacted to are codes of advertising or consent tools. */
export function trackingCodes(input: EvidenceInput): Evidence {
  const all = flagged(input);
  const hits = all.flatMap((transaction) =>
    transaction.hits.filter((hit) => attackFamily(hit.ruleId) !== null),
  );
  const targets = hits.map(hitTarget);
  if (hits.length === 0) {
    const known = all.some((transaction) => transaction.hits.length > 1);
    return known
      ? absent('Y5', 'No rule reacted to a code of advertising or of a consent tool.')
      : unknown('Y5', 'What the rules reacted to is in none of these lines.');
  }
  if (targets.every((target) => target === null))
    return unknown('Y5', 'The lines do not name what the rules reacted to.');
  const open = contentsOfDay(input).some(({ finding }) => finding.reads === 'tracking' && !finding.explained);
  if (open) return absent('Y5', 'What stood in the advertising or consent code is no such code.');
  if (targets.every((target) => target !== null && isTracking(target))) {
    const named = [...new Set(targets)].slice(0, 2).join(' and ');
    return present('Y5', `The rule reacted to an advertising or consent code (${named}).`, linesOf(all));
  }
  return absent('Y5', 'The rules reacted to more than codes of advertising or consent tools.');
}
