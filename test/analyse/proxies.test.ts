import { describe, expect, it } from '@jest/globals';
import { NETWORKS, NETWORK_TESTS } from '../../src/analyse/patterns/networks.ts';
import { clientKind, proxyNets, sharedWords } from '../../src/analyse/proxies.ts';
import { normalizeNet } from '../../src/parse/address.ts';

describe('published networks', () => {
  it.each(NETWORKS.map((network) => [network.name, network] as const))(
    '%s: whole nets, dated',
    (_, network) => {
      const nets = network.nets.split(/\s+/);
      for (const net of nets) expect([net, normalizeNet(net)]).toEqual([net, net]);
      expect(new Set(nets).size).toBe(nets.length);
      expect(network.asOf).toMatch(/^20\d\d-(?:0[1-9]|1[0-2])$/);
      expect(network.source).not.toBe('');
    },
  );

  it.each(NETWORK_TESTS.inside)('%s is %s', (address, name) => {
    expect(clientKind(address, [])).toBe('proxy');
    expect(sharedWords(address)).toBe(`This address belongs to ${name}, which many visitors share.`);
  });

  it.each(NETWORK_TESTS.outside)('%s is in none', (address) => {
    expect(clientKind(address, [])).toBe('normal');
  });
});

describe('kinds of clients', () => {
  it('tells the server itself from others, whichever way the address is written', () => {
    expect(clientKind('127.8.8.8', [])).toBe('local');
    expect(clientKind('::ffff:127.0.0.1', [])).toBe('local');
    expect(clientKind('2001:DB8::7', ['2001:db8:0::7'])).toBe('local');
    // The server's own address counts before any net.
    expect(clientKind('192.0.2.1', ['192.0.2.1'], proxyNets({ own: ['192.0.2.0/24'] }))).toBe('local');
  });

  it('takes private addresses for visitors until a setting names them', () => {
    const own = proxyNets({ own: ['10.0.0.0/30', '192.168.1.5', 'fd00:1::/64'] });
    for (const [address, named] of [
      ['10.0.0.2', true],
      ['10.0.0.4', false],
      ['192.168.1.5', true],
      ['192.168.1.6', false],
      ['fd00:1::9', true],
      ['fd00:2::9', false],
    ] as const) {
      expect([address, clientKind(address, [])]).toEqual([address, 'normal']);
      expect([address, clientKind(address, [], own)]).toEqual([address, named ? 'proxy' : 'normal']);
    }
  });

  it('uses own lists instead of the published ones', () => {
    const own = proxyNets({ own: ['198.51.100.0/24'], cdnRanges: ['203.0.113.0/25'] });
    expect(clientKind('104.16.3.4', [], own)).toBe('normal');
    expect(clientKind('203.0.113.127', [], own)).toBe('proxy');
    expect(clientKind('203.0.113.128', [], own)).toBe('normal');
    expect(clientKind('198.51.100.1', [], own)).toBe('proxy');
    expect(sharedWords('198.51.100.1', own)).toBe('This address is a proxy that many visitors share.');
    const none = proxyNets({ cdnRanges: [] });
    expect(clientKind('104.16.3.4', [], none)).toBe('normal');
    expect(clientKind('104.16.3.4', [], proxyNets({ own: ['198.51.100.0/24'] }))).toBe('proxy');
  });

  it('reads bad input as an ordinary visitor', () => {
    for (const text of ['', 'garbage', '104.16.3', '104.16.3.4/32', '\x00104.16.3.4', 'x'.repeat(1e6)]) {
      expect(clientKind(text, ['garbage', ''])).toBe('normal');
      expect(sharedWords(text)).toBe('This address is a proxy that many visitors share.');
    }
  });
});
