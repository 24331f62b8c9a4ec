// Each thing that Apache's own test lets pass in silence is refused or warned about, with what works instead.
import { describe, expect, test } from '@jest/globals';
import { ladderOf, lintScope, type LintInput, type Linted } from '../../src/analyse/exclusion-lint.ts';
import type { Exclusion, ExclusionScope, RuleInfo } from '../../src/model-rules.ts';
import { ruleInfo } from './fixtures.ts';

const NOW = 1_796_000_000_000;
const DAY = 86_400_000;
const RULE = ruleInfo('942100', {
  tags: ['attack-sqli', 'OWASP_CRS'],
  targets: ['REQUEST_COOKIES', '!REQUEST_COOKIES:/__utm/', 'ARGS_NAMES', 'ARGS', '!ARGS:seen', 'XML:/*'],
});
const PHASE_1 = ruleInfo('913100', {
  phase: 1,
  tags: ['attack-reputation-scanner'],
  targets: ['REQUEST_HEADERS:User-Agent'],
});
const CHAIN = ruleInfo('920440', {
  targets: ['REQUEST_BASENAME'],
  chain: [
    {
      line: 3,
      targets: ['TX:EXTENSION', 'REQUEST_HEADERS:Referer'],
      operator: '@within x',
      ctl: [],
      setvars: [],
    },
  ],
});
const ADDER = ruleInfo('949110', { tags: ['attack-generic'], targets: ['TX:ANOMALY_SCORE'] });
const MORE = Array.from({ length: 20 }, (_, index) =>
  ruleInfo(String(932_100 + index), { tags: ['OWASP_CRS'] }),
);
const ALL: readonly RuleInfo[] = [RULE, PHASE_1, CHAIN, ADDER, ...MORE];

function scope(more: Partial<ExclusionScope>): ExclusionScope {
  const base = {
    kind: 'rule-vhost',
    vhost: 'shop.example.com',
    ruleId: '942100',
    tag: null,
    target: null,
    path: null,
  } as const;
  return { ...base, ...more };
}

function lint(what: Partial<ExclusionScope>, more: Partial<LintInput> = {}): Linted {
  const one = scope(what);
  return lintScope({
    scope: one,
    rules: ALL.filter(({ id }) => id === one.ruleId),
    allRules: ALL,
    expiresAt: NOW + 30 * DAY,
    now: NOW,
    active: [],
    aliases: [],
    engine: 'modsecurity-2',
    ...more,
  });
}

const target = (name: string): Partial<ExclusionScope> => ({ kind: 'target-vhost', target: name });
const codes = (linted: Linted, level: string): string[] =>
  linted.checks.filter((check) => check.level === level).map(({ code }) => code);

describe('refused', () => {
  test.each<[string, Partial<ExclusionScope>, string, Partial<ExclusionScope> | null]>([
    ['a rule that only adds up', { ruleId: '949110' }, 'adds-up', null],
    ['even for one target', { ruleId: '949110', ...target('TX:ANOMALY_SCORE') }, 'adds-up', null],
    [
      'a tag that blocking rules carry',
      { kind: 'tag-vhost', ruleId: null, tag: 'attack-generic' },
      'tag-adds-up',
      null,
    ],
    [
      'a tag of nearly all rules',
      { kind: 'tag-vhost', ruleId: null, tag: 'OWASP_CRS' },
      'tag-too-wide',
      null,
    ],
    ['an unknown id', { ruleId: '1234567' }, 'unknown-id', null],
    ['an id of our own', { ruleId: '48700012' }, 'own-id', null],
    ['an unknown tag', { kind: 'tag-vhost', ruleId: null, tag: 'attack' }, 'unknown-tag', null],
    [
      'a path for a rule of phase 1',
      { ruleId: '913100', kind: 'rule-path', path: { kind: 'exact', text: '/x' } },
      'phase-1',
      { kind: 'rule-vhost', path: null },
    ],
    [
      'a target for a rule of phase 1',
      { ruleId: '913100', ...target('REQUEST_HEADERS:User-Agent') },
      'phase-1',
      { kind: 'rule-vhost', target: null },
    ],
    [
      'a collection that the rule does not name',
      target('REQUEST_HEADERS:Referer'),
      'collection',
      { kind: 'rule-vhost' },
    ],
    ['ARGS_GET for a rule that names ARGS', target('ARGS_GET:id'), 'collection', { kind: 'rule-vhost' }],
    ['a regular expression', target('ARGS:/^i/'), 'regex-target', { target: 'ARGS' }],
    ['a star', target('ARGS:*'), 'regex-target', { target: 'ARGS' }],
    ['a path into XML', target('XML:/*'), 'xml-path', { target: 'XML' }],
    ['names that differ in a number', target('ARGS:row[{n}]'), 'many-names', { target: 'ARGS' }],
    ['a name with a comma', target('ARGS:a,b'), 'unwritable-name', { target: 'ARGS' }],
    ['a name with a semicolon', target('ARGS:a;b'), 'unwritable-name', { target: 'ARGS' }],
    ['a name with a newline', target('ARGS:a\nSecRuleEngine Off'), 'unwritable-name', { target: 'ARGS' }],
    ['a name beyond ASCII', target('ARGS:näme'), 'unwritable-name', { target: 'ARGS' }],
    ['a name with a backslash at its end', target('ARGS:a\\'), 'unwritable-name', { target: 'ARGS' }],
    ['what Apache would expand', target('ARGS:${PATH}'), 'expansion', { target: 'ARGS' }],
    [
      'a collection is offered only where the rule names it',
      target('REQUEST_HEADERS:/x/'),
      'regex-target',
      { kind: 'rule-vhost', target: null },
    ],
    [
      'a path into XML for a rule that does not name XML',
      { ruleId: '920440', ...target('XML:/*') },
      'xml-path',
      { kind: 'rule-vhost', target: null },
    ],
    [
      'a member of a variable that has none',
      { ruleId: '920440', ...target('REQUEST_BASENAME:x') },
      'no-members',
      { target: 'REQUEST_BASENAME' },
    ],
    ['a variable of the engine itself', target('MATCHED_VARS'), 'inner-variable', { kind: 'rule-vhost' }],
    [
      'a target of a later part of a chain',
      { ruleId: '920440', ...target('REQUEST_HEADERS:Referer') },
      'chained-target',
      { target: 'REQUEST_BASENAME' },
    ],
    [
      'a path that is the whole vhost',
      { kind: 'rule-path', path: { kind: 'prefix', text: '/' } },
      'whole-vhost',
      { kind: 'rule-vhost', path: null },
    ],
  ])('%s', (_, what, code, offer) => {
    const linted = lint(what);
    expect(linted.allowed).toBe(false);
    expect(codes(linted, 'refuse')).toContain(code);
    if (offer === null) expect(linted.offer).toBeNull();
    else expect(linted.offer).toMatchObject(offer);
  });

  test.each([
    ['in the past', NOW - 1, 'past'],
    ['beyond 32 bits', 2_147_483_647_000, 'too-late'],
  ])('an end %s', (_, expiresAt, code) => {
    expect(codes(lint(target('ARGS:id'), { expiresAt }), 'refuse')).toEqual([code]);
  });

  test('a path or target for a rule of an unknown phase; whole, it is removed', () => {
    const rules = [{ ...RULE, phase: null }];
    const linted = lint(target('ARGS:id'), { rules });
    expect(codes(linted, 'refuse')).toEqual(['no-phase']);
    expect(linted.offer).toMatchObject({ kind: 'rule-vhost', target: null });
    expect(lint({}, { rules })).toMatchObject({ allowed: true, form: 'directive' });
  });

  test('the engine off without an end, or for longer than an hour', () => {
    const off = { kind: 'engine-off', ruleId: null } as const;
    for (const expiresAt of [null, NOW + 3_600_001])
      expect(codes(lint(off, { expiresAt }), 'refuse')).toEqual(['engine-hour']);
    expect(lint(off, { expiresAt: NOW + 3_600_000 }).allowed).toBe(true);
  });

  test.each(['modsecurity-3', 'litespeed', 'nginx'] as const)('all on %s', (engine) => {
    expect(codes(lint(target('ARGS:id'), { engine }), 'refuse')).toEqual(['engine']);
  });

  test.each(['modsecurity-3', 'nginx'] as const)('on %s it says whose form the lines are in', (engine) => {
    const said = lint(target('ARGS:id'), { engine }).checks.find(({ code }) => code === 'engine')?.text;
    expect(said).toMatch(/those for ModSecurity 2\.9 on Apache.*modsecurity_rules '…'.*not tried/);
  });

  test('an id in our range that another rule has', () => {
    const taken = [...ALL, ruleInfo('48700005')];
    expect(codes(lint(target('ARGS:id'), { allRules: taken }), 'refuse')).toEqual(['id-taken']);
  });
});

describe('what is in force already', () => {
  const inForce = (what: Partial<ExclusionScope>, more: Partial<Exclusion> = {}): Exclusion => ({
    id: 7,
    scope: scope(what),
    form: 'ctl',
    reason: 'x',
    author: 'root',
    createdAt: NOW,
    expiresAt: null,
    state: 'active',
    endedAt: null,
    ...more,
  });
  const tagged = (tag: string): Partial<ExclusionScope> => ({ kind: 'tag-vhost', ruleId: null, tag });
  const numbers = { kind: 'template', text: '/cart/{n}/edit' } as const;
  const exact = { kind: 'target-path', target: 'ARGS:id', path: { kind: 'exact', text: '/cart/x' } } as const;

  test.each<[string, Partial<ExclusionScope>]>([
    ['the same', exact],
    ['the target everywhere', target('args:ID')],
    ['the collection', target('ARGS')],
    ['the whole rule', {}],
    ['the rule below a path', { kind: 'rule-path', path: { kind: 'prefix', text: '/cart/' } }],
    ['a tag of the rule', tagged('attack-sqli')],
  ])('a wider one makes it needless: %s', (_, what) => {
    expect(codes(lint(exact, { active: [inForce(what)] }), 'refuse')).toEqual(['duplicate']);
  });

  test.each<[string, Partial<ExclusionScope>, boolean]>([
    ['below a path that it begins with', { path: { kind: 'prefix', text: '/cart/' } }, false],
    ['on the same paths', { path: numbers }, false],
    ['below another path', { path: { kind: 'prefix', text: '/carts/' } }, true],
  ])('paths with numbers: %s', (_, what, allowed) => {
    const wide = inForce({ kind: 'rule-path', ...what });
    const narrow = { kind: 'target-path', target: 'ARGS:id', path: numbers } as const;
    expect(lint(narrow, { active: [wide] }).allowed).toBe(allowed);
  });

  test('a tag written as a rule of ours does not reach phase 1, as a removal it does', () => {
    const phase1 = { ruleId: '913100' };
    const tag = tagged('attack-reputation-scanner');
    expect(lint(phase1, { active: [inForce(tag)] }).allowed).toBe(true);
    expect(lint(phase1, { active: [inForce(tag, { form: 'directive' })] }).allowed).toBe(false);
    expect(lint(phase1, { active: [inForce(tagged('attack-sqli'))] }).allowed).toBe(true);
  });

  test('one whose end has passed does not, although nobody has taken it out yet', () => {
    expect(lint(exact, { active: [inForce(exact, { expiresAt: NOW })] }).allowed).toBe(true);
    expect(lint(exact, { active: [inForce(exact, { expiresAt: NOW + 1 })] }).allowed).toBe(false);
  });

  test('another rule, target or path does not', () => {
    for (const what of [
      { ruleId: '932100' },
      target('ARGS:q'),
      { ...exact, path: { kind: 'exact', text: '/y' } as const },
    ])
      expect(lint(exact, { active: [inForce(what)] }).allowed).toBe(true);
  });

  test('a narrower one is named', () => {
    expect(codes(lint({}, { active: [inForce(exact)] }), 'warn')).toContain('makes-needless');
  });
});

describe('allowed', () => {
  test('the form follows the phase', () => {
    expect(lint(target('ARGS:id'))).toMatchObject({ form: 'ctl', allowed: true });
    const phase1 = lint({ ruleId: '913100' });
    expect(phase1).toMatchObject({ form: 'directive', allowed: true });
    expect(codes(phase1, 'warn')).toEqual(['ends-by-service']);
    expect(lint({ kind: 'tag-vhost', ruleId: null, tag: 'attack-reputation-scanner' }).form).toBe(
      'directive',
    );
    expect(lint({ kind: 'tag-vhost', ruleId: null, tag: 'attack-sqli' }).form).toBe('ctl');
  });

  test('an id with definitions of both phases is removed, not skipped', () => {
    const both = [RULE, { ...RULE, phase: 1 }];
    expect(lint({}, { rules: both }).form).toBe('directive');
    expect(lint(target('ARGS:id'), { rules: both }).allowed).toBe(false);
  });

  test.each<[string, Partial<ExclusionScope>, Partial<LintInput>, string]>([
    ['a whole collection', target('ARGS'), {}, 'whole-collection'],
    ['what the rule skips by itself', target('ARGS:seen'), {}, 'already-skipped'],
    ['a whole rule without an end', {}, { expiresAt: null }, 'no-end'],
    ['a rule that does more', {}, { rules: [{ ...RULE, skips: true }] }, 'side-effects'],
  ])('with a warning: %s', (_, what, more, code) => {
    const linted = lint(what, more);
    expect(linted.allowed).toBe(true);
    expect(codes(linted, 'warn')).toContain(code);
  });

  test('what a rule sets counts when another rule reads it', () => {
    const setter = { ...RULE, setvars: ['tx.kind=%{MATCHED_VAR}'] };
    const reader = ruleInfo('932999', { targets: ['TX:kind'] });
    const warned = (...others: readonly RuleInfo[]): string[] =>
      codes(lint({}, { rules: [setter], allRules: [setter, ...MORE, ...others] }), 'warn');
    expect(warned(reader)).toEqual(['side-effects']);
    expect(warned()).toEqual([]);
    const points = { ...RULE, setvars: ['tx.anomaly_score_pl1=+5'] };
    const sum = ruleInfo('949110', { targets: ['TX:ANOMALY_SCORE_PL1'] });
    expect(codes(lint({}, { rules: [points], allRules: [points, sum, ...MORE] }), 'warn')).toEqual([]);
  });

  test('a member of a collection that the rule names whole, in any case', () => {
    expect(lint(target('REQUEST_COOKIES:consent')).allowed).toBe(true);
    expect(lint(target('ARGS:first name')).allowed).toBe(true);
  });

  test('aliases are named', () => {
    const { checks } = lint(target('ARGS:id'), { aliases: ['www.shop.example.com'] });
    expect(checks.find(({ code }) => code === 'aliases')?.text).toContain('www.shop.example.com');
  });
});

test('the ladder goes from narrow to wide, as far as the parts are known', () => {
  const full = scope({ kind: 'target-path', target: 'ARGS:id', path: { kind: 'exact', text: '/x' } });
  expect(ladderOf(full, [RULE]).map(({ kind }) => kind)).toEqual([
    'target-path',
    'target-vhost',
    'rule-path',
    'rule-vhost',
  ]);
  expect(ladderOf(scope({}), [RULE]).map(({ kind }) => kind)).toEqual(['rule-vhost']);
});
