// Previews of a few hundred requests come true on a real Apache; `npm run eval:preview` does thousands.
import { describe, expect, test } from '@jest/globals';
import { measureFidelity, sumUp } from '../eval/preview-fidelity.ts';
import { bedMissing } from './apache.ts';

const missing = bedMissing();
if (missing.length > 0)
  console.warn(`SKIPPED: previews beside a real Apache, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;

suite('what a preview says', () => {
  test('is what Apache does when the exclusion is applied and the requests are sent again', async () => {
    const options = {
      crs: '3',
      audit: true,
      seed: 20_262,
      requests: 400,
      ofEachEffect: 1,
      besides: 2,
    } as const;
    const { exclusions, mismatches, shown, leftOver } = await measureFidelity(options);
    expect({ mismatches, shown, leftOver }).toEqual({ mismatches: 0, shown: [], leftOver: 0 });
    const sums = sumUp(exclusions);
    expect(sums.equalShare).toBeGreaterThanOrEqual(99.5);
    expect(sums.boundShare).toBeLessThanOrEqual(2);
    // There was something to foretell: exclusions of all effects, and many requests that they touch.
    expect(Math.min(sums.everything, sums.some, sums.nothing)).toBeGreaterThanOrEqual(5);
    expect(sums.touched).toBeGreaterThan(200);
  }, 120_000);
});
