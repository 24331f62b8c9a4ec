// The acts on a server's web server: its exclusion files, its programs, a look at a vhost. Named verbs only.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseUserdataVhost } from '../parse/userdata-vhost.ts';
import { ActFile } from './act-file.ts';
import type { CsfSettings } from './csf-program.ts';
import { takeLock } from './file-lock.ts';
import type { Layout } from './layout.ts';
import { outsideSandbox } from './outside-sandbox.ts';
import { probeVhost } from './probe-vhost.ts';
import type { Root } from './root.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { readSmallFile } from './small-file.ts';

const FLOCK = '/usr/bin/flock';
const FILE_NAME = 'whyblocked.conf';
const TEST_MS = 120_000;
const REBUILD_MS = 900_000;
const RESTART_MS = 180_000;
const CONF_BYTES = 256 * 1024 * 1024;

/** The server's programs as argv; `--config` may name others. `httpdTestFile` gets the file's path appended. */
export interface Commands {
  readonly httpdTest: readonly string[];
  readonly httpdTestFile: readonly string[];
  readonly modules: readonly string[];
  readonly rebuild: readonly string[];
  readonly rebuildPreview: readonly string[];
  readonly restart: readonly string[];
}

/** Where a vhost answers; without it the address and port of its userdata file. */
export interface ProbeOverride {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface ActSettings extends CsfSettings {
  readonly commands?: Commands | undefined;
  readonly probe?: { readonly std: ProbeOverride; readonly ssl: ProbeOverride } | undefined;
  /** Seconds between two reloads at least; 10 unless set. */
  readonly reloadSeconds?: number | undefined;
  /** The program that mails are given to, instead of the server's sendmail. */
  readonly sendmail?: readonly string[] | undefined;
}

export type VhostKind = 'std' | 'ssl';

export interface ServerActs {
  /** Why nothing can be changed here, as a sentence; null when acts can be done. */
  readonly refusal: string | null;
  /** Reloads are at least this far apart: each one costs every site some time. */
  readonly reloadEveryMs: number;
  /** Waits for the lock that acts of all processes share; gives how to release it, null when another one kept it. */
  lock(stateDir: string, seconds: number): Promise<(() => void) | null>;
  /** Paths of our own file of a vhost. */
  paths(account: string, vhost: string): Readonly<Record<VhostKind, string>>;
  /** A file below Apache's configuration folder. Throws ActProblem. */
  file(path: string): ActFile;
  /** Whether cPanel keeps a vhost of this kind; the one on port 443 may be missing. */
  serves(account: string, vhost: string, kind: VhostKind): boolean;
  /** Whether Apache's configuration (or the trial one) includes the folder of a file. */
  isIncluded(path: string, trial?: boolean): boolean;
  test(): Promise<CommandResult>;
  modules(): Promise<CommandResult>;
  rebuildTrial(): Promise<CommandResult>;
  testTrial(): Promise<CommandResult>;
  rebuild(): Promise<CommandResult>;
  restart(): Promise<CommandResult>;
  /** Lets time pass. */
  pause(ms: number): Promise<void>;
  /** SHA-256 of a latin1 text, in hex: the checksum of our own files. */
  readonly checksum: (text: string) => string;
  /** Status of the vhost's front page; null without an answer or when no such vhost is configured. */
  probe(account: string, vhost: string, kind: VhostKind): Promise<number | null>;
}

/** The acts of the server below `root`; refused for a copied one unless its programs are named. */
export function openActs(root: Root, layout: Layout, settings: ActSettings, own: () => string[]): ServerActs {
  const commands = settings.commands ?? defaultCommands(layout);
  const { systemdRun } = settings;
  const run = (argv: readonly string[], ms: number): Promise<CommandResult> =>
    runCommand(systemdRun === undefined ? argv : outsideSandbox(systemdRun, argv, ms), ms);
  return {
    refusal: refusalOf(root, settings),
    reloadEveryMs: (settings.reloadSeconds ?? 10) * 1000,
    lock: (stateDir, seconds) => takeLock(FLOCK, join(stateDir, 'act.lock'), seconds),
    paths: (account, vhost) => ({
      std: ownPath(root, layout, 'std', account, vhost),
      ssl: ownPath(root, layout, 'ssl', account, vhost),
    }),
    file: (path) => new ActFile(root, layout.apacheConfFolder, path),
    serves: (account, vhost, kind) =>
      kind === 'std' || root.resolve(userdataPath(layout, account, vhost, kind)).problem === null,
    isIncluded: (path, trial = false) =>
      includes(root, trial ? layout.httpdPreviewConf : layout.httpdConf, path),
    test: () => run(commands.httpdTest, TEST_MS),
    modules: () => run(commands.modules, TEST_MS),
    rebuildTrial: () => run(commands.rebuildPreview, REBUILD_MS),
    testTrial: () => run([...commands.httpdTestFile, join(root.dir, layout.httpdPreviewConf)], TEST_MS),
    rebuild: () => run(commands.rebuild, REBUILD_MS),
    restart: () => run(commands.restart, RESTART_MS),
    pause: (ms) => sleep(ms),
    checksum: (text) => createHash('sha256').update(text, 'latin1').digest('hex'),
    probe: async (account, vhost, kind) => {
      const point = settings.probe?.[kind] ?? pointOf(root, layout, account, vhost, kind, own);
      return point === null ? null : probeVhost(vhost, point);
    },
  };
}

function defaultCommands({ httpdProgram }: Layout): Commands {
  const quiet = [httpdProgram, '-DSSL', '-e', 'error'];
  const scripts = '/usr/local/cpanel/scripts';
  return {
    httpdTest: [...quiet, '-t'],
    httpdTestFile: [...quiet, '-t', '-f'],
    modules: [httpdProgram, '-M'],
    rebuild: [`${scripts}/rebuildhttpdconf`],
    rebuildPreview: [`${scripts}/rebuildhttpdconf`, '--preview'],
    restart: [`${scripts}/restartsrv_httpd`, '--graceful'],
  };
}

function refusalOf(root: Root, { commands, systemdRun }: ActSettings): string | null {
  if (!existsSync(FLOCK)) return `Nothing can be changed without ${FLOCK} (package util-linux).`;
  if (systemdRun !== undefined && !existsSync(systemdRun))
    return `Nothing can be changed without ${systemdRun}: the service is in a sandbox.`;
  if (commands !== undefined) {
    const { httpdTest, httpdTestFile, modules, rebuild, rebuildPreview, restart } = commands;
    const gone = [httpdTest, httpdTestFile, modules, rebuild, rebuildPreview, restart].find(
      ([program = '']) => !existsSync(program),
    );
    return gone === undefined ? null : `The program ${gone[0] ?? ''} of --config is not there.`;
  }
  if (root.dir !== '/')
    return 'This is a copied server: nothing is changed unless --config names its commands.';
  if (process.geteuid?.() !== 0) return 'Only root can change Apache’s configuration.';
  return null;
}

/** cPanel reads `2_4`, or `2` where that is missing: making `2_4` there would hide what lies in `2`. */
// eslint-disable-next-line max-params -- what the path is made of
function ownPath(root: Root, layout: Layout, kind: VhostKind, account: string, vhost: string): string {
  const folder = `${layout.includeFolder}/${kind}`;
  const isOld =
    root.resolve(`${folder}/2_4`).problem !== null && root.resolve(`${folder}/2`).problem === null;
  const name = vhost.startsWith('*.') ? `_wildcard_${vhost.slice(1)}` : vhost;
  return `${folder}/${isOld ? '2' : '2_4'}/${account}/${name}/${FILE_NAME}`;
}

interface ReadConf {
  readonly stamp: string;
  readonly globs: ReadonlySet<string>;
}

const confs = new WeakMap<Root, Map<string, ReadConf>>();
const INCLUDE = /^[ \t]*Include(?:Optional)?[ \t]+"?([^"\r\n]+?)"?[ \t]*\r?$/gim;

function includes(root: Root, conf: string, path: string): boolean {
  const place = root.resolve(conf);
  if (place.problem !== null) return false;
  const stamp = `${place.stats.mtimeMs}:${place.stats.size}:${place.stats.ino}`;
  const known = confs.get(root) ?? new Map<string, ReadConf>();
  confs.set(root, known);
  let read = known.get(conf);
  if (read?.stamp !== stamp) {
    const file = readSmallFile(root, conf, CONF_BYTES);
    const text = file.problem === null ? file.text : '';
    read = { stamp, globs: new Set(Array.from(text.matchAll(INCLUDE), ([, glob = '']) => glob)) };
    known.set(conf, read);
  }
  return read.globs.has(`${path.slice(0, path.lastIndexOf('/'))}/*.conf`);
}

/** Address and port that cPanel gave the vhost; an address that is not this machine's own is never asked. */
// eslint-disable-next-line max-params -- what a vhost's file is named by
function pointOf(
  root: Root,
  layout: Layout,
  account: string,
  vhost: string,
  kind: VhostKind,
  own: () => string[],
): ProbeOverride | null {
  const file = readSmallFile(root, userdataPath(layout, account, vhost, kind));
  if (file.problem !== null) return null;
  const { ip, port } = parseUserdataVhost(file.text);
  const host = ip !== null && own().includes(ip) ? ip : '127.0.0.1';
  return { host, port: port ?? (kind === 'ssl' ? 443 : 80), tls: kind === 'ssl' };
}

function userdataPath(layout: Layout, account: string, vhost: string, kind: VhostKind): string {
  return `${layout.userdataFolder}/${account}/${vhost}${kind === 'ssl' ? '_SSL' : ''}`;
}
