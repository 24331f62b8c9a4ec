// The filters of the list of causes: read from the URL, written back into links. Anything unknown falls back to the default.
import type { CausesFilter } from '../actions/causes-view.ts';
import { pageLink } from './links.ts';

const DEFAULT_DAYS = 14;
/** The choices of "Since", in days. */
export const DAY_CHOICES: readonly { readonly days: number; readonly text: string }[] = [
  { days: 1, text: '24 hours' },
  { days: 7, text: '7 days' },
  { days: 14, text: '14 days' },
];
/** The tabs of the list, in their order. */
export const STATE_TABS: readonly { readonly state: CausesFilter['state']; readonly name: string }[] = [
  { state: 'open', name: 'Open' },
  { state: 'new', name: 'New' },
  { state: 'reopened', name: 'Came back' },
  { state: 'known', name: 'Known' },
  { state: 'ignored', name: 'Ignored' },
  { state: 'fixed', name: 'Fixed' },
  { state: 'all', name: 'All' },
];
const VHOST = /^[a-z0-9._*-]{1,253}$/;
const LONGEST_TEXT = 200;

/** Reads the filter of `?p=/causes&vhost=&rule=&state=&text=&days=14&page=`. A vhost or rule that can be none is dropped. */
export function readCausesFilter(query: URLSearchParams): CausesFilter {
  const vhost = (query.get('vhost') ?? '').trim().toLowerCase();
  const rule = (query.get('rule') ?? '').trim();
  const page = query.get('page') ?? '';
  const days = DAY_CHOICES.find((one) => String(one.days) === query.get('days'));
  return {
    vhost: VHOST.test(vhost) ? vhost : null,
    ruleId: /^\d{1,10}$/.test(rule) ? rule : null,
    state: STATE_TABS.find(({ state }) => state === query.get('state'))?.state ?? 'open',
    text: (query.get('text') ?? '').trim().slice(0, LONGEST_TEXT),
    days: days?.days ?? DEFAULT_DAYS,
    page: /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1,
  };
}

/** The link of the list with a filter, some parts of it changed; defaults are left out. */
export function causesLink(filter: CausesFilter, change: Partial<CausesFilter> = {}): string {
  const { vhost, ruleId, state, text, days, page } = { ...filter, ...change };
  return pageLink('/causes', {
    vhost,
    rule: ruleId,
    state: state === 'open' ? null : state,
    text,
    days: days === DEFAULT_DAYS ? null : days,
    page: page === 1 ? null : page,
  });
}
