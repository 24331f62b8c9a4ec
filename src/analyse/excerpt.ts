// A short masked piece of a value, around what matched in it.
import type { GrammarMatch } from './grammar-match.ts';
import { maskValue } from './mask.ts';
import { isSecretHeader, isSecretName, MASK } from './secrets.ts';
import type { PlacedValue } from './value-place.ts';

const EXCERPT = 120;

/** At most 120 characters, masked; cookies and secret fields give the mask alone. */
export function excerptOf(place: PlacedValue, match: GrammarMatch | null): string {
  if (isSecret(place)) return MASK;
  const text = maskValue(match?.text ?? place.value);
  // Masking may have shortened the text before the match: then the window only starts a little late.
  const start = Math.max(0, Math.min((match?.at ?? 0) - 30, text.length - EXCERPT));
  return start > 0 && text.length > EXCERPT ? clip(`…${text.slice(start)}`) : clip(text);
}

/** At most 120 characters; a text that goes on ends in an ellipsis. */
function clip(text: string): string {
  return text.length <= EXCERPT ? text : `${text.slice(0, EXCERPT - 1)}…`;
}

function isSecret(place: PlacedValue): boolean {
  if (place.kind === 'cookie') return true;
  if (place.where === 'header') return isSecretHeader(place.name);
  return place.name !== '' && isSecretName(place.name);
}
