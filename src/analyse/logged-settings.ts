// What logs show of the settings: each value that was in force when a request was looked at.
import type { LineRef, StoredHit, Transaction } from '../model.ts';
import { parseAnomalyMessage } from '../parse/anomaly-message.ts';

/** What is set, by our own short names. */
export type SettingKey =
  'mode' | 'version' | 'inbound' | 'outbound' | 'blockingLevel' | 'detectionLevel' | 'responseBodies';

export interface LoggedValue {
  readonly value: string;
  readonly lines: readonly LineRef[];
}

/** Settings that no line shows are not there. */
export type LoggedSettings = Readonly<Partial<Record<SettingKey, LoggedValue>>>;

const CRS_VERSION = /^OWASP_CRS\/(\d[\w.-]{0,30})$/;
const RESPONSE_RULE = /^95[0-4]\d{3}$/;
const LEVEL = /^paranoia-level\/([1-4])$/;

/** Reads the settings out of transactions (any order): the newest that shows a value counts; of levels the highest. */
export function loggedSettings(transactions: readonly Transaction[]): LoggedSettings {
  const found: Partial<Record<SettingKey, LoggedValue>> = {};
  let highest = 0;
  for (const { hits } of transactions.toSorted((a, b) => b.at - a.at)) {
    for (const hit of hits) {
      for (const [key, value] of shownBy(hit)) found[key] ??= { value, lines: hit.refs };
      const level = levelOf(hit);
      if (level > highest) {
        highest = level;
        found.detectionLevel = { value: String(level), lines: hit.refs };
      }
    }
  }
  return found;
}

function* shownBy(hit: StoredHit): Generator<readonly [SettingKey, string]> {
  const score = parseAnomalyMessage(hit.ruleId, hit.message ?? '', hit.operator);
  if (hit.action === 'denied') yield ['mode', 'On'];
  // The line of a rule that refuses, without a refusal: only blocking rules say so for sure.
  else if (score !== null && /^9[45]91\d\d$/.test(hit.ruleId)) yield ['mode', 'DetectionOnly'];
  if (score?.threshold != null) yield [score.direction, String(score.threshold)];
  const version = CRS_VERSION.exec(hit.version ?? '')?.[1];
  if (version !== undefined) yield ['version', version];
  if (RESPONSE_RULE.test(hit.ruleId)) yield ['responseBodies', 'On'];
}

function levelOf(hit: StoredHit): number {
  return Math.max(0, ...hit.tags.map((tag) => Number(LEVEL.exec(tag)?.[1] ?? 0)));
}
