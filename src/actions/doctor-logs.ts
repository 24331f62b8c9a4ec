// The logs: each source with its check, how the reading as a whole stands, and what was rotated away.
import type { PlaceLook } from '../host/self-look.ts';
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import { type Check, checksOf } from './doctor-view.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { mebibytes } from './mebibytes.ts';
import { type NoticeWords, readNotice, type ReadState } from './read-state.ts';
import type { ServerClock } from './server.ts';
import { csfSource, whmHitsSource } from './source-others.ts';
import { lookAtSources, type SourceLook, type Trouble } from './source-looks.ts';
import { type Sourced, sourceReport } from './source-reports.ts';

export interface LogsLook {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly problems: readonly Trouble[];
  /** Names in the folder of rotated logs. */
  readonly archives: readonly string[];
  readonly whmHits: PlaceLook;
}

/** All sources, in the order in which they are read. */
export async function examineSources(look: LogsLook): Promise<{
  readonly sources: readonly Sourced[];
  readonly checks: readonly Check[];
}> {
  const { ctx, clock } = look;
  const state = ctx.reader?.() ?? null;
  const looks = lookAtSources(ctx, look.problems);
  const around = {
    ctx,
    clock,
    isFirst: state !== null && state.at === null,
    hasNginx: looks.some(({ name }) => name === 'nginx_error_log'),
  };
  const sources = [
    ...(await Promise.all(looks.map((one) => sourceReport(one, around)))),
    await csfSource(ctx, clock.zone),
    whmHitsSource(look.whmHits, clock.zone),
  ];
  const when = (at: EpochMs): string => readableTime(isoTime(clock.zone, at));
  const reading = state === null ? [] : [readingCheck(state, { when, folder: ctx.stateDir })];
  return { sources, checks: [...reading, rotationCheck(looks, look.archives)] };
}

/** How the reading of all logs stands, where another thread reads them. */
export function readingCheck(state: ReadState, words: NoticeWords): Check {
  const check = checksOf('logs');
  const notice = readNotice(state, words);
  if (notice !== null)
    return check('reading', 'Reading', {
      state: 'fail',
      found: notice.title,
      means: notice.text,
      mend: notice.mend,
    });
  const left = state.bytesLeft > 0 ? `${mebibytes(state.bytesLeft)} still to be read` : null;
  return check('reading', 'Reading', {
    state: state.at === null ? 'info' : 'ok',
    found: left ?? (state.at === null ? 'not read yet' : `all that was there at ${words.when(state.at)}`),
    means: 'What is new in the logs is read every second.',
  });
}

/** Rotated logs of all sources; `archives`: names in the folder of rotated logs. */
export function rotationCheck(
  looks: readonly Pick<SourceLook, 'rotated'>[],
  archives: readonly string[],
): Check {
  const rotated = looks.flatMap((look) => look.rotated.map(({ log }) => log));
  const names = [...new Set(rotated.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))];
  const known = new Set(names);
  const unknown = archives.filter((name) => !known.has(name));
  return checksOf('logs')('rotation', 'Rotated logs', {
    state: unknown.length > 0 ? 'warn' : 'info',
    found: `${rotated.length} found${names.length > 0 ? `, such as ${names.slice(0, 3).join(', ')}` : ''}${unknown.length > 0 ? `; in the archive folder and not taken for a log: ${unknown.slice(0, 3).join(', ')}` : ''}`,
    means: 'They are searched and read back as far as they reach.',
    mend: unknown.length > 0 ? 'Send us these names: this server rotates in another way.' : null,
  });
}
