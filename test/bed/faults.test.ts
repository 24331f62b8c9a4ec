// Twenty seeded changes, each broken somewhere; `npm run eval:faults` does hundreds.
import { describe, expect, test } from '@jest/globals';
import { runFaults } from '../eval/fault-runs.ts';
import { bedMissing } from './apache.ts';

const missing = bedMissing();
if (missing.length > 0)
  console.warn(`SKIPPED: broken changes on a real Apache, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;

suite('a change that is broken at any step', () => {
  test('leaves the old or the new state, whole, and the ledger says which', async () => {
    const done = await runFaults(20_261, 20, () => undefined);
    expect(done).toHaveLength(20);
    expect(done.filter(({ problems }) => problems.length > 0)).toEqual([]);
    // Faults did strike, and some acts got through.
    expect(new Set(done.map(({ ended }) => ended)).size).toBe(2);
    expect(done.filter(({ outcome }) => outcome === 'killed').length).toBeGreaterThan(2);
  }, 150_000);
});
