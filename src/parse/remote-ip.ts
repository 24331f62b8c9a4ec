// What Apache's mod_remoteip is told about proxies: their addresses and nets, and the files that list more of them.
import { directives } from './apache-directives.ts';
import { usableNet } from './address.ts';

/** The proxies that one configuration file names. */
export interface RemoteProxies {
  /** Addresses and nets, normalised. */
  readonly nets: readonly string[];
  /** Files of further ones, as written (absolute, or below Apache's own folder). */
  readonly lists: readonly string[];
}

const NETS: ReadonlySet<string> = new Set(['remoteiptrustedproxy', 'remoteipinternalproxy']);
const LISTS: ReadonlySet<string> = new Set(['remoteiptrustedproxylist', 'remoteipinternalproxylist']);

/**
 * Reads RemoteIPTrustedProxy, RemoteIPInternalProxy and their List forms out of a configuration text (latin1), in
 * whatever section they stand: a proxy of one vhost is a proxy. Host names and nets that are too wide to be
 * somebody's proxies (see `usableNet`) are left out. Never throws.
 */
export function parseRemoteProxies(text: string): RemoteProxies {
  const nets: string[] = [];
  const lists: string[] = [];
  for (const { name, words } of directives(text)) {
    const directive = name.toLowerCase();
    if (NETS.has(directive)) nets.push(...words.flatMap((word) => usableNet(word) ?? []));
    else if (LISTS.has(directive)) lists.push(...words.slice(0, 1));
  }
  return { nets, lists };
}

/** Reads a file of proxies: one address or net a word, `#` begins a comment. Never throws. */
export function parseProxyList(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const words = (line.split('#', 1)[0] ?? '').split(/\s+/);
    return words.flatMap((word) => usableNet(word) ?? []);
  });
}
