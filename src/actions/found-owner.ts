// For which vhosts a found file counts, by the folder it lies in.
import type { IncludeFile } from '../host/vhost-includes.ts';
import type { Vhost } from '../model.ts';
import type { Context } from './context.ts';

/** For whom Apache takes the files of a group. */
export interface FoundOwner {
  /** `none`: a folder that no vhost is named after, so Apache takes it for nobody. */
  readonly width: 'vhost' | 'account' | 'shared' | 'server' | 'none';
  /** Servername; for `none` the folder's own name; null for more than one vhost. */
  readonly vhost: string | null;
  readonly account: string | null;
  /** The vhosts that an exclusion of ours would have to name. */
  readonly vhosts: readonly string[];
  /** The name of the folder where it is another name of the vhost; null else. */
  readonly alias: string | null;
}

/** Answers for many files, asking for the names of a vhost only when a folder is named after an alias. */
export function ownerFinder(ctx: Context): (file: IncludeFile) => FoundOwner {
  const vhosts = ctx.host.vhosts();
  const byAccount = Map.groupBy(vhosts, ({ account }) => account);
  const aliases = new Map<string, ReadonlyMap<string, string>>();
  const vhostsOf = (account: string): string[] => [
    ...new Set((byAccount.get(account) ?? []).map(({ vhost }) => vhost)),
  ];
  const aliasesOf = (account: string): ReadonlyMap<string, string> => {
    const known = aliases.get(account);
    if (known !== undefined) return known;
    const found = new Map(
      vhostsOf(account).flatMap((vhost) =>
        ctx.host.aliases(vhost).map((name): [string, string] => [name, vhost]),
      ),
    );
    aliases.set(account, found);
    return found;
  };
  return ({ tree, account, domain }) => {
    const wide = { vhost: null, account, vhosts: [], alias: null };
    if (tree === 'server') return { ...wide, width: 'server' };
    if (account === null) return { ...wide, width: 'shared' };
    if (domain === null) {
      const all = vhostsOf(account);
      return { ...wide, width: all.length === 0 ? 'none' : 'account', account, vhosts: all };
    }
    const name = domain.replace(/^_wildcard_\./, '*.');
    const vhost = directVhost(byAccount.get(account) ?? [], name) ?? aliasesOf(account).get(name) ?? null;
    if (vhost === null) return { ...wide, width: 'none', vhost: domain, account };
    return { width: 'vhost', vhost, account, vhosts: [vhost], alias: vhost === name ? null : domain };
  };
}

function directVhost(vhosts: readonly Vhost[], name: string): string | null {
  return vhosts.find((one) => one.vhost === name || one.domain === name)?.vhost ?? null;
}
