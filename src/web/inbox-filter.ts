// The inbox's filters: read from the URL, written back into links. Anything unknown falls back to the default.
import type { InboxFilter } from '../actions/inbox-view.ts';
import { pageLink } from './links.ts';

const DEFAULT_HOURS = 24;
/** The choices of "Since", in hours; `null` is everything that is kept. */
export const SINCE_CHOICES: readonly {
  readonly value: string;
  readonly hours: number | null;
  readonly text: string;
}[] = [
  { value: '24', hours: 24, text: '24 hours' },
  { value: '168', hours: 168, text: '7 days' },
  { value: '720', hours: 720, text: '30 days' },
  { value: 'all', hours: null, text: 'everything kept' },
];
const VERDICTS: readonly InboxFilter['verdict'][] = ['all', 'false-positive', 'unclear', 'attack', 'other'];
const VHOST = /^[a-z0-9._*-]{1,253}$/;

function readPage(text: string | null): number {
  return text !== null && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 1;
}

function readHours(text: string | null): number | null {
  const choice = SINCE_CHOICES.find((one) => one.value === text);
  return choice === undefined ? DEFAULT_HOURS : choice.hours;
}

/** Reads the filter of a query. A vhost that cannot be a host name is dropped. */
export function readInboxFilter(query: URLSearchParams): InboxFilter {
  const vhost = (query.get('vhost') ?? '').trim().toLowerCase();
  return {
    verdict: VERDICTS.find((one) => one === query.get('verdict')) ?? 'all',
    sinceHours: readHours(query.get('since')),
    vhost: VHOST.test(vhost) ? vhost : null,
    blockedOnly: query.get('blocked') === '1',
    page: readPage(query.get('page')),
  };
}

/** The value of "Since" for a filter, as it stands in the URL. */
export function sinceValue(filter: InboxFilter): string {
  return SINCE_CHOICES.find((one) => one.hours === filter.sinceHours)?.value ?? String(DEFAULT_HOURS);
}

/** The link of the inbox with a filter, some parts of it changed; defaults are left out. */
export function inboxLink(filter: InboxFilter, change: Partial<InboxFilter> = {}): string {
  const next = { ...filter, ...change };
  return pageLink('/', {
    verdict: next.verdict === 'all' ? null : next.verdict,
    since: next.sinceHours === DEFAULT_HOURS ? null : sinceValue(next),
    vhost: next.vhost,
    blocked: next.blockedOnly ? '1' : null,
    page: next.page === 1 ? null : next.page,
  });
}
