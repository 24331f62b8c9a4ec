// The servers that the bed can be: kinds of domains as cPanel's files name them, and hundreds of small vhosts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing, readBedFile, startBed } from './apache.ts';
import type { Bed } from './apache.ts';
import { GARDEN_VHOSTS, smallVhosts } from './sites.ts';

const missing = bedMissing();
const title =
  missing.length === 0 ? 'servers of the bed' : `SKIPPED: the test bed needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(title);
const suite = missing.length === 0 ? describe : describe.skip;

const SQLI = encodeURIComponent("1' OR 1=1-- -");

suite(title, () => {
  let dir = '';
  let bed: Bed;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    const vhosts = [...GARDEN_VHOSTS, ...smallVhosts(300)];
    bed = await startBed({ dir, crs: '3', auditLog: 'serial', vhosts, mpm: 'event' });
  });
  afterAll(async () => {
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test("cPanel's account files name main, parked, sub and addon domains with their vhost", () => {
    const lines = readBedFile(bed, 'etc/userdatadomains').split('\n');
    const facts = (domain: string) =>
      lines
        .find((line) => line.startsWith(`${domain}: `))
        ?.split(': ')[1]
        ?.split('==')
        .slice(0, 5);
    expect(facts('garden.example.net')).toEqual([
      'garden',
      'root',
      'main',
      'garden.example.net',
      '/home/garden/public_html',
    ]);
    expect(facts('flowers.example.com')?.slice(2, 4)).toEqual(['parked', 'garden.example.net']);
    expect(facts('beds.garden.example.net')?.slice(2, 4)).toEqual(['sub', 'beds.garden.example.net']);
    expect(facts('seeds.example.org')).toEqual([
      'garden',
      'root',
      'addon',
      'seeds.garden.example.net',
      '/home/garden/seeds.example.org',
    ]);
    expect(readBedFile(bed, 'var/cpanel/userdata/garden/main')).toBe(`---
addon_domains:
  seeds.example.org: seeds.garden.example.net
main_domain: garden.example.net
parked_domains:
  - flowers.example.com
sub_domains:
  - beds.garden.example.net
  - seeds.garden.example.net
`);
  });

  test('a small vhost answers every path and every method with its page, after the rules', async () => {
    const ask = async (path: string, body?: string, host = 'beds.garden.example.net'): Promise<number> =>
      (await bed.send({ host, path, ...(body === undefined ? {} : { body }) })).status;
    expect(await ask('/')).toBe(200);
    expect(await ask('/any/where.php?a=1')).toBe(200);
    expect(await ask('/any/where.php', 'a=1')).toBe(200);
    expect(await ask('/any/where.php', `a=${SQLI}`)).toBe(403);
    expect(await ask('/any/where.php', `a=${SQLI}`, 'flowers.example.com')).toBe(403);
    expect(await ask('/', 'a=1', 's299.example.com')).toBe(200);
    expect(await ask(`/?a=${SQLI}`, undefined, 's299.example.com')).toBe(403);
  });
});
