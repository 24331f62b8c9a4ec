// Which of the host names that visitors named are served by one vhost.
import type { Context } from './context.ts';

/** Names that cPanel gives each domain beside its own, for servers whose userdata does not tell. */
const USUAL = /^(?:www|mail)\./;

/** All names of a vhost, and those in the kept requests that its wildcards take in; lower case. */
export function hostsOf(ctx: Pick<Context, 'host' | 'store'>, vhost: string): ReadonlySet<string> {
  const isServed = servedBy(ctx, vhost);
  const names = new Set([vhost, ...ctx.host.aliases(vhost)].map((name) => name.toLowerCase()));
  for (const host of ctx.store.counts.hosts()) if (isServed(host)) names.add(host);
  return names;
}

/** Whether a host name (lower case) is served by a vhost: by its names, then by its wildcards. */
function servedBy({ host }: Pick<Context, 'host'>, vhost: string): (name: string) => boolean {
  const domains = host.vhosts();
  const others = new Set(
    domains.filter((one) => one.vhost !== vhost).map(({ domain }) => domain.toLowerCase()),
  );
  const names = new Set([vhost, ...host.aliases(vhost)].map((name) => name.toLowerCase()));
  const own = new Set(domains.filter((one) => one.vhost === vhost).map(({ domain }) => domain.toLowerCase()));
  const isTold = [...names].some((name) => name !== vhost && !own.has(name));
  const wild = [...names].filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  return (name) => {
    if (names.has(name)) return true;
    if (others.has(name)) return false;
    if (!isTold && USUAL.test(name) && names.has(name.replace(USUAL, ''))) return true;
    return wild.some((end) => name.endsWith(end) && name.length > end.length);
  };
}
