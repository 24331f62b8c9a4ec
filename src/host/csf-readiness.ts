// Whether csf can be asked for something now. It must be known before: when csf cannot write its lists it opens the whole firewall.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { csfConfProblems, parseCsfConf } from '../parse/csf-conf.ts';
import { mayBeLocked } from '../parse/proc-locks.ts';
import { isReadOnlyDisk } from '../parse/proc-mountinfo.ts';
import type { Layout } from './layout.ts';
import { errorCode, problemOf } from './problems.ts';
import type { Place, Root } from './root.ts';
import { cleanOutput, ENVIRONMENT } from './run-command.ts';
import { readSmallFile } from './small-file.ts';

const LSATTR = '/usr/bin/lsattr';
const LEAST_BYTES = 4 * 1024 * 1024;
const LEAST_FILES = 100;
const ERROR_LENGTH = 400;
const ASK_MS = 2000;

export interface CsfReadiness {
  /** What csf.error says: csf does nothing while that file is there. Null without it. */
  readonly error: string | null;
  /** csf.disable is there. */
  readonly disabled: boolean;
  /** TESTING: the lists are written, the firewall is not changed. */
  readonly testing: boolean;
  /** Why csf would fail or do harm, one sentence each. */
  readonly problems: readonly string[];
  /** It is loading its rules anew. */
  readonly restarting: boolean;
}

export interface ReadinessPlace {
  readonly root: Root;
  readonly layout: Layout;
  /** csf's program on this machine; null on a copied server whose csf is not named. */
  readonly program: string | null;
  readonly flock: string;
  /** We are in a sandbox where csf's folders are read-only for us, but not for csf. */
  readonly sandboxed: boolean;
}

/** Looks at csf's folders and files; changes nothing. Takes some ms. Never throws. */
export function readCsfReadiness(at: ReadinessPlace): CsfReadiness {
  const { root, layout } = at;
  const conf = readSmallFile(root, `${layout.csfFolder}/csf.conf`);
  const testing = conf.problem === null ? (parseCsfConf(conf.text).get('TESTING') ?? '') : '';
  return {
    error: errorText(root, `${layout.csfFolder}/csf.error`),
    disabled: isThere(root, `${layout.csfFolder}/csf.disable`),
    testing: testing !== '' && testing !== '0',
    problems: [
      ...(at.program === null ? [] : programProblems(at.program)),
      ...(conf.problem === null ? confProblems(conf.text) : [`csf.conf cannot be read: ${conf.problem}.`]),
      ...[layout.csfFolder, layout.csfStateFolder].flatMap((folder) => folderProblems(root, folder)),
      ...listProblems(at),
    ],
    restarting: isLocked(at),
  };
}

function isThere(root: Root, path: string): boolean {
  return root.resolve(path).problem !== 'missing';
}

function errorText(root: Root, path: string): string | null {
  if (!isThere(root, path)) return null;
  const file = readSmallFile(root, path);
  const text = file.problem ?? cleanOutput(file.text.slice(0, 4 * ERROR_LENGTH)).split('\n', 1)[0];
  return text === undefined || text === '' ? 'no words' : text.slice(0, ERROR_LENGTH);
}

function programProblems(program: string): readonly string[] {
  try {
    accessSync(program, constants.X_OK);
    return statSync(program).isFile() ? [] : [`${program} is no program.`];
  } catch (error) {
    return [
      errorCode(error) === 'ENOENT'
        ? `${program} is not there.`
        : `${program} cannot be started by this user.`,
    ];
  }
}

/** What makes csf stop before it does anything. */
function confProblems(text: string): readonly string[] {
  const [first] = csfConfProblems(text);
  if (first === undefined) return [];
  const why = first.kind === 'duplicate' ? 'is set twice' : 'has a value without quotes';
  return [`csf stops at line ${first.line} of csf.conf: ${cleanOutput(first.key).slice(0, 60)} ${why}.`];
}

function folderProblems(root: Root, folder: string): readonly string[] {
  const place = root.resolve(folder);
  if (place.problem !== null) return [`${folder} cannot be used: ${place.problem}.`];
  try {
    return spaceProblems(folder, statfsSync(place.file));
  } catch (error) {
    return [`How much space is left in ${folder} cannot be asked: ${problemOf(error)}.`];
  }
}

/** What `statfs` says of a folder's disk. */
interface DiskSpace {
  readonly bsize: number;
  /** Free blocks; those that are kept for root are root's, and csf runs as root. */
  readonly bfree: number;
  /** How many files it can hold at all; 0 where that has no limit. */
  readonly files: number;
  readonly ffree: number;
}

/** Sentences when a disk has less than 4 MiB or 100 files left. */
export function spaceProblems(folder: string, { bsize, bfree, files, ffree }: DiskSpace): readonly string[] {
  const kib = Math.floor((bsize * bfree) / 1024);
  const harm = 'csf empties a list before it writes it anew, and would lose it.';
  return [
    ...(kib * 1024 < LEAST_BYTES ? [`${kib} KiB are left on the disk of ${folder}: ${harm}`] : []),
    ...(files > 0 && ffree < LEAST_FILES
      ? [`${ffree} files can still be made on the disk of ${folder}: ${harm}`]
      : []),
  ];
}

function listProblems(at: ReadinessPlace): readonly string[] {
  const { root, layout } = at;
  const paths = [
    ...['deny', 'allow'].map((name) => `${layout.csfFolder}/csf.${name}`),
    ...['tempban', 'tempallow'].map((name) => `${layout.csfStateFolder}/csf.${name}`),
  ];
  const places: Place[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    const place = root.resolve(path);
    // csf makes what is not there.
    if (place.problem === null && place.stats.isFile()) places.push(place);
    else if (place.problem !== 'missing')
      problems.push(`${path} cannot be used: ${place.problem ?? 'not a regular file'}.`);
  }
  return [...problems, ...(at.sandboxed ? sealedFiles(places) : places.flatMap(unwritable))];
}

const WHY: Readonly<Record<string, string>> = {
  EPERM: 'it is marked unchangeable (lsattr shows it, chattr -i ends it)',
  EROFS: 'its disk is mounted read-only',
  EACCES: 'permission denied',
};

/** Opened for writing, and closed again: not a byte is changed. */
function unwritable({ path, file }: Place): readonly string[] {
  try {
    closeSync(openSync(file, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK));
    return [];
  } catch (error) {
    return [cannotBeWritten(path, WHY[errorCode(error)] ?? problemOf(error))];
  }
}

function cannotBeWritten(path: string, why: string): string {
  return `${path} cannot be written: ${why}. csf would open the whole firewall over it.`;
}

/** The same where we could not write ourselves: what holds for csf too. */
function sealedFiles(places: readonly Place[]): readonly string[] {
  const mounts = textOf('/proc/self/mountinfo') ?? '';
  const marks = attributes(places.map(({ file }) => file));
  return places.flatMap(({ path, file, stats }) => {
    if (isReadOnlyDisk(mounts, stats.dev)) return [cannotBeWritten(path, WHY.EROFS ?? '')];
    return /[ia]/.test(marks.get(file) ?? '') ? [cannotBeWritten(path, WHY.EPERM ?? '')] : [];
  });
}

/** The attributes of files as lsattr prints them, e.g. `----i---------e-------`; none where it cannot tell. */
function attributes(files: readonly string[]): ReadonlyMap<string, string> {
  if (files.length === 0 || !existsSync(LSATTR)) return new Map();
  const { stdout } = spawnSync(LSATTR, ['-d', '--', ...files], {
    env: ENVIRONMENT,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'latin1',
    timeout: ASK_MS,
  });
  return new Map(
    stdout.split('\n').map((line) => {
      const blank = line.indexOf(' ');
      return [line.slice(blank + 1), line.slice(0, blank)] as const;
    }),
  );
}

/**
 * Whether csf holds its lock for a start or restart. A try for the lock could make a restart fail that begins in the same moment, so
 * it is made only where the kernel's list of locks names the file, or cannot be read.
 */
function isLocked({ root, layout, flock }: ReadinessPlace): boolean {
  const place = root.resolve(`${layout.csfStateFolder}/csf.lock`);
  if (place.problem !== null) return false;
  const locks = textOf('/proc/locks');
  if (locks !== null && !mayBeLocked(locks, place.stats.ino)) return false;
  const opened = root.open(place);
  if (opened.problem !== null) return false;
  try {
    const { status } = spawnSync(flock, ['-n', '-s', '3'], {
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', opened.fd],
      timeout: ASK_MS,
    });
    return status === 1;
  } finally {
    closeSync(opened.fd);
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
