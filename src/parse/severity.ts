// The severities of rules, as ModSecurity orders them.
import type { Severity } from '../model.ts';

/** By syslog's number, which is the place here: libmodsecurity and JSON logs write the number, rules may. */
export const SEVERITIES: readonly Severity[] = [
  'EMERGENCY',
  'ALERT',
  'CRITICAL',
  'ERROR',
  'WARNING',
  'NOTICE',
  'INFO',
  'DEBUG',
];

/** Reads a severity by name or syslog number, e.g. `CRITICAL` or `2`; null for others. */
export function parseSeverity(text: string | null): Severity | null {
  if (text === null) return null;
  if (/^[0-7]$/.test(text)) return SEVERITIES[Number(text)] ?? null;
  return SEVERITIES.find((name) => name === text.toUpperCase()) ?? null;
}
