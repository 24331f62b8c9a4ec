import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Host } from '../../src/host/host.ts';
import { openHost } from '../../src/host/local-host.ts';
import { ReadProblem } from '../../src/host/problems.ts';
import type { SearchKind, SearchLog } from '../../src/model.ts';
import type { TestRoot } from './make-root.ts';
import { makeRoot, makeServer } from './make-root.ts';

const LOGS = '/etc/apache2/logs';
const HOUR = 3_600_000;
const NO_LOG = 'it is not a log of this server';
const LEADS_OUT = 'it is a link that leads out of the log folders';
const HOME = /^it lies in an account’s home folder/;

/** The text of a log as a search opens it, or the problem in angle brackets. */
function textOf(host: Host, log: SearchLog): string {
  try {
    const opened = host.openSearchLog(log);
    const text = readFileSync(opened.fd, 'latin1');
    opened.close();
    return text;
  } catch (error) {
    if (!(error instanceof ReadProblem)) throw error;
    return `<${error.problem}>`;
  }
}

/** What a path gives when it is found, and when it is opened without having been found. */
function refusal(host: Host, path: string): string | null {
  const { problem } = host.searchLogAt(path);
  const forged = { ...entry(path), problem: null };
  expect([path, textOf(host, forged)]).toEqual([
    path,
    problem === null ? expect.not.stringMatching(/^</) : `<${problem}>`,
  ]);
  return problem;
}

function entry(path: string, kind: SearchKind = 'error'): SearchLog {
  return {
    kind,
    path,
    size: 1,
    mtimeMs: 0,
    compressed: false,
    rotated: false,
    vhost: null,
    account: null,
    problem: null,
  };
}

const paths = (logs: readonly SearchLog[], kind: SearchKind): string[] =>
  logs.filter((log) => log.kind === kind).map(({ path }) => path);

function mkfifo(server: TestRoot, path: string): void {
  execFileSync('/usr/bin/mkfifo', [join(server.dir, path)]);
}

describe('all logs', () => {
  test('by kind, current ones first, then from new to old', () => {
    const server = makeServer();
    for (const path of [
      '/var/log/apache2/access_log',
      '/var/log/apache2/domlogs/shop.example.com',
      '/var/log/apache2/error_log',
      '/var/log/apache2/suexec_log',
      '/var/log/apache2/ssl_engine_log',
      '/var/log/apache2/modsec_audit.log',
      '/var/log/nginx/error.log',
      '/var/log/lfd.log',
      '/var/log/exim_mainlog',
      '/var/log/maillog',
      '/var/log/messages',
      '/usr/local/cpanel/logs/login_log',
      '/usr/local/cpanel/logs/error_log',
    ]) {
      server.write(path, 'x\n');
    }
    server.write('/var/log/exim_mainlog.1.gz', gzipSync('x\n'), 3 * HOUR);
    server.write('/var/log/messages-20261101', 'x\n', 2 * HOUR);
    server.write('/var/log/messages-20261108.gz', gzipSync('x\n'), HOUR);
    server.write('/var/log/apache2/archive/error_log-10-2026.gz', gzipSync('x\n'), 4 * HOUR);
    server.write('/var/log/nginx/error.log.2.gz', gzipSync('x\n'), 5 * HOUR);
    server.write('/var/log/apache2/domlogs/shop.example.com-bytes_log', 'x\n');
    const logs = server.host().searchLogs();
    expect(logs.map(({ kind, path }) => [kind, path])).toEqual([
      ['access', `${LOGS}/access_log`],
      ['access', `${LOGS}/domlogs/shop.example.com`],
      ['error', `${LOGS}/error_log`],
      ['error', '/var/log/nginx/error.log'],
      ['error', `${LOGS}/archive/error_log-10-2026.gz`],
      ['error', '/var/log/nginx/error.log.2.gz'],
      ['audit', `${LOGS}/modsec_audit.log`],
      ['lfd', '/var/log/lfd.log'],
      ['mail', '/var/log/maillog'],
      ['mail', '/var/log/exim_mainlog'],
      ['mail', '/var/log/exim_mainlog.1.gz'],
      ['system', '/var/log/messages'],
      ['system', `${LOGS}/suexec_log`],
      ['system', `${LOGS}/ssl_engine_log`],
      ['system', '/usr/local/cpanel/logs/login_log'],
      ['system', '/usr/local/cpanel/logs/error_log'],
      ['system', '/var/log/messages-20261108.gz'],
      ['system', '/var/log/messages-20261101'],
    ]);
    expect(logs.every(({ problem }) => problem === null)).toBe(true);
    expect(logs.filter(({ compressed }) => compressed).map(({ path }) => path.slice(-3))).toEqual([
      '.gz',
      '.gz',
      '.gz',
      '.gz',
    ]);
    expect(logs.find(({ path }) => path === '/var/log/messages-20261101')).toMatchObject({
      rotated: true,
      compressed: false,
      size: 2,
    });
  });

  test('kinds that every server has are told to be missing, others are left out', () => {
    expect(
      makeRoot()
        .host()
        .searchLogs()
        .map(({ kind, path, problem }) => [kind, path, problem]),
    ).toEqual([
      ['access', `${LOGS}/access_log`, 'missing'],
      ['error', `${LOGS}/error_log`, 'missing'],
      ['audit', `${LOGS}/modsec_audit.log`, 'missing'],
      ['lfd', '/var/log/lfd.log', 'missing'],
    ]);
    const server = makeServer();
    server.write('/var/log/apache2/domlogs/shop.example.com', 'x\n');
    server.write('/var/log/nginx/error.log', 'x\n');
    const logs = server.host().searchLogs();
    expect(paths(logs, 'access')).toEqual([`${LOGS}/domlogs/shop.example.com`]);
    expect(paths(logs, 'error')).toEqual(['/var/log/nginx/error.log']);
  });

  test('a file with two names once, by device and inode, also when two kinds name it', () => {
    const server = makeServer();
    server.write('/var/log/apache2/error_log', 'x\n');
    server.link('/usr/local/apache/logs', '/etc/apache2/logs');
    server.hardLink('/var/log/apache2/error_log.1', join(server.dir, 'var/log/apache2/error_log'));
    server.link('/var/log/apache2/suexec_log', 'error_log');
    server.write('/var/log/maillog', 'x\n');
    server.write(
      '/etc/csf/csf.conf',
      'MODSEC_LOG = "/usr/local/apache/logs/error_log"\nSYSLOG_LOG = "/var/log/maillog"\n',
    );
    const logs = server.host().searchLogs();
    expect(paths(logs, 'error')).toEqual([`${LOGS}/error_log`]);
    expect(paths(logs, 'mail')).toEqual(['/var/log/maillog']);
    expect(paths(logs, 'system')).toEqual([]);
  });

  test('csf.conf names more, --config replaces', () => {
    const server = makeServer();
    for (const name of ['smtp', 'pop', 'imap', 'ssh', 'su', 'sudo', 'ftp', 'cpanel', 'sys'])
      server.write(`/srv/log/${name}.log`, 'x\n');
    server.write('/var/log/secure', 'x\n');
    server.write('/opt/mail/in.log', 'x\n');
    server.write('/opt/mail/out.log.1', 'x\n');
    server.write(
      '/etc/csf/csf.conf',
      [
        'SMTPAUTH_LOG = "/srv/log/smtp.log"',
        'POP3D_LOG = "/srv//log/pop.log"',
        'IMAPD_LOG = "/var/log/secure"',
        'SSHD_LOG = "/srv/log/s*h.log"',
        'SU_LOG = "/srv/log/su.log"',
        'SUDO_LOG = "/srv/log/sudo.log"',
        'FTPD_LOG = "/srv/log/ftp.log"',
        'CPANEL_LOG = "/srv/log/cpanel.log"',
        'SYSLOG_LOG = "/srv/log/sys.log"',
        'CUSTOM1_LOG = "/srv/log/imap.log"',
      ].join('\n'),
    );
    const host = server.host();
    expect(paths(host.searchLogs(), 'mail')).toEqual(['/srv/log/smtp.log', '/srv/log/pop.log']);
    expect(paths(host.searchLogs(), 'system')).toEqual(
      ['/var/log/secure'].concat(
        ['ssh', 'su', 'sudo', 'ftp', 'cpanel', 'sys'].map((name) => `/srv/log/${name}.log`),
      ),
    );
    const other = server.host({
      mailLogs: ['/opt/mail/*.log'],
      systemLogs: ['/srv/log/imap.log'],
      nginxErrorLogs: ['/srv/log/ftp.log'],
    });
    expect(paths(other.searchLogs(), 'mail')).toEqual(['/opt/mail/in.log', '/opt/mail/out.log.1']);
    expect(paths(other.searchLogs(), 'system')).toEqual(['/srv/log/imap.log']);
    expect(paths(other.searchLogs(), 'error')).toEqual(['/srv/log/ftp.log']);
    // The ingest reads nginx's error log too.
    expect(other.logs('error_log')).toMatchObject([{ path: '/srv/log/ftp.log', problem: null }]);
  });

  test('vhost and account: addon domains, TLS, wildcards, archives, and a vhost that nobody owns', () => {
    const server = makeServer();
    const domlogs = '/var/log/apache2/domlogs';
    for (const name of [
      'shop.example.com',
      'shop.example.com-ssl_log',
      'addon.example.net',
      'addon.shop.example.com-ssl_log-20261101',
      '_wildcard_.wild.example.org-ssl_log',
      'left.example.org',
    ]) {
      server.write(`${domlogs}/${name}`, 'x\n');
    }
    server.write('/home/shopuser/logs/addon.example.net-ssl_log-Oct-2026.gz', gzipSync('x\n'), HOUR);
    server.write('/home/wilduser/logs/other.example.com-Oct-2026.gz', gzipSync('x\n'));
    const logs = server.host().searchLogs();
    expect(
      logs
        .filter(({ kind }) => kind === 'access')
        .map(({ path, vhost, account, rotated, compressed }) => [path, vhost, account, rotated, compressed]),
    ).toEqual([
      [`${LOGS}/domlogs/_wildcard_.wild.example.org-ssl_log`, '*.wild.example.org', 'wilduser', false, false],
      [`${LOGS}/domlogs/addon.example.net`, 'addon.shop.example.com', 'shopuser', false, false],
      [`${LOGS}/domlogs/left.example.org`, 'left.example.org', null, false, false],
      [`${LOGS}/domlogs/shop.example.com`, 'shop.example.com', 'shopuser', false, false],
      [`${LOGS}/domlogs/shop.example.com-ssl_log`, 'shop.example.com', 'shopuser', false, false],
      [
        '/home/shopuser/logs/addon.example.net-ssl_log-Oct-2026.gz',
        'addon.shop.example.com',
        'shopuser',
        true,
        true,
      ],
      [
        `${LOGS}/domlogs/addon.shop.example.com-ssl_log-20261101`,
        'addon.shop.example.com',
        'shopuser',
        true,
        false,
      ],
    ]);
  });

  test('every listed log is found by its path as it was listed, and opens', () => {
    const server = makeServer();
    for (const path of ['/var/log/apache2/access_log', '/var/log/apache2/error_log', '/var/log/maillog'])
      server.write(path, 'text\n');
    server.write('/var/log/apache2/domlogs/addon.example.net', 'text\n');
    server.write('/var/log/apache2/domlogs/archive/shop.example.com-20261101.gz', gzipSync('x\n'));
    server.write('/home/shopuser/logs/shop.example.com-Oct-2026.gz', gzipSync('x\n'));
    const host = server.host();
    const logs = host.searchLogs().filter(({ problem }) => problem === null);
    expect(logs).toHaveLength(5);
    for (const log of logs) {
      expect(host.searchLogAt(log.path)).toEqual(log);
      expect(textOf(host, log)).not.toMatch(/^</);
      const opened = host.openSearchLog(log);
      opened.close();
      expect(opened).toMatchObject({ path: log.path, compressed: log.compressed, size: log.size });
    }
  });

  test('logs that appear, change or are packed are seen', () => {
    const server = makeServer();
    server.write('/var/log/apache2/error_log.1', 'plain\n');
    const host = server.host();
    const rotated = (): unknown =>
      host.searchLogs().filter(({ kind, problem }) => kind === 'error' && problem === null);
    expect(rotated()).toMatchObject([{ compressed: false }]);
    server.write('/var/log/apache2/error_log.1', gzipSync('plain\n'));
    server.write('/var/log/apache2/error_log', 'x\n');
    expect(rotated()).toMatchObject([{ path: `${LOGS}/error_log` }, { compressed: true }]);
  });
});

describe('a log by its path', () => {
  const server = makeServer();
  server.write('/var/log/apache2/error_log', 'errors');
  server.write('/var/log/apache2/error_log.3', 'old errors');
  server.write('/var/log/apache2/other_log', 'other');
  server.write('/var/log/apache2/other_log.1', gzipSync('other'));
  server.write('/var/log/apache2/packed', gzipSync('packed'));
  server.write('/var/log/apache2/archive/any-10-2026.gz', gzipSync('any'));
  server.write('/var/log/apache2/domlogs/UPPER', 'upper');
  server.write('/var/log/apache2/domlogs/shop.example.com', 'visits');
  server.write('/var/log/apache2/sub/deep_log', 'deep');
  server.write('/var/log/boot.log', 'boot');
  const host = server.host();
  const at = (path: string): unknown => {
    const { kind, path: own, rotated, compressed, vhost, problem } = host.searchLogAt(path);
    return [kind, own, rotated, compressed, vhost, problem];
  };

  test('its kind by family or folder; packed by its bytes', () => {
    expect(at(`${LOGS}/error_log.3`)).toEqual(['error', `${LOGS}/error_log.3`, true, false, null, null]);
    expect(at(`${LOGS}/other_log`)).toEqual(['system', `${LOGS}/other_log`, false, false, null, null]);
    expect(at(`${LOGS}/other_log.1`)).toEqual(['system', `${LOGS}/other_log.1`, true, true, null, null]);
    expect(at(`${LOGS}/packed`)).toEqual(['system', `${LOGS}/packed`, false, true, null, null]);
    expect(at(`${LOGS}/archive/any-10-2026.gz`)).toEqual([
      'system',
      expect.any(String),
      true,
      true,
      null,
      null,
    ]);
    expect(at(`${LOGS}/domlogs/UPPER`)).toEqual(['access', expect.any(String), false, false, null, null]);
    expect(at('/var/log/boot.log')).toEqual(['system', '/var/log/boot.log', false, false, null, null]);
  });

  test('by its resolved name it is the same log', () => {
    for (const name of ['error_log', 'error_log.3', 'other_log', 'archive/any-10-2026.gz', 'domlogs/UPPER']) {
      const log = host.searchLogAt(`/var/log/apache2/${name}`);
      expect(log).toEqual(host.searchLogAt(`${LOGS}/${name}`));
      expect(log).toMatchObject({ path: `${LOGS}/${name}`, problem: null });
      expect(textOf(host, entry(`/var/log/apache2/${name}`))).toBe(textOf(host, log));
    }
    expect(textOf(host, host.searchLogAt('/var/log/apache2/other_log'))).toBe('other');
  });

  test('texts that are no plain path', () => {
    const not = [
      ['../../etc/shadow', 'its path is not absolute'],
      ['', 'its path is not absolute'],
      ['etc/apache2/logs/error_log', 'its path is not absolute'],
      [`${LOGS}/../logs/error_log`, 'its path holds “..”, “.” or an empty part'],
      ['/../../../etc/shadow', 'its path holds “..”, “.” or an empty part'],
      [`${LOGS}/..`, 'its path holds “..”, “.” or an empty part'],
      [`${LOGS}/./error_log`, 'its path holds “..”, “.” or an empty part'],
      [`/${LOGS}/error_log`, 'its path holds “..”, “.” or an empty part'],
      [`${LOGS}/`, 'its path holds “..”, “.” or an empty part'],
      ['/', 'its path holds “..”, “.” or an empty part'],
      [`${LOGS}/error_log\0.txt`, 'its path holds control bytes'],
      [`${LOGS}/error\n_log`, 'its path holds control bytes'],
      [`${LOGS}/\x1b[2Jerror_log`, 'its path holds control bytes'],
      [`${LOGS}/${'a'.repeat(4096)}`, 'its path is longer than 4096 bytes'],
      [`${LOGS}/${'é'.repeat(2100)}`, 'its path is longer than 4096 bytes'],
      [`${LOGS}/${'a'.repeat(300)}`, 'its name is too long'],
    ] as const;
    for (const [path, problem] of not) expect([path, refusal(host, path)]).toEqual([path, problem]);
  });

  test('a name with a newline is refused though it is there, and does not pass as listed either', () => {
    const odd = makeServer();
    odd.write('/var/log/apache2/a\nb-error_log', 'x\n');
    const globbed = odd.host({ errorLogs: ['/var/log/apache2/*-error_log'] });
    const [log] = globbed.searchLogs().filter(({ kind }) => kind === 'error');
    expect(log?.problem).toBe('its path holds control bytes');
    expect(refusal(globbed, '/var/log/apache2/a\nb-error_log')).toBe('its path holds control bytes');
  });

  test('names that look like options or quotes are only names', () => {
    for (const name of ['--pre=sh', '-e', '"quoted"', '$(id)', 'a b']) {
      server.write(`/var/log/apache2/${name}`, name);
      expect(textOf(host, host.searchLogAt(`${LOGS}/${name}`))).toBe(name);
    }
  });

  test('what is not directly in a log folder', () => {
    for (const path of [
      '/etc/shadow',
      '/etc/passwd',
      '/proc/self/environ',
      '/proc/self/fd/0',
      '/dev/zero',
      '/dev/stdin',
      '/etc/userdatadomains',
      '/nowhere/at/all',
      '/var/log/apache2/sub/deep_log',
      `${LOGS}/sub/deep_log`,
      `${LOGS}/error_log/x`,
      '/var/logs/error_log',
      join(server.dir, 'var/log/apache2/error_log'),
    ]) {
      expect([path, refusal(host, path)]).toEqual([path, NO_LOG]);
    }
    server.write('/etc/shadow', 'SECRET');
    expect(refusal(host, '/etc/shadow')).toBe(NO_LOG);
    expect(refusal(host, `${LOGS}/missing_log`)).toBe('it is missing');
    expect(refusal(host, '/usr/local/cpanel/logs/login_log')).toBe('it is missing');
    expect(refusal(host, `${LOGS}/domlogs`)).toBe('it is not a regular file');
  });

  test('the same on the server itself', () => {
    const live = openHost({ root: '/', env: {} });
    for (const path of ['/etc/shadow', '/proc/self/environ', '/proc/self/fd/0', '/dev/zero', '/dev/stdin'])
      expect([path, refusal(live, path)]).toEqual([path, NO_LOG]);
  });

  test('not even where csf.conf or --config names such a file', () => {
    const named = ['/proc/self/environ', '/proc/self/fd/0', '/etc/shadow', '/dev/zero'];
    const live = openHost({
      root: '/',
      env: {},
      overrides: { systemLogs: named, mailLogs: ['/etc/pass??'] },
    });
    for (const path of [...named, '/etc/passwd'])
      expect([path, refusal(live, path)]).toEqual([path, expect.any(String)]);
    const listed = live.searchLogs().filter(({ path }) => /^\/(?:etc\/(?:pass|sha)|proc|dev)/.test(path));
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.every(({ problem }) => problem !== null)).toBe(true);
    for (const log of listed) expect(textOf(live, log)).toMatch(/^</);
  });

  test('a folder at the top of the server is no log folder, whoever names a log in it', () => {
    const flat = makeRoot();
    flat.write('/error_log', 'errors');
    flat.write('/error_log.1', 'old');
    flat.write('/secret', 'SECRET');
    flat.write('/etc/my.log', 'mine');
    flat.write('/etc/shadow', 'SECRET');
    const other = flat.host({ errorLogs: ['/error_log'], mailLogs: ['/etc/my.log'] });
    expect(textOf(other, other.searchLogAt('/error_log.1'))).toBe('old');
    for (const path of ['/secret', '/etc/shadow', '/etc/my.log'])
      expect([path, refusal(other, path)]).toEqual([path, NO_LOG]);
  });
});

describe('links in a log folder', () => {
  const server = makeServer();
  server.write('/etc/shadow', 'SECRET');
  server.write('/var/log/apache2/error_log', 'errors');
  server.write('/srv/elsewhere/log', 'elsewhere');
  const log = (name: string): string => `/var/log/apache2/${name}`;
  server.link(log('plain'), '/etc/shadow');
  server.link(log('relative'), '../../../etc/shadow');
  server.link(log('climb'), '../../../../../../../../etc/shadow');
  server.link(log('chain'), 'chain2');
  server.link(log('chain2'), '/var/log/chain3');
  server.link('/var/log/chain3', '/etc/shadow');
  server.link(log('loop'), 'loop2');
  server.link(log('loop2'), '/etc/apache2/logs/loop');
  server.link(log('folder'), '/etc');
  server.link(log('proc'), '/proc/self/environ');
  server.link(log('error_log.1'), '/etc/shadow');
  server.link(log('error_log.2'), '/srv/elsewhere/log');
  server.link(log('archive'), '/etc');
  server.link(log('inside'), 'error_log');
  server.link(log('absolute'), '/var/log/apache2/error_log');
  server.link(log('bait'), join(server.outside, 'bait'));
  writeFileSync(join(server.outside, 'bait'), 'BAIT');
  const host = server.host();

  test('that lead out are refused, chains and rotated names too', () => {
    for (const name of ['plain', 'relative', 'climb', 'chain', 'chain2', 'error_log.1', 'error_log.2'])
      expect([name, refusal(host, `${LOGS}/${name}`)]).toEqual([name, LEADS_OUT]);
    expect(refusal(host, '/var/log/chain3')).toBe(LEADS_OUT);
    expect(refusal(host, `${LOGS}/loop`)).toBe('its links form a loop');
    expect(refusal(host, `${LOGS}/folder/shadow`)).toBe(NO_LOG);
    expect(refusal(host, `${LOGS}/archive/shadow`)).toBe(NO_LOG);
    expect(refusal(host, `${LOGS}/proc`)).toBe('it is missing');
    server.write('/proc/self/environ', 'SECRET');
    expect(refusal(host, `${LOGS}/proc`)).toBe(LEADS_OUT);
  });

  test('in the list they carry the same problem, and do not open', () => {
    const rotated = host.searchLogs().filter(({ path }) => path.includes('error_log.'));
    expect(rotated.map(({ problem }) => problem)).toEqual([LEADS_OUT, LEADS_OUT]);
    for (const one of rotated) expect(textOf(host, one)).toBe(`<${LEADS_OUT}>`);
  });

  test('that stay in are followed, absolute ones inside the copied root', () => {
    expect(textOf(host, host.searchLogAt(`${LOGS}/inside`))).toBe('errors');
    expect(textOf(host, host.searchLogAt(`${LOGS}/absolute`))).toBe('errors');
    // Outside of the root there is nothing: the link means /…/bait of the copied server.
    expect(refusal(host, `${LOGS}/bait`)).toBe('it is missing');
  });

  test('the log that the layout names may be one that leads elsewhere, not to the system’s own files', () => {
    const moved = makeServer();
    moved.write('/mnt/big/errors', 'errors');
    moved.write('/etc/shadow', 'SECRET');
    moved.write('/home/shopuser/private', 'PRIVATE');
    moved.link('/var/log/apache2/error_log', '/mnt/big/errors');
    moved.link('/var/log/maillog', '/etc/shadow');
    moved.link('/var/log/messages', '/home/shopuser/private');
    const other = moved.host();
    expect(textOf(other, other.searchLogAt(`${LOGS}/error_log`))).toBe('errors');
    expect(textOf(other, other.searchLogAt('/var/log/apache2/error_log'))).toBe('errors');
    expect(refusal(other, '/mnt/big/errors')).toBe(NO_LOG);
    expect(refusal(other, '/var/log/maillog')).toBe(LEADS_OUT);
    expect(refusal(other, '/var/log/messages')).toBe(LEADS_OUT);
    for (const one of other.searchLogs().filter(({ path }) => /maillog|messages/.test(path)))
      expect(textOf(other, one)).toBe(`<${LEADS_OUT}>`);
  });

  test('a log folder that is a loop, or leads to a folder of the system', () => {
    const odd = makeRoot();
    odd.folder('/etc/apache2');
    odd.link('/etc/apache2/logs', '/etc');
    odd.link('/var/log', 'log');
    odd.write('/etc/shadow', 'SECRET');
    odd.write('/etc/error_log', 'SECRET');
    const other = odd.host();
    expect(refusal(other, `${LOGS}/shadow`)).toBe(NO_LOG);
    expect(refusal(other, `${LOGS}/error_log`)).toBe(NO_LOG);
    expect(refusal(other, '/var/log/maillog')).toBe('its links form a loop');
  });
});

describe('what is no regular file', () => {
  const server = makeServer();
  const host = server.host();
  const close: (() => void)[] = [];
  afterAll(() => {
    for (const end of close) end();
  });

  test('a FIFO, without waiting for a writer', () => {
    for (const name of ['error_log', 'fifo', 'error_log.1']) {
      mkfifo(server, `var/log/apache2/${name}`);
      expect([name, refusal(host, `${LOGS}/${name}`)]).toEqual([name, 'it is not a regular file']);
    }
    const listed = host.searchLogs().filter(({ kind }) => kind === 'error');
    expect(listed.map(({ problem }) => problem)).toEqual(['not a regular file', 'not a regular file']);
    for (const log of listed) expect(textOf(host, log)).toBe('<it is not a regular file>');
  });

  test('a socket', async () => {
    const listener = createServer();
    close.push(() => listener.close());
    await new Promise<void>((done) => {
      listener.listen(join(server.dir, 'var/log/apache2/sock'), done);
    });
    expect(refusal(host, `${LOGS}/sock`)).toBe('it is not a regular file');
  });

  test('a folder', () => {
    server.folder('/var/log/apache2/error_log.9');
    expect(refusal(host, `${LOGS}/error_log.9`)).toBe('it is not a regular file');
    expect(refusal(host, '/var/log/apache2')).toBe('it is not a regular file');
  });

  const isRoot = process.geteuid?.() === 0;
  (isRoot ? test : test.skip)('a device (needs root to make one)', () => {
    for (const name of ['zero', 'error_log.4']) {
      execFileSync('mknod', [join(server.dir, 'var/log/apache2', name), 'c', '1', '5']);
      expect([name, refusal(host, `${LOGS}/${name}`)]).toEqual([name, 'it is not a regular file']);
    }
  });

  (isRoot ? test : test.skip)('without the right to read (needs root to give it up)', () => {
    const own = makeServer();
    own.write('/var/log/apache2/other_log', 'x');
    chmodSync(own.outside, 0o755);
    const other = own.host();
    const asked: SearchLog[] = [];
    const opened: string[] = [];
    for (const [mode, file] of [
      [0o600, 'var/log/apache2/other_log'],
      [0o700, 'var/log/apache2'],
    ] as const) {
      chmodSync(join(own.dir, file), mode);
      process.seteuid?.(65534);
      try {
        asked.push(other.searchLogAt(`${LOGS}/other_log`));
        opened.push(textOf(other, entry(`${LOGS}/other_log`)));
      } finally {
        process.seteuid?.(0);
      }
    }
    expect(asked.map(({ problem }) => problem)).toEqual(['permission is denied', 'permission is denied']);
    expect(opened).toEqual(['<permission is denied>', '<permission is denied>']);
  });
});

describe('folders that others can write, and homes', () => {
  const SECOND = 'it is a second name of another file, in a folder that is not only root’s';
  const LINK = 'a link in a folder that is not only root’s is not followed';
  const server = makeServer();
  server.write('/etc/shadow', 'SECRET');
  const shadow = join(server.dir, 'etc/shadow');

  test('a second name is refused in a folder that others can write, not in one of root’s', () => {
    server.write('/srv/open/app.log', 'app');
    server.hardLink('/srv/open/second', shadow);
    server.hardLink('/srv/open/app.log.1', shadow);
    server.link('/srv/open/link', 'app.log');
    server.hardLink('/var/log/apache2/second', shadow);
    chmodSync(join(server.dir, 'srv/open'), 0o777);
    const host = server.host({ systemLogs: ['/srv/open/app.log'] });
    expect(refusal(host, '/srv/open/second')).toBe(SECOND);
    expect(refusal(host, '/srv/open/app.log.1')).toBe(SECOND);
    expect(refusal(host, '/srv/open/link')).toBe(LINK);
    expect(textOf(host, host.searchLogAt('/srv/open/app.log'))).toBe('app');
    expect(textOf(host, host.searchLogAt(`${LOGS}/second`))).toBe('SECRET');
    const listed = host.searchLogs().filter(({ kind }) => kind === 'system');
    expect(listed.map(({ path, problem }) => [path, problem === null])).toEqual([
      ['/srv/open/app.log', true],
      ['/srv/open/app.log.1', false],
    ]);
  });

  test('of a home only cPanel’s archive folder, without links and second names', () => {
    const archive = '/home/shopuser/logs';
    server.write(`${archive}/archive.gz`, gzipSync('x'));
    server.write(`${archive}/shop.example.com-Oct-2026.gz`, gzipSync('x'));
    server.write('/home/shopuser/public_html/error_log', 'own');
    server.write('/home/shopuser/.bash_history', 'own');
    server.write(`${archive}/deep/er.gz`, 'x');
    server.link(`${archive}/link.gz`, '/etc/shadow');
    server.link(`${archive}/own-link.gz`, 'archive.gz');
    server.link(`${archive}/shop.example.com-Sep-2026.gz`, '/etc/shadow');
    server.link(`${archive}/folder`, '/etc');
    server.hardLink(`${archive}/second.gz`, shadow);
    server.link('/home/shopuser/access-logs', '/var/log/apache2/domlogs');
    server.write('/var/log/apache2/domlogs/shop.example.com', 'visits');
    mkfifo(server, `${archive}/fifo.gz`);
    const host = server.host();
    expect(host.searchLogAt(`${archive}/archive.gz`)).toMatchObject({
      kind: 'access',
      account: 'shopuser',
      vhost: null,
      compressed: true,
      problem: null,
    });
    expect(textOf(host, host.searchLogAt(`${archive}/shop.example.com-Oct-2026.gz`))).not.toMatch(/^</);
    expect(refusal(host, `${archive}/fifo.gz`)).toBe('it is not a regular file');
    expect(refusal(host, `${archive}/second.gz`)).toBe(SECOND);
    for (const name of ['link.gz', 'own-link.gz', 'shop.example.com-Sep-2026.gz'])
      expect([name, refusal(host, `${archive}/${name}`)]).toEqual([name, LINK]);
    for (const name of [
      'public_html/error_log',
      '.bash_history',
      'logs/deep/er.gz',
      'logs/folder/shadow',
      'access-logs/shop.example.com',
      'logs',
    ])
      expect([name, refusal(host, `/home/shopuser/${name}`)]).toEqual([name, expect.stringMatching(HOME)]);
    expect(refusal(host, '/home/nobody/logs/archive.gz')).toBe(NO_LOG);
  });

  test('not where a setting names a log in it', () => {
    const host = server.host({
      systemLogs: ['/home/shopuser/.bash_history'],
      domlogFolders: ['/home/shopuser'],
    });
    expect(refusal(host, '/home/shopuser/.bash_history')).toMatch(HOME);
    for (const log of host.searchLogs().filter(({ path }) => /^\/home\/shopuser\/[^/]*$/.test(path)))
      expect(log.problem).toMatch(HOME);
  });

  test('a home whose `logs` is a link of the account', () => {
    const planted = makeServer();
    planted.write('/root/logs/archive.gz', 'SECRET');
    planted.write('/root/logs/shop.example.com-Oct-2026.gz', 'SECRET');
    planted.link('/home/shopuser/logs', '/root/logs');
    const host = planted.host();
    expect(refusal(host, '/home/shopuser/logs/archive.gz')).toBe(LINK);
    expect(host.searchLogs().filter(({ path }) => path.startsWith('/home'))).toEqual([]);
  });

  test('a home that root moved is followed', () => {
    const moved = makeServer();
    moved.write('/home2/shopuser/logs/shop.example.com-Oct-2026.gz', gzipSync('x'));
    moved.link('/home/shopuser', '/home2/shopuser');
    const host = moved.host();
    const path = '/home/shopuser/logs/shop.example.com-Oct-2026.gz';
    expect(host.searchLogAt(path)).toMatchObject({ vhost: 'shop.example.com', problem: null });
    expect(textOf(host, host.searchLogs().find((log) => log.path === path) ?? entry('/none'))).not.toMatch(
      /^</,
    );
  });
});

describe('between listing and opening', () => {
  const swap = (path: string, replace: (file: string, server: TestRoot) => void): string => {
    const server = makeServer();
    server.write('/etc/shadow', 'SECRET');
    server.write('/var/log/apache2/error_log', 'errors');
    server.write('/var/log/apache2/error_log.1', 'old');
    server.write('/var/log/apache2/other_log', 'other');
    server.write('/home/shopuser/logs/shop.example.com-Oct-2026.gz', 'visits');
    const host = server.host();
    host.searchLogs();
    const log = host.searchLogAt(path);
    expect(log.problem).toBeNull();
    replace(join(server.dir, path.replace(LOGS, '/var/log/apache2')), server);
    return textOf(host, log);
  };

  test('a log becomes a link', () => {
    for (const name of ['error_log', 'error_log.1', 'other_log']) {
      const text = swap(`${LOGS}/${name}`, (file) => {
        rmSync(file);
        symlinkSync('/etc/shadow', file);
      });
      expect([name, text]).toEqual([name, `<${LEADS_OUT}>`]);
    }
    const home = swap('/home/shopuser/logs/shop.example.com-Oct-2026.gz', (file) => {
      rmSync(file);
      symlinkSync('/etc/shadow', file);
    });
    expect(home).toMatch(/^<a link in a folder/);
  });

  test('its folder becomes a link', () => {
    const text = swap(`${LOGS}/other_log`, (file, server) => {
      server.write('/etc/other_log', 'SECRET');
      renameSync(join(file, '..'), join(server.dir, 'var/log/gone'));
      symlinkSync('/etc', join(file, '..'));
    });
    expect(text).toBe(`<${NO_LOG}>`);
  });

  test('a log becomes a FIFO, a second name in a home, or is gone', () => {
    const fifo = swap(`${LOGS}/other_log`, (file) => {
      rmSync(file);
      execFileSync('/usr/bin/mkfifo', [file]);
    });
    expect(fifo).toBe('<it is not a regular file>');
    const second = swap('/home/shopuser/logs/shop.example.com-Oct-2026.gz', (file, server) => {
      rmSync(file);
      server.hardLink('/home/shopuser/logs/shop.example.com-Oct-2026.gz', join(server.dir, 'etc/shadow'));
    });
    expect(second).toMatch(/^<it is a second name/);
    expect(
      swap(`${LOGS}/error_log.1`, (file) => {
        rmSync(file);
      }),
    ).toBe('<it is missing>');
  });

  test('a log that was rotated opens as what now has its name', () => {
    const text = swap(`${LOGS}/error_log`, (file) => {
      renameSync(file, `${file}.2`);
      writeFileSync(file, 'new');
    });
    expect(text).toBe('new');
  });

  test('a log of another root, or one that nobody listed, passes the rules anew', () => {
    const one = makeServer();
    one.write('/var/log/apache2/other_log', 'one');
    one.write('/opt/app/app.log', 'app');
    const two = makeServer();
    two.write('/var/log/apache2/other_log', 'two');
    two.write('/opt/app/app.log', 'app');
    const first = one.host({ systemLogs: ['/opt/app/app.log'] });
    const second = two.host();
    expect(textOf(second, first.searchLogAt(`${LOGS}/other_log`))).toBe('two');
    expect(textOf(first, first.searchLogAt('/opt/app/app.log'))).toBe('app');
    expect(textOf(second, first.searchLogAt('/opt/app/app.log'))).toBe(`<${NO_LOG}>`);
    expect(textOf(second, entry(join(two.dir, 'var/log/apache2/other_log')))).toBe(`<${NO_LOG}>`);
    expect(textOf(second, entry('/etc/shadow', 'access'))).toBe(`<${NO_LOG}>`);
  });
});
