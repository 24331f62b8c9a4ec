// Explanations, inboxes and activity as the engine gives them: one for each kind of page, and one full of hostile text.
import type {
  ActivityRow,
  BlockView,
  Explanation,
  HitView,
  IncidentRow,
  IncidentView,
  Ledger,
  LedgerRow,
  RawLine,
  RequestView,
  ScoreView,
  ServerView,
} from '../../src/actions/explanation.ts';
import type { Inbox } from '../../src/actions/inbox-view.ts';
import type { Coverage, Evidence, LineRef, SourceKind, Verdict } from '../../src/model.ts';

export const SERVER: ServerView = {
  hostname: 'server.example.com',
  offset: '+01:00',
  offsetBasis: 'known',
  notice: null,
  now: '2026-11-22T18:02:11+01:00',
  version: '0.1.0',
};

const ERROR_LOG = '/var/log/apache2/error_log';
const AUDIT_LOG = '/var/log/apache2/modsec_audit.log';
const ref = (file: string, offset: number): LineRef => ({ file, offset });

export function score(change: Partial<ScoreView> = {}): ScoreView {
  return {
    total: 8,
    threshold: 5,
    computed: 8,
    reconciled: true,
    inferred: false,
    how: 'sum',
    blockedBy: '949110',
    sets: [],
    sentence: '5 + 3 = 8, as 949110 says.',
    ...change,
  };
}

function hit(ruleId: string, points: number, change: Partial<HitView> = {}): HitView {
  return {
    ruleId,
    severity: points === 5 ? 'CRITICAL' : points === 3 ? 'WARNING' : null,
    points,
    pointsInferred: false,
    target: 'REQUEST_HEADERS:User-Agent',
    data: 'masscan/1.3',
    message: 'Found User-Agent associated with security scanner',
    file: '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-913-SCANNER-DETECTION.conf',
    line: 56,
    phase: 2,
    paranoiaLevel: 1,
    action: 'warning',
    ambiguous: false,
    sources: ['error_log', 'audit_log'],
    refs: [],
    ...change,
  };
}

export function request(index: number, sinceStartMs: number, change: Partial<RequestView> = {}): RequestView {
  const ms = 37_106 + sinceStartMs;
  const seconds = String(Math.floor(ms / 1000)).padStart(2, '0');
  const fraction = String(ms % 1000).padStart(3, '0');
  return {
    uniqueId: `aSGk0kXnq5Qe4V2mXh3${String(index).padStart(4, '0')}AAAEs`,
    at: `2026-11-22T17:56:${seconds}.${fraction}402+01:00`,
    sinceStartMs,
    vhost: '192.0.2.10',
    account: null,
    method: 'GET',
    uri: '/',
    status: 403,
    denied: true,
    userAgent: 'masscan/1.3 (https://github.com/robertdavidgraham/masscan)',
    referer: null,
    contentType: null,
    score: score(),
    hits: [
      hit('913100', 5, { refs: [ref(ERROR_LOG, 18_402_113 + index * 2000)] }),
      hit('920350', 3, { target: 'REQUEST_HEADERS:Host', data: '192.0.2.10' }),
      hit('949110', 0, { action: 'denied' }),
    ],
    engineErrors: [],
    sources: ['error_log', 'audit_log', 'access_log'],
    auditRef: ref(AUDIT_LOG, 90_113_377 + index * 1500),
    accessRef: null,
    ambiguous: false,
    ...change,
  };
}

export function evidence(
  id: string,
  weight: number,
  sentence: string,
  change: Partial<Evidence> = {},
): Evidence {
  return {
    id,
    group: 'REACH',
    weight,
    direction: weight < 0 ? 'against' : 'for',
    status: 'present',
    basis: 'known',
    sentence,
    lines: [],
    ...change,
  };
}

export function verdict(change: Partial<Verdict> = {}): Verdict {
  return {
    label: 'attack',
    sub: 'named tool',
    logOdds: 10,
    words: 'Almost certainly a scanner.',
    groups: [
      { group: 'PACE', sum: 3 },
      { group: 'CLIENT', sum: 4 },
      { group: 'REACH', sum: 3 },
    ],
    wouldDecide: null,
    ...change,
  };
}

function coverage(source: string, kind: SourceKind, change: Partial<Coverage> = {}): Coverage {
  return {
    source,
    kind,
    state: 'ok',
    from: Date.UTC(2026, 9, 23, 2, 12),
    to: Date.UTC(2026, 10, 22, 17, 2),
    lines: 30,
    sentence: 'Covers the time.',
    ...change,
  };
}

const raw = (source: SourceKind, file: string, offset: number, text: string): RawLine => ({
  source,
  ref: ref(file, offset),
  text,
});

function ledgerRow(
  ruleId: string,
  points: number,
  before: number,
  change: Partial<LedgerRow> = {},
): LedgerRow {
  return {
    ruleId,
    message: 'Found User-Agent associated with security scanner',
    target: 'REQUEST_HEADERS:User-Agent',
    data: 'masscan/1.3',
    severity: points === 5 ? 'CRITICAL' : 'WARNING',
    points,
    inferred: false,
    file: '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-913-SCANNER-DETECTION.conf',
    line: 56,
    phase: 2,
    paranoiaLevel: 1,
    requests: 10,
    before,
    after: before + points,
    ...change,
  };
}

const MEANING =
  'It adds the points of the rules that matched before it and refuses the request at the limit. Switching it off would switch off blocking for the whole vhost.';

export function ledger(change: Partial<Ledger> = {}): Ledger {
  return {
    uniqueId: 'aSGk0kXnq5Qe4V2mXh30000AAAEs',
    rows: [
      ledgerRow('913100', 5, 0),
      ledgerRow('920350', 3, 5, {
        message: 'Host header is a numeric IP address',
        target: 'REQUEST_HEADERS:Host',
        data: '192.0.2.10',
        file: '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-920-PROTOCOL-ENFORCEMENT.conf',
        line: 735,
      }),
    ],
    total: 8,
    threshold: 5,
    blockedBy: '949110',
    score: score(),
    same: 10,
    of: 10,
    meaning: MEANING,
    ...change,
  };
}

export function block(change: Partial<BlockView> = {}): BlockView {
  return {
    state: 'permanent',
    source: 'csf.deny',
    address: '203.0.113.45',
    since: '2026-11-22T17:56:41+01:00',
    until: null,
    trigger: 'LF_MODSEC',
    triggerWords: '10 refusals by ModSecurity within an hour',
    count: 10,
    intervalSeconds: 3600,
    line: '203.0.113.45 # lfd: (mod_security) mod_security (id:949110) triggered by 203.0.113.45 (-): 10 in the last 3600 secs - Sun Nov 22 17:56:41 2026',
    ref: ref('/etc/csf/csf.deny', 15_220),
    covers: 'all ports, both ways',
    settings: [
      { name: 'LF_MODSEC', value: '10', meaning: 'lfd blocks at the 10th refusal' },
      { name: 'LF_MODSEC_PERM', value: '1', meaning: 'the block is permanent' },
    ],
    notWaf: false,
    advice: [],
    contradictions: [],
    ...change,
  };
}

const OFFSETS = [0, 134, 289, 402, 561, 689, 844, 981, 1127, 1302];

export function incident(change: Partial<IncidentView> = {}): IncidentView {
  return {
    client: '203.0.113.45',
    from: '2026-11-22T17:56:37.106402+01:00',
    to: '2026-11-22T17:56:38.408402+01:00',
    spanSeconds: 1.302,
    requests: 10,
    denied: 10,
    lfdCount: 10,
    rate: 7.68,
    vhosts: [{ name: '192.0.2.10', account: null, requests: 10 }],
    transactions: OFFSETS.map((at, index) => request(index, at)),
    more: 0,
    context: [],
    contextTotal: 0,
    blockAfterMs: 4098,
    ...change,
  };
}

const ALL_COVERED = [
  coverage('error_log', 'error_log'),
  coverage('modsec_audit.log', 'audit_log', { lines: 10 }),
  coverage('access_log', 'access_log', { lines: 10 }),
  coverage('lfd.log', 'lfd_log', { lines: 1 }),
  coverage('csf.deny', 'csf', { lines: 1, from: null, to: null }),
];

/** The story: ten hits on `/` by server number within 1.3 seconds. */
export const ATTACK: Explanation = {
  asked: { kind: 'ip', value: '203.0.113.45' },
  outcome: 'answered',
  headline: 'Almost certainly a scanner, not a customer. Leave the block in place.',
  lead: '203.0.113.45 sent 10 separate requests for / within 1.3 seconds, called the server by its number instead of a name, and introduced itself as masscan.',
  answers: {
    who: { short: 'A scanner', long: 'It named its tool; machine speed; no vhost of yours was asked for.' },
    unblock: { short: 'No', long: 'Nothing in the kept logs shows a person at this address.' },
    rule: { short: 'No', long: '913100 and 920350 did their work. 949110 only adds up their points.' },
  },
  block: block(),
  mail: null,
  word: { marks: [], sentences: [], markable: '203.0.113.45' },
  incident: incident(),
  incidents: [],
  ledger: ledger(),
  evidence: [
    evidence('P1b', 3, '10 separate requests within 1.3 s; nobody clicks that fast.', {
      group: 'PACE',
      lines: OFFSETS.map((_, index) => ref(ERROR_LOG, 18_402_113 + index * 2000)),
    }),
    evidence('C1', 4, 'It introduced itself as masscan, a tool that searches the internet for servers.', {
      group: 'CLIENT',
      lines: [ref(AUDIT_LOG, 90_113_377)],
    }),
    evidence('R4', 1.5, 'It addressed the server by IP number, not by a name, in 10 of 10 requests.'),
    evidence('R5', 1.5, 'It was talking to the bare server, where no customer has a site.'),
    evidence('H1', 0, 'No page, picture or style sheet was fetched before or after.', {
      group: 'HUMAN',
      direction: 'against',
      status: 'absent',
      basis: 'inferred',
    }),
    evidence('C8', 0, 'Whether an uptime monitor of yours works like this.', {
      group: 'CLIENT',
      direction: 'against',
      status: 'unknown',
      basis: 'missing',
    }),
    evidence('O1', 0, 'The address name says nothing: no reverse name is set.', { direction: 'neutral' }),
  ],
  verdict: verdict(),
  actors: [],
  statements: [
    {
      basis: 'known',
      sentence: 'lfd wrote the block 3 seconds after the last request.',
      lines: [ref('/var/log/lfd.log', 220_914)],
    },
  ],
  coverage: ALL_COVERED,
  missing: [],
  raw: [
    raw(
      'lfd_log',
      '/var/log/lfd.log',
      220_914,
      'Nov 22 17:56:41 server lfd[4978]: (mod_security) mod_security (id:949110) triggered by 203.0.113.45 (-): 10 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]',
    ),
    ...OFFSETS.slice(0, 3).map((_, index) =>
      raw(
        'error_log',
        ERROR_LOG,
        18_402_113 + index * 2000,
        `[Sun Nov 22 17:56:37.10${index}881 2026] [security2:error] [pid 29145:tid 29171] [client 203.0.113.45:0] [client 203.0.113.45] ModSecurity: Warning. Matched phrase "masscan" at REQUEST_HEADERS:User-Agent. [file "/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-913-SCANNER-DETECTION.conf"] [line "56"] [id "913100"] [severity "CRITICAL"] [hostname "192.0.2.10"] [uri "/"] [unique_id "aSGk0kXnq5Qe4V2mXh3000${index}AAAEs"]`,
      ),
    ),
    raw(
      'audit_log',
      AUDIT_LOG,
      90_113_377,
      '--5f1b2c3d-A--\n[22/Nov/2026:17:56:37.106402 +0100] aSGk0kXnq5Qe4V2mXh30000AAAEs 203.0.113.45 41922 192.0.2.10 80\n--5f1b2c3d-B--\nGET / HTTP/1.1\nHost: 192.0.2.10\nUser-Agent: masscan/1.3',
    ),
  ],
  ticket:
    '203.0.113.45 was blocked on 22 Nov 2026 at 17:56:41 +01:00. It sent 10 requests to the bare server in 1.3 seconds and named itself masscan, a scanner. No change was made.',
  server: SERVER,
};

const DOMLOG = '/var/log/apache2/domlogs/shop.example.com-ssl_log';
const contextAt = (ms: number, uri: string, status = 200): IncidentView['context'][number] => ({
  at: `${new Date(Date.UTC(2026, 10, 22, 9, 14, 16) + ms).toISOString().slice(0, 19)}+01:00`,
  sinceStartMs: ms,
  vhost: 'shop.example.com',
  method: 'GET',
  uri,
  status,
  ref: ref(DOMLOG, 4_011_920 - ms),
});

const FP_HIT = hit('942100', 5, {
  target: 'REQUEST_COOKIES:consent_prefs',
  data: 'Matched Data: s&1c found within REQUEST_COOKIES:consent_prefs: ••••',
});
const FP_REQUESTS: readonly (readonly [number, string])[] = [
  [0, '/cart/'],
  [100, '/media/logo.svg'],
  [300, '/media/p-1.webp'],
  [900, '/media/p-2.webp'],
  [1300, '/media/p-3.webp'],
  [13_000, '/cart/'],
  [22_000, '/'],
  [30_000, '/cart/?add=17'],
  [38_000, '/contact/'],
];

/** An ordinary visitor stopped by a consent cookie. */
export const FALSE_POSITIVE: Explanation = {
  ...ATTACK,
  asked: { kind: 'ip', value: '192.0.2.118' },
  headline: 'Very probably a false alarm: a shop visitor is locked out.',
  lead: '192.0.2.118 read 6 pages of shop.example.com normally, accepted cookies, and from then on every request was refused. Rule 942100 takes the content of the cookie consent_prefs for SQL.',
  answers: {
    who: {
      short: 'An ordinary visitor',
      long: 'Read pages and pictures at human pace; the rule reacted to a consent cookie.',
    },
    unblock: {
      short: 'Yes',
      long: 'But the next page view will be refused again while the rule stays as it is.',
    },
    rule: { short: 'Yes, narrowly', long: 'Rule 942100 should stop looking at one cookie of one vhost.' },
  },
  block: block({
    address: '192.0.2.118',
    since: '2026-11-22T09:15:03+01:00',
    state: 'temporary',
    source: 'tempban',
    until: '2026-11-22T18:41:03+01:00',
    line: '1795335303|192.0.2.118||inout|34000|lfd - (mod_security) mod_security (id:949110) triggered by 192.0.2.118 (cable-118.pool.example.net): 9 in the last 3600 secs',
    contradictions: [
      { basis: 'known', sentence: 'The mail says permanent, but the entry is a temporary one.', lines: [] },
    ],
  }),
  incident: incident({
    client: '192.0.2.118',
    from: '2026-11-22T09:14:16.110242+01:00',
    to: '2026-11-22T09:14:54+01:00',
    spanSeconds: 38,
    requests: 9,
    denied: 9,
    lfdCount: 18,
    rate: 0.24,
    vhosts: [{ name: 'shop.example.com', account: 'shopacct', requests: 9 }],
    transactions: FP_REQUESTS.map(([at, uri], index) =>
      request(index, at, {
        uri,
        at: `2026-11-22T09:14:${String(16 + Math.floor(at / 1000)).padStart(2, '0')}.110+01:00`,
        vhost: 'shop.example.com',
        account: 'shopacct',
        userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15',
        referer: index === 0 ? 'https://shop.example.com/' : 'https://shop.example.com/cart/',
        status: index === 4 ? 404 : 403,
        score: score({ total: 5, computed: 5, sentence: '5, as 949110 says.' }),
        hits: [FP_HIT],
      }),
    ),
    context: [
      -134_000, -133_000, -131_500, -120_000, -118_000, -95_000, -70_000, -40_000, -21_000, -16_000,
    ].map((ms, index) => contextAt(ms, index % 3 === 0 ? `/page-${index}/` : `/media/file-${index}.css`)),
    contextTotal: 47,
    blockAfterMs: 47_000,
  }),
  ledger: ledger({
    rows: [
      ledgerRow('942100', 5, 0, {
        message: 'SQL Injection Attack Detected via libinjection',
        target: 'REQUEST_COOKIES:consent_prefs',
        data: 'Matched Data: s&1c found within REQUEST_COOKIES:consent_prefs: ••••',
        requests: 9,
      }),
    ],
    total: 5,
    same: 9,
    of: 9,
    score: score({ total: 5, computed: 5, sentence: '5, as 949110 says.' }),
  }),
  evidence: [
    evidence('P1', 2, '6 separate requests within 1.8 s, pictures of one page.', { group: 'PACE' }),
    evidence('X1b', -3.5, '9 unrelated ordinary visitors were stopped by the same rule in the same field.', {
      group: 'CROSS',
    }),
    evidence('H1', -3.5, '6 pages read normally before.', { group: 'HUMAN' }),
    evidence('Y5', -2, 'The rule reacted to a consent cookie.', { group: 'PAYLOAD' }),
  ],
  verdict: verdict({
    label: 'false-positive',
    sub: null,
    logOdds: -7,
    groups: [
      { group: 'PACE', sum: 2 },
      { group: 'CROSS', sum: -3.5 },
      { group: 'HUMAN', sum: -3.5 },
      { group: 'PAYLOAD', sum: -2 },
    ],
  }),
  actors: [],
  statements: [],
  raw: [
    raw(
      'access_log',
      DOMLOG,
      4_011_920,
      '192.0.2.118 - - [22/Nov/2026:09:12:02 +0100] "GET / HTTP/2.0" 200 18211 "https://search.example.net/" "Mozilla/5.0 (iPhone; …)"',
    ),
  ],
  ticket: '192.0.2.118 was blocked on 22 Nov 2026 at 09:15:03 +01:00 by mistake.',
};

const SATURDAY = '2026-11-21T17:56:39+01:00';
const LOST = {
  from: Date.UTC(2026, 10, 22, 2, 12),
  to: Date.UTC(2026, 10, 22, 17, 2),
  lines: 0,
  state: 'gap' as const,
};

/** Only the mail is left: the sets that fit the score, what is missing, and nothing decided. */
export const MAIL_ONLY: Explanation = {
  ...ATTACK,
  asked: { kind: 'mail', value: '198.51.100.77' },
  outcome: 'gap',
  headline: 'Cannot be decided: the mail proves a script, but the logs that say what it wanted are gone.',
  lead: '198.51.100.77 was refused 10 times in 1.3 seconds on Saturday, 21 Nov at 17:56, with a score of 8 each time.',
  answers: {
    who: {
      short: 'Cannot be decided',
      long: 'For: machine speed. Against: nothing. What it asked for is not known.',
    },
    unblock: {
      short: 'If someone asks',
      long: 'Then for 24 hours, and watch: the same requests would be logged in full this time.',
    },
    rule: { short: 'No', long: 'Which rules scored is not known, and 949110 is not one to switch off.' },
  },
  block: block({
    address: '198.51.100.77',
    since: SATURDAY,
    source: 'mail',
    line: null,
    ref: null,
    settings: [],
  }),
  mail: {
    host: 'server.example.com',
    foreign: false,
    at: SATURDAY,
    addresses: ['198.51.100.77'],
    trigger: 'LF_MODSEC',
    count: 10,
    intervalSeconds: 3600,
    permanent: true,
    temporarySeconds: null,
    lines: [
      '[Sat Nov 21 17:56:37.972399 2026] [:error] [client 198.51.100.77] ModSecurity: Access denied with code 403 (phase 2). [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 8)"]',
    ],
  },
  incident: null,
  ledger: ledger({
    rows: [],
    score: score({
      computed: 0,
      reconciled: false,
      inferred: true,
      how: 'short',
      sets: [
        [5, 3],
        [3, 3, 2],
        [2, 2, 2, 2],
      ],
      sentence:
        'The rules are not in the mail: lfd quotes only the final refusal. From the sum alone, 3 sets of points fit.',
    }),
  }),
  evidence: [
    evidence('P1b', 2.5, '10 separate requests within 1.3 s: ten different unique_ids.', {
      group: 'PACE',
      lines: [ref('mail', 0)],
    }),
    evidence('H1', 0, 'Whether it read pages normally before.', {
      direction: 'against',
      status: 'unknown',
      basis: 'missing',
    }),
    evidence('O4', 0, 'Whether someone logged in from this address.', {
      direction: 'against',
      status: 'unknown',
      basis: 'missing',
    }),
  ],
  verdict: verdict({
    label: 'unclear',
    sub: 'only the mail is left',
    logOdds: 2.5,
    groups: [{ group: 'PACE', sum: 2.5 }],
    wouldDecide: 'error_log or modsec_audit.log of 21 Nov 17:56, for example from a backup.',
  }),
  actors: [],
  statements: [],
  coverage: [
    coverage('error_log', 'error_log', { ...LOST, sentence: 'Starts Sun 03:12. It would name the rules.' }),
    coverage('modsec_audit.log', 'audit_log', {
      ...LOST,
      state: 'unreadable',
      from: null,
      to: null,
      sentence: 'Permission denied. It would show the requests with headers.',
    }),
    coverage('lfd.log', 'lfd_log', { lines: 1, sentence: 'Has the block at 17:56:39.' }),
  ],
  missing: [
    { source: 'maillog', why: 'it is not read by this version' },
    { source: 'error_log', why: 'starts Sun 03:12' },
  ],
  raw: [],
  ticket: '198.51.100.77 was blocked on 21 Nov 2026 at 17:56:39 +01:00. The logs of that minute are gone.',
};

/** A block that is no matter of the WAF: ssh logins. */
export const SSHD: Explanation = {
  ...ATTACK,
  asked: { kind: 'ip', value: '198.51.100.14' },
  headline: 'Blocked for 5 failed ssh logins, not for anything on a website.',
  lead: '198.51.100.14 failed to log in as root 5 times within 5 minutes.',
  answers: {
    who: { short: 'Somebody with a wrong password', long: '5 tries for the user root.' },
    unblock: {
      short: 'If it is yours',
      long: 'Correct the password or key first, else it is blocked again.',
    },
    rule: { short: 'No', long: 'No rule of the web firewall is involved.' },
  },
  block: block({
    address: '198.51.100.14',
    trigger: 'LF_SSHD',
    triggerWords: '5 failed ssh logins within 5 minutes',
    count: 5,
    intervalSeconds: 300,
    notWaf: true,
    advice: [
      { basis: 'known', sentence: 'lfd read /var/log/secure.', lines: [] },
      {
        basis: 'inferred',
        sentence: 'The visitor should check the password saved in the ssh or sftp program.',
        lines: [],
      },
    ],
    settings: [{ name: 'LF_SSHD', value: '5', meaning: 'lfd blocks at the 5th failure' }],
  }),
  incident: null,
  ledger: null,
  evidence: [],
  verdict: null,
  actors: [],
  statements: [
    {
      basis: 'known',
      sentence: 'lfd.log names the block at 17:56:41.',
      lines: [ref('/var/log/lfd.log', 220_914)],
    },
  ],
  ticket: '198.51.100.14 was blocked for 5 failed ssh logins.',
};

/** Seen nowhere, in logs that cover the time. */
export const NO_TRACE: Explanation = {
  ...SSHD,
  asked: { kind: 'ip', value: '203.0.113.8' },
  outcome: 'no-trace',
  headline: '203.0.113.8 is not blocked here.',
  lead: 'No log line names it in 30 days, and all logs cover that time.',
  answers: null,
  block: block({
    state: 'none',
    source: null,
    address: null,
    since: null,
    trigger: null,
    triggerWords: null,
    count: null,
    intervalSeconds: null,
    line: null,
    ref: null,
    covers: null,
    settings: [],
  }),
  actors: [],
  statements: [
    {
      basis: 'inferred',
      sentence: 'If it is blocked, then elsewhere: the hosting provider’s firewall, or a plugin.',
      lines: [],
    },
  ],
  raw: [],
  ticket: '',
};

/** Nothing found, and the logs have a gap; the mail comes from another server. */
export const GAP: Explanation = {
  ...NO_TRACE,
  asked: { kind: 'mail', value: null },
  outcome: 'gap',
  headline: 'Nothing can be said: the logs of that time are gone.',
  lead: 'The block was on 2 Oct; the first log line here is of 23 Oct.',
  block: null,
  mail: {
    host: 'web7.example.net',
    foreign: true,
    at: '2026-10-02T11:00:00+01:00',
    addresses: [],
    trigger: 'LF_MODSEC',
    count: 5,
    intervalSeconds: 3600,
    permanent: false,
    temporarySeconds: 3600,
    lines: [],
  },
  coverage: [coverage('error_log', 'error_log', { ...LOST, sentence: 'Starts 23 Oct.' })],
  missing: [{ source: 'access logs', why: 'cPanel emptied them' }],
};

const ROW: IncidentRow = {
  client: '203.0.113.45',
  from: '2026-11-22T17:56:37.106402+01:00',
  to: '2026-11-22T17:56:38.408402+01:00',
  spanSeconds: 1.302,
  requests: 10,
  denied: 10,
  vhosts: [],
  ruleIds: ['913100', '920350'],
  blocked: true,
  firewall: 'permanent',
  verdict: verdict(),
  what: 'Asked for / ten times in 1.3 s by server number, calls itself masscan',
  mark: null,
};

const ROWS: readonly IncidentRow[] = [
  ROW,
  {
    ...ROW,
    client: '198.51.100.77',
    to: SATURDAY,
    from: SATURDAY,
    verdict: MAIL_ONLY.verdict ?? verdict(),
    what: 'Ten refusals in 1.3 s, score 8. The logs of that minute are gone',
    vhosts: ['blog.example.net'],
  },
  {
    ...ROW,
    client: '2001:db8:42:7::19',
    verdict: verdict({ label: 'false-positive', sub: null, logOdds: -3 }),
    what: 'Editor saving a post: rule 941160 on ARGS:content, logged in at 10:02',
    vhosts: ['blog.example.net'],
    blocked: false,
    firewall: 'not blocked',
    denied: 4,
  },
  {
    ...ROW,
    client: '203.0.113.201',
    verdict: verdict({ sub: 'login attack', logOdds: 4 }),
    what: '64 password attempts on /wp-login.php, none successful',
    vhosts: ['a.example.com', 'b.example.com', 'c.example.com'],
    firewall: 'until 18:41',
    denied: 64,
  },
  {
    ...ROW,
    client: '192.0.2.10',
    verdict: verdict({ label: 'local', sub: 'this server', logOdds: 0 }),
    what: 'The server’s own cron calls',
    blocked: false,
    firewall: 'never blocked',
  },
  {
    ...ROW,
    client: '198.51.100.130',
    verdict: verdict({ label: 'not-attributable', sub: 'proxy', logOdds: 0 }),
    what: 'A content-delivery edge: its visitors share this address',
    blocked: false,
    firewall: 'not blocked',
  },
];

/** A domain: many incidents, no single block. */
export const DOMAIN: Explanation = {
  ...NO_TRACE,
  asked: { kind: 'domain', value: 'shop.example.com' },
  outcome: 'answered',
  headline: '6 addresses were refused on shop.example.com in 30 days.',
  lead: 'One of them was very probably an ordinary visitor.',
  block: null,
  actors: [],
  statements: [],
  incidents: ROWS,
};

export function inbox(change: Partial<Inbox> = {}): Inbox {
  return {
    rows: ROWS,
    counts: { all: 41, falsePositive: 2, unclear: 1, attack: 35, other: 3 },
    page: 1,
    pages: 7,
    shown: ROWS.length,
    matching: 41,
    health: [
      { name: 'error_log', state: 'ok', text: '2 s behind', check: 'error_log' },
      { name: 'modsec_audit.log', state: 'ok', text: '2 s behind, serial', check: 'audit_log' },
      {
        name: 'csf.deny',
        state: 'warn',
        text: '187 of 200 lines: the oldest block drops out in about 4 days',
        check: 'csf-files',
      },
      { name: 'history', state: 'off', text: 'since 23 Oct', check: null },
    ],
    unreadable: null,
    marked: { addresses: 0, causes: 0 },
    lastLine: '2026-11-22T18:01:59+01:00',
    server: SERVER,
    ...change,
  };
}

export const NO_COUNTS = { all: 0, falsePositive: 0, unclear: 0, attack: 0, other: 0 };

export const ACTIVITY: readonly ActivityRow[] = [
  {
    at: '2026-11-22T18:00:01+01:00',
    who: 'root',
    address: '127.0.0.1',
    act: 'Signed in',
    detail: 'one-time link',
    result: 'done',
  },
  {
    at: '2026-11-22T17:59:01+01:00',
    who: 'unknown',
    address: '127.0.0.1',
    act: 'Sign-in',
    detail: 'the link was wrong or used already',
    result: 'refused',
  },
  {
    at: '2026-11-21T09:41:18+01:00',
    who: 'root',
    address: null,
    act: 'Database rebuilt',
    detail: 'the old one is set aside',
    result: 'done',
  },
];
