// The lists of all exclusions: in force, ended, left by others, changed by hand, and the changes that were made.
import type { ChangeView, ExclusionsView, ExclusionView } from '../actions/exclusion-view.ts';
import { pageLink } from './links.ts';
import { holdsWords, listPage } from './paging.ts';
import type { ChangeRowView } from './view-change.ts';
import { changeRow } from './view-change.ts';
import { unwritableWords } from './view-domain.ts';
import type { DriftNoteView, ExclusionRowView, FoundRowView } from './view-exclusion-rows.ts';
import { driftNote, exclusionRow, foundRow } from './view-exclusion-rows.ts';
import { counted, FieldValue, whole } from './view-text.ts';

const TABS = ['active', 'ended', 'found', 'drift', 'changes'] as const;
type Tab = (typeof TABS)[number];

const NAMES: Readonly<Record<Tab, string>> = {
  active: 'In force',
  ended: 'Ended',
  found: 'Left by others',
  drift: 'To look at',
  changes: 'Changes',
};
const EMPTY: Readonly<Record<Tab, readonly [title: string, text: string]>> = {
  active: ['No exclusions.', 'They start from an incident, a cause or the page of a domain.'],
  ended: ['None has ended yet.', 'Exclusions that ran out or were taken back stay listed here.'],
  found: [
    'Nothing is left by others.',
    'ConfigServer ModSec Control, WHM and files made by hand were looked at.',
  ],
  drift: ['All files are as Whyblocked wrote them.', 'A file that was changed by hand is never overwritten.'],
  changes: ['Nothing was changed yet.', 'Each change stays here with the bytes before and after.'],
};

/** Which list, and what is looked for in it. */
export interface ExclusionsFilter {
  readonly tab: Tab;
  readonly vhost: string;
  readonly text: string;
  readonly page: string | null;
}

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
  readonly tab: Tab;
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
export function readTab(text: string | null): Tab {
  return TABS.find((one) => one === text) ?? 'active';
}

function holdsExclusion({ scope, reason, author, id }: ExclusionView, words: string): boolean {
  const { words: what, ruleId, tag, target, path, vhost } = scope;
  return holdsWords([what, ruleId, tag, target, path, vhost, reason, author, `exclusion ${id}`], words);
}

function headline({ active }: ExclusionsView): string {
  const vhosts = new Set(active.map(({ scope }) => scope.vhost)).size;
  if (active.length === 0) return 'No exclusion is in force';
  return `${counted(active.length, 'exclusion')} in force on ${counted(vhosts, 'vhost')}`;
}

/** All rows of each list that pass the filter. */
function matching(view: ExclusionsView, changes: readonly ChangeView[], { vhost, text }: ExclusionsFilter) {
  const isHere = (name: string | null): boolean => vhost === '' || name === vhost;
  const isWanted = (one: ExclusionView): boolean => isHere(one.scope.vhost) && holdsExclusion(one, text);
  return {
    active: view.active.filter(isWanted),
    ended: view.ended.filter(isWanted),
    found: view.found.filter(
      (one) =>
        isHere(one.vhost) &&
        holdsWords([one.words, one.vhost, one.account, ...one.places.map(({ file }) => file)], text),
    ),
    drift: view.drift.filter(
      (one) => isHere(one.vhost) && holdsWords([one.vhost, one.text, ...one.paths], text),
    ),
    changes: changes.filter(
      (one) =>
        (vhost === '' || one.vhosts.includes(vhost)) &&
        holdsWords([one.reason, one.who, one.act, `change ${one.id}`, ...one.vhosts], text),
    ),
  };
}

/** The page with one list open. */
export function exclusionsPage(
  view: ExclusionsView,
  changes: readonly ChangeView[],
  filter: ExclusionsFilter,
): ExclusionsPage {
  const { tab, vhost, text } = filter;
  const { now } = view.server;
  const all = { active: view.active, ended: view.ended, found: view.found, drift: view.drift, changes };
  const lists = matching(view, changes, filter);
  const link = (show: Tab, page: number | null = null): string =>
    pageLink('/exclusions', { show: show === 'active' ? null : show, vhost, text, page });
  const list = listPage<unknown>(lists[tab], filter.page, (page) => link(tab, page));
  const part = <T>(own: Tab, rows: readonly T[]): readonly T[] => {
    const wanted = new Set(list.rows);
    return own === tab ? rows.filter((row) => wanted.has(row)) : [];
  };
  const isFiltered = vhost !== '' || text !== '';
  const [title, words] = EMPTY[tab];
  return {
    title: 'Exclusions',
    headline: headline(view),
    unwritable: unwritableWords(view.writable),
    alarm:
      view.drift.length === 0 || tab === 'drift'
        ? null
        : {
            text: `${counted(view.drift.length, 'file')} of Whyblocked ${view.drift.length === 1 ? 'is' : 'are'} not as it was written.`,
            href: pageLink('/exclusions', { show: 'drift' }),
          },
    tabs: TABS.map((one) => ({
      href: link(one),
      name: NAMES[one],
      count: whole(lists[one].length),
      current: one === tab,
    })),
    tab,
    heading: NAMES[tab],
    text: new FieldValue(text),
    vhost: new FieldValue(vhost),
    shown: `${whole(lists[tab].length)} of ${whole(all[tab].length)}`,
    exclusions: [...part('active', lists.active), ...part('ended', lists.ended)].map((one) =>
      exclusionRow(one, now),
    ),
    found: part('found', lists.found).map(foundRow),
    drift: part('drift', lists.drift).map(driftNote),
    changes: part('changes', lists.changes).map((one) => changeRow(one, now)),
    settle: pageLink('/settle'),
    empty:
      list.rows.length > 0
        ? null
        : isFiltered && all[tab].length > 0
          ? {
              title: `The filter hides ${whole(all[tab].length)}.`,
              text: 'Nothing in this list matches it.',
              all: pageLink('/exclusions', { show: tab === 'active' ? null : tab }),
            }
          : { title, text: words, all: null },
    newer: list.newer,
    older: list.older,
    pages: list.pages,
  };
}
