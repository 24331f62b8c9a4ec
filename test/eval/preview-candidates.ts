// The exclusions that previews are tried with: all that recorded hits suggest, and a choice of them by what they free.
import { createHash } from 'node:crypto';
import type { Context } from '../../src/actions/context.ts';
import { checkScope, defaultEnd } from '../../src/actions/exclude.ts';
import type { PreviewSummary, ScopeFields } from '../../src/actions/exclusion-view.ts';
import { formFor } from '../../src/actions/preview-rules.ts';
import { readScope } from '../../src/actions/scope-request.ts';
import { pathTemplate } from '../../src/analyse/causes.ts';
import { toTransaction } from '../../src/analyse/merge.ts';
import { readPath, sentPath } from '../../src/analyse/path-scope.ts';
import { onlyAddsUp } from '../../src/analyse/score.ts';
import type { Tried } from '../../src/analyse/scope-hits.ts';
import { pathText } from '../../src/analyse/scope-words.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';
import type { BedVhost } from '../bed/sites.ts';

const WRITABLE_TARGET = /^(?!TX|MATCHED)[A-Z_]+(?::[\w.[\]-]{1,80})?$/;

/** Every scope that the recorded hits of a vhost suggest, and some that name nothing of them. */
export function candidates(ctx: Context, { servername, aliases }: BedVhost): Tried[] {
  const nothing = { vhost: servername, ruleId: null, tag: null, target: null, path: null };
  const found = new Map<string, ExclusionScope>();
  const add = (scope: ExclusionScope): void => {
    found.set(JSON.stringify(scope), scope);
  };
  for (const parts of ctx.store.transactions.ofVhosts([servername, ...aliases], -Infinity, Infinity, true)) {
    const { hits, request } = toTransaction(parts);
    const path = sentPath(request?.uri ?? '/');
    const paths = [path, `${path.slice(0, path.lastIndexOf('/') + 1)}*`, pathTemplate(path)].map(readPath);
    for (const { ruleId, target, tags } of hits) {
      if (onlyAddsUp(ruleId)) continue;
      add({ ...nothing, kind: 'rule-vhost', ruleId });
      for (const one of paths) add({ ...nothing, kind: 'rule-path', ruleId, path: one });
      for (const tag of tags)
        if (/^attack-(?!generic)/.test(tag)) add({ ...nothing, kind: 'tag-vhost', tag });
      if (target === null || !WRITABLE_TARGET.test(target)) continue;
      for (const name of [target, target.replace(/:.*$/, '')]) {
        add({ ...nothing, kind: 'target-vhost', ruleId, target: name });
        for (const one of paths) add({ ...nothing, kind: 'target-path', ruleId, target: name, path: one });
      }
      add({ ...nothing, kind: 'target-vhost', ruleId, target: 'ARGS:nobody' });
    }
  }
  add({ ...nothing, kind: 'engine-off' });
  return [...found.values()].map((scope) => ({ scope, form: formFor(ctx, scope) }));
}

/** What an exclusion frees: every refused request of its vhost, all that it touches, some of them, nothing. */
export type Effect = 'everything' | 'touched' | 'some' | 'nothing';
const EFFECTS: readonly Effect[] = ['everything', 'touched', 'some', 'nothing'];

function effectOf({ totals, touched, refused }: PreviewSummary): Effect {
  if (totals.passes === 0) return 'nothing';
  if (totals.passes === refused) return 'everything';
  return totals.passes >= touched ? 'touched' : 'some';
}

/** A scope as a form carries it. */
export function fieldsOf(scope: ExclusionScope): ScopeFields {
  return { ...scope, path: scope.path === null ? null : pathText(scope.path) };
}

/** The form in which the product would write a scope; null where it refuses to. */
async function writable(ctx: Context, scope: ExclusionScope): Promise<Tried | null> {
  try {
    readScope(ctx, fieldsOf(scope));
  } catch {
    // E.g. a path with signs that Apache would expand.
    return null;
  }
  const { allowed, form } = await checkScope(ctx, scope, defaultEnd(scope, Date.now()));
  return allowed ? { scope, form } : null;
}

/** The one that touches most, then some of each kind of scope; the order depends on the seed. */
function inTurn(all: readonly { tried: Tried; summary: PreviewSummary }[], seed: number): Tried[] {
  const rank = ({ tried }: { tried: Tried }): string =>
    createHash('md5')
      .update(`${seed} ${JSON.stringify(tried)}`)
      .digest('hex');
  const mixed = all.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const [widest] = mixed.toSorted((a, b) => b.summary.touched - a.summary.touched);
  const kinds = [
    ...Map.groupBy(
      mixed.filter((one) => one !== widest),
      ({ tried }) => tried.scope.kind,
    ).values(),
  ];
  const rounds = Math.max(0, ...kinds.map(({ length }) => length));
  const rest = Array.from({ length: rounds }, (_, round) => kinds.flatMap((list) => list[round] ?? []));
  return [...(widest === undefined ? [] : [widest]), ...rest.flat()].map(({ tried }) => tried);
}

/** `most` exclusions of each effect that the product would write, spread over the kinds of scope. */
export async function choose(
  ctx: Context,
  tries: readonly Tried[],
  summaries: readonly PreviewSummary[],
  { seed, most }: { readonly seed: number; readonly most: number },
): Promise<Tried[]> {
  const all = tries.flatMap((tried, index) => {
    const summary = summaries[index];
    return summary === undefined ? [] : [{ tried, summary }];
  });
  const chosen: Tried[] = [];
  for (const effect of EFFECTS) {
    const fitting = inTurn(
      all.filter(({ summary }) => effectOf(summary) === effect),
      seed,
    );
    let left = most;
    for (const { scope } of fitting) {
      if (left === 0) break;
      const tried = await writable(ctx, scope);
      if (tried === null) continue;
      chosen.push(tried);
      left--;
    }
  }
  return chosen;
}
