// A disk that is really full: the vhost's include folder lies on a small file system without a free byte.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing } from './apache.ts';
import { product, type Product } from './product.ts';

/** Whether this process may mount a file system. */
function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'whyblocked-mount-'));
  const isMounted = mount(probe);
  if (isMounted) unmount(probe);
  rmdirSync(probe);
  return isMounted;
}

function mount(folder: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=755', 'tmpfs', folder]).status === 0;
}

function unmount(folder: string): void {
  const { status, stderr } = spawnSync('umount', [folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${folder} is still mounted: ${stderr}`);
}

const missing = [...bedMissing(), ...(canMount() ? [] : ['the right to mount a file system'])];
if (missing.length > 0) console.warn(`SKIPPED: a disk that is really full, missing: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;
const VHOST = 'shop.example.com';
const ATTACK = `/product.php?id=${encodeURIComponent("1' OR '1'='1")}`;

suite('a full disk', () => {
  let made: Product;
  const folder = (kind: 'std' | 'ssl'): string =>
    join(made.bed.root, `etc/apache2/conf.d/userdata/${kind}/2_4/shopuser/${VHOST}`);
  const read = (kind: 'std' | 'ssl'): string => readFileSync(join(folder(kind), 'whyblocked.conf'), 'latin1');
  const exclude = (target: string) =>
    made.json([
      ...['exclude', '--vhost', VHOST, '--rule', '942100', '--target', target],
      ...['--reason', 'full', '--yes'],
    ]);
  beforeAll(async () => {
    made = await product('3');
  }, 60_000);
  afterAll(async () => {
    await made.bed.stop();
  });

  test.each(['std', 'ssl'] as const)(
    'below %s: nothing is applied, nothing is left behind, Apache serves as before',
    async (kind) => {
      expect((await exclude('ARGS:other')).code).toBe(0);
      const before = { std: read('std'), ssl: read('ssl') };
      const place = folder(kind);
      if (!mount(place)) throw new Error('the mount that worked before does not work any more');
      try {
        writeFileSync(join(place, 'whyblocked.conf'), before[kind], 'latin1');
        expect(() => {
          writeFileSync(join(place, 'fill'), Buffer.alloc(1024 * 1024));
        }).toThrow(/ENOSPC/);
        const { code, value } = await exclude('ARGS:id');
        expect([code, value.applied]).toEqual([1, false]);
        expect(value.sentence).toMatch(/Not applied\. Everything is as it was\..*the disk is full/);
        expect({ std: read('std'), ssl: read('ssl') }).toEqual(before);
        for (const one of ['std', 'ssl'] as const)
          expect(readdirSync(folder(one)).filter((name) => name !== 'fill')).toEqual(['whyblocked.conf']);
        expect((await made.bed.send({ host: VHOST, path: ATTACK })).status).toBe(403);
      } finally {
        unmount(place);
      }
      // With room again the same works.
      const { value } = await exclude('ARGS:id');
      expect((await made.bed.send({ host: VHOST, path: ATTACK })).status).toBe(200);
      expect(value.applied).toBe(true);
      const { active } = (await made.json(['exclusions'])).value as { active: { id: number }[] };
      for (const { id } of active)
        expect((await made.json(['revert', String(id), '--reason', 'done', '--yes'])).code).toBe(0);
    },
    60_000,
  );
});
