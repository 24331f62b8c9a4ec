import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { rgPath } from '@vscode/ripgrep';
import fc from 'fast-check';
import { loosenDigits } from '../../src/parse/loosen-digits.ts';

const FLAGS = ['--no-config', '-a', '-n', '-E', 'none', '--no-unicode', '--color=never'];

/** Numbers of the lines that a pattern finds, or null when ripgrep refuses it. */
function found(pattern: string, text: string): number[] | null {
  const run = spawnSync(rgPath, [...FLAGS, '-e', pattern, '-'], { input: text, encoding: 'utf8', env: {} });
  if (run.status === 2) return null;
  return run.stdout.split('\n').flatMap((line) => (line === '' ? [] : Number(line.split(':')[0])));
}

describe('loosenDigits', () => {
  test.each([
    ['" 5\\d\\d \\d+', '" 5(?u:\\d)(?u:\\d) (?u:\\d)+'],
    ['x[0-9]{3}', 'x(?u:\\d){3}'],
    ['\\\\d', null],
    ['\\\\\\d', '\\\\\\\\(?u:\\\\d)'.replaceAll('\\\\', '\\')],
    ['[\\d.]+', null],
    ['[^\\d]', null],
    ['[]0-9]\\d', '[]0-9](?u:\\d)'],
    ['[^]0-9]\\d', '[^]0-9](?u:\\d)'],
    ['[[:digit:]]\\d', '[[:digit:]](?u:\\d)'],
    ['\\D', null],
    ['[0-9', null],
    ['', null],
  ])('%p becomes %p', (pattern, loosened) => {
    expect(loosenDigits(pattern)).toBe(loosened);
  });

  test('finds what the pattern finds, and of lines of ASCII nothing else', () => {
    const piece = fc.constantFrom(
      '\\d',
      '[0-9]',
      '[^0-9]',
      'a',
      ' ',
      '.',
      '\\D',
      '[\\d-]',
      '[^\\d]',
      '\\\\',
      '(\\d|x)',
      '\\b',
    );
    const repeat = fc.constantFrom('', '', '+', '*', '?', '{2}');
    const line = fc.string({
      unit: fc.constantFrom('1', '2', 'a', 'x', ' ', '-', '\\', '٣', 'č'),
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, repeat), { minLength: 1, maxLength: 5 }),
        fc.array(line, { minLength: 1, maxLength: 20 }),
        (pieces, lines) => {
          const pattern = pieces.map((one) => one.join('')).join('');
          const loosened = loosenDigits(pattern);
          fc.pre(loosened !== null);
          const text = lines.map((one) => `${one}\n`).join('');
          const exact = found(pattern, text);
          fc.pre(exact !== null);
          const wide = found(loosened, text) ?? [];
          expect(exact.filter((number) => !wide.includes(number))).toEqual([]);
          const more = wide.filter((number) => !exact.includes(number));
          expect(more.filter((number) => /^[\x00-\x7f]*$/.test(lines[number - 1] ?? ''))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});
