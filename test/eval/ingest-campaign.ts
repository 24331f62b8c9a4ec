// npm run eval:ingest -- --runs 500 --seed 1: logs that are rotated, packed, cut and made anew while ingesters read them and are
// killed. Prints the seed and the first difference of each run that does not give the rows of one undisturbed reading.
import { parseArgs } from 'node:util';
import { Pool } from './ingest-pool.ts';
import { runOnce } from './ingest-run.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const started = performance.now();
const pool = new Pool(3);
let next = 0;
const sums = { kills: 0, transactions: 0, problems: 0 };

async function work(): Promise<void> {
  while (next < runs) {
    const own = seed + next++;
    const { problem, kills, transactions, steps } = await runOnce(own, pool);
    sums.kills += kills;
    sums.transactions += transactions;
    if (problem === null) continue;
    sums.problems++;
    console.log(`seed ${own}: ${problem}`);
    if (values.steps) console.log(steps.join('\n'));
  }
}

try {
  await Promise.all([work(), work()]);
} finally {
  await pool.close();
}
console.log(
  `${runs} runs from seed ${seed}: ${sums.problems} with other rows, ${sums.kills} kills, ${sums.transactions} transactions, ${Math.round((performance.now() - started) / 1000)} s`,
);
process.exitCode = sums.problems > 0 ? 1 : 0;
