// The page of one cause: one rule, on one target, on one kind of path, on one vhost.
import type { CauseView, DomainView } from '../actions/domain-view.ts';
import { EMPTY_QUERY } from '../actions/search-query.ts';
import type { ScopeKind } from '../model-rules.ts';
import { domainLink, pageLink, proposeLink, ruleLink } from './links.ts';
import { KIND_NAMES } from './scope-query.ts';
import { searchLink } from './search-query.ts';
import type { CauseRow, VhostNames } from './view-domain.ts';
import { causeRow, vhostNames } from './view-domain.ts';
import { ruleFacts } from './view-rule-facts.ts';
import { counted, whole } from './view-text.ts';
import { dayTime } from './view-time.ts';

/** Other causes of the same rule that are listed. */
const MOST_OTHERS = 50;

/** One width of an exclusion, and where it is tried. */
export interface WidthView {
  readonly kind: ScopeKind;
  readonly name: string;
  readonly what: string;
  readonly href: string;
}

/** What views/cause.ejs needs. */
export interface CausePage {
  readonly title: string;
  readonly headline: string;
  readonly lead: string;
  readonly vhost: string;
  readonly vhostHref: string;
  readonly names: VhostNames;
  readonly ruleId: string;
  readonly ruleTitle: string;
  readonly ruleFacts: string;
  readonly ruleHref: string;
  readonly target: string;
  readonly path: string;
  readonly last: string;
  readonly outcome: readonly { readonly name: string; readonly value: string; readonly about: string }[];
  readonly onlyAddsUp: boolean;
  readonly suggested: string;
  readonly widths: readonly WidthView[];
  readonly others: readonly CauseRow[];
  readonly allCauses: string | null;
  readonly incidents: string;
  readonly lines: string;
}

function outcomeOf(cause: CauseView): CausePage['outcome'] {
  const { requests, refused, visitors, attackRequests } = cause;
  return [
    { name: 'Visitors hit', value: whole(visitors), about: 'different addresses' },
    { name: 'Requests', value: whole(requests), about: 'that the rule reacted to' },
    { name: 'Refused', value: whole(refused), about: `of ${counted(requests, 'request')}` },
    {
      name: 'From attacks',
      value: whole(attackRequests),
      about: `of ${counted(requests, 'request')}`,
    },
  ];
}

/** The widths that a cause has all parts for, narrowest first, each with its preview. */
export function widthsOf({
  vhost,
  ruleId,
  target,
  path,
}: Pick<CauseView, 'vhost' | 'ruleId' | 'target' | 'path'>): readonly WidthView[] {
  const rule = `Rule ${ruleId}`;
  const all: readonly (readonly [ScopeKind, boolean, string])[] = [
    ['target-path', target !== null && path !== null, `${rule} skips ${target ?? ''} at ${path ?? ''} only`],
    ['target-vhost', target !== null, `${rule} skips ${target ?? ''} on ${vhost}`],
    ['rule-path', path !== null, `${rule} is off at ${path ?? ''} only`],
    ['rule-vhost', true, `${rule} is off on ${vhost}`],
  ];
  return all
    .filter(([, has]) => has)
    .map(([kind, , what]) => ({
      kind,
      name: KIND_NAMES[kind],
      what,
      href: proposeLink({
        kind,
        vhost,
        ruleId,
        target: kind.startsWith('target') ? target : null,
        path: kind.endsWith('path') ? path : null,
      }),
    }));
}

function leadWords({ path, refused, attackRequests }: CauseView, days: number): string {
  const where = path === null ? '' : `, on ${path.includes('{n}') ? 'paths like' : 'the path'} ${path}`;
  const attacks = attackRequests === 0 ? 'none' : whole(attackRequests);
  return `In the last ${counted(days, 'day')}${where}. ${whole(refused)} ${refused === 1 ? 'was' : 'were'} refused; ${attacks} came from incidents judged as attacks.`;
}

/** The page of a cause, null when the vhost has none like it. */
export function causePage(
  view: DomainView,
  wanted: Pick<CauseView, 'ruleId' | 'target' | 'path'>,
): CausePage | null {
  const rule = view.rules.find(({ id }) => id === wanted.ruleId);
  const cause = rule?.causes.find(
    ({ target, path }) => (target ?? '') === (wanted.target ?? '') && (path ?? '') === (wanted.path ?? ''),
  );
  if (rule === undefined || cause === undefined) return null;
  const { vhost, ruleId, target, path } = cause;
  const others = rule.causes.filter((one) => one !== cause);
  const on = target === null ? '' : ` to ${target}`;
  return {
    title: `Rule ${ruleId} on ${vhost}`,
    headline: `Rule ${ruleId} reacted${on} on ${vhost}: ${counted(cause.visitors, 'visitor')}, ${counted(cause.requests, 'request')}.`,
    lead: leadWords(cause, view.days),
    vhost,
    vhostHref: domainLink(vhost),
    names: vhostNames(view),
    ruleId,
    ruleTitle: rule.title,
    ruleFacts: ruleFacts(rule),
    ruleHref: ruleLink(ruleId),
    target: target ?? 'not in the logs',
    path: path ?? 'not in the logs',
    last: dayTime(cause.lastAt),
    outcome: outcomeOf(cause),
    onlyAddsUp: rule.onlyAddsUp || rule.here === 'locked',
    suggested: proposeLink({ vhost, ruleId, target, path }),
    widths: widthsOf(cause),
    others: others.slice(0, MOST_OTHERS).map((one) => causeRow(one, !rule.onlyAddsUp, view.server.now)),
    allCauses: others.length > MOST_OTHERS ? pageLink('/domain', { vhost, rule: ruleId }) : null,
    incidents: pageLink('/', { vhost, since: 'all' }),
    lines: searchLink({
      ...EMPTY_QUERY,
      pattern: `[id "${ruleId}"]`,
      syntax: 'literal',
      logs: ['error'],
      vhost,
    }),
  };
}
