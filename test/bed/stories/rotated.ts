// Story 4: blocked two days ago for SQL injection; the logs of that time are gone, the mail is still there.
import { SHOP } from '../sites.ts';
import type { Story } from './story.ts';

export const ROTATED_CLIENT = '198.51.100.201';
const START = -50 * 3600;

const TRIES = [
  "1' OR '1'='1",
  "1' UNION SELECT NULL,NULL-- -",
  '1 AND SLEEP(5)',
  "1' AND 1=2 UNION SELECT user,password FROM users-- -",
  "-1' OR 1=1#",
  "1'; DROP TABLE orders-- -",
  "1' ORDER BY 7-- -",
  "1' AND (SELECT COUNT(*) FROM information_schema.tables)>0-- -",
  "1' OR BENCHMARK(2000000,MD5(1))-- -",
  "1') OR ('a'='a",
];

/** The requests are sent for real; the packing drops every line of that time but the mail and the deny entry. */
export function rotated(): Story {
  return {
    name: 'rotated log',
    steps: TRIES.map((text, i) => ({
      at: START + i * 7.3,
      request: {
        host: SHOP.servername,
        client: ROTATED_CLIENT,
        tls: true,
        path: `/product.php?id=${encodeURIComponent(text)}`,
        headers: { 'User-Agent': 'python-requests/2.32.3', Accept: '*/*' },
      },
      expect: 403,
    })),
  };
}
