// The service on its Unix socket, as a process: who can reach it, one at a time, a clean end.
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bindPrivately } from '../src/host/socket-place.ts';
import { closeGently, listenOnSocket, pageServer } from '../src/listen.ts';
import { unpackDemo } from '../src/host/demo-root.ts';
import { start } from './actions/kit.ts';
import { tempDir } from './host/make-root.ts';
import { ask } from './socket-ask.ts';
import { serveSocket, type SocketServed } from './socket-kit.ts';
import { BRIDGE, csrfOf } from './web/harness.ts';

const root = unpackDemo(join(tempDir(), 'demo'), Date.now()).root;
const started: SocketServed[] = [];
afterAll(() => {
  for (const { child } of started) child.kill('SIGKILL');
});

async function served(socket: string, more: readonly string[] = []): Promise<SocketServed> {
  const one = await serveSocket(root, socket, more);
  started.push(one);
  return one;
}

/** How a second service at the same place ends. */
function second(socket: string): Promise<{ code: number; out: string; err: string }> {
  return start(['serve', '--socket', socket, '--root', root, '--state', join(tempDir(), 'state')]).ended;
}

/** The TCP ports that a process listens on: its sockets among those of the kernel in state LISTEN (0A). */
function listeningPorts(pid: number): readonly number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  const lines = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/net/${name}`, 'latin1').split('\n'));
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && inodes.has(fields[9]))
    .map((fields) => parseInt(fields[1]?.split(':')[1] ?? '', 16));
}

const modeOf = (path: string): number => lstatSync(path).mode & 0o7777;

describe('the service on its socket', () => {
  const folder = join(tempDir(), 'run');
  const socket = join(folder, 'whyblocked.sock');
  let service: SocketServed;
  beforeAll(async () => {
    service = await served(socket);
  });

  test('folder and socket are private, and no port is listened on', () => {
    expect([modeOf(folder), modeOf(socket)]).toEqual([0o700, 0o600]);
    expect(listeningPorts(service.pid)).toEqual([]);
  });

  test('answers whom the bridge names, under WHM’s prefix, and takes a form', async () => {
    const home = await ask(socket, '/index.cgi?p=/');
    expect([home.status, home.text.includes('198.51.100.77')]).toEqual([200, true]);
    const form = { q: '198.51.100.77', csrf: csrfOf(home.text) };
    const sent = await ask(socket, '/index.cgi?p=/explain', { form });
    expect([sent.status, sent.headers.location]).toEqual([303, 'index.cgi?p=/explain&q=198.51.100.77']);
  });

  test('refuses a user without root’s rights by itself, and records it', async () => {
    const reseller = { 'X-WB-User': 'reseller', 'X-WB-Addr': '203.0.113.9', 'X-WB-Token': '/cpsess1' };
    for (const more of [{}, { 'X-WB-Root': '0' }, { 'X-WB-Root': 'yes' }] as Record<string, string>[]) {
      const answer = await ask(socket, '/index.cgi?p=/', { headers: { ...reseller, ...more } });
      expect([answer.status, answer.text.includes('root')]).toEqual([403, true]);
      expect(answer.text).not.toContain('198.51.100.77');
    }
    const activity = await ask(socket, '/index.cgi?p=/activity');
    expect(activity.text).toContain('reseller');
    expect(activity.text).toContain('203.0.113.9');
  });

  test('what is masked in a line is shown by a POST that is recorded', async () => {
    const log = join(root, 'var/log/apache2/domlogs/shop.example.com');
    const line = readFileSync(log, 'latin1').trimEnd().split('\n').at(-1) ?? '';
    appendFileSync(log, `${line.replace(/"GET [^"]*"/, '"GET /x?password=hunter2planted HTTP/1.1"')}\n`);
    const found = await ask(
      socket,
      '/index.cgi?p=/search&q=GET%20/x.password&log=access&vhost=shop.example.com',
    );
    const place = /p=\/search\/around&amp;file=([^"&]+)&amp;offset=(\d+)/.exec(found.text);
    const [file, offset] = [decodeURIComponent(place?.[1] ?? ''), place?.[2] ?? ''];
    const around = await ask(
      socket,
      `/index.cgi?p=/search/around&file=${encodeURIComponent(file)}&offset=${offset}`,
    );
    expect([around.status, around.text.includes('••••')]).toEqual([200, true]);
    expect(found.text + around.text).not.toContain('hunter2planted');
    const form = { file, offset, n: '10', csrf: csrfOf(around.text) };
    const shown = await ask(socket, '/index.cgi?p=/reveal', { form });
    expect([shown.status, shown.text.includes('hunter2planted')]).toEqual([200, true]);
    const again = await ask(
      socket,
      `/index.cgi?p=/search/around&file=${encodeURIComponent(file)}&offset=${offset}`,
    );
    expect(again.text).not.toContain('hunter2planted');
    const activity = await ask(socket, '/index.cgi?p=/activity');
    for (const part of ['reveal lines', '192.0.2.7', `@ ${offset}`]) expect(activity.text).toContain(part);
    expect(activity.text).not.toContain('hunter2planted');
  });

  test('gives no link without --login', async () => {
    const { code, out, err } = await start(['login', '--socket', socket]).ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe(
      'whyblocked: This service makes no links: it signs in through WHM. Open Whyblocked there, or start the service with --login.\n',
    );
  });

  test('a second one at the same place is refused, and the first goes on', async () => {
    const { code, out, err } = await second(socket);
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe(`whyblocked: Whyblocked is already running: it answers on ${socket}.\n`);
    expect((await ask(socket, '/index.cgi')).status).toBe(200);
  });

  test('SIGTERM lets an open answer end, removes the socket and ends with code 0', async () => {
    const home = await ask(socket, '/index.cgi?p=/search&q=198&log=error&rotated=always');
    const job = /data-wb-poll="[^"]*job=([\w-]+)/.exec(home.text)?.[1] ?? '';
    expect(job).not.toBe('');
    const pending = ask(socket, '/index.cgi?p=/');
    await sleep(5);
    service.child.kill('SIGTERM');
    expect((await pending).status).toBe(200);
    const { code, signal, err } = await service.ended;
    expect([code, signal, err, existsSync(socket)]).toEqual([0, null, '', false]);
  });

  test('what a killed one left is replaced', async () => {
    const killed = await served(socket);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(socket)).toBe(true);
    const next = await served(socket);
    expect((await ask(socket, '/index.cgi', { headers: BRIDGE })).status).toBe(200);
    next.child.kill('SIGINT');
    expect((await next.ended).code).toBe(0);
  });
});

describe('the end of a server', () => {
  const held = async (
    answerAfter: number | null,
  ): Promise<{ server: Server; socket: string; asked: Promise<number> }> => {
    const socket = join(tempDir(), 'run', 's');
    const server = pageServer();
    const arrived = new Promise<void>((resolve) => {
      server.on('request', (_request, response) => {
        resolve();
        if (answerAfter !== null) setTimeout(() => response.end('late'), answerAfter);
      });
    });
    await listenOnSocket(server, socket);
    const asked = ask(socket, '/').then(
      ({ status }) => status,
      () => 0,
    );
    await arrived;
    return { server, socket, asked };
  };

  test('waits for an open answer, and takes no new one meanwhile', async () => {
    const { server, socket, asked } = await held(300);
    const closed = closeGently(server, 5000);
    await expect(ask(socket, '/')).rejects.toThrow();
    expect([await asked, existsSync(socket)]).toEqual([200, false]);
    await closed;
  });

  test('does not wait for one that never comes', async () => {
    const { server, asked } = await held(null);
    const began = performance.now();
    await closeGently(server, 200);
    expect([await asked, performance.now() - began < 2000]).toEqual([0, true]);
  });
});

describe('a place that is not private', () => {
  const refuse = async (socket: string): Promise<string> => {
    let listened = false;
    const bound = bindPrivately(socket, () => {
      listened = true;
      return Promise.resolve();
    });
    const message = await bound.then(
      () => 'it was taken',
      (error: unknown) => (error as Error).message,
    );
    expect([listened, message.includes('\n')]).toEqual([false, false]);
    return message;
  };

  test('a folder that is a link, even to a private one', async () => {
    const [real, link] = [join(tempDir(), 'real'), join(tempDir(), 'link')];
    mkdirSync(real, { mode: 0o700 });
    symlinkSync(real, link);
    expect(await refuse(join(link, 's'))).toContain('is a link or no folder');
  });

  test.each([0o701, 0o710, 0o704, 0o777, 0o1777, 0o750])('a folder with mode %o', async (mode) => {
    const folder = join(tempDir(), 'open');
    mkdirSync(folder);
    chmodSync(folder, mode);
    expect(await refuse(join(folder, 's'))).toContain(`Make it private: chmod 700 ${folder}`);
    expect(modeOf(folder)).toBe(mode);
  });

  const isRoot = process.geteuid?.() === 0;
  (isRoot ? test : test.skip)('a folder of another user', async () => {
    const folder = join(tempDir(), 'foreign');
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, 65_534, 65_534);
    expect(await refuse(join(folder, 's'))).toContain('belongs to another user (65534)');
  });

  test('a file, a link or a folder where the socket should be is left alone', async () => {
    const folder = join(tempDir(), 'run');
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'file'), 'kept');
    symlinkSync(join(folder, 'file'), join(folder, 'link'));
    for (const name of ['file', 'link'])
      expect(await refuse(join(folder, name))).toContain('is there and is no socket');
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
  });

  test('a file instead of the folder, a relative path, one that is too long', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    expect(await refuse(join(file, 's'))).toContain('no folder');
    expect(await refuse('run/s')).toContain('no absolute path');
    expect(await refuse(`/${'a'.repeat(107)}`)).toContain('longer than 107 bytes');
  });

  test('the socket is private from its first moment', async () => {
    const socket = join(tempDir(), 'run', 's');
    const server = createServer();
    let first = -1;
    await bindPrivately(socket, () => {
      const listening = new Promise<void>((resolve) => server.listen(socket, resolve));
      first = modeOf(socket);
      return listening;
    });
    expect(first).toBe(0o600);
    server.close();
  });

  test('two starts at once: one is refused, the other has the place', async () => {
    const socket = join(tempDir(), 'run', 's');
    const servers = [createServer(), createServer()];
    const bind = (index: number): Promise<void> =>
      bindPrivately(
        socket,
        () =>
          new Promise((resolve, reject) => {
            servers[index]!.once('error', reject).listen(socket, resolve);
          }),
      );
    const ends = await Promise.allSettled([bind(0), bind(1)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(modeOf(socket)).toBe(0o600);
    for (const server of servers) server.close();
  });
});
