// `whyblocked mark`, `marks`, `unmark`: what the admin says of an address or a cause, shown, said and taken back.
import { type Command, Option } from 'commander';
import type { Context } from '../actions/context.ts';
import { BadInput } from '../actions/errors.ts';
import { readableTime } from '../actions/iso-time.ts';
import { listMarks, oneMark } from '../actions/mark-list.ts';
import { MARK_KINDS, markAs } from '../actions/mark-words.ts';
import { checkMark, endMark, makeMark } from '../actions/marks.ts';
import type { MarkRequest, MarkRow, MarksView } from '../actions/marks-view.ts';
import { type Output, safeText } from './terminal.ts';

/** What these commands need of the program. */
interface MarkSurroundings<Options> {
  readonly output: Output;
  readonly withContext: <Result>(
    options: Options,
    work: (ctx: Context) => Promise<Result>,
  ) => Promise<Result>;
  /** As `withContext`, for what only asks. */
  readonly asked: <Result>(options: Options, work: (ctx: Context) => Promise<Result>) => Promise<Result>;
  /** Asks at the terminal; null without one. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** The account that acts, for the activity. */
  readonly author: string;
}

interface MarkArgs {
  readonly as?: string;
  readonly cause?: string;
  readonly note?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** More marks than anybody reads at a terminal. */
const MOST_PAGES = 100;

/** Adds the commands. */
export function addMarkCommands<Options>(
  command: (usage: string, description: string) => Command,
  around: MarkSurroundings<Options>,
): void {
  const { output, author } = around;
  command(
    'mark [ip|net]',
    'say what an address is; that holds for it alone, and is kept in the database of Whyblocked, not on the server',
  )
    .addOption(new Option('--as <kind>', 'what it is').choices(MARK_KINDS))
    .option('--cause <id>', 'a cause instead of an address; goes with --as false-alarm')
    .option('--note <text>', 'a note of at most 500 characters')
    .option('--yes', 'do it without asking')
    .option('--json', 'print one JSON object')
    .action(async (target: string | undefined, args: Options & MarkArgs) => {
      const request = requestOf(target, args);
      await around.withContext(args, async (ctx) => {
        await markCommand(ctx, request, args, around);
      });
    });

  command('marks', 'list what was said of addresses and causes, and how many incidents there were since')
    .option('--ended', 'those that were taken back')
    .option('--json', 'print one JSON object')
    .action(async (args: Options & { readonly ended?: true; readonly json?: true }) => {
      await around.asked(args, async (ctx) => {
        const { counts, rows } = await allMarks(ctx, args.ended === true ? 'ended' : 'active');
        if (args.json === true) output.write(`${JSON.stringify({ marks: rows, counts })}\n`);
        else output.write(`${[...markLines(rows), countLine(counts)].join('\n')}\n`);
      });
    });

  command('unmark <id>', 'take a mark back; it stays in the list of those that were')
    .option('--json', 'print one JSON object')
    .action(async (id: string, args: Options & { readonly json?: true }) => {
      if (!/^[1-9]\d{0,14}$/.test(id))
        throw new BadInput(`${id.slice(0, 40)} is no mark’s number. \`whyblocked marks\` lists them.`);
      await around.withContext(args, async (ctx) => {
        const mark = endMark(ctx, Number(id), { who: author, address: null });
        if (args.json === true) output.write(`${JSON.stringify(await oneMark(ctx, mark))}\n`);
        else
          output.write(
            `${mark.subject === 'cause' ? `Cause ${mark.about}` : mark.about} is not marked as ${markAs(mark.kind)} any more.\n`,
          );
      });
    });
}

function requestOf(target: string | undefined, { as: kind, cause, note = '' }: MarkArgs): MarkRequest {
  if ((target === undefined) === (cause === undefined))
    throw new BadInput('Name an address, a net, or a cause with --cause: one of them.');
  if (kind === undefined) throw new BadInput(`Say what it is with --as: ${MARK_KINDS.join(', ')}.`);
  return target === undefined
    ? { subject: 'cause', about: cause ?? '', kind, note }
    : { subject: 'address', about: target, kind, note };
}

async function markCommand<Options>(
  ctx: Context,
  request: MarkRequest,
  args: MarkArgs,
  { output, ask, author }: MarkSurroundings<Options>,
): Promise<void> {
  const { about, kind, subject } = checkMark(ctx, request);
  const what = `${subject === 'cause' ? `cause ${about}` : about} as ${markAs(kind)}`;
  if (args.yes !== true) {
    if (ask === null) {
      output.write(`Nothing was changed: this is a dry run. Mark ${what} with --yes.\n`);
      return;
    }
    if (!/^y(?:es)?$/i.test((await ask(`Mark ${what}? [y/N] `)).trim())) {
      output.write('Nothing was changed.\n');
      return;
    }
  }
  const mark = makeMark(ctx, request, { who: author, address: null });
  if (args.json === true) output.write(`${JSON.stringify(await oneMark(ctx, mark))}\n`);
  else
    output.write(
      `Marked ${what} (mark ${mark.id}). Nothing was changed on the server. Take it back: whyblocked unmark ${mark.id}\n`,
    );
}

async function allMarks(ctx: Context, show: 'active' | 'ended'): Promise<Pick<MarksView, 'rows' | 'counts'>> {
  const rows: MarkRow[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const view = await listMarks(ctx, { show, page });
    rows.push(...view.rows);
    if (page >= view.pages) return { rows, counts: view.counts };
  }
  return { rows, counts: [] };
}

function markLines(rows: readonly MarkRow[]): string[] {
  if (rows.length === 0) return ['No such mark.'];
  const width = Math.max(15, ...rows.map(({ about }) => about.length));
  return rows.map((row) => {
    const what = row.subject === 'cause' ? `cause ${row.about}` : row.about;
    const note = row.note === '' ? '' : `: ${row.note}`;
    const since = `${row.incidentsSince} ${row.incidentsSince === 1 ? 'incident' : 'incidents'} since`;
    const end =
      row.endedAt === null ? '' : `, taken back ${readableTime(row.endedAt)} by ${row.endedBy ?? ''}`;
    return safeText(
      `${String(row.id).padStart(4)}  ${what.padEnd(width)}  ${row.kind.padEnd(11)}  ${readableTime(row.at)}  ${row.author}  ${since}${end}${note}`,
    );
  });
}

function countLine(counts: MarksView['counts']): string {
  const said = counts.map(
    ({ subject, kind, active, ever }) =>
      `${kind}${subject === 'cause' ? ' (causes)' : ''} ${active} now, ${ever} ever`,
  );
  return said.length === 0 ? 'Nothing was ever marked.' : `Counted: ${said.join('; ')}.`;
}
