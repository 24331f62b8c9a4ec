// What an act on the firewall would be about, as an explanation has it.
import { normalizeAddress, normalizeNet } from '../parse/address.ts';
import type { Explanation } from './explanation.ts';

/**
 * The address, or the net, that an act on the firewall would be about: the visitor where he is known, else what the entry names.
 * Null where neither can be read, and for the mail of another server.
 */
export function actTarget({
  asked,
  incident,
  block,
  mail,
}: Pick<Explanation, 'asked' | 'incident' | 'block' | 'mail'>): string | null {
  if (mail?.foreign === true || asked.kind === 'domain' || asked.kind === 'ruleId') return null;
  const names = [incident?.client, asked.kind === 'ip' ? asked.value : null, block?.address, asked.value];
  for (const name of names) {
    const target = name == null ? null : (normalizeAddress(name) ?? normalizeNet(name));
    if (target !== null) return target;
  }
  return null;
}

/** Whether csf, or the mail alone, says that the address is blocked. */
export function isBlocked({ block }: Pick<Explanation, 'block'>): boolean {
  return block?.state === 'permanent' || block?.state === 'temporary';
}
