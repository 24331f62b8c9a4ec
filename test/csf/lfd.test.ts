// The running stand-in for lfd: from lines of an error_log to csf's lists, lfd.log and the hook.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { csfServer, type CsfServer } from './kit.ts';
import { type Lfd, readLfdLog, startLfd } from './lfd.ts';

/** Writes its arguments, folder and input as the recording of the real hook did. */
const HOOK = `#!/bin/sh
{
  printf 'cwd=%s argc=%s in=%s\\n' "$(pwd)" "$#" "$(cat | wc -c)"
  n=0
  for arg; do n=$((n + 1)); printf 'argv[%s]=%s\\n' "$n" "$arg"; done
} >"$0.$$.new"
mv "$0.$$.new" "$0.$1"
`;

const SHOWN = 'US/United States/-';
let server: CsfServer;
let lfd: Lfd;
let log: string;
let hook: string;

function denied(client: string, more = ''): string {
  return `[Sun Nov 22 13:00:10.106568 2026] [security2:error] [pid 12345:tid 1402345] [client ${client}:50001] [client ${client}] ModSecurity: Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 8)"] [hostname "shop.example.com"] [uri "/.env${more}"] [unique_id "aSGk0kXnq5Qe4V2mXh30001AAAEs"]`;
}

function missing(client: string): string {
  return `[Sun Nov 22 13:00:10.106568 2026] [core:info] [pid 1:tid 2] [client ${client}:50001] AH00128: File does not exist: /home/shop/public_html/x`;
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!isSo() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

const write = (...lines: readonly string[]): void => {
  appendFileSync(log, Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'));
};

const told = (address: string): boolean => lfd.blocks().some((block) => block.address === address);

beforeAll(async () => {
  server = csfServer({
    settings: { LF_MODSEC: '3', LF_APACHE_404: '2', LF_PARSE: '0.2', LF_PERMBLOCK_COUNT: '2' },
    lists: { allow: '203.0.113.50 # office\n', ignore: '192.0.2.0/24 # monitors\n' },
    lookups: { '203.0.113.5': SHOWN, '203.0.113.50': SHOWN },
    zone: 'Europe/Bratislava',
  });
  log = join(server.root, 'usr/local/apache/logs/error_log');
  mkdirSync(dirname(log), { recursive: true });
  // What stands in the log already is not read.
  writeFileSync(log, `${denied('203.0.113.4')}\n`.repeat(5));
  hook = join(server.root, 'hook');
  writeFileSync(hook, HOOK);
  chmodSync(hook, 0o755);
  lfd = await startLfd({ server, errorLog: log, hook });
});

afterAll(async () => {
  await lfd.stop();
  server.close();
});

test('the third refused line blocks for good; the hook is called as recorded, bytes and all', async () => {
  const lines = ['1', "2 $(touch pwned) ' \xff\x80", '3'].map((more) => denied('203.0.113.5', more));
  write(...lines.slice(0, 2), denied('203.0.113.4'), denied('203.0.113.4'), denied('192.0.2.250'));
  write(lines[2] ?? '');
  await until(() => existsSync(`${hook}.203.0.113.5`));
  const message = `(mod_security) mod_security (id:949110) triggered by 203.0.113.5 (${SHOWN}): 3 in the last 3600 secs`;
  expect(readFileSync(`${hook}.203.0.113.5`, 'latin1').split('\n')).toEqual([
    `cwd=${server.root}/etc/csf argc=8 in=0`,
    ...['argv[1]=203.0.113.5', 'argv[2]=*', 'argv[3]=1', 'argv[4]=inout', 'argv[5]=1'],
    `argv[6]=${message}`,
    `argv[7]=${lines[0] ?? ''}`,
    ...lines.slice(1),
    '',
    'argv[8]=LF_MODSEC',
    '',
  ]);
  expect(existsSync(join(server.root, 'etc/csf/pwned'))).toBe(false);
  expect(server.read('deny')).toMatch(
    new RegExp(
      `^203\\.0\\.113\\.5 # lfd: ${message.replace(/[()]/g, '\\$&')} - \\w{3} \\w{3} [ \\d]\\d [\\d:]{8} \\d{4}\\n$`,
    ),
  );
  expect(server.read('tempip')).toMatch(/^203\.0\.113\.5\|1\|\d+\|\(mod_security\)/);
  const said = readLfdLog(server);
  expect(said).toMatch(/^\w{3} [ \d]\d [\d:]{8} server lfd\[\d+\]: Daemon started on /);
  expect(said).toContain(`]: ${message} - *Blocked in csf* [LF_MODSEC]\n`);
  expect(said).toContain(']: mod_security (id:949110) triggered by 192.0.2.250 - ignored\n');
  expect(said).not.toContain('203.0.113.4');
  const [call] = server.calls();
  expect(call?.facts).toMatchObject({ caller: 'lfd', argv: ['-d', '203.0.113.5', `lfd: ${message}`] });
  // Blocked already: nothing is said again.
  write(...lines);
  await until(() => server.calls().filter(({ end }) => end !== null).length === 2);
  expect(readLfdLog(server)).toBe(said);
});

test('csf refuses an allowed address, and lfd tells of a block all the same', async () => {
  write(denied('203.0.113.50'), denied('203.0.113.50'), denied('203.0.113.50'));
  await until(() => told('203.0.113.50'));
  expect(readLfdLog(server)).toMatch(
    /\]: \*Error\*: csf output: deny failed: 203\.0\.113\.50 is in the allow file \/etc\/csf\/csf\.allow\n\n\w{3} [ \d]\d \S+ server lfd\[\d+\]: \(mod_security\) [^\n]* - \*Blocked in csf\* \[LF_MODSEC\]\n/,
  );
  expect(server.entries('deny')).not.toContain('203.0.113.50');
  expect(lfd.blocks().at(-1)).toMatchObject({ refused: true, trigger: 'LF_MODSEC' });
  await until(() => existsSync(`${hook}.203.0.113.50`));
});

test('temporary blocks: of the web ports, until they run out or are too many, then for good', async () => {
  await lfd.stop();
  server.write('csf.tempban', '');
  const before = Math.floor(Date.now() / 1000) - 100;
  server.write(
    'tempban',
    `${before}|203.0.113.70||inout|90|lfd - old\n${before}|203.0.113.71|25|in|9000|x\n`,
  );
  server.write('tempallow', `${before}|203.0.113.72||in|9|x\n`);
  const settings = { LF_MODSEC_PERM: '900', LF_APACHE_404_PERM: '1800', DENY_TEMP_IP_LIMIT: '2' };
  lfd = await startLfd({ server, errorLog: log, hook, settings });
  write(
    ...Array.from({ length: 3 }, () => missing('203.0.113.6')),
    ...Array.from({ length: 3 }, () => denied('203.0.113.7')),
  );
  await until(() => told('203.0.113.6') && told('203.0.113.7'));
  await until(() => readLfdLog(server).includes('Incoming IP 203.0.113.71:25 temporary block removed\n'));
  expect(
    server
      .entries('tempban')
      .map((line) => line.slice(11).split(' - ')[0])
      .sort(),
  ).toEqual(['203.0.113.6|80,443|in|1800|lfd', '203.0.113.7||inout|900|lfd']);
  expect(lfd.blocks().find(({ address }) => address === '203.0.113.6')?.hookArguments).toEqual([
    ...['203.0.113.6', '80,443', '0', 'in', '1800'],
    '203.0.113.6 (Unknown), more than 2 Apache 404 hits in the last 3600 secs',
    ...[' ', 'LF_APACHE_404'],
  ]);
  const said = readLfdLog(server);
  for (const words of [
    'Incoming IP 203.0.113.70 temporary block removed',
    'Outgoing IP 203.0.113.70 temporary block removed',
    'Incoming IP 203.0.113.72 temporary allow removed',
  ])
    expect(said).toContain(`]: ${words}\n`);
  expect(said).toContain(' - *Blocked in csf* for 900 secs [LF_MODSEC]\n');
  // Two blocks for a time in the history: the next is for good.
  const now = Math.floor(Date.now() / 1000);
  server.write('tempip', `203.0.113.8|0|${now}|x\n203.0.113.8|0|${now}|y\n203.0.113.8|0|${now - 90_000}|z\n`);
  write(denied('203.0.113.8'), denied('203.0.113.8'), denied('203.0.113.8'));
  await until(() => told('203.0.113.8'));
  expect(lfd.blocks().at(-1)).toMatchObject({ trigger: 'LF_PERMBLOCK_COUNT', seconds: null });
  expect(lfd.blocks().at(-1)?.hookArguments?.slice(2, 5)).toEqual(['1', 'inout', '0']);
  expect(lfd.blocks().at(-1)?.hookArguments?.slice(6)).toEqual(['', 'LF_PERMBLOCK_COUNT']);
  expect(server.entries('deny')).toContain('203.0.113.8');
  expect(server.read('tempip')).toMatch(/^203\.0\.113\.8\|1\|\d+\|\(PERMBLOCK\)[^\n]*\n$/);
});

test('after a rotation it goes on at the end of the new log; a cluttered or cut line counts for nothing', async () => {
  renameSync(log, `${log}.1`);
  writeFileSync(log, `${denied('203.0.113.9')}\n`.repeat(3));
  await until(() => readLfdLog(server).includes('rotated. Reopening log file'));
  appendFileSync(log, denied('203.0.113.10').slice(0, 60));
  write(denied('203.0.113.10'), '\0\xff[client', ...Array.from({ length: 3 }, () => denied('203.0.113.11')));
  await until(() => told('203.0.113.11'));
  expect(told('203.0.113.9') || told('203.0.113.10')).toBe(false);
});

test('LF_SELECT blocks the web ports, an entry each; while csf restarts a block is left out', async () => {
  await lfd.stop();
  lfd = await startLfd({ server, errorLog: log, settings: { LF_SELECT: '1' } });
  write(...Array.from({ length: 3 }, () => denied('203.0.113.12')));
  await until(() => told('203.0.113.12'));
  expect(server.entries('deny').filter((entry) => entry.endsWith('203.0.113.12'))).toEqual([
    'tcp|in|d=80|s=203.0.113.12',
    'tcp|in|d=443|s=203.0.113.12',
  ]);
  expect(readLfdLog(server)).toMatch(/blocked in csf\* port=80 \[LF_MODSEC\]\n.*port=443 \[LF_MODSEC\]\n$/i);
  expect(lfd.blocks()[0]).toMatchObject({ hookArguments: null, hookEnd: null });
  const release = await server.hold('csf.lock');
  write(...Array.from({ length: 3 }, () => denied('203.0.113.13')));
  await until(() =>
    readLfdLog(server).includes('csf is currently restarting - command [/usr/sbin/csf -d tcp|in|d=80|'),
  );
  await release();
  expect(told('203.0.113.13')).toBe(false);
});
