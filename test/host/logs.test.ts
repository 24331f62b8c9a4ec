import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { LogFile } from '../../src/model.ts';
import { domlogNames, homeOf, logBase, vhostOfDomlog } from '../../src/host/log-names.ts';
import { makeServer } from './make-root.ts';

const LOGS = '/etc/apache2/logs';
const HOUR = 3_600_000;
const paths = (logs: readonly LogFile[]): string[] => logs.map(({ path }) => path);

describe('error logs', () => {
  test('current first, then rotated ones from new to old; packed by their bytes; nothing else', () => {
    const server = makeServer();
    server.write('/var/log/apache2/error_log', 'x\n');
    server.write('/var/log/apache2/error_log.1', 'x\n', 2 * HOUR);
    server.write('/var/log/apache2/error_log-20261101.gz', gzipSync('x\n'), 3 * HOUR);
    server.write('/var/log/apache2/archive/error_log-10-2026.gz', gzipSync('x\n'), 4 * HOUR);
    server.write('/var/log/apache2/archives/error_log-09-2026', 'plain\n', 5 * HOUR);
    for (const other of [
      'error_log.offset',
      'error_log-bytes_log',
      'error_log.offsetftp',
      'access_log.1',
      'error_logx',
    ]) {
      server.write(`/var/log/apache2/${other}`, 'x\n');
    }
    const logs = server.host().logs('error_log');
    expect(
      logs.map(({ path, rotated, compressed, problem }) => [path, rotated, compressed, problem]),
    ).toEqual([
      [`${LOGS}/error_log`, false, false, null],
      [`${LOGS}/error_log.1`, true, false, null],
      [`${LOGS}/error_log-20261101.gz`, true, true, null],
      [`${LOGS}/archive/error_log-10-2026.gz`, true, true, null],
      [`${LOGS}/archives/error_log-09-2026`, true, false, null],
    ]);
  });

  test('the place that csf.conf names counts too, globs included, the same file once', () => {
    const server = makeServer();
    server.write('/var/log/apache2/error_log', 'x\n');
    server.write('/var/log/other/a-error_log', 'x\n');
    server.write('/var/log/other/b-error_log', 'x\n');
    server.link('/usr/local/apache/logs', '/etc/apache2/logs');
    server.write(
      '/etc/csf/csf.conf',
      'MODSEC_LOG = "/var/log/other/*-error_log"\nHTACCESS_LOG = "/usr/local/apache/logs/error_log"\n',
    );
    expect(paths(server.host().logs('error_log'))).toEqual([
      `${LOGS}/error_log`,
      '/var/log/other/a-error_log',
      '/var/log/other/b-error_log',
    ]);
  });

  test('globs in folders, as lfd expands them; no dotted folder, no link, no file in place of a folder', () => {
    const server = makeServer();
    for (const account of ['alice', 'bob', '.hidden'])
      server.write(`/srv/sites/${account}/logs/error_log`, 'x\n');
    server.write('/srv/sites/plain', 'x\n');
    server.link('/srv/sites/linked', '/srv/sites/alice');
    server.write('/etc/csf/csf.conf', 'MODSEC_LOG = "/srv/*/*/log?/error_*"\n');
    const wanted = ['/srv/sites/alice/logs/error_log', '/srv/sites/bob/logs/error_log'];
    expect(paths(server.host().logs('error_log'))).toEqual(wanted);
    expect(
      paths(
        server
          .host()
          .searchLogs()
          .filter(({ kind }) => kind === 'error') as never,
      ),
    ).toEqual(wanted);
  });

  test('a glob over a flood of folders stays bounded', () => {
    const server = makeServer();
    for (let at = 0; at < 520; at++) server.write(`/srv/many/${String(at)}/error_log`, 'x\n');
    const host = server.host({ errorLogs: ['/srv/many/*/error_log'] });
    expect(host.logs('error_log')).toHaveLength(500);
  });

  test("nginx's error log counts beside Apache's, and alone; a missing one is no problem", () => {
    const server = makeServer();
    server.write('/var/log/apache2/error_log', 'x\n');
    expect(paths(server.host().logs('error_log'))).toEqual([`${LOGS}/error_log`]);
    server.write('/var/log/nginx/error.log', 'x\n');
    server.write('/var/log/nginx/error.log.2.gz', gzipSync('x\n'), HOUR);
    expect(paths(server.host().logs('error_log'))).toEqual([
      `${LOGS}/error_log`,
      '/var/log/nginx/error.log',
      '/var/log/nginx/error.log.2.gz',
    ]);
    const alone = makeServer();
    alone.write('/var/log/nginx/error.log', 'x\n');
    expect(alone.host().logs('error_log')).toMatchObject([
      { path: '/var/log/nginx/error.log', problem: null },
    ]);
  });

  test('paths.conf moves them, --config has the last word', () => {
    const server = makeServer();
    server.write('/srv/logs/error.log', 'x\n');
    server.write('/srv/deb/error.log.2.gz', gzipSync('x\n'));
    server.write(
      '/etc/cpanel/ea4/paths.conf',
      'file_error_log=/srv/logs/error.log\ndir_domlogs=/srv/domlogs\n',
    );
    expect(paths(server.host().logs('error_log'))).toEqual(['/srv/logs/error.log']);
    expect(paths(server.host({ errorLogs: ['/srv/deb/error.log'] }).logs('error_log'))).toEqual([
      '/srv/deb/error.log.2.gz',
    ]);
    expect(server.host().layout.domlogFolders[0]).toBe('/srv/domlogs');
  });

  test('a missing log, a FIFO and a loop are told, not left out', () => {
    const server = makeServer();
    expect(server.host().logs('error_log')).toMatchObject([
      { path: `${LOGS}/error_log`, problem: 'missing', size: 0 },
    ]);
    execFileSync('/usr/bin/mkfifo', [join(server.dir, 'var/log/apache2/error_log')]);
    server.link('/var/log/apache2/modsec_audit.log', 'modsec_audit.log');
    server.link('/var/log/lfd.log', '/root/missing');
    const host = server.host();
    expect(host.logs('error_log')).toMatchObject([{ problem: 'not a regular file' }]);
    expect(host.logs('audit_log')).toMatchObject([{ problem: 'link loop' }]);
    expect(host.logs('lfd_log')).toMatchObject([{ problem: 'missing' }]);
  });
});

describe('access logs', () => {
  const server = makeServer();
  server.write('/var/log/apache2/access_log', 'x\n');
  server.write('/var/log/apache2/access_log.1', 'x\n');
  for (const name of [
    'shop.example.com',
    'shop.example.com-ssl_log',
    'addon.shop.example.com',
    '_wildcard_.wild.example.org',
  ]) {
    server.write(`/var/log/apache2/domlogs/${name}`, 'x\n');
  }
  server.write('/var/log/apache2/domlogs/shop.example.com-ssl_log-20261101.gz', gzipSync('x\n'), 3 * HOUR);
  for (const name of [
    'shop.example.com-bytes_log',
    'shop.example.com.offset',
    'shop.example.com-bytes_log.offset',
    'ftpxferlog',
  ]) {
    server.write(`/var/log/apache2/domlogs/${name}`, 'x\n');
  }
  server.write('/var/log/apache2/domlogs/shopuser/shop.example.com', 'x\n');
  server.write('/home/shopuser/logs/shop.example.com-Oct-2026.gz', gzipSync('x\n'), 4 * HOUR);
  server.write('/home/shopuser/logs/shop.example.com-ssl_log-Oct-2026.gz', gzipSync('x\n'), 2 * HOUR);
  server.write('/home/shopuser/logs/addon.example.net-Oct-2026.gz', gzipSync('x\n'));
  server.write('/home/shopuser/logs/other.example.com-Oct-2026.gz', gzipSync('x\n'));
  server.write('/etc/shadow', 'SECRET\n');
  server.link('/home/shopuser/logs/shop.example.com-Sep-2026.gz', '/etc/shadow');
  server.hardLink('/home/shopuser/logs/shop.example.com-Aug-2026.gz', join(server.dir, 'etc/shadow'));
  const host = server.host();

  test('of a vhost: plain and TLS, rotated, the account’s archives, then the shared log', () => {
    const logs = host.logs('access_log', 'shop.example.com');
    expect(logs.filter(({ problem }) => problem === null).map(({ path, vhost }) => [path, vhost])).toEqual([
      [`${LOGS}/domlogs/shop.example.com`, 'shop.example.com'],
      [`${LOGS}/domlogs/shop.example.com-ssl_log`, 'shop.example.com'],
      ['/home/shopuser/logs/shop.example.com-ssl_log-Oct-2026.gz', 'shop.example.com'],
      [`${LOGS}/domlogs/shop.example.com-ssl_log-20261101.gz`, 'shop.example.com'],
      ['/home/shopuser/logs/shop.example.com-Oct-2026.gz', 'shop.example.com'],
      [`${LOGS}/access_log`, null],
      [`${LOGS}/access_log.1`, null],
    ]);
  });

  test('a link or a second name that an account planted is refused', () => {
    const logs = host.logs('access_log', 'shop.example.com').filter(({ problem }) => problem !== null);
    expect(new Map<string, unknown>(logs.map(({ path, problem }) => [path, problem]))).toEqual(
      new Map<string, unknown>([
        ['/home/shopuser/logs/shop.example.com-Sep-2026.gz', expect.stringContaining('link in a folder')],
        ['/home/shopuser/logs/shop.example.com-Aug-2026.gz', 'a second name of another file'],
      ]),
    );
  });

  test('ea-nginx has one log a vhost for both ports, rotated by logrotate; Apache has none of its requests', () => {
    const nginx = makeServer();
    nginx.write('/var/log/nginx/domains/shop.example.com', 'x\n');
    nginx.write('/var/log/nginx/domains/shop.example.com.1', 'x\n', HOUR);
    nginx.write('/var/log/nginx/domains/shop.example.com.2.gz', gzipSync('x\n'), 2 * HOUR);
    nginx.write('/var/log/nginx/domains/shop.example.com-bytes_log', 'x\n');
    nginx.write('/var/log/nginx/domains/blog.example.org', 'x\n');
    nginx.write('/var/log/nginx/access.log', 'x\n');
    const found = nginx.host().logs('access_log', 'shop.example.com');
    expect(found.map(({ path, vhost, rotated }) => [path, vhost, rotated])).toEqual([
      ['/var/log/nginx/domains/shop.example.com', 'shop.example.com', false],
      ['/var/log/nginx/domains/shop.example.com.1', 'shop.example.com', true],
      ['/var/log/nginx/domains/shop.example.com.2.gz', 'shop.example.com', true],
      ['/var/log/nginx/access.log', null, false],
    ]);
  });

  test('a domain finds the vhost that serves it; wildcards have their own spelling', () => {
    expect(paths(host.logs('access_log', 'Addon.example.net'))).toEqual([
      `${LOGS}/domlogs/addon.shop.example.com`,
      '/home/shopuser/logs/addon.example.net-Oct-2026.gz',
      `${LOGS}/access_log`,
      `${LOGS}/access_log.1`,
    ]);
    expect(host.logs('access_log', '*.wild.example.org')[0]).toMatchObject({
      path: `${LOGS}/domlogs/_wildcard_.wild.example.org`,
      vhost: '*.wild.example.org',
    });
    expect(paths(host.logs('access_log', '../../etc'))).toEqual([
      `${LOGS}/access_log`,
      `${LOGS}/access_log.1`,
    ]);
  });

  test('of all vhosts', () => {
    const vhosts = new Set(host.logs('access_log').map(({ vhost }) => vhost));
    expect([...vhosts].sort()).toEqual(
      ['*.wild.example.org', 'addon.shop.example.com', null, 'shop.example.com'].sort(),
    );
  });
});

test('names', () => {
  expect(logBase('error_log.12.gz')).toBe('error_log');
  expect(logBase('error_log-20261122-1700000000')).toBe('error_log');
  expect(logBase('shop.example.com-ssl_log-Nov-2026.gz')).toBe('shop.example.com-ssl_log');
  expect(logBase('shop.example.com')).toBe('shop.example.com');
  expect(domlogNames('*.x.example.com')).toEqual([
    '_wildcard_.x.example.com',
    '_wildcard_.x.example.com-ssl_log',
  ]);
  expect(vhostOfDomlog('_wildcard_.x.example.com-ssl_log')).toBe('*.x.example.com');
  expect(vhostOfDomlog('..')).toBeNull();
  expect(homeOf('/home3/web/shopuser/public_html', 'shopuser')).toBe('/home3/web/shopuser');
  expect(homeOf('/var/www/html', 'shopuser')).toBeNull();
  expect(homeOf('/home/home/public_html', 'home')).toBe('/home/home');
});
