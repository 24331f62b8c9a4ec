// The search beside `LC_ALL=C grep -P` on random patterns, windows and nasty logs: 200 of the cases of `npm run
// eval:search`, which runs thousands.
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { compareCase } from '../eval/search-compare.ts';

const SEED = 20_261_122;
const CASES = 200;
const run = existsSync('/usr/bin/grep') ? test : test.skip;

run(
  `${CASES} random patterns, windows and logs give the lines of grep -P (skipped without /usr/bin/grep)`,
  async () => {
    const differing: string[] = [];
    let found = 0;
    let unanswered = 0;
    for (let number = 0; number < CASES; number++) {
      const result = await compareCase(SEED, number);
      if (result.difference !== null) differing.push(`${result.what}\n  ${result.difference}`);
      if (result.found > 0) found++;
      if (result.unanswered !== null) unanswered++;
    }
    expect(differing).toEqual([]);
    // Most cases must compare something.
    expect(found).toBeGreaterThan(CASES / 4);
    expect(unanswered).toBeLessThan(CASES / 20);
  },
  120_000,
);
