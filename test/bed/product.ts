// The product on a bed: its command line with a --config that names the bed's programs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { cli, type CliAnswer } from '../actions/kit.ts';
import { tempDir } from '../host/make-root.ts';
import { type Bed, startBed } from './apache.ts';
import { type BedVhost, GARDEN_VHOSTS, SHOP, STATIC } from './sites.ts';

/** A bed with the --config that names its programs. */
export interface Product {
  readonly bed: Bed;
  /** What the product needs to be opened on it. */
  readonly place: { readonly root: string; readonly state: string; readonly config: string };
  /** The product's own context on it; the caller closes it. */
  open(): OpenContext;
  /** `state`: another folder of the database. */
  run(args: readonly string[], state?: string): Promise<CliAnswer>;
  json(args: readonly string[], state?: string): Promise<{ code: number; value: Record<string, unknown> }>;
}

/** Starts a bed with a shop, a static site and the garden's vhosts, and the product on it. */
export async function product(
  crs: '3' | '4ish',
  more: { readonly vhosts?: readonly BedVhost[] } = {},
): Promise<Product> {
  const dir = tempDir();
  const bed = await startBed({
    dir,
    crs,
    auditLog: 'serial',
    vhosts: more.vhosts ?? [SHOP, STATIC, ...GARDEN_VHOSTS],
    mpm: 'event',
  });
  const config = join(dir, 'config.json');
  const point = (url: string): object => ({ host: '127.0.0.1', port: Number(new URL(url).port), tls: false });
  writeFileSync(
    config,
    JSON.stringify({
      reloadSeconds: 0,
      commands: bed.commands,
      probe: { std: point(bed.url), ssl: point(bed.tlsUrl) },
    }),
  );
  const state = join(dir, 'state');
  mkdirSync(state, { mode: 0o700 });
  const run = (args: readonly string[], other = state): Promise<CliAnswer> =>
    cli([...args, '--root', bed.root, '--config', config, '--state', other]);
  return {
    bed,
    place: { root: bed.root, state, config },
    open: () =>
      openContext({
        ...{ root: bed.root, state, version: '0.0.0', env: {}, warn: () => undefined },
        ...parseConfig(readFileSync(config, 'utf8'), 'config'),
      }),
    run,
    json: async (args, other) => {
      const { code, out, err } = await run([...args, '--json'], other);
      try {
        return { code, value: JSON.parse(out) as Record<string, unknown> };
      } catch {
        throw new Error(`no JSON: ${out}\n${err}`);
      }
    },
  };
}
