// The thread of the searches: chooses logs, runs ripgrep, keeps what was found. The pages wait for none of it.
import { parentPort, workerData } from 'node:worker_threads';
import { SearchDesk } from './actions/search-desk.ts';
import { surrounding } from './actions/search-around.ts';
import { hostOf, nowOf } from './context.ts';
import { searchContext } from './search-context.ts';
import { answerQuestions } from './thread.ts';
import type { SearchLog } from './model.ts';
import type { SearchQuestions, WorkerOptions } from './engine.ts';

if (parentPort === null) throw new Error('search-worker.ts runs only as a worker thread');
const options = workerData as WorkerOptions;
const host = hostOf(options);
const ctx = searchContext({
  host,
  version: options.version,
  fixedNow: nowOf(options),
  stateDir: host.stateDir(options.state),
});
const desk = new SearchDesk(ctx);

/** Every form names the logs; looking for them takes a while where there are thousands. */
const LIST_MS = 5000;
let list: { readonly at: number; readonly logs: readonly SearchLog[] } = { at: -Infinity, logs: [] };

function listed(): readonly SearchLog[] {
  const now = performance.now();
  if (now - list.at > LIST_MS) list = { at: now, logs: host.searchLogs() };
  return list.logs;
}

answerQuestions<SearchQuestions>(parentPort, {
  start: (query, waitMs) => desk.start(query, waitMs),
  look: (id, waitMs) => desk.look(id, waitMs),
  cancel: (id) => desk.stop(id),
  around: (file, offset, lines) => surrounding(ctx, { file, offset }, lines),
  logs: () => Promise.resolve(listed()),
  stop: () => {
    desk.close();
    parentPort?.unref();
    return Promise.resolve(null);
  },
});
