// Follows a log as lfd does: from its end on, and after a rotation from the end of the new one.
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** How many bytes are read in a cycle at most. */
const MOST_BYTES = 64 * 1024 * 1024;

export class LogFollower {
  private readonly path: string;
  private readonly tell: (words: string) => void;
  private fd: number | null = null;
  private inode = 0;
  private offset = 0;
  private rest = '';

  /** `tell` hears lfd's words about the log. */
  constructor(path: string, tell: (words: string) => void) {
    this.path = path;
    this.tell = tell;
    this.open();
  }

  /** The whole lines since the last call, `most` of them: what is above is never read. Bytes as latin1. */
  lines(most: number): string[] {
    const now = statSync(this.path, { throwIfNoEntry: false });
    if (this.fd === null || now?.ino !== this.inode || now.size < this.offset) {
      if (this.fd !== null) this.tell(`${this.path} rotated. Reopening log file`);
      this.open();
      return [];
    }
    const bytes = Buffer.alloc(Math.min(MOST_BYTES, now.size - this.offset));
    const got = readSync(this.fd, bytes, 0, bytes.length, this.offset);
    this.offset += got;
    const lines = (this.rest + bytes.toString('latin1', 0, got)).split('\n');
    this.rest = lines.pop() ?? '';
    if (lines.length <= most) return lines;
    this.tell(`*Error* Log line flooding/looping in ${this.path}. Reopening log file`);
    this.open();
    return lines.slice(0, most);
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  private open(): void {
    this.close();
    if (!existsSync(this.path)) return;
    this.fd = openSync(this.path, 'r');
    const { ino, size } = fstatSync(this.fd);
    this.inode = ino;
    this.offset = size;
    this.rest = '';
  }
}
