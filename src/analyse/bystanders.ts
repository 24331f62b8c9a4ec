// People behind a shared address whom no rule stopped: another program of it reads a site like an ordinary visitor.
import type { AccessHit, Evidence, Verdict } from '../model.ts';
import { browsing } from './access-context.ts';
import { flagged, siteOf, type EvidenceInput } from './evidence/evidence-input.ts';
import { isOrdinary } from './evidence/human.ts';
import { present } from './evidence/statement.ts';
import { probeKind } from './probe.ts';
import { count } from './sentences.ts';
import { findAccessValues } from './values.ts';

/** More names than this are one program that changes its name. */
const MOST_NAMES = 6;

/** Somebody who shares the address, without a flagged request. */
export interface Bystander {
  readonly agent: string;
  readonly evidence: readonly Evidence[];
  readonly verdict: Verdict;
}

/** The programs in the access lines around an incident that browse normally and asked for nothing hostile. */
export function bystandersOf(input: EvidenceInput): Bystander[] {
  const own = new Set(flagged(input).map(({ request }) => request?.userAgent ?? null));
  // Without records nobody can tell whose requests were flagged.
  if (own.has(null)) return [];
  const named = (input.context?.hits ?? []).filter(
    ({ userAgent }) => userAgent !== null && userAgent !== '-',
  );
  const byAgent = Map.groupBy(named, ({ userAgent }) => userAgent ?? '');
  if (byAgent.size > MOST_NAMES) return [];
  return [...byAgent].flatMap(([agent, lines]) => {
    const best = own.has(agent) || lines.some(isHostileLine) ? null : bestSite(input, lines);
    return best === null ? [] : [bystander(agent, best)];
  });
}

function isHostileLine({ uri }: AccessHit): boolean {
  return probeKind(uri) === 'probe' || findAccessValues(uri).some(({ outcome }) => outcome === 'hostile');
}

interface Seen {
  readonly vhost: string;
  readonly seen: ReturnType<typeof browsing>;
}

function bestSite(input: EvidenceInput, lines: readonly AccessHit[]): Seen | null {
  const bySite = Map.groupBy(
    lines.filter(({ vhost }) => vhost !== null),
    ({ vhost }) => siteOf(input, vhost ?? ''),
  );
  const sites = Array.from(bySite.values(), (own) => ({
    vhost: own[0]?.vhost ?? '',
    seen: browsing(own, Infinity),
  }));
  return (
    sites.filter(({ seen }) => isOrdinary(seen)).sort((a, b) => b.seen.answers - a.seen.answers)[0] ?? null
  );
}

function bystander(agent: string, { vhost, seen }: Seen): Bystander {
  const sentence = `${count(seen.pages, 'page')} of ${vhost} read normally, with ${count(seen.assets, 'picture, style or script', 'pictures, styles and scripts')}.`;
  const evidence = [
    present(
      'H1',
      sentence,
      seen.lines.slice(0, 20).map(({ ref }) => ref),
    ),
  ];
  const words = 'An ordinary visitor, whom no rule stopped: a block of the address keeps this one out too.';
  const verdict: Verdict = {
    label: 'false-positive',
    sub: null,
    logOdds: evidence.reduce((sum, { weight }) => sum + weight, 0),
    words,
    groups: [{ group: 'HUMAN', sum: evidence.reduce((sum, { weight }) => sum + weight, 0) }],
    wouldDecide: null,
  };
  return { agent, evidence, verdict };
}
