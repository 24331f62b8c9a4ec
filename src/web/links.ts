// Links: every address of a page is relative to the entry, so a prefix and its security token stay.

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

/** The page that explains a target. */
export function explainLink(target: string): string {
  return pageLink('/explain', { q: target });
}
