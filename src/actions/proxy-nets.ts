// Which addresses are shared proxies on this server: the published networks, what --config says, and Apache's own list.
import { proxyNets, type ProxyNets } from '../analyse/proxies.ts';
import type { Host } from '../host/host.ts';

/** What --config says of networks. */
export interface NetworkSettings {
  /** This server's own load balancers and other shared nets. */
  readonly proxies?: readonly string[] | undefined;
  /** Instead of the published ranges of the large networks; may be empty. */
  readonly cdnRanges?: readonly string[] | undefined;
  /** Whether DNS is asked for host names; auto: on the live server only. */
  readonly dns?: 'on' | 'off' | 'auto' | undefined;
}

/** Apache's configuration is looked at again after this long. */
const KEPT_MS = 600_000;

/** Gives the nets whenever they are asked for; Apache's configuration is read at most every 10 minutes. */
export function proxyBook(
  host: Pick<Host, 'remoteProxies'>,
  settings: NetworkSettings,
  clock: () => number = Date.now,
): () => ProxyNets {
  let kept: { readonly nets: ProxyNets; readonly at: number } | null = null;
  return () => {
    const at = clock();
    if (kept === null || Math.abs(at - kept.at) >= KEPT_MS) {
      const own = [...(settings.proxies ?? []), ...host.remoteProxies()];
      kept = { nets: proxyNets({ own, cdnRanges: settings.cdnRanges }), at };
    }
    return kept.nets;
  };
}

/** Whether DNS is asked: on the live server, unless --config says otherwise. What a copy holds is none of its business. */
export function asksDns(settings: NetworkSettings | undefined, rootDir: string): boolean {
  const dns = settings?.dns ?? 'auto';
  return dns === 'auto' ? rootDir === '/' : dns === 'on';
}
