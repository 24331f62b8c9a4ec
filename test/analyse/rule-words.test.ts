import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { FAMILIES } from '../../src/analyse/rule-texts/families.ts';
import { ruleWords, SINGLE_RULES } from '../../src/analyse/rule-words.ts';
import { onlyAddsUp } from '../../src/analyse/score.ts';
import { parseRuleFile } from '../../src/parse/crs-rule.ts';

test('a rule has its own title, else that of its family, else of its vendor', () => {
  expect(ruleWords('942100', 'OWASP3').title).toBe('Text read as SQL');
  expect(ruleWords('942100', 'OWASP3').words).toMatch(
    /^The library libinjection .* It looks for pieces of database/,
  );
  expect(ruleWords('942999', 'OWASP3').title).toBe('Text read as SQL');
  expect(ruleWords('949110', 'OWASP3').title).toBe('It only adds up');
  expect(ruleWords('210710', 'comodo_apache').title).toBe('A Comodo rule');
  expect(ruleWords('4000001', 'malware_expert').title).toBe('A rule of malware_expert');
  expect(ruleWords('4000001', null).title).toBe('A rule of this server');
  expect(ruleWords('12', null).title).toBe('A rule of this server');
});

test('families stand in order and do not overlap', () => {
  for (const [at, { from, to }] of FAMILIES.entries()) {
    expect(from).toBeLessThanOrEqual(to);
    expect(from).toBeGreaterThan(FAMILIES[at - 1]?.to ?? 0);
  }
});

test('each single rule belongs to a family; texts are sentences without marks of excitement', () => {
  const texts = [...FAMILIES, ...SINGLE_RULES.values()];
  for (const { title, words } of texts) {
    expect(title).toMatch(/^[^ ].{2,44}$/);
    expect(title).not.toMatch(/[.!]$/);
    if (words !== undefined) expect(words).toMatch(/^[A-Z][^!]*\.$/);
  }
  for (const id of SINGLE_RULES.keys()) {
    expect([id, FAMILIES.some(({ from, to }) => Number(id) >= from && Number(id) <= to)]).toEqual([id, true]);
  }
});

test('rules that only add up say so, rules that score do not', () => {
  for (const id of ['949110', '949111', '959100', '980130', '980140', '980170', '901100']) {
    expect(onlyAddsUp(id)).toBe(true);
    expect(`${ruleWords(id, 'OWASP3').title} ${ruleWords(id, 'OWASP3').words}`).toMatch(
      /only (?:adds up|reports)|scores nothing/,
    );
  }
});

const CRS = '/usr/share/modsecurity-crs/rules';
const withCrs = existsSync(CRS) ? test : test.skip;

withCrs(
  `Debian's package modsecurity-crs in ${CRS}: each scored rule has words, none is a copy of its message`,
  () => {
    const files = readdirSync(CRS).filter((name) => name.endsWith('.conf'));
    const rules = files.flatMap((name) => parseRuleFile(readFileSync(`${CRS}/${name}`, 'latin1'), name));
    const scored = rules.filter(({ severity }) => severity !== null);
    expect(scored.length).toBeGreaterThan(150);
    const unknown = scored.filter(({ id }) => ruleWords(id, 'OWASP3').title === 'A rule of OWASP3');
    expect(unknown.map(({ id }) => id)).toEqual([]);
    const own = scored.filter(({ id, paranoiaLevel }) => paranoiaLevel === 1 && SINGLE_RULES.has(id));
    const first = scored.filter(({ paranoiaLevel }) => paranoiaLevel === 1);
    expect(own.length / first.length).toBeGreaterThan(0.5);
    for (const { id, message } of scored) expect(ruleWords(id, 'OWASP3').title).not.toBe(message);
  },
);
