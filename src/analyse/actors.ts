// Several visitors behind one address: which requests and access lines belong to whom.
import type { AccessHit, Transaction } from '../model.ts';
import { distinctFlagged } from './distinct-flagged.ts';
import type { EvidenceInput } from './evidence/evidence-input.ts';
import { joinAccess } from './join-access.ts';

/** More names than this are one program that changes its name. */
const MOST_NAMES = 6;

/** What one program (by its User-Agent) did. */
export interface ActorPart {
  /** Its User-Agent; null for requests that no line names a program of. */
  readonly agent: string | null;
  readonly input: EvidenceInput;
}

/**
 * Splits an incident by User-Agent; null when the lines show fewer than two or more than six, or only one of them has
 * flagged requests that could be told apart. Values of cookies are not kept, so people with equal browsers stay together.
 */
export function partsByAgent(input: EvidenceInput): ActorPart[] | null {
  const names = namesOf(input);
  const agents = new Set([...names.values()].filter((agent) => agent !== null));
  for (const { userAgent } of input.context?.hits ?? []) if (isName(userAgent)) agents.add(userAgent);
  if (agents.size < 2 || agents.size > MOST_NAMES) return null;
  const withRequests = [...new Set(names.values())];
  if (withRequests.length < 2) return null;
  return withRequests.map((agent) => ({ agent, input: inputOf(input, names, new Set([agent])) }));
}

/** The part of the input that belongs to these programs. */
export function partOf(input: EvidenceInput, agents: ReadonlySet<string | null>): EvidenceInput {
  return inputOf(input, namesOf(input), agents);
}

function inputOf(
  input: EvidenceInput,
  names: ReadonlyMap<string, string | null>,
  agents: ReadonlySet<string | null>,
): EvidenceInput {
  const isOwn = ({ uniqueId, request }: Transaction): boolean =>
    agents.has(names.get(uniqueId) ?? request?.userAgent ?? null);
  const isOwnLine = ({ userAgent }: AccessHit): boolean => agents.has(isName(userAgent) ? userAgent : null);
  const own = <Context extends EvidenceInput['context']>(context: Context): Context =>
    context === null ? context : { ...context, hits: context.hits.filter(isOwnLine) };
  return {
    ...input,
    transactions: input.transactions.filter(isOwn),
    day: input.day.filter(isOwn),
    context: own(input.context),
    lookBack: own(input.lookBack),
  };
}

function isName(agent: string | null): agent is string {
  return agent !== null && agent !== '' && agent !== '-';
}

const namesCache = new WeakMap<EvidenceInput, ReadonlyMap<string, string | null>>();

/** The program of each flagged request: as its record says, else as its access line does. */
function namesOf(input: EvidenceInput): ReadonlyMap<string, string | null> {
  const known = namesCache.get(input);
  if (known !== undefined) return known;
  const all = distinctFlagged([...input.transactions, ...input.day]);
  const silent = all.filter(({ request }) => request === null);
  const joined = silent.length === 0 ? null : joinAccess(silent.slice(0, 500), input.context?.hits ?? []);
  const names = new Map(
    all.map(({ uniqueId, request }): [string, string | null] => {
      const agent = request === null ? (joined?.get(uniqueId)?.userAgent ?? null) : request.userAgent;
      return [uniqueId, isName(agent) ? agent : null];
    }),
  );
  namesCache.set(input, names);
  return names;
}
