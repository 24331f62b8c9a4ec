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
