// Whom a block would keep out beside the one it is meant for.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { blockRefusal, blockWarnings } from '../../src/actions/block-warnings.ts';
import { netStatements } from '../../src/actions/net-facts.ts';
import { markAddress } from '../../src/actions/marks.ts';
import type { WhereFacts } from '../../src/actions/where-facts.ts';
import { type FirewallServer, firewallServer, NOW_MS } from './firewall-kit.ts';

let server: FirewallServer;
beforeAll(() => {
  server = firewallServer();
  server.incident('198.51.100.7', NOW_MS - 3_600_000, 'attack');
  server.incident('198.51.100.9', NOW_MS - 3_600_000, 'false-positive');
  const moment = { at: NOW_MS - 86_400_000, fileId: 1, offset: 0 };
  const { store } = server.ctx;
  store.write(() => {
    for (const user of ['info@shop.example.com', 'shopuser'])
      store.logins.save({ address: '198.51.100.9', service: 'imap', user, first: moment, last: moment });
    store.logins.save({
      ...{ address: '203.0.113.5', service: 'imap', user: 'old' },
      ...{
        first: { ...moment, at: NOW_MS - 40 * 86_400_000 },
        last: { ...moment, at: NOW_MS - 40 * 86_400_000 },
      },
    });
  });
  const root = { who: 'root', address: null };
  markAddress(server.ctx, { address: '203.0.113.30', kind: 'monitor', note: '' }, root);
  markAddress(server.ctx, { address: '203.0.113.0/28', kind: 'partner', note: '' }, root);
  markAddress(server.ctx, { address: '203.0.113.31', kind: 'false-alarm', note: '' }, root);
});
beforeEach(() => {
  server.lists({});
});
afterAll(() => {
  server.ctx.close();
});

const facts = async (target: string): Promise<WhereFacts> => (await server.where(target)).facts;
const warnings = async (target: string): Promise<string[]> =>
  blockWarnings(await facts(target), target).map(({ sentence }) => sentence);

describe('what is refused', () => {
  test.each<[string, string | null]>([
    ['127.0.0.1', '127.0.0.1 is this server itself (loopback).'],
    ['127.0.0.0/8', '127.0.0.0/8 is this server itself (loopback).'],
    ['::1', '::1 is this server itself (loopback).'],
    ['192.0.2.80', '192.0.2.80 is one of this server’s own addresses.'],
    ['192.0.2.0/24', '192.0.2.0/24 holds 192.0.2.80, one of this server’s own addresses.'],
    ['0.0.0.0/8', '0.0.0.0/8 is no address that a visitor can come from.'],
    ['224.0.0.1', '224.0.0.1 is no address that a visitor can come from.'],
    ['198.51.100.77', 'You are connected from 198.51.100.77: the block would keep you out.'],
    [
      '198.51.100.0/24',
      '198.51.100.0/24 holds 198.51.100.77, from which you are connected: the block would keep you out.',
    ],
    ['no address', 'no address is no address and no net.'],
    ['203.0.113.9', null],
    ['2001:db8::9', null],
    ['2001:db8::/32', null],
  ])('%s: %s', async (target, refusal) => {
    expect(blockRefusal(await facts(target), target, '::ffff:198.51.100.77')).toBe(refusal);
  });
  test('a refusal is the first warning, too', async () => {
    expect((await warnings('192.0.2.81'))[0]).toBe('192.0.2.81 is one of this server’s own addresses.');
  });
});

test('nothing speaks against a stranger', async () => {
  expect(await warnings('203.0.113.99')).toEqual([]);
});

test('a net with those of it who were seen', async () => {
  expect(await warnings('198.51.100.0/24')).toEqual([
    'The block keeps out all of 198.51.100.0/24: 256 addresses. Seen of them: 2 addresses with incidents (1 judged as attacks, 1 as ordinary visitors) and 1 address from which customers logged in.',
  ]);
  expect(await warnings('203.0.113.64/26')).toEqual([
    'The block keeps out all of 203.0.113.64/26: 64 addresses. Nobody of them was seen in the logs that are kept.',
  ]);
});

test.each([
  [
    '104.16.0.1',
    /^This address belongs to Cloudflare, which many visitors share: a block keeps all of them out\.$/,
  ],
  [
    '104.16.0.0/16',
    /This address belongs to Cloudflare, which many visitors share \(104\.16\.0\.0\): a block/,
  ],
])('a CDN: %s', async (target, words) => {
  const { ctx } = server;
  const { facts: read } = await server.where(target);
  expect(ctx.proxies().find('104.16.0.1')?.name).toBe('Cloudflare');
  expect(blockWarnings(read, target).map(({ sentence }) => sentence)).toEqual(
    expect.arrayContaining([expect.stringMatching(words)]),
  );
});

test('marks of the address, of a net around it, and in a net; a false alarm makes nobody known', async () => {
  expect(await warnings('203.0.113.30')).toEqual(['You marked it as an uptime monitor.']);
  expect(await warnings('203.0.113.2')).toEqual(['You marked 203.0.113.0/28 as a program of a partner.']);
  expect(await warnings('203.0.113.31')).toEqual([]);
  expect((await warnings('203.0.113.0/24')).slice(1)).toEqual([
    'You marked 203.0.113.0/28 as a program of a partner.',
    'You marked 203.0.113.30 as an uptime monitor.',
  ]);
});

test('customers and ordinary visitors', async () => {
  expect(await warnings('198.51.100.9')).toEqual([
    'Customers logged in from it in the last 30 days, with 2 user names: the block keeps them from mail, FTP and all sites.',
    '1 incident of it was judged as an ordinary visitor’s.',
  ]);
  expect(await warnings('203.0.113.5')).toEqual(['You marked 203.0.113.0/28 as a program of a partner.']);
});

test.each([
  ['10.1.2.3', 'private address'],
  ['100.64.0.9', 'a provider keeps many customers'],
  ['fd00::1', 'private address'],
  ['fe80::1', 'network segment'],
])('%s: %s', async (target, words) => {
  expect((await warnings(target)).join('\n')).toContain(words);
});

test('what csf’s own lists make of it', async () => {
  server.lists(
    {
      deny: '203.0.113.1 # oldest\n203.0.113.2 # newer\n203.0.113.3 # do not delete\n',
      allow: '203.0.113.96/28 # office\n',
      ignore: '203.0.113.99 # monitor\n',
    },
    { DENY_IP_LIMIT: '2', IPV6: '0' },
  );
  expect(await warnings('203.0.113.99')).toEqual([
    'It is allowed (203.0.113.96/28): csf refuses to block it, or the block does not work.',
    'It is in csf.ignore: csf refuses to block it.',
    'csf.deny is full (DENY_IP_LIMIT 2): a permanent block drops its oldest line, 203.0.113.1.',
  ]);
  expect(await warnings('2001:db8::9')).toContain(
    'csf leaves IPv6 alone here (IPV6 is 0): it refuses to block an IPv6 address.',
  );
});

test('what freeing a net frees, and what stays', async () => {
  server.lists({
    deny: '198.51.100.0/24 # net\n198.51.100.7 # own\ntcp|in|d=80|s=198.51.100.8 # port\n198.51.101.7 # far\n',
    tempban: `${NOW_MS / 1000}|198.51.100.0/28||in|3600|x\n`,
  });
  const said = netStatements(await facts('198.51.100.0/24'), '198.51.100.0/24');
  expect(said.map(({ sentence }) => sentence)).toEqual([
    '198.51.100.0/24 holds 256 addresses.',
    'Seen of 198.51.100.0/24 in the logs that are kept: 2 addresses with incidents (1 judged as attacks, 1 as ordinary visitors) and 1 address from which customers logged in.',
    '3 other entries in it stay blocked by their own lines: 198.51.100.7, tcp|in|d=80|s=198.51.100.8 and 198.51.100.0/28.',
  ]);
  expect(said[2]?.lines).toHaveLength(3);
});
