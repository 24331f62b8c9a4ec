// The lists of all exclusions: in force, ended, left by others, changed by hand, and the changes that were made.
import type { ExclusionsFilter, ExclusionsSlice, ExclusionTab } from '../actions/exclusion-list-view.ts';
import { pageLink } from './links.ts';
import type { ChangeRowView } from './view-change.ts';
import { changeRow } from './view-change.ts';
import { unwritableWords } from './view-domain.ts';
import type { DriftNoteView, ExclusionRowView, FoundRowView } from './view-exclusion-rows.ts';
import { driftNote, exclusionRow, foundRow } from './view-exclusion-rows.ts';
import { counted, FieldValue, whole } from './view-text.ts';

const TABS: readonly ExclusionTab[] = ['active', 'ended', 'found', 'drift', 'changes'];

const NAMES: Readonly<Record<ExclusionTab, string>> = {
  active: 'In force',
  ended: 'Ended',
  found: 'Left by others',
  drift: 'To look at',
  changes: 'Changes',
};
const EMPTY: Readonly<Record<ExclusionTab, readonly [title: string, text: string]>> = {
  active: ['No exclusions.', 'They start from an incident, a cause or the page of a domain.'],
  ended: ['None has ended yet.', 'Exclusions that ran out or were taken back stay listed here.'],
  found: [
    'Nothing is left by others.',
    'ConfigServer ModSec Control, WHM and files made by hand were looked at.',
  ],
  drift: ['All files are as Whyblocked wrote them.', 'A file that was changed by hand is never overwritten.'],
  changes: ['Nothing was changed yet.', 'Each change stays here with the bytes before and after.'],
};

/** What views/exclusions.ejs needs. */
export interface ExclusionsPage {
  readonly title: string;
  readonly headline: string;
  readonly unwritable: string;
  readonly alarm: { readonly text: string; readonly href: string } | null;
  readonly tabs: readonly {
    readonly href: string;
    readonly name: string;
    readonly count: string;
    readonly current: boolean;
  }[];
  readonly tab: ExclusionTab;
  readonly heading: string;
  readonly text: FieldValue;
  readonly vhost: FieldValue;
  readonly shown: string;
  readonly exclusions: readonly ExclusionRowView[];
  readonly found: readonly FoundRowView[];
  readonly drift: readonly DriftNoteView[];
  readonly changes: readonly ChangeRowView[];
  readonly settle: string;
  readonly empty: {
    readonly title: string;
    readonly text: string;
    readonly all: string | null;
  } | null;
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
}

/** The list that an address names; those in force for anything else. */
export function readTab(text: string | null): ExclusionTab {
  return TABS.find((one) => one === text) ?? 'active';
}

function headline({ counts, activeVhosts }: ExclusionsSlice): string {
  if (counts.active.all === 0) return 'No exclusion is in force';
  return `${counted(counts.active.all, 'exclusion')} in force on ${counted(activeVhosts, 'vhost')}`;
}

/** The page with one list open. */
export function exclusionsPage(view: ExclusionsSlice, filter: ExclusionsFilter): ExclusionsPage {
  const { show, vhost, text } = filter;
  const { now } = view.server;
  const { counts, page, pages } = view;
  const { matching, all } = counts[show];
  const link = (tab: ExclusionTab, number: number | null = null): string =>
    pageLink('/exclusions', { show: tab === 'active' ? null : tab, vhost, text, page: number });
  const isFiltered = vhost !== '' || text !== '';
  const [title, words] = EMPTY[show];
  return {
    title: 'Exclusions',
    headline: headline(view),
    unwritable: unwritableWords(view.writable),
    alarm:
      counts.drift.all === 0 || show === 'drift'
        ? null
        : {
            text: `${counted(counts.drift.all, 'file')} of Whyblocked ${counts.drift.all === 1 ? 'is' : 'are'} not as it was written.`,
            href: pageLink('/exclusions', { show: 'drift' }),
          },
    tabs: TABS.map((tab) => ({
      href: link(tab),
      name: NAMES[tab],
      count: whole(counts[tab].matching),
      current: tab === show,
    })),
    tab: show,
    heading: NAMES[show],
    text: new FieldValue(text),
    vhost: new FieldValue(vhost),
    shown: `${whole(matching)} of ${whole(all)}`,
    exclusions: [...view.active, ...view.ended].map((one) => exclusionRow(one, now)),
    found: view.found.map(foundRow),
    drift: view.drift.map(driftNote),
    changes: view.changes.map((one) => changeRow(one, now)),
    settle: pageLink('/settle'),
    empty:
      matching > 0
        ? null
        : isFiltered && all > 0
          ? {
              title: `The filter hides ${whole(all)}.`,
              text: 'Nothing in this list matches it.',
              all: pageLink('/exclusions', { show: show === 'active' ? null : show }),
            }
          : { title, text: words, all: null },
    newer: page > 1 ? link(show, page === 2 ? null : page - 1) : null,
    older: page < pages ? link(show, page + 1) : null,
    pages: `page ${whole(page)} of ${whole(pages)}`,
  };
}
