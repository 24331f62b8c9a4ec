import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { namesMarkers, readIdList } from '../../src/parse/rule-id-list.ts';

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

// Each tried on Apache with CRS 3.3.4: true where nothing was refused any more.
test.each([
  ['abc', true],
  ['0', true],
  ['#', true],
  ['-', true],
  ['-3000', true],
  ['abc-5', true],
  ['abc-def', true],
  ['942100, abc', true],
  ['0x942100', true],
  ['4294967296', true],
  ['\\942100', true],
  ['942100', false],
  ['942100x', false],
  [' 942100', false],
  ['942100,', false],
  [',', false],
  ['', false],
  ['1-5', false],
  ['5-abc', false],
  ['999999-942100', false],
  ['99999999999999', false],
  ['99999999999999999999', false],
])('%j takes the markers out: %p', (word, expected) => {
  expect(namesMarkers(word)).toBe(expected);
});
