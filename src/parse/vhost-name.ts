// The name of a vhost as a log shows it.
import { decodeBytes } from './text.ts';

const NAME = /^(?:\*\.)?[\p{L}\p{N}_.-]{1,253}$/u;

/** Lower case, without port and dot at its end (latin1 in); null for a text that is no host's name. */
export function vhostName(text: string): string | null {
  const name = decodeBytes(text)
    .trim()
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');
  return NAME.test(name) && name !== '_' && name !== '-' ? name : null;
}
