// The Include lines that cPanel's templates write into a vhost: only for globs that match while httpd.conf is built.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFacts } from './config.ts';
import type { BedVhost } from './sites.ts';

/** Apache's folder as configuration files name it; Apache reads copies that name the bed's alias (stand-ins.ts). */
export const CONF = '/etc/apache2';
const USERDATA = '/conf.d/userdata';
/** The reseller who owns all accounts of the bed. */
const OWNER = 'root';

/** Whether the shell's `<folder>/*<ending>` would match: names that begin with a dot do not. */
function matches(facts: ConfigFacts, folder: string, ending: string): boolean {
  const full = join(facts.root, 'etc/apache2', folder);
  return existsSync(full) && readdirSync(full).some((name) => name.endsWith(ending) && !name.startsWith('.'));
}

/** `2_4` when that folder is there, else the one of older servers. */
function versionFolder(facts: ConfigFacts, kind: 'std' | 'ssl'): string {
  const newer = `${USERDATA}/${kind}/2_4`;
  return existsSync(join(facts.root, 'etc/apache2', newer)) ? newer : `${USERDATA}/${kind}/2`;
}

/**
 * The lines of one vhost in the order of the templates (vhost.default and ssl_vhost.default of ea-apache2-config):
 * for all vhosts, for the owner's, for this kind, for the account, for each alias and last the servername. Later ones
 * win. The template ends with a hint in a comment that looks like an Include line.
 */
export function userdataIncludes(facts: ConfigFacts, vhost: BedVhost, kind: 'std' | 'ssl'): string {
  const version = versionFolder(facts, kind);
  const account = `${version}/${vhost.account}`;
  const domains = [...new Set([...vhost.aliases, vhost.servername])];
  const shared = [USERDATA, `${USERDATA}/${kind}`, version].flatMap((folder) => [
    { folder, ending: '.conf' },
    { folder, ending: `.owner-${OWNER}` },
  ]);
  const own = [account, ...domains.map((domain) => `${account}/${domain}`)].map((folder) => ({
    folder,
    ending: '.conf',
  }));
  const lines = [...shared, ...own]
    .filter(({ folder, ending }) => matches(facts, folder, ending))
    .map(({ folder, ending }) => `  Include "${CONF}${folder}/*${ending}"\n`);
  return `${lines.join('')}
  # To customize this VirtualHost use an include file at the following location
  # Include "${CONF}${USERDATA}/${kind}/2_4/${vhost.account}/${vhost.servername}/*.conf"
`;
}
