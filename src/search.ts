// `whyblocked search`: wires what a search needs, and ends it cleanly when the process is told to end.
import { once } from 'node:events';
import { answerSearch, Stopped, type SearchSurroundings, type WithDatabase } from './cli/search-answer.ts';
import type { SearchArgs } from './cli/search-options.ts';
import type { Output } from './cli/terminal.ts';
import { type ContextOptions, hostOf, nowOf } from './context.ts';
import type { Host } from './host/host.ts';
import { searchContext } from './search-context.ts';

/** Exit codes by signal, as a shell gives them. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What differs between the real process and a test. */
export interface SearchProcess {
  readonly output: Output;
  readonly write: SearchSurroundings['write'];
  readonly progressWidth: number | null;
}

/** Runs one search command to its end and prints it; gives the exit code. Throws BadInput and Refused. */
export async function search(
  args: SearchArgs,
  database: WithDatabase,
  options: ContextOptions,
  { output, write, progressWidth }: SearchProcess,
): Promise<number> {
  const host = hostOf(options);
  const context = searchContext({
    host,
    version: options.version,
    fixedNow: nowOf(options),
    stateDir: stateDirOf(host, options),
  });
  const stopping = new AbortController();
  let code = 0;
  const handlers = Object.entries(SIGNALS).map(([signal, exitCode]) => {
    const stop = (): void => {
      code = exitCode;
      stopping.abort();
    };
    process.once(signal, stop);
    return () => process.off(signal, stop);
  });
  try {
    const print = await answerSearch(args, {
      output,
      write,
      progressWidth,
      context,
      database,
      who: whoOf(options.env),
      stopped: stopping.signal,
    }).finally(() => {
      // From here on nothing is running that would be left behind: a signal ends the process at once.
      for (const off of handlers) off();
    });
    return await print();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    output.note('whyblocked: The search was stopped; nothing is shown.\n');
    return code;
  }
}

/** A search works without block indexes: who cannot have a state folder still finds everything. */
function stateDirOf(host: Host, { state, warn }: ContextOptions): string | null {
  try {
    return host.stateDir(state);
  } catch (error) {
    if (state !== undefined)
      warn(`${error instanceof Error ? error.message : String(error)} The search goes on without it.`);
    return null;
  }
}

/** Who is at the terminal, as sudo or the login tells. */
function whoOf({ SUDO_USER, USER }: ContextOptions['env']): string {
  return [SUDO_USER, USER].find((name) => name !== undefined && name !== '')?.slice(0, 64) ?? 'root';
}

/** Writes to stdout; settles when its reader takes more, so that what waits does not pile up. */
export async function writeStdout(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
