// What csf and lfd write: entries of their lists, and what a message of lfd says.
import type { EpochMs, LineRef, WallMs } from './model.ts';

/** What a csf entry covers: one address, a net, or an advanced filter (ports, direction). */
export interface CsfTarget {
  readonly kind: 'ip' | 'cidr' | 'advanced';
  /** Normalised address or net, e.g. `203.0.113.7`, `198.51.100.0/24`; null for a filter without address. */
  readonly address: string | null;
  readonly ports: string | null;
  readonly direction: 'in' | 'out' | 'inout';
}

/** What an lfd message says, wherever it stands (lfd.log, csf.deny comment, csf.tempban, csf.tempip). */
export interface LfdMessage {
  readonly address: string | null;
  /** The lfd setting, e.g. `LF_MODSEC`; derived from the text where no tag stands. */
  readonly trigger: string | null;
  readonly apps: readonly string[];
  readonly ruleId: string | null;
  readonly count: number | null;
  readonly intervalSeconds: number | null;
  /** Account of a distributed attack or a login counter. */
  readonly account: string | null;
}

/** A csf.deny, csf.allow or csf.tempban line. */
export interface DenyEntry {
  readonly list: 'deny' | 'allow' | 'ignore' | 'tempban' | 'tempallow';
  readonly target: CsfTarget;
  readonly comment: string;
  readonly message: LfdMessage | null;
  /** csf.deny: wall clock from the comment's end; csf.tempban: null, `sinceEpoch` holds it. */
  readonly sinceWall: WallMs | null;
  readonly sinceEpoch: EpochMs | null;
  readonly ttlSeconds: number | null;
  readonly doNotDelete: boolean;
  readonly text: string;
}

/** A deny entry with its place. */
export interface PlacedEntry extends DenyEntry {
  readonly ref: LineRef;
  /** True when it stands in a file that csf.deny includes. */
  readonly included: boolean;
}
