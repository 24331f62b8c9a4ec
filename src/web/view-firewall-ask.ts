// The form that names an address and what is to be done with it; it leads to the page that shows that before it is done.
import type { FirewallRequest } from '../actions/firewall-view.ts';
import { ACTS } from './firewall-query.ts';
import { FieldValue } from './view-text.ts';

/** What partials/firewall-ask.ejs needs. */
export interface AskForm {
  readonly target: FieldValue;
  readonly targetError: string;
  /** An error that is about no field of the form. */
  readonly problem: string;
  readonly acts: readonly { readonly value: string; readonly text: string; readonly selected: boolean }[];
}

/** What views/firewall-ask.ejs needs. */
export interface AskPage {
  readonly title: string;
  readonly ask: AskForm;
}

const WORDS: Readonly<Record<FirewallRequest['act'], string>> = {
  unblock: 'Unblock it',
  'temp-allow': 'Let it in for a while',
  allow: 'Let it in for good',
  disallow: 'End its allow',
  'temp-block': 'Block it for a while',
  block: 'Block it for good',
};

/** The form with what it holds, and what is wrong with that. */
export function askForm(
  { act, target }: Pick<FirewallRequest, 'act' | 'target'>,
  error: { readonly field: string; readonly text: string } | null,
): AskForm {
  const isTarget = error?.field === 'target';
  return {
    target: new FieldValue(target),
    targetError: isTarget ? error.text : '',
    problem: error === null || isTarget ? '' : error.text,
    acts: ACTS.map((value) => ({ value, text: WORDS[value], selected: value === act })),
  };
}
