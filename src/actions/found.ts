// Exclusions that somebody else left: CMC's files, hand-made lines, rules switched off in WHM. They are listed with what
// they switch off, and can be taken over as exclusions of ours where these can say the same.
import type { ReachNote } from '../analyse/exclusion-reach.ts';
import { foundWarnings, stayingNotes, treesDiffer } from '../analyse/found-warnings.ts';
import type { InstalledRules } from '../analyse/take-over.ts';
import type { ExclusionScope } from '../model.ts';
import { decodeBytes } from '../parse/text.ts';
import type { Context } from './context.ts';
import type { FoundView, ScopeView } from './exclusion-view.ts';
import { adoption, type FileEdit } from './found-adopt.ts';
import { type FoundGroup, type FoundLine, groupFound } from './found-groups.ts';
import { type FoundOwner, ownerFinder } from './found-owner.ts';
import { cannotTake, foundWords, ownerNotes } from './found-sentences.ts';
import { ruleCatalogue } from './rule-catalogue.ts';

/** What taking a found one over does: our exclusions to add, and the bytes of its own files before and after. */
export interface AdoptPlan {
  readonly view: FoundView;
  /** Empty when it cannot be taken over: `view.adoptWhy` says why. */
  readonly scopes: readonly ExclusionScope[];
  readonly edits: readonly FileEdit[];
}

/** A page shows so many lines of one find. */
const MOST_PLACES = 100;

/**
 * What others left, for one vhost (its servername) with what it shares with others, or for the whole server (null).
 * A file that is there and cannot be read is listed too.
 */
export function foundExclusions(ctx: Context, vhost: string | null): Promise<readonly FoundView[]> {
  const { plans, unread } = plansOf(ctx, vhost);
  return Promise.resolve([...plans.map(({ view }) => view), ...unread]);
}

/** The plan for one found exclusion by its key; null when there is none (its files say something else by now). */
export function adoptPlan(ctx: Context, key: string): Promise<AdoptPlan | null> {
  return Promise.resolve(plansOf(ctx, null).plans.find(({ view }) => view.key === key) ?? null);
}

function plansOf(
  ctx: Context,
  vhost: string | null,
): { readonly plans: readonly AdoptPlan[]; readonly unread: readonly FoundView[] } {
  const { files, problems, cut } = ctx.host.includeFiles(vhost);
  const rules = loadedRules(ctx);
  const groups = groupFound(files, rules);
  const ownerOf = ownerFinder(ctx);
  const inTree = Map.groupBy(
    groups.flatMap(({ lines }) => lines),
    ({ file }) => JSON.stringify([file.tree, file.account, file.domain]),
  );
  const linesIn = (tree: string, { file }: FoundLine): readonly FoundLine[] =>
    inTree.get(JSON.stringify([tree, file.account, file.domain])) ?? [];
  const plans = groups.flatMap((group) => {
    const [first] = group.lines;
    if (first === undefined) return [];
    const owner = ownerOf(first.file);
    const differ = differs(group, linesIn('std', first), linesIn('ssl', first));
    return [planOf(ctx, { group, owner, rules, differ })];
  });
  const unread = problems.map(({ path, problem }) =>
    unreadView(ctx, path, `It could not be read: ${problem}.`),
  );
  if (cut)
    unread.push(
      unreadView(
        ctx,
        ctx.host.layout.includeFolder,
        'There are too many include files: not all were looked at.',
      ),
    );
  return { plans, unread };
}

/** Rules that Apache loads, also those that a line switches off for the whole server; all when none seems loaded. */
function loadedRules(ctx: Context): InstalledRules {
  const all = [...ruleCatalogue(ctx).rules.values()].flat();
  const loaded = all.filter((entry) => entry.loaded !== false);
  const rules = (loaded.length === 0 ? all : loaded).map(({ rule }) => rule);
  return Map.groupBy(rules, ({ id }) => id);
}

/** Only what this group holds is compared, with all that the other tree of its folder holds. */
function differs(group: FoundGroup, std: readonly FoundLine[], ssl: readonly FoundLine[]): ReachNote | null {
  const own = new Set(group.lines);
  const ofGroup = (lines: readonly FoundLine[]): FoundLine[] => lines.filter((line) => own.has(line));
  return treesDiffer({ std: ofGroup(std), ssl: ofGroup(ssl) }, { std, ssl });
}

interface Found {
  readonly group: FoundGroup;
  readonly owner: FoundOwner;
  readonly rules: InstalledRules;
  readonly differ: ReachNote | null;
}

function planOf(ctx: Context, found: Found): AdoptPlan {
  const { group, owner, rules, differ } = found;
  const taken = adoption(group);
  const why = cannotTake(group, owner, taken.scopes.length);
  const open = why === null ? taken.scopes : [];
  const scopes = owner.vhosts.flatMap((vhost) => open.map((scope): ExclusionScope => ({ vhost, ...scope })));
  const notes = [
    ...(differ === null ? [] : [differ]),
    ...foundWarnings(group.lines, rules),
    ...ownerNotes(owner),
    ...(why === null ? stayingNotes(group.lines) : []),
  ];
  const view: FoundView = {
    key: ctx.hash(JSON.stringify([group.maker, ...group.files.flatMap(({ path, text }) => [path, text])])),
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
  return { ...scope, path: pathText(scope), form: isWide ? 'directive' : 'ctl', words: '' };
}

function pathText({ path }: ExclusionScope): string | null {
  if (path === null) return null;
  return path.kind === 'prefix' ? `${path.text}*` : path.text;
}

function unreadView(ctx: Context, path: string, words: string): FoundView {
  return {
    key: ctx.hash(JSON.stringify([path, words])),
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
