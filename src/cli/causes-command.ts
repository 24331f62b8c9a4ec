// `whyblocked causes` and `whyblocked cause`: what is noisy, where, for how many people; and what is made of it.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { setCauseState } from '../actions/cause-states.ts';
import { allCauses, readCause } from '../actions/causes.ts';
import type { CauseChange, CausePageView, CauseRow, CausesFilter } from '../actions/causes-view.ts';
import type { Context } from '../actions/context.ts';
import { BadInput } from '../actions/errors.ts';
import { freshCauses } from '../actions/fresh-causes.ts';
import { readableTime } from '../actions/iso-time.ts';
import type { GlobalOptions } from './global-options.ts';
import { type Output, safeText, styled, wrap } from './terminal.ts';

/** What these commands need of the program. */
export interface CausesSurroundings {
  readonly output: Output;
  readonly withContext: (options: GlobalOptions, work: (ctx: Context) => Promise<void>) => Promise<void>;
  /** As `withContext`, for what only asks. */
  readonly asked: (options: GlobalOptions, work: (ctx: Context) => Promise<void>) => Promise<void>;
  /** The account that acts, for the activity. */
  readonly author: string;
}

interface CausesArgs extends GlobalOptions {
  readonly vhost?: string;
  readonly rule?: string;
  /** `--state` is the folder of the database. */
  readonly status: CausesFilter['state'];
  readonly json?: true;
}

interface CauseArgs extends GlobalOptions {
  readonly status?: CauseChange['state'];
  readonly until?: number;
  readonly note?: string;
  readonly json?: true;
}

const COLOURS = { noisy: 'red', watch: 'yellow', leave: 'dim' } as const;
const SHOWN_VISITORS = 20;

/** Adds both commands; `command` makes one with the options that every command takes. */
export function addCausesCommands(
  command: (usage: string, description: string) => Command,
  around: CausesSurroundings,
): void {
  command('causes', 'list the causes of rule hits: what is noisy, where, for how many people')
    .option('--vhost <domain>', 'only those on the vhost of this domain')
    .option('--rule <id>', 'only those of this rule')
    .addOption(
      new Option('--status <state>', 'only those in this state; open: new, known or reopened')
        .choices(['open', 'all', 'new', 'known', 'ignored', 'fixed', 'reopened'])
        .default('open'),
    )
    .option('--json', 'print one JSON object a line')
    .action((options: CausesArgs) => around.asked(options, (ctx) => list(ctx, options, around.output)));

  command('cause <number>', 'show a cause, or say what you make of it')
    .addOption(
      new Option('--status <state>', 'what it is from now on').choices(['new', 'known', 'ignored', 'fixed']),
    )
    .option('--until <count>', 'with ignored: until so many more ordinary visitors', parseCount)
    .option('--note <text>', 'why; needed for ignored and fixed')
    .option('--json', 'print one JSON object')
    .action((number: string, options: CauseArgs) =>
      (options.status === undefined ? around.asked : around.withContext)(options, (ctx) =>
        one(ctx, number, options, around),
      ),
    );
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return Number(text);
}

async function list(ctx: Context, options: CausesArgs, output: Output): Promise<void> {
  await freshCauses(ctx);
  const { vhost = null, rule = null, status: state } = options;
  const rows = await allCauses(ctx, { vhost, ruleId: rule, state, text: '', days: 14, page: 1 });
  const lines =
    options.json === true ? rows.map((row) => `${JSON.stringify(row)}\n`) : causeLines(output, rows);
  output.write(lines.join(''));
}

/** The table; columns as their heads say. */
function causeLines(output: Output, rows: readonly CauseRow[]): string[] {
  if (rows.length === 0) return ['No causes of this kind in the last 14 days.\n'];
  const head = `${'Cause'.padStart(6)} ${'Score'.padStart(5)} ${'People'.padStart(6)} ${'Visitors'.padStart(8)} ${'Refused'.padStart(7)} ${'Attacks'.padStart(7)}  Where\n`;
  return [head, ...rows.map((row) => lineOf(output, row))];
}

function lineOf(output: Output, row: CauseRow): string {
  const { id, score, ordinary, visitors, refused, attackShare, band } = row;
  const numbers = [
    String(id).padStart(6),
    score.toFixed(1).padStart(5),
    String(ordinary).padStart(6),
    String(visitors).padStart(8),
    String(refused).padStart(7),
    `${Math.round(attackShare * 100)} %`.padStart(7),
  ].join(' ');
  const state = row.state === 'new' ? '' : ` (${row.stateWords})`;
  const place = `rule ${row.ruleId} at ${row.target ?? 'a field that the logs do not name'} of ${row.path ?? 'an unknown path'}`;
  return `${styled(output, COLOURS[band], numbers)}  ${safeText(`${vhostWords(row)}: ${place}${state}`)}\n`;
}

function vhostWords({ vhost }: CauseRow): string {
  return vhost === '' ? 'names that nobody owns' : vhost;
}

async function one(
  ctx: Context,
  number: string,
  options: CauseArgs,
  { output, author }: CausesSurroundings,
): Promise<void> {
  const { status: state, until, note, json } = options;
  if (!/^[1-9]\d{0,14}$/.test(number))
    throw new BadInput(`${number.slice(0, 40)} is no cause’s number. \`whyblocked causes\` lists them.`);
  if (state === undefined && (until !== undefined || note !== undefined))
    throw new BadInput('--until and --note go with --status.');
  const id = Number(number);
  if (state === undefined) await freshCauses(ctx);
  else
    await setCauseState(
      ctx,
      id,
      { state, until: until ?? null, note: note ?? '' },
      { who: author, address: null },
    );
  const page = await readCause(ctx, id);
  if (page === null) throw new BadInput(`There is no cause ${id}. \`whyblocked causes\` lists them.`);
  if (json === true) output.write(`${JSON.stringify(page)}\n`);
  else output.write(`${pageLines(output, page).map(safeText).join('\n')}\n`);
}

function pageLines(output: Output, { cause, visitors, moreVisitors }: CausePageView): string[] {
  const wide = (text: string): string => wrap(text, output.width);
  const { ruleId, title, target, path, hits, refused, decisive, ordinary } = cause;
  const shown = visitors.slice(0, SHOWN_VISITORS);
  const rest = visitors.length - shown.length + moreVisitors;
  const at = target === null ? '' : ` at ${target}`;
  return [
    wide(
      `Cause ${cause.id}: rule ${ruleId} (${title})${at} of ${path ?? 'an unknown path'} on ${vhostWords(cause)}.`,
    ),
    wide(`State: ${cause.stateWords}${cause.stateBy === null ? '' : `, by ${cause.stateBy}`}.`),
    wide(
      `14 days: ${counted(hits, 'request')} hit, ${refused} refused, ${decisive} of them would have passed without it; ${counted(cause.visitors, 'visitor')}, ordinary ones from ${counted(ordinary, 'network')}; ${cause.blockedNow} blocked now.`,
    ),
    `Score ${cause.score.toFixed(1)} (${cause.band}):`,
    ...cause.scoreParts.map(({ words, value }) => `  ${value.toFixed(1).padStart(5)}  ${words}`),
    wide(cause.advice.words),
    ...(cause.advice.risk === '' ? [] : [wide(`Risk: ${cause.advice.risk}`)]),
    ...shown.map(
      (one) =>
        `  ${one.client.padEnd(39)} ${one.label.padEnd(14)} ${String(one.refused).padStart(4)} refused, last ${readableTime(one.lastAt)}, ${one.firewall}`,
    ),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
