// For blocks that are no matter of the WAF: the lines about the address in the log that lfd read.
import { count } from '../analyse/sentences.ts';
import { maskLine } from '../analyse/mask.ts';
import { MOST_SERVICE_LINES, SERVICE_LOGS, type ServiceLogKey } from '../host/service-log.ts';
import { decodeBytes } from '../parse/text.ts';
import type { Context } from './context.ts';
import type { RawLine, Statement } from './explanation.ts';
import { triggerInfo } from './triggers.ts';

/** What a service's log tells of an address, for the advice and for the raw lines. */
export interface ServiceTrace {
  readonly statements: readonly Statement[];
  readonly raw: readonly RawLine[];
}

/** Looks the address up in the logs behind a trigger, newest lines first of all; empty for triggers of the WAF, or without an address. */
export function serviceTrace(ctx: Context, trigger: string | null, address: string | null): ServiceTrace {
  const info = triggerInfo(trigger);
  if (address === null || info === null || info.waf) return { statements: [], raw: [] };
  const traces = info.logKeys.filter(isServiceLog).map((key) => traceIn(ctx, key, address));
  return {
    statements: traces.flatMap((trace) => trace.statements),
    raw: traces.flatMap((trace) => trace.raw),
  };
}

function isServiceLog(key: string): key is ServiceLogKey {
  return (SERVICE_LOGS as readonly string[]).includes(key);
}

function traceIn(ctx: Context, key: ServiceLogKey, address: string): ServiceTrace {
  const { path, problem, tailOnly, lines } = ctx.host.serviceLog(key, address);
  // The setting itself is missing: that is said where the log is named.
  if (path === null) return { statements: [], raw: [] };
  if (problem !== null)
    return {
      statements: [missing(`${path}: ${problem}; it would have shown what the address did.`)],
      raw: [],
    };
  if (lines.length === 0) {
    const where = tailOnly ? `the last 8 MiB of ${path}` : path;
    const sentence = `No line of ${where} names ${address}; older ones may be rotated away.`;
    return { statements: [missing(sentence)], raw: [] };
  }
  const raw = lines.map(({ offset, text }): RawLine => ({
    source: key === 'HTACCESS_LOG' ? 'error_log' : 'lfd_log',
    ref: { file: path, offset },
    text: maskLine(decodeBytes(text)),
  }));
  const names = `${raw.length === 1 ? 'names' : 'name'} ${address}`;
  const sentence =
    raw.length < MOST_SERVICE_LINES
      ? `${count(raw.length, 'line')} of ${path} ${names}.`
      : `At least ${count(raw.length, 'line')} of ${path} ${names}; the newest ${raw.length} are shown.`;
  return { statements: [{ basis: 'known', sentence, lines: raw.map(({ ref }) => ref) }], raw };
}

function missing(sentence: string): Statement {
  return { basis: 'missing', sentence, lines: [] };
}
