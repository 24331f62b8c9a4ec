// csf.conf values behind a block, each with what it means.
import type { BlockView } from './explanation.ts';
import type { Firewall } from './firewall.ts';
import { spanWords, triggerInfo } from './triggers.ts';

/** The settings that decide about a trigger, as csf.conf has them; without the file an empty list. */
export function settingsOf(trigger: string | null, firewall: Firewall): BlockView['settings'] {
  const info = triggerInfo(trigger);
  if (info === null) return [];
  return info.settings.flatMap((name) => {
    const value = firewall.conf.get(name);
    return value === undefined ? [] : [{ name, value, meaning: meaningOf(name, value) }];
  });
}

function meaningOf(name: string, value: string): string {
  const number = Number(value);
  if (name === 'LF_INTERVAL') return `counted over ${spanWords(number)}`;
  if (name.endsWith('_INTERVAL')) return `counted over ${spanWords(number)}`;
  if (name.endsWith('_PERM') || name.endsWith('_PERMANENT')) return permanence(name, number);
  if (name.endsWith('_BLOCK_TIME')) return `blocked for ${spanWords(number)}`;
  if (name.endsWith('_UNIQ')) return `from at least ${value} addresses`;
  if (name.endsWith('_COUNT')) return `after more than ${value}`;
  if (number === 0) return 'switched off now';
  return `blocks at ${value}`;
}

function permanence(name: string, number: number): string {
  // For LF_MODSEC_PERM and its kin csf's own comment calls 0 "do not block"; its code blocks permanently.
  if (number === 1) return 'for good';
  if (number === 0) return name.endsWith('_PERMANENT') ? 'for a time' : 'for good (csf treats 0 like 1)';
  return `for ${spanWords(number)}`;
}
