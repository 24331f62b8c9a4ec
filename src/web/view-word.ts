// The card on an incident's page with what the admin said of its address, and the forms to say it and to take it back.
import type { Explanation } from '../actions/explanation.ts';
import { MARK_KINDS, markAs, markTag } from '../actions/mark-words.ts';
import type { MarkView } from '../actions/marks-view.ts';
import type { MarkKind } from '../model-evidence.ts';
import { pageLink } from './links.ts';
import type { LongText } from './view-text.ts';
import { longText } from './view-text.ts';
import { dayTime } from './view-time.ts';

/** A field that goes along unseen. */
export interface HiddenField {
  readonly name: string;
  readonly value: string;
}

/** What partials/word-card.ejs needs. */
export interface WordCard {
  readonly heading: string;
  /** The tags beside the verdict: `your monitor`. */
  readonly tags: readonly string[];
  /** What was said and what the model says, for the top of the page. */
  readonly said: string;
  readonly marks: readonly {
    readonly id: number;
    readonly words: string;
    readonly by: string;
    readonly note: LongText;
  }[];
  /** Null where nothing can be said. */
  readonly form: {
    readonly about: string;
    readonly kinds: readonly { readonly value: MarkKind; readonly text: string }[];
    /** Whether a false alarm is not said yet. */
    readonly alarm: boolean;
  } | null;
  readonly back: readonly HiddenField[];
  readonly mark: string;
  readonly unmark: string;
  readonly all: string;
}

/** A kind as a choice: `An uptime monitor`. */
export function kindChoice(kind: MarkKind): string {
  const words = markAs(kind);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function markRow(mark: MarkView, about: string | null): WordCard['marks'][number] {
  const net = mark.about === about ? '' : `${mark.about}: `;
  return {
    id: mark.id,
    words: `${net}${markAs(mark.kind)}`,
    by: `${mark.author}, ${dayTime(mark.at)}`,
    note: longText(mark.note),
  };
}

/** The card; null where the page is about no address. `paste` names the pasted text that the page came from. */
export function wordCard({ word, incident }: Explanation, paste: string | null): WordCard | null {
  if (word === undefined) return null;
  const { marks, markable } = word;
  if (marks.length === 0 && markable === null) return null;
  const own = new Set(marks.filter(({ about }) => about === markable).map(({ kind }) => kind));
  const open = MARK_KINDS.filter((kind) => !own.has(kind));
  const about = markable ?? marks[0]?.about ?? '';
  return {
    heading: marks.length > 0 ? 'Your word' : 'Is this a program of yours?',
    tags: [...new Set(marks.map(({ kind }) => markTag(kind)))],
    said: word.sentences.join(' '),
    marks: marks.map((mark) => markRow(mark, markable)),
    form:
      markable === null || open.length === 0
        ? null
        : {
            about: markable,
            kinds: open
              .filter((kind) => kind !== 'false-alarm')
              .map((kind) => ({ value: kind, text: kindChoice(kind) })),
            alarm: open.includes('false-alarm'),
          },
    back:
      paste === null
        ? [
            { name: 'q', value: about },
            { name: 'from', value: incident?.from ?? '' },
          ]
        : [{ name: 'paste', value: paste }],
    mark: pageLink('/mark'),
    unmark: pageLink('/unmark'),
    all: pageLink('/marks'),
  };
}
