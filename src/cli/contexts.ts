// The database for a command: opened, made anew when it is damaged, and only read where nothing can be kept.
import type { Context } from '../actions/context.ts';
import { noticeOf } from '../actions/read-notice.ts';
import { type ReadState, stoppedBy } from '../actions/read-state.ts';
import { readZone } from '../actions/server.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Surroundings } from './program.ts';
import { safeText } from './terminal.ts';

type Opening = Pick<Surroundings, 'openContext' | 'isDamage' | 'output'>;

/** How the database is opened. */
export interface OpenHow {
  /** Looks at the whole database for damage first; what is damaged is set aside and made anew. */
  readonly check?: boolean;
  /** Nothing is read in and nothing kept: what stopped that. */
  readonly reader?: () => ReadState;
}

/** Opens the database for some work and closes it again; one that shows damage is set aside, and the work is done anew. */
export async function withContext<Result>(
  around: Opening,
  options: GlobalOptions,
  work: (ctx: Context) => Promise<Result>,
): Promise<Result> {
  try {
    return await withOpen(await around.openContext(options, {}), work);
  } catch (error) {
    // Damage in the middle of the file shows only now. Nothing was printed yet: answers are printed whole.
    if (!around.isDamage(error)) throw error;
    return await withOpen(await around.openContext(options, { check: true }), work);
  }
}

/** As `withContext`, for what only asks: where nothing can be kept it is answered from what was kept before, and that is said. */
export async function asked<Result>(
  around: Opening,
  options: GlobalOptions,
  work: (ctx: Context) => Promise<Result>,
): Promise<Result> {
  try {
    return await withContext(around, options, work);
  } catch (error) {
    const stopped = stoppedBy(error);
    const ctx = stopped === null ? null : await openKept(around, options, stopped);
    // Nothing was printed yet: see above.
    if (ctx === null) throw error;
    return await withOpen(ctx, async () => {
      const notice = noticeOf(ctx, { zone: await readZone(ctx) });
      if (notice !== null)
        around.output.note(`whyblocked: ${safeText(`${notice.title} ${notice.text} ${notice.mend}`)}\n`);
      return work(ctx);
    });
  }
}

/** The database as it is, to be read only; null where not even that can be done. */
async function openKept(
  around: Opening,
  options: GlobalOptions,
  stopped: ReadState,
): Promise<(Context & { close(): void }) | null> {
  try {
    return await around.openContext(options, { reader: () => stopped });
  } catch {
    return null;
  }
}

async function withOpen<Result>(
  ctx: Context & { close(): void },
  work: (ctx: Context) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(ctx);
  } finally {
    ctx.close();
  }
}
