// An ingester in a process of its own, to be killed at any moment. It is told a root and a state folder on its standard input,
// then reads what is new again and again, and says so each time.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { refresh } from '../../src/actions/refresh.ts';
import { openContext } from '../../src/context.ts';

writeSync(1, 'ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { root, state } = JSON.parse(line) as { root: string; state: string };
  const ctx = openContext({
    root,
    state,
    version: '0.0.0',
    env: {},
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  for (;;) {
    const { report } = await refresh(ctx);
    writeSync(1, `${JSON.stringify(report.problems)}\n`);
    await new Promise((resolve) => setTimeout(resolve, report.bytes > 0 ? 0 : 1));
  }
}
