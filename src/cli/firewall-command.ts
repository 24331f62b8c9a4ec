// `whyblocked firewall`, `unblock`, `allow`, `disallow`, `block`: csf's lists, and acts on them, each shown before it is done.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { BadInput } from '../actions/errors.ts';
import type { Context } from '../actions/context.ts';
import { carryOutFirewall } from '../actions/firewall-act.ts';
import { clearAlarm } from '../actions/firewall-alarm.ts';
import { firewallActRow, whereTyped } from '../actions/firewall-ledger.ts';
import { listFirewall } from '../actions/firewall-list.ts';
import { firewallOrder, planFirewall } from '../actions/firewall-plan.ts';
import type { FirewallFilter, FirewallPlan, FirewallRequest } from '../actions/firewall-view.ts';
import type { ExcludeSurroundings } from './exclude-command.ts';
import { actLines, listLines, planLines, whereLines } from './firewall-text.ts';
import { parseSpan } from './option-values.ts';
import { safeText } from './terminal.ts';

const KINDS: readonly FirewallFilter['kind'][] = [
  ...(['all', 'waf', 'logins', 'hand', 'nets', 'other', 'allowed', 'ignored'] as const),
];

interface ListArgs {
  readonly kind?: FirewallFilter['kind'];
  readonly find?: string;
  readonly page?: number;
  readonly endAlarm?: true;
  readonly reason?: string;
  readonly json?: true;
}

interface ActArgs {
  readonly reason?: string;
  readonly yes?: true;
  readonly typed?: string;
  readonly json?: true;
}

/** Adds the commands. */
export function addFirewallCommands<Options>(
  command: (usage: string, description: string) => Command,
  around: ExcludeSurroundings<Options>,
): void {
  command('firewall [address]', 'list what csf denies and allows, or tell where one address stands')
    .addOption(new Option('--kind <kind>', 'only these entries').choices(KINDS))
    .option('--find <text>', 'only entries with this text, or that cover this address')
    .option('--page <n>', 'another page of the list', parsePage)
    .option('--end-alarm', 'somebody has looked at what went wrong: acts are done again; needs --reason')
    .option('--reason <text>', 'what was found; stays in the activity')
    .option('--json', 'print one JSON object')
    .action(async (address: string | undefined, args: Options & ListArgs) => {
      if (args.endAlarm === true) await around.withContext(args, (ctx) => endAlarm(ctx, args, around));
      else await around.asked(args, (ctx) => show(ctx, address, args, around));
    });

  const act = (usage: string, description: string): Command =>
    command(usage, description)
      .option('--reason <text>', 'why; stays in the activity and in csf’s list')
      .option('--yes', 'do it without asking')
      .option('--typed <address>', 'with --yes, for an attacker and for a net: the address or net once more')
      .option('--json', 'print one JSON object');
  const run = (request: FirewallRequest, args: Options & ActArgs): Promise<void> =>
    around.withContext(args, (ctx) => doIt(ctx, request, args, around));

  act('unblock <ip>', 'take an address or a net out of csf’s blocks; shows first what that would do')
    .option('--allow <span>', 'then let it in for so long, whatever lfd counts, e.g. 24h', parseSpan)
    .option('--net', 'where a net covers it: the whole net')
    .action((ip: string, args: Options & ActArgs & { readonly allow?: number; readonly net?: true }) =>
      run(requestOf('unblock', ip, { thenAllow: secondsOf(args.allow), wholeNet: args.net === true }), args),
    );
  act('allow <ip>', 'let an address in before any block is asked, for 24 hours unless said')
    .option('--for <span>', 'for how long: 1h, 7d, ever', parseTerm)
    .action((ip: string, args: Options & ActArgs & { readonly for?: Term }) =>
      run(termed(ip, args.for, 'temp-allow', 'allow'), args),
    );
  act('disallow <ip>', 'end the allow of an address').action((ip: string, args: Options & ActArgs) =>
    run(requestOf('disallow', ip), args),
  );
  act('block <ip>', 'block an address, for 24 hours unless said')
    .option('--for <span>', 'for how long: 1h, 7d, ever', parseTerm)
    .action((ip: string, args: Options & ActArgs & { readonly for?: Term }) =>
      run(termed(ip, args.for, 'temp-block', 'block'), args),
    );
}

type Term = number | 'ever';

function parseTerm(text: string): Term {
  return text === 'ever' ? 'ever' : parseSpan(text);
}

function parsePage(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 on.');
  return Number(text);
}

function secondsOf(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms / 1000);
}

function termed(
  target: string,
  term: Term | undefined,
  forWhile: 'temp-allow' | 'temp-block',
  forGood: 'allow' | 'block',
): FirewallRequest {
  return term === 'ever'
    ? requestOf(forGood, target)
    : requestOf(forWhile, target, { seconds: secondsOf(term) });
}

function requestOf(
  act: FirewallRequest['act'],
  target: string,
  change: Partial<FirewallRequest> = {},
): FirewallRequest {
  const usual = { seconds: null, wholeNet: false, thenAllow: null, incidentFrom: null };
  return { act, target, ...usual, ...change };
}

async function show<Options>(
  ctx: Context,
  address: string | undefined,
  { kind = 'all', find, page = 1, json }: ListArgs,
  { output }: ExcludeSurroundings<Options>,
): Promise<void> {
  if (address === undefined) {
    const view = await listFirewall(ctx, { kind, text: find ?? null, page });
    output.write(json === true ? `${JSON.stringify(view)}\n` : `${listLines(output, view).join('\n')}\n`);
    return;
  }
  const where = await whereTyped(ctx, address);
  output.write(json === true ? `${JSON.stringify(where)}\n` : `${whereLines(output, where).join('\n')}\n`);
}

function endAlarm<Options>(
  ctx: Context,
  { reason, json }: ListArgs,
  { output, author }: ExcludeSurroundings<Options>,
): Promise<void> {
  if (reason === undefined)
    throw new BadInput('Say what you found with --reason TEXT: it stays in the activity.');
  const sentence = clearAlarm(ctx, reason, { who: author, address: null });
  output.write(json === true ? `${JSON.stringify({ done: true, sentence })}\n` : `${sentence}\n`);
  return Promise.resolve();
}

async function doIt<Options>(
  ctx: Context,
  request: FirewallRequest,
  args: ActArgs,
  around: ExcludeSurroundings<Options>,
): Promise<void> {
  const { output, ask } = around;
  const plan = await planFirewall(ctx, request, around.address ?? null);
  const isDry = args.yes !== true && ask === null;
  if (args.json !== true) output.write(`${planLines(output, plan).join('\n')}\n`);
  if (plan.refusal !== null || isDry) {
    if (args.json === true) output.write(`${JSON.stringify({ done: false, plan, act: null })}\n`);
    else if (plan.refusal === null)
      output.write(
        `\nNothing was changed: this is a dry run. Add --reason TEXT and --yes${plan.typed === null ? '' : ` and --typed ${plan.typed}`} to do it.\n`,
      );
    if (plan.refusal !== null) around.exit(1);
    return;
  }
  const { reason } = args;
  if (reason === undefined) throw new BadInput('Say why with --reason TEXT: it stays in the activity.');
  const typed = args.yes === true ? typedArg(plan, args) : await confirmed(plan, ask);
  if (typed === false) {
    output.write('Nothing was changed.\n');
    return;
  }
  await order(ctx, { request, plan, typed, reason }, args, around);
}

function typedArg({ typed }: FirewallPlan, args: ActArgs): string | null {
  if (typed !== null && args.typed === undefined)
    throw new BadInput(`Nothing was changed: this needs --typed ${typed} beside --yes.`);
  return args.typed ?? null;
}

/** What was typed, where something must be; null where a yes is enough; false when it was not confirmed. */
async function confirmed(
  { typed, title }: FirewallPlan,
  ask: ((question: string) => Promise<string>) | null,
): Promise<string | null | false> {
  if (ask === null) return false;
  if (typed !== null) {
    const answer = (await ask(`Type ${typed} to do it: `)).trim();
    return answer.toLowerCase() === typed ? answer : false;
  }
  return /^y(?:es)?$/i.test((await ask(`${safeText(title)} [y/N] `)).trim()) ? null : false;
}

interface Confirmed {
  readonly request: FirewallRequest;
  readonly plan: FirewallPlan;
  readonly typed: string | null;
  readonly reason: string;
}

async function order<Options>(
  ctx: Context,
  { request, plan, typed, reason }: Confirmed,
  args: ActArgs,
  { output, author, address = null, exit }: ExcludeSurroundings<Options>,
): Promise<void> {
  // Somebody may have thought it over for a while: what is run is what was shown.
  const seen = plan.steps.map(({ shown }) => shown);
  const who = { who: author, address, reason, typed, seen };
  const act = await carryOutFirewall(ctx, await firewallOrder(ctx, request, who), {
    now: (text) => {
      if (args.json !== true) output.note(`${safeText(text)} …\n`);
    },
  });
  const row = await firewallActRow(ctx, act.id);
  if (row === null) throw new Error('the act is not in the ledger');
  const isDone = row.state === 'done';
  if (args.json === true) output.write(`${JSON.stringify({ done: isDone, plan, act: row })}\n`);
  else output.write(`\n${actLines(output, row).join('\n')}\n`);
  if (!isDone) exit(1);
}
