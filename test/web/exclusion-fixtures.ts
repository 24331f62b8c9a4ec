// Domains, rules, proposals, exclusions and changes as the engine gives them, and a fake engine that remembers its orders.
import { sliceLists } from '../../src/actions/exclusion-slice.ts';
import type {
  CauseView,
  DomainRow,
  DomainRule,
  DomainsView,
  DomainView,
  EngineFacts,
  RuleRow,
  RuleSummary,
  RuleView,
} from '../../src/actions/domain-view.ts';
import type {
  ActView,
  ChangeView,
  DriftView,
  ExcludeRequest,
  ExclusionsView,
  ExclusionView,
  FoundView,
  LintItem,
  PreviewRow,
  PreviewSummary,
  Proposal,
  Rung,
  ScopeFields,
  ScopeView,
} from '../../src/actions/exclusion-view.ts';
import type { ExclusionEngine } from '../../src/web/web-context.ts';
import { fakeCauses, type FakeCauses } from './cause-fixtures.ts';
import { SERVER } from './fixtures.ts';

export const SHOP = 'shop.example.com';
const CRS = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules';
const STD = `/etc/apache2/conf.d/userdata/std/2_4/shopexam/${SHOP}/whyblocked.conf`;
const SSL = `/etc/apache2/conf.d/userdata/ssl/2_4/shopexam/${SHOP}/whyblocked.conf`;

export function ruleSummary(id = '942100', change: Partial<RuleSummary> = {}): RuleSummary {
  return {
    id,
    title: 'Text read as SQL',
    severity: 'CRITICAL',
    points: 5,
    paranoiaLevel: 1,
    phase: 2,
    message: 'SQL Injection Attack Detected via libinjection',
    onlyAddsUp: false,
    ...change,
  };
}

export function scopeView(change: Partial<ScopeView> = {}): ScopeView {
  return {
    kind: 'target-vhost',
    vhost: SHOP,
    ruleId: '942100',
    tag: null,
    target: 'REQUEST_COOKIES:consent_prefs',
    path: null,
    form: 'ctl',
    words: `Rule 942100 skips REQUEST_COOKIES:consent_prefs on ${SHOP}`,
    ...change,
  };
}

export function cause(change: Partial<CauseView> = {}): CauseView {
  return {
    vhost: SHOP,
    ruleId: '942100',
    target: 'REQUEST_COOKIES:consent_prefs',
    path: '/p/{n}',
    requests: 64,
    refused: 62,
    visitors: 10,
    attackRequests: 4,
    lastAt: '2026-11-22T17:40:03+01:00',
    ...change,
  };
}

export function domainRule(id = '942100', change: Partial<DomainRule> = {}): DomainRule {
  return {
    ...ruleSummary(id),
    requests: 102,
    refused: 100,
    visitors: 12,
    byVerdict: { 'false-positive': 10, attack: 2 },
    here: 'on',
    note: '',
    causes: [cause({ ruleId: id }), cause({ ruleId: id, target: 'ARGS:q', path: '/search', requests: 38 })],
    ...change,
  };
}

export const EXCLUSION: ExclusionView = {
  id: 12,
  scope: scopeView(),
  reason: 'consent cookie read as SQL, ticket 8841',
  author: 'root',
  createdAt: '2026-11-22T09:04:11+01:00',
  expiresAt: '2026-12-22T09:04:11+01:00',
  state: 'active',
  endedAt: null,
  uses: 31,
  lastUse: '2026-11-22T18:00:10+01:00',
  furtherHits: 0,
  furtherRequests: 12,
  warnings: [],
};

export const WIDE: ExclusionView = {
  ...EXCLUSION,
  id: 13,
  scope: scopeView({
    kind: 'rule-vhost',
    ruleId: '920420',
    target: null,
    form: 'directive',
    words: `Rule 920420 is off on ${SHOP}`,
  }),
  expiresAt: null,
  uses: null,
  lastUse: null,
  furtherHits: 2,
  warnings: [{ level: 'warn', code: 'rule-gone', text: 'No installed rule has the id 920420 any more.' }],
};

export const ENDED: ExclusionView = {
  ...EXCLUSION,
  id: 7,
  state: 'expired',
  endedAt: '2026-11-20T12:00:00+01:00',
};

export const FOUND: FoundView = {
  key: 'cmc-1f2e3d',
  maker: 'cmc',
  vhost: SHOP,
  account: 'shopexam',
  places: [{ file: STD.replace('whyblocked', 'modsec'), line: 3, text: 'SecRuleRemoveById 920420' }],
  words: `Off on ${SHOP}: rule 920420.`,
  warnings: [],
  scopes: [WIDE.scope],
  adoptWhy: null,
};

export const STAYS: FoundView = {
  ...FOUND,
  key: 'whm-77',
  maker: 'whm',
  vhost: null,
  account: null,
  words: 'Off on the whole server: rule 930130.',
  scopes: [],
  adoptWhy: 'Exclusions of ours hold for one vhost, and this holds for all.',
};

export const DRIFT: DriftView = {
  vhost: SHOP,
  account: 'shopexam',
  kind: 'edited',
  paths: [STD, SSL],
  text: 'The file was changed by hand since Whyblocked wrote it.',
  diff: '--- as Whyblocked wrote it\n+++ as it is now\n@@ -3,2 +3,2 @@\n <IfModule security2_module>\n-SecAction "id:48700012"\n+SecAction "id:48700012,log"\n',
  adoptable: true,
};

export const ENGINE: EngineFacts = {
  mode: 'On',
  engine: 'modsecurity-2',
  settings: [
    { name: 'CRS', config: '3.3.4', logs: '3.3.4', warning: null, lines: [], source: 'crs-setup.conf:30' },
    {
      name: 'Limit for requests',
      config: '5',
      logs: '10',
      warning: 'The logs show another limit than the configuration.',
      lines: [{ file: '/var/log/apache2/error_log', offset: 120 }],
    },
  ],
};

export const RULES: readonly DomainRule[] = [
  domainRule('942100', { here: 'part', note: 'Off for 1 target' }),
  domainRule('913100', { title: 'Name of a scanner', byVerdict: { attack: 12 } }),
  domainRule('920420', { title: 'Content type not allowed', here: 'off', note: 'Exclusion 13', causes: [] }),
  domainRule('930130', {
    title: 'Asks for private files',
    here: 'locked',
    note: 'Off in WHM',
    byVerdict: {},
  }),
  domainRule('949110', {
    title: 'Adds up and refuses',
    onlyAddsUp: true,
    here: 'locked',
    severity: null,
    points: null,
    causes: [cause({ ruleId: '949110', target: 'TX:anomaly_score', path: null })],
  }),
];

export function domainView(change: Partial<DomainView> = {}): DomainView {
  return {
    vhost: SHOP,
    account: 'shopexam',
    aliases: [`www.${SHOP}`, 'shop.example.org', 'shop.example.net'],
    days: 30,
    rules: RULES,
    exclusions: [EXCLUSION, WIDE],
    found: [FOUND],
    drift: [],
    engine: ENGINE,
    writable: { ok: true, why: null },
    server: SERVER,
    ...change,
  };
}

function domainRow(index: number): DomainRow {
  const vhost = index === 0 ? SHOP : `site${index}.example.net`;
  return {
    vhost,
    account: index === 0 ? 'shopexam' : `acct${index}`,
    aliases: [`www.${vhost}`],
    requests: 1000 - index,
    refused: 900 - index,
    visitors: 12,
    rules: 6,
    exclusions: index === 0 ? 2 : 0,
    found: 0,
  };
}

export const DOMAINS: DomainsView = {
  rows: Array.from({ length: 250 }, (_, index) => domainRow(index)),
  days: 30,
  server: SERVER,
};

export function summary(change: Partial<PreviewSummary> = {}): PreviewSummary {
  return {
    totals: { passes: 58, blocked: 42, bound: 2 },
    freedBefore: 0,
    byVerdict: {
      'false-positive': { passes: 56, blocked: 2, bound: 0 },
      attack: { passes: 0, blocked: 40, bound: 0 },
      unjudged: { passes: 2, blocked: 0, bound: 2 },
    },
    refused: 102,
    touched: 64,
    visitors: 10,
    attacksPassing: 0,
    attacks: 40,
    reconciled: 62,
    sentence: 'This frees 58 requests of 10 visitors and lets no known attack request through.',
    ...change,
  };
}

export function previewRow(change: Partial<PreviewRow> = {}): PreviewRow {
  return {
    uniqueId: 'aSGk0kXnq5Qe4V2mXh30001AAAEs',
    at: '2026-11-22T09:14:16+01:00',
    ip: '192.0.2.118',
    vhost: SHOP,
    method: 'GET',
    uri: '/cart/',
    before: 5,
    after: 0,
    threshold: 5,
    outcome: 'passes',
    reason: 'nothing else counts',
    touched: true,
    verdict: 'false-positive',
    incidentFrom: '2026-11-22T09:14:16+01:00',
    still: [],
    ...change,
  };
}

export const PREVIEW_ROWS: readonly PreviewRow[] = [
  previewRow(),
  previewRow({
    ip: '203.0.113.77',
    uri: '/search?q=\u2022\u2022\u2022\u2022',
    before: 20,
    after: 15,
    outcome: 'blocked',
    reason: 'other rules reach the limit',
    verdict: 'attack',
    still: [
      { ruleId: '942190', target: 'ARGS:q' },
      { ruleId: '942270', target: null },
    ],
  }),
  previewRow({
    ip: '198.51.100.31',
    method: null,
    uri: null,
    before: 10,
    after: null,
    outcome: 'bound',
    reason: 'the line of a rule is cut',
    verdict: null,
    incidentFrom: null,
  }),
];

const LINT: readonly LintItem[] = [
  { level: 'ok', code: 'phase', text: '942100 is a phase-2 rule: the exclusion reaches it.' },
  { level: 'warn', code: 'aliases', text: '3 aliases share this vhost.' },
];

export function rung(change: Partial<Rung> = {}): Rung {
  return {
    scope: scopeView(),
    lint: LINT,
    allowed: true,
    summary: summary(),
    suggested: true,
    note: 'The narrowest that frees all 10 visitors.',
    ...change,
  };
}

const LADDER: readonly Rung[] = [
  rung({
    scope: scopeView({
      kind: 'target-path',
      path: '/cart/',
      words: `Rule 942100 skips REQUEST_COOKIES:consent_prefs on ${SHOP}, only for /cart/`,
    }),
    suggested: false,
    summary: summary({ totals: { passes: 9, blocked: 91, bound: 2 } }),
    note: 'Too narrow: the cookie is sent with every page.',
  }),
  rung(),
  rung({
    scope: scopeView({
      kind: 'rule-path',
      target: null,
      path: '/cart/',
      words: `Rule 942100 is off on ${SHOP}, only for /cart/`,
    }),
    allowed: false,
    suggested: false,
    lint: [{ level: 'refuse', code: 'phase-1', text: 'A phase-1 rule cannot be switched off on a path.' }],
    note: '',
  }),
  rung({
    scope: scopeView({ kind: 'rule-vhost', target: null, words: `Rule 942100 is off on ${SHOP}` }),
    suggested: false,
    summary: summary({ totals: { passes: 79, blocked: 21, bound: 2 }, attacksPassing: 17 }),
    note: 'Would have let 17 attack requests through.',
  }),
];

const FILE_AFTER = `# Whyblocked exclusions for ${SHOP}\n<IfModule security2_module>\nSecAction "id:48700014,phase:1,pass,nolog,t:none,ctl:ruleRemoveTargetById=942100;REQUEST_COOKIES:consent_prefs"\n</IfModule>\n`;

/** The proposal of a scope: the rung of its kind is chosen, the second one otherwise. */
export function proposal(fields: ScopeFields = scopeView(), change: Partial<Proposal> = {}): Proposal {
  const found = LADDER.findIndex(({ scope }) => scope.kind === fields.kind);
  const chosen = found < 0 ? 1 : found;
  const ladder = LADDER.map((one) => ({
    ...one,
    scope: { ...one.scope, ruleId: fields.ruleId ?? '942100' },
  }));
  const { scope, summary: numbers } = ladder[chosen] ?? rung();
  const isWide = fields.kind.startsWith('rule') || fields.kind === 'engine-off';
  return {
    vhost: { vhost: SHOP, account: 'shopexam', aliases: [`www.${SHOP}`] },
    rule: ruleSummary(),
    ladder,
    chosen,
    instead: null,
    preview: {
      ...numbers,
      exclusion: { ...scope, kind: fields.kind },
      window: { from: '2026-11-08T18:02:00+01:00', to: '2026-11-22T18:02:00+01:00' },
      transactions: PREVIEW_ROWS,
      more: 99,
      blocks: [
        {
          address: '192.0.2.118',
          at: '2026-11-22T09:15:00+01:00',
          trigger: 'LF_MODSEC',
          count: 10,
          limit: 5,
          left: 0,
          happens: 'no',
        },
        {
          address: '198.51.100.203',
          at: '2026-11-20T14:02:00+01:00',
          trigger: 'LF_MODSEC',
          count: 10,
          limit: null,
          left: 4,
          happens: 'uncertain',
        },
      ],
      caveats: [
        { basis: 'known', sentence: '11 other rules still look at this cookie.', lines: [] },
        { basis: 'missing', sentence: 'Freed pages were never produced.', lines: [] },
      ],
    },
    file: { paths: [STD, SSL], before: null, after: FILE_AFTER },
    typedConfirm: isWide,
    defaultDays: isWide ? 30 : null,
    mostMinutes: fields.kind === 'engine-off' ? 60 : null,
    writable: { ok: true, why: null },
    lastTestMs: 900,
    lastReloadMs: null,
    server: SERVER,
    ...change,
  };
}

export const CHANGE: ChangeView = {
  id: 31,
  at: '2026-11-22T09:04:11+01:00',
  who: 'root',
  vhosts: [SHOP],
  act: 'apply',
  reason: 'consent cookie read as SQL, ticket 8841',
  state: 'done',
  steps: [
    { name: 'stage', ok: true, text: `${STD}: new bytes are on the disk beside it.`, ms: 4 },
    { name: 'test', ok: true, text: 'The configuration passes its test.', ms: 900 },
  ],
  files: [
    { path: STD, before: null, after: FILE_AFTER },
    { path: SSL, before: '# old\n<IfModule security2_module>\n</IfModule>\n', after: FILE_AFTER },
  ],
  exclusions: [12],
  undo: 'Take exclusion 12 back: on the page Exclusions, or with whyblocked revert 12.',
};

export const ROLLED_BACK: ChangeView = {
  ...CHANGE,
  id: 30,
  state: 'rolled-back',
  steps: [
    { name: 'test', ok: false, text: 'The configuration test failed: line 14: Invalid command.', ms: 812 },
  ],
  exclusions: [],
  undo: 'There is nothing to undo: the old files are in force.',
};

export function actView(change: Partial<ActView> = {}): ActView {
  return {
    id: 'act-1',
    state: 'done',
    now: '',
    change: CHANGE,
    sentence: `In force on ${SHOP}. No request has tried it yet.`,
    exclusionIds: [12],
    ...change,
  };
}

export function exclusionsView(change: Partial<ExclusionsView> = {}): ExclusionsView {
  return {
    active: [EXCLUSION, WIDE],
    ended: [ENDED],
    found: [FOUND, STAYS],
    drift: [DRIFT],
    writable: { ok: true, why: null },
    server: SERVER,
    ...change,
  };
}

export const RULE: RuleView = {
  ...ruleSummary(),
  words: 'It looks for text that a database would read as a command.',
  definitions: [
    {
      file: `${CRS}/REQUEST-942-APPLICATION-ATTACK-SQLI.conf`,
      line: 66,
      vendor: 'OWASP3',
      version: 'OWASP_CRS/3.3.4',
      phase: 2,
      targets: ['REQUEST_COOKIES', '!REQUEST_COOKIES:/__utm/', 'ARGS', 'XML:/*'],
      operator: '@detectSQLi',
      disruptive: 'block',
      tags: ['attack-sqli', 'OWASP_CRS'],
      ctl: [],
      setvars: ['tx.sql_injection_score=+%{tx.critical_anomaly_score}'],
      chained: [{ targets: ['ARGS'], operator: '@rx (?i)select' }],
      active: true,
      disabledBy: null,
    },
    {
      file: '/etc/apache2/conf.d/modsec/modsec2.user.conf',
      line: 9,
      vendor: null,
      version: null,
      phase: null,
      targets: [],
      operator: '',
      disruptive: null,
      tags: [],
      ctl: ['ruleEngine=Off'],
      setvars: [],
      chained: [],
      active: false,
      disabledBy: 'switched off in WHM',
    },
  ],
  fires: [{ vhost: SHOP, requests: 102, visitors: 12 }],
  excluded: [
    { vhost: SHOP, words: EXCLUSION.scope.words, id: 12 },
    { vhost: null, words: 'Off on the whole server.', id: null },
  ],
  covers: [{ target: 'ARGS', rules: [ruleSummary('942190')], more: 10 }],
  settings: ENGINE.settings,
  server: SERVER,
};

function ruleRow(index: number): RuleRow {
  return {
    ...ruleSummary(String(942_100 + index)),
    vendor: 'OWASP3',
    file: `${CRS}/REQUEST-942-APPLICATION-ATTACK-SQLI.conf`,
    line: 66 + index,
    disabled: index === 2,
    requests: 300 - index,
    visitors: 12,
    vhosts: 3,
  };
}

/** What was ordered of the fake, in order. */
export interface Order {
  readonly what: 'exclude' | 'revert' | 'edit' | 'adopt' | 'settle';
  readonly with: unknown;
}

/** What the fake gives, replaceable while it runs. */
export interface FakeExclusions extends ExclusionEngine {
  readonly causeDesk: FakeCauses;
  domainsView: DomainsView;
  domainOf: (vhost: string) => DomainView | null;
  ruleRows: readonly RuleRow[];
  ruleOf: (id: string) => RuleView | null;
  proposalOf: (fields: ScopeFields) => Proposal;
  all: ExclusionsView;
  ledger: readonly ChangeView[];
  /** The states of an act, one a look; the last one stays. */
  acts: ActView[];
  /** Throws where an act is refused. */
  check: (request: unknown) => void;
  readonly orders: Order[];
  readonly asked: ScopeFields[];
}

/** A fake engine of exclusions: shop.example.com is the one vhost, every act is done at once. */
export function fakeExclusions(): FakeExclusions {
  const order = (what: Order['what'], value: unknown): Promise<ActView> =>
    Promise.resolve().then(() => {
      fake.check(value);
      fake.orders.push({ what, with: value });
      return fake.acts[0] ?? actView();
    });
  const causeDesk = fakeCauses();
  const fake: FakeExclusions = {
    causeDesk,
    causes: (filter) => causeDesk.causes(filter),
    cause: (id) => causeDesk.cause(id),
    causeByKey: (names) => causeDesk.causeByKey(names),
    setCauseState: (id, change, by) => causeDesk.setCauseState(id, change, by),
    histogram: (vhost) => causeDesk.histogram(vhost),
    domainsView: DOMAINS,
    domainOf: (vhost) =>
      vhost === SHOP || vhost === `www.${SHOP}` || vhost.startsWith('site') ? domainView() : null,
    ruleRows: Array.from({ length: 250 }, (_, index) => ruleRow(index)),
    ruleOf: (id) => (id.startsWith('9') ? { ...RULE, id } : null),
    proposalOf: proposal,
    all: exclusionsView(),
    ledger: [CHANGE, ROLLED_BACK],
    acts: [actView()],
    check: () => undefined,
    orders: [],
    asked: [],
    domains: () => Promise.resolve(fake.domainsView),
    domain: (vhost) => Promise.resolve().then(() => fake.domainOf(vhost)),
    rules: () => Promise.resolve().then(() => fake.ruleRows),
    rule: (id) => Promise.resolve(fake.ruleOf(id)),
    propose: (fields) => {
      fake.asked.push(fields);
      return Promise.resolve().then(() => fake.proposalOf(fields));
    },
    exclude: (request: ExcludeRequest) => order('exclude', request),
    revert: (id, reason, author) => order('revert', { id, reason, author }),
    edit: (id, change, author) => order('edit', { id, ...change, author }),
    adopt: (key, reason, author) => order('adopt', { key, reason, author }),
    settle: (vhost, how, reason, author) => order('settle', { vhost, how, reason, author }),
    act: (id) => {
      const state = fake.acts.length > 1 ? fake.acts.shift() : fake.acts[0];
      return Promise.resolve(state?.id === id ? state : null);
    },
    exclusions: (filter) => {
      const { all, ledger } = fake;
      const activeVhosts = new Set(all.active.map(({ scope }) => scope.vhost)).size;
      return Promise.resolve({ ...all, ...sliceLists({ ...all, changes: ledger }, filter), activeVhosts });
    },
    exclusion: (id) => {
      const { active, ended, writable, server } = fake.all;
      const exclusion = [...active, ...ended].find((one) => one.id === id);
      const changes = fake.ledger.filter((change) => change.exclusions.includes(id));
      return Promise.resolve(exclusion === undefined ? null : { exclusion, changes, writable, server });
    },
    found: (key) => {
      const { writable, server } = fake.all;
      const found = fake.all.found.find((one) => one.key === key);
      return Promise.resolve(found === undefined ? null : { found, writable, server });
    },
    change: (id) => Promise.resolve(fake.ledger.find((one) => one.id === id) ?? null),
  };
  return fake;
}
