// Whether a text reads as language that a person wrote, rather than as an exploit with words in it.
import { STOP_WORDS } from './patterns/words.ts';

/** Words of SQL, shells and scripts: they say nothing about language, though some are English too. */
const TECHNICAL = new Set(
  (
    'select union all distinct from where and or xor not null insert into values update set delete drop table ' +
    'database schema order by group having like rlike regexp between limit offset sleep benchmark waitfor delay ' +
    'exec execute declare cast convert char varchar chr concat version user count case when then else end if ' +
    'alter create truncate shutdown procedure analyse information false true as on join left right inner outer ' +
    'cat wget curl bash sh nc ncat ping ls rm mv cp chmod chown uname whoami passwd shadow etc proc environ bin ' +
    'usr var tmp grep awk sed echo sudo php python perl ruby eval system exec passthru script alert prompt confirm ' +
    'javascript onerror onload svg img src href iframe document cookie window http https www com dual sysdate xp sp ' +
    'cmd exe dir net type powershell id env'
  ).split(' '),
);

const WORD = /\p{L}{2,}/gu;
const VOWEL = /[aeiouyáäéíóôúýàâæçèêëîïœùûüãõåøöąęěůőűı]/i;
const ONLY_LATIN = /^\p{Script=Latin}+$/u;
const BEFORE = /[\s"'([{«„“‚‘.,;:!?>\]*/-]/;
const AFTER = /[\s"')\]}»“”’.,;:!?<[*/-]/;
const CODE_TAG = /\[\/?(?:code|quote|pre|php|html)\b|<\/?(?:code|pre|blockquote|kbd)\b|```/i;
const BAD_START = /^\s*(?:['"`;|&$<]|-?\d+\s*['"`)])/;

interface Word {
  readonly text: string;
  readonly at: number;
}

/** Words that stand alone, are no technical word and can be spoken. Takes decoded text. */
export function ordinaryWords(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const word = match[0].toLowerCase();
    const end = match.index + match[0].length;
    const alone =
      (match.index === 0 || BEFORE.test(text.charAt(match.index - 1))) &&
      (end === text.length || AFTER.test(text.charAt(end)));
    if (!alone || TECHNICAL.has(word)) continue;
    if (ONLY_LATIN.test(word) && !VOWEL.test(word)) continue;
    words.push({ text: word, at: match.index });
  }
  return words;
}

/**
 * Whether a value reads as language: at least four ordinary words (or two, one of them before `matchAt`, the place
 * where grammar matched), 60 % letters and blanks, a start that no exploit has (markup may start a text without
 * grammar), and a stop word (two for SQL) or a
 * code tag. `matchAt` null: no grammar matched.
 */
export function readsAsLanguage(value: string, matchAt: number | null, sql: boolean): boolean {
  if (BAD_START.test(value) && !(matchAt === null && /^\s*<[a-z]/i.test(value))) return false;
  const words = ordinaryWords(value);
  const early = matchAt === null || words.some((word) => word.at < matchAt);
  if (words.length < 2 || (words.length < 4 && !early)) return false;
  const plain = value.replace(/[^\p{L}\p{M}\s]+/gu, '').length;
  if (plain < value.length * 0.6) return false;
  return CODE_TAG.test(value) || stopWords(value, sql) >= (sql ? 2 : 1);
}

/** Words of sentences that SQL has too: they say nothing where a rule about SQL reacted, and something elsewhere. */
const SHARED_WITH_SQL = new Set(['is', 'and', 'or', 'in', 'not', 'by', 'from', 'as', 'where', 'like']);

/** How many different stop words a text holds; accents do not matter. */
function stopWords(value: string, sql: boolean): number {
  const found = new Set<string>();
  for (const word of value
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .match(WORD) ?? []) {
    if (STOP_WORDS.has(word) || (!sql && SHARED_WITH_SQL.has(word))) found.add(word);
  }
  return found.size;
}
