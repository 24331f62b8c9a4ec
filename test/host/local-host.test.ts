import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openHost } from '../../src/host/local-host.ts';
import { makeRoot, makeServer } from './make-root.ts';

describe('vhosts and their names', () => {
  const server = makeServer();
  server.write(
    '/var/cpanel/userdata/shopuser/shop.example.com',
    'servername: shop.example.com\nserveralias: www.shop.example.com\n',
  );
  server.write(
    '/var/cpanel/userdata/shopuser/shop.example.com_SSL',
    'serveralias: mail.shop.example.com www.shop.example.com\n',
  );
  const host = server.host();

  test('come from userdatadomains', () => {
    expect(host.vhosts().map(({ domain, vhost, kind }) => [domain, vhost, kind])).toEqual([
      ['shop.example.com', 'shop.example.com', 'main'],
      ['addon.example.net', 'addon.shop.example.com', 'addon'],
      ['*.wild.example.org', '*.wild.example.org', 'sub'],
    ]);
  });

  test('aliases: those of both files, and the domains it serves', () => {
    expect(host.aliases('shop.example.com')).toEqual(['mail.shop.example.com', 'www.shop.example.com']);
    expect(host.aliases('addon.shop.example.com')).toEqual(['addon.example.net']);
    expect(host.aliases('unknown.example.com')).toEqual([]);
    expect(host.aliases('../../../etc')).toEqual([]);
  });

  test('a change of the file is seen', () => {
    server.write(
      '/etc/userdatadomains',
      'new.example.com: a==root==main==new.example.com==/home/a/public_html\n',
      1000,
    );
    expect(host.vhosts().map(({ domain }) => domain)).toEqual(['new.example.com']);
  });

  test('a server without that file has none', () => {
    expect(makeRoot().host().vhosts()).toEqual([]);
  });
});

describe('rule files', () => {
  test('of vendors and the server’s own, by the path that ModSecurity logs; kept until they change', () => {
    const server = makeServer();
    const rules = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/a.conf';
    server.write(rules, 'one');
    server.write('/etc/apache2/conf.d/modsec/modsec2.user.conf', 'two');
    server.write('/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/words.data', 'no rule');
    server.write('/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/big.conf', 'x'.repeat(5_000_000));
    const host = server.host();
    const read = (): unknown => host.ruleFiles().map(({ path, text }) => [path, text]);
    expect(read()).toEqual([
      [rules, 'one'],
      ['/etc/apache2/conf.d/modsec/modsec2.user.conf', 'two'],
    ]);
    server.write(rules, 'three', 1000);
    expect(read()).toContainEqual([rules, 'three']);
  });
});

describe('what the server is', () => {
  test('its name and addresses, not those of other machines in /etc/hosts', () => {
    const server = makeServer();
    server.write('/etc/hostname', 'Host.Example.net\n');
    server.write(
      '/etc/hosts',
      '127.0.0.1 localhost\n192.0.2.10 host.example.net host # own\n198.51.100.4 api.example.org\n2001:0db8::10 host\n',
    );
    server.write('/etc/ips', '192.0.2.90:255.255.255.0:192.0.2.255\n');
    server.write('/var/cpanel/mainip', '192.0.2.9');
    const host = server.host();
    expect(host.hostname()).toBe('host.example.net');
    expect([...host.ownAddresses()].sort()).toEqual(
      [
        '127.0.0.1',
        '::1',
        '192.0.2.9',
        '192.0.2.90',
        '192.0.2.80',
        '192.0.2.81',
        '192.0.2.10',
        '2001:db8::10',
      ].sort(),
    );
  });

  test('a copied server has nothing of this machine', () => {
    const host = makeRoot().host();
    expect(host.hostname()).toBeNull();
    expect(host.ownAddresses()).toEqual(['127.0.0.1', '::1']);
  });

  test('the root `/` has this machine’s interfaces', () => {
    const own = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).map(({ address }) => address),
    );
    expect(openHost({ root: '/', env: {} }).ownAddresses()).toEqual(
      expect.arrayContaining(own.filter((a) => a.includes('.'))),
    );
  });
});

describe('the folder for our own data', () => {
  test('by default below XDG_STATE_HOME or the home, private, one per root', () => {
    const server = makeServer();
    const host = server.host();
    const dir = host.stateDir();
    expect(dir).toMatch(new RegExp(`^${server.outside}/\\.local/state/whyblocked/[0-9a-f]{16}$`));
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(host.stateDir()).toBe(dir);
    const xdg = openHost({
      root: server.dir,
      env: { HOME: '/x', XDG_STATE_HOME: join(server.outside, 'xdg') },
    });
    expect(xdg.stateDir()).toBe(join(server.outside, 'xdg/whyblocked', dir.slice(-16)));
    const other = openHost({ root: join(server.dir, 'etc'), env: { HOME: server.outside } });
    expect(other.stateDir()).not.toBe(dir);
  });

  test('is refused inside the root, through a link too, and nothing is made there', () => {
    const server = makeServer();
    const host = server.host();
    symlinkSync(server.dir, join(server.outside, 'link'));
    for (const inside of [server.dir, join(server.dir, 'state'), join(server.outside, 'link/deep/state')]) {
      expect(() => host.stateDir(inside)).toThrow(/inside the root/);
    }
    const xdg = openHost({ root: server.dir, env: { XDG_STATE_HOME: join(server.dir, 'var') } });
    expect(() => xdg.stateDir()).toThrow(/inside the root/);
    expect(() => statSync(join(server.dir, 'state'))).toThrow();
    // A name that only begins like the root lies beside it.
    expect(host.stateDir(`${server.dir}-state`)).toBe(`${server.dir}-state`);
  });

  test('is refused when others can write to it, and a chosen one is not changed', () => {
    const server = makeServer();
    const chosen = join(server.outside, 'chosen');
    mkdirSync(chosen);
    chmodSync(chosen, 0o777);
    expect(() => server.host().stateDir(chosen)).toThrow(/Others can write/);
    expect(statSync(chosen).mode & 0o777).toBe(0o777);
    chmodSync(chosen, 0o755);
    expect(server.host().stateDir(chosen)).toBe(chosen);
    expect(statSync(chosen).mode & 0o777).toBe(0o755);
  });
});

test('csf’s files are read where they are', async () => {
  const server = makeServer();
  server.write('/etc/csf/csf.deny', '198.51.100.1\n');
  server.write('/var/lib/csf/csf.tempban', '1|198.51.100.2||in|60|lfd\n');
  const host = server.host();
  expect(await host.csfFile('deny')).toMatchObject({
    path: '/etc/csf/csf.deny',
    text: '198.51.100.1\n',
    stable: true,
  });
  expect(await host.csfFile('tempban')).toMatchObject({ path: '/var/lib/csf/csf.tempban', stable: true });
  expect(await host.csfFile('conf')).toMatchObject({ path: '/etc/csf/csf.conf', problem: 'missing' });
});
