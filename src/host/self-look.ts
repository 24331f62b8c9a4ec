// What `doctor` may look at: named places, named programs of this machine, the machine itself, our own service. No free
// path and no command line: each name stands for one of the fixed tables below.
import { readdirSync, statfsSync, type Stats } from 'node:fs';
import { totalmem } from 'node:os';
import { askService, type ServiceLook } from './ask-service.ts';
import type { Layout } from './layout.ts';
import type { Root } from './root.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { readSmallFile } from './small-file.ts';

const DOCROOT = '/usr/local/cpanel/whostmgr/docroot';
const SOCKET = '/run/whyblocked/whyblocked.sock';
const TEXT_BYTES = 64 * 1024;
const PROGRAM_MS = 20_000;
const MOST_NAMES = 200;

const PLACES = {
  cpanelVersion: '/usr/local/cpanel/version',
  ea4: '/etc/cpanel/ea4/is_ea4',
  pathsConf: '/etc/cpanel/ea4/paths.conf',
  appConfig: '/var/cpanel/apps/whyblocked.conf',
  cgi: `${DOCROOT}/cgi/whyblocked/index.cgi`,
  cgiFolder: `${DOCROOT}/cgi/whyblocked`,
  style: `${DOCROOT}/cgi/whyblocked/static/whyblocked.css`,
  icon: `${DOCROOT}/addon_plugins/whyblocked.png`,
  template: `${DOCROOT}/templates/whyblocked.tmpl`,
  masterTemplate: `${DOCROOT}/templates/master_templates/master.tmpl`,
  unit: '/etc/systemd/system/whyblocked.service',
  runFolder: '/run/whyblocked',
  socket: SOCKET,
  csfVersion: '/etc/csf/version.txt',
  csfDisabled: '/etc/csf/csf.disable',
  csfError: '/etc/csf/csf.error',
  lfdPid: '/run/lfd.pid',
  modsecHits: '/var/cpanel/modsec/modsec.sqlite',
  rebuild: '/usr/local/cpanel/scripts/rebuildhttpdconf',
  restart: '/usr/local/cpanel/scripts/restartsrv_httpd',
  systemdRun: '/usr/bin/systemd-run',
} as const;

/** Places whose text is given along. */
const TEXTS: ReadonlySet<string> = new Set([
  'cpanelVersion',
  'appConfig',
  'unit',
  'csfVersion',
  'csfError',
  'lfdPid',
]);

export type PlaceName =
  | keyof typeof PLACES
  | 'httpdConf'
  | 'httpdPreviewConf'
  | 'includeStd'
  | 'includeSsl'
  | 'userdatadomains'
  | 'logArchive'
  | 'auditFolder';

const PROGRAMS = {
  registered: ['/usr/local/cpanel/bin/is_registered_with_appconfig', 'whostmgr', 'whyblocked'],
  hooks: ['/usr/local/cpanel/bin/manage_hooks', 'list'],
  unit: [
    '/usr/bin/systemctl',
    'show',
    'whyblocked.service',
    '--no-pager',
    '--property=LoadState,ActiveState,SubState,MainPID,NRestarts,MemoryCurrent,MemoryMax,ProtectSystem,NoNewPrivileges,ProtectHome,PrivateTmp,RestrictSUIDSGID,FragmentPath,NeedDaemonReload',
  ],
  lfd: ['/usr/bin/systemctl', 'is-active', 'lfd'],
  glibc: ['/usr/bin/getconf', 'GNU_LIBC_VERSION'],
} as const;

export type ProgramName = keyof typeof PROGRAMS | 'httpdVersion';

/** What stands at a place. Paths are the server's own. */
export interface PlaceLook {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'socket' | 'other' | 'missing';
  /** Permission bits, e.g. 0o700; 0 when missing. */
  readonly mode: number;
  readonly isRoots: boolean;
  readonly bytes: number;
  readonly mtimeMs: number;
  /** Of small text files the text (latin1), else null. */
  readonly text: string | null;
  /** Of folders at most 200 names. */
  readonly names: readonly string[];
  /** Why it cannot be looked at; null when it can, or is not there. */
  readonly problem: string | null;
}

export interface MachineLook {
  readonly arch: string;
  readonly node: string;
  readonly uid: number;
  readonly memoryBytes: number;
  /** Free bytes where the state folder lies; null when they cannot be asked. */
  readonly freeBytes: number | null;
  /** Bytes of this process now. */
  readonly ownBytes: number;
}

export interface SelfLook {
  place(name: PlaceName): PlaceLook;
  /** Runs one of the named programs; null on a copied server, where none is run. Never rejects. */
  run(name: ProgramName): Promise<CommandResult | null>;
  machine(stateDir: string): MachineLook;
  /** Asks the service for its first page as the bridge does; null on a copied server. Never rejects. */
  service(): Promise<ServiceLook | null>;
}

/** Makes the looks of one server. */
export function openSelfLook(root: Root, layout: Layout): SelfLook {
  const isLive = root.dir === '/';
  const own: Readonly<Record<Exclude<PlaceName, keyof typeof PLACES>, string>> = {
    httpdConf: layout.httpdConf,
    httpdPreviewConf: layout.httpdPreviewConf,
    includeStd: `${layout.includeFolder}/std/2_4`,
    includeSsl: `${layout.includeFolder}/ssl/2_4`,
    userdatadomains: layout.userdatadomains,
    auditFolder: layout.auditFolders[0] ?? '/etc/apache2/logs/modsec_audit',
    logArchive: `${(layout.errorLogs[0] ?? '/').replace(/\/[^/]*$/, '')}/archive`,
  };
  const pathOf = (name: PlaceName): string => ({ ...PLACES, ...own })[name];
  return {
    place: (name) => lookAt(root, pathOf(name), TEXTS.has(name)),
    run: (name) => {
      if (!isLive) return Promise.resolve(null);
      const argv = name === 'httpdVersion' ? [layout.httpdProgram, '-V'] : PROGRAMS[name];
      return runCommand(argv, PROGRAM_MS);
    },
    machine,
    service: () => (isLive ? askService(SOCKET) : Promise.resolve(null)),
  };
}

function lookAt(root: Root, path: string, withText: boolean): PlaceLook {
  const place = root.resolve(path);
  const nothing = { path, mode: 0, isRoots: false, bytes: 0, mtimeMs: 0, text: null, names: [] };
  if (place.problem !== null)
    return { ...nothing, kind: 'missing', problem: place.problem === 'missing' ? null : place.problem };
  const { stats, file } = place;
  const look = {
    path,
    kind: kindOf(stats),
    mode: stats.mode & 0o7777,
    isRoots: stats.uid === 0,
    bytes: stats.size,
    mtimeMs: stats.mtimeMs,
  };
  const text = withText && stats.isFile() ? readSmallFile(root, path, TEXT_BYTES) : null;
  try {
    return {
      ...look,
      text: text?.problem === null ? text.text : null,
      names: stats.isDirectory() ? readdirSync(file).slice(0, MOST_NAMES) : [],
      problem: text?.problem ?? null,
    };
  } catch (error) {
    const problem = (error as NodeJS.ErrnoException).code ?? String(error);
    return { ...look, text: null, names: [], problem };
  }
}

function kindOf(stats: Stats): PlaceLook['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSocket() ? 'socket' : 'other';
}

function machine(stateDir: string): MachineLook {
  return {
    arch: process.arch,
    node: process.versions.node,
    uid: process.geteuid?.() ?? -1,
    memoryBytes: totalmem(),
    freeBytes: freeBytes(stateDir),
    ownBytes: process.memoryUsage.rss(),
  };
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
