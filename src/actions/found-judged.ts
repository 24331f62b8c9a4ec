// Found groups with what is known of each from files and rules alone; made anew when one of these changes.
import type { Catalogue } from '../analyse/catalogue.ts';
import type { ReachNote } from '../analyse/exclusion-reach.ts';
import { foundWarnings, takingNotes, treesDiffer } from '../analyse/found-warnings.ts';
import type { InstalledRules } from '../analyse/take-over.ts';
import type { IncludeFile } from '../host/vhost-includes.ts';
import type { Context } from './context.ts';
import { type Adoption, adoption } from './found-adopt.ts';
import { type FoundGroup, type FoundLine, groupFound } from './found-groups.ts';
import { ruleCatalogue } from './rule-catalogue.ts';

export interface JudgedGroup {
  readonly group: FoundGroup;
  readonly taken: Adoption;
  /** What plain HTTP and HTTPS do differently, and what the lines do beyond what they seem to. */
  readonly warnings: readonly ReachNote[];
  /** What to know when it is taken over. */
  readonly taking: readonly ReachNote[];
}

/** More lines are judged anew each time: kept, they would take tens of MiB. */
const MOST_KEPT = 20_000;

interface Kept {
  readonly catalogue: Catalogue;
  readonly files: readonly IncludeFile[];
  readonly groups: readonly JudgedGroup[];
}

const kept = new WeakMap<Context['host'], Kept>();

/** The groups of the server's include files; `keep` for all files of the server, which are asked for again and again. */
export function judgedGroups(
  ctx: Context,
  files: readonly IncludeFile[],
  keep: boolean,
): readonly JudgedGroup[] {
  const catalogue = ruleCatalogue(ctx);
  const before = kept.get(ctx.host);
  if (keep && before?.catalogue === catalogue && isSame(before.files, files)) return before.groups;
  const rules = loadedRules(catalogue);
  const found = groupFound(files, rules);
  const inTree = Map.groupBy(
    found.flatMap(({ lines }) => lines),
    ({ file }) => treeKey(file.tree, file),
  );
  const groups = found.map((group) => judged(group, rules, inTree));
  if (keep && found.reduce((sum, { lines }) => sum + lines.length, 0) <= MOST_KEPT)
    kept.set(ctx.host, { catalogue, files, groups });
  return groups;
}

/** The host gives the very same texts while files stay as they are. */
function isSame(before: readonly IncludeFile[], files: readonly IncludeFile[]): boolean {
  return (
    before.length === files.length &&
    files.every(({ path, text }, at) => before[at]?.path === path && before[at].text === text)
  );
}

/** Rules that Apache loads, also those that a line switches off for the whole server; all when none seems loaded. */
function loadedRules({ rules }: Catalogue): InstalledRules {
  const all = [...rules.values()].flat();
  const loaded = all.filter((entry) => entry.loaded !== false);
  return Map.groupBy(
    (loaded.length === 0 ? all : loaded).map(({ rule }) => rule),
    ({ id }) => id,
  );
}

function treeKey(tree: string, { account, domain }: IncludeFile): string {
  return JSON.stringify([tree, account, domain]);
}

function judged(
  group: FoundGroup,
  rules: InstalledRules,
  inTree: ReadonlyMap<string, readonly FoundLine[]>,
): JudgedGroup {
  const { lines, files } = group;
  const [file] = files;
  const allIn = (tree: string): readonly FoundLine[] =>
    (file === undefined ? undefined : inTree.get(treeKey(tree, file))) ?? [];
  const ownIn = (tree: string): readonly FoundLine[] => lines.filter((line) => line.file.tree === tree);
  const differ = treesDiffer(
    { std: ownIn('std'), ssl: ownIn('ssl') },
    { std: allIn('std'), ssl: allIn('ssl') },
  );
  return {
    group,
    taken: adoption(group),
    warnings: [...(differ === null ? [] : [differ]), ...foundWarnings(lines, rules)],
    taking: takingNotes(lines),
  };
}
