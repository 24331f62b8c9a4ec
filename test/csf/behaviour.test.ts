// What the stand-in for csf does beyond the recordings: rules that were read in csf's source, and the faults of the kit.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type CsfOptions, csfServer, type CsfServer } from './kit.ts';

const servers: CsfServer[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

function open(options: CsfOptions = {}): CsfServer {
  const server = csfServer(options);
  servers.push(server);
  return server;
}

async function run(
  server: CsfServer,
  ...argv: readonly string[]
): Promise<{ code: number | null; out: string }> {
  const { code, out } = await server.run(...argv);
  return { code, out: out.replace(/\x1b\[[0-9;]*m/g, '') };
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!isSo() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
}

const said = async (server: CsfServer, ...argv: readonly string[]): Promise<string> =>
  (await run(server, ...argv)).out.trim();

describe('rules', () => {
  test('what is refused, with 0', async () => {
    const server = open({
      settings: { IPV6: '0' },
      lists: {
        allow: '198.51.100.0/28 # office\n',
        ignore: '192.0.2.250 # uptime\n2001:DB8::7\n',
        deny: 'Include /etc/csf/more.deny\n203.0.113.7 # said Include here\n',
      },
      files: { 'etc/csf/more.deny': '203.0.113.8 # of the other list\n' },
    });
    const answers = await Promise.all(
      [
        ['-d', '198.51.100.9', 'in an allowed net'],
        ['-d', '192.0.2.250', 'ignored'],
        ['-d', '203.0.113.8', 'in the included file'],
        ['-d', '2001:db8::9', 'no IPv6'],
        ['-d', '127.0.0.1', 'itself'],
        ['-d', '203.0.113.9/33', 'too long'],
        ['-dr', '203.0.113.8'],
        ['-dr', 'example.com'],
        ['-ar', '203.0.113.8'],
        ['-i', 'x'],
      ].map((argv) => run(server, ...argv)),
    );
    expect(answers.map(({ out }) => out.trim())).toEqual([
      'deny failed: 198.51.100.9 is in the allow file /etc/csf/csf.allow',
      'deny failed: 192.0.2.250 is in the ignore file /etc/csf/csf.ignore',
      'deny failed: 203.0.113.8 is in already in the deny file /etc/csf/csf.deny 1 times',
      'deny failed: [2001:db8::9] is valid IPv6 but IPV6 is not enabled in csf.conf',
      'deny failed: [127.0.0.1] is one of this servers addresses!',
      'deny failed: [203.0.113.9/33] is not a valid PUBLIC IP/CIDR',
      'csf: 203.0.113.8 not found in csf.deny',
      '[example.com] is not a valid PUBLIC IP/CIDR',
      'csf: 203.0.113.8 not found in csf.allow',
      'lookup failed: [x] is not a valid PUBLIC IP',
    ]);
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => 0));
    // The word Include in a comment hides its entry from everything but removal.
    expect(await said(server, '-d', '203.0.113.7', 'again')).toContain('Adding 203.0.113.7 to csf.deny');
    expect(server.entries('deny')).toEqual(['Include', '203.0.113.7', '203.0.113.7']);
    expect(await said(server, '-dr', '203.0.113.7')).toMatch(/^Removing rule[^]*Removing rule/);
    expect(server.read('deny')).toBe('Include /etc/csf/more.deny\n');
  });

  test('-dr takes advanced lines and the history with it, but neither odd forms nor nets', async () => {
    const server = open({
      lists: {
        deny: [
          'tcp|in|d=80|s=203.0.113.9 # lfd: x  ',
          '203.0.113.9 # lfd: y',
          '203.0.113.0/24 # net',
          '2001:0db8::0009 # by hand',
          '203.0.113.10 # DO NOT DELETE',
        ].join('\r\n'),
        tempip: '203.0.113.9|1|1795352415|x\n203.0.113.10|1|1795352415|y\n203.0.113.11|1|1795352415|z\n',
      },
    });
    const inode = statSync(join(server.root, 'etc/csf/csf.deny')).ino;
    expect(await said(server, '-dr', '203.0.113.9')).toContain('DROP  tcp opt -- in eth0 out *  203.0.113.9');
    // `do not delete` keeps the entry, yet the history goes.
    expect(await said(server, '-dr', '203.0.113.10')).toBe(
      'csf: 203.0.113.10 set as "do not delete" - not removed',
    );
    expect(await said(server, '-dr', '2001:db8::9')).toBe('csf: 2001:db8::9 not found in csf.deny');
    expect(server.read('deny')).toBe(
      '203.0.113.0/24 # net\n2001:0db8::0009 # by hand\n203.0.113.10 # DO NOT DELETE\n',
    );
    expect(server.read('tempip')).toBe('203.0.113.11|1|1795352415|z\n');
    expect(statSync(join(server.root, 'etc/csf/csf.deny')).ino).toBe(inode);
    // The other way round the long form is known.
    expect(await said(server, '-d', '2001:db8:0:0::9', 'x')).toContain('is in already in the deny file');
  });

  test('-td and -ta find options in the comment; times have units', async () => {
    const server = open({ lookups: { '203.0.113.5': 'US/United States/-' } });
    await run(server, '-td', '203.0.113.1', '2h', 'an owl, x-dout -p 25,53;udp y');
    await run(server, '-td', '203.0.113.2', 'soon', 'please');
    await run(server, '-ta', '203.0.113.3', '3M', '-d in');
    await run(server, '-td', '203.0.113.5', '1');
    expect(server.entries('tempban').map((line) => line.slice(11))).toEqual([
      '203.0.113.1|25,53;udp|out|7200|an owl, x  y',
      '203.0.113.2||in|3600|soon please',
      '203.0.113.5||in|3600|Manually added: 203.0.113.5 (US/United States/-)',
    ]);
    expect(server.entries('tempallow').map((line) => line.slice(11))).toEqual([
      '203.0.113.3||in|3|Manually added: 203.0.113.3',
    ]);
    const [first] = server.calls();
    expect(first?.facts?.meaning).toEqual({
      ...{ target: '203.0.113.1', seconds: 7200, ports: '25,53;udp', way: 'out', comment: 'an owl, x  y' },
    });
    expect(await said(server, '-t')).toMatch(/DENY  203\.0\.113\.1 +25,53;u out   /);
  });

  test('the testing mode, warnings, csf.disable, csf.error and a restart', async () => {
    const server = open({ settings: { TESTING: '1' }, warnings: ['*WARNING* URLGET set to use LWP'] });
    const last = '*WARNING* TESTING mode is enabled - do not forget to disable it in the configuration';
    expect((await said(server, '-d', '203.0.113.1', 'x')).split('\n')).toEqual([
      '*WARNING* URLGET set to use LWP',
      'Adding 203.0.113.1 to csf.deny only while in TESTING mode (not iptables DROP)',
      last,
    ]);
    expect(await said(server, '-a', '203.0.113.2', 'x')).toContain(
      'only while in TESTING mode (not iptables ACCEPT)',
    );
    server.set({ TESTING: '0' });
    server.machine({ warnings: [] });
    server.write('etc/csf/csf.error', 'Error: iptables command failed, at line 12 in /usr/sbin/csf\n');
    const broken = await run(server, '-dr', '203.0.113.1');
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/^You have an unresolved error when starting csf:\nError: iptables command/);
    const release = await server.hold('csf.lock');
    expect((await run(server, '-r')).code).toBe(11);
    await release();
    expect((await run(server, '-r')).code).toBe(0);
    expect(server.read('etc/csf/csf.error')).toBeNull();
    server.write('etc/csf/csf.disable', '');
    const disabled = await run(server, '-dr', '203.0.113.1');
    expect(disabled).toMatchObject({
      code: 1,
      out: "csf and lfd have been disabled, use 'csf -e' to enable\n",
    });
    expect(server.entries('deny')).toEqual(['203.0.113.1']);
  });

  test('a lock on the list is waited for; two calls at once are seen', async () => {
    const server = open();
    const release = await server.hold('deny');
    const waiting = [run(server, '-d', '203.0.113.1', 'x'), run(server, '-d', '203.0.113.2', 'x')];
    await until(() => server.calls().filter(({ facts }) => facts !== null).length === 2);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(server.read('deny')).toBe('');
    expect(server.calls().map(({ end }) => end)).toEqual([null, null]);
    await release();
    await Promise.all(waiting);
    expect([...server.entries('deny')].sort()).toEqual(['203.0.113.1', '203.0.113.2']);
    const calls = server.calls();
    expect(calls.map(({ besides }) => besides.length)).toEqual([0, 1]);
    expect(calls.map(({ end }) => end?.outcome)).toEqual(['done', 'done']);
  });

  test('a rewrite is met empty and cut by who reads without the lock', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `198.51.100.${i % 250} # lfd: number ${i}\n`).join(
      '',
    );
    const server = open({ pauseMs: 40, lists: { deny: `203.0.113.1 # x\n${lines}` } });
    const lengths = new Set<number>();
    const file = join(server.root, 'etc/csf/csf.deny');
    const look = setInterval(() => lengths.add(readFileSync(file).length), 2);
    await run(server, '-dr', '203.0.113.1');
    clearInterval(look);
    expect(lengths).toContain(0);
    expect([...lengths].filter((length) => length > 0 && length < lines.length).length).toBeGreaterThan(0);
    expect(server.read('deny')).toBe(lines);
  });
});

describe('faults', () => {
  const LIST = '203.0.113.1 # one\n203.0.113.2 # two\n203.0.113.3 # three\n';
  const broken = (): CsfServer => open({ lists: { deny: LIST } });

  test('nothing is done, nothing is written, or it is written and never said', async () => {
    const server = broken();
    server.fault({ kind: 'lie' });
    expect(await run(server, '-dr', '203.0.113.1')).toEqual({ code: 0, out: '' });
    server.fault({ kind: 'unwritten' });
    expect(await said(server, '-dr', '203.0.113.1')).toMatch(/^Removing rule/);
    server.fault({ kind: 'perl' });
    expect((await run(server, '-dr', '203.0.113.1')).code).toBe(2);
    server.fault({ kind: 'locked', on: '-dr' });
    expect((await run(server, '-i', '203.0.113.1')).code).toBe(0);
    expect((await run(server, '-dr', '203.0.113.1')).code).toBe(11);
    expect(server.read('deny')).toBe(LIST);
    server.fault({ kind: 'die', at: 'written' });
    expect(await run(server, '-d', '203.0.113.9', 'x')).toMatchObject({ code: null });
    expect(server.entries('deny')).toContain('203.0.113.9');
    expect(server.calls().map(({ end }) => end?.outcome)).toEqual([
      ...['done', 'done', 'left 2', 'done', 'left 11', 'killed at written'],
    ]);
  });

  test('it dies at each point', async () => {
    const points = ['start', 'locked', 'truncated', 'middle'] as const;
    const lists = await Promise.all(
      points.map(async (at) => {
        const server = broken();
        server.fault({ kind: 'die', at });
        expect((await run(server, '-dr', '203.0.113.2')).code).toBeNull();
        return server.read('deny');
      }),
    );
    expect(lists).toEqual([LIST, LIST, '', '203.0.113.1 # one\n']);
    const server = broken();
    server.fault({ kind: 'die', at: 'truncated' });
    server.fault({ kind: 'die', at: 'middle' });
    await run(server, '-d', '203.0.113.9', 'x');
    expect(server.read('deny')).toBe(LIST);
    await run(server, '-d', '203.0.113.9', 'x');
    expect(server.read('deny')).toMatch(/three\n203\.0\.113\.9[^\n]*$/);
  });

  test('it gives up: the firewall is open, csf.error stays, the rest of the list may be lost', async () => {
    const server = broken();
    server.fault({ kind: 'error' });
    const answer = await run(server, '-d', '203.0.113.9', 'x');
    expect(answer.code).toBe(1);
    expect(answer.out).toMatch(/^Error: Could not lock \/etc\/csf\/csf\.deny: [^\n]+, at line \d+\n$/);
    expect(server.isFlushed()).toBe(true);
    expect(server.read('etc/csf/csf.error')).toMatch(/^Error: Could not lock/);
    expect((await run(server, '-d', '203.0.113.9', 'x')).code).toBe(1);
    expect(server.read('deny')).toBe(LIST);
    await run(server, '-r');
    server.fault({ kind: 'error', at: 'middle' });
    expect((await run(server, '-dr', '203.0.113.2')).code).toBe(1);
    expect(server.read('deny')).toBe('203.0.113.1 # one\n');
  });

  test('words are cut, many, or warned before; the list is torn by another afterwards; it is slow', async () => {
    const server = broken();
    server.fault({ kind: 'cut', bytes: 10 });
    expect((await run(server, '-dr', '203.0.113.1')).out).toBe('Removing r');
    server.fault({ kind: 'huge', bytes: 3_000_000 });
    const huge = await run(server, '-dr', '203.0.113.9');
    expect(huge.out.length).toBeGreaterThan(3_000_000);
    expect(huge.out.endsWith('csf: 203.0.113.9 not found in csf.deny\n')).toBe(true);
    server.fault({ kind: 'warnings', lines: ['*WARNING* one', '*WARNING* two'] });
    expect((await said(server, '-i', '203.0.113.9')).split('\n')).toEqual([
      ...['*WARNING* one', '*WARNING* two', '203.0.113.9'],
    ]);
    server.fault({ kind: 'torn', ms: 600 });
    await run(server, '-dr', '203.0.113.2');
    expect(server.read('deny')).not.toBe('203.0.113.3 # three\n');
    await (
      await server.hold('deny')
    )();
    expect(server.read('deny')).toBe('203.0.113.3 # three\n');
    server.fault({ kind: 'slow', ms: 700, at: 'middle' });
    const slow = run(server, '-dr', '203.0.113.3');
    await until(() => server.read('deny') === '');
    expect(server.calls().at(-1)?.end).toBeNull();
    expect((await slow).code).toBe(0);
  });
});
