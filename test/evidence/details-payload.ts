// What exactly counts for PAYLOAD: one story a clause.
import type { Detail } from './details.ts';
import { CHROME, hit, posted, refused, type Sent, sqli, visit, wordpressLogin } from './story.ts';

const login = (at: number, uri: string, status: number): Sent => ({
  at,
  uri,
  status,
  method: 'POST',
  form: { pma_username: 'shop', pma_password: 'correct horse' },
});
const SQL = "1' OR '1'='1";
const padded = (end: string): { sent: Sent[] } => ({
  sent: [
    ...visit(),
    posted(0, ['/contact/', '942100', 'message'], {
      message: `${'Thank you all for coming to the old mill on Saturday. '.repeat(100)}${end}`,
    }),
  ],
});

export const PAYLOAD_DETAILS: readonly Detail[] = [
  [
    'an attempt that tripped no rule',
    'Y1',
    'present',
    { sent: [refused(0), { at: 30, uri: '/api?host=127.0.0.1;id' }] },
  ],
  [
    'one value logged by two rules in two spellings',
    'Y1b',
    'absent',
    {
      without: ['audit', 'access'],
      sent: [0, 20].map((at) => ({
        at,
        uri: '/ping.php',
        hits: [
          hit('932160', 'ARGS:host', '127.0.0.1;cat /etc/passwd', 'etc/passwd'),
          hit('930120', 'ARGS:host', '127.0.0.1;cat/etc/passwd', 'etc/passwd'),
        ],
      })),
    },
  ],
  [
    "the site's own page in the referer",
    'Y1b',
    'absent',
    {
      sent: [
        sqli(0, ['/product.php', 'id'], "1' OR '1'='1"),
        ...[5, 9].map((at) =>
          refused(at, '/api/report', { referer: `https://SITE/product.php?x=${at}'+OR+'1'='1` }),
        ),
      ],
    },
  ],
  [
    'SQL in a cookie',
    'Y1',
    'absent',
    { sent: [refused(0, '/api/report', { headers: { Cookie: "basket=1' OR '1'='1" } })] },
  ],
  [
    'a script in a browser name',
    'Y1',
    'present',
    { agent: `${CHROME} <script>alert(1)</script>`, sent: [refused(0)] },
  ],
  [
    'three values in three incidents of one day',
    'Y1b',
    'present',
    {
      sent: ["1' OR '1'='1", '-1 UNION SELECT 1,2,3-- -', "admin'--"].map((text, nth) =>
        sqli((nth - 2) * 7200, ['/product.php', 'id'], text),
      ),
    },
  ],
  [
    'PHP in a theme, by a proved author',
    'Y1c',
    'present',
    {
      sent: [
        ...wordpressLogin(-100),
        posted(0, ['/wp-admin/theme-editor.php', '941100', 'newcontent'], {
          newcontent: "<?php system($_GET['c']); ?>",
        }),
      ],
    },
  ],
  [
    'PHP in a theme by the editor of today, by a proved author',
    'Y1c',
    'present',
    {
      sent: [
        ...wordpressLogin(-100),
        posted(0, ['/wp-admin/admin-ajax.php', '941100', 'newcontent'], {
          action: 'edit-theme-plugin-file',
          newcontent: "<?php system($_GET['c']); ?>",
        }),
      ],
    },
  ],
  [
    'a program as upload, by a proved author',
    'Y1',
    'present',
    {
      sent: [
        ...wordpressLogin(-100),
        {
          at: 0,
          uri: '/wp-admin/async-upload.php',
          method: 'POST',
          headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
          hits: [hit('933110', 'FILES:async-upload', 'a.php', 'a.php')],
        },
      ],
    },
  ],
  [
    'PHP in the SQL window, login proved',
    'Y1',
    'present',
    {
      sent: [
        login(-100, '/phpmyadmin/index.php?route=/', 302),
        { at: -90, uri: '/phpmyadmin/index.php?route=/sql' },
        posted(0, ['/phpmyadmin/index.php?route=/import', '941100', 'sql_query'], {
          sql_query: "<?php system($_GET['c']); ?>",
        }),
      ],
    },
  ],
  [
    'SQL in a consent cookie',
    'Y6',
    'present',
    {
      sent: [
        {
          at: 0,
          uri: '/products/',
          headers: { Cookie: `cookieyes-consent=${SQL}` },
          hits: [hit('942100', 'REQUEST_COOKIES:cookieyes-consent', SQL, 's&1c')],
        },
      ],
    },
  ],
  [
    'SQL as the page it came from',
    'Y6',
    'present',
    {
      sent: [
        {
          at: 0,
          uri: '/products/',
          referer: SQL,
          hits: [hit('942100', 'REQUEST_HEADERS:Referer', SQL, 's&1c')],
        },
      ],
    },
  ],
  [
    'a code of an advertising tool in the page it came from',
    'Y6',
    'absent',
    {
      sent: [
        {
          at: 0,
          uri: '/products/',
          referer: 'https://search.example.net/?gclid=Cj0K--EQ',
          hits: [
            hit('942440', 'REQUEST_HEADERS:Referer', 'https://search.example.net/?gclid=Cj0K--EQ', '--'),
          ],
        },
      ],
    },
  ],
  [
    'a quote that the site answers with an error of its database',
    'Y7',
    'absent',
    {
      sent: [
        {
          at: 0,
          uri: '/product.php?id=1%27',
          status: 403,
          hits: [hit('951220', 'RESPONSE_BODY', 'SQL error', 'SQL')],
        },
      ],
    },
  ],
  ['SQL behind five thousand harmless letters', 'Y4', 'absent', padded(SQL)],
  ['a script behind five thousand harmless letters', 'Y4', 'absent', padded('<script>alert(1)</script>')],
];
