// The query of the firewall's pages: what a list shows, and what an act would be; and the links that say the same.
import type { FirewallFilter, FirewallRequest } from '../actions/firewall-view.ts';
import type { FirewallActKind } from '../model-firewall.ts';
import { pageLink } from './links.ts';
import { epochOf } from './view-time.ts';

/** The lists, in the order of their tabs. */
export const LISTS = ['all', 'waf', 'logins', 'hand', 'nets', 'other', 'allowed', 'ignored'] as const;
/** What can be asked for. */
export const ACTS = ['unblock', 'temp-allow', 'allow', 'disallow', 'temp-block', 'block'] as const;

const LONGEST_TEXT = 200;

/** The list that an address names: `?p=/firewall&kind=waf&q=TEXT&page=2`; everything that denies for anything else. */
export function readFirewallFilter(fields: URLSearchParams): FirewallFilter {
  const [asked, page] = [fields.get('kind'), fields.get('page') ?? ''];
  const text = (fields.get('q') ?? '').trim().slice(0, LONGEST_TEXT);
  return {
    kind: LISTS.find((one) => one === asked) ?? 'all',
    text: text === '' ? null : text,
    page: /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1,
  };
}

/** A page of a list. */
export function firewallLink({ kind, text, page }: FirewallFilter): string {
  return pageLink('/firewall', {
    kind: kind === 'all' ? null : kind,
    q: text,
    page: page === 1 ? null : page,
  });
}

/**
 * What an act's address, or its form, asks for: `do`, `target`, `seconds`, `net=1`, `allow` (seconds), `from`; null without an act
 * that is known. A number that cannot be read is NaN, which the engine refuses in words.
 */
export function readFirewallRequest(fields: URLSearchParams): FirewallRequest | null {
  const act: FirewallActKind | undefined = ACTS.find((one) => one === fields.get('do'));
  if (act === undefined) return null;
  const from = fields.get('from') ?? '';
  return {
    act,
    target: (fields.get('target') ?? '').trim().slice(0, LONGEST_TEXT),
    seconds: secondsOf(fields.get('seconds')),
    wholeNet: fields.get('net') === '1',
    thenAllow: secondsOf(fields.get('allow')),
    incidentFrom: epochOf(from) === null ? null : from,
  };
}

function secondsOf(text: string | null): number | null {
  if (text === null || text === '') return null;
  return /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
}

/** The fields of a request as a link or a form carries them. */
export function requestFields(request: Partial<FirewallRequest>): Readonly<Record<string, string>> {
  const { act, target, seconds, wholeNet, thenAllow, incidentFrom } = request;
  const fields = {
    do: act ?? '',
    target: target ?? '',
    seconds: numberText(seconds),
    net: wholeNet === true ? '1' : '',
    allow: numberText(thenAllow),
    from: incidentFrom ?? '',
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

function numberText(value: number | null | undefined): string {
  return value == null || Number.isNaN(value) ? '' : String(value);
}

/** The page that shows an act before it is done. */
export function firewallActLink(
  request: Pick<FirewallRequest, 'act' | 'target'> & Partial<FirewallRequest>,
): string {
  return pageLink('/firewall/act', requestFields(request));
}
