// Being told of blocks: from lfd.log, the hook and csf's lists, each block once.
import { appendFileSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gatherNotices } from '../../src/actions/notices.ts';
import { refresh } from '../../src/actions/refresh.ts';
import type { ServerClock } from '../../src/actions/server.ts';
import type { OpenContext } from '../../src/context.ts';
import { spoolFolder } from '../../src/host/block-spool.ts';
import type { Notice } from '../../src/model-firewall.ts';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';
import { open } from './kit.ts';

const LOG = '/var/log/lfd.log';
const DENY = '/etc/csf/csf.deny';
const TEMPBAN = '/var/lib/csf/csf.tempban';
/** `12:34:56` of that day. */
const at = (time: string): number => Date.parse(`2026-11-22T${time}Z`);
const said = (address: string, count = 5): string =>
  `(mod_security) mod_security (id:949110) triggered by ${address} (US/United States/-): ${count} in the last 3600 secs`;
const permblock = (address: string): string =>
  `(PERMBLOCK) ${address} (-) has had more than 4 temp blocks in the last 86400 secs`;
const line = (time: string, text: string, end = '[LF_MODSEC]'): string =>
  `Nov 22 ${time} server lfd[1640]: ${text} - *Blocked in csf* ${end}\n`;
const denied = (time: string, entry: string, text: string): string =>
  `${entry} # lfd: ${text} - Sun Nov 22 ${time} 2026\n`;
const banned = (time: string, address: string, text: string, ports = ''): string =>
  `${at(time) / 1000}|${address}|${ports}|inout|900|lfd - ${text}\n`;

let root: TestRoot;
let state: string;
let calls = 0;
let ctx: OpenContext;
let now = 0;

/** The present moment, as a time of that day or as an instant. */
const setNow = (time: string): void => {
  now = time.length === 8 ? at(time) : Date.parse(time);
};
const clockNow = async (): Promise<ServerClock> => ({ ...(await refresh(ctx)).clock, now });
const gather = async (): Promise<number> => gatherNotices(ctx, await clockNow());
/** Leaves a call as plugin/csf-hook does. */
const call = (time: string, args: readonly string[]): string => {
  const file = join(spoolFolder(state), `${++calls}.args`);
  writeFileSync(file, `whyblocked-block 1 ${args.length}\n${args.map((arg) => `${arg}\0`).join('')}`, {
    encoding: 'latin1',
    mode: 0o600,
  });
  utimesSync(file, at(time) / 1000, at(time) / 1000);
  return file;
};
const args = (address: string, text: string, more: Readonly<Record<number, string>> = {}): string[] =>
  [address, '*', '1', 'inout', '1', text, 'first\nsecond\n', 'LF_MODSEC'].map(
    (arg, index) => more[index] ?? arg,
  );
const kept = (): Notice[] => ctx.store.firewall.notices.since(0, 100).sort((a, b) => a.id - b.id);
const short = (): unknown[] =>
  kept().map(({ address, trigger, sources }) => [address, trigger, sources.join(' ')]);

beforeEach(async () => {
  root = makeServer();
  root.write(
    LOG,
    'Nov 22 11:00:00 server lfd[1563]: Daemon started on server.example.com - csf v15.10 (cpanel)\n',
  );
  root.write(DENY, '# nothing\n');
  root.write(TEMPBAN, '');
  state = join(tempDir(), 'state');
  mkdirSync(spoolFolder(state), { recursive: true, mode: 0o700 });
  ctx = open({ root: root.dir, state });
  setNow('12:00:00');
  await gather();
});
afterEach(() => {
  ctx.close();
});

const log = (text: string): void => {
  appendFileSync(join(root.dir, LOG), text, 'latin1');
};

describe('a block', () => {
  test('is told by lfd.log alone', async () => {
    log(line('12:10:00', said('203.0.113.9')));
    setNow('12:10:01');
    expect(await gather()).toBe(1);
    expect(kept()).toMatchObject([
      {
        ...{
          address: '203.0.113.9',
          at: at('12:10:00'),
          trigger: 'LF_MODSEC',
          permanent: true,
          seconds: null,
        },
        ...{ ports: null, message: said('203.0.113.9'), lines: null, sources: ['lfd.log'], state: 'waiting' },
      },
    ]);
    expect(await gather()).toBe(0);
  });

  test('is told by the hook alone, with its lines', async () => {
    call('12:10:00', args('203.0.113.9', said('203.0.113.9'), { 1: '80,443', 2: '0', 3: 'in', 4: '900' }));
    setNow('12:10:01');
    expect(await gather()).toBe(1);
    expect(kept()).toMatchObject([
      {
        trigger: 'LF_MODSEC',
        permanent: false,
        seconds: 900,
        ports: '80,443',
        lines: 'first\nsecond',
        sources: ['hook'],
      },
    ]);
    expect(readdirSync(spoolFolder(state))).toEqual([]);
  });

  test.each([
    [
      'csf.deny',
      () => {
        root.write(DENY, denied('12:10:00', '203.0.113.9', said('203.0.113.9')));
      },
      { permanent: true, seconds: null },
    ],
    [
      'csf.tempban',
      () => {
        root.write(TEMPBAN, banned('12:10:00', '203.0.113.9', said('203.0.113.9')));
      },
      { permanent: false, seconds: 900 },
    ],
  ])('is told by %s alone', async (source, write, expected) => {
    write();
    setNow('12:10:09');
    expect(await gather()).toBe(1);
    expect(kept()).toMatchObject([
      {
        ...expected,
        at: at('12:10:00'),
        trigger: 'LF_MODSEC',
        message: said('203.0.113.9'),
        sources: [source],
      },
    ]);
  });

  test('told by all of them is one, in whatever order they are heard', async () => {
    const tellers = [
      () => {
        log(line('12:10:00', said('203.0.113.9')));
      },
      () => {
        call('12:10:01', args('203.0.113.9', said('203.0.113.9')));
      },
      () => {
        root.write(DENY, denied('12:09:58', '203.0.113.9', said('203.0.113.9')));
      },
    ];
    setNow('12:10:30');
    for (const index of [1, 2, 0]) {
      tellers[index]?.();
      await gather();
    }
    expect(kept().map(({ lines, sources }) => [lines, [...sources].sort()])).toEqual([
      ['first\nsecond', ['csf.deny', 'hook', 'lfd.log']],
    ]);
  });

  test('that csf refused is told: lfd says so twice and means one', async () => {
    log(
      `Nov 22 12:10:00 server lfd[4869]: *Error*: csf output: deny failed: 203.0.113.9 is in the allow file /etc/csf/csf.allow\n\n${line('12:10:00', said('203.0.113.9'))}`,
    );
    setNow('12:10:01');
    expect(await gather()).toBe(1);
    expect(short()).toEqual([['203.0.113.9', 'LF_MODSEC', 'lfd.log']]);
  });

  test('of web ports has a line for each of them everywhere, and is one', async () => {
    const text = '203.0.113.9 (-), more than 4 Apache 404 hits in the last 3600 secs';
    log(line('12:10:00', text, 'port=80 [LF_APACHE_404]'));
    setNow('12:10:30');
    await gather();
    log(line('12:10:03', text, 'port=443 [LF_APACHE_404]'));
    call('12:10:03', args('203.0.113.9', text, { 1: '80,443', 6: ' ', 7: 'LF_APACHE_404' }));
    root.write(
      DENY,
      `${denied('12:10:00', 'tcp|in|d=80|s=203.0.113.9', text)}${denied('12:10:02', 'tcp|in|d=443|s=203.0.113.9', text)}`,
    );
    await gather();
    expect(kept()).toMatchObject([
      { ports: '80,443', trigger: 'LF_APACHE_404', sources: ['lfd.log', 'hook', 'csf.deny'] },
    ]);
  });

  test('of web ports is one also when the hook tells first', async () => {
    const text = said('203.0.113.9');
    call('12:10:04', args('203.0.113.9', text, { 1: '80,443' }));
    setNow('12:10:30');
    await gather();
    log(`${line('12:10:00', text, 'port=80 [LF_MODSEC]')}${line('12:10:03', text, 'port=443 [LF_MODSEC]')}`);
    await gather();
    expect(kept()).toMatchObject([{ ports: '80,443', sources: ['hook', 'lfd.log'] }]);
  });

  test('whose only application stands in the sentence is the summed trigger’s of its tag', async () => {
    root.write(DENY, denied('12:10:00', '203.0.113.9', said('203.0.113.9')));
    setNow('12:10:30');
    await gather();
    log(line('12:10:00', said('203.0.113.9'), '[LF_TRIGGER]'));
    await gather();
    expect(kept()).toMatchObject([{ sources: ['csf.deny', 'lfd.log'] }]);
  });
});

describe('several blocks of one address', () => {
  test('ten seconds apart are several, with the hook or without', async () => {
    const times = ['12:10:00', '12:10:10', '12:10:25', '12:10:40'];
    for (const time of times) log(line(time, said('203.0.113.9'), 'for 6 secs [LF_MODSEC]'));
    setNow('12:11:00');
    expect(await gather()).toBe(4);
    for (const time of [...times].reverse())
      call(time, args('203.0.113.9', said('203.0.113.9'), { 2: '0', 4: '6' }));
    root.write(TEMPBAN, banned('12:10:40', '203.0.113.9', said('203.0.113.9')));
    expect(await gather()).toBe(0);
    expect(kept().map((one) => one.sources.join(' '))).toEqual([
      ...times.slice(1).map(() => 'lfd.log hook'),
      'lfd.log hook csf.tempban',
    ]);
  });

  test('a permanent one for many temporary ones is one of its own, in the same minute too', async () => {
    log(
      `${line('12:10:00', said('203.0.113.9'), 'for 6 secs [LF_MODSEC]')}${line('12:10:20', permblock('203.0.113.9'))}`,
    );
    setNow('12:11:00');
    expect(await gather()).toBe(2);
    call(
      '12:10:20',
      args('203.0.113.9', permblock('203.0.113.9'), { 4: '0', 6: '', 7: 'LF_PERMBLOCK_COUNT' }),
    );
    root.write(DENY, denied('12:10:20', '203.0.113.9', permblock('203.0.113.9')));
    expect(await gather()).toBe(0);
    expect(short()).toEqual([
      ['203.0.113.9', 'LF_MODSEC', 'lfd.log'],
      ['203.0.113.9', 'LF_PERMBLOCK', 'lfd.log hook csf.deny'],
    ]);
  });

  test('a net is told as a net', async () => {
    const text = '(NETBLOCK) 203.0.113.0/24 (-) has had more than 2 blocks in the last 86400 secs';
    log(line('12:10:00', text));
    call('12:10:01', args('203.0.113.0/24', text, { 4: '0', 6: '', 7: 'LF_NETBLOCK_COUNT' }));
    root.write(DENY, denied('12:10:00', '203.0.113.0/24', text));
    setNow('12:11:00');
    expect(await gather()).toBe(1);
    expect(short()).toEqual([['203.0.113.0/24', 'LF_NETBLOCK', 'lfd.log hook csf.deny']]);
  });

  test('two triggers at once are two', async () => {
    const login = '(sshd) Failed SSH login from 203.0.113.9 (-): 5 in the last 3600 secs';
    log(
      `${line('12:10:00', said('203.0.113.9'), 'port=80 [LF_MODSEC]')}${line('12:10:01', login, '[LF_SSHD]')}`,
    );
    call('12:10:01', args('203.0.113.9', login, { 7: 'LF_SSHD' }));
    call('12:10:02', args('203.0.113.9', said('203.0.113.9'), { 1: '80,443' }));
    setNow('12:11:00');
    expect(await gather()).toBe(2);
    expect(kept()).toMatchObject([
      { trigger: 'LF_MODSEC', ports: '80,443', sources: ['lfd.log', 'hook'] },
      { trigger: 'LF_SSHD', ports: null, sources: ['lfd.log', 'hook'] },
    ]);
  });
});

describe('what is no news', () => {
  test('entries by hand, by resellers and of other servers of the cluster', async () => {
    const cluster = 'Cluster member 198.51.100.1 (-) said, DENY 203.0.113.9, Reason:[spam]';
    root.write(
      DENY,
      '203.0.113.1 # Manually denied: 203.0.113.1 (-) - Sun Nov 22 12:10:00 2026\n' +
        '203.0.113.2 # DENY by Reseller bob (spam) - Sun Nov 22 12:10:00 2026\n' +
        `${denied('12:10:00', '203.0.113.9', cluster)}203.0.113.3\n203.0.113.4 # lfd: no time here\n`,
    );
    root.write(TEMPBAN, `${at('12:10:00') / 1000}|203.0.113.5||in|900|by hand\n`);
    log(line('12:10:00', cluster, '[LF_CLUSTER]'));
    log('Nov 22 12:10:00 server lfd[1]: mod_security (id:949110) triggered by 203.0.113.9 - ignored\n');
    log('Nov 22 12:10:00 server lfd[1]: Incoming IP 203.0.113.60 temporary block removed\n');
    call('12:10:00', args('203.0.113.9', cluster, { 7: 'LF_CLUSTER' }));
    setNow('12:11:00');
    expect(await gather()).toBe(0);
    expect(kept()).toEqual([]);
  });

  test('what was there before the first time', async () => {
    log(line('11:59:59', said('203.0.113.1')));
    root.write(DENY, denied('11:59:00', '203.0.113.2', said('203.0.113.2')));
    call('11:58:00', args('203.0.113.3', said('203.0.113.3')));
    log(line('12:00:00', said('203.0.113.4')));
    setNow('12:11:00');
    expect(await gather()).toBe(1);
    expect(short()).toEqual([['203.0.113.4', 'LF_MODSEC', 'lfd.log']]);
    expect(readdirSync(spoolFolder(state))).toEqual([]);
  });

  test('what happened more than a day ago while the service was not running', async () => {
    log(line('12:10:00', said('203.0.113.1')));
    log(line('18:00:00', said('203.0.113.2')));
    root.write(
      DENY,
      `${denied('12:20:00', '203.0.113.3', said('203.0.113.3'))}${denied('18:00:00', '203.0.113.4', said('203.0.113.4'))}`,
    );
    setNow('2026-11-23T17:00:00Z');
    expect(await gather()).toBe(2);
    expect(kept().map(({ address }) => address)).toEqual(['203.0.113.2', '203.0.113.4']);
  });
});

describe('a killed process', () => {
  test('leaves calls that are kept already: they are dropped, not told again', async () => {
    const file = call('12:10:00', args('203.0.113.9', said('203.0.113.9')));
    setNow('12:10:05');
    const { mtimeMs, bytes } = { mtimeMs: at('12:10:00'), bytes: args('203.0.113.9', said('203.0.113.9')) };
    expect(await gather()).toBe(1);
    // As if it had ended before the file was gone.
    writeFileSync(file, `whyblocked-block 1 8\n${bytes.map((arg) => `${arg}\0`).join('')}`, { mode: 0o600 });
    utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
    setNow('12:10:06');
    expect(await gather()).toBe(0);
    expect(kept()).toHaveLength(1);
    expect(readdirSync(spoolFolder(state))).toEqual([]);
  });

  test('before the commit loses nothing: cursors, lists and calls are as before', async () => {
    log(line('12:10:00', said('203.0.113.1')));
    call('12:10:00', args('203.0.113.2', said('203.0.113.2')));
    root.write(DENY, denied('12:10:00', '203.0.113.3', said('203.0.113.3')));
    setNow('12:10:30');
    const clock = await clockNow();
    const { notices } = ctx.store.firewall;
    const add = notices.add.bind(notices);
    let writes = 0;
    notices.add = (notice) => {
      if (++writes === 3) throw new Error('the disk is full');
      return add(notice);
    };
    await expect(gatherNotices(ctx, clock)).rejects.toThrow('full');
    notices.add = add;
    expect(kept()).toEqual([]);
    expect(await gatherNotices(ctx, clock)).toBe(3);
    expect(await gatherNotices(ctx, clock)).toBe(0);
  });
});

describe('hostile texts', () => {
  test('secrets in sentence and lines are masked before they are kept', async () => {
    const secret = 'hunter2hunter2';
    const text = `(login) from 203.0.113.9 (-): 5 in the last 3600 secs ?password=${secret}`;
    log(line('12:10:00', text, '[LF_CUSTOMTRIGGER]'));
    call(
      '12:10:00',
      args('203.0.113.8', text, { 6: `GET /wp-login.php?password=${secret} HTTP/1.1\n\x1b[31m\n` }),
    );
    root.write(DENY, denied('12:10:00', '203.0.113.7', text));
    setNow('12:10:30');
    expect(await gather()).toBe(3);
    expect(JSON.stringify(kept())).not.toContain(secret);
    expect(JSON.stringify(kept())).not.toContain('\\u001b');
  });

  test('calls that are none are counted, and gone', async () => {
    call('12:10:00', ['a', 'b']);
    call('12:10:00', args('-n', 'x'));
    writeFileSync(join(spoolFolder(state), 'x.args'), 'junk');
    setNow('12:10:30');
    expect(await gather()).toBe(0);
    expect(readdirSync(spoolFolder(state))).toEqual([]);
    expect(ctx.store.meta('notices_refused')).toBe('3');
  });

  test('128 KiB of lines are kept in part, the newest', async () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} ${'x'.repeat(120)}`);
    call('12:10:00', args('203.0.113.9', said('203.0.113.9'), { 6: lines.join('\n') }));
    setNow('12:10:30');
    await gather();
    const told = kept()[0]?.lines?.split('\n') ?? [];
    expect([told.length, told.at(-1)?.slice(0, 8)]).toEqual([50, 'line 999']);
  });
});

test('a clock that stood a year ahead when the service began hides no block', async () => {
  const other = join(tempDir(), 'state');
  mkdirSync(spoolFolder(other), { recursive: true, mode: 0o700 });
  const late = open({ root: root.dir, state: other });
  try {
    const told = async (time: string): Promise<number> =>
      gatherNotices(late, { ...(await refresh(late)).clock, now: Date.parse(time) });
    expect(await told('2027-11-22T12:00:00Z')).toBe(0);
    expect(await told('2026-11-22T12:09:00Z')).toBe(0);
    log(line('12:10:00', said('203.0.113.9')));
    expect(await told('2026-11-22T12:10:01Z')).toBe(1);
  } finally {
    late.close();
  }
});

describe('csf’s lists', () => {
  test('an entry is told once, also when the list is written again and again and others drop out of it', async () => {
    const entries = Array.from({ length: 20 }, (_, index) =>
      denied(`12:10:${String(10 + index)}`, `203.0.113.${index}`, said(`203.0.113.${index}`)),
    );
    setNow('12:11:00');
    for (let count = 1; count <= 20; count++) {
      root.write(DENY, entries.slice(Math.max(0, count - 5), count).join(''), 86_400_000 - count * 1000);
      expect(await gather()).toBe(1);
    }
    expect(await gather()).toBe(0);
  });

  test('an entry with a time in the future hides no other', async () => {
    root.write(
      DENY,
      '203.0.113.1 # lfd: (sshd) Failed SSH login from 203.0.113.1 (-): 5 in the last 300 secs - Fri Nov 22 12:00:00 2030\n',
    );
    setNow('12:11:00');
    await gather();
    root.write(DENY, denied('12:10:50', '203.0.113.2', said('203.0.113.2')), 3_600_000);
    expect(await gather()).toBe(1);
  });

  test('a list that is being written is left for some seconds, and read all the same when that does not end', async () => {
    root.write(DENY, denied('12:10:00', '203.0.113.1', said('203.0.113.1')), 7_200_000);
    setNow('12:11:00');
    await gather();
    root.write(DENY, denied('12:10:00', '203.0.113.2', said('203.0.113.2')), 100);
    expect(await gather()).toBe(0);
    const known = JSON.parse(ctx.store.meta('notices_deny') ?? '') as { readAt: number };
    ctx.store.setMeta('notices_deny', JSON.stringify({ ...known, readAt: known.readAt - 20_000 }));
    expect(await gather()).toBe(1);
  });
});

test('costs less than 2 ms when there is nothing new', async () => {
  root.write(
    DENY,
    Array.from({ length: 200 }, (_, index) =>
      denied('12:10:00', `203.0.113.${index}`, said(`203.0.113.${index}`)),
    ).join(''),
  );
  setNow('12:11:00');
  const clock = await clockNow();
  await gatherNotices(ctx, clock);
  const times: number[] = [];
  for (let count = 0; count < 50; count++) {
    const began = performance.now();
    await gatherNotices(ctx, clock);
    times.push(performance.now() - began);
  }
  expect(times.sort((a, b) => a - b)[25]).toBeLessThan(2);
});
