// One incident as a row of a list.
import type { IncidentRecord } from '../store/incidents.ts';
import type { Verdict } from '../model.ts';
import { findEntry } from './block.ts';
import type { Desk } from './desk.ts';
import type { IncidentRow } from './explanation.ts';
import { isoTime } from './iso-time.ts';

const NOT_JUDGED: Verdict = {
  label: 'unclear',
  sub: null,
  logOdds: 0,
  words: 'Not judged yet.',
  groups: [],
  wouldDecide: null,
};

/** The row with the firewall's state now. */
export function incidentRow(desk: Desk, record: IncidentRecord): IncidentRow {
  const { clock, firewall } = desk;
  const entry = findEntry(firewall, record.client, clock.now);
  return {
    client: record.client,
    from: isoTime(clock.zone, record.from),
    to: isoTime(clock.zone, record.to),
    spanSeconds: Math.round(record.to - record.from) / 1000,
    requests: record.requests,
    denied: record.denied,
    vhosts: record.vhosts,
    ruleIds: record.ruleIds,
    blocked: entry !== null,
    firewall: firewallWords(desk, entry),
    verdict: record.judgement?.verdict ?? NOT_JUDGED,
    what: record.judgement?.what ?? '',
    mark: desk.marks.of(record.client)[0]?.kind ?? null,
  };
}

/** An address's state in the firewall: `permanent`, `until 18:41`, `not blocked` or `not known`. */
export function firewallWords(
  { clock, firewall }: Pick<Desk, 'clock' | 'firewall'>,
  entry: ReturnType<typeof findEntry>,
): string {
  if (entry === null) return firewall.readable ? 'not blocked' : 'not known';
  if (entry.list !== 'tempban' || entry.sinceEpoch === null) return 'permanent';
  return `until ${isoTime(clock.zone, entry.sinceEpoch + (entry.ttlSeconds ?? 0) * 1000).slice(11, 16)}`;
}
