// What happens when the same comes again after an unblock: by the settings, the visit, and what is excluded by now.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AgainFacts, againOf, againStatements, type RefusedAt } from '../../src/actions/again.ts';
import { explain } from '../../src/actions/explain.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';
import { EPOCH, type FirewallServer, firewallServer, modsec, NOW_MS } from './firewall-kit.ts';

const CONF: Readonly<Record<string, string>> = {
  ...{
    TESTING: '0',
    LF_DAEMON: '1',
    LF_TRIGGER: '0',
    LF_MODSEC: '5',
    LF_MODSEC_PERM: '1',
    LF_INTERVAL: '3600',
  },
  ...{ LF_PERMBLOCK: '1', LF_PERMBLOCK_COUNT: '4', LF_PERMBLOCK_INTERVAL: '86400', LF_NETBLOCK: '0' },
  ...{ LF_NETBLOCK_COUNT: '4', LF_NETBLOCK_INTERVAL: '86400', LF_TRIGGER_PERM: '1', LF_NETBLOCK_IPV6: '' },
};
const refusals = (number: number, everyMs = 100, change: Partial<RefusedAt> = {}): RefusedAt[] =>
  Array.from({ length: number }, (_, index) => ({
    ...{ at: NOW_MS + index * everyMs, lines: 1, isFreed: false, isUnseen: false },
    ...change,
  }));
const again = (change: Partial<AgainFacts> = {}, conf: Readonly<Record<string, string>> = {}): string[] =>
  againOf({
    ...{
      target: '203.0.113.7',
      trigger: 'LF_MODSEC',
      refusals: refusals(10),
      mode: 'On',
      isIgnored: false,
      earlier: 0,
    },
    conf: new Map(Object.entries({ ...CONF, ...conf })),
    ...change,
  }).map(({ basis, sentence }) => `${basis}: ${sentence}`);

describe('refusals by ModSecurity', () => {
  test('a visit that is enough', () => {
    expect(again()).toEqual([
      'inferred: The same requests would have it blocked again at the 5th refusal within an hour, for good: this visit made 10.',
    ]);
  });
  test('a visit that is not', () => {
    expect(again({ refusals: refusals(2) })).toEqual([
      'inferred: One such visit makes 2 refusals, and lfd blocks at the 5th refusal within an hour, for good (LF_MODSEC): the 3rd such visit within that time is blocked.',
    ]);
    expect(again({ refusals: refusals(1) })[0]).toContain('makes 1 refusal,');
  });
  test('a visit of hours counts by its densest hour', () => {
    expect(again({ refusals: refusals(10, 1_800_000) })[0]).toContain('One such visit makes 2 refusals');
    expect(again({ refusals: refusals(4, 1000, { lines: 2 }) })[0]).toContain('this visit made 8.');
  });
  test('what exclusions free does not count', () => {
    const freed = refusals(10, 100, { isFreed: true });
    expect(again({ refusals: freed })).toEqual([
      'inferred: Exclusions in force free all 10 refusals of this visit: the same requests pass by now, and lfd has nothing to count.',
    ]);
    expect(again({ refusals: [...freed, ...refusals(6)] })[0]).toBe(
      'inferred: Exclusions in force free 10 of its 16 refusals. The same requests would have it blocked again at the 5th refusal within an hour, for good: this visit made 6.',
    );
  });
  test('nor what lfd cannot see', () => {
    expect(again({ refusals: refusals(10, 100, { isUnseen: true }) })[0]).toContain(
      'lfd does not see the lines',
    );
  });
  test('where the requests are not kept, the settings alone tell', () => {
    expect(again({ refusals: null })).toEqual([
      'inferred: Whoever is refused as before is blocked again: lfd blocks at the 5th refusal within an hour, for good (LF_MODSEC).',
    ]);
    expect(again({ refusals: [] })[0]).toContain('This visit made no refusal that lfd counts');
  });
  test('all kinds of failures together', () => {
    expect(again({ trigger: 'LF_TRIGGER' }, { LF_TRIGGER: '6' })[0]).toContain(
      'at the 6th refusal within an hour',
    );
    expect(again({ refusals: null }, { LF_TRIGGER: '6' })[0]).toContain(
      '(LF_TRIGGER, failed logins counted too)',
    );
  });
  test.each<[string, Partial<AgainFacts>, Readonly<Record<string, string>>, string]>([
    ['0 is for good', {}, { LF_MODSEC_PERM: '0' }, 'within an hour, for good'],
    ['3 is three seconds', {}, { LF_MODSEC_PERM: '3' }, 'within an hour, for 3 seconds'],
    ['LF_MODSEC 0', {}, { LF_MODSEC: '0' }, 'known: LF_MODSEC is 0: lfd blocks nobody for refusals.'],
    [
      'DetectionOnly',
      { mode: 'DetectionOnly' },
      {},
      'ModSecurity refuses nothing now (SecRuleEngine DetectionOnly)',
    ],
    ['Off', { mode: 'Off' }, {}, 'SecRuleEngine Off'],
    ['csf.ignore', { isIgnored: true }, {}, 'known: csf.ignore names 203.0.113.7: lfd counts nothing of it'],
    ['testing', {}, { TESTING: '1' }, 'known: lfd does not run (TESTING is 1)'],
    ['lfd off', {}, { LF_DAEMON: '0' }, 'known: lfd does not run (LF_DAEMON is 0)'],
    ['no csf.conf', { conf: new Map() }, {}, 'missing: At which refusal lfd blocks is not known'],
    ['a block of blocks', { trigger: 'LF_PERMBLOCK' }, {}, 'at the 5th refusal'],
    ['no block, but refusals', { trigger: null }, {}, 'at the 5th refusal'],
  ])('%s', (_, ...[change, conf, words]) => {
    expect(again(change, conf)[0]).toContain(words);
  });
  test('neither block nor refusal', () => {
    expect(again({ trigger: null, refusals: null })).toEqual([]);
    expect(again({ trigger: null, refusals: [] })).toEqual([]);
  });
});

describe('sums of blocks', () => {
  test('temporary ones add up to a permanent one', () => {
    expect(again({}, { LF_MODSEC_PERM: '3600' })[1]).toBe(
      'inferred: More than 4 temporary blocks within 24 hours become a permanent one (LF_PERMBLOCK).',
    );
    expect(again({ earlier: 3 }, { LF_MODSEC_PERM: '3600' })[1]).toBe(
      'known: More than 4 temporary blocks within 24 hours become a permanent one (LF_PERMBLOCK). csf remembers 3 of it; csf -dr forgets them, csf -trd does not.',
    );
    expect(again({}, { LF_MODSEC_PERM: '3600', LF_PERMBLOCK: '0' })).toHaveLength(1);
  });
  test('addresses add up to a net', () => {
    expect(again({}, { LF_NETBLOCK: '1' })[1]).toContain('More than 4 blocks of one net within 24 hours');
    expect(again({ target: '2001:db8::7' }, { LF_NETBLOCK: '1' })).toHaveLength(1);
    expect(again({ target: '2001:db8::7' }, { LF_NETBLOCK: '1', LF_NETBLOCK_IPV6: '/64' })).toHaveLength(2);
  });
});

test.each<[string, Readonly<Record<string, string>>, string[]]>([
  [
    'LF_FTPD',
    { LF_FTPD: '10', LF_FTPD_PERM: '1' },
    [
      'inferred: lfd blocks it again at the 10th failed FTP login within an hour, for good (LF_FTPD).',
      'inferred: An FTP program has an old password saved. Change it there, then unblock.',
    ],
  ],
  ['LF_FTPD', { LF_FTPD: '0' }, ['known: LF_FTPD is 0 by now: lfd does not block for that any more.']],
  [
    'LF_SSHD',
    {},
    ['missing: At which failure lfd blocks again is not known: csf.conf does not say (LF_SSHD).'],
  ],
  [
    'LF_APACHE_404',
    { LF_APACHE_404: '200', LF_APACHE_404_PERM: '3600' },
    [
      'inferred: lfd blocks it again with more than 200 requests for missing pages within an hour, for an hour (LF_APACHE_404).',
    ],
  ],
  [
    'CT_LIMIT',
    { CT_LIMIT: '300', CT_BLOCK_TIME: '1800', CT_PERMANENT: '0' },
    ['inferred: lfd blocks it again with more than 300 open connections, for 30 minutes (CT_LIMIT).'],
  ],
  [
    'CT_LIMIT',
    { CT_LIMIT: '300', CT_PERMANENT: '1' },
    ['inferred: lfd blocks it again with more than 300 open connections, for good (CT_LIMIT).'],
  ],
  [
    'PS_LIMIT',
    { PS_LIMIT: '10', PS_INTERVAL: '300' },
    ['inferred: lfd blocks it again at the 10th packet to a closed port within 5 minutes (PS_LIMIT).'],
  ],
  [
    'LT_POP3D',
    { LT_POP3D: '60' },
    ['inferred: lfd blocks it again with more than 60 POP3 logins within an hour (LT_POP3D).'],
  ],
  ['LF_CLUSTER', {}, ['inferred: Another server of the cluster asked for the block, and may ask again.']],
  [
    'LF_PERMBLOCK',
    {},
    [
      'inferred: lfd blocks it for good again after more than 4 temporary blocks within 24 hours; csf -dr forgets those that it had.',
    ],
  ],
  [
    'LF_NETBLOCK',
    {},
    ['inferred: lfd blocks the net again after more than 4 blocks of its addresses within 24 hours.'],
  ],
  [
    'LF_CUSTOMTRIGGER',
    {},
    [
      'missing: An expression of this server’s own (regex.custom.pm) blocked it: at which hit it does so again is not known here.',
    ],
  ],
  [
    'LF_WHATEVER',
    { LF_WHATEVER: '5' },
    ['missing: At which failure lfd blocks again is not known: csf.conf does not say (LF_WHATEVER).'],
  ],
])('%s %j', (trigger, ...[conf, sentences]) => {
  const said = again({ trigger, refusals: null }, conf);
  expect(said.slice(0, sentences.length)).toEqual(sentences);
});

describe('an incident on a server', () => {
  let server: FirewallServer;
  beforeAll(() => {
    server = firewallServer();
    const hit = (at: string, id: string, number: number, words: string): string =>
      `[Sun Nov 22 ${at}.000000 2026] [:error] [pid 1:tid 1] [client 203.0.113.7:500${number}] [client 203.0.113.7] ModSecurity: ${words} [hostname "${id}"] [uri "/a"] [unique_id "aHPg5tQ2v8k3LhXc0000000${number}"]`;
    const visit = [1, 2, 3, 4, 5, 6].flatMap((number) => {
      const host = number === 6 ? 'addon.example.net' : 'shop.example.com';
      return [
        hit(
          `13:00:0${number}`,
          host,
          number,
          'Warning. Pattern match "x" at ARGS:a. [file "/r/942.conf"] [line "5"] [id "942230"] [msg "SQL"] [severity "CRITICAL"]',
        ),
        hit(
          `13:00:0${number}`,
          host,
          number,
          'Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/r/949.conf"] [line "93"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 5)"] [severity "CRITICAL"]',
        ),
      ];
    });
    server.root.write('/var/log/apache2/error_log', `${visit.join('\n')}\n`, Date.now() - NOW_MS);
  });
  afterAll(() => {
    server.ctx.close();
  });
  const said = async (conf: Readonly<Record<string, string>> = {}, lists = {}): Promise<string[]> => {
    server.lists({ deny: `203.0.113.7 # ${modsec('203.0.113.7')}\n`, ...lists }, conf);
    const story = await explain(server.ctx, '203.0.113.7');
    expect(story.incident?.denied).toBe(6);
    const now = await server.where('203.0.113.7');
    return againStatements(server.ctx, now, '203.0.113.7', story).map(({ sentence }) => sentence);
  };

  test('is blocked again by the same requests', async () => {
    expect(await said()).toEqual([
      'The same requests would have it blocked again at the 5th refusal within an hour, for good: this visit made 6.',
    ]);
  });
  test('csf’s memory of temporary blocks', async () => {
    const tempip = `203.0.113.7|0|${EPOCH - 60}|x\n203.0.113.7|1|${EPOCH - 50}|x\n203.0.113.8|0|${EPOCH - 60}|x\n`;
    expect(
      (await said({ LF_MODSEC_PERM: '600', LF_PERMBLOCK: '1', LF_PERMBLOCK_COUNT: '4' }, { tempip }))[1],
    ).toContain('csf remembers 1 of it');
  });
  test('lfd ignores it', async () => {
    expect((await said({}, { ignore: '203.0.113.0/24\n' }))[0]).toContain('csf.ignore names 203.0.113.7');
  });
  test('an exclusion in force on one site frees its part', async () => {
    const { store } = server.ctx;
    const scope: ExclusionScope = {
      ...{ kind: 'engine-off', vhost: 'shop.example.com', ruleId: null, tag: null, target: null, path: null },
    };
    const id = store.write(() => {
      const made = store.exclusions.add({
        ...{ scope, form: 'ctl', reason: 'x', author: 'root', account: 'shopuser' },
        ...{ createdAt: NOW_MS, expiresAt: null },
      });
      store.exclusions.activate(made);
      return made;
    });
    expect(await said()).toEqual([
      'Exclusions in force free 5 of its 6 refusals. One such visit makes 1 refusal, and lfd blocks at the 5th refusal within an hour, for good (LF_MODSEC): the 5th such visit within that time is blocked.',
    ]);
    store.write(() => {
      store.exclusions.end(id, 'reverted', NOW_MS);
    });
    expect((await said())[0]).toContain('this visit made 6.');
  });
  test('a net has no visit of its own', async () => {
    server.lists({
      deny: '203.0.113.0/24 # lfd: (NETBLOCK) 203.0.113.0/24 (-) has had more than 4 blocks in the last 86400 secs - Sun Nov 22 13:04:07 2026\n',
    });
    const now = await server.where('203.0.113.0/24');
    expect(againStatements(server.ctx, now, '203.0.113.0/24', null).map(({ sentence }) => sentence)).toEqual([
      'lfd blocks the net again after more than LF_NETBLOCK_COUNT blocks of its addresses within 24 hours.',
    ]);
  });
});
