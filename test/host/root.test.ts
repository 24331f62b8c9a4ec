import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Root } from '../../src/host/root.ts';
import { openRoot } from '../../src/host/root.ts';
import { makeRoot } from './make-root.ts';

/** Opens a path and gives its text, or the problem in angle brackets. */
function textAt(root: Root, path: string, distrust?: string): string {
  const place = root.resolve(path, distrust);
  const opened = place.problem === null ? root.open(place) : place;
  if (opened.problem !== null) return `<${opened.problem}>`;
  try {
    return readFileSync(opened.fd, 'latin1');
  } finally {
    closeSync(opened.fd);
  }
}

describe('links', () => {
  const server = makeRoot();
  server.write('/var/log/apache2/error_log', 'inside');
  server.link('/etc/apache2/logs', '/var/log/apache2');
  server.link('/etc/relative', '../var/log/apache2/error_log');
  server.link('/etc/chain', 'apache2/logs/../apache2/./error_log');
  server.link('/etc/climb', '../../../../../../../../var/log/apache2/error_log');
  server.link('/etc/loop-a', 'loop-b');
  server.link('/etc/loop-b', '/etc/loop-a');
  server.link('/etc/self', '/etc/self/x');
  server.link('/etc/dangling', '/nowhere/file');
  server.link('/top', '/');
  const root = openRoot(server.dir);

  test('absolute, relative and chained ones are resolved inside the root', () => {
    for (const path of [
      '/etc/apache2/logs/error_log',
      '/etc/relative',
      '/etc/chain',
      '/top/top/etc/apache2/logs/error_log',
      '//etc//apache2/./logs/error_log',
    ]) {
      expect([path, textAt(root, path)]).toEqual([path, 'inside']);
    }
  });

  test('the path that is shown is the server’s own, and the real one too', () => {
    const place = root.resolve('/etc/apache2/logs/error_log');
    expect(place).toMatchObject({ path: '/etc/apache2/logs/error_log', real: '/var/log/apache2/error_log' });
  });

  test('`..` stops at the root, in paths and in links', () => {
    expect(textAt(root, '/../../../../var/log/apache2/error_log')).toBe('inside');
    expect(textAt(root, '/etc/climb')).toBe('inside');
    expect(root.resolve('/../..')).toMatchObject({ real: '/' });
  });

  test('loops and dangling links are problems, not hangs', () => {
    expect(textAt(root, '/etc/loop-a')).toBe('<link loop>');
    expect(textAt(root, '/etc/self')).toBe('<link loop>');
    expect(textAt(root, '/etc/dangling')).toBe('<missing>');
    expect(textAt(root, '/etc/apache2/logs/error_log/below')).toBe('<missing>');
  });

  test('bad paths are refused', () => {
    expect(textAt(root, 'etc/relative')).toBe('<not an absolute path>');
    expect(textAt(root, '/etc/rel\0ative')).toBe('<not an absolute path>');
    const folder = root.resolve('/etc');
    if (folder.problem !== null) throw new Error('no /etc');
    for (const name of ['..', '.', '', 'a/b', 'x\0'])
      expect(root.child(folder, name).problem).toBe('not a file name');
  });
});

test('links that would lead out of the root never reach what lies there', () => {
  const server = makeRoot();
  const bait = join(server.outside, 'bait');
  writeFileSync(bait, 'BAIT');
  server.folder('/etc');
  server.link('/etc/absolute', bait);
  server.link('/etc/relative', '../../bait');
  server.link('/etc/folder', server.outside);
  const root = openRoot(server.dir);
  for (const path of ['/etc/absolute', '/etc/relative', '/etc/folder/bait', '/../bait', bait]) {
    expect(textAt(root, path)).toBe('<missing>');
  }
  // The same names inside the root are what such links mean.
  server.write('/bait', 'own');
  expect(textAt(root, '/etc/relative')).toBe('own');
});

describe('what is not a regular file', () => {
  const server = makeRoot();
  server.folder('/var/log/apache2');
  execFileSync('/usr/bin/mkfifo', [join(server.dir, 'var/log/apache2/error_log')]);
  const root = openRoot(server.dir);

  test('a FIFO is refused at once instead of waiting for a writer', () => {
    expect(textAt(root, '/var/log/apache2/error_log')).toBe('<not a regular file>');
  });

  test('a folder is refused', () => {
    expect(textAt(root, '/var/log')).toBe('<not a regular file>');
  });

  test('a FIFO put in the place of a file after it was looked at is refused, without waiting', () => {
    server.write('/var/log/x', 'text');
    const place = root.resolve('/var/log/x');
    rmSync(join(server.dir, 'var/log/x'));
    execFileSync('/usr/bin/mkfifo', [join(server.dir, 'var/log/x')]);
    if (place.problem !== null) throw new Error(place.problem);
    expect(root.open(place).problem).toBe('not a regular file');
  });
});

describe('somebody swaps things between looking and opening', () => {
  test('a link in the place of the file', () => {
    const server = makeRoot();
    server.write('/var/log/x', 'text');
    writeFileSync(join(server.outside, 'bait'), 'BAIT');
    const root = openRoot(server.dir);
    const place = root.resolve('/var/log/x');
    if (place.problem !== null) throw new Error(place.problem);
    rmSync(place.file);
    symlinkSync(join(server.outside, 'bait'), place.file);
    expect(root.open(place).problem).toBe('replaced by a link');
  });

  test('a link in the place of a folder on the way', () => {
    const server = makeRoot();
    server.write('/var/log/x', 'text');
    mkdirSync(join(server.outside, 'evil'));
    writeFileSync(join(server.outside, 'evil/x'), 'BAIT');
    const root = openRoot(server.dir);
    const place = root.resolve('/var/log/x');
    if (place.problem !== null) throw new Error(place.problem);
    renameSync(join(server.dir, 'var/log'), join(server.dir, 'var/gone'));
    symlinkSync(join(server.outside, 'evil'), join(server.dir, 'var/log'));
    expect(root.open(place).problem).toBe('moved while it was opened');
  });
});

describe('folders that others can write', () => {
  const server = makeRoot();
  server.write('/etc/shadow', 'SECRET');
  server.write('/home/shopuser/logs/own', 'own');
  server.link('/home/shopuser/logs/link', '/etc/shadow');
  server.hardLink('/home/shopuser/logs/second', join(server.dir, 'etc/shadow'));
  server.link('/home/shopuser/linked', 'logs');
  const root = openRoot(server.dir);

  test('below a named folder links and second names are refused', () => {
    expect(textAt(root, '/home/shopuser/logs/own', '/home/shopuser')).toBe('own');
    expect(textAt(root, '/home/shopuser/logs/link', '/home/shopuser')).toContain('<link in a folder');
    expect(textAt(root, '/home/shopuser/linked/own', '/home/shopuser')).toContain('<link in a folder');
    expect(textAt(root, '/home/shopuser/logs/second', '/home/shopuser')).toBe(
      '<a second name of another file>',
    );
  });

  test('below a folder that everybody can write too, without being told', () => {
    expect(textAt(root, '/home/shopuser/logs/link')).toBe('SECRET');
    chmodSync(join(server.dir, 'home/shopuser/logs'), 0o777);
    expect(textAt(root, '/home/shopuser/logs/link')).toContain('<link in a folder');
    expect(textAt(root, '/home/shopuser/logs/second')).toBe('<a second name of another file>');
    expect(textAt(root, '/home/shopuser/logs/own')).toBe('own');
  });

  test('the same for a name in such a folder that was resolved before', () => {
    chmodSync(join(server.dir, 'home/shopuser/logs'), 0o777);
    const folder = root.resolve('/home/shopuser/logs');
    if (folder.problem !== null) throw new Error(folder.problem);
    expect(root.child(folder, 'link').problem).toContain('link in a folder');
    const second = root.child(folder, 'second');
    if (second.problem !== null) throw new Error(second.problem);
    expect(root.open(second).problem).toBe('a second name of another file');
  });
});

test('a root that is a link itself, or is not there', () => {
  const server = makeRoot();
  server.write('/etc/x', 'text');
  symlinkSync(server.dir, join(server.outside, 'link'));
  expect(textAt(openRoot(join(server.outside, 'link')), '/etc/x')).toBe('text');
  expect(() => openRoot(join(server.outside, 'missing'))).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  );
});
