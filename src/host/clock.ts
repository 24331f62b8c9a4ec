// The server's time zone: error_log, lfd.log and csf.deny write local time without saying which.
import { closeSync, readSync } from 'node:fs';
import { tzOffset } from '@date-fns/tz/tzOffset';
import type { EpochMs, WallMs } from '../model.ts';
import { parseTzif } from '../parse/tzif.ts';
import type { Root } from './root.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Zones have changed their offset on whole quarter hours only, since this instant (Liberia's change of 1972). */
const QUARTER = 15 * MINUTE;
const QUARTERS_SINCE = Date.UTC(1973, 0, 1);
const MAX_TZIF_BYTES = 64 * 1024;
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]{0,30}(?:\/[A-Za-z0-9_+-]{1,30}){0,2}$/;

/** A time zone. `basis` is `inferred` when the server's own zone is not known. */
export interface Zone {
  /** IANA name where the server says it, e.g. `Europe/Bratislava`, else words or an offset such as `+02:00`. */
  readonly name: string;
  readonly basis: 'known' | 'inferred';
  /** Minutes east of UTC at an instant. */
  offsetMinutesAt(at: EpochMs): number;
  /** The instant of a local time: of a repeated hour the earlier one; a skipped one is shifted forward. */
  wallToEpoch(wall: WallMs): EpochMs;
  /** How much later a local time comes a second time (an hour, when clocks are set back); 0 for one that comes once. */
  repeatedAfter(wall: WallMs): number;
}

/** A zone that never changes, e.g. from the offset that an access log wrote. */
export function fixedZone(minutes: number, basis: Zone['basis']): Zone {
  const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0');
  const rest = String(Math.abs(minutes) % 60).padStart(2, '0');
  return {
    name: minutes === 0 ? 'UTC' : `${minutes < 0 ? '-' : '+'}${hours}:${rest}`,
    basis,
    offsetMinutesAt: () => minutes,
    wallToEpoch: (wall) => wall - minutes * MINUTE,
    repeatedAfter: () => 0,
  };
}

/** UTC, when nothing tells the server's zone. */
export const utc: Zone = fixedZone(0, 'inferred');

/**
 * Reads the zone from /etc/localtime below the root: the compiled file it leads to, or, when only a link is left
 * (a copied server without /usr/share/zoneinfo), the zone that the link names. Null when neither tells it.
 */
export function readZone(root: Root): Zone | null {
  const place = root.resolve('/etc/localtime');
  const link = root.linkText('/etc/localtime');
  const name = zoneName(link) ?? zoneName(place.problem === null ? place.real : null);
  const bytes = place.problem === null ? readSmall(root, '/etc/localtime') : null;
  const offsets = bytes === null ? null : parseTzif(bytes);
  if (offsets !== null)
    return makeZone(name ?? 'the server’s local time', (at) => offsets.offsetMinutesAt(at));
  if (name === null || Number.isNaN(tzOffset(name, new Date(0)))) return null;
  return makeZone(name, (at) => tzOffset(name, new Date(at)));
}

/** The IANA name in a path such as `/usr/share/zoneinfo/Europe/Bratislava`. */
function zoneName(path: string | null): string | null {
  const name = /\/zoneinfo\/(?:posix\/|right\/)?([^\0]{1,100})$/.exec(path ?? '')?.[1];
  return name !== undefined && ZONE_NAME.test(name) ? name : null;
}

function readSmall(root: Root, path: string): Uint8Array | null {
  const place = root.resolve(path);
  const opened = place.problem === null ? root.open(place) : place;
  if (opened.problem !== null) return null;
  try {
    const bytes = Buffer.alloc(Math.min(opened.stats.size, MAX_TZIF_BYTES));
    return bytes.subarray(0, readSync(opened.fd, bytes, 0, bytes.length, 0));
  } catch {
    return null;
  } finally {
    closeSync(opened.fd);
  }
}

/** A known zone over its offsets; logs come in order, so the last quarter hour's answer is kept. */
function makeZone(name: string, offsetAt: (at: EpochMs) => number): Zone {
  const offsetMinutesAt = perQuarter(offsetAt);
  const shift = perQuarter((wall) => wallOffset(wall, offsetAt));
  const repeated = perQuarter((wall) => {
    const fitting = fittingOffsets(wall, offsetAt);
    return fitting.length > 1 ? Math.max(...fitting) - Math.min(...fitting) : 0;
  });
  return {
    name,
    basis: 'known',
    offsetMinutesAt,
    wallToEpoch: (wall) => wall - shift(wall) * MINUTE,
    repeatedAfter: (wall) => repeated(wall) * MINUTE,
  };
}

function perQuarter(ask: (at: number) => number): (at: number) => number {
  let quarter = NaN;
  let answer = 0;
  return (at) => {
    if (!(at >= QUARTERS_SINCE)) return ask(at);
    const wanted = Math.floor(at / QUARTER);
    if (wanted !== quarter) {
      answer = ask(wanted * QUARTER);
      quarter = wanted;
    }
    return answer;
  };
}

/** Minutes to take off a local time. */
function wallOffset(wall: WallMs, offsetAt: (at: EpochMs) => number): number {
  const fitting = fittingOffsets(wall, offsetAt);
  // The larger offset is the earlier instant. A skipped time fits none: the offset before the change moves it on.
  return fitting.length > 0 ? Math.max(...fitting) : offsetAt(wall - DAY);
}

/** Of the offsets in force around a local time those that it comes back from. */
function fittingOffsets(wall: WallMs, offsetAt: (at: EpochMs) => number): number[] {
  const around = [offsetAt(wall - DAY), offsetAt(wall), offsetAt(wall + DAY)];
  return around.filter((minutes) => offsetAt(wall - minutes * MINUTE) === minutes);
}
