// Which block is mailed at once, which waits for a later hour or the digest, and which is not mailed: pure, from what is known of it
// and of what was mailed before.
import type { Zone } from '../host/clock.ts';
import type { EpochMs, VerdictLabel } from '../model.ts';
import { lastAt, within } from './mail-clock.ts';
import type { MailSettings } from './mail-settings.ts';

const HOUR = 3_600_000;
/** An older block is news for nobody. */
const LATE_MS = 24 * HOUR;
/** Of the mails of an hour a quarter is kept for visitors who are no attackers. */
const ATTACK_SHARE = 0.75;
/** After quiet hours so many are mailed one by one; more come in one mail. */
const FEW = 3;
/** A flood goes on for a while before it is summed up, once an hour. */
const FLOOD_MS = 600_000;

/** A daily mail that could not be written in time is written late, but not for the day before. */
const LATE_DAILY_MS = 18 * HOUR;

/** What a block is held for. */
export type HeldFor = 'quiet' | 'flood' | 'digest';

/** Kept as the notice's `why`: what it is held for is read back from it. */
export const HELD_WHY: Readonly<Record<HeldFor, string>> = {
  quiet: 'Held until the quiet hours are over.',
  flood: 'Held for a summary: so many mails within an hour are enough.',
  digest: 'Held for the daily mail.',
};

/** What a notice is held for; a reason of another version is held for the digest. */
export function heldFor(why: string | null): HeldFor {
  if (why === HELD_WHY.quiet) return 'quiet';
  return why === HELD_WHY.flood ? 'flood' : 'digest';
}

/** What was found out about a block. */
export interface BlockSeen {
  /** Null: not judged. */
  readonly label: VerdictLabel | null;
  /** False for blocks that are no matter of ModSecurity. */
  readonly isWaf: boolean;
  /** Of its causes the one that met most networks of visitors who are no attackers, and whether it was mailed today. */
  readonly cause: { readonly networks: number; readonly isMailed: boolean } | null;
}

/** A block as the policy sees it before anybody has looked. */
export interface BlockCase {
  readonly hasAddress: boolean;
  readonly at: EpochMs;
  /** It was held, and what for has come. */
  readonly wasHeld: boolean;
}

/** It is not mailed now, and why. */
export interface Settled {
  readonly do: 'hold' | 'skip';
  readonly why: string;
}

export type Decision = Settled | { readonly do: 'mail'; readonly why: string };

/** The moment, and the mails about single blocks of the hour before it. */
export interface Moment {
  readonly now: EpochMs;
  readonly zone: Zone;
  readonly inHour: number;
}

/** What becomes of a block whatever it was; `look`: that depends on what it was. */
export function decideUnseen(block: BlockCase, settings: MailSettings, moment: Moment): Settled | 'look' {
  if (!block.hasAddress) return skip('It names no address.');
  if (!block.wasHeld && moment.now - block.at > LATE_MS)
    return skip('It was more than a day old when it was heard of.');
  if (settings.policy === 'digest') return hold('digest');
  if (settings.policy !== 'all') return 'look';
  if (isQuiet(settings, moment)) return settings.quietLets === 'nothing' ? hold('quiet') : 'look';
  return moment.inHour >= settings.perHour ? hold('flood') : 'look';
}

/** What becomes of a block by what it was. */
export function decide(block: BlockCase, seen: BlockSeen, settings: MailSettings, moment: Moment): Decision {
  const early = decideUnseen(block, settings, moment);
  if (early !== 'look') return early;
  const wish = wished(seen, settings);
  if (!wish.isWanted) return settings.daily ? hold('digest') : skip(wish.why);
  if (isQuiet(settings, moment) && !(settings.quietLets === 'false-positives' && isFalsePositive(seen)))
    return hold('quiet');
  const most = seen.label === 'attack' ? Math.ceil(settings.perHour * ATTACK_SHARE) : settings.perHour;
  return moment.inHour >= most ? hold('flood') : { do: 'mail', why: wish.why };
}

/** Whether it is to be mailed at all, and why or why not. */
function wished(
  { label, isWaf, cause }: BlockSeen,
  { policy, networks }: MailSettings,
): { readonly isWanted: boolean; readonly why: string } {
  switch (policy) {
    case 'doubtful':
      if (!isWaf) return { isWanted: false, why: 'No matter of ModSecurity.' };
      return label === 'attack'
        ? { isWanted: false, why: 'An attack: only doubtful blocks are mailed.' }
        : { isWanted: true, why: 'It may have been no attack.' };
    case 'networks':
      if (cause === null || cause.networks < networks)
        return { isWanted: false, why: `Its causes met fewer than ${networks} networks of visitors.` };
      return cause.isMailed
        ? { isWanted: false, why: 'Its cause was mailed today.' }
        : { isWanted: true, why: `One cause stops visitors from ${cause.networks} networks.` };
    default:
      return { isWanted: true, why: 'Every block is mailed.' };
  }
}

function isFalsePositive({ label }: BlockSeen): boolean {
  return label === 'false-positive';
}

/** Whether it is quiet now. */
export function isQuiet({ quiet }: MailSettings, { zone, now }: Pick<Moment, 'zone' | 'now'>): boolean {
  return quiet !== null && within(quiet, zone, now);
}

function hold(what: HeldFor): Settled {
  return { do: 'hold', why: HELD_WHY[what] };
}

function skip(why: string): Settled {
  return { do: 'skip', why };
}

/** A block that is held. */
export interface HeldCase {
  readonly at: EpochMs;
  readonly held: HeldFor;
}

/** What is due of the blocks that are held: `again`: they are decided anew one by one; `summary`: they go into one mail. */
export interface HeldDue {
  readonly held: HeldFor;
  readonly how: 'again' | 'summary';
}

/** What is due now beside the digest; null for nothing. `summaries`: those made within the last hour. */
export function dueOfHeld(
  cases: readonly HeldCase[],
  settings: MailSettings,
  { now, zone }: Pick<Moment, 'now' | 'zone'>,
  summaries: number,
): HeldDue | null {
  if (isQuiet(settings, { now, zone })) return null;
  const quiet = cases.filter(({ held }) => held === 'quiet');
  if (quiet.length > 0 && quiet.length <= FEW) return { held: 'quiet', how: 'again' };
  if (summaries > 0) return null;
  if (quiet.length > 0) return { held: 'quiet', how: 'summary' };
  const flood = cases.filter(({ held }) => held === 'flood').map(({ at }) => at);
  return flood.length > 0 && now - Math.min(...flood) >= FLOOD_MS ? { held: 'flood', how: 'summary' } : null;
}

/**
 * The hour of the daily mail that is due, unless it was written; null when none is: with nothing held before it, it comes only
 * where it is wanted. `since`: when mails were switched on.
 */
export function dailyDue(
  cases: readonly Pick<HeldCase, 'at'>[],
  settings: MailSettings,
  { now, zone }: Pick<Moment, 'now' | 'zone'>,
  since: EpochMs,
): EpochMs | null {
  const at = lastAt(settings.digestAt, zone, now);
  if (at <= since || now - at > LATE_DAILY_MS) return null;
  return settings.daily || cases.some((one) => one.at <= at) ? at : null;
}
