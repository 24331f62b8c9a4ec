// Which row a log's text belongs to. A file keeps its row through renaming, copying and gz; a text that only begins like one that
// is known, because its file was cut and written on, gets a row of its own.
import type { SourceKind } from '../model.ts';
import type { FileRow } from './files.ts';

/** Bytes at the start of a file that name it; a shorter file is named by what it has and may grow. */
const HEAD_BYTES = 1024;
/** A first line of so many bytes (time, host, process) is never that of another log: a young file that was moved is known. */
const SURE_BYTES = 20;

/** A log's text as it was looked at: its kind, the server's own path, what its bytes are known by. */
export interface FoundFile {
  readonly kind: SourceKind;
  readonly path: string;
  readonly fingerprint: string;
  readonly headLength: number;
  readonly size: number;
  /** Hashes of its first lines, see `lineHeads`. */
  readonly lineHeads: readonly string[];
  /** False for the good part of an archive that may still be written. */
  readonly whole: boolean;
  /** Whether the text begins with the bytes that a (shorter) fingerprint stands for. */
  readonly begins: (fingerprint: string) => boolean;
  /** Whether the bytes before an offset are those of a tail; null when that was not looked at. */
  readonly ends: (cursor: number, tail: string) => boolean | null;
}

/** What a text is: a known one, a new one (whose first bytes may have been read in another), or nothing to read. */
export type FileMatch =
  | { readonly is: 'known'; readonly row: FileRow }
  | { readonly is: 'new'; readonly cursor: number }
  | { readonly is: 'nothing' }
  | { readonly is: 'unsure' };

/**
 * Finds the row of a text among those of its kind. Of several that fit the one that was read furthest is meant: what stands
 * before its cursor is the same in all. A text that is shorter than what was read of a log with its beginning is read anew
 * (the places of its lines are the same, so nothing counts twice), but not one that is still being unpacked or copied into an
 * archive. `unsure`: something must be looked at that was not.
 */
export function matchFile(rows: readonly FileRow[], found: FoundFile): FileMatch {
  const alike = rows.filter((row) => beginsAlike(row, found)).sort(furthestFirst);
  for (const row of alike) {
    if (row.cursor > found.size) continue;
    const fits = row.tail === null || row.cursor === 0 ? true : found.ends(row.cursor, row.tail);
    if (fits === null) return { is: 'unsure' };
    if (fits) return { is: 'known', row };
  }
  if (alike.length > 0 && !found.whole) return { is: 'nothing' };
  const cursor = readElsewhere(rows, found);
  return hasLineBehind(found, cursor) ? { is: 'new', cursor } : { is: 'nothing' };
}

/** The offsets before which a text must be looked at to match it. */
export function placesToCheck(rows: readonly FileRow[], found: Omit<FoundFile, 'ends'>): number[] {
  return rows
    .filter((row) => row.tail !== null && row.cursor <= found.size && beginsAlike(row, found))
    .map(({ cursor }) => cursor);
}

function furthestFirst(a: FileRow, b: FileRow): number {
  return b.cursor - a.cursor || b.headLength - a.headLength || a.id - b.id;
}

function beginsAlike(row: FileRow, found: Omit<FoundFile, 'ends'>): boolean {
  if (row.headLength > found.headLength || row.headLength === 0) return false;
  return (row.headLength >= SURE_BYTES || row.path === found.path) && found.begins(row.fingerprint);
}

/**
 * Up to where the text's first lines were read as those of a text that was longer or went on otherwise: if that was within the
 * first KiB, they have other places there. Of audit records one is kept whatever its places are.
 */
function readElsewhere(rows: readonly FileRow[], { kind, lineHeads }: FoundFile): number {
  if (kind === 'audit_log') return 0;
  let most = 0;
  for (const row of rows) {
    for (const head of lineHeads) {
      const length = Number.parseInt(head, 10);
      if (length >= SURE_BYTES && length <= row.cursor && row.lineHeads.includes(head))
        most = Math.max(most, length);
    }
  }
  return most;
}

/** Whether anything whole can stand behind a place: of a young text all line ends are known. */
function hasLineBehind({ headLength, lineHeads }: FoundFile, cursor: number): boolean {
  return headLength === HEAD_BYTES || Number.parseInt(lineHeads.at(-1) ?? '0', 10) > cursor;
}
