// CLIENT: whether somebody vouches for the address: a crawler's own DNS names, csf's lists, the admin.
import type { Evidence, LineRef } from '../../model.ts';
import { claimedCrawler, isNameOf, type Crawler } from '../patterns/crawlers.ts';
import { joinAnd } from '../sentences.ts';
import { flaggedInDay, linesOf, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const MAX_LINES = 20;

/**
 * C7, C7x: it calls itself a crawler that can be proved by DNS, and its host name, which leads back to the address, is
 * one of that crawler's (C7), or DNS answered something else (C7x). The names are in `patterns/crawlers.ts`.
 */
export function crawler(input: EvidenceInput): Evidence {
  const claims = claimsOf(input);
  if (claims === null) return unknown('C7', 'What program it says it is stands in none of these lines.');
  const [first] = claims;
  if (first === undefined) return absent('C7', 'It does not call itself a crawler that can be proved.');
  const { state, name } = input.facts.reverse;
  if (state === 'unknown') {
    return unknown(
      'C7',
      `It calls itself ${first.crawler.name}; DNS, which would prove it, has not been asked or gave no answer.`,
    );
  }
  const proved = claims.find(
    (claim) => state === 'confirmed' && name !== null && isNameOf(claim.crawler, name),
  );
  if (proved !== undefined) {
    return present(
      'C7',
      `Really ${proved.crawler.name}: its host name ${name ?? ''} and its address agree.`,
      proved.lines,
    );
  }
  return present('C7x', `It calls itself ${first.crawler.name}, but ${disagreement(input)}.`, first.lines);
}

function disagreement({ facts }: EvidenceInput): string {
  const { state, name } = facts.reverse;
  if (state === 'none') return "its address has no host name, and that crawler's addresses all have one";
  if (name === null) return 'its address has no usable host name';
  return state === 'mismatch'
    ? `its host name ${name} does not lead back to its address`
    : `its host name is ${name}`;
}

interface Claim {
  readonly crawler: Crawler;
  readonly lines: LineRef[];
}

/** The crawlers that its User-Agents claim, the flagged requests' first; null when no line tells any User-Agent. */
function claimsOf(input: EvidenceInput): readonly Claim[] | null {
  const agents = agentsOf(input);
  if (agents.length === 0) return null;
  const claims = new Map<string, Claim>();
  for (const { text, line } of agents) {
    const claimed = claimedCrawler(text);
    if (claimed === null) continue;
    const claim = claims.get(claimed.name) ?? { crawler: claimed, lines: [] };
    claims.set(claimed.name, claim);
    if (line !== undefined && claim.lines.length < MAX_LINES) claim.lines.push(line);
  }
  return [...claims.values()];
}

function agentsOf(input: EvidenceInput): { readonly text: string; readonly line: LineRef | undefined }[] {
  const records = flaggedInDay(input).filter((transaction) => transaction.request !== null);
  const lines = (input.context?.hits ?? []).filter((hit) => hit.userAgent !== null);
  return [
    ...records.map((one) => ({ text: one.request?.userAgent ?? '', line: linesOf([one])[0] })),
    ...lines.map((hit) => ({ text: hit.userAgent ?? '', line: hit.ref })),
  ];
}

/** C8: csf.allow or csf.ignore names the address, or the admin marked it. */
export function knownClient({ facts }: EvidenceInput): Evidence {
  const { known } = facts;
  if (known.length > 0) {
    const sentence = `${joinAnd(known.map(({ words }) => words))}.`;
    return present(
      'C8',
      sentence,
      known.flatMap(({ ref }) => ref ?? []),
    );
  }
  if (facts.knownAsked !== true) {
    return unknown('C8', "Whether the address is a known client's: csf.allow and csf.ignore are not here.");
  }
  return absent('C8', 'Neither csf.allow nor csf.ignore names the address, and nobody has marked it.');
}
