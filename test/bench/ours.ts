// The one place where the product's own search is put into the bench: the engine of the pages in this process, as warm
// as the service is, with its block index built.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IndexKeeper } from '../../src/actions/index-blocks.ts';
import { isoTime } from '../../src/actions/iso-time.ts';
import { EMPTY_QUERY, type SearchQuery } from '../../src/actions/search-query.ts';
import { SearchRun } from '../../src/actions/search-run.ts';
import { SearchShower } from '../../src/actions/search-state.ts';
import { openHost } from '../../src/host/local-host.ts';
import { indexFolder, searchContext } from '../../src/search-context.ts';

/** A search as the bench asks it; what is not named is not restricted. */
export interface OwnSearch {
  readonly pattern: string;
  readonly ignoreCase?: boolean;
  /** The address field, not a part of the pattern. */
  readonly ip?: string;
  /** Epoch ms, begin included, end excluded. */
  readonly from?: number;
  readonly to?: number;
  /** Only the packed archives; otherwise the access_log alone. */
  readonly archivesOnly?: boolean;
  /** Stop after this many newest lines; null: count them all. */
  readonly newest: number | null;
}

/** The engine, opened once on the bench's root with its index built. */
export interface OwnEngine {
  /**
   * Runs one search to its end and gives the number of lines found. For the newest lines also makes what a page
   * shows of them: masked, marked, with links.
   */
  search(asked: OwnSearch): Promise<number>;
  close(): void;
}

const STEP_BYTES = 8 * 1024 * 1024;

/** Opens the engine on a root folder and builds its block index; prints how long that took. */
export async function openOwn(root: string): Promise<OwnEngine> {
  const stateDir = mkdtempSync(join(tmpdir(), 'whyblocked-bench-index-'));
  const host = openHost({ root, env: {} });
  const ctx = searchContext({ host, version: 'bench', fixedNow: null, stateDir });
  const { zone } = await ctx.clock();
  const keeper = new IndexKeeper(host, indexFolder(stateDir));
  const started = performance.now();
  let bytes = 0;
  for (let read = -1; read !== 0; bytes += read) read = await keeper.step(STEP_BYTES, zone);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `block index: ${(bytes / 2 ** 20).toFixed(0)} MiB of text in ${seconds.toFixed(2)} s (archives unpacked)`,
  );
  const archives = host.searchLogs().filter(({ compressed }) => compressed);
  const time = (at: number | undefined): string | null => (at === undefined ? null : isoTime(zone, at));
  return {
    search: async (asked) => {
      const query: SearchQuery = {
        ...EMPTY_QUERY,
        pattern: asked.pattern,
        ignoreCase: asked.ignoreCase ?? false,
        ip: asked.ip ?? null,
        from: time(asked.from),
        // Ends are included: the last instant before the end.
        to: time(asked.to === undefined ? undefined : asked.to - 0.001),
        logs: asked.archivesOnly === true ? archives.map(({ path }) => path) : ['access'],
        rotated: asked.archivesOnly === true ? 'always' : 'never',
        limit: asked.newest ?? EMPTY_QUERY.limit,
      };
      const run = new SearchRun(ctx, await ctx.clock(), query, {
        countAll: asked.newest === null,
        timeoutMs: 120_000,
      });
      await run.run();
      if (run.problem !== null) throw new Error(run.problem);
      if (asked.newest === null) return run.collector.count;
      const view = await new SearchShower(ctx, run, { id: 'bench', mostBytes: 16 * 1024 }).view();
      return view.lines.length;
    },
    close: () => {
      keeper.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
