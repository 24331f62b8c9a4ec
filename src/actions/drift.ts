// Our files on the disk beside what we wrote: changed by hand, gone, of another database, not included, left behind.
import { unifiedDiff } from '../analyse/line-diff.ts';
import { renderExclusionFile } from '../analyse/exclusion-render.ts';
import { scopeKey } from '../analyse/scope-key.ts';
import { parseExclusionFile } from '../parse/exclusion-file.ts';
import type { WrittenFile, WrittenHead } from '../store/written-files.ts';
import type { Intent } from './act-plan.ts';
import type { Context } from './context.ts';
import { Refused } from './errors.ts';
import type { DriftView } from './exclusion-view.ts';

const OWN_NAME = '/whyblocked.conf';

/** So many characters of a file of ours hold the checksum of the rest. */
const HEAD = 300;

type Includes = Pick<ReturnType<Context['host']['includeFiles']>, 'files'>;

interface Seen {
  readonly path: string;
  readonly text: string | null;
  readonly problem: string | null;
}

/**
 * Every file of ours that is not as we left it, on one vhost or on all. `includes`: the include files, where they were
 * read already.
 */
export function findDrift(
  ctx: Context,
  vhost: string | null = null,
  includes: Includes = ctx.host.includeFiles(vhost),
): DriftView[] {
  const served = new Map(ctx.host.vhosts().map((one) => [one.vhost, one.account] as const));
  const all = ctx.store.written.heads(HEAD);
  const active = ctx.store.exclusions.countActive();
  const busy = new Set(ctx.store.changes.running().flatMap(({ files }) => files.map(({ path }) => path)));
  const known = new Map<string, DriftView[]>();
  for (const file of all) {
    if (busy.has(file.path) || (vhost !== null && file.vhost !== vhost)) continue;
    const facts = { active: active.get(file.vhost) ?? 0, served };
    const view = judge(ctx, file, { ...facts, change: changeOf(ctx, file) });
    if (view !== null) known.set(file.vhost, [...(known.get(file.vhost) ?? []), view]);
  }
  const foreign = foreignFiles(ctx, includes, new Set(all.map(({ path }) => path)), served);
  return [...[...known.values()].map(joined), ...foreign];
}

/** Files that were read and found as we wrote them, by path: of hundreds only the touched ones are read again. */
const sound = new WeakMap<Context['host'], Map<string, string>>();

/** What we wrote and what stands there now; null when it is the same. */
function changeOf(ctx: Context, { path, head }: WrittenHead): Change | null {
  const known = sound.get(ctx.host) ?? new Map<string, string>();
  sound.set(ctx.host, known);
  const stamp = stampOf(ctx, path);
  // The head of our files holds the checksum of the rest.
  const key = `${stamp ?? ''} ${head}`;
  if (stamp !== null && known.get(path) === key) return null;
  const written = ctx.store.written.byPath(path);
  const seen = look(ctx, path);
  const isSame = seen.text === written?.text;
  if (isSame && stamp !== null) known.set(path, key);
  else known.delete(path);
  return isSame || written === null ? null : { written, seen };
}

function stampOf(ctx: Context, path: string): string | null {
  try {
    return ctx.host.acts.file(path).stamp();
  } catch {
    // A folder on the way is not as it must be: `look` says so.
    return null;
  }
}

function look(ctx: Context, path: string): Seen {
  try {
    return { path, ...ctx.host.acts.file(path).read() };
  } catch (error) {
    return { path, text: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

interface Change {
  readonly written: WrittenFile;
  readonly seen: Seen;
}

interface Facts {
  readonly change: Change | null;
  /** Exclusions in force on the vhost. */
  readonly active: number;
  /** Accounts by vhost. */
  readonly served: ReadonlyMap<string, string>;
}

function judge(ctx: Context, file: WrittenHead, { change, active, served }: Facts): DriftView | null {
  const account = served.get(file.vhost);
  const base = { vhost: file.vhost, account: account ?? '', paths: [file.path], diff: '', adoptable: false };
  if (account === undefined)
    return active === 0
      ? null
      : {
          ...base,
          kind: 'orphaned',
          text: `${file.vhost} is no vhost of this server any more. Apache does not read this file; its ${active} exclusions have no effect.`,
        };
  if (change !== null) return changedView(ctx, change, active, base);
  const kind = file.path.includes('/ssl/') ? 'ssl' : 'std';
  const { acts } = ctx.host;
  if (active === 0 || !acts.serves(account, file.vhost, kind) || acts.isIncluded(file.path)) return null;
  return {
    ...base,
    kind: 'not-included',
    text: 'Apache’s configuration does not include this folder, so the exclusions in it have no effect. The next change of this vhost builds it anew.',
  };
}

type Base = Omit<DriftView, 'kind' | 'text'>;

function changedView(ctx: Context, { written, seen }: Change, active: number, base: Base): DriftView | null {
  if (seen.problem !== null)
    return { ...base, kind: 'edited', text: `The file cannot be read: ${seen.problem}.` };
  if (seen.text === null) return goneView(ctx, written.path, active, base);
  return seen.text === written.kept ? null : editedView(ctx, written, seen.text, base);
}

function goneView(ctx: Context, path: string, active: number, base: Base): DriftView | null {
  const isIncluded = ctx.host.acts.isIncluded(path);
  if (active === 0 && !isIncluded) return null;
  return {
    ...base,
    kind: 'missing',
    text: isIncluded
      ? 'The file is gone, and Apache’s configuration includes its folder: if no other .conf file is left there, Apache will not start again. Take an exclusion of this vhost back or change one: the file is then written anew.'
      : 'The file is gone, so its exclusions have no effect.',
  };
}

function editedView(ctx: Context, file: WrittenFile, text: string, base: Base): DriftView {
  const diff = unifiedDiff(
    { name: 'as Whyblocked wrote it', text: file.text },
    { name: 'as it is now', text },
  );
  return {
    ...base,
    kind: 'edited',
    text: 'The file was changed by hand since Whyblocked wrote it. It is not overwritten: adopt what it says, or keep it as it is.',
    diff,
    adoptable: readable(ctx, text),
  };
}

/** Whether a file of ours holds just the directives that its own comment lines stand for: only then can it be adopted. */
function readable(ctx: Context, text: string): boolean {
  const parsed = parseExclusionFile(text, ctx.host.acts.checksum);
  if (parsed === null || parsed.exclusions.length === 0) return false;
  const meant = renderExclusionFile(parsed, parsed.exclusions, () => '', ctx.host.acts.checksum);
  return directiveLines(text) === directiveLines(meant);
}

function directiveLines(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).join('\n');
}

/** std and ssl with the same trouble are one entry. */
function joined(views: readonly DriftView[]): DriftView {
  const [first, second] = views;
  if (first === undefined) throw new Refused('no file');
  if (second?.text !== first.text) return first;
  return {
    ...first,
    paths: [...first.paths, ...second.paths],
    adoptable: first.adoptable && second.adoptable,
  };
}

function foreignFiles(
  ctx: Context,
  { files }: Includes,
  known: ReadonlySet<string>,
  served: ReadonlyMap<string, string>,
): DriftView[] {
  const unknown = files.filter(({ path }) => path.endsWith(OWN_NAME) && !known.has(path));
  if (unknown.length === 0) return [];
  const own = new Map<string, string>();
  for (const [name, account] of served)
    for (const path of Object.values(ctx.host.acts.paths(account, name))) own.set(path, name);
  const found = new Map<string, string[]>();
  for (const { path } of unknown) {
    const name = own.get(path);
    if (name === undefined) continue;
    found.set(name, [...(found.get(name) ?? []), path]);
  }
  return Array.from(found, ([name, paths]) => {
    const texts = paths.map((path) => look(ctx, path).text ?? '');
    return {
      vhost: name,
      account: served.get(name) ?? '',
      kind: 'foreign',
      paths,
      text: 'A file of ours that this database does not know: the database is new, or the file came with a moved account. Its exclusions are in force; adopt them to see and change them here.',
      diff: '',
      adoptable: texts.every((text) => readable(ctx, text)),
    };
  });
}

/** The intents that make what stands in a vhost's files ours. Throws Refused when it cannot be read. */
export function adoptOwnFile(ctx: Context, vhost: string, account: string, author: string): Intent[] {
  const paths = Object.values(ctx.host.acts.paths(account, vhost));
  const texts = paths.map((path) => look(ctx, path).text).filter((text) => text !== null);
  const parsed = texts.map((text) => parseExclusionFile(text, ctx.host.acts.checksum));
  const isOurs = (text: string, index: number): boolean =>
    readable(ctx, text) || parsed[index]?.commentOnly === true;
  if (texts.length === 0 || !texts.every(isOurs))
    throw new Refused(
      `The file of ${vhost} holds other directives than those that Whyblocked wrote, which would be lost. Keep it as it is, or move the changed lines to a file of another name.`,
    );
  const active = ctx.store.exclusions.active(vhost);
  const stated = new Map(
    parsed.flatMap((one) => one?.exclusions ?? []).map((one) => [scopeKey(one.scope), one]),
  );
  const gone = active.filter(({ scope }) => !stated.has(scopeKey(scope)));
  const fresh = [...stated.values()].filter(
    (one) => !active.some(({ scope }) => scopeKey(scope) === scopeKey(one.scope)),
  );
  return [
    { kind: 'claim', vhost, account },
    ...gone.map(({ id }): Intent => ({ kind: 'end', id, state: 'reverted' })),
    ...fresh.map((one): Intent => ({
      kind: 'add',
      exclusion: {
        ...one,
        scope: { ...one.scope, vhost },
        account,
        author: `${one.author}, adopted by ${author}`.slice(0, 200),
      },
    })),
  ];
}

/**
 * Remembers that the admin keeps what stands in our files of a vhost, with why; gives the sentence that says so. Throws
 * Refused when there is no file of ours that was changed.
 */
export function keepOwnFile(
  ctx: Context,
  { vhost, account }: { readonly vhost: string; readonly account: string },
  { author, reason }: { readonly author: string; readonly reason: string },
): string {
  const texts = Object.values(ctx.host.acts.paths(account, vhost)).flatMap((path) => {
    const { text } = look(ctx, path);
    const written = ctx.store.written.byPath(path);
    return text === null || written === null || text === written.text ? [] : [{ path, text }];
  });
  if (texts.length === 0)
    throw new Refused(
      `No file of ${vhost} was changed by hand since Whyblocked wrote it. Nothing was changed.`,
    );
  ctx.store.writeDurably(() => {
    for (const { path, text } of texts) ctx.store.written.keep(path, text);
    ctx.store.record({
      at: Date.now(),
      who: author,
      address: null,
      act: 'keep file',
      detail: `${vhost}: ${reason}`,
      result: 'done',
    });
  });
  return `The file of ${vhost} stays as it is; Whyblocked leaves it alone.`;
}
