// Letters for the tests: an incident with one of everything that a mail shows.
import type { BlockLetter, LetterHead, SummaryLetter } from '../../src/actions/mail-letter.ts';
import type { Explanation, RequestView, ServerView } from '../../src/actions/explanation.ts';
import type { Evidence } from '../../src/model.ts';

export const SERVER: ServerView = {
  hostname: 'server.example.com',
  offset: '+01:00',
  offsetBasis: 'known',
  now: '2026-11-22T13:01:41+01:00',
  version: '0.2.0',
  notice: null,
};

export const HEAD: LetterHead = {
  key: 'notice-12',
  tag: 'a1b2c3d4e5f6',
  from: 'whyblocked@server.example.com',
  to: ['admin@example.com', 'night@example.org'],
  host: 'server.example.com',
  at: Date.parse('2026-11-22T12:01:41Z'),
  offsetMinutes: 60,
  whm: 'https://server.example.com:2087',
  policy: 'Every block is mailed, at most 20 an hour.',
};

function request(index: number): RequestView {
  return {
    uniqueId: `aSG0${index}`,
    at: '2026-11-22T13:01:33.972399+01:00',
    sinceStartMs: index * 412,
    vhost: 'shop.example.com',
    account: 'shopuser',
    method: 'POST',
    uri: '/wp-json/wp/v2/posts/2176?_locale=user',
    status: 403,
    denied: true,
    userAgent: 'Mozilla/5.0',
    referer: 'https://shop.example.com/wp-admin/',
    contentType: 'application/json',
    score: {
      total: 8,
      threshold: 5,
      computed: 8,
      reconciled: true,
      inferred: false,
      how: 'sum',
      blockedBy: '949110',
      sets: [],
      sentence: 'Two rules scored 5 + 3 = 8; the limit is 5.',
    },
    hits: [
      {
        ruleId: '942100',
        severity: 'CRITICAL',
        points: 5,
        pointsInferred: false,
        target: 'ARGS:content',
        data: 'Matched Data: ••••',
        message: 'SQL Injection Attack Detected via libinjection',
        file: '/etc/x.conf',
        line: 1,
        phase: 2,
        paranoiaLevel: 1,
        action: 'warning',
        ambiguous: false,
        sources: ['error_log'],
        refs: [],
      },
    ],
    engineErrors: [],
    sources: ['error_log'],
    auditRef: null,
    accessRef: null,
    ambiguous: false,
  };
}

function evidence(weight: number, sentence: string, more: Partial<Evidence> = {}): Evidence {
  return {
    id: 'x',
    group: 'g',
    weight,
    direction: weight > 0 ? 'for' : 'against',
    status: 'present',
    basis: 'known',
    sentence,
    lines: [],
    ...more,
  };
}

const first = request(0);

export const EXPLANATION: Explanation = {
  asked: { kind: 'ip', value: '203.0.113.9' },
  outcome: 'answered',
  headline: 'Very probably a false alarm: an editor was stopped while saving.',
  lead: '203.0.113.9 sent 14 separate requests on shop.example.com within 40 seconds that ModSecurity’s rules matched; 10 were refused. It is blocked since 22 Nov 2026, 13:01:38 (LF_MODSEC: 10 refusals by ModSecurity within an hour), with no end set.',
  answers: {
    who: { short: 'Probably an ordinary visitor', long: 'It was logged in.' },
    unblock: {
      short: 'Yes, after the rule is mended',
      long: 'The same requests would block it again until the rule is changed.',
    },
    rule: {
      short: 'Narrowly, for one target',
      long: '942100 reacted to ARGS:content. An exclusion for that target alone, on that vhost, would free it.',
    },
  },
  block: {
    state: 'permanent',
    source: 'csf.deny',
    address: '203.0.113.9',
    since: '2026-11-22T13:01:38+01:00',
    until: null,
    trigger: 'LF_MODSEC',
    triggerWords: '10 refusals by ModSecurity within an hour',
    count: 10,
    intervalSeconds: 3600,
    line: '203.0.113.9 # lfd: (mod_security) …',
    ref: null,
    covers: 'all ports, both ways',
    settings: [{ name: 'LF_MODSEC', value: '10', meaning: 'So many refusals lead to a block.' }],
    notWaf: false,
    advice: [],
    contradictions: [{ basis: 'known', sentence: 'The address is in csf.ignore too.', lines: [] }],
  },
  mail: null,
  incident: {
    client: '203.0.113.9',
    from: '2026-11-22T13:00:58.101000+01:00',
    to: '2026-11-22T13:01:38+01:00',
    spanSeconds: 40,
    requests: 14,
    denied: 10,
    lfdCount: 10,
    rate: 0.35,
    vhosts: [{ name: 'shop.example.com', account: 'shopuser', requests: 14 }],
    transactions: Array.from({ length: 12 }, (_, index) => request(index)),
    more: 2,
    context: [],
    contextTotal: 0,
    blockAfterMs: 40_000,
  },
  incidents: [],
  ledger: {
    uniqueId: 'aSG00',
    rows: [
      {
        ruleId: '942100',
        message: 'SQL Injection Attack Detected via libinjection',
        target: 'ARGS:content',
        data: 'Matched Data: ••••',
        severity: 'CRITICAL',
        points: 5,
        inferred: false,
        file: '/etc/x.conf',
        line: 1,
        phase: 2,
        paranoiaLevel: 1,
        requests: 10,
        before: 0,
        after: 5,
      },
      {
        ruleId: '920350',
        message: 'Host header is a numeric IP address',
        target: 'REQUEST_HEADERS:Host',
        data: null,
        severity: 'WARNING',
        points: 3,
        inferred: true,
        file: null,
        line: null,
        phase: 2,
        paranoiaLevel: 1,
        requests: 10,
        before: 5,
        after: 8,
      },
    ],
    total: 8,
    threshold: 5,
    blockedBy: '949110',
    score: first.score,
    same: 10,
    of: 14,
    meaning: '949110 is the referee, not the player: it adds up the points and refuses at 5.',
  },
  evidence: [
    evidence(-4, 'It was logged in to this WordPress before and after.'),
    evidence(-1.5, 'It loaded the pages’ pictures and scripts, as browsers do.', { basis: 'inferred' }),
    evidence(2, 'The text holds words of SQL.'),
    evidence(0, 'Whether the address has a name: DNS was not asked.', {
      status: 'unknown',
      direction: 'neutral',
    }),
  ],
  verdict: {
    label: 'false-positive',
    sub: null,
    logOdds: -5.5,
    words: 'Very probably a false alarm: an editor was stopped while saving.',
    groups: [],
    wouldDecide: 'the body of one request',
  },
  actors: [],
  statements: [{ basis: 'inferred', sentence: 'lfd counted lines, not requests.', lines: [] }],
  coverage: [
    {
      source: 'audit log',
      kind: 'audit_log',
      state: 'gap',
      from: null,
      to: null,
      lines: 0,
      sentence: 'It starts Sun 03:12; the block was before.',
    },
  ],
  missing: [
    { source: 'audit log', why: 'rotated' },
    { source: 'cPHulk', why: 'not read' },
  ],
  raw: [],
  ticket: '',
  server: SERVER,
};

export const BLOCK: BlockLetter = {
  head: HEAD,
  thread: 'address-0badc0de',
  notice: {
    id: 12,
    address: '203.0.113.9',
    at: Date.parse('2026-11-22T12:01:38Z'),
    trigger: 'LF_MODSEC',
    permanent: true,
    seconds: null,
    ports: null,
    message: '(mod_security) mod_security (id:949110) triggered by 203.0.113.9: 10 in the last 3600 secs',
    sources: ['lfd.log', 'hook'],
    lines: null,
    state: 'waiting',
    why: null,
  },
  explanation: EXPLANATION,
  problem: null,
  fix: {
    sentence:
      'Rule 942100 stopped it at ARGS:content on shop.example.com. Switch it off there first, then unblock.',
    isDone: false,
    frees: true,
    ruleId: '942100',
    vhost: 'shop.example.com',
    target: 'ARGS:content',
    path: '/wp-json/wp/v2/posts/{n}',
  },
  again: [{ basis: 'known', sentence: 'It is blocked again at the 10th refusal within an hour.', lines: [] }],
  why: 'It may have been no attack.',
  server: SERVER,
};

export const SUMMARY: SummaryLetter = {
  head: { ...HEAD, key: 'digest-2026-11-23' },
  kind: 'daily',
  from: '2026-11-22T07:00:00+01:00',
  to: '2026-11-23T07:00:00+01:00',
  rows: [
    {
      address: '203.0.113.9',
      at: '2026-11-22T13:01:38+01:00',
      label: 'false-positive',
      isUnjudged: false,
      words: 'Very probably a false alarm: an editor was stopped while saving.',
      what: '14 requests for /wp-json/wp/v2/posts/2176, 10 refused; rule 942100',
      vhosts: ['shop.example.com'],
      firewall: 'permanent',
      from: '2026-11-22T13:00:58.101000+01:00',
    },
    {
      address: '198.51.100.77',
      at: '2026-11-22T20:11:00+01:00',
      label: null,
      isUnjudged: false,
      words: 'For 5 failed mailbox logins (IMAP), not by ModSecurity.',
      what: '',
      vhosts: [],
      firewall: 'until 21:11',
      from: null,
    },
    {
      address: '2001:db8::7',
      at: '2026-11-22T15:30:00+01:00',
      label: 'attack',
      isUnjudged: false,
      words: 'Almost certainly a scanner, not a customer. Leave the block in place.',
      what: '240 requests for /.env and 90 more, 240 refused; rule 930130',
      vhosts: ['www.example.org', 'shop.example.com'],
      firewall: 'permanent',
      from: '2026-11-22T15:29:40+01:00',
    },
  ],
  counts: { all: 39, falsePositive: 1, unclear: 0, attack: 37, unjudged: 0, other: 1 },
  mailed: 3,
  skipped: 1,
  lost: [
    {
      at: '2026-11-22T18:00:00+01:00',
      subject: 'Attack: 192.0.2.1 blocked',
      why: 'may or may not have arrived',
    },
  ],
  problems: ['audit log: permission denied'],
  server: SERVER,
};

/** Fields whose texts are ours or come from a strict reader: addresses, times, words of a list. */
const OURS = new Set([
  'address',
  'at',
  'from',
  'to',
  'now',
  'since',
  'until',
  'label',
  'basis',
  'direction',
  'status',
  'state',
  'kind',
  'client',
  'head',
  'sources',
]);

/** The same with `text` in place of every text that a stranger may have written. */
export function withTexts<Value>(value: Value, text: (old: string) => string, key = ''): Value {
  if (OURS.has(key) && key !== 'head') return value;
  if (key === 'head') return value;
  if (typeof value === 'string') return text(value) as Value;
  if (Array.isArray(value)) return value.map((one: unknown) => withTexts(one, text, key)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, withTexts(one as unknown, text, name)]),
  ) as Value;
}
