// One rule in a line: from its file, else from the newest log line that names it.
import { type CatalogueRule, vendorOf } from '../analyse/catalogue.ts';
import { POINTS } from '../analyse/points.ts';
import { ruleWords } from '../analyse/rule-words.ts';
import { onlyAddsUp } from '../analyse/score.ts';
import type { RuleHit } from '../model.ts';
import type { Context } from './context.ts';
import type { RuleSummary } from './domain-view.ts';

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

/** A rule's hit in a transaction that is kept; null without one. */
export function hitIn({ store }: Pick<Context, 'store'>, uniqueId: string, ruleId: string): RuleHit | null {
  const parts = store.transactions.byId(uniqueId);
  const hits = [...(parts?.errorHits ?? []), ...(parts?.auditHits ?? [])];
  return hits.find((hit) => hit.ruleId === ruleId) ?? null;
}
