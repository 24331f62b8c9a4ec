// `whyblocked search`: runs one search and prints it. Loaded only when it is asked for.
import type { Context } from '../actions/context.ts';
import { BadInput, Refused } from '../actions/errors.ts';
import { safeCommand } from '../actions/search-command.ts';
import type { SearchContext } from '../actions/search-context.ts';
import { SearchRun } from '../actions/search-run.ts';
import { SearchShower } from '../actions/search-state.ts';
import type { SearchQuery } from '../actions/search-query.ts';
import { saveSearch } from '../actions/saved-searches.ts';
import { findSaved, forgetNamed, listSaved } from './search-kept.ts';
import { listLogs } from './search-logs.ts';
import { type Ended, exitCodeOfSearch, searchNotes } from './search-notes.ts';
import { queryOf, type SearchArgs, taskOf, timeoutOf } from './search-options.ts';
import { showProgress } from './search-progress.ts';
import { CSV_HEAD, jsonRow, safeJson } from '../actions/search-rows.ts';
import { foundCsv, foundText } from './search-text.ts';
import type { Output } from './terminal.ts';

/** Lines are shown as long as the engine keeps them. */
const LINE_BYTES = 1024 * 1024;
/** Text that is handed over at once. */
const WRITE_CHARACTERS = 64 * 1024;

/** What a search needs from outside. */
export interface SearchSurroundings {
  readonly output: Output;
  /** Writes to stdout; settles when the reader takes more. */
  readonly write: (text: string) => Promise<void>;
  /** Columns of stderr when it is a terminal, else null. */
  readonly progressWidth: number | null;
  readonly context: SearchContext;
  /** Runs work on the database, which is opened for it alone. */
  readonly database: WithDatabase;
  /** The login name, for the record of acts. */
  readonly who: string;
  /** Ends the search. */
  readonly stopped: AbortSignal;
}

export type WithDatabase = <Result>(work: (ctx: Context) => Promise<Result>) => Promise<Result>;

/** The search was ended by `stopped`. */
export class Stopped extends Error {}

/** Prints what was found, and gives the exit code. */
export type PrintAnswer = () => Promise<number>;

/**
 * Does all that takes time, and gives what prints the answer. Throws BadInput for wrong options and refused patterns,
 * Refused when lines should be revealed and that cannot be recorded, Stopped.
 */
export async function answerSearch(args: SearchArgs, around: SearchSurroundings): Promise<PrintAnswer> {
  switch (taskOf(args)) {
    case 'logs':
      return printed(around, listLogs(around.context.host.searchLogs(), args.json === true));
    case 'list saved':
      return printed(around, await around.database((ctx) => listSaved(ctx, args.json === true)));
    case 'forget':
      await around.database((ctx) => forgetNamed(ctx, args.forget ?? '', around.who));
      return printed(around, []);
    default:
      return search(args, around);
  }
}

function printed(around: SearchSurroundings, lines: readonly string[]): PrintAnswer {
  return async () => {
    await writeAll(around, lines);
    return 0;
  };
}

async function search(args: SearchArgs, around: SearchSurroundings): Promise<PrintAnswer> {
  const { saved } = args;
  const kept = typeof saved === 'string' ? await around.database((ctx) => findSaved(ctx, saved)) : undefined;
  const query = queryOf(args, kept);
  const timeoutMs = timeoutOf(args);
  const counted = args.count === true;
  const run = await startRun(query, { countAll: counted, timeoutMs }, around);
  await keepIfAsked(args, query, around);
  // An act that could not be recorded later must not wait for the end of the search.
  if (args.reveal === true) await recordable(around, () => Promise.resolve());
  const hasLogs = run.files.some(({ state }) => state !== 'left out');
  await runToEnd(run, around);
  const shower = new SearchShower(around.context, run, {
    id: '',
    mostBytes: LINE_BYTES,
    reveal: args.reveal === true,
  });
  // A count keeps fewer lines than the query says; sentences speak of the query.
  const view = { ...(await unlessStopped(shower.view(), around.stopped)), query };
  if (args.reveal === true) await recordReveal(query, view.lines.length, around);
  return () => printEnded(args, { view, hasLogs, counted }, around);
}

async function startRun(
  query: SearchQuery,
  options: { readonly countAll: boolean; readonly timeoutMs: number },
  { context, stopped }: SearchSurroundings,
): Promise<SearchRun> {
  const clock = await unlessStopped(context.clock(), stopped);
  // What is only counted need not be kept.
  const asked = options.countAll ? { ...query, limit: Math.min(query.limit, 1), context: 0 } : query;
  const run = new SearchRun(context, clock, asked, options);
  await unlessStopped(run.check(), stopped);
  return run;
}

async function keepIfAsked(
  { save }: SearchArgs,
  query: SearchQuery,
  around: SearchSurroundings,
): Promise<void> {
  if (save === undefined) return;
  await around.database((ctx) => {
    saveSearch(ctx, save, query, { who: around.who, address: null });
    return Promise.resolve();
  });
}

async function runToEnd(
  run: SearchRun,
  { stopped, progressWidth, output }: SearchSurroundings,
): Promise<void> {
  const stop = (): void => {
    run.stop();
  };
  const hide = showProgress(run, progressWidth, (text) => {
    output.note(text);
  });
  stopped.addEventListener('abort', stop);
  try {
    if (stopped.aborted) stop();
    await run.run();
    // Ctrl-C reaches ripgrep too, and its end may be known before the signal is.
    if (run.phase === 'failed')
      await unlessStopped(new Promise((resolve) => setTimeout(resolve, 50)), stopped);
  } finally {
    stopped.removeEventListener('abort', stop);
    hide();
  }
  if (stopped.aborted) throw new Stopped();
}

/** What a promise gives; throws Stopped when the signal comes first. */
async function unlessStopped<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  if (signal.aborted) throw new Stopped();
  let stop = (): void => undefined;
  const stopping = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(new Stopped());
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopping]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function recordReveal(query: SearchQuery, lines: number, around: SearchSurroundings): Promise<void> {
  await recordable(around, (ctx) => {
    ctx.store.record({
      at: Date.now(),
      who: around.who,
      address: null,
      act: 'reveal lines',
      detail: safeCommand(query),
      result: `${lines} ${lines === 1 ? 'line' : 'lines'}`,
    });
    return Promise.resolve();
  });
}

async function recordable(around: SearchSurroundings, work: (ctx: Context) => Promise<void>): Promise<void> {
  try {
    await around.database(work);
  } catch (error) {
    if (error instanceof BadInput) throw error;
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    throw new Refused(`No line is revealed, because that could not be recorded: ${why}.`);
  }
}

async function printEnded(args: SearchArgs, ended: Ended, around: SearchSurroundings): Promise<number> {
  await writeAll(
    around,
    args.count === true ? [countText(args, ended)] : linesText(args, ended, around.output),
  );
  for (const note of searchNotes(ended)) around.output.note(`whyblocked: ${note}\n`);
  return exitCodeOfSearch(ended);
}

function countText({ json }: SearchArgs, { view }: Ended): string {
  if (json !== true) return `${view.count}\n`;
  const files = view.files.filter(({ state }) => state !== 'left out');
  return `${safeJson({ count: view.count, files: files.map(({ path, lines }) => ({ path, count: lines })) })}\n`;
}

function* linesText(args: SearchArgs, { view }: Ended, output: Output): Generator<string> {
  if (args.csv === true) yield CSV_HEAD;
  const around = view.query.context > 0;
  for (const found of view.lines) {
    if (args.csv === true) yield foundCsv(found);
    else if (args.json === true) yield jsonRow(found, around);
    else yield foundText(output, found);
  }
}

async function writeAll({ write }: SearchSurroundings, texts: Iterable<string>): Promise<void> {
  let waiting = '';
  for (const text of texts) {
    waiting += text;
    if (waiting.length < WRITE_CHARACTERS) continue;
    await write(waiting);
    waiting = '';
  }
  if (waiting !== '') await write(waiting);
}
