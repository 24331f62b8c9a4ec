// The tables of probes as single expressions: every access line around an incident goes through them.
import { anyOf } from './pattern-entry.ts';
import * as entries from './probe-entries.ts';

export const PROBE_HARD: RegExp = anyOf(entries.PROBE_HARD);
export const PROBE_QUERY: RegExp = anyOf(entries.PROBE_QUERY);
export const PROBE_BACKUP: RegExp = anyOf(entries.PROBE_BACKUP);
export const PROBE_INSTALLED: RegExp = anyOf(entries.PROBE_INSTALLED);

/** Addresses that are probes on any site, and those that are not. */
export const PROBE_TESTS = {
  hostile: [...entries.PROBE_HARD, ...entries.PROBE_QUERY, ...entries.PROBE_BACKUP].flatMap(
    ({ fits }) => fits,
  ),
  innocent: [
    ...[...entries.PROBE_HARD, ...entries.PROBE_QUERY, ...entries.PROBE_BACKUP].flatMap(
      ({ fitsNot }) => fitsNot,
    ),
    ...entries.PROBE_INSTALLED.flatMap(({ fits, fitsNot }) => [...fits, ...fitsNot]),
  ],
} as const;
