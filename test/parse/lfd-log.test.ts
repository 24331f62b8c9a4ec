import { test } from '@jest/globals';
import fc from 'fast-check';
import { parseLfdLogLine } from '../../src/parse/lfd-log.ts';
import { testSamples, testSurvival } from './samples.ts';

testSamples('lfd-log', parseLfdLogLine);
testSurvival('lfd-log', parseLfdLogLine);

test('any text gives a value or null', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseLfdLogLine(text);
    }),
  );
});
