import { describe, expect, test } from '@jest/globals';
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { unifiedDiff } from '../../src/analyse/line-diff.ts';

const diff = (before: string, after: string): string =>
  unifiedDiff({ name: '/a.conf', text: before }, { name: '/b.conf', text: after });

describe('unified diff', () => {
  test('equal texts have none', () => {
    expect(diff('', '')).toBe('');
    expect(diff('a\n', 'a\n')).toBe('');
  });

  test('one line changed in the middle, three lines around it', () => {
    const text = (middle: string): string => ['1', '2', '3', '4', middle, '6', '7', '8', '9', ''].join('\n');
    expect(diff(text('5'), text('five'))).toBe(
      '--- /a.conf\n+++ /b.conf\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    );
  });

  test('a new file, an emptied one, a last line without its newline', () => {
    expect(diff('', 'x\n')).toContain('@@ -0,0 +1,1 @@\n+x\n');
    expect(diff('x\n', '')).toContain('@@ -1,1 +0,0 @@\n-x\n');
    expect(diff('x\n', 'x')).toContain('-x\n+x\n\\ No newline at end of file\n');
  });

  test('a name cannot begin a line of its own', () => {
    const text = unifiedDiff({ name: '/a\n+fake', text: 'x\n' }, { name: '/b', text: 'y\n' });
    expect(text).not.toContain('\n+fake');
  });

  test('what is beyond the limit is said, not compared', () => {
    const long = 'x\n'.repeat(32 * 1024);
    expect(diff(`${long}a\n`, `${long}b\n`)).toBe('\\ Only the first 64 KiB are compared.\n');
    expect(diff(`a\n${long}`, `b\n${long}`)).toMatch(
      /-a\n\+b\n[^]*\\ Only the first 64 KiB are compared\.\n$/,
    );
  });

  test('texts without a common line take less than a second', () => {
    const started = performance.now();
    const text = diff('a\n'.repeat(32_000), 'b\n'.repeat(32_000));
    expect(performance.now() - started).toBeLessThan(1000);
    expect(applyPatch('a\n'.repeat(32_000), text)).toBe('b\n'.repeat(32_000));
  });

  test('applied to the first text it gives the second', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', '', 'SecRuleRemoveById 1', '\r', '-', '+', '\\ No'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(texts, texts, fc.boolean(), fc.boolean(), (one, two, oneEnds, twoEnds) => {
        const before = one.join('\n') + (oneEnds ? '\n' : '');
        const after = two.join('\n') + (twoEnds ? '\n' : '');
        if (before !== after)
          expect(applyPatch(before, diff(before, after), { autoConvertLineEndings: false })).toBe(after);
      }),
    );
  });
});
