// The service's unit: what systemd itself says of it, and what its sandbox lets pass.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { HOME } from './archive.ts';

const UNIT = join(HOME, 'plugin/whyblocked.service');
const ANALYZE = '/usr/bin/systemd-analyze';
const hasSystemd = existsSync(ANALYZE);
if (!hasSystemd) console.error(`SKIPPED: what systemd says of the unit: no ${ANALYZE} here`);

describe('the unit', () => {
  const text = readFileSync(UNIT, 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'whyblocked-unit-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('every setting is a line of its own, set once', () => {
    const keys = text.split('\n').flatMap((line) => /^([A-Za-z]+)=/.exec(line)?.[1] ?? []);
    const repeated = keys.filter((key, at) => keys.indexOf(key) !== at);
    expect(new Set(repeated)).toEqual(new Set(['Environment', 'SystemCallFilter']));
  });

  test('keeps what it needs private', () => {
    for (const line of [
      'RuntimeDirectoryMode=0700',
      'StateDirectoryMode=0700',
      'CacheDirectoryMode=0700',
      'UMask=0077',
      'MemoryMax=512M',
      'Restart=on-failure',
      'NoNewPrivileges=yes',
      'ProtectSystem=strict',
    ])
      expect(text.split('\n')).toContain(line);
  });

  (hasSystemd ? test : test.skip)('is one that systemd takes, as safe as it was measured', () => {
    // The program is not installed here: any one that is there stands for it.
    const unit = join(folder, 'whyblocked.service');
    writeFileSync(unit, text.replaceAll('/opt/whyblocked/plugin/whyblocked', '/bin/true'));
    expect(spawnSync(ANALYZE, ['verify', unit], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    const dropin = join(HOME, 'plugin/standalone.conf');
    cpSync(dropin, `${unit}.d/standalone.conf`);
    const joined = spawnSync(ANALYZE, ['verify', unit], { encoding: 'utf8' });
    // Of the drop-in alone it may say that the program is not there.
    expect(
      joined.stderr.split('\n').filter((line) => line !== '' && !line.includes('is not executable')),
    ).toEqual([]);
    const { stdout } = spawnSync(ANALYZE, ['security', '--offline=true', '--no-pager', UNIT], {
      encoding: 'utf8',
    });
    const exposure = Number(/exposure level for whyblocked\.service: (\d+\.\d+)/.exec(stdout)?.[1]);
    expect(exposure).toBeLessThanOrEqual(2.5);
  });
});
