// Upgrades keep what there is; one that fails returns to the version before, with its database.
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { asVersion, placeTree } from './archive.ts';
import { ask, difference, Server, whyNoServer } from './server.ts';
import { addSite, EXCLUSION_FILE, RULE, VHOST } from './site.ts';

// Each step copies and checks 150 MB; the machine may be busy.
jest.setTimeout(120_000);

const skipped = whyNoServer();
const whole = skipped === null ? describe : describe.skip;
if (skipped !== null) console.error(`SKIPPED: upgrades on a server of folders: ${skipped}`);

const CONFIG = '{ "reloadSeconds": 0, "searchSeconds": 7 }\n';
const DATABASE = /^\/var\/(?:lib|cache)\/whyblocked\//;

/** A version that ruins the database and then does not start. */
function broken(put: (name: string, text: string) => void): void {
  put(
    'src/main.ts',
    `import { writeFileSync } from 'node:fs';
if (process.argv[2] === 'serve') {
  writeFileSync('/var/lib/whyblocked/whyblocked.db', 'ruined');
  process.exit(3);
}
`,
  );
}

function steady(server: Server): Map<string, string> {
  return new Map([...server.list()].filter(([path]) => !DATABASE.test(path)));
}

whole('an older version with an exclusion', () => {
  let server: Server;
  const install = (folder: string): { code: number | null; out: string } =>
    server.run(['sh', `/root/${folder}/install.sh`]);
  const active = (): unknown[] => {
    const { code, out } = server.run(['whyblocked', 'exclusions', '--json']);
    expect({ code, out }).toMatchObject({ code: 0 });
    return (JSON.parse(out) as { active: unknown[] }).active;
  };
  const version = (): string => server.run(['whyblocked', '--version']).out.trim();

  beforeAll(() => {
    server = new Server({ cpanel: true });
    addSite(server);
    asVersion('0.0.9', server, 'old');
    placeTree(join(server.root, 'root/new'));
    asVersion('9.9.9', server, 'broken', broken);
    expect(install('old').code).toBe(0);
    server.write('/etc/whyblocked/config.json', CONFIG);
    const scope = ['--rule', RULE, '--vhost', VHOST, '--reason', 'a customer’s search', '--yes'];
    const made = server.run(['whyblocked', 'exclude', ...scope, '--config', '/etc/whyblocked/config.json']);
    expect(made).toMatchObject({ code: 0 });
  }, 180_000);
  afterAll(() => {
    server.remove();
  });
  beforeEach(() => {
    expect(active()).toHaveLength(1);
  });

  test('an upgrade that does not start returns to it by itself, with its database', async () => {
    const before = steady(server);
    const exclusions = active();
    const { code, out } = install('broken');
    expect(code).toBe(1);
    expect(out).toContain('the service ended');
    expect(out).toContain('the version before (0.0.9) runs again');
    expect(difference(before, steady(server))).toEqual({ added: [], removed: [], changed: [] });
    expect(version()).toBe('0.0.9');
    expect(active()).toEqual(exclusions);
    expect((await ask(server)).status).toBe(200);
  });

  test('so does one that WHM does not register', async () => {
    const command = '/usr/local/cpanel/bin/register_appconfig';
    const real = server.read(command);
    const before = steady(server);
    // A new registration is wanted, and refused once.
    asVersion('9.9.8', server, 'other', (put) => {
      const text = server.read('/var/cpanel/apps/whyblocked.conf');
      put('plugin/whyblocked.conf', text.replace('displayname=', 'displayname=Other '));
    });
    server.program(command, `echo 'refused' >&2; cat >'${command}' <<'REAL'\n${real}REAL\nexit 1`);
    const { code, out } = install('other');
    rmSync(join(server.root, 'root/other'), { recursive: true });
    expect({ code, out }).toMatchObject({ code: 1 });
    expect(out).toContain('registering with WHM failed');
    expect(out).toContain('the version before (0.0.9) runs again');
    const { added, removed, changed } = difference(before, steady(server));
    expect([added, removed, changed]).toEqual([[], [], []]);
    expect(server.read('/var/cpanel/apps/whyblocked.conf')).toContain('displayname=Whyblocked');
    expect((await ask(server)).status).toBe(200);
  });

  test('a damaged archive is refused before anything is touched', () => {
    const before = steady(server);
    const pid = server.read('/run/stand-in/pid');
    placeTree(join(server.root, 'root/damaged'));
    rmSync(join(server.root, 'root/damaged/src/model.ts'));
    server.write('/root/damaged/src/model.ts', '// cut');
    const { code, out } = install('damaged');
    rmSync(join(server.root, 'root/damaged'), { recursive: true });
    expect(code).toBe(1);
    expect(out).toContain('src/model.ts: FAILED');
    expect(difference(before, steady(server))).toEqual({ added: [], removed: [], changed: [] });
    expect(server.read('/run/stand-in/pid')).toBe(pid);
  });

  test('a good one keeps database, configuration and exclusions, and a copy of the database', async () => {
    const exclusions = active();
    const file = server.read(EXCLUSION_FILE);
    const { code, out } = install('new');
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(out).toContain('The database of before is kept in /var/lib/whyblocked/before-upgrade.');
    expect(version()).toBe(server.read('/root/new/VERSION').trim());
    expect(active()).toEqual(exclusions);
    expect(server.read(EXCLUSION_FILE)).toBe(file);
    expect(server.read('/etc/whyblocked/config.json')).toBe(CONFIG);
    expect((await ask(server)).status).toBe(200);
    const list = server.list();
    const programs = [...list.keys()].filter((path) => /^\/opt\/whyblocked-releases\/[^/]+$/.test(path));
    expect(programs).toHaveLength(1);
    // The copy is whole: as the state of another root it shows the same exclusion.
    const copied = server.run([
      'sh',
      '-c',
      'cp -a /var/lib/whyblocked/before-upgrade /root/copy && whyblocked exclusions --json --state /root/copy',
    ]);
    expect((JSON.parse(copied.out) as { active: unknown[] }).active).toEqual(exclusions);
  });
});

whole('a first install that does not start', () => {
  test('leaves nothing behind', () => {
    const server = new Server({ cpanel: true });
    try {
      asVersion('9.9.9', server, 'broken', broken);
      const before = server.list();
      const { code, out } = server.run(['sh', '/root/broken/install.sh']);
      expect(code).toBe(1);
      expect(out).toContain('starting the service failed');
      expect(out).toContain('all is as it was before');
      expect(difference(before, server.list())).toEqual({ added: [], removed: [], changed: [] });
    } finally {
      server.remove();
    }
  });
});
