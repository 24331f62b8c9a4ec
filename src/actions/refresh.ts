// Brings what is kept up to date before a question is answered.
import type { Context } from './context.ts';
import { ingest, type IngestReport, type OnProgress } from './ingest.ts';
import type { ShouldStop } from './read-text.ts';
import { presentMoment, readZone, type ServerClock } from './server.ts';

export interface Fresh {
  readonly clock: ServerClock;
  readonly report: IngestReport;
}

/**
 * Reads what is new in the logs and sets the clock: the newest time of a copied server is known only then. Where another
 * thread reads, only the clock.
 */
export async function refresh(
  ctx: Context,
  shouldStop?: ShouldStop,
  onProgress?: OnProgress,
): Promise<Fresh> {
  const zone = await readZone(ctx);
  if (ctx.reader !== null) {
    const report = { bytes: 0, files: 0, problems: ctx.reader().problems };
    return { clock: { zone, basis: zone.basis, now: await presentMoment(ctx) }, report };
  }
  const report = await ingest(ctx, { zone, basis: zone.basis, now: Date.now() }, shouldStop, onProgress);
  return { clock: { zone, basis: zone.basis, now: await presentMoment(ctx) }, report };
}
