// Random incidents for the properties of the judgement: requests of one client with values, programs and page views.
import fc from 'fast-check';
import type { EvidenceInput } from '../../src/analyse/evidence/evidence-input.ts';
import type { AccessHit, Transaction, ValueFinding } from '../../src/model.ts';
import {
  access,
  blocked,
  browsingLines,
  context,
  finding,
  hit,
  input,
  request,
  START,
  transaction,
} from '../analyse/fixtures.ts';
import { CHROME, PYTHON } from './story.ts';

export const BROWSER = request().userAgent ?? '';

const neutral = { grammar: [], families: [], outcome: 'none' } as const;
/** Values as the readers of logs find them. */
const VALUES: readonly ValueFinding[] = [
  finding({ ...neutral, excerpt: 'drop table lamp', hash: 'n1', length: 15, explained: true }),
  finding({
    ...neutral,
    field: 'ARGS:q',
    excerpt: 'a lamp, or two',
    hash: 'n2',
    length: 14,
    explained: true,
  }),
  finding({ ...neutral, field: 'ARGS:sort', excerpt: 'a%b"c', hash: 'o1', length: 5 }),
  finding({
    outcome: 'author',
    field: 'ARGS:jform[articletext]',
    families: ['xss'],
    excerpt: '<script>x()',
    hash: 'a1',
  }),
  finding(),
  finding({ field: 'ARGS:q', families: ['xss'], excerpt: '<script>alert(1)</script>', hash: 'h2' }),
  finding({ path: '/download.php', families: ['lfi'], excerpt: '../../etc/passwd', hash: 'h3' }),
];

/** A hostile value that no generated request holds. */
export const ANOTHER = finding({ field: 'ARGS:other', excerpt: "9' OR '9'='9", hash: 'h9' });

const RULES = {
  sqli: [hit('942100', { data: 'Matched Data: x found within ARGS:id: x' }), blocked(5)],
  protocol: [hit('920420', { target: 'TX:content_type' }), blocked(5)],
  numeric: [hit('920350', { target: 'REQUEST_HEADERS:Host', severity: 'WARNING' })],
  outbound: [
    hit('951220', { target: 'RESPONSE_BODY', phase: 4 }),
    hit('959100', { action: 'denied', phase: 4 }),
  ],
} as const;

const HEADERS = ['host', 'user-agent', 'accept', 'accept-language', 'accept-encoding'];

export interface Piece {
  readonly gapMs: number;
  readonly path: string;
  readonly vhost: string;
  readonly agent: string | null;
  readonly values: readonly ValueFinding[];
  readonly rules: keyof typeof RULES;
}

const VHOSTS = ['shop.example.com', 'host.example.net', 'a.example.net', 'b.example.net', '192.0.2.80'];

const piece = fc.record({
  gapMs: fc.oneof(fc.integer({ min: 20, max: 400 }), fc.integer({ min: 1000, max: 90_000 })),
  path: fc.constantFrom('/contact.php', '/list.php', '/', '/.env', '/.git/config', '/backup.sql'),
  vhost: fc.oneof({ weight: 5, arbitrary: fc.constant('shop.example.com') }, fc.constantFrom(...VHOSTS)),
  agent: fc.oneof(
    { weight: 5, arbitrary: fc.constant(BROWSER) },
    fc.constantFrom(CHROME, PYTHON, 'sqlmap/1.8.4', null),
  ),
  values: fc.oneof(fc.constant(VALUES.slice(0, 1)), fc.subarray([...VALUES], { maxLength: 3 })),
  rules: fc.constantFrom<keyof typeof RULES>('sqli', 'protocol', 'numeric', 'outbound'),
});

/** Harmless requests of a browser, for incidents that may be false alarms. */
const calm = piece.map((one) => ({
  ...one,
  path: '/contact.php',
  vhost: 'shop.example.com',
  agent: BROWSER,
  values: one.values.filter(({ explained }) => explained),
  gapMs: 5000 + one.gapMs,
  rules: one.rules === 'protocol' ? ('protocol' as const) : ('sqli' as const),
}));

const lines = fc
  .record({
    browsed: fc.boolean(),
    missing: fc.integer({ min: 0, max: 14 }),
    guesses: fc.integer({ min: 0, max: 8 }),
    trick: fc.boolean(),
  })
  .map(({ browsed, missing, guesses, trick }): AccessHit[] => [
    ...(browsed ? browsingLines() : []),
    ...Array.from({ length: missing }, (_, nth) =>
      access(30_000 + nth * 900, `/${'abcdefghijklmn'.charAt(nth)}bc`, { status: 404 }),
    ),
    ...Array.from({ length: guesses }, (_, nth) =>
      access(60_000 + nth * 4000, '/wp-login.php', { method: 'POST' }),
    ),
    ...(trick ? [access(50_000, '/x?id=1%27%20or%20%271%27=%271')] : []),
  ])
  .map((list) => list.map((one, nth) => ({ ...one, ref: { ...one.ref, offset: nth * 100 } })));

export interface Incident {
  readonly pieces: readonly Piece[];
  readonly lines: readonly AccessHit[];
}

/** Any incident; about half of them consist of a browser's harmless requests. */
export const incidents: fc.Arbitrary<Incident> = fc.record({
  pieces: fc.oneof(
    fc.array(piece, { minLength: 1, maxLength: 14 }),
    fc.array(calm, { minLength: 1, maxLength: 4 }),
  ),
  lines,
});

/** Incidents of one program on one site that trips the same rules each time: no share of its requests can fall. */
export const plainIncidents: fc.Arbitrary<Incident> = incidents.map((one) => ({
  ...one,
  pieces: one.pieces.map((own) => ({
    ...own,
    vhost: 'shop.example.com',
    agent: BROWSER,
    rules: one.pieces[0]?.rules ?? own.rules,
  })),
}));

/** The requests as they were seen: with an audit record each. */
export function requestsOf({ pieces }: Incident): Transaction[] {
  let at = 0;
  return pieces.map((one, nth) => {
    at += one.gapMs;
    return requestOf(one, at, `t${nth}`);
  });
}

/** One request, so many ms after the incident's start. */
export function requestOf(one: Piece, at: number, id: string): Transaction {
  return transaction(id, at, {
    path: one.path,
    vhost: one.vhost,
    findings: one.values,
    hits: [...RULES[one.rules]],
    request: request({ uri: one.path, host: one.vhost, userAgent: one.agent, headerNames: HEADERS }),
    sources: ['error_log', 'audit_log'],
    auditRef: { file: '/var/log/apache2/modsec_audit.log', offset: at },
  });
}

/** The access line of a request, stamped in whole seconds. */
function lineOf({ at, vhost, request: facts, path, uniqueId }: Transaction): AccessHit {
  const second = Math.floor(at / 1000) * 1000;
  return access(second - START, path ?? '/', {
    vhost,
    status: 403,
    userAgent: facts?.userAgent ?? null,
    ref: { file: '/var/log/apache2/domlogs/shop.example.com', offset: 100_000 + Number(uniqueId.slice(1)) },
  });
}

/** What is judged when all logs are at hand: the access log has a line of each request too. */
export function withAllLogs(transactions: readonly Transaction[], hits: readonly AccessHit[]): EvidenceInput {
  const inOrder = [...hits, ...transactions.map(lineOf)].sort(
    (a, b) => a.at - b.at || a.ref.offset - b.ref.offset,
  );
  return input({ transactions, day: transactions, context: context(inOrder) });
}
