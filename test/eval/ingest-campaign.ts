// npm run eval:ingest -- --runs 500 --seed 1: logs that are rotated, packed, cut and made anew while ingesters read them and are
// killed. Prints the seed and the first difference of each run that does not give the rows of one undisturbed reading.
import { parseArgs } from 'node:util';
import { Pool } from './ingest-crew.ts';
import { runTogether } from './ingest-run.ts';

/** Servers that are read by the same processes: few are looked at more often, many between more of their changes. */
const TOGETHER = [1, 4, 8, 12];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    // Prints what was done in a run that differs, too.
    steps: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const started = performance.now();
const pool = new Pool(2);
const sums = { kills: 0, transactions: 0, problems: 0 };
try {
  for (let first = 0, group = 0; first < runs; group++) {
    const count = Math.min(TOGETHER[group % TOGETHER.length] ?? 1, runs - first);
    const seeds = Array.from({ length: count }, (_, at) => seed + first + at);
    first += count;
    for (const { seed: own, problem, kills, transactions, steps } of await runTogether(seeds, pool)) {
      sums.kills += kills;
      sums.transactions += transactions;
      if (problem === null) continue;
      sums.problems++;
      console.log(`seed ${own}: ${problem}`);
      if (values.steps) console.log(steps.join('\n'));
    }
  }
} finally {
  await pool.close();
}
console.log(
  `${runs} runs from seed ${seed}: ${sums.problems} with other rows, ${sums.kills} kills, ${sums.transactions} transactions, ${Math.round((performance.now() - started) / 1000)} s`,
);
process.exitCode = sums.problems > 0 ? 1 : 0;
