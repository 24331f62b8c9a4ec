// What --config and Apache say of proxies, from the file to the judgement of a client.
import { describe, expect, it } from '@jest/globals';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { proxyBook } from '../src/actions/proxy-nets.ts';
import { clientKind } from '../src/analyse/proxies.ts';
import { parseConfig } from '../src/config.ts';
import { openContext } from '../src/context.ts';
import { openHost } from '../src/host/local-host.ts';
import { tempDir } from './host/make-root.ts';

function rootWith(files: Readonly<Record<string, string>>): string {
  const root = tempDir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('fields of --config', () => {
  it('takes proxies, other ranges, and DNS', () => {
    const fields = { proxies: ['192.0.2.7', '2001:db8:1::/48'], cdnRanges: [], dns: 'off' };
    expect(parseConfig(JSON.stringify(fields), 'c').network).toEqual(fields);
    expect(parseConfig('{}', 'c').network).toEqual({});
    expect(parseConfig('{}', 'c').overrides).toEqual({});
  });

  it.each([
    [
      { proxies: ['lb.example.com'] },
      /c: "proxies\.0": must be an address or a net such as 198\.51\.100\.0\/24/,
    ],
    [{ proxies: ['0.0.0.0/0'] }, /none wider than \/8/],
    [{ proxies: '192.0.2.7' }, /c: "proxies"/],
    [{ proxies: ['192.0.2.0/33'] }, /"proxies\.0"/],
    [{ cdnRanges: ['192.0.2.0/24', 7] }, /"cdnRanges\.1"/],
    [{ cdnRanges: [`192.0.2.7${' '.repeat(60)}`] }, /"cdnRanges\.0"/],
    [{ dns: true }, /"dns"/],
    [{ dns: 'sometimes' }, /"dns"/],
    [{ proxy: [] }, /Known fields: .*proxies, cdnRanges, dns/],
  ])('refuses %j', (fields, words) => {
    expect(() => parseConfig(JSON.stringify(fields), 'c')).toThrow(words);
  });
});

describe("Apache's own proxies", () => {
  const files = {
    '/etc/apache2/conf.d/remoteip.conf':
      'RemoteIPTrustedProxy 198.51.100.7\nRemoteIPTrustedProxyList conf/p.lst\n',
    '/etc/apache2/conf.d/includes/pre_main_global.conf': 'RemoteIPInternalProxy 10.1.0.0/24\n',
    '/etc/apache2/conf.modules.d/370_mod_remoteip.conf': 'RemoteIPTrustedProxy 198.51.100.7 192.0.2.9\n',
    '/etc/apache2/conf/p.lst': '203.0.113.128/25\n',
    '/etc/apache2/conf.d/notes.txt': 'RemoteIPTrustedProxy 203.0.113.1\n',
  };

  it('are read from the files that hold for all vhosts', () => {
    const host = openHost({ root: rootWith(files), env: {} });
    expect(host.remoteProxies()).toEqual(['10.1.0.0/24', '192.0.2.9', '198.51.100.7', '203.0.113.128/25']);
    expect(openHost({ root: tempDir(), env: {} }).remoteProxies()).toEqual([]);
  });

  it('stay inside the root, and pass over what is no file', () => {
    const outside = rootWith({ '/p.conf': 'RemoteIPTrustedProxy 203.0.113.1\n' });
    const root = rootWith({ '/etc/apache2/conf.d/a.conf': 'RemoteIPTrustedProxyList /../../p.conf\n' });
    symlinkSync(join(outside, 'p.conf'), join(root, 'etc/apache2/conf.d/b.conf'));
    mkdirSync(join(root, 'etc/apache2/conf.d/c.conf'));
    expect(openHost({ root, env: {} }).remoteProxies()).toEqual([]);
  });

  it('reach the context together with those of --config', () => {
    const root = rootWith(files);
    const config = parseConfig('{"proxies":["192.0.2.64/26"],"cdnRanges":[]}', 'c');
    const state = join(tempDir(), 'state');
    const ctx = openContext({ root, ...config, state, version: '0', env: {}, warn: () => undefined });
    const kind = (address: string): string => clientKind(address, [], ctx.proxies());
    expect(['192.0.2.65', '198.51.100.7', '10.1.0.9', '203.0.113.129'].map(kind)).toEqual(
      Array(4).fill('proxy'),
    );
    expect(['192.0.2.1', '104.16.1.1', '203.0.113.1', '10.2.0.1'].map(kind)).toEqual(Array(4).fill('normal'));
    ctx.close();
  });

  it('are looked at again after ten minutes', () => {
    let asked = 0;
    let now = 1_000_000;
    const proxies = proxyBook({ remoteProxies: () => (asked++ === 0 ? [] : ['192.0.2.1']) }, {}, () => now);
    expect(clientKind('192.0.2.1', [], proxies())).toBe('normal');
    now += 599_000;
    expect(clientKind('192.0.2.1', [], proxies())).toBe('normal');
    expect(asked).toBe(1);
    now += 1000;
    expect(clientKind('192.0.2.1', [], proxies())).toBe('proxy');
    expect(clientKind('104.16.1.1', [], proxies())).toBe('proxy');
    expect(asked).toBe(2);
  });
});
