import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildCatalogue, isActive, vendorOf } from '../../src/analyse/catalogue.ts';
import { readRuleFile } from '../../src/parse/crs-rule.ts';

const CONF = '/etc/apache2/conf.d';
const VENDORS = `${CONF}/modsec_vendor_configs`;
const rule = (id: number, more = ''): string => `SecRule ARGS "@rx x" "id:${id},phase:2,deny${more}"\n`;

type Files = Readonly<Record<string, string>>;
const SERVER: Files = {
  [`${CONF}/modsec2.conf`]: `<IfModule security2_module>
    SecRuleEngine On
    Include "/etc/apache2/conf.d/modsec/modsec2.user.conf"
    Include conf.d/modsec/modsec2.cpanel.conf
  </IfModule>`,
  [`${CONF}/modsec/modsec2.user.conf`]: `SecRuleRemoveById 942100\n${rule(7)}`,
  [`${CONF}/modsec/modsec2.cpanel.conf`]: `Include "${VENDORS}/OWASP3/crs-setup.conf"
    Include "${VENDORS}/OWASP3/rules/*.conf"
    Include "${VENDORS}/comodo_apache/only.conf"
    SecRuleRemoveById 941100 "920000-920999"
    SecRuleRemoveByTag "attack-(lfi|rfi)"
    <LocationMatch "/admin">
      SecRuleRemoveById 942100
    </LocationMatch>`,
  [`${CONF}/modsec2.whitelist.conf`]: `<IfModule mod_security2.c>
    <LocationMatch .*>
    SecRuleRemoveById 933100
    </LocationMatch>
    <DirectoryMatch '/home/x'>
    SecRuleRemoveById 942100
    </DirectoryMatch>
    </IfModule>
    <IfModule !mod_security2.c>
    SecRuleRemoveById 942100
    </IfModule>`,
  [`${VENDORS}/OWASP3/crs-setup.conf`]:
    'SecAction "id:900100,phase:1,pass,setvar:tx.warning_anomaly_score=1"\n',
  [`${VENDORS}/OWASP3/rules/a.conf`]: `${rule(941100)}${rule(942100, ",setvar:'tx.anomaly_score_pl1=+%{tx.warning_anomaly_score}'")}${rule(920350)}SecMarker "END-A"\n`,
  [`${VENDORS}/OWASP3/rules/b.conf`]: `${rule(933100)}${rule(930100, ',tag:attack-lfi')}`,
  [`${VENDORS}/OWASP4/rules/a.conf`]: rule(942100, ',ver:OWASP_CRS/4.25.1'),
  [`${VENDORS}/comodo_apache/only.conf`]: rule(210000),
  [`${VENDORS}/comodo_apache/other.conf`]: rule(210001),
};
const ENTRIES = [`${CONF}/modsec2.conf`, `${CONF}/modsec2.whitelist.conf`];

const build = (files: Files, entries: readonly string[] = ENTRIES): ReturnType<typeof buildCatalogue> =>
  buildCatalogue(
    Object.entries(files).map(([path, text]) => readRuleFile(text, path)),
    entries,
  );

test('tells for each rule whose it is, whether it is loaded and what switched it off', () => {
  const { rules } = build(SERVER);
  const seen = [...rules.values()]
    .flat()
    .map((entry) => [entry.rule.id, entry.vendor, entry.loaded, entry.disabled?.words ?? null]);
  expect(seen.sort()).toEqual(
    [
      ['210000', 'comodo_apache', true, null],
      ['210001', 'comodo_apache', false, null],
      ['7', null, true, null],
      ['900100', 'OWASP3', true, null],
      ['920350', 'OWASP3', true, 'switched off in WHM for the whole server (modsec2.cpanel.conf:4)'],
      ['930100', 'OWASP3', true, 'switched off in WHM for the whole server (modsec2.cpanel.conf:5)'],
      ['933100', 'OWASP3', true, 'in CMC’s list for the whole server (modsec2.whitelist.conf:3)'],
      ['941100', 'OWASP3', true, 'switched off in WHM for the whole server (modsec2.cpanel.conf:4)'],
      // The removal in the user file stands before the rules, those in narrow sections are not for all.
      ['942100', 'OWASP3', true, null],
      ['942100', 'OWASP4', false, null],
    ].sort(),
  );
});

test('of one id the rule that is active comes first, whatever the files are called', () => {
  const copies = build(SERVER).rules.get('942100') ?? [];
  expect(copies.map((copy) => [copy.vendor, isActive(copy)])).toEqual([
    ['OWASP3', true],
    ['OWASP4', false],
  ]);
});

test('points follow the setup file; rules without a score have none', () => {
  const { rules, scores, markers } = build(SERVER);
  expect(rules.get('942100')?.[0]?.points).toBe(1);
  expect(rules.get('7')?.[0]?.points).toBeNull();
  expect(Object.fromEntries(scores)).toEqual({ CRITICAL: 5, ERROR: 4, WARNING: 1, NOTICE: 2 });
  expect(markers).toEqual([{ name: 'END-A', file: `${VENDORS}/OWASP3/rules/a.conf`, line: 4 }]);
});

test('without the configuration nothing is said of loading', () => {
  const { rules } = build(SERVER, []);
  expect([...rules.values()].flat().map(({ loaded }) => loaded)).toEqual(
    Array.from({ length: 10 }, () => null),
  );
});

test('the folders of a copied server and old links are the same ones', () => {
  const elsewhere = Object.fromEntries(
    Object.entries(SERVER).map(([path, text]) => [
      path,
      text.replaceAll('"/etc/apache2/conf.d', '"/usr/local/apache/conf.d'),
    ]),
  );
  expect(build(elsewhere).rules.get('210000')?.[0]?.loaded).toBe(true);
  expect(build(elsewhere).rules.get('210001')?.[0]?.loaded).toBe(false);
});

test('files that include each other, themselves or nothing end', () => {
  const a = `${CONF}/modsec2.conf`;
  const b = `${CONF}/modsec/b.conf`;
  const { rules } = build({
    [a]: `Include ${b}\nInclude ${a}\nInclude /nowhere\n${rule(1)}`,
    [b]: `Include ${a}\n${rule(2)}`,
  });
  expect([...rules.keys()].sort()).toEqual(['1', '2']);
  expect(vendorOf(a)).toBeNull();
});

test('never throws, whatever the files say, and loses no rule', () => {
  const piece = fc.constantFrom(
    `Include ${CONF}/*.conf\n`,
    `Include ${CONF}/modsec/\n`,
    'Include ***?*\n',
    'SecRuleRemoveById ',
    'SecRuleRemoveByTag ',
    'SecRuleRemoveByMsg "(a|b)^$.*\\\\"\n',
    '1-9 x,3\n',
    '(((\n',
    rule(3),
    rule(5, ',tag:a'),
    'SecAction "id:8,phase:1,setvar:tx.a=%{tx.a},setvar:tx.critical_anomaly_score=x"\n',
    '<IfModule !security2_module>\n',
    '</IfModule>\n',
    '\0\xff',
  );
  const text = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (one, two) => {
      const parts = [readRuleFile(one, `${CONF}/modsec2.conf`), readRuleFile(two, `${CONF}/modsec/x.conf`)];
      const { rules } = buildCatalogue(parts, ENTRIES);
      const count = [...rules.values()].reduce((sum, copies) => sum + copies.length, 0);
      expect(count).toBe(parts.flatMap((file) => file.rules).length);
    }),
  );
});
