// How hits are written into a row: what hits of a rule share is written once in `hit_texts`, the rest as a short array.
import type { LineRef, PlacedHit, RuleHit } from '../model.ts';
import type { Db } from './database.ts';
import { TEXTS_KEY } from './leftovers.ts';

/** What hits of one rule have in common; the operator holds `\u0000` where the target's name stood. */
type SharedText = [
  ruleId: string,
  action: RuleHit['action'],
  denyStatus: number | null,
  phase: number | null,
  operator: string,
  message: string | null,
  severity: RuleHit['severity'],
  cut: boolean,
  file: string | null,
  line: number | null,
  version: string | null,
  tags: readonly string[],
  places?: number,
];

type HitRow = [
  textId: number,
  target: string | null,
  data: string | null,
  fileId: number,
  offset: number,
  ambiguous: 0 | 1,
];

const HOLE = '\u0000';
/** Names of files kept in memory: where each audit record has a file of its own there may be a million. */
const MOST_FILES = 5000;

/** A hit on its way from another thread: the index of its text, JSON of target and data, its place in the file. */
export type PackedHit = readonly [text: number, rest: string, offset: number, ambiguous: 0 | 1];

/** JSON of what a hit shares with others of its rule. */
export function sharedText(hit: RuleHit): string {
  const operator =
    hit.target !== null && hit.target !== '' ? hit.operator.replace(hit.target, () => HOLE) : hit.operator;
  const shared: SharedText = [
    hit.ruleId,
    hit.action,
    hit.denyStatus,
    hit.phase,
    operator,
    hit.message,
    hit.severity,
    hit.cut,
    hit.file,
    hit.line,
    hit.version,
    hit.tags,
  ];
  if (hit.places !== undefined) shared.push(hit.places);
  return JSON.stringify(shared);
}

/** Turns hits into JSON rows and back; keeps the shared texts and file names it has seen in memory. */
export class HitCodec {
  #generation: string | null = null;
  readonly #textIds = new Map<string, number>();
  readonly #texts = new Map<number, SharedText>();
  readonly #files = new Map<number, { path: string; head: string }>();
  readonly #db: Db;
  /** Lists as they came out of a row, with the row's JSON: what was not changed is not encoded again. */
  readonly #readLists = new WeakMap<readonly PlacedHit[], string>();
  readonly #insertText;
  readonly #findText;
  readonly #readText;
  readonly #findGeneration;

  constructor(db: Db) {
    this.#db = db;
    this.#insertText = db.prepare<[string]>(
      `INSERT INTO hit_texts (text) VALUES (?)
       ON CONFLICT (text) DO UPDATE SET unused_since = NULL WHERE unused_since IS NOT NULL`,
    );
    this.#findText = db.prepare<[string], { id: number }>('SELECT id FROM hit_texts WHERE text = ?');
    this.#findGeneration = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
    this.#readText = db.prepare<[number], { text: string }>('SELECT text FROM hit_texts WHERE id = ?');
  }

  /** Forgets names of files, because a file was found under a new name or has grown past its head. */
  forgetFiles(): void {
    this.#files.clear();
  }

  /** Forgets ids of texts when unused ones were marked or went since. Call at the start of a write. */
  follow(): void {
    const generation = this.#findGeneration.get(TEXTS_KEY)?.value ?? null;
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#textIds.clear();
  }

  /** Forgets ids learned in a write that was rolled back. */
  reset(): void {
    this.#textIds.clear();
    this.#texts.clear();
  }

  /** JSON of the hits; `fileId` names the file a place's path and head stand for. Call inside a write. */
  encode(hits: readonly PlacedHit[], fileId: (ref: LineRef) => number): string {
    return this.#readLists.get(hits) ?? JSON.stringify(hits.map((hit) => this.#encodeHit(hit, fileId)));
  }

  /** The hits of a row written by `encode`. */
  decode(json: string): PlacedHit[] {
    const hits = (JSON.parse(json) as HitRow[]).map((row) => this.#decodeHit(row));
    this.#readLists.set(hits, json);
    return hits;
  }

  /** The place that a file's number and an offset stand for. */
  place(fileId: number, offset: number): LineRef {
    const file = this.#file(fileId);
    return { file: file.path, offset, head: file.head };
  }

  /** JSON of hits of another thread, all in one file; `ids` are the texts' numbers, as `textIds` gave them. */
  join(hits: readonly PackedHit[], ids: readonly number[], fileId: number): string {
    let json = '[';
    for (const [text, rest, offset, ambiguous] of hits)
      json += `${json.length > 1 ? ',' : ''}[${ids[text] ?? 0},${rest},${fileId},${offset},${ambiguous}]`;
    return `${json}]`;
  }

  /** The numbers of texts, in their order; new ones are written. Call inside a write. */
  textIds(texts: readonly string[]): number[] {
    return texts.map((text) => this.#textId(text));
  }

  #encodeHit(hit: PlacedHit, fileId: (ref: LineRef) => number): HitRow {
    const ambiguous = hit.ambiguous ? 1 : 0;
    return [this.#textId(sharedText(hit)), hit.target, hit.data, fileId(hit.ref), hit.ref.offset, ambiguous];
  }

  #decodeHit([textId, target, data, fileId, offset, ambiguous]: HitRow): PlacedHit {
    const shared = this.#text(textId);
    const [ruleId, action, denyStatus, phase, operator, message, severity, cut, file, line, version, tags] =
      shared;
    const places = shared[12];
    return {
      ruleId,
      action,
      denyStatus,
      phase,
      operator: target === null ? operator : operator.replace(HOLE, () => target),
      target,
      message,
      data,
      severity,
      cut,
      file,
      line,
      version,
      tags,
      ...(places !== undefined && { places }),
      ref: this.place(fileId, offset),
      ambiguous: ambiguous === 1,
    };
  }

  #textId(text: string): number {
    const known = this.#textIds.get(text);
    if (known !== undefined) return known;
    this.#insertText.run(text);
    const id = this.#findText.get(text)?.id ?? 0;
    this.#textIds.set(text, id);
    return id;
  }

  #text(id: number): SharedText {
    const known = this.#texts.get(id);
    if (known !== undefined) return known;
    const row = this.#readText.get(id);
    if (row === undefined) throw new Error(`hit text ${id} is missing from the database`);
    const shared = JSON.parse(row.text) as SharedText;
    this.#texts.set(id, shared);
    return shared;
  }

  #file(id: number): { path: string; head: string } {
    const known = this.#files.get(id);
    if (known !== undefined) return known;
    const row = this.#db
      .prepare<[number], { path: string; head: string }>(
        'SELECT path, fingerprint AS head FROM files WHERE id = ?',
      )
      .get(id) ?? { path: '(forgotten file)', head: '' };
    if (this.#files.size >= MOST_FILES) this.#files.clear();
    this.#files.set(id, row);
    return row;
  }
}
