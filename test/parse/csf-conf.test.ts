import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csfConfProblems, parseCsfConf } from '../../src/parse/csf-conf.ts';
import { readSamples, testSurvival } from './samples.ts';

// A whole file is never refused, so these records have no `null`.
for (const { note, expected, raw } of readSamples('csf-conf')) {
  test(`csf-conf.samples: ${note}`, () => {
    expect({ values: Object.fromEntries(parseCsfConf(raw)), problems: csfConfProblems(raw) }).toEqual({
      values: decoded(expected?.values),
      problems: expected?.problems,
    });
  });
}
testSurvival('csf-conf', parseCsfConf);

/** Sample files are read as latin1; what a parser gives is decoded. */
function decoded(value: unknown): unknown {
  return JSON.parse(Buffer.from(JSON.stringify(value), 'latin1').toString('utf8'));
}

test('any text gives a map (property)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseCsfConf(text).size).toBeLessThanOrEqual(text.split('=').length);
      csfConfProblems(text);
    }),
  );
});
