// Twenty seeded changes, each broken somewhere; `npm run eval:faults` does hundreds.
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runFaults } from '../eval/fault-runs.ts';
import { bedMissing } from './apache.ts';
import { product, type Product } from './product.ts';

const missing = bedMissing();
if (missing.length > 0)
  console.warn(`SKIPPED: broken changes on a real Apache, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;

suite('a change that is broken at any step', () => {
  test('leaves the old or the new state, whole, and the ledger says which', async () => {
    const done = await runFaults(15, 20, () => undefined);
    expect(done).toHaveLength(20);
    expect(done.filter(({ problems }) => problems.length > 0)).toEqual([]);
    // Faults did strike, and some acts got through.
    expect(new Set(done.map(({ state }) => state)).size).toBe(2);
    expect(done.filter(({ struck }) => struck).length).toBeGreaterThan(12);
  }, 150_000);
});

suite('a link in the place of a folder', () => {
  let made: Product;
  beforeAll(async () => {
    made = await product('3');
  }, 60_000);
  afterAll(async () => {
    await made.bed.stop();
  });

  test('is refused with its name, and nothing is written behind it', async () => {
    const folder = join(made.bed.root, 'etc/apache2/conf.d/userdata/std/2_4/statuser');
    const away = join(made.bed.root, 'away');
    mkdirSync(join(folder, '..'), { recursive: true });
    mkdirSync(away);
    symlinkSync(away, folder);
    const { code, out, err } = await made.run([
      ...['exclude', '--vhost', 'static.example.net', '--rule', '942100', '--target', 'ARGS:id'],
      ...['--reason', 'x', '--yes'],
    ]);
    rmSync(folder);
    expect(code).toBe(1);
    expect(out + err).toMatch(/statuser is a link or no folder\. Nothing was changed\./);
    expect(readdirSync(away)).toEqual([]);
  });
});
