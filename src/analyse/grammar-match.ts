// Tries the grammar of hostile texts on one value.
import { decodedOnce } from './decode.ts';
import { GRAMMAR } from './patterns/grammar.ts';
import { remembering } from './remember.ts';
import type { GrammarEntry, GrammarFamily } from './patterns/grammar-entry.ts';

/** Where a value stood; decides which classes of grammar count there. */
export type ValueKind = 'path' | 'argument' | 'cookie' | 'header' | 'agent' | 'upload';

export interface GrammarMatch {
  readonly ids: readonly string[];
  readonly families: readonly GrammarFamily[];
  /** True when every entry that matched is of class mention. */
  readonly onlyMentions: boolean;
  /** Where the first match begins, in the value as given or as decoded once more. */
  readonly at: number;
  /** The form of the value in which it matched. */
  readonly text: string;
}

/** Characters that are looked at in one piece. */
export const MAX_LOOK = 4096;
/** A longer value is looked at piece by piece, up to this many characters. */
export const MOST_LOOK = 65_536;
const OVERLAP = 512;
const EDGE = ' a b'.repeat(24);

// A value of these characters alone matches no entry unless one of the words below stands in it. A new line may end a
// command.
const SIMPLE = /^(?:[\p{L}\p{N} \t_,+/]|-(?!-)|\.(?!\.)|@(?!@))*$/u;
const TELLING =
  /\b(?:or|and|xor|having|where|rlike|regexp|union|order|group|ls|uname|curl|wget|cat|rm|nc|sh|bash|powershell|true|false)\b|(?:etc|proc|log|root|windows|winnt|home|www|web-inf)\/|ro0ab|aced0005|dev\/(?:tcp|udp)|169\.254\.|document\.|__class__|constructor\.|freemarker|mainmodule|google\.internal|mysql\.user|sysobjects|pg_catalog|sqlite_master|wp_users|information_schema|wp-config|whoami|net\s+user|ifconfig|ipconfig|invokefunction|call_user_func|auto_prepend|allow_url|classloader|java\.lang/i;

/** Whether any entry could match; false for most harmless values. */
export function mayMatch(value: string): boolean {
  return !SIMPLE.test(value) || TELLING.test(value);
}

/**
 * Tries all entries that count for this kind of value, as it is and decoded once more; values beyond 4,096 characters
 * piece by piece, the first piece with more than a mention wins. Null when none matches. Never throws.
 */
export function matchGrammar(value: string, kind: ValueKind): GrammarMatch | null {
  const head = matchIn(value.length > MAX_LOOK ? value.slice(0, MAX_LOOK) : value, kind);
  if (head !== null && !head.onlyMentions) return head;
  const end = Math.min(value.length, MOST_LOOK);
  for (let start = MAX_LOOK - OVERLAP; start < end - OVERLAP; start += MAX_LOOK - OVERLAP) {
    const last = start + MAX_LOOK >= value.length;
    // Entries that ask for the value's beginning or end must not find them at the edge of a piece.
    const piece = `${EDGE}${value.slice(start, Math.min(start + MAX_LOOK, end))}${last ? '' : EDGE}`;
    const found = matchIn(piece, kind);
    if (found !== null && (head === null || !found.onlyMentions)) return found;
  }
  return head;
}

function matchIn(text: string, kind: ValueKind): GrammarMatch | null {
  return MATCHERS[kind](text);
}

function matchAnew(text: string, kind: ValueKind): GrammarMatch | null {
  if (kind !== 'upload' && !mayMatch(text)) return null;
  const decoded = decodedOnce(text);
  const forms = decoded === text ? [text] : [text, decoded];
  const matched: { entry: GrammarEntry; at: number; text: string }[] = [];
  for (const entry of ENTRIES[kind]) {
    for (const form of forms) {
      const at = form.search(entry.re);
      if (at < 0) continue;
      matched.push({ entry, at, text: form });
      break;
    }
  }
  const first = matched[0];
  if (first === undefined) return null;
  return {
    ids: matched.map((match) => match.entry.id),
    families: [...new Set(matched.map((match) => match.entry.family))],
    onlyMentions: matched.every((match) => match.entry.cls === 'mention'),
    at: Math.min(...matched.filter((match) => match.text === first.text).map((match) => match.at)),
    text: first.text,
  };
}

const ENTRIES: Readonly<Record<ValueKind, readonly GrammarEntry[]>> = {
  path: GRAMMAR.filter((entry) => entry.cls !== 'mention' && entry.id !== 'upload-exec'),
  argument: GRAMMAR.filter((entry) => entry.id !== 'upload-exec'),
  cookie: GRAMMAR.filter(countsInHeader),
  header: GRAMMAR.filter(countsInHeader),
  agent: GRAMMAR.filter((entry) => entry.cls === 'active' && entry.id !== 'upload-exec'),
  upload: GRAMMAR,
};

const MATCHERS: Readonly<Record<ValueKind, (text: string) => GrammarMatch | null>> = {
  path: remembering((text) => matchAnew(text, 'path')),
  argument: remembering((text) => matchAnew(text, 'argument')),
  cookie: remembering((text) => matchAnew(text, 'cookie')),
  header: remembering((text) => matchAnew(text, 'header')),
  agent: remembering((text) => matchAnew(text, 'agent')),
  upload: remembering((text) => matchAnew(text, 'upload')),
};

function countsInHeader(entry: GrammarEntry): boolean {
  if (entry.id === 'upload-exec') return false;
  return (
    entry.cls === 'active' || (entry.cls === 'break' && (entry.family === 'xss' || entry.family === 'lfi'))
  );
}
