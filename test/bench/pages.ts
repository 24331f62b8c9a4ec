// npm run bench -- --only pages [--rounds 5] [--small] [--seed 1] [--clean]: the pages of causes and incidents, through the service.
//
// Makes a server of 2,000 vhosts with 100,000 transactions in the temp folder (kept for the next run). `whyblocked causes` reads,
// judges and counts it once (some minutes); then `whyblocked serve` answers over HTTP. Wall times of whole answers.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { measure, type Row, table } from './measure.ts';
import { serveRoot } from './served.ts';
import { NOISY, NOISY_SMALL, NOW, noisyRoot, type NoisyRoot, removeNoisy } from './noisy-root.ts';

const LAUNCHER = join(import.meta.dirname, '../../plugin/whyblocked');
/** Answers of a page that one round asks for: single ones are too short to compare. */
const ASKED = 10;

/** How the pages are measured. */
export interface PagesOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly small: boolean;
}

/** Removes what was made. */
export function removePages({ seed, small }: Omit<PagesOptions, 'rounds'>): void {
  removeNoisy(seed, small ? NOISY_SMALL : NOISY);
}

/** Measures and prints. */
export async function benchPages({ rounds, seed, small }: PagesOptions): Promise<void> {
  const size = small ? NOISY_SMALL : NOISY;
  const place = noisyRoot(seed, size);
  fill(place);
  const { get, stop } = await serveRoot(where(place));
  try {
    await settled(get);
    const first = /\?p=\/cause&(?:amp;)?id=(\d+)/.exec(await get('/causes'))?.[1] ?? '1';
    const pages: readonly (readonly [name: string, page: string])[] = [
      ['causes', '/causes'],
      ['causes, second page', '/causes&page=2'],
      ['causes, all states', '/causes&state=all'],
      ['causes of a vhost', `/causes&vhost=${place.busiest}`],
      ['causes with words', '/causes&text=sql%20search'],
      ['one cause', `/cause&id=${first}`],
      ['one domain with its scores', `/domain&vhost=${place.busiest}`],
      ['incidents', '/'],
      ['incidents, false alarms', '/&verdict=false-positive'],
    ];
    const title = `pages: ${size.transactions} transactions, ${size.vhosts} vhosts; ${ASKED} answers a round`;
    const measured = await measure(
      pages.map(([name, page]) => rowOf(name, page, get)),
      rounds,
    );
    // Times of single answers; results are bytes of a page.
    const single = measured.map((one) => ({ ...one, ms: one.ms.map((ms) => ms / ASKED) }));
    console.log(table(`${title}, ms of one answer`, single, 'causes'));
  } finally {
    await stop();
  }
}

function rowOf(name: string, page: string, get: (page: string) => Promise<string>): Row {
  return {
    name,
    run: async () => {
      let bytes = 0;
      for (let time = 0; time < ASKED; time++) bytes = Buffer.byteLength(await get(page));
      return bytes;
    },
  };
}

/** Reads, judges and counts everything, once; prints how long it took. */
function fill(place: NoisyRoot): void {
  const { state } = place;
  const isNew = !existsSync(join(state, 'whyblocked.db'));
  const started = performance.now();
  const args = ['causes', '--json', '--status', 'all', ...where(place)];
  const causes = execFileSync(LAUNCHER, args, { encoding: 'utf8', maxBuffer: 1e9 }).trimEnd().split('\n');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const noisy = causes.filter((line) => line.includes('"band":"noisy"')).length;
  const what = isNew ? 'read, judged and counted' : 'read of an earlier run';
  console.log(`${what} in ${seconds} s: ${causes.length} causes, ${noisy} of them noisy`);
}

/** With the present named: a live server's clock tells it too, the newest time of a copied one is looked for. */
function where({ root, state }: NoisyRoot): string[] {
  return ['--root', root, '--state', state, '--now', new Date(NOW).toISOString()];
}

/** The first answers start threads and fill caches. */
async function settled(get: (page: string) => Promise<string>): Promise<void> {
  for (const page of ['/causes', '/']) {
    const started = performance.now();
    await get(page);
    console.log(`first answer of ${page}: ${(performance.now() - started).toFixed(0)} ms`);
  }
}
