// Whether previews come true on a real Apache: requests are recorded, exclusions previewed on them, then applied by the
// product, and the requests are sent again from the driver's own list. Each answer is compared with what was said.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { carryOut } from '../../src/actions/act.ts';
import type { ActHead, Intent } from '../../src/actions/act-plan.ts';
import { defaultEnd, isRuleWide } from '../../src/actions/exclude.ts';
import type { Preview, PreviewRow } from '../../src/actions/exclusion-view.ts';
import { excludeOrder, revertOrder } from '../../src/actions/orders.ts';
import { previewLadder, previewScope, type Window } from '../../src/actions/preview.ts';
import { Refused } from '../../src/actions/errors.ts';
import { refresh } from '../../src/actions/refresh.ts';
import type { Tried } from '../../src/analyse/scope-hits.ts';
import { scopeWords } from '../../src/analyse/scope-words.ts';
import type { OpenContext } from '../../src/context.ts';
import type { ExclusionForm, ExclusionScope, ScopeKind } from '../../src/model-rules.ts';
import type { Bed, BedOptions } from '../bed/apache.ts';
import { startProduct } from '../bed/product-bed.ts';
import type { BedRequest } from '../bed/send.ts';
import { ALL_VHOSTS, type BedVhost, smallVhosts } from '../bed/sites.ts';
import { type Answer, makeTraffic, sendTraffic } from '../bed/traffic.ts';
import { candidates, choose, fieldsOf } from './preview-candidates.ts';

/** Vhosts where one rule refuses one argument of one page, so that narrow exclusions free everything. */
const NARROW = smallVhosts(2);
const VHOSTS: readonly BedVhost[] = [...ALL_VHOSTS, ...NARROW];
const WHO = { author: 'eval', reason: 'a trial' };
const MOST_SHOWN = 20;

export interface FidelityOptions extends Pick<BedOptions, 'crs' | 'earlyBlock'> {
  readonly seed: number;
  readonly requests: number;
  /** Exclusions of each effect on each of six vhosts; less where there are not so many. */
  readonly ofEachEffect: number;
  /** False: the audit log is taken away before anything reads it, so error_log is all there is. */
  readonly audit: boolean;
  /** Rounds in which an exclusion is previewed and applied beside another that is in force already. */
  readonly besides: number;
}

/** How one exclusion did. */
export interface TriedExclusion {
  readonly words: string;
  readonly kind: ScopeKind;
  readonly form: ExclusionForm;
  readonly vhost: string;
  /** Requests of the vhost that were refused without it. */
  readonly refused: number;
  readonly freedByPreview: number;
  readonly freedByApache: number;
  readonly equal: number;
  /** Those among the equal ones that the exclusion takes a hit out of. */
  readonly touched: number;
  readonly bound: number;
}

export interface Fidelity {
  readonly exclusions: readonly TriedExclusion[];
  /** Requests whose answer was neither foretold nor bound, and those that changed elsewhere; the first 20 in words. */
  readonly mismatches: number;
  readonly shown: readonly string[];
  /** Requests that were answered otherwise than at first when all was taken back. */
  readonly leftOver: number;
}

/** One refused query in two; the other is plain. */
function narrowTraffic(count: number): BedRequest[] {
  return NARROW.flatMap(({ servername }) =>
    Array.from({ length: count }, (_, n) => ({
      host: servername,
      path: `/search.php?q=${n % 2 === 0 ? encodeURIComponent(`${n}' OR '${n}'='${n}`) : n}&page=${n}`,
      headers: { 'User-Agent': 'Mozilla/5.0', Accept: '*/*' },
      client: `203.0.113.${200 + (n % 20)}`,
      tls: n % 4 < 2,
    })),
  );
}

interface Previewed {
  readonly tried: Tried;
  readonly preview: Preview;
}

/** What is compared, and where it is counted. */
interface Trial {
  readonly ctx: OpenContext;
  readonly bed: Bed;
  readonly requests: readonly BedRequest[];
  readonly answers: readonly Answer[];
  readonly exclusions: TriedExclusion[];
  readonly mismatches: string[];
  /** When the requests were recorded. */
  readonly window: Window;
}

async function carry({ ctx }: Trial, head: ActHead, intents: readonly Intent[]): Promise<void> {
  const { state, steps } = await carryOut(ctx, head, intents);
  if (state !== 'done') throw new Error(`the change ended ${state}: ${JSON.stringify(steps)}`);
}

async function intentOf(ctx: OpenContext, scope: ExclusionScope): Promise<readonly Intent[]> {
  const order = await excludeOrder(ctx, {
    ...{ ...WHO, scope: fieldsOf(scope), expiresAt: defaultEnd(scope, Date.now()) },
    typed: isRuleWide(scope) ? scope.vhost : null,
  });
  return order.intents;
}

const vhostOf = (host: string): BedVhost | undefined =>
  VHOSTS.find(({ servername, aliases }) => servername === host || aliases.includes(host));

/** Why an answer is not what the preview said; null when it is, or when it said that it cannot tell. */
function wrong(
  row: PreviewRow | undefined,
  before: Answer,
  now: Answer,
  freedBefore: boolean,
): string | null {
  if (before.status !== 403) {
    if (row !== undefined) return `recorded as refused, answered ${before.status}`;
    return now.status === 403 ? 'was not refused before and is now' : null;
  }
  if (row === undefined && freedBefore)
    return now.status === 403 ? 'left out as free already, and refused' : null;
  if (row === undefined) return 'refused, but not in the preview';
  if (row.outcome === 'bound') return null;
  return (row.outcome === 'blocked') === (now.status === 403)
    ? null
    : `preview: ${row.outcome} (${row.reason}); Apache: ${now.status}`;
}

/** Compares the answers of one vhost with the preview of its exclusion. */
function compare(trial: Trial, { tried, preview }: Previewed, again: readonly Answer[]): void {
  const { requests, answers, mismatches } = trial;
  const { kind, vhost } = tried.scope;
  const words = scopeWords(tried.scope);
  const rows = new Map(preview.transactions.map((row) => [row.uniqueId, row]));
  const judged = requests.flatMap((request, at) => {
    const [before, now] = [answers[at], again[at]];
    if (vhostOf(request.host)?.servername !== vhost || before === undefined || now === undefined) return [];
    const row = rows.get(before.uniqueId);
    return [{ request, before, now, row, why: wrong(row, before, now, preview.freedBefore > 0) }];
  });
  for (const { request, row, why } of judged)
    if (why !== null)
      mismatches.push(`${words}: ${why}\n  ${JSON.stringify(request)}\n  ${JSON.stringify(row)}`);
  const refused = judged.filter(({ before }) => before.status === 403);
  const equal = refused.filter(({ row, why }) => why === null && row?.outcome !== 'bound');
  trial.exclusions.push({
    ...{ words, kind, form: tried.form, vhost, refused: refused.length },
    freedByPreview: refused.filter(({ row }) => row?.outcome === 'passes').length,
    freedByApache: refused.filter(({ now }) => now.status !== 403).length,
    equal: equal.length,
    touched: equal.filter(({ row }) => row?.touched === true).length,
    bound: refused.filter(({ row }) => row?.outcome === 'bound').length,
  });
}

/** Requests answered otherwise (refused or not) than at first, on other vhosts than these. */
function changed({ requests, answers }: Trial, again: readonly Answer[], except: Set<string>): string[] {
  return requests.flatMap((request, at) => {
    const [before, now] = [answers[at]?.status ?? 0, again[at]?.status ?? 0];
    if (except.has(vhostOf(request.host)?.servername ?? '') || (before === 403) === (now === 403)) return [];
    return [`answered ${before} at first, ${now} now\n  ${JSON.stringify(request)}`];
  });
}

/** One exclusion a vhost, all in one change: applied, compared, taken back. */
async function round(trial: Trial, previews: readonly Previewed[]): Promise<void> {
  const { ctx, bed, requests, mismatches } = trial;
  const intents: Intent[] = [];
  for (const { tried } of previews) intents.push(...(await intentOf(ctx, tried.scope)));
  await carry(trial, { act: 'apply', who: WHO.author, reason: WHO.reason }, intents);
  const again = await sendTraffic(bed, requests);
  for (const previewed of previews) compare(trial, previewed, again);
  mismatches.push(...changed(trial, again, new Set(previews.map(({ tried }) => tried.scope.vhost))));
  await takeAllBack(trial);
}

/** One exclusion a vhost in force, then one more on each: that is previewed beside the first, applied, compared. */
async function besideRound(trial: Trial, pairs: readonly (readonly [Tried, Tried])[]): Promise<void> {
  const { ctx, requests, window } = trial;
  const head = { act: 'apply', who: WHO.author, reason: WHO.reason } as const;
  const firsts: Intent[] = [];
  for (const [{ scope }] of pairs) firsts.push(...(await intentOf(ctx, scope)));
  await carry(trial, head, firsts);
  const previews: Previewed[] = [];
  const intents: Intent[] = [];
  for (const [, tried] of pairs) {
    try {
      intents.push(...(await intentOf(ctx, tried.scope)));
    } catch (error) {
      // What the first one takes in already, or forbids, is no pair.
      if (error instanceof Refused) continue;
      throw error;
    }
    previews.push({ tried, preview: await previewScope(ctx, tried, { window, most: 2 * requests.length }) });
  }
  if (intents.length > 0) await carry(trial, head, intents);
  const again = await sendTraffic(trial.bed, requests);
  for (const previewed of previews) compare(trial, previewed, again);
  await takeAllBack(trial);
}

async function takeAllBack(trial: Trial): Promise<void> {
  const ids = trial.ctx.store.exclusions.active().map(({ id }) => id);
  const back = revertOrder(trial.ctx, ids, WHO);
  await carry(trial, back.head, back.intents);
}

async function previewAll(
  ctx: OpenContext,
  { seed, requests, ofEachEffect }: FidelityOptions,
  window: Window,
): Promise<Previewed[][]> {
  const lists: Previewed[][] = [];
  for (const vhost of VHOSTS) {
    const tries = candidates(ctx, vhost);
    const { summaries } = await previewLadder(ctx, tries, { window, most: 0, chosen: 0 });
    const list: Previewed[] = [];
    for (const tried of await choose(ctx, tries, summaries, { seed, most: ofEachEffect }))
      list.push({ tried, preview: await previewScope(ctx, tried, { window, most: 2 * requests }) });
    lists.push(list);
  }
  return lists;
}

/** Records, previews, applies and compares on a bed of its own. Throws when the product cannot apply or take back. */
export async function measureFidelity(options: FidelityOptions): Promise<Fidelity> {
  const { seed, crs, earlyBlock = false } = options;
  const dir = mkdtempSync(join(tmpdir(), 'whyblocked-preview-'));
  const made = await startProduct({ dir, crs, earlyBlock, answerIds: true, vhosts: VHOSTS });
  const { bed } = made;
  let ctx: OpenContext | null = null;
  try {
    const requests = [
      ...makeTraffic(seed, options.requests, ALL_VHOSTS),
      ...narrowTraffic(Math.ceil(options.requests / 40)),
    ];
    const answers = await sendTraffic(bed, requests);
    await bed.settle();
    if (!options.audit) rmSync(join(bed.root, 'etc/apache2/logs/modsec_audit.log'));
    ctx = made.open();
    await refresh(ctx);
    const window = { from: 0, to: Date.now() };
    const lists = await previewAll(ctx, options, window);
    const trial: Trial = { ctx, bed, requests, answers, exclusions: [], mismatches: [], window };
    const rounds = Math.max(...lists.map(({ length }) => length));
    for (let nth = 0; nth < rounds; nth++)
      await round(
        trial,
        lists.flatMap((list) => list[nth] ?? []),
      );
    // Each beside the one three further on in its vhost's list, which is mostly of another effect.
    for (let nth = 0; nth < options.besides; nth++)
      await besideRound(
        trial,
        lists.flatMap((list) => {
          const [one, other] = [list[nth], list[(nth + 3) % list.length]];
          return one === undefined || other === undefined || one === other ? [] : [[one.tried, other.tried]];
        }),
      );
    const { exclusions, mismatches } = trial;
    const left = changed(trial, await sendTraffic(bed, requests), new Set());
    return {
      exclusions,
      mismatches: mismatches.length,
      shown: [...mismatches, ...left].slice(0, MOST_SHOWN),
      leftOver: left.length,
    };
  } finally {
    ctx?.close();
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Sums over exclusions; the shares are percent: equal of what was not bound, bound of all refused. */
export function sumUp(exclusions: readonly TriedExclusion[]): {
  readonly refused: number;
  readonly equal: number;
  readonly bound: number;
  readonly touched: number;
  readonly equalShare: number;
  readonly boundShare: number;
  /** Exclusions by what Apache did with them. */
  readonly everything: number;
  readonly some: number;
  readonly nothing: number;
} {
  const sum = (of: (one: TriedExclusion) => number): number =>
    exclusions.reduce((total, one) => total + of(one), 0);
  const refused = sum((one) => one.refused);
  const equal = sum((one) => one.equal);
  const bound = sum((one) => one.bound);
  const everything = exclusions.filter((one) => one.refused > 0 && one.freedByApache === one.refused).length;
  const nothing = exclusions.filter((one) => one.freedByApache === 0).length;
  return {
    ...{ refused, equal, bound, touched: sum((one) => one.touched) },
    equalShare: (100 * equal) / Math.max(1, refused - bound),
    boundShare: (100 * bound) / Math.max(1, refused),
    ...{ everything, nothing, some: exclusions.length - everything - nothing },
  };
}
