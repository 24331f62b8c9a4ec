// node test/bench/ingest-logs.ts OUT_DIR [--seed 1] [--small]: the error_log and the audit log of a busy server.
//
// Writes error/, audit/ and both/ below OUT_DIR, each a copied server for --root: with etc/apache2/logs/error_log, with
// modsec_audit.log, with the same two again. Both logs tell of the same transactions in their order. The same seed and size
// give the same bytes (random.ts says how the numbers are drawn). Prints as JSON what was written.
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clf, LOGS_FOLDER } from './generate.ts';
import { type BenchRequest, type BenchRule, REQUESTS } from './ingest-requests.ts';
import { UTC } from './noisy-root.ts';
import { random, type Random, ranks } from './random.ts';
import { BROWSERS, clientTail, WORDS } from './traffic.ts';

const MIB = 1024 * 1024;
const PIECE = 4 * MIB;
/** More than the longest record. */
const LONGEST = 64 * 1024;
const RULES = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules';
/** ModSecurity 2.9 cuts a message here, in the middle of a field. */
const MESSAGE_ROOM = 1015;
/** Log lines that are not ModSecurity's: about one in ten. */
const OTHER_CHANCE = 0.4;
const FROM = Date.parse('2026-10-21T00:00:00Z');

/** How much is written: up to these bytes of each log, then one transaction more; 0 leaves a log out. */
export interface IngestSize {
  readonly errorBytes: number;
  readonly auditBytes: number;
  /** The error_log ends after so many transactions, whatever its bytes. */
  readonly mostTransactions?: number;
  /** Mean time between two transactions. */
  readonly gapMs: number;
}

export const INGEST: IngestSize = { errorBytes: 300 * MIB, auditBytes: 500 * MIB, gapMs: 22_000 };
export const INGEST_SMALL: IngestSize = { errorBytes: 6 * MIB, auditBytes: 10 * MIB, gapMs: 22_000 };
export const ERROR_LOG = `${LOGS_FOLDER}/error_log`;
export const AUDIT_LOG = `${LOGS_FOLDER}/modsec_audit.log`;

/** What one log holds; `to` is the time of its last transaction. */
export interface IngestWritten {
  readonly bytes: number;
  readonly transactions: number;
  readonly hits: number;
  readonly to: number;
}

/** A request as ModSecurity saw it. */
interface Transaction {
  readonly at: number;
  readonly client: string;
  readonly browser: string;
  readonly vhost: string;
  readonly uniqueId: string;
  readonly request: BenchRequest;
  readonly path: string;
  readonly value: string;
  /** What its rules say, as the audit log has it: the last one is 980130's where the request was refused. */
  readonly messages: readonly string[];
  readonly denied: boolean;
}

/** Somebody who sends several requests one after the other. */
interface Session {
  readonly client: string;
  readonly browser: string;
  readonly vhost: string;
  readonly requests: readonly BenchRequest[];
  left: number;
}

const HOUR = 3_600_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@-';
const KINDS = { person: ofKind('person'), scanner: ofKind('scanner') };

function ofKind(by: BenchRequest['by']): BenchRequest[] {
  return REQUESTS.filter((request) => request.by === by);
}

/** The transactions of a seed, by time and without end: clients come in bursts, some of them side by side. */
function* transactions(seed: number, gapMs: number): Generator<Transaction> {
  const world = random(seed, 'ingest world');
  const clients = clientTail(world);
  const clientRank = ranks(clients.length, 20);
  const vhosts = Array.from(
    { length: 400 },
    (_, i) => `${world.pick(WORDS)}${i}.example.${world.pick(['com', 'net', 'org'])}`,
  );
  const vhostRank = ranks(vhosts.length, 5);
  const rng = random(seed, 'ingest transactions');
  const session = (): Session => {
    const isPerson = rng.chance(0.85);
    const requests = KINDS[isPerson ? 'person' : 'scanner'];
    return {
      client: clients[clientRank(rng)]!,
      browser: rng.pick(BROWSERS),
      vhost: vhosts[vhostRank(rng)]!,
      requests: isPerson ? [rng.pick(requests)] : requests,
      left: isPerson ? rng.int(1, 4) : rng.int(20, 80),
    };
  };
  // So many at once that one who goes on is not silent for long.
  const open = Array.from({ length: Math.min(64, Math.max(2, Math.round(100_000 / gapMs))) }, session);
  let at = FROM;
  for (;;) {
    const busy = 1 + 0.6 * Math.sin((((at / HOUR) % 24) - 9) * (Math.PI / 12));
    at += (-Math.log(1 - rng.next()) * gapMs) / busy;
    const index = rng.int(0, open.length - 1);
    const one = open[index]!;
    yield transaction(rng, Math.floor(at * 1000) / 1000, one);
    one.left--;
    if (one.left === 0) open[index] = session();
  }
}

function transaction(rng: Random, at: number, { client, browser, vhost, requests }: Session): Transaction {
  const request = rng.pick(requests);
  const number = String(rng.int(1, 9999));
  const fill = (text: string): string =>
    text.replaceAll('{n}', number).replace(/\{w\}/g, () => rng.pick(WORDS));
  const value = fill(request.value);
  const path = request.target === 'REQUEST_FILENAME' ? value : fill(request.path);
  const hits = request.hits.map(([rule, matched]) => ({ rule, matched: matched.replaceAll('{n}', number) }));
  const points = hits.reduce((sum, { rule }) => sum + rule.points, 0);
  const warnings = hits.map(({ rule, matched }) =>
    warning(rule, request.target, `${matched} found within ${request.target}: ${value}`),
  );
  return {
    at,
    client,
    browser: request.target === 'REQUEST_HEADERS:User-Agent' ? value : browser,
    vhost,
    uniqueId: uniqueId(rng, at),
    request,
    path,
    value,
    messages:
      points < 5
        ? warnings
        : [
            ...warnings,
            refusal(points),
            summary(
              points,
              hits.map(({ rule }) => rule),
            ),
          ],
    denied: points >= 5,
  };
}

/** Its first six characters are the second, as mod_unique_id writes it. */
function uniqueId(rng: Random, at: number): string {
  const seconds = Math.floor(at / 1000);
  const digits = [26, 20, 14, 8, 2].map((shift) => (seconds >>> shift) & 63);
  const drawn = Array.from({ length: 16 }, () => rng.int(0, 63));
  const letters = (numbers: readonly number[]): string => numbers.map((n) => ALPHABET.charAt(n)).join('');
  return `${letters([...digits, (seconds << 4) & 63, ...drawn])}AAA${letters([rng.int(0, 63), rng.int(0, 63)])}`;
}

function tags(names: readonly string[]): string {
  return names.map((name) => ` [tag "${name}"]`).join('');
}

function cut(message: string): string {
  return message.slice(0, MESSAGE_ROOM);
}

function warning(rule: BenchRule, target: string, quoted: string): string {
  const data = `Matched Data: ${quoted}`.replaceAll('"', String.raw`\x22`);
  const severity = rule.points === 5 ? 'CRITICAL' : 'WARNING';
  const where = rule.op.startsWith('detected') ? '' : ` at ${target}.`;
  return cut(
    `Warning. ${rule.op}${where} [file "${RULES}/${rule.file}"] [line "${rule.line}"] [id "${rule.id}"] [msg "${rule.msg}"] [data "${data}"] [severity "${severity}"] [ver "OWASP_CRS/3.3.4"]${tags(rule.tags)}`,
  );
}

function refusal(points: number): string {
  const attack = ['application-multi', 'language-multi', 'platform-multi', 'attack-generic'];
  return `Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "${RULES}/REQUEST-949-BLOCKING-EVALUATION.conf"] [line "94"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: ${points})"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"]${tags(attack)}`;
}

function summary(points: number, rules: readonly BenchRule[]): string {
  const of = (score: BenchRule['score']): number =>
    rules.reduce((sum, rule) => sum + (rule.score === score ? rule.points : 0), 0);
  const scores = `SQLI=${of('SQLI')},XSS=${of('XSS')},RFI=0,LFI=${of('LFI')},RCE=${of('RCE')},PHPI=${of('PHPI')},HTTP=0,SESS=0`;
  return `Warning. Operator GE matched 5 at TX:inbound_anomaly_score. [file "${RULES}/RESPONSE-980-CORRELATION.conf"] [line "92"] [id "980130"] [msg "Inbound Anomaly Score Exceeded (Total Inbound Score: ${points} - ${scores}): individual paranoia level scores: ${points}, 0, 0, 0"] [ver "OWASP_CRS/3.3.4"] [tag "event-correlation"]`;
}

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
const micros = (ms: number): string => String(Math.floor((ms % 1000) * 1000)).padStart(6, '0');
const DAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Apache's `%{cu}t` of UTC. */
function errorTime(ms: number): string {
  const day = new Date(ms);
  const clock = [day.getUTCHours(), day.getUTCMinutes(), day.getUTCSeconds()].map(two).join(':');
  return `${DAYS[day.getUTCDay()]!} ${MONTHS[day.getUTCMonth()]!} ${two(day.getUTCDate())} ${clock}.${micros(ms)} ${day.getUTCFullYear()}`;
}

function tail(one: Transaction, uri: string): string {
  return ` [hostname "${one.vhost}"] [uri "${uri}"] [unique_id "${one.uniqueId}"]`;
}

/** Of 980130, written after the answer, the error page's address. */
function uriOf(one: Transaction, index: number): string {
  return one.denied && index === one.messages.length - 1 ? '/403.shtml' : one.path;
}

/** Lines of error_log. What is said after an answer may come behind the lines of the next request. */
function errorWriter(seed: number): (one: Transaction) => string {
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
function auditWriter(seed: number): (one: Transaction) => string {
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

/** Writes one log up to its limit and closes it. */
function writeLog(
  path: string,
  text: (one: Transaction) => string,
  seed: number,
  size: IngestSize,
): IngestWritten {
  const most = path.endsWith(AUDIT_LOG) ? size.auditBytes : size.errorBytes;
  const told = { bytes: 0, transactions: 0, hits: 0, to: FROM };
  const piece = Buffer.allocUnsafe(PIECE);
  const fd = openSync(path, 'w');
  let used = 0;
  try {
    for (const one of transactions(seed, size.gapMs)) {
      const bytes = piece.write(text(one), used, 'latin1');
      used += bytes;
      told.bytes += bytes;
      told.transactions++;
      told.hits += one.messages.length;
      told.to = one.at;
      const isFull = told.bytes >= most || told.transactions === size.mostTransactions;
      if (isFull || used > PIECE - LONGEST) {
        writeSync(fd, piece, 0, used);
        used = 0;
      }
      if (isFull) break;
    }
  } finally {
    closeSync(fd);
  }
  return told;
}

/** An empty copied server that keeps UTC. */
function makeRoot(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, LOGS_FOLDER), { recursive: true });
  mkdirSync(join(folder, 'etc/csf'), { recursive: true });
  writeFileSync(join(folder, 'etc/localtime'), UTC);
  return folder;
}

/** Writes a copied server with an error_log alone. Throws what the file system throws. */
export function generateErrorLog(root: string, seed: number, size: IngestSize): IngestWritten {
  return writeLog(join(makeRoot(root), ERROR_LOG), errorWriter(seed), seed, size);
}

/** Writes the three servers below a folder. What the last 980130 line of the error_log would say is left out. */
export function generateIngest(
  folder: string,
  seed: number,
  size: IngestSize,
): { error: IngestWritten; audit: IngestWritten } {
  const root = (name: string): string => join(folder, name);
  const error = generateErrorLog(root('error'), seed, size);
  const audit = writeLog(join(makeRoot(root('audit')), AUDIT_LOG), auditWriter(seed), seed, size);
  makeRoot(root('both'));
  linkSync(join(root('error'), ERROR_LOG), join(root('both'), ERROR_LOG));
  linkSync(join(root('audit'), AUDIT_LOG), join(root('both'), AUDIT_LOG));
  return { error, audit };
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' }, small: { type: 'boolean', default: false } },
  });
  const seed = Number(values.seed);
  if (positionals[0] === undefined || !Number.isSafeInteger(seed)) {
    console.error('Usage: node test/bench/ingest-logs.ts OUT_DIR [--seed 1] [--small]');
    process.exitCode = 2;
    return;
  }
  const written = generateIngest(resolve(positionals[0]), seed, values.small ? INGEST_SMALL : INGEST);
  console.log(JSON.stringify(written));
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) main();
