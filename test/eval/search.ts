// npm run eval:search [-- --seed 1 --count 2000]: the search beside `grep -P` on random patterns, windows and logs.
import { parseArgs } from 'node:util';
import { compareCase } from './search-compare.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '2000' } },
});
const seed = Number(values.seed);
const count = Number(values.count);
let differing = 0;
let unanswered = 0;
let found = 0;
let lines = 0;
for (let number = 0; number < count; number++) {
  const result = await compareCase(seed, number);
  if (result.unanswered !== null) unanswered++;
  if (result.found > 0) found++;
  lines += result.found;
  if (result.difference === null) continue;
  differing++;
  console.log(`${result.what}\n  ${result.difference}`);
}
console.log(
  `seed ${seed}, ${count} cases: ${differing} differ; ${found} find something, ${lines} lines in all; ${unanswered} without an answer of grep -P`,
);
if (differing > 0) process.exitCode = 1;
