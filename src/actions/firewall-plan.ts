// An act on the firewall before it is done: the exact commands, what each does, what speaks against it, and what happens when
// the same request comes again.
import type { CsfCommand } from '../model-firewall.ts';
import type { EpochMs } from '../model.ts';
import { csfArgv, csfShown } from '../parse/csf-argv.ts';
import { normalizeAddress, normalizeNet } from '../parse/address.ts';
import { parseAdvancedFilter } from '../parse/csf-filter.ts';
import { againStatements } from './again.ts';
import { blockRefusal, blockWarnings } from './block-warnings.ts';
import { confNumber } from './conf-numbers.ts';
import type { Context } from './context.ts';
import { BadInput, Refused } from './errors.ts';
import { readReason } from './exclude.ts';
import { explain } from './explain.ts';
import type { Explanation, Statement } from './explanation.ts';
import type { FirewallOrder } from './firewall-act.ts';
import { alarmOf } from './firewall-alarm.ts';
import { commandsFor } from './firewall-commands.ts';
import { fixFor } from './firewall-fix.ts';
import type { FirewallPlan, FirewallRequest } from './firewall-view.ts';
import { type WhereNow, whereNow } from './firewall-where.ts';

/** A temporary entry lasts at most a year. */
const LONGEST_SECONDS = 31_536_000;

const TITLES: Readonly<Record<FirewallRequest['act'], (target: string) => string>> = {
  unblock: (target) => `Unblock ${target}?`,
  'temp-allow': (target) => `Let ${target} in for a while?`,
  allow: (target) => `Let ${target} in for good?`,
  disallow: (target) => `End the allow of ${target}?`,
  'temp-block': (target) => `Block ${target} for a while?`,
  block: (target) => `Block ${target} for good?`,
};

interface Planned {
  readonly plan: FirewallPlan;
  readonly commands: readonly CsfCommand[];
  readonly incident: { readonly client: string; readonly from: EpochMs } | null;
}

/**
 * What would be done. `by`: from where the admin is connected, where that is known. Throws BadInput for a target or a length that
 * cannot be.
 */
export async function planFirewall(
  ctx: Context,
  request: FirewallRequest,
  by: string | null = null,
): Promise<FirewallPlan> {
  return (await planned(ctx, request, { why: '', by })).plan;
}

interface Beside {
  /** The reason, for csf's comment; empty before it is given. */
  readonly why: string;
  readonly by: string | null;
}

async function planned(ctx: Context, request: FirewallRequest, { why, by }: Beside): Promise<Planned> {
  const target = targetOf(request.target);
  checkLength(request.seconds, 'seconds');
  checkLength(request.thenAllow, 'thenAllow');
  const now = await whereNow(ctx, target);
  const story = await storyOf(ctx, target, request);
  const { commands, effects, refusal } = commandsFor(request, target, now.where, why);
  const plan: FirewallPlan = {
    request,
    title: TITLES[request.act](target),
    steps: commands.map((command, index) => ({ shown: csfBare(command), effect: effects[index] ?? '' })),
    refusal:
      unread(now, request, commands) ??
      refusal ??
      barred(now, request, target, by) ??
      unsafe(commands, target) ??
      withoutIpv6(now, commands, target) ??
      standingIn(ctx),
    warnings: [...otherAttacks(now, request, target, story), ...warningsOf(ctx, now, request, target)],
    typed: typedOf(now, request, target, story),
    again: request.act === 'unblock' ? againStatements(ctx, now, target, story) : [],
    fix: request.act === 'unblock' && story !== null ? fixFor(ctx, story) : null,
    where: now.where,
    verdict: story?.verdict == null ? null : { label: story.verdict.label, words: story.verdict.words },
  };
  const incident =
    story?.incident == null ? null : { client: story.incident.client, from: Date.parse(story.incident.from) };
  return { plan, commands, incident };
}

/** The one address or net that an entry, a filter or a word is about. */
function targetOf(text: string): string {
  const word = text.trim();
  const filter = word.includes('=') ? parseAdvancedFilter(word) : null;
  const target = filter === null ? (normalizeAddress(word) ?? normalizeNet(word)) : filter.address;
  if (target === null)
    throw new BadInput(
      `“${word.slice(0, 60)}” is no address and no net. Give one such as 203.0.113.9, 198.51.100.0/24 or 2001:db8::7.`,
      'target',
    );
  const [address = '', bits] = target.split('/');
  return bits === (address.includes(':') ? '128' : '32') ? address : target;
}

function checkLength(seconds: number | null, field: string): void {
  if (seconds === null) return;
  if (!Number.isInteger(seconds) || seconds < 60 || seconds > LONGEST_SECONDS)
    throw new BadInput('The time must be between a minute and a year.', field);
}

/** What is not in a list that could not be read may be in it all the same. */
function unread(
  { facts }: WhereNow,
  { act }: FirewallRequest,
  commands: readonly CsfCommand[],
): string | null {
  return act === 'unblock' && commands.length === 0 && !facts.firewall.readable
    ? 'csf.deny could not be read whole, so what would have to be taken out is not known. Nothing was changed.'
    : null;
}

/** csf would write such an entry, and say that it failed. */
function withoutIpv6({ facts }: WhereNow, commands: readonly CsfCommand[], target: string): string | null {
  const isOff = target.includes(':') && confNumber(facts.firewall.conf, 'IPV6') === 0;
  return isOff && commands.some((command) => 'comment' in command)
    ? `csf leaves IPv6 alone here (IPV6 is 0): it neither blocks ${target} nor lets it in.`
    : null;
}

/** csf joins its arguments and reads them again: what could mean something else is not run. */
function unsafe(commands: readonly CsfCommand[], target: string): string | null {
  return commands.some((command) => csfArgv(command) === null)
    ? `${target} is not an address that csf can be given: loopback, everything, or a net that is too wide.`
    : null;
}

function standingIn(ctx: Context): string | null {
  const { refusal } = ctx.host.csf;
  if (refusal !== null) return refusal;
  const alarm = alarmOf(ctx);
  return alarm === null
    ? null
    : `An earlier act went wrong (${alarm.sentence}) Look at the firewall page and end the alarm first.`;
}

/** The explanation of a single address; null for a net. */
async function storyOf(
  ctx: Context,
  target: string,
  { incidentFrom }: FirewallRequest,
): Promise<Explanation | null> {
  if (target.includes('/')) return null;
  return explain(ctx, target, { from: incidentFrom, most: 200, raw: false });
}

/** Blocks that cannot be meant: of the server itself, or of whoever asks for it. */
function barred(now: WhereNow, { act }: FirewallRequest, target: string, by: string | null): string | null {
  return act === 'block' || act === 'temp-block' ? blockRefusal(now.facts, target, by) : null;
}

function warningsOf(
  ctx: Context,
  now: WhereNow,
  { act }: FirewallRequest,
  target: string,
): readonly Statement[] {
  const about = act === 'block' || act === 'temp-block' ? blockWarnings(now.facts, target) : [];
  return now.facts.firewall.conf.get('TESTING') === '1' && ctx.host.csf.refusal === null
    ? [TESTING, ...about]
    : about;
}

const TESTING: Statement = {
  basis: 'known',
  sentence:
    'csf is in testing mode (TESTING): it writes its lists, but does not change the firewall, which it opens by itself every few minutes.',
  lines: [],
};

/** What must be typed: the address of an attacker who is to be let in, and every net. */
function typedOf(
  now: WhereNow,
  { act, wholeNet }: FirewallRequest,
  target: string,
  story: Explanation | null,
): string | null {
  if (target.includes('/') || wholeNet) return target;
  if (!LETTING_IN.has(act)) return null;
  return story?.verdict?.label === 'attack' || attacksOf(now, target) > 0 ? target : null;
}

const LETTING_IN: ReadonlySet<FirewallRequest['act']> = new Set(['unblock', 'temp-allow', 'allow']);

/** Incidents of an address that are kept as attacks, whichever of them the page was opened from; none where an admin said otherwise. */
function attacksOf({ facts }: WhereNow, target: string): number {
  if (facts.marks.some(({ kind }) => kind === 'false-alarm')) return 0;
  return facts.seen.get(target)?.clients.reduce((sum, { attacks }) => sum + attacks, 0) ?? 0;
}

/** The page shows the verdict of one incident, or of none: what another was must be said beside it. */
function otherAttacks(
  now: WhereNow,
  { act }: FirewallRequest,
  target: string,
  story: Explanation | null,
): Statement[] {
  const attacks = target.includes('/') || story?.verdict?.label === 'attack' ? 0 : attacksOf(now, target);
  if (attacks === 0 || !LETTING_IN.has(act)) return [];
  const were = attacks === 1 ? '1 incident of it was' : `${attacks} incidents of it were`;
  return [{ basis: 'known', sentence: `${were} judged as an attack.`, lines: [] }];
}

/** Whoever confirms: his words, and the commands that he saw. */
export interface Confirmation {
  readonly who: string;
  readonly address: string | null;
  readonly reason: string;
  readonly typed: string | null;
  /** The commands of the preview; null where they are not compared (the command line shows and runs them in one go). */
  readonly seen: readonly string[] | null;
}

/** The order for a confirmed act. Throws BadInput without a reason or with the wrong word, Refused where nothing can be done. */
export async function firewallOrder(
  ctx: Context,
  request: FirewallRequest,
  confirmation: Confirmation,
): Promise<FirewallOrder> {
  const reason = readReason(confirmation.reason);
  const { plan, commands, incident } = await planned(ctx, request, { why: reason, by: confirmation.address });
  if (plan.refusal !== null) throw new Refused(plan.refusal);
  const { typed, seen } = confirmation;
  if (plan.typed !== null && typed?.trim().toLowerCase() !== plan.typed)
    throw new BadInput(`Nothing was changed: type ${plan.typed} to confirm.`, 'typed');
  if (seen !== null && !sameLines(seen, commands)) throw new Refused(CHANGED);
  return {
    act: request.act,
    target: targetOf(request.target),
    who: confirmation.who,
    by: confirmation.address,
    reason,
    incident,
    commands,
    check: async () => {
      const now = await whereNow(ctx, targetOf(request.target));
      const again = commandsFor(request, targetOf(request.target), now.where, reason);
      if (again.refusal !== null) throw new Refused(again.refusal);
      if (!sameLines(again.commands.map(csfBare), commands)) throw new Refused(CHANGED);
    },
  };
}

const CHANGED =
  'Nothing was changed: csf’s lists are not what they were when the act was shown. Look at it again.';

function sameLines(seen: readonly string[], commands: readonly CsfCommand[]): boolean {
  return seen.length === commands.length && seen.every((line, index) => line === csfBare(commands[index]));
}

/** The command as it is shown before the reason is given, which becomes its comment. */
function csfBare(command: CsfCommand | undefined): string {
  if (command === undefined) return '';
  return 'comment' in command
    ? `${csfShown({ ...command, comment: '' })} 'Whyblocked: <your reason>'`
    : csfShown(command);
}
