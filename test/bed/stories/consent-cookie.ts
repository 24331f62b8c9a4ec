// Story: a consent tool of the shop writes the button that was pressed into its cookie, and rule 942190 takes it for SQL.
import { SHOP } from '../sites.ts';
import { browserHeaders, CHROME, FIREFOX, IPHONE, pageUrl, readPage } from './story.ts';
import type { Step, Story, Visit } from './story.ts';

const CART = '/cart.php';
const ASSETS = ['/style.css', '/app.js', '/img/logo.gif', '/img/p1.gif', '/img/p2.gif'];

/** What is opened once "select all" is pressed; all of it is refused. */
const PAGES = {
  cart: CART,
  home: '/',
  mug: '/product.php?id=3',
  bowl: '/product.php?id=17',
  contact: '/contact.php',
} as const;
type Page = keyof typeof PAGES;
/** Seconds after the button was pressed: the tool loads the page again at once, people wait and wonder. */
const TRIES_AT = [1, 9, 33, 46, 95, 140, 151, 203, 231, 260];

interface Visitor {
  readonly client: string;
  /** Hours before the end of the recording. */
  readonly hours: number;
  readonly userAgent: string;
  readonly language: string;
  readonly tries: readonly Page[];
}

/** Two of them try so often that lfd blocks them. */
export const CONSENT_BLOCKED = ['198.51.100.133', '2001:db8:e14:7::31'] as const;

const NEARBY = 'sk-SK,sk;q=0.9,cs;q=0.7';
const ABROAD = 'de-AT,de;q=0.9,en;q=0.6';

function who(client: string, hours: number, userAgent: string, tries: readonly Page[]): Visitor {
  return { client, hours, userAgent, language: Math.floor(hours) % 4 === 1 ? ABROAD : NEARBY, tries };
}

const VISITORS: readonly Visitor[] = [
  who('192.0.2.163', 16.2, CHROME, ['cart', 'home']),
  who('2001:db8:e01:2::9', 15.1, IPHONE, ['cart', 'cart', 'contact']),
  who('203.0.113.191', 13.4, FIREFOX, ['cart', 'cart', 'home']),
  who('2001:db8:e02:41::c', 12.3, IPHONE, ['cart', 'mug']),
  who(CONSENT_BLOCKED[0], 10.6, CHROME, [
    ...(['cart', 'cart', 'home', 'mug', 'cart', 'contact', 'home', 'cart', 'bowl', 'cart'] as const),
  ]),
  who('2001:db8:e05:1::77', 9.3, CHROME, ['cart', 'cart', 'bowl', 'home']),
  who('2001:db8:e08:90::4', 8.2, IPHONE, ['cart', 'contact']),
  who('2001:db8:e0a:15::a1', 6.7, FIREFOX, ['cart', 'cart', 'home']),
  who('2001:db8:e0b:3::2', 5.6, CHROME, ['cart', 'mug']),
  who(CONSENT_BLOCKED[1], 4.4, FIREFOX, [
    ...(['cart', 'cart', 'home', 'cart', 'bowl', 'cart', 'contact', 'cart', 'home', 'cart'] as const),
  ]),
  who('2001:db8:e17:8::d0', 3.2, IPHONE, ['cart', 'cart', 'home', 'contact']),
  who('2001:db8:e1a:6::5e', 2.1, CHROME, ['cart', 'cart']),
  who('2001:db8:e1c:22::b', 0.8, IPHONE, ['cart', 'cart']),
];

/** Those who leave out statistics and advertising are let in. */
const CAREFUL = ['2001:db8:e03:5::8', '2001:db8:e19:2::6f'];

/** The tool's cookie as it is sent: JSON, percent-encoded. */
function consent(client: string, button: string, groups: readonly string[]): string {
  const id = Buffer.from(client).toString('base64url');
  const value = JSON.stringify({ v: 2, id, button, groups });
  return `shop_consent=${encodeURIComponent(value)}`;
}

function visitOf({ client, userAgent, language }: Visitor): Visit {
  return { client, host: SHOP.servername, userAgent, language, tls: true };
}

/** Reads a few pages with the banner still open and comes to the cart, where it covers the button. */
function untilCart(visit: Visit, start: number): Step[] {
  return [
    ...readPage(visit, start, '/', { from: null, assets: ASSETS }),
    ...readPage(visit, start + 21, '/search.php?q=mug', { from: '/', assets: ['/img/p1.gif'] }),
    ...readPage(visit, start + 44, PAGES.mug, { from: '/search.php?q=mug', assets: ['/img/p2.gif'] }),
    ...readPage(visit, start + 83, CART, { from: PAGES.mug, assets: [] }),
  ];
}

function refused(visit: Visit, at: number, path: string): Step {
  const headers = browserHeaders(visit, pageUrl(visit, CART), false);
  return { at, request: { host: visit.host, client: visit.client, tls: true, path, headers }, expect: 403 };
}

function pressesAll(visitor: Visitor): Step[] {
  const visit = visitOf(visitor);
  const start = -visitor.hours * 3600;
  const all = consent(visitor.client, 'select all', ['necessary', 'statistics', 'marketing']);
  const agreed = { ...visit, cookie: all };
  // The tool loads the page again; nothing that is in the browser's cache is asked for.
  const tries = visitor.tries.map((page, i) => refused(agreed, start + 97 + (TRIES_AT[i] ?? 0), PAGES[page]));
  return [...untilCart(visit, start), ...tries];
}

function pressesNecessary(client: string, i: number): Step[] {
  const visit: Visit = { client, host: SHOP.servername, userAgent: CHROME, language: NEARBY, tls: true };
  const start = -(11 - i * 8) * 3600;
  const agreed = { ...visit, cookie: consent(client, 'only necessary', ['necessary']) };
  return [
    ...untilCart(visit, start),
    ...readPage(agreed, start + 98, CART, { from: CART, assets: [] }),
    ...readPage(agreed, start + 130, PAGES.contact, { from: CART, assets: [] }),
  ];
}

/** Thirteen visitors of as many networks are shut out of the shop by their own consent, two of them by lfd as well. */
export function consentCookie(): Story {
  return {
    name: 'consent cookie',
    steps: [...VISITORS.flatMap(pressesAll), ...CAREFUL.flatMap(pressesNecessary)],
  };
}
