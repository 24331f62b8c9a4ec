// Story: blocked for good two months ago, dropped out of csf.deny since, which keeps only so many addresses.
import { SHOP, STATIC } from '../sites.ts';
import { CHROME, readPage } from './story.ts';
import type { Step, Story, Visit } from './story.ts';

export const DROPPED_CLIENT = '198.51.100.27';
const BLOCKED = -62 * 24 * 3600;
const TODAY = -2.6 * 3600;
const WANTED = ['/.env', '/.git/config', '/wp-config.php.bak', '/.svn/entries', '/.bash_history'];

/** Whoever has the address today reads the shop like anybody. */
const visit: Visit = {
  client: DROPPED_CLIENT,
  host: SHOP.servername,
  userAgent: CHROME,
  language: 'sk-SK,sk;q=0.9',
  tls: true,
};

function probes(): Step[] {
  return WANTED.flatMap((path) => [SHOP, STATIC].map(({ servername }) => ({ path, servername }))).map(
    ({ path, servername }, i) => ({
      at: BLOCKED + i * 0.41,
      request: {
        host: servername,
        client: DROPPED_CLIENT,
        path,
        headers: { 'User-Agent': 'curl/7.88.1', Accept: '*/*' },
      },
      expect: 403,
    }),
  );
}

/** Of the old requests only the mail is left. */
export function dropped(): Story {
  const assets = ['/style.css', '/app.js', '/img/logo.gif', '/img/p1.gif', '/img/p2.gif'];
  return {
    name: 'dropped out of csf.deny',
    steps: [
      ...probes(),
      ...readPage(visit, TODAY, '/', { from: null, assets }),
      ...readPage(visit, TODAY + 26, '/product.php?id=8', { from: '/', assets: ['/img/p1.gif'] }),
      ...readPage(visit, TODAY + 71, '/cart.php', { from: '/product.php?id=8', assets: [] }),
    ],
  };
}
