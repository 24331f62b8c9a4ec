// What an action works with: the server's files behind Host, what is kept behind Store, and the clock.
import type { ProxyNets } from '../analyse/proxies.ts';
import type { EpochMs } from '../model.ts';
import type { ReverseDns } from '../host/dns.ts';
import type { Host } from '../host/host.ts';
import type { AuditBatch, AuditJob } from './ingest-audit.ts';
import type { ErrorBatch, ErrorJob } from './ingest-error.ts';
import type { Taken } from './ingest-pipeline.ts';
import type { MailSettings } from './mail-settings.ts';
import type { ReadState } from './read-state.ts';
import type { RetentionLimits } from './retention-limits.ts';
import type { Store } from '../store/store.ts';

export interface Context {
  readonly host: Host;
  readonly store: Store;
  /** The folder of our own data. */
  readonly stateDir: string;
  readonly version: string;
  /** Keyed hash for values that must be compared but not kept. */
  readonly hash: (value: string) => string;
  /** These take bytes of logs apart: here, or in a helper thread while this one reads on. */
  readonly readError: (job: ErrorJob) => Promise<Taken<ErrorBatch>>;
  readonly readAudit: (job: AuditJob) => Promise<Taken<AuditBatch>>;
  /** How many batches of a file may be in work at once; 1 where memory counts more than time. */
  readonly readAhead: number;
  /** Goes on reading for months: what takes long may wait for the next round. */
  readonly isService: boolean;
  /** Where another thread reads the logs and judges: what it says of its work. Null: this context does both itself. */
  readonly reader: (() => ReadState) | null;
  /** Given with --now; null means the clock (root `/`) or the newest time in the logs. */
  readonly fixedNow: EpochMs | null;
  /** The nets of shared proxies; cheap to ask for. */
  readonly proxies: () => ProxyNets;
  /** How long and how much is kept. */
  readonly retention: RetentionLimits;
  /** How mails about blocks are sent; null: none are. */
  readonly mail: MailSettings | null;
  /** Asks DNS, or nobody where it is off. */
  readonly dns: ReverseDns;
}
