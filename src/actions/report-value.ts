// Values of logs in a report: cleaned, cut, and never mixed with our own words.
import type { IsoTime } from './explanation.ts';
import { readableTime } from './iso-time.ts';
import type { Span, Spans } from './report-view.ts';

/** Control, unassigned, private and invisible characters, and all blanks but the plain one. */
const ODD = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
const LONGEST = 60;

/** One line of visible characters, at most so many; what was cut off is an ellipsis. Odd characters become U+FFFD. */
export function cleaned(text: string, most = LONGEST): string {
  // Only so much is looked at: a line of a log may have a megabyte.
  const chars = Array.from(
    text
      .slice(0, most * 4)
      .toWellFormed()
      .replace(ODD, '\ufffd'),
  );
  const isCut = chars.length > most || text.length > most * 4;
  return isCut ? `${chars.slice(0, most - 1).join('')}…` : chars.join('');
}

/** A value as a piece of a sentence. An empty one says so. */
export function valueOf(text: string, most = LONGEST): Span {
  const clean = cleaned(text, most);
  return clean.trim() === '' ? '(empty)' : { value: clean };
}

/** Pieces with a text between each two, and another before the last. */
export function joined(parts: readonly Spans[], last = ' and '): Spans {
  return parts.flatMap((part, at) => {
    const between = at === 0 ? [] : [at === parts.length - 1 ? last : ', '];
    return [...between, ...part];
  });
}

/** A time of the server's clock. */
export function timeOf(iso: IsoTime): string {
  return readableTime(iso);
}

/** The text of spans without any markup. */
export function plainOf(spans: Spans): string {
  return spans.map((span) => (typeof span === 'string' ? span : span.value)).join('');
}
