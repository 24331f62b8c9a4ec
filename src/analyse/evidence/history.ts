// HISTORY: what the address did elsewhere on this server, and who else lists it.
import type { Evidence } from '../../model.ts';
import type { LfdCatch } from '../../model-evidence.ts';
import { isMailCatch } from '../lfd-services.ts';
import { count, joinAnd } from '../sentences.ts';
import type { EvidenceInput } from './evidence-input.ts';
import { ownerLoggedIn } from './origin-login.ts';
import { absent, present, unknown } from './statement.ts';

const MAX_LINES = 20;
const MAX_SHOWN = 3;

/**
 * L1: lfd caught the address on another service than ModSecurity in 30 days. Failures at mail services do not count
 * while the owner logs in from there (O4): mail programs with an old password fail all day.
 */
export function caughtElsewhere(input: EvidenceInput): Evidence {
  const { caught } = input.facts;
  if (caught === null) return unknown('L1', 'Whether lfd caught it on another service: lfd.log is not here.');
  const isOwner = ownerLoggedIn(input).status === 'present';
  const counted = isOwner ? caught.filter((one) => !isMailCatch(one.trigger)) : caught;
  if (counted.length > 0) {
    const sentence = `lfd caught it ${counted.length === 1 ? 'once' : `${counted.length} times`} on other services in the 30 days before (${triggersOf(counted)}).`;
    return present(
      'L1',
      sentence,
      counted.slice(0, MAX_LINES).map(({ ref }) => ref),
    );
  }
  if (caught.length > 0) {
    const sentence = `lfd counted ${count(caught.length, 'block')} for failed mail logins; the owner logs in from there, so they are read as an old password.`;
    return absent(
      'L1',
      sentence,
      caught.slice(0, MAX_LINES).map(({ ref }) => ref),
    );
  }
  return absent('L1', 'lfd has caught it on no other service in the 30 days before.');
}

function triggersOf(caught: readonly LfdCatch[]): string {
  const triggers = [...new Set(caught.map(({ trigger }) => trigger ?? 'unnamed'))];
  const more = triggers.length - MAX_SHOWN;
  return joinAnd([...triggers.slice(0, MAX_SHOWN), ...(more > 0 ? [`${more} more`] : [])]);
}

/** L3: a block list that csf has loaded holds the address. */
export function listed({ facts }: EvidenceInput): Evidence {
  const { listings } = facts;
  if (listings === null) return unknown('L3', 'Whether a block list holds it: csf has loaded none.');
  if (listings.length === 0) return absent('L3', 'No block list that csf has loaded holds it.');
  const names = [...new Set(listings.map(({ list }) => list))];
  const more = names.length - MAX_SHOWN;
  const shown = joinAnd([...names.slice(0, MAX_SHOWN), ...(more > 0 ? [`${more} more`] : [])]);
  const lists = names.length === 1 ? 'the block list' : `${names.length} block lists`;
  return present(
    'L3',
    `It is in ${lists} ${shown} that csf has loaded.`,
    listings.slice(0, MAX_LINES).map(({ ref }) => ref),
  );
}
