// Text as attackers write it, in every field of an explanation that a stranger can fill.
import type { CausePageView, CausesView, ScoreHistogram } from '../../src/actions/causes-view.ts';
import type { DomainsView, DomainView, RuleRow, RuleView } from '../../src/actions/domain-view.ts';
import type { ActView, ChangeView, ExclusionsView, Proposal } from '../../src/actions/exclusion-view.ts';
import type { ActivityRow, Explanation } from '../../src/actions/explanation.ts';
import type { Inbox } from '../../src/actions/inbox-view.ts';
import type { MarksView } from '../../src/actions/marks-view.ts';
import type { SavedSearch, SearchView, SurroundingView } from '../../src/actions/search-view.ts';
import type { SearchLog } from '../../src/model.ts';
import { ACTIVITY, ATTACK, inbox, MAIL_ONLY } from './fixtures.ts';
import {
  actView,
  CHANGE,
  DOMAINS,
  domainView,
  DRIFT,
  exclusionsView,
  proposal,
  RULE,
  ruleSummary,
} from './exclusion-fixtures.ts';
import { marksView, WORD } from './mark-fixtures.ts';
import { causePageView, causesView, scoreHistogram } from './cause-fixtures.ts';
import { AROUND, LOGS, RUNNING, SAVED } from './search-fixtures.ts';

const SCRIPT = '"><script>alert(document.domain)</script><img src=x onerror=alert(1)>';
const BREAKOUT = `' onmouseover='alert(2)' x='</textarea></pre></title></style><svg/onload=alert(3)>`;
const RTL = 'invoice\u202egnp.exe\u2066\u200f';
const ANSI = '\u001b[31mred\u001b[0m\u0007\u0000\r';
export const LONG_URI = `/${'a'.repeat(5000)}?q=${'<b>'.repeat(1660)}`;
const TEMPLATE = '<%= process.env %>${7*7}{{7*7}}#{7*7}';
const HOSTILE = [SCRIPT, BREAKOUT, RTL, ANSI, TEMPLATE].join(' ');

/** Keys whose values steer the page and cannot be free text in the engine's types. */
const FIXED = new Set([
  'kind',
  'outcome',
  'state',
  'source',
  'basis',
  'label',
  'direction',
  'status',
  'severity',
  'how',
  'action',
  'at',
  'from',
  'to',
  'since',
  'until',
  'now',
  'offset',
  'offsetBasis',
  'createdAt',
  'expiresAt',
  'endedAt',
  'lastUse',
  'lastAt',
  'incidentFrom',
  'verdict',
  'here',
  'maker',
  'form',
  'act',
  'level',
  'happens',
  'mode',
  'engine',
  'disruptive',
  'mark',
  'subject',
  'day',
  'tone',
  'band',
  'scope',
  'countedAt',
  'stateAt',
  'firstAt',
]);

/** Replaces every free text in plain data by the hostile text, keeping its start so that grouping still works. */
function poison<T>(value: T, key = ''): T {
  if (typeof value === 'string') return (FIXED.has(key) ? value : `${value.slice(0, 12)} ${HOSTILE}`) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => poison(one, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]: [string, unknown]) => [name, poison(one, name)]);
  return Object.fromEntries(entries) as T;
}

const poisoned = poison(ATTACK);

/** The attack with every text poisoned, a 10,000-character uri, a mail and other incidents. */
export const HOSTILE_EXPLANATION: Explanation = {
  ...poisoned,
  mail: poison({ ...MAIL_ONLY.mail!, foreign: true }),
  incidents: poison(inbox().rows),
  word: poison(WORD),
  missing: [{ source: HOSTILE, why: HOSTILE }],
  incident: {
    ...poisoned.incident!,
    transactions: poisoned.incident!.transactions.map((one) => ({
      ...one,
      method: 'GET',
      uri: LONG_URI,
      engineErrors: [{ basis: 'known', sentence: HOSTILE, lines: [] }],
    })),
    context: [
      {
        at: ATTACK.incident!.from,
        sinceStartMs: 500,
        vhost: HOSTILE,
        method: HOSTILE,
        uri: LONG_URI,
        status: 200,
        ref: { file: HOSTILE, offset: 1 },
      },
    ],
    contextTotal: 1,
  },
  block: {
    ...poisoned.block!,
    notWaf: true,
    advice: [{ basis: 'known', sentence: HOSTILE, lines: [] }],
    contradictions: [{ basis: 'known', sentence: HOSTILE, lines: [{ file: HOSTILE, offset: 3 }] }],
  },
};

export const HOSTILE_INBOX: Inbox = poison(inbox());
export const HOSTILE_MARKS: MarksView = poison(marksView());
export const HOSTILE_ACTIVITY: readonly ActivityRow[] = poison(ACTIVITY);

/** A running search, its logs and its saved twins with every text poisoned; the search's own steering values stay. */
const poisonedSearch = poison({
  ...RUNNING,
  older: 'x',
  problem: 'x',
  notes: [{ sentence: 'x', change: { pattern: 'x' }, offer: 'x' }],
});
export const HOSTILE_SEARCH: SearchView = {
  ...poisonedSearch,
  id: 'job-1',
  phase: 'failed',
  query: {
    ...poisonedSearch.query,
    syntax: 'literal',
    rotated: 'auto',
    logs: [HOSTILE],
    from: HOSTILE,
    status: HOSTILE,
  },
  lines: poisonedSearch.lines.map((line) => ({ ...line, before: [HOSTILE], after: [HOSTILE] })),
};
export const HOSTILE_LOGS: readonly SearchLog[] = poison(LOGS.slice(0, 30));
export const HOSTILE_AROUND: SurroundingView = poison(AROUND);
export const HOSTILE_SAVED: readonly SavedSearch[] = poison(SAVED);

export const HOSTILE_DOMAINS: DomainsView = poison({ ...DOMAINS, rows: DOMAINS.rows.slice(0, 5) });
export const HOSTILE_DOMAIN: DomainView = poison(
  domainView({ drift: [DRIFT], writable: { ok: false, why: 'x' } }),
);
export const HOSTILE_RULES: readonly RuleRow[] = poison([
  { ...ruleSummary(), vendor: 'x', file: '/x', line: 1, disabled: true, requests: 1, visitors: 1, vhosts: 1 },
]);
export const HOSTILE_RULE: RuleView = poison(RULE);
export const HOSTILE_PROPOSAL: Proposal = poison(proposal());
export const HOSTILE_EXCLUSIONS: ExclusionsView = poison(exclusionsView());
export const HOSTILE_CHANGE: ChangeView = poison(CHANGE);
export const HOSTILE_ACT: ActView = {
  ...poison(actView({ state: 'running', now: 'x' })),
  id: 'act-1',
  change: HOSTILE_CHANGE,
};

/** Causes with every text poisoned: what visitors write stands in targets, paths, host names, errors and notes. */
export const HOSTILE_CAUSES: CausesView = poison(causesView({ waiting: 3 }));
export const HOSTILE_CAUSE: CausePageView = poison(
  causePageView({
    covered: [12],
    cause: {
      ...causePageView().cause,
      marks: [
        {
          id: 3,
          kind: 'false-alarm',
          subject: 'cause',
          about: '1',
          note: 'x',
          author: 'root',
          at: 1,
          endedAt: null,
        },
      ],
    },
  }),
);
export const HOSTILE_SCORES: ScoreHistogram = poison(scoreHistogram());
