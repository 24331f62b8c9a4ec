// The round of the mails on a server's own logs, with a mail server of the tests.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Writer } from '../../src/actions/mail-letter.ts';
import type { MailConfig } from '../../src/actions/mail-settings.ts';
import { mailStatus } from '../../src/actions/mail-status.ts';
import { MailDesk } from '../../src/actions/mail-round.ts';
import { judgeRound } from '../../src/actions/judge-round.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { mailTools } from '../../src/mailing.ts';
import type { NewNotice } from '../../src/model-firewall.ts';
import { ingestOnce, newState } from '../actions/kit.ts';
import { tempDir, type TestRoot } from '../host/make-root.ts';
import { markRoot, MONITOR, SCANNER } from '../mark-root.ts';
import { parseMail } from './mail-parser.ts';
import { openSink, type SinkOptions, type SmtpSink } from './smtp-sink.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BLOCKED = Date.UTC(2026, 10, 22, 10, 0, 5);
let root: TestRoot;
let read = '';
const closing: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  root = markRoot();
  root.write('/etc/hostname', 'server.example.com\n');
  read = newState(root.dir);
  await ingestOnce(root.dir, read);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Bench {
  readonly ctx: OpenContext;
  readonly sink: SmtpSink;
  readonly state: string;
  now: number;
  /** One round, and what it sends. */
  readonly round: (desk?: MailDesk) => Promise<void>;
  readonly desk: () => MailDesk;
  /** Ends all desks. */
  readonly stop: () => Promise<void>;
  readonly notice: (more?: Partial<NewNotice>) => number;
}

async function bench(
  mail: Partial<MailConfig> | null = {},
  { fault, state = copyOf(read), writer }: SinkOptions & { state?: string; writer?: Partial<Writer> } = {},
): Promise<Bench> {
  const { sink, port } = await openSink(fault === undefined ? {} : { fault });
  closing.push(() => sink.close());
  const via = { host: '127.0.0.1', port, secure: false };
  const set = mail === null ? {} : { mail: { to: ['admin@example.com'], via, ...mail } };
  const env = { HOME: '/nonexistent' };
  const ctx = openContext({ root: root.dir, state, version: '0.2.0', env, warn: () => undefined, ...set });
  closing.push(() => {
    ctx.close();
  });
  const errors: unknown[] = [];
  const made: MailDesk[] = [];
  const desk = (): MailDesk => {
    const one = new MailDesk({
      load: async (context, settings) => {
        const tools = await mailTools(context, settings);
        return { ...tools, writer: { ...tools.writer, ...writer } };
      },
      now: () => bed.now,
      complain: (error) => errors.push(error),
    });
    made.push(one);
    closing.push(() => one.end());
    return one;
  };
  const bed: Bench = {
    ctx,
    sink,
    state,
    now: BLOCKED + 3000,
    desk,
    stop: async () => {
      for (const one of made.splice(0)) await one.end();
    },
    round: async (one = made[0] ?? desk()) => {
      await one.round(ctx, await refresh(ctx));
      await one.idle();
      expect(errors).toEqual([]);
    },
    notice: (more = {}) =>
      ctx.store.write(() =>
        ctx.store.firewall.notices.add({
          address: SCANNER,
          at: bed.now - 3000,
          trigger: 'LF_MODSEC',
          permanent: true,
          seconds: null,
          ports: null,
          message: '(mod_security) mod_security (id:949110) triggered',
          source: 'lfd.log',
          lines: null,
          ...more,
        }),
      ),
  };
  return bed;
}

function copyOf(state: string): string {
  const copy = join(tempDir(), 'state');
  cpSync(state, copy, { recursive: true });
  return copy;
}

const stateOf = (bed: Bench, id: number): string => bed.ctx.store.firewall.notices.byId(id)?.state ?? '';

test('a block becomes one mail with its verdict', async () => {
  const bed = await bench();
  const id = bed.notice();
  bed.notice({ at: bed.now - 500, address: MONITOR });
  await bed.round();
  expect(bed.sink.mails).toHaveLength(1);
  const mail = parseMail(bed.sink.mails[0]?.raw ?? Buffer.alloc(0));
  const text = mail.text.replace(/\s+/g, ' ');
  expect(text).toMatch(/^ATTACK \(NAMED TOOL\) Almost certainly an attack tool \(sqlmap\), not a customer\./);
  for (const piece of [
    '942100',
    'sqlmap',
    '192.0.2.20',
    'WHAT SPEAKS AGAINST ONE',
    'Since: 22 Nov 2026, 10:00:05 (+00:00)',
  ])
    expect(text).toContain(piece);
  expect(stateOf(bed, id)).toBe('mailed');
  await bed.round();
  expect(bed.sink.mails).toHaveLength(1);
  // The other block is old enough by now.
  bed.now += 2000;
  await bed.round();
  expect(bed.sink.mails).toHaveLength(2);
  expect(mailStatus(bed.ctx)).toMatchObject({ sent: 2, failed: 0, unknown: 0, waiting: 0 });
});

test('of two processes on one database one sends', async () => {
  const bed = await bench();
  bed.notice();
  const [first, second] = [bed.desk(), bed.desk()];
  await Promise.all([bed.round(first), bed.round(second)]);
  await bed.round(second);
  expect(bed.sink.mails).toHaveLength(1);
  await first.end();
  bed.notice({ address: MONITOR });
  bed.now += MINUTE;
  await bed.round(second);
  expect(bed.sink.mails).toHaveLength(2);
});

test('a mail that could not be sent is sent by the next process, once', async () => {
  let isBroken = true;
  const fault: SinkOptions['fault'] = (phase) => (isBroken && phase === 'greeting' ? 'drop' : null);
  const bed = await bench({}, { fault });
  bed.notice();
  const first = bed.desk();
  await bed.round(first);
  expect(mailStatus(bed.ctx)).toMatchObject({ waiting: 1, sent: 0, failed: 0 });
  await first.end();
  isBroken = false;
  bed.now += 2 * MINUTE;
  const next = bed.desk();
  await bed.round(next);
  await bed.round(next);
  expect(bed.sink.mails).toHaveLength(1);
});

test('what is not wanted is kept with the reason', async () => {
  const bed = await bench({ policy: 'doubtful' });
  const attack = bed.notice();
  const login = bed.notice({ address: '198.51.100.99', trigger: 'LF_IMAPD' });
  const nobody = bed.notice({ address: null });
  const odd = bed.notice({ address: '2001:db8::9' });
  await bed.round();
  expect([attack, login, nobody, odd].map((id) => stateOf(bed, id))).toEqual([
    ...['skipped', 'skipped', 'skipped', 'mailed'],
  ]);
  expect(bed.ctx.store.firewall.notices.byId(attack)?.why).toMatch(/attack/);
  expect(bed.sink.mails).toHaveLength(1);
});

test('a net is told with what is known of it', async () => {
  const bed = await bench({ policy: 'doubtful' });
  bed.notice({ address: '192.0.2.0/24', trigger: 'LF_NETBLOCK' });
  await bed.round();
  const mail = parseMail(bed.sink.mails[0]?.raw ?? Buffer.alloc(0));
  const text = mail.text.replace(/\s+/g, ' ');
  expect(text).toMatch(/^A WHOLE NET The net 192\.0\.2\.0\/24 was blocked\. 1 incident from/);
  expect(text).toMatch(
    /THE INCIDENTS BEHIND IT \(1\) 192\.0\.2\.20 22 Nov 2026, 10:00:00\. Almost certainly/,
  );
});

test('without mails what waits is let go, but not where another process sends', async () => {
  const sender = await bench();
  await sender.round();
  const id = sender.notice();
  const other = await bench(null, { state: sender.state });
  await other.round();
  expect(stateOf(sender, id)).toBe('waiting');
  await sender.round();
  expect(sender.sink.mails).toHaveLength(1);
  const off = await bench(null);
  const gone = off.notice();
  await off.round();
  expect(stateOf(off, gone)).toBe('skipped');
  expect(mailStatus(off.ctx).setup).toBeNull();
  // Switched off with nothing waiting, that is known too.
  await sender.stop();
  expect(mailStatus(sender.ctx).setup).not.toBeNull();
  other.now += MINUTE;
  await other.round();
  expect(mailStatus(sender.ctx).setup).toBeNull();
});

test('the daily mail tells what was held, and the next day that nothing needs anybody', async () => {
  const bed = await bench({ policy: 'digest' });
  await bed.round();
  const ids = [
    bed.notice(),
    bed.notice({ address: '198.51.100.99', trigger: 'LF_IMAPD', permanent: false, seconds: 600 }),
  ];
  await bed.round();
  expect(ids.map((id) => stateOf(bed, id))).toEqual(['held', 'held']);
  const { clock } = await refresh(bed.ctx);
  await judgeRound(bed.ctx, clock, false);
  bed.now = Date.UTC(2026, 10, 23, 7, 0, 30);
  await bed.round();
  bed.now += MINUTE;
  await bed.round();
  expect(ids.map((id) => stateOf(bed, id))).toEqual(['mailed', 'mailed']);
  expect(bed.sink.mails).toHaveLength(1);
  const text = parseMail(bed.sink.mails[0]?.raw ?? Buffer.alloc(0)).text.replace(/\s+/g, ' ');
  expect(text).toContain('ATTACKS (1) 192.0.2.20');
  expect(text).toContain('for failed mailbox logins (IMAP)');
  bed.now += 24 * HOUR;
  await bed.round();
  expect(bed.sink.mails).toHaveLength(2);
  expect(bed.sink.mails[1]?.raw.toString()).toContain('Nothing needs you');
});

test('after quiet hours few blocks are mailed one by one, many in one mail', async () => {
  for (const [blocks, mails] of [
    [2, 2],
    [5, 1],
  ] as const) {
    const bed = await bench({ quiet: { from: '10:00', to: '11:00' }, digestAt: '12:00' });
    const ids = Array.from({ length: blocks }, (_, nth) => bed.notice({ address: `203.0.113.${nth + 1}` }));
    await bed.round();
    expect(bed.sink.mails).toHaveLength(0);
    bed.now = Date.UTC(2026, 10, 22, 11, 0, 5);
    await bed.round();
    expect(bed.sink.mails).toHaveLength(mails);
    expect(new Set(ids.map((id) => stateOf(bed, id)))).toEqual(new Set(['mailed']));
  }
});

test('a flood is bounded, and summed up', async () => {
  const bed = await bench({ perHour: 4 });
  for (let nth = 1; nth <= 30; nth++) bed.notice({ address: `203.0.113.${nth}` });
  for (let round = 0; round < 4; round++) await bed.round();
  expect(bed.sink.mails).toHaveLength(4);
  bed.now += 11 * MINUTE;
  await bed.round();
  expect(bed.sink.mails).toHaveLength(5);
  // No log tells what they did: that is no reason to look away.
  const { text } = parseMail(bed.sink.mails[4]?.raw ?? Buffer.alloc(0));
  expect(text).toMatch(/^TO LOOK AT\r?\n/);
  expect(text).toContain('26 blocks to look at: 1 not decided, 25 not judged.');
  expect(text.replace(/\s+/g, ' ')).toMatch(
    /NOT JUDGED \(25\) 203\.0\.113\.\d+ .*?Its requests are not known\. Blocked for refusals by ModSecurity/,
  );
  expect(bed.ctx.store.firewall.notices.held(99)).toEqual([]);
});

test('mails of a clock that was a year ahead stand in nobody’s way', async () => {
  let isGrey = true;
  const bed = await bench(
    { perHour: 1, daily: true },
    { fault: (phase) => (isGrey && phase === 'recipient' ? 'temporary' : null) },
  );
  const year = 365 * 24 * HOUR;
  bed.now += year;
  bed.notice({ at: bed.now - 3000 });
  await bed.round();
  expect(mailStatus(bed.ctx)).toMatchObject({ sent: 0, waiting: 1 });
  isGrey = false;
  bed.now -= year;
  const id = bed.notice({ address: MONITOR });
  await bed.round();
  expect(stateOf(bed, id)).toBe('mailed');
  // The one that waited is not kept waiting for a year.
  expect(mailStatus(bed.ctx)).toMatchObject({ sent: 2, waiting: 0 });
  bed.now = Date.UTC(2026, 10, 23, 7, 0, 30);
  await bed.round();
  expect(bed.sink.mails).toHaveLength(3);
});

test('a mail that cannot be written whole says so, and stands in nobody’s way', async () => {
  let times = 0;
  const real = await import('../../src/mail/compose.ts');
  const bed = await bench(
    {},
    {
      writer: {
        block: (letter) => {
          if (letter.explanation !== null && times++ === 0) throw new Error('a flaw');
          return real.writer.block(letter);
        },
      },
    },
  );
  bed.notice();
  bed.notice({ address: MONITOR });
  await bed.round();
  expect(bed.sink.mails).toHaveLength(2);
  expect(bed.sink.mails[0]?.raw.toString()).toContain('Subject: Not explained: 192.0.2.20');
});

test('what a killed process was sending is told in the state and in the daily mail', async () => {
  const bed = await bench({ daily: true });
  await bed.round();
  bed.notice();
  await bed.round();
  await bed.desk().end();
  const { mails } = bed.ctx.store.firewall;
  bed.ctx.store.write(() => {
    mails.sending(mails.byKey('notice-1')?.id ?? 0);
  });
  await bed.stop();
  bed.now = Date.UTC(2026, 10, 23, 7, 0, 30);
  const next = bed.desk();
  await bed.round(next);
  expect(mailStatus(bed.ctx)).toMatchObject({ unknown: 1, sent: 1 });
  bed.now += 24 * HOUR;
  await bed.round(next);
  expect(bed.sink.mails).toHaveLength(3);
});
