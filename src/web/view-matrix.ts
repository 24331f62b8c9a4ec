// The noise matrix: vhosts against rules, in each cell how many different visitors the rule hit there and whose they mostly are.
import type { NoiseMatrix } from '../actions/causes-view.ts';
import { causeIdLink, domainLink, ruleLink } from './links.ts';
import type { ToneView } from './view-cause-words.ts';
import { ALL_TONES, cut, toneView, vhostWords } from './view-cause-words.ts';
import { counted, whole } from './view-text.ts';

const LONGEST_TITLE = 60;

interface MatrixCellView {
  readonly href: string;
  readonly visitors: string;
  /** What follows the number, for who does not see letters and tint: `visitors, mostly attacks`. */
  readonly words: string;
  readonly tone: ToneView;
}

/** What the partial `matrix` draws. */
export interface MatrixView {
  readonly legend: readonly ToneView[];
  readonly rules: readonly { readonly id: string; readonly href: string; readonly title: string }[];
  readonly rows: readonly {
    readonly vhost: string;
    readonly href: string | null;
    readonly cells: readonly (MatrixCellView | null)[];
  }[];
  readonly about: string;
}

function shownWords(shown: number, more: number, noun: string): string {
  return more === 0 ? `All ${counted(shown, noun)}` : `${whole(shown)} of ${counted(shown + more, noun)}`;
}

/** The matrix; null when it has no row or no column. */
export function matrixView(matrix: NoiseMatrix): MatrixView | null {
  const { rules, rows, moreVhosts, moreRules } = matrix;
  if (rules.length === 0 || rows.length === 0) return null;
  const most = moreVhosts + moreRules > 0 ? ': those with the most visitors' : '';
  return {
    legend: ALL_TONES,
    rules: rules.map(({ id, title }) => ({ id, href: ruleLink(id), title: cut(title, LONGEST_TITLE) })),
    rows: rows.map(({ vhost, cells }) => ({
      vhost: vhostWords(vhost),
      href: vhost === '' ? null : domainLink(vhost),
      cells: cells.map((cell) =>
        cell === null
          ? null
          : {
              href: causeIdLink(cell.causeId),
              visitors: whole(cell.visitors),
              words: `${cell.visitors === 1 ? 'visitor' : 'visitors'}, ${toneView(cell.tone).words}`,
              tone: toneView(cell.tone),
            },
      ),
    })),
    about: `${shownWords(rows.length, moreVhosts, 'vhost')} and ${shownWords(rules.length, moreRules, 'rule').toLowerCase()}${most}. A full column is a scan of everything; a bright single cell is a site that a rule does not suit.`,
  };
}
