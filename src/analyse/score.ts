// Adds up one transaction's points and compares them with the total that the blocking rule names.
import type { Severity, StoredHit } from '../model.ts';
import type { RuleInfo } from '../model-rules.ts';
import { parseAnomalyMessage } from '../parse/anomaly-message.ts';
import { POINTS, pointsOf } from './points.ts';
import { pointSets } from './solver.ts';

/** The points of one rule hit that counts. */
export interface ScorePart {
  readonly ruleId: string;
  readonly points: number;
  /** Index into the hits given. */
  readonly hit: number;
  /** True when the severity was not in the line and came from another hit or the rule file. */
  readonly inferred: boolean;
}

export interface Score {
  /** What the blocking rule says; null when no line says it. */
  readonly total: number | null;
  readonly threshold: number | null;
  /** Sum of the parts. */
  readonly computed: number;
  /** True when the parts give exactly the total. */
  readonly reconciled: boolean;
  /** True when anything here is arithmetic and not read from a line. */
  readonly inferred: boolean;
  /** sum: adds up as read; loaded-twice: adds up without one copy of the rules; short, over: it does not. */
  readonly how: 'sum' | 'loaded-twice' | 'short' | 'over' | 'no-total';
  readonly parts: readonly ScorePart[];
  /** The rule that refused the request; null when nothing did. */
  readonly blockedBy: string | null;
  readonly direction: 'inbound' | 'outbound';
  /** For `short`: the sets of points that give the total and hold the known ones, most likely first. */
  readonly sets: readonly (readonly number[])[];
}

export interface ScoreInput {
  /** The hits of one transaction in log order. */
  readonly hits: readonly StoredHit[];
  /** Installed rules by id, for severities that were cut off. */
  readonly rules: ReadonlyMap<string, readonly RuleInfo[]>;
  /** Severity of a rule as other transactions showed it. */
  readonly knownSeverity?: (ruleId: string) => Severity | null;
  /** Inbound threshold where no line names it, e.g. from crs-setup.conf. */
  readonly defaultThreshold?: number;
  /** Blocking paranoia level: rules tagged above it do not count. */
  readonly paranoiaLevel?: number;
}

/** Initialisation, blocking and reporting rules: they set up, compare or repeat the sum. */
const NOT_COUNTED = /^(?:(?:901|949|959|980)\d{3}|2149[34]0)$/;
/** Whose rules add to which total: CRS and its plugins, Comodo. Others' severities are no points. */
const CRS = /^9(?:[0-5]\d{4}|\d{6})$/;
const COMODO = /^2[12]\d{4}$/;
const OUTBOUND = /^95[0-8]\d{3}$/;
/** More variables than this one request has not matched. */
const MOST_PLACES = 1000;
const PARANOIA_TAG = /^paranoia-level\/(\d)$/;

/** Whether a rule only adds up, compares or reports, e.g. 949110. */
export function onlyAddsUp(ruleId: string): boolean {
  return NOT_COUNTED.test(ruleId);
}

interface Stated {
  /** The rule that says it. */
  readonly by: string | null;
  readonly total: number | null;
  readonly threshold: number | null;
  readonly direction: 'inbound' | 'outbound';
}

/**
 * Reconciles one transaction: its parts, the total that 949110/959100 (or 980130/980170) names, and whether they
 * agree. First reading that gives the total wins: the sum as read; the sum without the rules above the blocking
 * paranoia level; the sum without one copy of a leading block that stands there twice (CRS loaded twice), or with one
 * more (see `withThirdCount`); the sum with every place that ModSecurity 3 names for a rule. Equal lines elsewhere stay: a rule scores once for each variable it matches. Rules of
 * other vendors count only where the total cannot be had without them. Never throws; no hits give 0 of nothing.
 */
export function scoreTransaction(input: ScoreInput): Score {
  const stated = statedTotal(input.hits);
  const direction = stated.total === null ? scoredDirection(input.hits) : stated.direction;
  const parts = countedParts(input, direction);
  const threshold = stated.threshold ?? (direction === 'inbound' ? (input.defaultThreshold ?? null) : null);
  const base = {
    total: stated.total,
    threshold,
    blockedBy: input.hits.find((hit) => hit.action === 'denied')?.ruleId ?? null,
    direction,
  };
  const family = stated.by !== null && COMODO.test(stated.by) ? COMODO : CRS;
  const own = parts.filter(({ ruleId }) => family.test(ruleId) || addsPoints(input, ruleId));
  const result = reconcile(own, stated, input.hits);
  if (result.reconciled || own.length === parts.length) return { ...base, ...result };
  const wider = reconcile(parts, stated, input.hits);
  return { ...base, ...(wider.reconciled ? wider : result) };
}

/** Whether the installed rule of this id says that it adds to the score. */
function addsPoints({ rules }: ScoreInput, ruleId: string): boolean {
  return rules.get(ruleId)?.some((rule) => pointsOf(rule) !== null) === true;
}

type Reconciled = Pick<Score, 'computed' | 'reconciled' | 'inferred' | 'how' | 'parts' | 'sets'>;

function reconcile(
  parts: readonly ScorePart[],
  { total, by }: Stated,
  hits: readonly StoredHit[],
): Reconciled {
  const computed = sumOf(parts);
  const inferred = parts.some((part) => part.inferred);
  const asRead = { computed, parts, inferred, sets: [], reconciled: false };
  if (total === null) return { ...asRead, how: 'no-total' };
  if (computed === total) return { ...asRead, how: 'sum', reconciled: true };
  if (computed < total) {
    const each = forEachPlace(parts, total, hits);
    if (each !== null) return settled(each, 'sum');
    const more = withThirdCount(parts, total, hits);
    if (more !== null) return settled(more, 'loaded-twice');
    const sets = pointSets(
      total,
      parts.map((part) => part.points),
    );
    return { ...asRead, how: 'short', sets, inferred: inferred || sets.length > 0 };
  }
  const lower = withoutHigherLevels(parts, total, hits);
  if (lower !== null) return settled(lower, 'sum');
  const once = beforeSecondTotal(parts, total, hits, by) ?? withoutSecondCopy(parts, total);
  if (once !== null) return settled(once, 'loaded-twice');
  return { ...asRead, how: 'over' };
}

function settled(parts: readonly ScorePart[], how: 'sum' | 'loaded-twice'): Reconciled {
  return { computed: sumOf(parts), parts, how, reconciled: true, inferred: true, sets: [] };
}

function sumOf(parts: readonly ScorePart[]): number {
  return parts.reduce((sum, part) => sum + part.points, 0);
}

/** What the blocking rule says; a refusing line before one that only reports. */
function statedTotal(hits: readonly StoredHit[]): Stated {
  let best: Stated = { by: null, total: null, threshold: null, direction: 'inbound' };
  let rank = 0;
  for (const hit of hits) {
    if (!NOT_COUNTED.test(hit.ruleId)) continue;
    const read = parseAnomalyMessage(hit.ruleId, hit.message ?? '', hit.operator);
    if (read === null) continue;
    const own = rankOf(hit, read);
    if (own > rank) {
      best = { ...read, threshold: read.threshold ?? best.threshold, by: hit.ruleId };
      rank = own;
    }
  }
  return best;
}

/** Without a stated total: outbound when only response rules matched. */
function scoredDirection(hits: readonly StoredHit[]): Score['direction'] {
  const scored = hits.filter((hit) => !NOT_COUNTED.test(hit.ruleId));
  return scored.length > 0 && scored.every((hit) => OUTBOUND.test(hit.ruleId)) ? 'outbound' : 'inbound';
}

function rankOf(hit: StoredHit, read: Pick<Stated, 'total'>): number {
  if (read.total === null) return 0;
  if (hit.ruleId.startsWith('980')) return 1;
  return hit.action === 'denied' ? 3 : 2;
}

function countedParts(input: ScoreInput, direction: Score['direction']): ScorePart[] {
  const parts: ScorePart[] = [];
  for (const [index, hit] of input.hits.entries()) {
    if (NOT_COUNTED.test(hit.ruleId) || OUTBOUND.test(hit.ruleId) !== (direction === 'outbound')) continue;
    const level = paranoiaOf(hit);
    if (input.paranoiaLevel !== undefined && level !== null && level > input.paranoiaLevel) continue;
    const severity = hit.severity ?? (hit.cut ? lostSeverity(hit.ruleId, input) : null);
    const points = severity === null ? undefined : POINTS.get(severity);
    if (points === undefined) continue;
    parts.push({ ruleId: hit.ruleId, points, hit: index, inferred: hit.severity === null });
  }
  return parts;
}

/** The severity that a cut line lost: from a sister hit, the rule's file, or other transactions. */
function lostSeverity(ruleId: string, input: ScoreInput): Severity | null {
  const sister = input.hits.find((hit) => hit.ruleId === ruleId && hit.severity !== null);
  if (sister?.severity != null) return sister.severity;
  const rule = input.rules.get(ruleId)?.find((info) => info.severity !== null);
  return rule?.severity ?? input.knownSeverity?.(ruleId) ?? null;
}

function paranoiaOf(hit: StoredHit): number | null {
  for (const tag of hit.tags) {
    const level = PARANOIA_TAG.exec(tag)?.[1];
    if (level !== undefined) return Number(level);
  }
  return null;
}

/** Detection above the blocking level is logged but not counted: the highest level that gives the total. */
function withoutHigherLevels(
  parts: readonly ScorePart[],
  total: number,
  hits: readonly StoredHit[],
): readonly ScorePart[] | null {
  for (const limit of [3, 2, 1]) {
    const kept = parts.filter((part) => {
      const hit = hits[part.hit];
      return hit === undefined || (paranoiaOf(hit) ?? 1) <= limit;
    });
    if (kept.length < parts.length && sumOf(kept) === total) return kept;
  }
  return null;
}

/** With CRS included twice the rule ids begin with a block that stands there twice: leave one copy out. */
function withoutSecondCopy(parts: readonly ScorePart[], total: number): readonly ScorePart[] | null {
  for (let length = 1; length * 2 <= parts.length; length++) {
    const block = parts.slice(0, length);
    if (!block.every((part, index) => parts[length + index]?.ruleId === part.ruleId)) continue;
    const once = [...block, ...parts.slice(2 * length)];
    if (sumOf(once) === total) return once;
  }
  return null;
}

/**
 * With CRS in the main server and again in a vhost, an engine that only detects runs the second copy behind the first
 * one's total: the hits before that are the first copy's.
 */
function beforeSecondTotal(
  parts: readonly ScorePart[],
  total: number,
  hits: readonly StoredHit[],
  by: string | null,
): readonly ScorePart[] | null {
  const first = hits.findIndex(({ ruleId }) => ruleId === by);
  const again = hits.findIndex(({ ruleId }, index) => ruleId === by && index > first);
  if (first < 0 || again < 0) return null;
  const before = parts.filter(({ hit }) => hit < first);
  return sumOf(before) === total ? before : null;
}

/**
 * CRS 3 adds the points of a level to the total once for each copy of its rules, and the level keeps those of the first
 * copy: seen as 3 + 6 = 9 for a rule of 3 points whose first copy had not reached the limit. Both copies log the same.
 */
function withThirdCount(
  parts: readonly ScorePart[],
  total: number,
  hits: readonly StoredHit[],
): readonly ScorePart[] | null {
  const half = parts.length / 2;
  if (!Number.isInteger(half) || half === 0) return null;
  const block = parts.slice(0, half);
  const same = (part: ScorePart, other: ScorePart | undefined): boolean => {
    const [one, two] = [hits[part.hit], hits[other?.hit ?? -1]];
    return one?.ruleId === two?.ruleId && one?.target === two?.target && one?.data === two?.data;
  };
  if (!block.every((part, index) => same(part, parts[half + index]))) return null;
  return sumOf(parts) + sumOf(block) === total ? [...block, ...parts] : null;
}

/**
 * ModSecurity 3 writes one line for a rule that matched several variables, which scored once for each: the places that
 * the line names tell how often. (A rule with more lines has one for each place.)
 */
function forEachPlace(
  parts: readonly ScorePart[],
  total: number,
  hits: readonly StoredHit[],
): readonly ScorePart[] | null {
  const lines = new Map<string, number>();
  for (const { ruleId } of parts) lines.set(ruleId, (lines.get(ruleId) ?? 0) + 1);
  const counted = parts.flatMap((part) => {
    const places = lines.get(part.ruleId) === 1 ? Math.min(hits[part.hit]?.places ?? 1, MOST_PLACES) : 1;
    return Array.from({ length: places }, () => part);
  });
  return sumOf(counted) === total ? counted : null;
}
