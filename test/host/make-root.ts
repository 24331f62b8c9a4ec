// Builds a small server below a temporary folder, in the shape that cPanel gives one.
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { Host } from '../../src/host/host.ts';
import { openHost } from '../../src/host/local-host.ts';
import type { LayoutOverrides } from '../../src/host/layout.ts';

export interface TestRoot {
  /** Folder around the root: what lies beside it is outside. */
  readonly outside: string;
  readonly dir: string;
  /** Writes a file of the server; old unless `ageMs` says how long ago it was changed. */
  write(path: string, content: string | Buffer, ageMs?: number): void;
  link(path: string, target: string): void;
  hardLink(path: string, existing: string): void;
  folder(path: string, mode?: number): void;
  host(overrides?: LayoutOverrides): Host;
}

const DAY = 86_400_000;
const made: string[] = [];

afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** An empty folder that is removed after the test file. */
export function tempDir(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'whyblocked-test-')));
  made.push(dir);
  return dir;
}

export function makeRoot(): TestRoot {
  const outside = tempDir();
  const dir = join(outside, 'root');
  mkdirSync(dir);
  const at = (path: string): string => {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  return {
    outside,
    dir,
    write(path, content, ageMs = DAY) {
      writeFileSync(at(path), content, 'latin1');
      const when = (Date.now() - ageMs) / 1000;
      utimesSync(at(path), when, when);
    },
    link(path, target) {
      symlinkSync(target, at(path));
    },
    hardLink(path, existing) {
      linkSync(existing, at(path));
    },
    folder(path, mode = 0o755) {
      mkdirSync(join(dir, path), { recursive: true, mode });
    },
    host: (overrides) => openHost({ root: dir, overrides, env: { HOME: outside } }),
  };
}

/** A root with Apache's folders where cPanel has them: /etc/apache2/logs leads to /var/log/apache2. */
export function makeServer(): TestRoot {
  const root = makeRoot();
  root.folder('/var/log/apache2/domlogs');
  root.folder('/etc/apache2');
  root.link('/etc/apache2/logs', '/var/log/apache2');
  root.write(
    '/etc/userdatadomains',
    [
      'shop.example.com: shopuser==root==main==shop.example.com==/home/shopuser/public_html==192.0.2.80:80==192.0.2.80:443==',
      'addon.example.net: shopuser==root==addon==addon.shop.example.com==/home/shopuser/addon==192.0.2.80:80==192.0.2.80:443==',
      '*.wild.example.org: wilduser==root==sub==*.wild.example.org==/home/wilduser/public_html==192.0.2.81:80==',
      '',
    ].join('\n'),
  );
  return root;
}
