// csf.conf: `KEY = "value"` lines. Read only.
import { decodeBytes } from './text.ts';

/** A line that csf and lfd themselves would refuse: they stop at a repeated key and at a value without quotes. */
export interface CsfConfProblem {
  readonly key: string;
  /** 1 is the first line. */
  readonly line: number;
  readonly kind: 'duplicate' | 'unquoted';
}

interface Setting {
  readonly key: string;
  readonly line: number;
  /** Null without quotes. */
  readonly value: string | null;
}

/**
 * Reads a whole csf.conf (latin1 text) into key -> value; the last of a repeated key wins, values without
 * quotes are left out. Lines that are no settings are skipped. `csfConfProblems` tells what is wrong in it.
 */
export function parseCsfConf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { key, value } of readSettings(text)) {
    if (value !== null) values.set(key, value);
  }
  return values;
}

/** The lines of a csf.conf that keep csf and lfd from starting, in file order. */
export function csfConfProblems(text: string): readonly CsfConfProblem[] {
  const seen = new Set<string>();
  const problems: CsfConfProblem[] = [];
  for (const { key, line, value } of readSettings(text)) {
    if (value === null) problems.push({ key, line, kind: 'unquoted' });
    else if (seen.has(key)) problems.push({ key, line, kind: 'duplicate' });
    seen.add(key);
  }
  return problems;
}

/** A value is all between the first and the last quote of its line, as csf takes it. */
function readSettings(text: string): readonly Setting[] {
  const settings: Setting[] = [];
  for (const [index, raw] of text.split(/\r\n?|[\n\x0b\x0c]/).entries()) {
    const at = raw.indexOf('=');
    if (at < 1 || at > 200 || /^\s*(?:#|$)/.test(raw.slice(0, at))) continue;
    const key = decodeBytes(raw.slice(0, at).replace(/\s/g, ''));
    const [from, to] = [raw.indexOf('"', at), raw.lastIndexOf('"')];
    const value = from >= 0 && to > from ? decodeBytes(raw.slice(from + 1, to)) : null;
    settings.push({ key, line: index + 1, value });
  }
  return settings;
}
