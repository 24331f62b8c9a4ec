// The file of exclusions: its forms, its sameness, and that nothing of a reason or a name can become a directive.
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OWN_IDS, ownRuleId, renderExclusionFile, type Written } from '../../src/analyse/exclusion-render.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';
import { directives } from '../../src/parse/apache-directives.ts';
import { parseExclusionFile } from '../../src/parse/exclusion-file.ts';

const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');
const place = { vhost: 'shop.example.com', account: 'shopuser' };
const time = (at: number): string => new Date(at).toISOString();

function written(scope: Partial<ExclusionScope>, more: Partial<Written> = {}): Written {
  return {
    id: 12,
    scope: {
      kind: 'target-vhost',
      vhost: place.vhost,
      ruleId: '942100',
      tag: null,
      target: 'ARGS:id',
      path: null,
      ...scope,
    },
    form: 'ctl',
    reason: 'ticket 8841',
    author: 'root',
    createdAt: 1_796_000_000_000,
    expiresAt: null,
    ...more,
  };
}

const render = (...list: readonly Written[]): string => renderExclusionFile(place, list, time, sha256);
const rulesOf = (text: string): string[] => [...directives(text)].map((one) => one.text.replace(/\s+/g, ' '));

describe('forms', () => {
  const id = ownRuleId(12);
  test.each<[string, Written, string[]]>([
    [
      'target on the vhost',
      written({}),
      [`SecAction "id:${id},phase:1,pass,nolog,ctl:ruleRemoveTargetById=942100;ARGS:id"`],
    ],
    [
      'with an end: the ctl stands in the last rule',
      written({}, { expiresAt: 1_796_086_400_500 }),
      [
        `SecRule TIME_EPOCH "@lt 1796086401" "id:${id},phase:1,t:none,pass,nolog,ctl:ruleRemoveTargetById=942100;ARGS:id"`,
      ],
    ],
    [
      'target on a path, with an end',
      written(
        { kind: 'target-path', path: { kind: 'exact', text: '/cart/' } },
        { expiresAt: 1_796_086_400_000 },
      ),
      [
        `SecRule REQUEST_FILENAME "@streq /cart/" "id:${id},phase:1,t:none,pass,nolog,chain"`,
        'SecRule TIME_EPOCH "@lt 1796086400" "t:none,ctl:ruleRemoveTargetById=942100;ARGS:id"',
      ],
    ],
    [
      'rule below a path',
      written({ kind: 'rule-path', target: null, path: { kind: 'prefix', text: '/admin/' } }),
      [
        `SecRule REQUEST_FILENAME "@beginsWith /admin/" "id:${id},phase:1,t:none,pass,nolog,ctl:ruleRemoveById=942100"`,
      ],
    ],
    [
      'rule on paths with numbers',
      written({ kind: 'rule-path', target: null, path: { kind: 'template', text: '/p.x/{n}/edit' } }),
      [
        `SecRule REQUEST_FILENAME "@rx ^/p[.]x/[0-9a-fA-F-]+/edit$" "id:${id},phase:1,t:none,pass,nolog,ctl:ruleRemoveById=942100"`,
      ],
    ],
    [
      'rule of phase 1',
      written({ kind: 'rule-vhost', target: null }, { form: 'directive' }),
      ['SecRuleRemoveById 942100'],
    ],
    [
      'tag',
      written({ kind: 'tag-vhost', ruleId: null, target: null, tag: 'PCI/6.5.1' }),
      [`SecAction "id:${id},phase:1,pass,nolog,ctl:ruleRemoveByTag=^PCI/6[.]5[.]1$"`],
    ],
    [
      'a name with a blank is quoted whole',
      written({ target: 'ARGS:first name' }),
      [`SecAction "id:${id},phase:1,pass,nolog,ctl:'ruleRemoveTargetById=942100;ARGS:first name'"`],
    ],
    [
      'a name as the log escapes it: each backslash twice',
      written({ target: 'ARGS:n\\xc3\\xa4me' }),
      [
        String.raw`SecAction "id:${id},phase:1,pass,nolog,ctl:ruleRemoveTargetById=942100;ARGS:n\\xc3\\xa4me"`,
      ],
    ],
    [
      'in quotes four times',
      written({ target: "ARGS:n\\xc3\\xa4me it's" }),
      [
        String.raw`SecAction "id:${id},phase:1,pass,nolog,ctl:'ruleRemoveTargetById=942100;ARGS:n\\\\xc3\\\\xa4me it\'s'"`,
      ],
    ],
    [
      'engine off',
      written({ kind: 'engine-off', ruleId: null, target: null }, { expiresAt: 1_796_003_600_000 }),
      [`SecRule TIME_EPOCH "@lt 1796003600" "id:${id},phase:1,t:none,pass,nolog,ctl:ruleEngine=Off"`],
    ],
  ])('%s', (_, one, expected) => {
    const lines = render(one)
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => line.trim());
    expect(lines).toEqual(['<IfModule security2_module>', ...expected, '</IfModule>']);
  });

  test('an end beyond what ModSecurity can count is written as the last second it knows', () => {
    expect(render(written({}, { expiresAt: 4e12 }))).toContain('@lt 2147483647"');
  });

  test('without exclusions there are comments only', () => {
    expect(rulesOf(render())).toEqual([]);
    expect(render().length).toBeGreaterThan(100);
  });

  test('ids stay in their range', () => {
    for (const id of [1, 99_999, 100_000, 1_000_000])
      expect(ownRuleId(id) >= OWN_IDS.from && ownRuleId(id) <= OWN_IDS.to).toBe(true);
  });
});

test('a long run of backslashes takes no time', () => {
  const start = performance.now();
  expect(render(written({}, { reason: `${'\\'.repeat(50_000)}x` }))).toContain('# Reason: ');
  expect(performance.now() - start).toBeLessThan(2000);
});

test('the same exclusions in any order give the same bytes', () => {
  const list = [1, 2, 3].map((id) => written({}, { id }));
  expect(render(...[...list].reverse())).toBe(render(...list));
});

test('what a reason or an author says stays a comment, and is read back whole', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      'x\nSecRuleEngine Off',
      'ends with \\',
      'two \\\\',
      '${PATH} %{REMOTE_ADDR}',
      '</IfModule>',
      '"quotes" and \'more\'',
      'žluťoučký kůň 🐎',
    ),
  );
  fc.assert(
    fc.property(hostile, hostile, (reason, author) => {
      const one = written({}, { reason: reason.slice(0, 500), author: author.slice(0, 100) });
      const text = render(one);
      expect(rulesOf(text)).toEqual(rulesOf(render(written({}))));
      expect(text).toMatch(/^[\x0a\x20-\x7e]*$/);
      const parsed = parseExclusionFile(text, sha256);
      expect(parsed).toMatchObject({ ...place, checksum: 'ok', commentOnly: false });
      expect(parsed?.exclusions).toEqual([one]);
    }),
    { numRuns: 300 },
  );
});

describe('reading back', () => {
  const text = render(written({ kind: 'target-path', path: { kind: 'prefix', text: '/a/' } }));

  test('a changed byte is seen', () => {
    expect(parseExclusionFile(text.replace('942100', '942101'), sha256)?.checksum).toBe('wrong');
    expect(parseExclusionFile(text, sha256)?.checksum).toBe('ok');
  });

  test('other files are none of ours', () => {
    for (const other of ['', '# a comment\n', '<IfModule security2_module>\n', 'x'.repeat(2_000_000)])
      expect(parseExclusionFile(other, sha256)).toBeNull();
  });

  test('cut at any byte, or with any bytes in it, it is read or refused, never thrown at', () => {
    for (let end = 0; end < text.length; end++) parseExclusionFile(text.slice(0, end), sha256);
    fc.assert(
      fc.property(fc.nat(text.length), fc.string({ unit: 'binary' }), (at, noise) => {
        parseExclusionFile(text.slice(0, at) + noise + text.slice(at), sha256);
      }),
    );
  });

  test.each([
    ['a path of another shape', '"path":{"kind":"prefix","text":"/a/"}', '"path":7'],
    ['no kind', '"kind":"target-path"', '"kind":"all"'],
    ['a number as reason', '"reason":"ticket 8841"', '"reason":1'],
    ['a remark behind the id, which would take the markers out', '"942100"', '"942100 # note"'],
    ['no id', '"ruleId":"942100"', '"ruleId":null'],
    ['an id that is a number', '"ruleId":"942100"', '"ruleId":942100'],
    ['a target that goes on with another action', 'ARGS:id"', 'ARGS:id,ctl:ruleEngine=Off"'],
    ['a target that ends with a backslash', 'ARGS:id"', String.raw`ARGS:id\\"`],
    ['what Apache expands in a target', 'ARGS:id"', 'ARGS:${PATH}"'],
    ['a path that ends its argument', '"text":"/a/"', String.raw`"text":"/a\" \"id:1,pass"`],
    ['what ModSecurity expands in a path', '"text":"/a/"', '"text":"/%{REMOTE_ADDR}"'],
    ['a path that does not begin with /', '"text":"/a/"', '"text":"a/"'],
    ['a template without a number', '"kind":"prefix"', '"kind":"template"'],
    ['a path where the kind has none', '"kind":"target-path"', '"kind":"target-vhost"'],
    ['no path where the kind has one', '"path":{"kind":"prefix","text":"/a/"}', '"path":null'],
    ['a target as a removal, which is the whole rule', '"form":"ctl"', '"form":"directive"'],
    [
      'the engine off without an end',
      '"kind":"target-path","ruleId":"942100","tag":null,"target":"ARGS:id","path":{"kind":"prefix","text":"/a/"}',
      '"kind":"engine-off","ruleId":null,"tag":null,"target":null,"path":null',
    ],
  ])('%s is refused', (_, from, to) => {
    expect(text).toContain(from);
    expect(
      parseExclusionFile(
        text.replace(from, () => to),
        sha256,
      ),
    ).toBeNull();
  });

  test('two of one number are refused', () => {
    const [line = ''] = text.split('\n').filter((one) => one.startsWith('# whyblocked {'));
    expect(parseExclusionFile(`${text}${line}\n`, sha256)).toBeNull();
  });

  test('each kind and form that is written is read back', () => {
    const path = { kind: 'template', text: '/p.x/{n}/e$^[a]' } as const;
    const rule = { target: null, path: null };
    const all: readonly Written[] = [
      written({ target: String.raw`ARGS:n\xc3\xa4me it's "x"` }),
      written({ target: 'ARGS:' }),
      written({ target: 'REQUEST_URI' }),
      written({ kind: 'target-path', path }),
      written({ kind: 'rule-path', target: null, path }),
      written({ kind: 'rule-vhost', ...rule }),
      written({ kind: 'rule-vhost', ...rule }, { form: 'directive' }),
      written({ kind: 'tag-vhost', ...rule, ruleId: null, tag: 'PCI/6.5.1 a' }, { form: 'directive' }),
      written({ kind: 'engine-off', ...rule, ruleId: null }, { expiresAt: 1_796_003_600_000 }),
    ].map((one, index) => ({ ...one, id: index + 1 }));
    expect(parseExclusionFile(render(...all), sha256)?.exclusions).toEqual(all);
  });

  test('what is read, whatever it says, is written as its own directives and nothing else', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({
        unit: fc.constantFrom('a', ' ', '"', "'", '\\', ',', ';', '\n', '#', '{n}', '$', '{'),
        maxLength: 12,
      }),
    );
    let read = 0;
    fc.assert(
      fc.property(fc.constantFrom('ruleId', 'target', 'text'), odd, fc.boolean(), (part, noise, kept) => {
        const from = { ruleId: '942100', target: 'ARGS:id', text: '/a/' }[part];
        const to = JSON.stringify((kept ? from : '') + noise);
        const parsed = parseExclusionFile(
          text.replace(`"${part}":"${from}"`, () => `"${part}":${to}`),
          sha256,
        );
        if (parsed === null) return;
        read++;
        const [first, ...more] = [...directives(render(...(parsed.exclusions as readonly Written[])))];
        expect(more).toEqual([]);
        expect(first?.name).toBe('SecRule');
        expect(first?.words).toHaveLength(3);
        expect(first?.words[0]).toBe('REQUEST_FILENAME');
        expect(first?.words[2]).toMatch(/^id:48700012,phase:1,t:none,pass,nolog,ctl:/);
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(20);
  });
});
