// A preview's numbers, its requests before and after, and the lfd blocks that would not have happened.
import type { BlockRecount, Outcome, OutcomeTotals, Preview, PreviewRow } from '../actions/exclusion-view.ts';
import { explainLink, incidentLink, proposeLink } from './links.ts';
import { listPage } from './paging.ts';
import type { LongText } from './view-text.ts';
import { counted, longText, whole } from './view-text.ts';
import { lineTime, shortTime } from './view-time.ts';
import type { VerdictMark } from './view-verdict.ts';
import { labelMark, verdictVisitors } from './view-verdict.ts';

type Tone = 'ok' | 'warn' | 'bad';

interface OutcomeCell {
  readonly name: string;
  readonly value: string;
  readonly about: string;
}

interface PreviewRowView {
  readonly tone: Tone;
  readonly outcome: string;
  readonly request: LongText;
  readonly ip: string;
  readonly href: string;
  readonly at: string;
  readonly mark: VerdictMark | null;
  readonly score: string;
  readonly reason: LongText;
}

interface BlockRowView {
  readonly address: string;
  readonly href: string;
  readonly at: string;
  readonly trigger: string;
  readonly left: string;
  readonly tone: Tone;
  readonly happens: string;
}

/** A rule that still refuses what the exclusion touches. */
interface OtherRule {
  readonly words: string;
  readonly count: string;
  readonly href: string;
}

/** What views/propose.ejs shows of a preview. */
export interface PreviewView {
  readonly outcome: readonly OutcomeCell[];
  readonly tried: string;
  readonly sums: string;
  readonly tabs: readonly {
    readonly href: string;
    readonly name: string;
    readonly count: string;
    readonly current: boolean;
  }[];
  readonly rows: readonly PreviewRowView[];
  readonly empty: string;
  readonly more: string;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
  readonly others: readonly OtherRule[];
  readonly blocks: readonly BlockRowView[];
  readonly blocksTitle: string;
}

/** Other rules that are named. */
const MOST_OTHERS = 6;

const OUTCOMES: Readonly<Record<Outcome, { readonly tone: Tone; readonly words: string }>> = {
  passes: { tone: 'ok', words: 'passes' },
  blocked: { tone: 'bad', words: 'still blocked' },
  bound: { tone: 'warn', words: 'not certain' },
};
const TABS = [
  { show: null, name: 'All' },
  { show: 'passes', name: 'Freed' },
  { show: 'blocked', name: 'Still blocked' },
  { show: 'bound', name: 'Not certain' },
] as const;

function byVerdict(all: Preview['byVerdict'], outcome: keyof OutcomeTotals): string {
  const words = verdictVisitors(
    Object.fromEntries(Object.entries(all).map(([label, totals]) => [label, totals[outcome]])),
  );
  return words === '\u2014' ? 'none' : words;
}

function outcomeCells(preview: Preview): readonly OutcomeCell[] {
  const { totals, attacksPassing, attacks } = preview;
  return [
    { name: 'Freed', value: whole(totals.passes), about: byVerdict(preview.byVerdict, 'passes') },
    { name: 'Still blocked', value: whole(totals.blocked), about: byVerdict(preview.byVerdict, 'blocked') },
    {
      name: 'Not certain',
      value: whole(totals.bound),
      about: totals.bound === 0 ? 'none' : `at most ${whole(totals.bound)} more freed`,
    },
    {
      name: 'Attacks passing',
      value: whole(attacksPassing),
      about: `of ${counted(attacks, 'recorded attack request')}`,
    },
  ];
}

function scoreWords({ before, after, outcome }: PreviewRow): string {
  const then = after === null ? '?' : outcome === 'bound' ? `${after}?` : String(after);
  return `${before === null ? '?' : String(before)} \u2192 ${then}`;
}

/** Why, and what still counts. */
function reasonWords({ reason, still }: PreviewRow): string {
  if (still.length === 0) return reason;
  const rules = still.map(({ ruleId, target }) => (target === null ? ruleId : `${ruleId} on ${target}`));
  return `${reason}. Still counts: ${rules.join(', ')}`;
}

function previewRow(row: PreviewRow, now: string): PreviewRowView {
  const { tone, words } = OUTCOMES[row.outcome];
  const known = row.incidentFrom;
  return {
    tone,
    outcome: words,
    request: longText(`${row.method ?? '?'} ${row.uri ?? 'not in the logs'}`, 160),
    ip: row.ip,
    href: known === null ? explainLink(row.uniqueId) : incidentLink(row.ip, known),
    at: lineTime(row.at, now),
    mark: row.verdict === null ? null : labelMark(row.verdict),
    score: scoreWords(row),
    reason: longText(reasonWords(row), 200),
  };
}

/** What counts on in touched requests that stay refused, most requests first: there one exclusion is not enough. */
function otherRules({ transactions, exclusion }: Preview): readonly OtherRule[] {
  const found = new Map<string, { ruleId: string; target: string | null; count: number }>();
  for (const { touched, outcome, still } of transactions) {
    if (!touched || outcome === 'passes') continue;
    for (const { ruleId, target } of still) {
      const key = `${ruleId} ${target ?? ''}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { ruleId, target, count: 1 });
      else known.count++;
    }
  }
  return [...found.values()]
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_OTHERS)
    .map(({ ruleId, target, count }) => ({
      words: target === null ? `Rule ${ruleId}` : `Rule ${ruleId} on ${target}`,
      count: counted(count, 'request'),
      href: proposeLink({ vhost: exclusion.vhost, ruleId, target, path: exclusion.path }),
    }));
}

const HAPPENS = {
  yes: { tone: 'bad', words: 'would happen all the same' },
  no: { tone: 'ok', words: 'would not have happened' },
  uncertain: { tone: 'warn', words: 'not certain' },
} as const;

function blockRow(block: BlockRecount, now: string): BlockRowView {
  const { tone, words } = HAPPENS[block.happens];
  const limit = block.limit === null ? '' : ` (limit ${block.limit})`;
  return {
    address: block.address,
    href: explainLink(block.address),
    at: shortTime(block.at, now),
    trigger: block.trigger,
    left: `${block.left} of ${block.count} refusals left${limit}`,
    tone,
    happens: words,
  };
}

function blocksTitle(blocks: readonly BlockRecount[]): string {
  const gone = blocks.filter(({ happens }) => happens === 'no').length;
  return `lfd blocks that would not have happened: ${whole(gone)} of ${whole(blocks.length)}`;
}

/** The preview with one tab open; `now` is the server's time. */
export function previewView(
  preview: Preview,
  { show, page }: { readonly show: string | null; readonly page: string | null },
  now: string,
): PreviewView {
  const tab = TABS.find((one) => one.show !== null && one.show === show)?.show ?? null;
  const link = (other: string | null, number: number | null = null): string =>
    `${proposeLink(preview.exclusion, { show: other, page: number })}#h-list`;
  const rows =
    tab === null ? preview.transactions : preview.transactions.filter(({ outcome }) => outcome === tab);
  const list = listPage(rows, page, (number) => link(tab, number));
  const { totals, window } = preview;
  const counts = { all: totals.passes + totals.blocked + totals.bound, ...totals };
  const matching = counts[tab ?? 'all'];
  return {
    outcome: outcomeCells(preview),
    tried: `Tried on ${counted(preview.refused, 'request')} that ${preview.refused === 1 ? 'was' : 'were'} refused on ${preview.exclusion.vhost}, ${shortTime(window.from, now)} to ${shortTime(window.to, now)}; ${whole(preview.touched)} of them ${preview.touched === 1 ? 'is' : 'are'} touched.`,
    sums: `scores add up in ${whole(preview.reconciled)} of ${whole(preview.touched)}`,
    tabs: TABS.map((one) => ({
      href: link(one.show),
      name: one.name,
      count: whole(counts[one.show ?? 'all']),
      current: one.show === tab,
    })),
    rows: list.rows.map((row) => previewRow(row, now)),
    empty: matching > 0 ? 'None of them is among the requests that are listed.' : 'No recorded request.',
    more: matching > rows.length ? `${whole(rows.length)} of ${whole(matching)} are listed` : '',
    newer: list.newer,
    older: list.older,
    pages: list.newer === null && list.older === null ? '' : list.pages,
    others: otherRules(preview),
    blocks: preview.blocks.map((block) => blockRow(block, now)),
    blocksTitle: blocksTitle(preview.blocks),
  };
}
