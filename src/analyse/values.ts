// Looks at the raw values of one request, before they are masked, and says how each reads.
import type { RuleHit, ValueFinding } from '../model.ts';
import { normalizeValue } from './decode.ts';
import { isExplained, isTrackingValue, type ExplainContext } from './explained.ts';
import { matchGrammar, MAX_LOOK, MOST_LOOK, type GrammarMatch } from './grammar-match.ts';
import {
  argumentPlaces,
  attackFamily,
  cookiePlace,
  hitTarget,
  isDataCut,
  hitValue,
  placesOf,
  targetKey,
  uriPlaces,
} from './hit-data.ts';
import { readsAsLanguage } from './language.ts';
import { maskSecrets, visible } from './secrets.ts';
import { excerptOf } from './excerpt.ts';
import { authorField, cookiesOf, isField, isTracking, splitUri, type PlacedValue } from './value-place.ts';
import { readingOf } from './value-reading.ts';

/** What a reader knows of one request. All texts decoded, unmasked; values of arguments decoded once. */
export interface ValuesInput {
  /** Path without query, from the error_log or the record. */
  readonly path: string | null;
  readonly method: string | null;
  /** From the audit record; empty without one. */
  readonly args: readonly {
    readonly name: string;
    readonly value: string;
    readonly where: 'query' | 'body';
  }[];
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Request target as sent; counts as shown only with an audit record (a method or headers). */
  readonly uri: string | null;
  readonly hits: readonly RuleHit[];
}

type Hash = (normalised: string) => string;

const MAX_ARGUMENTS = 2000;
const MAX_FINDINGS = 60;
const UNKNOWN_VALUE = '(not in the logs)';

/**
 * Gives a finding for every value with grammar of hostile texts, and for every value that an attack rule (921,
 * 930-934, 941-944) reacted to. A value is looked at once per field: as the record shows it, else as the hits' data
 * does; of the transformed copies that rules log, one counts. At most 60 findings, the telling ones first.
 *
 * `hash` gets the normalised value and must be keyed, so that values can be compared but not guessed.
 */
export function findValues(input: ValuesInput, hash: Hash): ValueFinding[] {
  const path = input.path ?? (input.uri === null ? '' : splitUri(input.uri).path);
  const flags = flaggedTargets(input.hits);
  const shown = recordPlaces(input, path, flags);
  const places = [...shown, ...dataPlaces(input, shown)];
  const look: Look = { path, flags, hash, ownHost: hostOf(input) };
  const found = places.map((place) => findingOf(place, look)).filter((finding) => finding !== null);
  found.push(...wholeUri(input, look, found), ...unseen(look, places));
  return found.sort((a, b) => tellingOrder(a) - tellingOrder(b)).slice(0, MAX_FINDINGS);
}

/**
 * Looks at path and query of an access-log line: attempts that tripped no rule are there. Only values with grammar
 * give a finding. Without `hash` the findings' hash is empty; compare them by field and excerpt then.
 */
export function findAccessValues(uri: string, hash: Hash = () => ''): ValueFinding[] {
  const { path } = splitUri(uri);
  const look: Look = { path, flags: new Map(), hash, ownHost: null };
  return uriPlaces('REQUEST_URI', uri)
    .map((place) => findingOf(place, look))
    .filter((finding) => finding !== null)
    .slice(0, MAX_FINDINGS);
}

interface Look {
  readonly path: string;
  readonly flags: ReadonlyMap<string, readonly RuleHit[]>;
  readonly hash: Hash;
  readonly ownHost: string | null;
}

/** Attack-rule hits by the place they are about. */
function flaggedTargets(hits: readonly RuleHit[]): Map<string, RuleHit[]> {
  const flags = new Map<string, RuleHit[]>();
  for (const hit of hits) {
    if (attackFamily(hit.ruleId) === null) continue;
    const target = hitTarget(hit);
    const key = target === null ? '' : targetKey(target);
    const list = flags.get(key);
    if (list === undefined) flags.set(key, [hit]);
    else list.push(hit);
  }
  return flags;
}

function hostOf(input: ValuesInput): string | null {
  const host = input.headers.find((header) => header.name.toLowerCase() === 'host')?.value;
  return host?.toLowerCase().replace(/:\d+$/, '') ?? null;
}

/** All values that the audit record shows. */
function recordPlaces(input: ValuesInput, path: string, flags: Look['flags']): PlacedValue[] {
  const places: PlacedValue[] = [];
  if (path !== '')
    places.push({ field: 'REQUEST_FILENAME', name: '', value: path, where: 'path', kind: 'path' });
  const inRecord = input.args.some((arg) => arg.where === 'query');
  const query = inRecord || input.uri === null ? [] : splitUri(input.uri).args;
  for (const arg of query) places.push(...argumentPlaces(arg.name, arg.value, 'query'));
  for (const arg of input.args.slice(0, MAX_ARGUMENTS)) {
    if (arg.name !== '') places.push(...argumentPlaces(arg.name, arg.value, arg.where));
    else
      places.push({ field: 'REQUEST_BODY', name: '', value: arg.value, where: arg.where, kind: 'argument' });
  }
  for (const header of input.headers) places.push(...headerPlaces(header, hostOf(input), flags));
  // Of what is longer only the beginning was kept when the record was read.
  return places.map((place) => (place.value.length >= MOST_LOOK ? { ...place, cut: true } : place));
}

function headerPlaces(
  header: { readonly name: string; readonly value: string },
  ownHost: string | null,
  flags: Look['flags'],
): PlacedValue[] {
  const name = header.name.toLowerCase();
  if (name === 'cookie')
    return cookiesOf(header.value).map((cookie) => cookiePlace(cookie.name, cookie.value));
  if (name === 'host' || name === 'content-length' || header.value === '') return [];
  const field = `REQUEST_HEADERS:${header.name}`;
  // A page that was asked for with an attack text sends that text again as referer of its pictures.
  const ownPage = name === 'referer' && ownHost !== null && header.value.includes(`//${ownHost}`);
  if (ownPage && !flags.has(targetKey(field))) return [];
  const kind = name === 'user-agent' || name === 'accept' ? 'agent' : 'header';
  return [{ field, name: header.name, value: header.value, where: 'header', kind }];
}

/** Values that only the hits' data shows: no record, a target it does not show, or a value too long to look at. */
function dataPlaces(input: ValuesInput, shown: readonly PlacedValue[]): PlacedValue[] {
  const candidates = input.hits.filter(
    (hit) => attackFamily(hit.ruleId) !== null || hit.ruleId.startsWith('920'),
  );
  if (candidates.length === 0) return [];
  const visibleKeys = new Set(
    shown.filter((place) => place.value.length <= MOST_LOOK).map((place) => targetKey(place.field)),
  );
  if (isRecorded(input)) visibleKeys.add('URI');
  const shownKeys = new Set(shown.map((place) => targetKey(place.field)));
  const byKey = new Map<string, PlacedValue[]>();
  for (const hit of candidates) {
    const read = hitValue(hit);
    if (read === null || visibleKeys.has(targetKey(read.target))) continue;
    const where = isInQuery(input, read.target) ? 'query' : 'body';
    // A record that shows the beginning of a long value was looked at further than the data reaches.
    const cut = isDataCut(hit) && !shownKeys.has(targetKey(read.target));
    for (const whole of placesOf(read.target, read.value, where)) {
      const place = cut ? { ...whole, cut } : whole;
      const key = targetKey(place.field);
      if (visibleKeys.has(key)) continue;
      const copies = byKey.get(key);
      if (copies === undefined) byKey.set(key, [place]);
      else copies.push(place);
    }
  }
  return [...byKey.values()].flatMap(oneOfCopies);
}

/** An error_log line has neither method nor headers, and its path has no query. */
function isRecorded(input: ValuesInput): boolean {
  return input.uri !== null && (input.method !== null || input.headers.length > 0);
}

function isInQuery(input: ValuesInput, target: string): boolean {
  if (target.startsWith('ARGS_GET')) return true;
  if (input.method === 'GET' || input.method === 'HEAD') return true;
  if (input.uri === null) return false;
  const key = targetKey(target);
  return splitUri(input.uri).args.some((arg) => targetKey(`ARGS:${arg.name}`) === key);
}

/** Rules log lower-case or blank-free copies of one value: the longest one with grammar stands for all. */
function oneOfCopies(copies: readonly PlacedValue[]): PlacedValue[] {
  if (copies.length < 2) return [...copies];
  const longestFirst = [...copies].sort((a, b) => b.value.length - a.value.length);
  const telling = longestFirst.find((place) => matchGrammar(place.value, place.kind) !== null);
  const one = telling ?? longestFirst[0];
  return one === undefined ? [] : [one];
}

function findingOf(place: PlacedValue, look: Look): ValueFinding | null {
  const match = matchGrammar(place.value, place.kind);
  const flags = flagsOf(place, match, look);
  if (match === null && flags.length === 0) return null;
  const families = new Set(flags.map((hit) => hit.ruleId.slice(0, 3)));
  const context: ExplainContext = { path: look.path, ownHost: look.ownHost, families };
  const outcome = match === null ? 'none' : outcomeOf(place, match, look.path);
  const explained = outcome === 'none' ? explains(place, context) : outcome !== 'hostile';
  return {
    field: visible(maskSecrets(place.field)),
    path: visible(maskSecrets(look.path)),
    grammar: match?.ids ?? [],
    families: match?.families ?? [],
    outcome,
    excerpt: excerptOf(place, match),
    hash: look.hash(normalizeValue(place.value)),
    length: place.value.length,
    explained,
    ruleIds: [...new Set(flags.map((hit) => hit.ruleId))],
    ...readingOf(place, { outcome, explained, path: look.path, hash: look.hash }),
  };
}

/** Of a value whose end no log shows, its text explains nothing: an attack may follow after harmless words. */
function explains(place: PlacedValue, context: ExplainContext): boolean {
  if (place.cut !== true) return isExplained(place, context);
  return isTracking(place.field) && isTrackingValue(place.value);
}

/** The attack-rule hits about this value. Of several values of one name, the one that the data shows is meant. */
function flagsOf(place: PlacedValue, match: GrammarMatch | null, look: Look): readonly RuleHit[] {
  const flags = look.flags.get(targetKey(place.field)) ?? [];
  if (flags.length === 0) return flags;
  const own = normalizeValue(place.value.slice(0, MAX_LOOK));
  const about = flags.filter((hit) => {
    const data = normalizeValue(hitValue(hit)?.value ?? '');
    return (
      data === '' || own === '' || data.startsWith(own.slice(0, 20)) || own.startsWith(data.slice(0, 20))
    );
  });
  return about.length > 0 || match !== null ? about : flags;
}

function outcomeOf(place: PlacedValue, match: GrammarMatch, path: string): ValueFinding['outcome'] {
  if (match.onlyMentions && place.cut !== true && place.where === 'body' && isField('free', place.name)) {
    if (readsAsLanguage(match.text, match.at, match.families.includes('sqli'))) return 'sentence';
  }
  if (match.ids.includes('upload-exec')) return 'hostile';
  const author = authorField(path, place);
  if (author === null) return 'hostile';
  const fits = author.families === '*' || match.families.every((family) => author.families.includes(family));
  return fits ? 'author' : 'hostile';
}

/** An attack rule reacted to the address as a whole, and no single value of it has grammar. */
function wholeUri(input: ValuesInput, look: Look, found: readonly ValueFinding[]): ValueFinding[] {
  const hit = look.flags.get('URI')?.[0];
  if (hit === undefined || found.some((finding) => isInUri(finding) && finding.grammar.length > 0)) return [];
  const shown = isRecorded(input) ? input.uri : null;
  const value = shown ?? hitValue(hit)?.value ?? look.path;
  const place: PlacedValue = { field: 'REQUEST_URI', name: '', value, where: 'path', kind: 'path' };
  const finding = findingOf(place, look);
  return finding === null ? [] : [finding];
}

function isInUri(finding: ValueFinding): boolean {
  return finding.field.startsWith('ARGS') || finding.field === 'REQUEST_FILENAME';
}

/** Attack-rule hits whose value no log shows: nothing can explain what was not seen. */
function unseen(look: Look, places: readonly PlacedValue[]): ValueFinding[] {
  const seen = new Set(places.map((place) => targetKey(place.field)));
  const lost: ValueFinding[] = [];
  for (const [key, hits] of look.flags) {
    if (key === 'URI' || seen.has(key)) continue;
    const first = hits[0];
    const read = first === undefined ? null : hitValue(first);
    if (
      read !== null &&
      placesOf(read.target, read.value, 'body').some((place) => seen.has(targetKey(place.field)))
    )
      continue;
    lost.push({
      field: first?.target ?? '',
      path: visible(maskSecrets(look.path)),
      grammar: [],
      families: [],
      outcome: 'none',
      excerpt: UNKNOWN_VALUE,
      hash: look.hash(''),
      length: 0,
      explained: false,
      ruleIds: [...new Set(hits.map((hit) => hit.ruleId))],
    });
  }
  return lost;
}

function tellingOrder(finding: ValueFinding): number {
  if (finding.outcome === 'hostile') return 0;
  if (finding.outcome === 'none') return finding.explained ? 4 : 1;
  return finding.outcome === 'author' ? 2 : 3;
}
