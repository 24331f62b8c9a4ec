// Unpacks the demo server (demo/server.pack.br) into a folder, with all of its times moved to the present.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { tzOffset } from '@date-fns/tz/tzOffset';
import type { EpochMs } from '../model.ts';

/** A mail that lfd sent about one of the demo's blocks; `text` is the whole mail, as one pastes it. */
interface DemoMail {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

export interface DemoServer {
  /** The server root folder, as `--root` takes it. */
  readonly root: string;
  /** In the order of their file names. */
  readonly mails: readonly DemoMail[];
}

interface PackedFile {
  readonly path: string;
  readonly kind: 'text' | 'raw' | 'link';
  readonly target?: string;
  readonly size?: number;
  readonly mode?: number;
  /** Newest time in a text, in epoch seconds of the recording. */
  readonly newest?: number | null;
}

interface PackHead {
  readonly zone: string;
  readonly files: readonly PackedFile[];
}

const PACK = join(import.meta.dirname, '../../demo/server.pack.br');
const MARK = '.whyblocked-demo';
const NEWEST_LINE_AGO_SECONDS = 120;
const SETTINGS_AGO_SECONDS = 90 * 86_400;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Minutes east of UTC at a moment; asked once per quarter of an hour, in which no zone changes its offset. */
function offsets(zone: string): (epochSeconds: number) => number {
  const known = new Map<number, number>();
  return (epochSeconds) => {
    const quarter = Math.floor(epochSeconds / 900);
    let minutes = known.get(quarter);
    if (minutes === undefined) {
      minutes = tzOffset(zone, new Date(quarter * 900_000));
      known.set(quarter, minutes);
    }
    return minutes;
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

function offsetText(minutes: number): string {
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}${two(absolute % 60)}`;
}

/** One moment in the notation of a log; `fraction` is empty or a point with six digits. */
function notation(kind: string, epochSeconds: number, fraction: string, offset: number): string {
  const wall = new Date((epochSeconds + offset * 60) * 1000);
  const clock = `${two(wall.getUTCHours())}:${two(wall.getUTCMinutes())}:${two(wall.getUTCSeconds())}`;
  const day = wall.getUTCDate();
  const month = MONTHS[wall.getUTCMonth()] ?? '';
  const year = wall.getUTCFullYear();
  const csf = `${DAYS[wall.getUTCDay()] ?? ''} ${month} ${String(day).padStart(2)} ${clock} ${year}`;
  switch (kind) {
    case 'E':
      return `${DAYS[wall.getUTCDay()] ?? ''} ${month} ${two(day)} ${clock}${fraction} ${year}`;
    case 'C':
      return csf;
    case 'T':
      return `${csf} ${offsetText(offset)}`;
    case 'S':
      return `${month} ${String(day).padStart(2)} ${clock}`;
    case 'A':
      return `${two(day)}/${month}/${year}:${clock}${fraction} ${offsetText(offset)}`;
    case 'X':
      return `${year}-${two(wall.getUTCMonth() + 1)}-${two(day)} ${clock}`;
    case 'M':
      return `${epochSeconds}${fraction.slice(1)}`;
    default:
      return String(epochSeconds);
  }
}

/** Replaces the time tokens of a packed text (see test/bed/stamps.ts) by the moved times. */
function moveTimes(text: string, shiftSeconds: number, offsetAt: (epochSeconds: number) => number): string {
  return text.replace(
    /\x1e([A-Z])(\d+)(\.\d{6})?\x1f/g,
    (_, kind: string, seconds: string, fraction = '') => {
      const at = Number(seconds) + shiftSeconds;
      return notation(kind, at, fraction as string, offsetAt(at));
    },
  );
}

function readPack(): { readonly head: PackHead; readonly bytes: Buffer } {
  const bytes = brotliDecompressSync(readFileSync(PACK));
  const end = bytes.indexOf(0x0a);
  return { head: JSON.parse(bytes.toString('utf8', 0, end)) as PackHead, bytes: bytes.subarray(end + 1) };
}

/** Empties the folder of an earlier demo; a folder that holds something else is not touched. */
function prepare(targetDir: string): void {
  const parts = ['root', 'mails'].map((name) => join(targetDir, name));
  if (!existsSync(join(targetDir, MARK)) && parts.some((part) => existsSync(part))) {
    throw new Error(`${targetDir} holds files that are not the demo's; choose an empty folder`);
  }
  for (const part of parts) rmSync(part, { recursive: true, force: true });
  mkdirSync(targetDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(targetDir, MARK), '');
}

/**
 * Writes the demo server into `targetDir` (made if missing; an earlier demo there is replaced) and moves its times
 * so that the newest line is two minutes before `now`, in the server's own zone with the offset of each date. The
 * same `now` gives the same bytes. Throws when the folder holds something else or cannot be written.
 */
export function unpackDemo(targetDir: string, now: EpochMs): DemoServer {
  const { head, bytes } = readPack();
  prepare(targetDir);
  const newest = Math.max(...head.files.map((file) => file.newest ?? 0));
  const shift = Math.floor(now / 1000) - NEWEST_LINE_AGO_SECONDS - newest;
  const offsetAt = offsets(head.zone);
  const mails: DemoMail[] = [];
  const folders = new Set<string>();
  let at = 0;
  for (const file of head.files) {
    const path = join(targetDir, file.path);
    const folder = dirname(path);
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
    folders.add(folder);
    if (file.kind === 'link') {
      symlinkSync(file.target ?? '', path);
      continue;
    }
    const packed = bytes.subarray(at, at + (file.size ?? 0));
    at += packed.length;
    const text = file.kind === 'text' ? moveTimes(packed.toString('latin1'), shift, offsetAt) : null;
    writeFileSync(path, text === null ? packed : Buffer.from(text, 'latin1'));
    if (file.mode !== undefined) chmodSync(path, file.mode);
    const changed = typeof file.newest === 'number' ? file.newest + shift : now / 1000 - SETTINGS_AGO_SECONDS;
    utimesSync(path, changed, changed);
    if (text !== null && file.path.startsWith('mails/')) mails.push({ name: basename(path), path, text });
  }
  return { root: join(targetDir, 'root'), mails };
}
