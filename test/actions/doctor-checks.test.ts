// Each check of `doctor`, both ways.
import { describe, expect, test } from '@jest/globals';
import { apacheChecks, modsecChecks } from '../../src/actions/doctor-apache.ts';
import { cpanelChecks, type CpanelLooks } from '../../src/actions/doctor-cpanel.ts';
import { csfChecks, type CsfLooks } from '../../src/actions/doctor-csf.ts';
import { readingCheck, rotationCheck } from '../../src/actions/doctor-logs.ts';
import { programChecks, serviceChecks, type ServiceLooks } from '../../src/actions/doctor-program.ts';
import type { Check, WhmSeen } from '../../src/actions/doctor-view.ts';
import { whmChecks } from '../../src/actions/doctor-whm.ts';
import { NOT_READ_YET, type ReadState } from '../../src/actions/read-state.ts';
import type { EngineFacts } from '../../src/actions/domain-view.ts';
import type { Firewall } from '../../src/actions/firewall.ts';
import type { CommandResult } from '../../src/host/run-command.ts';
import type { MachineLook, PlaceLook } from '../../src/host/self-look.ts';
import type { LogFile } from '../../src/model.ts';

const said = (output: string, code: number | null = 0, problem: string | null = null): CommandResult => ({
  ...{ code, output, ms: 12, problem },
});
const NOT_STARTED = said('', null, 'could not be started (ENOENT)');
const file = (change: Partial<PlaceLook> = {}): PlaceLook => ({
  ...{ path: '/a/file', kind: 'file', mode: 0o600, isRoots: true, bytes: 2048, mtimeMs: 0 },
  ...{ text: null, names: [], problem: null },
  ...change,
});
const MISSING = file({ kind: 'missing', mode: 0, path: '/a/missing' });
const stateOf = (checks: readonly Check[], id: string): string =>
  checks.find((one) => one.id === id)?.state ?? 'absent';
const textOf = (checks: readonly Check[], id: string): string => {
  const one = checks.find((other) => other.id === id);
  return `${one?.found ?? ''} | ${one?.means ?? ''} | ${one?.mend ?? ''}`;
};

describe('program', () => {
  const MACHINE: MachineLook = {
    ...{ arch: 'x64', node: '24.21.0', uid: 0, memoryBytes: 4e9, freeBytes: 5e9, ownBytes: 1e8 },
  };
  const checks = (machine: Partial<MachineLook>, glibc: CommandResult | null = said('glibc 2.34')) =>
    programChecks({ version: '1', machine: { ...MACHINE, ...machine }, glibc, transactions: 3 });

  test.each<[string, string, readonly Check[]]>([
    ['glibc', 'ok', checks({})],
    ['glibc', 'fail', checks({}, said('glibc 2.28'))],
    ['glibc', 'unknown', checks({}, NOT_STARTED)],
    ['glibc', 'unknown', checks({}, null)],
    ['root', 'ok', checks({})],
    ['root', 'warn', checks({ uid: 1000 })],
    ['disk', 'ok', checks({})],
    ['disk', 'warn', checks({ freeBytes: 5e8 })],
    ['disk', 'fail', checks({ freeBytes: 5e7 })],
    ['disk', 'unknown', checks({ freeBytes: null })],
    ['memory', 'ok', checks({})],
    ['memory', 'warn', checks({ memoryBytes: 5e8 })],
  ])('%s: %s', (id, state, list) => {
    expect(stateOf(list, id)).toBe(state);
  });
});

describe('service', () => {
  const UNIT =
    'LoadState=loaded\nMemoryCurrent=104857600\nNRestarts=1\nProtectSystem=strict\nNoNewPrivileges=yes\nProtectHome=read-only\nPrivateTmp=yes\nRestrictSUIDSGID=yes\nNeedDaemonReload=no';
  const LOOKS: ServiceLooks = {
    isLive: true,
    unitFile: file(),
    unit: said(UNIT),
    service: { status: 200, problem: null, ms: 5 },
    runFolder: file({ kind: 'folder', mode: 0o700 }),
    socket: file({ kind: 'socket' }),
    systemdRun: file(),
  };
  test.each<[string, string, Partial<ServiceLooks>]>([
    ['service', 'ok', {}],
    ['service', 'fail', { service: { status: null, problem: 'ECONNREFUSED', ms: 1 } }],
    ['service', 'info', { service: { status: null, problem: 'ENOENT', ms: 1 }, unitFile: MISSING }],
    ['service', 'unknown', { isLive: false }],
    ['socket', 'ok', {}],
    ['socket', 'fail', { socket: file({ kind: 'socket', mode: 0o666 }) }],
    ['socket', 'fail', { runFolder: file({ kind: 'folder', mode: 0o755 }) }],
    ['socket', 'fail', { runFolder: file({ kind: 'folder', mode: 0o700, isRoots: false }) }],
    ['sandbox', 'ok', {}],
    ['sandbox', 'warn', { unit: said(UNIT.replace('strict', 'no')) }],
    ['sandbox', 'warn', { unit: said(UNIT.replace('Reload=no', 'Reload=yes')) }],
    ['sandbox', 'unknown', { unit: NOT_STARTED }],
    ['unit-memory', 'ok', {}],
    ['unit-memory', 'warn', { unit: said(UNIT.replace('104857600', '404857600')) }],
    ['unit-memory', 'unknown', { unit: said(UNIT.replace('104857600', '[not set]')) }],
    ['outside', 'fail', { systemdRun: MISSING }],
  ])('%s: %s', (id, state, change) => {
    expect(stateOf(serviceChecks({ ...LOOKS, ...change }), id)).toBe(state);
  });
});

describe('cPanel', () => {
  const HOOKS = ['Create', 'Modify', 'Remove']
    .map((event) => `Accounts::${event} /opt/whyblocked/plugin/hook`)
    .join('\n');
  const LOOKS: CpanelLooks = {
    ...{ version: file({ text: '11.136.0.4\n' }), ea4: file(), pathsConf: file(), appConfig: file() },
    ...{ registered: said('1'), cgi: file({ mode: 0o700 }), style: file(), icon: file(), template: file() },
    ...{ masterTemplate: file(), hooks: said(HOOKS), userdatadomains: file(), vhosts: 5, httpdConf: file() },
    ...{ httpdPreviewConf: file(), includeStd: file({ kind: 'folder' }), includeSsl: MISSING },
    ...{ ours: { files: 4, included: 4 }, rebuild: file() },
  };
  test.each<[string, string, Partial<CpanelLooks>]>([
    ['cpanel', 'ok', {}],
    ['cpanel', 'warn', { ea4: MISSING }],
    ['cpanel', 'info', { version: MISSING }],
    ['paths', 'warn', { pathsConf: MISSING }],
    ['registered', 'ok', {}],
    ['registered', 'fail', { appConfig: MISSING }],
    ['registered', 'fail', { registered: said('0') }],
    ['registered', 'unknown', { registered: NOT_STARTED }],
    ['registered', 'unknown', { registered: said('usage: …') }],
    ['cgi', 'ok', {}],
    ['cgi', 'fail', { cgi: file({ mode: 0o755 }) }],
    ['cgi', 'fail', { cgi: file({ mode: 0o700, isRoots: false }) }],
    ['cgi', 'fail', { cgi: MISSING }],
    ['static', 'fail', { style: MISSING }],
    ['icon', 'warn', { icon: MISSING }],
    ['template', 'info', { masterTemplate: MISSING }],
    ['hooks', 'ok', {}],
    ['hooks', 'warn', { hooks: said(HOOKS.replace('Accounts::Remove', 'x')) }],
    ['hooks', 'warn', { hooks: said('nothing') }],
    ['hooks', 'unknown', { hooks: NOT_STARTED }],
    ['domains', 'fail', { vhosts: 0 }],
    ['includes', 'ok', {}],
    ['includes', 'fail', { ours: { files: 4, included: 3 } }],
    ['includes', 'fail', { httpdConf: MISSING }],
    ['trial', 'ok', {}],
    ['trial', 'info', { httpdPreviewConf: MISSING }],
    ['trial', 'fail', { rebuild: MISSING }],
  ])('%s: %s', (id, state, change) => {
    expect(stateOf(cpanelChecks({ ...LOOKS, ...change }), id)).toBe(state);
  });
});

describe('through WHM', () => {
  const NAMES = ['REMOTE_USER', 'cp_security_token', 'QUERY_STRING', 'REQUEST_METHOD', 'REMOTE_ADDR'];
  const SEEN: WhmSeen = {
    ...{ at: 0, names: NAMES, facts: ['script=cpsess'], chrome: true },
    trials: { body: { at: 0, result: 'ok' }, slow: { at: 0, result: null } },
  };
  const checks = (change: Partial<WhmSeen> = {}): Check[] =>
    whmChecks({ ...SEEN, ...change }, () => 'at noon');
  test('nothing was seen yet', () => {
    expect(whmChecks(null, String).map(({ state }) => state)).toEqual(['unknown']);
  });
  test.each<[string, string, Partial<WhmSeen>]>([
    ['names', 'ok', {}],
    ['names', 'fail', { names: NAMES.slice(1) }],
    ['names', 'unknown', { names: null }],
    ['facts', 'info', {}],
    ['facts', 'unknown', { facts: ['made=up'] }],
    ['chrome', 'info', { chrome: false }],
    ['body', 'ok', {}],
    ['body', 'warn', { trials: { body: { at: 0, result: '7 of 9 arrived' } } }],
    ['slow', 'warn', {}],
    ['redirect', 'unknown', {}],
  ])('%s: %s', (id, state, change) => {
    expect(stateOf(checks(change), id)).toBe(state);
  });
  test('what did not come back says so', () => {
    expect(textOf(checks(), 'slow')).toContain('it never came back, at noon');
  });
});

describe('logs', () => {
  const rotated = (...paths: string[]) => [
    { rotated: paths.map((path) => ({ log: { path } as LogFile, row: null, unread: 0 })) },
  ];
  test('names in the archive that are no log known here', () => {
    const known = rotated('/logs/archive/error_log-11-2026.gz');
    expect(rotationCheck(known, ['error_log-11-2026.gz']).state).toBe('info');
    expect(rotationCheck(known, ['odd.zst'])).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('not taken for a log: odd.zst'),
    });
  });
  test.each<[string, Partial<ReadState>]>([
    ['ok', { at: 1 }],
    ['info', {}],
    ['fail', { at: 1, failure: 'disk-full', detail: 'database or disk is full' }],
  ])('reading as a whole: %s', (state, change) => {
    expect(readingCheck({ ...NOT_READ_YET, ...change }, { when: () => 'noon', folder: '/x' }).state).toBe(
      state,
    );
  });
});

describe('ModSecurity and Apache', () => {
  const ENGINE: EngineFacts = {
    ...{ mode: 'On', engine: 'modsecurity-2' },
    settings: [
      { name: 'CRS version', config: '3.3.4', logs: '3.3.4', warning: null, lines: [] },
      { name: 'Inbound threshold', config: '5', logs: '10', warning: 'They differ.', lines: [] },
      { name: 'Response bodies', config: null, logs: null, warning: null, lines: [] },
    ],
  };
  const checks = (engine: Partial<EngineFacts>, version: string | null = '2.9.13', rules = 600) =>
    modsecChecks({
      engine: { ...ENGINE, ...engine },
      ...{ version, ruleFiles: 30, rules, writable: { ok: true, why: null } },
    });
  test.each<[string, string, readonly Check[]]>([
    ['engine', 'ok', checks({})],
    ['engine', 'info', checks({ engine: 'litespeed' })],
    ['engine', 'warn', checks({ engine: null })],
    ['mode', 'ok', checks({})],
    ['mode', 'warn', checks({ mode: 'DetectionOnly' })],
    ['mode', 'unknown', checks({ mode: null })],
    ['rules', 'warn', checks({}, null, 0)],
    ['setting: CRS version', 'ok', checks({})],
    ['setting: Inbound threshold', 'warn', checks({})],
    ['setting: Response bodies', 'absent', checks({})],
  ])('%s: %s', (id, state, list) => {
    expect(stateOf(list, id)).toBe(state);
  });
  test('another version than the proved one is said', () => {
    expect(textOf(checks({}), 'engine')).toContain('that 2.9.13 reads them in the same way is expected');
    expect(textOf(checks({}, '2.9.7'), 'engine')).not.toContain('is expected');
  });

  const LIVE = {
    isLive: true,
    version: said('Server version: Apache/2.4.66 (cPanel)\nServer MPM:     event\n'),
    test: said('Syntax OK'),
    modules: said(' security2_module (shared)'),
  };
  test.each<[string, string, Partial<typeof LIVE> & { readonly isLive?: boolean }]>([
    ['apache', 'ok', {}],
    ['apache', 'unknown', { isLive: false }],
    ['apache', 'unknown', { version: NOT_STARTED }],
    ['configtest', 'ok', {}],
    ['configtest', 'fail', { test: said('AH00526: Syntax error', 1) }],
    ['configtest', 'unknown', { test: NOT_STARTED }],
    ['modules', 'ok', {}],
    ['modules', 'warn', { modules: said(' core_module (static)') }],
    ['modules', 'unknown', { modules: NOT_STARTED }],
  ])('%s: %s', (id, state, change) => {
    expect(stateOf(apacheChecks({ ...LIVE, ...change }), id)).toBe(state);
  });
});

describe('csf', () => {
  const FIREWALL: Firewall = {
    ...{ deny: [], allow: [], ignore: [], tempbans: [], tempallows: [], readable: true, problems: [] },
    conf: new Map([
      ['TESTING', '0'],
      ['LF_MODSEC', '5'],
      ['DENY_IP_LIMIT', '200'],
      ['MODSEC_LOG', '/logs/error_log'],
    ]),
  };
  const LOOKS: CsfLooks = {
    ...{ version: file({ text: '16.07' }), disabled: MISSING, error: MISSING, lfd: said('active') },
    ...{ firewall: FIREWALL, errorLogs: ['/logs/error_log'] },
    isNginx: false,
  };
  const conf = (key: string, value: string): Partial<CsfLooks> => ({
    firewall: { ...FIREWALL, conf: new Map([...FIREWALL.conf, [key, value]]) },
  });
  const full = Array.from({ length: 190 }, () => ({
    included: false,
    doNotDelete: false,
  })) as unknown as Firewall['deny'];
  test.each<[string, string, Partial<CsfLooks>]>([
    ['csf', 'ok', {}],
    ['csf', 'warn', conf('TESTING', '1')],
    ['csf', 'fail', { disabled: file() }],
    ['csf', 'fail', { error: file() }],
    ['csf', 'warn', { firewall: { ...FIREWALL, conf: new Map() } }],
    ['lfd', 'ok', {}],
    ['lfd', 'fail', { lfd: said('inactive', 3) }],
    ['lfd', 'unknown', { lfd: NOT_STARTED }],
    ['lf-modsec', 'ok', {}],
    ['lf-modsec', 'info', conf('LF_MODSEC', '0')],
    ['modsec-log', 'ok', {}],
    ['modsec-log', 'info', conf('MODSEC_LOG', '/usr/local/apache/logs/error_log')],
    ['csf-deny', 'ok', {}],
    ['csf-deny', 'warn', { firewall: { ...FIREWALL, deny: full } }],
    ['csf-deny', 'fail', { firewall: { ...FIREWALL, readable: false } }],
    ['csf-version', 'unknown', { version: MISSING }],
  ])('%s: %s', (id, state, change) => {
    expect(stateOf(csfChecks({ ...LOOKS, ...change }), id)).toBe(state);
  });
});
