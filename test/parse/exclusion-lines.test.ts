import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exclusionLines } from '../../src/parse/exclusion-lines.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

testSamples('exclusion-lines', (raw) => {
  const lines = exclusionLines(raw);
  return lines.length === 0 ? null : { lines };
});
testSurvival('exclusion-lines', exclusionLines);

test('all samples in one file: the same lines, moved', () => {
  const raws = readSamples('exclusion-lines').map(({ raw }) => raw);
  // A quote that is not closed ends with its line; the comment that is continued would take the next sample.
  const joined = exclusionLines(raws.join('\n'));
  let above = 0;
  const apart = raws.flatMap((raw) => {
    const lines = exclusionLines(raw).map((line) => ({
      ...line,
      spans: line.spans.map(({ first, last }) => ({ first: first + above, last: last + above })),
    }));
    above += raw.split('\n').length;
    return lines;
  });
  expect(joined).toEqual(apart);
  expect(apart.length).toBeGreaterThan(20);
});

const WORDS = [
  'SecRuleRemoveById',
  'SecRuleUpdateTargetById',
  'SecAction',
  'SecRule ARGS "@rx x"',
  '942100',
  '"!ARGS:x"',
  '"id:1,phase:1,ctl:ruleRemoveTargetById=1;ARGS:x"',
  '"id:2,chain,allow,setvar:tx.paranoia_level=1"',
  '<LocationMatch /x>',
  '</LocationMatch>',
  '\\',
  '\n',
  '\0',
  '\xff',
  '#',
  '"',
];

test('of any text: spans are lines of it, in order, and each line says what it is about', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }), (words) => {
      const text = words.join(' ');
      const last = text.split('\n').length;
      for (const line of exclusionLines(text)) {
        expect(line.spans.length).toBeGreaterThan(0);
        for (const span of line.spans) {
          expect(span.first).toBeGreaterThanOrEqual(1);
          expect(span.last).toBeGreaterThanOrEqual(span.first);
          expect(span.last).toBeLessThanOrEqual(last);
        }
        expect(line.text.length).toBeLessThanOrEqual(500);
        if (line.kind === 'rules' || line.kind === 'targets') expect(line.rules).not.toBeNull();
      }
    }),
    { numRuns: 500 },
  );
});
