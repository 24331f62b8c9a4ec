// ORIGIN: what the address's host name reads like.
import type { Evidence } from '../../model.ts';
import { originOf } from '../patterns/origins.ts';
import { absent, present, unknown } from './statement.ts';
import type { EvidenceInput } from './evidence-input.ts';

const LONGEST = 80;

/**
 * O2h, O2c: the host name reads like a rented server's, or like a household's or mobile line's. The name that DNS
 * confirmed, else the one that lfd printed, which nobody checked.
 */
export function originName({ facts }: EvidenceInput): Evidence {
  const { reverse, lfdName, lfdNameRef } = facts;
  const confirmed = reverse.state === 'confirmed' ? reverse.name : null;
  const name = confirmed ?? lfdName;
  if (name === null) return noName(reverse.state);
  const shown = name.length <= LONGEST ? name : `…${name.slice(1 - LONGEST)}`;
  const basis = confirmed === null ? 'inferred' : 'known';
  const said = confirmed === null ? `The host name that lfd printed (${shown})` : `Its host name (${shown})`;
  const lines = confirmed === null && lfdNameRef != null ? [lfdNameRef] : [];
  const origin = originOf(name);
  if (origin === 'rented') return present('O2h', `${said} reads like a rented server.`, lines, basis);
  if (origin === 'line')
    return present('O2c', `${said} reads like a household or mobile line.`, lines, basis);
  return absent('O2h', `${said} reads neither like a rented server nor like a household line.`, lines);
}

function noName(state: EvidenceInput['facts']['reverse']['state']): Evidence {
  if (state === 'none') return absent('O2h', 'The address has no host name.');
  if (state === 'mismatch')
    return absent('O2h', 'The host name of the address does not lead back to it, so it says nothing.');
  return unknown(
    'O2h',
    'What its host name reads like: DNS has not been asked or gave no answer, and lfd printed no name.',
  );
}
