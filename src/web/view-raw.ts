// "The lines behind it": raw lines by file, each with an anchor, and the links from statements to them.
import type { RawLine, Statement } from '../actions/explanation.ts';
import type { Basis, LineRef, SourceKind } from '../model.ts';
import { aroundLink } from './view-search-lines.ts';
import { baseName, counted, whole } from './view-text.ts';

const ORDER: readonly SourceKind[] = [
  'error_log',
  'audit_log',
  'access_log',
  'lfd_log',
  'hits_db',
  'csf',
  'rules',
  'mail',
];

/** Sources that can be searched, and so have a page of their lines. */
const LOGS: ReadonlySet<SourceKind> = new Set(['error_log', 'audit_log', 'access_log', 'lfd_log']);

/** A link (or, without `href`, a plain name) to where a statement is shown. */
export interface PlaceView {
  readonly href: string | null;
  readonly text: string;
  readonly title: string;
}

/** What the partial `basis-mark` prints. */
export interface BasisView {
  readonly basis: Basis;
  readonly places: readonly PlaceView[];
}

export interface StatementView extends BasisView {
  readonly sentence: string;
}

export interface RawGroup {
  readonly file: string;
  readonly title: string;
  readonly label: string;
  readonly lines: readonly {
    readonly id: string;
    readonly place: string;
    /** The page of the lines around it; null where there is none. */
    readonly href: string | null;
    readonly text: string;
  }[];
}

export interface RawView {
  readonly groups: readonly RawGroup[];
  /** Anchors by place, e.g. `/var/log/x@120` to `line-3`. */
  readonly anchors: ReadonlyMap<string, string>;
}

function placeKey(ref: LineRef): string {
  return `${ref.file}@${ref.offset}`;
}

/** Groups raw lines by file in reading order and gives each line an anchor; the same place twice is one line. */
export function rawView(raw: readonly RawLine[]): RawView {
  const anchors = new Map<string, string>();
  const files = new Map<string, RawLine[]>();
  const ordered = raw.toSorted((a, b) => ORDER.indexOf(a.source) - ORDER.indexOf(b.source));
  for (const line of ordered) {
    const key = placeKey(line.ref);
    if (anchors.has(key)) continue;
    anchors.set(key, `line-${anchors.size + 1}`);
    files.set(line.ref.file, [...(files.get(line.ref.file) ?? []), line]);
  }
  const groups = [...files].map(([file, lines]) => rawGroup(file, lines, anchors));
  return { groups, anchors };
}

function rawGroup(file: string, lines: readonly RawLine[], anchors: ReadonlyMap<string, string>): RawGroup {
  const noun = lines[0]?.source === 'audit_log' ? 'record' : 'line';
  return {
    file,
    title: `${baseName(file)}: ${counted(lines.length, noun)}`,
    label: `Lines of ${file}`,
    lines: lines.map((line) => ({
      id: anchors.get(placeKey(line.ref)) ?? '',
      place: `@ ${whole(line.ref.offset)}`,
      href: LOGS.has(line.source) ? aroundLink(line.ref.file, line.ref.offset) : null,
      text: line.text,
    })),
  };
}

/** Turns places into links, one a file: `error_log, 30 lines`. Places without a raw line on the page stay names. */
export function placeViews(
  refs: readonly LineRef[],
  anchors: ReadonlyMap<string, string>,
): readonly PlaceView[] {
  const files = Map.groupBy(refs, (ref) => ref.file);
  return [...files].map(([file, places]) => {
    const anchor = places.map((ref) => anchors.get(placeKey(ref))).find((id) => id !== undefined);
    const where = places.length === 1 ? `@ ${whole(places[0]?.offset ?? 0)}` : counted(places.length, 'line');
    return {
      href: anchor === undefined ? null : `#${anchor}`,
      text: `${baseName(file)}${places.length === 1 ? ' ' : ', '}${where}`,
      title: file,
    };
  });
}

/** A statement with its links. */
export function statementView(statement: Statement, anchors: ReadonlyMap<string, string>): StatementView {
  return {
    basis: statement.basis,
    sentence: statement.sentence,
    places: placeViews(statement.lines, anchors),
  };
}
