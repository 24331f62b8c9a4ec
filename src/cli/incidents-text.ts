// Incidents as lines for the terminal.
import type { IncidentRow } from '../actions/explanation.ts';
import { readableTime } from '../actions/iso-time.ts';
import { markTag } from '../actions/mark-words.ts';
import { type Output, safeText, styled } from './terminal.ts';

const COLOURS = {
  attack: 'red',
  'false-positive': 'green',
  unclear: 'yellow',
  local: 'magenta',
  'not-attributable': 'magenta',
} as const;

/** One line an incident: time, address, verdict, requests, firewall, what happened. */
export function incidentLines(output: Output, rows: readonly IncidentRow[]): string[] {
  const width = Math.max(15, ...rows.map((row) => row.client.length));
  return rows.map((row) => {
    const verdict = styled(output, COLOURS[row.verdict.label], row.verdict.label.padEnd(16));
    const tag = row.mark === null ? '' : ` [${markTag(row.mark)}]`;
    const sub = row.verdict.sub === null ? '' : ` (${row.verdict.sub})`;
    return (
      safeText(`${readableTime(row.to)}  ${row.client.padEnd(width)}  `) +
      verdict +
      safeText(`  ${String(row.requests).padStart(4)}  ${row.firewall.padEnd(12)}  ${row.what}${sub}${tag}`)
    );
  });
}
