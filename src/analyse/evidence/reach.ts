// REACH: what was asked for, and of whom.
import type { AccessHit, Evidence, LineRef, Transaction } from '../../model.ts';
import { pathOf } from '../access-context.ts';
import { probeKind } from '../probe.ts';
import { maskUri } from '../mask.ts';
import { count, joinAnd } from '../sentences.ts';
import {
  flagged,
  flaggedInDay,
  isDenied,
  linesOf,
  serviceDomain,
  targetOf,
  type EvidenceInput,
} from './evidence-input.ts';
import { fast } from './pace.ts';
import { absent, present, unknown } from './statement.ts';

const MAX_SHOWN = 3;

/** R1, R1b: one or two, or three and more, different probe paths in the transactions of the day and the context. */
export function probes(input: EvidenceInput): Evidence {
  const found = new Map<string, { readonly shown: string; readonly lines: readonly LineRef[] }>();
  const day = flaggedInDay(input);
  const add = (uri: string, lines: readonly LineRef[]): void => {
    const path = pathOf(uri).toLowerCase();
    if (!found.has(path)) found.set(path, { shown: maskUri(pathOf(uri)), lines });
  };
  for (const transaction of day) {
    const uri = targetOf(transaction);
    if (uri !== null && probeKind(uri) === 'probe') add(uri, linesOf([transaction]));
  }
  for (const hit of input.context?.hits ?? []) {
    const kind = probeKind(hit.uri);
    if (kind === 'probe' || (kind === 'maybe-installed' && isNotInstalled(hit, day, input)))
      add(hit.uri, [hit.ref]);
  }
  if (found.size === 0) return noProbes(input, day);
  const all = [...found.values()];
  const shown = all.slice(0, MAX_SHOWN).map((one) => clip(one.shown));
  const more = all.length > shown.length ? [`${all.length - shown.length} more`] : [];
  const sentence = `It asked for ${joinAnd([...shown, ...more])}, which no page of this site links to.`;
  return present(all.length >= 3 ? 'R1b' : 'R1', sentence, all.flatMap((one) => one.lines).slice(0, 20));
}

function noProbes(input: EvidenceInput, day: readonly Transaction[]): Evidence {
  if (day.every((transaction) => targetOf(transaction) === null)) {
    return unknown('R1', 'Which addresses it asked for is in none of these lines.');
  }
  const where = input.contextCovered
    ? 'in its requests and the access log around them'
    : 'in the requests seen';
  return absent('R1', `No probe for hidden files, back-ups or known holes ${where}.`);
}

/** The site itself said 404, ModSecurity did not stop it, and nobody else gets an answer there. */
function isNotInstalled(hit: AccessHit, day: readonly Transaction[], input: EvidenceInput): boolean {
  if (hit.status !== 404 || input.othersGet200?.(pathOf(hit.uri)) === true) return false;
  const path = pathOf(hit.uri);
  return !day.some((other) => isDenied(other) && other.path === path && Math.abs(other.at - hit.at) <= 2000);
}

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

const HOST_RULES: ReadonlySet<string> = new Set(['920350', '920280']);

/** R4: a numeric or missing Host on at least 80 % of the flagged requests. */
export function numericHost(input: EvidenceInput): Evidence {
  const all = flagged(input);
  const by = all.filter((transaction) => transaction.hits.some((hit) => HOST_RULES.has(hit.ruleId)));
  if (by.length > 0 && by.length >= all.length * 0.8) {
    const sentence = `${by.length} of ${count(all.length, 'request')} addressed the server by IP number or without a name.`;
    return present('R4', sentence, linesOf(by));
  }
  if (all.every((transaction) => transaction.hits.length === 1 && transaction.request === null)) {
    return unknown('R4', 'Whether it named a site or only the IP number is in none of these lines.');
  }
  return absent(
    'R4',
    by.length === 0
      ? 'It asked for sites by name.'
      : `Only ${by.length} of ${all.length} requests came without a site name.`,
  );
}

/** R5: half of the flagged requests or more went to the bare server, and fast or to two paths and more. */
export function bareServer(input: EvidenceInput): Evidence {
  const all = flagged(input);
  const named = all.filter((transaction) => transaction.vhost !== null);
  if (named.length === 0) return unknown('R5', 'Which vhost it asked for is in none of these lines.');
  const bare = named.filter((transaction) => isBare(input, transaction.vhost ?? ''));
  const paths = new Set(bare.map((transaction) => pathOf(targetOf(transaction) ?? '')));
  const enough = bare.length > 0 && bare.length >= all.length / 2;
  if (enough && (paths.size >= 2 || fast(input).status === 'present')) {
    const sentence = 'It was talking to the bare server, where no customer has a site.';
    return present('R5', sentence, linesOf(bare));
  }
  if (enough)
    return absent(
      'R5',
      'It asked the bare server for one path, slowly: a monitor does that too.',
      linesOf(bare),
    );
  return absent('R5', 'It asked for sites of this server, not for the bare server.');
}

/** Service names of a domain that is served here belong to that domain. */
function isBare(input: EvidenceInput, vhost: string): boolean {
  if (!input.isBareServer(vhost)) return false;
  const domain = serviceDomain(vhost);
  return domain === null || !input.knownVhost(domain);
}
