// The search as a shell command: defaults left out, and every value one word in a real shell.
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { searchCommand, shellWord } from '../../src/actions/search-command.ts';
import type { SearchQuery } from '../../src/actions/search-query.ts';
import { EMPTY_QUERY } from '../../src/actions/search-query.ts';

const command = (change: Partial<SearchQuery>): string => searchCommand({ ...EMPTY_QUERY, ...change });

/** What a shell hands over for some words, NUL between them. */
function words(shell: string, text: string): string[] {
  const script = `printf '%s\\0' ${text}`;
  const out = execFileSync(shell, ['-c', script], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return out.split('\0').slice(0, -1);
}

describe('the command', () => {
  test.each<[Partial<SearchQuery>, string]>([
    [{}, "''"],
    [
      { pattern: '17:56.* 203\\.0\\.113\\.45', logs: ['access'], from: '2026-11-22 17:30' },
      "'17:56.* 203\\.0\\.113\\.45' --log access --from '2026-11-22 17:30'",
    ],
    [{ pattern: '-x' }, '--regex=-x'],
    [{ pattern: '--pre=/bin/sh' }, '--regex=--pre=/bin/sh'],
    [{ pattern: 'a', logs: ['lfd', 'access', 'error'] }, 'a'],
    [{ pattern: 'a', logs: ['error', '/var/log/a b', '-x'] }, "a --log error --log '/var/log/a b' --log=-x"],
    [
      {
        pattern: "it's",
        syntax: 'literal',
        ignoreCase: true,
        invert: true,
        vhost: 'shop.example.com',
        account: 'shopacct',
        ip: '2001:db8::/32',
        from: '-2h',
        to: '17:56 yesterday',
        status: '4xx',
        rotated: 'never',
        context: 3,
        limit: 1000,
        before: 'anything',
      },
      "'it'\\''s' --literal -i -v --vhost shop.example.com --account shopacct --ip 2001:db8::/32 --from=-2h --to '17:56 yesterday' --status 4xx --rotated never --context 3 --limit 1000",
    ],
    [{ pattern: '(?<=a)b', syntax: 'pcre' }, "'(?<=a)b' --pcre"],
    [{ pattern: 'a\tb\u202e\u001b' }, "$'a\\011b\\342\\200\\256\\033'"],
    [{ pattern: '~root' }, "'~root'"],
    [{ pattern: 'A=b' }, 'A=b'],
  ])('%j', (change, rest) => {
    expect(command(change)).toBe(`whyblocked search ${rest}`);
  });

  test('a NUL is written as the regex writes it, and refused where that would be another search', () => {
    expect(command({ pattern: 'a\0b' })).toBe("whyblocked search 'a\\x00b'");
    expect(command({ pattern: 'a\\\0b', syntax: 'pcre' })).toBe("whyblocked search 'a\\x00b' --pcre");
    expect(command({ pattern: 'a\\\\\0' })).toBe("whyblocked search 'a\\\\\\x00'");
    expect(command({ pattern: 'a\0', syntax: 'literal' })).toBe('');
    expect(command({ vhost: 'a\0' })).toBe('');
    expect(command({ logs: ['/a\0'] })).toBe('');
  });
});

describe('in a real shell', () => {
  const HOSTILE = [
    '',
    ' ',
    "'",
    "''; touch /tmp/x; '",
    '$(id)',
    '`id`',
    '${HOME}',
    '$HOME',
    '~',
    '~root',
    '*',
    '[a-z]*',
    '!!',
    '#x',
    'a&b|c;d<e>f',
    '"',
    '\\',
    "\\'",
    '-n',
    '--',
    '=x',
    'A=b',
    '{a,b}',
    'x\\',
    'äöü € 😀',
    '%s%n',
  ];

  test('every hostile value is one word, in any POSIX shell', () => {
    expect(words('sh', HOSTILE.map(shellWord).join(' '))).toEqual(HOSTILE);
  });

  test('control and invisible characters too, where the shell knows $\u2026 quoting', () => {
    const values = ['a\tb', '\n', '\u001b[31m', "\u0007'\\", '\u202ex\u200b7', '\r1', '\u00857', '\u{e0041}'];
    for (const value of values) expect(shellWord(value)).toMatch(/^\$'[ -~]*'$/);
    expect(words('bash', values.map(shellWord).join(' '))).toEqual(values);
  });

  test('whatever comes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((one) => one.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), (values) => {
        expect(words('bash', values.map(shellWord).join(' '))).toEqual(values);
      }),
      { numRuns: 25 },
    );
  });
});
