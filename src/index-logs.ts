// Brings all block indexes of a server up to date at one go, for `whyblocked ingest`.
import type { Context } from './actions/context.ts';
import { IndexKeeper } from './actions/index-blocks.ts';
import { readZone } from './actions/server.ts';
import { indexFolder } from './search-context.ts';

const STEP_BYTES = 32 * 1024 * 1024;

/** Indexes what is new in the big access and error logs; gives the bytes of text that were read for it. */
export async function indexLogs(ctx: Context, state: string | undefined): Promise<number> {
  const keeper = new IndexKeeper(ctx.host, indexFolder(ctx.host.stateDir(state)));
  const zone = await readZone(ctx);
  let all = 0;
  try {
    for (let read = -1; read !== 0;) {
      read = await keeper.step(STEP_BYTES, zone);
      all += read;
    }
    return all;
  } finally {
    keeper.close();
  }
}
