// One act in a process of its own, which ends itself by SIGKILL before a step: `node act-child.ts JSON`.
import { readFileSync } from 'node:fs';
import { carryOut } from '../../src/actions/act.ts';
import { excludeOrder, revertOrder } from '../../src/actions/orders.ts';
import { parseConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';

/** What the process is told. */
export interface ChildTask {
  readonly root: string;
  readonly state: string;
  readonly config: string;
  readonly vhost: string;
  /** Exclusion to take back; null: one is made. */
  readonly revert: number | null;
  /** Dies before this step comes for the nth time; null: lives. */
  readonly kill: { readonly step: string; readonly nth: number } | null;
}

const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask;
const ctx = openContext({
  ...{ root: task.root, state: task.state, version: '0.0.0', env: {}, warn: () => undefined },
  ...parseConfig(readFileSync(task.config, 'utf8'), 'config'),
});
let seen = 0;
const before = (step: string): void => {
  if (step === task.kill?.step && ++seen === task.kill.nth) process.kill(process.pid, 'SIGKILL');
};
try {
  const order =
    task.revert === null
      ? await excludeOrder(ctx, {
          scope: {
            ...{ kind: 'target-vhost', vhost: task.vhost, ruleId: '942100', tag: null },
            ...{ target: 'ARGS:id', path: null },
          },
          ...{ reason: 'a fault is coming', author: 'root', expiresAt: null, typed: null },
        })
      : revertOrder(ctx, [task.revert], { reason: 'a fault is coming', author: 'root' });
  const change = await carryOut(ctx, order.head, order.intents, { before });
  process.stdout.write(change.state);
} catch (error) {
  process.stdout.write(`refused: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  ctx.close();
}
