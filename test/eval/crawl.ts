// npm run eval:crawl [-- --seed 1 --runs 5000]: hostile values in every parameter of every page of a running service.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ask } from '../socket-ask.ts';
import { hostileCrawl } from '../web/hostile-crawl.ts';
import { makeHostileRoot } from '../web/hostile-root.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, runs: { type: 'string', default: '5000' } },
});
const [seed, runs] = [Number(values.seed), Number(values.runs)];
const folder = mkdtempSync(join(tmpdir(), 'whyblocked-crawl-'));
const { root, state } = makeHostileRoot(folder);
writeFileSync(join(root, 'etc/shadow'), 'root:planted-shadow\n');
const config = join(folder, 'config.json');
writeFileSync(config, JSON.stringify({ access: { costlyPerMinute: 10_000 }, searchSeconds: 2 }));
const socket = join(folder, 'run', 's');
const place = ['--root', root, '--state', state, '--config', config];
const service = spawn(
  join(import.meta.dirname, '../../plugin/whyblocked'),
  ['serve', '--socket', socket, ...place],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
try {
  await new Promise<void>((resolve, reject) => {
    service.stdout.once('data', () => {
      resolve();
    });
    service.once('exit', (code) => {
      reject(new Error(`the service ended with ${String(code)}`));
    });
  });
  const began = performance.now();
  const { entrances, sent } = await hostileCrawl(
    (path, form) => ask(socket, path, form === undefined ? {} : { form }),
    { seed, runs, within: 24 * 3_600_000 },
  );
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(
    `seed ${seed}: ${sent} requests to ${entrances.length} entrances in ${seconds} s, nothing found`,
  );
} finally {
  service.removeAllListeners('exit');
  service.kill('SIGTERM');
  await new Promise((resolve) => service.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
}
