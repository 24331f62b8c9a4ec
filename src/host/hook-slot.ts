// The one line of csf.conf that names the program which lfd calls after a block. It is changed under csf's own lock, whole or not
// at all, and nothing else of the file moves; the file of before is kept in our own folder.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ConfSlot, findConfSlot, type NoSlot } from '../parse/csf-conf-slot.ts';
import { ActFile, ActProblem } from './act-file.ts';
import { waitForOwnLock } from './file-lock.ts';
import type { Layout } from './layout.ts';
import type { Root } from './root.ts';
import { readSmallFile } from './small-file.ts';

const FLOCK = '/usr/bin/flock';
const KEY = 'BLOCK_REPORT';
const LOCK_SECONDS = 10;
const LIMIT = 1024 * 1024;
const NEXT = 'hook-next';
const BACKUP = 'csf.conf.whyblocked-';
const BACKUPS = 5;
const OTHERS_WRITE = 0o022;

/** The program of ours that stands in the slot. */
export const HOOK_PROGRAM = '/opt/whyblocked/plugin/csf-hook';
/** Where it leaves its calls: the default folder of our own data. */
export const HOOK_STATE = '/var/lib/whyblocked';

/** What stands in csf.conf now. */
export interface SlotLook {
  /** Null when the file cannot be read. */
  readonly slot: ConfSlot | NoSlot | null;
  /** Why it cannot be read, e.g. `missing`. */
  readonly problem: string | null;
  readonly mtimeMs: number;
}

export interface SlotChange {
  readonly from: string;
  readonly to: string;
  /** The folder for our own data, and what the copy there is named by. */
  readonly stateDir: string;
  readonly at: Date;
}

export interface HookSlot {
  /** csf.conf's server path. */
  readonly path: string;
  /** Why it cannot be changed by this process, as a sentence; null when it can. */
  readonly refusal: string | null;
  look(): SlotLook;
  /** Why a program cannot be called by ours, as a clause; null when it can. */
  programProblem(path: string): string | null;
  /** What ours calls after it; null for nothing. */
  next(stateDir: string): string | null;
  /** Sets what ours calls after it. Throws the file system's error. */
  setNext(stateDir: string, program: string | null): void;
  /** Changes the line; gives the path of the copy of the file before. Throws ActProblem: nothing was changed then, and why. */
  change(change: SlotChange): Promise<string>;
}

/** The slot of the server below `root`. `isSandboxed`: this process may not write below /etc. */
export function openHookSlot(root: Root, layout: Layout, isSandboxed: boolean): HookSlot {
  const path = `${layout.csfFolder}/csf.conf`;
  return {
    path,
    refusal: isSandboxed
      ? 'The service may not write into /etc: give the command on the server’s command line.'
      : null,
    look: () => lookAt(root, path),
    programProblem: (program) => problemOfProgram(root, program),
    next: readNext,
    setNext: writeNext,
    change: (change) => changeSlot(root, layout.csfFolder, path, change),
  };
}

function lookAt(root: Root, path: string): SlotLook {
  const read = readSmallFile(root, path, LIMIT);
  if (read.problem !== null) return { slot: null, problem: read.problem, mtimeMs: 0 };
  return { slot: findConfSlot(read.text, KEY), problem: null, mtimeMs: read.mtimeMs };
}

function problemOfProgram(root: Root, program: string): string | null {
  if (!/^\/[^\0\r\n]{1,4000}$/.test(program)) return 'it is no absolute path';
  const place = root.resolve(program);
  if (place.problem !== null) return `it is ${place.problem}`;
  const { stats } = place;
  if (!stats.isFile() || (stats.mode & 0o111) === 0) return 'it is no program';
  return place.distrusted || (stats.mode & OTHERS_WRITE) !== 0 ? 'others than root can write to it' : null;
}

/** As plugin/csf-hook believes it: root's own regular file that nobody else may write. */
function readNext(stateDir: string): string | null {
  const file = join(stateDir, NEXT);
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || (stats.mode & OTHERS_WRITE) !== 0 || stats.uid !== process.geteuid?.())
    return null;
  const [line = ''] = readFileSync(file, 'latin1').split('\n');
  return line.startsWith('/') ? line : null;
}

function writeNext(stateDir: string, program: string | null): void {
  const file = join(stateDir, NEXT);
  if (program === null) {
    rmSync(file, { force: true });
    return;
  }
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, `${program}\n`, { encoding: 'latin1', mode: 0o600, flag: 'wx' });
  renameSync(`${file}.new`, file);
}

async function changeSlot(root: Root, folder: string, path: string, change: SlotChange): Promise<string> {
  const file = new ActFile(root, folder, path);
  const place = root.resolve(path);
  if (place.problem !== null) throw new ActProblem(`${path} cannot be changed: it is ${place.problem}.`);
  const fd = openSync(place.file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (!(await waitForOwnLock(FLOCK, fd, LOCK_SECONDS)))
      throw new ActProblem(
        `${path} was locked by another program for ${LOCK_SECONDS} s. Nothing was changed.`,
      );
    if (fstatSync(fd).ino !== lstatSync(place.file).ino)
      throw new ActProblem(`${path} was replaced by another program meanwhile. Nothing was changed.`);
    const { text, problem } = file.read();
    if (text === null) throw new ActProblem(`${path} cannot be changed: ${problem ?? 'it is missing'}.`);
    return replaceLine(file, text, change);
  } finally {
    closeSync(fd);
  }
}

/** Under the lock. */
function replaceLine(file: ActFile, text: string, { from, to, stateDir, at }: SlotChange): string {
  const slot = findConfSlot(text, KEY);
  if (typeof slot === 'string' || slot.value !== from)
    throw new ActProblem(`${file.path} is not as it was shown. Nothing was changed; look again.`);
  const changed = slot.withValue(to);
  const copy = keepCopy(stateDir, text, at);
  try {
    file.stage(changed, text);
    file.commit();
  } catch (error) {
    file.clear();
    throw error;
  }
  if (file.read().text !== changed) {
    file.restore();
    throw new ActProblem(
      `${file.path} did not read back as it was written; the file of before was put back.`,
    );
  }
  file.clear();
  return copy;
}

/** csf.conf may hold passwords: the copy is root's alone, as our folder is, and only the newest stay. */
function keepCopy(stateDir: string, text: string, at: Date): string {
  const stamp = at.toISOString().replace(/[-:.]/g, '');
  const copy = join(stateDir, `${BACKUP}${stamp}`);
  writeFileSync(copy, text, { encoding: 'latin1', mode: 0o600 });
  const copies = readdirSync(stateDir)
    .filter((name) => name.startsWith(BACKUP))
    .sort();
  for (const name of copies.slice(0, -BACKUPS)) rmSync(join(stateDir, name), { force: true });
  return copy;
}
