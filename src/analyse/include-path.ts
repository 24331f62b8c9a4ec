// Which files an Include line means, by names alone. cPanel's folders have several names (links, a copied server), so
// paths are compared from conf.d or modsec_vendor_configs on.

const VENDORS = '/modsec_vendor_configs/';
const CONF_D = '/conf.d/';

/** The part of a server path that stays the same under all names of its folder. */
function tailOf(path: string): string {
  const rooted = `/${path}`.replace(/\/{2,}/g, '/');
  const vendors = rooted.lastIndexOf(VENDORS);
  if (vendors >= 0) return rooted.slice(vendors);
  const confD = rooted.lastIndexOf(CONF_D);
  return confD < 0 ? rooted : rooted.slice(confD);
}

/** Finds the files that Include lines mean among those given. */
export class IncludeFinder {
  private readonly paths: readonly { readonly path: string; readonly tail: string }[];

  constructor(paths: readonly string[]) {
    this.paths = paths
      .map((path) => ({ path, tail: tailOf(path) }))
      .sort((a, b) => (a.tail < b.tail ? -1 : 1));
  }

  /** A file, a pattern with `*` and `?` in any component, or a folder with all below it; sorted as Apache does. */
  find(argument: string): string[] {
    const tail = tailOf(argument).replace(/\/$/, '');
    if (tail === '') return [];
    const matches = /[*?]/.test(tail)
      ? (candidate: string): boolean => matchesPattern(tail.split('/'), candidate.split('/'))
      : (candidate: string): boolean => candidate === tail || candidate.startsWith(`${tail}/`);
    return this.paths.filter((candidate) => matches(candidate.tail)).map(({ path }) => path);
  }
}

function matchesPattern(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((part, at) => matchesPart(part, path[at] ?? ''));
}

/** `*` any run of characters, `?` one of them; time grows with the product of the lengths at most. */
function matchesPart(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < name.length;) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      resume = i;
    } else if (wanted === '?' || wanted === name[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
