// Previews: exclusions tried on all recorded requests of a time, in one pass.
import { toTransaction } from '../analyse/merge.ts';
import {
  isFreed,
  type PreviewFacts,
  scoredRequest,
  type StandingExclusion,
  tryOn,
} from '../analyse/preview.ts';
import type { Tried } from '../analyse/scope-hits.ts';
import { pathText, scopeWords } from '../analyse/scope-words.ts';
import type { EpochMs, Severity, Transaction } from '../model.ts';
import type { Context } from './context.ts';
import { actTime } from './exclude.ts';
import type { Preview, PreviewRow, PreviewSummary, ScopeView } from './exclusion-view.ts';
import { type Firewall, readFirewall } from './firewall.ts';
import { isoTime } from './iso-time.ts';
import { breath } from './ingest-file.ts';
import { BEFORE_ANSWER, judgePending } from './judge.ts';
import { recountBlocks } from './preview-blocks.ts';
import { caveatsOf, TargetUse } from './preview-caveats.ts';
import { previewRules } from './preview-rules.ts';
import { Tally, type TriedRow, Verdicts } from './preview-tally.ts';
import { refresh } from './refresh.ts';
import type { ServerClock } from './server.ts';
import { hostsOf } from './vhost-names.ts';
import { indexVhosts } from './vhosts.ts';

export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface PreviewOptions {
  /** Null: the last 14 days before now; where nothing was refused then, all that is kept. */
  readonly window: Window | null;
  /** Rows given at most. */
  readonly most: number;
}

const DEFAULT_MS = 14 * 86_400_000;
/** Requests that are tried before others get their turn: some milliseconds. */
const AT_ONCE = 100;

/** One exclusion, with its rows, lfd's blocks and what the preview cannot tell. */
export async function previewScope(ctx: Context, tried: Tried, options: PreviewOptions): Promise<Preview> {
  return (await previewLadder(ctx, [tried], { ...options, chosen: 0 })).preview;
}

/**
 * Several exclusions of one vhost in one pass: the numbers of each, and the whole preview of the one at `chosen`.
 * There must be at least one.
 */
export async function previewLadder(
  ctx: Context,
  tries: readonly Tried[],
  options: PreviewOptions & { readonly chosen: number },
): Promise<{ readonly summaries: readonly PreviewSummary[]; readonly preview: Preview }> {
  const chosen = tries[options.chosen];
  if (chosen === undefined) throw new Error('a preview needs an exclusion to try');
  const { clock } = await refresh(ctx);
  await judgePending(ctx, clock, indexVhosts(ctx.host.vhosts(), ctx.host.hostname()), {
    most: BEFORE_ANSWER,
  });
  const firewall = await readFirewall(ctx);
  const names = hostsOf(ctx, chosen.scope.vhost);
  const facts = factsOf(ctx, names, standingOn(ctx, chosen.scope.vhost));
  const window = options.window ?? windowOf(ctx, names, clock.now);
  const tallies = tries.map((_, index) => new Tally(index === options.chosen ? options.most : 0));
  const use = new TargetUse(chosen.scope);
  const verdicts = new Verdicts((client) => ctx.store.incidents.labelsOf(client));
  let looked = 0;
  for (const parts of ctx.store.transactions.ofVhosts(names, window.from, window.to, true)) {
    // Other pages are answered by the same thread.
    if (++looked % AT_ONCE === 0) await breath();
    const transaction = toTransaction(parts);
    facts.learn(transaction);
    const request = scoredRequest(transaction, facts);
    if (isFreed(request, facts)) {
      for (const tally of tallies) tally.freedBefore++;
      continue;
    }
    use.add(transaction);
    const incident = verdicts.of(transaction.client, transaction.at);
    for (const [index, tried] of tries.entries())
      tallies[index]?.add({ transaction, result: tryOn(request, tried, facts), incident });
  }
  const summaries = tallies.map((tally) => tally.summary());
  const work = { ctx, clock, firewall, names, facts, window, tried: chosen, use };
  const preview = wholeOf(work, tallies[options.chosen] ?? new Tally(0));
  return { summaries, preview };
}

interface Work {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly firewall: Firewall;
  readonly names: ReadonlySet<string>;
  readonly facts: PreviewFacts;
  readonly window: Window;
  readonly tried: Tried;
  readonly use: TargetUse;
}

function wholeOf({ ctx, clock, firewall, names, facts, window, tried, use }: Work, tally: Tally): Preview {
  const summary = tally.summary();
  const { from, to } = window;
  const rows = tally.rows();
  const unrefused = ctx.store.counts.unrefused(names, '949110', from, to);
  return {
    ...summary,
    exclusion: scopeView(tried),
    window: { from: isoTime(clock.zone, from), to: isoTime(clock.zone, to) },
    transactions: rows.map((row) => rowView(clock, row)),
    more: summary.refused - rows.length,
    blocks: recountBlocks({ ctx, clock, firewall, tried, facts, from, to }, tally.clients),
    caveats: caveatsOf({ scope: tried.scope, summary, tally, use, unrefused }),
  };
}

/** A scope as pages and JSON show it. */
export function scopeView({ scope, form }: Tried): ScopeView {
  const { kind, vhost, ruleId, tag, target, path } = scope;
  const text = path === null ? null : pathText(path);
  return { kind, vhost, ruleId, tag, target, path: text, form, words: scopeWords(scope) };
}

function rowView(clock: ServerClock, { transaction, result, incident }: TriedRow): PreviewRow {
  const { before, after, threshold, outcome, reason, touched, still } = result;
  return {
    uniqueId: transaction.uniqueId,
    at: isoTime(clock.zone, transaction.at),
    ip: transaction.client,
    vhost: transaction.vhost,
    method: transaction.request?.method ?? null,
    uri: transaction.request?.uri ?? transaction.path,
    ...{ before, after, threshold, outcome, reason, touched },
    verdict: incident?.label ?? null,
    incidentFrom: incident === null ? null : isoTime(clock.zone, incident.from),
    still,
  };
}

/** The last 14 days, or all that is kept where nothing was refused in them. */
function windowOf(ctx: Context, names: ReadonlySet<string>, now: EpochMs): Window {
  const from = now - DEFAULT_MS;
  const isEmpty = ctx.store.transactions.ofVhosts(names, from, now, true).next().done === true;
  const oldest = ctx.store.counts.oldestAt() ?? from;
  return { from: isEmpty ? Math.min(from, oldest) : Math.max(from, oldest), to: now };
}

interface LearningFacts extends PreviewFacts {
  /** Keeps the severities that a request's lines show, for lines of others that are cut. */
  readonly learn: (transaction: Transaction) => void;
}

/** What Whyblocked switched off on a vhost and is still off. */
export function standingOn(ctx: Context, vhost: string): StandingExclusion[] {
  const now = actTime(ctx);
  return ctx.store.exclusions
    .active(vhost)
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
    .map(({ scope, form, createdAt }) => ({ scope, form, since: createdAt }));
}

function factsOf(
  ctx: Context,
  names: ReadonlySet<string>,
  inForce: readonly StandingExclusion[],
): LearningFacts {
  const seen = new Map<string, Severity>();
  return {
    ...previewRules(ctx),
    names,
    inForce,
    knownSeverity: (ruleId) => seen.get(ruleId) ?? null,
    learn: ({ hits }) => {
      for (const { ruleId, severity, cut } of hits) if (severity !== null && !cut) seen.set(ruleId, severity);
    },
  };
}
