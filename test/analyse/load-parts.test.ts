// What the order of loading stands on: include patterns, tag patterns, variables at a request's begin.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { IncludeFinder } from '../../src/analyse/include-path.ts';
import { plainMatcher } from '../../src/analyse/plain-pattern.ts';
import { startValues } from '../../src/analyse/tx-values.ts';
import { ruleInfo } from './fixtures.ts';

test('an Include line finds a file, a pattern in any component, or a folder', () => {
  const paths = [
    '/etc/apache2/conf.d/b/z.conf',
    '/etc/apache2/conf.d/b/a.conf',
    '/etc/apache2/conf.d/c/a.txt',
  ];
  const finder = new IncludeFinder(paths);
  const [z, a, c] = paths;
  expect(finder.find('/etc/apache2/conf.d/b/z.conf')).toEqual([z]);
  expect(finder.find('conf.d/b/*.conf')).toEqual([a, z]);
  expect(finder.find('/usr/local/apache/conf.d/?/a.*')).toEqual([a, c]);
  expect(finder.find('/etc/apache2/conf.d/*')).toEqual([]);
  expect(finder.find('/etc/apache2/conf.d/b/')).toEqual([a, z]);
  expect(finder.find('/etc/apache2/conf.d/b')).toEqual([a, z]);
  expect(finder.find('/etc/apache2/conf.d/b/[az].conf')).toEqual([]);
  expect(finder.find('')).toEqual([]);
});

test('patterns agree with the same pattern as an expression, and stay quick', () => {
  const unit = fc.constantFrom('a', 'b', '*', '?');
  fc.assert(
    fc.property(
      fc.string({ unit, minLength: 1, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 }),
      (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(new IncludeFinder([`/${name}`]).find(`/${pattern}`).length > 0).toBe(expression.test(name));
      },
    ),
    { numRuns: 1000 },
  );
  const started = performance.now();
  new IncludeFinder([`/${'a'.repeat(200)}`]).find(`/${'a*'.repeat(100)}b`);
  expect(performance.now() - started).toBeLessThan(500);
});

test.each([
  ['attack-sqli', 'attack-sqli', true],
  ['attack-sqli', 'OWASP/attack-sqli2', true],
  ['attack-(sqli|xss)', 'attack-xss', true],
  ['attack-(?:sqli|xss)', 'attack-lfi', false],
  ['^attack-(sqli|xss)$', 'attack-xss', true],
  ['^attack-(sqli|xss)$', 'an attack-xss', false],
  ['^attack', 'an attack', false],
  ['sqli$', 'attack-sqli', true],
  ['^.*sqli.*$', 'x attack-sqli y', true],
  ['attack-sqli|attack-xss', 'attack-xss', true],
  ['a\\.b\\$', 'xa.b$', true],
  ['Attack', 'attack', false],
])('the pattern %j on %j: %j', (pattern, text, expected) => {
  expect(plainMatcher(pattern)?.(text)).toBe(expected);
});

test.each(['a.b', 'a+', '[ab]', '(a|(b|c))', '(a+)', '\\d', '^a|b', '(', 'a\\', '(a|b)'.repeat(9)])(
  'the pattern %j is left to the engine',
  (pattern) => {
    expect(plainMatcher(pattern)).toBeNull();
  },
);

test('what is judged by its letters agrees with the expression', () => {
  const unit = fc.constantFrom('a', 'b', '|', '(', ')', '^', '$', '\\', '.', '-', '*');
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '-', '$', '|'), maxLength: 6 }),
      (pattern, text) => {
        const test = plainMatcher(pattern);
        if (test === null) return;
        expect([pattern, text, test(text)]).toEqual([pattern, text, new RegExp(pattern).test(text)]);
      },
    ),
    { numRuns: 5000 },
  );
});

const action = (id: string, ...setvars: string[]): ReturnType<typeof ruleInfo> =>
  ruleInfo(id, { kind: 'action', phase: 1, targets: [], operator: '', setvars });
const unset = (name: string, ...setvars: string[]): ReturnType<typeof ruleInfo> =>
  ruleInfo(`default-${name}`, { phase: 1, targets: [`&TX:${name}`], operator: '@eq 0', setvars });
const some = (id: string, ...setvars: string[]): ReturnType<typeof ruleInfo> =>
  ruleInfo(id, { phase: 1, targets: ['SERVER_NAME'], operator: '@streq shop.example.com', setvars });

test('a variable is what the setup says, else the default, else not there', () => {
  const values = startValues([
    action(
      '1',
      'tx.paranoia_level=2',
      'tx.later=%{TX.Paranoia_Level}',
      'tx.sum=+1',
      'tx.host=%{SERVER_NAME}',
    ),
    ruleInfo('2', { kind: 'action', phase: 2, setvars: ['tx.paranoia_level=4'] }),
    unset('PARANOIA_LEVEL', 'tx.paranoia_level=1'),
    unset('executing_paranoia_level', 'tx.executing_paranoia_level=%{TX.PARANOIA_LEVEL}'),
  ]);
  expect([...values].map(([name, { value, byDefault }]) => [name, value, byDefault])).toEqual([
    ['paranoia_level', '2', false],
    ['later', '2', false],
    ['executing_paranoia_level', '2', true],
  ]);
});

test('a rule on some requests is named, unless an action sets the variable after it', () => {
  const elsewhere = (...rules: ReturnType<typeof ruleInfo>[]): string[] | undefined =>
    startValues(rules)
      .get('limit')
      ?.elsewhere.map(({ id }) => id);
  expect(elsewhere(some('9', 'tx.limit=7'), unset('limit', 'tx.limit=5'))).toEqual(['9']);
  expect(elsewhere(action('1', 'tx.limit=5'), some('9', 'tx.limit=7'))).toEqual(['9']);
  expect(elsewhere(some('9', 'tx.limit=7'), action('1', 'tx.limit=5'))).toEqual([]);
  expect(elsewhere(some('9', 'tx.limit=7'))).toBeUndefined();
});
