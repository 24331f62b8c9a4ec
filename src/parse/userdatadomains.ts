// /etc/userdatadomains of cPanel: which domain belongs to which account and is served by which vhost.
import type { Vhost } from '../model.ts';
import { decodeBytes } from './text.ts';

const KINDS: Readonly<Record<string, Vhost['kind']>> = {
  main: 'main',
  addon: 'addon',
  parked: 'parked',
  sub: 'sub',
};
/** Names become parts of paths (domlogs, userdata): nothing that could lead elsewhere. */
const SAFE_DOMAIN = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,252})$/;
const SAFE_ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/**
 * Reads lines `domain: user==owner==type==servername==docroot==…` (latin1; further fields are ignored).
 * The servername is the vhost: the main domain for a parked one, the subdomain behind an addon.
 * Lines of another shape, or with names that could not be a domain or an account, are left out.
 */
export function parseUserdatadomains(text: string): Vhost[] {
  const vhosts: Vhost[] = [];
  for (const { domain, fields } of records(text)) {
    const [account = '', owner = '', kind = '', servername = '', documentRoot = ''] = fields;
    const vhost = servername.toLowerCase();
    if (!isDomain(domain) || !SAFE_ACCOUNT.test(account) || !isDomain(vhost)) continue;
    vhosts.push({
      domain,
      account,
      owner: decodeBytes(owner),
      kind: KINDS[kind] ?? 'other',
      vhost,
      documentRoot: decodeBytes(documentRoot),
    });
  }
  return vhosts;
}

/**
 * The server's own addresses that the same lines name after the document root (`203.0.113.9:80`, IPv6 as
 * `[2001:db8::9]:443` or bare): texts without port, not normalised, each once.
 */
export function userdataAddresses(text: string): string[] {
  const found = new Set<string>();
  for (const { fields } of records(text)) {
    for (const field of fields.slice(5, 8)) {
      const address = /^\[?([0-9a-fA-F.:]{2,45}?)\]?(?::\d{1,5})?$/.exec(field)?.[1];
      if (address !== undefined && /[.:]/.test(address)) found.add(address);
    }
  }
  return [...found];
}

function* records(text: string): Generator<{ readonly domain: string; readonly fields: readonly string[] }> {
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(': ');
    if (colon < 1) continue;
    yield {
      domain: line.slice(0, colon).toLowerCase(),
      fields: line
        .slice(colon + 2)
        .trim()
        .split('=='),
    };
  }
}

function isDomain(name: string): boolean {
  return SAFE_DOMAIN.test(name) && !name.includes('..');
}
