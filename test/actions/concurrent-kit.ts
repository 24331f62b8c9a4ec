// Single audit records as ModSecurity 2 writes them, each in a file of its own.
import { minuteOf } from '../../src/parse/audit-path.ts';

export const FOLDER = '/var/log/apache2/modsec_audit';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface OneRecord {
  readonly id: string;
  /** Milliseconds UTC; the server's clock is UTC too. */
  readonly at: number;
  readonly client?: string;
  readonly rules?: readonly string[];
  readonly user?: string;
  readonly body?: string;
}

/** The text of a record. */
export function recordText({
  id,
  at,
  client = '203.0.113.7',
  rules = ['942100'],
  body = '',
}: OneRecord): string {
  const boundary = Math.floor(at % 0xffffffff)
    .toString(16)
    .padStart(8, '0');
  const part = (letter: string): string => `--${boundary}-${letter}--`;
  const messages = rules.map(
    (rule) =>
      `Message: Warning. Pattern match "x" at ARGS:q. [file "/etc/rules/a.conf"] [line "1"] [id "${rule}"] [msg "m"] [data "d"] [severity "CRITICAL"] [tag "t"]`,
  );
  const lines = [part('A'), `[${stamp(at)}] ${id} ${client} 40000 192.0.2.80 443`, part('B')];
  lines.push('POST /shop?q=1 HTTP/1.1', 'Host: shop.example.com', 'User-Agent: test', '');
  if (body !== '') lines.push(part('C'), body);
  lines.push(part('F'), 'HTTP/1.1 403 Forbidden', '', part('H'), ...messages);
  lines.push('Action: Intercepted (phase 2)', 'Engine-Mode: "ENABLED"', '', part('Z'), '');
  return lines.join('\n');
}

/** The path below the storage folder. */
export function recordPath({ id, at, user = 'nobody' }: OneRecord): string {
  const minute = minuteOf(at);
  const seconds = new Date(at).toISOString().slice(17, 19);
  return `${user === '' ? '' : `/${user}`}/${minute.slice(0, 8)}/${minute}/${minute}${seconds}-${id}`;
}

/** The line that the index has of it. */
export function indexLine(one: OneRecord): string {
  const { id, at, client = '203.0.113.7' } = one;
  const size = recordText(one).length;
  return `shop.example.com ${client} - - [${stamp(at)}] "POST /shop HTTP/1.1" 403 349 "-" "-" ${id} "-" ${recordPath(one)} 0 ${size} md5:${'0'.repeat(32)} \n`;
}

/** The line that error_log has of its first rule. */
export function errorLine({ id, at, client = '203.0.113.7', rules = ['942100'] }: OneRecord): string {
  const time = new Date(at);
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][time.getUTCDay()] ?? '';
  const clock = time.toISOString().slice(11, 19);
  return `[${day} ${month(time)} ${two(time.getUTCDate())} ${clock}.000000 ${time.getUTCFullYear()}] [security2:error] [pid 1:tid 2] [client ${client}:0] [client ${client}] ModSecurity: Warning. Pattern match "x" at ARGS:q. [file "/etc/rules/a.conf"] [line "1"] [id "${rules[0] ?? ''}"] [msg "m"] [data "d"] [severity "CRITICAL"] [tag "t"] [hostname "shop.example.com"] [uri "/shop"] [unique_id "${id}"]\n`;
}

function stamp(at: number): string {
  const time = new Date(at);
  const clock = time.toISOString().slice(11, 19);
  return `${two(time.getUTCDate())}/${month(time)}/${time.getUTCFullYear()}:${clock}.000000 +0000`;
}

function month(time: Date): string {
  return MONTHS[time.getUTCMonth()] ?? '';
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
