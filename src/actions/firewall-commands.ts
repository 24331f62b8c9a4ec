// Which commands of csf an act comes to, from where the address stands now; pure.
import type { CsfCommand, FirewallActKind } from '../model-firewall.ts';
import { csfComment } from '../parse/csf-argv.ts';
import type { FirewallRequest, PlaceKind, PlaceView, WhereView } from './firewall-view.ts';
import { spanWords } from './triggers.ts';

/** How long an address is let in unless said otherwise: a day. */
export const DEFAULT_SECONDS = 86_400;

/** What is to be run, with what each command does; or why nothing can be. */
export interface Commands {
  readonly commands: readonly CsfCommand[];
  /** One sentence a command. */
  readonly effects: readonly string[];
  /** A sentence; null when it can be done. */
  readonly refusal: string | null;
}

interface Part {
  readonly command: CsfCommand;
  readonly effect: string;
}

/** Blocks that csf can take out address by address, in the order in which they are taken out. */
const REMOVED: readonly PlaceKind[] = ['deny', 'deny-ports', 'temp-deny', 'cluster', 'cloudflare'];
/** Blocks that stay where they are: the address is let in before they are asked (csf's allow chains come first). */
const LET_IN: readonly PlaceKind[] = [
  'deny-kept',
  'deny-net',
  'temp-deny-net',
  'include',
  'blocklist',
  'global-deny',
  'country',
];

/** The commands of an act. `target` is normalised; `why` is the admin's reason, reduced for csf's comment. */
export function commandsFor(
  request: FirewallRequest,
  target: string,
  where: WhereView,
  why: string,
): Commands {
  const comment = csfComment(`Whyblocked: ${why}`);
  const parts = PLANS[request.act]({ request, target, where, comment });
  if (typeof parts === 'string') return { commands: [], effects: [], refusal: parts };
  return {
    commands: parts.map(({ command }) => command),
    effects: parts.map(({ effect }) => effect),
    refusal: null,
  };
}

interface Wish {
  readonly request: FirewallRequest;
  readonly target: string;
  readonly where: WhereView;
  readonly comment: string;
}

/** Parts, or the refusal as a sentence. */
type Planner = (wish: Wish) => readonly Part[] | string;

const PLANS: Readonly<Record<FirewallActKind, Planner>> = {
  unblock: unblockParts,
  'temp-allow': (wish) =>
    has(wish.where, 'allow')
      ? `${wish.target} is in csf.allow, so it is let in for good already. Nothing was changed.`
      : allowParts(wish, wish.request.seconds ?? DEFAULT_SECONDS),
  allow: ({ target, where, comment }) =>
    has(where, 'allow')
      ? `${target} is in csf.allow already. Nothing was changed.`
      : [
          {
            command: { kind: 'allow', target, comment },
            effect: `Writes ${target} into csf.allow, until it is taken out, and takes the same entry out of csf.deny. lfd goes on counting it: only csf.ignore stops that.`,
          },
        ],
  disallow: disallowParts,
  'temp-block': ({ request, target, where, comment }) =>
    notDenied(target, where, 'deny', 'temp-deny') ?? [
      {
        command: {
          kind: 'temp-deny',
          target,
          seconds: request.seconds ?? DEFAULT_SECONDS,
          ports: null,
          comment,
        },
        effect: `Drops everything that comes from ${target} for ${spanWords(request.seconds ?? DEFAULT_SECONDS)}.`,
      },
    ],
  block: ({ target, where, comment }) =>
    notDenied(target, where, 'deny') ?? [
      {
        command: { kind: 'deny', target, comment },
        effect: `Writes ${target} into csf.deny, both ways, until newer entries push it out of the list.`,
      },
    ],
};

function has(where: WhereView, ...kinds: readonly PlaceKind[]): boolean {
  return where.places.some(({ kind }) => kinds.includes(kind));
}

/** csf refuses to deny what it allows or is told to ignore, and what is `denied` already: a temporary block can be made permanent. */
function notDenied(target: string, where: WhereView, ...denied: readonly PlaceKind[]): string | null {
  if (has(where, 'allow', 'temp-allow', 'global-allow', 'allow-net'))
    return `${target} is allowed, so a block would not work. Take it out of the allowed entries first.`;
  if (has(where, 'ignore'))
    return `${target} is in csf.ignore: csf refuses to deny it. Take it out of csf.ignore by hand first.`;
  return has(where, ...denied) ? `${target} is blocked already. Nothing was changed.` : null;
}

function unblockParts(wish: Wish): readonly Part[] | string {
  const { request, target, where } = wish;
  const parts = removals(request, target, where);
  // A country that nobody looked up is a possibility, no block.
  const covered = where.places.filter(({ kind, basis }) => LET_IN.includes(kind) && basis !== 'missing');
  const stays = request.wholeNet ? covered.filter((place) => !isRemovableNet(place)) : covered;
  const isLetIn = where.places.some(({ kind, basis }) => LETS_IN.includes(kind) && basis === 'known');
  const seconds = request.thenAllow ?? (stays.length > 0 && !isLetIn ? DEFAULT_SECONDS : null);
  const all = seconds === null ? parts : [...parts, ...allowParts(wish, seconds)];
  if (all.length > 0) return all;
  return isLetIn
    ? `${target} is let in already, whatever blocks it. Nothing was changed.`
    : `csf does not block ${target} now: there is nothing to take out. Nothing was changed.`;
}

/** What lets in all that comes from an address, before any block is asked. */
const LETS_IN: readonly PlaceKind[] = ['allow', 'temp-allow', 'global-allow', 'allow-net'];

/** csf refuses a second temporary allow, and one of what is in csf.allow: the first ends before, the other is enough. */
function allowParts({ target, where, comment }: Wish, seconds: number): readonly Part[] {
  if (has(where, 'allow')) return [];
  const allow = allowPart(target, seconds, comment);
  return has(where, 'temp-allow') ? [disallowPart(target), allow] : [allow];
}

function disallowPart(target: string): Part {
  return {
    command: { kind: 'remove-temp-allow', target },
    effect: `Ends every temporary allow of ${target}.`,
  };
}

/** A net that csf takes out when it is named. */
function isRemovableNet({ kind, isKept }: PlaceView): boolean {
  return (kind === 'deny-net' || kind === 'temp-deny-net') && isKept !== true;
}

function removals(request: FirewallRequest, target: string, where: WhereView): Part[] {
  const parts: Part[] = [];
  const kinds = new Set(where.places.map(({ kind }) => kind));
  const wanted = REMOVED.filter((kind) => kinds.has(kind));
  if (wanted.includes('deny') || wanted.includes('deny-ports'))
    parts.push(...[...new Set(ownEntries(where, target))].map(denyPart));
  // -tr reaches Cloudflare too, but takes a temporary allow out with the block: only where it must.
  if (wanted.includes('cloudflare'))
    parts.push({
      command: { kind: 'remove-temp', target },
      effect: `Takes ${target} out of csf's temporary lists, blocked and allowed, and out of Cloudflare's.`,
    });
  else if (wanted.includes('temp-deny')) parts.push(tempPart(target));
  if (wanted.includes('cluster'))
    parts.push({
      command: { kind: 'remove-cluster', target },
      effect: `Asks the other servers of the cluster to take ${target} out too. Only they can say whether they did.`,
    });
  if (request.wholeNet)
    for (const place of where.places) {
      const { kind, entry } = place;
      if (entry === null || !isRemovableNet(place)) continue;
      parts.push(kind === 'deny-net' ? denyPart(entry) : tempPart(entry));
    }
  return parts;
}

/** csf finds a net only as it is written in its list, an address in any spelling. */
function ownEntries(where: WhereView, target: string): string[] {
  return where.places
    .filter(({ kind }) => kind === 'deny' || kind === 'deny-ports')
    .map(({ entry }) => (entry !== null && target.includes('/') ? entry : target));
}

function denyPart(target: string): Part {
  return {
    command: { kind: 'remove-deny', target },
    effect: `Takes ${target} out of csf.deny, with all lines about it, and out of csf's memory of its blocks.`,
  };
}

function tempPart(target: string): Part {
  return {
    command: { kind: 'remove-temp-deny', target },
    effect: `Ends the temporary block of ${target}.`,
  };
}

function allowPart(target: string, seconds: number, comment: string): Part {
  return {
    command: { kind: 'temp-allow', target, seconds, ports: null, comment },
    effect: `Lets ${target} in for ${spanWords(seconds)}, before any block is asked. lfd goes on counting: a new block is written, but does not work until then.`,
  };
}

const ALLOWS: readonly PlaceKind[] = [...LETS_IN, 'allow-ports'];

/** On some ports, in csf.tempallow: there csf finds it by its address. Of csf.allow it is a filter, of GLOBAL_ALLOW no entry of csf's. */
function isTemporary({ kind, entry }: PlaceView): boolean {
  return kind === 'allow-ports' && entry !== null && !entry.includes('=');
}

function disallowParts({ target, where }: Wish): readonly Part[] | string {
  const parts: Part[] = [];
  const mine = where.places.filter(({ kind }) => ALLOWS.includes(kind));
  if (mine.some(({ kind, isKept }) => kind === 'allow' && isKept !== true))
    parts.push({
      command: { kind: 'remove-allow', target },
      effect: `Takes ${target} out of csf.allow.`,
    });
  if (mine.some((place) => place.kind === 'temp-allow' || isTemporary(place)))
    parts.push(disallowPart(target));
  if (parts.length > 0) return parts;
  const [other] = mine;
  return other === undefined
    ? `${target} is in no list of allowed addresses. Nothing was changed.`
    : `${other.sentence} csf cannot end that for ${target} alone. ${other.way} Nothing was changed.`;
}
