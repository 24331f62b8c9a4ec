// The server's clock in the shape that the readers of log lines want.
import type { Zone } from '../host/clock.ts';
import type { EpochMs } from '../model.ts';
import type { LineClock } from '../parse/line-time.ts';

/** A clock for lineTimeReader and readTimeText. */
export function lineClock(zone: Zone, now: EpochMs): LineClock {
  return {
    wallToEpoch: (wall) => zone.wallToEpoch(wall),
    offsetMinutesAt: (at) => zone.offsetMinutesAt(at),
    now,
  };
}
