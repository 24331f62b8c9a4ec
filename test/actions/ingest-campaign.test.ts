// Fifty runs of the campaign of `npm run eval:ingest`, always the same ones: logs are written, rotated, packed, cut and made anew
// while one or two processes read them and are killed.
import { afterAll, expect, test } from '@jest/globals';
import { Pool } from '../eval/ingest-crew.ts';
import { type RunReport, runTogether } from '../eval/ingest-run.ts';

const FIRST_SEED = 20_270_101;
const RUNS = 50;
const TOGETHER = 25;
const pool = new Pool(1);

afterAll(() => pool.close());

test('the rows are those of one undisturbed reading of all that was written', async () => {
  const reports: RunReport[] = [];
  for (let first = 0; first < RUNS; first += TOGETHER) {
    const seeds = Array.from({ length: TOGETHER }, (_, at) => FIRST_SEED + first + at);
    reports.push(...(await runTogether(seeds, pool)));
  }
  expect(reports.filter(({ problem }) => problem !== null)).toEqual([]);
  expect(reports).toHaveLength(RUNS);
  const sum = (of: (report: RunReport) => number): number => reports.reduce((all, one) => all + of(one), 0);
  expect(sum(({ kills }) => kills)).toBeGreaterThan(RUNS);
  expect(sum(({ transactions }) => transactions)).toBeGreaterThan(20 * RUNS);
}, 180_000);
