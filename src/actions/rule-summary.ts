// One rule in a line: from its file, else from the newest log line that names it.
import { type CatalogueRule, vendorOf } from '../analyse/catalogue.ts';
import { POINTS } from '../analyse/points.ts';
import { ruleWords } from '../analyse/rule-words.ts';
import { onlyAddsUp } from '../analyse/score.ts';
import type { RuleHit } from '../model.ts';
import type { Context } from './context.ts';
import type { RuleSummary } from './exclusion-view.ts';

/** What a rule's file says of it. */
export function ruleSummary({ rule, vendor, points }: CatalogueRule): RuleSummary {
  const { id, severity, paranoiaLevel, phase, message } = rule;
  const { title } = ruleWords(id, vendor);
  return { id, title, severity, points, paranoiaLevel, phase, message, onlyAddsUp: onlyAddsUp(id) };
}

/** The same of a rule that is not installed (any more), out of one of its hits; points by its severity. */
export function hitSummary(hit: RuleHit): RuleSummary {
  const { ruleId: id, severity, phase, message } = hit;
  const level = hit.tags.find((tag) => /^paranoia-level\/[1-4]$/.test(tag))?.slice(-1);
  return {
    id,
    title: ruleWords(id, vendorOf(hit.file ?? '')).title,
    severity,
    points: onlyAddsUp(id) || severity === null ? null : (POINTS.get(severity) ?? null),
    paranoiaLevel: level === undefined ? null : Number(level),
    phase,
    message,
    onlyAddsUp: onlyAddsUp(id),
  };
}

/** The newest hit of a rule that is kept; null without any. */
export function newestHit({ store }: Pick<Context, 'store'>, ruleId: string): RuleHit | null {
  for (const uniqueId of store.ruleUse.newest(ruleId, 1)) {
    const parts = store.transactions.byId(uniqueId);
    const hits = [...(parts?.errorHits ?? []), ...(parts?.auditHits ?? [])];
    const hit = hits.find((one) => one.ruleId === ruleId);
    if (hit !== undefined) return hit;
  }
  return null;
}
