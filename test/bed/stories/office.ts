// Story: three machines of an office share one address; two people shop and read, the third machine scans.
import { BLOG, SHOP, STATIC } from '../sites.ts';
import { browserHeaders, FIREFOX, IPHONE, pageUrl, readPage } from './story.ts';
import type { Step, Story, Visit } from './story.ts';

export const OFFICE_CLIENT = '192.0.2.118';
const START = -95 * 60;

const buyer: Visit = {
  client: OFFICE_CLIENT,
  host: SHOP.servername,
  userAgent: FIREFOX,
  language: 'sk-SK,sk;q=0.9,en;q=0.6',
  tls: true,
};
const reader: Visit = {
  client: OFFICE_CLIENT,
  host: BLOG.servername,
  userAgent: IPHONE,
  language: 'sk-SK,sk;q=0.9',
  tls: true,
};

/** Looks for mugs and asks a question, which is refused once: `; cat` reads like a command (932100). */
function buys(): Step[] {
  const assets = ['/style.css', '/app.js', '/img/logo.gif', '/img/p1.gif', '/img/p2.gif'];
  return [
    ...readPage(buyer, START, '/', { from: null, assets }),
    ...readPage(buyer, START + 34, '/search.php?q=bowl', { from: '/', assets: ['/img/p1.gif'] }),
    ...readPage(buyer, START + 63, '/product.php?id=17', {
      from: '/search.php?q=bowl',
      assets: ['/img/p2.gif'],
    }),
    ...readPage(buyer, START + 118, '/product.php?id=21', {
      from: '/product.php?id=17',
      assets: ['/img/p1.gif'],
    }),
    ...readPage(buyer, START + 171, '/contact.php', { from: '/product.php?id=21', assets: [] }),
    asks(START + 266),
  ];
}

function asks(at: number): Step {
  const text = 'Hello, is there a bowl for pets in the same blue; cat size would do. Regards, Martin';
  const headers = {
    ...browserHeaders(buyer, pageUrl(buyer, '/contact.php'), false),
    Origin: 'https://shop.example.com',
  };
  const body = new URLSearchParams({ name: 'Martin', email: 'martin@example.net', message: text }).toString();
  const request = { host: buyer.host, client: OFFICE_CLIENT, tls: true, path: '/contact.php', headers, body };
  return { at, request, expect: 403 };
}

function reads(): Step[] {
  const assets = [
    '/wp-content/themes/plain/style.css',
    '/wp-content/themes/plain/app.js',
    '/wp-content/uploads/header.gif',
    '/wp-includes/js/jquery.js',
    '/wp-content/uploads/market.gif',
  ];
  return [
    ...readPage(reader, START + 81, '/', { from: null, assets: assets.slice(0, 4) }),
    ...readPage(reader, START + 127, '/2026/summer-market/', { from: '/', assets: assets.slice(4) }),
    ...readPage(reader, START + 204, '/2026/spring-walk/', {
      from: '/2026/summer-market/',
      assets: assets.slice(2),
    }),
    ...readPage(reader, START + 251, '/contact/', { from: '/2026/spring-walk/', assets: assets.slice(2) }),
  ];
}

const WANTED = ['/.env', '/.git/config', '/wp-config.php.bak', '/.svn/entries', '/.aws/credentials'];

/** Files that nobody links to, on the sites of three customers, seven in two seconds. */
function scans(): Step[] {
  return WANTED.flatMap((path) => [BLOG, SHOP, STATIC].map(({ servername }) => ({ path, servername }))).map(
    ({ path, servername }, i) => {
      const headers = { 'User-Agent': 'Go-http-client/1.1', 'Accept-Encoding': 'gzip', Accept: '*/*' };
      const request = { host: servername, client: OFFICE_CLIENT, tls: true, path, headers };
      return { at: START + 300.4 + i * 0.29, request, expect: 403 };
    },
  );
}

/** The block shuts all three out. */
export function office(): Story {
  return { name: 'shared office', steps: [...buys(), ...reads(), ...scans()] };
}
