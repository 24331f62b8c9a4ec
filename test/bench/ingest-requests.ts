// What the generated ModSecurity logs tell of: requests that rules of CRS 3.3 stopped or warned about.

/** A rule as its messages show it. `op` as the audit log writes it; its last words name the target. */
export interface BenchRule {
  readonly id: number;
  readonly file: string;
  readonly line: number;
  readonly op: string;
  readonly msg: string;
  readonly tags: readonly string[];
  /** Points of its severity: 5 CRITICAL, 3 WARNING. */
  readonly points: 3 | 5;
  /** Which score of 980130 it counts for. */
  readonly score: 'SQLI' | 'XSS' | 'LFI' | 'RCE' | 'PHPI' | null;
}

/** One sort of request. In its texts `{n}` becomes a number and `{w}` a word. */
export interface BenchRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Name of the argument that carries `value`; null: the path itself is what rules look at. */
  readonly argument: string | null;
  readonly value: string;
  readonly target: string;
  /** Rules that react, with what each quotes as matched. */
  readonly hits: readonly (readonly [rule: BenchRule, matched: string])[];
  /** Of a visitor at a form, or of a scanner. */
  readonly by: 'person' | 'scanner';
}

const MULTI = ['application-multi', 'language-multi', 'platform-multi'];

function rule(
  id: number,
  line: number,
  file: string,
  rest: Pick<BenchRule, 'op' | 'msg' | 'score'> & { readonly tags: readonly string[]; readonly points?: 3 },
): BenchRule {
  const tags = [...rest.tags, 'paranoia-level/1', 'OWASP_CRS'];
  return { id, line, file: `REQUEST-${file}.conf`, points: 5, ...rest, tags };
}

const SQLI = '942-APPLICATION-ATTACK-SQLI';
const XSS = '941-APPLICATION-ATTACK-XSS';
const LFI = '930-APPLICATION-ATTACK-LFI';
const RCE = '932-APPLICATION-ATTACK-RCE';
const PHP = '933-APPLICATION-ATTACK-PHP';
const sqli = { tags: [...MULTI, 'attack-sqli'], score: 'SQLI' } as const;
const xss = { tags: [...MULTI, 'attack-xss'], score: 'XSS' } as const;
const lfi = { tags: [...MULTI, 'attack-lfi'], score: 'LFI' } as const;
const shell = {
  tags: ['application-multi', 'language-shell', 'platform-unix', 'attack-rce'],
  score: 'RCE',
} as const;
const php = {
  tags: ['application-multi', 'language-php', 'platform-multi', 'attack-injection-php'],
  score: 'PHPI',
} as const;

const LIBINJECTION = rule(942100, 45, SQLI, {
  ...sqli,
  op: "detected SQLi using libinjection with fingerprint '1UEnk'",
  msg: 'SQL Injection Attack Detected via libinjection',
});
const UNION = rule(942190, 184, SQLI, {
  ...sqli,
  op: String.raw`Pattern match "(?i:(?:[\"'${'`'}](?:;?\\s*?(?:having|select|union)\\b\\s*?[^\\s]|\\s*?!\\s*?[\"'${'`'}\\w])|(?:c(?:onnection_id|urrent_user)|database)\\s*?\\([^\\)]*?|u(?:nion(?:[\\w(\\s]*?select| select @)|ser\\s*?\\([^\\)]*?)|s(?:chema\\s*?\\([^\\)]*?|elect.*?\\w?user\\()|in ..."`,
  msg: 'Detects MSSQL code execution and information gathering attempts',
});
const CONCATENATED = rule(942360, 414, SQLI, {
  ...sqli,
  op: String.raw`Pattern match "(?i:(?:^[\\W\\d]+\\s*?(?:alter\\s*(?:a(?:(?:pplication\\s*rol|ggregat)e|s(?:ymmetric\\s*ke|sembl)y|u(?:thorization|dit)|vailability\\s*group)|c(?:r(?:yptographic\\s*provider|edential)|o(?:l(?:latio|um)|nversio)n|ertificate|luster)|s(?:e(?:rv(?:ice|er)| ..."`,
  msg: 'Detects concatenated basic SQL injection and SQLLFI attempts',
});
const SLEEP = rule(942160, 126, SQLI, {
  ...sqli,
  op: String.raw`Pattern match "(?i:sleep\\(\\s*?\\d*?\\s*?\\)|benchmark\\(.*?\\,.*?\\))"`,
  msg: 'Detects blind sqli tests using sleep() or benchmark()',
});
const XSS_LIBINJECTION = rule(941100, 56, XSS, {
  ...xss,
  op: 'detected XSS using libinjection.',
  msg: 'XSS Attack Detected via libinjection',
});
const SCRIPT = rule(941110, 82, XSS, {
  ...xss,
  op: String.raw`Pattern match "(?i)<script[^>]*>[\\s\\S]*?"`,
  msg: 'XSS Filter - Category 1: Script Tag Vector',
});
const HTML = rule(941160, 181, XSS, {
  ...xss,
  op: String.raw`Pattern match "(?i:(?:<\\w[\\s\\S]*[\\s\\/]|['\"](?:[\\s\\S]*[\\s\\/])?)(?:on(?:d(?:e(?:vice(?:(?:orienta|mo)tion|proximity|found|light)|livery(?:success|error)|activate)|r(?:ag(?:e(?:n(?:ter|d)|xit)|(?:gestur|leav)e|start|drop|over)|op)|i(?:s(?:c(?:hargingtimechange ..."`,
  msg: 'NoScript XSS InjectionChecker: HTML Injection',
});
const DOTS = rule(930110, 71, LFI, {
  ...lfi,
  op: String.raw`Pattern match "(?:^|[\\\\/])\\.\\.(?:[\\\\/]|$)"`,
  msg: 'Path Traversal Attack (/../)',
});
const SYSTEM_FILE = rule(930120, 97, LFI, {
  ...lfi,
  op: 'Matched phrase "etc/passwd"',
  msg: 'OS File Access Attempt',
});
const HIDDEN_FILE = rule(930130, 125, LFI, {
  ...lfi,
  op: 'Matched phrase "/.env"',
  msg: 'Restricted File Access Attempt',
});
const COMMAND = rule(932100, 123, RCE, {
  ...shell,
  op: String.raw`Pattern match "(?:;|\\{|\\||\\|\\||&|&&|\\n|\\r|\\$\\(|\\$\\(\\(|${'`'}|<\\(|>\\(|\\(\\s*\\))\\s*(?:{|\\s*\\(\\s*|\\w+=(?:[^\\s]*|\\$.*|\\$.*|<.*|>.*|\\'.*\\'|\".*\")\\s+|!\\s*|\\$)*\\s*(?:'|\")*(?:[\\?\\*\\[\\]\\(\\)\\-\\|+\\w'\"\\./\\\\]+/)?[\\\\'\"]*(?:l[\\\\'\"]* ..."`,
  msg: 'Remote Command Execution: Unix Command Injection',
});
const SHELL_CODE = rule(932160, 541, RCE, {
  ...shell,
  op: 'Matched phrase "etc/passwd"',
  msg: 'Remote Command Execution: Unix Shell Code Found',
});
const PHP_TAG = rule(933100, 67, PHP, {
  ...php,
  op: String.raw`Pattern match "(?:<\\?(?:[^x]|x[^m]|xm[^l]|xml[^\\s]|xml$|$)|<\\?php|\\[(?:\\/|\\\\)?php\\])"`,
  msg: 'PHP Injection Attack: PHP Open Tag Found',
});
const PHP_CALL = rule(933160, 426, PHP, {
  ...php,
  op: String.raw`Pattern match "(?i)\\b(?:s(?:e(?:t(?:_(?:e(?:xception|rror)_handler|magic_quotes_runtime|include_path)|defaultstub)|ssion_s(?:et_save_handler|tart))|qlite_(?:(?:(?:unbuffered|single|array)_)?query|create_(?:aggregate|function)|p?open|exec)|tr(?:eam_(?:context_create ..."`,
  msg: 'PHP Injection Attack: High-Risk PHP Function Call Found',
});
const SCANNER = rule(913100, 55, '913-SCANNER-DETECTION', {
  tags: [...MULTI, 'attack-reputation-scanner'],
  score: null,
  op: 'Matched phrase "sqlmap"',
  msg: 'Found User-Agent associated with security scanner',
});
const NUMERIC_HOST = rule(920350, 722, '920-PROTOCOL-ENFORCEMENT', {
  tags: [...MULTI, 'attack-protocol'],
  points: 3,
  score: null,
  op: String.raw`Pattern match "^[\\d.:]+$"`,
  msg: 'Host header is a numeric IP address',
});

export const REQUESTS: readonly BenchRequest[] = [
  {
    method: 'GET',
    path: '/product.php',
    argument: 'id',
    value: '{n} UNION ALL SELECT {n},NULL,user_pass,4 FROM wp_users WHERE {w}=1-- {w}',
    target: 'ARGS:id',
    hits: [
      [LIBINJECTION, '1UEnk'],
      [UNION, 'UNION ALL SELECT'],
      [CONCATENATED, '{n} UNION ALL SELECT'],
    ],
    by: 'scanner',
  },
  {
    method: 'GET',
    path: '/shop/{w}/',
    argument: 'q',
    value: "{w}' AND sleep({n})-- {w}",
    target: 'ARGS:q',
    hits: [
      [LIBINJECTION, 's&f(1'],
      [SLEEP, 'sleep({n})'],
    ],
    by: 'scanner',
  },
  {
    method: 'GET',
    path: '/search/{w}',
    argument: 's',
    value: '<script>alert({n})</script>{w}',
    target: 'ARGS:s',
    hits: [
      [XSS_LIBINJECTION, 'XSS data'],
      [SCRIPT, '<script>'],
      [HTML, '<script'],
    ],
    by: 'scanner',
  },
  {
    method: 'GET',
    path: '/index.php',
    argument: 'page',
    value: '../../../../{w}/../etc/passwd',
    target: 'ARGS:page',
    hits: [
      [DOTS, '../'],
      [DOTS, '../'],
      [SYSTEM_FILE, 'etc/passwd'],
      [SHELL_CODE, 'etc/passwd'],
    ],
    by: 'scanner',
  },
  {
    method: 'GET',
    path: '/{w}/.env',
    argument: null,
    value: '/{w}/.env',
    target: 'REQUEST_FILENAME',
    hits: [[HIDDEN_FILE, '/.env']],
    by: 'scanner',
  },
  {
    method: 'GET',
    path: '/{w}-{n}.php',
    argument: null,
    value: 'sqlmap/1.7.2#stable (https://sqlmap.example.org)',
    target: 'REQUEST_HEADERS:User-Agent',
    hits: [[SCANNER, 'sqlmap']],
    by: 'scanner',
  },
  {
    method: 'GET',
    path: '/',
    argument: null,
    value: '192.0.2.80',
    target: 'REQUEST_HEADERS:Host',
    hits: [[NUMERIC_HOST, '192.0.2.80']],
    by: 'scanner',
  },
  {
    method: 'POST',
    path: '/contact.php',
    argument: 'message',
    value: 'please call me at {n}; time is short, the {w} in the {w} | sort of {w} does not fit',
    target: 'ARGS:message',
    hits: [[COMMAND, '; time']],
    by: 'person',
  },
  {
    method: 'POST',
    path: '/wp-admin/post.php',
    argument: 'content',
    value:
      '<p style="margin: 0">Our {w} of the {w}, number {n}</p> <a href="/{w}/" onclick="show({n})">{w}</a> [php] phpinfo({n}) [/php] as the {w} on the {w} says',
    target: 'ARGS:content',
    hits: [
      [HTML, '<p style='],
      [PHP_TAG, '[php]'],
      [PHP_CALL, 'phpinfo({n})'],
    ],
    by: 'person',
  },
  {
    method: 'POST',
    path: '/forum/{w}/reply.php',
    argument: 'text',
    value: "select the {w} from {n} of them where it's '{w}' or 1 of {n}",
    target: 'ARGS:text',
    hits: [
      [LIBINJECTION, 'sonos'],
      [CONCATENATED, "'{w}' or 1"],
    ],
    by: 'person',
  },
];
