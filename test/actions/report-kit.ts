// A copied server on which one address was refused on sites of two accounts, each with things that only it has; and a scan
// of a report's text for what must not stand in it.
import {
  accessLine,
  auditRecord,
  errorLines,
  type RawHit,
  type RawRequest,
  uniqueId,
} from '../evidence/raw-lines.ts';
import { makeServer, type TestRoot } from '../host/make-root.ts';

export const VISITOR = '198.51.100.20';
export const SHOP = 'shop.example.com';
export const OTHER = 'other.example.org';
/** What belongs to the other account and to nobody else. */
export const OTHERS = [
  'other.example.org',
  'otheruser',
  '/hidden-zebra',
  'zebrafield',
  '203.0.113.77',
  'mail.other.example.org',
];
/** What belongs to the shop alone. */
export const SHOPS = ['shop.example.com', 'shopuser', '/our-giraffe', 'giraffefield'];
const START = Date.UTC(2026, 10, 22, 9, 0, 0);

type Page = Pick<RawRequest, 'host' | 'uri' | 'hits'> & Partial<RawRequest>;

function sent(nth: number, page: Page): RawRequest {
  return {
    ...{ at: START + nth * 7000 + 0.25, client: VISITOR, method: 'GET', status: 403 },
    ...{ agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0', referer: null },
    ...{ body: null, headers: [['Accept', '*/*']], ...page },
  };
}

const sql = (field: string, value = "it's 1 or 2"): RawHit => ({
  rule: '942100',
  target: `ARGS:${field}`,
  value,
  matched: 's&1',
});

/** `more`: further requests to the shop. `isTold`: whether the server's files name the vhosts. */
export function twoAccounts(more: readonly RawRequest[] = [], isTold = true): TestRoot {
  const requests = [
    sent(0, { host: SHOP, uri: '/our-giraffe.php?giraffefield=x', hits: [sql('giraffefield')] }),
    sent(1, { host: OTHER, uri: '/hidden-zebra.php?zebrafield=x', hits: [sql('zebrafield')] }),
    sent(2, { host: SHOP, uri: '/our-giraffe.php?giraffefield=y', hits: [sql('giraffefield')] }),
    sent(3, { host: OTHER, uri: '/hidden-zebra.php?zebrafield=y', hits: [sql('zebrafield')] }),
    sent(4, { host: OTHER, uri: '/hidden-zebra.php?zebrafield=z', hits: [sql('zebrafield')] }),
    // Names of the other account within what went to the shop.
    sent(5, { host: SHOP, uri: '/~otheruser/our-giraffe.php', hits: [sql('giraffefield')] }),
    sent(6, {
      host: SHOP,
      uri: '/our-giraffe/mail.other.example.org/203.0.113.77',
      hits: [sql('giraffefield')],
    }),
    sent(7, { host: SHOP, uri: '/home/otheruser/our-giraffe', hits: [sql('giraffefield')] }),
    ...more,
  ];
  const known = requests.map((request, nth) => ({ request, id: uniqueId(request, nth) }));
  const root = makeServer();
  const write = (path: string, lines: readonly string[]): void => {
    root.write(path, `${lines.join('\n')}\n`);
  };
  const domains = [
    'shop.example.com: shopuser==root==main==shop.example.com==/home/shopuser/public_html==192.0.2.80:80==192.0.2.80:443==',
    'other.example.org: otheruser==root==main==other.example.org==/home/otheruser/public_html==192.0.2.80:80==192.0.2.80:443==',
    'third.example.net: thirduser==root==main==third.example.net==/home/thirduser/public_html==192.0.2.80:80==192.0.2.80:443==',
  ];
  write('/etc/userdatadomains', isTold ? domains : []);
  write(
    '/var/log/apache2/error_log',
    known.flatMap(({ request, id }) => errorLines(request, id)),
  );
  write(
    '/var/log/apache2/modsec_audit.log',
    known.map(({ request, id }) => auditRecord(request, id)),
  );
  for (const host of [SHOP, OTHER])
    write(`/var/log/apache2/domlogs/${host}`, requests.filter((one) => one.host === host).map(accessLine));
  root.write(
    '/etc/csf/csf.deny',
    `${VISITOR} # lfd: (mod_security) mod_security (id:942100) triggered by ${VISITOR} (US/United States/-): 8 in the last 3600 secs - Sun Nov 22 09:01:00 2026\n`,
  );
  root.write('/etc/csf/csf.conf', 'LF_MODSEC = "8"\nLF_INTERVAL = "3600"\n');
  root.write('/etc/hostname', 'server.example.com\n');
  return root;
}

/** A request to the shop, some seconds after the others. */
export function toShop(nth: number, page: Omit<Page, 'host'>): RawRequest {
  return sent(10 + nth, { ...page, host: SHOP });
}
