// Every row of the advice table, and what never happens: a wider advice for more attacks, an exclusion without effect.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adviceOf, type AdviceFacts, type CauseAdvice } from '../../src/analyse/cause-advice.ts';
import { noiseOf } from '../../src/analyse/noise.ts';

const NOISY: AdviceFacts = {
  vhost: 'shop.example.com',
  ruleId: '942100',
  target: 'ARGS:comment',
  path: '/contact.php',
  score: 5,
  hits: 40,
  attackHits: 2,
  refused: 35,
  decisive: 30,
  ordinary: 12,
  twoPaths: 1,
  targetShare: 1,
  pathShare: 1,
  targets: 1,
  paths: 1,
  pathTargets: 1,
  phase: 2,
  paranoiaLevel: 1,
  package: null,
  otherRules: 7,
  beside: [],
  levelRules: 0,
};
const advise = (more: Partial<AdviceFacts>): CauseAdvice => adviceOf({ ...NOISY, ...more });
const SPREAD = { targets: 3, paths: 3, targetShare: 0.4, pathShare: 0.4, twoPaths: 0.5, ordinary: 10 };
const EDITOR = { path: '/wp-admin/post.php', pathTargets: 3, targets: 3, targetShare: 0.4, pathShare: 0.9 };

describe('leave', () => {
  test.each<[string, Partial<AdviceFacts>, RegExp]>([
    ['most of it attacks', { attackHits: 21 }, /21 of its 40 requests belong to attacks/],
    ['a low score', { score: 1.99 }, /hardly any ordinary visitor/],
    ['nothing refused', { decisive: 0, refused: 0 }, /no request that it hit was refused/],
    ['others refuse the same', { decisive: 0 }, /other rules would still have refused/],
    ['names of nobody', { vhost: '' }, /names that nobody here owns/],
    ...['949110', '949111', '959100', '901001', '980130'].map(
      (ruleId): [string, Partial<AdviceFacts>, RegExp] => [`rule ${ruleId}`, { ruleId }, /only adds up/],
    ),
  ])('%s', (_, facts, words) => {
    const advice = advise(facts);
    expect(advice).toMatchObject({ kind: 'leave', scope: null });
    expect(advice.words).toMatch(words);
  });

  test('of a noisy one that changes nothing alone it says which rules hit the same field', () => {
    const words = (beside: string[], score = 5): string => advise({ decisive: 0, beside, score }).words;
    expect(words(['941100'])).toMatch(/Rule 941100 hits the same field there: only excluded together/);
    expect(words(['1', '2', '3'])).toMatch(/Rules 1, 2 and 3 hit the same field/);
    expect(words(['1', '2', '3', '4', '5', '6', '7'])).toMatch(/Rules 1, 2, 3, 4, 5 and 2 more hit/);
    expect(words([])).toMatch(/Look at what else scored/);
    expect(words(['941100'], 3)).toMatch(/Look at what else scored/);
  });

  test('half of it attacks is not most of it', () => {
    expect(advise({ attackHits: 20 }).kind).toBe('target-path');
  });

  test('the risk names what an exclusion would have let through', () => {
    expect(advise({ attackHits: 30 }).risk).toBe(
      'Excluding it would have let up to 30 attack requests through in 14 days.',
    );
    expect(advise({ score: 0, attackHits: 0 }).risk).toBe('');
  });
});

describe('what is advised', () => {
  test('watch between the bands', () => {
    expect(advise({ score: 3.99 })).toMatchObject({ kind: 'watch', scope: null, risk: '' });
  });

  test('one target on one path: the narrowest', () => {
    expect(advise({})).toEqual({
      kind: 'target-path',
      scope: 'target-path',
      words: 'Let rule 942100 skip ARGS:comment for /contact.php on shop.example.com.',
      risk: 'Rule 942100 stops looking at ARGS:comment on shop.example.com, only at /contact.php; all other fields, paths and sites stay checked. An attack placed in ARGS:comment there would pass this rule; 7 other rules still look at it.',
    });
  });

  test('one target on many paths: the target', () => {
    expect(advise({ paths: 9, twoPaths: 0.3 })).toMatchObject({
      kind: 'target-vhost',
      scope: 'target-vhost',
      words: 'Let rule 942100 skip ARGS:comment on shop.example.com: it is hit on many paths.',
      risk: 'Rule 942100 stops looking at ARGS:comment on shop.example.com; all other fields and sites stay checked. An attack placed in ARGS:comment would pass this rule; 7 other rules still look at it.',
    });
  });

  test('a path that the logs do not name', () => {
    expect(advise({ path: null }).kind).toBe('target-vhost');
  });

  test('how many other rules look at it is said, or that it is not known', () => {
    expect(advise({ otherRules: 1 }).risk).toMatch(/1 other rule still looks at it\.$/);
    expect(advise({ otherRules: null }).risk).toMatch(/which other rules look at it is not known\.$/);
  });

  test('many fields of one path behind a login: the rule there', () => {
    expect(advise(EDITOR)).toMatchObject({
      kind: 'rule-path',
      scope: 'rule-path',
      risk: 'Anyone who can reach /wp-admin/post.php may send it anything rule 942100 would have caught; safe only because /wp-admin/post.php needs a login.',
    });
  });

  test.each(['/wp-admin/admin-ajax.php', '/wp-admin/admin-post.php', '/contact.php', null])(
    'many fields of %s, which needs no login: the field alone',
    (path) => {
      expect(advise({ ...EDITOR, path }).kind).toMatch(/^target-/);
    },
  );

  test.each<[string, Partial<AdviceFacts>]>([
    ['a protocol rule', { ruleId: '920230' }],
    ['a rule above level 1', { paranoiaLevel: 2 }],
  ])('many fields on many paths for many people, %s: the whole rule', (_, facts) => {
    const advice = advise({ ...SPREAD, ...facts });
    expect(advice).toMatchObject({ kind: 'rule-vhost', scope: 'rule-vhost' });
    expect(advice.risk).toMatch(
      /^The whole site loses rule \d+; in 14 days it also hit 2 attack requests there\.$/,
    );
  });

  test.each<[string, Partial<AdviceFacts>]>([
    ['nine people', { ordinary: 9, paranoiaLevel: 2 }],
    ['two paths', { paths: 2, paranoiaLevel: 2 }],
    ['two targets', { targets: 2, paranoiaLevel: 2 }],
    ['a rule of level 1', {}],
    ['an unknown level', { paranoiaLevel: null }],
  ])('%s are too little for it', (_, facts) => {
    expect(advise({ ...SPREAD, ...facts }).kind).toMatch(/^target-/);
  });

  test('five such rules: the paranoia level, as a note for the whole server', () => {
    const advice = advise({ ...SPREAD, paranoiaLevel: 2, levelRules: 5 });
    expect(advice).toMatchObject({ kind: 'paranoia', scope: 'rule-vhost' });
    expect(advice.risk).toMatch(/^A lower level is for the whole server\./);
    expect(advise({ ...SPREAD, paranoiaLevel: 2, levelRules: 4 }).kind).toBe('rule-vhost');
  });

  test('phase 1 and unnamed fields cannot be excluded narrowly', () => {
    expect(advise({ phase: 1 })).toMatchObject({ kind: 'watch', scope: null });
    expect(advise({ target: null })).toMatchObject({ kind: 'watch', scope: null });
    expect(advise({ ...SPREAD, phase: 1, paranoiaLevel: 2 }).kind).toBe('rule-vhost');
  });

  test.each(['off', 'some', 'unknown'] as const)(
    'an application whose package is %s: the package',
    (state) => {
      const advice = advise({ package: { name: 'wordpress', app: 'WordPress', state } });
      expect(advice).toMatchObject({
        kind: 'package',
        scope: 'target-path',
        risk: 'Maintained by the CRS team; it knows WordPress alone, not what was added to it.',
      });
      expect(advice.words).toContain('tx.crs_exclusions_wordpress');
      expect(advice.words).toContain('Where it does not help: let rule 942100 skip ARGS:comment');
      const words = { off: 'It is off here.', some: 'for some requests only', unknown: 'is not known' };
      expect(advice.words).toContain(words[state]);
    },
  );

  test('a package that is on is not advised', () => {
    const on = { name: 'wordpress', app: 'WordPress', state: 'on' as const };
    expect(advise({ package: on }).kind).toBe('target-path');
  });
});

describe('whatever the facts', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const facts: fc.Arbitrary<AdviceFacts> = fc.record({
    vhost: fc.constantFrom('', 'shop.example.com'),
    ruleId: fc.constantFrom('942100', '920230', '949110', '941160'),
    target: fc.constantFrom(null, 'ARGS:a', 'REQUEST_HEADERS:Referer'),
    path: fc.constantFrom(null, '/', '/wp-admin/post.php', '/wp-admin/admin-ajax.php'),
    score: fc.double({ min: -6, max: 8, noNaN: true }),
    hits: fc.integer({ min: 1, max: 200 }),
    attackHits: fc.nat(200),
    refused: fc.nat(200),
    decisive: fc.nat(50),
    ordinary: fc.nat(30),
    twoPaths: share,
    targetShare: share,
    pathShare: share,
    targets: fc.nat(6),
    paths: fc.nat(6),
    pathTargets: fc.nat(6),
    phase: fc.constantFrom(null, 1, 2),
    paranoiaLevel: fc.constantFrom(null, 1, 2, 3),
    package: fc.constantFrom(null, { name: 'wordpress', app: 'WordPress', state: 'off' as const }),
    otherRules: fc.constantFrom(null, 0, 5),
    beside: fc.constantFrom([], ['941100'], ['941100', '941160']),
    levelRules: fc.nat(8),
  });
  const WIDTH = [null, 'target-path', 'target-vhost', 'rule-path', 'rule-vhost'] as const;
  const widthOf = ({ scope }: CauseAdvice): number => WIDTH.findIndex((one) => one === scope);

  test('more attacks never make it wider', () => {
    fc.assert(
      fc.property(facts, fc.nat(200), (one, more) => {
        const noise = (attackHits: number): number =>
          noiseOf({ ...one, attackHits, visitors: 9, shaped: 0, share: null, pair: null }).score;
        const attackHits = one.attackHits + more;
        expect(widthOf(adviceOf({ ...one, attackHits }))).toBeLessThanOrEqual(widthOf(adviceOf(one)));
        expect(widthOf(adviceOf({ ...one, attackHits, score: noise(attackHits) }))).toBeLessThanOrEqual(
          widthOf(adviceOf({ ...one, score: noise(one.attackHits) })),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('nothing decisive, or a rule that only adds up: leave', () => {
    fc.assert(
      fc.property(facts, (one) => {
        expect(adviceOf({ ...one, decisive: 0 }).kind).toBe('leave');
        expect(adviceOf({ ...one, ruleId: '949110' })).toMatchObject({ kind: 'leave', scope: null });
      }),
    );
  });

  test('what is excluded can be excluded: a target and a path where the width needs them', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const { scope, risk } = adviceOf(one);
        if (scope?.startsWith('target')) expect(one.target).not.toBeNull();
        if (scope?.endsWith('path')) expect(one.path).not.toBeNull();
        if (scope !== null) expect(risk).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });
});
