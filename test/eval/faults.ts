// npm run eval:faults -- --seed 1 --runs 200: changes of exclusions broken at every step on a real Apache. Prints a line
// for each kind of fault and ends with 1 when anything was not whole afterwards.
import { parseArgs } from 'node:util';
import { type FaultRun, runFaults } from './fault-runs.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, runs: { type: 'string', default: '200' } },
});
const started = performance.now();
console.log(`seed ${values.seed}, ${values.runs} runs`);
const done = await runFaults(Number(values.seed), Number(values.runs), (run) => {
  if (run.problems.length > 0)
    console.log(
      `PROBLEM ${run.fault}, ${run.act}, ${run.outcome}, ended ${run.state}: ${run.problems.join('; ')}`,
    );
});
const cells = (words: readonly (string | number)[]): string =>
  words.map((word) => String(word).padStart(9)).join('');
console.log(`${cells(['runs', 'struck', 'old', 'new', 'problems'])}  fault`);
const line = (name: string, list: readonly FaultRun[]): void => {
  const count = (of: (run: FaultRun) => boolean): number => list.filter(of).length;
  const numbers = [
    list.length,
    count(({ struck }) => struck),
    count(({ state }) => state === 'old'),
    count(({ state }) => state === 'new'),
    count(({ problems }) => problems.length > 0),
  ];
  console.log(`${cells(numbers)}  ${name}`);
};
const kinds = Map.groupBy(done, ({ fault }) => fault);
for (const [fault, list] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) line(fault, list);
for (const act of ['apply', 'edit', 'revert'] as const)
  line(
    `all of ${act}`,
    done.filter((run) => run.act === act),
  );
line(`all, in ${Math.round((performance.now() - started) / 1000)} s`, done);
process.exitCode = done.some(({ problems }) => problems.length > 0) ? 1 : 0;
