// Wires what a search works with: the server's files, its clock, the block indexes. It does without the database.
import { join } from 'node:path';
import type { Zone } from './host/clock.ts';
import { IndexCache } from './host/block-cache.ts';
import type { Host } from './host/host.ts';
import type { SearchLog } from './model.ts';
import type { SearchContext } from './actions/search-context.ts';
import { newestTime } from './actions/present.ts';
import { readZone, serverView } from './actions/server.ts';

export interface SearchWiring {
  readonly host: Host;
  readonly version: string;
  readonly fixedNow: number | null;
  /** Folder of the database; null: no block indexes. */
  readonly stateDir: string | null;
}

/** Which logs there are is looked at again after that. */
const LIST_MS = 2000;
const NEWEST_MS = 10_000;

/** Where the block indexes of a state folder are. */
export function indexFolder(stateDir: string): string {
  return join(stateDir, 'index');
}

/** Makes the context of searches. */
export function searchContext({ host, version, fixedNow, stateDir }: SearchWiring): SearchContext {
  // The logs of a copy do not change by themselves: their newest time is looked for now and then only.
  let found = { askedAt: -Infinity, at: 0 };
  const newest = (zone: Zone): number => {
    if (performance.now() - found.askedAt > NEWEST_MS)
      found = { askedAt: performance.now(), at: newestTime(host, zone) ?? Date.now() };
    return found.at;
  };
  let listed: { readonly at: number; readonly logs: readonly SearchLog[] } = { at: -Infinity, logs: [] };
  const searchLogs = (): SearchLog[] => {
    if (performance.now() - listed.at > LIST_MS) listed = { at: performance.now(), logs: host.searchLogs() };
    return [...listed.logs];
  };
  return {
    host: { ...host, searchLogs },
    indexes: new IndexCache(),
    indexFolder: stateDir === null ? null : indexFolder(stateDir),
    clock: async () => {
      const zone = await readZone({ host });
      const now = fixedNow ?? (host.rootDir === '/' ? Date.now() : newest(zone));
      return {
        zone,
        now,
        server: serverView({ host, version, reader: null, stateDir: '' }, { zone, basis: zone.basis, now }),
      };
    },
  };
}
