// What a search works with: the server's files, its clock, and where the block indexes are. No database.
import type { Zone } from '../host/clock.ts';
import type { IndexCache } from '../host/block-cache.ts';
import type { Host } from '../host/host.ts';
import type { EpochMs } from '../model.ts';
import type { ServerView } from './explanation.ts';

export interface SearchContext {
  readonly host: Host;
  /** Read anew for each search: a log may have told the zone since, and the present moves on. */
  readonly clock: () => Promise<SearchClock>;
  /** Folder of the block indexes; null: none are used. */
  readonly indexFolder: string | null;
  /** Indexes that were opened a moment ago. */
  readonly indexes: IndexCache;
}

export interface SearchClock {
  readonly zone: Zone;
  readonly now: EpochMs;
  readonly server: ServerView;
}
