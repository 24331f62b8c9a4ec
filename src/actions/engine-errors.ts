// Failures of the engine over the window, equal ones together, each with the limit to raise.
import type { Catalogue } from '../analyse/catalogue.ts';
import { type EngineFailure, failureOfRule, readFailure } from '../analyse/engine-errors.ts';
import type { LineRef } from '../model.ts';
import type { ErrorRow } from '../store/error-rows.ts';
import type { CauseDesk } from './cause-rows.ts';
import type { EngineErrorRow } from './causes-view.ts';
import type { Context } from './context.ts';
import { isoTime } from './iso-time.ts';
import { windowStart } from './recount-causes.ts';
import { indexVhosts } from './vhosts.ts';

/** Requests that are looked at; of a flood only the newest. */
const MOST_REQUESTS = 20_000;
const MOST_ROWS = 100;
const MOST_LINES = 3;
const OTHER = 'Other errors';

interface Group {
  readonly failure: EngineFailure;
  readonly vhost: string;
  readonly ruleId: string | null;
  requests: number;
  readonly clients: Set<string>;
  readonly lastAt: number;
  readonly lines: LineRef[];
  /** A request with a hit that has the lines; null when the error itself has them. */
  readonly example: string | null;
}

const made = new WeakMap<Context['store'], { readonly stamp: string; readonly groups: readonly Group[] }>();

/** Rows, most requests first, at most 100. Read again only when the store has others. */
export function engineErrors(desk: Pick<CauseDesk, 'ctx' | 'clock' | 'catalogue'>): EngineErrorRow[] {
  const { ctx, clock, catalogue } = desk;
  const { store } = ctx;
  const from = windowStart(clock.now);
  const stamp = store.errorRows.stamp(from);
  const known = made.get(store);
  const groups =
    known?.stamp === stamp ? known.groups : grouped(ctx, store.errorRows.newest(from, MOST_REQUESTS));
  made.set(store, { stamp, groups });
  return groups.map(({ failure, vhost, ruleId, requests, clients, lastAt, lines, example }) => ({
    kind: failure.kind,
    vhost,
    text: failure.text,
    ruleId,
    requests,
    visitors: clients.size,
    lastAt: isoTime(clock.zone, lastAt),
    limit: limitWords(failure, catalogue),
    words: failure.words,
    lines: lines.length > 0 || example === null ? lines : linesOf(ctx, example, ruleId),
  }));
}

function grouped(ctx: Context, rows: readonly ErrorRow[]): Group[] {
  const index = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  const messages = new Map<string, string | null>();
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const vhost = row.vhost === null ? '' : (index.vhostOf(row.vhost) ?? '');
    const seen = new Set<Group>();
    for (const { failure, ruleId, refs } of failuresOf(ctx, row, messages)) {
      const key = JSON.stringify([failure.kind, vhost, failure.text, failure.directive, ruleId]);
      const isFull = !groups.has(key) && groups.size >= MOST_ROWS - 4;
      const used = isFull ? OTHER + failure.kind : key;
      const group = groups.get(used) ?? {
        ...(isFull
          ? { failure: { ...failure, text: OTHER, directive: null }, vhost: '' }
          : { failure, vhost }),
        ...{
          ruleId: isFull ? null : ruleId,
          requests: 0,
          clients: new Set<string>(),
          lastAt: row.at,
          lines: [],
        },
        example: refs.length === 0 ? row.uniqueId : null,
      };
      groups.set(used, group);
      if (seen.has(group)) continue;
      seen.add(group);
      group.requests++;
      group.clients.add(row.client);
      if (group.lines.length < MOST_LINES) group.lines.push(...refs.slice(0, 1));
    }
  }
  return [...groups.values()].sort((a, b) => b.requests - a.requests || b.lastAt - a.lastAt);
}

interface Told {
  readonly failure: EngineFailure;
  readonly ruleId: string | null;
  readonly refs: readonly LineRef[];
}

function failuresOf(ctx: Context, row: ErrorRow, messages: Map<string, string | null>): Told[] {
  const told: Told[] = row.errors.map((error) => ({
    failure: readFailure(error),
    ruleId: error.ruleId,
    refs: error.refs,
  }));
  for (const ruleId of row.ruleIds) {
    if (failureOfRule(ruleId, null) === null) continue;
    // A rule's message is the same in all of its hits: it is read from one.
    const message = messages.has(ruleId) ? messages.get(ruleId) : messageOf(ctx, row.uniqueId, ruleId);
    messages.set(ruleId, message ?? null);
    const failure = failureOfRule(ruleId, message ?? null);
    if (failure !== null) told.push({ failure, ruleId, refs: [] });
  }
  return told;
}

function hitsOf(
  { store }: Context,
  uniqueId: string,
  ruleId: string | null,
): { message: string | null; ref: LineRef }[] {
  const parts = store.transactions.byId(uniqueId);
  const hits = [...(parts?.errorHits ?? []), ...(parts?.auditHits ?? [])];
  return hits.filter((hit) => hit.ruleId === ruleId);
}

function messageOf(ctx: Context, uniqueId: string, ruleId: string): string | null {
  return hitsOf(ctx, uniqueId, ruleId)[0]?.message ?? null;
}

function linesOf(ctx: Context, uniqueId: string, ruleId: string | null): LineRef[] {
  return hitsOf(ctx, uniqueId, ruleId)
    .slice(0, 1)
    .map(({ ref }) => ref);
}

/** E.g. `SecPcreMatchLimit (now 1000)`. */
function limitWords({ directive, value }: EngineFailure, { order }: Catalogue): string | null {
  if (directive === null) return null;
  const name = directive.toLowerCase();
  const set = order.directives.findLast((one) => one.directive.name.toLowerCase() === name);
  const now = set?.directive.words[0] ?? value;
  return now === null ? `${directive} (its value is not known)` : `${directive} (now ${now})`;
}
