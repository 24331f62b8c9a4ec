import { describe, expect, test } from '@jest/globals';
import type { FoundView } from '../../src/actions/exclusion-view.ts';
import { adoptPlan, foundExclusions } from '../../src/actions/found.ts';
import { makeServer, type TestRoot } from '../host/make-root.ts';
import { open } from './kit.ts';

const CONF = '/etc/apache2/conf.d';
const TOP = `${CONF}/userdata`;
const SHOP = '2_4/shopuser/shop.example.com';
const HEAD = '# Do not modify this file directly as it will be overwritten by cmc\n';

const RULES = [
  `SecRule REQUEST_METHOD "!@within GET" "id:911100,phase:1,block,tag:'attack-generic'"`,
  `SecRule ARGS|REQUEST_COOKIES "@detectXSS" "id:941100,phase:2,block,tag:'attack-xss'"`,
  `SecRule ARGS "@rx x" "id:941160,phase:2,block,tag:'attack-xss'"`,
  `SecRule ARGS "@detectSQLi" "id:942100,phase:2,block,tag:'attack-sqli'"`,
  `SecRule ARGS "@rx y" "id:942190,phase:2,block,tag:'attack-sqli'"`,
  `SecRule TX:ANOMALY_SCORE "@ge 5" "id:949110,phase:2,deny,tag:'attack-generic'"`,
].join('\n');

const VENDOR = `SecRuleEngine On\nInclude "${CONF}/modsec_vendor_configs/OWASP3/rules/*.conf"\n`;

function server(files: Readonly<Record<string, string>> = {}): TestRoot {
  const root = makeServer();
  root.write(`${CONF}/modsec_vendor_configs/OWASP3/rules/a.conf`, RULES);
  root.write(`${CONF}/modsec_vendor_configs/OTHER/b.conf`, 'SecAction "id:1234567,phase:1,pass"');
  root.write(
    `${CONF}/modsec2.conf`,
    `Include ${CONF}/modsec/modsec2.user.conf\nInclude ${CONF}/modsec/modsec2.cpanel.conf\n`,
  );
  root.write(`${CONF}/modsec/modsec2.cpanel.conf`, VENDOR);
  for (const [path, text] of Object.entries(files))
    root.write(path.startsWith('/') ? path : `${TOP}/${path}`, text);
  return root;
}

/** The same text in std and ssl of the shop’s folder. */
const both = (name: string, text: string): Record<string, string> => ({
  [`std/${SHOP}/${name}`]: text,
  [`ssl/${SHOP}/${name}`]: text,
});

function cmc(...ids: readonly string[]): string {
  const lines = ids.map((id) => `SecRuleRemoveById ${id}\n`).join('');
  const again = ids.map((id) => `\tSecRuleRemoveById ${id}\n`).join('');
  return `${HEAD}<IfModule mod_security2.c>\n${lines}<LocationMatch .*>\n${again}</LocationMatch>\n</IfModule>\n`;
}

async function found(root: TestRoot, vhost: string | null = null): Promise<readonly FoundView[]> {
  const ctx = open({ root: root.dir });
  try {
    return await foundExclusions(ctx, vhost);
  } finally {
    ctx.close();
  }
}

async function one(root: TestRoot): Promise<FoundView> {
  const views = await found(root);
  expect(views).toHaveLength(1);
  return views[0]!;
}

/** The find and what taking it over does, files by their name below userdata. */
async function taken(
  root: TestRoot,
  pick: (view: FoundView) => boolean = () => true,
): Promise<{ view: FoundView; scopes: unknown[]; after: Record<string, string> }> {
  const ctx = open({ root: root.dir });
  try {
    const view = (await foundExclusions(ctx, null)).find(pick)!;
    const plan = (await adoptPlan(ctx, view.key))!;
    expect(plan.view).toEqual(view);
    return {
      view,
      scopes: plan.scopes.map((scope) =>
        Object.fromEntries(Object.entries(scope).filter(([, value]) => value !== null)),
      ),
      after: Object.fromEntries(plan.edits.map(({ path, after }) => [path.replace(`${TOP}/`, ''), after])),
    };
  } finally {
    ctx.close();
  }
}

const codes = (view: FoundView): string[] => view.warnings.map(({ code }) => code);
const rule = (ruleId: string, vhost = 'shop.example.com'): unknown => ({ kind: 'rule-vhost', vhost, ruleId });

describe('CMC’s files', () => {
  test('a domain’s file, std and ssl the same: one find, and both files are left with a comment', async () => {
    const { view, scopes, after } = await taken(server(both('modsec.conf', cmc('942100', '941160'))));
    expect(view).toMatchObject({
      maker: 'cmc',
      vhost: 'shop.example.com',
      account: 'shopuser',
      words: 'Off on shop.example.com: rules 941160 and 942100.',
      warnings: [],
      adoptWhy: null,
    });
    expect(view.places).toHaveLength(8);
    expect(view.places[0]).toEqual({
      file: `${TOP}/std/${SHOP}/modsec.conf`,
      line: 3,
      text: 'SecRuleRemoveById 942100',
    });
    expect(view.scopes.map(({ ruleId, form }) => [ruleId, form])).toEqual([
      ['942100', 'directive'],
      ['941160', 'directive'],
    ]);
    expect(scopes).toEqual([rule('942100'), rule('941160')]);
    expect(Object.keys(after)).toEqual([`std/${SHOP}/modsec.conf`, `ssl/${SHOP}/modsec.conf`]);
    for (const text of Object.values(after)) {
      expect(text).not.toBe('');
      for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^# .*[^\\]$/);
    }
  });

  test.each([
    ['flat', 'SecRuleRemoveById 942100\n'],
    ['only the block', '<LocationMatch .*>\nSecRuleRemoveById 942100\n</LocationMatch>\n'],
    ['marks', '# Start cmc block\nSecRuleRemoveById 942100\n# End cmc block\n'],
    ['without IfModule', `${HEAD}SecRuleRemoveById 942100\n`],
  ])('an old form: %s', async (_name, text) => {
    const { view, scopes, after } = await taken(server(both('modsec.conf', text)));
    expect([view.maker, view.words, codes(view)]).toEqual([
      'cmc',
      'Off on shop.example.com: rule 942100.',
      [],
    ]);
    expect(scopes).toEqual([rule('942100')]);
    expect(Object.values(after).every((left) => !/^\s*Sec/m.test(left))).toBe(true);
  });

  test('a file without ids, or with the comment of the first start, is no find', async () => {
    const root = server({
      ...both('modsec.conf', `${HEAD}<IfModule mod_security2.c>\n</IfModule>\n`),
      [`${CONF}/modsec2.whitelist.conf`]: '# ConfigServer ModSecurity whitelist file\n',
    });
    expect(await found(root)).toEqual([]);
  });

  test('std and ssl differ: said, and both ids are taken over', async () => {
    const root = server({
      [`std/${SHOP}/modsec.conf`]: cmc('942100', '941160'),
      [`ssl/${SHOP}/modsec.conf`]: cmc('942100', '942190'),
    });
    const { view, scopes } = await taken(root);
    expect(view.warnings).toEqual([
      {
        level: 'warn',
        code: 'trees-differ',
        text: 'Plain HTTP and HTTPS differ. Switched off only for plain HTTP: rule 941160; only for HTTPS: rule 942190.',
      },
    ]);
    expect(scopes).toEqual([rule('942100'), rule('941160'), rule('942190')]);
  });

  test('the engine is off: said, stays as it is, and only the ids are taken over', async () => {
    const text = `${HEAD}<IfModule mod_security2.c>\nSecRuleEngine Off\nSecRuleRemoveById 942100\n</IfModule>\n`;
    const { view, scopes, after } = await taken(server(both('modsec.conf', text)));
    expect(view.words).toBe(
      'Off on shop.example.com: the whole rule engine (SecRuleEngine Off); rule 942100.',
    );
    expect(codes(view)).toEqual(['engine-off', 'stays']);
    expect(view.warnings[1]?.text).toContain('one hour');
    expect(scopes).toEqual([rule('942100')]);
    expect(after[`std/${SHOP}/modsec.conf`]).toBe(
      text.replace('SecRuleRemoveById', '# adopted by Whyblocked: SecRuleRemoveById'),
    );
  });

  test('only the engine: nothing can be taken over, and it says why', async () => {
    const { view, scopes, after } = await taken(
      server(both('modsec.conf', `${HEAD}<IfModule mod_security2.c>\nSecRuleEngine Off\n</IfModule>\n`)),
    );
    expect([scopes, after, view.scopes]).toEqual([[], {}, []]);
    expect(view.adoptWhy).toContain('one hour');
  });

  test('a user’s file becomes exclusions of all vhosts of the account', async () => {
    const { view, scopes } = await taken(server({ 'std/2_4/shopuser/modsec.conf': cmc('942100') }));
    expect([view.vhost, view.account, view.words]).toEqual([
      null,
      'shopuser',
      'Off on all vhosts of shopuser: rule 942100.',
    ]);
    expect(codes(view)).toEqual(['trees-differ', 'account-wide']);
    expect(scopes).toEqual([rule('942100'), rule('942100', 'addon.shop.example.com')]);
  });

  test('the global file with its blocks for folders is shown, not taken over', async () => {
    const view = await one(
      server({
        [`${CONF}/modsec2.whitelist.conf`]: `${HEAD}<IfModule mod_security2.c>\n<DirectoryMatch '/home/shopuser/admin'>\n\tSecRuleEngine Off\n\tSecRuleRemoveById 911100\n</DirectoryMatch>\nSecRuleRemoveById 942190\n</IfModule>\n`,
      }),
    );
    expect([view.maker, view.vhost, view.scopes]).toEqual(['cmc', null, []]);
    expect(view.words).toBe(
      'Off on the whole server: the whole rule engine (SecRuleEngine Off); rule 911100, inside <DirectoryMatch /home/shopuser/admin>; rule 942190.',
    );
    expect(view.adoptWhy).toContain('whole server');
    expect(codes(view)).toEqual(['engine-off', 'phase', 'section']);
  });

  test('an id that is not installed is said and left out; the file is left with a comment all the same', async () => {
    const { view, scopes, after } = await taken(server(both('modsec.conf', cmc('942100', '1234567'))));
    expect(view.warnings.map(({ text }) => text)).toEqual([
      'Not installed: rule 1234567. Nothing is switched off by that.',
    ]);
    expect(scopes).toEqual([rule('942100')]);
    expect(after[`std/${SHOP}/modsec.conf`]).not.toContain('1234567');
  });

  test('hand-made lines in CMC’s file are a find of their own, and stay byte for byte', async () => {
    const text = `${HEAD}<IfModule mod_security2.c>\nSecRuleRemoveById 942100\nSecRuleRemoveByMsg "x"\n</IfModule>\n`;
    const root = server(both('modsec.conf', text));
    const views = await found(root);
    expect(views.map(({ maker }) => maker)).toEqual(['cmc', 'hand']);
    expect(new Set(views.map(({ key }) => key)).size).toBe(2);
    const { after } = await taken(root, ({ maker }) => maker === 'cmc');
    expect(after[`ssl/${SHOP}/modsec.conf`]).toBe(
      text.replace('SecRuleRemoveById', '# adopted by Whyblocked: SecRuleRemoveById'),
    );
  });
});

describe('hand-made lines', () => {
  test('only those taken over become comments; every other byte stays', async () => {
    const text = [
      '# by hand, für den Shop\r',
      'SecRuleRemoveById 942100 "941100-941199"\r',
      'SecRuleRemoveById 949110',
      '\tSecAction \\',
      '   "id:77,phase:1,pass,nolog,ctl:ruleRemoveTargetById=942190;ARGS:q"',
      'SecRuleRemoveByMsg "anything"',
      'Header set X-Y z',
    ].join('\n');
    const { view, scopes, after } = await taken(server(both('custom.conf', text)));
    expect(scopes).toEqual([
      rule('942100'),
      rule('941100'),
      rule('941160'),
      { kind: 'target-vhost', vhost: 'shop.example.com', ruleId: '942190', target: 'ARGS:q' },
    ]);
    expect(after[`std/${SHOP}/custom.conf`]?.split('\n')).toEqual(
      text
        .split('\n')
        .map((line, index) => ([1, 3, 4].includes(index) ? `# adopted by Whyblocked: ${line}` : line)),
    );
    expect(codes(view)).toEqual(['blocking-rule', 'stays', 'stays']);
    expect(view.warnings.map(({ text: words }) => words)).toEqual([
      'SecRuleRemoveById 949110 takes out 949110, which compares the points with the limit: no request is refused by its points any more, other rules only report.',
      'SecRuleRemoveById 949110 stays as it is. Rule 949110 only adds up: it has no switch here.',
      'SecRuleRemoveByMsg "anything" stays as it is. It names rules by message; an exclusion of ours names them by id.',
    ]);
    expect(view.scopes[3]).toMatchObject({
      target: 'ARGS:q',
      form: 'ctl',
      path: null,
      words: 'Rule 942190 skips ARGS:q on shop.example.com',
    });
  });

  test('paths that an exclusion of ours can say', async () => {
    const text = [
      '<LocationMatch "^/product\\.php$">',
      'SecRuleRemoveById 942100',
      '</LocationMatch>',
      '<LocationMatch ^/shop/>',
      'SecRuleRemoveById 941100',
      '</LocationMatch>',
      '<LocationMatch "^/shop.*(a|b)">',
      'SecRuleRemoveById 941160',
      '</LocationMatch>',
      'SecRule REQUEST_URI "@beginsWith /cart/" "id:9,phase:1,pass,nolog,ctl:ruleRemoveTargetById=942190;ARGS"',
      '',
    ].join('\n');
    const { scopes, view } = await taken(server(both('paths.conf', text)));
    const vhost = 'shop.example.com';
    expect(scopes).toEqual([
      { kind: 'rule-path', vhost, ruleId: '942100', path: { kind: 'exact', text: '/product.php' } },
      { kind: 'rule-path', vhost, ruleId: '941100', path: { kind: 'prefix', text: '/shop/' } },
      {
        kind: 'target-path',
        vhost,
        ruleId: '942190',
        target: 'ARGS',
        path: { kind: 'prefix', text: '/cart/' },
      },
    ]);
    expect(view.scopes.map(({ path }) => path)).toEqual(['/product.php', '/shop/*', '/cart/*']);
    expect(codes(view)).toEqual(['path-as-sent', 'stays']);
    expect(view.words).toBe(
      'Off on shop.example.com: rule 942100, inside <LocationMatch ^/product\\.php$>; rule 941100, inside <LocationMatch ^/shop/>; rule 941160, inside <LocationMatch ^/shop.*(a|b)>; ARGS of rule 942190, only where REQUEST_URI @beginsWith /cart/.',
    );
  });

  test.each([
    ['names no rule', 'SecRuleRemoveById 942999-942000', 'no-id'],
    ['updates a target in a vhost', 'SecRuleUpdateTargetById 942100 "!ARGS:q"', 'update-in-vhost'],
    [
      'a regular expression as target',
      ctl('phase:1', 'ruleRemoveTargetById=942100;ARGS:/^q/'),
      'ignored-target',
    ],
    ['another collection', ctl('phase:1', 'ruleRemoveTargetById=942100;ARGS_GET:q'), 'other-target'],
    ['phase 2', ctl('phase:2', 'ruleRemoveById=942100'), 'late-phase'],
    [
      'a rule in a section',
      `<Location />\n${ctl('phase:1', 'ruleRemoveById=942100')}\n</Location>`,
      'rule-in-section',
    ],
    ['a rule of phase 1 in a section', '<Location />\nSecRuleRemoveById 911100\n</Location>', 'phase'],
    ['an id that is not installed', 'SecRuleRemoveById 1234567', 'unknown-id'],
  ])('without effect: %s', async (_name, text, code) => {
    const { view, scopes, after } = await taken(server(both('custom.conf', `${text}\n`)));
    expect(codes(view)).toContain(code);
    expect([scopes, after]).toEqual([[], {}]);
    expect(view.adoptWhy).toBe('It has no effect: there is nothing to take over.');
  });

  test.each([
    ['a range with the blocking rule', 'SecRuleRemoveById 900000-999999', /949110 only adds up/],
    ['the markers', 'SecRuleRemoveById 942100 # note', /id 0/],
    ['a tag of it', 'SecRuleRemoveByTag attack-generic', /949110/],
    ['a part of tags', 'SecRuleRemoveByTag attack', /part of several tags/],
    ['a regular expression', 'SecRuleRemoveByTag "attack-(sqli|xss)"', /regular expression/],
    ['bodies', 'SecRequestBodyAccess Off', /bodies/],
    ['inherited rules', 'SecRuleInheritance Off', /all rules/],
    ['an allowed address', 'SecRule REMOTE_ADDR "@ipMatch 192.0.2.7" "id:8,phase:1,allow,nolog"', /csf/],
    ['a limit', 'SecAction "id:8,phase:1,pass,nolog,setvar:tx.inbound_anomaly_score_threshold=50"', /limit/],
    ['what only counts at times', '<IfDefine X>\nSecRuleRemoveById 942100\n</IfDefine>', /cannot be told/],
    ['a rule that does more', ctl('phase:1', 'ruleRemoveById=942100,setvar:tx.a=1'), /does more/],
    [
      'another condition',
      'SecRule ARGS:a "@rx b" "id:8,phase:1,pass,ctl:ruleRemoveById=942100"',
      /cannot name/,
    ],
    ['a target with a quote', ctl('phase:1', "ruleRemoveTargetById=942100;ARGS:it's"), /target/],
  ])('cannot be taken over: %s', async (_name, text, why) => {
    const { view, scopes, after } = await taken(server(both('custom.conf', `${text}\n`)));
    expect(view.adoptWhy).toMatch(why);
    expect([scopes, after]).toEqual([[], {}]);
  });

  test('a whole tag', async () => {
    const { scopes } = await taken(server(both('custom.conf', 'SecRuleRemoveByTag attack-sqli\n')));
    expect(scopes).toEqual([{ kind: 'tag-vhost', vhost: 'shop.example.com', tag: 'attack-sqli' }]);
  });

  test('of two SecRuleEngine in one folder the later counts', async () => {
    const view = await one(
      server({
        ...both('a.conf', 'SecRuleEngine Off\n'),
        ...both('b.conf', 'SecRuleEngine On\n'),
      }),
    );
    expect(codes(view)).toEqual(['overruled']);
    expect(view.words).toBe('Nothing is switched off: the lines have no effect.');
  });

  test('std and ssl that do the same by files of different names do not differ', async () => {
    const views = await found(
      server({
        [`std/${SHOP}/a.conf`]: 'SecRuleRemoveById 942100 941160\n',
        [`ssl/${SHOP}/b.conf`]: 'SecRuleRemoveById 941160\nSecRuleRemoveById 942100\n',
      }),
    );
    expect(views.map(codes)).toEqual([[], []]);
  });

  test('Whyblocked’s own file is no find', async () => {
    expect(await found(server(both('whyblocked.conf', 'SecRuleRemoveById 942100\n')))).toEqual([]);
  });
});

describe('whose it is', () => {
  test('a folder named after another name of the vhost holds for the vhost', async () => {
    const root = server({
      'ssl/2_4/shopuser/www.shop.example.com/x.conf': 'SecRuleRemoveById 942100\n',
      'ssl/2_4/shopuser/addon.example.net/x.conf': 'SecRuleRemoveById 942100\n',
      '/var/cpanel/userdata/shopuser/shop.example.com': 'serveralias: www.shop.example.com\n',
    });
    const views = await found(root);
    expect(views.map(({ vhost }) => vhost)).toEqual(['addon.shop.example.com', 'shop.example.com']);
    for (const view of views) expect(codes(view)).toEqual(['trees-differ', 'alias-folder']);
  });

  test('a folder that no vhost is named after has no effect', async () => {
    const root = server({
      'std/2_4/shopuser/gone.example.com/modsec.conf': cmc('942100'),
      'std/2_4/wilduser/shop.example.com/modsec.conf': cmc('942100'),
      'std/2_4/nobody/modsec.conf': cmc('942100'),
      [`std/2_4/shopuser/SHOP.example.com/modsec.conf`]: cmc('942100'),
    });
    const views = await found(root);
    expect(views).toHaveLength(4);
    for (const view of views) {
      expect(codes(view)).toContain('no-vhost');
      expect(view.scopes).toEqual([]);
      expect(view.adoptWhy).toContain('No vhost');
    }
  });

  test('the server’s files: before the rules and after them, and WHM’s', async () => {
    const views = await found(
      server({
        [`${CONF}/modsec/modsec2.user.conf`]: `SecRuleRemoveById 942100\n${ctl('phase:1', 'ruleRemoveById=911100')}\n`,
        [`${CONF}/modsec/modsec2.cpanel.conf`]: `${VENDOR}SecRuleRemoveById 942190\n`,
        [`${CONF}/zz.conf`]: 'SecRuleUpdateTargetById 942100 "!ARGS:q"\n',
        'std/all.conf': 'SecRuleRemoveById 941160\n',
        'x.owner-root': 'SecRuleRemoveById 941100\n',
      }),
    );
    expect(
      views.map(({ maker, words, warnings }) => [maker, words, warnings.map(({ code }) => code)]),
    ).toEqual([
      ['hand', 'Off on the whole server: rule 911100.', ['before-rules']],
      ['whm', 'Off on the whole server: rule 942190.', []],
      ['hand', 'Off on the whole server: ARGS:q of rule 942100.', []],
      ['hand', 'Off on all vhosts of reseller root: rule 941100.', []],
      ['hand', 'Off on all vhosts: rule 941160.', ['trees-differ']],
    ]);
    for (const view of views) expect([view.scopes, view.adoptWhy]).toEqual([[], expect.any(String)]);
    expect(views[1]?.adoptWhy).toContain('WHM switches it on again');
  });

  test('one vhost: its own and what it shares, with the same keys', async () => {
    const root = server({
      ...both('modsec.conf', cmc('942100')),
      'std/2_4/wilduser/_wildcard_.wild.example.org/modsec.conf': cmc('942100'),
      'std/2_4/shopuser/modsec.conf': cmc('941160'),
      [`${CONF}/modsec2.whitelist.conf`]: cmc('942190'),
    });
    const ctx = open({ root: root.dir });
    const all = await foundExclusions(ctx, null);
    const mine = await foundExclusions(ctx, 'shop.example.com');
    ctx.close();
    expect(mine.map(({ words }) => words)).toEqual([
      'Off on the whole server: rule 942190.',
      'Off on all vhosts of shopuser: rule 941160.',
      'Off on shop.example.com: rule 942100.',
    ]);
    expect(all.filter(({ vhost }) => vhost !== '*.wild.example.org').map(({ key }) => key)).toEqual(
      mine.map(({ key }) => key),
    );
  });
});

test('files that cannot be read are listed', async () => {
  const view = await one(server({ [`std/${SHOP}/big.conf`]: 'x'.repeat(70_000) }));
  expect(view).toMatchObject({
    words: 'It could not be read: too large.',
    places: [{ file: `${TOP}/std/${SHOP}/big.conf`, line: 1, text: '' }],
    scopes: [],
  });
});

test('without readable rule files single ids are taken over, ranges are not', async () => {
  const root = makeServer();
  for (const tree of ['std', 'ssl'])
    root.write(
      `${TOP}/${tree}/${SHOP}/x.conf`,
      'SecRuleRemoveById 942100\nSecRuleRemoveById 941000-941999\nSecRuleRemoveById 949110\n',
    );
  const { view, scopes } = await taken(root);
  expect(scopes).toEqual([rule('942100')]);
  expect(codes(view)).toEqual(['blocking-rule', 'stays', 'stays']);
});

test('a key is good as long as the files say the same', async () => {
  const root = server(both('modsec.conf', cmc('942100')));
  const ctx = open({ root: root.dir });
  try {
    const { key } = (await foundExclusions(ctx, null))[0]!;
    expect((await adoptPlan(ctx, key))?.scopes).toHaveLength(1);
    root.write(`${TOP}/std/${SHOP}/modsec.conf`, cmc('942100', '942190'), 1000);
    expect(await adoptPlan(ctx, key)).toBeNull();
    expect(await adoptPlan(ctx, '')).toBeNull();
  } finally {
    ctx.close();
  }
});

test('more than 200 exclusions at once are refused', async () => {
  const root = server({ 'std/2_4/shopuser/modsec.conf': cmc('942100') });
  const lines = Array.from(
    { length: 201 },
    (_, at) => `d${at}.example.com: shopuser==root==sub==d${at}.example.com==/home/shopuser/x==\n`,
  );
  root.write('/etc/userdatadomains', lines.join(''), 1000);
  const { view, scopes, after } = await taken(root);
  expect(view.adoptWhy).toBe(
    'It would become 201 exclusions (201 vhosts); at most 200 are taken over at once.',
  );
  expect([scopes, view.scopes, after]).toEqual([[], [], {}]);
});

function ctl(phase: string, list: string): string {
  return `SecAction "id:1000,${phase},pass,nolog,ctl:${list}"`;
}
