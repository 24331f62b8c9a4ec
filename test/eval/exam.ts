// Holds the verdicts of a server against labels: one verdict an address (its worst incident), tallies by label and
// kind, and the items that decided where the verdict is wrong or open.
import type { Verdict, VerdictLabel } from '../../src/model.ts';

/** One line of labels.jsonl. */
export interface Label {
  readonly ip: string;
  readonly label: 'legit' | 'legit-false-positive' | 'attack' | 'scanner' | 'mixed';
  readonly kind: string;
}

/** One incident as `incidents` lists it. */
export interface Judged {
  readonly client: string;
  readonly from: string;
  readonly verdict: Verdict;
}

/** Who stands behind an address, for the figures. */
export type Population = 'people' | 'machines' | 'attackers' | 'browse first' | 'scanners' | 'mixed';

/** Kinds of labels.jsonl that are honest machines. */
const MACHINES: ReadonlySet<string> = new Set([
  'rest-client',
  'payment-ipn',
  'monitor',
  'feed-noua',
  'wp-mobile-xmlrpc',
  'csp-soap',
]);

/** The population of a label. */
export function populationOf({ label, kind }: Label): Population {
  if (label === 'mixed') return 'mixed';
  if (label === 'scanner') return 'scanners';
  if (label === 'attack') return kind === 'attack-browser' ? 'browse first' : 'attackers';
  return MACHINES.has(kind) ? 'machines' : 'people';
}

const BADNESS: Readonly<Record<VerdictLabel, number>> = {
  attack: 3,
  unclear: 2,
  'not-attributable': 1,
  local: 1,
  'false-positive': 0,
};

/** The worst incident of each address. */
export function worstByAddress(incidents: readonly Judged[]): ReadonlyMap<string, Judged> {
  const worst = new Map<string, Judged>();
  for (const one of incidents) {
    const other = worst.get(one.client);
    const more = other === undefined ? 1 : BADNESS[one.verdict.label] - BADNESS[other.verdict.label];
    const sum = other === undefined ? 0 : one.verdict.logOdds - other.verdict.logOdds;
    if (more > 0 || (more === 0 && sum > 0)) worst.set(one.client, one);
  }
  return worst;
}

export interface Tally {
  attack: number;
  unclear: number;
  falsePositive: number;
  other: number;
}

export interface Exam {
  readonly byLabel: ReadonlyMap<string, Tally>;
  readonly byPopulation: ReadonlyMap<Population, Tally>;
  readonly byKind: ReadonlyMap<string, Tally>;
  /** Addresses whose verdict is wrong or open. */
  readonly open: readonly { readonly label: Label; readonly worst: Judged }[];
}

/** Tallies the addresses that have a label and an incident; `wanted` narrows them. */
export function examine(
  labels: readonly Label[],
  worst: ReadonlyMap<string, Judged>,
  wanted: (address: string) => boolean,
): Exam {
  const byLabel = new Map<string, Tally>();
  const byPopulation = new Map<Population, Tally>();
  const byKind = new Map<string, Tally>();
  const open: { label: Label; worst: Judged }[] = [];
  for (const label of labels) {
    const judged = worst.get(label.ip);
    if (judged === undefined || !wanted(label.ip)) continue;
    const population = populationOf(label);
    count(byLabel, label.label, judged.verdict.label);
    count(byPopulation, population, judged.verdict.label);
    count(byKind, `${label.label} / ${label.kind}`, judged.verdict.label);
    if (!isRight(population, judged.verdict.label)) open.push({ label, worst: judged });
  }
  return { byLabel, byPopulation, byKind, open };
}

function isRight(population: Population, label: VerdictLabel): boolean {
  if (population === 'people' || population === 'machines') return label === 'false-positive';
  return label === 'attack';
}

function count<Key>(tallies: Map<Key, Tally>, key: Key, label: VerdictLabel): void {
  const tally = tallies.get(key) ?? { attack: 0, unclear: 0, falsePositive: 0, other: 0 };
  tallies.set(key, tally);
  if (label === 'attack') tally.attack++;
  else if (label === 'unclear') tally.unclear++;
  else if (label === 'false-positive') tally.falsePositive++;
  else tally.other++;
}

/** The figures that the exam is about; shares are 0 to 1, null without any address. */
export interface Figures {
  readonly hostile: number;
  readonly hostileFalse: number;
  readonly mixedFalse: number;
  readonly recall: number | null;
  readonly browseFirstRecall: number | null;
  readonly legit: number;
  readonly legitAttack: number;
  readonly machinesAttack: number;
  readonly peopleRecognised: number | null;
  readonly decided: number | null;
}

/** Sums of the tallies. */
export function figuresOf({ byPopulation }: Pick<Exam, 'byPopulation'>): Figures {
  const of = (...names: readonly Population[]): Tally =>
    names.reduce(
      (sum, name) => {
        const one = byPopulation.get(name);
        if (one === undefined) return sum;
        return {
          attack: sum.attack + one.attack,
          unclear: sum.unclear + one.unclear,
          falsePositive: sum.falsePositive + one.falsePositive,
          other: sum.other + one.other,
        };
      },
      { attack: 0, unclear: 0, falsePositive: 0, other: 0 },
    );
  const hostile = of('attackers', 'browse first', 'scanners');
  const browse = of('browse first');
  const legit = of('people', 'machines');
  const people = of('people');
  const all = of('attackers', 'browse first', 'scanners', 'people', 'machines', 'mixed');
  return {
    hostile: sizeOf(hostile),
    hostileFalse: hostile.falsePositive,
    mixedFalse: of('mixed').falsePositive,
    recall: share(hostile.attack, sizeOf(hostile)),
    browseFirstRecall: share(browse.attack, sizeOf(browse)),
    legit: sizeOf(legit),
    legitAttack: legit.attack,
    machinesAttack: of('machines').attack,
    peopleRecognised: share(people.falsePositive, sizeOf(people)),
    decided: share(all.attack + all.falsePositive, sizeOf(all)),
  };
}

/** Addresses of a tally. */
export function sizeOf({ attack, unclear, falsePositive, other }: Tally): number {
  return attack + unclear + falsePositive + other;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
