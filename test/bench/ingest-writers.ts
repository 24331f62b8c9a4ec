// How ModSecurity writes a transaction: the lines of error_log, the record of the serial audit log.
import { clf } from './generate.ts';
import type { Transaction } from './ingest-transactions.ts';
import { random, type Random } from './random.ts';
import { WORDS } from './traffic.ts';

/** Log lines that are not ModSecurity's: about one in ten. */
const OTHER_CHANCE = 0.4;
const HOUR = 3_600_000;

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
const micros = (ms: number): string => String(Math.floor((ms % 1000) * 1000)).padStart(6, '0');
const DAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Apache's `%{cu}t` of UTC. */
export function errorTime(ms: number): string {
  const day = new Date(ms);
  const clock = [day.getUTCHours(), day.getUTCMinutes(), day.getUTCSeconds()].map(two).join(':');
  return `${DAYS[day.getUTCDay()]!} ${MONTHS[day.getUTCMonth()]!} ${two(day.getUTCDate())} ${clock}.${micros(ms)} ${day.getUTCFullYear()}`;
}

function tail(one: Transaction, uri: string): string {
  return ` [hostname "${one.vhost}"] [uri "${uri}"] [unique_id "${one.uniqueId}"]`;
}

/** Of 980130, written after the answer, the error page's address. */
export function uriOf(one: Transaction, index: number): string {
  return one.denied && index === one.messages.length - 1 ? '/403.shtml' : one.path;
}

/** Lines of error_log. What is said after an answer may come behind the lines of the next request. */
export function errorWriter(seed: number): (one: Transaction) => string {
  const rng = random(seed, 'ingest error_log');
  let late = '';
  return (one) => {
    const pid = rng.int(1000, 32_000);
    const head = `[${errorTime(one.at)}] [security2:error] [pid ${pid}:tid ${pid + rng.int(1, 64)}] [client ${one.client}:${rng.int(1024, 65_535)}] [client ${one.client}] ModSecurity: `;
    const lines = one.messages.map(
      (message, index) => `${head}${message.replaceAll('\\', '\\\\')}${tail(one, uriOf(one, index))}\n`,
    );
    const before = rng.chance(0.8) ? late : '';
    const after = before === '' ? late : '';
    late = one.denied ? (lines.pop() ?? '') : '';
    const other = rng.chance(OTHER_CHANCE) ? otherLine(rng, one.at, one.vhost) : '';
    return before + lines.join('') + after + other;
  };
}

function otherLine(rng: Random, at: number, vhost: string): string {
  const pid = rng.int(1000, 32_000);
  const head = (module: string): string => `[${errorTime(at)}] [${module}] [pid ${pid}:tid ${pid + 7}] `;
  const client = `[client 198.51.100.${rng.int(1, 254)}:${rng.int(1024, 65_535)}] `;
  const home = `/home/user${rng.int(1, 400)}/public_html`;
  switch (rng.int(0, 3)) {
    case 0:
      return `${head('autoindex:error')}${client}AH01276: Cannot serve directory ${home}/images/: No matching DirectoryIndex (index.php,index.html) found, and server-generated directory index forbidden by Options directive\n`;
    case 1:
      return `${head('proxy_fcgi:error')}${client}AH01071: Got error 'PHP message: PHP Warning:  Undefined array key "${rng.pick(WORDS)}" in ${home}/wp-content/plugins/${rng.pick(WORDS)}/inc.php on line ${rng.int(1, 900)}', referer: https://${vhost}/\n`;
    case 2:
      return `${head('authz_core:error')}${client}AH01630: client denied by server configuration: ${home}/wp-config.php\n`;
    default:
      return `${head('mpm_event:notice')}AH00489: Apache/2.4.71 (cPanel) OpenSSL/3.5.1 configured -- resuming normal operations\n`;
  }
}

/** Records of the serial audit log. */
export function auditWriter(seed: number): (one: Transaction) => string {
  const rng = random(seed, 'ingest audit log');
  return (one) => {
    const b = rng.int(0, 0xffffffff).toString(16).padStart(8, '0');
    const time = clf(one.at - HOUR)
      .replace('+0100', '+0000')
      .replace(' ', `.${micros(one.at)} `);
    const refused = one.denied
      ? 'HTTP/1.1 403 Forbidden\nContent-Length: 199'
      : 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked';
    const messages = one.messages.map((message) => `Message: ${message}\n`).join('');
    const errors = one.messages
      .map(
        (message, index) =>
          `Apache-Error: [file "apache2_util.c"] [line 275] [level 3] [client ${one.client}] ModSecurity: ${message}${tail(one, uriOf(one, index))}\n`,
      )
      .join('');
    const [begin, took] = [Math.floor(one.at * 1000), rng.int(900, 9000)];
    return `--${b}-A--
[${time}] ${one.uniqueId} ${one.client} ${rng.int(1024, 65_535)} 192.0.2.80 443
--${b}-B--
${requestPart(rng, one, b)}--${b}-F--
${refused}
Keep-Alive: timeout=5, max=100
Connection: Keep-Alive
Content-Type: text/html; charset=UTF-8

--${b}-H--
${messages}${errors}${one.denied ? 'Action: Intercepted (phase 2)\n' : ''}Apache-Handler: application/x-httpd-ea-php82
Stopwatch: ${begin} ${took} (- - -)
Stopwatch2: ${begin} ${took}; combined=${rng.int(500, 5000)}, p1=${rng.int(100, 900)}, p2=${rng.int(100, 4000)}, p3=0, p4=0, p5=${rng.int(10, 90)}, sr=${rng.int(10, 90)}, sw=1, l=0, gc=0
Response-Body-Transformed: Dechunked
Producer: ModSecurity for Apache/2.9.7 (http://www.modsecurity.org/); OWASP_CRS/3.3.4.
Server: Apache
Engine-Mode: "ENABLED"

--${b}-Z--

`;
  };
}

/** Parts B and C. */
function requestPart(rng: Random, { request, path, value, vhost, browser }: Transaction, b: string): string {
  const { method, argument, target } = request;
  const pair = argument === null ? '' : `${argument}=${encodeURIComponent(value).replaceAll('%20', '+')}`;
  const query = pair === '' || method === 'POST' ? '' : `?${pair}&ref=${rng.int(1, 99_999)}`;
  const head = `${method} ${path}${query} HTTP/1.1
Host: ${target === 'REQUEST_HEADERS:Host' ? value : vhost}
User-Agent: ${browser}
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
Accept-Language: en-US,en;q=0.5
Accept-Encoding: gzip, deflate, br
Connection: keep-alive
`;
  if (method === 'GET') return `${head}\n`;
  const body = `name=${rng.pick(WORDS)}&${pair}&_wpnonce=${rng.int(0x100000, 0xffffff).toString(16)}&action=send`;
  return `${head}Referer: https://${vhost}${path}
Cookie: wordpress_test_cookie=WP+Cookie+check; wp-settings-time-1=${rng.int(1e9, 2e9)}
Content-Type: application/x-www-form-urlencoded
Content-Length: ${body.length}

--${b}-C--
${body}
`;
}
