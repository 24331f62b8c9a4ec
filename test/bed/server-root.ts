// Lays out the bed's server root as a cPanel server has it: folders, links, account files, ModSecurity, CRS.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { renderHttpdConf, renderModsec2, renderModsec2Cpanel, vendorFolder } from './config.ts';
import type { ConfigFacts } from './config.ts';
import { documentRoot, put, SERVER_ADDRESS, SERVER_NAME, writeSites } from './sites.ts';
import type { BedVhost } from './sites.ts';
import { writeStandIns } from './stand-ins.ts';

/** Where Debian's package has the rule files and the setup file. */
export const CRS_RULES = '/usr/share/modsecurity-crs/rules';
export const CRS_SETUP = '/etc/modsecurity/crs/crs-setup.conf';
const VENDORS = 'etc/apache2/conf.d/modsec_vendor_configs';
/** How CRS 4's setup file switches 949111 on. */
const EARLY_BLOCKING = `
SecAction \\
    "id:900120,phase:1,pass,t:none,nolog,tag:'OWASP_CRS',ver:'OWASP_CRS/4.25.1',setvar:tx.early_blocking=1"
`;
const SMALL4 = join(import.meta.dirname, 'small4');

const PATHS_CONF = `bin_apachectl=/usr/sbin/apachectl
bin_httpd=/usr/sbin/httpd
dir_base=/etc/apache2
dir_conf=/etc/apache2/conf.d
dir_conf_includes=/etc/apache2/conf.d/includes
dir_conf_userdata=/etc/apache2/conf.d/userdata
dir_docroot=/var/www/html
dir_domlogs=/etc/apache2/logs/domlogs
dir_logs=/etc/apache2/logs
dir_modules=/etc/apache2/modules
dir_run=/run/apache2
file_access_log=/etc/apache2/logs/access_log
file_conf=/etc/apache2/conf/httpd.conf
file_error_log=/etc/apache2/logs/error_log
`;

const FOLDERS = [
  'etc/apache2/conf.d/userdata/std/2_4',
  'etc/apache2/conf.d/userdata/ssl/2_4',
  'var/log/apache2/domlogs',
  'var/lib/csf',
  'var/cpanel/secdatadir',
  'usr/local/apache',
  'run',
  'tmp',
];

function copyRules(facts: ConfigFacts): void {
  const folder = join(facts.root, VENDORS, vendorFolder(facts));
  const [rules, setup] =
    facts.crs === '3' ? [CRS_RULES, CRS_SETUP] : [`${SMALL4}/rules`, `${SMALL4}/crs-setup.conf`];
  mkdirSync(join(folder, 'rules'), { recursive: true });
  for (const name of readdirSync(rules)) copyFileSync(join(rules, name), join(folder, 'rules', name));
  const early = facts.crs === '4ish' && facts.earlyBlock ? EARLY_BLOCKING : '';
  writeFileSync(join(folder, 'crs-setup.conf'), readFileSync(setup, 'latin1') + early, 'latin1');
}

/** Domains of one vhost as /etc/userdatadomains lists them: its name, an addon and parked domains that it serves. */
function domainLines(vhost: BedVhost): string[] {
  const tail = `${vhost.servername}==${documentRoot(vhost)}==${SERVER_ADDRESS}:80==${SERVER_ADDRESS}:443==1==ea-php82`;
  const type = vhost.servername === vhost.mainDomain ? 'main' : 'sub';
  const line = (domain: string, kind: string): string =>
    `${domain}: ${vhost.account}==root==${kind}==${tail}`;
  return [
    line(vhost.servername, type),
    ...(vhost.addonDomain === undefined ? [] : [line(vhost.addonDomain, 'addon')]),
    ...(vhost.parkedDomains ?? []).map((domain) => line(domain, 'parked')),
  ];
}

function vhostUserdata(vhost: BedVhost, port: number): string {
  return `---
servername: ${vhost.servername}
serveralias: ${vhost.aliases.join(' ')}
documentroot: ${documentRoot(vhost)}
ip: ${SERVER_ADDRESS}
port: ${port}
user: ${vhost.account}
secruleengineoff: 0
`;
}

function mainUserdata(mainDomain: string, vhosts: readonly BedVhost[]): string {
  const addons = vhosts.flatMap((v) =>
    v.addonDomain === undefined ? [] : [`  ${v.addonDomain}: ${v.servername}\n`],
  );
  const parked = vhosts.flatMap((v) => (v.parkedDomains ?? []).map((domain) => `  - ${domain}\n`));
  const subs = vhosts.filter((v) => v.servername !== mainDomain).map((v) => `  - ${v.servername}\n`);
  return `---
addon_domains:${addons.length === 0 ? ' {}\n' : `\n${addons.join('')}`}main_domain: ${mainDomain}
parked_domains:${parked.length === 0 ? ' []\n' : `\n${parked.join('')}`}sub_domains:${subs.length === 0 ? ' []\n' : `\n${subs.join('')}`}`;
}

function writeAccounts(root: string, vhosts: readonly BedVhost[]): void {
  put(root, 'etc/userdatadomains', `${vhosts.flatMap(domainLines).sort().join('\n')}\n`);
  for (const vhost of vhosts) {
    const folder = `var/cpanel/userdata/${vhost.account}`;
    put(root, `${folder}/${vhost.servername}`, vhostUserdata(vhost, 80));
    put(root, `${folder}/${vhost.servername}_SSL`, vhostUserdata(vhost, 443));
    const own = vhosts.filter((other) => other.account === vhost.account);
    put(root, `${folder}/main`, mainUserdata(vhost.mainDomain, own));
    const domains = own
      .flatMap((other) => [other.addonDomain ?? other.servername, ...(other.parkedDomains ?? [])])
      .filter((d) => d !== vhost.mainDomain);
    const more = domains.map((domain, i) => `DNS${i + 1}=${domain}\n`).join('');
    put(
      root,
      `var/cpanel/users/${vhost.account}`,
      `DNS=${vhost.mainDomain}\n${more}OWNER=root\nUSER=${vhost.account}\n`,
    );
  }
}

function link(root: string, path: string, target: string): void {
  if (!existsSync(join(root, path))) symlinkSync(target, join(root, path));
}

/** The TZif file of a zone; throws when the machine has no zone database. */
export function zoneFile(zone: string): string {
  const file = `/usr/share/zoneinfo/${zone}`;
  if (!existsSync(file)) throw new Error(`no time zone file ${file}: install tzdata`);
  return file;
}

/** Writes the httpd.conf of the bed (again); Apache reads it at its next start or reload. */
export function writeHttpdConf(facts: ConfigFacts): void {
  put(facts.root, 'etc/apache2/conf/httpd.conf', renderHttpdConf(facts));
}

/** Writes everything below `facts.root` that the server needs before Apache starts. */
export function writeServerRoot(facts: ConfigFacts, zone: string): void {
  const { root, vhosts } = facts;
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
  for (const folder of ['tmp', 'var/cpanel/secdatadir']) chmodSync(join(root, folder), 0o1777);
  writeSites(root, vhosts);
  copyRules(facts);
  writeAccounts(root, vhosts);
  put(root, 'etc/cpanel/ea4/is_ea4', '');
  put(root, 'etc/cpanel/ea4/paths.conf', PATHS_CONF);
  put(root, 'etc/cpanel/ea4/modsecurity.version', '2.9.7\n');
  // lfd has nothing to say here; the demo brings its own.
  put(root, 'var/log/lfd.log', '');
  put(root, 'etc/hostname', `${SERVER_NAME}\n`);
  put(root, 'var/cpanel/mainip', SERVER_ADDRESS);
  copyFileSync(zoneFile(zone), join(root, 'etc/localtime'));
  // Relative here, because Apache itself goes through it; the packed server has cPanel's absolute link.
  link(root, 'etc/apache2/logs', '../../var/log/apache2');
  link(root, 'usr/local/apache/logs', '/etc/apache2/logs');
  link(root, 'usr/local/apache/domlogs', '/etc/apache2/logs/domlogs');
  put(
    root,
    'etc/apache2/conf.d/modsec/modsec2.user.conf',
    `# Rules of the administrator\n${facts.userRules}`,
  );
  put(root, 'etc/apache2/conf.d/modsec/modsec2.cpanel.conf', renderModsec2Cpanel(facts));
  put(root, 'etc/apache2/conf.d/modsec2.conf', renderModsec2(facts));
  writeHttpdConf(facts);
  writeStandIns(facts, zoneFile(zone));
}
