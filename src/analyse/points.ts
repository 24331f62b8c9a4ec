// What a rule adds to the anomaly score.
import type { Severity } from '../model.ts';
import type { RuleInfo } from '../model-rules.ts';
import { SEVERITIES } from '../parse/severity.ts';

/** CRS default points by severity (crs-setup.conf); severities without an entry do not score. */
export const POINTS: ReadonlyMap<Severity, number> = new Map<Severity, number>([
  ['CRITICAL', 5],
  ['ERROR', 4],
  ['WARNING', 3],
  ['NOTICE', 2],
]);

const ADDS =
  /^tx\.(?:(?:in|out)bound_)?anomaly_score(?:_pl\d)?=\+(?:%\{tx\.([a-z]{1,20})_anomaly_score\}|(\d{1,6}))$/i;

/**
 * The points that one match adds, as the rule's own setvar actions (or its chain's) say; `scores` are the points of
 * this server by severity. Null for rules that add none, such as those that only add up.
 */
export function pointsOf(rule: RuleInfo, scores: ReadonlyMap<Severity, number> = POINTS): number | null {
  for (const setvar of [rule, ...rule.chain].flatMap((part) => part.setvars)) {
    const [, name, number] = ADDS.exec(setvar) ?? [];
    if (number !== undefined) return Number(number);
    const severity = SEVERITIES.find((one) => one === name?.toUpperCase());
    if (severity !== undefined) return scores.get(severity) ?? null;
  }
  return null;
}
