// csf.tempban and csf.tempallow: `EPOCH|ADDRESS|PORTS|DIRECTION|SECONDS|MESSAGE`, one temporary entry a line.
import type { CsfTarget, DenyEntry } from '../model-csf.ts';
import { normalizeTarget, parseLfdMessage } from './lfd-message.ts';
import { decodeBytes } from './text.ts';

/**
 * Reads one line of csf.tempban, or of csf.tempallow (latin1, without its line end). The message keeps any `|` it holds.
 * The entry ends at `sinceEpoch + ttlSeconds`. Null for a line of another shape.
 */
export function parseTempbanLine(line: string, list: 'tempban' | 'tempallow' = 'tempban'): DenyEntry | null {
  if (line.length > 262_144) return null;
  const match =
    /^(\d{1,12})\|([^|\s]{1,64})\|([^|]{0,400})\|(in|out|inout)\|(\d{1,12})(?:\|([^\r\n]*))?[\r\n]*$/.exec(
      line,
    );
  if (match === null) return null;
  const [, since, word = '', ports = '', direction, ttl] = match;
  const address = normalizeTarget(word);
  if (address === null) return null;
  const comment = decodeBytes(match[6] ?? '').trim();
  return {
    list,
    target: {
      kind: word.includes('/') ? 'cidr' : 'ip',
      address,
      ports: ports === '' ? null : decodeBytes(ports),
      direction: direction as CsfTarget['direction'],
    },
    comment,
    message: comment.startsWith('lfd - ') ? parseLfdMessage((match[6] ?? '').trim()) : null,
    sinceWall: null,
    sinceEpoch: Number(since) * 1000,
    ttlSeconds: Number(ttl),
    doNotDelete: false,
    text: decodeBytes(line.replace(/[\r\n]+$/, '')),
  };
}
