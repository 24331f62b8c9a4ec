// What the server is called and which addresses are its own.
import { hostname, networkInterfaces } from 'node:os';
import { normalizeAddress } from '../parse/address.ts';
import { userdataAddresses } from '../parse/userdatadomains.ts';
import type { Root } from './root.ts';
import { readSmallFile } from './small-file.ts';

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/;

/** The host name: of this machine for the root `/`, else as the server's files say; null when they do not. */
export function readHostname(root: Root): string | null {
  if (root.dir === '/') return hostname();
  const plain = textOf(root, '/etc/hostname').trim();
  const name =
    plain === '' ? /^HOSTNAME=["']?([^"'\s]+)/m.exec(textOf(root, '/etc/sysconfig/network'))?.[1] : plain;
  return name !== undefined && HOST_NAME.test(name) ? name.toLowerCase() : null;
}

/**
 * The server's own addresses, normalised, each once: loopback; for the root `/` this machine's interfaces;
 * cPanel's main and further addresses; the vhosts' ones; and in /etc/hosts the lines with the server's own name.
 */
export function readOwnAddresses(root: Root, userdatadomains: string): string[] {
  const texts = [
    ...LOOPBACK,
    ...(root.dir === '/' ? interfaceAddresses() : []),
    textOf(root, '/var/cpanel/mainip'),
    ...textOf(root, '/etc/ips')
      .split(/\r?\n/)
      .map((line) => line.split(':')[0] ?? ''),
    ...userdataAddresses(textOf(root, userdatadomains)),
    ...hostsAddresses(textOf(root, '/etc/hosts'), readHostname(root)),
  ];
  const addresses = texts.map(normalizeAddress).filter((address) => address !== null);
  return [...new Set(addresses)];
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
}

/** /etc/hosts may pin other machines too, so only lines that name this one count. */
function hostsAddresses(text: string, name: string | null): string[] {
  const own = new Set(['localhost', ...(name === null ? [] : [name, name.split('.')[0] ?? name])]);
  return text.split(/\r?\n/).flatMap((line) => {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    return names.some((entry) => own.has(entry.toLowerCase())) ? [address] : [];
  });
}

function textOf(root: Root, path: string): string {
  const file = readSmallFile(root, path);
  return file.problem === null ? file.text : '';
}
