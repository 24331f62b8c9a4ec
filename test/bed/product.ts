// The product on a bed, for tests: its context and its command line.
import { cli, type CliAnswer } from '../actions/kit.ts';
import { tempDir } from '../host/make-root.ts';
import { type ProductBed, type ProductBedOptions, startProduct } from './product-bed.ts';

export interface Product extends ProductBed {
  /** `state`: another folder of the database. */
  run(args: readonly string[], state?: string): Promise<CliAnswer>;
  json(args: readonly string[], state?: string): Promise<{ code: number; value: Record<string, unknown> }>;
}

/** Starts a bed with the product on it. */
export async function product(
  crs: '3' | '4ish',
  more: Pick<ProductBedOptions, 'vhosts'> = {},
): Promise<Product> {
  const made = await startProduct({ dir: tempDir(), crs, ...more });
  const { root, config, state } = made.place;
  const run = (args: readonly string[], other = state): Promise<CliAnswer> =>
    cli([...args, '--root', root, '--config', config, '--state', other]);
  return {
    ...made,
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
