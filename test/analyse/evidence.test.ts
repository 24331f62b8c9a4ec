// Each item of evidence: present, absent and unknown, with its numbers.
import { describe, expect, test } from '@jest/globals';
import { browsing, mostWithin, pageKey } from '../../src/analyse/access-context.ts';
import { collectEvidence } from '../../src/analyse/evidence/collect.ts';
import type { EvidenceInput } from '../../src/analyse/evidence/evidence-input.ts';
import { probeKind } from '../../src/analyse/probe.ts';
import { SCRIPT_LIBRARIES } from '../../src/analyse/patterns/clients.ts';
import { PROBE_TESTS } from '../../src/analyse/patterns/probes.ts';
import type { Evidence, Transaction } from '../../src/model.ts';
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
} from './fixtures.ts';

function item(id: string, more: Partial<EvidenceInput>): Evidence {
  const base = id.replace(/b$/, '');
  const found = collectEvidence(input(more)).filter(
    (one) => one.id === id || one.id === base || one.id === `${base}b`,
  );
  expect(found).toHaveLength(1);
  return found[0]!;
}

const burst = (count: number, everyMs: number, more: Partial<Transaction> = {}): Transaction[] =>
  Array.from({ length: count }, (_, index) => transaction(`t${index}`, index * everyMs, more));

/** What an error_log or a mail shows when only the blocking line is left. */
const onlyBlocking = (count: number, more: Partial<Transaction> = {}): Transaction[] =>
  burst(count, 100, { hits: [blocked(8)], ...more });

test('every item says something about an empty incident and about a full one', () => {
  for (const one of [
    ...collectEvidence(input()),
    ...collectEvidence(input({ transactions: burst(12, 100), context: context(browsingLines()) })),
  ]) {
    expect(one.sentence).toMatch(/^[A-Z\d].*\.$/);
    expect(one.weight === 0).toBe(one.status !== 'present' || one.id === 'Y6');
    expect(one.basis === 'missing').toBe(one.status === 'unknown');
  }
});

describe('pace', () => {
  test.each([
    [4, 'absent', 'P1'],
    [5, 'present', 'P1'],
    [9, 'present', 'P1'],
    [10, 'present', 'P1b'],
  ])('%p within 2 s: %s %s', (count, status, id) => {
    expect(item('P1', { transactions: burst(count, 200) })).toMatchObject({ id, status });
  });
  test('the story: 10 within 1.3 s', () => {
    expect(
      item('P1', {
        transactions: onlyBlocking(10).map((one, index) => ({ ...one, at: START + index * (1300 / 9) })),
      }).sentence,
    ).toBe('10 separate flagged requests within 1.3 s; nobody clicks that fast.');
  });
  test('one request on two lines is one', () => {
    const list = burst(4, 100);
    expect(item('P1', { transactions: [...list, ...list] })).toMatchObject({ status: 'absent' });
  });
  test('the window is the fullest one', () => {
    expect(mostWithin([0, 5000, 5100, 5200, 9000], 2000)).toEqual({ count: 3, first: 1, spanMs: 200 });
    expect(mostWithin([], 2000).count).toBe(0);
  });
});

describe('probes', () => {
  test.each(PROBE_TESTS.hostile)('%s is one', (uri) => {
    expect(probeKind(uri)).toBe('probe');
  });
  test.each(PROBE_TESTS.innocent)('%s is none', (uri) => {
    expect(probeKind(uri)).not.toBe('probe');
  });
  test('an address quoted in a query is none', () => {
    expect(probeKind('/search?q=/.env')).toBeNull();
    expect(probeKind('/go?to=/wp-config.php.bak')).toBeNull();
  });

  test('counted once a path, in transactions, the day and the context', () => {
    const env = transaction('a', 0, { path: '/.env' });
    expect(item('R1', { transactions: [env, { ...env, uniqueId: 'b' }] })).toMatchObject({
      id: 'R1',
      status: 'present',
      weight: 3,
    });
    expect(
      item('R1', {
        transactions: [env],
        day: [transaction('c', -7_200_000, { path: '/.git/config' })],
        context: context([access(5, '/backup.sql', { status: 404 })]),
      }),
    ).toMatchObject({ id: 'R1b', weight: 4 });
    expect(item('R1', { transactions: [env] }).sentence).toBe(
      'It asked for /.env, which no page of this site links to.',
    );
  });

  test('tools that may be installed: only when the site said 404 and nobody else gets an answer', () => {
    const one = { transactions: [transaction('a', 0)] };
    const asked = (status: number) => context([access(60_000, '/phpmyadmin/', { status })]);
    expect(item('R1', { ...one, context: asked(404) }).status).toBe('present');
    expect(item('R1', { ...one, context: asked(200) }).status).toBe('absent');
    expect(item('R1', { ...one, context: asked(404), othersGet200: () => true }).status).toBe('absent');
    const refused = transaction('b', 60_000, { path: '/phpmyadmin/' });
    expect(item('R1', { transactions: [refused], context: asked(404) }).status).toBe('absent');
  });

  test('unknown when no line has a path', () => {
    expect(item('R1', { transactions: onlyBlocking(3, { path: null }) })).toMatchObject({
      status: 'unknown',
      weight: 0,
    });
  });
});

describe('accounts and hosts', () => {
  const to = (...vhosts: string[]): Transaction[] =>
    vhosts.map((vhost, index) => transaction(`t${index}`, index * 1000, { vhost }));
  test('R3, R3b count accounts, not domains', () => {
    expect(item('R3', { transactions: to('shop.example.com', 'www.example.com') })).toMatchObject({
      status: 'absent',
    });
    expect(item('R3', { transactions: to('shop.example.com', 'a.example.net') })).toMatchObject({
      id: 'R3',
      status: 'present',
    });
    expect(
      item('R3', { transactions: to('shop.example.com', 'a.example.net', 'b.example.net') }),
    ).toMatchObject({ id: 'R3b', status: 'present' });
    expect(item('R3', { transactions: to('x.example.org'), accounts: () => null })).toMatchObject({
      status: 'unknown',
    });
  });
  test('within 10 min', () => {
    const far = [
      transaction('a', 0),
      transaction('b', 250_000),
      transaction('c', 500_000),
      transaction('d', 700_000, { vhost: 'a.example.net' }),
    ];
    expect(
      item('R3', { transactions: far.filter((one) => one.uniqueId !== 'c' && one.uniqueId !== 'b') }),
    ).toMatchObject({ status: 'absent' });
    expect(item('R3', { transactions: far })).toMatchObject({ status: 'present' });
  });
  test('R4: numeric or missing Host on 80 %', () => {
    const numeric = hit('920350', { severity: 'WARNING' });
    const mixed = (share: number) =>
      burst(10, 1000).map((one, index) => (index < share ? { ...one, hits: [numeric, ...one.hits] } : one));
    expect(item('R4', { transactions: mixed(8) })).toMatchObject({ status: 'present', weight: 1.5 });
    expect(item('R4', { transactions: mixed(7) })).toMatchObject({ status: 'absent' });
    expect(item('R4', { transactions: onlyBlocking(3) })).toMatchObject({ status: 'unknown' });
  });
  test('R5: the bare server, fast or on two paths; service names belong to their domain', () => {
    const bare = (count: number, everyMs: number) =>
      burst(count, everyMs, { vhost: 'host.example.net', path: '/' });
    expect(item('R5', { transactions: bare(10, 100) })).toMatchObject({ status: 'present' });
    expect(item('R5', { transactions: bare(10, 5000) })).toMatchObject({ status: 'absent' });
    expect(
      item('R5', { transactions: bare(2, 5000).map((one, index) => ({ ...one, path: `/${index}` })) }),
    ).toMatchObject({ status: 'present' });
    const webmail = burst(10, 100, { vhost: 'webmail.example.com' });
    expect(item('R5', { transactions: webmail, isBareServer: () => true })).toMatchObject({
      status: 'absent',
    });
    expect(item('R5', { transactions: burst(10, 100, { vhost: null }) })).toMatchObject({
      status: 'unknown',
    });
  });
});

describe('client', () => {
  test('C1: a tool in the User-Agent, in the context, or rule 913100', () => {
    const named = transaction('a', 0, { request: request({ userAgent: 'sqlmap/1.7.2#stable' }) });
    expect(item('C1', { transactions: [named] })).toMatchObject({
      status: 'present',
      sentence: 'It introduced itself as sqlmap.',
    });
    expect(
      item('C1', {
        transactions: [transaction('a', 0)],
        context: context([access(1, '/', { userAgent: 'Nikto/2.5' })]),
      }).status,
    ).toBe('present');
    const rule = hit('913100', {
      data: 'Matched Data: nmap scripting engine found within REQUEST_HEADERS:User-Agent: x',
    });
    expect(item('C1', { transactions: [transaction('a', 0, { hits: [rule] })] }).sentence).toBe(
      'It introduced itself as nmap scripting engine.',
    );
    expect(item('C1', { transactions: [transaction('a', 0, { request: request() })] }).status).toBe('absent');
    expect(item('C1', { transactions: [transaction('a', 0)] }).status).toBe('unknown');
  });
  test('names of programs', () => {
    for (const name of ['python-requests/2.28.1', 'curl/8.5', 'Go-http-client/1.1', 'axios/1.7'])
      expect(SCRIPT_LIBRARIES.test(name)).toBe(true);
    for (const name of ['Mozilla/5.0 (X11; Linux x86_64)', 'WordPress/6.8; https://shop.example.com'])
      expect(SCRIPT_LIBRARIES.test(name)).toBe(false);
  });
  test('C3: no User-Agent on half of the requests', () => {
    const silent = (id: string) => transaction(id, 0, { request: request({ userAgent: null }) });
    const named = transaction('n', 0, { request: request() });
    expect(item('C3', { transactions: [silent('a'), named] }).status).toBe('present');
    expect(item('C3', { transactions: [silent('a'), named, { ...named, uniqueId: 'm' }] }).status).toBe(
      'absent',
    );
    expect(
      item('C3', {
        transactions: [transaction('a', 0)],
        context: context([access(0, '/', { userAgent: null })]),
      }).status,
    ).toBe('unknown');
  });
});

describe('payload', () => {
  const sent = (...findings: Transaction['findings'][number][]): { transactions: Transaction[] } => ({
    transactions: [transaction('a', 0, { findings, request: request({ uri: '/product.php?id=1' }) })],
  });
  test('Y1, Y1b: different values', () => {
    expect(item('Y1', sent(finding()))).toMatchObject({ id: 'Y1', status: 'present', weight: 2 });
    expect(item('Y1', sent(finding()))).toMatchObject({
      sentence: "The text it sent is written to attack a database: 1' OR '1'='1 in ARGS:id.",
    });
    expect(
      item('Y1', sent(finding(), finding({ excerpt: "1'OR'1'='1" }), finding({ excerpt: "1' or '1'='1" }))),
    ).toMatchObject({ id: 'Y1' });
    expect(item('Y1', sent(...['a', 'b', 'c'].map((excerpt) => finding({ excerpt }))))).toMatchObject({
      id: 'Y1b',
      weight: 4,
    });
    expect(
      item('Y1', sent(...['a', 'b', 'c'].map((field) => finding({ field: `ARGS:${field}` })))),
    ).toMatchObject({ id: 'Y1b' });
    expect(
      item('Y1', sent(...['a', 'b', 'c'].map((hash) => finding({ excerpt: '••••', hash })))),
    ).toMatchObject({ id: 'Y1b' });
  });
  test('hostile values of the whole day count, and those of lines that tripped no rule', () => {
    const day = [transaction('d', -80_000_000, { findings: [finding({ excerpt: 'x' })] })];
    const lines = context([access(30_000, '/api?host=127.0.0.1;id'), access(31_000, '/ok?x=1')]);
    expect(item('Y1', { ...sent(finding()), day, context: lines })).toMatchObject({ id: 'Y1b' });
  });
  test('the access line of a flagged request is not counted again', () => {
    const lines = context([access(0, '/product.php?id=1%27%20OR%20%271%27=%271&x=../../../../etc/passwd')]);
    expect(item('Y1', { ...sent(finding()), context: lines })).toMatchObject({ id: 'Y1' });
  });
  test('without a record, copies of one value of a field count once', () => {
    const copies = ['; cat /etc/passwd', ';cat/etc/passwd', 'cat /etc'].map((excerpt, index) =>
      finding({ excerpt, hash: `h${index}`, length: 20 - index }),
    );
    expect(item('Y1', { transactions: [transaction('a', 0, { findings: copies })] })).toMatchObject({
      id: 'Y1',
    });
  });
  test('prose is named, and no evidence of an attack', () => {
    expect(item('Y1', sent(finding({ outcome: 'sentence', field: 'ARGS:message' })))).toMatchObject({
      status: 'absent',
      sentence: expect.stringContaining('mentions commands'),
    });
  });
  test('Y1c: code in author fields', () => {
    expect(item('Y1c', sent(finding({ outcome: 'author', field: 'ARGS:jform[articletext]' })))).toMatchObject(
      {
        status: 'present',
        weight: 1,
        sentence: 'It saved code in ARGS:jform[articletext]. Authors do that; no login is in the logs.',
      },
    );
    expect(item('Y1c', sent())).toMatchObject({ status: 'absent' });
  });
  test('Y6: a neutral veto', () => {
    const open = finding({ outcome: 'none', grammar: [], families: [], excerpt: 'a%b"c' });
    expect(item('Y6', sent(open))).toMatchObject({
      status: 'present',
      weight: 0,
      direction: 'neutral',
      sentence: 'Rule 942100 reacted to a%b"c, and nothing here explains that text.',
    });
    expect(item('Y6', sent({ ...open, explained: true }))).toMatchObject({ status: 'absent' });
  });
  test('unknown when only the blocking line is left', () => {
    for (const id of ['Y1', 'Y1c', 'Y6', 'Y7'])
      expect(item(id, { transactions: onlyBlocking(10) })).toMatchObject({ status: 'unknown' });
  });
  test("Y7: only rules about the site's answer", () => {
    const out = [hit('951220', { severity: 'ERROR' }), hit('959100', { action: 'denied' }), hit('980140')];
    const answered = (uri: string | null) =>
      item('Y7', {
        transactions: [transaction('a', 0, { hits: out, request: uri === null ? null : request({ uri }) })],
      });
    expect(answered('/list.php?sort=name')).toMatchObject({
      status: 'present',
      weight: -2.5,
      direction: 'against',
    });
    // A quote may have caused the database error that the answer shows.
    expect(answered('/list.php?id=1%27')).toMatchObject({ status: 'absent' });
    expect(answered(null)).toMatchObject({ status: 'unknown' });
    expect(
      item('Y7', { transactions: [transaction('a', 0, { hits: [...out, hit('942100')] })] }),
    ).toMatchObject({ status: 'absent' });
    expect(item('Y7', { transactions: [transaction('a', 0)] })).toMatchObject({ status: 'absent' });
  });
});

describe('human', () => {
  const one = { transactions: [transaction('a', 0)] };
  test('H1 and H4: browsing with assets before and after', () => {
    const more = { ...one, context: context(browsingLines()) };
    expect(item('H1', more)).toMatchObject({ status: 'present', weight: -2.5 });
    expect(item('H4', more)).toMatchObject({ status: 'present', weight: -1 });
  });
  test.each([
    ['too few pages and assets', browsingLines().slice(0, 6)],
    ['nothing before the block', browsingLines().map((line) => ({ ...line, at: line.at + 120_000 }))],
    ['only refused', browsingLines().map((line) => ({ ...line, status: 403 }))],
    ['another site', browsingLines().map((line) => ({ ...line, vhost: 'a.example.net' }))],
    [
      'faster than a person',
      [...browsingLines(), ...[1, 2, 3, 4, 5].map((page) => access(-30_000, `/fast-${page}`))],
    ],
  ])('H1 is absent: %s', (_name, lines) => {
    expect(item('H1', { ...one, context: context(lines) })).toMatchObject({ status: 'absent', weight: 0 });
  });
  test('another browser of the same address does not count', () => {
    const mine = {
      transactions: [transaction('a', 0, { request: request({ userAgent: 'python-requests/2' }) })],
    };
    expect(item('H1', { ...mine, context: context(browsingLines()) }).status).toBe('absent');
  });
  test('programs that live on one page', () => {
    const lines = Array.from({ length: 8 }, (_, index) => [
      access(-80_000 + index * 5000, `/webmail/?_task=${index % 2 === 0 ? 'mail' : 'settings'}`),
      access(-79_000 + index * 5000, `/a${index}.png`),
    ]).flat();
    expect(item('H1', { ...one, context: context(lines) }).status).toBe('present');
  });
  test('a service name of the account, and of a parent domain, is the same site', () => {
    const lines = context(browsingLines().map((line) => ({ ...line, vhost: 'tools.example.net' })));
    const webmail = {
      transactions: [transaction('a', 0, { vhost: 'webmail.example.net' })],
      accounts: (vhost: string) => (vhost === 'tools.example.net' ? 'tooluser' : null),
    };
    expect(item('H1', { ...webmail, context: lines }).status).toBe('present');
  });
  test('unknown without access logs, or when they do not reach', () => {
    expect(item('H1', one)).toMatchObject({ status: 'unknown', basis: 'missing' });
    expect(item('H4', { ...one, context: context([]), contextCovered: false })).toMatchObject({
      status: 'unknown',
    });
    expect(item('H4', { ...one, context: context([]) })).toMatchObject({ status: 'absent' });
  });
  test('pages and bursts', () => {
    expect(pageKey('/i.php?view=a&x=1')).toBe(pageKey('/i.php?x=2&view=a'));
    expect(pageKey('/i.php?view=a')).not.toBe(pageKey('/i.php?view=b'));
    expect(
      browsing([access(0, '/a'), access(1000, '/b'), access(2000, '/c'), access(2000, '/d.css')], START)
        .burst,
    ).toBe(2);
  });
});
