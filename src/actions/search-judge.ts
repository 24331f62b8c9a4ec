// Whether a found line has the address, vhost, status and time that were asked: the fields that know a line's parts.
import type { Piece, GrepLine } from '../host/grep.ts';
import type { Zone } from '../host/clock.ts';
import type { EpochMs, SearchKind } from '../model.ts';
import { netCovers } from '../parse/address.ts';
import { hasAddress, hasAddressIn, lineClient, lineStatus, lineVhost } from '../parse/line-facts.ts';
import { LineTimes } from './line-times.ts';
import { compareNewest } from './search-cursor.ts';
import type { SearchPlan } from './search-plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Apache writes a line when its request ends: a slow request's line stands among later ones. */
export const SLACK_MS = 5 * 60_000;

/** An hour of local time that a clock change repeats, as the instants of its first run. */
export interface RepeatedHour {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The repeated hour at one of a window's ends, null when there is none; inside of a window it makes no difference. */
export function repeatedHour(zone: Zone, window: SearchPlan['window']): RepeatedHour | null {
  for (const end of [window.from, window.to]) {
    if (!Number.isFinite(end)) continue;
    for (let at = end - 2 * HOUR; at < end + 2 * HOUR; at += HOUR / 2) {
      const before = zone.offsetMinutesAt(at);
      const fall = before - zone.offsetMinutesAt(at + HOUR / 2);
      if (fall <= 0) continue;
      // Clocks change on a whole minute.
      let change = Math.ceil(at / MINUTE) * MINUTE;
      while (zone.offsetMinutesAt(change) === before) change += MINUTE;
      return { from: change - fall * MINUTE, to: change };
    }
  }
  return null;
}

/** How far a line may stand from its place in time. */
export function slackOf(kind: SearchKind, repeated: RepeatedHour | null): number {
  return repeated !== null && hasLocalTimes(kind) ? SLACK_MS + (repeated.to - repeated.from) : SLACK_MS;
}

/** Logs whose lines do not tell their offset from UTC. */
function hasLocalTimes(kind: SearchKind): boolean {
  return kind !== 'access' && kind !== 'audit';
}

export interface JudgeOptions {
  readonly plan: SearchPlan;
  readonly names: ReadonlySet<string> | null;
  readonly repeated: RepeatedHour | null;
  readonly timeOf: (line: string) => EpochMs | null;
}

function hasStatus(text: string, { from, to }: { readonly from: number; readonly to: number }): boolean {
  const status = lineStatus(text);
  return status !== null && status >= from && status <= to;
}

/** Judges the found lines of one log, in file order. */
export class LineJudge {
  readonly times: LineTimes;
  readonly #options: JudgeOptions;
  readonly #kind: SearchKind;
  readonly #path: string;
  /** Null when the log belongs to a wanted vhost as a whole. */
  readonly #names: ReadonlySet<string> | null;

  constructor(piece: Piece, options: JudgeOptions) {
    const { log } = piece.file;
    this.times = new LineTimes(piece.file, options.timeOf);
    this.#options = options;
    this.#kind = log.kind;
    this.#path = log.path;
    this.#names = log.vhost === null ? options.names : null;
  }

  /**
   * The time of a line that has all that was asked (-Infinity when it has no time); null when it has not. Undefined
   * when its time must be looked for first: then ask again with it.
   */
  judge({ offset, text }: GrepLine, above?: EpochMs | null): EpochMs | null | undefined {
    const { plan } = this.#options;
    // The client first: of the lines that only look like the address's most are told apart by it. In an audit log the
    // time leads to the record, and the record to its client.
    const isAudit = this.#kind === 'audit';
    if (!isAudit && !this.#isFrom(text)) return null;
    const at = this.#timeOf(text, offset, above);
    if (at === undefined) return undefined;
    if (!this.#isInWindow(at) || (isAudit && !this.#isFrom(text))) return null;
    if (plan.status !== null && !hasStatus(text, plan.status)) return null;
    if (this.#names !== null && !this.#isOfHost(text, this.#names)) return null;
    const time = at ?? -Infinity;
    if (plan.cursor === null) return time;
    return compareNewest({ at: time, path: this.#path, offset }, plan.cursor) <= 0 ? null : time;
  }

  #timeOf(text: string, offset: number, above: EpochMs | null | undefined): EpochMs | null | undefined {
    return above === undefined ? this.times.at(text, offset) : above;
  }

  #isInWindow(at: EpochMs | null): boolean {
    const { window } = this.#options.plan;
    const { repeated } = this.#options;
    if (window.from === -Infinity && window.to === Infinity) return true;
    if (at === null) return false;
    if (at >= window.from && at <= window.to) return true;
    // A local time in the repeated hour may be of either run.
    if (repeated === null || !hasLocalTimes(this.#kind) || at < repeated.from || at >= repeated.to)
      return false;
    const later = at + (repeated.to - repeated.from);
    return later >= window.from && later <= window.to;
  }

  /** By the client that the program wrote down, where the log has one; else wherever the address stands. */
  #isFrom(text: string): boolean {
    const address = this.#options.plan.address;
    if (address === null) return true;
    const { value, isNet } = address;
    if (this.#kind === 'lfd' || this.#kind === 'mail' || this.#kind === 'system')
      return isNet ? hasAddressIn(text, value) : hasAddress(text, value);
    const client =
      this.#kind === 'audit' ? (this.times.record?.client ?? null) : lineClient(this.#kind, text);
    if (client === null) return false;
    return isNet ? netCovers(value, client) : client === value;
  }

  #isOfHost(text: string, names: ReadonlySet<string>): boolean {
    const host = this.#kind === 'audit' ? this.times.host() : lineVhost(this.#kind, text);
    return host !== null && names.has(host.toLowerCase());
  }
}
