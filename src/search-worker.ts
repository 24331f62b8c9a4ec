// The thread of the searches: chooses logs, runs ripgrep, keeps what was found. The pages wait for none of it.
import { parentPort, workerData } from 'node:worker_threads';
import { DESK_DEFAULTS, SearchDesk } from './actions/search-desk.ts';
import type { SearchView } from './actions/search-view.ts';
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
const { searchSeconds } = options;
const desk = new SearchDesk(
  ctx,
  searchSeconds === undefined ? DESK_DEFAULTS : { ...DESK_DEFAULTS, timeoutMs: searchSeconds * 1000 },
);

/** Every form names the logs; looking for them takes a while where there are thousands. */
const LIST_MS = 5000;
let list: { readonly at: number; readonly logs: readonly SearchLog[] } = { at: -Infinity, logs: [] };

function listed(): readonly SearchLog[] {
  const now = performance.now();
  if (now - list.at > LIST_MS) list = { at: now, logs: host.searchLogs() };
  return list.logs;
}

/** Thousands of lines take the asking thread a while to unpack: those that it will not show stay here. */
function newest(view: SearchView, most: number | null): SearchView {
  return most === null || view.lines.length <= most ? view : { ...view, lines: view.lines.slice(0, most) };
}

answerQuestions<SearchQuestions>(parentPort, {
  start: async (query, waitMs, most) => newest(await desk.start(query, waitMs), most),
  look: async (id, waitMs, most) => {
    const view = await desk.look(id, waitMs);
    return view === null ? null : newest(view, most);
  },
  cancel: (id) => desk.stop(id),
  around: (file, offset, lines, reveal) => surrounding(ctx, { file, offset }, lines, reveal),
  logs: () => Promise.resolve(listed()),
  stop: () => {
    desk.close();
    parentPort?.unref();
    return Promise.resolve(null);
  },
});
