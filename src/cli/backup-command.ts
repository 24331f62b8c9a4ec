// `whyblocked backup FILE`.
import type { Command } from 'commander';
import { backUp } from '../actions/backup.ts';
import type { Context } from '../actions/context.ts';
import { mebibytes } from '../actions/mebibytes.ts';
import type { GlobalOptions } from './global-options.ts';
import { type Output, safeText } from './terminal.ts';

/** Adds the command to `command`; `withContext` opens the database for some work. */
export function addBackupCommand(
  command: Command,
  output: Output,
  withContext: <Result>(options: GlobalOptions, work: (ctx: Context) => Promise<Result>) => Promise<Result>,
): void {
  command
    .option('--force', 'replace a file that is there')
    .option('--json', 'print one JSON object')
    .action(async (file: string, options: GlobalOptions & { force?: true; json?: true }) => {
      await withContext(options, (ctx) => {
        const backup = backUp(ctx, file, options.force === true);
        if (options.json === true) {
          output.write(`${JSON.stringify(backup)}\n`);
          return Promise.resolve();
        }
        const { path, bytes, transactions, incidents, database } = backup;
        output.write(
          safeText(
            `${path}: ${mebibytes(bytes)}, ${transactions} transactions, ${incidents} incidents; every page was checked.`,
          ) + '\n',
        );
        output.write(
          safeText(
            `To restore: stop the service, remove ${database}-wal and ${database}-shm, copy the file to ${database}, start the service.`,
          ) + '\n',
        );
        return Promise.resolve();
      });
    });
}
