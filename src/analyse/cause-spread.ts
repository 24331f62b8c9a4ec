// How the causes of one rule on one vhost lie over targets and paths: what score and advice need beside a cause's numbers.

/** A cause of the rule on the vhost. */
interface SpreadCause {
  readonly target: string;
  readonly path: string;
  readonly hits: number;
  readonly decisive: number;
}

/** See CauseSpread of the store; shares are 0 to 1, and 0 where nothing was decisive. */
export interface Spread {
  readonly twoPaths: number;
  readonly targetShare: number;
  readonly pathShare: number;
  readonly targets: number;
  readonly paths: number;
  readonly pathTargets: number;
}

interface Sums {
  decisive: number;
  hits: number;
  readonly others: Set<string>;
}

/** The spread of each cause, in their order. */
export function spreadOf(causes: readonly SpreadCause[]): Spread[] {
  const byTarget = new Map<string, Sums>();
  const byPath = new Map<string, Sums>();
  for (const cause of causes) {
    add(byTarget, cause.target, cause.path, cause);
    add(byPath, cause.path, cause.target, cause);
  }
  const two = busiestTwo(causes);
  const decisive = causes.reduce((sum, cause) => sum + cause.decisive, 0);
  const targets = countDecisive(byTarget);
  const paths = countDecisive(byPath);
  return causes.map(({ target, path }) => ({
    twoPaths: share(two.get(target) ?? 0, byTarget.get(target)?.hits ?? 0),
    targetShare: share(byTarget.get(target)?.decisive ?? 0, decisive),
    pathShare: share(byPath.get(path)?.decisive ?? 0, decisive),
    targets,
    paths,
    pathTargets: byPath.get(path)?.others.size ?? 0,
  }));
}

function add(map: Map<string, Sums>, key: string, other: string, cause: SpreadCause): void {
  const sums = map.get(key) ?? { decisive: 0, hits: 0, others: new Set<string>() };
  map.set(key, sums);
  sums.decisive += cause.decisive;
  sums.hits += cause.hits;
  if (cause.decisive > 0) sums.others.add(other);
}

/** Hits on the two busiest paths of each target. Paths of causes are different within a target. */
function busiestTwo(causes: readonly SpreadCause[]): ReadonlyMap<string, number> {
  const best = new Map<string, [number, number]>();
  for (const { target, hits } of causes) {
    const [first, second] = best.get(target) ?? [0, 0];
    best.set(target, hits > first ? [hits, first] : [first, Math.max(second, hits)]);
  }
  return new Map(Array.from(best, ([target, [first, second]]) => [target, first + second]));
}

function countDecisive(map: ReadonlyMap<string, Sums>): number {
  let count = 0;
  for (const { decisive } of map.values()) if (decisive > 0) count++;
  return count;
}

function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : part / whole;
}
