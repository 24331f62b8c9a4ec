// The stand-ins for cPanel's programs: what they do to the bed, when they refuse, and how they are made to fail.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing, readBedFile, startBed } from './apache.ts';
import type { Bed } from './apache.ts';
import { GARDEN_VHOSTS, SHOP } from './sites.ts';

const missing = bedMissing();
const title = missing.length === 0 ? 'the stand-ins' : `SKIPPED: the test bed needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(title);
const suite = missing.length === 0 ? describe : describe.skip;

const USERDATA = 'etc/apache2/conf.d/userdata';
const CONF = 'etc/apache2/conf/httpd.conf';
const PREVIEW = 'etc/apache2/conf/httpd-preview.conf';
const SQLI = encodeURIComponent("1' OR 1=1-- -");

suite(title, () => {
  let dir = '';
  let bed: Bed;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    const vhosts = [SHOP, ...GARDEN_VHOSTS];
    bed = await startBed({ dir, crs: '3', auditLog: 'serial', vhosts, mpm: 'event' });
  });
  afterAll(async () => {
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const point of ['httpdTest', 'httpdTestFile', 'rebuild', 'rebuildPreview', 'restart'] as const)
      bed.setFault(point, null);
    rmSync(join(bed.root, USERDATA), { recursive: true });
    for (const kind of ['std', 'ssl']) mkdirSync(join(bed.root, USERDATA, kind, '2_4'), { recursive: true });
    bed.rebuild();
    await bed.graceful();
  });

  const run = ([program = '', ...args]: readonly string[], timeout = 10_000) => {
    const { status, signal, stdout, stderr } = spawnSync(program, args, { encoding: 'latin1', timeout });
    return { status, signal, said: `${stdout}${stderr}` };
  };
  const put = (path: string, text: string): void => {
    const file = join(bed.root, USERDATA, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const included = (path = CONF): string[] =>
    [...readBedFile(bed, path).matchAll(/^ {2}Include "(\S+)"$/gm)].map((match) => match[1] ?? '');
  const sqli = async (host: string, tls = false): Promise<number> =>
    (await bed.send({ host, path: `/product.php?id=${SQLI}`, tls })).status;

  /** A reload is over when the new children answer: the script itself does not wait. */
  async function until(check: () => Promise<boolean>): Promise<void> {
    for (let i = 0; i < 200; i += 1) {
      if (await check()) return;
      await sleep(20);
    }
    throw new Error('waited for four seconds');
  }

  test('configuration files name the places of a cPanel server', () => {
    for (const path of [
      CONF,
      'etc/apache2/conf.d/modsec2.conf',
      'etc/apache2/conf.d/modsec/modsec2.cpanel.conf',
    ])
      expect(readBedFile(bed, path)).not.toMatch(/\/tmp\/w\w{6}\//);
    expect(readBedFile(bed, CONF)).toContain('Include "/etc/apache2/conf.d/*.conf"');
  });

  test('the config test tells a broken file by its place on a cPanel server', () => {
    expect(run(bed.commands.httpdTest)).toMatchObject({
      status: 0,
      said: expect.stringContaining('Syntax OK'),
    });
    put(`std/2_4/shopuser/${SHOP.servername}/wb.conf`, 'NoSuchDirective\n');
    bed.rebuild();
    const { status, said } = run(bed.commands.httpdTest);
    expect(status).toBe(1);
    expect(said).toContain(
      `Syntax error on line 1 of /etc/apache2/conf.d/userdata/std/2_4/shopuser/${SHOP.servername}/wb.conf`,
    );
  });

  test('the modules are listed', () => {
    expect(run(bed.commands.modules).said).toMatch(/^ security2_module \(shared\)$/m);
  });

  test('a new folder counts after a rebuild and a restart; the preview leaves httpd.conf alone', async () => {
    put(`std/2_4/shopuser/${SHOP.servername}/wb.conf`, 'SecRuleRemoveById 942100\n');
    const before = readBedFile(bed, CONF);
    const line = `/etc/apache2/conf.d/userdata/std/2_4/shopuser/${SHOP.servername}/*.conf`;
    expect(run(bed.commands.rebuildPreview).status).toBe(0);
    expect(readBedFile(bed, CONF)).toBe(before);
    expect(included(PREVIEW)).toContain(line);
    expect(run([...bed.commands.httpdTestFile, join(bed.root, PREVIEW)]).status).toBe(0);
    expect(run(bed.commands.restart).status).toBe(0);
    expect(await sqli(SHOP.servername)).toBe(403);
    expect(run(bed.commands.rebuild).status).toBe(0);
    expect(included()).toContain(line);
    expect(await sqli(SHOP.servername)).toBe(403);
    expect(run(bed.commands.restart).status).toBe(0);
    await until(async () => (await sqli(SHOP.servername)) === 200);
    expect(await sqli(SHOP.servername, true)).toBe(403);
  });

  test('a broken preview fails its test, and httpd.conf passes', () => {
    put(`std/2_4/shopuser/${SHOP.servername}/wb.conf`, 'NoSuchDirective\n');
    run(bed.commands.rebuildPreview);
    expect(run([...bed.commands.httpdTestFile, join(bed.root, PREVIEW)]).status).toBe(1);
    expect(run(bed.commands.httpdTest).status).toBe(0);
  });

  test('the last file of an included folder gone: the test fails until the next rebuild', () => {
    const folder = `ssl/2_4/shopuser/${SHOP.servername}`;
    put(`${folder}/wb.conf`, '# nothing\n');
    run(bed.commands.rebuild);
    expect(run(bed.commands.httpdTest).status).toBe(0);
    rmSync(join(bed.root, USERDATA, folder, 'wb.conf'));
    expect(run(bed.commands.httpdTest).said).toContain('No matches for the wildcard');
    run(bed.commands.rebuild);
    expect(run(bed.commands.httpdTest).status).toBe(0);
  });

  test("includes come in the order of cPanel's template, aliases before the servername", () => {
    const garden = 'garden.example.net';
    const places = [
      'a.conf',
      'a.owner-root',
      'std/a.conf',
      'std/a.owner-root',
      'std/2_4/a.conf',
      'std/2_4/a.owner-root',
      'std/2_4/garden/a.conf',
      `std/2_4/garden/www.${garden}/a.conf`,
      'std/2_4/garden/flowers.example.com/a.conf',
      `std/2_4/garden/${garden}/a.conf`,
    ];
    // Neither a hidden file nor one of another owner makes a line.
    for (const place of [...places, `ssl/2_4/garden/${garden}/.a.conf`, 'a.owner-other'])
      put(place, '# nothing\n');
    run(bed.commands.rebuild);
    const block = readBedFile(bed, CONF)
      .split('<VirtualHost')
      .find((text) => text.includes(`ServerName ${garden}`));
    const lines = [...(block ?? '').matchAll(/^ {2}Include ".*\/userdata\/(\S+)"$/gm)].map(
      (match) => match[1],
    );
    expect(lines).toEqual(places.map((place) => place.replace(/a(\.[^/]+)$/, '*$1')));
    expect(block).toContain(`  # Include "/etc/apache2/conf.d/userdata/std/2_4/garden/${garden}/*.conf"`);
    expect(included().some((line) => line.includes('/ssl/'))).toBe(false);
  });

  test('without std/2_4 the folders of older servers count', () => {
    rmSync(join(bed.root, USERDATA, 'std/2_4'), { recursive: true });
    put(`std/2/shopuser/${SHOP.servername}/wb.conf`, '# nothing\n');
    run(bed.commands.rebuild);
    expect(included()).toContain(`/etc/apache2/conf.d/userdata/std/2/shopuser/${SHOP.servername}/*.conf`);
  });

  test('a restart with a broken configuration ends with 1 and leaves the server as it is', async () => {
    const pid = readBedFile(bed, 'run/httpd.pid');
    put(`std/2_4/shopuser/${SHOP.servername}/wb.conf`, 'NoSuchDirective\n');
    run(bed.commands.rebuild);
    expect(run(bed.commands.restart)).toMatchObject({ status: 1 });
    expect(readBedFile(bed, 'run/httpd.pid')).toBe(pid);
    expect(await sqli(SHOP.servername)).toBe(403);
  });

  test('ensure_vhost_includes rebuilds and restarts', async () => {
    put(`std/2_4/shopuser/${SHOP.servername}/wb.conf`, 'SecRuleRemoveById 942100\n');
    const program = join(bed.root, 'usr/local/cpanel/scripts/ensure_vhost_includes');
    expect(run([program]).status).toBe(2);
    expect(run([program, '--user=shopuser']).status).toBe(0);
    await until(async () => (await sqli(SHOP.servername)) === 200);
  });

  describe('faults', () => {
    const newFile = (): void => {
      put(`std/2_4/shopuser/${SHOP.servername}/wb.conf`, 'SecRuleRemoveById 942100\n');
    };

    test('a rebuild that fails, lies, or comes late', () => {
      newFile();
      const before = readBedFile(bed, CONF);
      bed.setFault('rebuild', { mode: 'fail' });
      expect(run(bed.commands.rebuild).status).toBe(1);
      bed.setFault('rebuild', { mode: 'lie' });
      expect(run(bed.commands.rebuild).status).toBe(0);
      expect(readBedFile(bed, CONF)).toBe(before);
      bed.setFault('rebuild', { mode: 'late' });
      expect(run(bed.commands.rebuild).status).toBe(1);
      expect(readBedFile(bed, CONF)).not.toBe(before);
    });

    test('a preview that fails writes nothing; the real rebuild is not touched by it', () => {
      rmSync(join(bed.root, PREVIEW), { force: true });
      bed.setFault('rebuildPreview', { mode: 'fail' });
      expect(run(bed.commands.rebuildPreview).status).toBe(1);
      expect(existsSync(join(bed.root, PREVIEW))).toBe(false);
      expect(run(bed.commands.rebuild).status).toBe(0);
    });

    test("a config test that fails or lies; the bed's own test stays true", () => {
      bed.setFault('httpdTest', { mode: 'fail' });
      expect(run(bed.commands.httpdTest).status).toBe(1);
      expect(bed.configTest().ok).toBe(true);
      put(`std/2_4/shopuser/${SHOP.servername}/wb.conf`, 'NoSuchDirective\n');
      bed.rebuild();
      bed.setFault('httpdTest', { mode: 'lie' });
      expect(run(bed.commands.httpdTest).status).toBe(0);
      expect(bed.configTest().ok).toBe(false);
      bed.setFault('httpdTestFile', { mode: 'fail' });
      expect(run([...bed.commands.httpdTestFile, join(bed.root, CONF)]).status).toBe(1);
    });

    test('a restart that lies reloads nothing, one that comes late does', async () => {
      newFile();
      run(bed.commands.rebuild);
      bed.setFault('restart', { mode: 'lie' });
      expect(run(bed.commands.restart).status).toBe(0);
      await sleep(200);
      expect(await sqli(SHOP.servername)).toBe(403);
      bed.setFault('restart', { mode: 'late' });
      expect(run(bed.commands.restart).status).toBe(1);
      await until(async () => (await sqli(SHOP.servername)) === 200);
    });

    test('a program that hangs is ended by a signal to it alone', () => {
      bed.setFault('restart', { mode: 'hang' });
      expect(run(bed.commands.restart, 300)).toMatchObject({ status: null, signal: 'SIGTERM' });
    });

    test('a fault can let calls pass before and can end by itself', () => {
      bed.setFault('httpdTest', { mode: 'fail', skip: 1, times: 2 });
      expect([1, 2, 3, 4, 5].map(() => run(bed.commands.httpdTest).status)).toEqual([0, 1, 1, 0, 0]);
    });
  });

  test('a stopped Apache is not started by a restart', async () => {
    const other = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    const stopped = await startBed({
      dir: other,
      crs: '3',
      auditLog: 'serial',
      vhosts: [SHOP],
      mpm: 'event',
    });
    const pid = readFileSync(join(stopped.root, 'run/httpd.pid'), 'latin1');
    await stopped.stop();
    writeFileSync(join(stopped.root, 'run/httpd.pid'), pid);
    expect(run(stopped.commands.restart)).toMatchObject({ status: 1, said: 'httpd is not running\n' });
    rmSync(other, { recursive: true, force: true });
  });
});
