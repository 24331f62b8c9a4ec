// Sign-in without WHM: `whyblocked login` asks the service on its socket for a link to a loopback port.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { unpackDemo } from '../src/host/demo-root.ts';
import { LoginDoor } from '../src/login-door.ts';
import { loginText } from '../src/ask-login.ts';
import type { Service } from '../src/service.ts';
import type { SessionMode } from '../src/web/web-context.ts';
import { start } from './actions/kit.ts';
import { tempDir } from './host/make-root.ts';
import { signedIn } from './service-kit.ts';
import { ask } from './socket-ask.ts';
import { serveSocket, type SocketServed } from './socket-kit.ts';
import { makeHarness } from './web/harness.ts';

const linkOf = (text: string): string => /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(text)?.[0] ?? '';
const open = (link: string, cookie = ''): Promise<Response> =>
  fetch(link, { redirect: 'manual', headers: { cookie } });

describe('the service with --login', () => {
  const socket = join(tempDir(), 'run', 's.sock');
  let service: SocketServed;
  beforeAll(async () => {
    service = await serveSocket(unpackDemo(join(tempDir(), 'demo'), Date.now()).root, socket, ['--login']);
  });
  afterAll(async () => {
    service.child.kill('SIGTERM');
    await service.ended;
  });

  test('login prints the tunnel and a link that signs in once', async () => {
    const { code, out, err } = await start(['login', '--socket', socket]).ended;
    expect([code, err]).toEqual([0, '']);
    const link = linkOf(out);
    const { port, origin } = new URL(link);
    expect(out).toContain(`ssh -L ${port}:127.0.0.1:${port} root@`);
    const cookie = await signedIn(link);
    const home = await open(`${origin}/`, cookie);
    expect([home.status, (await home.text()).includes('198.51.100.77')]).toEqual([200, true]);
    expect((await open(link)).status).toBe(401);
    expect((await open(`${origin}/`)).status).toBe(401);
    const activity = await (await open(`${origin}/index.cgi?p=/activity`, cookie)).text();
    expect(activity).toContain('Signed in');
  });

  test('a second link leads to the same port, and the first session goes on', async () => {
    const first = linkOf(await loginText(socket, 'root'));
    const cookie = await signedIn(first);
    const second = linkOf(await loginText(socket, 'root'));
    expect(new URL(second).port).toBe(new URL(first).port);
    expect(await signedIn(second)).not.toBe(cookie);
    expect((await open(`${new URL(first).origin}/`, cookie)).status).toBe(200);
  });

  test('only a POST makes a link, and the bridge’s path reaches no link at all', async () => {
    expect((await ask(socket, '/login-link')).status).toBe(405);
    for (const path of ['/index.cgi/login-link', '/index.cgi?p=/login-link', '/x/login-link'])
      expect((await ask(socket, path, { form: {} })).text).not.toContain('127.0.0.1:');
  });
});

test('login where nobody answers, where it may not look, and where something else answers', async () => {
  const folder = join(tempDir(), 'run');
  mkdirSync(folder, { mode: 0o700 });
  const socket = join(folder, 's.sock');
  await expect(loginText(socket, 'root')).rejects.toThrow(
    `No service answers on ${socket}. Start it: systemctl start whyblocked`,
  );
  const answers = ['', '{', '[]', '{"link":"http://evil.example.com/"}', 'x'.repeat(100_000), '\u0000'];
  const other = createServer((_request, response) => response.end(answers.shift() ?? ''));
  await new Promise<void>((resolve) => other.listen(socket, resolve));
  for (const [before] of [...answers].entries())
    await expect([before, loginText(socket, 'root')][1]).rejects.toThrow('This service makes no links');
  other.close();
});

test.each([
  [['serve', '--login'], '--login goes with --socket'],
  [['serve', '--socket', '/x/y', '--port', '8425'], "cannot be used with option '--port"],
  [['serve', '--socket', '/x/y', '--login', '99999'], 'Give a port from 0 to 65535'],
])('%j is refused', async (args, words) => {
  const { code, out, err } = await start(args).ended;
  expect([code, out, err.includes(words)]).toEqual([2, '', true]);
});

describe('the door', () => {
  let door: LoginDoor;
  let modes: SessionMode[];
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    modes = [];
    const service: Pick<Service, 'app'> = {
      app: (mode) => {
        modes.push(mode);
        return makeHarness(mode).app;
      },
    };
    door = new LoginDoor(service, 0);
  });
  afterEach(async () => {
    await door.close();
    jest.useRealTimers();
  });
  const reached = async (link: string): Promise<number> =>
    await open(link).then(
      (answer) => answer.status,
      () => 0,
    );
  const minutes = async (count: number): Promise<void> => {
    jest.advanceTimersByTime(count * 60_000);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  };

  test('a link that nobody opens works for 10 minutes, then the port is closed', async () => {
    const { link } = await door.link('root');
    await minutes(9);
    expect(await reached(link.replace('token=', 'token=x'))).toBe(401);
    await minutes(2);
    expect(await reached(link)).toBe(0);
    const again = await door.link('root');
    expect(await reached(again.link)).toBe(303);
    expect(modes).toHaveLength(2);
  });

  test('a late link is refused while a session keeps the port open', async () => {
    const late = (await door.link('root')).link;
    const cookie = await signedIn((await door.link('root')).link);
    const home = new URL('/', late).href;
    await minutes(8);
    expect((await open(home, cookie)).status).toBe(200);
    await minutes(4);
    expect(await reached(late)).toBe(401);
    expect((await open(home, cookie)).status).toBe(200);
  });

  test('15 idle minutes end the session and close the port; requests without a session do not keep it open', async () => {
    const { link } = await door.link('root');
    const cookie = await signedIn(link);
    const home = new URL('/', link).href;
    await minutes(14);
    expect((await open(home, cookie)).status).toBe(200);
    await minutes(14);
    expect(await reached(home)).toBe(401);
    await minutes(2);
    expect(await reached(home)).toBe(0);
  });

  test('a session that the browser brings is never taken', async () => {
    const { link, port } = await door.link('root');
    const planted = `whyblocked-${port}=${'A'.repeat(43)}`;
    const answer = await open(link, planted);
    const given = answer.headers.getSetCookie()[0] ?? '';
    expect(answer.status).toBe(303);
    expect(given.split(';')[0]).not.toBe(planted);
    expect(await open(new URL('/', link).href, planted).then(({ status }) => status)).toBe(401);
  });

  test('links asked for at once share one port', async () => {
    const links = await Promise.all([door.link('a'), door.link('b'), door.link('c')]);
    expect(new Set(links.map(({ port }) => port)).size).toBe(1);
    expect(modes).toHaveLength(1);
  });
});
