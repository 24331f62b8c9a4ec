// Secrets planted in every place where logs carry them must be gone; what is no secret must stay.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maskAuditLine, maskHit, maskLine, maskLines, maskRequest, maskUri } from '../../src/analyse/mask.ts';
import { passesLuhn } from '../../src/analyse/secret-shapes.ts';
import { isSecretName, isSecretTarget, maskSecrets, visible } from '../../src/analyse/secrets.ts';
import { rawHit, request } from './fixtures.ts';

const SECRET = 'hunter2';

describe('names', () => {
  test.each([
    'pwd',
    'user[password]',
    'accessToken',
    'user%5Bpwd%5D',
    'X-Api-Key',
    'PHPSESSID',
    'password_confirmation',
    'new_pass',
    'wp-submit-token',
    'client_secret',
    'card',
    'cvv',
    '_wpnonce',
    'json.login.password',
    'pass1',
    'heslo',
  ])('%s is secret', (name) => {
    expect(isSecretName(name)).toBe(true);
  });
  test.each([
    'keyword',
    'author',
    'monkey',
    'id',
    'message',
    'passage',
    'tokenize_mode',
    'cardboard',
    'authorize_note_text',
    'compass',
    'span',
    'q',
    'session_title'.slice(8),
    'design',
  ])('%s is not', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
  test.each([
    ['ARGS:pwd', true],
    ['ARGS_POST:user[password]', true],
    ['REQUEST_COOKIES:lang', true],
    ['REQUEST_COOKIES', true],
    ['REQUEST_HEADERS:Authorization', true],
    ['REQUEST_HEADERS:Cookie', true],
    ['REQUEST_HEADERS:X-Auth-Token', true],
    ['TX:rfi_parameter_ARGS:token', true],
    ['ARGS:id', false],
    ['ARGS_NAMES:pwd', false],
    ['REQUEST_COOKIES_NAMES:a', false],
    ['REQUEST_HEADERS:User-Agent', false],
    ['REQUEST_URI', false],
  ])('target %s: %p', (target, secret) => {
    expect(isSecretTarget(target)).toBe(secret);
  });
});

describe('rule hits', () => {
  test.each([
    ['ARGS:pwd', `Matched Data: hunt found within ARGS:pwd: ${SECRET}' or 1=1`],
    [null, `Matched Data: s&1 found within ARGS:user[password]: ${SECRET}`],
    ['REQUEST_COOKIES:lang', `Matched Data: x found within REQUEST_COOKIES:lang: ${SECRET}`],
    ['REQUEST_HEADERS:Authorization', `Basic ${SECRET}`],
    [
      'ARGS:pwd',
      `Matched Data: ${SECRET} found within ARGS:q:  found within ARGS:pwd: ${SECRET} found within ARGS:q: x`,
    ],
    [null, `ARGS:pwd=${SECRET}\x00`],
    ['REQUEST_BODY', `Matched Data: x found within REQUEST_BODY: log=admin&pwd=${SECRET}&x=1`],
    ['REQUEST_URI', `Matched Data: ../ found within REQUEST_URI: /a?token=${SECRET}&f=../`],
    ['ARGS:json', `Matched Data: x found within ARGS:json: {"user":"a","password":"${SECRET}","n":1}`],
    ['ARGS:json', `Matched Data: x found within ARGS:json: {\\x22password\\x22: \\x22${SECRET}\\x22}`],
    ['XML', `Matched Data: y found within XML: wp.getUsersBlogsadmin${SECRET}`],
    ['XML', `Matched Data: y found within XML: metaweblog.newpost1admin${SECRET}<p>text</p>`],
    [
      'REQUEST_HEADERS:Referer',
      `Matched Data: x found within REQUEST_HEADERS:Referer: https://admin:${SECRET}@shop.example.com/`,
    ],
  ])('data of %s', (target, data) => {
    const masked = maskHit(rawHit('942100', { target, data }));
    expect(JSON.stringify(masked)).not.toContain(SECRET);
    expect(masked.data).toContain('••••');
  });

  test('keeps what kind of hit it was', () => {
    const masked = maskHit(
      rawHit('942100', { target: 'ARGS:pwd', data: 'Matched Data: a found within ARGS:pwd: b' }),
    );
    expect(masked.data).toBe('Matched Data: •••• found within ARGS:pwd: ••••');
    const open = rawHit('942100', {
      target: 'ARGS:id',
      data: "Matched Data: s&1 found within ARGS:id: 1' OR '1'='1",
    });
    expect(maskHit(open)).toEqual(open);
  });

  test('libmodsecurity 3 has the value in the operator, forged ends included', () => {
    const operator = `Matched "Operator \`Rx' with parameter \`x' against variable \`ARGS:pwd' (Value: \`a' ) ${SECRET}' )`;
    expect(maskHit(rawHit('942100', { operator })).operator).not.toContain(SECRET);
    const open = operator.replace('ARGS:pwd', 'ARGS:id');
    expect(maskHit(rawHit('942100', { operator: open })).operator).toBe(open);
  });

  test('control bytes and text directions become visible', () => {
    const masked = maskHit(rawHit('1', { data: 'a\x1b[31mb\nc\u202ed', target: 'ARGS:\x07' }));
    expect(masked.data).toBe('a\\x1b[31mb\\x0ac\\u202ed');
    expect(masked.target).toBe('ARGS:\\x07');
    expect(visible('Príliš žltý 漢字')).toBe('Príliš žltý 漢字');
  });
});

describe('addresses and lines', () => {
  test.each([
    [`/login?user=a&password=${SECRET}&x=1`, '/login?user=a&password=••••&x=1'],
    [
      `/x?redirect=https%3A%2F%2Fx%2F%3Ftoken%3D${SECRET}%26y%3D2`,
      '/x?redirect=https%3A%2F%2Fx%2F%3Ftoken%3D••••%26y%3D2',
    ],
    [`/x?r=%2Fa%253Fpwd%253D${SECRET}%2526z%253D1`, '/x?r=%2Fa%253Fpwd%253D••••%2526z%253D1'],
    [`/x?user%5Bpwd%5D=${SECRET}`, '/x?user%5Bpwd%5D=••••'],
    [`/a;jsessionid=${SECRET}?b=1`, '/a;jsessionid=••••?b=1'],
    ['/admin/key/0123456789abcdef0123456789abcdef/', '/admin/key/••••/'],
    [`/cpsess${SECRET}/frontend`, '/cpsess••••/frontend'],
    ['/pay?n=4111-1111-1111-1111', '/pay?n=••••'],
    ['/product.php?id=5&keyword=4111111111111112', '/product.php?id=5&keyword=4111111111111112'],
    ['/?password=', '/?password='],
  ])('%s', (uri, masked) => {
    expect(maskUri(uri)).toBe(masked);
  });

  test.each([
    `Cookie: lang=sk; PHPSESSID=${SECRET}`,
    `Set-Cookie: a=${SECRET}; path=/`,
    `Authorization: Bearer ${SECRET}`,
    `X-Api-Key: ${SECRET}`,
    `203.0.113.7 - - [22/Nov/2026:13:49:05 +0000] "GET /a?pwd=${SECRET} HTTP/1.1" 200 5 "https://a:${SECRET}@b/?token=${SECRET}" "x"`,
    `[client 203.0.113.7] ModSecurity: Warning. x at ARGS:pwd. [data "Matched Data: a found within ARGS:pwd: ${SECRET} x"] [severity "CRITICAL"]`,
    `[data "Matched Data: a found within ARGS:pwd: ${SECRET} [hostname "x"] [uri "/"]`,
    `log=admin&pwd=${SECRET}&redirect_to=x`,
    `token = abc password="${SECRET}" x`,
    `{"auth":{"token":"a\\"${SECRET}"}}`,
    `eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoi${SECRET}In0.c2ln`,
    `{"card":{"number":"1","cvc":"${SECRET}"},"credentials":["a]","${SECRET}"],"n":1}`,
    `{"body":"{\\"password\\":\\"a\\\\\\"${SECRET}\\"}"}`,
    `"match":"Matched Data: x found within ARGS:pwd: ${SECRET}","n":1`,
    `<soap:Password type="x">${SECRET}</soap:Password>`,
    `&lt;password&gt;<![CDATA[${SECRET}<x>]]></password>`,
    `<password><![CDATA[${SECRET}<x>]]></password>`,
    `<input value='${SECRET}' type="password">`,
    `Content-Disposition: form-data; name=\\x22pwd\\x22\\x0d\\x0a\\x0d\\x0a${SECRET}\\x0d\\x0a--x`,
    `<methodCall><methodName>system.multicall</methodName><value><string>wp.getUsersBlogs</string></value><value>${SECRET}</value></methodCall>`,
    `curl -H "Authorization: Bearer ${SECRET}" -u a:${SECRET} x`,
    `535 AUTH LOGIN ${SECRET}aGFu H=[203.0.113.7]`,
    `[cpsrvd] 203.0.113.7 NEW root:${SECRET} address=203.0.113.7`,
    `sql: Password mismatch (given password: ${SECRET})`,
    `X-WP-Nonce: ${SECRET}`,
    `{'password': '${SECRET} x', 'user': 'a'}`,
    `'token' => '${SECRET} x', password => ${SECRET}, 'a' => 1`,
    `Array ( [user] => a [password] => ${SECRET} )`,
    `Array ( [note] => [password] => ${SECRET} )`,
    `a:2:{i:0;s:4:"note";s:8:"password";s:7:"${SECRET}";}`,
    `a:2:{s:8:"password";s:7:"${SECRET}";s:4:"user";s:1:"a";}`,
    `a:1:{s:3:\\x22pwd\\x22;s:9:\\x22x y${SECRET}\\x22;}`,
    `ftp: USER a PASS ${SECRET}`,
    `CONNECT admin:${SECRET}@shop.example.com:443 HTTP/1.1`,
    `GET /r?u=https%3A%2F%2Fa%3A${SECRET}%40x%2F HTTP/1.1`,
    `GET /r?to=%2Fa%3Fpwd%3Da%2526${SECRET}%26x%3D1 HTTP/1.1`,
    `GET /reset-password/${SECRET}${SECRET}${SECRET} HTTP/1.1`,
    `GET /login?code=${SECRET}${SECRET}${SECRET}&x=1 HTTP/1.1`,
    `detected SQLi using libinjection at ARGS:a=password=${SECRET}.`,
  ])('no secret is left in %s', (line) => {
    expect(maskLine(line)).not.toContain(SECRET);
  });

  test.each([
    'card 4929+0810+0974+0374',
    'card 4929%200810%200974%200374',
    'card n=%204929081009740374',
    'IBAN DE89370400440532013000',
    'IBAN DE89 3704 0044 0532 0130 00',
    'IBAN GB82+WEST+1234+5698+7654+32',
  ])('the number of %s is masked', (line) => {
    expect(maskLine(line)).toMatch(/^(?:card|IBAN) (?:n=%20)?••••$/);
  });

  test.each([
    'the keyword author of this passage has a session_score; a card in prose, a password policy, bearer bonds',
    'GET /keyword/author/passage?keyword=a&author=b&session_score=5 HTTP/1.1',
    'IBAN DE89370400440532013001 has wrong digits, as have UNIQUE12ABCDEFGH3456',
    'auth: Password mismatch for info@example.com, mailto:info@example.com or smtp:info@example.com',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) basic authentication is off',
    'Host: shop.example.com:8443',
    'Author: somebody wrote this',
    'GET /reset/ HTTP/1.1" 200 "https://shop.example.com/login/form"',
    'GET /product?code=AB12&state=open&hash=top HTTP/1.1',
    '<keyword>shoes</keyword><author>me</author><input name="q" value="shoes">',
    'Pattern match "(?i)(?:pass(?:word)?|pwd)=\\\\w+" at ARGS:q.',
    '2026-11-22 13:00:00 cwd=/root 5 args: /usr/sbin/exim -u nobody -bs',
    'system.multicall and wp.getUsersBlogs are names',
    "Array ( [user] => a [keyword] => b ) 'author' => 'c', {'passage': 'd'}",
    'a:1:{s:7:"keyword";s:5:"shoes";}',
  ])('%s stays as it is', (line) => {
    expect(maskLine(line)).toBe(line);
  });

  test('a line of an audit log that is one word, or one value of a call, is masked: its name stands elsewhere', () => {
    expect(maskAuditLine('hunter2')).toBe('••••');
    expect(maskAuditLine('  <value><string>hunter2 x</string></value>')).toBe(
      '<value><string>••••</string></value>',
    );
    for (const line of ['--f2e5e163-A--', 'Host: shop.example.com', 'GET / HTTP/1.1', '', 'two words', '<p>'])
      expect(maskAuditLine(line)).toBe(line);
  });

  test('fields behind a masked one stay', () => {
    const line =
      '[data "Matched Data: a found within ARGS:pwd: b"] [severity "CRITICAL"] [hostname "shop.example.com"]';
    expect(maskLine(line)).toContain('[severity "CRITICAL"] [hostname "shop.example.com"]');
  });

  test('what a request keeps has no secret', () => {
    const masked = maskRequest(
      request({
        uri: `/a?token=${SECRET}`,
        referer: `https://x/?pwd=${SECRET}`,
        userAgent: `x\x1b[2J key=${SECRET}`,
      }),
    );
    expect(JSON.stringify(masked)).not.toContain(SECRET);
    expect(masked.userAgent).toContain('\\x1b');
  });
});

test('card numbers are those that pass Luhn', () => {
  expect(passesLuhn('4111 1111 1111 1111')).toBe(true);
  expect(passesLuhn('4111111111111112')).toBe(false);
  expect(passesLuhn('0000000000000000')).toBe(false);
  expect(maskSecrets('order 1234567890123456789012345')).toBe('order 1234567890123456789012345');
});

test('a secret is masked whatever stands around it', () => {
  const piece = fc.constantFrom(
    'pwd=',
    'token%3D',
    '"password":"',
    '[data "',
    ' found within ARGS:pwd: ',
    '&',
    '"',
    '%26',
    'x',
    '\\',
    '://a:b@',
    '4111111111111111',
    'wp.getUsersBlogs',
    '\x1b',
  );
  const noise = fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 });
  fc.assert(
    fc.property(noise, noise, (before, after) => {
      expect(maskLine(`${before.join('')}&password=${SECRET}&${after.join('')}`)).not.toContain(SECRET);
      expect(maskUri(`${before.join('')}&token%3D${SECRET}%26${after.join('')}`)).not.toContain(SECRET);
    }),
    { numRuns: 400 },
  );
});

test('time grows no faster than the line', () => {
  const time = (size: number): number => {
    const started = performance.now();
    for (const unit of [
      'a',
      '=',
      'a=',
      'pwd=',
      '%3d',
      '"a":',
      '"password":',
      ' found within ',
      '[data "',
      '://',
      '1',
      '1 ',
      'eyJ',
      'Basic ',
      '\\x22',
      '<password>',
      '<input ',
      '{"pwd":[',
      '"pwd":["',
      'name="pwd"',
      'DE89',
      'mysql -p',
      'cookie: ',
      'AUTH LOGIN ',
      'wp.getPosts',
      '%2525',
      '/reset/a1',
      '://a:',
      ' -u a:',
      'a=>',
      "'pwd':'",
      's:1:"pwd";s:1:"',
      'methodName wp.getPosts ',
      ' against variable `ARGS:pwd (Value: ',
    ]) {
      maskLine(unit.repeat(size / unit.length));
    }
    return performance.now() - started;
  };
  time(10_000);
  const small = Math.max(time(25_000), 5);
  expect(time(100_000)).toBeLessThan(small * 12);
});

describe('the report of CRS', () => {
  const report =
    '[id "980130"] [msg "Inbound Anomaly Score Exceeded (Total Inbound Score: 8 - SQLI=0,XSS=0,RFI=0,LFI=0,RCE=0,PHPI=0,HTTP=0,SESS=5): individual paranoia level scores: 8, 0, 0, 0"]';

  test('keeps its points: SESS is a score there, not a session', () => {
    expect(maskLine(report)).toBe(report);
  });

  test('is no hiding place for a session id', () => {
    expect(maskLine('HTTP=0,SESS=8f14e45fceea167a')).not.toContain('8f14');
    expect(maskLine('/?a=1&sess=12345')).not.toContain('12345');
    expect(maskLine('HTTP=0,SESS=123456)')).not.toContain('123456');
  });
});

describe("the audit log's other forms", () => {
  const SECRETS = ['SECRET1', 'SECRET2', 'SECRET3', 'SECRET4', 'SECRET5', 'SECRET6'];

  test('JSON: any cookie, secret headers, secret arguments in body, query, and messages', () => {
    const v3 =
      '{"transaction":{"client_ip":"203.0.113.7","request":{"uri":"/l?token=SECRET1&x=1","body":"user=a&password=SECRET2","headers":{"Host":"shop.example.com","Cookie":"a=1; theme=SECRET3","Authorization":"Basic SECRET4"}},"messages":[{"details":{"match":"Matched \\"Operator `Rx\' with parameter `x\' against variable `ARGS:password\' (Value: `SECRET5\' )","data":"Matched Data: x found within ARGS:password: SECRET6"}}]}}';
    const v2 =
      '{"transaction":{},"request":{"request_line":"GET /?token=SECRET1 HTTP/1.1","headers":{"Set-Cookie":"theme=SECRET2","X-Api-Key":"SECRET3"},"body":["password=SECRET4"]},"audit_data":{"messages":["Warning. Pattern match \\"x\\" at ARGS:password. [data \\"Matched Data: x found within ARGS:password: SECRET5\\"]"]}}';
    for (const line of [v3, v2, v3.slice(0, v3.indexOf('SECRET3') + 7)]) {
      for (const masked of [maskLine(line), maskAuditLine(line)]) {
        for (const secret of SECRETS) expect(masked).not.toContain(secret);
      }
    }
    expect(maskLine(v3)).toContain('shop.example.com');
  });

  test("3's boundaries are none of a body's words", () => {
    expect(maskAuditLine('---6aPVJ4UX---A--')).toBe('---6aPVJ4UX---A--');
    expect(maskLines(['---6aPVJ4UX---C--', 'hunter2pass'])).toEqual(['---6aPVJ4UX---C--', '••••']);
  });
});
