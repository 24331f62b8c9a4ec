// The launcher: what it refuses before anything is lost.
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { LAUNCHER } from './actions/kit.ts';
import { tempDir } from './host/make-root.ts';

test('a linked node_modules is refused, and the folder it leads to stays as it is', () => {
  const [home, other] = [join(tempDir(), 'checkout'), join(tempDir(), 'other')];
  mkdirSync(join(home, 'plugin'), { recursive: true });
  mkdirSync(other);
  writeFileSync(join(other, 'precious'), 'x');
  cpSync(LAUNCHER, join(home, 'plugin/whyblocked'));
  writeFileSync(join(home, 'package-lock.json'), '{}');
  symlinkSync(other, join(home, 'node_modules'));
  const { status, stderr } = spawnSync('/bin/sh', [join(home, 'plugin/whyblocked'), '--version'], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain(`${join(home, 'node_modules')} is a link`);
  expect(existsSync(join(other, 'precious'))).toBe(true);
});
