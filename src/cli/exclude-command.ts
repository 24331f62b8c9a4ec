// `whyblocked exclude`, `edit`, `revert`, `adopt`, `keep`, `exclusions`, `reconcile`: what is switched off, shown, done and taken back.
import { type Command, InvalidArgumentError } from 'commander';
import { carryOut } from '../actions/act.ts';
import type { Order } from '../actions/act-desk.ts';
import type { Context } from '../actions/context.ts';
import { BadInput } from '../actions/errors.ts';
import { countUses } from '../actions/exclusion-uses.ts';
import { actTime, defaultEnd, isRuleWide, readReason } from '../actions/exclude.ts';
import { changeSentence, changeView } from '../actions/exclusion-list.ts';
import { keepOwnFile } from '../actions/drift.ts';
import { adoptOrder, adoptOwnOrder, editOrder, excludeOrder, revertOrder } from '../actions/orders.ts';
import { type Offer, offer } from '../actions/offer.ts';
import { listExclusions } from '../actions/exclusion-lists.ts';
import { reconcile } from '../actions/reconcile.ts';
import { refresh } from '../actions/refresh.ts';
import { readScope, vhostNamed } from '../actions/scope-request.ts';
import { readZone } from '../actions/server.ts';
import { exclusionLines, offerLines, offerJson } from './exclusion-text.ts';
import { addScopeOptions, scopeFieldsOf, type ScopeArgs } from './scope-options.ts';
import { type Output, safeText } from './terminal.ts';

/** What these commands need of the program. */
export interface ExcludeSurroundings<Options> {
  readonly output: Output;
  readonly withContext: <Result>(
    options: Options,
    work: (ctx: Context) => Promise<Result>,
  ) => Promise<Result>;
  /** As `withContext`, for what only asks. */
  readonly asked: <Result>(options: Options, work: (ctx: Context) => Promise<Result>) => Promise<Result>;
  readonly exit: (code: number) => void;
  /** Asks at the terminal; null without one. */
  readonly ask: ((question: string) => Promise<string>) | null;
  /** The account that acts, for the ledger. */
  readonly author: string;
  /** From where whoever acts is connected, where that is known. */
  readonly address?: string | null;
}

interface ActArgs {
  readonly reason?: string;
  readonly yes?: true;
  readonly json?: true;
}

type ExcludeArgs = ScopeArgs & ActArgs & { readonly expires?: Ends };

/** Until when, as --expires says it. */
type Ends = { readonly after: number } | 'never';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseEnds(text: string): Ends {
  if (text === 'never') return 'never';
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const each = UNITS[unit];
  if (each === undefined || Number(count) === 0)
    throw new InvalidArgumentError('Give a number and m, h or d, e.g. 30d, or never.');
  return { after: Number(count) * each };
}

function endOf(ctx: Context, args: ExcludeArgs, kind: Parameters<typeof defaultEnd>[0]): number | null {
  const now = actTime(ctx);
  if (args.expires === undefined) return defaultEnd(kind, now);
  return args.expires === 'never' ? null : now + args.expires.after;
}

/** The end that an exclusion gets: the one it has unless another is said. */
function newEnd(ctx: Context, id: string, { expires }: ExcludeArgs): number | null {
  if (expires === undefined) return ctx.store.exclusions.byId(numberOf(id))?.expiresAt ?? null;
  return expires === 'never' ? null : actTime(ctx) + expires.after;
}

/** Adds the commands. */
export function addExcludeCommands<Options>(
  command: (usage: string, description: string) => Command,
  around: ExcludeSurroundings<Options>,
): void {
  const { output } = around;
  addScopeOptions(command('exclude', 'switch a rule off for one vhost; shows first what that would change'))
    .option('--reason <text>', 'why; stays in the file and in the activity')
    .option(
      '--expires <span>',
      'when it ends: 30d, 12h, never (rule-wide ones end after 30d unless said)',
      parseEnds,
    )
    .option('--yes', 'do it without asking')
    .option('--json', 'print one JSON object')
    .action(async (args: Options & ExcludeArgs) => {
      await around.withContext(args, async (ctx) => {
        await excludeCommand(ctx, args, around);
      });
    });

  command('revert <id>', 'take an exclusion back')
    .option('--reason <text>', 'why; stays in the activity')
    .option('--yes', 'do it without asking')
    .option('--json', 'print one JSON object')
    .action(async (id: string, args: Options & ActArgs) => {
      await around.withContext(args, async (ctx) => {
        const order = revertOrder(ctx, [numberOf(id)], { author: around.author, reason: reasonOf(args) });
        await confirmAndDo(ctx, order, args, { ...around, what: `Take exclusion ${id} back` });
      });
    });

  command('edit <id>', 'give an exclusion another end or reason')
    .option('--reason <text>', 'why; stays in the file and in the activity')
    .option('--expires <span>', 'when it ends, from now: 30d, 12h, never; as before unless said', parseEnds)
    .option('--yes', 'do it without asking')
    .option('--json', 'print one JSON object')
    .action(async (id: string, args: Options & ExcludeArgs) => {
      await around.withContext(args, async (ctx) => {
        const change = { author: around.author, reason: reasonOf(args), expiresAt: newEnd(ctx, id, args) };
        const order = editOrder(ctx, numberOf(id), change);
        await confirmAndDo(ctx, order, args, { ...around, what: `Change exclusion ${id}` });
      });
    });

  command('keep <vhost>', 'leave a file that was changed by hand as it is; Whyblocked then does not touch it')
    .option('--reason <text>', 'why; stays in the activity')
    .option('--yes', 'do it without asking')
    .option('--json', 'print one JSON object')
    .action(async (name: string, args: Options & ActArgs) => {
      await around.withContext(args, async (ctx) => {
        const place = vhostNamed(ctx, name);
        const reason = readReason(reasonOf(args));
        if (!(await isConfirmed(args, { ...around, what: `Keep the file of ${place.vhost} as it is` })))
          return;
        const sentence = keepOwnFile(ctx, place, { author: around.author, reason });
        output.write(
          args.json === true ? `${JSON.stringify({ applied: true, sentence })}\n` : `${safeText(sentence)}\n`,
        );
      });
    });

  command(
    'adopt <key>',
    'take over an exclusion that others left; the key is that of `exclusions`, or a vhost whose file was changed by hand',
  )
    .option('--reason <text>', 'why; stays in the file and in the activity')
    .option('--yes', 'do it without asking')
    .option('--json', 'print one JSON object')
    .action(async (key: string, args: Options & ActArgs) => {
      await around.withContext(args, async (ctx) => {
        const who = { author: around.author, reason: reasonOf(args) };
        const isVhost = ctx.host.vhosts().some(({ domain, vhost }) => key === domain || key === vhost);
        const order = await (isVhost ? adoptOwnOrder(ctx, key, who) : adoptOrder(ctx, key, who));
        await confirmAndDo(ctx, order, args, { ...around, what: `Take ${safeText(key)} over` });
      });
    });

  command('exclusions', 'list what is switched off: by Whyblocked, by others, and what is not as it was left')
    .option('--json', 'print one JSON object')
    .action(async (args: Options & { readonly json?: true }) => {
      await around.asked(args, async (ctx) => {
        await refresh(ctx);
        const view = await listExclusions(ctx);
        if (args.json === true) output.write(`${JSON.stringify(view)}\n`);
        else output.write(`${exclusionLines(output, view).join('\n')}\n`);
      });
    });

  command('reconcile', 'tidy up: what was interrupted, what has ended, what is not as it was left')
    .option('--json', 'print one JSON object')
    .action(async (args: Options & { readonly json?: true }) => {
      await around.withContext(args, async (ctx) => {
        await refresh(ctx);
        await countUses(ctx, actTime(ctx));
        const { done, problems } = await reconcile(ctx);
        const { drift } = await listExclusions(ctx);
        const open = [...problems, ...drift.map(({ vhost, text }) => `${vhost}: ${text}`)];
        if (args.json === true) output.write(`${JSON.stringify({ done, problems, drift })}\n`);
        else if (done.length + open.length === 0) output.write('All is as it was left.\n');
        else output.write(`${safeText([...done, ...open].join('\n'))}\n`);
        if (open.length > 0) around.exit(1);
      });
    });
}

function numberOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new BadInput(
      `${text.slice(0, 40)} is no exclusion’s number. \`whyblocked exclusions\` lists them.`,
    );
  return Number(text);
}

function reasonOf({ reason }: ActArgs): string {
  if (reason === undefined) throw new BadInput('Say why with --reason TEXT: it stays in the activity.');
  return reason;
}

async function excludeCommand<Options>(
  ctx: Context,
  args: ExcludeArgs,
  around: ExcludeSurroundings<Options>,
): Promise<void> {
  const { output, ask } = around;
  const fields = scopeFieldsOf(args);
  await refresh(ctx);
  const scope = readScope(ctx, fields);
  const expiresAt = endOf(ctx, args, scope);
  const offered = await offer(ctx, scope, expiresAt);
  const isDry = args.yes !== true && ask === null;
  if (args.json !== true) output.write(`${offerLines(offered).join('\n')}\n`);
  if (!offered.allowed || isDry) {
    if (args.json === true) output.write(`${JSON.stringify({ applied: false, ...offerJson(offered) })}\n`);
    else if (offered.allowed)
      output.write('\nNothing was changed: this is a dry run. Add --reason TEXT and --yes to apply it.\n');
    if (!offered.allowed) around.exit(1);
    return;
  }
  const reason = reasonOf(args);
  const typed = args.yes === true ? scope.vhost : await confirmed(offered, ask);
  if (typed === null) {
    output.write('Nothing was changed.\n');
    return;
  }
  const order = await excludeOrder(ctx, { scope: fields, reason, author: around.author, expiresAt, typed });
  await doOrder(ctx, order, args, { ...around, also: offerJson(offered) });
}

/** What was typed to confirm; null when it was not confirmed. */
async function confirmed(
  { scope }: Offer,
  ask: ((question: string) => Promise<string>) | null,
): Promise<string | null> {
  if (ask === null) return null;
  if (isRuleWide(scope)) {
    const typed = await ask(`Type ${scope.vhost} to apply it: `);
    return typed.trim().toLowerCase() === scope.vhost ? scope.vhost : null;
  }
  const answer = await ask(`Apply it to ${scope.vhost}? [y/N] `);
  return /^y(?:es)?$/i.test(answer.trim()) ? scope.vhost : null;
}

async function confirmAndDo<Options>(
  ctx: Context,
  order: Order,
  args: ActArgs,
  around: ExcludeSurroundings<Options> & { readonly what: string },
): Promise<void> {
  if (await isConfirmed(args, around)) await doOrder(ctx, order, args, { ...around, also: {} });
}

/** Whether it is to be done: said with --yes, or typed. Says so when it is not. */
async function isConfirmed<Options>(
  args: ActArgs,
  { ask, output, what }: ExcludeSurroundings<Options> & { readonly what: string },
): Promise<boolean> {
  if (args.yes === true) return true;
  if (ask === null) {
    output.write(`Nothing was changed: this is a dry run. ${what} with --yes.\n`);
    return false;
  }
  const isTyped = /^y(?:es)?$/i.test((await ask(`${what}? [y/N] `)).trim());
  if (!isTyped) output.write('Nothing was changed.\n');
  return isTyped;
}

async function doOrder<Options>(
  ctx: Context,
  order: Order,
  args: ActArgs,
  around: ExcludeSurroundings<Options> & { readonly also: object },
): Promise<void> {
  const { output } = around;
  const change = await carryOut(ctx, order.head, order.intents, {
    now: (text) => {
      if (args.json !== true) output.note(`${safeText(text)} …\n`);
    },
  });
  const view = changeView(change, await readZone(ctx), false);
  const sentence = changeSentence(view);
  if (args.json === true)
    output.write(
      `${JSON.stringify({ applied: view.state === 'done', sentence, change: view, ...around.also })}\n`,
    );
  else output.write(`${safeText(sentence)}\n${safeText(view.undo)}\n`);
  if (view.state !== 'done') around.exit(1);
}
