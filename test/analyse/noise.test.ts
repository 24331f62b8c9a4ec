// The noise score: its bands at the borders, its parts, and that attackers never make a rule noisier.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { attackShare, bandOf, NOISE, type NoiseFacts, noiseOf } from '../../src/analyse/noise.ts';
import { spreadOf } from '../../src/analyse/cause-spread.ts';

const NONE: NoiseFacts = {
  ...{ ordinary: 0, visitors: 5, hits: 10, attackHits: 0, shaped: 0, twoPaths: 0, share: null, pair: null },
};
const score = (more: Partial<NoiseFacts>): number => noiseOf({ ...NONE, ...more }).score;

describe('the score', () => {
  test.each<[string, Partial<NoiseFacts>, number]>([
    ['nothing', {}, 0],
    ['one ordinary visitor among others', { ordinary: 1 }, 1.04],
    ['three', { ordinary: 3 }, 2.079],
    ['people weigh 4 at most', { ordinary: 5000 }, 4],
    ['2 % of the requests to the path', { share: 0.02 }, 1],
    ['less than 2 %', { share: 0.0199 }, 0],
    ['80 % on two paths', { twoPaths: 0.8 }, 1],
    ['less than 80 % on two paths', { twoPaths: 0.79 }, 0],
    ['80 % on content', { shaped: 8 }, 1],
    ['less on content', { shaped: 7 }, 0],
    ['a documented pair', { pair: 'WordPress, saving' }, 0.5],
    ['all of it attacks', { attackHits: 10 }, -3],
    ['a third of it attacks', { hits: 9, attackHits: 3 }, -1],
    ['one address, one ordinary visitor', { ordinary: 1, visitors: 1 }, -0.96],
    ['one address, none ordinary', { visitors: 1 }, -2],
    ['two ordinary visitors are not alone', { ordinary: 2, visitors: 1 }, 1.648],
    ['no hits', { hits: 0, ordinary: 9 }, 0],
  ])('%s', (_, facts, expected) => {
    expect(score(facts)).toBeCloseTo(expected, 3);
  });

  test('the parts add up to it and say what is not counted', () => {
    const { score: sum, parts } = noiseOf({
      ...{ ordinary: 7, visitors: 9, hits: 40, attackHits: 2, shaped: 36, twoPaths: 1, share: null },
      pair: 'Divi, saving a page',
    });
    expect(parts.reduce((total, { value }) => total + value, 0)).toBeCloseTo(sum, 3);
    expect(parts.map(({ words }) => words)).toEqual([
      'ordinary visitors from 7 networks',
      'share of the requests to this path that it flags: not counted',
      '100 % of the hits of this target on one or two paths',
      '90 % of the hits on page content or in a tracking field',
      'a documented false alarm: Divi, saving a page',
      '5 % of the hits belong to attacks',
    ]);
  });

  test('bands begin at 4 and at 2', () => {
    expect([3.999, 4, 1.999, 2, -5].map(bandOf)).toEqual(['watch', 'noisy', 'leave', 'watch', 'leave']);
    expect([NOISE.noisy, NOISE.watch]).toEqual([4, 2]);
  });

  const facts = fc.record({
    ordinary: fc.nat(50),
    visitors: fc.integer({ min: 1, max: 80 }),
    hits: fc.integer({ min: 1, max: 500 }),
    attackHits: fc.nat(500),
    shaped: fc.nat(500),
    twoPaths: fc.double({ min: 0, max: 1, noNaN: true }),
    share: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    pair: fc.constantFrom(null, 'an app, a field'),
  });

  test('more ordinary visitors never lower it, more attack requests never raise it', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const own = noiseOf(one).score;
        expect(noiseOf({ ...one, ordinary: one.ordinary + 1 }).score).toBeGreaterThanOrEqual(own);
        expect(noiseOf({ ...one, attackHits: one.attackHits + 1 }).score).toBeLessThanOrEqual(own);
        expect(attackShare(one)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the spread', () => {
  test('shares and counts of one rule on one vhost', () => {
    const causes = [
      { target: 'ARGS:a', path: '/one', hits: 6, decisive: 3 },
      { target: 'ARGS:a', path: '/two', hits: 3, decisive: 0 },
      { target: 'ARGS:a', path: '/three', hits: 1, decisive: 0 },
      { target: 'ARGS:b', path: '/one', hits: 5, decisive: 1 },
    ];
    const [first, , third, last] = spreadOf(causes);
    expect(first).toEqual({
      twoPaths: 0.9,
      targetShare: 0.75,
      pathShare: 1,
      targets: 2,
      paths: 1,
      pathTargets: 2,
    });
    expect(third).toMatchObject({ twoPaths: 0.9, targetShare: 0.75, pathShare: 0, pathTargets: 0 });
    expect(last).toMatchObject({ twoPaths: 1, targetShare: 0.25, pathShare: 1 });
  });

  test('nothing decisive gives no shares', () => {
    expect(spreadOf([{ target: 'A', path: '/', hits: 2, decisive: 0 }])).toEqual([
      { twoPaths: 1, targetShare: 0, pathShare: 0, targets: 0, paths: 0, pathTargets: 0 },
    ]);
    expect(spreadOf([])).toEqual([]);
  });

  test('the order of causes changes nothing', () => {
    const cause = fc.record({
      target: fc.constantFrom('A', 'B', 'C'),
      path: fc.constantFrom('/1', '/2', '/3', '/4'),
      hits: fc.integer({ min: 1, max: 9 }),
      decisive: fc.nat(9),
    });
    const different = fc.uniqueArray(cause, { selector: ({ target, path }) => target + path });
    fc.assert(
      fc.property(different, (causes) => {
        expect(spreadOf([...causes].reverse()).reverse()).toEqual(spreadOf(causes));
        for (const { twoPaths, targetShare, pathShare } of spreadOf(causes))
          for (const share of [twoPaths, targetShare, pathShare]) {
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1);
          }
      }),
    );
  });
});
