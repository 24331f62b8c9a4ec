// Commands that are copied from a mail into a shell.

/** Nothing in it means anything to a shell within single quotes, nor to a terminal or a mail program. */
const PLAIN = /^[\x20-\x26\x28-\x7e]{1,300}$/;
const BARE = /^[A-Za-z0-9_./:@%+=-]+$/;

/** The command line; null where a word holds what does not survive being copied. */
export function quotedCommand(...words: readonly string[]): string | null {
  const isSafe = words.every((word) => PLAIN.test(word) && !/(?:https?|ftp):\/\/| {2}|^ | $/i.test(word));
  return isSafe ? words.map((word) => (BARE.test(word) ? word : `'${word}'`)).join(' ') : null;
}
