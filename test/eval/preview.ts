// npm run eval:preview -- [SEED] [REQUESTS]: whether previews come true on a real Apache. Prints one line for each
// exclusion and the sums of each server; ends with 1 when less than 99.5 % were foretold, more than 2 % were bound,
// anything changed that must not, or fewer than five exclusions freed everything, some, or nothing.
import { measureFidelity, sumUp, type TriedExclusion } from './preview-fidelity.ts';

const [seed = '1', requests = '4000'] = process.argv.slice(2);
const SERVERS = [
  { crs: '3', audit: true },
  { crs: '3', audit: false },
  { crs: '4ish', audit: true },
  { crs: '4ish', earlyBlock: true, audit: true },
] as const;
const OF_EACH_EFFECT = 3;
const BESIDES = 3;
const FEWEST = 5;

function print(exclusions: readonly TriedExclusion[]): void {
  console.log('freed by preview / by Apache / of refused   equal  bound');
  for (const one of exclusions) {
    const freed = `${one.freedByPreview} / ${one.freedByApache} / ${one.refused}`;
    console.log(
      `${freed.padEnd(20)} ${String(one.equal).padStart(5)} ${String(one.bound).padStart(5)}  ${one.words} (${one.form})`,
    );
  }
}

function printSums(exclusions: readonly TriedExclusion[]): ReturnType<typeof sumUp> {
  const sums = sumUp(exclusions);
  const { refused, equal, bound, touched, equalShare, boundShare, everything, some, nothing } = sums;
  console.log(
    `${exclusions.length} exclusions (${everything} free everything, ${some} some, ${nothing} nothing), ${refused} refusals tried, ` +
      `${touched} of the equal ones touched: ${equal} of ${refused - bound} equal (${equalShare.toFixed(2)} %), ${bound} bound (${boundShare.toFixed(2)} %)`,
  );
  return sums;
}

console.log(`seed ${seed}, ${requests} requests a server`);
const all: TriedExclusion[] = [];
let isGood = true;
for (const server of SERVERS) {
  console.log(`\n== ${JSON.stringify(server)}`);
  const options = {
    ...server,
    seed: Number(seed),
    requests: Number(requests),
    ofEachEffect: OF_EACH_EFFECT,
    besides: BESIDES,
  };
  const { exclusions, mismatches, shown, leftOver } = await measureFidelity(options);
  print(exclusions);
  for (const text of shown) console.log(`MISMATCH ${text}`);
  const { equalShare, boundShare } = printSums(exclusions);
  console.log(`${mismatches} mismatches, ${leftOver} requests answered otherwise when all was taken back`);
  isGood &&= equalShare >= 99.5 && boundShare <= 2 && leftOver === 0;
  all.push(...exclusions);
}
console.log('\n== all');
const { everything, some, nothing } = printSums(all);
if (Math.min(everything, some, nothing) < FEWEST) {
  console.log(`TOO FEW of a kind: at least ${FEWEST} must free everything, some, nothing`);
  isGood = false;
}
process.exitCode = isGood ? 0 : 1;
