import { spawnSync } from 'node:child_process';
import { rgPath } from '@vscode/ripgrep';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { argumentSafe, bareHint, basicGrepHint, literalPattern } from '../../src/parse/grep-dialect.ts';

/** The lines (latin1) that a program finds; a pattern it refuses throws. */
function found(command: string, args: readonly string[], lines: readonly string[]): string[] {
  const run = spawnSync(command, args, {
    input: Buffer.from(`${lines.join('\n')}\n`, 'latin1'),
    encoding: 'latin1',
    env: { LC_ALL: 'C' },
  });
  if (run.status !== 0 && run.status !== 1) throw new Error(`${args.join(' ')}: ${run.stderr}`);
  return run.stdout.split('\n').slice(0, -1);
}

const RG = ['--no-config', '-a', '-N', '--no-unicode', '-E', 'none', '--color=never', '--no-mmap'];
const byRipgrep = (pattern: string, lines: readonly string[], more: readonly string[] = []): string[] =>
  found(rgPath, [...RG, ...more, '-e', pattern, '--', '-'], lines);

describe('basicGrepHint', () => {
  test.each([
    ['a\\|b', 'a|b'],
    ['\\(a\\|b\\)c', '(a|b)c'],
    ['a\\{2,3\\}', 'a{2,3}'],
    ['a\\+b\\?', 'a+b?'],
    ['a\\|f(x)+?{|', 'a|f\\(x\\)\\+\\?\\{\\|'],
    ['a\\\\\\|b', 'a\\\\|b'],
    ['[\\|+]\\|c', '[\\|+]|c'],
    ['[]|]\\|[^]+]', '[]|]|[^]+]'],
    ['[[:digit:]|]\\+', '[[:digit:]|]+'],
    ['[\\|', '[|'],
    ['a\\.b\\|\\d', 'a\\.b|\\d'],
  ])('%s', (pattern, changed) => {
    const hint = basicGrepHint(pattern);
    expect(hint?.pattern).toBe(changed);
    expect(hint?.sentence).toMatch(/^Here \\.* csf's search/);
  });

  test.each([
    'a|b',
    'a\\\\|b',
    '[\\|]',
    '17:56.* 203\\.0\\.113\\.5',
    '',
    '\\',
    'a\\',
    '[[:alpha:]|]',
    '\\d\\w\\.\\*',
  ])('none in %s', (pattern) => {
    expect(basicGrepHint(pattern)).toBeNull();
  });

  test('the changed pattern finds what basic grep finds with the old one', () => {
    const atoms = [
      'a',
      'b',
      '(',
      ')',
      '|',
      '+',
      '?',
      '{',
      '}',
      '[ab]',
      '[|]',
      '.',
      'a\\+',
      'b\\?',
      'a\\{1,2\\}',
      '\\(ab\\)',
      '\\|',
      '\\.',
      '\\\\',
    ];
    const lines = ['a', 'aa', 'ab', 'b+', 'a+b', '(a)', 'a|b', 'a{1}', 'b?', '\\', '.', '', '|', '{', '}'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...atoms), { minLength: 1, maxLength: 5 }), (parts) => {
        const pattern = parts.join('');
        // GNU grep gives a repetition of nothing, and empty branches, meanings of its own.
        if (/(?:^|\||\()\\?[+?{|]|\\\|$|\|\\\||\\[+?}]\\[+?{]/.test(pattern)) return;
        const hint = basicGrepHint(pattern);
        if (hint === null) return;
        expect([pattern, byRipgrep(hint.pattern, lines)]).toEqual([
          pattern,
          found('grep', ['-a', '-e', pattern], lines),
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('bareHint', () => {
  test.each([
    ['/index.php?id=1', '/index.php\\?id=1'],
    ['sleep(5)', 'sleep\\(5\\)'],
    ['a+b', 'a\\+b'],
    ['{x}', '\\{x\\}'],
    ['a\\+(b)[+?]', 'a\\+\\(b\\)[+?]'],
  ])('%s', (pattern, changed) => {
    const hint = bareHint(pattern);
    expect(hint?.pattern).toBe(changed);
    expect(hint?.sentence).toMatch(/ here: put a backslash/);
  });
  test.each(['', 'abc', 'a\\?', '[+?(]', 'a|b', '\\'])('none in %s', (pattern) => {
    expect(bareHint(pattern)).toBeNull();
  });
});

describe('literalPattern', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('\\', '.', '*', '[', ']', '^', '$', '(', '-', '<', '>', '&', '~', '#', 'é', '漢', ' '),
    ),
    minLength: 1,
    maxLength: 12,
  });

  test('finds exactly the lines that grep -F finds, in both engines', () => {
    fc.assert(
      fc.property(text, text, (raw, other) => {
        const value = raw.replaceAll('\n', 'x');
        const bytes = Buffer.from(value, 'utf8').toString('latin1');
        const lines = [
          bytes,
          `a${bytes}b`,
          other.replace(/[^\x01-\x09\x0b-\x7f]/g, '.'),
          value.replace(/[^\x01-\x09\x0b-\x7f]/g, '.'),
          '',
        ];
        const expected = found('grep', ['-a', '-F', '-e', value], lines);
        expect(expected.length).toBeGreaterThan(1);
        const pattern = literalPattern(value);
        expect([value, byRipgrep(pattern, lines)]).toEqual([value, expected]);
        expect([value, byRipgrep(pattern, lines, ['-P'])]).toEqual([value, expected]);
      }),
      { numRuns: 60 },
    );
  });

  test('control characters, NUL and text over several lines', () => {
    expect(literalPattern('a\x00\x1b[')).toBe('a\\x00\\x1b\\[');
    expect(byRipgrep(literalPattern('a\x00b'), ['a\x00b', 'ab'])).toEqual(['a\x00b']);
    expect(byRipgrep(literalPattern('a\x00b'), ['a\x00b', 'ab'], ['-P'])).toEqual(['a\x00b']);
    expect(byRipgrep(literalPattern('a\nb'), ['a', 'b'])).toEqual([]);
    expect(byRipgrep(literalPattern('a\nb'), ['a', 'b'], ['-P'])).toEqual([]);
    expect(byRipgrep(literalPattern('-e --pre=sh'), ['-e --pre=sh', 'x'])).toEqual(['-e --pre=sh']);
  });

  test('all of ASCII is accepted', () => {
    for (let code = 1; code < 128; code++) {
      const char = String.fromCharCode(code);
      if (char === '\n') continue;
      const lines = [`x${char}y`, 'q'];
      expect([code, byRipgrep(`x${literalPattern(char)}y`, lines)]).toEqual([code, [`x${char}y`]]);
    }
  });
});

test('argumentSafe writes NUL as an escape', () => {
  expect(argumentSafe('a\x00b')).toBe('a\\x00b');
  expect(argumentSafe('a\\\x00b')).toBe('a\\x00b');
  expect(argumentSafe('a\\\\\x00b')).toBe('a\\\\\\x00b');
  expect(argumentSafe('a|b\\')).toBe('a|b\\');
  expect(byRipgrep(argumentSafe('a\x00'), ['a\x00', 'a0'])).toEqual(['a\x00']);
});

test('any pattern is taken, in linear time', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('[', ']', '\\', '|', '^', ':', '(', 'a', '\x00', '{') }),
      (pattern) => {
        basicGrepHint(pattern);
        bareHint(pattern);
        expect(argumentSafe(pattern)).not.toContain('\x00');
        expect(literalPattern(pattern)).not.toContain('\x00');
      },
    ),
  );
  const once = (size: number): number => {
    const started = performance.now();
    for (const filler of ['[', '[:', '[[:', '\\', '[^]', '[]', '[\\]', '(', '\\|']) {
      for (const read of [basicGrepHint, bareHint, literalPattern, argumentSafe])
        read(filler.repeat(size / filler.length));
    }
    return performance.now() - started;
  };
  once(1000);
  const small = once(10_000);
  expect(once(100_000)).toBeLessThan(10 * 8 * Math.max(small, 3));
});
