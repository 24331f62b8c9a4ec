import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTempbanLine } from '../../src/parse/csf-tempban.ts';
import { testSamples, testSurvival } from './samples.ts';

testSamples('csf-tempban', (line) => parseTempbanLine(line));
testSurvival('csf-tempban', (line) => parseTempbanLine(line));

test('any text gives a value or null', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseTempbanLine(text);
    }),
  );
});

test('csf.tempallow has the same form', () => {
  const line = '1795352810|2001:0db8:0:5::0:7|80,443|inout|86400|ticket 2231';
  expect(parseTempbanLine(line, 'tempallow')).toMatchObject({
    list: 'tempallow',
    target: { kind: 'ip', address: '2001:db8:0:5::7', ports: '80,443', direction: 'inout' },
    comment: 'ticket 2231',
    ttlSeconds: 86400,
  });
});
