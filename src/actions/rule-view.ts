// The list of rules and the page of one rule.
import { type Catalogue, type CatalogueRule, isActive, vendorOf } from '../analyse/catalogue.ts';
import { coverageOfTarget } from '../analyse/coverage-of-target.ts';
import { blockingLevelOf } from '../analyse/engine-settings.ts';
import { ruleWords } from '../analyse/rule-words.ts';
import type { Context } from './context.ts';
import { engineFacts } from './engine-facts.ts';
import { BadInput } from './errors.ts';
import type { RuleRow, RuleSummary, RuleView } from './domain-view.ts';
import { refresh } from './refresh.ts';
import { ruleCatalogue } from './rule-catalogue.ts';
import { countRules, type RuleCount } from './rule-counts.ts';
import { hitIn, hitSummary, ruleSummary } from './rule-summary.ts';
import { serverView } from './server.ts';
import { indexVhosts, type VhostIndex } from './vhosts.ts';

export interface RuleFilter {
  /** Only rules that fired on the vhost of this domain; all when null. */
  readonly vhost: string | null;
  /** Words that must all stand in id, title, message, tags, vendor or file name; case does not count. */
  readonly text: string | null;
}

/** Rules that fired and are not installed: each one's newest request is read. */
const MOST_UNKNOWN = 200;
const MOST_COVERING = 12;
const MOST_TARGETS = 16;
const NONE: RuleCount = { requests: 0, visitors: 0, vhosts: [], newest: '' };

/**
 * Installed rules that score, refuse or report, and every rule that fired, most requests first. Counts are over all
 * that is kept; with a vhost over that vhost alone. Throws BadInput for a domain that is not served here.
 */
export async function listRules(ctx: Context, filter: RuleFilter): Promise<readonly RuleRow[]> {
  await refresh(ctx);
  const { counts, vhosts, knows } = countsOf(ctx);
  const vhost = filter.vhost === null ? null : vhostNamed(vhosts, filter.vhost, knows);
  const { rules } = ruleCatalogue(ctx);
  const countFor = (id: string): RuleCount => narrowed(counts.get(id) ?? NONE, vhost);
  const rows = [...rules.values()].flatMap((entries): RuleRow[] => {
    const [entry] = entries;
    if (entry === undefined) return [];
    const count = countFor(entry.rule.id);
    return count.requests > 0 || (vhost === null && isListed(entry)) ? [rowOf(entry, count)] : [];
  });
  const unknown = [...counts.keys()].filter((id) => !rules.has(id) && countFor(id).requests > 0);
  rows.push(...unknown.slice(0, MOST_UNKNOWN).flatMap((id) => unknownRow(ctx, id, countFor(id))));
  const tagsOf = (id: string): readonly string[] => rules.get(id)?.flatMap(({ rule }) => rule.tags) ?? [];
  return rows
    .filter((row) => matches(row, tagsOf(row.id), filter.text))
    .sort((a, b) => b.requests - a.requests || Number(a.id) - Number(b.id));
}

/** One rule, whole; null when it is neither installed nor in any log that is kept. `excluded` comes as it is given. */
export async function viewRule(
  ctx: Context,
  id: string,
  excluded: RuleView['excluded'] = [],
): Promise<RuleView | null> {
  const { clock } = await refresh(ctx);
  const catalogue = ruleCatalogue(ctx);
  const entries = catalogue.rules.get(id) ?? [];
  const count = countsOf(ctx).counts.get(id) ?? NONE;
  const summary = summaryOf(ctx, id, entries[0], count);
  if (summary === null) return null;
  const { settings } = await engineFacts(ctx);
  return {
    ...summary,
    words: ruleWords(id, entries[0]?.vendor ?? null).words,
    definitions: entries.map(definitionOf),
    fires: count.vhosts,
    excluded,
    covers: summary.onlyAddsUp ? [] : coversOf(catalogue, entries),
    settings,
    server: serverView(ctx, clock),
  };
}

function summaryOf(
  ctx: Context,
  id: string,
  entry: CatalogueRule | undefined,
  { newest }: RuleCount,
): RuleSummary | null {
  if (entry !== undefined) return ruleSummary(entry);
  const hit = hitIn(ctx, newest, id);
  return hit === null ? null : hitSummary(hit);
}

interface Counts {
  readonly counts: ReadonlyMap<string, RuleCount>;
  readonly vhosts: VhostIndex;
  /** Whether any domain of this server is known. */
  readonly knows: boolean;
}

function countsOf(ctx: Context): Counts {
  const domains = ctx.host.vhosts();
  const vhosts = indexVhosts(domains, ctx.host.hostname());
  const knows = domains.length > 0;
  return { counts: countRules(ctx.store.ruleUse.since(null), vhosts, knows), vhosts, knows };
}

function vhostNamed(vhosts: VhostIndex, domain: string, knows: boolean): string {
  const name = domain.trim().toLowerCase().replace(/\.$/, '');
  const vhost = vhosts.vhostOf(name) ?? (knows ? null : name);
  if (vhost === null)
    throw new BadInput(
      `No vhost of this server serves ${name.slice(0, 100)}. Give one of its domains.`,
      'vhost',
    );
  return vhost;
}

function narrowed(count: RuleCount, vhost: string | null): RuleCount {
  if (vhost === null) return count;
  const own = count.vhosts.find((one) => one.vhost === vhost);
  return own === undefined ? NONE : { ...own, vhosts: [own], newest: count.newest };
}

/** Rules that set up, count or jump in silence are no news. */
function isListed({ rule, points, loaded }: CatalogueRule): boolean {
  return loaded !== false && (points !== null || !rule.silent);
}

function rowOf(entry: CatalogueRule, count: RuleCount): RuleRow {
  const { rule, vendor, disabled } = entry;
  return {
    ...ruleSummary(entry),
    vendor,
    file: rule.file,
    line: rule.line,
    disabled: disabled !== null,
    ...totals(count),
  };
}

function totals({
  requests,
  visitors,
  vhosts,
}: RuleCount): Pick<RuleRow, 'requests' | 'visitors' | 'vhosts'> {
  return { requests, visitors, vhosts: vhosts.length };
}

function unknownRow(ctx: Context, id: string, count: RuleCount): RuleRow[] {
  const hit = hitIn(ctx, count.newest, id);
  if (hit === null) return [];
  const file = hit.file ?? '';
  return [
    {
      ...hitSummary(hit),
      vendor: vendorOf(file),
      file,
      line: hit.line ?? 0,
      disabled: false,
      ...totals(count),
    },
  ];
}

function matches(row: RuleRow, tags: readonly string[], text: string | null): boolean {
  const words = (text ?? '').toLowerCase().split(/\s+/).slice(0, 10);
  const file = row.file.slice(row.file.lastIndexOf('/') + 1);
  const all = [row.id, row.title, row.message ?? '', row.vendor ?? '', file, ...tags]
    .join('\n')
    .toLowerCase();
  return words.every((word) => all.includes(word));
}

function definitionOf({ rule, vendor, loaded, disabled }: CatalogueRule): RuleView['definitions'][number] {
  const { file, line, version, phase, targets, operator, disruptive, tags, ctl, setvars } = rule;
  return {
    ...{ file, line, vendor, version, phase, targets, operator, disruptive, tags, ctl, setvars },
    chained: rule.chain.map((further) => ({ targets: further.targets, operator: further.operator })),
    active: loaded,
    disabledBy: disabled?.words ?? null,
  };
}

/** For each target of the rule as it is loaded: what else looks at all of it. */
function coversOf(catalogue: Catalogue, entries: readonly CatalogueRule[]): RuleView['covers'] {
  const entry = entries.find(isActive) ?? entries[0];
  const targets = (entry?.rule.targets ?? []).filter((target) => /^[^!&]/.test(target));
  const rules = [...catalogue.rules.values()].flat();
  const blockingLevel = blockingLevelOf(catalogue);
  return targets.slice(0, MOST_TARGETS).map((target) => {
    const { sure } = coverageOfTarget({ target, rules, blockingLevel, without: entry?.rule.id ?? '' });
    const shown = sure.slice(0, MOST_COVERING).map(ruleSummary);
    return { target, rules: shown, more: sure.length - shown.length };
  });
}
