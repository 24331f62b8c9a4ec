import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { usableNet } from '../../src/parse/address.ts';
import { parseProxyList, parseRemoteProxies } from '../../src/parse/remote-ip.ts';

const CONF = [
  'LoadModule remoteip_module modules/mod_remoteip.so',
  '<IfModule remoteip_module>',
  '  RemoteIPHeader X-Forwarded-For',
  '  remoteiptrustedproxy 198.51.100.7 198.51.100.64/26 \\',
  '    2001:DB8:1::/48 "192.0.2.9"',
  '  RemoteIPInternalProxy 10.0.0.0/24',
  '</IfModule>',
  '# RemoteIPTrustedProxy 203.0.113.1',
  '<VirtualHost *:80>',
  '  RemoteIPInternalProxy 203.0.113.128/25 lb.example.com 0.0.0.0/0 0.0.0.0/1 ::/8 198.51.100.7/33',
  '  RemoteIPTrustedProxyList conf/proxies.lst',
  '</VirtualHost>',
  "RemoteIPInternalProxyList '/etc/apache2/inner proxies.lst' ignored",
  'RemoteIPTrustedProxy',
  'RemoteIPProxyProtocolExceptions 203.0.113.2',
].join('\n');

describe('proxies in an Apache configuration', () => {
  it('reads addresses, nets and lists in any section', () => {
    expect(parseRemoteProxies(CONF)).toEqual({
      nets: [
        ...['198.51.100.7', '198.51.100.64/26', '2001:db8:1::/48', '192.0.2.9', '10.0.0.0/24'],
        '203.0.113.128/25',
      ],
      lists: ['conf/proxies.lst', '/etc/apache2/inner proxies.lst'],
    });
    expect(parseRemoteProxies('')).toEqual({ nets: [], lists: [] });
  });

  it('reads a list of proxies', () => {
    const text =
      '# ours\r\n198.51.100.7 # first\r\n2001:db8::/32 192.0.2.0/24\nlb.example.com\n\0\n0.0.0.0/0\n';
    expect(parseProxyList(text)).toEqual(['198.51.100.7', '2001:db8::/32', '192.0.2.0/24']);
  });

  it('never throws, gives usable nets only, and stands a cut anywhere', () => {
    for (let end = 0; end <= CONF.length; end++) parseRemoteProxies(CONF.slice(0, end));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const net of [
          ...parseRemoteProxies(`RemoteIPTrustedProxy ${text}`).nets,
          ...parseProxyList(text),
        ])
          expect(usableNet(net)).toBe(net);
      }),
    );
    parseRemoteProxies(`RemoteIPTrustedProxy ${'198.51.100.7 '.repeat(80_000)}`);
    parseProxyList('x'.repeat(1e6));
  });
});

describe('nets that can be somebody’s own', () => {
  it('are neither too wide nor anything else', () => {
    expect(usableNet('10.0.0.0/8')).toBe('10.0.0.0/8');
    expect(usableNet('10.1.2.3/8')).toBe('10.0.0.0/8');
    expect(usableNet('2001:db8::/16')).toBe('2001::/16');
    expect(usableNet(' 192.0.2.7 ')).toBe('192.0.2.7');
    for (const text of ['10.0.0.0/7', '2001::/15', '0.0.0.0/0', '', 'x', 'example.com', '192.0.2.0/', '/24'])
      expect([text, usableNet(text)]).toEqual([text, null]);
  });
});
