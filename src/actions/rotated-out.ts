// A permanent block that csf.deny does not hold any more: removed by somebody, or dropped for newer ones.
import type { EpochMs } from '../model.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';
import type { Statement } from './explanation.ts';
import { entryTime, type Firewall } from './firewall.ts';
import { isoTime, readableTime } from './iso-time.ts';
import type { ServerClock } from './server.ts';

export interface LostBlock {
  readonly firewall: Firewall;
  readonly clock: ServerClock;
  readonly address: string;
  /** The mail that says "permanent"; null when lfd.log says it. */
  readonly mail: LfdMail | null;
  /** When it was blocked; null when nothing says so. */
  readonly at: EpochMs | null;
}

/**
 * Says why the block is gone. `csf -d` drops the topmost lines when there are DENY_IP_LIMIT of them, but for those of
 * included files and those marked "do not delete" (csf.pl): where the list is full and all that is left is newer than
 * the block, it has dropped out; else somebody may have removed it as well.
 */
export function rotatedOut({ firewall, clock, address, mail, at }: LostBlock): Statement {
  const limit = Number(firewall.conf.get('DENY_IP_LIMIT') ?? 0);
  const pasted = mail?.kind === 'log-lines' ? 'The pasted line' : 'The mail';
  const who = mail === null ? 'lfd.log' : pasted;
  const oldest = limit > 0 ? oldestOfFull(firewall, clock, limit) : null;
  const keeps = `csf.deny keeps ${limit} addresses (DENY_IP_LIMIT)`;
  let why = 'somebody has removed it since';
  if (oldest !== null && at !== null && at < oldest) {
    const left = readableTime(isoTime(clock.zone, oldest));
    why = `it has dropped out. ${keeps} and is full; the oldest that is left is of ${left}, later than this block`;
  } else if (limit > 0) {
    why = `somebody has removed it, or it was rotated out: ${keeps} and drops the oldest`;
  }
  return {
    basis: 'inferred',
    sentence: `${who} says "permanent", but ${address} is not in csf.deny any more: ${why}.`,
    lines: [],
  };
}

/** The time of the oldest entry that could be dropped next; null while there is room, or when an entry has no time. */
function oldestOfFull({ deny }: Firewall, clock: ServerClock, limit: number): EpochMs | null {
  const counted = deny.filter((entry) => !entry.included && !entry.doNotDelete);
  const times = counted.flatMap((entry) => entryTime(entry, clock) ?? []);
  return counted.length < limit || times.length < counted.length ? null : Math.min(...times);
}
