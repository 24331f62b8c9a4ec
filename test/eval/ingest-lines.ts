// Log lines in the shape that Apache, ModSecurity 2.9 and lfd write them, made up from a seed: requests of many clients, each
// with its error_log lines and its audit record, and what lfd did about them.
import type { Random } from '../bench/random.ts';

interface Rule {
  readonly id: string;
  readonly file: string;
  readonly text: string;
  readonly message: string;
  readonly severity: string;
  readonly tag: string;
}

const FOLDER = '/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/';
const RULES: readonly Rule[] = [
  {
    id: '942100',
    file: 'REQUEST-942-APPLICATION-ATTACK-SQLI.conf',
    text: "detected SQLi using libinjection with fingerprint 's&1c' [data \"Matched Data: s&1c found within ARGS:id: 1' or 1=1 --\"]",
    message: 'SQL Injection Attack Detected via libinjection',
    severity: 'CRITICAL',
    tag: 'attack-sqli',
  },
  {
    id: '913100',
    file: 'REQUEST-913-SCANNER-DETECTION.conf',
    text: 'Matched phrase "sqlmap" at REQUEST_HEADERS:User-Agent.',
    message: 'Found User-Agent associated with security scanner',
    severity: 'CRITICAL',
    tag: 'attack-reputation-scanner',
  },
  {
    id: '941100',
    file: 'REQUEST-941-APPLICATION-ATTACK-XSS.conf',
    text: 'Pattern match "(?i)<script" at ARGS:comment.',
    message: 'XSS Attack Detected via libinjection',
    severity: 'CRITICAL',
    tag: 'attack-xss',
  },
  {
    id: '920350',
    file: 'REQUEST-920-PROTOCOL-ENFORCEMENT.conf',
    text: 'Pattern match "^[\\\\d.:]+$" at REQUEST_HEADERS:Host.',
    message: 'Host header is a numeric IP address',
    severity: 'WARNING',
    tag: 'attack-protocol',
  },
];
const BLOCK = {
  id: '949110',
  file: 'REQUEST-949-BLOCKING-EVALUATION.conf',
  text: 'Operator GE matched 5 at TX:anomaly_score.',
  message: 'Inbound Anomaly Score Exceeded (Total Score: 5)',
  severity: 'CRITICAL',
  tag: 'attack-generic',
};
const HOSTS = ['shop.example.com', 'blog.example.org', 'tools.example.net'];
const PATHS = ['/product.php', '/wp-comments-post.php', '/', '/search'];
const CLIENTS = [
  ...Array.from({ length: 10 }, (_, at) => `192.0.2.${10 + at}`),
  '2001:db8:27b:22d2::2089',
  '2001:db8:3b0:fd5b::1c47',
];
const ZONE_MS = 3_600_000;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TRIGGERS = ['LF_MODSEC', 'LF_SMTPAUTH'];

/** What one request left in the logs; `audit` is empty where no record was written. */
export interface RequestLines {
  readonly error: readonly string[];
  readonly audit: string;
}

/** Writes requests one after the other, in the time of a server an hour east of UTC. */
export class LineMaker {
  readonly #rng: Random;
  #at = Date.UTC(2026, 10, 20, 8, 0, 0);
  #count = 0;

  constructor(rng: Random) {
    this.#rng = rng;
  }

  request(): RequestLines {
    const rng = this.#rng;
    // Now and then a pause that ends an incident.
    this.#at += rng.chance(0.1) ? rng.int(301_000, 900_000) : rng.int(5, 20_000);
    const id = this.#uniqueId();
    const client = rng.pick(CLIENTS);
    const host = rng.pick(HOSTS);
    const path = rng.pick(PATHS);
    const rules: readonly Rule[] = Array.from({ length: rng.int(1, 2) }, () => rng.pick(RULES));
    const isRefused = rng.chance(0.5);
    const texts = [
      ...rules.map((rule) => `ModSecurity: Warning. ${ruleText(rule)}`),
      ...(isRefused ? [`ModSecurity: Access denied with code 403 (phase 2). ${ruleText(BLOCK)}`] : []),
    ];
    const tail = ` [hostname "${host}"] [uri "${path}"] [unique_id "${id}"]`;
    const front = `[security2:error] [pid ${rng.int(1000, 9999)}:tid ${rng.int(1000, 9999)}] [client ${client}:0] [client ${client}] `;
    const error = texts.map((text) => `[${this.#errorTime()}] ${front}${text}${tail}\n`);
    if (rng.chance(0.3))
      error.push(
        `[${this.#errorTime()}] [core:notice] [pid 4300:tid 4300] AH00094: Command line: '/usr/sbin/httpd'\n`,
      );
    const audit = this.#record({ id, client, host, path, texts, isRefused });
    return { error: rng.chance(0.9) ? error : [], audit: rng.chance(0.7) ? audit : '' };
  }

  lfd(): string {
    const rng = this.#rng;
    this.#at += rng.int(0, 3000);
    const time = new Date(this.#at + ZONE_MS);
    const clock = time.toISOString().slice(11, 19);
    const front = `${MONTHS[time.getUTCMonth()] ?? ''} ${String(time.getUTCDate()).padStart(2)} ${clock} host lfd[4242]: `;
    if (rng.chance(0.2)) return `${front}daemon started on host - csf v14.20 (cPanel)\n`;
    if (rng.chance(0.1))
      return `${front}*User Processing* PID:${rng.int(1, 99_999)} Kill:0 User:shop VM:1(MB)\n`;
    const client = rng.pick(CLIENTS);
    return rng.pick(TRIGGERS) === 'LF_MODSEC'
      ? `${front}(mod_security) mod_security (id:949110) triggered by ${client} (US/United States/-): 5 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]\n`
      : `${front}(smtpauth) Failed SMTP AUTH login from ${client} (US/United States/-): 5 in the last 3600 secs - *Blocked in csf* [LF_SMTPAUTH]\n`;
  }

  /** As mod_unique_id of Apache 2.4 makes it: seconds, ten bytes of the process, a counter, the thread. */
  #uniqueId(): string {
    const bytes = Buffer.alloc(20);
    bytes.writeUInt32BE(Math.floor(this.#at / 1000), 0);
    for (let at = 4; at < 14; at++) bytes[at] = this.#rng.int(0, 255);
    bytes.writeUInt16BE(this.#count++ % 65_536, 14);
    return bytes.toString('base64').replaceAll('+', '@').replaceAll('/', '-').replace(/=+$/, '');
  }

  #errorTime(): string {
    this.#at += 1;
    const time = new Date(this.#at + ZONE_MS);
    const micros = `${String(this.#at % 1000).padStart(3, '0')}${this.#rng.int(100, 999)}`;
    const clock = time.toISOString().slice(11, 19);
    return `${DAYS[time.getUTCDay()] ?? ''} ${MONTHS[time.getUTCMonth()] ?? ''} ${String(time.getUTCDate()).padStart(2, '0')} ${clock}.${micros} ${time.getUTCFullYear()}`;
  }

  #record(of: {
    readonly id: string;
    readonly client: string;
    readonly host: string;
    readonly path: string;
    readonly texts: readonly string[];
    readonly isRefused: boolean;
  }): string {
    const rng = this.#rng;
    const mark = Array.from({ length: 8 }, () => rng.int(0, 15).toString(16)).join('');
    const part = (letter: string, text: string): string => `--${mark}-${letter}--\n${text}`;
    const time = new Date(this.#at + ZONE_MS);
    const day = `${String(time.getUTCDate()).padStart(2, '0')}/${MONTHS[time.getUTCMonth()] ?? ''}/${time.getUTCFullYear()}`;
    const clock = `${day}:${time.toISOString().slice(11, 19)}.${String(this.#at % 1000).padStart(3, '0')}123 +0100`;
    const messages = of.texts.map((text) => `Message: ${text.slice('ModSecurity: '.length)}\n`);
    return [
      part('A', `[${clock}] ${of.id} ${of.client} ${rng.int(1024, 65_535)} 127.0.0.1 80\n`),
      part(
        'B',
        `POST ${of.path}?id=1%27+or+1%3D1 HTTP/1.1\nHost: ${of.host}\nUser-Agent: sqlmap/1.7\nContent-Length: 11\nAccept: */*\n\n`,
      ),
      part('C', 'comment=abc\n'),
      part('F', `HTTP/1.1 ${of.isRefused ? '403 Forbidden' : '200 OK'}\nContent-Type: text/html\n\n`),
      part(
        'H',
        `${messages.join('')}Stopwatch: 1795355345155280 3715 (- - -)\nServer: Apache\nEngine-Mode: "ENABLED"\n\n`,
      ),
      part('Z', '\n'),
    ].join('');
  }
}

function ruleText({ id, file, text, message, severity, tag }: Rule): string {
  return `${text} [file "${FOLDER}${file}"] [line "55"] [id "${id}"] [msg "${message}"] [severity "${severity}"] [ver "OWASP_CRS/3.3.4"] [tag "application-multi"] [tag "${tag}"] [tag "paranoia-level/1"] [tag "OWASP_CRS"]`;
}
