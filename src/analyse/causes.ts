// Causes: one reason for many incidents, (rule, target, path), with numbers in names and paths taken together.
import type { EpochMs, StoredHit, Transaction } from '../model.ts';
import { sentPath } from './path-scope.ts';
import { onlyAddsUp } from './score.ts';

/** A request with hits, and whether it belongs to an attack incident. */
export interface CauseRequest {
  readonly transaction: Transaction;
  readonly refused: boolean;
  readonly isAttack: boolean;
}

export interface Cause {
  readonly ruleId: string;
  /** As the log names it; where names differ in numbers only, with `{n}` in their place. */
  readonly target: string | null;
  /** As it was sent, without query; where paths differ in numbers only, with `{n}`. Null: all other paths together. */
  readonly path: string | null;
  readonly requests: number;
  readonly refused: number;
  readonly visitors: number;
  readonly attackRequests: number;
  readonly lastAt: EpochMs;
}

interface Group {
  readonly ruleId: string;
  target: string | null;
  path: string | null;
  requests: number;
  refused: number;
  readonly clients: Set<string>;
  attackRequests: number;
  lastAt: EpochMs;
}

/** Scanners ask one rule thousands of paths: further ones are counted together. */
const MOST_GROUPS = 500;
const UUID_OR_HEX = /^(?:[\da-f]{8,64}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\d{1,20})(?=\.\w{1,5}$|$)/i;

/** A path with `{n}` for each part that is a number, a hex run from 8 on or a UUID; an ending stays (`/{n}.jpg`). */
export function pathTemplate(path: string): string {
  return path
    .split('/')
    .map((part) => part.replace(UUID_OR_HEX, '{n}'))
    .join('/');
}

/** `ARGS:foo[12][bar]` as `ARGS:foo[{n}][bar]`; other targets as they are. */
export function targetTemplate(target: string): string {
  const colon = target.indexOf(':');
  if (colon < 0) return target;
  return target.slice(0, colon) + target.slice(colon).replace(/(?<=[[._-])\d{1,20}(?=[\]._-]|$)/g, '{n}');
}

/** Groups requests by what made a rule fire; rules that only add up have no causes. `add` each one, then `byRule`. */
export class CauseTable {
  readonly #rules = new Map<string, Map<string, Group>>();

  add(request: CauseRequest): void {
    const { transaction } = request;
    const path = pathOf(transaction);
    const seen = new Set<Group>();
    for (const hit of transaction.hits)
      if (!onlyAddsUp(hit.ruleId)) seen.add(this.#groupOf(hit, path, transaction.at));
    for (const group of seen) {
      group.requests++;
      if (request.refused) group.refused++;
      if (request.isAttack) group.attackRequests++;
      group.clients.add(transaction.client);
      group.lastAt = Math.max(group.lastAt, transaction.at);
    }
  }

  #groupOf({ ruleId, target }: StoredHit, path: string | null, at: EpochMs): Group {
    const groups = this.#rules.get(ruleId) ?? new Map<string, Group>();
    this.#rules.set(ruleId, groups);
    const templates = [
      target === null ? null : targetTemplate(target),
      path === null ? null : pathTemplate(path),
    ];
    const key = JSON.stringify(templates);
    const known = groups.get(key);
    if (known !== undefined) {
      const [targets, paths] = templates;
      // Two different ones: from here on only what they have in common is named.
      if (known.target !== target) known.target = targets ?? null;
      if (known.path !== path) known.path = paths ?? null;
      return known;
    }
    const isFull = groups.size >= MOST_GROUPS;
    const rest = isFull ? groups.get('') : undefined;
    if (rest !== undefined) return rest;
    const made: Group = {
      ...{ ruleId, target: isFull ? null : target, path: isFull ? null : path },
      ...{ requests: 0, refused: 0, clients: new Set<string>(), attackRequests: 0, lastAt: at },
    };
    groups.set(isFull ? '' : key, made);
    return made;
  }

  /** The causes of each rule, most requests first. */
  byRule(): ReadonlyMap<string, readonly Cause[]> {
    return new Map(
      Array.from(this.#rules, ([ruleId, groups]) => [
        ruleId,
        [...groups.values()].map(causeOf).sort(byRequests),
      ]),
    );
  }
}

function pathOf({ request, path }: Transaction): string | null {
  return request?.uri == null ? path : sentPath(request.uri);
}

function causeOf({ clients, ...group }: Group): Cause {
  return { ...group, visitors: clients.size };
}

function byRequests(a: Cause, b: Cause): number {
  return b.requests - a.requests || b.lastAt - a.lastAt;
}
