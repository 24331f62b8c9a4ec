import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { nextTry, sendDue, type Transport } from '../../src/actions/mail-outbox.ts';
import { programTransport } from '../../src/actions/mail-program.ts';
import type { SendmailResult } from '../../src/host/sendmail.ts';
import { type SmtpOptions, smtpTransport } from '../../src/mail/smtp.ts';
import type { SmtpPlace } from '../../src/actions/mail-settings.ts';
import type { Mail } from '../../src/store/mails.ts';
import type { Store } from '../../src/store/store.ts';
import { tempDir } from '../host/make-root.ts';
import { fill, mailOf, openOutbox, START } from './outbox-kit.ts';
import { type Fault, openSink, type Phase, type SinkOptions, type SmtpSink } from './smtp-sink.ts';

const CHILD = fileURLToPath(new URL('./outbox-child.ts', import.meta.url));
const MINUTE = 60_000;
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function sinkWith(options: SinkOptions = {}): Promise<{ sink: SmtpSink; port: number }> {
  const opened = await openSink(options);
  closing.push(() => opened.sink.close());
  return opened;
}

function outbox(): Store {
  const store = openOutbox(tempDir());
  closing.push(() => {
    store.close();
  });
  return store;
}

function way(port: number, more: Partial<SmtpPlace & SmtpOptions> = {}): Transport {
  return smtpTransport(
    { host: '127.0.0.1', port, secure: false, ...more },
    { name: 'server.example.com', password: () => 'geheim', answerMs: 300, ...more },
  );
}

function send(store: Store, transport: Transport, now = START): Promise<boolean> {
  return sendDue({ store: () => store, transport, now: () => now, isStopping: () => false });
}

const first = (store: Store): Mail | undefined => store.firewall.mails.newest(9).at(-1);

test.each([true, false])('mails arrive once, byte for byte (pipelining %s)', async (pipelining) => {
  const { sink, port } = await sinkWith({ pipelining });
  const store = outbox();
  const mails = [mailOf(1), mailOf(2), mailOf(3, { recipients: ['a@example.com', 'b@example.com'] })];
  fill(store, mails);
  expect(await send(store, way(port))).toBe(true);
  expect(sink.mails.map(({ raw }) => raw.toString())).toEqual(
    mails.map(({ raw }) => Buffer.from(raw).toString()),
  );
  expect(sink.mails[2]?.to).toEqual(['a@example.com', 'b@example.com']);
  expect(sink.breaches).toEqual([]);
  expect(store.firewall.mails.newest(9).map(({ state, raw }) => [state, raw])).toEqual(
    Array.from({ length: 3 }, () => ['sent', null]),
  );
  expect(await send(store, way(port))).toBe(true);
  expect(sink.mails).toHaveLength(3);
});

const PHASES: readonly Phase[] = ['greeting', 'hello', 'sender', 'recipient', 'data', 'dot'];
const CASES = PHASES.flatMap((phase) =>
  (['temporary', 'permanent', 'drop'] as const).map((fault): [Phase, Fault] => [phase, fault]),
);

test.each(CASES)('in phase %s a failure that is %s', async (phase, fault) => {
  let isBroken = true;
  const { sink, port } = await sinkWith({ fault: (at) => (isBroken && at === phase ? fault : null) });
  const store = outbox();
  fill(store, [mailOf(1)]);
  await send(store, way(port));
  // Whoever does not greet refuses no mail; behind the dot nobody knows what a silence means.
  const isFinal = fault === 'permanent' && phase !== 'greeting' && phase !== 'hello';
  const isLost = fault === 'drop' && phase === 'dot';
  expect(first(store)?.state).toBe(isFinal ? 'failed' : isLost ? 'unknown' : 'waiting');
  expect(first(store)?.problem).toMatch(/./);
  isBroken = false;
  await send(store, way(port));
  expect(sink.mails).toHaveLength(0);
  await send(store, way(port), START + MINUTE);
  expect(sink.mails).toHaveLength(isFinal || isLost ? 0 : 1);
  expect(sink.breaches).toEqual([]);
});

test.each(['drop', 'stall'] as const)(
  'taken, but the answer does not come (%s): not sent again',
  async (fault) => {
    const { sink, port } = await sinkWith({ fault: (phase) => (phase === 'answer' ? fault : null) });
    const store = outbox();
    fill(store, [mailOf(1)]);
    await send(store, way(port));
    expect(first(store)).toMatchObject({ state: 'unknown', tries: 1 });
    await send(store, way(port), START + 60 * MINUTE);
    expect(sink.mails).toHaveLength(1);
  },
);

test('what cannot be written down does not leave', async () => {
  const { sink, port } = await sinkWith();
  const store = outbox();
  fill(store, [mailOf(1)]);
  const mail = store.firewall.mails.next(START);
  if (mail === null) throw new Error('no mail');
  const delivery = await way(port).send(mail, () => {
    throw new Error('database is locked');
  });
  expect(delivery).toMatchObject({ outcome: 'refused', isFinal: false, said: 'database is locked' });
  await sleep(50);
  expect(sink.mails).toHaveLength(0);
});

test('one recipient of three later, one never', async () => {
  let isBusy = true;
  const { sink, port } = await sinkWith({
    fault: (phase, word) => {
      if (phase !== 'recipient') return null;
      if (word === 'never@example.com') return 'permanent';
      return word === 'later@example.com' && isBusy ? 'temporary' : null;
    },
  });
  const store = outbox();
  fill(store, [mailOf(1, { recipients: ['now@example.com', 'later@example.com', 'never@example.com'] })]);
  await send(store, way(port));
  expect(first(store)).toMatchObject({ state: 'sent' });
  expect(first(store)?.problem).toMatch(/later@example\.com: .*451.*never@example\.com: .*550/);
  isBusy = false;
  await send(store, way(port), START + MINUTE);
  await send(store, way(port), START + 10 * MINUTE);
  expect(sink.mails.map(({ to }) => to)).toEqual([['now@example.com'], ['later@example.com']]);
});

test('nobody answers: the other mails wait too, and all are given up after a day', async () => {
  const { sink, port } = await sinkWith();
  await sink.close();
  const store = outbox();
  fill(store, [mailOf(1), mailOf(2)]);
  expect(await send(store, way(port))).toBe(false);
  expect(store.firewall.mails.newest(2).map(({ tries }) => tries)).toEqual([0, 1]);
  let now = START;
  let rounds = 0;
  for (; store.firewall.mails.counts().get('failed') !== 2 && rounds < 100; rounds++) {
    now += MINUTE;
    while (!(await send(store, way(port), now)) && store.firewall.mails.next(now) !== null);
    now = Math.max(now, ...store.firewall.mails.inState('waiting', 9).map(({ dueAt }) => dueAt - MINUTE));
  }
  expect(now - START).toBeLessThanOrEqual(24 * 60 * MINUTE);
  expect(store.firewall.mails.newest(2).map(({ state }) => state)).toEqual(['failed', 'failed']);
  expect(first(store)?.problem).toMatch(/ECONNREFUSED/);
});

test('pauses grow', () => {
  const pauses = [1, 2, 3, 4, 5, 6].map((tries) => ((nextTry(tries, START, START) ?? 0) - START) / MINUTE);
  expect(pauses).toEqual([1, 5, 15, 60, 240, 240]);
  expect(nextTry(6, START, START + 21 * 60 * MINUTE)).toBeNull();
});

test('a password is sent where it is asked for; a wrong one leaves the mails waiting', async () => {
  const { sink, port } = await sinkWith({ login: ['root', 'geheim'] });
  const store = outbox();
  fill(store, [mailOf(1)]);
  const signedIn = { user: 'root', passwordFile: '/x' };
  await send(store, way(port, { ...signedIn, password: () => 'falsch' }));
  expect(first(store)).toMatchObject({ state: 'waiting' });
  expect(first(store)?.problem).toMatch(/535/);
  await send(
    store,
    way(port, {
      ...signedIn,
      password: () => {
        throw new Error('The password file /x cannot be read (ENOENT).');
      },
    }),
    START + MINUTE,
  );
  expect(first(store)?.problem).toMatch(/cannot be read/);
  await send(store, way(port, signedIn), START + 60 * MINUTE);
  expect(sink.mails).toHaveLength(1);
});

test.each<[Partial<SendmailResult>, Mail['state']]>([
  [{ code: 0, given: true }, 'sent'],
  [{ code: 75, given: true, output: 'cannot open spool' }, 'waiting'],
  [{ code: 67, given: true, output: 'no such user' }, 'failed'],
  [{ code: null, given: true, problem: 'did not end within 60 s' }, 'unknown'],
  [{ code: null, given: false, problem: 'could not be started' }, 'waiting'],
])('sendmail that ended with %j', async (result, state) => {
  const store = outbox();
  fill(store, [mailOf(1)]);
  const transport = programTransport({
    refusal: null,
    argv: ['/usr/sbin/sendmail'],
    password: () => '',
    lock: () => Promise.resolve(null),
    sendmail: (_, before) => {
      if (result.given === true) before();
      return Promise.resolve({ code: null, output: '', ms: 1, problem: null, given: false, ...result });
    },
  });
  await send(store, transport);
  expect(first(store)?.state).toBe(state);
});

test('killed at any moment: each mail arrives once, but for those that are shown as unknown', async () => {
  const { sink, port } = await sinkWith({ pauseMs: () => Math.random() * 4 });
  const folder = tempDir();
  const store = openOutbox(folder);
  closing.push(() => {
    store.close();
  });
  const COUNT = 50;
  const KILLS = 5;
  fill(
    store,
    Array.from({ length: COUNT }, (_, index) => mailOf(index)),
  );
  const run = async (killAfter: number | null): Promise<string> => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', CHILD, folder, String(port)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (killAfter !== null && out === 'ready\n')
        setTimeout(() => {
          child.kill('SIGKILL');
        }, killAfter);
    });
    await new Promise((resolve) => child.once('close', resolve));
    return out;
  };
  for (let kill = 0; kill < KILLS; kill++) await run(3 + Math.random() * 70);
  for (let tries = 0; tries < 3 && !(await run(null)).includes('done'); tries++);
  store.write(() => store.firewall.mails.markUnknown(START));
  const arrived = Map.groupBy(sink.mails, ({ raw }) => /notice-\d+/.exec(raw.toString())?.[0] ?? '');
  const kept = store.firewall.mails.newest(COUNT);
  expect(kept).toHaveLength(COUNT);
  for (const { key, state } of kept) {
    const times = arrived.get(key)?.length ?? 0;
    expect([key, state, times]).toEqual([key, state, state === 'unknown' ? Math.min(times, 1) : 1]);
    expect(['sent', 'unknown']).toContain(state);
  }
  expect(kept.filter(({ state }) => state === 'unknown').length).toBeLessThanOrEqual(KILLS);
  expect(sink.breaches).toEqual([]);
}, 30_000);
