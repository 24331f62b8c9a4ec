import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linksIn } from '../../src/parse/line-links.ts';

const DOMAINS = new Set(['shop.example.com', 'example.com', 'www.example.org']);
const isDomain = (name: string): boolean => DOMAINS.has(name);
/** The links as `kind value`, each checked to stand where it says. */
function links(text: string): string[] {
  let end = 0;
  return linksIn(text, isDomain).map(({ from, to, kind, value }) => {
    expect(from).toBeGreaterThanOrEqual(end);
    expect(to).toBeGreaterThan(from);
    end = to;
    if (kind === 'uniqueId' || kind === 'ruleId') expect(text.slice(from, to)).toBe(value);
    if (kind === 'domain') expect(text.slice(from, to).toLowerCase()).toBe(value);
    return `${kind} ${value}`;
  });
}

test('an error_log line', () => {
  const line =
    '[Sun Nov 22 17:56:41.110242 2026] [security2:error] [pid 1:tid 2] [client 2001:db8::7:0] [client 2001:db8::7] ModSecurity: Warning. Operator GE matched 5 at TX:anomaly_score. [file "/etc/crs/x.conf"] [line "66"] [id "949110"] [msg "m"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"] [hostname "shop.example.com"] [uri "/"] [unique_id "awLq7YJt7YbiEVet6illiQAAAAI"]';
  expect(links(line)).toEqual([
    'ip 2001:db8::7',
    'ip 2001:db8::7',
    'ruleId 949110',
    'domain shop.example.com',
    'uniqueId awLq7YJt7YbiEVet6illiQAAAAI',
  ]);
});

test.each<[string, string[]]>([
  [
    '203.0.113.5 - - [22/Nov/2026:13:49:04 +0000] "GET / HTTP/1.1" 200 5 "https://Shop.example.com/a" "Chrome/130.0.0.0"',
    ['ip 203.0.113.5', 'domain shop.example.com'],
  ],
  [
    'Nov 22 17:56:41 host lfd[1]: (mod_security) mod_security (id:949110) triggered by 203.0.113.5 (-): 5 in the last',
    ['ruleId 949110', 'ip 203.0.113.5'],
  ],
  [
    '[22/Nov/2026:13:00:11.101736 +0000] awLq7YJt7YbiEVet6illiQAAAAI 203.0.113.7 51234 192.0.2.1 443',
    ['uniqueId awLq7YJt7YbiEVet6illiQAAAAI', 'ip 203.0.113.7', 'ip 192.0.2.1'],
  ],
  [
    '{"transaction":{"transaction_id":"awLq7YJt7YbiEVet6illiQAAAAI","remote_address":"203.0.113.7"}}',
    ['uniqueId awLq7YJt7YbiEVet6illiQAAAAI', 'ip 203.0.113.7'],
  ],
  ['::ffff:203.0.113.5 [2001:DB8:0::5]:443 x', ['ip 203.0.113.5', 'ip 2001:db8::5']],
  ['http://203.0.113.5/x http://[2001:db8::5]/', ['ip 203.0.113.5', 'ip 2001:db8::5']],
  [
    'a@example.com www.example.org:443 sub.example.com example.com.',
    ['domain example.com', 'domain www.example.org', 'domain example.com'],
  ],
  [
    'v1.2.3.4 x-1.2.3.4 Firefox/1.2.3.4 537.36.1.2 1.2.3.4.5 203.0.113.0/24 203.0.113.5.example.net 203.0.113.5-dsl',
    [],
  ],
  ['Foo::Bar std::string 13:49:04 :: dead::beef', []],
  ['[id "x"] [id ""] (id:) [unique_id "a b"] [unique_id "short"]', []],
  ['', []],
])('%s', (line, expected) => {
  expect(links(line)).toEqual(expected);
});

test('at most 200 links, in order', () => {
  expect(links('203.0.113.5 [id "1"] '.repeat(1000))).toHaveLength(200);
});

test('any text: indices in order, no throw, linear', () => {
  const piece = fc.constantFrom(
    '203.0.113.5',
    '2001:db8::7',
    '::',
    '/',
    '[id "',
    '"]',
    '1',
    '(id:',
    ')',
    'shop.example.com',
    '.',
    '[unique_id "',
    'awLq7YJt7YbiEVet6illiQAAAAI',
    '\x00',
    '\x1b[31m',
    '�',
    '😀',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), fc.string({ unit: 'binary' }), (pieces, noise) => {
      links(pieces.join(''));
      links(pieces.join(noise));
    }),
    { numRuns: 1500 },
  );
  const once = (size: number): number => {
    const started = performance.now();
    for (const filler of [
      'a',
      'a.',
      '.',
      '1',
      '1.',
      '1.1.1.1',
      ':',
      'a:',
      '::1 ',
      '[client a::1:2]',
      '[id "',
      '[unique_id "',
      '"unique_id"',
      '-',
      '[22/Nov/2026',
    ]) {
      linksIn(filler.repeat(Math.ceil(size / filler.length)), isDomain);
    }
    return performance.now() - started;
  };
  once(1000);
  const small = once(100_000);
  expect(once(1_000_000)).toBeLessThan(10 * 8 * Math.max(small, 5));
});
