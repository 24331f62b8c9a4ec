// The list of causes and the page of one: filters, order, pages, the matrix, who was hit, trend, share, engine errors, scores.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allCauses, listCauses, readCause, readCauseByKey } from '../../src/actions/causes.ts';
import type { CausesFilter, CausesView } from '../../src/actions/causes-view.ts';
import { freshCauses } from '../../src/actions/fresh-causes.ts';
import { markCause } from '../../src/actions/marks.ts';
import { recountAll } from '../../src/actions/recount-causes.ts';
import { scoreHistogram } from '../../src/actions/score-histogram.ts';
import type { OpenContext } from '../../src/context.ts';
import { makeServer, type TestRoot } from '../host/make-root.ts';
import { address, crowd, DAY, HOUR, NOW, visits } from './cause-kit.ts';
import { open } from './kit.ts';

const ALL: CausesFilter = { vhost: null, ruleId: null, state: 'open', text: '', days: 14, page: 1 };
const contexts: OpenContext[] = [];
afterAll(() => {
  for (const ctx of contexts) ctx.close();
});
function openAt(root: TestRoot): OpenContext {
  const ctx = open({ root: root.dir, now: new Date(NOW).toISOString() });
  contexts.push(ctx);
  return ctx;
}
const shown = ({ rows }: CausesView): string[] =>
  rows.map(({ vhost, ruleId, target, path }) => `${vhost} ${ruleId} ${target ?? '-'} ${path ?? '-'}`);

const CONF = '/etc/apache2/conf.d';

describe('the list', () => {
  let ctx: OpenContext;
  const list = (more: Partial<CausesFilter>): Promise<CausesView> => listCauses(ctx, { ...ALL, ...more });
  beforeAll(() => {
    const root = makeServer();
    root.write(
      '/etc/csf/csf.deny',
      `${address(0)} # lfd: x - Tue Jan  5 09:00:00 2027\n2001:db8:2::/48 # x\n`,
    );
    root.write(
      '/var/lib/csf/csf.tempban',
      `${NOW / 1000 - 60}|${address(2)}||inout|3600|lfd: x\n${NOW / 1000 - 7200}|${address(3)}||inout|3600|over\n`,
    );
    ctx = openAt(root);
    crowd(ctx, 12);
    crowd(
      ctx,
      5,
      { ruleId: '920230', target: 'ARGS:q', path: '/search', vhost: 'addon.shop.example.com' },
      NOW - 9 * DAY,
    );
    visits(ctx, [
      {
        ...{ client: '198.51.100.7', label: 'attack', ordinary: 0, hostile: true },
        hits: [
          { vhost: '', target: '', path: '' },
          { target: 'ARGS:id', path: '/product.php', hits: 30, refused: 30 },
        ],
      },
    ]);
    recountAll(ctx, NOW);
  });

  test('is by score, with numbers, band, tone and who is blocked now', async () => {
    const view = await list({});
    expect(shown(view)).toEqual([
      'shop.example.com 942100 ARGS:comment /contact.php',
      'addon.shop.example.com 920230 ARGS:q /search',
      ' 942100 - -',
      'shop.example.com 942100 ARGS:id /product.php',
    ]);
    expect(view.rows[0]).toMatchObject({
      ...{
        hits: 12,
        refused: 12,
        visitors: 12,
        ordinary: 12,
        networks: 12,
        attackShare: 0,
        account: 'shopuser',
      },
      ...{
        band: 'noisy',
        tone: 'false-alarms',
        state: 'new',
        stateAt: null,
        blockedNow: 3,
        share: null,
        marks: [],
      },
      ...{
        title: expect.any(String),
        firstAt: '2027-01-05T08:30:00+00:00',
        advice: { kind: 'target-path', scope: 'target-path' },
      },
    });
    expect(view.rows[3]).toMatchObject({
      ...{
        band: 'leave',
        tone: 'attacks',
        attackShare: 1,
        attackHits: 30,
        advice: { kind: 'leave' },
        blockedNow: 0,
      },
    });
    expect(view).toMatchObject({
      matching: 4,
      page: 1,
      pages: 1,
      noisy: 1,
      waiting: 0,
      days: 14,
      errors: [],
    });
    expect(view.counts).toMatchObject({ open: 4, all: 4, new: 4, fixed: 0 });
    expect(view.countedAt).toBe('2027-01-05T09:30:00+00:00');
  });

  test.each<[string, Partial<CausesFilter>, number]>([
    ['a vhost', { vhost: 'shop.example.com' }, 2],
    ['any domain of a vhost', { vhost: 'ADDON.example.net' }, 1],
    ['names that nobody owns', { vhost: '' }, 1],
    ['an unknown name', { vhost: 'nowhere.example.org' }, 0],
    ['a rule', { ruleId: '920230' }, 1],
    ['both', { ruleId: '942100', vhost: 'shop.example.com' }, 2],
    ['words of the place', { text: 'ARGS:comment contact' }, 1],
    ['words of the rule’s title', { text: 'sql' }, 3],
    ['a word of the title and one of the place', { text: 'sql product' }, 1],
    ['words that are nowhere', { text: 'sql nothing' }, 0],
    ['the last week', { days: 7 }, 3],
    ['a state', { state: 'known' }, 0],
    ['all states', { state: 'all' }, 4],
    ['LIKE and quotes are texts', { text: "%' OR 1=1" }, 0],
  ])('narrowed by %s', async (_, filter, count) => {
    const view = await list(filter);
    expect([view.rows.length, view.matching]).toEqual([count, count]);
    expect(await allCauses(ctx, { ...ALL, ...filter })).toEqual(view.rows);
  });

  test('the matrix has vhosts and rules by ordinary visitors, and follows vhost and rule', async () => {
    const { matrix } = await list({});
    expect(matrix.rules.map(({ id }) => id)).toEqual(['942100', '920230']);
    expect(matrix.rows.map(({ vhost }) => vhost)).toEqual(['shop.example.com', 'addon.shop.example.com', '']);
    expect(matrix.rows[0]?.cells).toMatchObject([{ visitors: 13, tone: 'attacks' }, null]);
    expect(matrix.rows[1]?.cells).toMatchObject([null, { visitors: 5, tone: 'false-alarms' }]);
    const best = matrix.rows[0]?.cells[0]?.causeId ?? 0;
    expect((await readCause(ctx, best))?.cause.target).toBe('ARGS:comment');
    expect((await list({ vhost: '' })).matrix).toMatchObject({
      rows: [{ vhost: '' }],
      rules: [{ id: '942100' }],
    });
    expect([matrix.moreRules, matrix.moreVhosts]).toEqual([0, 0]);
  });

  test.each([[-3], [0], [Number.NaN], [99]])('page %s is one that exists', async (page) => {
    expect(await list({ page })).toMatchObject({ page: 1, pages: 1 });
  });
});

test('of many causes a page has 25, and the matrix 20 vhosts by 12 rules', async () => {
  const ctx = openAt(makeServer());
  for (let number = 0; number < 26; number++)
    crowd(ctx, 2, { vhost: `site${number}.example.org`, ruleId: `9421${10 + (number % 13)}` });
  recountAll(ctx, NOW);
  const view = await listCauses(ctx, { ...ALL, page: 2 });
  expect([view.rows.length, view.page, view.pages, view.matching]).toEqual([1, 2, 2, 26]);
  const { matrix } = view;
  expect([matrix.rows.length, matrix.moreVhosts, matrix.rules.length, matrix.moreRules]).toEqual([
    20, 6, 12, 1,
  ]);
  const first = await listCauses(ctx, ALL);
  expect(new Set([...first.rows, ...view.rows].map(({ id }) => id)).size).toBe(26);
});

describe('the page of one', () => {
  let ctx: OpenContext;
  beforeAll(() => {
    const root = makeServer();
    const line = (minutes: number, path: string): string =>
      `192.0.2.5 - - [05/Jan/2027:08:${String(minutes).padStart(2, '0')}:00 +0000] "POST ${path} HTTP/1.1" 200 5 "-" "x"\n`;
    const other = line(5, '/').repeat(30);
    root.write('/var/log/apache2/domlogs/shop.example.com', line(0, '/contact.php?a=1').repeat(40) + other);
    ctx = openAt(root);
    crowd(ctx, 10, { firstAt: NOW - HOUR });
    crowd(ctx, 2, { target: 'ARGS:name', hits: 3, refused: 0, decisive: 0 });
    visits(ctx, [
      {
        client: '198.51.100.7',
        from: NOW - 3 * DAY,
        label: 'attack',
        ordinary: 0,
        hostile: true,
        hits: [{ hits: 2, refused: 1 }],
      },
    ]);
    recountAll(ctx, NOW);
  });

  test('has its visitors, ordinary ones first, the trend by day and its neighbours', async () => {
    const page = await readCause(ctx, 1);
    expect(page?.visitors).toHaveLength(11);
    expect(page?.visitors[0]).toMatchObject({
      ...{ label: 'false-positive', ordinary: true, hits: 1, refused: 1, firewall: 'not known', sub: null },
    });
    expect(page?.visitors.at(-1)).toMatchObject({
      client: '198.51.100.7',
      label: 'attack',
      ordinary: false,
      hits: 2,
    });
    expect(page?.moreVisitors).toBe(0);
    expect(page?.trend).toHaveLength(15);
    expect(page?.trend.at(-1)).toEqual({ day: '2027-01-05', hits: 10, refused: 10, attacks: 0 });
    expect(page?.trend.find(({ day }) => day === '2027-01-02')).toEqual({
      ...{ day: '2027-01-02', hits: 2, refused: 1, attacks: 2 },
    });
    expect(page?.trend.reduce((sum, { hits }) => sum + hits, 0)).toBe(page?.cause.hits);
    expect(page?.others).toMatchObject([{ target: 'ARGS:name', advice: { kind: 'leave' } }]);
    expect([page?.covered, page?.history]).toEqual([[], []]);
  });

  test('counts its share of the requests to its path once, and its score knows it', async () => {
    const page = await readCause(ctx, 1);
    // Ten hits since the oldest line of the log; the query does not belong to the path.
    expect(page?.cause.share).toBeCloseTo(10 / 40, 5);
    expect(page?.cause.scoreParts.map(({ words }) => words)).toContain(
      'it flags 25 % of the requests to this path',
    );
    recountAll(ctx, NOW);
    expect(ctx.store.causeList.byId(1)).toMatchObject({ share: 0.25, shareAt: NOW });
    expect(ctx.store.causeList.byId(1)?.score).toBe(page?.cause.score);
  });

  test('names what other rules hit at the same field of the same path', async () => {
    const place = { vhost: 'shop.example.com', target: 'ARGS:text', path: '/post.php' };
    for (const ruleId of ['941100', '941160', '932100'])
      crowd(ctx, 8, { ...place, ruleId, decisive: 0, refused: ruleId === '932100' ? 1 : 2 });
    recountAll(ctx, NOW);
    const page = await readCauseByKey(ctx, { ...place, ruleId: '941100' });
    expect(page?.beside.map(({ ruleId }) => ruleId)).toEqual(['941160', '932100']);
    expect(page?.cause.advice).toMatchObject({ kind: 'leave', scope: null });
    expect(page?.cause.advice.words).toContain('Rules 941160 and 932100 hit the same field there');
    expect((await readCause(ctx, 1))?.beside).toEqual([]);
  });

  test('no log, no share', async () => {
    crowd(ctx, 1, { vhost: 'addon.shop.example.com' });
    recountAll(ctx, NOW);
    const key = {
      vhost: 'addon.shop.example.com',
      ruleId: '942100',
      target: 'ARGS:comment',
      path: '/contact.php',
    };
    expect((await readCauseByKey(ctx, key))?.cause.share).toBeNull();
    expect(await readCauseByKey(ctx, { ...key, path: '/x' })).toBeNull();
  });

  test('shows marks that hold, and their history', async () => {
    markCause(ctx, { cause: 1, kind: 'false-alarm', note: 'a form' }, { who: 'anna', address: null });
    const page = await readCause(ctx, 1);
    expect(page?.cause.marks).toMatchObject([{ kind: 'false-alarm', author: 'anna', note: 'a form' }]);
    expect(page?.history.map(({ words }) => words)).toContain('marked as a false alarm: a form');
  });

  test.each([0, 99, -1, 1.5, Number.NaN])('there is none of cause %s', async (id) => {
    expect(await readCause(ctx, id)).toBeNull();
  });
});

describe('a server with rules, hits and trouble', () => {
  let ctx: OpenContext;
  const stamp = (second: number): string =>
    `[Tue Jan 05 09:00:${String(second).padStart(2, '0')}.000000 2027]`;
  const head = (second: number, client: string): string =>
    `${stamp(second)} [security2:error] [pid 1:tid 1] [client ${client}:0] [client ${client}] ModSecurity: `;
  const tail = (id: string): string => ` [hostname "shop.example.com"] [uri "/x"] [unique_id "${id}"]\n`;
  const rule = (id: string, msg: string, act = 'Warning.'): string =>
    `${act} Pattern match "x" at ARGS:q. [file "${CONF}/r.conf"] [line "1"] [id "${id}"] [msg "${msg}"] [severity "CRITICAL"]`;
  const block = (total: number): string =>
    `Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "${CONF}/b.conf"] [line "1"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: ${total})"] [severity "CRITICAL"]`;

  beforeAll(async () => {
    const root = makeServer();
    root.write(`${CONF}/modsec2.conf`, 'SecRuleEngine On\nSecPcreMatchLimit 1000\nSecPcreMatchLimit 1500\n');
    const lines = [
      ...['a', 'b', 'c'].map(
        (id, n) =>
          `${head(n, `192.0.2.${n + 1}`)}Rule 7fe${n} [id "942360"][file "${CONF}/r.conf"][line "44"] - Execution error - PCRE limits exceeded (-47): (null).${tail(id)}`,
      ),
      `${head(4, '192.0.2.1')}XML parser error: XML: Failed parsing document.${tail('d')}`,
      `${head(5, '192.0.2.1')}Request body no files data length is larger than the configured limit (131072).${tail('e')}`,
      `${head(6, '192.0.2.9')}${rule('200002', 'Failed to parse request body.', 'Access denied with code 400 (phase 2).')}${tail('f')}`,
      ...[5, 5, 15].flatMap((total, n) => [
        `${head(10 + n, '192.0.2.30')}${rule('942100', 'SQL')}${tail(`g${n}`)}`,
        `${head(10 + n, '192.0.2.30')}${block(total)}${tail(`g${n}`)}`,
      ]),
    ];
    root.write('/var/log/apache2/error_log', lines.join(''));
    ctx = openAt(root);
    await freshCauses(ctx);
  });

  test('engine errors: equal ones together, with the limit to raise and its value now', async () => {
    const { errors, rows } = await listCauses(ctx, { ...ALL, state: 'all' });
    expect(rows.map(({ ruleId }) => ruleId)).toEqual(['942100']);
    expect(
      errors.map(({ kind, ruleId, requests, visitors, limit }) => [kind, ruleId, requests, visitors, limit]),
    ).toEqual([
      ['execution', '942360', 3, 3, 'SecPcreMatchLimit (now 1500)'],
      ['parser', '200002', 1, 1, null],
      ['limit', null, 1, 1, 'SecRequestBodyNoFilesLimit (now 131072)'],
      ['parser', null, 1, 1, null],
    ]);
    expect(errors.map(({ text }) => text)).toEqual([
      'Rule 942360 - Execution error - PCRE limits exceeded (-{n}): (null).',
      'Failed to parse request body.',
      'Request body no files data length is larger than the configured limit ({n}).',
      'XML parser error: XML: Failed parsing document.',
    ]);
    for (const { lines, vhost, words } of errors) {
      expect([lines.length > 0, vhost, words !== '']).toEqual([true, 'shop.example.com', true]);
      expect(lines[0]?.file).toBe('/etc/apache2/logs/error_log');
    }
    expect(errors[0]?.lines).toHaveLength(3);
  });

  test('the histogram: requests by score, the limit, whose they are', async () => {
    const histogram = await scoreHistogram(ctx, 'www.shop.example.com');
    expect(histogram).toMatchObject({ vhost: 'shop.example.com', threshold: 5, days: 14 });
    const bars = histogram?.bars.map(({ score, requests }) => [score, requests]);
    expect(bars).toEqual(
      expect.arrayContaining([
        [5, expect.any(Number)],
        [15, 1],
      ]),
    );
    const judged = ctx.store.incidents.ofClient('192.0.2.30')[0]?.judgement?.verdict.label;
    const attacks = histogram?.bars.reduce((sum, bar) => sum + bar.attacks, 0);
    expect(attacks).toBe(judged === 'attack' ? 3 : 0);
    expect(await scoreHistogram(ctx, 'nowhere.example.org')).toBeNull();
  });
});
