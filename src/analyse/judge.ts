// Evidence and verdict of one incident in one call, with the visitors behind one address judged apart.
import type { Evidence, Verdict } from '../model.ts';
import { partOf, partsByAgent, type ActorPart } from './actors.ts';
import { bystandersOf } from './bystanders.ts';
import { collectEvidence } from './evidence/collect.ts';
import { contents } from './evidence/content.ts';
import { flagged, type EvidenceInput } from './evidence/evidence-input.ts';
import { provedAuthors, type ProvedAuthor } from './evidence/logins.ts';
import { gradeOf, isErrorLogOnly } from './grade.ts';
import type { ClientKind } from './proxies.ts';
import { judge, type VerdictFacts, withoutBlockAdvice } from './verdict.ts';
import { ITEMS } from './weights.ts';

/** One visitor among several behind one address. */
export interface ActorJudgement {
  /** Its User-Agents, masked as they are kept; empty for programs without a name. */
  readonly agents: readonly string[];
  /** Flagged requests. */
  readonly requests: number;
  readonly evidence: readonly Evidence[];
  readonly verdict: Verdict;
}

export interface Judgement {
  /** Of all requests together. */
  readonly evidence: readonly Evidence[];
  /** Of the address: of its visitors the worst. */
  readonly verdict: Verdict;
  /** What the verdict was made of beside the evidence, so that it can be made again when others come. */
  readonly facts: VerdictFacts;
  /** Applications whose authors were logged in, by site. */
  readonly authors: readonly ProvedAuthor[];
  /** Empty when all requests are one visitor's, or cannot be told apart. */
  readonly actors: readonly ActorJudgement[];
}

/** What judging needs to know of the address beside the incident. */
export interface AddressLook {
  readonly client: ClientKind;
  /** The first sentence about a proxy: whose it is. */
  readonly shared?: string | null;
  /** True when another incident of the same address and program within a day holds a veto. */
  readonly dayVeto?: boolean;
}

/**
 * Computes all evidence for an incident and judges it. Equal results for permuted or repeated transactions. `kept` may
 * put back what an earlier judgement knew from logs that are gone.
 */
export function judgeIncident(
  input: EvidenceInput,
  look: AddressLook = { client: 'normal' },
  kept: (evidence: readonly Evidence[]) => readonly Evidence[] = (evidence) => evidence,
): Judgement {
  const evidence = kept(collectEvidence(input));
  const facts = factsOf(input, evidence, look);
  const verdict = judge(evidence, facts);
  const actors = look.client === 'normal' && hasHostile(evidence) ? judgeActors(input, look) : [];
  return { evidence, facts, actors, authors: provedAuthors(input), verdict: worstOf(verdict, actors) };
}

/** Whether any item that makes an attack possible is present. */
export function hasHostile(evidence: readonly Evidence[]): boolean {
  return evidence.some(({ id, status }) => status === 'present' && ITEMS[id]?.kind === 'hostile');
}

/** Whether any item is present that forbids a false alarm. */
export function hasVeto(evidence: readonly Evidence[]): boolean {
  return evidence.some(({ id, status }) => status === 'present' && ITEMS[id]?.veto === true);
}

/**
 * A visitor who browses or logged in, and has no veto of its own, is judged alone; all others together, else a program
 * that changes its name would be cut into harmless pieces.
 */
function judgeActors(input: EvidenceInput, look: AddressLook): ActorJudgement[] {
  const apart: { part: ActorPart; evidence: Evidence[] }[] = [];
  const parts = partsByAgent(input) ?? [];
  for (const part of parts) {
    const evidence = collectEvidence(part.input);
    if (part.agent !== null && isPerson(evidence)) apart.push({ part, evidence });
  }
  const bystanders = bystandersOf(input);
  if (apart.length === 0 && bystanders.length === 0) return [];
  const named = new Set<string | null>([
    ...apart.map(({ part }) => part.agent),
    ...bystanders.map(({ agent }) => agent),
  ]);
  const rest = [
    ...agentsOfFlagged(input),
    ...parts.map(({ agent }) => agent),
    ...(input.context?.hits ?? []).map(({ userAgent }) => userAgent),
  ];
  const others = partOf(input, new Set(rest.filter((agent) => !named.has(agent))));
  if (flagged(others).length === 0) return [];
  return [
    actorOf([...agentsOfFlagged(others)], others, collectEvidence(others), look),
    ...apart.map(({ part, evidence }) => actorOf([part.agent], part.input, evidence, look)),
    ...bystanders.map(({ agent, evidence, verdict }) => ({
      agents: [agent],
      requests: 0,
      evidence,
      verdict,
    })),
  ];
}

function agentsOfFlagged(input: EvidenceInput): ReadonlySet<string | null> {
  return new Set(flagged(input).map(({ request }) => request?.userAgent ?? null));
}

function isPerson(evidence: readonly Evidence[]): boolean {
  const browses = evidence.some(({ id, status }) => status === 'present' && (id === 'H1' || id === 'H2'));
  return browses && !hasVeto(evidence);
}

function actorOf(
  agents: readonly (string | null)[],
  input: EvidenceInput,
  evidence: readonly Evidence[],
  look: AddressLook,
): ActorJudgement {
  return {
    agents: agents.filter((agent) => agent !== null && agent !== '').sort() as string[],
    requests: flagged(input).length,
    evidence,
    verdict: judge(evidence, factsOf(input, evidence, look)),
  };
}

const BADNESS: Readonly<Record<string, number>> = { attack: 2, unclear: 1, 'false-positive': 0 };

/** The worst verdict of the visitors; that of all requests together where they were not told apart. */
export function worstOf(together: Verdict, actors: readonly Pick<ActorJudgement, 'verdict'>[]): Verdict {
  let worst: Verdict | null = null;
  for (const { verdict } of actors) {
    const more = (BADNESS[verdict.label] ?? 0) - (worst === null ? -1 : (BADNESS[worst.label] ?? 0));
    if (worst === null || more > 0 || (more === 0 && verdict.logOdds > worst.logOdds)) worst = verdict;
  }
  if (worst === null) return together;
  const note = ' Another visitor behind the same address looks ordinary.';
  return actors.some(({ verdict }) => verdict.label === 'false-positive')
    ? { ...worst, words: `${withoutBlockAdvice(worst).words}${note}` }
    : worst;
}

function factsOf(input: EvidenceInput, evidence: readonly Evidence[], look: AddressLook): VerdictFacts {
  const names = vhostsOf(input);
  const tool = evidence.find((item) => item.id === 'C1' && item.status === 'present');
  return {
    grade: gradeOf(input.has),
    errorLogOnly: isErrorLogOnly(input.has),
    client: look.client,
    shared: look.shared ?? null,
    dayVeto: look.dayVeto === true,
    has: input.has,
    vhosts: names.length,
    site: names[0] ?? null,
    families: familiesOf(input),
    tool: /^It introduced itself as (?!an attack tool)(.{2,40})\.$/.exec(tool?.sentence ?? '')?.[1] ?? null,
  };
}

/** Vhosts of the flagged requests, most requests first. */
function vhostsOf(input: EvidenceInput): string[] {
  return byCount(flagged(input).flatMap((transaction) => transaction.vhost ?? []));
}

/** Grammar families of hostile values, most frequent first. */
function familiesOf(input: EvidenceInput): string[] {
  const hostile = contents(input).filter(({ finding }) => finding.outcome === 'hostile');
  return byCount(hostile.flatMap(({ finding }) => finding.families));
}

function byCount(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}
