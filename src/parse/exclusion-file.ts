// Our own file of exclusions, read back: for a new database, and for a file that was changed by hand.
import type { Exclusion, ExclusionForm, ExclusionScope, PathScope, ScopeKind } from '../model-rules.ts';

/** An exclusion as its comment line tells it. */
export type WrittenExclusion = Pick<
  Exclusion,
  'id' | 'scope' | 'form' | 'reason' | 'author' | 'createdAt' | 'expiresAt'
>;

export interface ExclusionFile {
  readonly vhost: string;
  readonly account: string;
  /** `wrong`: the bytes below it were changed since. */
  readonly checksum: 'ok' | 'wrong' | 'none';
  readonly exclusions: readonly WrittenExclusion[];
  /** True when nothing but comments stands in it. */
  readonly commentOnly: boolean;
}

const HEAD = /^# Whyblocked exclusions for ([a-z0-9_.*-]{1,253}) \(account ([A-Za-z0-9_.-]{1,64})\)\./;
const SUM = /^# checksum sha256:([0-9a-f]{64})$/;
const FIELDS = '# whyblocked ';
const MOST_BYTES = 1024 * 1024;
const FORMS: readonly ExclusionForm[] = ['ctl', 'directive'];
/** The parts that each kind has; the others are null in it. */
const PARTS: Readonly<Record<ScopeKind, readonly (keyof ExclusionScope)[]>> = {
  'target-path': ['ruleId', 'target', 'path'],
  'target-vhost': ['ruleId', 'target'],
  'rule-path': ['ruleId', 'path'],
  'rule-vhost': ['ruleId'],
  'tag-vhost': ['tag'],
  'engine-off': [],
};
const KINDS = Object.keys(PARTS) as ScopeKind[];
/** A directive knows no target and no path: written as one, these would take out the whole rule. */
const REMOVABLE: readonly ScopeKind[] = ['rule-vhost', 'tag-vhost'];
const RULE = /^[1-9]\d{0,9}$/;
const TAG = /^[\w./:+ -]{1,200}$/;
/** No comma or semicolon, which end it, and no backslash or blank at its end. */
const TARGET = /^[A-Za-z][A-Za-z_0-9]{1,39}(?::(?:[\x20-\x2b\x2d-\x3a\x3c-\x7e]{0,299}(?<![ \\]))?)?$/;
const PATH = /^\/[\x21-\x7e]{0,1023}$/;
/** What ends a quoted argument, what Apache and ModSecurity expand, what a path cannot hold. */
const NOT_IN_PATH = /["'\\?#]|%\{|\$\{/;

/**
 * Reads such a file (latin1); `sha256` gives the hex checksum of a latin1 text. Null for a file without our first line,
 * over 1 MiB, or with a `# whyblocked` line that does not say what it must: what is read here is written again, so that
 * each part has the form that exclusions are made with.
 */
export function parseExclusionFile(text: string, sha256: (text: string) => string): ExclusionFile | null {
  if (text.length > MOST_BYTES) return null;
  const lines = text.split('\n');
  const [, vhost, account] = HEAD.exec(lines[0] ?? '') ?? [];
  if (vhost === undefined || account === undefined) return null;
  const sum = SUM.exec(lines[1] ?? '')?.[1] ?? null;
  const exclusions = readAll(lines, vhost);
  if (exclusions === null) return null;
  const commentOnly = lines.every((line) => line.trim() === '' || line.startsWith('#'));
  const body = lines.slice(2).join('\n');
  const checksum = sum === null ? 'none' : sha256(body) === sum ? 'ok' : 'wrong';
  return { vhost, account, checksum, exclusions, commentOnly };
}

type Fields = Readonly<Record<string, unknown>>;

/** Null when one of them cannot be read, or two have one number. */
function readAll(lines: readonly string[], vhost: string): WrittenExclusion[] | null {
  const found = new Map<number, WrittenExclusion>();
  for (const line of lines) {
    if (!line.startsWith(FIELDS)) continue;
    const one = readFields(line.slice(FIELDS.length), vhost);
    if (one === null || found.has(one.id)) return null;
    found.set(one.id, one);
  }
  return [...found.values()];
}

function readFields(json: string, vhost: string): WrittenExclusion | null {
  let fields: unknown;
  try {
    fields = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof fields !== 'object' || fields === null) return null;
  const all = fields as Fields;
  const kind = KINDS.find((one) => one === all.kind);
  const form = FORMS.find((one) => one === all.form);
  if (kind === undefined || form === undefined || !isSound(all)) return null;
  const scope: ExclusionScope = {
    kind,
    vhost,
    ruleId: matching(all.ruleId, RULE),
    tag: matching(all.tag, TAG),
    target: matching(all.target, TARGET),
    path: readPath(all.path),
  };
  const { id, reason, author, createdAt, expiresAt } = all as unknown as WrittenExclusion;
  if (!hasItsParts(scope, all)) return null;
  if (kind === 'engine-off' && expiresAt === null) return null;
  if (form === 'directive' && !REMOVABLE.includes(kind)) return null;
  return { id, scope, form, reason, author, createdAt, expiresAt };
}

function isSound({ id, reason, author, createdAt, expiresAt }: Fields): boolean {
  return (
    isCount(id) &&
    id > 0 &&
    isText(reason, 600) &&
    isText(author, 200) &&
    isCount(createdAt) &&
    (expiresAt === null || isCount(expiresAt))
  );
}

/** Whether the parts that the kind has could be read, and no others stand there. */
function hasItsParts(scope: ExclusionScope, all: Fields): boolean {
  const parts = PARTS[scope.kind];
  return (['ruleId', 'tag', 'target', 'path'] as const).every((part) =>
    parts.includes(part) ? scope[part] !== null : all[part] === null,
  );
}

function readPath(value: unknown): PathScope | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, text } = value as Fields;
  if (typeof text !== 'string' || !PATH.test(text) || NOT_IN_PATH.test(text)) return null;
  if (kind !== 'exact' && kind !== 'prefix' && kind !== 'template') return null;
  return kind === 'template' && !text.includes('{n}') ? null : { kind, text };
}

function matching(value: unknown, form: RegExp): string | null {
  return typeof value === 'string' && form.test(value) && !value.includes('${') ? value : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most;
}
