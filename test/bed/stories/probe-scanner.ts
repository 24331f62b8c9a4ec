// Story 3: somebody looks for forgotten files on the vhosts of three customers, calling itself a browser.
import { BLOG, SHOP, STATIC } from '../sites.ts';
import { CHROME } from './story.ts';
import type { Step, Story } from './story.ts';

export const PROBE_CLIENT = '203.0.113.140';
const START = -47 * 60;
const REFUSED = ['/.env', '/.git/config', '/wp-config.php.bak'];
const MISSING = [
  '/backup.zip',
  '/backup.tar.gz',
  '/www.zip',
  '/site.tar.gz',
  '/public_html.zip',
  '/old/',
  '/new/',
  '/test/',
  '/dev/',
  '/staging/',
  '/admin/',
  '/administrator/',
  '/phpmyadmin/',
  '/pma/',
  '/adminer.html',
  '/actuator/health',
  '/server-status.html',
  '/cgi-bin/luci',
  '/vendor/phpunit/',
  '/HNAP1/',
];

function probe(at: number, host: string, path: string, expect: number): Step {
  // A browser's name, but none of the headers that browsers send along.
  const headers = { 'User-Agent': CHROME, Accept: '*/*' };
  return { at, request: { host, client: PROBE_CLIENT, path, headers }, expect };
}

/** Nine requests are refused by ModSecurity, the rest is not found: more than 40 are, which lfd counts. */
export function probeScanner(): Story {
  const steps: Step[] = [];
  const next = (): number => START + steps.length * 0.37;
  for (const path of REFUSED)
    for (const { servername } of [BLOG, SHOP, STATIC]) steps.push(probe(next(), servername, path, 403));
  for (const path of MISSING)
    for (const { servername } of [SHOP, STATIC]) steps.push(probe(next(), servername, path, 404));
  return { name: 'probe scanner', steps };
}
