// The proxies that Apache's own configuration names (mod_remoteip): what comes from them is no visitor's address.
import { parseProxyList, parseRemoteProxies } from '../parse/remote-ip.ts';
import type { Layout } from './layout.ts';
import { folderOf } from './log-names.ts';
import type { Root } from './root.ts';
import { readSmallFile } from './small-file.ts';

const MAX_FILES = 500;
const MAX_BYTES = 1024 * 1024;
const MAX_LISTS = 100;

/**
 * Reads the `*.conf` files directly in Apache's folders for settings that hold for all vhosts: conf.d,
 * conf.d/includes, conf.modules.d. Larger ones than 1 MiB and unreadable ones are left out; a vhost's own include
 * files and the generated httpd.conf are not read. Whether the module is loaded does not matter: with it, the address
 * of a proxy is what it was before the module looked for a visitor's and found none.
 */
export function readRemoteProxies(root: Root, layout: Layout): string[] {
  const apache = folderOf(layout.apacheConfFolder);
  const folders = [
    layout.apacheConfFolder,
    `${layout.apacheConfFolder}/includes`,
    `${apache}/conf.modules.d`,
  ];
  const found = folders.flatMap((folder) => confTexts(root, folder)).map(parseRemoteProxies);
  const lists = [...new Set(found.flatMap((file) => file.lists))].slice(0, MAX_LISTS);
  const listed = lists.flatMap((path) => {
    const file = readSmallFile(root, path.startsWith('/') ? path : `${apache}/${path}`, MAX_BYTES);
    return file.problem === null ? parseProxyList(file.text) : [];
  });
  return [...new Set([...found.flatMap((file) => file.nets), ...listed])].sort();
}

function confTexts(root: Root, folder: string): string[] {
  const names = root.list(root.resolve(folder), MAX_FILES).filter(({ name }) => name.endsWith('.conf'));
  return names.flatMap(({ name }) => {
    const file = readSmallFile(root, `${folder}/${name}`, MAX_BYTES);
    return file.problem === null ? [file.text] : [];
  });
}
