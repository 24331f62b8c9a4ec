// `whyblocked report`: one incident as a text for a ticket, or for the issue form of the CRS project.
import { type Command, Option } from 'commander';
import type { Context } from '../actions/context.ts';
import { BadInput, Refused } from '../actions/errors.ts';
import { makeReport } from '../actions/report.ts';
import { readReportTarget } from '../actions/report-target.ts';
import { type ReportFormat, reportText } from '../actions/report-text.ts';
import type { ReportAnswer } from '../actions/report-view.ts';
import type { GlobalOptions } from './global-options.ts';
import { type Output, safeText } from './terminal.ts';

interface ReportArgs extends GlobalOptions {
  readonly from?: string;
  readonly vhost?: string;
  readonly format: ReportFormat;
  readonly crs?: true;
  readonly hideAddress?: true;
  readonly nameServer?: true;
  readonly json?: true;
}

interface Tools {
  readonly output: Output;
  /** Opens the database for some work and closes it again. */
  readonly asked: (options: GlobalOptions, work: (ctx: Context) => Promise<void>) => Promise<void>;
  readonly exit: (code: number) => void;
}

/** Adds the command; `command` makes one with the options that every command takes. */
export function addReportCommand(
  command: (usage: string, description: string) => Command,
  { output, asked, exit }: Tools,
): void {
  command('report <address>', 'write up one incident for a ticket, without secrets and without other sites')
    .option(
      '--from <time>',
      'which of its incidents, e.g. "2026-11-22 17:30" (that of the block unless said)',
    )
    .option('--vhost <domain>', 'whose site it is for; needed where several accounts were touched')
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices(['markdown', 'plain', 'html'])
        .default('plain'),
    )
    .option('--crs', 'a false alarm for the issue form of the CRS project instead')
    .option('--hide-address', 'show the net (/24, IPv6 /48) instead of the address')
    .option('--name-server', 'name this server in it')
    .option('--json', 'print one JSON object')
    .action(async (text: string, options: ReportArgs) => {
      await asked(options, async (ctx) => {
        const target = await readReportTarget(ctx, text);
        const answer = await makeReport(ctx, {
          address: target.address,
          from: options.from ?? target.from,
          vhost: options.vhost ?? null,
          kind: options.crs === true ? 'crs' : 'customer',
          hideAddress: options.hideAddress === true,
          nameServer: options.nameServer === true,
        });
        exit(print(output, answer, options));
      });
    });
}

/** Prints it; gives the exit code. Throws where nothing can be printed. */
function print(output: Output, answer: ReportAnswer, { format, json }: ReportArgs): number {
  switch (answer.state) {
    case 'choose': {
      const names = answer.touched.map(({ vhost, account }) => `${vhost} (${account ?? 'no account'})`);
      throw new BadInput(
        `The incident touched sites of several accounts. Say with --vhost whose report it is: ${names.join(', ')}.`,
        'vhost',
      );
    }
    case 'refused':
      throw new Refused(answer.why);
    case 'made':
      break;
    default:
      output.note(`whyblocked: ${safeText(answer.why)}\n`);
      return answer.state === 'no-trace' ? 3 : 4;
  }
  const { report } = answer;
  const text = reportText(report, format);
  if (json === true) {
    const { kind, incident, vhost, verdict, masked } = report;
    output.write(`${JSON.stringify({ kind, incident, vhost, verdict, masked, format, text })}\n`);
  } else {
    output.write(safeText(text));
    if (report.masked > 0)
      output.note(
        `whyblocked: ${report.masked} ${report.masked === 1 ? 'text of it looked' : 'texts of it looked'} like a secret and ${report.masked === 1 ? 'is' : 'are'} masked.\n`,
      );
  }
  return 0;
}
