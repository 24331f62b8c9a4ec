// What an admin makes of a cause: the form that sets its state, and how its fields are read.
import type { CauseChange, CauseRow } from '../actions/causes-view.ts';
import { pageLink } from './links.ts';
import { STATE_NAMES, stateRest } from './view-cause-words.ts';
import { FieldValue } from './view-text.ts';

/** More visitors than this are no number that anybody waits for. */
const MOST_VISITORS = 10_000;
const USUAL_VISITORS = 5;
const LONGEST_NOTE = 500;

const CHOICES: readonly {
  readonly state: CauseChange['state'];
  readonly text: string;
  readonly hint: string;
}[] = [
  { state: 'known', text: 'Known', hint: 'Somebody has looked at it. It stays in the list.' },
  {
    state: 'ignored',
    text: 'Ignore it',
    hint: 'It leaves the list of open causes, until it stops so many more ordinary visitors.',
  },
  { state: 'fixed', text: 'Fixed', hint: 'It comes back by itself when it stops visitors again.' },
  { state: 'new', text: 'Back to new', hint: 'As if nobody had looked.' },
];

/** What the partial `cause-state` needs. */
export interface CauseStateView {
  readonly action: string;
  readonly id: number;
  readonly state: string;
  readonly words: string;
  readonly since: string;
  readonly choices: readonly {
    readonly value: string;
    readonly text: string;
    readonly hint: string;
    readonly checked: boolean;
  }[];
  readonly more: FieldValue;
  readonly note: FieldValue;
  readonly longestNote: number;
  /** What could not be understood, by the form's field: `state`, `more`, `note`. */
  readonly errors: Readonly<Record<'state' | 'more' | 'note', string>>;
}

/** What was sent. */
export interface StateInput {
  readonly state: string;
  readonly more: string;
  readonly note: string;
}

export type StateErrors = Partial<CauseStateView['errors']>;

/** Reads the form: the change that it asks for, or what is wrong by field. An empty number of visitors means no end. */
export function readStateChange({ state, more, note }: StateInput): {
  readonly change: CauseChange | null;
  readonly errors: StateErrors;
} {
  const choice = CHOICES.find((one) => one.state === state);
  if (choice === undefined) return { change: null, errors: { state: 'Choose one of the states.' } };
  const text = note.trim();
  const isNumber = /^[1-9]\d{0,4}$/.test(more.trim()) && Number(more) <= MOST_VISITORS;
  const isIgnored = choice.state === 'ignored';
  const errors: StateErrors = {
    ...(isIgnored && more.trim() !== '' && !isNumber
      ? { more: 'Give a number from 1 to 10,000, or nothing.' }
      : {}),
    ...(text === '' && (isIgnored || choice.state === 'fixed') ? { note: 'Say why: others will ask.' } : {}),
    ...(text.length > LONGEST_NOTE ? { note: `At most ${LONGEST_NOTE} characters.` } : {}),
  };
  if (Object.keys(errors).length > 0) return { change: null, errors };
  return {
    change: { state: choice.state, until: isIgnored && isNumber ? Number(more) : null, note: text },
    errors,
  };
}

/** The fields of a form that was not sent yet. */
export const NOTHING_SAID: StateInput = { state: '', more: String(USUAL_VISITORS), note: '' };

/** The form; what was sent and what is wrong with it stand at its fields. */
export function causeStateView(
  cause: Pick<CauseRow, 'id' | 'state' | 'stateWords'>,
  since: string,
  sent: StateInput,
  errors: StateErrors,
): CauseStateView {
  const asked = sent.state === '' ? (cause.state === 'known' ? 'ignored' : 'known') : sent.state;
  return {
    action: pageLink('/cause/state'),
    id: cause.id,
    state: STATE_NAMES[cause.state],
    words: stateRest(cause),
    since,
    choices: CHOICES.filter(({ state }) => state !== cause.state || state === 'ignored').map(
      ({ state, text, hint }) => ({ value: state, text, hint, checked: state === asked }),
    ),
    more: new FieldValue(sent.more),
    note: new FieldValue(sent.note),
    longestNote: LONGEST_NOTE,
    errors: { state: errors.state ?? '', more: errors.more ?? '', note: errors.note ?? '' },
  };
}
