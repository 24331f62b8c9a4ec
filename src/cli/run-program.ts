// A command line on its way: what it says of itself, and what becomes of a failure.
import { Command, CommanderError } from 'commander';
import { BadInput } from '../actions/errors.ts';
import { failureNotice, stoppedBy } from '../actions/read-state.ts';
import { type Output, safeText } from './terminal.ts';

/** A command line without commands. */
export function newProgram({
  version,
  output,
}: {
  readonly version: string;
  readonly output: Output;
}): Command {
  return new Command('whyblocked')
    .description(
      'Tells why csf and ModSecurity blocked an address, whether it was an attack, and which rules scored.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        output.write(text);
      },
      writeErr: (text) => {
        output.note(text);
      },
    });
}

/** Runs it; gives the exit code: `code` at the end, 2 for wrong usage, 1 for a failure, each with one sentence. */
export async function runProgram(
  program: Command,
  args: readonly string[],
  output: Output,
  code: () => number,
): Promise<number> {
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    output.note(`whyblocked: ${safeText(errorText(error))}\n`);
    // Of an error in a worker thread only name and message are left.
    return error instanceof Error && error.name === BadInput.name ? 2 : 1;
  }
}

/** What stops an act is said as it is for an answer: what happened, and how to mend it. */
function errorText(error: unknown): string {
  const stopped = stoppedBy(error);
  const message = error instanceof Error ? error.message : String(error);
  return stopped?.failure == null
    ? message
    : `${failureNotice(stopped.failure)} It was reported as: ${message}`;
}
