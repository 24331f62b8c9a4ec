// The instants of local times as they stand in a log: an hour that the clock went through twice is told apart by the request's
// own id, else by the order of the lines.
import type { Zone } from '../host/clock.ts';
import type { EpochMs, WallMs } from '../model.ts';
import { uniqueIdTime } from '../parse/unique-id-time.ts';

/** A line stands behind later ones by at most this: it is written when its request ends, or by another process. */
const DISORDER_MS = 5 * 60_000;
/** An id names the second, and clocks of processes differ a little. */
const ID_SLACK_MS = 2000;

/** Takes the times of a log's lines in their order; a class for the last of them. */
export class LogOrder {
  readonly #zone: Zone;
  #last: EpochMs | null;

  /** `last`: the latest time that was read in the log before, null when there is none. */
  constructor(zone: Zone, last: EpochMs | null) {
    this.#zone = zone;
    this.#last = last;
  }

  /** The instant of the next line's time; `uniqueId` of its request when it names one. */
  instant(wall: WallMs, uniqueId: string | null = null): EpochMs {
    const first = this.#zone.wallToEpoch(wall);
    const later = this.#zone.repeatedAfter(wall);
    const at = later > 0 && this.#isSecond({ wall, first, later }, uniqueId) ? first + later : first;
    if (this.#last === null || at > this.#last) this.#last = at;
    return at;
  }

  #isSecond(
    { wall, first, later }: { readonly wall: WallMs; readonly first: EpochMs; readonly later: number },
    uniqueId: string | null,
  ): boolean {
    const requestAt = uniqueId === null ? null : uniqueIdTime(uniqueId, wall);
    // A line is written after its request came.
    if (requestAt !== null) return first < requestAt - ID_SLACK_MS;
    const ahead = (this.#last ?? first) - first;
    // A log that is ahead by more was written while the clock was wrong: that says nothing here.
    return ahead > DISORDER_MS && ahead <= later + DISORDER_MS;
  }
}
