// Which logs a search reads: by kind, vhost, account or path, and which of those cannot hold what was asked.
import { logBase } from '../host/log-names.ts';
import type { SearchKind, SearchLog } from '../model.ts';
import { BadInput } from './errors.ts';
import type { SearchContext } from './search-context.ts';
import { DEFAULT_KINDS, SEARCH_KINDS, type SearchQuery } from './search-query.ts';

/** A chosen log; `leftOut` says why it is not read, null when it is. */
export interface ChosenLog {
  readonly log: SearchLog;
  readonly leftOut: string | null;
}

export interface Choice {
  readonly logs: readonly ChosenLog[];
  /** Host names whose lines are wanted from logs that several vhosts share; null: any. */
  readonly names: ReadonlySet<string> | null;
}

/** Chooses the logs. Throws BadInput for a log, vhost or account that is not there. */
export function chooseLogs(ctx: SearchContext, query: SearchQuery): Choice {
  const wanted = query.logs.length === 0 ? DEFAULT_KINDS : query.logs;
  const paths = wanted.filter((name) => name.startsWith('/'));
  const kinds = wanted.filter((name) => !name.startsWith('/')).map(kindOf);
  const all = ctx.host.searchLogs();
  const byPath = paths.flatMap((path) => logsAt(ctx, path, all));
  const byKind = all.filter((log) => kinds.includes(log.kind));
  const vhosts = wantedVhosts(ctx, query, all);
  const names = vhosts === null ? null : hostNames(ctx, vhosts);
  const once = new Map([...byPath, ...byKind].map((log) => [log.path, log]));
  const chosen = [...once.values()].filter(
    (log) => vhosts === null || log.vhost === null || vhosts.has(log.vhost) || paths.includes(log.path),
  );
  return { logs: chosen.map((log) => ({ log, leftOut: whyNot(log, query) })), names };
}

function kindOf(name: string): SearchKind {
  const kind = SEARCH_KINDS.find((one) => one === name);
  if (kind !== undefined) return kind;
  throw new BadInput(
    `“${name.slice(0, 80)}” is no kind of log. Choose from ${SEARCH_KINDS.join(', ')}, or give the full path of a log.`,
    'logs',
  );
}

/** A log by its path, with its rotated ones: the rotated switch decides on those later. */
function logsAt(ctx: SearchContext, path: string, all: readonly SearchLog[]): SearchLog[] {
  const log = ctx.host.searchLogAt(path);
  if (log.problem !== null)
    throw new BadInput(`${path.slice(0, 200)} cannot be searched: ${log.problem}.`, 'logs');
  const family = log.rotated ? [] : all.filter((other) => other.rotated && familyOf(other) === familyOf(log));
  return [log, ...family];
}

/** Logs that are the same one at different times have the same family. */
export function familyOf({ kind, vhost, path }: SearchLog): string {
  return `${kind} ${vhost ?? ''} ${logBase(path.slice(path.lastIndexOf('/') + 1))}`;
}

function wantedVhosts(
  ctx: SearchContext,
  { vhost, account }: SearchQuery,
  all: readonly SearchLog[],
): ReadonlySet<string> | null {
  if (vhost === null && account === null) return null;
  const served = ctx.host.vhosts();
  const found = new Set<string>();
  if (vhost !== null) {
    const name = vhost.trim().toLowerCase();
    const own = served.find((entry) => entry.domain === name || entry.vhost === name)?.vhost;
    const logged = all.find((log) => log.vhost === name)?.vhost;
    const servername = own ?? logged ?? null;
    if (servername === null)
      throw new BadInput(
        `No vhost “${name.slice(0, 80)}” is known here: neither userdatadomains nor an access log names it. Check the spelling, or search for the name as a pattern.`,
        'vhost',
      );
    found.add(servername);
  }
  if (account !== null) {
    const vhosts = served.filter((entry) => entry.account === account.trim()).map((entry) => entry.vhost);
    if (vhosts.length === 0)
      throw new BadInput(
        `No account “${account.slice(0, 80)}” is known here: userdatadomains does not name it.`,
        'account',
      );
    if (vhost === null) for (const one of vhosts) found.add(one);
    else if (![...found].some((one) => vhosts.includes(one)))
      throw new BadInput(
        `The vhost ${vhost} does not belong to the account ${account}. Leave one of them out.`,
        'vhost',
      );
  }
  return found;
}

function hostNames(ctx: SearchContext, vhosts: ReadonlySet<string>): Set<string> {
  const names = new Set<string>();
  for (const vhost of vhosts) {
    names.add(vhost);
    for (const alias of ctx.host.aliases(vhost)) names.add(alias.toLowerCase());
  }
  return names;
}

function whyNot(log: SearchLog, query: SearchQuery): string | null {
  if (query.status !== null && log.kind !== 'access') return 'only access logs have a status';
  const isNarrowed = query.vhost !== null || query.account !== null;
  if (isNarrowed && (log.kind === 'lfd' || log.kind === 'mail' || log.kind === 'system'))
    return 'its lines name no vhost';
  if (isNarrowed && log.kind === 'audit' && log.compressed)
    return 'in packed audit logs the vhost of a line cannot be told';
  if (query.rotated === 'never' && log.rotated) return 'rotated logs are not wanted';
  return null;
}
