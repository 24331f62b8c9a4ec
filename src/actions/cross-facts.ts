// What others did, for one incident, and what this incident tells about its sender for the judgement of others.
import { probeKind } from '../analyse/probe.ts';
import { pathTemplate, targetTemplate } from '../analyse/causes.ts';
import { unexplained } from '../analyse/evidence/payload.ts';
import { flagged, targetOf, type EvidenceInput } from '../analyse/evidence/evidence-input.ts';
import { causeOf } from '../analyse/incident-causes.ts';
import { hasHostile } from '../analyse/judge.ts';
import {
  causeText,
  networkOf,
  shapeKey,
  visitorOf,
  type Campaign,
  type CrossFacts,
  type Others,
} from '../analyse/others.ts';
import { pathOf } from '../analyse/access-context.ts';
import { onlyAddsUp } from '../analyse/score.ts';
import { ITEMS } from '../analyse/weights.ts';
import type { EpochMs, Evidence, Transaction, VerdictLabel } from '../model.ts';
import type { SenderJudged, ShapeSeen } from '../store/cause-hits.ts';
import type { Fingerprint } from '../store/fingerprints.ts';
import type { Context } from './context.ts';

/** Others count while they are this close in time. */
export const OTHERS_MS = 14 * 86_400_000;
const CAMPAIGN_MS = 86_400_000;
/** Causes and payloads that are looked up for one incident: a scanner touches thousands, and they tell nothing new. */
const MOST_KEYS = 200;

/** Looks up, for the causes, shapes and payloads of an incident, what others did. */
export function crossFacts(ctx: Context, client: string, input: EvidenceInput): CrossFacts {
  const all = flagged(input);
  const network = networkOf(client);
  const end = all.at(-1)?.at ?? 0;
  const causes = new Map<string, Others>();
  for (const transaction of all) {
    for (const hit of transaction.hits) {
      if (onlyAddsUp(hit.ruleId)) continue;
      const key = causeOf(input.causeVhost(transaction.vhost), hit, transaction);
      const text = causeText(key);
      if (causes.has(text) || causes.size >= MOST_KEYS) continue;
      causes.set(text, ctx.store.causeHits.others(key, network, end - OTHERS_MS));
    }
  }
  const shapes = new Map<string, Others>();
  for (const seen of shapesOf(input).slice(0, MOST_KEYS))
    shapes.set(
      shapeKey(seen.vhost, seen.ruleId, seen.target, seen.shape),
      ctx.store.causeHits.shapeOthers(seen, network, end - OTHERS_MS),
    );
  return { causes, shapes, campaign: campaignOf(ctx, input, end) };
}

function campaignOf(ctx: Context, input: EvidenceInput, end: EpochMs): Campaign | null {
  let most: Campaign | null = null;
  const prints = new Set(printsOf(ctx, input).map(({ print }) => print));
  for (const print of [...prints].slice(0, MOST_KEYS)) {
    const found = ctx.store.fingerprints.senders(print, end - CAMPAIGN_MS, end + CAMPAIGN_MS);
    if (most === null || Math.min(found.addresses, found.accounts) > Math.min(most.addresses, most.accounts))
      most = found;
  }
  return most;
}

/** The shapes of what nothing explains, once each place. */
export function shapesOf(input: EvidenceInput): Omit<ShapeSeen, 'ordinary'>[] {
  const seen = new Map<string, Omit<ShapeSeen, 'ordinary'>>();
  for (const { finding, vhost, at } of unexplained(input)) {
    if (finding.shape === undefined) continue;
    for (const ruleId of finding.ruleIds) {
      const place = {
        vhost: input.causeVhost(vhost),
        ruleId,
        target: targetTemplate(finding.field),
        shape: finding.shape,
      };
      seen.set(shapeKey(place.vhost, ruleId, place.target, place.shape), { ...place, lastAt: at });
    }
  }
  return [...seen.values()];
}

/**
 * The payloads of an incident by account: path, rules and the values that are hostile or unexplained; a probe's path
 * alone. Requests without either have none: many customers' editors send the same harmless request.
 */
export function printsOf(ctx: Context, input: EvidenceInput): Fingerprint[] {
  const prints: Fingerprint[] = [];
  for (const transaction of flagged(input)) {
    const account = transaction.vhost === null ? null : input.accounts(transaction.vhost);
    const text = account === null ? null : payloadOf(transaction);
    if (account !== null && text !== null)
      prints.push({ print: ctx.hash(`payload ${text}`), account, at: transaction.at });
  }
  return prints;
}

function payloadOf(transaction: Transaction): string | null {
  const uri = targetOf(transaction) ?? '';
  const telling = transaction.findings.filter(
    ({ outcome, explained }) => outcome === 'hostile' || !explained,
  );
  const values = [...new Set(telling.map(({ field, hash }) => `${field} ${hash}`))].sort();
  if (values.length === 0 && probeKind(uri) !== 'probe') return null;
  const rules = [
    ...new Set(transaction.hits.map(({ ruleId }) => ruleId).filter((id) => !onlyAddsUp(id))),
  ].sort();
  return JSON.stringify([transaction.request?.method ?? '', pathTemplate(pathOf(uri)), rules, values]);
}

/** How the sender counts for others. */
export function senderOf(client: string, evidence: readonly Evidence[], label: VerdictLabel): SenderJudged {
  return {
    visitor: visitorOf(client),
    network: networkOf(client),
    label,
    ordinary: ordinaryOf(evidence),
    hostile: presentIn(evidence, ['R1', 'R1b', 'C1', 'Y1', 'Y1b']),
  };
}

function ordinaryOf(evidence: readonly Evidence[]): 0 | 1 | 2 {
  if (!presentIn(evidence, ['H1', 'H2']) || hasHostile(evidence)) return 0;
  const vetoes = vetoesIn(evidence);
  if (vetoes.length === 0) return 2;
  return vetoes.every((id) => id === 'Y1c') ? 1 : 0;
}

/** Whether a sender is ordinary but for values that nothing explains: such values may explain one another. */
export function isOrdinaryButValues(evidence: readonly Evidence[]): boolean {
  if (!presentIn(evidence, ['H1', 'H2']) || hasHostile(evidence)) return false;
  return vetoesIn(evidence).every((id) => id === 'Y6' || id === 'Y1c');
}

function presentIn(evidence: readonly Evidence[], ids: readonly string[]): boolean {
  return evidence.some(({ id, status }) => status === 'present' && ids.includes(id));
}

function vetoesIn(evidence: readonly Evidence[]): string[] {
  return evidence
    .filter(({ id, status }) => status === 'present' && ITEMS[id]?.veto === true)
    .map(({ id }) => id);
}
