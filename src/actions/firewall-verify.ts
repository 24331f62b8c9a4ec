// Whether csf's own files show what a command was to do; pure. csf's exit code and words are no proof.
import type { CsfCommand } from '../model-firewall.ts';
import type { DenyEntry, PlacedEntry } from '../model-csf.ts';
import type { EpochMs } from '../model.ts';
import { normalizeAddress, normalizeNet } from '../parse/address.ts';
import { entryText } from './entry-words.ts';
import type { Firewall } from './firewall.ts';

/** What the files show. `unproved`: no file of this server could show it. */
export type Shown = 'done' | 'not-done' | 'unproved' | 'unreadable';

/** What csf's files show of a command, as they were read after it. */
export function shownBy(firewall: Firewall, command: CsfCommand, now: EpochMs): Shown {
  const file = FILES[command.kind];
  if (file === null) return 'unproved';
  // A list that kept changing may hold more, or less, than was read.
  if (file.some((name) => isUnreadable(firewall, name))) return 'unreadable';
  return isDone(firewall, command, now) ? 'done' : 'not-done';
}

type ListName = 'csf.deny' | 'csf.allow' | 'csf.tempban' | 'csf.tempallow';

/** The lists that show a command's effect; null where none does. */
const FILES: Readonly<Record<CsfCommand['kind'], readonly ListName[] | null>> = {
  deny: ['csf.deny'],
  allow: ['csf.allow'],
  'temp-deny': ['csf.tempban'],
  'temp-allow': ['csf.tempallow'],
  'remove-deny': ['csf.deny'],
  'remove-allow': ['csf.allow'],
  'remove-temp-deny': ['csf.tempban'],
  'remove-temp-allow': ['csf.tempallow'],
  'remove-temp': ['csf.tempban', 'csf.tempallow'],
  'remove-cluster': null,
};

function isUnreadable({ problems }: Firewall, name: ListName): boolean {
  return problems.some(({ source }) => source.endsWith(`/${name}`));
}

function isDone(firewall: Firewall, command: CsfCommand, now: EpochMs): boolean {
  const target = normalizeAddress(command.target) ?? normalizeNet(command.target);
  const own = (entries: readonly PlacedEntry[]): PlacedEntry[] =>
    entries.filter((entry) => !entry.included && entry.target.address === target);
  switch (command.kind) {
    case 'deny':
      return own(firewall.deny).some(isPlain);
    case 'allow':
      return own(firewall.allow).some(isPlain);
    case 'temp-deny':
      return own(firewall.tempbans).some((entry) => fits(entry, command, now));
    case 'temp-allow':
      return own(firewall.tempallows).some((entry) => fits(entry, command, now));
    // Lines that are marked "do not delete" stay, whoever asks.
    case 'remove-deny':
      return own(firewall.deny).every((entry) => entry.doNotDelete || isOtherNet(entry, command));
    case 'remove-allow':
      return own(firewall.allow).length === 0;
    case 'remove-temp-deny':
      return own(firewall.tempbans).length === 0;
    case 'remove-temp-allow':
      return own(firewall.tempallows).length === 0;
    case 'remove-temp':
      return own(firewall.tempbans).length === 0 && own(firewall.tempallows).length === 0;
    default:
      return false;
  }
}

/** csf takes a net out only as it is written: the same net in another spelling stays, for a command of its own. */
function isOtherNet(entry: PlacedEntry, command: CsfCommand): boolean {
  return entry.target.kind === 'cidr' && entryText(entry).toLowerCase() !== command.target.toLowerCase();
}

function isPlain({ target }: DenyEntry): boolean {
  return target.kind !== 'advanced';
}

/** A second may pass between the reading of the clock and csf's. */
const SLACK_MS = 5000;

function fits(
  { target, sinceEpoch, ttlSeconds }: DenyEntry,
  { seconds, ports }: Extract<CsfCommand, { kind: 'temp-deny' | 'temp-allow' }>,
  now: EpochMs,
): boolean {
  const until = (sinceEpoch ?? 0) + (ttlSeconds ?? 0) * 1000;
  return target.ports === ports && until > now && until >= now + seconds * 1000 - MOST_RUN_MS - SLACK_MS;
}

/** csf may have run this long before its files are looked at. */
const MOST_RUN_MS = 900_000;

/**
 * The last entries of csf.deny and csf.allow that are gone although the command was not about them: what a rewrite loses that
 * breaks off. A full list loses its first lines when one is added (DENY_IP_LIMIT), and another admin takes out single ones.
 */
export function tornOff(before: Firewall, after: Firewall, command: CsfCommand): PlacedEntry[] {
  const about = normalizeAddress(command.target) ?? normalizeNet(command.target);
  return (['deny', 'allow'] as const).flatMap((list) => {
    const left = new Set(after[list].map(({ text }) => text));
    const own = before[list].filter(({ included, target }) => !included && target.address !== about);
    return own.slice(own.findLastIndex(({ text }) => left.has(text)) + 1);
  });
}

/** Whether a list was cut: another admin may take out one address meanwhile, with all its lines, and that be the newest. */
export function isCut(torn: readonly PlacedEntry[]): boolean {
  return new Set(torn.map(({ target, text }) => target.address ?? text)).size > 1;
}
