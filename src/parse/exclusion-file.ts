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
const KINDS: readonly ScopeKind[] = [
  'target-path',
  'target-vhost',
  'rule-path',
  'rule-vhost',
  'tag-vhost',
  'engine-off',
];
const FORMS: readonly ExclusionForm[] = ['ctl', 'directive'];

/**
 * Reads such a file (latin1); `sha256` gives the hex checksum of a latin1 text. Null for a file without our first line,
 * over 1 MiB, or with a `# whyblocked` line that does not say what it must.
 */
export function parseExclusionFile(text: string, sha256: (text: string) => string): ExclusionFile | null {
  if (text.length > MOST_BYTES) return null;
  const lines = text.split('\n');
  const [, vhost, account] = HEAD.exec(lines[0] ?? '') ?? [];
  if (vhost === undefined || account === undefined) return null;
  const sum = SUM.exec(lines[1] ?? '')?.[1] ?? null;
  const exclusions: WrittenExclusion[] = [];
  for (const line of lines) {
    if (!line.startsWith(FIELDS)) continue;
    const one = readFields(line.slice(FIELDS.length), vhost);
    if (one === null) return null;
    exclusions.push(one);
  }
  const commentOnly = lines.every((line) => line.trim() === '' || line.startsWith('#'));
  const body = lines.slice(2).join('\n');
  const checksum = sum === null ? 'none' : sha256(body) === sum ? 'ok' : 'wrong';
  return { vhost, account, checksum, exclusions, commentOnly };
}

type Fields = Readonly<Record<string, unknown>>;

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
  const path = readPath(all.path);
  const isSound =
    isCount(all.id) &&
    isText(all.reason, 600) &&
    isText(all.author, 200) &&
    isCount(all.createdAt) &&
    (all.expiresAt === null || isCount(all.expiresAt));
  if (kind === undefined || form === undefined || path === undefined || !isSound) return null;
  const scope: ExclusionScope = {
    kind,
    vhost,
    ruleId: textOrNull(all.ruleId),
    tag: textOrNull(all.tag),
    target: textOrNull(all.target),
    path,
  };
  const { id, reason, author, createdAt, expiresAt } = all as unknown as WrittenExclusion;
  return { id, scope, form, reason, author, createdAt, expiresAt };
}

function readPath(value: unknown): PathScope | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'object') return undefined;
  const { kind, text } = value as Fields;
  if (!isText(text, 1024)) return undefined;
  if (kind !== 'exact' && kind !== 'prefix' && kind !== 'template') return undefined;
  return { kind, text };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most;
}

function textOrNull(value: unknown): string | null {
  return isText(value, 1024) ? value : null;
}
