// What happens when the same requests come again after an unblock, by csf's settings and what the visit did. Pure but for the
// gathering at the end.
import { toTransaction } from '../analyse/merge.ts';
import type { EpochMs } from '../model.ts';
import { isAbout } from './allow-places.ts';
import { againByOthers } from './again-others.ts';
import { blockLength, confNumber, ordinal } from './conf-numbers.ts';
import type { Context } from './context.ts';
import type { EngineFacts } from './domain-view.ts';
import { engineMode } from './engine-facts.ts';
import type { Explanation, Statement } from './explanation.ts';
import { freedLines } from './freed-lines.ts';
import type { WhereNow } from './firewall-where.ts';
import { spanWords } from './triggers.ts';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
/** Requests of an incident that are looked at. */
const MOST_REQUESTS = 600;

/** A refusal as lfd counts it: each line that says "Access denied" is one. */
export interface RefusedAt {
  readonly at: EpochMs;
  readonly lines: number;
  /** True when an exclusion in force frees the request by now. */
  readonly isFreed: boolean;
  /** True when lfd cannot see the lines (nginx). */
  readonly isUnseen: boolean;
}

/** What decides whether the block comes again. */
export interface AgainFacts {
  readonly target: string;
  readonly conf: ReadonlyMap<string, string>;
  /** The setting that blocked it; null where nothing tells. */
  readonly trigger: string | null;
  /** The refusals of the visit in order of time; null where its requests are not kept. */
  readonly refusals: readonly RefusedAt[] | null;
  readonly mode: EngineFacts['mode'];
  /** csf.ignore names it: lfd counts nothing of it. */
  readonly isIgnored: boolean;
  /** Temporary blocks that csf.tempip remembers. */
  readonly earlier: number;
}

/** Triggers behind which refusals by ModSecurity may stand. */
const WEB: ReadonlySet<string | null> = new Set([
  ...['LF_MODSEC', 'LF_TRIGGER', 'LF_PERMBLOCK', 'LF_NETBLOCK', null],
]);

/** What happens at the next visit like the one that was blocked; nothing where neither a block nor a refusal is known. */
export function againOf(facts: AgainFacts): Statement[] {
  const { conf, trigger, refusals } = facts;
  if (facts.isIgnored)
    return [
      said(
        'known',
        `csf.ignore names ${facts.target}: lfd counts nothing of it, so it is not blocked again.`,
      ),
    ];
  const idle = ['TESTING', 'LF_DAEMON'].find((name) => conf.get(name) === (name === 'TESTING' ? '1' : '0'));
  if (idle !== undefined)
    return [said('known', `lfd does not run (${idle} is ${conf.get(idle) ?? ''}): it blocks nobody anew.`)];
  const isWeb = trigger === 'LF_MODSEC' || (WEB.has(trigger) && (refusals?.length ?? 0) > 0);
  if (isWeb) return [...againByModsecurity(facts), ...sums(facts)];
  return trigger === null ? [] : [...againByOthers(conf, trigger), ...sums({ ...facts, trigger })];
}

interface Limit {
  /** Null: csf.conf does not say; 0: lfd does not block for this. */
  readonly number: number | null;
  readonly setting: 'LF_TRIGGER' | 'LF_MODSEC';
}

/** With LF_TRIGGER on, LF_MODSEC says only whether refusals count. */
function limitOf(conf: AgainFacts['conf']): Limit {
  const modsec = confNumber(conf, 'LF_MODSEC');
  const all = confNumber(conf, 'LF_TRIGGER') ?? 0;
  return all > 0 && modsec !== 0
    ? { number: all, setting: 'LF_TRIGGER' }
    : { number: modsec, setting: 'LF_MODSEC' };
}

function againByModsecurity({ conf, refusals, mode }: AgainFacts): Statement[] {
  if (mode === 'DetectionOnly' || mode === 'Off')
    return [
      said(
        'inferred',
        `ModSecurity refuses nothing now (SecRuleEngine ${mode}): the same requests pass, and lfd has nothing to count.`,
      ),
    ];
  const { number, setting } = limitOf(conf);
  if (number === null)
    return [said('missing', 'At which refusal lfd blocks is not known: csf.conf does not say (LF_MODSEC).')];
  if (number === 0)
    return [
      said(
        'known',
        'LF_MODSEC is 0: lfd blocks nobody for refusals. The same requests are refused all the same.',
      ),
    ];
  const within = spanWords(confNumber(conf, 'LF_INTERVAL') ?? HOUR_SECONDS);
  const length = blockLength(setting, conf);
  const how = `${within}${length === null ? '' : `, ${length}`}`;
  const kinds = setting === 'LF_TRIGGER' ? ', failed logins counted too' : '';
  const rule = `lfd blocks at the ${ordinal(number)} refusal within ${how} (${setting}${kinds})`;
  if (refusals === null) return [said('inferred', `Whoever is refused as before is blocked again: ${rule}.`)];
  return visitAgain(refusals, {
    number,
    rule,
    how,
    seconds: confNumber(conf, 'LF_INTERVAL') ?? HOUR_SECONDS,
  });
}

interface Rule {
  readonly number: number;
  readonly rule: string;
  /** `an hour, for good`. */
  readonly how: string;
  readonly seconds: number;
}

function visitAgain(refusals: readonly RefusedAt[], { number, rule, how, seconds }: Rule): Statement[] {
  const all = sumOf(refusals);
  const counted = refusals.filter(({ isUnseen }) => !isUnseen);
  if (refusals.length > 0 && counted.length === 0)
    return [
      said('known', 'lfd does not see the lines of these refusals (nginx): it does not block for them.'),
    ];
  const left = counted.filter(({ isFreed }) => !isFreed);
  const freed = sumOf(counted) - sumOf(left);
  if (all === 0) return [said('inferred', `This visit made no refusal that lfd counts; ${rule}.`)];
  if (left.length === 0)
    return [
      said(
        'inferred',
        `Exclusions in force free all ${freed} refusals of this visit: the same requests pass by now, and lfd has nothing to count.`,
      ),
    ];
  const most = densest(left, seconds * 1000);
  const share = freed > 0 ? `Exclusions in force free ${freed} of its ${sumOf(counted)} refusals. ` : '';
  if (most >= number)
    return [
      said(
        'inferred',
        `${share}The same requests would have it blocked again at the ${ordinal(number)} refusal within ${how}: this visit made ${most}.`,
      ),
    ];
  const visits = Math.ceil(number / most);
  const makes = `One such visit makes ${most === 1 ? '1 refusal' : `${most} refusals`}`;
  return [
    said(
      'inferred',
      `${share}${makes}, and ${rule}: the ${ordinal(visits)} such visit within that time is blocked.`,
    ),
  ];
}

function sumOf(refusals: readonly RefusedAt[]): number {
  return refusals.reduce((sum, { lines }) => sum + lines, 0);
}

/** The greatest number of lines within a time, as lfd's window slides. `refusals` are in order of time. */
function densest(refusals: readonly RefusedAt[], ms: number): number {
  let most = 0;
  let sum = 0;
  let first = 0;
  for (const { at, lines } of refusals) {
    sum += lines;
    for (let old = refusals[first]; old !== undefined && at - old.at >= ms; old = refusals[++first])
      sum -= old.lines;
    most = Math.max(most, sum);
  }
  return most;
}

/** Temporary blocks that add up to a permanent one, and addresses that add up to a net. */
function sums(facts: AgainFacts): Statement[] {
  return [...permanentSum(facts), ...netSum(facts)];
}

function permanentSum({ conf, trigger, earlier }: AgainFacts): Statement[] {
  const perm = confNumber(conf, `${trigger ?? 'LF_MODSEC'}_PERM`);
  const most = confNumber(conf, 'LF_PERMBLOCK_COUNT');
  if (!isOn(conf, 'LF_PERMBLOCK') || perm === null || perm <= 1 || most === null) return [];
  const within = spanWords(confNumber(conf, 'LF_PERMBLOCK_INTERVAL') ?? DAY_SECONDS);
  const had =
    earlier === 0 ? '' : ` csf remembers ${earlier} of it; csf -dr forgets them, csf -trd does not.`;
  const basis = earlier === 0 ? 'inferred' : 'known';
  return [
    said(
      basis,
      `More than ${most} temporary blocks within ${within} become a permanent one (LF_PERMBLOCK).${had}`,
    ),
  ];
}

function netSum({ conf, target }: AgainFacts): Statement[] {
  const most = confNumber(conf, 'LF_NETBLOCK_COUNT');
  const isLeftOut = target.includes(':') && (conf.get('LF_NETBLOCK_IPV6') ?? '') === '';
  if (!isOn(conf, 'LF_NETBLOCK') || isLeftOut || most === null) return [];
  const within = spanWords(confNumber(conf, 'LF_NETBLOCK_INTERVAL') ?? DAY_SECONDS);
  return [
    said(
      'inferred',
      `More than ${most} blocks of one net within ${within} block the whole net (LF_NETBLOCK).`,
    ),
  ];
}

function isOn(conf: AgainFacts['conf'], name: string): boolean {
  return (confNumber(conf, name) ?? 0) > 0;
}

function said(basis: Statement['basis'], sentence: string): Statement {
  return { basis, sentence, lines: [] };
}

/**
 * What happens when the same comes again after an unblock of `target`: by csf.conf, the incident that its explanation shows, the
 * exclusions that are in force by now, and csf's memory of its blocks. `story`: null for a net.
 */
export function againStatements(
  ctx: Context,
  { facts }: Pick<WhereNow, 'facts'>,
  target: string,
  story: Pick<Explanation, 'block' | 'incident'> | null,
): Statement[] {
  const { conf } = facts.firewall;
  const own = facts.firewall.deny.find((entry) => entry.target.address === target);
  return againOf({
    target,
    conf,
    trigger: story?.block?.trigger ?? own?.message?.trigger ?? null,
    refusals: refusalsOf(ctx, story?.incident ?? null),
    mode: engineMode(ctx),
    isIgnored: [...facts.firewall.ignore, ...facts.globalIgnore].some((entry) =>
      isAbout(entry.target, target),
    ),
    earlier: facts.past.filter(({ permanent }) => !permanent).length,
  });
}

/** Those of the incident's requests that are kept; null without an incident or without any of them. */
function refusalsOf(ctx: Context, incident: Explanation['incident']): RefusedAt[] | null {
  if (incident === null) return null;
  const [from, to] = [Date.parse(incident.from) - 1, Date.parse(incident.to) + 1];
  const kept = ctx.store.transactions.ofClient(incident.client, from, to, MOST_REQUESTS).map(toTransaction);
  return kept.length === 0 ? null : freedLines(ctx, kept);
}
