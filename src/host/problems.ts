// Why a file could not be read, in the words that pages and the terminal show.

/** A log could not be read to its end; what was read before is good. */
export class ReadProblem extends Error {
  /** Plain words, e.g. `permission denied`, `damaged archive`. */
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = 'ReadProblem';
    this.problem = problem;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'link loop',
  ENAMETOOLONG: 'name too long',
  EIO: 'read error of the disk',
  EISDIR: 'not a regular file',
  ENXIO: 'not a regular file',
};

/** The code of a file-system error (`ENOENT`), or an empty text. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** A file-system error in plain words; unknown ones by their code. */
export function problemOf(error: unknown): string {
  const code = errorCode(error);
  return WORDS[code] ?? (code === '' ? 'unreadable' : `unreadable (${code})`);
}
