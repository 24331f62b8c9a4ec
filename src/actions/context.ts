// What an action works with: the server's files behind Host, what is kept behind Store, and the clock.
import type { Basis, EpochMs } from '../model.ts';
import type { Host } from '../host/host.ts';
import type { Zone } from '../host/clock.ts';
import type { Store } from '../store/store.ts';

/** The zone in force and how sure it is. */
export interface ServerZone {
  readonly zone: Zone;
  readonly basis: Basis;
}

export interface Context {
  readonly host: Host;
  readonly store: Store;
  readonly version: string;
  /** Keyed hash for values that must be compared but not kept. */
  readonly hash: (value: string) => string;
  /** Given with --now; null means the clock (root `/`) or the newest time in the logs. */
  readonly fixedNow: EpochMs | null;
}
