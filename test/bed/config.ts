// Renders the bed's Apache configuration: one server with vhosts, ModSecurity and CRS as cPanel lays them out.
import { join } from 'node:path';
import { documentRoot, SERVER_NAME } from './sites.ts';
import type { BedVhost } from './sites.ts';
import { CONF, userdataIncludes } from './userdata-includes.ts';

export interface ConfigFacts {
  /** Debian's CRS 3.3, or the small rule set with CRS 4's phases and wording. */
  readonly crs: '3' | '4ish';
  /** CRS 4's tx.early_blocking: the score of phase 1 alone may refuse. */
  readonly earlyBlock: boolean;
  /** Text of modsec2.user.conf below its first line. */
  readonly userRules: string;
  /** The server root folder of the bed (what `--root` would be given). */
  readonly root: string;
  /** A short name under which Apache has `/etc/apache2`, as long as that. */
  readonly alias: string;
  readonly vhosts: readonly BedVhost[];
  readonly port: number;
  readonly tlsPort: number;
  readonly backendPort: number;
  /** True puts unique id and microseconds in front of each access-log line. */
  readonly trace: boolean;
  readonly logLevel: string;
  /** True tells the unique id of each request in its answer. */
  readonly answerIds: boolean;
  readonly runAs: string | null;
}

const MODULE_FOLDER = '/usr/lib/apache2/modules';
const MODULES = [
  ['mpm_event', 'mod_mpm_event'],
  ['authz_core', 'mod_authz_core'],
  ['unique_id', 'mod_unique_id'],
  ['mime', 'mod_mime'],
  ['dir', 'mod_dir'],
  ['rewrite', 'mod_rewrite'],
  ['headers', 'mod_headers'],
  ['remoteip', 'mod_remoteip'],
  ['proxy', 'mod_proxy'],
  ['proxy_http', 'mod_proxy_http'],
  ['security2', 'mod_security2'],
] as const;

/** Files of the modules that the configuration loads. */
export const MODULE_FILES: readonly string[] = MODULES.map(([, file]) => join(MODULE_FOLDER, `${file}.so`));

const COMBINED = String.raw`%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"`;

function mainPart(facts: ConfigFacts): string {
  const { root } = facts;
  const load = MODULES.map(([name, file]) => `LoadModule ${name}_module ${MODULE_FOLDER}/${file}.so`).join(
    '\n',
  );
  const prefix = facts.trace ? '%{UNIQUE_ID}e %{usec}t ' : '';
  return `ServerRoot "${CONF}"
DefaultRuntimeDir "${root}/run"
PidFile "${root}/run/httpd.pid"
${load}
${facts.runAs === null ? '' : `User ${facts.runAs}\nGroup ${facts.runAs}`}
ServerName ${SERVER_NAME}
ServerTokens ProductOnly
UseCanonicalName Off
HostnameLookups Off
Timeout 10
KeepAlive On
StartServers 1
ServerLimit 2
ThreadsPerChild 16
MinSpareThreads 16
MaxSpareThreads 32
MaxRequestWorkers 32
Listen 127.0.0.1:${facts.port}
Listen 127.0.0.1:${facts.tlsPort}
RemoteIPHeader X-Forwarded-For
RemoteIPInternalProxy 127.0.0.1
ErrorLog "${CONF}/logs/error_log"
LogLevel ${facts.logLevel}
LogFormat "${prefix}${COMBINED}" combined
TypesConfig /dev/null
AddType text/html .html .shtml
AddType text/css .css
AddType text/javascript .js
AddType image/gif .gif
DirectoryIndex index.php index.html
ErrorDocument 403 /403.shtml
<Directory />
  AllowOverride All
  Require all granted
</Directory>
<FilesMatch "^\\.ht">
  Require all denied
</FilesMatch>
<FilesMatch "\\.php$">
  SetHandler "proxy:http://127.0.0.1:${facts.backendPort}"
</FilesMatch>
ProxyPreserveHost On
RequestHeader set X-Bed-Request "expr=%{THE_REQUEST}"
RequestHeader set X-Bed-Status "expr=%{reqenv:REDIRECT_STATUS}"
${facts.answerIds ? 'Header always set X-Bed-Id "%{UNIQUE_ID}e"' : ''}
Include "${CONF}/conf.d/*.conf"
`;
}

/** One page answers every path of a small site, so that neither files nor the backend are needed. */
const SMALL_SITE = `  FallbackResource /index.html
  <FilesMatch "\\.php$">
    SetHandler none
  </FilesMatch>
`;

function vhostPart(facts: ConfigFacts, vhost: BedVhost, kind: 'std' | 'ssl'): string {
  const log = kind === 'std' ? vhost.servername : `${vhost.servername}-ssl_log`;
  return `<VirtualHost 127.0.0.1:${kind === 'std' ? facts.port : facts.tlsPort}>
  ServerName ${vhost.servername}
  ServerAlias ${vhost.aliases.join(' ')}
  DocumentRoot "${facts.root}${documentRoot(vhost)}"
  CustomLog "${CONF}/logs/domlogs/${log}" combined
${vhost.site === 'small' ? SMALL_SITE : ''}${userdataIncludes(facts, vhost, kind)}</VirtualHost>
`;
}

function defaultPart(facts: ConfigFacts): string {
  return [facts.port, facts.tlsPort]
    .map(
      (port) => `<VirtualHost 127.0.0.1:${port}>
  ServerName ${SERVER_NAME}
  DocumentRoot "${facts.root}/var/www/html"
  CustomLog "${CONF}/logs/access_log" combined
</VirtualHost>
`,
    )
    .join('');
}

/** httpd.conf as cPanel would generate it; written anew when userdata includes come or go. */
export function renderHttpdConf(facts: ConfigFacts): string {
  const vhosts = facts.vhosts.map((vhost) => vhostPart(facts, vhost, 'std') + vhostPart(facts, vhost, 'ssl'));
  return mainPart(facts) + defaultPart(facts) + vhosts.join('');
}

/** The package's own ModSecurity file: where the audit log goes, how bodies are read. */
export function renderModsec2(facts: ConfigFacts): string {
  return `<IfModule security2_module>
  SecRuleEngine On
  SecRequestBodyAccess On
  SecRequestBodyLimit 13107200
  SecRequestBodyNoFilesLimit 131072
  SecRequestBodyLimitAction ProcessPartial
  SecResponseBodyAccess On
  SecResponseBodyMimeType text/plain text/html text/xml
  SecResponseBodyLimit 524288
  SecResponseBodyLimitAction ProcessPartial
  SecPcreMatchLimit 250000
  SecPcreMatchLimitRecursion 250000
  SecTmpDir "${facts.root}/tmp"
  SecDataDir "${facts.root}/var/cpanel/secdatadir"
  SecAuditEngine RelevantOnly
  SecAuditLogRelevantStatus "^(?:5|4(?!04))"
  SecAuditLogParts ABIJDEFHZ
  SecAuditLogType Serial
  SecAuditLog "${CONF}/logs/modsec_audit.log"
  SecRule REQUEST_HEADERS:Content-Type "^(?:application(?:/soap\\+|/)|text/)xml" \\
    "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
  SecRule REQUEST_HEADERS:Content-Type "^application/json" \\
    "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
  SecRule REQBODY_ERROR "!@eq 0" \\
    "id:200002,phase:2,t:none,log,deny,status:400,msg:'Failed to parse request body.',logdata:'%{reqbody_error_msg}',severity:2"
  Include "${CONF}/conf.d/modsec/modsec2.user.conf"
  Include "${CONF}/conf.d/modsec/modsec2.cpanel.conf"
</IfModule>
`;
}

/** Name of the vendor's folder. */
export function vendorFolder(facts: ConfigFacts): string {
  return facts.crs === '3' ? 'OWASP3' : 'SMALL4';
}

/** The generated file: includes the vendor's rules. */
export function renderModsec2Cpanel(facts: ConfigFacts): string {
  const vendor = `${CONF}/conf.d/modsec_vendor_configs/${vendorFolder(facts)}`;
  return `Include "${vendor}/crs-setup.conf"\nInclude "${vendor}/rules/*.conf"\n`;
}
