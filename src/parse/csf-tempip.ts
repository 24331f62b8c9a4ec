// csf.tempip: `ADDRESS|PERMANENT|EPOCH|MESSAGE`, lfd's own history of the blocks of the last 24 hours.
import type { LfdMessage } from '../model-csf.ts';
import type { EpochMs } from '../model.ts';
import { normalizeTarget, parseLfdMessage } from './lfd-message.ts';

/** One block that lfd remembers. */
export interface PastBlock {
  /** Normalised address or net. */
  readonly address: string;
  readonly permanent: boolean;
  readonly at: EpochMs;
  readonly message: LfdMessage | null;
}

/** Reads one csf.tempip line (latin1, without its line end); null for a line of another shape. */
export function parseTempipLine(line: string): PastBlock | null {
  if (line.length > 262_144) return null;
  const match = /^([^|\s]{1,64})\|([01])\|(\d{1,12})(?:\|([^\r\n]*))?[\r\n]*$/.exec(line);
  const address = match === null ? null : normalizeTarget(match[1] ?? '');
  if (match === null || address === null) return null;
  const message = parseLfdMessage((match[4] ?? '').trim());
  return { address, permanent: match[2] === '1', at: Number(match[3]) * 1000, message };
}
