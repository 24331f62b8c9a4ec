// The bed, started for real: what Apache, mod_security2 and CRS write, the traps in it, and clean stopping.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing, readBedFile, startBed } from './apache.ts';
import type { Bed, BedOptions } from './apache.ts';
import type { BedRequest } from './send.ts';
import { ALL_VHOSTS, BLOG, SERVER_ADDRESS, SHOP, STATIC } from './sites.ts';

const missing = bedMissing();
const title = missing.length === 0 ? 'the test bed' : `SKIPPED: the test bed needs ${missing.join(', ')}`;
if (missing.length > 0)
  console.warn(`${title} (Debian: apt-get install apache2 libapache2-mod-security2 modsecurity-crs)`);
const suite = missing.length === 0 ? describe : describe.skip;

const CLIENT = '198.51.100.23';
const SQLI = "1' OR 1=1-- -";
const options = (dir: string): BedOptions => ({
  dir,
  crs: '3',
  auditLog: 'serial',
  vhosts: ALL_VHOSTS,
  mpm: 'event',
});

/** The short folder names in /tmp that lead into `dir`: a bed makes one and removes it. */
function aliases(dir: string): string[] {
  const leadsHere = (name: string): boolean => {
    try {
      return readlinkSync(join('/tmp', name, 'logs')).startsWith(dir);
    } catch {
      return false;
    }
  };
  return readdirSync('/tmp').filter((name) => /^w\w{6}$/.test(name) && leadsHere(name));
}

suite(title, () => {
  let dir = '';
  let bed: Bed;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    bed = await startBed(options(dir));
  });
  afterAll(async () => {
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Sends one request and gives what was added to the logs by it. */
  async function watch(request: BedRequest) {
    const before = {
      error: readBedFile(bed, 'var/log/apache2/error_log').length,
      audit: readBedFile(bed, 'var/log/apache2/modsec_audit.log').length,
    };
    const response = await bed.send({ client: CLIENT, ...request });
    await bed.settle();
    const errors = readBedFile(bed, 'var/log/apache2/error_log')
      .slice(before.error)
      .split('\n')
      .filter((line) => line !== '');
    return {
      response,
      errors,
      audit: readBedFile(bed, 'var/log/apache2/modsec_audit.log').slice(before.audit),
    };
  }

  /** The unique id that a line's own fields hold: the audit record says which it is. */
  const auditId = (audit: string): string =>
    /^--[0-9a-f]{8}-A--\n\[[^\]]+\] (\S+) /.exec(audit)?.[1] ?? 'no audit record';

  test('an SQL injection is refused; its lines stand in both logs under one unique id', async () => {
    const { response, errors, audit } = await watch({
      host: SHOP.servername,
      path: `/product.php?id=${encodeURIComponent(SQLI)}`,
    });
    expect(response.status).toBe(403);
    const id = auditId(audit);
    expect(id).toMatch(/^[\w@-]{27}$/);
    expect(errors).toHaveLength(3);
    for (const line of errors) expect(line).toContain(`[unique_id "${id}"]`);
    expect(errors[0]).toContain('[id "942100"]');
    expect(errors[1]).toMatch(
      /^\[\w{3} \w{3} \d\d \d\d:\d\d:\d\d\.\d{6} \d{4}\] \[security2:error\] \[pid \d+:tid \d+\] \[client 198\.51\.100\.23:0\] \[client 198\.51\.100\.23\] ModSecurity: Access denied with code 403 \(phase 2\)\. Operator GE matched 5 at TX:anomaly_score\. \[file "\/etc\/apache2\/conf\.d\/modsec_vendor_configs\/OWASP3\/rules\/REQUEST-949-BLOCKING-EVALUATION\.conf"\] \[line "94"\] \[id "949110"\] \[msg "Inbound Anomaly Score Exceeded \(Total Score: 5\)"\]/,
    );
    expect(audit.match(/^Message: /gm)).toHaveLength(3);
    expect(audit.match(/^Apache-Error: .* ModSecurity: /gm)).toHaveLength(3);
    expect(audit).toContain('Action: Intercepted (phase 2)\n');
  });

  test('the access line goes to the log of the vhost, not to access_log', async () => {
    await watch({ host: SHOP.servername, path: '/cart.php?marked=1' });
    await watch({ host: SHOP.servername, path: '/cart.php?marked=2', tls: true });
    await watch({ host: SERVER_ADDRESS, path: '/?marked=3' });
    const log = (name: string): string => readBedFile(bed, `var/log/apache2/${name}`);
    expect(log('domlogs/shop.example.com')).toMatch(
      /^198\.51\.100\.23 - - \[.*\+0[12]00\] "GET \/cart\.php\?marked=1 HTTP\/1\.1" 200 \d+ "-" "-"$/m,
    );
    expect(log('domlogs/shop.example.com-ssl_log')).toContain('/cart.php?marked=2');
    expect(log('access_log')).toContain('/?marked=3');
    expect(log('access_log')).not.toContain('/cart.php');
  });

  test('a refused request is logged as 404 where /403.shtml does not exist, and 403 behind a front controller', async () => {
    const path = '/.env?trap=status';
    for (const { servername } of [STATIC, BLOG, SHOP]) {
      const { response } = await watch({ host: servername, path });
      expect(response.status).toBe(403);
    }
    const logged = (name: string): string | undefined =>
      /trap=status HTTP\/1\.1" (\d{3}) /.exec(readBedFile(bed, `var/log/apache2/domlogs/${name}`))?.[1];
    expect(logged(STATIC.servername)).toBe('404');
    expect(logged(BLOG.servername)).toBe('403');
    expect(logged(SHOP.servername)).toBe('403');
  });

  test('after the internal redirect 980130 shows another uri under the same unique id', async () => {
    const { errors, audit } = await watch({ host: BLOG.servername, path: '/.git/config' });
    const last = errors.find((line) => line.includes('[id "980130"]'));
    expect(last).toContain('[uri "/index.php"]');
    expect(last).toContain(`[unique_id "${auditId(audit)}"]`);
    expect(errors.find((line) => line.includes('[id "949110"]'))).toContain('[uri "/.git/config"]');
  });

  describe('traps', () => {
    test('the name of an argument is not escaped: fields can be forged before the real ones', async () => {
      const name = 'a"] [id "111111"] [unique_id "FAKE"]';
      const { response, errors, audit } = await watch({
        host: SHOP.servername,
        path: `/search.php?${encodeURIComponent(name)}=${encodeURIComponent('<script>alert(1)</script>')}`,
      });
      expect(response.status).toBe(403);
      const forged = errors.filter((line) => line.includes(`at ARGS:${name}. [file "/etc/apache2/`));
      expect(forged.length).toBeGreaterThanOrEqual(1);
      for (const line of forged) {
        expect(line.indexOf('[id "111111"]')).toBeLessThan(line.indexOf('[id "941'));
        expect(line).toContain(`[unique_id "${auditId(audit)}"]`);
      }
      // 949110 holds nothing of the visitor before its fields, and nothing after them without a Referer.
      const total = errors.find((line) => line.includes('[id "949110"]'));
      expect(total).not.toContain('FAKE');
    });

    test('a Referer is appended after the fields with its quotes and brackets as they are', async () => {
      const referer = 'http://x.example/"] [hostname "evil.example.net"] [uri "/e"] [unique_id "FAKEREF"]';
      const { errors, audit } = await watch({
        host: SHOP.servername,
        path: `/product.php?id=${encodeURIComponent(SQLI)}`,
        headers: { Referer: referer },
      });
      for (const line of errors)
        expect(line.endsWith(`[unique_id "${auditId(audit)}"], referer: ${referer}`)).toBe(true);
    });

    test('quotes in matched data are \\\\x22 in error_log and \\x22 in the audit log', async () => {
      const { errors, audit } = await watch({
        host: SHOP.servername,
        path: `/search.php?q=${encodeURIComponent('"><script>alert("] [id "999999"]")</script>')}`,
      });
      expect(errors[0]).toContain('\\\\x22] [id \\\\x22999999\\\\x22]');
      expect(errors.join('\n')).not.toContain('[id "999999"]');
      expect(/^Message: .*$/m.exec(audit)?.[0]).toMatch(/[^\\]\\x22\] \[id \\x22999999\\x22\]/);
    });

    test('boundaries and whole records in a body are stored as they are, inside the real record', async () => {
      const fake =
        '--abcdef12-Z--\n\n--abcdef12-A--\n[01/Jan/2020:00:00:00.000000 +0000] FAKEAUDIT 192.0.2.1 1 192.0.2.2 80\n--abcdef12-H--\nMessage: Warning. [id "111111"]\n--abcdef12-Z--\n';
      const { audit } = await watch({
        host: SHOP.servername,
        path: '/contact.php',
        body: `id=${SQLI}&note=\n${fake}`,
      });
      const boundary = /^--([0-9a-f]{8})-A--/.exec(audit)?.[1] ?? '';
      expect(boundary).not.toBe('abcdef12');
      const part = audit.slice(audit.indexOf(`--${boundary}-C--\n`), audit.indexOf(`--${boundary}-F--\n`));
      expect(part).toContain(fake);
      expect(audit.endsWith(`--${boundary}-Z--\n\n`)).toBe(true);
    });

    test('NUL and 0xFF in a body come through raw', async () => {
      const { response, audit } = await watch({
        host: SHOP.servername,
        path: '/contact.php',
        body: Buffer.from(`id=${SQLI}&x=a\0b\xffc`, 'latin1'),
      });
      expect(response.status).toBe(403);
      expect(audit).toContain(`id=${SQLI}&x=a\0b\xffc`);
    });

    test('an unparsable X-Forwarded-For leaves the address of the proxy', async () => {
      const { errors } = await watch({ client: 'not-an-address', host: SHOP.servername, path: '/.env' });
      expect(errors[0]).toContain('[client 127.0.0.1] ModSecurity:');
    });

    test('an IPv6 client: Apache adds the port after a colon, ModSecurity does not', async () => {
      const { errors } = await watch({ client: '2001:db8::7', host: SHOP.servername, path: '/.env' });
      expect(errors[0]).toContain('[client 2001:db8::7:0] [client 2001:db8::7] ModSecurity:');
    });

    test('a broken JSON body is an engine error without an id; behind a proxied handler it is answered 500', async () => {
      const { response, errors } = await watch({
        host: SHOP.servername,
        path: '/contact.php',
        body: '{"a":',
        headers: { 'Content-Type': 'application/json' },
      });
      expect(response.status).toBe(500);
      expect(errors[0]).toMatch(/ModSecurity: JSON parser error: parse error: premature EOF/);
      expect(errors[0]).not.toContain('[id "');
    });
  });

  describe('configuration', () => {
    const folder = (kind: string): string =>
      join(bed.root, `etc/apache2/conf.d/userdata/${kind}/2_4/${SHOP.account}/${SHOP.servername}`);
    const probe = (tls: boolean): BedRequest => ({
      host: SHOP.servername,
      client: CLIENT,
      path: `/product.php?id=${encodeURIComponent(SQLI)}`,
      tls,
    });

    test('a rule removed in a userdata file passes after rebuild and reload, for that kind of vhost only', async () => {
      mkdirSync(folder('std'), { recursive: true });
      writeFileSync(join(folder('std'), 'wb.conf'), 'SecRuleRemoveById 942100\n');
      bed.rebuild();
      expect(bed.configTest()).toMatchObject({ ok: true });
      await bed.graceful();
      expect((await bed.send(probe(false))).status).toBe(200);
      expect((await bed.send(probe(true))).status).toBe(403);
    });

    test('a broken file fails the config test, is not loaded, and the server goes on', async () => {
      writeFileSync(join(folder('std'), 'wb.conf'), 'SecRuleUpdateTargetById 942100 "!ARGS:id"\n');
      expect(bed.configTest().ok).toBe(false);
      await expect(bed.graceful()).rejects.toThrow('Updating target by ID with no ruleset');
      expect((await bed.send(probe(false))).status).toBe(200);
      rmSync(folder('std'), { recursive: true });
      expect(bed.configTest().ok).toBe(false);
      bed.rebuild();
      await bed.graceful();
      expect((await bed.send(probe(false))).status).toBe(403);
    });
  });
});

suite(`${title}: stopping`, () => {
  test('stop ends Apache, frees its port and leaves no folder behind; twice is harmless', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    const bed = await startBed(options(dir));
    const pid = Number(readBedFile(bed, 'run/httpd.pid'));
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(aliases(dir)).toHaveLength(1);
    await bed.stop();
    await bed.stop();
    expect(() => process.kill(pid, 0)).toThrow();
    await expect(bed.send({ host: SHOP.servername, path: '/' })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    expect(aliases(dir)).toEqual([]);
    rmSync(dir, { recursive: true, force: true });
  });

  test('a bed that cannot start says what Apache said and leaves nothing running', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    const broken = { ...SHOP, servername: 'shop.example.com\n  NoSuchDirective' };
    await expect(startBed({ ...options(dir), vhosts: [broken] })).rejects.toThrow(/NoSuchDirective/i);
    expect(aliases(dir)).toEqual([]);
    expect(existsSync(join(dir, 'root/run/httpd.pid'))).toBe(false);
    rmSync(dir, { recursive: true, force: true });
  });
});
