import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildCatalogue, type CatalogueRule } from '../../src/analyse/catalogue.ts';
import { coverageOfTarget, looksAt } from '../../src/analyse/coverage-of-target.ts';
import { readRuleFile } from '../../src/parse/crs-rule.ts';
import { ruleInfo } from './fixtures.ts';

test.each([
  ['ARGS', 'ARGS:comment', 'yes'],
  ['ARGS', 'ARGS', 'yes'],
  ['args:Comment', 'ARGS:cOMMENT', 'yes'],
  ["ARGS:'comment'", 'ARGS:comment', 'yes'],
  ['ARGS:other', 'ARGS:comment', 'no'],
  ['ARGS:other', 'ARGS', 'may'],
  ['ARGS_NAMES', 'ARGS:comment', 'no'],
  ['&ARGS', 'ARGS:comment', 'no'],
  ['ARGS:/^com/', 'ARGS:comment', 'yes'],
  ['ARGS:/^x/', 'ARGS:comment', 'no'],
  ['ARGS:/^c.*t$/', 'ARGS:comment', 'may'],
  ['ARGS|!ARGS:comment', 'ARGS:comment', 'no'],
  ['!ARGS:comment|ARGS', 'ARGS:comment', 'no'],
  ['ARGS|!ARGS:comment', 'ARGS:other', 'yes'],
  ['ARGS|!ARGS:comment', 'ARGS', 'yes'],
  ['ARGS|!ARGS', 'ARGS', 'no'],
  ['ARGS|!ARGS:/(a+)+$/', 'ARGS:aaaa', 'may'],
  ['REQUEST_COOKIES|!REQUEST_COOKIES:/__utm/', 'REQUEST_COOKIES:__utmz', 'no'],
  ['REQUEST_COOKIES|!REQUEST_COOKIES:/__utm/', 'REQUEST_COOKIES:cart', 'yes'],
  ['ARGS', 'ARGS_GET:id', 'yes'],
  ['ARGS_GET', 'ARGS:id', 'may'],
  ['ARGS_GET:other', 'ARGS:id', 'no'],
  ['REQUEST_URI', 'REQUEST_URI', 'yes'],
  ['', '', 'no'],
])('targets %j look at %j: %j', (targets, target, expected) => {
  expect(looksAt(targets === '' ? [] : targets.split('|'), target)).toBe(expected);
});

const entry = (
  id: string,
  more: Partial<CatalogueRule> & { rule?: CatalogueRule['rule'] } = {},
): CatalogueRule => ({
  rule: ruleInfo(id),
  vendor: 'OWASP3',
  loaded: true,
  disabled: null,
  points: 5,
  ...more,
});

test('names active rules that can refuse, up to the blocking level, the same family first', () => {
  const disabled = { file: 'x', line: 1, by: 'whm' as const, words: 'switched off' };
  const rules = [
    entry('932100'),
    entry('942110', { rule: ruleInfo('942110', { paranoiaLevel: 2 }) }),
    entry('942140'),
    entry('942100'),
    entry('942150', { loaded: false }),
    entry('942160', { disabled }),
    entry('1000', { rule: ruleInfo('1000', { disruptive: 'deny', paranoiaLevel: null }), points: null }),
    entry('1001', { rule: ruleInfo('1001', { disruptive: 'pass' }), points: null }),
    entry('942170', { rule: ruleInfo('942170', { targets: ['ARGS:/x+/'] }) }),
    entry('942180', { rule: ruleInfo('942180', { targets: ['REQUEST_URI'] }) }),
  ];
  const at = (blockingLevel: number | null): Record<string, string[]> => {
    const { sure, may } = coverageOfTarget({
      target: 'ARGS:comment',
      rules,
      blockingLevel,
      without: '942100',
    });
    return { sure: sure.map(({ rule }) => rule.id), may: may.map(({ rule }) => rule.id) };
  };
  expect(at(1)).toEqual({ sure: ['942140', '1000', '932100'], may: ['942170'] });
  expect(at(2)).toEqual({ sure: ['942110', '942140', '1000', '932100'], may: ['942170'] });
  expect(at(null)).toEqual(at(2));
});

test('any targets give an answer, also at great length', () => {
  const unit = fc.constantFrom('ARGS', ':', '/', '|', '!', '&', "'", 'a', '(', '+', '\\', '\0');
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit, maxLength: 12 })),
      fc.string({ unit, maxLength: 12 }),
      (targets, target) => {
        expect(['yes', 'may', 'no']).toContain(looksAt(targets, target));
      },
    ),
  );
  const started = performance.now();
  looksAt([`ARGS:/${'(a|b)'.repeat(50_000)}/`], `ARGS:${'a'.repeat(100_000)}`);
  expect(performance.now() - started).toBeLessThan(500);
});

const CRS = '/usr/share/modsecurity-crs/rules';
const withCrs = existsSync(CRS) ? test : test.skip;

withCrs(`Debian's package modsecurity-crs in ${CRS}: what stands in for 942100 on an argument`, () => {
  const files = readdirSync(CRS)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => readRuleFile(readFileSync(`${CRS}/${name}`, 'latin1'), name));
  const { rules } = buildCatalogue(files, []);
  const covered = (blockingLevel: number): string[] =>
    coverageOfTarget({
      target: 'ARGS:comment',
      rules: [...rules.values()].flat(),
      blockingLevel,
      without: '942100',
    }).sure.map(({ rule }) => rule.id);
  expect(covered(1)).toEqual(expect.arrayContaining(['942140', '942190', '941100', '932160', '930120']));
  expect(covered(1)).not.toContain('942110');
  expect(covered(2)).toContain('942110');
  expect(covered(2)).not.toContain('949110');
});
