// CLIENT: what the program says of itself.
import type { Evidence, LineRef } from '../../model.ts';
import { ATTACK_TOOLS } from '../patterns/clients.ts';
import { visible } from '../secrets.ts';
import { flagged, flaggedInDay, linesOf, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const SCANNER_RULE = '913100';

/** C1: an attack tool named in the User-Agent, or rule 913100, which looks for such names. */
export function namedTool(input: EvidenceInput): Evidence {
  const day = flaggedInDay(input);
  const byRule = day.filter((transaction) => transaction.hits.some((hit) => hit.ruleId === SCANNER_RULE));
  const agents = agentsOf(input);
  const named = agents.find((agent) => ATTACK_TOOLS.test(agent.text));
  if (named !== undefined || byRule.length > 0) {
    const tool =
      named === undefined
        ? toolInHit(byRule[0]?.hits.find((hit) => hit.ruleId === SCANNER_RULE)?.data)
        : toolIn(named.text);
    const lines = byRule.length > 0 ? linesOf(byRule) : (named?.lines ?? []);
    return present(
      'C1',
      tool === null ? 'It introduced itself as an attack tool.' : `It introduced itself as ${tool}.`,
      lines,
    );
  }
  if (agents.length === 0) return unknown('C1', 'What program it says it is stands in none of these lines.');
  return absent(
    'C1',
    'It does not name itself as an attack tool (which proves nothing: names can be chosen).',
  );
}

function toolIn(agent: string): string | null {
  return ATTACK_TOOLS.exec(agent)?.[0] ?? null;
}

function toolInHit(data: string | null | undefined): string | null {
  const found = /^Matched Data: (.{2,40}?) found within /.exec(data ?? '')?.[1];
  return found === undefined ? null : visible(found);
}

interface Agent {
  readonly text: string;
  readonly lines: readonly LineRef[];
}

/** User-Agents in audit records and access lines; empty ones as empty text. */
function agentsOf(input: EvidenceInput): Agent[] {
  const agents: Agent[] = [];
  for (const transaction of flaggedInDay(input)) {
    if (transaction.request === null) continue;
    agents.push({ text: transaction.request.userAgent ?? '', lines: linesOf([transaction]) });
  }
  const hits = input.context?.hits ?? [];
  // A log in common format has no agents at all: then a missing one says nothing.
  if (hits.some((hit) => hit.userAgent !== null)) {
    for (const hit of hits) agents.push({ text: hit.userAgent ?? '', lines: [hit.ref] });
  }
  return agents;
}

/** C3: no User-Agent on at least half of the requests. */
export function noAgent(input: EvidenceInput): Evidence {
  const records = flagged(input).filter((transaction) => transaction.request !== null);
  const agents: Agent[] =
    records.length > 0
      ? records.map((transaction) => ({
          text: transaction.request?.userAgent ?? '',
          lines: linesOf([transaction]),
        }))
      : agentsOf(input);
  if (agents.length === 0) return unknown('C3', 'Whether it named a browser is in none of these lines.');
  const silent = agents.filter((agent) => agent.text === '' || agent.text === '-');
  if (silent.length === 0 || silent.length < agents.length / 2) {
    return absent('C3', 'It named a browser or program in its requests.');
  }
  const sentence = `${silent.length} of ${agents.length} requests named no browser at all.`;
  return present('C3', sentence, silent.flatMap((agent) => agent.lines).slice(0, 20));
}
