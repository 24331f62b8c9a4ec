// Story: sqlmap at one parameter of the shop, as the real program sent it, until the firewall closed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHOP } from '../sites.ts';
import type { Step, Story } from './story.ts';

export const SQLMAP_CLIENT = '203.0.113.58';
/** Such that the tenth refusal comes just before lfd reads. */
const START = -7 * 3600 - 2.4;
/** The way to the server and back; the recording was made on the server itself. */
const ROUND_TRIP = 0.08;
/** The block comes this long after the first request; sqlmap goes on without an answer. */
const UNTIL = 2.2;

/**
 * Debian's sqlmap 1.7.2 against the bed (`-u …/product.php?id=3 --batch --level=1 --risk=1 --threads=1`): all 75
 * requests of the run, each with the milliseconds since the first one.
 */
const RECORDED = readFileSync(join(import.meta.dirname, 'sqlmap-requests.txt'), 'latin1')
  .trimEnd()
  .split('\n');
const HEADERS = {
  'Cache-control': 'no-cache',
  'User-agent': 'sqlmap/1.7.2#stable (https://sqlmap.org)',
  Accept: '*/*',
  'Accept-encoding': 'gzip,deflate',
};

/** Each is refused: the program names itself (913100), and most values are SQL besides. */
export function sqlmap(): Story {
  const steps = RECORDED.map((line, i): Step => {
    const [milliseconds = '', path = ''] = line.split(' ');
    const at = START + Number(milliseconds) / 1000 + i * ROUND_TRIP;
    const request = { host: SHOP.servername, client: SQLMAP_CLIENT, tls: true, path, headers: HEADERS };
    return { at, request, expect: 403 };
  });
  return { name: 'sqlmap', steps: steps.filter(({ at }) => at - START < UNTIL) };
}
