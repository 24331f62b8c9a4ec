// /proc/self/mountinfo: whether the disk itself is read-only (a sandbox makes only its own view of it so).

/**
 * Whether the file system of a device number (`stat`) is read-only for everybody, by its super block's options: the kernel sets
 * that after errors of the disk. False where the device is not listed (btrfs gives its files numbers of their own).
 */
export function isReadOnlyDisk(mountinfo: string, dev: number): boolean {
  // Linux: 12 bits of the major number, then 20 of the minor, the lowest 8 of them at the end.
  const major = Math.floor(dev / 256) % 4096;
  const minor = (dev % 256) + Math.floor(dev / 1_048_576) * 256;
  return mountinfo.split('\n').some((line) => {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    if (dash < 0 || fields[2] !== `${major}:${minor}`) return false;
    return (fields[dash + 3] ?? '').split(',').includes('ro');
  });
}
