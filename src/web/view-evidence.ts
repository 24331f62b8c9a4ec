// The two evidence halves: what speaks for an attack and what against, and what was looked for.
import type { Evidence } from '../model.ts';
import type { BasisView } from './view-raw.ts';
import { placeViews } from './view-raw.ts';
import { signed } from './view-text.ts';

/** Half the weight bar in px, and how many px one unit of weight takes. */
const HALF = 32;
const PER_UNIT = 8;

/** One item as the partial `evidence-item` draws it. */
export interface EvidenceItem extends BasisView {
  /** `+4.0`; null for items that add nothing. */
  readonly weight: string | null;
  readonly bar: { readonly tone: 'attack' | 'fp'; readonly x: number; readonly width: number } | null;
  readonly sentence: string;
}

interface EvidenceSide {
  readonly side: 'for' | 'against';
  readonly title: string;
  readonly items: readonly EvidenceItem[];
  /** What was looked for on this side and not found, or could not be looked for. */
  readonly looked: readonly EvidenceItem[];
}

export interface EvidenceView {
  readonly sides: readonly EvidenceSide[];
  /** Facts that count for neither side. */
  readonly neutral: readonly EvidenceItem[];
}

function bar(weight: number): EvidenceItem['bar'] {
  const width = Math.min(HALF, Math.round(Math.abs(weight) * PER_UNIT));
  if (width === 0) return null;
  return weight > 0 ? { tone: 'attack', x: HALF, width } : { tone: 'fp', x: HALF - width, width };
}

/** One item with its places. */
export function evidenceItem(evidence: Evidence, anchors: ReadonlyMap<string, string>): EvidenceItem {
  const counts = evidence.status === 'present' && evidence.direction !== 'neutral';
  return {
    weight: counts ? signed(evidence.weight) : null,
    bar: counts ? bar(evidence.weight) : null,
    sentence: evidence.sentence,
    basis: evidence.status === 'unknown' ? 'missing' : evidence.basis,
    places: placeViews(evidence.lines, anchors),
  };
}

function sideTitle(side: 'for' | 'against', found: number, looked: readonly Evidence[]): string {
  const name = side === 'for' ? 'For an attack' : 'Against an attack';
  if (found > 0) return `${name}: ${found}`;
  const allUnknown = looked.length > 0 && looked.every((one) => one.status === 'unknown');
  return `${name}: ${allUnknown ? 'not known' : 'nothing found'}`;
}

/** Splits evidence into its halves, heaviest first; null when there is none. A side without items keeps what was looked for. */
export function evidenceView(
  evidence: readonly Evidence[],
  anchors: ReadonlyMap<string, string>,
): EvidenceView | null {
  if (evidence.length === 0) return null;
  const sides = (['for', 'against'] as const).map((side) => {
    const own = evidence.filter((one) => one.direction === side);
    const found = own
      .filter((one) => one.status === 'present')
      .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    const looked = own.filter((one) => one.status !== 'present');
    return {
      side,
      title: sideTitle(side, found.length, looked),
      items: found.map((one) => evidenceItem(one, anchors)),
      looked: looked.map((one) => evidenceItem(one, anchors)),
    };
  });
  const neutral = evidence.filter((one) => one.direction === 'neutral' && one.status === 'present');
  return { sides, neutral: neutral.map((one) => evidenceItem(one, anchors)) };
}
