// The rule list, the page of a rule, the engine's facts and `whyblocked rules`, on the demo server and on made ones.
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { engineFacts } from '../../src/actions/engine-facts.ts';
import { ruleCatalogue } from '../../src/actions/rule-catalogue.ts';
import { countRules } from '../../src/actions/rule-counts.ts';
import { listRules, viewRule } from '../../src/actions/rule-view.ts';
import { installedRules } from '../../src/actions/rules.ts';
import { indexVhosts } from '../../src/actions/vhosts.ts';
import { addRulesCommand } from '../../src/cli/rules-command.ts';
import type { OpenContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';
import { open } from './kit.ts';

const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);
const CONF = '/etc/apache2/conf.d';
const RULES = `${CONF}/modsec_vendor_configs/OWASP3/rules/a.conf`;
const contexts: OpenContext[] = [];
afterAll(() => {
  for (const ctx of contexts) ctx.close();
});

function openAt(root: string): OpenContext {
  const ctx = open({ root });
  contexts.push(ctx);
  return ctx;
}

const rule = (id: number, more = ''): string =>
  `SecRule ARGS "@rx x" "id:${id},phase:2,block,severity:CRITICAL,msg:'Rule ${id}',tag:'attack-sqli'${more}"\n`;
const scored = ",setvar:'tx.anomaly_score_pl1=+%{tx.critical_anomaly_score}'";

function smallServer(): TestRoot {
  const root = makeServer();
  root.write(`${CONF}/modsec2.conf`, `SecRuleEngine On\nInclude ${CONF}/modsec/modsec2.cpanel.conf\n`);
  root.write(
    `${CONF}/modsec/modsec2.cpanel.conf`,
    `Include ${CONF}/modsec_vendor_configs/OWASP3/rules/*.conf\nSecRuleRemoveById 942140\n`,
  );
  root.write(RULES, rule(942100, scored) + rule(942140, scored) + rule(942190, scored));
  return root;
}

/** Lines of error_log as ModSecurity writes them. */
function hitLine(id: string, host: string, client: string, uniqueId: string): string {
  return `[Tue Jan 05 09:00:0${uniqueId.length % 10}.000000 2027] [security2:error] [pid 1:tid 1] [client ${client}:0] [client ${client}] ModSecurity: Warning. Pattern match "x" at ARGS:q. [file "${RULES}"] [line "1"] [id "${id}"] [msg "Rule ${id}"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"] [tag "paranoia-level/2"] [hostname "${host}"] [uri "/"] [unique_id "${uniqueId}"]\n`;
}

describe('the demo server', () => {
  let ctx: OpenContext;
  beforeAll(() => {
    ctx = openAt(unpackDemo(join(tempDir(), 'demo'), NOW).root);
  });

  test('lists all rules, those that fired first, with counts that agree with what is kept', async () => {
    const rows = await listRules(ctx, { vhost: null, text: null });
    expect(rows.length).toBeGreaterThan(200);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const requests = rows.map((row) => row.requests);
    expect(requests).toEqual(requests.toSorted((a, b) => b - a));
    expect(rows[0]).toMatchObject({ id: '949110', onlyAddsUp: true, points: null, vendor: 'OWASP3' });
    const row = rows.find(({ id }) => id === '942100');
    // Counted in another way: over the incidents' transactions.
    const all = ctx.store.incidents
      .newest(null)
      .map(({ client }) => client)
      .filter((client, at, clients) => clients.indexOf(client) === at)
      .flatMap((client) => [...ctx.store.transactions.outlines(client, 0)])
      .filter(({ ruleIds }) => ruleIds.includes('942100'));
    expect(all.length).toBeGreaterThan(0);
    expect(row).toMatchObject({
      title: 'Text read as SQL',
      severity: 'CRITICAL',
      points: 5,
      paranoiaLevel: 1,
      phase: 2,
      disabled: false,
      requests: all.length,
    });
  });

  test('narrows to a vhost by any of its domains, and to words', async () => {
    const shop = await listRules(ctx, { vhost: 'www.shop.example.com', text: null });
    expect(shop.length).toBeGreaterThan(0);
    expect(shop.every(({ requests, vhosts }) => requests > 0 && vhosts === 1)).toBe(true);
    const words = await listRules(ctx, { vhost: null, text: 'libinjection SQLI' });
    expect(words.map(({ id }) => id)).toContain('942100');
    expect(words.every(({ id }) => id.startsWith('942'))).toBe(true);
    expect((await listRules(ctx, { vhost: null, text: '942100' })).map(({ id }) => id)).toEqual(['942100']);
    await expect(listRules(ctx, { vhost: 'nobody.example.org', text: null })).rejects.toThrow(
      'No vhost of this server serves nobody.example.org.',
    );
  });

  test('shows one rule whole', async () => {
    const excluded = [{ vhost: 'shop.example.com', words: 'off', id: 3 }];
    const view = await viewRule(ctx, '942100', excluded);
    expect(view).toMatchObject({
      id: '942100',
      title: 'Text read as SQL',
      definitions: [
        {
          vendor: 'OWASP3',
          line: 66,
          operator: '@detectSQLi',
          disruptive: 'block',
          active: true,
          disabledBy: null,
          version: 'OWASP_CRS/3.3.4',
        },
      ],
      excluded,
    });
    const args = view?.covers.find(({ target }) => target === 'ARGS');
    expect(args?.rules.map(({ id }) => id)).toContain('942190');
    expect(args?.rules.every(({ paranoiaLevel }) => (paranoiaLevel ?? 1) === 1)).toBe(true);
    expect(args?.more).toBeGreaterThan(0);
    expect(view?.fires.length).toBeGreaterThan(0);
    expect(view?.settings.map(({ name }) => name)).toContain('Inbound threshold');
  });

  test('a rule that only adds up covers nothing; an unknown one is null', async () => {
    expect((await viewRule(ctx, '949110'))?.covers).toEqual([]);
    expect(await viewRule(ctx, '123456')).toBeNull();
    expect(await viewRule(ctx, 'constructor')).toBeNull();
  });

  test('tells engine, thresholds and levels, and no difference to the logs', async () => {
    const facts = await engineFacts(ctx);
    expect(facts).toMatchObject({ mode: 'On', engine: 'modsecurity-2' });
    expect(facts.settings.map(({ name, config, logs }) => [name, config, logs])).toEqual([
      ['Engine', 'On', 'On'],
      ['CRS version', '3.3.4', '3.3.4'],
      ['Inbound threshold', '5', '5'],
      ['Outbound threshold', '4', null],
      ['Blocking paranoia level', '1', null],
      ['Detection paranoia level', '1', '1'],
      ['Response bodies', 'On', null],
    ]);
    expect(facts.settings.filter(({ warning }) => warning !== null)).toEqual([]);
    const logged = facts.settings.find(({ name }) => name === 'Inbound threshold');
    expect(await ctx.host.lineAt(logged!.lines.find(({ file }) => file.endsWith('error_log'))!)).toMatch(
      /\[id "949110"\]/,
    );
  });

  test('whyblocked rules: text and JSON', async () => {
    const run = async (...args: string[]): Promise<string> => {
      let out = '';
      const output = {
        colour: false,
        width: 100,
        write: (text: string) => {
          out += text;
        },
        note: () => undefined,
      };
      const command = new Command('rules').exitOverride();
      addRulesCommand(command, output, (_options, work) => work(ctx));
      await command.parseAsync(args, { from: 'user' });
      return out;
    };
    const text = await run();
    expect(text).toMatch(/^Rule {5}Points Requests Visitors Vhosts People\n949110 {8}- /);
    expect(text).toMatch(/\n942100 {8}5 .* Text read as SQL\n/);
    expect(text).toMatch(/\n\d+ other installed rules did not fire\.\n$/);
    const lines = (await run('--vhost', 'shop.example.com', '--json')).trimEnd().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(Object.keys(rows[0] ?? {}).sort()).toEqual(
      [
        ...['id', 'title', 'severity', 'points', 'paranoiaLevel', 'phase', 'message', 'onlyAddsUp', 'vendor'],
        ...['file', 'line', 'disabled', 'requests', 'visitors', 'vhosts', 'noise'],
      ].sort(),
    );
  });
});

describe('a server of few rules', () => {
  test('what is switched off is marked, and stands for nothing', async () => {
    const ctx = openAt(smallServer().dir);
    const rows = await listRules(ctx, { vhost: null, text: null });
    expect(rows.map(({ id, disabled }) => [id, disabled])).toEqual([
      ['942100', false],
      ['942140', true],
      ['942190', false],
    ]);
    const off = await viewRule(ctx, '942140');
    expect(off?.definitions[0]?.disabledBy).toBe(
      'switched off in WHM for the whole server (modsec2.cpanel.conf:2)',
    );
    const view = await viewRule(ctx, '942100');
    expect(view?.covers.map(({ target, rules }) => [target, rules.map(({ id }) => id)])).toEqual([
      ['ARGS', ['942190']],
    ]);
  });

  test('a changed rule file is read anew, an unchanged server is not', () => {
    const root = smallServer();
    const ctx = openAt(root.dir);
    const first = ruleCatalogue(ctx);
    expect(ruleCatalogue(ctx)).toBe(first);
    expect([...installedRules(ctx).keys()]).toContain('942190');
    root.write(RULES, rule(942100, scored) + rule(942500, scored), 1000);
    expect([...ruleCatalogue(ctx).rules.keys()].sort()).toEqual(['942100', '942500']);
    expect([...installedRules(ctx).keys()].sort()).toEqual(['942100', '942500']);
    root.write(`${CONF}/modsec/modsec2.cpanel.conf`, '# nothing is loaded\n', 500);
    expect(ruleCatalogue(ctx).rules.get('942100')?.[0]?.loaded).toBe(false);
  });

  test('a rule that fired and is not installed is known by its line', async () => {
    const root = smallServer();
    root.write(
      '/var/log/apache2/error_log',
      hitLine('942999', 'shop.example.com', '203.0.113.7', 'aaaaaaaaaaaaaaaaaaaaaaaaaaA') +
        hitLine('942999', 'evil.example.net', '203.0.113.8', 'aaaaaaaaaaaaaaaaaaaaaaaaaaB'),
    );
    const ctx = openAt(root.dir);
    const [row] = await listRules(ctx, { vhost: null, text: null });
    expect(row).toMatchObject({
      id: '942999',
      title: 'Text read as SQL',
      message: 'Rule 942999',
      points: 5,
      paranoiaLevel: 2,
      file: RULES,
      requests: 2,
      visitors: 2,
      vhosts: 2,
    });
    const view = await viewRule(ctx, '942999');
    expect(view?.definitions).toEqual([]);
    expect(view?.fires).toEqual([
      { vhost: 'other host names', requests: 1, visitors: 1 },
      { vhost: 'shop.example.com', requests: 1, visitors: 1 },
    ]);
  });

  test.each([
    ['/usr/local/lsws/bin/lshttpd', '', 'litespeed'],
    ['/etc/nginx/conf.d/modsec30.conf', '', 'nginx'],
    ['/etc/cpanel/ea4/modsecurity.version', '3.0.14\n', 'modsecurity-3'],
    ['/etc/cpanel/ea4/modsecurity.version', '2.9.13\n', 'modsecurity-2'],
  ])('%s %j: the engine is %s', async (path, text, engine) => {
    const root = smallServer();
    root.write(path, text);
    expect((await engineFacts(openAt(root.dir))).engine).toBe(engine);
  });

  test('without ModSecurity nothing is said', async () => {
    const ctx = openAt(makeServer().dir);
    expect(await listRules(ctx, { vhost: null, text: null })).toEqual([]);
    expect(await engineFacts(ctx)).toMatchObject({ mode: null, engine: null });
  });
});

test('any number of made-up host names stays one line', () => {
  const vhosts = indexVhosts([], null);
  const uses = Array.from({ length: 5000 }, (_, at) => ({
    ruleIds: ['920350', '949110'],
    vhost: `h${at}.example.org`,
    client: '203.0.113.7',
    requests: 2,
    at: at === 77 ? 9 : 1,
    uniqueId: `u${at}`,
  }));
  const count = countRules(uses, vhosts, false).get('920350');
  expect(count).toMatchObject({ requests: 10_000, visitors: 1, newest: 'u77' });
  expect(count?.vhosts.length).toBeLessThanOrEqual(1001);
  expect(countRules(uses, vhosts, true).get('949110')?.vhosts).toEqual([
    { vhost: 'other host names', requests: 10_000, visitors: 1 },
  ]);
});
