// All evidence items, in the order they are shown, and what makes two results one item.
import type { Evidence } from '../../model.ts';
import { changingNames, bareBrowser, scriptLibrary } from './client-browser.ts';
import { namedTool, noAgent } from './client.ts';
import { campaign, documentedPair, othersStopped } from './cross.ts';
import type { EvidenceInput } from './evidence-input.ts';
import { caughtElsewhere, listed } from './history.ts';
import { fetchHeaders, noAssets, ownReferer } from './human-browser.ts';
import { loggedIn, loginCookie } from './human-login.ts';
import { browsedNormally, loadedAssets } from './human.ts';
import { crawler, knownClient } from './known-client.ts';
import { ownerLoggedIn } from './origin-login.ts';
import { originName } from './origin-name.ts';
import { clockwork, fast } from './pace.ts';
import { pageContent, trackingCodes } from './payload-innocent.ts';
import { oneFieldTried, severalFamilies } from './payload-variety.ts';
import { authoredCode, hostileValues, onlyOutbound, unexplainedValues } from './payload.ts';
import { guessedPasswords, listedUsers } from './reach-login.ts';
import { accountsTouched, manyMissing } from './reach-spread.ts';
import { bareServer, numericHost, probes } from './reach.ts';

const ITEM_FUNCTIONS: readonly ((input: EvidenceInput) => Evidence)[] = [
  hostileValues,
  unexplainedValues,
  authoredCode,
  severalFamilies,
  oneFieldTried,
  pageContent,
  trackingCodes,
  onlyOutbound,
  probes,
  manyMissing,
  accountsTouched,
  numericHost,
  bareServer,
  guessedPasswords,
  listedUsers,
  fast,
  clockwork,
  namedTool,
  scriptLibrary,
  noAgent,
  bareBrowser,
  changingNames,
  crawler,
  knownClient,
  browsedNormally,
  loggedIn,
  loginCookie,
  ownReferer,
  loadedAssets,
  noAssets,
  fetchHeaders,
  othersStopped,
  campaign,
  documentedPair,
  ownerLoggedIn,
  originName,
  caughtElsewhere,
  listed,
];

/** Items that rest on what other visitors did: they are computed again when others come. */
const CROSS_FUNCTIONS: readonly ((input: EvidenceInput) => Evidence)[] = [
  unexplainedValues,
  othersStopped,
  campaign,
];

/** Computes all items for one incident: those that hold, those looked for and not found, those unknown. */
export function collectEvidence(input: EvidenceInput): Evidence[] {
  return ITEM_FUNCTIONS.map((item) => item(input));
}

/** The evidence with the items about others computed anew, in the same order. */
export function withCross(evidence: readonly Evidence[], input: EvidenceInput): Evidence[] {
  const fresh = new Map(CROSS_FUNCTIONS.map((item) => item(input)).map((item) => [slotOf(item.id), item]));
  return evidence.map((item) => fresh.get(slotOf(item.id)) ?? item);
}

const SLOTS: ReadonlyMap<string, string> = new Map([
  ['P1b', 'P1'],
  ['R1b', 'R1'],
  ['R3b', 'R3'],
  ['R7b', 'R7'],
  ['Y1b', 'Y1'],
  ['X1b', 'X1'],
  ['C7x', 'C7'],
  ['O2h', 'O2'],
  ['O2c', 'O2'],
]);

/** The question that an item answers: P1 and P1b are one. */
export function slotOf(id: string): string {
  return SLOTS.get(id) ?? id;
}
