// One setting of csf.conf that is to be changed: found so exactly that nothing else of the file moves.
import { csfConfProblems } from './csf-conf.ts';

/** The one line of a setting. */
export interface ConfSlot {
  /** The line without its end. */
  readonly line: string;
  /** 1 is the first line. */
  readonly number: number;
  readonly value: string;
  /** The whole file with another value in this line. */
  readonly withValue: (value: string) => string;
}

/** Why no such line can be changed. */
export type NoSlot = 'missing' | 'repeated' | 'odd-line' | 'odd-file';

/**
 * Finds the line `KEY = "value"` in a csf.conf (latin1). `odd-line`: something else than quoted text and blanks stands in it; `odd-file`:
 * the file has a repeated key or a value without quotes anywhere, which csf itself refuses; or bytes that end lines for csf alone.
 */
export function findConfSlot(text: string, key: string): ConfSlot | NoSlot {
  if (csfConfProblems(text).length > 0)
    return csfConfProblems(text).some((problem) => problem.key === key && problem.kind === 'duplicate')
      ? 'repeated'
      : 'odd-file';
  let start = 0;
  let number = 0;
  for (const whole of text.split('\n')) {
    number++;
    const line = whole.replace(/\r$/, '');
    if (/[\r\v\f\0]/.test(line) && line.includes(key)) return 'odd-file';
    if (isAbout(line, key)) {
      const match = /^([^"#]{1,400}=[ \t]{0,100}")([^"]{0,4096})"[ \t]{0,100}$/.exec(line);
      if (match === null) return 'odd-line';
      const [, before = '', value = ''] = match;
      const at = start + before.length;
      return {
        ...{ line, number, value },
        withValue: (other) => text.slice(0, at) + other + text.slice(at + value.length),
      };
    }
    start += whole.length + 1;
  }
  return 'missing';
}

/** As csf reads it: blanks in a key do not count, and a comment is no setting. */
function isAbout(line: string, key: string): boolean {
  const at = line.indexOf('=');
  return at > 0 && !/^\s*#/.test(line) && line.slice(0, at).replace(/\s/g, '') === key;
}
