// Which rules fired on one vhost: how often, for whom, where, and whether they are switched off there.
import { type Cause, CauseTable } from '../analyse/causes.ts';
import { toTransaction } from '../analyse/merge.ts';
import { onlyAddsUp } from '../analyse/score.ts';
import type { EpochMs, RuleHit } from '../model.ts';
import type { ExclusionScope, RuleInfo } from '../model-rules.ts';
import type { Context } from './context.ts';
import type { CauseView, DomainRule, RuleSummary } from './domain-view.ts';
import { isDenied } from './incidents.ts';
import { isoTime } from './iso-time.ts';
import { previewRules } from './preview-rules.ts';
import { Verdicts } from './preview-tally.ts';
import { ruleCatalogue } from './rule-catalogue.ts';
import { hitSummary, ruleSummary } from './rule-summary.ts';
import { presentMoment, readZone } from './server.ts';
import { hostsOf } from './vhost-names.ts';

/** Something that is switched off on the vhost; `note` is added to what the scope says, e.g. the reason. */
export interface OffHere {
  readonly scope: ExclusionScope;
  readonly note: string | null;
}

export interface DomainOptions {
  readonly days: number;
  readonly off: readonly OffHere[];
}

const DAY_MS = 86_400_000;
const MOST_CAUSES = 50;
/** Requests that are looked at, the newest: a vhost under attack has more than a page can wait for. */
const MOST_REQUESTS = 50_000;

interface Tally {
  requests: number;
  refused: number;
  readonly clients: Set<string>;
  readonly byVerdict: Map<string, Set<string>>;
  readonly hit: RuleHit;
}

/**
 * The rules that fired on a vhost (its servername) in the last days, most requests first, and those that are switched
 * off there without having fired. Logs are read and judged as far as they are kept: the caller brings them up to date.
 */
export async function domainRules(
  ctx: Context,
  vhost: string,
  { days, off }: DomainOptions,
): Promise<readonly DomainRule[]> {
  const now = await presentMoment(ctx);
  const zone = await readZone(ctx);
  const { tallies, causes } = countAll(ctx, vhost, { from: now - days * DAY_MS, to: now });
  const { rules } = ruleCatalogue(ctx);
  const infos = previewRules(ctx).rules;
  const silent = off.flatMap(({ scope }) =>
    scope.ruleId !== null && !tallies.has(scope.ruleId) ? [scope.ruleId] : [],
  );
  const rows = [...tallies.keys(), ...new Set(silent)].flatMap((id): DomainRule[] => {
    const tally = tallies.get(id);
    const entry = rules.get(id)?.[0];
    const summary = entry === undefined ? tally && hitSummary(tally.hit) : ruleSummary(entry);
    if (summary === undefined) return [];
    return [
      {
        ...summary,
        ...numbersOf(tally),
        ...standing(summary, infos.get(id) ?? [], off, entry?.disabled?.words ?? null),
        causes: (causes.get(id) ?? []).slice(0, MOST_CAUSES).map((cause) => causeView(vhost, cause, zone)),
      },
    ];
  });
  return rows.sort((a, b) => b.requests - a.requests || Number(a.id) - Number(b.id));
}

interface Counted {
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly causes: ReadonlyMap<string, readonly Cause[]>;
}

function countAll(ctx: Context, vhost: string, window: { from: EpochMs; to: EpochMs }): Counted {
  const tallies = new Map<string, Tally>();
  const table = new CauseTable();
  const verdicts = new Verdicts((client) => ctx.store.incidents.labelsOf(client));
  const names = hostsOf(ctx, vhost);
  const from = ctx.store.counts.newestFrom(names, window.from, window.to, MOST_REQUESTS);
  for (const parts of ctx.store.transactions.ofVhosts(names, from, window.to, false)) {
    const transaction = toTransaction(parts);
    if (transaction.hits.length === 0) continue;
    const { client, at, hits } = transaction;
    const label = verdicts.of(client, at)?.label ?? 'unjudged';
    const refused = isDenied(transaction);
    table.add({ transaction, refused, isAttack: label === 'attack' });
    for (const [id, [hit]] of Map.groupBy(hits, ({ ruleId }) => ruleId)) {
      if (hit === undefined) continue;
      const tally = tallies.get(id) ?? newTally(hit);
      tallies.set(id, tally);
      tally.requests++;
      if (refused) tally.refused++;
      tally.clients.add(client);
      tally.byVerdict.set(label, (tally.byVerdict.get(label) ?? new Set<string>()).add(client));
    }
  }
  return { tallies, causes: table.byRule() };
}

function newTally(hit: RuleHit): Tally {
  return { requests: 0, refused: 0, clients: new Set(), byVerdict: new Map(), hit };
}

function numbersOf(
  tally: Tally | undefined,
): Pick<DomainRule, 'requests' | 'refused' | 'visitors' | 'byVerdict'> {
  if (tally === undefined) return { requests: 0, refused: 0, visitors: 0, byVerdict: {} };
  const { requests, refused, clients, byVerdict } = tally;
  return {
    requests,
    refused,
    visitors: clients.size,
    byVerdict: Object.fromEntries(Array.from(byVerdict, ([label, addresses]) => [label, addresses.size])),
  };
}

/** Whether a rule is off here, and what to say of it; `everywhere` says what switched it off for the whole server. */
function standing(
  { id }: RuleSummary,
  infos: readonly RuleInfo[],
  off: readonly OffHere[],
  everywhere: string | null,
): Pick<DomainRule, 'here' | 'note'> {
  if (onlyAddsUp(id))
    return { here: 'locked', note: 'It only adds up: the rules that scored are the ones to look at.' };
  if (everywhere !== null) return { here: 'off', note: `Off: ${everywhere}` };
  const isTagged = ({ tag }: ExclusionScope): boolean =>
    tag !== null && infos.some(({ tags }) => tags.includes(tag));
  const whole = off.find(({ scope }) =>
    scope.ruleId === null
      ? scope.kind === 'engine-off' || isTagged(scope)
      : scope.kind === 'rule-vhost' && scope.ruleId === id,
  );
  if (whole !== undefined) return { here: 'off', note: offWords(whole) };
  const parts = off.filter(({ scope }) => scope.ruleId === id);
  return parts.length === 0 ? { here: 'on', note: '' } : { here: 'part', note: partWords(parts) };
}

function offWords({ scope, note }: OffHere): string {
  const by = { 'tag-vhost': `Off by its tag ${scope.tag ?? ''}`, 'engine-off': 'Off with the whole engine' };
  const words = scope.kind === 'tag-vhost' || scope.kind === 'engine-off' ? by[scope.kind] : 'Off';
  return note === null ? words : `${words}: ${note}`;
}

/** E.g. `Off for 1 target and on 2 paths`. */
function partWords(parts: readonly OffHere[]): string {
  const targets = parts.filter(({ scope }) => scope.target !== null).length;
  const paths = parts.length - targets;
  const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  const said = [
    targets > 0 ? `for ${count(targets, 'target')}` : '',
    paths > 0 ? `on ${count(paths, 'path')}` : '',
  ];
  return `Off ${said.filter((one) => one !== '').join(' and ')}`;
}

function causeView(
  vhost: string,
  { lastAt, ...cause }: Cause,
  zone: Parameters<typeof isoTime>[0],
): CauseView {
  return { vhost, ...cause, lastAt: isoTime(zone, lastAt) };
}
