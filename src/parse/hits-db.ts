// A row of the table `hits` in WHM's own database (/var/cpanel/modsec/modsec.sqlite): one message of ModSecurity, as
// cPanel's log watcher took it out of error_log. It has no unique_id, no tags and no headers, and seconds for a time.
import type { EpochMs, RuleHit, WallMs } from '../model.ts';
import { clientAddress } from './client-address.ts';
import { targetOf } from './modsec-target.ts';
import { parseSeverity } from './severity.ts';
import { wallClockOf } from './wall-clock.ts';

/** The columns that are read; cPanel's documentation of modsec_get_log names them. */
export const HITS_COLUMNS = [
  'timestamp',
  'timezone',
  'ip',
  'host',
  'path',
  'justification',
  'action_desc',
  'meta_file',
  'meta_line',
  'meta_id',
  'meta_msg',
  'meta_logdata',
  'meta_severity',
  'meta_uri',
] as const;

/** A row as text; null for a column that is empty or that this database does not have. */
export interface HitsRow extends Readonly<Record<(typeof HITS_COLUMNS)[number], string | null>> {
  readonly id: number;
}

export interface HitsEntry {
  readonly id: number;
  /** The instant where the row names its zone (`at`), else a local time (`wallAt`); the other is null. */
  readonly at: EpochMs | null;
  readonly wallAt: WallMs | null;
  readonly client: string;
  /** Lower case, without port. */
  readonly host: string | null;
  readonly path: string | null;
  readonly hit: RuleHit;
}

const MINUTE = 60_000;
const FARTHEST_ZONE = 14 * 60;
const DENIED = /^Access denied(?: with code (\d{3}))?(?:.{0,200}?\(phase (\d)\))?/s;

function textOrNull(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text;
}

/** `2014-10-28 20:54:30` with minutes from UTC in `timezone`, or seconds since 1970. */
function timeOf({ timestamp, timezone }: HitsRow): Pick<HitsEntry, 'at' | 'wallAt'> | null {
  const text = timestamp?.trim() ?? '';
  if (/^\d{9,10}(?:\.\d{1,9})?$/.test(text)) return { at: Number(text) * 1000, wallAt: null };
  const wallAt = wallClockOf(text, '-');
  if (wallAt === null) return null;
  const minutes = /^[+-]?\d{1,4}$/.test(timezone?.trim() ?? '') ? Number(timezone) : NaN;
  return Math.abs(minutes) <= FARTHEST_ZONE
    ? { at: wallAt - minutes * MINUTE, wallAt: null }
    : { at: null, wallAt };
}

/** What the line did, out of `action_desc`. */
function actOf(text: string): Pick<RuleHit, 'action' | 'denyStatus' | 'phase'> {
  const denied = DENIED.exec(text.trim());
  if (denied === null) return { action: 'warning', denyStatus: null, phase: null };
  const [, status, phase] = denied;
  return {
    action: 'denied',
    denyStatus: status === undefined ? null : Number(status),
    phase: phase === undefined ? null : Number(phase),
  };
}

function hitOf(row: HitsRow, ruleId: string): RuleHit {
  const operator = row.justification?.trim() ?? '';
  const data = textOrNull(row.meta_logdata);
  const line = row.meta_line?.trim() ?? '';
  return {
    ruleId,
    ...actOf(row.action_desc ?? ''),
    operator,
    target: targetOf(operator, data),
    message: textOrNull(row.meta_msg),
    data,
    severity: parseSeverity(row.meta_severity?.trim() ?? null),
    cut: false,
    file: textOrNull(row.meta_file),
    line: /^\d{1,9}$/.test(line) ? Number(line) : null,
    version: null,
    tags: [],
  };
}

/** Reads one row. Null without a valid time, address and rule id: such a row tells nothing. */
export function parseHitsRow(row: HitsRow): HitsEntry | null {
  const time = timeOf(row);
  const client = clientAddress(row.ip?.trim() ?? '');
  const ruleId = row.meta_id?.trim() ?? '';
  if (time === null || client === null || !/^\d{1,12}$/.test(ruleId)) return null;
  const host = textOrNull(row.host)
    ?.trim()
    .toLowerCase()
    .replace(/:\d{1,5}$/, '');
  const path = textOrNull(row.path) ?? textOrNull(row.meta_uri);
  return {
    id: row.id,
    ...time,
    client,
    host: host ?? null,
    path: path?.replace(/[?#].*$/s, '') ?? null,
    hit: hitOf(row, ruleId),
  };
}
