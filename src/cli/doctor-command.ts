// `whyblocked doctor`: what works on this server, what does not, and how to mend it.
import type { Command } from 'commander';
import type { Context } from '../actions/context.ts';
import { examine, redacted } from '../actions/doctor.ts';
import { reportText } from '../actions/doctor-text.ts';
import type { Check, CheckState, DoctorReport } from '../actions/doctor-view.ts';
import type { GlobalOptions } from './global-options.ts';
import { type Output, safeText, styled } from './terminal.ts';

/** Opens the database for some work and closes it again. */
type WithContext = (options: GlobalOptions, work: (ctx: Context) => Promise<void>) => Promise<void>;

interface DoctorArgs extends GlobalOptions {
  readonly json?: true;
  readonly redact?: true;
}

const STYLES: Readonly<Record<CheckState, Parameters<typeof styled>[1]>> = {
  fail: 'red',
  warn: 'yellow',
  unknown: 'dim',
  info: 'dim',
  ok: 'green',
};

/** Fills in the command `doctor`; `exit` is called with 1 when something does not work. */
export function addDoctorCommand(
  command: Command,
  output: Output,
  { withContext, exit }: { readonly withContext: WithContext; readonly exit: (code: number) => void },
): void {
  command
    .option('--json', 'print one JSON object')
    .option('--redact', 'leave out names of hosts, accounts and addresses: a text that can be sent')
    .action(async (args: DoctorArgs) => {
      await withContext(args, async (ctx) => {
        const whole = await examine(ctx);
        const report = args.redact === true ? redacted(ctx, whole) : whole;
        output.write(args.json === true ? `${JSON.stringify(report)}\n` : textOf(output, report));
        if (report.counts.fail > 0) exit(1);
      });
    });
}

/** Only the words of the states are ours to colour: what was found is made safe first. */
function textOf(output: Output, report: DoctorReport): string {
  const safe = {
    ...report,
    checks: report.checks.map(safeCheck),
    sources: report.sources.map((source) => ({ ...source, samples: source.samples.map(oneLine) })),
  };
  return reportText(safe, (word, state) => styled(output, STYLES[state], word));
}

function safeCheck(check: Check): Check {
  const { title, found, means, mend } = check;
  return {
    ...check,
    title: safeText(title),
    found: oneLine(found),
    means: safeText(means),
    mend: mend === null ? null : safeText(mend),
  };
}

function oneLine(text: string): string {
  return safeText(text).replaceAll('\n', ' ');
}
