// npm run eval:firewall -- --runs 1000 --seed 1: acts on the firewall against the stand-in for csf, broken in many ways, some of them
// asked for in the same moment, some by a process that is killed. Prints a line for each kind of fault; ends with 1 when an act is
// called done that csf's files do not show, one has no end, or two csf ran at once.
import { parseArgs } from 'node:util';
import { type FirewallRun, runFirewall } from './firewall-runs.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1000' },
    // Tells of every act, not only of those with a problem.
    all: { type: 'boolean', default: false },
  },
});
const started = performance.now();
const runs = Number(values.runs);
console.log(`seed ${values.seed}, ${runs} acts`);
const report = (run: FirewallRun): void => {
  const words = `${run.fault}, ${run.act}, ${run.outcome}: `;
  if (run.problems.length > 0) console.log(`PROBLEM ${words}${run.problems.join('; ')}`);
  else if (values.all) console.log(`${words}${run.sentence}`);
};
const quarter = Math.ceil(runs / 4);
const done = [
  ...(await runFirewall(Number(values.seed), { runs: runs - quarter, killEvery: 6 }, report)),
  ...(await runFirewall(Number(values.seed) + 1, { runs: quarter, killEvery: 0, atOnce: 3 }, report)),
];
const cells = (words: readonly (string | number)[]): string =>
  words.map((word) => String(word).padStart(10)).join('');
const OUTCOMES = ['done', 'refused', 'failed', 'not begun', 'killed'] as const;
console.log(`${cells(['acts', ...OUTCOMES, 'problems'])}  fault`);
const line = (name: string, list: readonly FirewallRun[]): void => {
  const counts = OUTCOMES.map((outcome) => list.filter((run) => run.outcome === outcome).length);
  console.log(
    `${cells([list.length, ...counts, list.filter(({ problems }) => problems.length > 0).length])}  ${name}`,
  );
};
const acts = done.filter(({ fault }) => fault !== 'all');
for (const [fault, list] of [...Map.groupBy(acts, (run) => run.fault)].sort(([a], [b]) => (a < b ? -1 : 1)))
  line(fault, list);
line(`all, in ${Math.round((performance.now() - started) / 1000)} s`, acts);
process.exitCode = done.some(({ problems }) => problems.length > 0) ? 1 : 0;
