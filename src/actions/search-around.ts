// The lines around a line of a log, for "surrounding lines" and the context of found lines.
import { maskUri } from '../analyse/mask.ts';
import { linesAround } from '../host/lines-around.ts';
import { ReadProblem } from '../host/problems.ts';
import { SearchFile } from '../host/search-file.ts';
import type { SearchLog } from '../model.ts';
import { lineTimeReader } from '../parse/line-time.ts';
import { BadInput } from './errors.ts';
import { lineClock } from './line-clock.ts';
import { isoTime } from './iso-time.ts';
import { LineTimes } from './line-times.ts';
import type { SearchContext } from './search-context.ts';
import { markedLines, shownText } from './search-lines.ts';
import type { SurroundingView } from './search-view.ts';
import { indexVhosts } from './vhosts.ts';

const MOST_AROUND = 500;
const MOST_BYTES = 64 * 1024;

/**
 * The line that begins at an offset of the (unpacked) text of a log, with `count` lines before and after it. Throws
 * BadInput when the log may not be searched, or no line begins there. `reveal`: secrets are shown, an act that the
 * caller records.
 */
export async function surrounding(
  ctx: SearchContext,
  place: { readonly file: string; readonly offset: number },
  count: number,
  reveal = false,
): Promise<SurroundingView> {
  const { zone, now, server } = await ctx.clock();
  const log = ctx.host.searchLogAt(place.file);
  if (log.problem !== null)
    throw new BadInput(`${maskUri(place.file.slice(0, 200))} cannot be read: ${log.problem}.`);
  const file = openFile(ctx, log);
  try {
    const lines = await linesAround(file, place.offset, Math.min(count, MOST_AROUND));
    if (!lines.some(({ offset }) => offset === place.offset))
      throw new BadInput('No line begins there any more: the log was cut or rotated since. Search again.');
    const index = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
    const parts = await markedLines(
      lines.map(({ text }) => text),
      {
        pattern: null,
        address: null,
        isDomain: (name) => index.isKnown(name),
        isAudit: () => log.kind === 'audit',
        most: MOST_BYTES,
        signal: new AbortController().signal,
        reveal,
      },
    );
    const timeOf = lineTimeReader(log.kind, lineClock(zone, now));
    const times = new LineTimes(file, timeOf);
    // In a packed log the time is only known from the first of these lines on that has one.
    let last: number | null = null;
    return {
      file: log.path,
      offset: place.offset,
      lines: lines.map(({ offset, text }, i) => {
        const at = times.at(text, offset) ?? last;
        last = at;
        return {
          offset,
          at: at === null ? null : isoTime(zone, at),
          parts: parts[i] ?? [],
          asked: offset === place.offset,
        };
      }),
      server,
    };
  } catch (error) {
    if (error instanceof ReadProblem) throw new BadInput(`${log.path} cannot be read: ${error.problem}.`);
    throw error;
  } finally {
    file.close();
  }
}

function openFile(ctx: SearchContext, log: SearchLog): SearchFile {
  try {
    return new SearchFile(log, ctx.host.openSearchLog(log));
  } catch (error) {
    if (error instanceof ReadProblem) throw new BadInput(`${log.path} cannot be read: ${error.problem}.`);
    throw error;
  }
}

/** Of each line of a context, and of all contexts of one log together: what is beyond is left out. */
const CONTEXT_LINE_BYTES = 4 * 1024;
const CONTEXT_BYTES = 4 * 1024 * 1024;

/**
 * Masked lines before and after some lines of one plain log; none for a packed log, where it is gone, and once they
 * are 4 MiB together.
 */
export async function contextOf(
  ctx: SearchContext,
  path: string,
  offsets: readonly number[],
  count: number,
): Promise<Map<number, { readonly before: readonly string[]; readonly after: readonly string[] }>> {
  const found = new Map<number, { before: string[]; after: string[] }>();
  const log = ctx.host.searchLogAt(path);
  if (log.problem !== null || log.compressed) return found;
  const file = openFile(ctx, log);
  try {
    let bytes = 0;
    for (const place of offsets) {
      if (bytes > CONTEXT_BYTES) break;
      const lines = await linesAround(file, place, count);
      const texts = (keep: (offset: number) => boolean): string[] =>
        lines
          .filter(({ offset }) => keep(offset))
          .map(({ text }) =>
            shownText(text, CONTEXT_LINE_BYTES, { reveal: false, isAudit: log.kind === 'audit' }),
          );
      bytes += lines.reduce((sum, { text }) => sum + Math.min(text.length, CONTEXT_LINE_BYTES), 0);
      found.set(place, {
        before: texts((offset) => offset < place),
        after: texts((offset) => offset > place),
      });
    }
    return found;
  } catch (error) {
    if (error instanceof ReadProblem) return found;
    throw error;
  } finally {
    file.close();
  }
}
