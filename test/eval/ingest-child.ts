// Ingesters in a process of their own, to be killed at any moment. Each line of its standard input names a server and a state
// folder; what is new on it is then read again and again, and each pass is told by a line with the server's number.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { refresh } from '../../src/actions/refresh.ts';
import { openContext } from '../../src/context.ts';

interface Place {
  readonly number: number;
  readonly root: string;
  readonly state: string;
}

async function readOn({ number, root, state }: Place): Promise<never> {
  const ctx = openContext({
    ...{ root, state, version: '0.0.0', env: {} },
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  for (;;) {
    const { report } = await refresh(ctx);
    writeSync(1, `${String(number)}\n`);
    await sleep(report.bytes > 0 ? 0 : 3);
  }
}

writeSync(1, 'ready\n');
for await (const line of createInterface({ input: process.stdin })) void readOn(JSON.parse(line) as Place);
