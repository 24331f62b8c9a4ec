import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRuleFile, readRuleFile } from '../../src/parse/crs-rule.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

const parse = (raw: string): ReturnType<typeof parseRuleFile> => parseRuleFile(raw, '/rules/x.conf');

testSamples('crs-rule', (raw) => parse(raw)[0] ?? null);
testSurvival('crs-rule', parse);

test('each rule of a file keeps its own line', () => {
  const raws = readSamples('crs-rule').map(({ raw }) => raw);
  let line = 0;
  const expected = raws.flatMap((raw) => {
    const rules = parse(raw).map((rule) => ({
      ...rule,
      line: rule.line + line,
      chain: rule.chain.map((further) => ({ ...further, line: further.line + line })),
    }));
    line += raw.split('\n').length;
    return rules;
  });
  expect(parse(raws.join('\n'))).toEqual(expected);
  expect(expected.length).toBeGreaterThan(5);
});

test('a rule with an id of its own, a marker or the end of the file breaks a chain', () => {
  const first = 'SecRule ARGS "@rx a" "id:1,deny,chain"\n';
  const further = 'SecRule REQUEST_URI "@rx b" "ctl:ruleEngine=Off,chain"\n';
  const chains = (text: string): [string, number][] =>
    parse(text).map((rule) => [rule.id, rule.chain.length]);
  expect(chains(`${first}${further}${further}`)).toEqual([['1', 2]]);
  expect(chains(`${first}${further}SecRule ARGS "@rx c" "id:2,deny"\n`)).toEqual([
    ['1', 1],
    ['2', 0],
  ]);
  expect(chains(`${first}SecMarker END\n${further}`)).toEqual([['1', 0]]);
  expect(chains(`${first}SecRuleRemoveById 7\n# note\n${further}SecRule X "@rx d"\n${further}`)).toEqual([
    ['1', 2],
  ]);
  // Of a chain whose first rule has no id nothing can be named.
  expect(chains('SecRule ARGS "@rx a" "chain"\nSecRule ARGS "@rx b" "deny"\n')).toEqual([]);
});

test('markers and all other directives are kept beside the rules', () => {
  const text =
    '<IfModule x>\nInclude "/a b/*.conf"\n</IfModule>\nSecMarker "END"\nSecRule A "@rx b" "id:1"\n';
  expect(readRuleFile(text, '/rules/x.conf')).toMatchObject({
    path: '/rules/x.conf',
    rules: [{ id: '1', line: 5 }],
    markers: [{ name: 'END', line: 4 }],
    others: [
      { name: 'Include', words: ['/a b/*.conf'], line: 2, sections: [{ name: 'IfModule', argument: 'x' }] },
    ],
  });
});

test('never throws, and gives rules with lines of the file, for any text', () => {
  const piece = fc.constantFrom(
    'SecRule ',
    'SecAction ',
    'SecMarker ',
    'ARGS|!ARGS:/x/',
    '"',
    "'",
    '\\',
    '\n',
    '\\\r\n',
    ' ',
    ',',
    ':',
    'id:12',
    'chain',
    "msg:'",
    '<IfModule x>',
    '</IfModule>',
    '#',
    '\0',
    '\xff',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 60 }),
      (parts) => {
        const text = parts.join('');
        const lines = text.split('\n').length;
        for (const rule of parse(text)) {
          expect(rule.id).toMatch(/^\d+$/);
          for (const { line } of [rule, ...rule.chain]) expect(line >= 1 && line <= lines).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});

const CRS = '/usr/share/modsecurity-crs/rules';
const withCrs = existsSync(CRS) ? test : test.skip;

withCrs(`Debian's package modsecurity-crs in ${CRS}: all rules of CRS are read, whole`, () => {
  const files = readdirSync(CRS).filter((name) => name.endsWith('.conf'));
  const all = files.flatMap((name) => {
    const text = readFileSync(`${CRS}/${name}`, 'latin1');
    const rules = parseRuleFile(text, name);
    // Counted without the parser: lines with an id that are no comment.
    const counted = text.split('\n').filter((line) => /^[^#]*["\s,]id:\d+/.test(line));
    expect([name, rules.length]).toEqual([name, counted.length]);
    const chained = text.split('\n').filter((line) => /^[^#]*\bchain"?(?:,\\)?\s*$/.test(line));
    const found = rules.reduce((sum, rule) => sum + rule.chain.length, 0);
    expect([name, found]).toEqual([name, chained.length]);
    return rules;
  });
  expect(all.length).toBeGreaterThan(400);
  for (const rule of all) {
    expect([rule.id, rule.phase]).toEqual([rule.id, expect.any(Number)]);
    if (rule.kind === 'rule') {
      expect([rule.id, rule.targets.length > 0]).toEqual([rule.id, true]);
      expect([rule.id, /^!?@\w+(?: |$)/.test(rule.operator)]).toEqual([rule.id, true]);
    }
  }
});
