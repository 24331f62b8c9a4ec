// A line of the index of single audit records (SecAuditLogType Concurrent): it names a request's file.
import { parseAuditPath } from './audit-path.ts';

export interface AuditIndexEntry {
  readonly uniqueId: string;
  /** Below the storage folder, of exactly the form that audit-path.ts tells. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
}

// What a visitor sent (request line, referer, user agent) stands before the unique_id, so a line is read from its end:
// `… unique_id "session" path offset size md5:hash`. ModSecurity 3 writes the size with decimals.
const END =
  / ([\w@.-]{1,64}) "[^"\s]{0,128}" (\/[\w@./-]{10,400}) \d{1,15} (\d{1,15})(?:\.\d{1,9})? md5:(?:[0-9a-f]{32}|-)? ?\r?$/;
const LONGEST_END = 800;

/**
 * Reads a line of the index; null for anything else. ModSecurity 2 names the file below its storage folder, with the
 * folder of Apache's user; version 3 by its whole path, without one: of a longer path the last three names count. The
 * file's name must end with the line's own unique_id.
 */
export function parseAuditIndex(line: string): AuditIndexEntry | null {
  const match = END.exec(line.slice(-LONGEST_END));
  const [, uniqueId, path, size] = match ?? [];
  if (uniqueId === undefined || path === undefined) return null;
  const names = path.split('/');
  if (names.slice(1).some((name) => name === '' || name === '.' || name === '..')) return null;
  const below = names.length > 5 ? `/${names.slice(-3).join('/')}` : path;
  return parseAuditPath(below)?.uniqueId !== uniqueId ? null : { uniqueId, path: below, size: Number(size) };
}
