import { test } from '@jest/globals';
import fc from 'fast-check';
import { parseTempbanLine } from '../../src/parse/csf-tempban.ts';
import { testSamples, testSurvival } from './samples.ts';

testSamples('csf-tempban', parseTempbanLine);
testSurvival('csf-tempban', parseTempbanLine);

test('any text gives a value or null', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseTempbanLine(text);
    }),
  );
});
