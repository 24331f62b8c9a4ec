// What an action works with: the server's files behind Host, what is kept behind Store, and the clock.
import type { ProxyNets } from '../analyse/proxies.ts';
import type { EpochMs } from '../model.ts';
import type { ReverseDns } from '../host/dns.ts';
import type { Host } from '../host/host.ts';
import type { AuditBatch, AuditJob } from './ingest-audit.ts';
import type { Store } from '../store/store.ts';

export interface Context {
  readonly host: Host;
  readonly store: Store;
  /** The folder of our own data. */
  readonly stateDir: string;
  readonly version: string;
  /** Keyed hash for values that must be compared but not kept. */
  readonly hash: (value: string) => string;
  /** Takes audit bytes apart: here, or in a helper thread while this one reads on. */
  readonly readAudit: (job: AuditJob) => Promise<AuditBatch>;
  /** How many audit batches may be in work at once; 1 where memory counts more than time. */
  readonly auditAhead: number;
  /** Given with --now; null means the clock (root `/`) or the newest time in the logs. */
  readonly fixedNow: EpochMs | null;
  /** The nets of shared proxies; cheap to ask for. */
  readonly proxies: () => ProxyNets;
  /** Asks DNS, or nobody where it is off. */
  readonly dns: ReverseDns;
}
