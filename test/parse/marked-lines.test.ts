import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markedLines } from '../../src/parse/marked-lines.ts';

function found(text: string, marks: readonly string[]): string[] {
  return [...markedLines(text, marks)].map(({ start, end }) => text.slice(start, end));
}

test('lines with a mark, each once and in order', () => {
  expect(found('a1\nb\nxx a2 a1\n\na\n', ['a1', 'a2'])).toEqual(['a1', 'xx a2 a1']);
  expect(found('', ['a'])).toEqual([]);
  expect(found('b\na', ['a'])).toEqual([]);
});

test('the same lines as a look at each one', () => {
  const piece = fc.constantFrom('a', 'b', 'ab', '\n', 'x', '\0', '\xff');
  const text = fc.array(piece, { maxLength: 60 }).map((pieces) => `${pieces.join('')}\n`);
  const marks = fc.uniqueArray(fc.constantFrom('a', 'ab', 'ba', 'xx', '\0'), { maxLength: 4 });
  fc.assert(
    fc.property(text, marks, (log, sought) => {
      const lines = log.slice(0, -1).split('\n');
      expect(found(log, sought)).toEqual(lines.filter((line) => sought.some((mark) => line.includes(mark))));
    }),
  );
});

test('time grows with the text, not with its square', () => {
  const once = (size: number): number => {
    const started = performance.now();
    found(`${'a'.repeat(size)}\n`, ['a', 'aa']);
    found('a\n'.repeat(size / 2), ['a', 'b']);
    return performance.now() - started;
  };
  once(10_000);
  const time = (size: number): number => Math.min(once(size), once(size), once(size));
  expect(time(400_000)).toBeLessThan(Math.max(time(50_000), 5) * 30);
});
