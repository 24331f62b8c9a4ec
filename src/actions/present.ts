// The newest time that the logs of a copied server hold, found in their ends: its present moment.
import { ReadProblem } from '../host/problems.ts';
import type { Host } from '../host/host.ts';
import type { Zone } from '../host/clock.ts';
import { SearchFile } from '../host/search-file.ts';
import type { EpochMs } from '../model.ts';
import { lineClock } from './line-clock.ts';
import { lineTimeReader } from '../parse/line-time.ts';

const END_BYTES = 64 * 1024;
/** Of many logs the last written ones are looked at. */
const MOST_LOGS = 64;
/** Kinds whose lines tell the year. */
const KINDS = new Set(['access', 'error', 'audit']);

/** The latest time in the last 64 KiB of the current logs; null when none of them tells one. */
export function newestTime(host: Host, zone: Zone): EpochMs | null {
  const logs = host
    .searchLogs()
    .filter((log) => log.problem === null && !log.rotated && log.size > 0 && KINDS.has(log.kind))
    .sort((a, b) => b.mtimeMs - a.mtimeMs)
    .slice(0, MOST_LOGS);
  let newest: EpochMs | null = null;
  for (const log of logs) {
    const timeOf = lineTimeReader(log.kind, lineClock(zone, Date.now()));
    for (const line of lastLines(host, log)) {
      const at = timeOf(line);
      if (at !== null && (newest === null || at > newest)) newest = at;
    }
  }
  return newest;
}

function lastLines(host: Host, log: Parameters<Host['openSearchLog']>[0]): string[] {
  try {
    const file = new SearchFile(log, host.openSearchLog(log));
    const text = file.compressed ? '' : file.text(Math.max(0, file.size - END_BYTES), file.size);
    file.close();
    return text.split('\n').slice(file.size > END_BYTES ? 1 : 0);
  } catch (error) {
    if (error instanceof ReadProblem) return [];
    throw error;
  }
}
