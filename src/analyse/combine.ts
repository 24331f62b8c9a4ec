// Adds evidence items up: caps per group, the five guards, the bands.
import {
  AUTOMATION_CAP,
  GROUP_CAPS,
  ITEMS,
  KNOWN_CLIENTS,
  PRIOR,
  SOFT_GROUPS,
  STRONG_FLOOR,
  STRONG_ITEMS,
  THRESHOLDS,
  type EvidenceGroup,
  type Item,
} from './weights.ts';

export interface Combination {
  /** The sum in log-odds, to two digits. */
  readonly logOdds: number;
  readonly label: 'attack' | 'false-positive' | 'unclear';
  /** Beyond the second threshold of its label. */
  readonly strong: boolean;
  /** What each group adds after its cap, groups without items left out. */
  readonly groups: readonly { readonly group: EvidenceGroup; readonly sum: number }[];
  /** What the guards then changed in the sum. */
  readonly guarded: number;
  readonly hostile: boolean;
  readonly veto: boolean;
  readonly unlocked: boolean;
}

/**
 * Combines the ids of the items that are present (repeats and unknown ids count nothing). Guards: programs are not
 * hostile by themselves; a veto forbids a false alarm; a false alarm needs an unlock; known clients may be programs;
 * next to a strong item, browsing and others' data lower the sum by 1 at most. Weak items make no attack by
 * themselves.
 */
export function combine(ids: readonly string[]): Combination {
  const distinct = [...new Set(ids)].filter((id) => Object.hasOwn(ITEMS, id));
  const knownClient = distinct.some((id) => KNOWN_CLIENTS.has(id));
  const counted = distinct.filter((id) => !(knownClient && ITEMS[id]?.kind === 'auto'));
  const items = counted.flatMap((id) => ITEMS[id] ?? []);
  const hostile = items.some((item) => item.kind === 'hostile');
  const groups = groupSums(items);
  const plain = groups.reduce((sum, { sum: own }) => sum + own, PRIOR);
  const guarded = softGuard(groups, counted) + (hostile ? 0 : automationGuard(items));
  const logOdds = rounded(plain + guarded);
  const veto = items.some((item) => item.veto === true);
  const unlocked = items.some((item) => item.unlock === true);
  const label = labelOf(logOdds, { hostile, veto, unlocked });
  const strong =
    label === 'attack' ? logOdds >= THRESHOLDS.attackStrong : logOdds <= THRESHOLDS.falsePositiveStrong;
  return {
    logOdds,
    label,
    strong: strong && label !== 'unclear',
    groups,
    guarded: rounded(guarded),
    hostile,
    veto,
    unlocked,
  };
}

function labelOf(
  logOdds: number,
  found: { readonly hostile: boolean; readonly veto: boolean; readonly unlocked: boolean },
): Combination['label'] {
  if (logOdds >= THRESHOLDS.attack && found.hostile) return 'attack';
  if (logOdds <= THRESHOLDS.falsePositive && found.unlocked && !found.veto) return 'false-positive';
  return 'unclear';
}

function groupSums(items: readonly Item[]): { group: EvidenceGroup; sum: number }[] {
  const names = Object.keys(GROUP_CAPS) as EvidenceGroup[];
  return names
    .filter((group) => items.some((item) => item.group === group))
    .map((group) => ({ group, sum: rounded(capped(group, items)) }));
}

/** The sum of one group's items within its cap. */
function capped(group: EvidenceGroup, items: readonly Item[]): number {
  const [least, most] = GROUP_CAPS[group];
  const sum = items.reduce((total, item) => total + (item.group === group ? item.weight : 0), 0);
  return Math.min(most, Math.max(least, sum));
}

/** Guard: without a hostile item, what shows a program adds the automation cap at most. */
function automationGuard(items: readonly Item[]): number {
  const others = items.filter((item) => item.kind !== 'auto');
  const groups = new Set(items.map((item) => item.group));
  let automation = 0;
  for (const group of groups) automation += capped(group, items) - capped(group, others);
  return Math.min(0, AUTOMATION_CAP - automation);
}

/** Guard: a person can attack, so with a strong item the soft groups lower the sum by a bounded amount. */
function softGuard(groups: readonly { group: EvidenceGroup; sum: number }[], ids: readonly string[]): number {
  if (!ids.some((id) => STRONG_ITEMS.has(id))) return 0;
  const soft = groups.reduce((sum, own) => sum + (SOFT_GROUPS.includes(own.group) ? own.sum : 0), 0);
  return Math.max(0, STRONG_FLOOR - soft);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
