// A bed with the product's own context on it: --config names the bed's programs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { type Bed, type BedOptions, startBed } from './apache.ts';
import { type BedVhost, GARDEN_VHOSTS, SHOP, STATIC } from './sites.ts';

export interface ProductBed {
  readonly bed: Bed;
  /** What the product needs to be opened on it. */
  readonly place: { readonly root: string; readonly state: string; readonly config: string };
  /** The product's own context on it; the caller closes it. */
  open(): OpenContext;
}

export interface ProductBedOptions extends Pick<BedOptions, 'earlyBlock' | 'answerIds'> {
  /** A folder of its own; the caller removes it. */
  readonly dir: string;
  readonly crs: '3' | '4ish';
  /** A shop, a static site and the garden's vhosts unless named. */
  readonly vhosts?: readonly BedVhost[];
}

/** Starts it; reloads need not wait for each other. The caller stops the bed. */
export async function startProduct({ dir, vhosts, ...more }: ProductBedOptions): Promise<ProductBed> {
  const bed = await startBed({
    ...{ ...more, dir, auditLog: 'serial', mpm: 'event' },
    vhosts: vhosts ?? [SHOP, STATIC, ...GARDEN_VHOSTS],
  });
  const config = join(dir, 'config.json');
  const point = (url: string): object => ({ host: '127.0.0.1', port: Number(new URL(url).port), tls: false });
  const probe = { std: point(bed.url), ssl: point(bed.tlsUrl) };
  writeFileSync(config, JSON.stringify({ reloadSeconds: 0, commands: bed.commands, probe }));
  const state = join(dir, 'state');
  mkdirSync(state, { mode: 0o700 });
  return {
    bed,
    place: { root: bed.root, state, config },
    open: () =>
      openContext({
        ...{ root: bed.root, state, version: '0.0.0', env: {}, warn: () => undefined },
        ...parseConfig(readFileSync(config, 'utf8'), 'config'),
      }),
  };
}
