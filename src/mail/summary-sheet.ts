// The mail about several blocks: the daily one, the one after quiet hours, the one where single mails became too many.
import { readableTime } from '../actions/iso-time.ts';
import type { SummaryLetter, SummaryRow } from '../actions/mail-letter.ts';
import { footOf } from './foot.ts';
import { item, paragraph, section, type Sheet, type SheetItem, type SheetSection } from './sheet.ts';
import { pageAddress } from './whm-links.ts';

const WHY: Readonly<Record<SummaryLetter['kind'], string>> = {
  daily: 'This is the daily mail.',
  quiet: 'These blocks were held during the quiet hours.',
  flood: 'So many blocks came within an hour that they are told in one mail.',
};

/** `1 block`, `3 blocks`. */
function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What the mail says in a line. */
export function summaryTitle({ counts, lost, problems }: SummaryLetter): string {
  const doubtful = counts.falsePositive + counts.unclear + counts.unjudged;
  if (doubtful > 0) {
    const parts = [
      ...(counts.falsePositive > 0 ? [`${counts.falsePositive} probably false`] : []),
      ...(counts.unclear > 0 ? [`${counts.unclear} not decided`] : []),
      ...(counts.unjudged > 0 ? [`${counts.unjudged} not judged`] : []),
    ];
    return `${count(doubtful, 'block')} to look at: ${parts.join(', ')}.`;
  }
  if (problems.length > 0) return 'The logs cannot be read as they should.';
  if (lost.length > 0) return `${count(lost.length, 'mail')} may not have arrived.`;
  return counts.all === 0
    ? 'Nothing needs you: no address was blocked.'
    : `Nothing needs you: ${count(counts.all, 'block')}, none of them doubtful.`;
}

/** The sheet of a letter. */
export function summarySheet(letter: SummaryLetter): Sheet {
  const { counts, rows, lost, problems, head } = letter;
  const doubtful = counts.falsePositive + counts.unclear + counts.unjudged;
  const needs = doubtful + lost.length + problems.length > 0;
  const of = (...labels: readonly (SummaryRow['label'] | undefined)[]): SummaryRow[] =>
    rows.filter(({ label, isUnjudged }) => !isUnjudged && labels.includes(label));
  const unjudged = rows.filter(({ isUnjudged }) => isUnjudged);
  const open = pageAddress(head.whm, '/');
  return {
    badge: needs ? 'To look at' : 'Nothing needs you',
    tone: counts.falsePositive > 0 ? 'false-positive' : needs ? 'unclear' : 'calm',
    title: summaryTitle(letter),
    lead: leadOf(letter),
    sections: [
      ...group('Probably false alarms', of('false-positive'), counts.falsePositive, letter),
      ...group('Not decided', of('unclear'), counts.unclear, letter),
      ...group('Not judged', unjudged, counts.unjudged, letter),
      ...group('Others', of(null, 'local', 'not-attributable'), counts.other, letter),
      ...group('Attacks', of('attack'), counts.attack, letter),
      ...section('Trouble', [{ kind: 'items', items: troubles(problems, lost) }]),
      ...section('More', [
        open === null
          ? paragraph('In WHM open Whyblocked, or on the server: whyblocked incidents')
          : { kind: 'links', links: [{ text: 'The inbox in WHM', href: open }] },
      ]),
    ],
    foot: footOf(head, letter.server, WHY[letter.kind]),
  };
}

function leadOf({ from, to, counts, mailed, skipped }: SummaryLetter): string {
  const parts = [
    `From ${readableTime(from)} to ${readableTime(to)}: ${count(counts.all, 'block')} in this mail`,
    ...(mailed > 0 ? [`${mailed} mailed one by one`] : []),
    ...(skipped > 0 ? [`${skipped} not mailed by what is set`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function group(
  heading: string,
  rows: readonly SummaryRow[],
  all: number,
  letter: SummaryLetter,
): SheetSection[] {
  if (all === 0) return [];
  const more = all - rows.length;
  return section(`${heading} (${all})`, [
    { kind: 'items', items: rows.map((row) => rowItem(row, letter)) },
    more > 0 ? paragraph(`And ${more} more.`) : null,
  ]);
}

function rowItem(row: SummaryRow, letter: SummaryLetter): SheetItem {
  const { address, at, label, words, what, vhosts, firewall } = row;
  const where = vhosts.length === 0 ? '' : ` On ${vhosts.slice(0, 3).join(', ')}.`;
  const did = what === '' ? '' : ` ${what}.`;
  return item(`blocked on ${readableTime(at)}, now ${standing(firewall)}. ${words}${did}${where}`, {
    mark: address,
    // Nobody needs to look at an attack.
    href: label === 'attack' ? null : rowAddress(row, letter),
  });
}

function standing(firewall: string): string {
  if (firewall === 'permanent') return 'blocked without an end';
  return firewall.startsWith('until') ? `blocked ${firewall}` : firewall;
}

function rowAddress({ address, from }: SummaryRow, { head }: SummaryLetter): string | null {
  return from === null
    ? pageAddress(head.whm, '/explain', { q: address })
    : pageAddress(head.whm, '/incident', { ip: address, from });
}

function troubles(problems: readonly string[], lost: SummaryLetter['lost']): SheetItem[] {
  return [
    ...problems.slice(0, 10).map((problem) => item(problem)),
    ...lost
      .slice(0, 10)
      .map(({ at, subject, why }) => item(`${readableTime(at)}: the mail “${subject}” ${why}`)),
  ];
}
