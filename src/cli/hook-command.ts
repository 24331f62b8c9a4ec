// `whyblocked hook status|install|remove`: the program that lfd calls after a block, shown, put into csf.conf and taken out of it.
import { Argument, type Command } from 'commander';
import type { Context } from '../actions/context.ts';
import { BadInput } from '../actions/errors.ts';
import { carryOutHook, hookView, planHook } from '../actions/hook.ts';
import type { HookPlan, HookView } from '../actions/hook-view.ts';
import { readableTime } from '../actions/iso-time.ts';
import type { ExcludeSurroundings } from './exclude-command.ts';
import { type Output, safeText } from './terminal.ts';

interface HookArgs {
  readonly chain?: true;
  readonly reason?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** Adds the command. */
export function addHookCommand<Options>(
  command: (usage: string, description: string) => Command,
  around: ExcludeSurroundings<Options>,
): void {
  command(
    'hook',
    'the program that lfd calls after a block (BLOCK_REPORT of csf.conf): how it stands, put it in, take it out',
  )
    .addArgument(new Argument('<what>').choices(['status', 'install', 'remove']))
    .option('--chain', 'install: keep a program that stands there; it is called afterwards')
    .option('--reason <text>', 'why; stays in the activity')
    .option('--yes', 'do it without asking')
    .option('--json', 'print one JSON object')
    .action(async (what: 'status' | 'install' | 'remove', args: Options & HookArgs) => {
      if (what === 'status')
        await around.asked(args, async (ctx) => {
          const view = await hookView(ctx);
          around.output.write(
            args.json === true ? `${JSON.stringify(view)}\n` : `${statusLines(view).join('\n')}\n`,
          );
        });
      else
        await around.withContext(args, async (ctx) => {
          await act(ctx, planHook(ctx, what, args.chain === true), args, around);
        });
    });
}

function statusLines(view: HookView): string[] {
  const { sentence, line, lastCall, waiting, refused, todo } = view;
  const heard =
    lastCall === null
      ? 'It has told of no block yet.'
      : `The newest block it told of: ${readableTime(lastCall)}.`;
  return [
    sentence,
    ...(line === null ? [] : [`  ${line}`]),
    ...(view.state === 'ours' || lastCall !== null ? [heard] : []),
    ...(waiting === 0 ? [] : [`Calls that wait for the service: ${waiting}.`]),
    ...(refused === 0
      ? []
      : [`Files in its folder that were no calls of lfd, and were removed: ${refused}.`]),
    ...todo,
  ].map(safeText);
}

async function act<Options>(
  ctx: Context,
  plan: HookPlan,
  args: HookArgs,
  { output, ask, author, exit }: ExcludeSurroundings<Options>,
): Promise<void> {
  const told = (applied: boolean, sentences: readonly string[]): void => {
    if (args.json === true) output.write(`${JSON.stringify({ applied, sentences, plan })}\n`);
    else output.write(`${safeText(sentences.join('\n'))}\n`);
  };
  if (plan.refusal !== null) {
    told(false, [plan.refusal]);
    exit(1);
    return;
  }
  if (plan.change === null) {
    told(false, plan.effects);
    return;
  }
  if (args.json !== true) output.write(`${planLines(plan).join('\n')}\n`);
  if (!(await isWanted(plan, args, output, ask))) {
    if (args.json === true) told(false, ['Nothing was changed.']);
    return;
  }
  if (args.reason === undefined) throw new BadInput('Say why with --reason TEXT: it stays in the activity.');
  told(true, await carryOutHook(ctx, plan, { author, reason: args.reason }));
}

function planLines({ change, effects }: HookPlan): string[] {
  if (change === null) return effects.map(safeText);
  return [
    `${change.file}, line ${change.number}:`,
    `  before  ${change.before}`,
    `  after   ${change.after}`,
    ...effects,
    'It holds when lfd has been restarted.',
  ].map(safeText);
}

/** Said with --yes, or typed; says so when it is not. */
async function isWanted(
  { act: what }: HookPlan,
  { yes, json }: HookArgs,
  output: Output,
  ask: ((question: string) => Promise<string>) | null,
): Promise<boolean> {
  if (yes === true) return true;
  if (ask === null) {
    if (json !== true)
      output.write('Nothing was changed: this is a dry run. Add --reason TEXT and --yes to apply it.\n');
    return false;
  }
  const question = what === 'install' ? 'Put the hook in' : 'Take the hook out';
  const isTyped = /^y(?:es)?$/i.test((await ask(`${question}? [y/N] `)).trim());
  if (!isTyped && json !== true) output.write('Nothing was changed.\n');
  return isTyped;
}
