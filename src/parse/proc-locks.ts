// /proc/locks: who holds locks on files, without trying for one.

/**
 * Whether somebody holds a flock(2) for himself alone on the file with an inode number. The device is not compared, because some
 * file systems show another one here; so true is a strong hint and false is certain.
 */
export function mayBeLocked(locks: string, inode: number): boolean {
  return locks
    .split('\n')
    .some(
      (line) => /^\d+: FLOCK +ADVISORY +WRITE +-?\d+ +[0-9a-f:]+:(\d+) /.exec(line)?.[1] === String(inode),
    );
}
