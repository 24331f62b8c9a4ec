// A made-up server whose rules are noisy: many vhosts, ordinary visitors who trip rules at forms, and scanners. Made once per
// seed and size in the temp folder; the product itself reads, judges and counts it.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random, ranks, type Random } from './random.ts';

/** Changes when the bytes change, so that old data is not taken for new. */
const GENERATION = 2;
/** The newest line is a little older. */
export const NOW = Date.parse('2026-11-20T12:00:00Z');

export interface NoisySize {
  readonly vhosts: number;
  /** Transactions with rule hits. */
  readonly transactions: number;
}

export const NOISY: NoisySize = { vhosts: 2000, transactions: 100_000 };
export const NOISY_SMALL: NoisySize = { vhosts: 50, transactions: 2000 };

/** Where it lies, and what stands in it. */
export interface NoisyRoot {
  readonly root: string;
  readonly state: string;
  readonly busiest: string;
}

/** One form at which ordinary visitors trip rules. */
interface Form {
  readonly path: string;
  readonly target: string;
  readonly rules: readonly string[];
  readonly data: string;
}

const FORMS: readonly Form[] = [
  { path: '/contact.php', target: 'ARGS:message', rules: ['932100'], data: 'please call; time is short' },
  { path: '/wp-admin/post.php', target: 'ARGS:content', rules: ['941160'], data: '<p>text</p>' },
  { path: '/wp-admin/admin-ajax.php', target: 'ARGS:data', rules: ['941100', '941160'], data: '<b>x</b>' },
  { path: '/cart/', target: 'REQUEST_COOKIES:consent_prefs', rules: ['942100'], data: 'a=1&b=2' },
  { path: '/search', target: 'ARGS:q', rules: ['942190'], data: 'union street select stores' },
  { path: '/forum/reply.php', target: 'ARGS:text', rules: ['933160'], data: 'print the page' },
  { path: '/profile', target: 'ARGS:bio', rules: ['941320'], data: '<i>me</i>' },
  { path: '/order/{n}/edit', target: 'ARGS:note', rules: ['942360'], data: 'or 1 of them' },
];
const PROBES: readonly string[] = ['.env', 'wp-config.php.bak', '.git/config', 'backup.sql', 'phpinfo.php'];
/** A zone file that says UTC (RFC 8536): one type, no changes. */
export const UTC = Buffer.concat([
  Buffer.from('TZif\0'),
  Buffer.alloc(15),
  ...[0, 0, 0, 0, 1, 4].map((count) => Buffer.from([0, 0, 0, count])),
  Buffer.alloc(6),
  Buffer.from('UTC\0'),
]);
const RULE_FILE = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/a.conf';
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';

/** The server of a seed and size, made now when it is not there yet. */
export function noisyRoot(seed: number, size: NoisySize): NoisyRoot {
  const folder = join(tmpdir(), `whyblocked-noisy-${seed}-${size.transactions}`);
  const marker = join(folder, `made-${GENERATION}`);
  const place = { root: join(folder, 'root'), state: join(folder, 'state'), busiest: vhostName(0) };
  if (existsSync(marker)) return place;
  rmSync(folder, { recursive: true, force: true });
  for (const path of ['etc/csf', 'etc/apache2/logs/domlogs'])
    mkdirSync(join(place.root, path), { recursive: true });
  write(place.root, seed, size);
  writeFileSync(marker, '');
  return place;
}

/** Removes it. */
export function removeNoisy(seed: number, size: NoisySize): void {
  rmSync(join(tmpdir(), `whyblocked-noisy-${seed}-${size.transactions}`), { recursive: true, force: true });
}

function vhostName(number: number): string {
  return `s${String(number).padStart(4, '0')}.example.org`;
}

interface Line {
  readonly at: number;
  readonly text: string;
}

interface Written {
  readonly errors: Line[];
  /** By vhost. */
  readonly access: Map<number, Line[]>;
  transactions: number;
}

function write(root: string, seed: number, size: NoisySize): void {
  const rng = random(seed, 'noisy');
  const written: Written = { errors: [], access: new Map(), transactions: 0 };
  const rankOf = ranks(size.vhosts, 20);
  let visitor = 0;
  while (written.transactions < size.transactions) {
    // Half of all transactions are of people, some of them at the same form again.
    if (rng.chance(0.96)) person(written, rng, rankOf(rng), visitor);
    else scanner(written, rng, size.vhosts, visitor);
    visitor++;
  }
  const byTime = (lines: Line[]): string =>
    lines
      .sort((a, b) => a.at - b.at)
      .map(({ text }) => text)
      .join('');
  writeFileSync(join(root, 'etc/apache2/logs/error_log'), byTime(written.errors), 'latin1');
  for (const [number, lines] of written.access)
    writeFileSync(join(root, 'etc/apache2/logs/domlogs', vhostName(number)), byTime(lines), 'latin1');
  const domains = Array.from({ length: size.vhosts }, (_, number) => {
    const name = vhostName(number);
    return `${name}: user${number}==root==main==${name}==/home/user${number}/public_html==192.0.2.80:80==192.0.2.80:443==\n`;
  });
  writeFileSync(join(root, 'etc/userdatadomains'), domains.join(''));
  writeFileSync(join(root, 'etc/localtime'), UTC);
  const denied = Array.from({ length: 200 }, (_, index) => `${client(index * 7)} # lfd: (mod_security) x\n`);
  writeFileSync(join(root, 'etc/csf/csf.deny'), denied.join(''));
}

/** Each of a network of his own, below 65,536. */
function client(number: number): string {
  return `2001:db8:${number.toString(16)}::1`;
}

/** Somebody who browses a site and is refused at one of its forms, once to four times. */
function person(written: Written, rng: Random, vhost: number, visitor: number): void {
  // Each site has two forms that its visitors use most.
  const form = FORMS[(vhost + (rng.chance(0.7) ? 0 : 3)) % FORMS.length]!;
  let at = NOW - rng.int(3600, 13 * 86_400) * 1000;
  const ip = client(visitor);
  for (let page = 0; page < 3; page++) {
    access(written, vhost, { at, ip, request: `GET /page-${rng.int(1, 40)}/`, status: 200 });
    for (const asset of ['a.css', 'b.js', 'c.png', 'd.woff2', 'e.svg', 'f.webp'])
      access(written, vhost, { at: at + 500, ip, request: `GET /assets/${asset}`, status: 200 });
    at += rng.int(4, 30) * 1000;
  }
  const path = form.path.replace('{n}', String(rng.int(1, 900)));
  for (let times = rng.int(1, 4); times > 0; times--) {
    refused(written, { at, ip, host: vhostName(vhost), path, target: form.target }, form.rules, form.data);
    access(written, vhost, { at, ip, request: `POST ${path}`, status: 403 });
    at += rng.int(5, 60) * 1000;
  }
}

/** Somebody who tries one site after the other, or one site for long. */
function scanner(written: Written, rng: Random, vhosts: number, visitor: number): void {
  let at = NOW - rng.int(3600, 13 * 86_400) * 1000;
  const ip = client(visitor);
  const isLong = rng.chance(0.5);
  const first = rng.int(0, vhosts - 1);
  for (let step = rng.int(20, 80); step > 0; step--) {
    const vhost = isLong ? first : rng.int(0, vhosts - 1);
    const folder = rng.chance(0.6) ? '' : `/dir${rng.int(1, 60)}`;
    const path = `${folder}/${rng.pick(PROBES)}`;
    const where = { at, ip, host: vhostName(vhost), path };
    if (rng.chance(0.3))
      refused(written, { ...where, path: '/product.php', target: 'ARGS:id' }, ['942100'], "1' OR '1'='1");
    else refused(written, { ...where, target: 'REQUEST_FILENAME' }, ['930130'], path);
    access(written, vhost, { at, ip, request: `GET ${path}`, status: 403 });
    at += rng.int(1, 4) * 400;
  }
}

interface Place {
  readonly at: number;
  readonly ip: string;
  readonly host: string;
  readonly path: string;
  readonly target: string;
}

/** The lines that ModSecurity writes of one refused request. */
function refused(written: Written, place: Place, rules: readonly string[], data: string): void {
  const { errors } = written;
  written.transactions++;
  const { at, ip, host, path, target } = place;
  const id = `b${at.toString(36)}${(errors.length % 1_679_616).toString(36).padStart(4, '0')}`.padEnd(
    24,
    'A',
  );
  const iso = new Date(at).toUTCString();
  const [day = '', date = '', month = '', year = '', time = ''] = iso.replace(',', '').split(' ');
  const stamp = `[${day} ${month} ${date} ${time}.${String(at % 1000).padStart(3, '0')}000 ${year}]`;
  const head = `${stamp} [security2:error] [pid 1:tid 1] [client ${ip}:0] [client ${ip}] ModSecurity: `;
  const tail = ` [hostname "${host}"] [uri "${path}"] [unique_id "${id}"]\n`;
  for (const rule of rules) {
    const fields = `[file "${RULE_FILE}"] [line "1"] [id "${rule}"] [msg "Rule ${rule}"] [data "Matched Data: ${data} found within ${target}: ${data}"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"] [tag "paranoia-level/1"]`;
    errors.push({ at, text: `${head}Warning. Pattern match "x" at ${target}. ${fields}${tail}` });
  }
  const total = rules.length * 5;
  const block = `[file "${RULE_FILE}"] [line "9"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: ${total})"] [severity "CRITICAL"]`;
  const denied = `Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. ${block}`;
  errors.push({ at: at + 0.5, text: `${head}${denied}${tail}` });
}

interface Asked {
  readonly at: number;
  readonly ip: string;
  readonly request: string;
  readonly status: number;
}

function access(written: Written, vhost: number, { at, ip, request, status }: Asked): void {
  const [, date = '', month = '', year = '', time = ''] = new Date(at).toUTCString().split(/[ ,]+/);
  const text = `${ip} - - [${date}/${month}/${year}:${time} +0000] "${request} HTTP/1.1" ${status} 512 "-" "${BROWSER}"\n`;
  const lines = written.access.get(vhost) ?? [];
  written.access.set(vhost, lines);
  lines.push({ at, text });
}
