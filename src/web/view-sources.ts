// The sources on the self-test's page: where each lies, how far it is read, what of it was not understood.
import type { SourceFile, SourceReport } from '../actions/doctor-view.ts';
import { checkAnchor, TONES, type Tone, WORDS } from './view-check.ts';
import { byteSize, counted, whole } from './view-text.ts';
import { duration } from './view-time.ts';

export interface SourceRow {
  readonly anchor: string;
  readonly title: string;
  readonly tone: Tone;
  readonly word: string;
  readonly places: readonly { readonly path: string; readonly note: string }[];
  /** Files that are not named one by one; empty when all are. */
  readonly more: string;
  /** What is known of the reading, one short sentence each. */
  readonly facts: readonly string[];
  readonly samples: readonly string[];
  readonly means: string;
  readonly mend: string;
}

/** Files that a row names, unless something is wrong with more of them. */
const NAMED = 3;

/** One row a source; what needs a look comes first. */
export function sourceRows(sources: readonly SourceReport[]): readonly SourceRow[] {
  const isWell = ({ state }: SourceReport): boolean => state === 'ok' || state === 'info';
  return [...sources].sort((a, b) => Number(isWell(a)) - Number(isWell(b))).map(sourceRow);
}

function sourceRow(source: SourceReport): SourceRow {
  const { id, title, state, files, samples, means, mend } = source;
  const broken = files.filter(({ problem }) => problem !== null);
  const named = [...broken, ...files.filter(({ problem }) => problem === null)].slice(
    0,
    Math.max(NAMED, broken.length),
  );
  const moreFiles = source.moreFiles + files.length - named.length;
  return {
    anchor: checkAnchor(id),
    title,
    tone: TONES[state],
    word: WORDS[state],
    places: named.map((file) => ({ path: file.path, note: fileNote(file, source) })),
    more: told([
      moreFiles > 0 ? counted(moreFiles, 'more file') : '',
      source.rotatedFiles > 0 ? counted(source.rotatedFiles, 'rotated file') : '',
    ]).join(', '),
    facts: files.length === 0 ? [source.found] : readFacts(source),
    samples,
    means,
    mend: mend ?? '',
  };
}

/** Form and problem of a file; what all of a source's files share is told once, in its facts. */
function fileNote({ format, problem, bytes: size }: SourceFile, { files }: SourceReport): string {
  const form = format !== null && files.length > 1 ? format : '';
  return told([problem ?? '', form, byteSize(size)]).join(', ');
}

function readFacts(source: SourceReport): string[] {
  const { format, readable, lagSeconds, unreadBytes, lines, refused } = source;
  const noun = source.id === 'audit_log' ? 'record' : 'line';
  const verb = unreadBytes === null ? 'Last written' : 'Last line';
  const count = lines === null || lines === 0 ? '' : `${counted(lines, noun)} read`;
  const bad = refused === null || refused === 0 ? '' : `${whole(refused)} not understood`;
  return told([
    format === null ? '' : `Form: ${format}`,
    lagSeconds === null
      ? ''
      : `${verb} ${lagSeconds === 0 ? 'just now' : `${duration(lagSeconds * 1000)} ago`}`,
    unreadWords(unreadBytes, readable),
    told([count, bad]).join(', '),
  ]);
}

function told(parts: readonly string[]): string[] {
  return parts.filter((part) => part !== '');
}

/** Of a file that cannot be read nobody knows how much is missing. */
function unreadWords(unread: number | null, isReadable: boolean): string {
  if (unread === null || (unread === 0 && !isReadable)) return '';
  return unread === 0 ? 'Read to the end' : `${byteSize(unread)} not read yet`;
}
