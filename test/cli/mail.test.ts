import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { mailCheck } from '../../src/actions/doctor-mail.ts';
import { type MailStatus, mailStatus } from '../../src/actions/mail-status.ts';
import { keepSetup } from '../../src/actions/mail-words.ts';
import { cli, open } from '../actions/kit.ts';
import { makeServer, tempDir } from '../host/make-root.ts';
import { fill, mailOf, START } from '../mail/outbox-kit.ts';
import { parseMail } from '../mail/mail-parser.ts';
import { openSink, type SmtpSink } from '../mail/smtp-sink.ts';

const sinks: SmtpSink[] = [];
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close();
});

const root = (): string => makeServer().dir;

function configFile(mail: object): string {
  const path = join(tempDir(), 'config.json');
  writeFileSync(path, JSON.stringify({ mail: { to: ['admin@example.com', 'night@example.org'], ...mail } }));
  return path;
}

test('a trial mail, and what the server answered', async () => {
  const { sink, port } = await openSink({
    fault: (phase, word) => (phase === 'recipient' && word.startsWith('night') ? 'permanent' : null),
  });
  sinks.push(sink);
  const place = ['--root', root(), '--state', join(tempDir(), 'state')];
  const config = configFile({ via: { host: '127.0.0.1', port, secure: false } });
  const answer = await cli(['mail', 'test', ...place, '--config', config]);
  expect(answer.code).toBe(1);
  expect(answer.out).toMatch(
    /took the mail\. It said: 250 kept\. night@example\.org was refused: .*550 never/,
  );
  expect(parseMail(sink.mails[0]?.raw ?? Buffer.alloc(0)).text).toContain('Mails of Whyblocked arrive here.');
  const activity = await cli(['activity', ...place]);
  expect(activity.out).toMatch(
    /mail {2}a trial mail to admin@example\.com, night@example\.org by 127\.0\.0\.1/,
  );
});

test('nobody answers', async () => {
  const config = configFile({ via: { host: '127.0.0.1', port: 1, secure: false } });
  const place = ['--root', root(), '--state', join(tempDir(), 'state'), '--config', config];
  const answer = await cli(['mail', 'test', '--json', ...place]);
  expect(answer.code).toBe(1);
  expect(JSON.parse(answer.out)).toMatchObject({ delivery: { outcome: 'refused' }, via: '127.0.0.1:1' });
});

test('without mails there is no trial, and nothing else that mail does', async () => {
  const place = ['--root', root(), '--state', join(tempDir(), 'state')];
  expect((await cli(['mail', 'test', ...place])).err).toMatch(/No mails are set\. .*--config/);
  expect((await cli(['mail', 'status', ...place])).out).toMatch(/^Mails are off\./);
  expect((await cli(['mail', 'send', ...place])).code).toBe(2);
});

const SETUP = {
  to: ['admin@example.com'],
  from: 'whyblocked@example.com',
  policy: 'all' as const,
  daily: true,
  digestAt: '07:00',
  quiet: { from: '22:00', to: '07:00' },
  perHour: 20,
  via: '/usr/sbin/sendmail -t -i',
};

test('the state names what is set, what waits and what did not arrive', async () => {
  const place = { root: root(), state: join(tempDir(), 'state') };
  const ctx = open(place);
  const { mails } = ctx.store.firewall;
  keepSetup(ctx.store, SETUP, START);
  fill(
    ctx.store,
    [1, 2, 3, 4].map((number) => mailOf(number)),
  );
  ctx.store.write(() => {
    mails.sent(1, START);
    mails.lost(2, 'Timeout', START);
    mails.failed(3, '550 never', null, START);
    mails.failed(4, '451 not now', START + 60_000, START);
  });
  ctx.close();
  const args = ['--root', place.root, '--state', place.state];
  const { out } = await cli(['mail', 'status', ...args]);
  for (const line of [
    'TO        admin@example.com',
    'QUIET     22:00 to 07:00',
    'MAILS     1 sent, 1 waiting, 1 given up, 1 unknown',
    'LAST      22 Nov 2026, 12:00:00  notice-1',
    'STUCK     notice-4: 451 not now; tried again 22 Nov 2026, 12:01:00',
    'LOST      22 Nov 2026, 12:00:00  notice-2: nobody knows whether it arrived: Timeout',
    'LOST      22 Nov 2026, 12:00:00  notice-3: 550 never',
  ])
    expect(out).toContain(line);
  const json = JSON.parse((await cli(['mail', 'status', '--json', ...args])).out) as MailStatus;
  expect(json).toMatchObject({ setup: SETUP, sent: 1, stuck: { again: '2026-11-22T12:01:00+00:00' } });
});

test('doctor says whether mails are sent and arrive', () => {
  const ctx = open({ root: root() });
  const when = (at: number): string => new Date(at).toISOString();
  const look = (): ReturnType<typeof mailCheck> => mailCheck(mailStatus(ctx), START, when);
  const { mails } = ctx.store.firewall;
  expect(look()).toMatchObject({ state: 'info', found: 'off' });
  keepSetup(ctx.store, SETUP, START);
  expect(look()).toMatchObject({ state: 'ok' });
  expect(look().found).toContain('to admin@example.com by /usr/sbin/sendmail -t -i; none sent yet');
  fill(ctx.store, [mailOf(1), mailOf(2)]);
  ctx.store.write(() => {
    mails.lost(1, 'Timeout', START);
    mails.sent(2, START);
  });
  expect(look()).toMatchObject({ state: 'warn' });
  expect(look().means).toContain('notice-1');
  fill(ctx.store, [mailOf(3)]);
  ctx.store.write(() => {
    mails.failed(3, 'connect ECONNREFUSED', START + 60_000, START);
  });
  expect(look()).toMatchObject({ state: 'fail' });
  expect(look().found).toContain('1 mail waits: connect ECONNREFUSED');
  ctx.close();
});
