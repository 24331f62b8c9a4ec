// How noisy a cause is: the score N of a rule at a target, its parts in words, its band.
// The model is that of the evidence table (see weights.ts): rules that many unrelated ordinary visitors trip at one place
// are noisy, rules that trip attackers are not. All its numbers stand in NOISE.

/** The numbers of the score. */
export const NOISE = {
  /** min(most, ln(1 + ordinary visitors) * factor): three unrelated visitors weigh 2, thirteen the most. */
  people: { factor: 1.5, most: 4 },
  /** A rule that flags this share of all requests to a path reacts to the site's own work. */
  share: { least: 0.02, points: 1 },
  /** Attackers try many paths, a site's own form has one or two. */
  fewPaths: { least: 0.8, points: 1 },
  /** Long site content and tracking fields are what the rules misread most. */
  shaped: { least: 0.8, points: 1 },
  /** The makers of the rules know of this false alarm. */
  pair: 0.5,
  /** Taken off in proportion to the share of requests of attack incidents. */
  attacks: 3,
  /** One address alone, and at most one ordinary visitor: may be anything. */
  oneAddress: 2,
  /** Where the bands begin. */
  noisy: 4,
  watch: 2,
} as const;

/** What the score is made of; counts over the window. */
export interface NoiseFacts {
  /** Different networks of ordinary visitors. */
  readonly ordinary: number;
  /** Different addresses. */
  readonly visitors: number;
  /** Requests that the rule flagged there, those of attack incidents, and those on content or in tracking fields. */
  readonly hits: number;
  readonly attackHits: number;
  readonly shaped: number;
  /** Share of these requests' target that went to its two busiest paths, 0 to 1. */
  readonly twoPaths: number;
  /** Share of the site's requests to the path that it flags; null while it is not counted. */
  readonly share: number | null;
  /** What is known of this rule at this place in this application, as a clause; null for nothing. */
  readonly pair: string | null;
}

export interface NoisePart {
  readonly words: string;
  readonly value: number;
}

export interface Noise {
  readonly score: number;
  /** They add up to the score. A part that adds nothing says why. */
  readonly parts: readonly NoisePart[];
}

export type NoiseBand = 'noisy' | 'watch' | 'leave';

/** The score with its parts; 0 with no parts where nothing was hit. */
export function noiseOf(facts: NoiseFacts): Noise {
  if (facts.hits <= 0) return { score: 0, parts: [] };
  const parts = [peoplePart, sharePart, pathsPart, shapePart, pairPart, attackPart, alonePart].flatMap(
    (part) => part(facts) ?? [],
  );
  return { score: round(parts.reduce((sum, { value }) => sum + value, 0)), parts };
}

/** The band of a score. */
export function bandOf(score: number): NoiseBand {
  if (score >= NOISE.noisy) return 'noisy';
  return score >= NOISE.watch ? 'watch' : 'leave';
}

/** Share of requests that belong to attack incidents, 0 to 1. */
export function attackShare({ hits, attackHits }: Pick<NoiseFacts, 'hits' | 'attackHits'>): number {
  return hits <= 0 ? 0 : Math.min(1, attackHits / hits);
}

function peoplePart({ ordinary }: NoiseFacts): NoisePart {
  const { factor, most } = NOISE.people;
  const value = round(Math.min(most, Math.log(1 + ordinary) * factor));
  const words =
    ordinary === 0 ? 'no ordinary visitor' : `ordinary visitors from ${counted(ordinary, 'network')}`;
  return { words, value };
}

function sharePart({ share }: NoiseFacts): NoisePart {
  if (share === null)
    return { words: 'share of the requests to this path that it flags: not counted', value: 0 };
  const { least, points } = NOISE.share;
  const words = `it flags ${percent(share)} of the requests to this path`;
  return { words, value: share >= least ? points : 0 };
}

function pathsPart({ twoPaths }: NoiseFacts): NoisePart | null {
  const { least, points } = NOISE.fewPaths;
  if (twoPaths < least) return null;
  return { words: `${percent(twoPaths)} of the hits of this target on one or two paths`, value: points };
}

function shapePart({ shaped, hits }: NoiseFacts): NoisePart | null {
  const part = Math.min(1, shaped / hits);
  const { least, points } = NOISE.shaped;
  if (part < least) return null;
  return { words: `${percent(part)} of the hits on page content or in a tracking field`, value: points };
}

function pairPart({ pair }: NoiseFacts): NoisePart | null {
  return pair === null ? null : { words: `a documented false alarm: ${pair}`, value: NOISE.pair };
}

function attackPart(facts: NoiseFacts): NoisePart | null {
  const part = attackShare(facts);
  if (part === 0) return null;
  return { words: `${percent(part)} of the hits belong to attacks`, value: round(-NOISE.attacks * part) };
}

function alonePart({ ordinary, visitors }: NoiseFacts): NoisePart | null {
  if (ordinary > 1 || visitors > 1) return null;
  return { words: 'all from one address', value: -NOISE.oneAddress };
}

/** Three decimals: equal scores stay equal however they were added up. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000 + 0;
}

function percent(part: number): string {
  if (part > 0 && part < 0.001) return 'less than 0.1 %';
  return `${part < 0.1 ? Math.round(part * 1000) / 10 : Math.round(part * 100)} %`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
