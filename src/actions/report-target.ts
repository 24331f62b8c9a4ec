// What a report is asked about: an address, a unique_id, or a link to the page of an incident.
import { normalizeAddress } from '../parse/address.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import { refresh } from './refresh.ts';
import { readTarget } from './target.ts';

/** The address, and the time of the incident where the text names one. */
export interface ReportTarget {
  readonly address: string;
  readonly from: string | null;
}

const LONGEST_LINK = 2000;

/**
 * Reads what was typed. A unique_id needs its request to be kept: new lines are read first. Throws BadInput for
 * anything else.
 */
export async function readReportTarget(ctx: Context, text: string): Promise<ReportTarget> {
  const linked = linkedIncident(text.trim());
  if (linked !== null) return linked;
  const target = readTarget(text);
  if (target.kind === 'ip') return { address: target.value, from: null };
  if (target.kind === 'uniqueId') {
    const { clock } = await refresh(ctx);
    const found = ctx.store.transactions.byId(target.value);
    if (found !== null)
      return { address: found.client, from: new Date(Math.min(found.at, clock.now)).toISOString() };
    throw new BadInput(`The logs hold no request ${target.value}.`);
  }
  throw new BadInput(
    'A report is about one incident: give an address, a unique_id, or the link of an incident’s page.',
  );
}

/** `index.cgi?p=/incident&ip=203.0.113.7&from=2026-11-22T…`, with whatever stands before it. */
function linkedIncident(text: string): ReportTarget | null {
  if (text.length > LONGEST_LINK || !/[?&]ip=/.test(text)) return null;
  const query = new URLSearchParams(text.slice(text.indexOf('?') + 1));
  const address = normalizeAddress(query.get('ip') ?? '');
  return address === null ? null : { address, from: query.get('from') };
}
