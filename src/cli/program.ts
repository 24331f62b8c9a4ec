// The command line: options, commands, exit codes. Each command calls one action and prints its answer.
import { type Command, Option } from 'commander';
import type { Context } from '../actions/context.ts';
import { explain } from '../actions/explain.ts';
import { listIncidents } from '../actions/inbox.ts';
import { exitCodeOf, explainJson, incidentRowJson } from '../actions/json.ts';
import type { TrialAnswer } from '../actions/mail-trial.ts';
import { refresh } from '../actions/refresh.ts';
import { retentionRound } from '../actions/retention.ts';
import { settleAll } from '../actions/judge-round.ts';
import { activityRows } from '../actions/activity.ts';
import { asked, type OpenHow, withContext } from './contexts.ts';
import { printExplanation } from './explain-text.ts';
import { addBackupCommand } from './backup-command.ts';
import { addCausesCommands } from './causes-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addExcludeCommands } from './exclude-command.ts';
import { addFirewallCommands } from './firewall-command.ts';
import { type GlobalOptions, withGlobals } from './global-options.ts';
import { addHookCommand } from './hook-command.ts';
import { incidentLines } from './incidents-text.ts';
import { addMailCommand } from './mail-command.ts';
import { addMarkCommands } from './marks-command.ts';
import { parseSpan } from './option-values.ts';
import { addPreviewCommand } from './preview-command.ts';
import { addReportCommand } from './report-command.ts';
import { addRulesCommand } from './rules-command.ts';
import { newProgram, runProgram } from './run-program.ts';
import { addSearchOptions, type SearchArgs } from './search-options.ts';
import { addServeCommands, type ServeSurroundings } from './serve-commands.ts';
import { safeText } from './terminal.ts';

/** How long `ingest` removes what is old; the next one goes on. */
const RETENTION_MS = 10_000;
/** Incidents that `ingest` judges, the newest: about a minute. The service goes on with the others. */
const JUDGED_AT_ONCE = 2000;

/** What the command line needs from outside. */
export interface Surroundings extends ServeSurroundings {
  readonly readStdin: () => Promise<string>;
  readonly openContext: (options: GlobalOptions, how: OpenHow) => Promise<Context & { close(): void }>;
  /** Brings the block indexes of big logs up to date; gives the bytes of text that were indexed. */
  readonly indexLogs: (ctx: Context, options: GlobalOptions) => Promise<number>;
  /** Whether an error says that the database is damaged. */
  readonly isDamage: (error: unknown) => boolean;
  /** Runs one search and prints it; gives the exit code. `database` opens the database for some work. */
  readonly search: (
    args: SearchArgs,
    database: <Result>(work: (ctx: Context) => Promise<Result>) => Promise<Result>,
  ) => Promise<number>;
  /** Sends a trial mail at once. */
  readonly sendTrial: (ctx: Context) => Promise<TrialAnswer>;
  /** Asks at the terminal and gives the line that was typed; null without a terminal. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** Who acts, for the activity. */
  readonly author: string;
  /** From where whoever acts is connected (ssh), where that is known. */
  readonly address?: string | null;
}

/** Runs one command; gives the exit code (0 answered, 1 failure, 2 wrong usage, 3 no trace, 4 no trace and a gap). */
export async function runCli(args: readonly string[], around: Surroundings): Promise<number> {
  let code = 0;
  const program = makeProgram(around, (value) => {
    code = value;
  });
  return runProgram(program, args, around.output, () => code);
}

function makeProgram(around: Surroundings, exit: (code: number) => void): Command {
  const { output } = around;
  const program = newProgram(around);
  const command = (usage: string, description: string): Command =>
    withGlobals(program.command(usage).description(description).exitOverride());

  command(
    'explain <target>',
    'explain an IP, net, domain, unique_id, rule id, or - for a mail or log lines on stdin',
  )
    .option('--json', 'print one JSON object')
    .action(async (target: string, options: GlobalOptions & { json?: true }) => {
      const text = target === '-' ? await around.readStdin() : target;
      await asked(around, options, async (ctx) => {
        const explanation = await explain(ctx, text, { raw: false });
        if (options.json === true) output.write(`${JSON.stringify(explainJson(explanation))}\n`);
        else printExplanation(output, explanation);
        exit(exitCodeOf(explanation));
      });
    });

  command('incidents', 'list incidents, newest first')
    .option('--since <span>', 'only those that ended within this time, e.g. 24h, 7d, 90m', parseSpan)
    .addOption(
      new Option('--verdict <label>', 'only this verdict').choices([
        'attack',
        'false-positive',
        'unclear',
        'local',
        'not-attributable',
      ]),
    )
    .option('--json', 'print one JSON object a line')
    .action(async (options: GlobalOptions & { since?: number; verdict?: string; json?: true }) => {
      await asked(around, options, async (ctx) => {
        const rows = await listIncidents(ctx, {
          sinceMs: options.since ?? null,
          verdict: options.verdict ?? null,
        });
        if (options.json === true)
          for (const row of rows) output.write(`${JSON.stringify(incidentRowJson(row))}\n`);
        else if (rows.length === 0) output.write('No incidents in the logs that were read.\n');
        else output.write(`${incidentLines(output, rows).join('\n')}\n`);
      });
    });

  const inContext = <Result>(
    options: GlobalOptions,
    work: (ctx: Context) => Promise<Result>,
  ): Promise<Result> => withContext(around, options, work);
  const answering = <Result>(
    options: GlobalOptions,
    work: (ctx: Context) => Promise<Result>,
  ): Promise<Result> => asked(around, options, work);
  addRulesCommand(
    command('rules', 'list the rules that fired: where, how often, for how many visitors'),
    output,
    answering,
  );
  addCausesCommands(command, { output, withContext: inContext, asked: answering, author: around.author });
  addDoctorCommand(
    command('doctor', 'tell what works on this server, what does not, and how to mend it'),
    output,
    { withContext: answering, exit },
  );
  addPreviewCommand(command, output, answering);
  addReportCommand(command, { output, asked: answering, exit });
  const acting = {
    ...{ output, withContext: inContext, asked: answering, exit },
    ...{ ask: around.ask, author: around.author, address: around.address ?? null },
  };
  addExcludeCommands<GlobalOptions>(command, acting);
  addFirewallCommands<GlobalOptions>(command, acting);
  addMarkCommands<GlobalOptions>(command, acting);
  addMailCommand<GlobalOptions>(command, { ...acting, sendTrial: around.sendTrial });
  addHookCommand<GlobalOptions>(command, acting);

  addSearchOptions(
    command('search [regex]', 'search the logs: the newest lines that a pattern and the other options find'),
  ).action(async (pattern: string | undefined, options: SearchArgs) => {
    exit(await around.search({ ...options, pattern }, (work) => asked(around, options, work)));
  });

  command('ingest', 'read what is new in the logs')
    .option('--no-judge', 'leave it to the service to judge what is new')
    .option('--json', 'print one JSON object')
    .action(async (options: GlobalOptions & { json?: true; judge: boolean }) => {
      await withContext(around, options, async (ctx) => {
        const { report, clock } = await refresh(ctx);
        if (options.judge) await settleAll(ctx, clock, JUDGED_AT_ONCE);
        await retentionRound(ctx, clock, RETENTION_MS);
        const indexed = await around.indexLogs(ctx, options);
        const counts = ctx.store.transactions.counts();
        if (options.json === true)
          output.write(
            `${JSON.stringify({ bytes: report.bytes, files: report.files, transactions: counts.withHits, indexedBytes: indexed, problems: report.problems })}\n`,
          );
        else
          output.write(
            `${report.bytes} bytes read from ${report.files} files; ${counts.withHits} transactions with rule hits are kept.${indexed === 0 ? '' : ` The clients in ${indexed} bytes of big logs were indexed.`}\n`,
          );
        const waiting = ctx.store.incidentPages.waiting();
        if (waiting > 0)
          output.note(
            `whyblocked: ${waiting} incidents are not judged yet; the service, or the next \`whyblocked ingest\`, goes on with them.\n`,
          );
        for (const { path, problem } of report.problems)
          output.note(`whyblocked: ${safeText(path)}: ${problem}\n`);
        if (report.problems.length > 0) exit(1);
      });
    });

  addBackupCommand(
    command(
      'backup <file>',
      'write a checked copy of the database into a new file, also while the service runs',
    ),
    output,
    inContext,
  );

  command('activity', 'list every act that changed something, newest first')
    .option('--json', 'print one JSON object a line')
    .action(async (options: GlobalOptions & { json?: true }) => {
      await asked(around, options, async (ctx) => {
        for (const row of await activityRows(ctx)) {
          output.write(
            options.json === true
              ? `${JSON.stringify(row)}\n`
              : safeText(`${row.at}  ${row.who}  ${row.act}  ${row.detail}  ${row.result}`) + '\n',
          );
        }
      });
    });

  addServeCommands(program, around);
  return program;
}
