// Makes hits, transactions and access lines for the tests of the judgement.
import { NO_FACTS, type EvidenceInput } from '../../src/analyse/evidence/evidence-input.ts';
import type { AccessContext } from '../../src/analyse/access-context.ts';
import type {
  AccessHit,
  RequestFacts,
  RuleHit,
  StoredHit,
  Transaction,
  ValueFinding,
} from '../../src/model.ts';
import type { RuleInfo } from '../../src/model-rules.ts';

export const START = Date.UTC(2026, 10, 22, 13, 49, 0);

export function hit(ruleId: string, more: Partial<StoredHit> = {}): StoredHit {
  return {
    ruleId,
    action: 'warning',
    denyStatus: null,
    phase: 2,
    operator: 'Pattern match "x" at ARGS:id.',
    target: 'ARGS:id',
    message: null,
    data: null,
    severity: 'CRITICAL',
    cut: false,
    file: null,
    line: null,
    version: null,
    tags: [],
    nth: 0,
    sources: ['error_log'],
    refs: [{ file: '/var/log/error_log', offset: 1 }],
    ambiguous: false,
    ...more,
  };
}

/** The refusing line of CRS 3. */
export function blocked(total: number, more: Partial<StoredHit> = {}): StoredHit {
  return hit('949110', {
    action: 'denied',
    denyStatus: 403,
    operator: 'Operator GE matched 5 at TX:anomaly_score.',
    target: 'TX:anomaly_score',
    message: `Inbound Anomaly Score Exceeded (Total Score: ${total})`,
    ...more,
  });
}

/** A rule as its file defines it, by default one that blocks at level 1 and looks at ARGS. */
export function ruleInfo(id: string, more: Partial<RuleInfo> = {}): RuleInfo {
  return {
    id,
    file: '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/x.conf',
    line: 1,
    phase: 2,
    severity: 'CRITICAL',
    message: null,
    tags: [],
    targets: ['ARGS'],
    paranoiaLevel: 1,
    kind: 'rule',
    operator: '@rx x',
    version: 'OWASP_CRS/3.3.4',
    disruptive: 'block',
    ctl: [],
    setvars: [],
    skips: false,
    silent: false,
    chain: [],
    ...more,
  };
}

export function request(more: Partial<RequestFacts> = {}): RequestFacts {
  return {
    method: 'GET',
    uri: '/',
    protocol: 'HTTP/1.1',
    host: 'shop.example.com',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
    referer: null,
    contentType: null,
    status: 403,
    headerNames: ['host', 'user-agent', 'accept-language'],
    cookieNames: [],
    ...more,
  };
}

export function transaction(uniqueId: string, atMs: number, more: Partial<Transaction> = {}): Transaction {
  return {
    uniqueId,
    at: START + atMs,
    client: '203.0.113.7',
    vhost: 'shop.example.com',
    path: '/product.php',
    request: null,
    hits: [hit('942100', { data: 'Matched Data: x found within ARGS:id: x' }), blocked(5)],
    engineErrors: [],
    findings: [],
    sources: ['error_log'],
    auditRef: null,
    ambiguous: false,
    ...more,
  };
}

export function finding(more: Partial<ValueFinding> = {}): ValueFinding {
  return {
    field: 'ARGS:id',
    path: '/product.php',
    grammar: ['sql-bool'],
    families: ['sqli'],
    outcome: 'hostile',
    excerpt: "1' OR '1'='1",
    hash: 'h1',
    length: 12,
    explained: false,
    ruleIds: ['942100'],
    ...more,
  };
}

export function access(atMs: number, uri: string, more: Partial<AccessHit> = {}): AccessHit {
  return {
    at: START + atMs,
    offsetMinutes: 0,
    client: '203.0.113.7',
    vhost: 'shop.example.com',
    method: 'GET',
    uri,
    status: 200,
    bytes: 1000,
    referer: null,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
    ref: { file: '/var/log/domlogs/shop.example.com', offset: 1 },
    ...more,
  };
}

/** Ordinary browsing before and after the incident at START. */
export function browsingLines(): AccessHit[] {
  const assets = ['/a.css', '/b.js', '/c.png', '/d.jpg', '/e.woff2', '/f.svg'];
  return [-60_000, -40_000, -20_000, 20_000].flatMap((at, page) => [
    access(at, `/page-${page}.html`),
    ...assets.slice(0, 4).map((asset) => access(at + 1000, asset)),
    access(at + 1000, assets[4 + (page % 2)] ?? '/x.css'),
  ]);
}

export function context(hits: readonly AccessHit[]): AccessContext {
  return { from: START - 900_000, to: START + 900_000, covered: true, hits, total: hits.length };
}

export function input(more: Partial<EvidenceInput> = {}): EvidenceInput {
  return {
    transactions: [],
    context: null,
    contextCovered: more.context != null,
    day: [],
    accounts: (vhost) => (vhost.endsWith('example.com') ? 'shopuser' : (vhost.split('.')[0] ?? null)),
    isBareServer: (vhost) => vhost === 'host.example.net' || vhost === '192.0.2.80',
    knownVhost: (name) => name === 'example.com',
    has: { errorLog: true, auditLog: true, accessLog: more.context != null, mailOnly: false },
    facts: NO_FACTS,
    lookBack: null,
    causeVhost: (host) => host ?? '',
    cross: null,
    ...more,
  };
}

/** A hit as a parser gives it, before it is masked and stored. */
export function rawHit(ruleId: string, more: Partial<RuleHit> = {}): RuleHit {
  return { ...hit(ruleId), ...more };
}
