// Lines of others that switch rules off, put together: one group for each maker and pair of files (std and ssl).
import type { ReachNote } from '../analyse/exclusion-reach.ts';
import { type Position, reachOf, samePlace } from '../analyse/exclusion-reach.ts';
import type { JudgedLine } from '../analyse/found-warnings.ts';
import { type InstalledRules, takeOver } from '../analyse/take-over.ts';
import type { IncludeFile } from '../host/vhost-includes.ts';
import { parseCmcFile } from '../parse/cmc-file.ts';
import { type ExclusionLine, exclusionLines } from '../parse/exclusion-lines.ts';

/** Whyblocked's own file: what stands in it is no find. */
const OWN_NAME = 'whyblocked.conf';

/** A file in which lines were found. */
export interface FoundFile extends IncludeFile {
  readonly name: string;
  /** True when CMC wrote all directives of it. */
  readonly whollyCmc: boolean;
}

export interface FoundLine extends JudgedLine {
  readonly file: FoundFile;
}

export interface FoundGroup {
  readonly maker: 'cmc' | 'whm' | 'hand';
  /** In Apache's order: std before ssl. */
  readonly files: readonly FoundFile[];
  readonly lines: readonly FoundLine[];
}

/**
 * The groups of these files, in their order. Files are read as they lie on the disk: their names and texts may be
 * anything. A SecRuleEngine that a later one of its folder overrules has no effect, and says so.
 */
export function groupFound(files: readonly IncludeFile[], rules: InstalledRules): FoundGroup[] {
  const read = files
    .map((file) => ({ ...file, name: nameOf(file.path) }))
    .filter(({ name, tree }) => tree === 'server' || name !== OWN_NAME)
    .sort((a, b) => rank(a) - rank(b));
  const lines = overruled(read.flatMap((file) => linesOf(file, rules))).filter(
    ({ line }) => line.value !== 'On',
  );
  const groups = Map.groupBy(lines, ({ maker, file }) => JSON.stringify([maker, ...pairOf(file)]));
  return Array.from(groups.values(), (group) => ({
    maker: group[0]?.maker ?? 'hand',
    files: [...new Set(group.map(({ file }) => file))],
    lines: group,
  }));
}

interface MadeLine extends FoundLine {
  readonly maker: FoundGroup['maker'];
}

function linesOf(file: IncludeFile & { readonly name: string }, rules: InstalledRules): MadeLine[] {
  const lines = exclusionLines(file.text);
  if (lines.length === 0) return [];
  const cmc = file.name === 'modsec2.cpanel.conf' ? null : parseCmcFile(file.text, file.name);
  const found: FoundFile = { ...file, whollyCmc: cmc !== null && !cmc.mixed };
  const position = positionOf(file);
  return lines.map((line) => {
    const reach = reachOf(line, position);
    const taken = takeOver(line, reach, rules);
    return { maker: makerOf(file.name, cmc?.own, line), file: found, line, reach, taken };
  });
}

function makerOf(
  name: string,
  cmc: ReadonlySet<number> | undefined,
  line: ExclusionLine,
): FoundGroup['maker'] {
  if (name === 'modsec2.cpanel.conf') return 'whm';
  return cmc?.has(line.spans[0]?.first ?? 0) === true ? 'cmc' : 'hand';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The same for the std and the ssl file of one folder and name. */
function pairOf(file: FoundFile): readonly (string | null)[] {
  const isPair = file.tree === 'std' || file.tree === 'ssl';
  return isPair ? ['pair', ...folderOf(file), file.name] : ['file', file.path];
}

function folderOf({ account, domain, owner }: IncludeFile): readonly (string | null)[] {
  return [account, domain, owner];
}

/**
 * Where a file stands among the server's rules: conf.d/modsec2.conf loads modsec2.user.conf, then modsec2.cpanel.conf
 * with the vendors' rules; Apache reads conf.d in the order of names, its includes/pre_main* before and the others after.
 */
function rank({ tree, path, name }: IncludeFile & { readonly name: string }): number {
  if (tree !== 'server') return 6;
  if (path.endsWith('/modsec/modsec2.user.conf')) return 2;
  if (path.endsWith('/modsec/modsec2.cpanel.conf')) return 3;
  if (path.endsWith(`/includes/${name}`)) return name.startsWith('pre_main') ? 0 : 5;
  return name < 'modsec2.conf' ? 1 : 4;
}

function positionOf(file: IncludeFile & { readonly name: string }): Position {
  if (file.tree !== 'server') return 'vhost';
  return rank(file) <= 2 ? 'before-rules' : 'after-rules';
}

const OVERRULED: ReachNote = {
  code: 'overruled',
  text: 'A later SecRuleEngine in the same place overrules it.',
};

/** Of several SecRuleEngine in one place the last counts. */
function overruled(lines: readonly MadeLine[]): MadeLine[] {
  const last = new Map<string, MadeLine[]>();
  for (const one of lines.toReversed()) {
    if (one.line.kind !== 'engine' || one.line.rule !== null || one.reach.from === null) continue;
    const folder = JSON.stringify([one.file.tree, ...folderOf(one.file)]);
    const known = last.get(folder) ?? [];
    if (!known.some(({ line }) => samePlace(line, one.line))) last.set(folder, [...known, one]);
  }
  return lines.map((one) => {
    if (one.line.kind !== 'engine' || one.line.rule !== null) return one;
    const folder = JSON.stringify([one.file.tree, ...folderOf(one.file)]);
    const counts = last.get(folder)?.find(({ line }) => samePlace(line, one.line));
    if (counts === undefined || counts.line.value === one.line.value) return one;
    return { ...one, reach: { from: null, notes: [OVERRULED] }, taken: { kind: 'nothing' } };
  });
}
