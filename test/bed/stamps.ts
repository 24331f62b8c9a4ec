// Times inside recorded texts as tokens, so that a recording can be moved to another time and zone later.
// `src/host/demo-root.ts` turns the tokens back into each log's own notation.

/**
 * The notation that a token stands for:
 * E error_log `Sun Nov 22 13:00:11.110242 2026`; C csf `Sun Nov  2 13:00:11 2026`; S syslog `Nov  2 13:00:11`;
 * A access log and audit log `22/Nov/2026:13:00:11 +0100`, the latter with a fraction; T a mail's Time field, as C
 * with the offset; X exim `2026-11-22 13:00:11`; U epoch seconds; M epoch microseconds.
 */
export type StampKind = 'E' | 'C' | 'S' | 'A' | 'T' | 'X' | 'U' | 'M';

/** Microseconds since 1970 UTC, a whole number. */
export type EpochMicros = number;

/** Bytes that no log holds raw (Apache escapes them): they frame a token. */
const OPEN = '\x1e';
const CLOSE = '\x1f';
const WITH_FRACTION: readonly StampKind[] = ['E', 'M'];

/** A token for `at`; only E and M keep the fraction, A does so when asked (the audit log has one). */
export function stamp(kind: StampKind, at: EpochMicros, fraction = WITH_FRACTION.includes(kind)): string {
  const seconds = Math.floor(at / 1e6);
  const micros = String(at - seconds * 1e6).padStart(6, '0');
  return `${OPEN}${kind}${seconds}${fraction ? `.${micros}` : ''}${CLOSE}`;
}

/** The latest time, in epoch seconds, that the tokens of a text hold; null without tokens. */
export function newestStamp(text: string): number | null {
  let newest: number | null = null;
  for (const [, seconds] of text.matchAll(/\x1e[A-Z](\d+)/g)) newest = Math.max(newest ?? 0, Number(seconds));
  return newest;
}
