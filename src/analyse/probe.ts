// Which request targets are probes: addresses that no page of a site links to.
import { urlDecode } from './decode.ts';
import { pathOf } from './access-context.ts';
import { PROBE_BACKUP, PROBE_HARD, PROBE_INSTALLED, PROBE_QUERY } from './patterns/probes.ts';

/** What a target is: a probe anywhere, a probe only where the tool is not installed, or none. */
export type ProbeKind = 'probe' | 'maybe-installed' | null;

/**
 * Judges a request target (path with or without query, as sent). Lists of addresses look at the path; of the query
 * only exploit switches count, since a query may quote anything.
 */
export function probeKind(uri: string): ProbeKind {
  const path = pathOf(uri);
  const decoded = urlDecode(path);
  const forms = decoded === path ? [path] : [path, decoded];
  if (uri.includes('?')) forms.push(`${path}?`);
  if (PROBE_QUERY.test(uri)) return 'probe';
  if (forms.some((form) => PROBE_HARD.test(form))) return 'probe';
  if (PROBE_BACKUP.test(decoded)) return 'probe';
  return PROBE_INSTALLED.test(decoded) ? 'maybe-installed' : null;
}
