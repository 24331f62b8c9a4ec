// In the sandbox of our unit the server's programs are started by systemd-run, with their output and exit code.
import { afterAll, describe, expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../src/host/local-host.ts';
import { outsideSandbox, SYSTEMD_RUN } from '../../src/host/outside-sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'whyblocked-outside-'));
mkdirSync(join(folder, 'root'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Keeps what it was asked for, then does what systemd does: runs what follows `--`, with `$$` as one sign. */
const systemdRun = script(
  'systemd-run',
  `printf '%s\\n' "$@" >>'${folder}/asked'
while [ "$1" != -- ]; do shift; done
shift
for word; do shift; set -- "$@" "$(printf '%s' "$word" | sed 's/\\$\\$/$/g')"; done
exec "$@"`,
);
const httpd = script('httpd', 'echo "Syntax error in $1 $2" >&2; exit 3');
const commands = {
  httpdTest: [httpd, '-t'],
  httpdTestFile: [httpd, '-f'],
  modules: [httpd, '-M'],
  rebuild: [httpd, '$HOME'],
  rebuildPreview: [httpd, 'preview'],
  restart: [httpd, 'restart'],
};

describe('the server’s programs', () => {
  test('run through systemd-run where it is set, with their exit code and output', async () => {
    const host = openHost({ root: join(folder, 'root'), env: {}, acts: { commands, systemdRun } });
    expect(host.acts.refusal).toBeNull();
    expect(await host.acts.test()).toMatchObject({ code: 3, output: 'Syntax error in -t', problem: null });
    expect(await host.acts.rebuild()).toMatchObject({ code: 3, output: 'Syntax error in $HOME' });
    const asked = readFileSync(join(folder, 'asked'), 'latin1').split('\n');
    expect(asked).toEqual(
      expect.arrayContaining([
        '--pipe',
        '--wait',
        '--collect',
        '--property=RuntimeMaxSec=125',
        '--property=RuntimeMaxSec=905',
        '--property=KillMode=process',
        '--setenv=LANG=C',
      ]),
    );
    const units = asked.filter((word) => word.startsWith('--unit='));
    expect(new Set(units).size).toBe(2);
  });

  test('run directly elsewhere', async () => {
    rmSync(join(folder, 'asked'), { force: true });
    const host = openHost({ root: join(folder, 'root'), env: {}, acts: { commands } });
    expect(await host.acts.modules()).toMatchObject({ code: 3, output: 'Syntax error in -M' });
    expect(() => readFileSync(join(folder, 'asked'))).toThrow();
  });

  test('are refused in a sandbox without systemd-run', () => {
    const gone = join(folder, 'not-there');
    const host = openHost({ root: join(folder, 'root'), env: {}, acts: { commands, systemdRun: gone } });
    expect(host.acts.refusal).toContain(gone);
  });

  // With a running systemd it would really start a unit on this machine.
  (existsSync('/run/systemd/system') ? test.skip : test)(
    'run through systemd’s own program when the unit says so',
    async () => {
      const direct = script('direct', `touch '${folder}/ran-directly'`);
      const env = { WHYBLOCKED_SANDBOX: '1' };
      const host = openHost({
        root: join(folder, 'root'),
        env,
        acts: { commands: { ...commands, httpdTest: [direct] } },
      });
      const { code, problem } = await host.acts.test();
      expect(code === 0 && problem === null).toBe(false);
      expect(existsSync(join(folder, 'ran-directly'))).toBe(false);
    },
  );

  test('keep their words', () => {
    const words = outsideSandbox(SYSTEMD_RUN, ['/bin/echo', 'a b', '--quiet', '$x'], 1000);
    expect(words[0]).toBe('/usr/bin/systemd-run');
    expect(words.slice(words.indexOf('--'))).toEqual(['--', '/bin/echo', 'a b', '--quiet', '$$x']);
  });
});
