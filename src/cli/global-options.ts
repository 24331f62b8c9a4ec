// The options that every command takes.
import type { Command } from 'commander';

export interface GlobalOptions {
  readonly root: string;
  readonly config?: string;
  readonly state?: string;
  readonly now?: string;
}

/** Adds them to a command. */
export function withGlobals(command: Command): Command {
  return command
    .option('--root <dir>', 'read a copied server below this folder', '/')
    .option('--config <file>', 'JSON file that overrides single paths and commands')
    .option('--state <dir>', 'folder of the database')
    .option('--now <time>', 'take this ISO 8601 time as the present');
}
