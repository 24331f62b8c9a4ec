// The machine and our own service: what they are, and whether they are as the installation made them.
import type { CommandResult } from '../host/run-command.ts';
import type { ServiceLook } from '../host/ask-service.ts';
import type { MachineLook, PlaceLook } from '../host/self-look.ts';
import { type Check, checksOf } from './doctor-view.ts';

const MIB = 1024 * 1024;
const GLIBC = [2, 34] as const;
const LEAST_FREE = 200 * MIB;
const GOOD_FREE = 1024 * MIB;
const MEMORY_BAR = 200 * MIB;

export interface ProgramLook {
  readonly version: string;
  readonly machine: MachineLook;
  readonly glibc: CommandResult | null;
  readonly transactions: number;
}

/** Whether this machine can run the program. */
export function programChecks({ version, machine, glibc, transactions }: ProgramLook): Check[] {
  const check = checksOf('program');
  const { arch, node, uid, memoryBytes, freeBytes } = machine;
  return [
    check('version', 'Whyblocked', {
      state: 'info',
      found: `${version}, Node ${node} on ${arch}`,
      means: 'Say this when you report something.',
    }),
    glibcCheck(glibc),
    check('root', 'Rights', {
      ...(uid === 0
        ? { state: 'ok' as const, found: 'root', means: 'All logs and lists can be read.' }
        : {
            state: 'warn' as const,
            found: `user ${uid}`,
            means: 'Logs and lists that only root may read are missing from every answer.',
            mend: 'Run it as root.',
          }),
    }),
    diskCheck(freeBytes),
    check('memory', 'Memory', {
      state: memoryBytes < 1024 * MIB ? 'warn' : 'ok',
      found: `${mib(memoryBytes)} in all`,
      means: 'The service takes about 165 MiB at rest, up to 280 MiB while it reads gigabytes.',
    }),
    check('database', 'Database', {
      state: 'ok',
      found: `opened; ${transactions} transactions with rule hits`,
      means: 'A damaged one would have been set aside and made anew from the logs.',
    }),
  ];
}

function glibcCheck(result: CommandResult | null): Check {
  const check = checksOf('program');
  const [, major, minor] = /\bglibc (\d{1,3})\.(\d{1,4})/.exec(result?.output ?? '') ?? [];
  if (major === undefined || minor === undefined)
    return check('glibc', 'C library', {
      state: 'unknown',
      found: result?.problem ?? 'not asked',
      means: `glibc ${GLIBC.join('.')} or newer is needed.`,
    });
  const isNew = Number(major) > GLIBC[0] || (Number(major) === GLIBC[0] && Number(minor) >= GLIBC[1]);
  return check('glibc', 'C library', {
    state: isNew ? 'ok' : 'fail',
    found: `glibc ${major}.${minor}`,
    means: `glibc ${GLIBC.join('.')} or newer is needed: EL 9 and 10, Ubuntu 22.04 and later, Debian 12 and later have it.`,
    mend: isNew ? null : 'Use it on a copy of the logs on a newer machine: whyblocked --root FOLDER.',
  });
}

function diskCheck(freeBytes: number | null): Check {
  const check = checksOf('program');
  if (freeBytes === null)
    return check('disk', 'Disk', {
      state: 'unknown',
      found: 'not asked',
      means: 'The database needs space.',
    });
  const state = freeBytes < LEAST_FREE ? 'fail' : freeBytes < GOOD_FREE ? 'warn' : 'ok';
  return check('disk', 'Disk', {
    state,
    found: `${mib(freeBytes)} free where the database lies`,
    means: 'On a full disk nothing new is read, and exclusions cannot be changed; nothing is lost.',
    mend: state === 'ok' ? null : 'Make space on the file system of /var/lib/whyblocked.',
  });
}

export interface ServiceLooks {
  readonly isLive: boolean;
  readonly unitFile: PlaceLook;
  readonly unit: CommandResult | null;
  readonly service: ServiceLook | null;
  readonly runFolder: PlaceLook;
  readonly socket: PlaceLook;
  readonly systemdRun: PlaceLook;
}

/** The running service with its sandbox, as systemd shows it now. */
export function serviceChecks(looks: ServiceLooks): Check[] {
  const check = checksOf('service');
  if (!looks.isLive)
    return [
      check('service', 'Service', {
        state: 'unknown',
        found: 'this is a copied server',
        means: 'No program was run and no service asked.',
      }),
    ];
  const { service, unitFile } = looks;
  if (service?.status !== 200 && unitFile.kind === 'missing')
    return [
      check('service', 'Service', {
        state: 'info',
        found: 'not installed',
        means: 'The terminal works without it. The pages in WHM need it.',
        mend: 'install.sh installs it.',
      }),
    ];
  return [
    service?.status === 200
      ? check('service', 'Service', {
          state: 'ok',
          found: `answers in ${service.ms} ms`,
          means: 'The pages work.',
        })
      : check('service', 'Service', {
          state: 'fail',
          found: service?.problem ?? `status ${service?.status ?? 'unknown'}`,
          means: 'WHM shows "Whyblocked is not running".',
          mend: 'systemctl restart whyblocked; journalctl -u whyblocked -n 50 says why it ended.',
        }),
    modesCheck(looks.runFolder, looks.socket),
    ...unitChecks(looks.unit, looks.systemdRun),
  ];
}

function modesCheck(folder: PlaceLook, socket: PlaceLook): Check {
  const check = checksOf('service');
  const found = `${folder.path} ${octal(folder)}, ${socket.path} ${octal(socket)}`;
  const isPrivate = folder.mode === 0o700 && socket.mode === 0o600 && folder.isRoots && socket.isRoots;
  return check('socket', 'Socket', {
    state: isPrivate ? 'ok' : 'fail',
    found,
    means:
      'Whoever can open the socket is taken for root of WHM, so it must be 0600 in a 0700 folder, both root’s.',
    mend: isPrivate ? null : 'systemctl restart whyblocked makes both anew.',
  });
}

/** Properties that the unit file sets and systemd must show; what differs was loosened, or is too new for this systemd. */
const HARDENED: readonly (readonly [string, string])[] = [
  ['ProtectSystem', 'strict'],
  ['NoNewPrivileges', 'yes'],
  ['ProtectHome', 'read-only'],
  ['PrivateTmp', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
];

function unitChecks(unit: CommandResult | null, systemdRun: PlaceLook): Check[] {
  const check = checksOf('service');
  const shown = new Map(
    (unit?.output ?? '').split('\n').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  if (shown.get('LoadState') === undefined)
    return [
      check('sandbox', 'Sandbox', {
        state: 'unknown',
        found: unit?.problem ?? 'systemctl does not tell',
        means: 'Whether the service is in its sandbox cannot be seen.',
      }),
    ];
  const isThere = systemdRun.kind === 'file';
  return [
    sandboxCheck(shown),
    memoryCheck(shown),
    check('outside', 'Programs outside the sandbox', {
      state: isThere ? 'ok' : 'fail',
      found: isThere ? systemdRun.path : `${systemdRun.path} is missing`,
      means: 'Config test, rebuild and reload run in units of their own, started by systemd-run.',
      mend: isThere ? null : 'Install the package systemd whole.',
    }),
  ];
}

function sandboxCheck(shown: ReadonlyMap<string, string>): Check {
  const check = checksOf('service');
  const open = HARDENED.filter(([name, value]) => shown.get(name) !== value);
  const isStale = shown.get('NeedDaemonReload') === 'yes';
  const isGood = open.length === 0 && !isStale;
  return check('sandbox', 'Sandbox', {
    state: isGood ? 'ok' : 'warn',
    found:
      open.length === 0
        ? 'as the unit file says'
        : open.map(([name]) => `${name}=${shown.get(name) ?? '?'}`).join(', '),
    means: isStale
      ? 'The unit file changed since systemd read it.'
      : 'The service may write only its own folders and the vhosts’ include folders.',
    mend: isGood ? null : 'systemctl daemon-reload; systemctl restart whyblocked.',
  });
}

function memoryCheck(shown: ReadonlyMap<string, string>): Check {
  const check = checksOf('service');
  const text = shown.get('MemoryCurrent') ?? '';
  const means = 'It is ended and started anew at 512 MiB.';
  // systemd writes `[not set]` where nothing counts the memory.
  if (!/^\d{1,15}$/.test(text))
    return check('unit-memory', 'Memory of the service', { state: 'unknown', found: 'not told', means });
  const bytes = Number(text);
  return check('unit-memory', 'Memory of the service', {
    state: bytes > 1.5 * MEMORY_BAR ? 'warn' : 'ok',
    found: `${mib(bytes)}, restarted ${shown.get('NRestarts') ?? '?'} times`,
    means,
  });
}

function octal({ kind, mode, isRoots }: PlaceLook): string {
  if (kind === 'missing') return 'missing';
  return `${mode.toString(8).padStart(4, '0')}${isRoots ? '' : ' (not root’s)'}`;
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB).toLocaleString('en')} MiB`;
}
