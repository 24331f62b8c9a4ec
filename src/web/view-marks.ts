// The page of all marks: who said what of which address or cause, how many incidents there were since, and the counts.
import { MARK_KINDS, markAs, markTag } from '../actions/mark-words.ts';
import type { MarkRow, MarksFilter, MarksView } from '../actions/marks-view.ts';
import type { MarkKind } from '../model-evidence.ts';
import { causeIdLink, explainLink, pageLink } from './links.ts';
import type { LongText } from './view-text.ts';
import { counted, longText, whole } from './view-text.ts';
import { dayTime } from './view-time.ts';
import { kindChoice } from './view-word.ts';

interface MarkRowView {
  readonly id: number;
  readonly what: string;
  readonly href: string;
  readonly tag: string;
  /** Of a cause: rule, target, path and vhost. */
  readonly more: string;
  readonly note: LongText;
  readonly who: string;
  readonly at: string;
  readonly since: string;
  /** When it was taken back and by whom; empty while it holds. */
  readonly ended: string;
}

/** What views/marks.ejs needs. */
export interface MarksPage {
  readonly title: string;
  readonly headline: string;
  readonly tabs: readonly {
    readonly href: string;
    readonly name: string;
    readonly count: string;
    readonly current: boolean;
  }[];
  readonly rows: readonly MarkRowView[];
  readonly empty: string;
  readonly counts: readonly { readonly name: string; readonly active: string; readonly ever: string }[];
  readonly kinds: readonly { readonly value: MarkKind; readonly text: string }[];
  readonly mark: string;
  readonly unmark: string;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
}

const TABS = [
  { show: 'active', name: 'Hold' },
  { show: 'ended', name: 'Taken back' },
] as const;

function link(show: MarksFilter['show'], page = 1): string {
  return pageLink('/marks', { show: show === 'active' ? null : show, page: page === 1 ? null : page });
}

function causeWords({ cause, subject }: MarkRow): string {
  if (cause === null) return subject === 'cause' ? 'It is not kept any more.' : '';
  const parts = [`rule ${cause.ruleId}`, cause.target, cause.path].filter((part) => part !== '');
  return `${parts.join(', ')}${cause.vhost === '' ? '' : ` on ${cause.vhost}`}`;
}

function rowView(row: MarkRow): MarkRowView {
  const isCause = row.subject === 'cause';
  return {
    id: row.id,
    what: isCause ? `Cause ${row.about}` : row.about,
    href: isCause ? causeIdLink(Number(row.about)) : explainLink(row.about),
    tag: markTag(row.kind),
    more: causeWords(row),
    note: longText(row.note),
    who: row.author,
    at: dayTime(row.at),
    since: counted(row.incidentsSince, 'incident'),
    ended: row.endedAt === null ? '' : `${dayTime(row.endedAt)} by ${row.endedBy ?? ''}`,
  };
}

function countRows({ counts }: MarksView): MarksPage['counts'] {
  return counts.map(({ subject, kind, active, ever }) => ({
    name: `${kindChoice(kind)}${subject === 'cause' ? ', said of causes' : ''}`,
    active: whole(active),
    ever: whole(ever),
  }));
}

/** Builds the page from one answer of the engine. */
export function marksPage(view: MarksView, { show }: Pick<MarksFilter, 'show'>): MarksPage {
  const count = { active: view.active, ended: view.ended };
  return {
    title: 'Marks',
    headline:
      view.active === 0
        ? 'Nothing is marked'
        : `${counted(view.active, 'mark')} ${view.active === 1 ? 'holds' : 'hold'}`,
    tabs: TABS.map((tab) => ({
      href: link(tab.show),
      name: tab.name,
      count: whole(count[tab.show]),
      current: tab.show === show,
    })),
    rows: view.rows.map(rowView),
    empty:
      show === 'active'
        ? `Say on an incident’s page, or below, that an address is ${markAs('monitor')}, or that a block was ${markAs('false-alarm')}.`
        : 'No mark was taken back yet.',
    counts: countRows(view),
    kinds: MARK_KINDS.map((kind) => ({ value: kind, text: kindChoice(kind) })),
    mark: pageLink('/mark'),
    unmark: pageLink('/unmark'),
    newer: view.page > 1 ? link(show, view.page - 1) : null,
    older: view.page < view.pages ? link(show, view.page + 1) : null,
    pages: `page ${whole(view.page)} of ${whole(view.pages)}`,
  };
}

/** The line of the inbox about marks, e.g. `3 addresses and 1 cause are marked`; null when there are none. */
export function markedLine({
  addresses,
  causes,
}: {
  readonly addresses: number;
  readonly causes: number;
}): { readonly href: string; readonly text: string } | null {
  const parts = [
    ...(addresses === 0 ? [] : [counted(addresses, 'address', 'addresses')]),
    ...(causes === 0 ? [] : [counted(causes, 'cause')]),
  ];
  if (parts.length === 0) return null;
  const verb = addresses + causes === 1 ? 'is' : 'are';
  return { href: pageLink('/marks'), text: `${parts.join(' and ')} ${verb} marked` };
}
