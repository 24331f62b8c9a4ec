// A server folder for searches: the demo server, a large access log that keeps a hard pattern busy, and one with odd lines.
import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoServer, unpackDemo } from '../src/host/demo-root.ts';

const DOMLOGS = '/etc/apache2/logs/domlogs';
export const BIG = `${DOMLOGS}/big.example.net`;
export const MIDDLE = `${DOMLOGS}/middle.example.net`;
export const ODD = `${DOMLOGS}/odd.example.net`;

/** Linear, but no faster than some MiB a second: too many states to keep. Finds the lines with a mark. */
export const SLOW = '[a-m].{20}[a-z].{20,30}[A-Z]{9}';
/** What the slow pattern finds; each so many lines there is one. */
const MARK = 'HEAVYLOAD';
const MARK_EACH = 500;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** A moment as access logs write it, in UTC. */
function clf(at: number): string {
  const day = new Date(at);
  const clock = [day.getUTCHours(), day.getUTCMinutes(), day.getUTCSeconds()].map(two).join(':');
  return `${two(day.getUTCDate())}/${MONTHS[day.getUTCMonth()] ?? ''}/${day.getUTCFullYear()}:${clock} +0000`;
}

/** Texts that differ in each letter, the same in each run. */
function words(count: number, length: number): readonly string[] {
  let seed = 20261122;
  const letter = (): string => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return 'abcdefghijklmnopqrstuvwxyz0123456789'[(seed >>> 16) % 36] ?? 'a';
  };
  return Array.from({ length: count }, () => Array.from({ length }, letter).join(''));
}

/** Writes an access log of so many MiB whose last line is of the moment `end`; a line a 10 ms. */
function writeBusyLog(file: string, mebibytes: number, end: number): void {
  const pool = words(4001, 60);
  const lines = Math.floor((mebibytes * 1024 * 1024) / 200);
  const fd = openSync(file, 'w');
  for (let from = 0; from < lines; from += 20_000) {
    const part: string[] = [];
    for (let i = from; i < Math.min(lines, from + 20_000); i++) {
      const path = `/item/${pool[i % pool.length] ?? ''}?n=${i}${i % MARK_EACH === 0 ? `&m=${MARK}` : ''}`;
      part.push(
        `203.0.113.${(i % 200) + 1} - - [${clf(end - (lines - i) * 10)}] "GET ${path} HTTP/1.1" ${i % 1000 === 7 ? 404 : 200} ${i % 9973} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"\n`,
      );
    }
    writeSync(fd, part.join(''));
  }
  closeSync(fd);
}

/** Lines as attackers write them, and lines with secrets. */
export const HOSTILE_LINES = [
  '"GET /<script>window.ran=1;alert(1)</script> HTTP/1.1" 404 5 "-" "<img src=x onerror=alert(2)>"',
  '"GET /?a="><svg/onload=alert(3)> HTTP/1.1" 404 5 "-" "\u001b[31mred\u001b[0m\u0007"',
  '"GET /bidi/\u202Egnp.exe\u2066 HTTP/1.1" 404 5 "-" "</textarea></title></style>"',
  '"GET /template/<%= process.env %>${7*7}{{7*7}} HTTP/1.1" 404 5 "-" "-"',
] as const;
const SECRET_LINES = [
  '"GET /login?user=a&password=hunter2secret HTTP/1.1" 200 5 "-" "secret line"',
  '"POST /login HTTP/1.1" 200 5 "-" "secret line Cookie: PHPSESSID=hunter2secret"',
] as const;

/** Unpacks the demo server and adds three vhosts: big, middle and odd. `bigMebibytes` is the size of the big log. */
export function searchRoot(folder: string, bigMebibytes: number): DemoServer {
  const demo = unpackDemo(folder, Date.now());
  const names = ['big', 'middle', 'odd'].map((name) => `${name}.example.net`);
  appendFileSync(
    join(demo.root, 'etc/userdatadomains'),
    names
      .map(
        (name) =>
          `${name}: biguser==root==main==${name}==/home/biguser/public_html==192.0.2.10:80==192.0.2.10:443==1==ea-php82\n`,
      )
      .join(''),
  );
  const log = (name: string): string => join(demo.root, 'var/log/apache2/domlogs', `${name}.example.net`);
  const end = Date.now() - 60_000;
  writeBusyLog(log('big'), bigMebibytes, end);
  writeBusyLog(log('middle'), 8, end);
  writeFileSync(
    log('odd'),
    [...HOSTILE_LINES, ...SECRET_LINES]
      .map((text, i) => `198.51.100.9 - - [${clf(end - 60_000 + i * 1000)}] ${text}\n`)
      .join(''),
  );
  return demo;
}
