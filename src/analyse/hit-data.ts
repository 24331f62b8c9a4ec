// Reads the `[data]` text of rule hits: which target it names and what stood there.
import type { RuleHit } from '../model.ts';
import type { ValueKind } from './grammar-match.ts';
import { remembering } from './remember.ts';
import { cookiesOf, splitUri, type PlacedValue } from './value-place.ts';

/** Rules that react to attack texts, by the first three digits of their id. */
const ATTACK_RULE = /^9(?:21|3[0-4]|4[1-4])\d{3}$/;

/** The family of an attack rule, e.g. `942`; null for protocol, scoring and other rules. */
export function attackFamily(ruleId: string): string | null {
  return ATTACK_RULE.test(ruleId) ? ruleId.slice(0, 3) : null;
}

/** What a hit's data says. `value` is cut by ModSecurity at some 500 characters. */
export interface HitValue {
  readonly target: string;
  readonly value: string;
}

const FOUND = / found within ([A-Z_]{2,40}(?::[^\s:]{1,200}(?::[^\s:]{1,200})?)?): /;
const PAIR = /^([A-Z_]{2,40}(?::[^=\s]{1,200})?)=/;
const INNER_TARGET = /^TX:\w*?_((?:ARGS(?:_GET|_POST|_NAMES)?|REQUEST_\w+|XML|FILES)\b.*)$/s;

/**
 * Reads `Matched Data: x found within ARGS:a: value` and `REQUEST_URI=value`; else the data is the value of the
 * hit's own target. Null when the hit names no target or has no data.
 */
export function hitValue(hit: RuleHit): HitValue | null {
  if (hit.data === null) return null;
  const named = hit.target === null ? null : realTarget(hit.target);
  const frame = ` found within ${hit.target?.startsWith(`${named}: `) === true ? named : hit.target}: `;
  const own = named === null ? -1 : hit.data.indexOf(frame);
  if (named !== null && own >= 0) return { target: named, value: hit.data.slice(own + frame.length) };
  const found = FOUND.exec(hit.data);
  if (found?.[1] !== undefined) {
    return { target: realTarget(found[1]), value: hit.data.slice(found.index + found[0].length) };
  }
  const pair = PAIR.exec(hit.data);
  if (pair?.[1] !== undefined) return { target: pair[1], value: hit.data.slice(pair[0].length) };
  return named === null ? null : { target: named, value: hit.data };
}

/** `TX:rfi_parameter_ARGS:url` stands for `ARGS:url`; a name does not begin with a blank (`XML: text`). */
function realTarget(target: string): string {
  const collection = /^([A-Z_]{2,40}):\s/.exec(target)?.[1];
  return collection ?? INNER_TARGET.exec(target)?.[1] ?? target;
}

/** The target a hit is about: its own, or the one its data names; null when neither is known. */
export function hitTarget(hit: RuleHit): string | null {
  if (hit.target !== null) return realTarget(hit.target);
  return hitValue(hit)?.target ?? null;
}

/** One spelling for the targets that mean the same place, for comparison. */
export const targetKey = remembering(keyOf);

function keyOf(target: string): string {
  const colon = target.indexOf(':');
  const collection = (colon < 0 ? target : target.slice(0, colon)).toUpperCase();
  const name = colon < 0 ? '' : target.slice(colon + 1).toLowerCase();
  const group = GROUPS.get(collection) ?? collection;
  if (group === 'URI' || group === 'PATH' || group === 'BODY') return group;
  return `${group}:${name.startsWith('json.') ? name.slice(5) : name}`;
}

const GROUPS: ReadonlyMap<string, string> = new Map([
  ['ARGS_GET', 'ARGS'],
  ['ARGS_POST', 'ARGS'],
  ['ARGS_GET_NAMES', 'ARGS_NAMES'],
  ['ARGS_POST_NAMES', 'ARGS_NAMES'],
  ['REQUEST_URI', 'URI'],
  ['REQUEST_URI_RAW', 'URI'],
  ['REQUEST_LINE', 'URI'],
  ['QUERY_STRING', 'URI'],
  ['REQUEST_FILENAME', 'PATH'],
  ['REQUEST_BASENAME', 'PATH'],
  ['XML', 'BODY'],
  ['REQUEST_BODY', 'BODY'],
]);

/** ModSecurity 2.9.7 cuts `[data]` at 512 bytes; a little less is allowed for other versions and cut characters. */
const DATA_BYTES = 490;

/** Whether a hit's data may be only the beginning of what it names. */
export function isDataCut({ data, cut }: RuleHit): boolean {
  return cut || (data !== null && data.length > 100 && new TextEncoder().encode(data).length >= DATA_BYTES);
}

/** The values that a target's text stands for: one, or path and arguments when it is an address or cookies. */
export function placesOf(target: string, value: string, where: 'query' | 'body'): PlacedValue[] {
  const key = targetKey(target);
  if (key === 'URI') return uriPlaces(target, value);
  if (key === 'PATH') return [{ field: 'REQUEST_FILENAME', name: '', value, where: 'path', kind: 'path' }];
  const name = target.includes(':') ? target.slice(target.indexOf(':') + 1) : '';
  if (/^REQUEST_HEADERS:cookie$/i.test(target)) {
    return cookiesOf(value).map((cookie) => cookiePlace(cookie.name, cookie.value));
  }
  const kind = kindOf(target);
  return [{ field: target, name, value, where: kind === 'argument' ? where : whereOf(kind), kind }];
}

function whereOf(kind: ValueKind): PlacedValue['where'] {
  return kind === 'upload' ? 'body' : 'header';
}

/** A cookie's value as a place. */
export function cookiePlace(name: string, value: string): PlacedValue {
  return { field: `REQUEST_COOKIES:${name}`, name, value, where: 'header', kind: 'cookie' };
}

/** Path and query of an address as places; a bare query for `QUERY_STRING`. */
export function uriPlaces(target: string, value: string): PlacedValue[] {
  const line = /^[A-Z]{3,10} (\S+)(?: HTTP\/[\d.]+)?$/.exec(value)?.[1] ?? value;
  const { path, args } = splitUri(target === 'QUERY_STRING' ? `?${line}` : line);
  const places = args.flatMap((arg) => argumentPlaces(arg.name, arg.value, 'query'));
  if (path !== '')
    places.unshift({ field: 'REQUEST_FILENAME', name: '', value: path, where: 'path', kind: 'path' });
  return places;
}

/** An argument as places: its value, and its name when that is more than a name. */
export function argumentPlaces(name: string, value: string, where: 'query' | 'body'): PlacedValue[] {
  const places: PlacedValue[] = [];
  if (value !== '') places.push({ field: `ARGS:${name}`, name, value, where, kind: 'argument' });
  if (!/^[\w.[\]$:-]*$/.test(name)) {
    places.push({ field: `ARGS_NAMES:${name.slice(0, 80)}`, name: '', value: name, where, kind: 'argument' });
  }
  return places;
}

function kindOf(target: string): ValueKind {
  if (/^REQUEST_COOKIES/i.test(target)) return 'cookie';
  if (/^REQUEST_HEADERS:(?:user-agent|accept)$/i.test(target)) return 'agent';
  if (/^REQUEST_HEADERS/i.test(target)) return 'header';
  return /^(?:FILES(?::|$)|MULTIPART_FILENAME)/i.test(target) ? 'upload' : 'argument';
}
