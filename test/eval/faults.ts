// npm run eval:faults -- [SEED] [RUNS]: changes of exclusions broken at every step on a real Apache. Prints a line for
// each kind of fault and ends with 1 when anything was not whole afterwards.
import { type FaultRun, runFaults } from './fault-runs.ts';

const [seed = '1', runs = '200'] = process.argv.slice(2);
console.log(`seed ${seed}, ${runs} runs`);
const done = await runFaults(Number(seed), Number(runs), ({ fault, act, outcome, ended, problems }) => {
  if (problems.length > 0)
    console.log(`PROBLEM ${fault}, ${act}, ${outcome}, ended ${ended}: ${problems.join('; ')}`);
});
const kinds = Map.groupBy(done, ({ fault }) => fault);
for (const [fault, list] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const count = (of: (run: FaultRun) => boolean): number => list.filter(of).length;
  console.log(
    `${String(list.length).padStart(4)}  ${fault}: ${count(({ ended, act }) => (ended === 'new') !== (act === 'apply'))} ended old, ${count(({ ended, act }) => (ended === 'new') === (act === 'apply'))} new, ${count(({ problems }) => problems.length > 0)} with problems`,
  );
}
const bad = done.filter(({ problems }) => problems.length > 0).length;
console.log(`${done.length} runs, ${bad} with problems`);
process.exitCode = bad > 0 ? 1 : 0;
