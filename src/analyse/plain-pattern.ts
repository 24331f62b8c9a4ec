// The simple regular expressions that stand in SecRuleRemoveByTag and ByMsg, matched without a regex engine.

const MAX_BRANCHES = 64;
const MAX_LENGTH = 1000;
/** A pattern of letters, `^`, `$`, `.*` at an end and groups of plain alternatives, e.g. `attack-(sqli|xss)`. */
const PIECE = /\((?:\?:)?([^()]*)\)|((?:[^()|\\.^$*+?[\]{}]|\\[^A-Za-z0-9])+)|(\|)/gy;

/**
 * A test for texts that a pattern matches anywhere, as ModSecurity does it (case counts). Null for patterns beyond
 * plain words and alternatives, of which only the engine itself can say what they match.
 */
export function plainMatcher(pattern: string): ((text: string) => boolean) | null {
  const start = /^\^?(?:\.\*)?/.exec(pattern)?.[0] ?? '';
  const rest = pattern.slice(start.length);
  const end = /(?:(?<!\\)\.\*)?(?<!\\)\$?$/.exec(rest)?.[0] ?? '';
  const words = alternatives(rest.slice(0, rest.length - end.length));
  if (words === null || pattern.length > MAX_LENGTH) return null;
  const atStart = start === '^';
  const atEnd = end === '$';
  // `^` and `$` would belong to the first and the last alternative alone.
  if (words.top > 1 && (atStart || atEnd)) return null;
  return (text) =>
    words.texts.some((word) => {
      if (atStart && atEnd) return text === word;
      if (atStart) return text.startsWith(word);
      return atEnd ? text.endsWith(word) : text.includes(word);
    });
}

/** All texts that plain words and groups spell; `top`: alternatives outside groups. */
function alternatives(pattern: string): { readonly texts: readonly string[]; readonly top: number } | null {
  const done: string[] = [];
  let current = [''];
  let top = 1;
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < pattern.length) {
    const [, group, word, bar] = PIECE.exec(pattern) ?? [];
    if (bar !== undefined) {
      done.push(...current);
      current = [''];
      top++;
      continue;
    }
    const branches = group?.split('|') ?? (word === undefined ? [] : [word]);
    if (
      branches.length === 0 ||
      !branches.every((branch) => /^(?:[^\\.^$*+?[\]{}]|\\[^A-Za-z0-9])*$/.test(branch))
    )
      return null;
    current = current.flatMap((head) => branches.map((branch) => head + branch.replace(/\\(.)/g, '$1')));
    if (current.length + done.length > MAX_BRANCHES) return null;
  }
  return { texts: [...done, ...current], top };
}
