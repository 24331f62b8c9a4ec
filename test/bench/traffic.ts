// The world of the generated logs: clients, vhosts, pages, browsers, and one access line of them.
import { type Random, random, ranks } from './random.ts';

/** About 1 % of all lines. */
export const BUSY = '203.0.113.7';
/** Exactly 10 lines each, spread over the log. `203.0.113.5` is the beginning of ten addresses that come often. */
export const RARE: readonly string[] = [
  '203.0.113.5',
  '203.0.113.241',
  '203.0.113.242',
  '198.51.100.9',
  '2001:db8:5::5',
  '2001:db8:ffff::1',
];
export const RARE_LINES = 10;
/** Exactly this many lines each: read through an index, they lie in some 2 % and some 20 % of a gibibyte's blocks. */
export const MIDDLING: readonly { readonly client: string; readonly lines: number }[] = [
  { client: '203.0.113.245', lines: 100 },
  { client: '2001:db8:77::1', lines: 1000 },
];
/** The pattern of the log-in POSTs: about 2.2 % of the lines, 100,000 in a gibibyte. */
export const COMMON_PATTERN = 'POST /(wp-login|xmlrpc)\\.php';
/** Finds the planted attacks, and nothing else, when case is ignored. */
export const SQLI_PATTERN = 'union(\\+|%20|/\\*\\*/)(all(\\+|%20))?select|sleep\\(\\d+\\)';

/** A client that must have a line at or after a place in the log, and whether its request is an attack. */
export interface Planted {
  /** Share of the log that is written before, 0 to 1. */
  readonly place: number;
  readonly client: string | null;
  readonly attack: boolean;
}

const TAIL = 5000;
/** Flattens the head of the tail so that its first client has about 0.9 % of the lines. */
const FLAT = 20;
const BUSY_SHARE = 0.01;
export const WORDS =
  'about anchor basket blog bread candle cart category coffee contact cycling delivery garden gallery hiking hotel \
kitchen lamp leather maple mountain music news office orchard oven paint paper pottery product recipe river roof \
school shop studio summer table timber travel voucher winter workshop'.split(/\s+/);
export const BROWSERS: readonly string[] = [
  ...['139', '141', '142'].map(
    (version) =>
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`,
  ),
  'ExampleFeed/1.4',
  ...['140', '142'].map(
    (version) =>
      `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Mobile Safari/537.36`,
  ),
  ...['143', '144'].map(
    (version) =>
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`,
  ),
  'Mozilla/5.0 (compatible; ExampleBot/2.1; +http://bot.example.com/about)',
  ...['18_5', '18_6'].map(
    (version) =>
      `Mozilla/5.0 (iPhone; CPU iPhone OS ${version} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1`,
  ),
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'WordPress/6.8; https://www.example.org',
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
  'Mozilla/5.0 (compatible; ExampleWatch/0.9; +https://watch.example.net/)',
  'curl/8.5.0',
];
const ATTACKS: readonly string[] = [
  '/index.php?id=1+union+select+1,2,3,4--+-',
  '/catalog/?item=-7%27+UNION+ALL+SELECT+null,version(),null--+',
  '/?s=1%27%20AND%20sleep(5)%23',
  '/product.php?id=12/**/uNiOn%20SeLeCt/**/user,pass',
  '/?q=x%27)%20or%20sleep(10)=%27',
];
const STATUSES: readonly (readonly [number, number])[] = [
  [0.06, 404],
  [0.12, 301],
  [0.2, 304],
  [0.203, 500],
  [0.2045, 502],
  [0.205, 503],
];

/** Makes lines: the time as it stands in the line, a client (null: any), whether it attacks. */
export interface Traffic {
  line(rng: Random, time: string, planted: { client: string | null; attack: boolean } | null): string;
}

/** The world of a seed; all its logs come from the same clients, vhosts and pages. */
export function traffic(seed: number): Traffic {
  const rng = random(seed, 'world');
  const clients = clientTail(rng);
  const clientRank = ranks(clients.length, FLAT);
  const vhosts = Array.from(
    { length: 400 },
    (_, i) => `${rng.pick(WORDS)}-${rng.pick(WORDS)}${i}.example.${rng.pick(['com', 'net', 'org'])}`,
  );
  const vhostRank = ranks(vhosts.length, 3);
  const pages = vhosts.map((vhost, i) =>
    vhostPages(rng, i % 3 !== 0).map((path) => ({ path, url: `https://${vhost}${path}` })),
  );
  const pageRank = ranks(PAGES, 2);
  const browserRank = ranks(BROWSERS.length, 4);

  const line: Traffic['line'] = (r, time, planted) => {
    const client = planted?.client ?? (r.next() < BUSY_SHARE ? BUSY : clients[clientRank(r)]!);
    const browser = BROWSERS[browserRank(r)]!;
    const head = `${client} - - [${time}] "`;
    const tail = `" "${browser}"\n`;
    if (planted?.attack === true) return `${head}GET ${r.pick(ATTACKS)} HTTP/1.1" 403 199 "-${tail}`;
    const vhost = pages[vhostRank(r)]!;
    const kind = r.next();
    if (kind < 0.022) {
      const path = r.next() < 0.7 ? '/wp-login.php' : '/xmlrpc.php';
      return `${head}POST ${path} HTTP/1.1" ${r.next() < 0.6 ? 200 : 403} ${r.int(150, 9000)} "-${tail}`;
    }
    if (kind < 0.055)
      return `${head}POST /wp-admin/admin-ajax.php HTTP/1.1" 200 ${r.int(40, 900)} "${vhost[0]!.url}${tail}`;
    const { path } = vhost[pageRank(r)]!;
    const referer = r.next() < 0.33 ? vhost[pageRank(r)]!.url : '-';
    const status = statusOf(r.next());
    return `${head}GET ${path} HTTP/1.1" ${status} ${status === 304 ? '-' : r.int(180, 65000)} "${referer}${tail}`;
  };
  return { line };
}

function statusOf(drawn: number): number {
  if (drawn >= 0.205) return 200;
  return STATUSES.find(([below]) => drawn < below)?.[1] ?? 200;
}

/**
 * The clients that come back at random, the most frequent first. Documentation holds only 762 IPv4 addresses
 * (RFC 5737), so these stand in front, where most lines are, and IPv6 of RFC 3849 makes the long tail.
 */
export function clientTail(rng: Random): string[] {
  const special = new Set([BUSY, ...RARE, ...MIDDLING.map((one) => one.client)]);
  const v4 = ['203.0.113', '198.51.100', '192.0.2'].flatMap((net) =>
    Array.from({ length: 254 }, (_, i) => `${net}.${i + 1}`),
  );
  const clients = new Set(v4.filter((client) => !special.has(client)));
  const hex = (low: number, high: number): string => rng.int(low, high).toString(16);
  while (clients.size < TAIL) {
    const client = `2001:db8:${hex(0x1000, 0xfffe)}:${hex(1, 0xffff)}::${hex(1, 0xffff)}`;
    if (!special.has(client)) clients.add(client);
  }
  const list = [...clients];
  // Mixed, but with the 750 or so of IPv4 ahead of most of IPv6.
  return list
    .map((client, i) => ({
      client,
      key: (client.includes(':') ? 0.12 : 0) + rng.next() * (i < 760 ? 0.3 : 1),
    }))
    .sort((x, y) => x.key - y.key)
    .map((one) => one.client);
}

const PAGES = 60;

function vhostPages(rng: Random, wordpress: boolean): string[] {
  return Array.from({ length: PAGES }, (_, i) => (i === 0 ? '/' : page(rng, wordpress, i % 9)));
}

function page(rng: Random, wordpress: boolean, kind: number): string {
  const word = (): string => rng.pick(WORDS);
  if (wordpress && kind < 5) return wordpressPage(rng, kind);
  if (kind === 5) return `/${word()}/${word()}-${word()}-${rng.int(1, 9999)}.html`;
  if (kind === 6) return `/index.php?page=${word()}&id=${rng.int(1, 99999)}&lang=en`;
  if (kind === 7) return `/${word()}/?s=${word()}+${word()}&orderby=date&paged=${rng.int(1, 20)}`;
  if (kind === 8) return `/images/${word()}/${word()}_${rng.int(1, 9999)}.webp`;
  return `/${word()}/${word()}-${word()}/`;
}

function wordpressPage(rng: Random, kind: number): string {
  const word = rng.pick(WORDS);
  const version = `${rng.int(1, 9)}.${rng.int(0, 9)}.${rng.int(0, 9)}`;
  if (kind === 0)
    return `/wp-content/uploads/20${rng.int(18, 26)}/0${rng.int(1, 9)}/${word}-${rng.pick(WORDS)}-${rng.int(100, 999)}x${rng.int(100, 999)}.jpg`;
  if (kind === 1) return `/wp-content/themes/${word}/assets/css/style.min.css?ver=${version}`;
  if (kind === 2) return `/wp-includes/js/jquery/jquery.min.js?ver=${version}`;
  if (kind === 3) return `/wp-content/plugins/woocommerce/assets/js/frontend/${word}.min.js?ver=${version}`;
  return `/wp-json/wp/v2/posts/${rng.int(1, 9999)}?_embed=author`;
}

/**
 * What must be in the log whatever is drawn: each rare client's 10 lines, the middling ones' 100 and 1,000, and
 * `attacks` lines that SQLI_PATTERN finds; by place.
 */
export function plantedLines(seed: number, attacks: number): Planted[] {
  const rng = random(seed, 'planted');
  const clients = [...RARE.map((client) => ({ client, lines: RARE_LINES })), ...MIDDLING].flatMap(
    ({ client, lines }) => Array.from({ length: lines }, () => ({ client, attack: false })),
  );
  const all = [...clients, ...Array.from({ length: attacks }, () => ({ client: null, attack: true }))];
  return all.map((one) => ({ ...one, place: rng.next() * 0.99 })).sort((x, y) => x.place - y.place);
}
