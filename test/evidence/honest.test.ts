// Honest programs and people in a bad light: whatever else is said of them, they are no attackers.
import { beforeAll, expect, test } from '@jest/globals';
import { tell, type Told } from './kit.ts';
import { repeated, seconds } from './rows.ts';
import {
  BARE,
  failedLogins,
  GOOGLEBOT,
  hit,
  posted,
  refused,
  type Sent,
  type Story,
  views,
  visit,
} from './story.ts';

const SITES = ['@b', '@c', '@d', '@e'];
const NAMES = 'alpha bravo carol delta echo fox golf hotel india juliet kilo lima'.split(' ');
const deadLinks = (at: number, every: number): Sent[] =>
  NAMES.map((name, nth) => ({ at: at + nth * every, uri: `/old/${name}`, status: 404 }));

/** A monitor asks one site after the other for its start page and is only noted. */
const watched: readonly Sent[] = repeated(seconds(12, 20), (at, nth) => ({
  at,
  uri: '/',
  host: SITES[nth % 4] ?? '',
  method: 'HEAD',
  headers: { Accept: null },
  hits: [hit('920300', 'REQUEST_HEADERS', '')],
}));

/** A search engine reads four sites; a rule reacts to a link to their search. */
const crawled: readonly Sent[] = SITES.flatMap((host, nth) => [
  ...['/', '/a/', '/b/', '/c/'].map((uri, page) => ({
    at: -100 + nth * 20 + page * 4,
    uri,
    host,
    headers: BARE,
  })),
  {
    at: nth * 30,
    host,
    uri: '/search?q=drop+table+lamp',
    headers: BARE,
    hits: [hit('942360', 'ARGS:q', 'drop table lamp', 'drop table')],
  },
]);

const calls = (method: string): readonly Sent[] =>
  repeated(seconds(9, 6), (at) => ({
    at,
    uri: '/xmlrpc.php',
    method: 'POST',
    headers: { ...BARE, Accept: null, 'Content-Type': 'text/xml' },
    body: `<?xml version="1.0"?><methodCall><methodName>${method}</methodName></methodCall>`,
    hits: [hit('920300', 'REQUEST_HEADERS', '')],
  }));

const HONEST: Readonly<Record<string, Omit<Story, 'name'>>> = {
  'a monitor of four customers': { agent: 'UptimeRobot/2.0', sent: watched },
  'a monitor of four customers that nobody knows': { agent: 'SiteWatch/2.1', sent: watched },
  'a search engine on four sites': {
    agent: 'Mozilla/5.0 (compatible; ExampleBot/7.0; +http://bot.example.com/about)',
    sent: crawled,
  },
  'Google on four sites, before DNS was asked': { agent: GOOGLEBOT, sent: crawled },
  'Google on four sites, proved': {
    agent: GOOGLEBOT,
    dns: { state: 'confirmed', name: 'crawl-203-0-113-9.googlebot.com' },
    sent: crawled,
  },
  'a payment service that tells four shops': {
    agent: 'PayNotify/1.0',
    sent: SITES.map((host, nth) =>
      posted(
        nth * 40,
        ['/wc-api/pay', '942360', 'description'],
        { description: 'Your order of a lamp: please drop the table at the door' },
        { host, headers: BARE },
      ),
    ),
  },
  'an app that reads articles by XML-RPC': { agent: 'wp-iphone/26.1', sent: calls('wp.getPosts') },
  'a service that reads by XML-RPC': {
    agent: 'Jetpack by WordPress.com',
    sent: calls('jetpack.getFeatures'),
  },
  'a customer who forgot a password': { sent: [...visit(), ...failedLogins(-40, 8, 6), refused(20)] },
  'a visitor with old bookmarks': { sent: [...visit(), ...deadLinks(10, 7), refused(120)] },
  'a mail program that looks for its settings': {
    agent: 'Microsoft Office/16.0',
    sent: repeated(seconds(4, 20), (at, nth) =>
      refused(at, nth % 2 === 0 ? '/autodiscover/autodiscover.xml' : '/Autodiscover/Autodiscover.xml', {
        host: 'autodiscover.SITE',
      }),
    ),
  },
  'an editor who saves fast in a page builder': {
    sent: [
      ...views(-120, { pages: ['/', '/a/', '/b/', '/c/'] }),
      ...repeated(seconds(12, 0.1), (at) => refused(at, '/wp-admin/admin-ajax.php')),
    ],
  },
};

let told: ReadonlyMap<string, Told> = new Map();
beforeAll(async () => {
  told = await tell(Object.entries(HONEST).map(([name, story]) => ({ ...story, name })));
}, 60_000);

test.each(Object.keys(HONEST))('%s', (name) => {
  expect(['unclear', 'false-positive']).toContain(told.get(name)?.verdict?.label);
});
