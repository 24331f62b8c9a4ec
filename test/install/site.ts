// A customer's site on the server of folders: what cPanel knows of it, a rule, Apache's programs as stand-ins, and a log
// in which the rule refused a request.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from './server.ts';

export const VHOST = 'shop.example.com';
export const RULE = '942100';
const INCLUDE = '/etc/apache2/conf.d/userdata/std/2_4/shopuser/shop.example.com';
/** Where an exclusion of the site is written. */
export const EXCLUSION_FILE = `${INCLUDE}/whyblocked.conf`;

/** Adds it; `httpd -t` says what /run/httpd-says holds, and fails when that is there. */
export function addSite(server: Server): void {
  server.write(
    '/etc/userdatadomains',
    `${VHOST}: shopuser==root==main==${VHOST}==/home/shopuser/public_html==127.0.0.1:80\n`,
  );
  server.write(`/var/cpanel/userdata/shopuser/${VHOST}`, `servername: ${VHOST}\nip: 127.0.0.1\nport: 80\n`);
  server.write('/etc/cpanel/ea4/paths.conf', 'bin_httpd=/usr/local/sbin/httpd\n');
  server.write('/etc/apache2/conf/httpd.conf', `Include "${INCLUDE}/*.conf"\n`);
  mkdirSync(join(server.root, INCLUDE), { recursive: true });
  server.program(
    '/usr/local/sbin/httpd',
    `case "$*" in *-M*) echo ' security2_module (shared)'; exit 0 ;; esac
[ ! -e /run/httpd-says ] || { cat /run/httpd-says >&2; exit 1; }`,
  );
  server.program(
    '/usr/local/cpanel/scripts/rebuildhttpdconf',
    'cp /etc/apache2/conf/httpd.conf /etc/apache2/conf/httpd-preview.conf',
  );
  server.program(
    '/usr/local/cpanel/scripts/restartsrv_httpd',
    `echo "[$(date '+%a %b %d %H:%M:%S.%6N %Y')] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.71 (cPanel) configured -- resuming normal operations" >>/etc/apache2/logs/error_log`,
  );
  server.write(
    '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-942-APPLICATION-ATTACK-SQLI.conf',
    `SecRule ARGS "@detectSQLi" "id:${RULE},phase:2,block,capture,msg:'SQL Injection Attack Detected via libinjection',severity:'CRITICAL',setvar:'tx.anomaly_score_pl1=+5'"\n`,
  );
  const line = `ModSecurity: Warning. detected SQLi using libinjection. [file "/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-942-APPLICATION-ATTACK-SQLI.conf"] [line "1"] [id "${RULE}"] [msg "SQL Injection Attack Detected via libinjection"] [data "Matched Data: s&1 found within ARGS:q: 1 or 1"] [severity "CRITICAL"] [hostname "${VHOST}"] [uri "/search"] [unique_id "ZmFrZS11bmlxdWUtaWQtMQ"]`;
  server.write(
    '/etc/apache2/logs/error_log',
    `[Wed Nov 25 10:00:00.000001 2026] [security2:error] [pid 1:tid 1] [client 203.0.113.9:4711] [client 203.0.113.9] ${line}\n`,
  );
}
