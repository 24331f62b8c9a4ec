// csf's lists, plans and acts as the engine gives them, and a fake engine that remembers its orders.
import type { FirewallActRow, FirewallList, FirewallPreview } from '../../src/actions/firewall-ledger.ts';
import type { Confirmation } from '../../src/actions/firewall-plan.ts';
import type {
  EntryRow,
  FirewallActView,
  FirewallFilter,
  FirewallPlan,
  FirewallRequest,
  WhereView,
} from '../../src/actions/firewall-view.ts';
import type { Actor, FirewallEngine } from '../../src/web/web-context.ts';
import { SERVER } from './fixtures.ts';

const DENY = '/etc/csf/csf.deny';

export function entry(change: Partial<EntryRow> = {}): EntryRow {
  return {
    entry: '192.0.2.118',
    list: 'deny',
    address: '192.0.2.118',
    size: null,
    kind: 'waf',
    trigger: 'LF_MODSEC',
    words: '10 refusals by ModSecurity within an hour',
    comment:
      'lfd: (mod_security) mod_security (id:949110) triggered by 192.0.2.118 (US/-): 10 in the last 3600 secs',
    covers: 'all ports, both ways',
    since: '2026-11-22T09:15:02+01:00',
    until: null,
    isKept: false,
    includedFrom: null,
    ref: { file: DENY, offset: 1200 },
    incident: {
      client: '192.0.2.118',
      from: '2026-11-22T09:14:40+01:00',
      label: 'false-positive',
      words: 'Very probably a false alarm',
    },
    noIncident: null,
    dropsOut: 'in about 9 days',
    ...change,
  };
}

export const ENTRIES: readonly EntryRow[] = [
  entry(),
  entry({
    entry: '203.0.113.201',
    address: '203.0.113.201',
    list: 'tempban',
    kind: 'logins',
    trigger: 'LF_HTACCESS',
    words: '5 failed logins at a password-protected folder within an hour',
    covers: 'ports 80, 443, inbound',
    since: '2026-11-22T17:41:03+01:00',
    until: '2026-11-22T18:41:03+01:00',
    incident: {
      client: '203.0.113.201',
      from: '2026-11-22T17:40:00+01:00',
      label: 'attack',
      words: 'Very likely a login attack',
    },
    dropsOut: null,
  }),
  entry({
    entry: '198.51.100.0/24',
    address: '198.51.100.0/24',
    size: '256 addresses',
    kind: 'nets',
    trigger: 'LF_NETBLOCK',
    words: 'more than 4 addresses of this net blocked within a day',
    incident: null,
    noIncident: 'no incident of a net',
  }),
  entry({
    entry: '203.0.113.10',
    address: '203.0.113.10',
    kind: 'hand',
    trigger: null,
    words: 'written by hand',
    comment: 'abuser - do not delete',
    since: '2025-03-03T10:00:00+01:00',
    isKept: true,
    incident: null,
    noIncident: 'no logs from then',
    dropsOut: null,
  }),
  entry({
    entry: 'tcp|in|d=443|s=203.0.113.99',
    address: '203.0.113.99',
    kind: 'other',
    trigger: 'LF_APACHE_404',
    includedFrom: '/etc/csf/office.deny',
    incident: {
      client: '203.0.113.99',
      from: '2026-11-19T22:09:00+01:00',
      label: null,
      words: 'not judged yet',
    },
  }),
  entry({
    entry: '192.0.2.200',
    address: '192.0.2.200',
    list: 'tempban',
    kind: 'other',
    trigger: null,
    words: null,
    comment: 'lfd: (x) disparado pelo ip 192.0.2.200',
    until: null,
    incident: null,
    noIncident: 'not understood',
    dropsOut: null,
  }),
];

export const ALLOWED: readonly EntryRow[] = [
  entry({
    entry: '192.0.2.50',
    address: '192.0.2.50',
    list: 'allow',
    kind: 'allowed',
    trigger: null,
    words: 'allowed by hand',
    comment: 'office',
    incident: null,
    noIncident: 'nothing refused from it',
    dropsOut: null,
  }),
];

export function actRow(change: Partial<FirewallActRow> = {}): FirewallActRow {
  return {
    id: 7,
    at: '2026-11-22T17:59:00+01:00',
    who: 'root',
    act: 'unblock',
    target: '192.0.2.118',
    reason: 'the fix is in force, ticket 8841',
    incident: { client: '192.0.2.118', from: '2026-11-22T09:14:40+01:00' },
    commands: ['csf -dr 192.0.2.118'],
    state: 'done',
    steps: [
      {
        shown: 'csf -dr 192.0.2.118',
        ok: true,
        text: 'csf said: “Removing rule...”. Its files show it.',
        ms: 412,
      },
    ],
    sentence: 'csf does not block 192.0.2.118 now.',
    ...change,
  };
}

export function firewallList(change: Partial<FirewallList> = {}): FirewallList {
  return {
    rows: ENTRIES,
    counts: { all: 193, waf: 131, logins: 49, hand: 8, nets: 5, other: 0, allowed: 12, ignored: 3 },
    permanent: 187,
    temporary: 6,
    page: 1,
    pages: 2,
    matching: 193,
    rotation: {
      basis: 'inferred',
      sentence:
        'csf.deny keeps 200 lines (DENY_IP_LIMIT) and has 187: at today’s rate of 3 new lines a day it is full in about 4 days.',
      lines: [],
    },
    settings: [
      {
        name: 'LF_MODSEC',
        value: '5',
        meaning: 'blocks at the 5th refusal by ModSecurity',
        misreading: null,
        state: 'ok',
      },
      {
        name: 'LF_MODSEC_PERM',
        value: '3',
        meaning: 'for 3 seconds',
        misreading: '3 is neither a number of tries nor of days: above 1 it is seconds.',
        state: 'warn',
      },
    ],
    alarm: null,
    problems: [],
    readAt: '2026-11-22T18:02:09+01:00',
    server: SERVER,
    acts: [actRow()],
    cannot: null,
    ...change,
  };
}

export const ALARM: FirewallList['alarm'] = {
  at: '2026-11-22T17:00:00+01:00',
  sentence: 'csf -dr 192.0.2.118 ended with code 1, and csf.deny lost 3 lines.',
  todo: ['Is /etc/csf/csf.deny whole? Compare it with the newest backup.', 'Does csf -l show rules?'],
};

export function where(change: Partial<WhereView> = {}): WhereView {
  return {
    address: '192.0.2.118',
    blocked: true,
    places: [
      {
        kind: 'deny',
        sentence: '192.0.2.118 in csf.deny, permanent, all ports',
        basis: 'known',
        way: 'csf -dr takes it out.',
        entry: '192.0.2.118',
        ref: { file: DENY, offset: 1200 },
      },
    ],
    elsewhere: [],
    neighbours: [],
    ...change,
  };
}

const FIX: NonNullable<FirewallPlan['fix']> = {
  sentence: 'Rule 942100 stopped it at ARGS:q on shop.example.com. Switch it off there first, then unblock.',
  isDone: false,
  frees: true,
  ruleId: '942100',
  vhost: 'shop.example.com',
  target: 'ARGS:q',
  path: '/search',
};

/** A plan for a request, as for a false alarm. */
export function plan(
  request: Partial<FirewallRequest> = {},
  change: Partial<FirewallPlan> = {},
): FirewallPlan {
  const asked: FirewallRequest = {
    act: 'unblock',
    target: '192.0.2.118',
    seconds: null,
    wholeNet: false,
    thenAllow: null,
    incidentFrom: null,
    ...request,
  };
  const removed = {
    shown: 'csf -dr 192.0.2.118',
    effect: 'Takes 192.0.2.118 out of csf.deny, with all lines about it.',
  };
  const letIn = {
    shown: `csf -ta 192.0.2.118 ${asked.thenAllow ?? 86_400}`,
    effect: 'Lets 192.0.2.118 in, before any block is asked.',
  };
  return {
    request: asked,
    title: 'Unblock 192.0.2.118?',
    steps: asked.thenAllow === null ? [removed] : [removed, letIn],
    refusal: null,
    warnings: [],
    typed: null,
    again: [
      {
        basis: 'inferred',
        sentence:
          'The same request again is refused again, and at the 5th refusal within an hour it is blocked again.',
        lines: [],
      },
    ],
    fix: FIX,
    where: where(),
    verdict: { label: 'false-positive', words: 'Very probably a false alarm.' },
    ...change,
  };
}

export function actView(change: Partial<FirewallActView> = {}): FirewallActView {
  const { steps, sentence } = actRow();
  return {
    id: 'f1',
    state: 'done',
    act: 'unblock',
    target: '192.0.2.118',
    now: '',
    steps,
    sentence,
    ledgerId: 7,
    ...change,
  };
}

/** What the fake gives, replaceable while it runs. */
export interface FakeFirewall extends FirewallEngine {
  view: FirewallList;
  planOf: (request: FirewallRequest) => FirewallPlan;
  byHand: boolean;
  /** The states of an act, one a look; the last one stays. */
  runs: FirewallActView[];
  ledger: readonly FirewallActRow[];
  /** Throws where an order is refused. */
  check: (request: FirewallRequest, confirmation: Confirmation) => void;
  /** Thrown where the alarm is to be ended. */
  problem: Error | null;
  readonly filters: FirewallFilter[];
  /** What was to be shown, and from where it was asked. */
  readonly asked: (FirewallRequest & { readonly by: string | null })[];
  /** What it was told. */
  readonly orders: object[];
}

export function fakeFirewall(): FakeFirewall {
  const fake: FakeFirewall = {
    view: firewallList(),
    planOf: (request) => plan(request),
    byHand: false,
    runs: [actView()],
    ledger: [actRow()],
    check: () => undefined,
    problem: null,
    filters: [],
    asked: [],
    orders: [],
    list: (filter) => {
      fake.filters.push(filter);
      return Promise.resolve(fake.view);
    },
    plan: (request, by): Promise<FirewallPreview> => {
      fake.asked.push({ ...request, by });
      return Promise.resolve().then(() => ({
        plan: fake.planOf(request),
        byHand: fake.byHand,
        server: SERVER,
      }));
    },
    order: (request, confirmation) =>
      Promise.resolve().then(() => {
        fake.check(request, confirmation);
        fake.orders.push({ request, confirmation });
        return fake.runs[0] ?? actView();
      }),
    run: (id) => {
      const state = fake.runs.length > 1 ? fake.runs.shift() : fake.runs[0];
      return Promise.resolve(state?.id === id ? state : null);
    },
    act: (id) => Promise.resolve(fake.ledger.find((one) => one.id === id) ?? null),
    endAlarm: (reason: string, by: Actor) =>
      Promise.resolve().then(() => {
        if (fake.problem !== null) throw fake.problem;
        fake.orders.push({ endAlarm: reason, by });
        return 'The alarm is ended.';
      }),
  };
  return fake;
}
