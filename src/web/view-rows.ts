// Rows of the incident list, as the inbox and the pages of domains and rules show them.
import type { IncidentRow } from '../actions/explanation.ts';
import { markTag } from '../actions/mark-words.ts';
import { incidentLink } from './links.ts';
import type { LongText } from './view-text.ts';
import { counted, longText, whole } from './view-text.ts';
import { shortTime } from './view-time.ts';
import type { VerdictMark } from './view-verdict.ts';
import { verdictMark } from './view-verdict.ts';

export interface IncidentRowView {
  readonly mark: VerdictMark;
  readonly href: string;
  readonly client: string;
  readonly what: LongText;
  readonly vhosts: string;
  readonly refused: string;
  readonly firewall: string;
  readonly firewallTone: 'bad' | 'warn' | 'off';
  readonly seen: string;
  /** What the admin said of the address: `your monitor`; empty for nothing. */
  readonly tag: string;
}

function vhostWords(vhosts: readonly string[]): string {
  if (vhosts.length === 0) return '\u2014';
  return vhosts.length === 1 ? (vhosts[0] ?? '') : counted(vhosts.length, 'vhost');
}

/** Lists incidents; `now` is the server's time. An unblocked address gets the ring, an ending block the triangle. */
export function incidentRows(rows: readonly IncidentRow[], now: string): readonly IncidentRowView[] {
  return rows.map((row) => ({
    mark: verdictMark(row.verdict, row.verdict.sub === null),
    href: incidentLink(row.client, row.from),
    client: row.client,
    what: longText(row.what, 200),
    vhosts: vhostWords(row.vhosts),
    refused: whole(row.denied),
    firewall: row.firewall,
    firewallTone: !row.blocked ? 'off' : row.firewall.startsWith('until') ? 'warn' : 'bad',
    seen: shortTime(row.to, now),
    tag: row.mark === null ? '' : markTag(row.mark),
  }));
}
