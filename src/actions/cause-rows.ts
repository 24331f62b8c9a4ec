// A cause as a row: its numbers with score, advice, state and who of its visitors is blocked now.
import { adviceOf, type AdviceFacts } from '../analyse/cause-advice.ts';
import { isActive, type Catalogue } from '../analyse/catalogue.ts';
import { coverageOfTarget } from '../analyse/coverage-of-target.ts';
import { packageFor, packageState } from '../analyse/crs-packages.ts';
import { blockingLevelOf } from '../analyse/engine-settings.ts';
import { attackShare, bandOf, NOISE, noiseOf } from '../analyse/noise.ts';
import { ruleWords } from '../analyse/rule-words.ts';
import type { EpochMs } from '../model.ts';
import type { CauseNumbers, CauseRecord } from '../store/cause-record.ts';
import { blockedNow } from './blocked-now.ts';
import { shortWords } from './cause-steps.ts';
import type { CauseRow, CauseTone } from './causes-view.ts';
import type { Context } from './context.ts';
import { type Firewall, readFirewall } from './firewall.ts';
import { isoTime } from './iso-time.ts';
import { noiseFacts, windowStart } from './recount-causes.ts';
import { ruleCatalogue } from './rule-catalogue.ts';
import { presentMoment, readZone, type ServerClock } from './server.ts';

/** What rows of causes are made with. */
export interface CauseDesk {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly firewall: Firewall;
  readonly catalogue: Catalogue;
  readonly isBlocked: (address: string) => boolean;
  readonly accountOf: ReadonlyMap<string, string>;
  /** Rules above paranoia level 1 that are noisy on a vhost. */
  readonly levelRules: (vhost: string) => number;
}

/** Reads what all rows share. */
export async function causeDesk(ctx: Context): Promise<CauseDesk> {
  const zone = await readZone(ctx);
  const clock: ServerClock = { zone, basis: zone.basis, now: await presentMoment(ctx) };
  const firewall = await readFirewall(ctx);
  const catalogue = ruleCatalogue(ctx);
  return {
    ctx,
    clock,
    firewall,
    catalogue,
    isBlocked: blockedNow(firewall, clock.now),
    accountOf: new Map(ctx.host.vhosts().map(({ vhost, account }) => [vhost, account])),
    levelRules: levelRules(ctx, catalogue),
  };
}

function levelRules(ctx: Context, catalogue: Catalogue): CauseDesk['levelRules'] {
  const known = new Map<string, number>();
  const isHigh = (id: string): boolean => (catalogue.rules.get(id)?.[0]?.rule.paranoiaLevel ?? 1) >= 2;
  return (vhost) => {
    const count =
      known.get(vhost) ?? ctx.store.causeCells.noisyRules(vhost, NOISE.noisy).filter(isHigh).length;
    known.set(vhost, count);
    return count;
  };
}

/** A few words on a rule. */
export function titleOf({ catalogue }: Pick<CauseDesk, 'catalogue'>, ruleId: string): string {
  return ruleWords(ruleId, catalogue.rules.get(ruleId)?.[0]?.vendor ?? null).title;
}

/** The row of a cause. */
export function rowOf(desk: CauseDesk, cause: CauseRecord): CauseRow {
  const { ctx, clock, accountOf, isBlocked } = desk;
  const noise = noiseOf(noiseFacts(cause));
  const time = (at: EpochMs): string => isoTime(clock.zone, at);
  const clients = cause.hits === 0 ? [] : ctx.store.causeList.clients(cause.id, windowStart(clock.now));
  const { id, vhost, ruleId, hits, refused, decisive, visitors, ordinary, networks, attackHits } = cause;
  return {
    ...{ id, vhost, ruleId, hits, refused, decisive, visitors, ordinary, networks, attackHits },
    account: accountOf.get(vhost) ?? null,
    title: titleOf(desk, ruleId),
    target: named(cause.targetSeen),
    path: named(cause.pathSeen),
    attackShare: attackShare(cause),
    share: cause.share,
    score: noise.score,
    scoreParts: noise.parts,
    band: bandOf(noise.score),
    tone: toneOf(cause),
    advice: adviceOf(adviceFacts(desk, cause, noise.score)),
    state: cause.state,
    stateWords: stateWords(ctx, cause),
    stateAt: cause.stateAt === null ? null : time(cause.stateAt),
    stateBy: cause.stateBy,
    marks: ctx.store.marks.ofCause(id).filter(({ endedAt }) => endedAt === null),
    firstAt: time(cause.firstAt ?? clock.now),
    lastAt: time(cause.lastAt ?? cause.stateAt ?? clock.now),
    blockedNow: clients.filter(isBlocked).length,
  };
}

function named(text: string): string | null {
  return text === '' ? null : text;
}

function adviceFacts(desk: CauseDesk, cause: CauseRecord, score: number): AdviceFacts {
  const { catalogue } = desk;
  const entries = catalogue.rules.get(cause.ruleId) ?? [];
  const rule = (entries.find(isActive) ?? entries[0])?.rule;
  const place = { target: named(cause.targetSeen), path: named(cause.pathSeen) };
  // Only where something is to be excluded are the rules looked through.
  const further = score >= NOISE.noisy && cause.vhost !== '' ? furtherFacts(desk, cause) : NO_FURTHER;
  return {
    ...cause,
    ...place,
    ...further,
    score,
    phase: rule === undefined ? null : (rule.phase ?? 2),
    paranoiaLevel: rule?.paranoiaLevel ?? null,
    otherRules:
      further === NO_FURTHER || place.target === null
        ? null
        : othersAt(catalogue, place.target, cause.ruleId),
  };
}

type Further = Pick<AdviceFacts, 'package' | 'levelRules' | 'beside'>;
const NO_FURTHER: Further = { package: null, levelRules: 0, beside: [] };
const MOST_BESIDE = 50;

function furtherFacts({ ctx, catalogue, levelRules }: CauseDesk, cause: CauseRecord): Further {
  const found = packageFor(cause.pathSeen);
  const beside = cause.target === '' ? [] : ctx.store.causeList.beside(cause, MOST_BESIDE);
  return {
    package:
      found === null ? null : { name: found.name, app: found.app, state: packageState(catalogue, found) },
    levelRules: levelRules(cause.vhost),
    beside: beside.map(({ ruleId }) => ruleId),
  };
}

/** Other rules that look at a target; null when no rule file is there to tell. */
function othersAt(catalogue: Catalogue, target: string, without: string): number | null {
  if (catalogue.rules.size === 0) return null;
  const rules = [...catalogue.rules.values()].flat();
  const blockingLevel = blockingLevelOf(catalogue);
  return coverageOfTarget({ target, rules, blockingLevel, without }).sure.length;
}

/** The state in words, with how many more visitors there may be. */
function stateWords({ store }: Context, cause: CauseRecord): string {
  const { state, ignoreUntil, ignoreBase, stateAt, id } = cause;
  if (state !== 'ignored' || ignoreUntil === null) return shortWords(cause);
  const came = store.causeStates.newNetworks(id, stateAt ?? 0);
  return shortWords({ ...cause, ignoreUntil: Math.max(ignoreUntil - came, (ignoreBase ?? 0) + 1) });
}

/** Whose requests they mostly are. */
export function toneOf({
  hits,
  attackHits,
  falseHits,
  ordinary,
}: Pick<CauseNumbers, 'hits' | 'attackHits' | 'falseHits' | 'ordinary'>): CauseTone {
  if (hits > 0 && attackHits * 2 > hits) return 'attacks';
  if (hits > 0 && falseHits * 2 >= hits) return 'false-alarms';
  return falseHits > 0 || ordinary > 0 ? 'some' : 'unclear';
}
