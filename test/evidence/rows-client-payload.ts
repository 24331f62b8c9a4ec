// CLIENT and PAYLOAD: what the program says of itself, and what it sent.
import { lacking, repeated, row, type Row, seconds } from './rows.ts';
import { allowed } from './service-files.ts';
import {
  CHROME,
  FIREFOX,
  GOOGLEBOT,
  hit,
  posted,
  PYTHON,
  refused,
  SAFARI,
  type Sent,
  sqli,
  visit,
  wordpressLogin,
} from './story.ts';

const mail = (...cut: readonly string[]) => ({
  sent: [sqli(0, ['/product.php', 'id'], "1' OR '1'='1")],
  mail: { cut },
});
const agents = (...names: readonly string[]): { sent: Sent[] } => ({
  sent: [
    refused(0, '/catalogue/1', { agent: names[0] ?? null }),
    ...names.slice(1).map((agent, nth) => ({ at: 3 + nth * 4, uri: `/catalogue/${nth + 2}`, agent })),
  ],
});
const bot = { agent: GOOGLEBOT, sent: [refused(0, '/forum/viewtopic.php')] };

export const CLIENT: readonly Row[] = [
  row('C1', {
    present: { agent: 'sqlmap/1.8.4#stable (https://sqlmap.org)', sent: [refused(0)] },
    absent: { sent: [refused(0)] },
    unknown: lacking({ sent: [refused(0)] }, 'audit', 'access'),
  }),
  row('C2', {
    present: { agent: PYTHON, sent: [refused(0)] },
    absent: { agent: 'WordPress/6.8; https://shop.example.com', sent: [refused(0)] },
    unknown: lacking({ agent: PYTHON, sent: [refused(0)] }, 'audit', 'access'),
  }),
  row('C3', {
    present: { agent: null, sent: [refused(0), refused(20)] },
    absent: { sent: [refused(0), refused(10), refused(20, '/api/report', { agent: null })] },
    unknown: lacking({ agent: null, sent: [refused(0)] }, 'audit', 'access'),
  }),
  row('C4', {
    present: { sent: [refused(0, '/api/report', { headers: { 'Accept-Language': null } })] },
    absent: { agent: FIREFOX, sent: [refused(0)] },
    unknown: lacking(
      { sent: [refused(0, '/api/report', { headers: { 'Accept-Language': null } })] },
      'audit',
    ),
  }),
  row('C5', {
    present: agents(
      CHROME,
      FIREFOX,
      SAFARI,
      'Mozilla/5.0 (Windows NT 6.1; rv:45.0) Gecko/20100101 Firefox/45.0',
    ),
    absent: agents(CHROME, FIREFOX, CHROME, FIREFOX),
    unknown: lacking(agents(CHROME, FIREFOX, SAFARI), 'audit', 'access'),
  }),
  row('C7', {
    present: { ...bot, dns: { state: 'confirmed', name: 'crawl-203-0-113-9.googlebot.com' } },
    absent: { sent: [refused(0)], dns: { state: 'confirmed', name: 'dsl-9.pool.example.net' } },
    unknown: bot,
  }),
  row('C7x', {
    present: { ...bot, dns: { state: 'confirmed', name: 'vps-9.hosting.example.net' } },
    absent: { ...bot, dns: { state: 'confirmed', name: 'crawl-203-0-113-10.googlebot.com' } },
    unknown: bot,
  }),
  row('C8', {
    present: { sent: [refused(0)], extra: [allowed('uptime monitor')] },
    absent: { sent: [refused(0)] },
    unknown: lacking({ sent: [refused(0)] }, 'facts'),
  }),
];

const TRICKS = [
  "1' OR '1'='1",
  '-1 UNION SELECT 1,2,3,4-- -',
  "admin'--",
  '1 AND SLEEP(5)',
  "1'; DROP TABLE users",
];
const tricks = (count: number): { sent: Sent[] } => ({
  sent: TRICKS.slice(0, count).map((text, nth) => sqli(nth * 20, ['/product.php', 'id'], text)),
});
const article = (value: string): Sent =>
  posted(0, ['/administrator/index.php', '941160', 'jform[articletext]'], {
    'jform[title]': 'News',
    'jform[articletext]': value,
  });
const SCRIPT = '<p>Our counter:</p><script>document.write(new Date().getFullYear())</script>';
const PROSE = `<h2>Autumn workshop: how it went</h2><p>${'Thank you all for coming to the old mill on Saturday. '.repeat(8)}</p><iframe src="https://video.example.net/embed/a7Yw2"></iframe>`;
const save = (content: string): { sent: Sent[] } => ({
  sent: [
    ...wordpressLogin(-100),
    posted(
      0,
      ['/wp-admin/post.php', '941160', 'content'],
      { post_ID: '412', action: 'editpost', content },
      {
        referer: 'https://SITE/wp-admin/post.php?post=412&action=edit',
      },
    ),
  ],
});
const consent = (name: string): { sent: Sent[] } => ({
  sent: [
    {
      at: 0,
      uri: '/products/lamp',
      headers: { Cookie: `${name}=%7B%22a%22%3A1%7D--x; lang=sk` },
      hits: [hit('942440', `REQUEST_COOKIES:${name}`, '{"a":1}--x', '--x')],
    },
  ],
});
const outbound = (more: Partial<Sent> = {}): Sent => ({
  at: 0,
  uri: '/report.asp?month=11',
  status: 403,
  hits: [hit('951220', 'RESPONSE_BODY', '<p>[Microsoft][ODBC SQL Server Driver] error</p>', '[Microsoft]')],
  ...more,
});
const families = (...kinds: readonly ('sqli' | 'xss' | 'lfi')[]): { sent: Sent[] } => ({
  sent: kinds.map((kind, nth) => {
    const uri = `/${['search', 'product', 'download'][nth % 3] ?? ''}.php`;
    if (kind === 'sqli') return sqli(nth * 20, [uri, 'id'], "1' OR '1'='1");
    const value = kind === 'xss' ? '<script>alert(1)</script>' : '../../../../etc/passwd';
    const rule = kind === 'xss' ? '941100' : '930120';
    return {
      at: nth * 20,
      uri: `${uri}?q=${encodeURIComponent(value)}`,
      hits: [hit(rule, 'ARGS:q', value, 'etc/passwd')],
    };
  }),
});
const variants = (count: number, last: string): { sent: Sent[] } => ({
  sent: repeated(seconds(count, 20), (at, nth) =>
    sqli(at, ['/list.php', 'sort'], nth === count - 1 ? last : `price${nth}%`),
  ),
});

export const PAYLOAD: readonly Row[] = [
  row('Y1', { present: tricks(1), absent: { sent: [refused(0)] }, unknown: mail() }),
  row('Y1b', { present: tricks(3), absent: tricks(2), unknown: mail() }),
  row('Y1c', {
    present: { sent: [article(SCRIPT)] },
    absent: { sent: [article('<p>Nothing to see</p>')] },
    unknown: mail(),
  }),
  row('Y6', {
    present: { sent: [sqli(0, ['/list.php', 'sort'], 'a%b"c')] },
    absent: {
      sent: [
        posted(0, ['/contact/', '942360', 'message'], {
          message: 'Please drop the table at my door and select a lamp',
        }),
      ],
    },
    unknown: mail(),
  }),
  row('Y2', {
    present: families('sqli', 'xss', 'lfi'),
    absent: families('sqli', 'sqli', 'lfi'),
    unknown: mail(),
  }),
  row('Y3', { present: variants(6, "1' OR '1'='1"), absent: variants(6, 'price9%'), unknown: mail() }),
  row('Y4', { present: save(PROSE), absent: save('short text'), unknown: mail() }),
  row('Y5', { present: consent('cookieyes-consent'), absent: consent('basket'), unknown: mail() }),
  row('Y7', {
    present: { sent: [...visit(), outbound()] },
    absent: { sent: [outbound(), refused(20)] },
    unknown: mail(),
  }),
];
