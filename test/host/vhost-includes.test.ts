import { describe, expect, test } from '@jest/globals';
import { makeServer, type TestRoot } from './make-root.ts';

const TOP = '/etc/apache2/conf.d/userdata';

function serverWithIncludes(): TestRoot {
  const server = makeServer();
  server.write(
    '/var/cpanel/userdata/shopuser/shop.example.com',
    'servername: shop.example.com\nserveralias: www.shop.example.com\n',
  );
  for (const path of [
    'all.conf',
    'x.owner-root',
    'x.owner-reseller',
    'std/one.conf',
    'std/2_4/two.conf',
    'std/2_4/shopuser/modsec.conf',
    'std/2_4/shopuser/shop.example.com/modsec.conf',
    'std/2_4/shopuser/shop.example.com/whyblocked.conf',
    'std/2_4/shopuser/shop.example.com/modsec.conf.bak',
    'std/2_4/shopuser/shop.example.com/.hidden.conf',
    'std/2_4/shopuser/www.shop.example.com/alias.conf',
    'std/2_4/shopuser/addon.shop.example.com/addon.conf',
    'std/2_4/wilduser/_wildcard_.wild.example.org/wild.conf',
    'std/2/shopuser/old.conf',
    'ssl/2/shopuser/shop.example.com/fallback.conf',
  ])
    server.write(`${TOP}/${path}`, `# ${path}\n`);
  return server;
}

const below = (server: TestRoot, vhost: string | null): string[] =>
  server
    .host()
    .includeFiles(vhost)
    .files.map(({ path }) => path.replace(`${TOP}/`, ''));

describe('include files', () => {
  test('of one vhost, in the order in which Apache reads them', () => {
    expect(below(serverWithIncludes(), 'shop.example.com')).toEqual([
      'all.conf',
      'x.owner-root',
      'std/one.conf',
      'std/2_4/two.conf',
      'std/2_4/shopuser/modsec.conf',
      'std/2_4/shopuser/shop.example.com/modsec.conf',
      'std/2_4/shopuser/shop.example.com/whyblocked.conf',
      'std/2_4/shopuser/www.shop.example.com/alias.conf',
      'ssl/2/shopuser/shop.example.com/fallback.conf',
    ]);
  });

  test('of a wildcard vhost lie in a folder without the star', () => {
    expect(below(serverWithIncludes(), '*.wild.example.org')).toContain(
      'std/2_4/wilduser/_wildcard_.wild.example.org/wild.conf',
    );
  });

  test('of a vhost that nobody has: only those that all share', () => {
    expect(below(serverWithIncludes(), '../../etc')).toEqual([
      'all.conf',
      'std/one.conf',
      'std/2_4/two.conf',
    ]);
  });

  test('of all vhosts, each with whose it is', () => {
    const { files, problems, cut } = serverWithIncludes().host().includeFiles(null);
    expect(files).toHaveLength(12);
    expect(files.find(({ path }) => path.endsWith('/addon.conf'))).toEqual({
      path: `${TOP}/std/2_4/shopuser/addon.shop.example.com/addon.conf`,
      text: '# std/2_4/shopuser/addon.shop.example.com/addon.conf\n',
      mtimeMs: expect.any(Number),
      tree: 'std',
      account: 'shopuser',
      domain: 'addon.shop.example.com',
      owner: null,
    });
    expect(files.find(({ path }) => path.endsWith('.owner-reseller'))).toMatchObject({
      tree: 'both',
      owner: 'reseller',
      account: null,
    });
    expect([problems, cut]).toEqual([[], false]);
  });

  test('of the server: one level of conf.d, its includes, and the two of ModSecurity', () => {
    const server = makeServer();
    const conf = '/etc/apache2/conf.d';
    for (const path of [
      'modsec2.whitelist.conf',
      'php.conf',
      'modsec/modsec2.user.conf',
      'modsec/modsec2.cpanel.conf',
      'includes/post_virtualhost_global.conf',
      'modsec_vendor_configs/OWASP3/rules/a.conf',
      'modsec2.conf.PREVIOUS',
    ])
      server.write(`${conf}/${path}`, 'x');
    const { files } = server.host().includeFiles('shop.example.com');
    expect(files.map(({ path, tree }) => [path.replace(`${conf}/`, ''), tree])).toEqual([
      ['modsec/modsec2.user.conf', 'server'],
      ['modsec/modsec2.cpanel.conf', 'server'],
      ['modsec2.whitelist.conf', 'server'],
      ['php.conf', 'server'],
      ['includes/post_virtualhost_global.conf', 'server'],
    ]);
  });

  test('links inside the root are followed as Apache does; what cannot be read is said', () => {
    const server = makeServer();
    server.write('/srv/shared/a.conf', 'SecRuleRemoveById 1\n');
    server.link(`${TOP}/std/2_4/shopuser/shop.example.com`, '/srv/shared');
    server.write(`${TOP}/std/2_4/shopuser/big.conf`, 'x'.repeat(64 * 1024 + 1));
    server.write(`${TOP}/std/2_4/shopuser/full.conf`, 'x'.repeat(64 * 1024));
    server.link(`${TOP}/std/2_4/shopuser/gone.conf`, '/nowhere');
    server.folder(`${TOP}/std/2_4/shopuser/folder.conf`);
    const { files, problems } = server.host().includeFiles(null);
    expect(files.map(({ path }) => path)).toEqual([
      `${TOP}/std/2_4/shopuser/full.conf`,
      `${TOP}/std/2_4/shopuser/shop.example.com/a.conf`,
    ]);
    expect(problems).toEqual([
      { path: `${TOP}/std/2_4/shopuser/gone.conf`, problem: 'missing' },
      { path: `${TOP}/std/2_4/shopuser/big.conf`, problem: 'too large' },
    ]);
  });

  test('a change of a file is seen, a kept text is as good as a read one', () => {
    const server = serverWithIncludes();
    const host = server.host();
    const text = (): string | undefined =>
      host.includeFiles(null).files.find(({ path }) => path.endsWith('/addon.conf'))?.text;
    const before = text();
    expect(text()).toBe(before);
    server.write(`${TOP}/std/2_4/shopuser/addon.shop.example.com/addon.conf`, 'new\n', 1000);
    expect(text()).toBe('new\n');
  });

  test('beyond 64 MiB the rest is left, and that is said', () => {
    const server = serverWithIncludes();
    const mebibyte = Buffer.alloc(1024 * 1024, 'x');
    for (let number = 0; number < 65; number++) server.write(`/etc/apache2/conf.d/${number}.conf`, mebibyte);
    const { files, cut } = server.host().includeFiles(null);
    expect(cut).toBe(true);
    expect(files).toHaveLength(64);
  });
});
