// Reading logins out of mail, FTP and cPanel logs: in pieces, rotated, packed, cut off, several at once and killed, the
// rows are those of one reading.
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ingestLogins, loginsCovered } from '../../src/actions/ingest-logins.ts';
import { refresh } from '../../src/actions/refresh.ts';
import type { OpenContext } from '../../src/context.ts';
import { fixedZone } from '../../src/host/clock.ts';
import { openDatabase } from '../../src/store/database.ts';
import { makeServer, type TestRoot } from '../host/make-root.ts';
import { ingestOnce, newState, open, start } from './kit.ts';

const MAIL = '/var/log/maillog';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = 86_400_000;
const NOW = Date.UTC(2027, 0, 5, 9, 30);
const utc = fixedZone(0, 'known');

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);
const stamp = (at: number): string => {
  const date = new Date(at);
  return `${MONTHS[date.getUTCMonth()] ?? ''} ${String(date.getUTCDate()).padStart(2, ' ')} ${clock(at)}`;
};
const imap = (at: number, user = 'info@shop.example.com', from = '192.0.2.5'): string =>
  `${stamp(at)} server dovecot[1]: imap-login: Login: user=<${user}>, method=PLAIN, rip=${from}, lip=203.0.113.1, mpid=${String(at % 99_991)}, TLS, session=<x>\n`;
const failed = (at: number): string =>
  `${stamp(at)} server dovecot[1]: imap-login: Login aborted: Logged out (auth failed, 1 attempts in 2 secs) (auth_failed): user=<info@shop.example.com>, method=PLAIN, rip=192.0.2.66, lip=203.0.113.1\n`;
const saved = (at: number): string =>
  `${stamp(at)} server dovecot[1]: lmtp(info@shop.example.com)<1><x>: msgid=<a@example.org>: saved mail to INBOX\n`;

/** A mail log with logins of a few users among other lines. */
function mailLog(from: number, lines: number, step = 7000): string {
  return Array.from({ length: lines }, (_, index) => {
    const at = from + index * step;
    const user = `user${String(index % 5)}@shop.example.com`;
    return index % 3 === 0
      ? imap(at, user, `192.0.2.${String(index % 4)}`)
      : index % 3 === 1
        ? saved(at)
        : failed(at);
  }).join('');
}

interface Row {
  readonly address: string;
  readonly service: string;
  readonly user: string;
  readonly day: number;
  readonly first: readonly [number, number];
  readonly last: readonly [number, number];
}

/** All rows, without the numbers of files. */
function rowsIn(root: string, state: string): Row[] {
  const db = openDatabase(join(state, 'whyblocked.db'), root);
  try {
    return db
      .prepare<[], Record<string, number> & { address: string; service: string; user: string }>(
        'SELECT * FROM logins ORDER BY address, day, service, user',
      )
      .all()
      .map((row) => ({
        address: row.address,
        service: row.service,
        user: row.user,
        day: row.day ?? -1,
        first: [(row.first_at ?? 0) / 1000, row.first_offset ?? -1] as const,
        last: [(row.last_at ?? 0) / 1000, row.last_offset ?? -1] as const,
      }));
  } finally {
    db.close();
  }
}

async function readWhole(root: string): Promise<Row[]> {
  const state = newState(root);
  await ingestOnce(root, state);
  return rowsIn(root, state);
}

function put(server: TestRoot, path: string, content: string | Buffer, agoMs = 0): void {
  server.write(path, content);
  touch(server, path, agoMs);
}

function touch(server: TestRoot, path: string, agoMs: number): void {
  const at = (NOW - agoMs) / 1000;
  utimesSync(join(server.dir, path), at, at);
}

async function using<Result>(
  root: string,
  state: string,
  work: (ctx: OpenContext) => Promise<Result>,
): Promise<Result> {
  const ctx = open({ root, state });
  try {
    return await work(ctx);
  } finally {
    ctx.close();
  }
}

test('each log gives its logins, with the line they stand in; failed logins and loopback give none', async () => {
  const server = makeServer();
  const at = NOW - 3_600_000;
  put(server, MAIL, saved(at) + imap(at) + failed(at) + imap(at, 'x@shop.example.com', '127.0.0.1'));
  put(
    server,
    '/var/log/exim_mainlog',
    `2027-01-05 08:30:00 1mABCD-0001Ab-Cd <= a@shop.example.com H=(x) [192.0.2.5]:5 P=esmtpsa A=dovecot_login:a@shop.example.com S=9\n`,
  );
  put(
    server,
    '/var/log/messages',
    `${stamp(at)} server pure-ftpd: (?@192.0.2.5) [INFO] shopuser is now logged in\n`,
  );
  put(
    server,
    '/usr/local/cpanel/logs/session_log',
    `[2027-01-05 09:30:00 +0100] info [cpaneld] 192.0.2.5 NEW shopuser:Secret address=192.0.2.5,app=cpaneld,creator=shopuser,method=handle_form_login,path=form,possessed=0\n`,
  );
  put(
    server,
    '/usr/local/cpanel/logs/login_log',
    `[2027-01-05 08:30:00 +0000] info [webmaild] 192.0.2.5 - b@shop.example.com - SUCCESS LOGIN webmaild\n`,
  );
  // A name that stands in the wrong kind of log, and a log of other things.
  put(server, '/var/log/exim_rejectlog', imap(at, 'c@shop.example.com'));
  const state = newState(server.dir);
  await ingestOnce(server.dir, state);
  await using(server.dir, state, async (ctx) => {
    const found = ctx.store.logins.ofAddress('192.0.2.5', at - DAY, NOW);
    expect(found.map(({ service, user, last }) => [service, user, last.at]).sort()).toEqual([
      ['cpanel', 'shopuser', at],
      ['ftp', 'shopuser', at],
      ['imap', 'info@shop.example.com', at],
      ['smtp', 'a@shop.example.com', at],
      ['webmail', 'b@shop.example.com', at],
    ]);
    const imapLogin = found.find(({ service }) => service === 'imap');
    const ref = ctx.store.place(imapLogin?.last.fileId ?? 0, imapLogin?.last.offset ?? 0);
    expect(ref?.file).toBe(MAIL);
    expect(await ctx.host.lineAt(ref ?? { file: '', offset: 0 })).toBe(imap(at).trimEnd());
  });
  expect(rowsIn(server.dir, state)).toHaveLength(5);
});

test('a server without these logs has nothing to complain about', async () => {
  const server = makeServer();
  const state = newState(server.dir);
  await using(server.dir, state, async (ctx) => {
    expect(await ingestLogins(ctx, utc, () => false)).toEqual({ bytes: 0, files: 0, problems: [] });
    expect(loginsCovered(ctx)).toBeNull();
  });
});

describe('rotation between two readings', () => {
  const content = mailLog(NOW - 4 * 3_600_000, 400);
  const ways: readonly (readonly [string, (file: string) => void])[] = [
    [
      'renamed',
      (file) => {
        renameSync(file, `${file}.1`);
      },
    ],
    [
      'renamed with a date',
      (file) => {
        renameSync(file, `${file}-20270105`);
      },
    ],
    [
      'copied and truncated',
      (file) => {
        copyFileSync(file, `${file}.1`);
        truncateSync(file, 0);
      },
    ],
    [
      'packed',
      (file) => {
        writeFileSync(`${file}-20270105.gz`, gzipSync(readFileSync(file)));
        rmSync(file);
      },
    ],
  ];
  test.each(ways)('%s', async (_name, rotate) => {
    const server = makeServer();
    const state = newState(server.dir);
    const file = join(server.dir, MAIL);
    const cut = Math.floor(content.length / 2) + 37;
    const end = content.indexOf('\n', cut) + 1;
    put(server, MAIL, content.slice(0, cut), 1000);
    await ingestOnce(server.dir, state);
    appendFileSync(file, content.slice(cut, end));
    touch(server, MAIL, 1000);
    rotate(file);
    for (const name of readdirSync(join(file, '..')))
      if (name !== 'apache2') touch(server, `/var/log/${name}`, 900);
    put(server, MAIL, content.slice(end));
    await ingestOnce(server.dir, state);
    const rows = rowsIn(server.dir, state);
    expect(rows).toEqual(await readWhole(server.dir));
    expect(rows.length).toBeGreaterThan(10);
  });

  test('a log that was emptied is read anew', async () => {
    const server = makeServer();
    const state = newState(server.dir);
    put(server, MAIL, mailLog(NOW - 3_600_000, 30));
    await ingestOnce(server.dir, state);
    put(server, MAIL, saved(NOW) + imap(NOW, 'late@shop.example.com', '192.0.2.77'));
    await ingestOnce(server.dir, state);
    expect(rowsIn(server.dir, state).filter(({ address }) => address === '192.0.2.77')).toHaveLength(1);
  });

  test('an archive is unpacked once; what is damaged in it is a problem, and its good part is kept', async () => {
    const server = makeServer();
    const state = newState(server.dir);
    const packed = gzipSync(mailLog(NOW - 9 * DAY, 60_000, 1000));
    put(server, `${MAIL}-20270101.gz`, packed.subarray(0, packed.length - 2000));
    put(server, MAIL, imap(NOW));
    await using(server.dir, state, async (ctx) => {
      const first = await ingestLogins(ctx, utc, () => false);
      expect(first.problems).toEqual([{ path: `${MAIL}-20270101.gz`, problem: 'unfinished archive' }]);
      expect(first.bytes).toBeGreaterThan(1_000_000);
      put(server, `${MAIL}-20270101.gz`, packed);
      expect((await ingestLogins(ctx, utc, () => false)).problems).toEqual([]);
      let unpacked = 0;
      const host = {
        ...ctx.host,
        readChunks: (...args: Parameters<typeof ctx.host.readChunks>) => {
          unpacked += args[0].compressed ? 1 : 0;
          return ctx.host.readChunks(...args);
        },
      };
      expect((await ingestLogins({ ...ctx, host }, utc, () => false)).bytes).toBe(0);
      expect(unpacked).toBe(0);
    });
    expect(rowsIn(server.dir, state)).toEqual(await readWhole(server.dir));
  });
});

test('pieces cut at any byte, with stops between batches, give the rows of one reading', async () => {
  const content = Buffer.from(mailLog(NOW - 40 * 3_600_000, 3000, 40_000), 'latin1');
  const whole = makeServer();
  put(whole, MAIL, content);
  const expected = await readWhole(whole.dir);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: content.length }), { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.boolean()),
      async (cuts, stops) => {
        const server = makeServer();
        const state = newState(server.dir);
        put(server, MAIL, '');
        let done = 0;
        await using(server.dir, state, async (ctx) => {
          for (const cut of [...cuts, content.length].sort((a, b) => a - b)) {
            appendFileSync(join(server.dir, MAIL), content.subarray(done, cut));
            touch(server, MAIL, 0);
            done = cut;
            await ingestLogins(ctx, utc, () => stops.next().value === true);
          }
          await refresh(ctx);
        });
        expect(rowsIn(server.dir, state)).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

test('a line of megabytes is passed over, whatever stands behind it', async () => {
  const server = makeServer();
  const state = newState(server.dir);
  const long = `${stamp(NOW)} server x: ${'y'.repeat(3 * 1024 * 1024)}${imap(NOW, 'forged@shop.example.com')}`;
  put(server, MAIL, imap(NOW) + long + imap(NOW, 'after@shop.example.com'));
  await ingestOnce(server.dir, state);
  expect(rowsIn(server.dir, state).map(({ user }) => user)).toEqual([
    'after@shop.example.com',
    'info@shop.example.com',
  ]);
});

test('a line without a year is of the year in which its log was last changed, or the one before', async () => {
  const server = makeServer();
  const state = newState(server.dir);
  const december = Date.UTC(2026, 11, 31, 23, 59, 50);
  put(server, MAIL, imap(december) + imap(december + 20_000));
  put(server, `${MAIL}-20261206`, imap(Date.UTC(2026, 10, 30), 'old@shop.example.com'), 30 * DAY);
  await ingestOnce(server.dir, state);
  const days = rowsIn(server.dir, state).map(({ user, first, last }) => [user, first[0], last[0]]);
  expect(days).toEqual([
    ['old@shop.example.com', Date.UTC(2026, 10, 30), Date.UTC(2026, 10, 30)],
    ['info@shop.example.com', december, december],
    ['info@shop.example.com', december + 20_000, december + 20_000],
  ]);
});

describe('on the server itself', () => {
  /** A copied server that claims to be the live one; its clock is this machine's. */
  const live = (ctx: OpenContext): OpenContext => ({ ...ctx, host: { ...ctx.host, rootDir: '/' } });

  test('a log that was never read is read from 8 days ago on, and older rows go after 30 days', async () => {
    const server = makeServer();
    const state = newState(server.dir);
    const now = Date.now();
    const content = mailLog(now - 20 * DAY, 20_000, (20 * DAY) / 20_000);
    server.write(MAIL, content, 0);
    server.write(`${MAIL}-20200101`, imap(now - 12 * DAY, 'rotated@shop.example.com'), 12 * DAY);
    await using(server.dir, state, async (ctx) => {
      const old = { at: now - 40 * DAY, fileId: 1, offset: 0 };
      ctx.store.write(() => {
        ctx.store.logins.save({ address: '192.0.2.99', service: 'imap', user: 'x', first: old, last: old });
      });
      const report = await ingestLogins(live(ctx), utc, () => false);
      expect(report.files).toBe(1);
      const covered = loginsCovered(ctx);
      expect(covered?.from).toBeGreaterThan(now - 9 * DAY);
      expect(covered?.from).toBeLessThanOrEqual(now - 8 * DAY);
      expect(covered?.to).toBeGreaterThanOrEqual(now);
      expect(await ingestLogins(live(ctx), utc, () => false)).toMatchObject({ bytes: 0 });
    });
    const rows = rowsIn(server.dir, state);
    expect(rows.every(({ first }) => first[0] > now - 9 * DAY)).toBe(true);
    // Nothing of the 8 days is missing.
    const whole = (await readWhole(server.dir)).filter(({ day }) => day > Math.floor((now - 8 * DAY) / DAY));
    for (const row of whole) expect(rows).toContainEqual(row);
    expect(whole.length).toBeGreaterThan(50);
  });

  test('the start of a log is sought once, and a second ingester that was faster is noticed', async () => {
    const server = makeServer();
    const state = newState(server.dir);
    const now = Date.now();
    server.write(MAIL, mailLog(now - 20 * DAY, 20_000, (20 * DAY) / 20_000), 0);
    await using(server.dir, state, (first) =>
      using(server.dir, state, async (second) => {
        await Promise.all([first, second].map((ctx) => ingestLogins(live(ctx), utc, () => false)));
      }),
    );
    const alone = newState(server.dir);
    await using(server.dir, alone, (ctx) => ingestLogins(live(ctx), utc, () => false));
    expect(rowsIn(server.dir, state)).toEqual(rowsIn(server.dir, alone));
  });
});

describe('processes', () => {
  /** 24 MiB of a mail log: three batches. */
  function large(): TestRoot {
    const server = makeServer();
    const step = Buffer.from(mailLog(NOW - 6 * DAY, 130_000, 3000), 'latin1');
    put(server, MAIL, step);
    return server;
  }

  test('four at once, and killed at any moment, give the rows of one', async () => {
    const server = large();
    const expected = await readWhole(server.dir);
    expect(expected.length).toBeGreaterThan(50);
    const together = newState(server.dir);
    const all = await Promise.all(
      [1, 2, 3, 4].map(() => start(['ingest', '--root', server.dir, '--state', together]).ended),
    );
    expect(all.map(({ err }) => err.includes(MAIL))).toEqual([false, false, false, false]);
    expect(rowsIn(server.dir, together)).toEqual(expected);
    const killed = newState(server.dir);
    let interrupted = 0;
    for (let kill = 0; kill < 6; kill++) {
      const { child, ended } = start(['ingest', '--root', server.dir, '--state', killed]);
      await sleep(150 + kill * 60);
      child.kill('SIGKILL');
      if ((await ended).signal === 'SIGKILL') interrupted += 1;
    }
    expect(interrupted).toBeGreaterThan(0);
    await start(['ingest', '--root', server.dir, '--state', killed]).ended;
    expect(rowsIn(server.dir, killed)).toEqual(expected);
  }, 120_000);
});
