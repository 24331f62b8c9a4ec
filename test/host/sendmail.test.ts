import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openHost } from '../../src/host/local-host.ts';
import type { Mailer } from '../../src/host/sendmail.ts';
import { tempDir } from './make-root.ts';

const MESSAGE = Buffer.from('To: root@example.com\r\n\r\nIt is $HOME.\r\n');

/** A program that keeps what it read, and ends as it is told. */
function program(folder: string, lines: string): string {
  const path = join(folder, 'sendmail');
  writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return path;
}

function mailer(sendmail: readonly string[], more: { systemdRun?: string } = {}): Mailer {
  return openHost({ root: tempDir(), env: {}, acts: { sendmail, ...more } }).mailer;
}

test('the message is on its standard input, whole, and its answer is told', async () => {
  const folder = tempDir();
  const kept = join(folder, 'kept');
  const path = program(folder, `printf '%s\\n' "$*" > ${kept}; cat >> ${kept}; echo queued`);
  let given = 0;
  const result = await mailer([path, '-t', '-i']).sendmail(MESSAGE, () => {
    given++;
    expect(existsSync(kept) && readFileSync(kept, 'utf8').includes('root@')).toBe(false);
  });
  expect(result).toMatchObject({ code: 0, output: 'queued', problem: null, given: true });
  expect(given).toBe(1);
  expect(readFileSync(kept, 'utf8')).toBe(`-t -i\n${MESSAGE.toString()}`);
});

test('a program that does not read is judged by its exit code; one that is not there was given nothing', async () => {
  const folder = tempDir();
  const big = Buffer.alloc(1_000_000, 0x61);
  const deaf = await mailer([program(folder, 'echo no room >&2; exit 75')]).sendmail(big, () => undefined);
  expect(deaf).toMatchObject({ code: 75, output: 'no room', given: true });
  const gone = mailer([join(folder, 'gone')]);
  expect(gone.refusal).toMatch(/gone is not there\.$/);
  const none = await gone.sendmail(MESSAGE, () => {
    throw new Error('not reached');
  });
  expect(none).toMatchObject({ code: null, given: false });
  expect(none.problem).toMatch(/could not be started/);
});

test('what cannot be written down before is not sent', async () => {
  const folder = tempDir();
  const kept = join(folder, 'kept');
  const result = await mailer([program(folder, `cat > ${kept}`)]).sendmail(MESSAGE, () => {
    throw new Error('the disk is full');
  });
  expect(result).toMatchObject({ code: null, given: false, problem: 'the disk is full' });
  expect(existsSync(kept) ? readFileSync(kept, 'utf8') : '').toBe('');
});

test('in the sandbox it runs in a unit of its own', async () => {
  const folder = tempDir();
  const systemdRun = join(folder, 'systemd-run');
  const kept = join(folder, 'kept');
  writeFileSync(
    systemdRun,
    `#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nprintf '%s\\n' "$*" > ${kept}.argv\nexec "$@"\n`,
    { mode: 0o755 },
  );
  const path = program(folder, `cat > ${kept}`);
  const result = await mailer([path, '-t'], { systemdRun }).sendmail(MESSAGE, () => undefined);
  expect(result).toMatchObject({ code: 0, given: true });
  expect(readFileSync(kept)).toEqual(MESSAGE);
  expect(readFileSync(`${kept}.argv`, 'utf8')).toBe(`${path} -t\n`);
});

test('a copied server sends nothing unless its program is named', () => {
  expect(openHost({ root: tempDir(), env: {} }).mailer.refusal).toMatch(/^This is a copied server/);
  expect(mailer(['/bin/cat']).refusal).toBeNull();
});

test('a password file is read only when nobody else can read it', () => {
  const path = join(tempDir(), 'password');
  writeFileSync(path, 'geheim ü\nsecond line\n', { mode: 0o600 });
  const reader = mailer(['/bin/cat']);
  const password = (from: string): string => reader.password(from);
  expect(password(path)).toBe('geheim ü');
  chmodSync(path, 0o640);
  expect(() => password(path)).toThrow(/can be read by others/);
  expect(() => password(`${path}.gone`)).toThrow(/cannot be read \(ENOENT\)/);
});
