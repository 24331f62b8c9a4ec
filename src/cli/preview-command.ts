// `whyblocked preview`: an exclusion tried on the recorded requests; nothing is changed.
import type { Command } from 'commander';
import type { Context } from '../actions/context.ts';
import type { Preview, PreviewRow } from '../actions/exclusion-view.ts';
import { readableTime } from '../actions/iso-time.ts';
import { previewScope } from '../actions/preview.ts';
import { formFor } from '../actions/preview-rules.ts';
import { readPreviewWindow } from '../actions/preview-window.ts';
import { refresh } from '../actions/refresh.ts';
import { readScope } from '../actions/scope-request.ts';
import type { GlobalOptions } from './global-options.ts';
import { addScopeOptions, scopeFieldsOf, type ScopeArgs } from './scope-options.ts';
import { type Output, safeText, styled, wrap } from './terminal.ts';

/** Opens the database for some work and closes it again. */
type WithContext = (options: GlobalOptions, work: (ctx: Context) => Promise<void>) => Promise<void>;

interface PreviewArgs extends GlobalOptions, ScopeArgs {
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

const SHOWN = 20;
/** Rows in the JSON at most: what one answer can hold in memory. */
const MOST_JSON = 100_000;
const COLOURS = { passes: 'green', blocked: 'red', bound: 'yellow' } as const;
const WORDS = { passes: 'passes', blocked: 'blocked', bound: 'not certain' } as const;

/** Adds the command; `command` makes one with the options that every command takes. */
export function addPreviewCommand(
  command: (usage: string, description: string) => Command,
  output: Output,
  withContext: WithContext,
): void {
  addScopeOptions(command('preview', 'try an exclusion on the recorded requests; changes nothing'))
    .option(
      '--from <time>',
      'only requests from this time on, e.g. "2026-11-22 17:30", -2d (14 days unless said)',
    )
    .option('--to <time>', 'only requests up to this time')
    .option('--json', 'print one JSON object')
    .action(async (options: PreviewArgs) => {
      await withContext(options, async (ctx) => {
        const scope = readScope(ctx, scopeFieldsOf(options));
        const { clock } = await refresh(ctx);
        const window = readPreviewWindow(ctx, clock, options.from ?? null, options.to ?? null);
        const most = options.json === true ? MOST_JSON : SHOWN;
        const preview = await previewScope(ctx, { scope, form: formFor(ctx, scope) }, { window, most });
        if (options.json === true) output.write(`${JSON.stringify(preview)}\n`);
        else output.write(`${previewLines(output, preview).join('\n')}\n`);
      });
    });
}

/** A preview as text: the sentence, totals, verdicts, lfd's blocks, what it cannot tell, and its first rows. */
export function previewLines(output: Output, preview: Preview): string[] {
  const { exclusion, window, totals, byVerdict, blocks, caveats, transactions } = preview;
  const { passes, blocked, bound } = totals;
  const lines = [
    styled(output, 'bold', safeText(`${exclusion.words}.`)),
    safeText(
      `Tried on ${readableTime(window.from)} to ${readableTime(window.to)}: ${preview.refused} refused, ${preview.touched} touched.`,
    ),
    '',
    wrap(safeText(preview.sentence), output.width),
    '',
    `${'Incident'.padEnd(18)} passes  blocked  not certain`,
    ...Object.entries(byVerdict).map(([label, counts]) => countLine(label, counts)),
    countLine('all', { passes, blocked, bound }),
  ];
  if (blocks.length > 0) lines.push('', ...blocks.map(blockLine));
  lines.push('', ...caveats.map(({ sentence }) => wrap(safeText(`- ${sentence}`), output.width, 2)));
  const rows = transactions.slice(0, SHOWN);
  if (rows.length > 0) lines.push('', ...rows.flatMap((row) => rowLines(output, row)));
  const more = preview.refused - rows.length;
  if (more > 0) lines.push(`${more} more; --json lists them.`);
  return lines;
}

function countLine(label: string, counts: Preview['totals']): string {
  const numbers = [counts.passes, counts.blocked, counts.bound].map(String);
  const [passes = '', blocked = '', bound = ''] = numbers;
  return `${label.padEnd(18)} ${passes.padStart(6)}  ${blocked.padStart(7)}  ${bound.padStart(11)}`;
}

function blockLine({ address, at, count, limit, left, happens }: Preview['blocks'][number]): string {
  const end = {
    yes: 'it would have been blocked all the same',
    no: 'this block would not have happened',
    uncertain: 'whether it would have been blocked is not certain',
  }[happens];
  const of = limit === null ? '' : `, limit ${limit}`;
  return safeText(
    `lfd blocked ${address} on ${readableTime(at)}: ${count} refusals, ${left} left${of}: ${end}.`,
  );
}

function rowLines(output: Output, row: PreviewRow): string[] {
  const outcome = styled(output, COLOURS[row.outcome], WORDS[row.outcome].padEnd(11));
  const uri = (row.uri ?? '').slice(0, 200);
  return [
    `${outcome} ${safeText(`${readableTime(row.at)}  ${row.ip}  ${row.method ?? ''} ${uri}`)}`,
    safeText(`            ${row.reason} (${row.verdict ?? 'not judged'}, ${row.uniqueId})`),
  ];
}
