import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readIdList } from '../../src/parse/rule-id-list.ts';

test.each([
  ['942100', [[942100, 942100]]],
  [
    '942100,941110',
    [
      [942100, 942100],
      [941110, 941110],
    ],
  ],
  ['942000-942999', [[942000, 942999]]],
  ['942000 - 942999', [[942000, 942999]]],
  ['942100x', [[942100, 942100]]],
  ['abc', []],
  ['942999-942000', []],
  ['99999999999999', []],
  ['', []],
  ['-', []],
  [',,1,', [[1, 1]]],
])('%j', (word, expected) => {
  expect(readIdList(word).map(({ from, to }) => [from, to])).toEqual(expected);
});

test('any text gives whole ranges from small to large', () => {
  const unit = fc.constantFrom('0', '9', '-', ',', ' ', 'x', '+', '\0', '\xff');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), (word) => {
      for (const { from, to } of readIdList(word)) {
        expect(Number.isInteger(from) && Number.isInteger(to) && from > 0 && from <= to).toBe(true);
      }
    }),
  );
  expect(readIdList('1,'.repeat(500_000)).length).toBeLessThanOrEqual(10_000);
});
