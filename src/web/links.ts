// Links: every address of a page is relative to the entry, so a prefix and its security token stay.

import type { CauseView } from '../actions/domain-view.ts';
import type { ScopeFields } from '../actions/exclusion-view.ts';
import type { ReportRequest } from '../actions/report-view.ts';

/** Values that go into a query; null and empty ones are left out. */
export type LinkParams = Readonly<Record<string, string | number | null>>;

/**
 * A relative link to a page, e.g. `index.cgi?p=/explain&q=203.0.113.7`.
 * Values are percent-encoded; lone surrogates become U+FFFD.
 */
export function pageLink(page: string, params: LinkParams = {}): string {
  const query = Object.entries(params)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `&${name}=${encodeURIComponent(String(value).toWellFormed())}`)
    .join('');
  return `index.cgi?p=${page}${query}`;
}

/** The page of one incident: its address and its start. */
export function incidentLink(client: string, from: string): string {
  return pageLink('/incident', { ip: client, from });
}

/** The page with a report about one incident. */
export function reportLink({
  address,
  from,
  vhost,
  kind,
  hideAddress,
}: Omit<ReportRequest, 'nameServer'>): string {
  const flags = { crs: kind === 'crs' ? 1 : null, hide: hideAddress ? 1 : null };
  return pageLink('/report', { ip: address, from, vhost, ...flags });
}

/** The page that explains a target. */
export function explainLink(target: string): string {
  return pageLink('/explain', { q: target });
}

/** The page of one vhost. */
export function domainLink(vhost: string): string {
  return pageLink('/domain', { vhost });
}

/** The page of one rule. */
export function ruleLink(id: string): string {
  return pageLink('/rule', { id });
}

/** The page of one cause. */
export function causeLink({
  vhost,
  ruleId,
  target,
  path,
}: Pick<CauseView, 'vhost' | 'ruleId' | 'target' | 'path'>): string {
  return pageLink('/cause', { vhost, rule: ruleId, target, path });
}

/** The parts of a scope that are known; without a kind the page goes to the width that is suggested. */
export type ScopeParts = Partial<ScopeFields> & Pick<ScopeFields, 'vhost'>;

/** The page of one cause by its number. */
export function causeIdLink(id: number): string {
  return pageLink('/cause', { id });
}

/** The page that tries a scope, with more parameters after it. */
export function proposeLink(scope: ScopeParts, extra: LinkParams = {}): string {
  const { kind = null, vhost, ruleId = null, tag = null, target = null, path = null } = scope;
  return pageLink('/propose', { kind, vhost, rule: ruleId, target, path, tag, ...extra });
}

/** The page of one exclusion of ours. */
export function exclusionLink(id: number): string {
  return pageLink('/exclusion', { id });
}

/** The page of one change of the ledger. */
export function changeLink(id: number): string {
  return pageLink('/change', { id });
}
