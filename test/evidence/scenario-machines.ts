// Golden cases as raw logs: programs, scanners, tools.
import { SERVER_NAME } from './server.ts';
import { repeated, seconds } from './rows.ts';
import { mailboxLogin } from './service-files.ts';
import {
  BARE,
  failedLogins,
  GOOGLEBOT,
  hit,
  posted,
  PYTHON,
  refused,
  type Sent,
  type Story,
  views,
  visit,
} from './story.ts';

const CURL = 'curl/8.5.0';
const MONITOR = 'SiteWatch/2.1';
/** Gaps that are neither even nor fast. */
const UNEVEN = [0, 31, 55, 98, 113, 160, 171, 229, 240, 262];
/** Pages read one after the other, and not one picture with them. */
const read = (pages: readonly string[], from = -100, more: Partial<Sent> = {}): Sent[] =>
  pages.map((uri, nth) => ({ at: from + nth * 17, uri, ...more }));

const toServer = (at: number): Sent => refused(at, '/', { host: SERVER_NAME });
const byNumber = (at: number, uri = '/'): Sent => ({
  at,
  uri,
  host: '192.0.2.80',
  hits: [hit('920350', 'REQUEST_HEADERS:Host', '192.0.2.80'), hit('920300', 'REQUEST_HEADERS', '')],
});
const put = (at: number, uri: string, more: Partial<Sent> = {}): Sent => ({
  at,
  uri,
  method: 'PUT',
  headers: BARE,
  hits: [hit('911100', 'REQUEST_METHOD', 'PUT')],
  ...more,
});
const head = (at: number, uri: string): Sent => ({
  at,
  uri,
  method: 'HEAD',
  headers: { Accept: null },
  hits: [hit('920300', 'REQUEST_HEADERS', '')],
});
const FIVE_PROBES = ['/.env', '/.git/config', '/backup.sql', '/.aws/credentials', '/'];

const SLOW: readonly (readonly [string, string, string])[] = [
  ['942100', 'id', "1' OR '1'='1"],
  ['942100', 'id', '1) AND 3421=3421-- qZkL'],
  ['942100', 'id', '1 AND SLEEP(5)'],
  ['942100', 'id', '-1 UNION SELECT 1,2,3,4-- -'],
  ['942100', 'id', "1';WAITFOR DELAY '0:0:5'--"],
  ['942100', 'id', '1 ORDER BY 1-- UDmi'],
  ['941100', 'cat', '<script>alert(document.cookie)</script>'],
  ['930120', 'cat', '../../../../etc/passwd'],
  ['942100', 'id', "1%' RLIKE SLEEP(5) AND 'a%'='a"],
];
const inject = (at: number, [rule, name, value]: readonly [string, string, string]): Sent => ({
  at,
  uri: `/product.php?${new URLSearchParams({ [name]: value }).toString()}`,
  headers: { 'Accept-Language': null },
  hits: [hit(rule, `ARGS:${name}`, value, value.slice(0, 8))],
});

const rest = (extra: Pick<Story, 'extra'> = {}): Omit<Story, 'name'> => ({
  agent: PYTHON,
  sent: [
    ...read(['/api/stock', '/api/prices', '/api/orders', '/api/customers', '/api/taxes'], -100, {
      headers: BARE,
    }),
    ...repeated(seconds(11, 0.15), (at, nth) => put(at, `/api/items/${4100 + nth}`)),
  ],
  ...extra,
});

const QUOTED = "In the log of my shop I found 1' OR '1'='1 and wonder what it is";
const ARTICLE = `<?xml version="1.0"?><methodCall><methodName>metaWeblog.editPost</methodName><params><param><value><string>${QUOTED}</string></value></param></params></methodCall>`;

/** Stories by the names of the golden cases. */
export const MACHINES: Readonly<Record<string, Omit<Story, 'name'>>> = {
  "seed, mail + error_log, server's hostname, 10 in 1.3 s, uri /": {
    without: ['audit', 'access'],
    sent: repeated(seconds(10, 0.14), toServer),
  },
  'seed, mail only, hostname unknown': {
    mail: { cut: ['hostname'] },
    sent: repeated(seconds(10, 0.14), toServer),
  },
  'seed, all logs: numeric Host, /.env and others': {
    sent: [
      ...read(['/', '/index.html', '/login', '/help', '/start'], -90, { host: '192.0.2.80' }),
      ...repeated(seconds(10, 0.14), (at, nth) => byNumber(at, FIVE_PROBES[nth % 5] ?? '/')),
    ],
  },
  'sqlmap, 1 request per 20 s, browser UA': {
    sent: [
      ...read(['/', '/product.php?id=1', '/product.php?id=2', '/list.php', '/cart.php']),
      ...SLOW.map((one, nth) => inject(nth * 20, one)),
    ],
  },
  'sqlmap slow, error_log only': {
    without: ['audit', 'access'],
    sent: SLOW.filter(([, name]) => name === 'id').map((one, nth) => inject(UNEVEN[nth] ?? 0, one)),
  },
  'Googlebot verified, 942200 on a forum URL': {
    agent: GOOGLEBOT,
    dns: { state: 'confirmed', name: 'crawl-198-51-100-9.googlebot.com' },
    sent: [
      ...read([
        '/forum/',
        '/forum/viewforum.php?f=2',
        '/forum/viewtopic.php?t=15',
        '/forum/viewtopic.php?t=16',
        '/forum/faq',
      ]),
      {
        at: 0,
        uri: '/forum/viewtopic.php?t=17',
        headers: { ...BARE, From: 'googlebot(at)googlebot.com' },
        hits: [hit('942200', 'REQUEST_HEADERS:User-Agent', GOOGLEBOT, ', ')],
      },
    ],
  },
  'fake Googlebot probing': {
    agent: GOOGLEBOT,
    dns: { state: 'confirmed', name: 'gateway-9.example.org' },
    sent: repeated(seconds(6, 0.3), (at, nth) => refused(at, nth % 2 === 0 ? '/.env' : '/.git/config')),
  },
  'uptime monitor: HEAD / every 60 s, missing Accept': {
    without: ['audit'],
    agent: MONITOR,
    sent: repeated(seconds(12, 60), (at, nth) =>
      head(at, ['/', '/shop/', '/blog/', '/contact/'][nth % 4] ?? '/'),
    ),
  },
  'uptime monitor marked known by the admin': {
    agent: MONITOR,
    before: [['mark', 'CLIENT', '--as', 'monitor', '--yes']],
    sent: repeated(seconds(12, 60), (at) => head(at, '/')),
  },
  "customer's REST integration: bursts, python UA, PUT, one endpoint, no probe": rest(),
  'same, mail/cPanel login from the address': rest({ extra: [mailboxLogin(-7200)] }),
  'credential stuffing on wp-login/xmlrpc': {
    sent: [
      ...read(['/', '/wp-login.php', '/blog/', '/about/', '/shop/']),
      refused(0, '/xmlrpc.php', { headers: { 'Accept-Language': null } }),
      ...failedLogins(5, 9, 4, { headers: { 'Accept-Language': null } }),
      refused(50, '/xmlrpc.php', { headers: { 'Accept-Language': null } }),
    ],
  },
  'phone app posts an article by XML-RPC every 5 s': {
    agent: 'wp-android/26.1',
    sent: repeated(seconds(9, 5), (at) => ({
      at,
      uri: '/xmlrpc.php',
      method: 'POST',
      headers: { ...BARE, 'Content-Type': 'text/xml' },
      body: ARTICLE,
      hits: [hit('942100', 'XML', `metaWeblog.editPost${QUOTED}`, 's&1c')],
    })),
  },
  'REST client, sentences with SQL words in JSON, PUT and DELETE refused': {
    agent: PYTHON,
    sent: [
      ...read(['/api/stock', '/api/prices', '/api/orders', '/api/customers', '/api/taxes'], -90, {
        headers: BARE,
      }),
      ...repeated(seconds(9, 10), (at, nth) =>
        put(at, `/api/notes/${700 + nth}`, nth % 2 === 0 ? {} : { host: '@b', method: 'DELETE' }),
      ),
      posted(
        90,
        ['/api/notes/709', '942360', 'note'],
        { note: 'Please select a lamp from the list and drop the table at the door' },
        { headers: BARE },
      ),
    ],
  },
  'health check by IP number: curl, every 30 s': {
    agent: CURL,
    sent: repeated(seconds(10, 30), (at) => ({ ...byNumber(at), headers: BARE })),
  },
  'monitor of the bare server name, one path, slow: R5 does not apply': {
    agent: CURL,
    sent: repeated(seconds(10, 30), (at) => ({
      ...toServer(at),
      headers: { ...BARE, 'Content-Type': 'application/csp-report' },
    })),
  },
  "agency works on two customers' sites through an API in bursts": {
    agent: 'AgencyTool/3.2',
    sent: [
      ...read(['/api/stock', '/api/prices', '/api/orders', '/api/customers', '/api/taxes'], -90, {
        headers: BARE,
      }),
      ...repeated(seconds(12, 0.15), (at, nth) =>
        put(at, `/api/items/${4100 + nth}`, nth % 2 === 0 ? {} : { host: '@b' }),
      ),
    ],
  },
  'one request for /.env and nothing else': { sent: [refused(0, '/.env')] },
  'one request for /.env by an address that browsed before': { sent: [...visit(), refused(0, '/.env')] },
  'office address that cannot be split (one browser name): scanner and browsing together': {
    sent: [
      ...views(-120, { pages: ['/', '/products/', '/products/lamp', '/about/'] }),
      // Half of the burst goes to the bare server: on the site itself it is not faster than a person.
      ...repeated(seconds(7, 0.25), (at, nth) =>
        nth < 4 ? refused(at, FIVE_PROBES[nth] ?? '/') : byNumber(at, FIVE_PROBES[nth - 4] ?? '/'),
      ),
      ...views(200, { pages: ['/products/chair', '/contact/'] }),
    ],
  },
};
