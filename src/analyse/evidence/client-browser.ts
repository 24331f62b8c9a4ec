// CLIENT: whether the program is what it says, and whether it changes its name.
import type { Evidence, LineRef, Transaction } from '../../model.ts';
import { pathOf } from '../access-context.ts';
import { mostDistinct } from '../most-distinct.ts';
import { SCRIPT_LIBRARIES } from '../patterns/clients.ts';
import { visible } from '../secrets.ts';
import { flagged, linesOf, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const BROWSER = /^Mozilla\/5\.0 \((?!compatible)[^)]{3,200}\).{0,300}(?:Firefox|Chrome|Safari|Edg|OPR)\/\d/;
const NAMES_WINDOW_MS = 60_000;
const NAMES = 4;

interface Named {
  readonly agent: string;
  readonly at: number;
  readonly path: string;
  readonly lines: readonly LineRef[];
}

/** C2: most requests come from a script library or a command-line program. */
export function scriptLibrary(input: EvidenceInput): Evidence {
  const named = namedRequests(input).filter(({ agent }) => agent !== '');
  if (named.length === 0) return unknown('C2', 'What program it is stands in none of these lines.');
  const scripts = named.filter(({ agent }) => SCRIPT_LIBRARIES.test(agent));
  const first = scripts[0];
  if (first !== undefined && scripts.length * 2 >= named.length) {
    const name = visible(first.agent).slice(0, 40);
    return present(
      'C2',
      `It calls itself ${name}, a library that programs use.`,
      scripts.flatMap(({ lines }) => lines).slice(0, 20),
    );
  }
  return absent('C2', 'It does not call itself a script library.');
}

/** C4: it calls itself a browser, but its requests lack Accept-Language, which browsers always send. */
export function bareBrowser(input: EvidenceInput): Evidence {
  const records = flagged(input).filter(({ request }) => request !== null && request.headerNames.length > 0);
  if (records.length === 0) return unknown('C4', 'Which headers it sent: no audit record shows them.');
  const browsers = records.filter(({ request }) => BROWSER.test(request?.userAgent ?? ''));
  if (browsers.length === 0) return absent('C4', 'It does not call itself a browser.');
  const bare = browsers.filter(({ request }) => request?.headerNames.includes('accept-language') !== true);
  if (bare.length * 2 >= browsers.length && bare.length > 0)
    return present(
      'C4',
      'It calls itself a browser but lacks what a browser always sends (Accept-Language).',
      linesOf(bare),
    );
  return absent('C4', 'It sends what the browser that it names sends.');
}

/** C5: four names and more on one family of paths within 60 s; separate cookies show separate people. */
export function changingNames(input: EvidenceInput): Evidence {
  const named = namedRequests(input).sort((a, b) => a.at - b.at);
  if (named.length === 0) return unknown('C5', 'Whether it changed its name: no line names any program.');
  const most = mostNames(named);
  const names = new Set(most.map(({ agent }) => agent));
  if (names.size >= NAMES && !haveOwnCookies(input, names)) {
    const sentence = `${names.size} different program names on the same paths within a minute.`;
    return present('C5', sentence, most.flatMap(({ lines }) => lines).slice(0, 20));
  }
  return absent('C5', 'It did not change its name from request to request.');
}

/** The requests of the minute with the most names on one family of paths (vhost and first folder); in time order. */
function mostNames(named: readonly Named[]): readonly Named[] {
  let most: readonly Named[] = [];
  let number = 0;
  for (const [, family] of Map.groupBy(named, ({ path }) => path)) {
    const window = mostDistinct(family, ({ agent }) => agent, NAMES_WINDOW_MS);
    const own = new Set(window.map(({ agent }) => agent)).size;
    if (own <= number) continue;
    number = own;
    most = window;
  }
  return most;
}

/** Whether records show cookies from at least two of these programs: several people behind one address. */
function haveOwnCookies(input: EvidenceInput, names: ReadonlySet<string>): boolean {
  const withCookies = flagged(input).filter(({ request }) => (request?.cookieNames.length ?? 0) > 0);
  return (
    new Set(
      withCookies.flatMap(({ request }) => request?.userAgent ?? []).filter((agent) => names.has(agent)),
    ).size >= 2
  );
}

/** Requests whose program is known: access lines, and records that no line stands for. */
function namedRequests(input: EvidenceInput): Named[] {
  const hits = input.context?.hits ?? [];
  const hasAgents = hits.some(({ userAgent }) => userAgent !== null);
  const lines = hasAgents
    ? hits.map((hit): Named => ({
        agent: plain(hit.userAgent),
        at: hit.at,
        path: familyOf(hit.vhost, hit.uri),
        lines: [hit.ref],
      }))
    : [];
  return [...lines, ...flagged(input).flatMap(namedRecord)];
}

function namedRecord(transaction: Transaction): Named[] {
  const { request, at, vhost, path } = transaction;
  if (request === null) return [];
  return [
    {
      agent: plain(request.userAgent),
      at,
      path: familyOf(vhost, request.uri ?? path ?? ''),
      lines: linesOf([transaction]),
    },
  ];
}

function plain(agent: string | null): string {
  return agent === null || agent === '-' ? '' : agent;
}

function familyOf(vhost: string | null, uri: string): string {
  return `${vhost ?? ''} ${pathOf(uri).split('/', 2)[1] ?? ''}`;
}
