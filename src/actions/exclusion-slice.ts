// One page of one list of exclusions, and how many rows each list has: a list of thousands never leaves the engine whole.
import type { ExclusionsFilter, ExclusionTab, ListCount } from './exclusion-list-view.ts';
import type { ChangeView, DriftView, ExclusionView, FoundView } from './exclusion-view.ts';
import { holdsWords } from './filter-words.ts';

/** Rows of a page. */
export const SLICE_ROWS = 200;

/** What a row is filtered by. */
interface Looked {
  readonly vhosts: readonly (string | null)[];
  readonly texts: readonly (string | null)[];
}

/** The rows that pass a filter; all of them when it is empty. */
function matchingRows<Row>(
  rows: readonly Row[],
  { vhost, text }: Pick<ExclusionsFilter, 'vhost' | 'text'>,
  look: (row: Row) => Looked,
): readonly Row[] {
  if (vhost === '' && text === '') return rows;
  return rows.filter((row) => {
    const { vhosts, texts } = look(row);
    return (vhost === '' || vhosts.includes(vhost)) && (text === '' || holdsWords(texts, text));
  });
}

/** Where a page begins and which one it is: one that does not exist is the last one. */
export function pagePlace(
  rows: number,
  asked: number,
): { readonly page: number; readonly pages: number; readonly offset: number } {
  const pages = Math.max(1, Math.ceil(rows / SLICE_ROWS));
  const page = Number.isSafeInteger(asked) ? Math.min(Math.max(asked, 1), pages) : 1;
  return { page, pages, offset: (page - 1) * SLICE_ROWS };
}

/** An exclusion in the words that it is searched by. */
export function lookAtExclusion({
  id,
  scope,
  reason,
  author,
}: Pick<ExclusionView, 'id' | 'scope' | 'reason' | 'author'>): Looked {
  const { words, ruleId, tag, target, path, vhost } = scope;
  return {
    vhosts: [vhost],
    texts: [words, ruleId, tag, target, path, vhost, reason, author, `exclusion ${id}`],
  };
}

function lookAtFound({ vhost, account, words, places }: FoundView): Looked {
  return { vhosts: [vhost], texts: [words, vhost, account, ...places.map(({ file }) => file)] };
}

function lookAtDrift({ vhost, text, paths }: DriftView): Looked {
  return { vhosts: [vhost], texts: [vhost, text, ...paths] };
}

function lookAtChange({ id, reason, who, act, vhosts }: ChangeView): Looked {
  return { vhosts, texts: [reason, who, act, `change ${id}`, ...vhosts] };
}

/** Whole lists, as small servers have them and tests make them. */
interface WholeLists {
  readonly active: readonly ExclusionView[];
  readonly ended: readonly ExclusionView[];
  readonly found: readonly FoundView[];
  readonly drift: readonly DriftView[];
  readonly changes: readonly ChangeView[];
}

/** The asked page and the counts; of the other lists no rows. */
interface SlicedLists extends WholeLists {
  readonly counts: Readonly<Record<ExclusionTab, ListCount>>;
  readonly page: number;
  readonly pages: number;
}

/** Takes the asked page out of whole lists. */
export function sliceLists(lists: WholeLists, filter: ExclusionsFilter): SlicedLists {
  const matching = {
    active: matchingRows(lists.active, filter, lookAtExclusion),
    ended: matchingRows(lists.ended, filter, lookAtExclusion),
    found: matchingRows(lists.found, filter, lookAtFound),
    drift: matchingRows(lists.drift, filter, lookAtDrift),
    changes: matchingRows(lists.changes, filter, lookAtChange),
  };
  const { show } = filter;
  const { page, pages, offset } = pagePlace(matching[show].length, filter.page);
  const part = <Row>(tab: ExclusionTab, rows: readonly Row[]): readonly Row[] =>
    tab === show ? rows.slice(offset, offset + SLICE_ROWS) : [];
  const count = (tab: ExclusionTab): ListCount => ({
    matching: matching[tab].length,
    all: lists[tab].length,
  });
  return {
    active: part('active', matching.active),
    ended: part('ended', matching.ended),
    found: part('found', matching.found),
    drift: part('drift', matching.drift),
    changes: part('changes', matching.changes),
    counts: {
      active: count('active'),
      ended: count('ended'),
      found: count('found'),
      drift: count('drift'),
      changes: count('changes'),
    },
    page,
    pages,
  };
}
