// One file of the server replaced whole, with a way back that needs no space; links and others' folders are refused.
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ActFile } from '../../src/host/act-file.ts';
import { openRoot } from '../../src/host/root.ts';
import { tempDir } from './make-root.ts';

const TOP = '/etc/apache2/conf.d';
const PATH = `${TOP}/userdata/std/2_4/shopuser/shop.example.com/whyblocked.conf`;

function server(): { dir: string; file: ActFile; real: string; folder: string } {
  const dir = tempDir();
  mkdirSync(join(dir, TOP), { recursive: true });
  const real = join(dir, PATH);
  return { dir, real, folder: join(real, '..'), file: new ActFile(openRoot(dir), TOP, PATH) };
}

describe('a new file', () => {
  test('is staged, put in place, and taken back to what it shall be then', () => {
    const { file, real, folder } = server();
    expect(file.read()).toEqual({ text: null, problem: null });
    const made = file.makeFolders();
    expect(made).toHaveLength(5);
    file.stage('new\n', 'empty\n');
    expect(existsSync(real)).toBe(false);
    file.commit();
    expect(readFileSync(real, 'latin1')).toBe('new\n');
    file.restore();
    expect(readFileSync(real, 'latin1')).toBe('empty\n');
    expect(readdirSync(folder)).toEqual(['whyblocked.conf']);
    file.remove();
    file.removeFolders(made);
    expect(existsSync(join(folder, '../../../..', 'std'))).toBe(false);
  });

  test('that was never begun is removed and taken back without a word', () => {
    const { file } = server();
    file.restore();
    file.clear();
    file.remove();
    file.removeFolders([]);
    expect(file.read()).toEqual({ text: null, problem: null });
  });
});

describe('a file that is there', () => {
  test('hands its rights and its owner on to what takes its place', () => {
    const { file, real } = server();
    file.makeFolders();
    file.stage('mine\n', 'x');
    file.commit();
    file.clear();
    expect(statSync(real).mode & 0o777).toBe(0o600);
    chmodSync(real, 0o644);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) chownSync(real, 12, 34);
    file.stage('new\n', 'x');
    file.commit();
    const { mode, uid, gid } = statSync(real);
    expect(mode & 0o777).toBe(0o644);
    if (isRoot) expect([uid, gid]).toEqual([12, 34]);
  });

  test('comes back byte for byte at any point', () => {
    const { file, real, folder } = server();
    file.makeFolders();
    writeFileSync(real, 'old\xff\n', 'latin1');
    file.stage('new\n', 'empty\n');
    file.restore();
    expect(readFileSync(real, 'latin1')).toBe('old\xff\n');
    file.stage('new\n', 'empty\n');
    file.commit();
    expect(file.read()).toEqual({ text: 'new\n', problem: null });
    file.restore();
    expect(readFileSync(real, 'latin1')).toBe('old\xff\n');
    expect(readdirSync(folder)).toEqual(['whyblocked.conf']);
  });

  test('is replaced at once where no way back is staged', () => {
    const { file, real, folder } = server();
    file.makeFolders();
    writeFileSync(real, 'a');
    file.replace('b');
    expect(readFileSync(real, 'latin1')).toBe('b');
    expect(readdirSync(folder)).toEqual(['whyblocked.conf']);
  });

  test('with a second name, or no file at all, is not touched', () => {
    const { dir, file, real } = server();
    file.makeFolders();
    writeFileSync(join(dir, 'other'), 'x');
    linkSync(join(dir, 'other'), real);
    expect(file.read().problem).toMatch(/second name/);
  });

  test('that is a link is not read', () => {
    const { file, real } = server();
    file.makeFolders();
    symlinkSync('/etc/passwd', real);
    expect(file.read()).toEqual({ text: null, problem: 'it is not a regular file' });
  });
});

describe('refused', () => {
  test('a link on the way', () => {
    const { dir } = server();
    mkdirSync(join(dir, TOP, 'userdata'));
    symlinkSync('/tmp', join(dir, TOP, 'userdata/std'));
    expect(() => new ActFile(openRoot(dir), TOP, PATH)).toThrow(/std is a link/);
  });

  test.each([`${TOP}/../x.conf`, '/etc/passwd', `${TOP}/a/../../x`])(
    'a path that leads elsewhere: %s',
    (path) => {
      const { dir } = server();
      expect(() => new ActFile(openRoot(dir), TOP, path)).toThrow(/does not lie below/);
    },
  );

  test('a folder that others can write', () => {
    const { dir } = server();
    chmodSync(join(dir, 'etc/apache2'), 0o777);
    expect(() => new ActFile(openRoot(dir), TOP, PATH)).toThrow(/others than root/);
  });
});
