import { test } from '@jest/globals';
import fc from 'fast-check';
import { parseLfdMessage } from '../../src/parse/lfd-message.ts';
import { testSamples, testSurvival } from './samples.ts';

testSamples('lfd-message', parseLfdMessage);
testSurvival('lfd-message', parseLfdMessage);

test('any text gives a value or null', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseLfdMessage(text);
    }),
  );
});
