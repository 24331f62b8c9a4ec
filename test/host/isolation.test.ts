import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { BEGIN_MARK, END_MARK, everyVerb } from './every-verb.ts';
import { makeServer, type TestRoot } from './make-root.ts';

const STRACE = '/usr/bin/strace';
const SCRIPT = fileURLToPath(new URL('./every-verb.ts', import.meta.url));
const LINE = '203.0.113.7 - - [22/Nov/2026:13:49:04 +0100] "GET / HTTP/1.1" 403 5 "-" "x"\n';

/** A copied server where every kind of file is there, and every kind of link tries to lead outside. */
function hostileServer(): TestRoot {
  const server = makeServer();
  const bait = join(server.outside, 'bait');
  writeFileSync(bait, `BAIT ${LINE}`);
  server.write('/etc/localtime', 'no zone');
  server.write('/etc/csf/csf.conf', `MODSEC_LOG = "${bait}"\nHTACCESS_LOG = "/../../bait*"\n`);
  server.write('/etc/csf/csf.deny', `198.51.100.1 # x\nInclude ${bait}\nInclude /../../../bait\n`);
  server.link('/etc/csf/csf.allow', bait);
  server.link('/etc/csf/csf.ignore', '../../../bait');
  server.write('/var/lib/csf/csf.tempban', '');
  server.write('/var/log/apache2/error_log', 'x\n');
  server.write('/var/log/apache2/archive/error_log-10-2026.gz', gzipSync('y\n'));
  server.link('/var/log/apache2/error_log.1', bait);
  server.link('/var/log/apache2/modsec_audit.log', '../../../../bait');
  server.link('/var/log/lfd.log', bait);
  const minute = '/var/log/apache2/modsec_audit/nobody/20261122/20261122-1315';
  server.write(`${minute}/20261122-131500-own`, 'one record');
  server.link(`${minute}/20261122-131500-bait`, bait);
  server.link('/var/log/apache2/modsec_audit/nobody/20261123', server.outside);
  server.link('/var/log/apache2/modsec_audit/linked', server.outside);
  server.link('/var/log/apache2/archives', server.outside);
  server.write('/var/log/apache2/domlogs/shop.example.com', LINE);
  server.link('/var/log/apache2/domlogs/shop.example.com-ssl_log', bait);
  server.link('/home/shopuser/logs', server.outside);
  server.link('/etc/apache2/conf.d/modsec/evil.conf', bait);
  server.write(
    '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/a.conf',
    'SecRule ARGS "@rx x" "id:1"\n',
  );
  server.write('/etc/apache2/conf.d/userdata/std/2_4/shopuser/modsec.conf', 'SecRuleRemoveById 942100\n');
  server.link('/etc/apache2/conf.d/userdata/std/2_4/shopuser/shop.example.com', server.outside);
  server.link('/etc/apache2/conf.d/userdata/std/2_4/other', '../../../../../../../outside');
  server.link('/etc/apache2/conf.d/userdata/ssl', '/../../../..');
  server.link('/etc/apache2/conf.d/userdata/evil.conf', bait);
  server.link('/etc/apache2/conf.d/modsec2.whitelist.conf', bait);
  server.link('/etc/hosts', bait);
  server.link('/etc/hostname', bait);
  server.link('/var/cpanel/userdata/shopuser', server.outside);
  symlinkSync(bait, join(server.outside, 'shop.example.com'));
  writeFileSync(join(server.outside, 'modsec.conf'), 'BAIT\n');
  return server;
}

type Listed = Readonly<Record<string, readonly (string | number)[]>>;

/** Everything below a folder; links are listed, not followed (readdir's own `recursive` follows them). */
function namesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const name = join(dir, entry.name);
    return entry.isDirectory() ? [name, ...namesBelow(name)] : [name];
  });
}

function listing(dir: string): Listed {
  return Object.fromEntries(
    [dir, ...namesBelow(dir)].sort().map((name) => {
      const { mode, size, mtimeMs, ctimeMs, ino } = lstatSync(name);
      return [name, [mode, size, mtimeMs, ctimeMs, ino]];
    }),
  );
}

test('no verb gives out what lies outside the root, and nothing inside it is written', async () => {
  const server = hostileServer();
  const before = listing(server.dir);
  const out = JSON.stringify(await everyVerb(server.host()));
  expect(out).not.toContain('BAIT');
  // It did read: the texts that lie inside are there.
  for (const inside of [
    'GET / HTTP/1.1',
    '198.51.100.1 # x',
    'SecRule ARGS',
    '"text":"y"',
    'one record',
    'SecRuleRemoveById',
  ]) {
    expect(out).toContain(inside.replaceAll('"@', '\\"@'));
  }
  expect(listing(server.dir)).toEqual(before);
});

test('the listing would show a write', () => {
  const server = makeServer();
  const before = listing(server.dir);
  writeFileSync(
    join(server.dir, 'etc/userdatadomains'),
    readFileSync(join(server.dir, 'etc/userdatadomains')),
  );
  expect(listing(server.dir)).not.toEqual(before);
});

/** Files that the process opened between the marks, as the kernel saw them. */
function openedPaths(trace: string): string[] {
  const from = trace.indexOf(BEGIN_MARK);
  const to = trace.indexOf(END_MARK);
  expect(from).toBeGreaterThan(0);
  expect(to).toBeGreaterThan(from);
  const calls = trace.slice(from, to).matchAll(/\bopen(?:at2?)?\([^"]*"((?:[^"\\]|\\.)*)"/g);
  return [...calls].map((call) => call[1] ?? '');
}

const canTrace = existsSync(STRACE) && spawnSync(STRACE, ['-o', '/dev/null', 'true']).status === 0;

(canTrace ? test : test.skip)('the kernel saw no file outside the root opened, and none for writing', () => {
  const server = hostileServer();
  const traceFile = join(server.outside, 'trace');
  const state = join(server.outside, 'state');
  const args = [
    '-f',
    '-qq',
    '-s',
    '4096',
    '-e',
    'trace=open,openat,openat2,access,faccessat,faccessat2,statx',
    '-o',
    traceFile,
  ];
  execFileSync(STRACE, [...args, process.execPath, SCRIPT, server.dir, state], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const trace = readFileSync(traceFile, 'utf8');
  const opened = openedPaths(trace);
  // The runtime itself asks the kernel for the number of processors and the like.
  const asked = opened.filter((path) => !/^\/(?:sys|proc)\//.test(path));
  const outside = asked.filter((path) => path !== server.dir && !path.startsWith(`${server.dir}/`));
  expect(outside).toEqual([]);
  expect(opened).toContain(join(server.dir, 'var/log/apache2/error_log'));
  const flags = trace.slice(trace.indexOf(BEGIN_MARK), trace.indexOf(END_MARK));
  expect(flags).not.toMatch(/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/);
});
