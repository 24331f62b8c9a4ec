// A server folder in whose logs secrets stand wherever they stand on a real one; each is a text that is nowhere else.
import { createHash } from 'node:crypto';
import { makeServer, type TestRoot } from './host/make-root.ts';

/** One secret: where it stands, and the texts that must not be found. */
export interface Secret {
  readonly source: string;
  /** What the visitor's secret is. */
  readonly plain: string;
  /** As it stands in the log. */
  readonly written: string;
}

export interface Planted {
  readonly root: TestRoot;
  readonly secrets: readonly Secret[];
  /** All lines with secrets, by the log that they stand in. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
  /** lfd's mail about a block, with lines that hold secrets. */
  readonly mail: string;
  readonly now: number;
}

export const CLIENT = '198.51.100.23';
export const OTHER_CLIENT = '203.0.113.44';
export const VHOST = 'shop.example.com';
export const RULE = '942100';
/** A number every word of a planted secret begins and ends with: parts of them are found by it too. */
export const MARK = /zqx([a-z]{2})/gi;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const two = (value: number): string => String(value).padStart(2, '0');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The time of a log's line in UTC, in the notations of Apache and syslog. */
function times(at: number): { clf: string; error: string; syslog: string; csf: string } {
  const day = new Date(at);
  const clock = [day.getUTCHours(), day.getUTCMinutes(), day.getUTCSeconds()].map(two).join(':');
  const month = MONTHS[day.getUTCMonth()] ?? '';
  const weekday = DAYS[day.getUTCDay()] ?? '';
  const number = day.getUTCDate();
  const year = day.getUTCFullYear();
  return {
    clf: `${two(number)}/${month}/${year}:${clock} +0000`,
    error: `${weekday} ${month} ${two(number)} ${clock}.123456 ${year}`,
    syslog: `${month} ${String(number).padStart(2)} ${clock}`,
    csf: `${weekday} ${month} ${String(number).padStart(2)} ${clock} ${year}`,
  };
}

/** Makes secrets that differ in each text, and keeps where they stand. */
class Planter {
  readonly secrets: Secret[] = [];
  #count = 0;

  #next(): string {
    const n = this.#count++;
    return `${String.fromCharCode(97 + Math.floor(n / 26))}${String.fromCharCode(97 + (n % 26))}`;
  }

  #keep(source: string, plain: string, written = plain): string {
    this.secrets.push({ source, plain, written });
    return written;
  }

  /** A password of letters and digits. */
  word(source: string): string {
    const id = this.#next();
    return this.#keep(source, `Zqx${id}7kT9zqx${id}`);
  }

  /** Letters only. */
  letters(source: string): string {
    const id = this.#next();
    return this.#keep(source, `Zqx${id}kTmToKenOfLettersOnlyzqx${id}`);
  }

  /** With characters that logs, forms, HTML and JSON escape, written as `write` says. */
  odd(source: string, write: (plain: string) => string): string {
    const id = this.#next();
    const plain = `Zqx${id}!p%&"<é;zqx${id}`;
    return this.#keep(source, plain, write(plain));
  }

  /** A user's name and password as Authorization: Basic has them. */
  basic(source: string): string {
    const id = this.#next();
    const plain = `Zqx${id}7kT9zqx${id}`;
    return this.#keep(source, plain, base64(`admin:${plain}`));
  }

  jwt(source: string): string {
    const id = this.#next();
    const payload = Buffer.from(`{"sub":"Zqx${id}7kT9zqx${id}"}`).toString('base64url');
    const written = `eyJhbGciOiJIUzI1NiJ9.${payload}.Zqx${id}c2lnbmF0dXJlzqx${id}`;
    return this.#keep(source, payload, written);
  }

  hex(source: string): string {
    return this.#keep(source, createHash('sha256').update(`hex ${this.#next()}`).digest('hex').slice(0, 32));
  }

  pin(source: string): string {
    return this.#keep(source, `0077${String(1000 + this.#count++)}`);
  }

  /** A card number with its check digit, in groups when `between` is given. */
  card(source: string, between = ''): string {
    const digits = `492908${String(100_000_000 + this.#count++ * 7919)}`;
    const check = [...Array(10).keys()].find((digit) => luhn(`${digits}${digit}`)) ?? 0;
    const plain = `${digits}${check}`;
    return this.#keep(source, plain, plain.replace(/(\d{4})(?=\d)/g, `$1${between}`));
  }

  /** A German account number with its check digits. */
  iban(source: string, between = ''): string {
    const account = `5001051754073${String(10_000 + this.#count++)}`;
    const rest = Number(BigInt(`${account}131400`) % 97n);
    const plain = `DE${two(98 - rest)}${account}`;
    return this.#keep(source, plain, plain.replace(/(.{4})(?=.)/g, `$1${between}`));
  }
}

function luhn(digits: string): boolean {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (1 + (index % 2));
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

const RULE_FILE =
  '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-942-APPLICATION-ATTACK-SQLI.conf';
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36';

interface Hit {
  readonly id: string;
  readonly target: string;
  readonly data: string;
  readonly operator?: string;
  readonly message?: string;
  readonly uri?: string;
  readonly referer?: string;
  readonly host?: string;
}

/** ModSecurity's text about a rule that matched, without what names the request. */
function hitText({ target, data, operator, message }: Hit): string {
  return `Warning. ${operator ?? `detected SQLi using libinjection with fingerprint 's&1'`} at ${target}. [file "${RULE_FILE}"] [line "65"] [id "${RULE}"] [msg "${message ?? 'SQL Injection Attack Detected via libinjection'}"] [data "${data}"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"] [tag "attack-sqli"] [tag "paranoia-level/1"]`;
}

function denial(uri: string, id: string): string {
  return `Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-949-BLOCKING-EVALUATION.conf"] [line "94"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 5)"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"] [tag "attack-generic"] [hostname "${VHOST}"] [uri "${uri}"] [unique_id "${id}"]`;
}

/** The unique_id of the nth planted request. */
export function uniqueId(n: number): string {
  return `aw${String(n).padStart(3, '0')}pTl8T6MLlnnqKzuxwAAACA`;
}

/** Hits of error_log: of each kind of target, and secrets in every field of the line. */
function errorHits(p: Planter): Hit[] {
  const found = (target: string, value: string): string =>
    `Matched Data: s&1 found within ${target}: ${value}`;
  const at = (target: string, value: string): Hit => ({ id: '', target, data: found(target, value) });
  const quoted = (text: string): string => text.replaceAll('"', '\\x22').replaceAll('é', '\\xc3\\xa9');
  return [
    at('ARGS:pwd', p.word('error_log ARGS:pwd')),
    at('ARGS:user[password]', p.odd('error_log nested password', quoted)),
    at('ARGS:json.login.pin', p.pin('error_log pin')),
    at('ARGS_POST:accessToken', p.hex('error_log token')),
    at('REQUEST_COOKIES:lang', p.word('error_log cookie')),
    at('REQUEST_HEADERS:Cookie', `a=1; PHPSESSID=${p.word('error_log cookie header')}`),
    at('REQUEST_HEADERS:Authorization', `Basic ${p.basic('error_log basic')}`),
    at('REQUEST_HEADERS:X-Api-Key', p.word('error_log api key')),
    at('REQUEST_BODY', `log=admin&pwd=${p.word('error_log body')}&x=1`),
    at('REQUEST_BODY', `{\\x22password\\x22:\\x22${p.word('error_log JSON body')}\\x22}`),
    at(
      'REQUEST_BODY',
      `------x\\x0d\\x0aContent-Disposition: form-data; name=\\x22password\\x22\\x0d\\x0a\\x0d\\x0a${p.word('error_log multipart body')}\\x0d\\x0a------x--`,
    ),
    at('XML', `wp.getUsersBlogsadmin${p.word('error_log XML-RPC')}`),
    at(
      'REQUEST_BODY',
      `<methodCall><methodName>wp.getUsersBlogs</methodName><params><param><value>admin</value></param><param><value><string>${p.word('error_log XML-RPC with tags')}</string></value></param></params></methodCall>`,
    ),
    at('REQUEST_URI', `/a?token=${p.word('error_log uri in data')}&b=1`),
    at('REQUEST_URI_RAW', `https://admin:${p.letters('error_log login in a uri')}@shop.example.com/`),
    at('REQUEST_LINE', `PROPFIND /x?api_key=${p.word('error_log request line')} HTTP/1.1`),
    at('ARGS:comment', `my card is ${p.card('error_log card', ' ')} thanks`),
    at(
      'ARGS:comment',
      `card ${p.card('error_log card with hyphens', '-')} and ${p.card('error_log bare card')}`,
    ),
    at('ARGS:note', `pay to ${p.iban('error_log IBAN')} or ${p.iban('error_log IBAN in groups', ' ')}`),
    at('ARGS:next', `/reset?a=1&reset_token%3d${p.word('error_log encoded')}%26x%3d1`),
    at('ARGS:next', `%2Freset%253Fkey%253D${p.word('error_log encoded twice')}%2526z%253D1`),
    at('ARGS:jwt', p.jwt('error_log JWT')),
    at('ARGS:q', `x ${p.jwt('error_log JWT in text')} x`),
    at('ARGS:q', `Authorization: Bearer ${p.letters('error_log bearer of letters')}`),
    {
      ...at('ARGS:q', 'x'),
      referer: `https://shop.example.com/reset?key=${p.word('error_log referer')}&login=a`,
    },
    { ...at('ARGS:q', 'x'), uri: `/reset/key/${p.hex('error_log uri with /key/')}/` },
    { ...at('ARGS:q', 'x'), host: `a:${p.letters('error_log host')}@${VHOST}` },
    { ...at('ARGS:q', 'x'), uri: `/shop;jsessionid=${p.word('error_log jsessionid')}` },
    { ...at('ARGS:q', 'x'), message: `Odd value password=${p.word('error_log message')} seen` },
    {
      ...at('ARGS:q', 'x'),
      operator: `Matched "Operator \`Rx' with parameter \`x' against variable \`ARGS:pwd' (Value: \`${p.word('error_log operator')}' )`,
    },
    at(`ARGS:a=password=${p.word('error_log target with a value')}`, 'x'),
    at('ARGS_NAMES:x', `token=${p.word('error_log names')}`),
    at(
      'ARGS:blog',
      `<form action=\\x22/x\\x22><input name=\\x22password\\x22 value=\\x22${p.word('error_log HTML field')}\\x22>`,
    ),
    at('REQUEST_FILENAME', `/wp-json/reset/sess/cpsess${p.pin('error_log cpsess')}/x`),
    at(
      'ARGS:cmd',
      `mysql -u root -p${p.word('error_log password option')} --password=${p.word('error_log long option')}`,
    ),
    at('ARGS:pwd', `${p.letters('error_log pwd cut at the end')}${'A'.repeat(400)}`),
  ].map((hit, index) => ({ ...hit, id: uniqueId(index) }));
}

function errorLines(p: Planter, now: number): string[] {
  const hits = errorHits(p);
  const lines = hits.flatMap((hit, index) => {
    const head = `[${times(now - 3_600_000 + index * 2000).error}] [security2:error] [pid 4336:tid 4392] [client ${CLIENT}:0] [client ${CLIENT}] ModSecurity: `;
    const uri = hit.uri ?? '/login.php';
    const referer = hit.referer === undefined ? '' : `, referer: ${hit.referer}`;
    return [
      `${head}${hitText(hit)} [hostname "${hit.host ?? VHOST}"] [uri "${uri}"] [unique_id "${hit.id}"]${referer}`,
      `${head}${denial(uri, hit.id)}${referer}`,
    ];
  });
  const head = `[${times(now - 3_500_000).error}] [proxy_fcgi:error] [pid 1:tid 2] [client ${CLIENT}:0] `;
  const cut = {
    id: uniqueId(0),
    target: 'ARGS:pwd',
    data: `Matched Data: x found within ARGS:pwd: ${p.word('error_log cut line')}`,
  };
  const broken = `[${times(now - 3_490_000).error}] [security2:error] [client ${CLIENT}] ModSecurity: `;
  return [
    ...lines,
    `${head}AH01071: Got error 'PHP message: login failed, password=${p.word('error_log PHP')} for user a', referer: https://a:${p.letters('error_log PHP referer')}@shop.example.com/`,
    `${head}PHP Fatal error: PDO->__construct('mysql:host=localhost', 'shop', 'x') DB_PASSWORD=${p.word('error_log environment')}`,
    `${broken}${hitText(cut).slice(0, hitText(cut).indexOf('"] [severity'))}`,
    `${broken}Odd text nobody knows token=${p.word('error_log not understood')}`,
    `${head}PHP message: Array ( [user] => a [password] => ${p.word('error_log PHP dump')} ) in /home/shopuser/x.php`,
    `${head}PHP message: a:1:{s:8:"password";s:14:"${p.word('error_log PHP serialised')}";} in /home/shopuser/x.php`,
    `[no time] [client ${CLIENT}] ModSecurity: Warning. Odd token=${p.word('error_log line without a time')} at https://a:${p.letters('error_log line without a time, login')}@x/`,
    `${head}File does not exist: /home/shopuser/public_html/reset/token=${p.word('error_log file name')}/index.php`,
  ];
}

function auditRecord(
  n: number,
  at: number,
  part: {
    request: readonly string[];
    body?: string;
    response?: readonly string[];
    hit: Hit;
    compact?: string;
  },
): string {
  const mark = (letter: string): string => `--${(0xf2e50000 + n).toString(16)}-${letter}--`;
  const id = uniqueId(n);
  const stamp = times(at).clf.replace(' +', '.123456 +');
  return [
    mark('A'),
    `[${stamp}] ${id} ${OTHER_CLIENT} 32800 192.0.2.80 443`,
    mark('B'),
    ...part.request,
    '',
    ...(part.body === undefined ? [] : [mark('C'), part.body]),
    ...(part.compact === undefined ? [] : [mark('I'), part.compact]),
    mark('F'),
    'HTTP/1.1 403 Forbidden',
    ...(part.response ?? []),
    'Content-Type: text/html',
    '',
    mark('H'),
    `Message: ${hitText(part.hit)}`,
    `Message: ${denial('/login.php', id).replace(/ \[hostname.*$/, '')}`,
    `Apache-Error: [file "apache2_util.c"] [line 275] [level 3] [client ${OTHER_CLIENT}] ModSecurity: ${hitText(part.hit)} [hostname "${VHOST}"] [uri "/login.php"] [unique_id "${id}"]`,
    'Action: Intercepted (phase 2)',
    'Stopwatch: 1795355345155280 3715 (- - -)',
    'Producer: ModSecurity for Apache/2.9.7 (http://www.modsecurity.org/); OWASP_CRS/3.3.4.',
    'Server: Apache',
    'Engine-Mode: "ENABLED"',
    '',
    mark('Z'),
    '',
  ].join('\n');
}

function auditText(p: Planter, now: number): string {
  const post = (uri: string, type: string, ...headers: readonly string[]): string[] => [
    `POST ${uri} HTTP/1.1`,
    `Host: ${VHOST}`,
    `User-Agent: ${AGENT}`,
    ...headers,
    `Content-Type: ${type}`,
  ];
  const hit = (target: string, value: string): Hit => ({
    id: '',
    target,
    data: `Matched Data: s&1 found within ${target}: ${value}`,
  });
  const FORM = 'application/x-www-form-urlencoded';
  const headers = [
    `Cookie: lang=sk; PHPSESSID=${p.word('audit cookie')}; wordpress_logged_in_0123=${p.word('audit session cookie')}`,
    `Authorization: Basic ${p.basic('audit basic')}`,
    `X-Api-Key: ${p.word('audit api key')}`,
    `X-Amz-Security-Token: ${p.letters('audit cloud token')}`,
    `X-WP-Nonce: ${p.word('audit nonce header')}`,
    `X-Gitlab-Token: ${p.letters('audit hook token')}`,
    `Referer: https://shop.example.com/reset?key=${p.word('audit referer')}`,
  ];
  const pwd = p.word('audit form');
  const nested = p.odd('audit nested form', encodeURIComponent);
  const json = p.odd('audit JSON', (text) => JSON.stringify(text).slice(1, -1));
  const multi = p.word('audit multipart');
  const rpc = p.word('audit XML-RPC');
  const twice = p.odd('audit encoded twice', (text) => encodeURIComponent(encodeURIComponent(text)));
  const records: Parameters<typeof auditRecord>[2][] = [
    {
      request: post('/login.php', FORM, ...headers),
      body: `log=admin&pwd=${pwd}&user%5Bpassword%5D=${nested}&comment=1%27+OR+1%3D1`,
      response: [
        `Set-Cookie: sid=${p.word('audit Set-Cookie')}; path=/; HttpOnly`,
        `Location: /x?access_token=${p.word('audit Location')}`,
      ],
      hit: hit('ARGS:pwd', pwd),
    },
    {
      request: post('/api/login', 'application/json', `Authorization: Bearer ${p.letters('audit bearer')}`),
      body: `{"user":"a","password":"${json}","card":{"number":"${p.card('audit JSON card', ' ')}","cvc":"${p.pin('audit JSON cvc')}"},"pin":${p.pin('audit JSON number')},"list":["x"],"credentials":["${p.word('audit JSON list')}","${p.word('audit JSON list, second')}"]}`,
      hit: hit('ARGS:user.password', json.replaceAll('"', '\\x22')),
    },
    {
      request: post('/upload.php', 'multipart/form-data; boundary=----x'),
      body: `------x\nContent-Disposition: form-data; name="password"\n\n${multi}\n------x\nContent-Disposition: form-data; name="q"\n\n1' OR 1=1\n------x--`,
      compact: `password=${multi}&q=1`,
      hit: hit('ARGS:password', multi),
    },
    {
      request: post('/xmlrpc.php', 'text/xml'),
      body: `<?xml version="1.0"?><methodCall><methodName>wp.getUsersBlogs</methodName><params><param><value>admin</value></param><param><value>${rpc}</value></param></params></methodCall>`,
      hit: hit('XML', `wp.getUsersBlogsadmin${rpc}`),
    },
    {
      request: post(`/next.php?to=%2Freset%253Fpassword%253D${twice.replaceAll('%', '%25')}`, FORM),
      body: `to=%2Freset%3Fpassword%3D${twice}`,
      hit: hit('ARGS:to', `/reset?password=${p.word('audit hit of a link')}`),
    },
    {
      request: [
        `GET /cpsess${p.pin('audit cpsess')}/x?PHPSESSID=${p.word('audit session in query')}&_wpnonce=${p.word('audit wpnonce')} HTTP/1.1`,
        `Host: ${VHOST}`,
        `User-Agent: bot token=${p.word('audit user agent')}`,
        `X-Forwarded-For: 192.0.2.9`,
      ],
      hit: hit('ARGS:q', 'x'),
    },
    {
      request: [
        `LOGIN admin:${p.word('audit odd method')}@x /x?pass=${p.letters('audit odd method query')}`,
        `Host: a:${p.letters('audit host')}@${VHOST}`,
        `Proxy-Authorization: Basic ${p.basic('audit proxy basic')}`,
      ],
      hit: hit('REQUEST_LINE', `GET /?a=1&pass=${p.letters('audit line hit')}`),
    },
    {
      request: [
        `GET /?q=1 HTTP/1.1`,
        `Host: ${VHOST}`,
        `Cookie: a=1; b=${p.word('audit second cookie')}`,
        `Cookie: ${p.word('audit cookie without a name')}`,
      ],
      body: `pass=${p.word('audit body without a type')}`,
      hit: hit('REQUEST_COOKIES:b', p.word('audit cookie hit')),
    },
  ];
  const whole = records
    .map((record, index) => auditRecord(100 + index, now - 3_000_000 + index * 2000, record))
    .join('');
  const broken = auditRecord(190, now - 2_000_000, {
    request: post('/x', FORM, `Cookie: x=${p.word('audit broken record')}`),
    hit: hit('ARGS:pwd', p.word('audit broken record hit')),
  }).replace(/^\[[^\]]*\]/m, '[99/Nov/2026:99:99:99.123456 +0000]');
  // The index of a concurrent log, where SecAuditLogType says so.
  const index = `${VHOST} ${OTHER_CLIENT} - - [${times(now - 1_900_000).clf}] "GET /x?token=${p.word('concurrent index query')} HTTP/1.1" 403 5 "https://a:${p.letters('concurrent index referer')}@x/" "${AGENT}" ${uniqueId(200)} "-" /20261122/20261122-1300/20261122-130000-${uniqueId(200)} 0 1234 md5:0123456789abcdef0123456789abcdef\n`;
  return whole + broken + index;
}

/** One line of JSON a transaction, as SecAuditLogFormat JSON writes. */
function jsonAudit(p: Planter, now: number): string {
  const record = {
    transaction: {
      time: times(now - 1_000_000).clf,
      transaction_id: uniqueId(300),
      remote_address: OTHER_CLIENT,
    },
    request: {
      request_line: `POST /login?token=${p.word('JSON audit query')} HTTP/1.1`,
      headers: {
        Host: VHOST,
        Cookie: `PHPSESSID=${p.word('JSON audit cookie')}`,
        Authorization: `Basic ${p.basic('JSON audit basic')}`,
        'X-Api-Key': p.letters('JSON audit api key'),
      },
      body: [
        `log=admin&pwd=${p.word('JSON audit body')}`,
        `{"password":"${p.word('JSON audit JSON body')}"}`,
      ],
    },
    response: { status: 403, headers: { 'Set-Cookie': `sid=${p.word('JSON audit Set-Cookie')}` } },
    audit_data: {
      messages: [
        hitText({
          id: '',
          target: 'ARGS:pwd',
          data: `Matched Data: x found within ARGS:pwd: ${p.word('JSON audit hit')}`,
        }),
      ],
    },
  };
  return JSON.stringify(record);
}

function accessLines(p: Planter, now: number): string[] {
  const line = (n: number, request: string, referer = '-', user = '-'): string =>
    `${CLIENT} - ${user} [${times(now - 3_600_000 + n * 2000).clf}] "${request}" 200 512 "${referer}" "${AGENT}"`;
  return [
    line(0, `GET /wp-login.php?action=rp&key=${p.word('access reset key')}&login=admin HTTP/1.1`),
    line(1, `GET /?password=${p.odd('access password', encodeURIComponent)}&x=1 HTTP/1.1`),
    line(2, 'GET / HTTP/1.1', `https://admin:${p.letters('access login in the referer')}@shop.example.com/`),
    line(3, 'GET / HTTP/1.1', `https://shop.example.com/?jwt=${p.jwt('access JWT')}`),
    line(4, `GET /x/${p.jwt('access JWT in a path')}/y HTTP/1.1`),
    line(
      5,
      `GET /cpsess${p.pin('access cpsess')}/frontend/jupiter/ HTTP/1.1`,
      `https://shop.example.com:2083/cpsess${p.pin('access cpsess in the referer')}/`,
    ),
    line(6, `GET /shop;jsessionid=${p.word('access jsessionid')}?a=1 HTTP/1.1`),
    line(7, `GET /shop/PHPSESSID=${p.word('access session in a path')}/x HTTP/1.1`),
    line(8, `GET /admin/dashboard/key/${p.hex('access Magento key')}/ HTTP/1.1`),
    line(9, `GET /?_wpnonce=${p.word('access nonce')} HTTP/1.1`),
    line(10, `GET /pay?n=${p.card('access card')}&m=${p.card('access card with plus', '+')} HTTP/1.1`),
    line(11, `GET /pay?n=${p.card('access card with %20', '%20')} HTTP/1.1`),
    line(12, `GET /pay?to=${p.iban('access IBAN')} HTTP/1.1`),
    line(13, `GET /r?u=https%3A%2F%2Fa%3A${p.letters('access encoded login')}%40x%2F HTTP/1.1`),
    line(14, `GET /r?u=%2Fa%3Fpwd%3D${p.word('access encoded')}%26b%3D1 HTTP/1.1`),
    line(15, `GET /r?u=%252Fa%253Fpwd%253D${p.word('access encoded twice')}%2526b%253D1 HTTP/1.1`),
    line(16, `GET /r?p%61ssword=${p.word('access name with escapes')} HTTP/1.1`),
    line(17, `XYZZY /r?PASSWORD=${p.word('access odd method')} HTTP/1.1`),
    line(18, `GET /password/reset/${p.hex('access reset link with hex')}?email=a%40example.com HTTP/1.1`),
    line(19, `GET /reset-password/${p.letters('access reset link')} HTTP/1.1`),
    line(
      20,
      `GET /?data=${encodeURIComponent(`{"password":"${p.word('access JSON in the query')}"}`)} HTTP/1.1`,
    ),
    line(21, `GET /?Authorization=Bearer%20${p.letters('access bearer in the query')} HTTP/1.1`),
    line(
      22,
      `GET /?code=x&client_secret=${p.letters('access client secret')}#access_token=${p.letters('access fragment')} HTTP/1.1`,
    ),
    line(
      23,
      `GET /?a[password][]=${p.word('access nested')}&b%5Btoken%5D%5B%5D=${p.word('access nested and encoded')} HTTP/1.1`,
    ),
    line(24, `\\x16\\x03password=${p.word('access binary request')}\\x00`),
    line(25, `GET /?password=${p.word('access escape cut off')}%`),
    line(26, `POST /?x=${'a'.repeat(3000)}&token=${p.letters('access long line')} HTTP/1.1`),
    line(
      27,
      `GET /?X-Amz-Signature=${p.hex('access signature')}&X-Amz-Credential=${p.letters('access credential')} HTTP/1.1`,
    ),
    line(
      29,
      `GET /magic/login?hash=${p.hex('access magic link')}&code=${p.hex('access login code')} HTTP/1.1`,
    ),
  ];
}

/** cPanel's own logs, mail logs, what csf says. */
function systemLines(p: Planter, now: number): ReadonlyMap<string, readonly string[]> {
  const { syslog, csf, clf } = times(now - 1_800_000);
  const tail = '5 in the last 3600 secs';
  return new Map([
    [
      '/var/log/lfd.log',
      [
        `${syslog} server lfd[2447]: (mod_security) mod_security (id:${RULE}) triggered by ${CLIENT} (US/United States/-): ${tail} - *Blocked in csf* [LF_MODSEC]`,
        `${syslog} server lfd[2447]: (CUSTOM) login with password=${p.word('lfd.log comment')} from ${CLIENT}: ${tail} - *Blocked in csf* [LF_CUSTOMTRIGGER]`,
        `${syslog} server lfd[2447]: UI: Cluster member said, DENY ${OTHER_CLIENT}, reason https://a:${p.letters('lfd.log login')}@x/ - *Blocked in csf* [LF_CLUSTER]`,
        `${syslog} server lfd[2447]: (SMTPAUTH) ${OTHER_CLIENT} (x), ${tail} distributed smtpauth attacks on account [a:token=${p.word('lfd.log account')}] - *Blocked in csf* [LF_DISTATTACK]`,
        `${syslog} server lfd[2447]: ${OTHER_CLIENT} (password=${p.word('lfd.log host name')}.example.net), more than 4 Apache 404 hits in the last 3600 secs - *Blocked in csf* [LF_APACHE_404]`,
        `${syslog} server lfd[2447]: *Error* cannot open https://a:${p.letters('lfd.log error')}@x/?key=${p.word('lfd.log error key')}`,
      ],
    ],
    [
      '/etc/csf/csf.deny',
      [
        `${CLIENT} # lfd: (mod_security) mod_security (id:${RULE}) triggered by ${CLIENT} (US/United States/-): ${tail} - ${csf}`,
        `${OTHER_CLIENT} # manual: tried password=${p.word('csf.deny comment')} at https://a:${p.letters('csf.deny login')}@x/ - ${csf}`,
      ],
    ],
    [
      '/var/lib/csf/csf.tempban',
      [
        `${Math.floor(now / 1000) - 600}|${OTHER_CLIENT}||inout|86400|tried token=${p.word('csf.tempban comment')} and card ${p.card('csf.tempban card', ' ')}`,
      ],
    ],
    [
      '/var/log/exim_mainlog',
      [
        `2026-11-22 13:00:00 dovecot_login authenticator failed for (x) [${CLIENT}]:50000: 535 Incorrect authentication data (set_id=info@example.com)`,
        `2026-11-22 13:00:01 SMTP syntax error in "AUTH LOGIN ${p.basic('exim AUTH LOGIN')}" H=[${CLIENT}]:5`,
        `2026-11-22 13:00:02 rejected AUTH PLAIN ${p.basic('exim AUTH PLAIN')} H=[${CLIENT}]`,
      ],
    ],
    [
      '/var/log/maillog',
      [
        `${syslog} server dovecot: auth: debug: client in: AUTH 1 PLAIN service=imap resp=${p.basic('maillog resp')} rip=${CLIENT}`,
        `${syslog} server dovecot: auth: sql(info@example.com,${CLIENT}): Password mismatch (given password: ${p.word('maillog given password')})`,
        `${syslog} server pop3d: LOGIN FAILED, user=a, password=${p.word('maillog password')}, ip=[${CLIENT}]`,
      ],
    ],
    [
      '/usr/local/cpanel/logs/access_log',
      [
        `${CLIENT} - root [${clf}] "GET /cpsess${p.pin('cPanel cpsess')}/cgi/x.cgi?session=${p.word('cPanel session')} HTTP/1.1" 200 0 "https://x:2087/cpsess${p.pin('cPanel referer')}/" "${AGENT}" "s" "-" 2087`,
      ],
    ],
    [
      '/usr/local/cpanel/logs/session_log',
      [
        `[2026-11-22 13:00:00 +0000] info [cpsrvd] ${CLIENT} NEW root:${p.word('cPanel session name')} address=${CLIENT},app=whostmgrd,creator=root,method=handle_form_login,path=form,possessed=0`,
      ],
    ],
    [
      '/var/log/secure',
      [
        `${syslog} server sudo: a : TTY=pts/0 ; COMMAND=/usr/bin/mysql --password=${p.word('secure option')} -e x`,
        `${syslog} server sudo: a : COMMAND=/usr/bin/curl -u admin:${p.word('secure curl')} -H "Authorization: Bearer ${p.letters('secure bearer')}" x`,
      ],
    ],
  ]);
}

/** Writes the server folder. `now` is the present of its logs. */
export function plantSecrets(now: number): Planted {
  const p = new Planter();
  const root = makeServer();
  const lines = new Map<string, readonly string[]>(systemLines(p, now));
  lines.set('/var/log/apache2/error_log', errorLines(p, now));
  lines.set('/var/log/apache2/modsec_audit.log', [
    ...auditText(p, now).split('\n').slice(0, -1),
    jsonAudit(p, now),
  ]);
  const access = accessLines(p, now);
  lines.set('/var/log/apache2/domlogs/shop.example.com', access.slice(0, 22));
  lines.set('/var/log/apache2/access_log', access.slice(22));
  for (const [file, texts] of lines) root.write(file, Buffer.from(`${texts.join('\n')}\n`), 60_000);
  // Records of a concurrent log lie in folders of their own.
  const concurrent = auditText(p, now);
  lines.set('concurrent record', concurrent.split('\n'));
  root.write(
    `/var/log/apache2/modsec_audit/shopuser/20261122/20261122-1300/20261122-130000-${uniqueId(100)}`,
    Buffer.from(concurrent),
  );
  root.write(
    '/etc/csf/csf.conf',
    'MODSEC_LOG = "/etc/apache2/logs/error_log"\nLF_MODSEC = "5"\nLF_INTERVAL = "3600"\n',
  );
  const quoted = (lines.get('/var/log/apache2/error_log') ?? []).slice(0, 12);
  const pasted = `${quoted.join('\n')}\nGET /x?password=${p.word('mail line')} HTTP/1.1`;
  const lookup = `token=${p.word('mail host name')}.example.net`;
  const mail = `From: root@server.example.com\nTo: root@server.example.com\nSubject: lfd on server.example.com: blocked ${CLIENT} (US/United States/${lookup})\n\nTime:     ${times(now - 1_800_000).csf} +0000\nIP:       ${CLIENT} (US/United States/${lookup})\nFailures: 5 (mod_security)\nInterval: 3600 seconds\nBlocked:  Permanent Block [LF_MODSEC]\n\nLog entries:\n\n${pasted}\n`;
  return { root, secrets: p.secrets, lines, mail, now };
}
