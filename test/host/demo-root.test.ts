// The packed demo server, unpacked: its stories are there, its times are near now and in the server's zone.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unpackDemo } from '../../src/host/demo-root.ts';
import type { DemoServer } from '../../src/host/demo-root.ts';

const WINTER = Date.UTC(2027, 0, 5, 9, 30, 0);
const SUMMER = Date.UTC(2027, 6, 1, 9, 30, 0);
/** Half a day after the clocks went back (31 October 2027, 01:00 UTC). */
const CHANGE = Date.UTC(2027, 9, 31, 13, 0, 0);
const LOGS = 'var/log/apache2';

let dir = '';
let demo: DemoServer;
const read = (path: string): string => readFileSync(join(demo.root, path), 'latin1');
const lines = (path: string): string[] =>
  read(path)
    .split('\n')
    .filter((line) => line !== '');

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'whyblocked-test-'));
  demo = unpackDemo(join(dir, 'demo'), WINTER);
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Unique ids of error_log lines of an address that hold `text`. */
function errorIds(client: string, text: string): string[] {
  const own = lines(`${LOGS}/error_log`).filter(
    (line) => line.includes(`[client ${client}] ModSecurity:`) && line.includes(text),
  );
  return own.map((line) => /\[unique_id "([^"]+)"\]/.exec(line)?.[1] ?? '');
}

function auditIds(client: string): string[] {
  return [...read(`${LOGS}/modsec_audit.log`).matchAll(/^\[[^\]]+\] (\S+) (\S+) \d+ /gm)].flatMap((found) =>
    found[2] === client ? [found[1] ?? ''] : [],
  );
}

/** Epoch ms of access and audit log times, which carry their offset. */
function zonedTimes(text: string): number[] {
  return [...text.matchAll(/\[(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d\d)(\d\d)\]/g)].map(
    (found) => Date.parse(`${found[1]} ${found[2]} ${found[3]} ${found[4]} ${found[5]}${found[6]}`),
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name));
}

describe('the stories', () => {
  test('ten hits: ten requests score 8 each, in both logs, and lead to a permanent entry', () => {
    const denied = errorIds('198.51.100.77', '[msg "Inbound Anomaly Score Exceeded (Total Score: 8)"]');
    expect(denied).toHaveLength(10);
    expect(new Set(denied).size).toBe(10);
    expect(errorIds('198.51.100.77', '[id "913100"]')).toEqual(denied);
    expect(errorIds('198.51.100.77', '[id "920350"]')).toEqual(denied);
    expect(auditIds('198.51.100.77')).toEqual(denied);
    expect(lines(`${LOGS}/access_log`).filter((line) => line.startsWith('198.51.100.77 '))).toHaveLength(10);
    expect(read('etc/csf/csf.deny')).toMatch(
      /^198\.51\.100\.77 # lfd: \(mod_security\) .* 10 in the last 3600 secs - /m,
    );
    expect(read('var/log/lfd.log')).toMatch(
      /triggered by 198\.51\.100\.77 .* - \*Blocked in csf\* \[LF_MODSEC\]$/m,
    );
  });

  test('ten hits: the requests span 1.3 s and the block follows within five seconds', () => {
    const mail = demo.mails[0]?.text ?? '';
    const moments = [...mail.matchAll(/^\[Tue Jan 05 (\d\d):(\d\d):(\d\d\.\d+) 2027\]/gm)].map(
      (found) => Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3]),
    );
    const time = /^Time: {5}Tue Jan {2}5 (\d\d):(\d\d):(\d\d) 2027 \+0100$/m.exec(mail);
    const blocked = Number(time?.[1]) * 3600 + Number(time?.[2]) * 60 + Number(time?.[3]);
    expect(moments).toHaveLength(10);
    expect((moments.at(-1) ?? 0) - (moments[0] ?? 0)).toBeGreaterThan(1.2);
    expect((moments.at(-1) ?? 0) - (moments[0] ?? 0)).toBeLessThan(1.4);
    expect(blocked - (moments[0] ?? 0)).toBeGreaterThan(2);
    expect(blocked - (moments[0] ?? 0)).toBeLessThanOrEqual(5);
  });

  test('editor: logs in, works, saves, is refused ten times', () => {
    const own = lines(`${LOGS}/domlogs/blog.example.org-ssl_log`).filter((line) =>
      line.startsWith('203.0.113.24 '),
    );
    expect(own.filter((line) => line.includes('"POST /wp-login.php HTTP/1.1" 302 '))).toHaveLength(1);
    expect(own.filter((line) => line.includes(' 200 ')).length).toBeGreaterThan(20);
    expect(own.filter((line) => /"POST \/wp-admin\/.* 403 /.test(line))).toHaveLength(10);
    const denied = errorIds('203.0.113.24', 'Access denied with code 403');
    expect(new Set(denied).size).toBe(10);
    expect(auditIds('203.0.113.24')).toEqual(denied);
    expect(errorIds('203.0.113.24', '[id "941160"]')).toEqual(denied);
    expect(read('etc/csf/csf.deny')).toContain('\n203.0.113.24 # lfd: (mod_security)');
  });

  test('probe scanner: refused on three accounts, blocked for six hours', () => {
    const denied = lines(`${LOGS}/error_log`).filter((line) =>
      line.includes('[client 203.0.113.140] ModSecurity: Access denied'),
    );
    const vhosts = new Set(denied.map((line) => /\[hostname "([^"]+)"\]/.exec(line)?.[1]));
    expect([...vhosts].sort()).toEqual(['blog.example.org', 'shop.example.com', 'static.example.net']);
    const entry = /^(\d+)\|203\.0\.113\.140\|80,443\|in\|21600\|lfd - /m.exec(
      read('var/lib/csf/csf.tempban'),
    );
    expect(Number(entry?.[1]) * 1000).toBeGreaterThan(WINTER - 3_600_000);
    expect(Number(entry?.[1]) * 1000).toBeLessThan(WINTER);
    // Without a 403.shtml Apache logs a refused request as not found.
    expect(read(`${LOGS}/domlogs/static.example.net`)).toMatch(
      /^203\.0\.113\.140 .*"GET \/\.env HTTP\/1\.1" 404 /m,
    );
    expect(read(`${LOGS}/domlogs/shop.example.com`)).toMatch(
      /^203\.0\.113\.140 .*"GET \/\.env HTTP\/1\.1" 403 /m,
    );
  });

  test('rotated log: the mail and the deny entry are all that is left', () => {
    const mail = demo.mails.find(({ name }) => name === '04-rotated-log.eml');
    expect(mail?.text).toMatch(/^IP: {7}198\.51\.100\.201 /m);
    expect(mail?.text.match(/\[unique_id "/g)).toHaveLength(10);
    expect(readFileSync(mail?.path ?? '', 'latin1')).toBe(mail?.text);
    const holding = filesBelow(demo.root).filter((file) =>
      readFileSync(file, 'latin1').includes('198.51.100.201'),
    );
    expect(holding).toEqual([join(demo.root, 'etc/csf/csf.deny')]);
  });

  test('below the limit: a refused customer, a slow SQL injection, guessed passwords; none of them is blocked', () => {
    expect(new Set(errorIds('192.0.2.44', '[id "932100"]')).size).toBe(2);
    expect(new Set(errorIds('198.51.100.163', 'Access denied')).size).toBe(5);
    expect(
      read(`${LOGS}/domlogs/blog.example.org-ssl_log`).match(
        /^203\.0\.113\.87 .*"POST \/wp-login\.php HTTP\/1\.1" 200 /gm,
      ),
    ).toHaveLength(9);
    expect(read('etc/csf/csf.deny') + read('var/lib/csf/csf.tempban')).not.toMatch(
      /192\.0\.2\.44\b|198\.51\.100\.163\b|203\.0\.113\.87\b/,
    );
  });

  test('a consent cookie stops thirteen visitors; two of them try ten times and are blocked', () => {
    const refused = lines(`${LOGS}/error_log`).filter((line) => line.includes('[id "942190"]'));
    const own = refused.filter((line) => line.includes('at REQUEST_COOKIES:shop_consent. '));
    const counts = Map.groupBy(own, (line) => /\[client ([^\]]+)\] ModSecurity/.exec(line)?.[1] ?? '');
    expect(counts.size).toBe(13);
    const often = [...counts].filter(([, hits]) => hits.length >= 10).map(([client]) => client);
    expect(often.sort()).toEqual(['198.51.100.133', '2001:db8:e14:7::31']);
    for (const client of often)
      expect(read('etc/csf/csf.deny')).toContain(`\n${client} # lfd: (mod_security)`);
    for (const client of counts.keys())
      expect(new Set(errorIds(client, 'Access denied'))).toEqual(new Set(errorIds(client, '[id "942190"]')));
  });

  test('sqlmap, as it was recorded, is refused each time', () => {
    const denied = errorIds('203.0.113.58', 'Access denied with code 403');
    expect(new Set(denied).size).toBeGreaterThanOrEqual(20);
    expect(new Set(errorIds('203.0.113.58', '[id "913100"]'))).toEqual(new Set(denied));
    const shop = lines(`${LOGS}/domlogs/shop.example.com-ssl_log`);
    const own = shop.filter((line) => line.startsWith('203.0.113.58 '));
    expect(own).toHaveLength(denied.length);
    for (const line of own) expect(line).toMatch(/ 403 \d+ "-" "sqlmap\/1\.7\.2#stable /);
  });

  test('a shared office: one is refused once, one never, the third scans and closes the door for all', () => {
    const agents = (name: string): Set<string> =>
      new Set(
        lines(`${LOGS}/domlogs/${name}-ssl_log`).flatMap((line) =>
          line.startsWith('192.0.2.118 ') ? [line.split('"').at(-2)?.split(' ')[0] ?? ''] : [],
        ),
      );
    expect(agents('static.example.net')).toEqual(new Set(['Go-http-client/1.1']));
    expect(agents('blog.example.org')).toEqual(new Set(['Go-http-client/1.1', 'Mozilla/5.0']));
    expect(new Set(errorIds('192.0.2.118', '[id "930130"]')).size).toBe(15);
    expect(new Set(errorIds('192.0.2.118', '[id "932100"]')).size).toBe(1);
    expect(read('etc/csf/csf.deny')).toContain('\n192.0.2.118 # lfd: (mod_security)');
  });

  test('csf.deny is full, and the oldest block has dropped out of it', () => {
    const counted = lines('etc/csf/csf.deny').filter((line) => !/^#|Include|do not delete/.test(line));
    expect(read('etc/csf/csf.conf')).toContain(`DENY_IP_LIMIT = "${counted.length}"`);
    expect(demo.mails.find(({ name }) => name.startsWith('11-'))?.text).toMatch(/^IP: {7}198\.51\.100\.27 /m);
    const holding = filesBelow(demo.root).filter((file) =>
      readFileSync(file, 'latin1').includes('198.51.100.27 '),
    );
    expect(holding).toEqual([join(demo.root, LOGS, 'domlogs/shop.example.com-ssl_log')]);
  });

  test('bodies that could not be read: lines of the engine, rules 200002 and 200003, one answered 413', () => {
    const engine = lines(`${LOGS}/error_log`).filter((line) =>
      /\[client (?:203\.0\.113\.62|198\.51\.100\.92)\] ModSecurity: /.test(line),
    );
    const having = (text: string): number => engine.filter((line) => line.includes(text)).length;
    expect(having('JSON parser error: parse error: premature EOF')).toBe(4);
    expect(having('XML parser error: ')).toBe(2);
    expect(having('Multipart parsing error: Multipart: Final boundary missing.')).toBe(1);
    expect(having('[id "200002"]')).toBe(3);
    expect(having('[id "200003"]')).toBe(1);
    expect(having('no files data length is larger than the configured limit (131072)')).toBe(1);
    expect(read(`${LOGS}/domlogs/shop.example.com-ssl_log`)).toMatch(
      /^203\.0\.113\.62 .*"POST \/cart\.php HTTP\/1\.1" 413 /m,
    );
  });

  test('nobody is answered by Apache after the block that csf.deny or csf.tempban shows', () => {
    const blocked = lines('etc/csf/csf.deny').flatMap(
      (line) => /^(\S+) #.* - \w{3} (\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})$/.exec(line)?.slice(1) ?? [],
    );
    const until = new Map(
      Array.from({ length: blocked.length / 2 }, (_, i) => [
        blocked[2 * i] ?? '',
        Date.parse(`${blocked[2 * i + 1] ?? ''} +0100`),
      ]),
    );
    expect(until.size).toBeGreaterThanOrEqual(20);
    const late = readdirSync(join(demo.root, LOGS, 'domlogs')).flatMap((name) =>
      lines(`${LOGS}/domlogs/${name}`).filter(
        (line) => (zonedTimes(line)[0] ?? 0) > (until.get(line.split(' ')[0] ?? '') ?? Infinity),
      ),
    );
    expect(late).toEqual([]);
  });

  test('about forty ordinary visitors, some of them with IPv6', () => {
    const clients = new Set(
      readdirSync(join(demo.root, LOGS, 'domlogs')).flatMap((name) =>
        lines(`${LOGS}/domlogs/${name}`).map((line) => line.split(' ')[0] ?? ''),
      ),
    );
    expect(clients.size).toBeGreaterThanOrEqual(40);
    expect([...clients].filter((client) => client.startsWith('2001:db8:')).length).toBeGreaterThanOrEqual(5);
  });

  test('a mail login and an ssh block have the lines that lfd read', () => {
    expect(read('var/log/exim_mainlog').match(/ \[192\.0\.2\.201\]:\d+: 535 /g)).toHaveLength(5);
    expect(read('var/log/secure').match(/ from 203\.0\.113\.7 port /g)).toHaveLength(5);
    expect(
      read('var/log/maillog').match(/imap-login: .* \(auth failed, .* rip=192\.0\.2\.154, /g),
    ).toHaveLength(10);
    expect(demo.mails.map(({ name }) => name)).toEqual([
      ...['01-ten-hits.eml', '02-wordpress-editor.eml', '03-probe-scanner.eml', '04-rotated-log.eml'],
      ...['05-mail-login.eml', '06-ssh-login.eml', '07-sqlmap.eml', '08-consent-cookie.eml'],
      ...['09-consent-cookie-ipv6.eml', '10-shared-office.eml', '11-dropped-from-csf-deny.eml'],
      '12-mailbox-login.eml',
    ]);
  });
});

describe('the folder', () => {
  test('has links like a cPanel server, and only addresses and names made for examples', () => {
    expect(readlinkSync(join(demo.root, 'etc/apache2/logs'))).toBe('/var/log/apache2');
    expect(readlinkSync(join(demo.root, 'usr/local/apache/logs'))).toBe('/etc/apache2/logs');
    expect(readFileSync(join(demo.root, 'etc/localtime'), 'latin1').slice(0, 4)).toBe('TZif');
    const rules = filesBelow(demo.root).filter((file) => file.includes('OWASP3'));
    const rest = filesBelow(dir).filter((file) => !rules.includes(file) && !file.endsWith('localtime'));
    for (const file of rest) {
      const text = readFileSync(file, 'latin1');
      const v4 = (text.match(/(?<![\d./])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g) ?? []).filter(
        (address) =>
          !/^(?:192\.0\.2|198\.51\.100|203\.0\.113|127\.0\.0)\.|^(?:131|132)\.0\.0\.0$/.test(address),
      );
      expect([file, v4]).toEqual([file, []]);
      expect(text).not.toMatch(/[\x1e\x1f]|\/tmp\/w|whyblocked-demo/);
    }
  });

  test('log lines name rule files that are there', () => {
    const named = new Set(
      [...read(`${LOGS}/error_log`).matchAll(/\[file "([^"]+)"\]/g)].map((found) => found[1] ?? ''),
    );
    expect(named.size).toBeGreaterThanOrEqual(5);
    for (const file of named) expect([file, existsSync(join(demo.root, file))]).toEqual([file, true]);
  });
});

describe('times', () => {
  test('the newest line is two minutes before now, nothing is later, files are as old as their lines', () => {
    const domlogs = readdirSync(join(demo.root, LOGS, 'domlogs')).map((name) => `${LOGS}/domlogs/${name}`);
    const all = [`${LOGS}/modsec_audit.log`, `${LOGS}/access_log`, ...domlogs].flatMap((path) =>
      zonedTimes(read(path)),
    );
    expect(Math.max(...all)).toBe(WINTER - 120_000);
    for (const file of filesBelow(demo.root))
      expect(statSync(file).mtimeMs).toBeLessThanOrEqual(WINTER - 120_000);
    const shop = `${LOGS}/domlogs/static.example.net`;
    expect(statSync(join(demo.root, shop)).mtimeMs).toBe(Math.max(...zonedTimes(read(shop))));
  });

  test('lines of each log are in order', () => {
    for (const path of readdirSync(join(demo.root, LOGS, 'domlogs')).map(
      (name) => `${LOGS}/domlogs/${name}`,
    )) {
      const times = zonedTimes(read(path));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  test('an audit record, its stopwatch, its error line and its access line show the same moment', () => {
    const record =
      /^\[(05\/Jan\/2027:(\d\d:\d\d:\d\d)\.\d+ \+0100)\] (\S+) 198\.51\.100\.77 [^]*?^Stopwatch: (\d{16}) /m.exec(
        read(`${LOGS}/modsec_audit.log`),
      );
    const at = zonedTimes(`[${record?.[1]}]`)[0] ?? 0;
    expect(Math.abs(Number(record?.[4]) / 1000 - at)).toBeLessThan(1500);
    const error = lines(`${LOGS}/error_log`).find((line) => line.includes(record?.[3] ?? 'none'));
    expect(error?.slice(0, 20)).toBe(`[Tue Jan 05 ${record?.[2]}`);
    expect(read(`${LOGS}/access_log`)).toContain(`198.51.100.77 - - [05/Jan/2027:${record?.[2]} +0100]`);
  });

  test('in summer the offset is +0200, and older entries of winter keep their own', () => {
    const summer = unpackDemo(join(dir, 'summer'), SUMMER);
    const access = readFileSync(join(summer.root, LOGS, 'access_log'), 'latin1');
    expect(access).toMatch(/^198\.51\.100\.77 - - \[01\/Jul\/2027:11:1\d:\d\d \+0200\]/m);
    expect(summer.mails[0]?.text).toMatch(/^Time: {5}Thu Jul {2}1 11:1\d:\d\d 2027 \+0200$/m);
  });

  test('across the change of clocks each line has the offset of its own moment', () => {
    const change = unpackDemo(join(dir, 'change'), CHANGE);
    const text = readdirSync(join(change.root, LOGS, 'domlogs')).map((name) =>
      readFileSync(join(change.root, LOGS, 'domlogs', name), 'latin1'),
    );
    const times = zonedTimes(text.join('\n'));
    expect(text.join('\n')).toMatch(/\[31\/Oct\/2027:0[0-2]:\d\d:\d\d \+0200\]/);
    expect(text.join('\n')).toMatch(/\[31\/Oct\/2027:(?:0[3-9]|1\d):\d\d:\d\d \+0100\]/);
    expect(Math.max(...times)).toBe(CHANGE - 120_000);
  });
});

describe('unpacking', () => {
  test('the same moment gives the same bytes, again in the same folder too', () => {
    const one = filesBelow(join(dir, 'demo')).map((file) => [file, readFileSync(file, 'latin1')]);
    unpackDemo(join(dir, 'demo'), SUMMER);
    unpackDemo(join(dir, 'demo'), WINTER);
    expect(filesBelow(join(dir, 'demo')).map((file) => [file, readFileSync(file, 'latin1')])).toEqual(one);
  });

  test('a folder with files of somebody else is left alone', () => {
    const other = join(dir, 'other');
    mkdirSync(join(other, 'root'), { recursive: true });
    writeFileSync(join(other, 'root', 'mine'), 'x');
    expect(() => unpackDemo(other, WINTER)).toThrow('choose an empty folder');
    expect(readFileSync(join(other, 'root', 'mine'), 'latin1')).toBe('x');
  });

  test('the pack is small', () => {
    expect(statSync(join(import.meta.dirname, '../../demo/server.pack.br')).size).toBeLessThan(600 * 1024);
  });
});
