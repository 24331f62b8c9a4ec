// The worker thread of the service: owns the database connection, reads the logs every second, answers questions.
import { parentPort, workerData } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { activityRows } from './actions/activity.ts';
import { explain } from './actions/explain.ts';
import { readInbox } from './actions/inbox.ts';
import { refresh } from './actions/refresh.ts';
import { type OpenContext, openContext } from './context.ts';
import { isDamage } from './store/database.ts';
import type { Ask, Questions, Reply, WorkerOptions } from './engine.ts';

const EVERY_MS = 1000;
/** Requests that a page shows of one incident: a flood of thousands would only fill memory. */
const SHOWN = 200;

if (parentPort === null) throw new Error('worker.ts runs only as a worker thread');
const port = parentPort;
let ctx = openAgain(false);

function openAgain(check: boolean): OpenContext {
  return openContext({
    ...(workerData as WorkerOptions),
    check,
    warn: (sentence) => {
      process.stderr.write(`whyblocked: ${sentence}\n`);
    },
  });
}

type Answers = {
  readonly [Name in keyof Questions]: (
    ...args: Questions[Name]['args']
  ) => Promise<Questions[Name]['answer']>;
};

const state = { stopping: false };
const answers: Answers = {
  explain: (text, from) => explain(ctx, text, { from, most: SHOWN }),
  inbox: (filter) => readInbox(ctx, filter),
  activity: () => activityRows(ctx),
  record: (row) => {
    ctx.store.record({ ...row, at: Date.now() });
    return Promise.resolve(null);
  },
  stop: () => {
    state.stopping = true;
    return Promise.resolve(null);
  },
};

// One thing at a time: questions and the reading share one connection.
let queue: Promise<unknown> = Promise.resolve();

/** Damage in the middle of the database shows only in a query: it is set aside, and the work is done again. */
async function onSoundDatabase<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isDamage(error)) throw error;
    try {
      ctx.close();
    } catch {
      // The folding of a damaged file may fail; the file is left as it is.
    }
    ctx = openAgain(true);
    return work();
  }
}

function enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
  const next = queue.then(() => onSoundDatabase(work));
  queue = next.catch(() => undefined);
  return next;
}

port.on('message', (ask: Ask) => {
  const answer = answers[ask.name] as (...args: readonly unknown[]) => Promise<unknown>;
  void enqueue(() => answer(...ask.args)).then(
    (value) => {
      port.postMessage({ id: ask.id, value } satisfies Reply);
    },
    (error: unknown) => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      port.postMessage({ id: ask.id, error: { name, message } } satisfies Reply);
    },
  );
});

// A source that cannot be read or a full disk must not end the service: it is said in the pages and tried again.
let lastProblem = '';
while (!state.stopping) {
  await enqueue(() => refresh(ctx, () => state.stopping)).catch((error: unknown) => {
    const problem = error instanceof Error ? error.message : String(error);
    if (problem !== lastProblem) process.stderr.write(`whyblocked: reading the logs failed: ${problem}\n`);
    lastProblem = problem;
  });
  await sleep(EVERY_MS);
}
ctx.close();
