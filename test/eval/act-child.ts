// One act in a process of its own, which ends itself by SIGKILL before a step: `node act-child.ts JSON`.
import { readFileSync } from 'node:fs';
import { reconcile } from '../../src/actions/reconcile.ts';
import { parseConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { carryOutTask, type Task } from './fault-order.ts';

/** What the process is told. */
export interface ChildTask {
  readonly place: { readonly root: string; readonly state: string; readonly config: string };
  /** Null: it takes back what another process left half done. */
  readonly task: Task | null;
  /** Dies before this step comes for the nth time; null: lives. */
  readonly kill: Kill | null;
}

export interface Kill {
  readonly step: string;
  readonly nth: number;
}

const { place, task, kill } = JSON.parse(process.argv[2] ?? '{}') as ChildTask;
const ctx = openContext({
  ...{ root: place.root, state: place.state, version: '0.0.0', env: {}, warn: () => undefined },
  ...parseConfig(readFileSync(place.config, 'utf8'), 'config'),
});
let seen = 0;
const before = (step: string): void => {
  if (step === kill?.step && ++seen === kill.nth) process.kill(process.pid, 'SIGKILL');
};
// Whoever kills it at a moment of his own waits for this.
process.stdout.write('begun ');
try {
  if (task === null) await reconcile(ctx, { before });
  process.stdout.write(task === null ? 'mended' : await carryOutTask(ctx, task, { before }));
} finally {
  ctx.close();
}
