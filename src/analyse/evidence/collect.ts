// The first set of evidence items, in the order they are shown.
import type { Evidence } from '../../model.ts';
import { namedTool, noAgent } from './client.ts';
import type { EvidenceInput } from './evidence-input.ts';
import { browsedNormally, loadedAssets } from './human.ts';
import { fast } from './pace.ts';
import { authoredCode, hostileValues, onlyOutbound, unexplainedValues } from './payload.ts';
import { accountsTouched, bareServer, numericHost, probes } from './reach.ts';

const ITEM_FUNCTIONS: readonly ((input: EvidenceInput) => Evidence)[] = [
  hostileValues,
  unexplainedValues,
  authoredCode,
  onlyOutbound,
  probes,
  accountsTouched,
  numericHost,
  bareServer,
  fast,
  namedTool,
  noAgent,
  browsedNormally,
  loadedAssets,
];

/** Computes all items for one incident: those that hold, those looked for and not found, those unknown. */
export function collectEvidence(input: EvidenceInput): Evidence[] {
  return ITEM_FUNCTIONS.map((item) => item(input));
}
