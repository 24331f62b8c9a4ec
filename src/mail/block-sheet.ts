// The mail about one block: the verdict, what blocked it, what speaks for and against, what to do.
import { readableTime } from '../actions/iso-time.ts';
import type { BlockView, Explanation, Statement } from '../actions/explanation.ts';
import type { BlockLetter } from '../actions/mail-letter.ts';
import type { Evidence, Verdict, VerdictLabel } from '../model.ts';
import { factsOf } from './block-facts.ts';
import { quotedCommand } from './commands.ts';
import { footOf } from './foot.ts';
import { incidentItem, runItem, runsOf } from './request-items.ts';
import {
  item,
  paragraph,
  section,
  type Sheet,
  type SheetItem,
  type SheetPart,
  type SheetSection,
  strong,
} from './sheet.ts';
import { pageAddress } from './whm-links.ts';

const MOST_REQUESTS = 12;
const MOST_RULES = 12;
const MOST_ITEMS = 12;
const MOST_OTHERS = 6;

const BADGES: Readonly<Record<VerdictLabel, string>> = {
  attack: 'Attack',
  'false-positive': 'Probably a false alarm',
  unclear: 'Not decided',
  local: 'This server itself',
  'not-attributable': 'A proxy that many share',
};

/** A verdict in two or three words; for none what the block was for. */
function badgeOf(verdict: Pick<Verdict, 'label' | 'sub'> | null, block: BlockView | null): string {
  if (verdict === null) return block?.notWaf === true ? 'Not by ModSecurity' : 'Not judged';
  const { label, sub } = verdict;
  return label === 'attack' && sub !== null ? `Attack (${sub})` : BADGES[label];
}

/** The sheet of a letter. */
export function blockSheet(letter: BlockLetter): Sheet {
  const { explanation, notice } = letter;
  const address = notice.address ?? 'An address';
  if (explanation === null) return unexplained(letter, address);
  return {
    ...topOf(explanation, address),
    sections: [
      ...todo(letter, explanation, address),
      ...again(letter),
      ...section('The block', [factsOf(letter, explanation.block), statements(blockStatements(explanation))]),
      ...evidence(explanation),
      ...rules(explanation),
      ...requests(explanation),
      ...incidents(explanation),
      ...unknown(explanation),
      ...links(letter, explanation, address),
    ],
    foot: footOf(letter.head, letter.server, letter.why),
  };
}

function topOf(
  { verdict, block, headline, lead }: Explanation,
  address: string,
): Pick<Sheet, 'badge' | 'tone' | 'title' | 'lead'> {
  if (address.includes('/'))
    return {
      badge: 'A whole net',
      tone: 'unclear',
      title: `The net ${address} was blocked.`,
      lead: `${headline} ${lead}`,
    };
  return { badge: badgeOf(verdict, block), tone: verdict?.label ?? 'local', title: headline, lead };
}

function unexplained(letter: BlockLetter, address: string): Sheet {
  return {
    badge: 'Not explained',
    tone: 'unclear',
    title: `${address} was blocked, and why could not be found out.`,
    lead: letter.problem ?? '',
    sections: [
      ...section('The block', [factsOf(letter, null)]),
      ...section('What to do', [
        paragraph('Ask again; what stopped it may have passed.'),
        commands([quotedCommand('whyblocked', 'explain', address)]),
      ]),
    ],
    foot: footOf(letter.head, letter.server, letter.why),
  };
}

function todo(
  { fix }: BlockLetter,
  { answers, verdict, block, word }: Explanation,
  address: string,
): SheetSection[] {
  const unblock = quotedCommand('whyblocked', 'unblock', address, '--reason', 'WHY');
  const isBlocked = block?.state !== 'none';
  return section('What to do', [
    ...(answers === null
      ? []
      : [
          strong(`Unblock it? ${answers.unblock.short}.`),
          paragraph(answers.unblock.long),
          strong(`Change a rule? ${answers.rule.short}.`),
          paragraph(answers.rule.long),
        ]),
    verdict?.wouldDecide == null ? null : paragraph(`What would decide it: ${verdict.wouldDecide}.`),
    word === undefined || word.sentences.length === 0 ? null : paragraph(word.sentences.join(' ')),
    ...fixParts(fix),
    ...(isBlocked ? [paragraph(unblockWords(verdict?.label === 'attack', fix)), commands([unblock])] : []),
  ]);
}

function unblockWords(saysNo: boolean, fix: BlockLetter['fix']): string {
  if (saysNo) return 'If it must be let in all the same:';
  return fix === null || fix.isDone ? 'The unblock:' : 'The unblock, after that:';
}

function fixParts(fix: BlockLetter['fix']): SheetPart[] {
  if (fix === null) return [];
  const sentence = paragraph(fix.isDone ? fix.sentence : `The fix first. ${fix.sentence}`);
  if (fix.isDone) return [sentence];
  const scope = ['--rule', fix.ruleId, '--vhost', fix.vhost];
  const target = fix.target === null ? [] : ['--target', fix.target];
  const path = fix.path === null ? [] : ['--path', fix.path];
  const words = [...scope, ...target, ...path];
  return [
    sentence,
    commands([
      quotedCommand('whyblocked', 'preview', ...words),
      quotedCommand('whyblocked', 'exclude', ...words, '--reason', 'WHY', '--expires', '30d'),
    ]),
  ];
}

/** Words that no shell can be given safely leave their command out. */
function commands(lines: readonly (string | null)[]): SheetPart {
  return { kind: 'commands', commands: lines.filter((line) => line !== null) };
}

function again({ again: statementsAgain }: BlockLetter): SheetSection[] {
  return section('If the same request comes again', [statements(statementsAgain)]);
}

function ended(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}

function blockStatements({ block, statements: others }: Explanation): Statement[] {
  return [...(block?.contradictions ?? []), ...(block?.advice ?? []), ...others];
}

function statements(some: readonly Statement[]): SheetPart {
  const items = some.slice(0, MOST_ITEMS).map(({ sentence, basis }) => item(sentence, { basis }));
  return { kind: 'items', items };
}

function evidence({ evidence: all, incident, verdict }: Explanation): SheetSection[] {
  if (incident === null || verdict === null) return [];
  const present = all.filter(({ status }) => status === 'present');
  const side = (direction: Evidence['direction']): SheetPart => {
    const items = present
      .filter((one) => one.direction === direction)
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .map(evidenceItem);
    if (items.length === 0) return paragraph('Nothing was found.');
    return { kind: 'items', items: items.slice(0, MOST_ITEMS) };
  };
  return [
    ...section('What speaks for an attack', [side('for')]),
    ...section('What speaks against one', [side('against')]),
  ];
}

function evidenceItem({ weight, sentence, basis }: Evidence): SheetItem {
  return item(sentence, { mark: `${weight > 0 ? '+' : ''}${weight.toFixed(1)}`, basis });
}

function rules({ ledger }: Explanation): SheetSection[] {
  if (ledger === null) return [];
  const { score, rows, same, of } = ledger;
  const items = rows.slice(0, MOST_RULES).map((row) => {
    const data = row.data === null ? '' : `, ${row.data}`;
    const at = row.target === null ? '' : ` at ${row.target}`;
    return item(`${row.ruleId} ${row.message ?? ''}${at}${data}`, {
      mark: `+${row.points}`,
      basis: row.inferred ? 'inferred' : 'known',
    });
  });
  const more = rows.length - items.length;
  return section('The rules that scored', [
    paragraph(`${ended(score.sentence)} The same in ${same} of ${of} requests.`),
    { kind: 'items', items },
    more > 0 ? paragraph(`And ${more} more.`) : null,
    paragraph(ledger.meaning),
  ]);
}

function requests({ incident }: Explanation): SheetSection[] {
  if (incident === null) return [];
  const runs = runsOf(incident.transactions);
  const shown = runs.slice(0, MOST_REQUESTS);
  const more = incident.requests - shown.reduce((sum, run) => sum + run.length, 0);
  return section(`The requests (${incident.requests}, ${incident.denied} refused)`, [
    paragraph(`From ${readableTime(incident.from)} to ${readableTime(incident.to)}.`),
    { kind: 'items', items: shown.map(runItem) },
    more > 0 ? paragraph(`And ${more} more.`) : null,
  ]);
}

function incidents({ incident, incidents: others }: Explanation): SheetSection[] {
  const heading = incident === null ? 'The incidents behind it' : 'Its other incidents';
  const more = others.length - MOST_OTHERS;
  return section(`${heading} (${others.length})`, [
    { kind: 'items', items: others.slice(0, MOST_OTHERS).map(incidentItem) },
    more > 0 ? paragraph(`And ${more} more.`) : null,
  ]);
}

function unknown({ evidence: all, coverage, missing }: Explanation): SheetSection[] {
  const gaps = coverage.filter(({ state, skipped }) => state !== 'ok' && skipped !== true);
  const named = new Set(gaps.map(({ source }) => source));
  const items = [
    ...gaps.map(({ source, sentence }) => `${source}: ${sentence}`),
    ...missing.filter(({ source }) => !named.has(source)).map(({ source, why }) => `${source}: ${why}`),
    ...all.filter(({ status }) => status === 'unknown').map(({ sentence }) => sentence),
  ];
  return section('What is not known', [
    {
      kind: 'items',
      items: [...new Set(items)].slice(0, MOST_ITEMS).map((text) => item(text, { basis: 'missing' })),
    },
  ]);
}

function links({ head }: BlockLetter, { incident }: Explanation, address: string): SheetSection[] {
  const page = pageAddress.bind(null, head.whm);
  if (head.whm === null)
    return section('More', [
      paragraph(`In WHM open Whyblocked and paste ${address}. On the server:`),
      commands([quotedCommand('whyblocked', 'explain', address)]),
    ]);
  const list = [
    incident === null
      ? null
      : { text: 'The incident', href: page('/incident', { ip: incident.client, from: incident.from }) },
    { text: `All about ${address}`, href: page('/explain', { q: address }) },
    { text: 'Its entries in the firewall', href: page('/firewall', { q: address }) },
  ];
  return section('More', [{ kind: 'links', links: list.filter((link) => link !== null) }]);
}
