// What changed between two texts of a file, as a unified diff for pages and terminal.
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff/lib/patch/create.js';

/** A text with the name that stands in the diff's head. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** The files compared have some lines; a longer one was not made by hand. */
const MOST_CHARACTERS = 64 * 1024;
/** Texts that differ in more lines than this are shown as one taken out and one put in: finding less costs too long. */
const MOST_EDITS = 1000;
const CONTEXT = 3;

/**
 * The unified diff with three lines around each change; empty when the texts are equal. Only the first 64 Ki characters
 * of a text are compared, and a last line of the diff says so. Characters stay as they are: the surface escapes them.
 */
export function unifiedDiff(before: NamedText, after: NamedText): string {
  if (before.text === after.text) return '';
  const [old, young] = [cut(before.text), cut(after.text)];
  const limits = { context: CONTEXT, maxEditLength: MOST_EDITS };
  const found = structuredPatch(headName(before), headName(after), old, young, undefined, undefined, limits);
  const patch = found ?? {
    ...structuredPatch(headName(before), headName(after), '', ''),
    hunks: [replaced(old, young)],
  };
  const note = old === before.text && young === after.text ? '' : '\\ Only the first 64 KiB are compared.\n';
  return patch.hunks.length === 0 ? note : formatPatch(patch, FILE_HEADERS_ONLY) + note;
}

function cut(text: string): string {
  return text.slice(0, MOST_CHARACTERS);
}

/** A line feed in a file's name would begin another line of the head. */
function headName({ name }: NamedText): string {
  return name.replace(/[\x00-\x1f\x7f]/g, '?');
}

type Hunk = ReturnType<typeof structuredPatch>['hunks'][number];

/** All lines taken out, all put in. */
function replaced(old: string, young: string): Hunk {
  const [gone, come] = [linesOf(old, '-'), linesOf(young, '+')];
  return {
    oldStart: 1,
    oldLines: gone.count,
    newStart: 1,
    newLines: come.count,
    lines: [...gone.lines, ...come.lines],
  };
}

function linesOf(text: string, mark: '-' | '+'): { readonly lines: string[]; readonly count: number } {
  const lines = text.split('\n');
  const unended = lines.pop() ?? '';
  const marked = lines.map((line) => mark + line);
  if (unended !== '') marked.push(mark + unended);
  const count = marked.length;
  return { lines: unended === '' ? marked : [...marked, '\\ No newline at end of file'], count };
}
