// Taking found lines over: which of them become exclusions of ours, and what is left of their files.
import type { OpenScope } from '../analyse/take-over.ts';
import type { FoundFile, FoundGroup, FoundLine } from './found-groups.ts';

/** A file as it is and as it would be; texts are latin1. */
export interface FileEdit {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface Adoption {
  readonly scopes: readonly OpenScope[];
  readonly edits: readonly FileEdit[];
}

const PREFIX = '# adopted by Whyblocked: ';
/** Never an empty folder: Apache does not start when a folder that it includes holds no file. */
const LEFT_OF_CMC = `# The rules that ConfigServer ModSecurity Control (CMC) switched off here are exclusions of Whyblocked now.
# Leave this file where it is: Apache does not start when a folder that it includes holds no .conf file.
`;

/**
 * What becomes of a group: a directive is taken over whole or not at all. A file that CMC alone wrote, and of which
 * nothing has to stay, is left with a comment; in others the directives taken over become comments and every other byte
 * stays. No scopes and no edits when nothing can be taken over.
 */
export function adoption(group: FoundGroup): Adoption {
  const units = [...Map.groupBy(group.lines, (line) => unitOf(line)).values()].filter(isTaken);
  const scopes = unique(units.flat().flatMap(({ taken }) => (taken.kind === 'scopes' ? taken.scopes : [])));
  const edits = group.files.flatMap((file) => {
    const here = units.filter((unit) => unit[0]?.file === file);
    if (here.length === 0) return [];
    const stays = group.lines.some((one) => one.file === file && one.taken.kind === 'stays');
    const whole = group.maker === 'cmc' && file.whollyCmc && !stays;
    const after = whole ? LEFT_OF_CMC : commentedOut(file, here.flat());
    return [{ path: file.path, before: file.text, after }];
  });
  return { scopes, edits };
}

function unitOf({ file, line }: FoundLine): string {
  return `${line.spans[0]?.first ?? 0} ${file.path}`;
}

function isTaken(unit: readonly FoundLine[]): boolean {
  return (
    unit.some(({ taken }) => taken.kind === 'scopes') && !unit.some(({ taken }) => taken.kind === 'stays')
  );
}

/** Each line of the directives, continued ones too, gets the mark before it: Apache continues comments as well. */
function commentedOut(file: FoundFile, lines: readonly FoundLine[]): string {
  const numbers = new Set(
    lines.flatMap(({ line }) =>
      line.spans.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, at) => first + at),
      ),
    ),
  );
  return file.text
    .split('\n')
    .map((text, index) => (numbers.has(index + 1) ? PREFIX + text : text))
    .join('\n');
}

function unique(scopes: readonly OpenScope[]): OpenScope[] {
  return [...new Map(scopes.map((scope) => [JSON.stringify(scope), scope])).values()];
}
