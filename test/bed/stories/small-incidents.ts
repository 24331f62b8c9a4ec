// What goes on below lfd's limit: a customer whose message is refused, a slow SQL injection, guessed passwords.
import { BLOG, SHOP } from '../sites.ts';
import { browserHeaders, CHROME, FIREFOX, pageUrl, readPage } from './story.ts';
import type { Step, Story, Visit } from './story.ts';

const customer: Visit = {
  client: '192.0.2.44',
  host: SHOP.servername,
  userAgent: FIREFOX,
  language: 'sk-SK,sk;q=0.9',
  tls: true,
};
const MESSAGE = 'Good morning, please add two mugs to my order; cat and dog, as a gift. Thank you, Eva';

function message(at: number, text: string, expect: number): Step {
  const headers = {
    ...browserHeaders(customer, pageUrl(customer, '/contact.php'), false),
    Origin: 'https://shop.example.com',
  };
  const body = new URLSearchParams({ name: 'Eva', email: 'eva@example.org', message: text }).toString();
  return {
    at,
    request: { host: customer.host, client: customer.client, tls: true, path: '/contact.php', headers, body },
    expect,
  };
}

/** Two refusals of the same harmless sentence; without the semicolon it is sent. */
function customerSteps(start: number): Step[] {
  const assets = ['/style.css', '/app.js', '/img/logo.gif', '/img/p1.gif', '/img/p2.gif'];
  return [
    ...readPage(customer, start, '/', { from: null, assets }),
    ...readPage(customer, start + 22, '/product.php?id=3', { from: '/', assets: ['/img/p1.gif'] }),
    ...readPage(customer, start + 51, '/product.php?id=8', {
      from: '/product.php?id=3',
      assets: ['/img/p2.gif'],
    }),
    ...readPage(customer, start + 80, '/contact.php', { from: '/product.php?id=8', assets: [] }),
    message(start + 141, MESSAGE, 403),
    message(start + 152.5, MESSAGE, 403),
    ...readPage(customer, start + 171, '/contact.php', { from: '/product.php?id=8', assets: [] }),
    message(start + 203, MESSAGE.replace(';', ':'), 200),
  ];
}

const TRICKS = [
  "3'",
  "3' AND '1'='1",
  '3 AND 7=7',
  "3' UNION SELECT 1,2,3-- -",
  "3' AND SLEEP(4)-- -",
  '3 OR 1=1',
];

/** One try every twenty-odd seconds, under a browser's name but without a browser's headers. */
function slowInjection(start: number): Step[] {
  return TRICKS.map((trick, i) => {
    const headers = { 'User-Agent': CHROME, Accept: '*/*' };
    const path = `/product.php?id=${encodeURIComponent(trick)}`;
    return {
      at: start + i * 21.7,
      request: { host: SHOP.servername, client: '198.51.100.163', tls: true, path, headers },
    };
  });
}

/** ModSecurity has nothing to say about wrong passwords: only the access log shows them. */
function guesses(start: number): Step[] {
  return Array.from({ length: 9 }, (_, i) => {
    const body = `log=admin&pwd=${['summer', 'winter', 'autumn'][i % 3] ?? ''}${2020 + i}`;
    const headers = { 'User-Agent': FIREFOX, Accept: '*/*' };
    return {
      at: start + i * 5.2,
      request: {
        host: BLOG.servername,
        client: '203.0.113.87',
        tls: true,
        path: '/wp-login.php',
        headers,
        body,
      },
      expect: 200,
    };
  });
}

/** None of these leads to a block. */
export function smallIncidents(): Story {
  return {
    name: 'small incidents',
    steps: [...customerSteps(-5 * 3600 - 400), ...slowInjection(-100 * 60), ...guesses(-8 * 3600)],
  };
}
