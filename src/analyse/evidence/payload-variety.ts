// PAYLOAD: how many different tricks were tried, and how often one field was tried.
import type { Evidence } from '../../model.ts';
import { pathTemplate } from '../causes.ts';
import { count, joinAnd } from '../sentences.ts';
import { contents, distinctValues, isContentSeen, type Content } from './content.ts';
import type { EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const FIELD_WINDOW_MS = 600_000;
const FIELD_VALUES = 5;
const FIELD_LENGTH = 200;

/** Y2: three grammar families and more, over two different fields and more; hostile values only. */
export function severalFamilies(input: EvidenceInput): Evidence {
  const hostile = hostileOf(input);
  if (hostile.length === 0 && !isContentSeen(input))
    return unknown('Y2', 'How many kinds of tricks it tried: what it sent is in none of these lines.');
  const families = [...new Set(hostile.flatMap(({ finding }) => finding.families))];
  const places = new Set(hostile.map(placeOf));
  if (families.length >= 3 && places.size >= 2) {
    const sentence = `It tried ${joinAnd(families)} in turn, in ${count(places.size, 'different field')}.`;
    return present('Y2', sentence, linesIn(hostile));
  }
  return absent('Y2', 'It did not try several kinds of tricks in several fields.');
}

/** Y3: one field with five different values and more within 10 min, each short, at least one of them hostile. */
export function oneFieldTried(input: EvidenceInput): Evidence {
  const short = contents(input).filter(
    ({ finding }) => finding.length < FIELD_LENGTH && finding.outcome !== 'sentence',
  );
  if (short.length === 0 && !isContentSeen(input))
    return unknown('Y3', 'How often it tried one field: what it sent is in none of these lines.');
  for (const [, tried] of Map.groupBy(short, placeOf)) {
    const most = mostValues(tried);
    if (most.length < FIELD_VALUES || !most.some(({ finding }) => finding.outcome === 'hostile')) continue;
    const field = most[0]?.finding.field ?? '';
    const sentence = `${count(most.length, 'variant')} of one trick in ${field} within 10 min.`;
    return present('Y3', sentence, linesIn(most));
  }
  return absent('Y3', 'No field was tried with one trick after another.');
}

/** The most different values in any 10 min. */
function mostValues(tried: readonly Content[]): readonly Content[] {
  const sorted = tried.toSorted((a, b) => a.at - b.at);
  let most: readonly Content[] = [];
  for (const [index, first] of sorted.entries()) {
    if (sorted.length - index <= most.length) break;
    const own = distinctValues(
      sorted.slice(index, index + 200).filter(({ at }) => at - first.at <= FIELD_WINDOW_MS),
    );
    if (own.length > most.length) most = own;
  }
  return most;
}

function hostileOf(input: EvidenceInput): readonly Content[] {
  return distinctValues(contents(input).filter(({ finding }) => finding.outcome === 'hostile'));
}

function placeOf({ finding }: Content): string {
  return `${pathTemplate(finding.path)} ${finding.field.toLowerCase()}`;
}

function linesIn(list: readonly Content[]): Content['lines'][number][] {
  return list.flatMap((content) => content.lines).slice(0, 20);
}
