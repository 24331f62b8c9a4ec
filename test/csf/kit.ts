// A server with the stand-in for csf on it: a root with csf's files, the program `csf`, its journal and its faults.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { execFile, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addFault, clearFaults, type Fault } from './faults.ts';
import { type Call, JOURNAL, readJournal } from './journal.ts';
import { type Machine, MACHINE } from './settings.ts';

const REPO = join(import.meta.dirname, '../..');
const NODE = join(REPO, `node_modules/node-linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}/bin/node`);
const STAND_IN = fileURLToPath(new URL('./stand-in.ts', import.meta.url));

/** csf.conf as far as the stand-ins of csf and lfd go by it: csf's own defaults, but for TESTING, IPV6 and the device. */
const CONF: Readonly<Record<string, string>> = {
  ...{
    TESTING: '0',
    IPV6: '1',
    VERBOSE: '1',
    DEBUG: '0',
    ETH_DEVICE: 'eth0',
    LF_DAEMON: '1',
    RESTRICT_UI: '1',
  },
  ...{ DROP: 'DROP', DROP_OUT: 'REJECT', DROP_IP_LOGGING: '0', DROP_OUT_LOGGING: '1', LF_BLOCKINONLY: '0' },
  ...{
    DENY_IP_LIMIT: '200',
    DENY_TEMP_IP_LIMIT: '100',
    LF_REPEATBLOCK: '0',
    IGNORE_ALLOW: '0',
    LF_IPSET: '0',
  },
  ...{ LF_PERMBLOCK: '1', LF_PERMBLOCK_INTERVAL: '86400', LF_PERMBLOCK_COUNT: '4', LF_NETBLOCK: '0' },
  ...{
    LF_TRIGGER: '0',
    LF_SELECT: '0',
    LF_MODSEC: '5',
    LF_MODSEC_PERM: '1',
    LF_HTACCESS: '5',
    LF_HTACCESS_PERM: '1',
  },
  ...{ LF_APACHE_404: '0', LF_APACHE_404_PERM: '3600', LF_INTERVAL: '3600', LF_PARSE: '5', LF_FLUSH: '3600' },
  ...{
    LF_EMAIL_ALERT: '1',
    LF_TEMP_EMAIL_ALERT: '1',
    CT_LIMIT: '0',
    CC_LOOKUPS: '1',
    LF_LOOKUPS: '1',
    CC_DENY: '',
  },
  ...{
    CLUSTER_SENDTO: '',
    CF_ENABLE: '0',
    WAITLOCK: '0',
    FASTSTART: '1',
    BLOCK_REPORT: '',
    UNBLOCK_REPORT: '',
  },
  ...{ HTACCESS_LOG: '/usr/local/apache/logs/error_log', MODSEC_LOG: '/usr/local/apache/logs/error_log' },
};

const FILES = {
  deny: 'etc/csf/csf.deny',
  allow: 'etc/csf/csf.allow',
  ignore: 'etc/csf/csf.ignore',
  blocklists: 'etc/csf/csf.blocklists',
  tempban: 'var/lib/csf/csf.tempban',
  tempallow: 'var/lib/csf/csf.tempallow',
  tempip: 'var/lib/csf/csf.tempip',
} as const;

/** csf.deny, csf.allow, csf.ignore, csf.blocklists, csf.tempban, csf.tempallow, csf.tempip. */
export type ListName = keyof typeof FILES;

export interface CsfOptions extends Partial<Machine> {
  /** An existing root: its own lists stay unless they are named here, and `close` leaves it. A new one without. */
  readonly root?: string;
  /** Values of csf.conf beside the usual ones; it is not written where the root has one and none are named. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What the lists hold; bytes as latin1. */
  readonly lists?: Partial<Readonly<Record<ListName, string>>>;
  /** Other files, by path below the root. */
  readonly files?: Readonly<Record<string, string>>;
  /** The server's zone; UTC without. */
  readonly zone?: string;
}

/** What a run of the program came to; texts are bytes as latin1. */
export interface CsfAnswer {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CsfServer {
  readonly root: string;
  /** The server's zone. */
  readonly zone: string;
  /** The program `csf`, absolute. */
  readonly program: string;
  /** What --config names, and a file that holds it. */
  readonly config: { readonly csfCommand: readonly string[] };
  readonly configFile: string;
  /** Runs the program. */
  run(...argv: readonly string[]): Promise<CsfAnswer>;
  /** What the next call, or the next `times` calls, have to suffer; faults of one command wait for it. Those of lfd never do. */
  fault(next: Fault, times?: number): void;
  clearFaults(): void;
  /** All calls so far. */
  calls(): readonly Call[];
  /** Changes csf.conf. */
  set(settings: Readonly<Record<string, string>>): void;
  /** Changes the machine as csf sees it. */
  machine(facts: Partial<Machine>): void;
  /** A list, or any file by its path below the root; bytes as latin1, null where there is none. */
  read(name: string): string | null;
  /** Writes a list or a file as an admin would. */
  write(name: string, text: string): void;
  /** Entries of a list: the first word of each line that is not a comment; lines of the temporary ones. */
  entries(name: ListName): readonly string[];
  /** What the look-up says of addresses. */
  lookups(): Readonly<Record<string, string>>;
  /** Whether csf has given up and thrown its rules away. */
  isFlushed(): boolean;
  /** Holds the lock of a list, or csf.lock; gives what lets go of it. */
  hold(name: ListName | 'csf.lock'): Promise<() => Promise<void>>;
  /** Removes the root, unless it was there before. */
  close(): void;
}

const MACHINE_USUAL: Machine = {
  ...{ own: ['198.51.100.1'], lookups: {}, warnings: [], peers: {}, countries: {}, pauseMs: 1, clock: null },
};

/** Begins the journal's entry, then becomes the stand-in; Node keeps what it has compiled. */
function programText(root: string, zone: string): string {
  const cache = join(REPO, 'node_modules/.cache/csf-stand-in');
  return `#!/bin/sh
read -r up idle </proc/uptime
echo "start $$ $up" >>'${root}/${JOURNAL}'
TZ='${zone}' NODE_COMPILE_CACHE='${cache}'
export TZ NODE_COMPILE_CACHE
unset NODE_OPTIONS
exec '${NODE}' --disable-warning=ExperimentalWarning '${STAND_IN}' '${root}' "$@"
`;
}

function put(root: string, path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { encoding: 'latin1', mode: 0o600 });
}

/** csf.conf of some settings. */
function confText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} = "${value}"\n`)
    .join('');
}

function pathOf(name: string): string {
  return Object.hasOwn(FILES, name) ? FILES[name as ListName] : name;
}

/** Lays out the server. `close` it in the end. */
export function csfServer(options: CsfOptions = {}): CsfServer {
  const root = options.root ?? realpathSync(mkdtempSync(join(tmpdir(), 'csf-server-')));
  const conf: Record<string, string> = { ...CONF, ...options.settings };
  const confFile = 'etc/csf/csf.conf';
  if (options.settings !== undefined || !existsSync(join(root, confFile)))
    put(root, confFile, confText(conf));
  for (const [name, path] of Object.entries(FILES)) {
    const text = options.lists?.[name as ListName];
    if (text !== undefined || !existsSync(join(root, path))) put(root, path, text ?? '');
  }
  for (const [path, text] of Object.entries(options.files ?? {})) put(root, path, text);
  mkdirSync(join(root, 'var/lib/csf/lock'), { recursive: true });
  const { own, lookups, warnings, peers, countries, pauseMs, clock } = { ...MACHINE_USUAL, ...options };
  let machine: Machine = { own, lookups, warnings, peers, countries, pauseMs, clock };
  put(root, MACHINE, JSON.stringify(machine));
  put(root, JOURNAL, '');
  const program = join(root, 'usr/sbin/csf');
  const zone = options.zone ?? 'UTC';
  put(root, 'usr/sbin/csf', programText(root, zone));
  chmodSync(program, 0o700);
  const config = { csfCommand: [program] };
  const configFile = join(root, 'run/csf/config.json');
  put(root, 'run/csf/config.json', JSON.stringify(config));
  const read = (name: string): string | null => {
    const file = join(root, pathOf(name));
    return existsSync(file) ? readFileSync(file, 'latin1') : null;
  };
  return {
    ...{ root, zone, program, config, configFile, read },
    run: (...argv) => run(program, argv),
    fault: (next, times = 1) => {
      addFault(root, next, times);
    },
    clearFaults: () => {
      clearFaults(root);
    },
    calls: () => readJournal(root),
    set: (settings) => {
      Object.assign(conf, settings);
      put(root, confFile, confText(conf));
    },
    machine: (facts) => {
      machine = { ...machine, ...facts };
      put(root, MACHINE, JSON.stringify(machine));
    },
    write: (name, text) => {
      put(root, pathOf(name), text);
    },
    entries: (name) => {
      const lines = (read(name) ?? '').split('\n').filter((line) => !/^\s*(?:#|$)/.test(line));
      return name.startsWith('temp') ? lines : lines.map((line) => line.split(/\s/, 1)[0] ?? '');
    },
    lookups: () => machine.lookups,
    isFlushed: () => existsSync(join(root, 'run/csf/flushed')),
    hold: (name) => hold(join(root, name === 'csf.lock' ? 'var/lib/csf/csf.lock' : pathOf(name))),
    close: () => {
      if (options.root === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
}

function run(program: string, argv: readonly string[]): Promise<CsfAnswer> {
  return new Promise((resolve) => {
    const options = { encoding: 'latin1', maxBuffer: 1e8, env: { PATH: '/usr/bin:/bin' } } as const;
    execFile(program, argv, options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, out, err });
    });
  });
}

/** A process that has the lock until its stdin is closed. */
async function hold(file: string): Promise<() => Promise<void>> {
  const child = spawn('/usr/bin/flock', ['-x', file, '/bin/sh', '-c', 'echo held; read -r line'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return async () => {
    child.stdin.end();
    await ended;
  };
}
