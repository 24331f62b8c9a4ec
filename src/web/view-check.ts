// How the state of a check is shown, and where it stands on the self-test's page.
import type { CheckState } from '../actions/doctor-view.ts';
import { pageLink } from './links.ts';

export type Tone = 'ok' | 'warn' | 'bad' | 'off';

export const TONES: Readonly<Record<CheckState, Tone>> = {
  ok: 'ok',
  info: 'off',
  unknown: 'off',
  warn: 'warn',
  fail: 'bad',
};
export const WORDS: Readonly<Record<CheckState, string>> = {
  ok: 'works',
  info: 'to know',
  unknown: 'not looked at',
  warn: 'to look at',
  fail: 'does not work',
};

/** The anchor of a check: its id with what an anchor should not hold replaced. */
export function checkAnchor(id: string): string {
  return `c-${id.replace(/[^A-Za-z0-9_-]+/g, '-')}`;
}

/** Where the self-test tells more about something; null where no check does. */
export function checkLink(id: string | null): string | null {
  return id === null ? null : `${pageLink('/doctor')}#${checkAnchor(id)}`;
}
