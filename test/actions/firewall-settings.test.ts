// csf's settings in words: what a value does, what it is taken for, and the same words wherever they are shown.
import { describe, expect, test } from '@jest/globals';
import { ordinal } from '../../src/actions/conf-numbers.ts';
import { csfSettings } from '../../src/actions/csf-settings.ts';
import { csfChecks } from '../../src/actions/doctor-csf.ts';
import type { Firewall } from '../../src/actions/firewall.ts';
import { settingsOf } from '../../src/actions/settings.ts';
import type { PlaceLook } from '../../src/host/self-look.ts';
import { parseCsfConf } from '../../src/parse/csf-conf.ts';

/** csf.conf of a fresh cPanel server, as far as it is about blocks. */
const DEFAULTS: Readonly<Record<string, string>> = {
  ...{ TESTING: '0', LF_DAEMON: '1', LF_TRIGGER: '0', LF_SELECT: '0', LF_MODSEC: '5', LF_MODSEC_PERM: '1' },
  ...{ LF_INTERVAL: '3600', LF_PERMBLOCK: '1', LF_PERMBLOCK_COUNT: '4', LF_PERMBLOCK_INTERVAL: '86400' },
  ...{ LF_NETBLOCK: '0', LF_NETBLOCK_COUNT: '4', LF_NETBLOCK_INTERVAL: '86400', LF_NETBLOCK_CLASS: 'C' },
  ...{ LF_REPEATBLOCK: '0', LF_BLOCKINONLY: '0', DENY_IP_LIMIT: '200', DENY_TEMP_IP_LIMIT: '100' },
  ...{ IGNORE_ALLOW: '0', IPV6: '0', CC_DENY: '', CF_ENABLE: '0', CLUSTER_SENDTO: '', BLOCK_REPORT: '' },
  ...{ LF_EMAIL_ALERT: '1' },
};
const conf = (change: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  parseCsfConf(
    Object.entries({ ...DEFAULTS, ...change })
      .map(([name, value]) => `${name} = "${value}"`)
      .join('\n'),
  );
const setting = (name: string, change: Readonly<Record<string, string>> = {}) =>
  csfSettings(conf(change)).find((one) => one.name === name);

test('as csf is delivered, nothing is wrong, and what needs no detail has none', () => {
  const settings = csfSettings(conf());
  expect(settings.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect(settings.map(({ name }) => name)).toEqual([
    ...['LF_DAEMON', 'TESTING', 'LF_MODSEC', 'LF_MODSEC_PERM', 'LF_TRIGGER', 'LF_INTERVAL', 'LF_SELECT'],
    ...['LF_BLOCKINONLY', 'LF_PERMBLOCK', 'LF_PERMBLOCK_COUNT', 'LF_PERMBLOCK_INTERVAL', 'LF_NETBLOCK'],
    ...['LF_REPEATBLOCK', 'DENY_IP_LIMIT', 'DENY_TEMP_IP_LIMIT', 'IGNORE_ALLOW', 'CC_DENY', 'IPV6'],
    ...['CF_ENABLE', 'CLUSTER_SENDTO', 'BLOCK_REPORT', 'LF_EMAIL_ALERT'],
  ]);
});

test('what csf.conf does not have is left out', () => {
  expect(csfSettings(new Map())).toEqual([]);
});

test.each<[string, Readonly<Record<string, string>>, string, string | null, string]>([
  ['LF_MODSEC', {}, 'blocks at the 5th refusal by ModSecurity', null, 'ok'],
  ['LF_MODSEC', { LF_MODSEC: '1' }, 'blocks at the 1st refusal', 'a single click', 'warn'],
  ['LF_MODSEC', { LF_MODSEC: '0' }, 'blocks nobody', 'web server answers them', 'ok'],
  ['LF_MODSEC', { LF_TRIGGER: '6' }, 'count towards LF_TRIGGER', '5 is not the limit', 'ok'],
  ['LF_MODSEC_PERM', {}, 'for good', null, 'ok'],
  ['LF_MODSEC_PERM', { LF_MODSEC_PERM: '0' }, 'for good (csf treats 0 like 1)', '0 means no block', 'warn'],
  ['LF_MODSEC_PERM', { LF_MODSEC_PERM: '3' }, 'for 3 seconds', 'above 1 it is seconds', 'warn'],
  ['LF_MODSEC_PERM', { LF_MODSEC_PERM: '3600' }, 'for an hour', null, 'ok'],
  ['LF_TRIGGER', { LF_TRIGGER: '6' }, 'blocks at the 6th failure of any kind', 'LF_SSHD', 'ok'],
  ['LF_SELECT', { LF_SELECT: '1' }, 'only the ports', 'tcp|in|d=443', 'ok'],
  ['DENY_IP_LIMIT', {}, 'keeps 200 lines', 'until newer blocks push', 'ok'],
  ['DENY_IP_LIMIT', { DENY_IP_LIMIT: '0' }, 'nothing drops out', null, 'ok'],
  ['DENY_TEMP_IP_LIMIT', {}, 'at most 100 temporary blocks', null, 'ok'],
  ['IGNORE_ALLOW', {}, 'counts and reports addresses in csf.allow', 'csf.ignore does that', 'ok'],
  ['IGNORE_ALLOW', { IGNORE_ALLOW: '1' }, 'passes over', null, 'ok'],
  ['TESTING', { TESTING: '1' }, 'takes its rules away', 'blocks nobody for long', 'fail'],
  ['LF_DAEMON', { LF_DAEMON: '0' }, 'lfd does not run', null, 'fail'],
  ['LF_PERMBLOCK', {}, 'after more than 4 temporary blocks within 24 hours', null, 'ok'],
  [
    'LF_NETBLOCK',
    { LF_NETBLOCK: '1' },
    'after more than 4 blocks of one net within 24 hours',
    'Neighbours',
    'ok',
  ],
  ['LF_NETBLOCK', { LF_NETBLOCK: '1', LF_NETBLOCK_CLASS: 'A' }, '16,777,216 addresses', 'Neighbours', 'warn'],
  ['LF_NETBLOCK_CLASS', { LF_NETBLOCK: '1', LF_NETBLOCK_CLASS: 'x' }, 'does not know: x', null, 'ok'],
  ['LF_REPEATBLOCK', { LF_REPEATBLOCK: '5' }, 'up to 5 times', 'several lines', 'ok'],
  ['LF_BLOCKINONLY', { LF_BLOCKINONLY: '1' }, 'only the way in', 'can still connect', 'ok'],
  ['CC_DENY', { CC_DENY: 'XX,YY' }, 'XX,YY', 'csf -dr does not free it', 'ok'],
  ['CF_ENABLE', { CF_ENABLE: '1' }, 'at Cloudflare too', 'csf -tr', 'ok'],
  ['CLUSTER_SENDTO', { CLUSTER_SENDTO: '192.0.2.9' }, '192.0.2.9', 'csf -cr', 'ok'],
  ['IPV6', {}, 'no IPv6 address is blocked', 'does not close IPv6', 'ok'],
  ['BLOCK_REPORT', {}, 'free', null, 'ok'],
  ['BLOCK_REPORT', { BLOCK_REPORT: '/root/told.sh' }, 'taken: lfd calls /root/told.sh', null, 'ok'],
  ['LF_EMAIL_ALERT', { LF_EMAIL_ALERT: '0' }, 'no mail', null, 'ok'],
])('%s %j', (name, ...[change, meaning, misreading, state]) => {
  const found = setting(name, change);
  expect(found?.meaning).toContain(meaning);
  if (misreading === null) expect(found?.misreading).toBeNull();
  else expect(found?.misreading).toContain(misreading);
  expect(found?.state).toBe(state);
});

test('a value of strangers is cut and cleaned', () => {
  const found = setting('CC_DENY', { CC_DENY: `A\x1b[31m\x07B${'Z'.repeat(500)}` });
  expect(found?.meaning).not.toMatch(/[\x00-\x1f]/);
  expect(found?.meaning.length).toBeLessThan(200);
});

test('the block has the same words as the list of settings', () => {
  const odd = conf({ LF_MODSEC_PERM: '0', LF_MODSEC: '2' });
  const onBlock = settingsOf('LF_MODSEC', { conf: odd });
  expect(onBlock.map(({ name }) => name)).toEqual(['LF_MODSEC', 'LF_MODSEC_PERM', 'LF_INTERVAL']);
  for (const { name, meaning, misreading } of onBlock)
    expect({ meaning, misreading }).toEqual({
      meaning: setting(name, { LF_MODSEC_PERM: '0', LF_MODSEC: '2' })?.meaning,
      misreading: setting(name, { LF_MODSEC_PERM: '0', LF_MODSEC: '2' })?.misreading,
    });
});

test('the settings of other triggers are told on their block', () => {
  const told = settingsOf('CT_LIMIT', {
    conf: conf({ CT_LIMIT: '300', CT_INTERVAL: '30', CT_BLOCK_TIME: '1800', CT_PERMANENT: '0' }),
  });
  expect(told.map(({ name, meaning }) => `${name}: ${meaning}`)).toEqual([
    'CT_LIMIT: blocks at the 300th open connection',
    'CT_INTERVAL: counted over 30 seconds',
    'CT_BLOCK_TIME: blocked for 30 minutes',
    'CT_PERMANENT: for a time',
    'LF_INTERVAL: counted over an hour',
  ]);
});

test('ordinals', () => {
  expect([1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 101, 111].map(ordinal)).toEqual([
    ...['1st', '2nd', '3rd', '4th', '10th', '11th', '12th', '13th', '21st', '22nd', '101st', '111th'],
  ]);
});

describe('doctor', () => {
  const place = (kind: PlaceLook['kind']): PlaceLook => ({
    ...{ path: '/etc/csf/x', kind, mode: 0o600, isRoots: true, bytes: 1, mtimeMs: 0 },
    ...{ text: null, names: [], problem: null },
  });
  const checks = (change: Readonly<Record<string, string>>) => {
    const firewall: Firewall = {
      ...{ deny: [], allow: [], ignore: [], tempbans: [], tempallows: [], readable: true, problems: [] },
      conf: conf(change),
    };
    return csfChecks({
      ...{ version: place('missing'), disabled: place('missing'), error: place('missing') },
      ...{ lfd: null, firewall, errorLogs: [], isNginx: false },
    });
  };
  test('one line where all is as usual', () => {
    const found = checks({});
    expect(found.filter(({ id }) => id.startsWith('setting: '))).toEqual([]);
    expect(found.find(({ id }) => id === 'csf-settings')).toMatchObject({
      state: 'ok',
      found: '21 of 21 settings about blocks as usual',
    });
  });
  test('one check for each that is not; TESTING has its own already', () => {
    const found = checks({ LF_MODSEC_PERM: '0', LF_DAEMON: '0', TESTING: '1' });
    expect(found.filter(({ id }) => id.startsWith('setting: ')).map(({ id, state }) => [id, state])).toEqual([
      ['setting: LF_DAEMON', 'fail'],
      ['setting: LF_MODSEC_PERM', 'warn'],
    ]);
    expect(found.find(({ id }) => id === 'setting: LF_MODSEC_PERM')).toMatchObject({
      found: 'LF_MODSEC_PERM = "0"',
      means: expect.stringMatching(/^For good \(csf treats 0 like 1\)\. csf.conf’s own comment/),
    });
    expect(found.find(({ id }) => id === 'csf-settings')?.found).toBe(
      '19 of 21 settings about blocks as usual',
    );
  });
});
