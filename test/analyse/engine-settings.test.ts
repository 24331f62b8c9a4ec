import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { buildCatalogue, type Catalogue } from '../../src/analyse/catalogue.ts';
import { blockingLevelOf, engineSettings } from '../../src/analyse/engine-settings.ts';
import { loggedSettings, type LoggedSettings } from '../../src/analyse/logged-settings.ts';
import { readRuleFile } from '../../src/parse/crs-rule.ts';
import { blocked, hit, transaction } from './fixtures.ts';

const CONF = '/etc/apache2/conf.d/modsec2.conf';
const SETUP = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/crs-setup.conf';
const INIT = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-901-INITIALIZATION.conf';

/** CRS's own defaults, as its 901 rules give them. */
const DEFAULTS = `SecComponentSignature "OWASP_CRS/3.3.4"
SecRule &TX:inbound_anomaly_score_threshold "@eq 0" "id:901100,phase:1,pass,nolog,ver:'OWASP_CRS/3.3.4',setvar:'tx.inbound_anomaly_score_threshold=5'"
SecRule &TX:outbound_anomaly_score_threshold "@eq 0" "id:901110,phase:1,pass,nolog,setvar:'tx.outbound_anomaly_score_threshold=4'"
SecRule &TX:paranoia_level "@eq 0" "id:901120,phase:1,pass,nolog,setvar:'tx.paranoia_level=1'"
SecRule &TX:executing_paranoia_level "@eq 0" "id:901125,phase:1,pass,nolog,setvar:'tx.executing_paranoia_level=%{TX.PARANOIA_LEVEL}'"
`;
const DEFAULTS_4 = DEFAULTS.replaceAll('executing_paranoia_level', 'detection_paranoia_level')
  .replaceAll('"@eq 0" "id:901120', '"@eq 0" "id:901120')
  .replaceAll(':paranoia_level', ':blocking_paranoia_level')
  .replaceAll('tx.paranoia_level', 'tx.blocking_paranoia_level')
  .replaceAll('TX.PARANOIA_LEVEL', 'TX.blocking_paranoia_level')
  .replaceAll('3.3.4', '4.25.1');

function catalogue(setup: string, main = '', defaults = DEFAULTS): Catalogue {
  const conf = `SecRuleEngine On\nSecResponseBodyAccess Off\nInclude ${SETUP}\nInclude ${INIT}\n${main}`;
  return buildCatalogue(
    [readRuleFile(conf, CONF), readRuleFile(setup, SETUP), readRuleFile(defaults, INIT)],
    [CONF],
  );
}

const table = (from: Catalogue, logged: LoggedSettings = {}): Record<string, unknown> =>
  Object.fromEntries(engineSettings(from, logged).map(({ key, config }) => [key, config]));
const warnings = (from: Catalogue, logged: LoggedSettings = {}): string[] =>
  engineSettings(from, logged).flatMap(({ key, warning }) =>
    warning === null ? [] : [`${key}: ${warning}`],
  );

test('the setup file says it, else the defaults of CRS', () => {
  const plain = {
    mode: 'On',
    version: '3.3.4',
    inbound: '5',
    outbound: '4',
    blockingLevel: '1',
    detectionLevel: '1',
    responseBodies: 'Off',
  };
  expect(table(catalogue('# nothing set\n'))).toEqual(plain);
  const setup = `SecAction "id:900110,phase:1,nolog,pass,setvar:tx.inbound_anomaly_score_threshold=10"
SecAction "id:900000,phase:1,nolog,pass,setvar:tx.paranoia_level=2"`;
  expect(table(catalogue(setup))).toEqual({
    ...plain,
    inbound: '10',
    blockingLevel: '2',
    detectionLevel: '2',
  });
  expect(blockingLevelOf(catalogue(setup))).toBe(2);
  const sources = engineSettings(catalogue(setup), {}).map(({ source }) => source);
  expect(sources).toEqual([
    'modsec2.conf:1',
    undefined,
    'crs-setup.conf:1',
    'REQUEST-901-INITIALIZATION.conf:3 (default)',
    'crs-setup.conf:2',
    'REQUEST-901-INITIALIZATION.conf:5 (default)',
    'modsec2.conf:2',
  ]);
});

test('the names of CRS 4', () => {
  const setup = 'SecAction "id:900000,phase:1,pass,nolog,setvar:tx.blocking_paranoia_level=3"';
  expect(table(catalogue(setup, '', DEFAULTS_4))).toMatchObject({
    version: '4.25.1',
    blockingLevel: '3',
    detectionLevel: '3',
    inbound: '5',
  });
});

test('the last engine line for all counts, not one of a vhost', () => {
  const later = 'SecRuleEngine DetectionOnly\n<VirtualHost *:80>\nSecRuleEngine Off\n</VirtualHost>\n';
  expect(table(catalogue('', later))).toMatchObject({ mode: 'DetectionOnly' });
  expect(table(catalogue('', 'SecRuleEngine Perhaps\n'))).toMatchObject({ mode: null });
});

test('without any files nothing is known', () => {
  const empty = buildCatalogue([], []);
  expect(new Set(Object.values(table(empty)))).toEqual(new Set([null]));
  expect(warnings(empty)).toEqual([]);
  expect(blockingLevelOf(empty)).toBeNull();
});

describe('warnings', () => {
  test('none while configuration and logs agree', () => {
    const logged = { inbound: { value: '5', lines: [] }, detectionLevel: { value: '1', lines: [] } };
    expect(warnings(catalogue(''), logged)).toEqual([]);
  });
  test('the logs show another value', () => {
    const lines = [{ file: '/var/log/apache2/error_log', offset: 7 }];
    const settings = engineSettings(catalogue(''), { inbound: { value: '7', lines } });
    expect(settings.find(({ key }) => key === 'inbound')).toEqual({
      key: 'inbound',
      name: 'Inbound threshold',
      config: '5',
      logs: '7',
      warning:
        'The configuration says 5, the logs show 7: the logs are older than the last change, or a vhost sets it otherwise.',
      lines,
      source: 'REQUEST-901-INITIALIZATION.conf:2 (default)',
    });
  });
  test('a rule of a higher level fired than the configuration runs; a lower one says nothing', () => {
    expect(warnings(catalogue(''), { detectionLevel: { value: '3', lines: [] } })).toHaveLength(1);
    const setup = 'SecAction "id:900000,phase:1,nolog,pass,setvar:tx.paranoia_level=4"';
    expect(warnings(catalogue(setup), { detectionLevel: { value: '3', lines: [] } })).toEqual([]);
  });
  test('levels that are logged without counting, or below what blocks', () => {
    const level = (blocking: number, running: number): string[] =>
      warnings(
        catalogue(
          `SecAction "id:900000,phase:1,pass,setvar:tx.paranoia_level=${blocking},setvar:tx.executing_paranoia_level=${running}"`,
        ),
      );
    expect(level(1, 2)).toEqual([
      'detectionLevel: Rules above level 1 are logged up to level 2, but their points do not count.',
    ]);
    expect(level(2, 1)).toEqual([
      'detectionLevel: It is below the blocking level 2, which CRS does not allow.',
    ]);
  });
  test('a rule that sets the threshold for some requests', () => {
    const setup =
      'SecRule SERVER_NAME "@streq shop.example.com" "id:77,phase:1,pass,setvar:tx.inbound_anomaly_score_threshold=20"';
    expect(warnings(catalogue(setup))).toEqual([
      'inbound: Rule 77 (crs-setup.conf:1) may set another value for some requests.',
    ]);
  });
  test('two versions of CRS', () => {
    const setup = `SecRule ARGS "@rx x" "id:1,phase:2,deny,ver:'OWASP_CRS/4.25.1'"`;
    expect(warnings(catalogue(setup))).toEqual([
      expect.stringMatching(/^version: Rules of 2 versions are loaded/),
    ]);
  });
});

test('settings out of transactions: the newest value, the highest level', () => {
  const at = (minutes: number, ...hits: ReturnType<typeof hit>[]): ReturnType<typeof transaction> =>
    transaction(`id${minutes}`, Date.UTC(2026, 10, 22, 13, minutes), { hits });
  const older = blocked(12, { operator: 'Operator GE matched 10 at TX:anomaly_score.' });
  const logged = loggedSettings([
    at(1, hit('942100', { version: 'OWASP_CRS/3.3.2', tags: ['paranoia-level/3'] }), older),
    at(9, hit('920350', { version: 'OWASP_CRS/3.3.4', tags: ['paranoia-level/1'] }), blocked(5)),
  ]);
  expect(Object.fromEntries(Object.entries(logged).map(([key, { value }]) => [key, value]))).toEqual({
    mode: 'On',
    version: '3.3.4',
    inbound: '5',
    detectionLevel: '3',
  });
  expect(loggedSettings([at(1, blocked(5, { action: 'warning' }), hit('953100'))])).toMatchObject({
    mode: { value: 'DetectionOnly' },
    responseBodies: { value: 'On' },
  });
  expect(loggedSettings([])).toEqual({});
});

const CRS = '/usr/share/modsecurity-crs/rules';
const CRS_SETUP = '/etc/modsecurity/crs/crs-setup.conf';
const withCrs = existsSync(CRS) && existsSync(CRS_SETUP) ? test : test.skip;

withCrs(`Debian's package modsecurity-crs in ${CRS}: its setup and defaults are read`, () => {
  const names = readdirSync(CRS).filter((name) => name.endsWith('.conf'));
  const files = [
    readRuleFile(
      'SecRuleEngine On\nInclude conf.d/setup.conf\nInclude conf.d/rules/*.conf\n',
      '/conf.d/x.conf',
    ),
    readRuleFile(readFileSync(CRS_SETUP, 'latin1'), '/conf.d/setup.conf'),
    ...names.map((name) => readRuleFile(readFileSync(`${CRS}/${name}`, 'latin1'), `/conf.d/rules/${name}`)),
  ];
  const real = buildCatalogue(files, ['/conf.d/x.conf']);
  expect(table(real)).toMatchObject({
    mode: 'On',
    version: expect.stringMatching(/^3\./),
    inbound: '5',
    outbound: '4',
    blockingLevel: '1',
    detectionLevel: '1',
  });
  expect(warnings(real)).toEqual([]);
  expect([...real.rules.values()].flat().every(({ loaded }) => loaded === true)).toBe(true);
  expect(real.rules.get('942100')?.[0]?.points).toBe(5);
  expect(real.rules.get('920350')?.[0]?.points).toBe(3);
  expect(real.rules.get('949110')?.[0]?.points).toBeNull();
});
