// Where ModSecurity puts the audit record of one request: `[/user]/YYYYMMDD/YYYYMMDD-HHMM/YYYYMMDD-HHMMSS-unique_id`
// below its storage folder (apache2: msc_logging.c; version 3, parallel.cc, without the user's folder). Times are the
// server's wall clock at the request's start. The storage folder can be written by every user who runs a site, so a name
// is used only when it is exactly of this form.

const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
const DATE = /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const MINUTE = /^\d{8}-(?:[01]\d|2[0-3])[0-5]\d$/;
const NAME = /^(\d{8}-\d{4})(?:[0-5]\d|60)-([\w@][\w@.-]{0,63})$/;
const PATH = /^(?:\/([^/]+))?\/([^/]+)\/([^/]+)\/([^/]+)$/;
/** No path of this form is longer. */
const LONGEST = 200;

/** The parts of such a path. */
export interface AuditPath {
  /** Empty where the records lie in no user's folder. */
  readonly user: string;
  readonly date: string;
  readonly minute: string;
  readonly name: string;
  readonly uniqueId: string;
}

/** Whether a name can be that of a user's folder; a date never is. */
export function isAuditUser(name: string): boolean {
  return USER.test(name) && !DATE.test(name);
}

/** Whether a name is that of a day's folder. */
export function isAuditDate(name: string): boolean {
  return DATE.test(name);
}

/** Whether a name is that of a minute's folder in the folder of this day. */
export function isAuditMinute(name: string, date: string): boolean {
  return MINUTE.test(name) && name.startsWith(date);
}

/** The unique_id that a file's name ends with; null for a name that does not belong into the folder of this minute. */
export function auditNameId(name: string, minute: string): string | null {
  if (name.length > LONGEST) return null;
  const match = NAME.exec(name);
  return match?.[1] === minute ? (match[2] ?? null) : null;
}

/** Takes a path below the storage folder apart; null for anything that is not exactly of the form. */
export function parseAuditPath(path: string): AuditPath | null {
  if (path.length > LONGEST) return null;
  const match = PATH.exec(path);
  const [, user = '', date = '', minute = '', name = ''] = match ?? [];
  if (match === null || (user !== '' && !isAuditUser(user)) || !isAuditDate(date)) return null;
  const uniqueId = isAuditMinute(minute, date) ? auditNameId(name, minute) : null;
  return uniqueId === null ? null : { user, date, minute, name, uniqueId };
}

/** The minute (`YYYYMMDD-HHMM`) so many minutes before another one, as a wall clock without summer time counts. */
export function minutesBefore(minute: string, count: number): string {
  return minuteOf(wallOf(minute) - count * 60_000);
}

/** The minute that a wall clock shows (milliseconds, counted as if it were UTC). */
export function minuteOf(wall: number): string {
  const [date = '', time = ''] = new Date(wall).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 2)}${time.slice(3, 5)}`;
}

function wallOf(minute: string): number {
  const [year = 0, month = 0, day = 0, hour = 0, min = 0] = [
    [0, 4],
    [4, 6],
    [6, 8],
    [9, 11],
    [11, 13],
  ].map(([from, to]) => Number(minute.slice(from, to)));
  return Date.UTC(year, month - 1, day, hour, min);
}
