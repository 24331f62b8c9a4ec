// Documented false alarms: each is found by its own hits and not by hits that look alike.
import { describe, expect, test } from '@jest/globals';
import { knownPair } from '../../../src/analyse/patterns/pairs.ts';
import { PAIRS } from '../../../src/analyse/patterns/pair-entries.ts';

describe.each(PAIRS.map((pair) => [`${pair.app} ${pair.rules.source}`, pair] as const))(
  '%s',
  (_name, pair) => {
    test.each(pair.fits)('is %s in %s of %s', (...hit) => {
      expect(knownPair(...hit)).toBe(pair);
    });

    test.each(pair.fitsNot)('is not %s in %s of %s', (...hit) => {
      expect(knownPair(...hit)).toBeNull();
    });

    test('says where it is documented and what happens', () => {
      expect(pair.fits.length).toBeGreaterThan(0);
      expect(pair.fitsNot.length).toBeGreaterThan(0);
      if (pair.source !== null) expect(pair.source).toMatch(/^[\w.-]+\/[\w.-]+#\d+$/);
      expect(pair.words).toMatch(/^\S.{10,90}[^.\s]$/);
    });
  },
);

test('a hit without target or path is no pair', () => {
  expect(knownPair('941160', null, '/wp-admin/post.php')).toBeNull();
  expect(knownPair('941160', 'ARGS:content', null)).toBeNull();
  expect(knownPair('', '', '')).toBeNull();
});

test('no pair names a rule that names a tool or only adds up', () => {
  for (const pair of PAIRS) {
    for (const id of ['913100', '949110', '949111', '959100', '980130', '980170', '901001']) {
      expect(pair.rules.test(id)).toBe(false);
    }
  }
});
