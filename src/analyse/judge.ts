// Evidence and verdict of one incident in one call.
import type { Evidence, Verdict } from '../model.ts';
import { collectEvidence } from './evidence/collect.ts';
import { contents } from './evidence/content.ts';
import { flagged, type EvidenceInput } from './evidence/evidence-input.ts';
import { gradeOf, isErrorLogOnly } from './grade.ts';
import type { ClientKind } from './proxies.ts';
import { judge } from './verdict.ts';

export interface Judgement {
  readonly evidence: readonly Evidence[];
  readonly verdict: Verdict;
}

/** Computes all evidence for an incident and judges it. Equal results for permuted or repeated transactions. */
export function judgeIncident(input: EvidenceInput, client: ClientKind = 'normal'): Judgement {
  const evidence = collectEvidence(input);
  const names = vhostsOf(input);
  const tool = evidence.find((item) => item.id === 'C1' && item.status === 'present');
  const verdict = judge(evidence, {
    grade: gradeOf(input.has),
    errorLogOnly: isErrorLogOnly(input.has),
    client,
    has: input.has,
    vhosts: names.length,
    site: names[0] ?? null,
    families: familiesOf(input),
    tool: /^It introduced itself as (?!an attack tool)(.{2,40})\.$/.exec(tool?.sentence ?? '')?.[1] ?? null,
  });
  return { evidence, verdict };
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
