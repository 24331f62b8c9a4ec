// Exclusions that somebody else left: CMC's files, hand-made lines, rules switched off in WHM. They are listed with what
// they switch off, and can be taken over as exclusions of ours where these can say the same.
import { pathText, scopeWords } from '../analyse/scope-words.ts';
import type { ExclusionScope } from '../model-rules.ts';
import { decodeBytes } from '../parse/text.ts';
import type { Context } from './context.ts';
import type { FoundView, ScopeView } from './exclusion-view.ts';
import type { FileEdit } from './found-adopt.ts';
import { type JudgedGroup, judgedGroups } from './found-judged.ts';
import { type FoundOwner, ownerFinder } from './found-owner.ts';
import { cannotTake, foundWords, ownerNotes } from './found-sentences.ts';

/** What taking a found one over does: our exclusions to add, and the bytes of its own files before and after. */
export interface AdoptPlan {
  readonly view: FoundView;
  /** Empty when it cannot be taken over: `view.adoptWhy` says why. */
  readonly scopes: readonly ExclusionScope[];
  readonly edits: readonly FileEdit[];
}

type Includes = ReturnType<Context['host']['includeFiles']>;

/** A page shows so many lines of one find. */
const MOST_PLACES = 100;

/**
 * What others left, for one vhost (its servername) with what it shares with others, or for the whole server (null).
 * A file that is there and cannot be read is listed too. `includes`: the include files, where they were read already.
 */
export function foundExclusions(
  ctx: Context,
  vhost: string | null,
  includes: Includes = ctx.host.includeFiles(vhost),
): Promise<readonly FoundView[]> {
  const { plans, unread } = plansOf(ctx, vhost, includes);
  return Promise.resolve([...plans.map(({ view }) => view), ...unread]);
}

/** The plan for one found exclusion by its key; null when there is none (its files say something else by now). */
export function adoptPlan(ctx: Context, key: string): Promise<AdoptPlan | null> {
  return Promise.resolve(
    plansOf(ctx, null, ctx.host.includeFiles(null)).plans.find(({ view }) => view.key === key) ?? null,
  );
}

function plansOf(
  ctx: Context,
  vhost: string | null,
  { files, problems, cut }: Includes,
): { readonly plans: readonly AdoptPlan[]; readonly unread: readonly FoundView[] } {
  const ownerOf = ownerFinder(ctx);
  const plans = judgedGroups(ctx, files, vhost === null).flatMap((judged) => {
    const [file] = judged.group.files;
    return file === undefined ? [] : [planOf(ctx, judged, ownerOf(file))];
  });
  const unread = problems.map(({ path, problem }) =>
    unreadView(ctx, path, `It could not be read: ${problem}.`),
  );
  const { includeFolder } = ctx.host.layout;
  if (cut)
    unread.push(unreadView(ctx, includeFolder, 'There are too many include files: not all were looked at.'));
  return { plans, unread };
}

function planOf(ctx: Context, { group, taken, warnings, taking }: JudgedGroup, owner: FoundOwner): AdoptPlan {
  const why = cannotTake(group, owner, taken.scopes.length);
  const open = why === null ? taken.scopes : [];
  const scopes = owner.vhosts.flatMap((vhost) => open.map((scope): ExclusionScope => ({ vhost, ...scope })));
  const notes = [...warnings, ...ownerNotes(owner), ...(why === null ? taking : [])];
  const view: FoundView = {
    key: keyOf(ctx, [group.maker, ...group.files.flatMap(({ path, text }) => [path, text])]),
    maker: group.maker,
    vhost: owner.vhost === null ? null : decodeBytes(owner.vhost),
    account: owner.account === null ? null : decodeBytes(owner.account),
    places: group.lines.slice(0, MOST_PLACES).map(({ file, line }) => ({
      file: decodeBytes(file.path),
      line: line.spans[0]?.first ?? 1,
      text: line.text,
    })),
    words: foundWords(group, owner),
    warnings: notes.map((note) => ({ level: 'warn', ...note })),
    scopes: scopes.map(scopeView),
    adoptWhy: why,
  };
  return { view, scopes, edits: why === null ? taken.edits : [] };
}

function scopeView(scope: ExclusionScope): ScopeView {
  const isWide = scope.kind === 'rule-vhost' || scope.kind === 'tag-vhost';
  const path = scope.path === null ? null : pathText(scope.path);
  return { ...scope, path, form: isWide ? 'directive' : 'ctl', words: scopeWords(scope) };
}

function unreadView(ctx: Context, path: string, words: string): FoundView {
  return {
    key: keyOf(ctx, [path, words]),
    maker: 'hand',
    vhost: null,
    account: null,
    places: [{ file: decodeBytes(path), line: 1, text: '' }],
    words,
    warnings: [{ level: 'warn', code: 'unread', text: words }],
    scopes: [],
    adoptWhy: words,
  };
}

/** A letter in front: a hash may begin with a hyphen, which a command line takes for an option. */
function keyOf(ctx: Pick<Context, 'hash'>, parts: readonly string[]): string {
  return `f${ctx.hash(JSON.stringify(parts))}`;
}
