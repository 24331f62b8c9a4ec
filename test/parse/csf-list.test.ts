import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCsfListText } from '../../src/parse/csf-list.ts';
import { testSurvival, readSamples } from './samples.ts';

// A whole file is never refused, so these records have no `null`.
for (const { note, expected, raw } of readSamples('csf-list')) {
  test(`csf-list.samples: ${note}`, () => {
    expect(parseCsfListText(raw, 'deny')).toMatchObject(expected ?? {});
  });
}
testSurvival('csf-list', (raw) => parseCsfListText(raw, 'deny'));

test('entries say which list they stand in', () => {
  for (const list of ['deny', 'allow', 'ignore'] as const) {
    expect(parseCsfListText('203.0.113.7', list).entries[0]?.entry.list).toBe(list);
  }
});

test('an offset is the place of its line, whatever stands before (property)', () => {
  const noise = fc.string({
    unit: fc.constantFrom('#', 'x', ' ', '\n', '\r', '\x0b', '\xc3', '\x85', '\xe2\x80\xa8'),
    maxLength: 30,
  });
  fc.assert(
    fc.property(noise, noise, (before, after) => {
      const text = `${before}\n203.0.113.7 # x\n${after}`;
      const { entries } = parseCsfListText(text, 'deny');
      expect(entries).toHaveLength(1);
      expect(text.slice(entries[0]!.offset).startsWith('203.0.113.7 # x')).toBe(true);
    }),
  );
});

test('any text gives a list (property)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseCsfListText(text, 'allow');
    }),
  );
});
