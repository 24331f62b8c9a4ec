// What later items ask of a value, computed while it is still there: its shape, whether it is page content or a
// tracking code, and whose authors write such a field.
import type { ValueFinding } from '../model.ts';
import { MAX_LOOK } from './grammar-match.ts';
import { authorField, isField, isTracking, type PlacedValue } from './value-place.ts';

/** Texts longer than this are what pages are made of. */
const LONG = 300;
const MARKUP_OR_JSON = /<[a-z!/][^<>]{0,400}>|^\s*[[{]/i;

interface Read {
  readonly outcome: ValueFinding['outcome'];
  readonly explained: boolean;
  readonly path: string;
  readonly hash: (text: string) => string;
}

/** The optional fields of a finding that fit this value. */
export function readingOf(
  place: PlacedValue,
  { outcome, explained, path, hash }: Read,
): Pick<ValueFinding, 'shape' | 'reads' | 'author'> {
  const entry = authorField(path, place);
  const open = outcome === 'none' && !explained;
  const canLift = entry !== null && entry.lift !== false && (outcome === 'author' || open);
  return {
    ...(open && place.cut !== true ? { shape: hash(`shape ${shapeOf(place.value)}`) } : {}),
    ...readsAs(place, entry !== null, outcome !== 'hostile'),
    ...(canLift ? { author: entry.app } : {}),
  };
}

/**
 * The shape of a value: runs of letters and digits are one `a`, runs of blanks one blank. Values of one kind share it
 * (`powershell.exe -Command Get-Process` and `cmd.exe -Run Dir-Users`).
 */
export function shapeOf(value: string): string {
  return value
    .slice(0, MAX_LOOK)
    .replace(/[\p{L}\p{M}\p{N}]+/gu, 'a')
    .replace(/\s+/g, ' ');
}

function readsAs(place: PlacedValue, isAuthors: boolean, mayBeContent: boolean): Pick<ValueFinding, 'reads'> {
  if (isTracking(place.field)) return { reads: 'tracking' };
  const isText = isAuthors || (place.where === 'body' && isField('free', place.name));
  const isLong = place.value.length > LONG || MARKUP_OR_JSON.test(place.value.slice(0, MAX_LOOK));
  return mayBeContent && isText && isLong ? { reads: 'content' } : {};
}
