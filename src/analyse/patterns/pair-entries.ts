// False alarms that the makers of the rules know, with hits they are tested with.

/** What a pair is tried with: rule, target, path, User-Agent. */
type PairCase = readonly [ruleId: string, target: string, path: string, userAgent?: string];

/** One documented pair. Its source is an issue in the trackers of the rules, of ModSecurity or of the application. */
export interface Pair {
  readonly app: string;
  readonly rules: RegExp;
  readonly target: RegExp;
  readonly path: RegExp;
  /** The client must name itself so. */
  readonly agent?: RegExp;
  /** `owner/name#number` on GitHub; null: seen in logs, reported nowhere. */
  readonly source: string | null;
  /** What happens there, for a sentence. */
  readonly words: string;
  readonly fits: readonly PairCase[];
  readonly fitsNot: readonly PairCase[];
}

const ARGS = 'ARGS(?:_POST)?:(?:json\\.)?';
const EDITORS =
  /(?:^|\/)wp-admin\/(?:post|post-new|admin-ajax)\.php$|\/wp-json\/wp\/v2\/(?:posts|pages|product)\b/i;
const ANY_PATH = /^/;
const CRS = 'SpiderLabs/owasp-modsecurity-crs';
const CRS_NOW = 'coreruleset/coreruleset';

export const PAIRS: readonly Pair[] = [
  {
    app: 'WordPress block editor',
    rules: /^941180$/,
    target: new RegExp(`^(?:${ARGS}(?:content|title|excerpt)(?:[.[].*)?|REQUEST_BODY|XML.*)$`, 'i'),
    path: /\/wp-json\/wp\/v2\/(?:posts|pages)\b/i,
    source: `${CRS}#1618`,
    words: 'saving a post whose blocks are kept as HTML comments',
    fits: [
      ['941180', 'ARGS:json.content', '/wp-json/wp/v2/posts/67'],
      ['941180', 'ARGS:content', '/blog/wp-json/wp/v2/pages/3'],
    ],
    fitsNot: [
      ['941180', 'ARGS:json.password', '/wp-json/wp/v2/posts/67'],
      ['941180', 'ARGS:content', '/wp-json/contact/v1/send'],
      ['941110', 'ARGS:json.content', '/wp-json/wp/v2/posts/67'],
    ],
  },
  {
    app: 'WordPress editor',
    rules: /^941160$/,
    target: new RegExp(`^${ARGS}(?:html|content|data\\[wp_autosave\\]\\[content\\])$`, 'i'),
    path: EDITORS,
    source: `${CRS}#860`,
    words: 'inserting a picture from the media library into a page',
    fits: [
      ['941160', 'ARGS:html', '/wp-admin/admin-ajax.php'],
      ['941160', 'ARGS:content', '/wp-admin/post.php'],
    ],
    fitsNot: [
      ['941160', 'ARGS:html', '/contact.php'],
      ['941160', 'ARGS:action', '/wp-admin/admin-ajax.php'],
    ],
  },
  {
    app: 'Divi',
    rules: /^941(?:100|160)$/,
    target: new RegExp(`^${ARGS}modules\\b`, 'i'),
    path: /\/wp-admin\/admin-ajax\.php$/i,
    source: `${CRS}#1511`,
    words: 'saving a page of the Divi builder',
    fits: [
      ['941100', 'ARGS:modules', '/wp-admin/admin-ajax.php'],
      ['941160', 'ARGS_POST:modules[0]', '/shop/wp-admin/admin-ajax.php'],
    ],
    fitsNot: [
      ['942100', 'ARGS:modules', '/wp-admin/admin-ajax.php'],
      ['941100', 'ARGS:modules', '/index.php'],
      ['941100', 'ARGS_NAMES:modules', '/wp-admin/admin-ajax.php'],
    ],
  },
  {
    app: 'WooCommerce',
    rules: /^932130$/,
    target: new RegExp(`^${ARGS}(?:content|excerpt|data\\[wp_autosave\\]\\[(?:content|excerpt)\\])$`, 'i'),
    path: EDITORS,
    source: `${CRS_NOW}#1834`,
    words: 'saving a product whose list of parts reads like a shell expression',
    fits: [
      ['932130', 'ARGS:content', '/wp-admin/post.php'],
      ['932130', 'ARGS:data[wp_autosave][excerpt]', '/wp-admin/admin-ajax.php'],
    ],
    fitsNot: [
      ['932130', 'ARGS:content', '/upload.php'],
      ['932130', 'ARGS:cmd', '/wp-admin/post.php'],
    ],
  },
  {
    app: 'WooCommerce',
    rules: /^941310$/,
    target: new RegExp(`^${ARGS}(?:content|excerpt|data\\[wp_autosave\\]\\[(?:content|excerpt)\\])$`, 'i'),
    path: EDITORS,
    source: `${CRS_NOW}#3333`,
    words: 'letters of Central European alphabets read as malformed markup',
    fits: [['941310', 'ARGS:data[wp_autosave][excerpt]', '/wp-admin/admin-ajax.php']],
    fitsNot: [['941310', 'ARGS:q', '/wp-admin/admin-ajax.php']],
  },
  {
    app: 'Visual Composer',
    rules: /^9413[234]0$/,
    target: new RegExp(`^${ARGS}(?:post_)?content$`, 'i'),
    path: EDITORS,
    source: `${CRS}#1024`,
    words: 'saving a page with the shortcodes of a page builder',
    fits: [
      ['941320', 'ARGS:content', '/wp-admin/post.php'],
      ['941340', 'ARGS:post_content', '/wp-admin/admin-ajax.php'],
    ],
    fitsNot: [
      ['941320', 'ARGS:content', '/guestbook.php'],
      ['941100', 'ARGS:content', '/wp-admin/post.php'],
    ],
  },
  {
    app: 'WordPress page fields',
    rules: /^941(?:100|160)$/,
    target: new RegExp(`^${ARGS}acf\\[`, 'i'),
    path: /\/wp-admin\/(?:post|post-new|admin-ajax)\.php$/i,
    source: `${CRS_NOW}#2065`,
    words: 'previewing a page with HTML in its own fields',
    fits: [['941100', 'ARGS:acf[field_5d2deda542dca][row-0]', '/wp-admin/post.php']],
    fitsNot: [['941100', 'ARGS:acf[field_1]', '/form.php']],
  },
  {
    app: 'WordPress back office',
    rules: /^921110$/,
    target: /^(?:ARGS(?:_POST)?:|REQUEST_BODY$|XML)/i,
    path: /\/wp-admin\/admin-ajax\.php$/i,
    source: `${CRS_NOW}#3200`,
    words: 'saving a text that quotes an HTTP request line',
    fits: [['921110', 'ARGS:data[content]', '/wp-admin/admin-ajax.php']],
    fitsNot: [
      ['921110', 'REQUEST_HEADERS:X-A', '/wp-admin/admin-ajax.php'],
      ['921110', 'ARGS:data', '/index.php'],
    ],
  },
  {
    app: 'WordPress site health',
    rules: /^95(?:1220|3110)$/,
    target: /^RESPONSE_BODY/i,
    path: /\/wp-admin\/site-health\.php$/i,
    source: `${CRS_NOW}#1919`,
    words: "the site's own health page names the database",
    fits: [
      ['951220', 'RESPONSE_BODY', '/wp-admin/site-health.php'],
      ['953110', 'RESPONSE_BODY', '/wp-admin/site-health.php'],
    ],
    fitsNot: [
      ['951220', 'RESPONSE_BODY', '/wp-admin/index.php'],
      ['951220', 'ARGS:a', '/wp-admin/site-health.php'],
    ],
  },
  {
    app: 'WordPress widgets',
    rules: /^951240$/,
    target: /^RESPONSE_BODY/i,
    path: /\/wp-admin\/widgets\.php$/i,
    source: `${CRS_NOW}#1875`,
    words: "the site's own page of widgets reads like a database error",
    fits: [['951240', 'RESPONSE_BODY', '/wp-admin/widgets.php']],
    fitsNot: [['951240', 'RESPONSE_BODY', '/widgets.php']],
  },
  {
    app: 'phpBB control panel',
    rules: /^(?:930110|930100|951240|94[12]\d{3})$/,
    target: /^(?:ARGS|RESPONSE_BODY|REQUEST_URI|REQUEST_BODY)/i,
    path: /\/adm\/index\.php$/i,
    source: `${CRS}#1154`,
    words: "working in the forum's control panel",
    fits: [
      ['951240', 'RESPONSE_BODY', '/adm/index.php'],
      ['942100', 'ARGS:config[search_type]', '/forum/adm/index.php'],
    ],
    fitsNot: [
      ['932160', 'ARGS:a', '/adm/index.php'],
      ['942100', 'ARGS:q', '/adm/index.php.bak'],
    ],
  },
  {
    app: 'forum read by Google',
    rules: /^942200$/,
    target: /^REQUEST_HEADERS:(?:User-Agent|Referer|From)$/i,
    path: /\/(?:forum|viewtopic|showthread|topic|thread|board)/i,
    agent: /Googlebot\/\d/,
    source: `${CRS_NOW}#4502`,
    words: "Google's own browser name trips the rule since 4.24",
    fits: [
      [
        '942200',
        'REQUEST_HEADERS:User-Agent',
        '/forum/viewtopic.php',
        'Mozilla/5.0 (Linux; Android 6.0.1) (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      ],
    ],
    fitsNot: [
      ['942200', 'REQUEST_HEADERS:User-Agent', '/forum/viewtopic.php', 'Mozilla/5.0 (X11; Linux x86_64)'],
      ['942200', 'ARGS:t', '/forum/viewtopic.php', 'Googlebot/2.1'],
      ['942200', 'REQUEST_HEADERS:User-Agent', '/forum/viewtopic.php'],
    ],
  },
  {
    app: 'Google',
    rules: /^920274$/,
    target: /^REQUEST_HEADERS:From$/i,
    path: ANY_PATH,
    agent: /Googlebot/,
    source: `${CRS}#1245`,
    words: "Google's crawler writes its mail address into a header",
    fits: [['920274', 'REQUEST_HEADERS:From', '/', 'Googlebot/2.1']],
    fitsNot: [
      ['920274', 'REQUEST_HEADERS:From', '/', 'curl/8.0'],
      ['920274', 'REQUEST_HEADERS:Cookie', '/', 'Googlebot/2.1'],
    ],
  },
  {
    app: 'monitors',
    rules: /^(?:960015|920300|920310|920311)$/,
    target: /^REQUEST_HEADERS(?::Accept)?$/i,
    path: ANY_PATH,
    agent:
      /uptime|pingdom|monitor|statuscake|site24x7|nagios|check_http|zabbix|icinga|hetrix|betterstack|freshping/i,
    source: 'fzaninotto/uptime#278',
    words: 'monitors and fetchers send no Accept header',
    fits: [
      ['920300', 'REQUEST_HEADERS', '/', 'check_http/v2.3 (monitoring-plugins 2.3)'],
      ['960015', 'REQUEST_HEADERS:Accept', '/', 'UptimeRobot/2.0'],
    ],
    fitsNot: [
      ['920300', 'REQUEST_HEADERS', '/', 'Mozilla/5.0 (X11; Linux x86_64)'],
      ['942100', 'REQUEST_HEADERS', '/', 'UptimeRobot/2.0'],
    ],
  },
  {
    app: 'certificate check',
    rules: /^(?:990002|990012|960009|960015|913101|913102|920300|920320|920330|920280|932200)$/,
    target: /^REQUEST_HEADERS(?::(?:User-Agent|Accept|Host))?$/i,
    path: /^\/\.well-known\/(?:acme-challenge|pki-validation|cpanel-dcv)\/[\w.-]{1,200}$/i,
    source: `${CRS}#172`,
    words: 'an authority fetches the file that proves who owns the domain',
    fits: [
      [
        '932200',
        'REQUEST_HEADERS:User-Agent',
        '/.well-known/acme-challenge/g0xtVr2JZjrCGgaXXH1xC8Fp-EXRRdi',
        "Mozilla/5.0 (compatible; Let's Encrypt validation server; +https://www.letsencrypt.org)",
      ],
      ['990012', 'REQUEST_HEADERS:User-Agent', '/.well-known/pki-validation/9F3A.txt', 'Jakarta Commons'],
    ],
    fitsNot: [
      ['990012', 'REQUEST_HEADERS:User-Agent', '/.well-known/../etc/passwd'],
      ['913100', 'REQUEST_HEADERS:User-Agent', '/.well-known/acme-challenge/abc'],
      ['932200', 'ARGS:q', '/.well-known/acme-challenge/abc'],
    ],
  },
  {
    app: 'Burst Statistics',
    rules: /^(?:932|94[12])\d{3}$/,
    target: /^ARGS(?:_GET)?:filters$/i,
    path: /\/wp-json\/burst\/v\d+\//i,
    source: 'owasp-modsecurity/ModSecurity#3608',
    words: 'a page of statistics sends its filters as JSON',
    fits: [['942100', 'ARGS:filters', '/wp-json/burst/v1/data/datatable/statistics_referrers']],
    fitsNot: [
      ['942100', 'ARGS:filters', '/shop.php'],
      ['942100', 'ARGS:id', '/wp-json/burst/v1/data/x'],
    ],
  },
  {
    app: 'WordPress calling itself',
    rules: /^(?:920350|920280|920300)$/,
    target: /^REQUEST_HEADERS(?::(?:Host|Accept))?$/i,
    path: /\/wp-cron\.php$/i,
    agent: /^WordPress\/\d[\w.-]{0,20}; https?:\/\//i,
    source: null,
    words: "WordPress starts its own scheduled work by the server's number",
    fits: [['920350', 'REQUEST_HEADERS:Host', '/wp-cron.php', 'WordPress/6.9; https://shop.example.com']],
    fitsNot: [
      ['920350', 'REQUEST_HEADERS:Host', '/wp-cron.php', 'python-requests/2.32'],
      ['920350', 'REQUEST_HEADERS:Host', '/', 'WordPress/6.9; https://shop.example.com'],
    ],
  },
];
