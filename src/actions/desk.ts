// Everything one answer works with: the context, the clock after reading, who serves what, and the firewall's lists.
import type { ActiveMarks } from './active-marks.ts';
import type { Context } from './context.ts';
import type { Firewall } from './firewall.ts';
import type { IngestReport } from './ingest.ts';
import type { ServerClock } from './server.ts';
import type { VhostIndex } from './vhosts.ts';

export interface Desk {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly report: IngestReport;
  readonly vhosts: VhostIndex;
  readonly firewall: Firewall;
  /** What the admin said of addresses, as of the answer's start. */
  readonly marks: ActiveMarks;
  /** Transactions that one incident shows; Infinity for an answer that is printed whole. */
  readonly most: number;
  /** Whether the raw lines behind the statements are read back; only a page shows them. */
  readonly raw: boolean;
}
