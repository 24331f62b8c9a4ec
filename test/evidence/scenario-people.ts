// Golden cases as raw logs: people, among them some with bad intent.
import { crowd } from './rows-human.ts';
import { modsecBlock } from './service-files.ts';
import { FETCH, hit, posted, type Sent, sqli, type Story, views, visit, wordpressLogin } from './story.ts';

/** A request from a page of the site, as Chrome sends it. */
const fromPage: Partial<Sent> = { referer: 'https://SITE/products/', headers: FETCH };
const withCookie: Partial<Sent> = {
  ...fromPage,
  headers: { ...FETCH, Cookie: 'wordpress_logged_in_5f2b=jana%7C1; lang=sk' },
};

const OPEN_VALUE = 'a%b"c';
const ODD = sqli(90, ['/list.php', 'sort'], OPEN_VALUE, fromPage);

/** Five kinds of exploit text, and one that no grammar knows. */
const BY_HAND: readonly Sent[] = [
  sqli(0, ['/product.php', 'id'], "1' OR '1'='1", fromPage),
  sqli(25, ['/product.php', 'id'], '-1 UNION SELECT 1,2,3,4-- -', fromPage),
  attempt(60, '/search.php', '941100', '<script>alert(document.cookie)</script>'),
  ODD,
  attempt(130, '/download.php', '930120', '../../../../etc/passwd'),
  attempt(170, '/ping.php', '932160', '127.0.0.1;cat /etc/passwd'),
];

function attempt(at: number, path: string, rule: string, value: string): Sent {
  return {
    at,
    uri: `${path}?q=${encodeURIComponent(value)}`,
    hits: [hit(rule, 'ARGS:q', value, value.slice(0, 10))],
    ...fromPage,
  };
}

const PROSE = `<h2>Autumn workshop: how it went</h2><p>${'Thank you all for coming to the old mill on Saturday. '.repeat(8)}</p><iframe src="https://video.example.net/embed/a7Yw2"></iframe>`;
const SNIPPET = `${PROSE}<script>document.write(new Date().getFullYear())</script>`;
const UNEVEN = [0, 31, 55, 98, 113, 160, 171, 229, 240, 262];
/** Divi's builder saves the page by itself. */
const autosave = (at: number): Sent =>
  posted(
    at,
    ['/wp-admin/admin-ajax.php', '941160', 'modules'],
    { action: 'et_fb_ajax_save', modules: PROSE },
    {
      referer: 'https://SITE/wp-admin/post.php?post=412&action=edit',
      headers: { Cookie: 'wordpress_logged_in_5f2b=jana%7C1; lang=sk' },
    },
  );
const EDITOR: readonly Sent[] = [
  ...visit({ referer: true }),
  ...wordpressLogin(-200, true, { referer: 'https://SITE/wp-login.php' }),
  ...UNEVEN.map(autosave),
];
const save = (at: number, more: Partial<Sent>): Sent =>
  posted(
    at,
    ['/wp-admin/post.php', '941100', 'content'],
    { post_ID: '412', action: 'editpost', content: SNIPPET },
    more,
  );

const PMA = '/phpmyadmin/index.php';
const query = (at: number): Sent =>
  posted(
    at,
    [`${PMA}?route=/import`, '942100', 'sql_query'],
    { db: 'shop', sql_query: 'SELECT name FROM products WHERE id=1 OR 1=1-- ' },
    fromPage,
  );
const database = (login: boolean): Sent[] => [
  ...views(-200, { pages: [`${PMA}?route=/`], referer: true }),
  ...(login
    ? [
        {
          at: -180,
          uri: `${PMA}?route=/`,
          method: 'POST',
          status: 302,
          form: { pma_username: 'shop', pma_password: 'correct horse' },
        } satisfies Sent,
      ]
    : []),
  ...views(-170, {
    pages: ['/database/structure', '/sql', '/table/structure', '/server/status'].map(
      (route) => `${PMA}?route=${route}`,
    ),
    referer: true,
  }),
  query(0),
  ...views(200, { pages: [`${PMA}?route=/table/search`], referer: true }),
];

const consent = (at: number, who?: number): Sent => ({
  at,
  uri: '/products/lamp',
  headers: { Cookie: 'cookieyes-consent=%7B%22a%22%3A1%7D--x; lang=sk' },
  hits: [hit('942440', 'REQUEST_COOKIES:cookieyes-consent', '{"a":1}--x', '--x')],
  ...(who === undefined ? {} : { who }),
});
const colours = (at: number, value: string, who?: number): Sent =>
  posted(
    at,
    ['/wishlist/', '942440', 'description'],
    { description: value },
    who === undefined ? {} : { who },
  );
const ORDINARY = 'Please put the red -- and the green one -- on my list, and the lamp is for the kitchen';
const wished = (at: number, who: number): Sent => colours(at, ORDINARY, who);

const ebay = (): Sent[] => [
  {
    at: 0,
    uri: '/itm/4711?_rlogId=tosupreme',
    hits: [hit('941100', 'ARGS:_rlogId', 'tosupreme', 'XSS data')],
  },
];

/** Stories by the names of the golden cases. */
export const PEOPLE: Readonly<Record<string, Omit<Story, 'name'>>> = {
  'WordPress editor saves a post (10 autosaves blocked)': {
    sent: EDITOR,
  },
  'same editor, no audit log': { without: ['audit'], quiet: true, sent: EDITOR },
  'manual SQLi test in a browser with session cookie (DVWA log)': {
    sent: [
      ...views(-40, {
        pages: ['/vulnerabilities/sqli/'],
        assets: ['/css/main.css', '/js/page.js', '/img/logo.png'],
      }),
      sqli(0, ['/vulnerabilities/sqli/', 'id'], "1' OR '1'='1", {
        referer: 'https://SITE/vulnerabilities/sqli/',
        headers: { Cookie: 'wordpress_logged_in_5f2b=jana%7C1; security=low' },
      }),
    ],
  },
  'eBay log (third party): 941100/941180 on ARGS:_rlogId, with access log': {
    without: ['audit'],
    extra: [modsecBlock(30, 'dsl-24.pool.example.net')],
    sent: [...visit(), ...ebay()],
  },
  'eBay log, error_log only': { without: ['audit', 'access'], sent: ebay() },
  'shop visitors: 942xxx on consent cookie, 8 other visitors': {
    sent: [...visit(), consent(0), ...crowd(8, consent)],
  },
  'person browses like a customer, then tries five kinds of exploit text by hand': {
    sent: [...visit({ referer: true }), ...BY_HAND],
  },
  'same person, no access log': { without: ['access'], sent: BY_HAND },
  'browsing person, one single exploit value': {
    sent: [...visit({ referer: true }), sqli(0, ['/product.php', 'id'], "1' OR '1'='1", fromPage), ODD],
  },
  'browsing person, attack rule on a value nothing innocent explains': {
    sent: [...visit({ referer: true }), ODD],
  },
  'many ordinary visitors hit a rule, one of them sends three exploit values through it': {
    sent: [
      ...visit(),
      ...crowd(8, wished),
      colours(0, "1' OR '1'='1"),
      colours(25, '-1 UNION SELECT 1,2,3,4-- -'),
      colours(70, "1'; DROP TABLE users"),
    ],
  },
  'same rule, same field, another visitor whose one value is exploit text': {
    sent: [...visit(), ...crowd(8, wished), colours(0, "1' OR '1'='1")],
  },
  'shop search "drop table lamp", visitor with pages and assets': {
    sent: [
      ...visit({ referer: true }),
      {
        at: 0,
        uri: '/search?q=drop+table+lamp',
        hits: [hit('942360', 'ARGS:q', 'drop table lamp', 'drop table')],
        ...fromPage,
      },
    ],
  },
  'forum reply that quotes a command line inside a sentence': {
    sent: [
      ...visit({ referer: true }),
      posted(
        0,
        ['/forum/posting', '930120', 'message'],
        {
          message:
            'You can look at it with cat /etc/passwd and then tell us here what it says about your user.',
        },
        fromPage,
      ),
    ],
  },
  'article with a script snippet, login as author proved': {
    sent: [...visit({ referer: true }), ...wordpressLogin(-200), save(0, withCookie)],
  },
  'same article, login proved but no page that only authors may open (a subscriber)': {
    sent: [...visit({ referer: true }), ...wordpressLogin(-200, false), save(0, withCookie)],
  },
  'article with a script snippet, no login in the logs (Joomla, Magento)': {
    sent: [
      ...visit({ referer: true }),
      posted(
        0,
        ['/administrator/index.php', '941100', 'jform[articletext]'],
        { 'jform[title]': 'News', 'jform[articletext]': SNIPPET },
        fromPage,
      ),
    ],
  },
  'SQL typed into phpMyAdmin, login proved': { sent: database(true) },
  'SQL sent to phpMyAdmin, no login in the logs': { sent: database(false) },
};
