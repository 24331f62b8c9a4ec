// What the tests of the search share: a small server, one search from start to end, lines as texts.
import { EMPTY_QUERY, type SearchQuery } from '../../src/actions/search-query.ts';
import type { SearchContext } from '../../src/actions/search-context.ts';
import { SearchRun } from '../../src/actions/search-run.ts';
import { SearchShower } from '../../src/actions/search-state.ts';
import type { FoundLine, SearchView } from '../../src/actions/search-view.ts';
import { openHost } from '../../src/host/local-host.ts';
import { searchContext } from '../../src/search-context.ts';
import type { TestRoot } from '../host/make-root.ts';

export const ACCESS = '/etc/apache2/logs/access_log';
export const ERROR = '/etc/apache2/logs/error_log';
export const AUDIT = '/etc/apache2/logs/modsec_audit.log';

/** An access-log line; `time` as the log has it, e.g. `22/Nov/2026:17:56:37 +0100`. */
export function hit(client: string, time: string, request = 'GET / HTTP/1.1', status = 200): string {
  return `${client} - - [${time}] "${request}" ${status} 512 "-" "Mozilla/5.0"\n`;
}

/** `22/Nov/2026:17:00:00 +0100` plus so many seconds. */
export function stamp(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const at = new Date(Date.UTC(2026, 10, 22, 17) + seconds * 1000);
  return `${at.getUTCDate()}/Nov/2026:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0100`;
}

/** The searches of a test server; `now` is the newest time of its logs unless it is given. */
export function searching(
  root: TestRoot,
  fixedNow: number | null = null,
  stateDir: string | null = null,
): SearchContext {
  const host = openHost({ root: root.dir, env: {} });
  return searchContext({ host, version: '0.0.0', fixedNow, stateDir });
}

/** Searches to the end. `countAll` as the page does, unless false. */
export async function search(
  ctx: SearchContext,
  query: Partial<SearchQuery>,
  countAll = true,
): Promise<SearchView> {
  const run = new SearchRun(
    ctx,
    await ctx.clock(),
    { ...EMPTY_QUERY, ...query },
    { countAll, timeoutMs: 30_000 },
  );
  await run.check();
  await run.run();
  return new SearchShower(ctx, run, { id: 'test', mostBytes: 1024 * 1024 }).view();
}

/** A line's text as it is shown. */
export function textOf(line: FoundLine): string {
  return line.parts.map(({ text }) => text).join('');
}

/** File names and offsets of the lines found. */
export function places(view: SearchView): string[] {
  return view.lines.map(({ file, offset }) => `${file.slice(file.lastIndexOf('/') + 1)}@${offset}`);
}
