// What lfd does with csf's temporary lists and its history, each under the lock of the file.
import { spawn } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readEntry, TEMPALLOW, TEMPBAN, type TempEntry } from './temp.ts';

const TEMPIP = 'var/lib/csf/csf.tempip';
const FLOCK = '/usr/bin/flock';

/** Runs `work` with an open file whose lock nobody else has; what it gives is written in place, null for nothing. */
async function withList<T>(
  file: string,
  work: (lines: readonly string[]) => { readonly lines: readonly string[] | null; readonly result: T },
): Promise<T> {
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(FLOCK, ['-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd], env: {} });
      child.once('error', reject);
      child.once('close', () => {
        resolve();
      });
    });
    const text = readFileSync(fd, 'latin1');
    const { lines, result } = work(text.split('\n').filter((line) => line !== ''));
    if (lines !== null) {
      ftruncateSync(fd, 0);
      writeSync(fd, lines.map((line) => `${line}\n`).join(''), 0, 'latin1');
    }
    return result;
  } finally {
    closeSync(fd);
  }
}

/** Adds a temporary block; false where that address is blocked on those ports already. */
export function addBan(root: string, entry: TempEntry): Promise<boolean> {
  const { since, target, ports, way, seconds, comment } = entry;
  return withList(join(root, TEMPBAN), (lines) => {
    const isThere = lines.map(readEntry).some((one) => one.target === target && one.ports === ports);
    const line = `${since}|${target}|${ports}|${way}|${seconds}|${comment}`;
    return { lines: isThere ? null : [...lines, line], result: !isThere };
  });
}

/**
 * Takes out what has run out, and of the blocks above `limit` the oldest; 0 for no limit. Gives lfd's words about each: one
 * for each direction.
 */
export async function expire(root: string, now: number, limit: number): Promise<string[]> {
  const take = (path: string, word: string, most: number): Promise<string[]> =>
    withList(join(root, path), (lines) => {
      const alive = lines.filter((line) => {
        const { since, seconds } = readEntry(line);
        return now - since < seconds;
      });
      const left = most > 0 && alive.length > most ? alive.slice(alive.length - most) : alive;
      const gone = lines.filter((line) => !left.includes(line)).map(readEntry);
      return {
        lines: gone.length === 0 ? null : left,
        result: gone.flatMap((entry) => goneWords(entry, word)),
      };
    });
  return [...(await take(TEMPBAN, 'block', limit)), ...(await take(TEMPALLOW, 'allow', 0))];
}

function goneWords({ target, ports, way }: TempEntry, word: string): string[] {
  const place = ports === '' ? target : `${target}:${ports}`;
  return [
    ...(way.includes('in') ? [`Incoming IP ${place} temporary ${word} removed`] : []),
    ...(way.includes('out') ? [`Outgoing IP ${place} temporary ${word} removed`] : []),
  ];
}

/** Notes a block in csf's history. */
export function remember(root: string, address: string, isPermanent: boolean, words: string): Promise<void> {
  const line = `${address}|${isPermanent ? 1 : 0}|${Math.floor(Date.now() / 1000)}|${words}`;
  return withList(join(root, TEMPIP), (lines) => {
    // A permanent block takes the place of the temporary ones before it.
    const others = isPermanent ? lines.filter((one) => !one.startsWith(`${address}|0|`)) : lines;
    return { lines: [...others, line], result: undefined };
  });
}

/** How many temporary blocks of an address the history has since a time, in epoch seconds. */
export function countBans(root: string, address: string, since: number): Promise<number> {
  return withList(join(root, TEMPIP), (lines) => ({
    lines: null,
    result: lines.filter((line) => {
      const [who, permanent, at] = line.split('|');
      return who === address && permanent === '0' && Number(at) >= since;
    }).length,
  }));
}
