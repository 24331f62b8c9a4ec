// The page of one vhost: which rules fired there, with their switches and causes, and what is excluded.
import type { CauseView, DomainRule, DomainView } from '../actions/domain-view.ts';
import type { ExclusionView, VhostView, Writable } from '../actions/exclusion-view.ts';
import { causeLink, domainLink, exclusionLink, pageLink, proposeLink, ruleLink } from './links.ts';
import { listPage } from './paging.ts';
import type { DriftNoteView, ExclusionRowView, FoundRowView } from './view-exclusion-rows.ts';
import { driftNote, exclusionRow, foundRow } from './view-exclusion-rows.ts';
import type { EngineView } from './view-rule-facts.ts';
import { engineView, ruleFacts } from './view-rule-facts.ts';
import type { ScoresView } from './view-score-histogram.ts';
import type { LongText } from './view-text.ts';
import { counted, longText, whole } from './view-text.ts';
import { shortTime } from './view-time.ts';
import { verdictVisitors } from './view-verdict.ts';

/** Causes of a rule that its row unfolds; the rest stand on the page of this rule alone. */
const MOST_CAUSES = 10;
/** Rows of exclusions and finds; the rest stand on the page of all exclusions. */
const MOST_ROWS = 100;
const MOST_NAMES = 10;

/** A cause as a row. */
export interface CauseRow {
  readonly href: string;
  readonly target: string;
  readonly path: string;
  readonly requests: string;
  readonly refused: string;
  readonly visitors: string;
  readonly attacks: string;
  readonly last: string;
  readonly exclude: string | null;
}

interface RuleSwitch {
  readonly look: 'on' | 'part' | 'off' | 'lock';
  readonly text: string;
  /** Null where there is nothing to switch. */
  readonly href: string | null;
}

interface RuleRowView {
  readonly id: string;
  readonly href: string;
  readonly title: string;
  readonly facts: string;
  readonly requests: string;
  readonly refused: string;
  readonly judged: string;
  readonly switch: RuleSwitch;
  readonly note: LongText;
  readonly causes: readonly CauseRow[];
  readonly causeCount: string;
  readonly allCauses: { readonly href: string; readonly text: string } | null;
}

/** What views/domain.ejs needs. */
export interface DomainPage {
  readonly title: string;
  readonly headline: string;
  readonly names: VhostNames;
  readonly vhost: string;
  readonly self: string;
  /** Set when only one rule is shown. */
  readonly only: string;
  readonly rulesTitle: string;
  readonly rules: readonly RuleRowView[];
  readonly newer: string | null;
  readonly older: string | null;
  readonly pages: string;
  readonly exclusionsTitle: string;
  readonly exclusions: readonly ExclusionRowView[];
  readonly moreExclusions: { readonly href: string; readonly text: string } | null;
  readonly foundTitle: string;
  readonly found: readonly FoundRowView[];
  readonly drift: readonly DriftNoteView[];
  readonly settle: string;
  readonly engine: EngineView;
  readonly engineOff: string;
  readonly unwritable: string;
  readonly incidents: string;
  readonly causes: string;
  /** Null where no request had a score, and on the page of one rule. */
  readonly scores: ScoresView | null;
}

/** A vhost's names: a change is for all of them. */
export interface VhostNames {
  readonly account: string;
  readonly shown: string;
  readonly rest: string;
  readonly more: string;
  readonly count: string;
}

/** The names of a vhost, the first ten in view. */
export function vhostNames({ account, aliases }: VhostView): VhostNames {
  const rest = aliases.slice(MOST_NAMES);
  return {
    account,
    shown: aliases.slice(0, MOST_NAMES).join(', '),
    rest: rest.join(', '),
    more: rest.length === 0 ? '' : counted(rest.length, 'more name'),
    count: aliases.length === 1 ? 'both' : `all ${whole(aliases.length + 1)}`,
  };
}

/** Why nothing can be written here; empty when it can. */
export function unwritableWords({ ok, why }: Writable): string {
  return ok ? '' : (why ?? 'The reason is not known.');
}

/** A cause as a row; rules that only add up have nothing to exclude. */
export function causeRow(cause: CauseView, canExclude: boolean, now: string): CauseRow {
  const { vhost, ruleId, target, path } = cause;
  return {
    href: causeLink(cause),
    target: target ?? 'not in the logs',
    path: path ?? 'not in the logs',
    requests: whole(cause.requests),
    refused: whole(cause.refused),
    visitors: whole(cause.visitors),
    attacks: whole(cause.attackRequests),
    last: shortTime(cause.lastAt, now),
    exclude: canExclude ? proposeLink({ vhost, ruleId, target, path }) : null,
  };
}

function switchOf(rule: DomainRule, view: DomainView): RuleSwitch {
  if (rule.onlyAddsUp) return { look: 'lock', text: 'It only adds up', href: null };
  if (rule.here === 'locked') return { look: 'lock', text: 'Always on', href: null };
  const [cause] = rule.causes;
  const { vhost } = view;
  const propose = proposeLink({
    vhost,
    ruleId: rule.id,
    target: cause?.target ?? null,
    path: cause?.path ?? null,
  });
  if (rule.here === 'on') return { look: 'on', text: 'On', href: propose };
  if (rule.here === 'part') return { look: 'part', text: 'Partly off', href: propose };
  return { look: 'off', text: 'Off here', href: whatSwitchesOff(rule, view) ?? propose };
}

/** What is to be looked at to switch a rule on again. */
function whatSwitchesOff(rule: DomainRule, { exclusions, found }: DomainView): string | null {
  const wide = exclusions.filter(
    ({ state, scope }) => state === 'active' && scope.kind === 'rule-vhost' && scope.ruleId === rule.id,
  );
  const [own] = wide;
  if (own !== undefined) return exclusionLink(own.id);
  const left = found.find(({ scopes }) => scopes.some(({ ruleId }) => ruleId === rule.id));
  return left === undefined ? null : pageLink('/found', { key: left.key });
}

function ruleRow(rule: DomainRule, view: DomainView, isAlone: boolean): RuleRowView {
  const { now } = view.server;
  const most = isAlone ? rule.causes.length : MOST_CAUSES;
  const canExclude = !rule.onlyAddsUp && rule.here !== 'locked';
  const all = pageLink('/domain', { vhost: view.vhost, rule: rule.id });
  const note = rule.onlyAddsUp ? 'See the rules that scored.' : rule.note;
  return {
    id: rule.id,
    href: ruleLink(rule.id),
    title: rule.title,
    facts: ruleFacts(rule),
    requests: whole(rule.requests),
    refused: rule.refused === rule.requests ? 'all refused' : `${whole(rule.refused)} refused`,
    judged: verdictVisitors(rule.byVerdict),
    switch: switchOf(rule, view),
    note: longText(note, 160),
    causes: rule.causes.slice(0, most).map((cause) => causeRow(cause, canExclude, now)),
    causeCount: counted(rule.causes.length, 'cause'),
    allCauses:
      rule.causes.length > most ? { href: all, text: `All ${counted(rule.causes.length, 'cause')}` } : null,
  };
}

function headline({ vhost, engine, rules, exclusions }: DomainView): string {
  const isOff = exclusions.some(({ state, scope }) => state === 'active' && scope.kind === 'engine-off');
  if (isOff) return `All rules are off on ${vhost} for a while.`;
  const modes = {
    On: `${vhost} is protected.`,
    DetectionOnly: `${vhost} is only watched: its rules refuse nothing.`,
    Off: `${vhost} is not protected: the engine is off.`,
  };
  const state = engine.mode === null ? `${vhost}:` : modes[engine.mode];
  const off = rules.filter(({ here }) => here === 'off').length;
  const part = rules.filter(({ here }) => here === 'part').length;
  const parts = [
    part === 0 ? '' : `${counted(part, 'rule')} partly off`,
    off === 0 ? '' : `${counted(off, 'rule')} off`,
  ].filter((text) => text !== '');
  const rest = parts.length === 0 ? 'no rule that fired is excluded' : parts.join(', ');
  return engine.mode === null
    ? `${state} ${rest}.`
    : `${state} ${rest.charAt(0).toUpperCase()}${rest.slice(1)}.`;
}

function inForce(all: readonly ExclusionView[]): readonly ExclusionView[] {
  return all.filter(({ state }) => state === 'active');
}

/** The page; `rule` shows one rule with all its causes, `page` the next 200 rules; `scores` come as they are given. */
export function domainPage(
  view: DomainView,
  {
    rule,
    page,
    scores,
  }: { readonly rule: string | null; readonly page: string | null; readonly scores: ScoresView | null },
): DomainPage {
  const { vhost, server } = view;
  const rules = rule === null ? view.rules : view.rules.filter(({ id }) => id === rule);
  const list = listPage(rules, page, (number) => pageLink('/domain', { vhost, rule, page: number }));
  const active = inForce(view.exclusions);
  const only = pageLink('/exclusions', { vhost });
  return {
    title: vhost,
    headline: headline(view),
    names: vhostNames(view),
    vhost,
    self: domainLink(vhost),
    only: rule ?? '',
    rulesTitle: `Rules that fired, ${counted(view.days, 'day')}: ${whole(view.rules.length)}`,
    rules: list.rows.map((one) => ruleRow(one, view, rule !== null)),
    newer: list.newer,
    older: list.older,
    pages: list.pages,
    exclusionsTitle: `Exclusions: ${whole(active.length)}`,
    exclusions: active.slice(0, MOST_ROWS).map((one) => exclusionRow(one, server.now)),
    moreExclusions:
      view.exclusions.length > Math.min(active.length, MOST_ROWS)
        ? { href: only, text: 'All of this vhost, ended ones too' }
        : null,
    foundTitle: `Left by others: ${whole(view.found.length)}`,
    found: view.found.slice(0, MOST_ROWS).map(foundRow),
    drift: view.drift.map(driftNote),
    settle: pageLink('/settle'),
    engine: engineView(view.engine),
    engineOff: proposeLink({ kind: 'engine-off', vhost }),
    unwritable: unwritableWords(view.writable),
    incidents: pageLink('/explain', { q: vhost }),
    causes: pageLink('/causes', { vhost }),
    scores,
  };
}
