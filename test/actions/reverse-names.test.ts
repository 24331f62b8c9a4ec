// Names of addresses: asked once, kept for a day, never asked for on a copied server.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Context } from '../../src/actions/context.ts';
import { asksDns } from '../../src/actions/proxy-nets.ts';
import { askNames, nameOf } from '../../src/actions/reverse-names.ts';
import type { OpenContext } from '../../src/context.ts';
import { openDns } from '../../src/host/dns.ts';
import { type DnsAnswer, type DnsServer, SERVER_FAILURE, startDns } from '../host/dns-server.ts';
import { tempDir } from '../host/make-root.ts';
import { open } from './kit.ts';

const PTR = '7.113.0.203.in-addr.arpa PTR';
const HOUR = 3_600_000;
let copied: OpenContext;
let server: DnsServer;
let ctx: Context;
let answers: Map<string, DnsAnswer>;

beforeEach(async () => {
  copied = open({ root: tempDir() });
  answers = new Map<string, DnsAnswer>([
    [PTR, { names: ['dsl-7.example.net'] }],
    ['dsl-7.example.net A', { addresses: ['203.0.113.7'] }],
  ]);
  server = await startDns((question) => answers.get(question));
  ctx = { ...copied, dns: openDns({ servers: [server.address], tryMs: 200 }) };
});

afterEach(async () => {
  copied.close();
  await server.stop();
});

/** As if the answer had been kept earlier. */
function age(address: string, ms: number): void {
  const kept = ctx.store.dnsNames.of(address);
  if (kept === null) throw new Error('not kept');
  ctx.store.write(() => {
    ctx.store.dnsNames.keep(address, { ...kept, at: kept.at - ms });
  });
}

describe('the names of addresses', () => {
  it('are asked for once a day', async () => {
    expect(nameOf(ctx, '203.0.113.7')).toEqual({ state: 'unknown', name: null, at: null });
    expect(await askNames(ctx, ['203.0.113.7', '203.0.113.7'])).toEqual(['203.0.113.7']);
    expect(nameOf(ctx, '203.0.113.7')).toMatchObject({ state: 'confirmed', name: 'dsl-7.example.net' });
    expect(server.asked).toEqual([PTR, 'dsl-7.example.net A']);
    expect(await askNames(ctx, ['203.0.113.7'])).toEqual([]);
    age('203.0.113.7', 23 * HOUR);
    await askNames(ctx, ['203.0.113.7']);
    expect(server.asked).toHaveLength(2);
    age('203.0.113.7', HOUR);
    // Asked again, nothing new.
    expect(await askNames(ctx, ['203.0.113.7'])).toEqual([]);
    expect(server.asked).toHaveLength(4);
  });

  it('without an answer are asked for again after an hour', async () => {
    answers.set(PTR, SERVER_FAILURE);
    expect(await askNames(ctx, ['203.0.113.7'])).toEqual([]);
    expect(nameOf(ctx, '203.0.113.7')).toMatchObject({ state: 'unknown', name: null });
    const asked = server.asked.length;
    await askNames(ctx, ['203.0.113.7']);
    expect(server.asked).toHaveLength(asked);
    age('203.0.113.7', HOUR);
    answers.set(PTR, { code: 3 });
    expect(await askNames(ctx, ['203.0.113.7'])).toEqual(['203.0.113.7']);
    expect(nameOf(ctx, '203.0.113.7')).toMatchObject({ state: 'none' });
  });

  it('stay known when DNS fails later, and are tried again after an hour', async () => {
    await askNames(ctx, ['203.0.113.7']);
    age('203.0.113.7', 48 * HOUR);
    expect(nameOf(ctx, '203.0.113.7').state).toBe('confirmed');
    answers.set(PTR, SERVER_FAILURE);
    expect(await askNames(ctx, ['203.0.113.7'])).toEqual([]);
    expect(nameOf(ctx, '203.0.113.7')).toMatchObject({ state: 'confirmed', name: 'dsl-7.example.net' });
    const asked = server.asked.length;
    await askNames(ctx, ['203.0.113.7']);
    expect(server.asked).toHaveLength(asked);
    age('203.0.113.7', HOUR);
    await askNames(ctx, ['203.0.113.7']);
    expect(server.asked.length).toBeGreaterThan(asked);
  });

  it('are forgotten after a month', async () => {
    await askNames(ctx, ['203.0.113.7']);
    age('203.0.113.7', 31 * 24 * HOUR);
    await askNames(ctx, ['203.0.113.8']);
    expect(nameOf(ctx, '203.0.113.7')).toEqual({ state: 'unknown', name: null, at: null });
  });

  it('are asked for only of public addresses', async () => {
    const inner = [
      '10.0.0.1',
      '192.168.1.1',
      '127.0.0.1',
      '::1',
      'fe80::1',
      'fd00::1',
      '100.64.0.1',
      '224.0.0.1',
    ];
    await askNames(ctx, [...inner, '', 'shop.example.com', '203.0.113.0/24', '203.0.113.07']);
    expect(server.asked).toEqual([]);
  });

  it('are not asked for on a copied server, unless the configuration says so', async () => {
    expect(await askNames(copied, ['203.0.113.7'])).toEqual([]);
    expect(nameOf(copied, '203.0.113.7').state).toBe('unknown');
    expect(copied.store.dnsNames.of('203.0.113.7')).toBeNull();
    expect(asksDns(undefined, '/')).toBe(true);
    expect(asksDns({}, '/srv/copy')).toBe(false);
    expect(asksDns({ dns: 'on' }, '/srv/copy')).toBe(true);
    expect(asksDns({ dns: 'off' }, '/')).toBe(false);
    expect(asksDns({ dns: 'auto' }, '/')).toBe(true);
  });
});
