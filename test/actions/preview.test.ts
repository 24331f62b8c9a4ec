// Previews over recorded requests: which count, what becomes of them, and which blocks of lfd would not have been.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { previewLadder, previewScope } from '../../src/actions/preview.ts';
import { readPath } from '../../src/analyse/path-scope.ts';
import { toTransaction } from '../../src/analyse/merge.ts';
import type { Tried } from '../../src/analyse/scope-hits.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';

const CONF = '/etc/apache2/conf.d';
const RULES = `${CONF}/modsec_vendor_configs/OWASP3/rules/a.conf`;
const contexts: OpenContext[] = [];
afterAll(() => {
  for (const ctx of contexts) ctx.close();
});
function openAt(root: string, now?: string): OpenContext {
  const state = join(tempDir(), 'state');
  const ctx = openContext({ root, state, now, version: '0.0.0', env: {}, warn: () => undefined });
  contexts.push(ctx);
  return ctx;
}

const NOTHING = { ruleId: null, tag: null, target: null, path: null };
const shop = (more: Partial<ExclusionScope>): Tried => ({
  scope: { kind: 'rule-vhost', vhost: 'shop.example.com', ...NOTHING, ...more },
  form: 'ctl',
});
const ALL = { window: null, most: 100 };

interface Request {
  readonly id: string;
  readonly client?: string;
  readonly host?: string;
  readonly path?: string;
  readonly rules: readonly (readonly [id: string, target: string])[];
  /** Seconds after 09:00; a fraction of a day before counts as minus. */
  readonly at: number;
  readonly denied?: boolean;
}

/** Lines of error_log for one request: its hits, then 949110's with their sum. */
function linesOf({
  id,
  client = '203.0.113.7',
  host = 'shop.example.com',
  path = '/',
  rules,
  at,
  denied = true,
}: Request): string {
  const stamp = (micros: number): string => {
    const time = new Date(Date.UTC(2027, 0, 5, 9, 0, 0) + at * 1000);
    const [day, month, date] = [
      ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][time.getUTCDay()] ?? '',
      ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
        time.getUTCMonth()
      ] ?? '',
      String(time.getUTCDate()).padStart(2, '0'),
    ];
    return `${day} ${month} ${date} ${time.toISOString().slice(11, 19)}.${String(micros).padStart(6, '0')} ${time.getUTCFullYear()}`;
  };
  const line = (nth: number, what: string, rule: string, [msg, tags]: readonly [string, string]): string =>
    `[${stamp(nth)}] [security2:error] [pid 1:tid 1] [client ${client}:0] [client ${client}] ModSecurity: ${what} [file "${RULES}"] [line "1"] [id "${rule}"] ${msg}[severity "CRITICAL"] ${tags}[hostname "${host}"] [uri "${path}"] [unique_id "${id}"]\n`;
  const hits = rules.map(([rule, target], nth) =>
    line(nth, `Warning. Pattern match "x" at ${target}.`, rule, ['[msg "Found"] ', '[tag "attack-sqli"] ']),
  );
  const total = `[msg "Inbound Anomaly Score Exceeded (Total Score: ${rules.length * 5})"] `;
  const verb = denied ? 'Access denied with code 403 (phase 2).' : 'Warning.';
  const sum = line(rules.length, `${verb} Operator GE matched 5 at TX:anomaly_score.`, '949110', [total, '']);
  return [...hits, sum].join('');
}

const DAY = 86_400;
const SQL = ['942100', 'ARGS:id'] as const;
const XSS = ['941100', 'ARGS:text'] as const;

function serverWith(requests: readonly Request[]): TestRoot {
  const root = makeServer();
  const rule = (id: string): string =>
    `SecRule ARGS "@rx x" "id:${id},phase:2,block,severity:CRITICAL,setvar:'tx.anomaly_score_pl1=+%{tx.critical_anomaly_score}'"\n`;
  root.write(RULES, rule('942100') + rule('941100'));
  root.write(`${CONF}/modsec2.conf`, `SecRuleEngine On\nInclude ${RULES}\n`);
  root.write('/etc/csf/csf.conf', 'LF_MODSEC = "5"\nLF_INTERVAL = "3600"\n');
  root.write('/var/log/apache2/error_log', requests.map(linesOf).join(''));
  return root;
}

describe('a small server', () => {
  const NOW = '2027-01-05T10:00:00Z';
  const requests: readonly Request[] = [
    { id: 'A1', rules: [SQL], at: 1 },
    { id: 'A2', rules: [SQL], at: 2, path: '/form' },
    { id: 'A3', rules: [SQL, XSS], at: 3 },
    { id: 'A4', rules: [XSS], at: 4 },
    { id: 'A5', rules: [XSS], at: 5 },
    { id: 'B1', rules: [SQL], at: 6, client: '198.51.100.9', host: 'www.shop.example.com' },
    { id: 'C1', rules: [SQL], at: 7, client: '198.51.100.9', host: 'addon.example.net' },
    { id: 'C2', rules: [SQL], at: 8, client: '198.51.100.9', host: 'nobody.example.org' },
    { id: 'D1', rules: [SQL], at: 9, denied: false },
    { id: 'OLD', rules: [SQL], at: -20 * DAY },
  ];
  let root: TestRoot;
  let ctx: OpenContext;
  beforeAll(() => {
    root = serverWith(requests);
    root.write(
      '/etc/csf/csf.deny',
      '203.0.113.7 # lfd: (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (-): 5 in the last 3600 secs - Tue Jan  5 09:00:06 2027\n',
    );
    ctx = openAt(root.dir, NOW);
  });

  test('counts what was refused on the vhost in the last 14 days, by all its names', async () => {
    const preview = await previewScope(ctx, shop({ ruleId: '942100' }), ALL);
    expect(preview).toMatchObject({
      totals: { passes: 3, blocked: 3, bound: 0 },
      refused: 6,
      touched: 4,
      reconciled: 4,
      visitors: 2,
      attacksPassing: 0,
      more: 0,
      exclusion: {
        kind: 'rule-vhost',
        form: 'ctl',
        path: null,
        words: 'Rule 942100 is off on shop.example.com',
      },
      sentence: 'This frees 3 requests of 2 visitors and lets no known attack request through.',
    });
    expect(preview.transactions.map(({ uniqueId, outcome, after }) => [uniqueId, outcome, after])).toEqual([
      ['B1', 'passes', 0],
      ['A2', 'passes', 0],
      ['A1', 'passes', 0],
      ['A3', 'blocked', 5],
      ['A5', 'blocked', 5],
      ['A4', 'blocked', 5],
    ]);
    expect(preview.transactions[3]).toMatchObject({
      ip: '203.0.113.7',
      before: 10,
      threshold: 5,
      touched: true,
      reason: '10 falls to 5, the limit is 5',
      still: [{ ruleId: '941100', target: 'ARGS:text' }],
      at: '2027-01-05T09:00:03+00:00',
      incidentFrom: '2027-01-05T09:00:01+00:00',
    });
    const byVerdict = Object.values(preview.byVerdict);
    expect(byVerdict.reduce((sum, { passes }) => sum + passes, 0)).toBe(3);
    expect(preview.caveats.map(({ sentence }) => sentence)).toContain(
      '1 request over the limit were only reported, not refused; they are not counted here.',
    );
  });

  test('together with what is in force; what that frees alone is left out', async () => {
    const root = serverWith(requests);
    const own = openAt(root.dir, NOW);
    own.store.write(() => {
      const id = own.store.exclusions.add({
        ...shop({ ruleId: '941100' }),
        ...{ account: 'shop', reason: 'the editor', author: 'root' },
        ...{ createdAt: Date.parse(NOW), expiresAt: null },
      });
      own.store.exclusions.activate(id);
    });
    const preview = await previewScope(own, shop({ ruleId: '942100' }), ALL);
    expect(preview).toMatchObject({
      totals: { passes: 4, blocked: 0, bound: 0 },
      refused: 4,
      freedBefore: 2,
      sentence: 'This frees 4 requests of 2 visitors and lets no known attack request through.',
    });
    expect(preview.transactions.find(({ uniqueId }) => uniqueId === 'A3')?.reason).toBe(
      '10 falls to 0, below 5, with what is in force',
    );
    expect(preview.caveats.map(({ sentence }) => sentence)).toContain(
      '2 requests refused in this time would pass already, by exclusions that are in force; they are not counted here.',
    );
    const again = await previewScope(own, shop({ ruleId: '941100' }), ALL);
    expect(again).toMatchObject({ refused: 4, totals: { passes: 0 }, freedBefore: 2 });
  });

  test('rows at most, the ones that change first', async () => {
    const preview = await previewScope(ctx, shop({ ruleId: '942100' }), { window: null, most: 2 });
    expect(preview.transactions.map(({ uniqueId }) => uniqueId)).toEqual(['B1', 'A2']);
    expect(preview.more).toBe(4);
    expect(preview.totals.passes).toBe(3);
  });

  test('several scopes in one pass, each as if alone', async () => {
    const tries = [
      shop({ kind: 'target-path', ruleId: '942100', target: 'ARGS:id', path: readPath('/form') }),
      shop({ kind: 'rule-path', ruleId: '942100', path: readPath('/*') }),
      shop({ kind: 'target-vhost', ruleId: '942100', target: 'ARGS:other' }),
      shop({ kind: 'tag-vhost', tag: 'attack-sqli' }),
      shop({ kind: 'engine-off' }),
    ];
    const { summaries, preview } = await previewLadder(ctx, tries, { ...ALL, chosen: 3 });
    expect(summaries.map(({ totals }) => totals.passes)).toEqual([1, 3, 0, 6, 6]);
    expect(preview.exclusion.kind).toBe('tag-vhost');
    for (const [index, tried] of tries.entries()) {
      const { totals, sentence } = await previewScope(ctx, tried, ALL);
      expect(summaries[index]).toMatchObject({ totals, sentence });
    }
    expect(summaries[2]?.sentence).toBe('This frees none of 6 refused requests.');
  });

  test('says what a target loses, and which other rules fired on it', async () => {
    const preview = await previewScope(
      ctx,
      shop({ kind: 'target-vhost', ruleId: '942100', target: 'ARGS' }),
      ALL,
    );
    expect(preview.caveats[0]?.sentence).toBe(
      'An attack placed in ARGS would pass rule 942100; 1 other rule that fired on it still looks at it.',
    );
  });

  test('counts the block again: 5 refusals, 2 of them freed', async () => {
    const preview = await previewScope(ctx, shop({ ruleId: '942100' }), ALL);
    expect(preview.blocks).toEqual([
      {
        address: '203.0.113.7',
        at: '2027-01-05T09:00:06+00:00',
        trigger: 'LF_MODSEC',
        count: 5,
        limit: 5,
        left: 3,
        happens: 'no',
      },
    ]);
    // Nothing of this address is freed: its block is not looked at.
    const other = await previewScope(
      ctx,
      shop({ kind: 'target-vhost', ruleId: '942100', target: 'ARGS:x' }),
      ALL,
    );
    expect(other.blocks).toEqual([]);
  });

  test('a window of one’s own, and all that is kept where the last days are empty', async () => {
    const [from, to] = [Date.UTC(2027, 0, 5, 9, 0, 2), Date.UTC(2027, 0, 5, 9, 0, 4)];
    const some = await previewScope(ctx, shop({ ruleId: '942100' }), { window: { from, to }, most: 9 });
    expect(some.transactions.map(({ uniqueId }) => uniqueId)).toEqual(['A2', 'A3', 'A4']);
    expect(some.window).toEqual({ from: '2027-01-05T09:00:02+00:00', to: '2027-01-05T09:00:04+00:00' });
    const late = openAt(root.dir, '2027-03-05T10:00:00Z');
    const all = await previewScope(late, shop({ ruleId: '942100' }), ALL);
    expect(all.refused).toBe(7);
    expect(all.window.from).toBe('2026-12-16T09:00:00+00:00');
  });

  test('a vhost without any request', async () => {
    const quiet: Tried = {
      scope: { kind: 'rule-vhost', vhost: '*.wild.example.org', ...NOTHING, ruleId: '1' },
      form: 'ctl',
    };
    const preview = await previewScope(ctx, quiet, ALL);
    expect(preview).toMatchObject({ refused: 0, transactions: [], blocks: [], more: 0 });
    expect(preview.sentence).toBe(
      'No request to this vhost was refused in this time: there is nothing to try it on.',
    );
  });
});

test('a wildcard vhost has all names below it', async () => {
  const root = serverWith([
    { id: 'W1', rules: [SQL], at: 1, host: 'a.wild.example.org' },
    { id: 'W2', rules: [SQL], at: 2, host: 'wild.example.org' },
    { id: 'W3', rules: [SQL], at: 3, host: 'shop.example.com' },
  ]);
  const ctx = openAt(root.dir, '2027-01-05T10:00:00Z');
  const tried: Tried = {
    scope: { kind: 'rule-vhost', vhost: '*.wild.example.org', ...NOTHING, ruleId: '942100' },
    form: 'ctl',
  };
  const preview = await previewScope(ctx, tried, ALL);
  expect(preview.transactions.map(({ uniqueId }) => uniqueId)).toEqual(['W1']);
});

describe('refusals that lfd counted', () => {
  const many = (count: number, rule: readonly [string, string]): Request[] =>
    Array.from({ length: count }, (_, index) => ({ id: `${rule[0]}-${index}`, rules: [rule], at: index }));
  const blocksOf = async (requests: readonly Request[], counted: number, conf: string): Promise<unknown> => {
    const root = serverWith(requests);
    root.write('/etc/csf/csf.conf', conf);
    root.write(
      '/var/log/lfd.log',
      `Jan  5 09:01:00 host lfd[9]: (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (-): ${counted} in the last 3600 secs - *Blocked in csf* [LF_MODSEC]\n`,
      // lfd.log has no year: the file's time gives it.
      Date.now() - Date.UTC(2027, 0, 5, 9, 2, 0),
    );
    const ctx = openAt(root.dir, '2027-01-05T10:00:00Z');
    const { blocks } = await previewScope(ctx, shop({ ruleId: '942100' }), ALL);
    return blocks.map(({ count, limit, left, happens }) => ({ count, limit, left, happens }));
  };
  const FIVE = 'LF_MODSEC = "5"\n';

  test('enough are left', async () => {
    expect(await blocksOf([...many(2, SQL), ...many(5, XSS)], 7, FIVE)).toEqual([
      { count: 7, limit: 5, left: 5, happens: 'yes' },
    ]);
  });
  test('lines that are not kept might be freed too', async () => {
    expect(await blocksOf([...many(2, SQL), ...many(3, XSS)], 8, FIVE)).toEqual([
      { count: 8, limit: 5, left: 6, happens: 'uncertain' },
    ]);
  });
  test('the limit is not in csf.conf: what lfd counted stands for it', async () => {
    expect(await blocksOf([...many(2, SQL), ...many(3, XSS)], 5, '')).toEqual([
      { count: 5, limit: null, left: 3, happens: 'no' },
    ]);
  });
});

describe('the demo server', () => {
  test('passes and blocked are what the arithmetic says, counted in another way', async () => {
    const ctx = openAt(unpackDemo(join(tempDir(), 'demo'), Date.UTC(2027, 0, 5, 9, 30, 0)).root);
    const tried: Tried = { scope: { ...shop({}).scope, ruleId: '942100' }, form: 'ctl' };
    const preview = await previewScope(ctx, tried, { window: null, most: 1_000_000 });
    expect(preview.refused).toBeGreaterThan(5);
    expect(preview.totals.bound).toBe(0);
    for (const row of preview.transactions) {
      const { hits } = toTransaction(ctx.store.transactions.byId(row.uniqueId)!);
      const total = Number(
        /Total Score: (\d+)/.exec(hits.find(({ ruleId }) => ruleId === '949110')?.message ?? '')?.[1],
      );
      const gone = hits.filter(({ ruleId }) => ruleId === '942100').length * 5;
      expect([row.uniqueId, row.outcome]).toEqual([row.uniqueId, total - gone < 5 ? 'passes' : 'blocked']);
    }
  });
});
