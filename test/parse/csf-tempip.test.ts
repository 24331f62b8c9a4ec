import { test } from '@jest/globals';
import fc from 'fast-check';
import { parseTempipLine } from '../../src/parse/csf-tempip.ts';
import { testSamples, testSurvival } from './samples.ts';

testSamples('csf-tempip', parseTempipLine);
testSurvival('csf-tempip', parseTempipLine);

test('any text gives a value or null', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseTempipLine(text);
    }),
  );
});
