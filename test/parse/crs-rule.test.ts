import { expect, test } from '@jest/globals';
import { parseRuleFile } from '../../src/parse/crs-rule.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

const parse = (raw: string): ReturnType<typeof parseRuleFile> => parseRuleFile(raw, '/rules/x.conf');

testSamples('crs-rule', (raw) => parse(raw)[0] ?? null);
testSurvival('crs-rule', parse);

test('each rule of a file keeps its own line', () => {
  const raws = readSamples('crs-rule').map(({ raw }) => raw);
  let line = 0;
  const expected = raws.flatMap((raw) => {
    const rules = parse(raw).map((rule) => ({ ...rule, line: rule.line + line }));
    line += raw.split('\n').length;
    return rules;
  });
  expect(parse(raws.join('\n'))).toEqual(expected);
  expect(expected.length).toBeGreaterThan(5);
});
