// install.sh and uninstall.sh on a server of folders, from the unpacked release archive and without a network.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { placeTree } from './archive.ts';
import { ask, difference, type Ran, Server, whyNoServer } from './server.ts';
import { addSite, EXCLUSION_FILE, RULE, VHOST } from './site.ts';

// Each step copies and checks 150 MB; the machine may be busy.
jest.setTimeout(120_000);

const skipped = whyNoServer();
const whole = skipped === null ? describe : describe.skip;
if (skipped !== null) console.error(`SKIPPED: install.sh on a server of folders: ${skipped}`);

const CGI = '/usr/local/cpanel/whostmgr/docroot/cgi/whyblocked';
const ICON = '/usr/local/cpanel/whostmgr/docroot/addon_plugins/whyblocked.png';
const UNPACKED = '/root/whyblocked';
const CSF_CONF = '/etc/csf/csf.conf';
const CONFIG = '{ "reloadSeconds": 0, "csfCommand": ["/usr/bin/true"] }\n';
/** What an admin had lfd call before. */
const REPORT = '/usr/local/bin/report';
/** What changes by itself while the service runs. */
const isLively = (path: string): boolean => /^\/(?:var\/lib|var\/cache|run)\/whyblocked/.test(path);

function steady(list: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...list].filter(([path]) => !isLively(path)));
}

whole('a cPanel server', () => {
  let server: Server;
  let before: Map<string, string>;
  const install = (): string => {
    const { code, out } = server.run(['sh', `${UNPACKED}/install.sh`]);
    expect({ code, out }).toMatchObject({ code: 0 });
    return out;
  };
  const mode = (path: string): string => (statSync(join(server.root, path)).mode & 0o7777).toString(8);
  const exclude = (): void => {
    server.write('/etc/whyblocked/config.json', CONFIG);
    const scope = ['--rule', RULE, '--vhost', VHOST, '--reason', 'a customer’s search', '--yes'];
    const { code, out } = server.run([
      'whyblocked',
      'exclude',
      ...scope,
      '--config',
      '/etc/whyblocked/config.json',
    ]);
    expect({ code, out }).toMatchObject({ code: 0 });
  };

  beforeAll(() => {
    server = new Server({ cpanel: true });
    addSite(server);
    placeTree(join(server.root, UNPACKED));
    server.write(CSF_CONF, `TESTING = "0"\nBLOCK_REPORT = "${REPORT}"\n`);
    server.program(REPORT, 'echo "$# $8" >>/run/stand-in/reported');
    before = server.list();
  }, 180_000);
  afterAll(() => {
    server.remove();
  });

  test('is installed without network, npm or compiler, and says what it found and what comes next', () => {
    const out = install();
    expect(out).toMatch(/ok {4}root, systemd\n.*ok {4}architecture/s);
    expect(out).toContain('ok    cPanel 11.138.0.5');
    expect(out).toContain('Next: open WHM');
    expect(server.has('/run/stand-in/forbidden')).toBe(false);
  });

  test('the page answers on the socket, to root alone', async () => {
    const page = await ask(server);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<title>');
    expect((await ask(server, { isRoot: false })).status).toBe(403);
    expect(mode('/run/whyblocked')).toBe('700');
    expect(mode('/run/whyblocked/whyblocked.sock')).toBe('600');
  });

  test('the service runs with the unit’s environment and rights', () => {
    const pid = server.read('/run/stand-in/pid').trim();
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    // CAP_DAC_READ_SEARCH is the third bit.
    expect(status).toMatch(/^CapEff:\t0{15}4$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).toMatch(/^Umask:\t0077$/m);
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    expect(environment).toEqual(
      expect.arrayContaining(['WHYBLOCKED_SANDBOX=1', 'NODE_COMPILE_CACHE=/var/cache/whyblocked']),
    );
  });

  test('the compiled code of the archive is in place, and the first start adds little to it', () => {
    const cached = (list: ReadonlyMap<string, string>, top: string): string[] =>
      [...list.keys()]
        .filter((path) => path.startsWith(top) && (list.get(path) ?? '').startsWith('file'))
        .map((path) => path.slice(top.length));
    const list = server.list();
    const brought = cached(before, `${UNPACKED}/compile-cache/`);
    const kept = cached(list, '/var/cache/whyblocked/');
    expect(brought.length).toBeGreaterThan(500);
    expect(kept).toEqual(expect.arrayContaining(brought));
    expect(kept.length - brought.length).toBeLessThan(60);
  });

  test('what WHM reads is root’s, and registered once with its hooks', () => {
    expect([mode(CGI), mode(`${CGI}/index.cgi`), mode(`${CGI}/static/whyblocked.css`)]).toEqual([
      '700',
      '700',
      '600',
    ]);
    expect(server.read(ICON).slice(1, 4)).toBe('PNG');
    expect(server.read('/etc/whyblocked/config.json')).toBe('{}\n');
    expect(mode('/etc/whyblocked/config.json')).toBe('600');
    expect(server.read('/var/cpanel/apps/whyblocked.conf')).toContain('name=whyblocked');
    expect(
      server
        .read('/var/cpanel/hooks.list')
        .trim()
        .split('\n')
        .map((line) => line.split(' ').slice(1).join(' ')),
    ).toEqual([
      'Whostmgr Accounts::Create post',
      'Whostmgr Accounts::Modify post',
      'Whostmgr Accounts::Remove post',
      'scripts modsec_vendor::update post',
    ]);
  });

  test('doctor finds the plugin whole, and the service behind it', () => {
    const { out } = server.run(['whyblocked', 'doctor', '--json']);
    const { checks } = JSON.parse(out.slice(out.indexOf('{'))) as { checks: { id: string; state: string }[] };
    const states = Object.fromEntries(checks.map(({ id, state }) => [id, state]));
    expect(states).toMatchObject({
      ...{ registered: 'ok', cgi: 'ok', static: 'ok', icon: 'ok', hooks: 'ok', domains: 'ok' },
      ...{ service: 'ok', socket: 'ok', glibc: 'ok', root: 'ok', whm: 'unknown' },
    });
    rmSync(join(server.root, ICON));
    const without = server.run(['whyblocked', 'doctor']).out;
    expect(without).toMatch(/look {2}cpanel: Icon: .*missing\n.*\n *-> install\.sh puts it back/);
    install();
    expect(server.run(['whyblocked', 'doctor']).out).toMatch(/ok {4}cpanel: Icon/);
  });

  test('the command is in the PATH', () => {
    expect(server.run(['whyblocked', '--version'])).toEqual({
      code: 0,
      out: server.read('/opt/whyblocked/VERSION'),
    });
  });

  test('a second time changes nothing and keeps the service running', () => {
    const first = steady(server.list());
    const pid = server.read('/run/stand-in/pid');
    install();
    expect(difference(first, steady(server.list()))).toEqual({ added: [], removed: [], changed: [] });
    expect(server.read('/run/stand-in/pid')).toBe(pid);
    expect(server.read('/var/cpanel/hooks.list').trim().split('\n')).toHaveLength(4);
  });

  test('a hook of cPanel gets its answer at once, reads all it is given, and has the exclusions looked at', async () => {
    const input = JSON.stringify({ data: { user: 'x'.repeat(1024 * 1024) } });
    const began = Date.now();
    const ran = server.run(['/opt/whyblocked/plugin/hook'], { input, env: ['WHYBLOCKED_HOOK_DELAY=0'] });
    expect(ran).toEqual({ code: 0, out: '1 OK\n' });
    expect(Date.now() - began).toBeLessThan(2000);
    await until(
      () => server.has('/var/lib/whyblocked/hook.log') && server.read('/var/lib/whyblocked/hook.log') !== '',
    );
    expect(server.read('/var/lib/whyblocked/hook.log')).toBe('All is as it was left.\n');
  });

  test('after an upgrade of cPanel what it removed is back', async () => {
    for (const path of [ICON, CGI, '/var/cpanel/apps/whyblocked.conf', '/var/cpanel/hooks.list'])
      rmSync(join(server.root, path), { recursive: true });
    const argv = ['/opt/whyblocked/plugin/hook', '11.138.0.5', '11.140.0.1'];
    expect(server.run(argv, { env: ['WHYBLOCKED_HOOK_DELAY=0'] })).toEqual({ code: 0, out: '' });
    await until(() => server.read('/var/lib/whyblocked/hook.log').includes('as it was left'));
    for (const path of [ICON, `${CGI}/index.cgi`, '/var/cpanel/apps/whyblocked.conf'])
      expect(server.has(path)).toBe(true);
    expect(server.read('/var/cpanel/hooks.list').trim().split('\n')).toHaveLength(4);
  });

  test('the hook takes the place of what lfd called, calls it, and the service hears of the block', async () => {
    server.write('/etc/whyblocked/config.json', CONFIG);
    const hook = (...argv: string[]): Ran =>
      server.run(['whyblocked', 'hook', ...argv, '--config', '/etc/whyblocked/config.json']);
    const sure = ['--reason', 'mails with log lines', '--yes'];
    expect(hook('install', ...sure)).toMatchObject({
      code: 1,
      out: expect.stringContaining('--chain') as unknown,
    });
    expect(hook('install', '--chain', ...sure)).toMatchObject({ code: 0 });
    expect(server.read(CSF_CONF)).toBe('TESTING = "0"\nBLOCK_REPORT = "/opt/whyblocked/plugin/csf-hook"\n');
    const said = '(mod_security) mod_security (id:949110) triggered by 203.0.113.9: 5 in the last 3600 secs';
    const args = ['203.0.113.9', '*', '1', 'inout', '1', said, 'a line\n', 'LF_MODSEC'];
    expect(server.run(['/opt/whyblocked/plugin/csf-hook', ...args])).toEqual({ code: 0, out: '' });
    expect(server.read('/run/stand-in/reported')).toBe('8 LF_MODSEC\n');
    const view = (): { waiting: number; lastCall: string | null } =>
      JSON.parse(hook('status', '--json').out) as { waiting: number; lastCall: string | null };
    await until(() => view().lastCall !== null);
    expect(view().waiting).toBe(0);
    expect(mode('/var/lib/whyblocked/blocks')).toBe('700');
  });

  // Below /usr nothing can be added here: the stand-in covers the real one.
  (existsSync('/usr/bin/systemd-run') ? test : test.skip)(
    'inside the unit’s sandbox an exclusion is made and taken back, Apache’s programs run outside',
    () => {
      server.write('/etc/whyblocked/config.json', CONFIG);
      const inside = (...argv: string[]): Ran =>
        server.run(['unshare', '-m', 'systemctl', '--inside', ...argv]);
      const act = (...argv: string[]): Ran =>
        inside(
          '/opt/whyblocked/plugin/whyblocked',
          ...argv,
          '--yes',
          '--config',
          '/etc/whyblocked/config.json',
        );
      const exclude = ['exclude', '--rule', RULE, '--vhost', VHOST, '--reason', 'tried in the sandbox'];
      // Without a systemd that answers nothing is changed.
      expect(act(...exclude).code).toBe(1);
      expect(server.has(EXCLUSION_FILE)).toBe(false);
      server.run(['sh', '-c', 'systemctl --systemd </dev/null >/dev/null 2>&1 & sleep 0.3']);
      expect(act(...exclude)).toMatchObject({ code: 0 });
      expect(server.read(EXCLUSION_FILE)).toContain(`ctl:ruleRemoveById=${RULE}`);
      expect(act('revert', '1', '--reason', 'tried')).toMatchObject({ code: 0 });
      expect(server.read(EXCLUSION_FILE)).not.toMatch(/^\s*Sec/m);
      server.run(['sh', '-c', 'touch /run/stand-in/end; echo true >/run/stand-in/asked']);
      const outside = server.read('/run/stand-in/outside');
      expect(outside).toContain('/usr/local/sbin/httpd -DSSL -e error -t\n');
      expect(outside).toContain('/usr/local/cpanel/scripts/restartsrv_httpd --graceful\n');
      for (const path of ['/etc/passwd', '/opt/whyblocked/VERSION', '/etc/whyblocked/config.json'])
        expect(inside('sh', '-c', `echo >>${path}`).out).toContain('Read-only file system');
    },
  );

  test('is removed; exclusions stay where nobody can be asked, and it says so', () => {
    exclude();
    const { code, out } = server.run(['sh', '/opt/whyblocked/uninstall.sh']);
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(out).toContain('Exclusions in force: 1. They stay');
    // SIGTERM is a clean end, not a failure that systemd would answer with a restart.
    expect(server.read('/run/stand-in/calls').match(/ended with .*/g)).toEqual(['ended with 0']);
    expect(out).toContain(`Left in force`);
    // What lfd called before is called again, when lfd has been restarted.
    expect(server.read(CSF_CONF)).toContain(`BLOCK_REPORT = "${REPORT}"\n`);
    expect(out).toContain('csf --lfd restart');
    expect(server.has('/var/lib/whyblocked/blocks')).toBe(false);
    const { added, removed, changed } = difference(before, server.list());
    expect(removed).toEqual([]);
    expect(changed).toEqual(['/etc/apache2/logs/error_log']);
    const left = added.filter(
      (path) => !path.startsWith('/var/lib/whyblocked/') && !path.startsWith('/etc/apache2/conf.d/userdata/'),
    );
    expect(left).toEqual(['/etc/whyblocked', '/etc/whyblocked/config.json', '/var/lib/whyblocked']);
    for (const path of [
      EXCLUSION_FILE,
      EXCLUSION_FILE.replace('/std/', '/ssl/'),
      '/etc/whyblocked',
      '/var/lib/whyblocked',
    ])
      expect(out).toContain(path);
    expect(server.read(EXCLUSION_FILE)).toContain(`ctl:ruleRemoveById=${RULE}`);
  });

  test('comes back with its exclusions; one that cannot be taken back stops --revert', () => {
    install();
    server.write('/run/httpd-says', 'Syntax error on line 1\n');
    const { code, out } = server.run(['sh', '/opt/whyblocked/uninstall.sh', '--revert', '--purge']);
    expect(code).toBe(1);
    expect(out).toMatch(/Exclusion \d could not be taken back/);
    expect(out).toContain('Whyblocked stays installed');
    expect(server.read('/run/stand-in/pid')).not.toBe('');
    expect(server.has('/usr/local/bin/whyblocked')).toBe(true);
    rmSync(join(server.root, 'run/httpd-says'));
  });

  test('--revert takes them back first, --purge leaves nothing but what Apache includes', () => {
    const { code, out } = server.run(['sh', '/opt/whyblocked/uninstall.sh', '--revert', '--purge']);
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(out).toContain('Taken back on shop.example.com');
    const { added, removed, changed } = difference(before, server.list());
    expect([removed, changed]).toEqual([[], ['/etc/apache2/logs/error_log']]);
    const files = added.filter((path) => server.list().get(path)?.startsWith('file'));
    expect(files).toEqual([EXCLUSION_FILE.replace('/std/', '/ssl/'), EXCLUSION_FILE]);
    for (const file of files) expect(out).toContain(`  ${file}\n`);
    expect(server.read(EXCLUSION_FILE)).not.toMatch(/^\s*Sec/m);
    expect(server.run(['sh', `${UNPACKED}/uninstall.sh`])).toMatchObject({
      code: 1,
      out: 'Whyblocked is not installed here.\n',
    });
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !isTrue();) {
    if (Date.now() > end) throw new Error('it did not come to pass');
    await sleep(50);
  }
}
