// The commands of the service. They load nothing of what answers questions: that is the work of its threads.
import { type Command, Option } from 'commander';
import { BadInput } from '../actions/errors.ts';
import { type GlobalOptions, withGlobals } from './global-options.ts';
import { parsePort } from './option-values.ts';
import { newProgram, runProgram } from './run-program.ts';
import type { Output } from './terminal.ts';

const SOCKET = '/run/whyblocked/whyblocked.sock';
/** Those of them that run for months. */
const SERVING: ReadonlySet<string> = new Set(['serve', 'demo']);

export interface ServeOptions extends GlobalOptions {
  readonly port: number;
  /** A Unix socket instead of the port. */
  readonly socket?: string;
  /** With a socket: the loopback port of the links of `login`, 0 for any free one. */
  readonly login?: number;
}

/** What these commands need from outside. */
export interface ServeSurroundings {
  readonly version: string;
  readonly output: Output;
  readonly serve: (options: ServeOptions) => Promise<void>;
  /** Asks the service on a socket for a link that signs in once; gives the text about it. */
  readonly login: (socket: string) => Promise<string>;
  readonly demo: (options: { port: number; state?: string }) => Promise<void>;
}

/** Whether a command line is the service's: then `runServe` does, in far less memory than the whole program takes. */
export function isServing(args: readonly string[]): boolean {
  return SERVING.has(args[0] ?? '');
}

/** Runs a command line of the service; gives the exit code. */
export function runServe(args: readonly string[], around: ServeSurroundings): Promise<number> {
  const program = newProgram(around);
  addServeCommands(program, around);
  return runProgram(program, args, around.output, () => 0);
}

/** Adds `serve`, `login` and `demo`. */
export function addServeCommands(program: Command, around: ServeSurroundings): void {
  withGlobals(
    program.command('serve').description('serve the pages on 127.0.0.1, or on a Unix socket').exitOverride(),
  )
    .option('--port <number>', 'port to listen on', parsePort, 8425)
    .addOption(
      new Option(
        '--socket <path>',
        'listen on a private Unix socket instead, for WHM or for `login`',
      ).conflicts('port'),
    )
    .addOption(
      new Option(
        '--login [port]',
        'with --socket: `whyblocked login` gives links to this loopback port (without a number any free one)',
      )
        .preset('0')
        .argParser(parsePort),
    )
    .action((options: ServeOptions) => {
      if (options.login !== undefined && options.socket === undefined)
        throw new BadInput('--login goes with --socket. Without a socket, `serve` prints a link by itself.');
      return around.serve(options);
    });

  program
    .command('login')
    .description('ask the running service for a link that signs in once, through an ssh tunnel')
    .option('--socket <path>', 'socket of the service', SOCKET)
    .exitOverride()
    .action(async ({ socket }: { socket: string }) => {
      around.output.write(await around.login(socket));
    });

  program
    .command('demo')
    .description('serve the pages on a made-up server with the stories of real logs')
    .option('--port <number>', 'port to listen on', parsePort, 8425)
    .option('--state <dir>', 'folder for the demo server and its database')
    .exitOverride()
    .action((options: { port: number; state?: string }) => around.demo(options));
}
