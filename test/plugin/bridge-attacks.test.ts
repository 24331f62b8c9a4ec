// The bridge under attack: hostile variables, hostile bodies, a service that is slow, dead or answers garbage.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BareBridge, header, ok, run, withBridge } from './bridge-kit.ts';
import type { StandInService } from './bridge-kit.ts';
import { PLANTED, cpsrvdMissing, startCpsrvd } from './cpsrvd.ts';
import type { Cpsrvd } from './cpsrvd.ts';

const missing = cpsrvdMissing();
const title = missing.length === 0 ? 'the bridge' : `SKIPPED: the bridge needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(`${title} (Debian: apt-get install apache2 perl)`);
const suite = missing.length === 0 ? describe : describe.skip;

const LIMITS = { CONNECT_S: 1, BODY_S: 1, DRAIN_S: 0.2, ANSWER_S: 1, IDLE_S: 1, STREAM_S: 1.5 };
/** What a limit of one second may take on a machine that is busy. */
const SOON_MS = 8_000;
const POST = { REQUEST_METHOD: 'POST', CONTENT_TYPE: 'application/x-www-form-urlencoded' };
/** WHM says yes to any name: the bridge's own checks are all that is left. */
const ANYBODY = 'package Whostmgr::ACLS;\nsub init_acls {} sub hasroot { return 1 }\n1;\n';
/** Every header that the service may see. */
const KNOWN =
  /^(?:Host|Connection|X-WB-User|X-WB-Addr|X-WB-Token|X-WB-Root|X-WB-Chrome|Content-Type|Content-Length|Accept|Accept-Language|Origin|Referer|Sec-Fetch-Site|User-Agent): [\t -~\x80-\xff]*$/;

suite(`${title} under attack`, () => {
  let bridge: BareBridge;
  let service: StandInService;
  beforeAll(async () => {
    bridge = new BareBridge({ limits: LIMITS });
    bridge.module('Whostmgr/ACLS.pm', ANYBODY);
    service = await bridge.service();
  });
  afterAll(async () => {
    await bridge.remove();
  });
  afterEach(() => {
    service.requests.length = 0;
    service.answer = ok('hello');
  });

  /** The service heard one request: one line of its own, known headers once each, and the identity that WHM gave. */
  function expectCleanRequest(): void {
    expect(service.requests).toHaveLength(1);
    const { first, lines, raw } = service.requests[0]!;
    expect(first).toMatch(/^(?:GET|HEAD|POST) \/index\.cgi(?:\?[!-~]*)? HTTP\/1\.0$/);
    for (const line of lines) expect(line).toMatch(KNOWN);
    const names = lines.map((line) => line.split(':', 1)[0]);
    expect(new Set(names).size).toBe(names.length);
    expect(lines.filter((line) => line.startsWith('X-WB-User'))).toEqual(['X-WB-User: root']);
    expect(lines.filter((line) => line.startsWith('X-WB-Root'))).toEqual(['X-WB-Root: 1']);
    for (const secret of Object.values(PLANTED)) expect(raw).not.toContain(secret);
  }

  const VARIABLES = [
    'REQUEST_METHOD',
    'QUERY_STRING',
    'REMOTE_USER',
    'REMOTE_ADDR',
    'cp_security_token',
    'HTTP_HOST',
    'CONTENT_TYPE',
    'CONTENT_LENGTH',
    'HTTP_ACCEPT',
    'HTTP_ACCEPT_LANGUAGE',
    'HTTP_ORIGIN',
    'HTTP_REFERER',
    'HTTP_SEC_FETCH_SITE',
    'HTTP_SEC_FETCH_DEST',
    'HTTP_USER_AGENT',
    'HTTP_X_WB_USER',
    'HTTP_TRANSFER_ENCODING',
    'PATH_INFO',
    'SCRIPT_NAME',
    'REQUEST_URI',
    'SERVER_NAME',
  ];
  const INJECTIONS = [
    'x\r\nX-WB-User: forged\r\nX-WB-Root: 1',
    'x\nX-WB-Chrome: whm',
    'x\rX-WB-Chrome: whm',
    'x\r\n\r\nGET / HTTP/1.1\r\nX-WB-User: forged\r\n\r\n',
    '\r\nCookie: a=b',
    '\x0b\x0cX-WB-Root: 1\x85\u2028X-WB-Root: 1',
  ];

  test.each(VARIABLES)(
    'line ends in %s inject nothing, neither to the service nor to the browser',
    async (name) => {
      const answers = await Promise.all(
        // One service for each, so that what it heard is known to be of this request.
        INJECTIONS.map(async (value) =>
          withBridge({ limits: LIMITS }, async (one) => {
            one.module('Whostmgr/ACLS.pm', ANYBODY);
            const { requests } = await one.service();
            const type = name === 'CONTENT_TYPE' ? { ...POST, CONTENT_LENGTH: '0' } : {};
            return { said: await run(one, { ...type, [name]: value }), requests };
          }),
        ),
      );
      for (const { said, requests } of answers) {
        // `run` itself throws when the answer has a line that is no header.
        expect(said.headers.join('\n')).not.toMatch(/forged|Cookie|X-WB/i);
        expect(said.text).not.toContain('forged');
        service.requests.splice(0, 1, ...requests);
        if (requests.length > 0) expectCleanRequest();
        else expect(said.status).toMatch(/^4\d\d /);
        service.requests.length = 0;
      }
    },
  );

  test('random bytes in all variables at once: the service hears a clean request, or nothing', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.replaceAll('\0', '\r\n')),
      fc.constantFrom(...INJECTIONS, 'root', 'POST', '3'),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...VARIABLES), value), async (env) => {
        service.requests.length = 0;
        const said = await run(bridge, env, { body: 'abc' });
        expect(said.headers.join('\n')).not.toMatch(/forged|X-WB/i);
        if (service.requests.length === 0) {
          expect(said.status).toMatch(/^4\d\d /);
          return;
        }
        const user = env.REMOTE_USER ?? 'root';
        service.requests[0] = {
          ...service.requests[0]!,
          lines: service.requests[0]!.lines.map((line) =>
            line === `X-WB-User: ${user}` ? 'X-WB-User: root' : line,
          ),
        };
        expectCleanRequest();
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['missing', undefined, '411 Length Required'],
    ['empty', '', '411 Length Required'],
    ['negative', '-1', '400 Bad Request'],
    ['signed', '+3', '400 Bad Request'],
    ['with a word', '3abc', '400 Bad Request'],
    ['in exponents', '1e3', '400 Bad Request'],
    ['hexadecimal', '0x3', '400 Bad Request'],
    ['a fraction', '3.0', '400 Bad Request'],
    ['with a blank', ' 3', '400 Bad Request'],
    ['with a line end', '3\n', '400 Bad Request'],
    ['two of them', '3, 3', '400 Bad Request'],
    ['in Arabic digits', '\u0663', '400 Bad Request'],
    ['infinite', 'inf', '400 Bad Request'],
    ['one too many', '1048577', '413 Content Too Large'],
    ['2 to the 32', '4294967296', '413 Content Too Large'],
    ['2 to the 64 and 3', '18446744073709551619', '413 Content Too Large'],
    ['longer than any', '9'.repeat(400), '400 Bad Request'],
  ])('a length that is %s is refused before anybody hears of it', async (_, length, status) => {
    const env = { ...POST, ...(length === undefined ? {} : { CONTENT_LENGTH: length }) };
    expect(await run(bridge, env, { body: 'abc' })).toMatchObject({ status });
    expect(service.requests).toEqual([]);
  });

  test('a body that is shorter than told, chunked, trickling or never comes is refused; a longer one is cut', async () => {
    const short = await run(bridge, { ...POST, CONTENT_LENGTH: '4' }, { body: 'abc' });
    expect(short.status).toBe('400 Bad Request');
    const chunked = { ...POST, CONTENT_LENGTH: '3', HTTP_TRANSFER_ENCODING: 'chunked' };
    expect(await run(bridge, chunked, { body: 'abc' })).toMatchObject({ status: '411 Length Required' });
    const told = { ...POST, CONTENT_LENGTH: '1000' };
    const slow = [run(bridge, told, { body: 'abc', hold: true }), run(bridge, told, { trickle: 50 })];
    for (const never of await Promise.all(slow)) {
      expect(never.status).toBe('408 Request Timeout');
      expect(never.ms).toBeLessThan(SOON_MS);
    }
    expect(service.requests).toEqual([]);
    expect(await run(bridge, { ...POST, CONTENT_LENGTH: '2' }, { body: 'abc' })).toMatchObject({
      status: '200 OK',
    });
    expect(service.requests[0]).toMatchObject({ body: 'ab' });
  });

  test.each([
    [
      'REMOTE_USER',
      ['', ' root', 'root ', 'ro ot', 'root;x', 'r\u00f6\u00f6t', '-root', 'root:', 'r'.repeat(129)],
    ],
    [
      'cp_security_token',
      ['cpsess', '/cpsess1/', '/cpsess1;x', 'x/cpsess1', `/cpsess${'1'.repeat(65)}`, ' '],
    ],
  ])('a %s of another form is refused', async (name, values) => {
    for (const value of values)
      expect(await run(bridge, { [name]: value })).toMatchObject({ status: '403 Forbidden' });
    expect(service.requests).toEqual([]);
  });

  test('a name or an address that is none is not passed on', async () => {
    await run(bridge, { HTTP_HOST: 'a/b', REMOTE_ADDR: 'localhost' });
    await run(bridge, { HTTP_HOST: '[2001:db8::1]:2087', REMOTE_ADDR: '2001:db8::7' });
    const lines = service.requests.map((request) =>
      request.lines.filter((l) => /^(?:Host|X-WB-Addr):/.test(l)).sort(),
    );
    expect(lines).toEqual([['Host: whyblocked'], ['Host: [2001:db8::1]:2087', 'X-WB-Addr: 2001:db8::7']]);
  });

  test('an address that is too long is refused', async () => {
    expect(await run(bridge, { QUERY_STRING: 'q'.repeat(8_192) })).toMatchObject({ status: '200 OK' });
    expect(await run(bridge, { QUERY_STRING: 'q'.repeat(8_193) })).toMatchObject({
      status: '414 URI Too Long',
    });
    expect(await run(bridge, { QUERY_STRING: '"'.repeat(3_000) })).toMatchObject({
      status: '414 URI Too Long',
    });
    expect(service.requests).toHaveLength(1);
  });

  const drip = (text: string, ms: number) => (socket: Socket) => {
    const bytes = text.split('');
    const timer = setInterval(() => {
      const byte = bytes.shift();
      if (byte === undefined) socket.end();
      else if (!socket.destroyed) socket.write(byte);
    }, ms);
    socket.once('close', () => {
      clearInterval(timer);
    });
  };

  test('a service that never answers, drips or stops within its head ends in 504 at the limit', async () => {
    const slow: readonly ((socket: Socket) => void)[] = [
      () => undefined,
      drip(ok('hello', `ETag: ${'x'.repeat(500)}`).toString(), 10),
      (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-'),
    ];
    service.answer = (socket) => slow[service.requests.length - 1]?.(socket);
    for (const page of await Promise.all(slow.map(() => run(bridge)))) {
      expect(page).toMatchObject({
        status: '504 Gateway Timeout',
        stderr: 'whyblocked: late: no answer from the service\n',
      });
      expect(page.text).toContain('look at Activity');
      expect(page.ms).toBeGreaterThan(900);
      expect(page.ms).toBeLessThan(SOON_MS);
    }
    expect(service.requests).toHaveLength(slow.length);
  });

  test('a body that stops, and one that never ends, are ended at their limits', async () => {
    const half = (socket: Socket): void =>
      void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    const endless = drip(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1_000)}`, 10);
    service.answer = (socket, { first }) => {
      (first.includes('half') ? half : endless)(socket);
    };
    const pages = await Promise.all([run(bridge, { QUERY_STRING: 'half' }), run(bridge)]);
    expect(pages[0]).toMatchObject({ status: '200 OK', text: 'half' });
    expect(pages[1].text).toMatch(/^x{3,900}$/);
    for (const { stderr, ms } of pages) {
      expect(stderr).toBe('whyblocked: the answer was cut off\n');
      expect(ms).toBeLessThan(SOON_MS);
    }
  });

  test('a body that stops is ended after a time without bytes, long before a whole download may take', async () => {
    await withBridge({ limits: { IDLE_S: 0.5 } }, async (one) => {
      (await one.service()).answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nhalf');
      const page = await run(one);
      expect(page).toMatchObject({ text: 'half', stderr: 'whyblocked: the answer was cut off\n' });
      expect(page.ms).toBeLessThan(SOON_MS);
    });
  });

  test('a service that is slow, but within the limit, is waited for', async () => {
    service.answer = drip('HTTP/1.1 200 OK\r\n\r\nhello', 5);
    expect(await run(bridge)).toMatchObject({ status: '200 OK', text: 'hello', stderr: '' });
  });

  test('a dead service gives the page that helps: no socket, a left-behind socket, a file in its place', async () => {
    await withBridge({ limits: LIMITS }, async (dead) => {
      expect(await run(dead)).toMatchObject({ status: '503 Service Unavailable' });
      const left = await dead.service();
      const copy = `use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un($ARGV[0])) or die $!;`;
      await left.close();
      const binder = spawn('/usr/bin/perl', ['-e', copy, dead.socket]);
      await new Promise((done) => binder.once('exit', done));
      const page = await run(dead);
      expect(page).toMatchObject({
        status: '503 Service Unavailable',
        stderr: 'whyblocked: down: connect: Connection refused\n',
      });
      expect(page.text).toContain('systemctl status whyblocked');
    });
    await withBridge({ limits: LIMITS }, async (odd) => {
      await (await odd.service()).close();
      writeFileSync(odd.socket, '');
      expect(await run(odd)).toMatchObject({ status: '503 Service Unavailable' });
    });
  });

  test('a service that accepts nobody is given up at the limit', async () => {
    await withBridge({ limits: LIMITS }, async (full) => {
      await (await full.service()).close();
      const listen = `use Socket; $| = 1; socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un($ARGV[0])) or die $!;
      listen(S, 0); socket(C, PF_UNIX, SOCK_STREAM, 0); connect(C, pack_sockaddr_un($ARGV[0])); print "full"; sleep 60`;
      const listener = spawn('/usr/bin/perl', ['-e', listen, full.socket]);
      await new Promise((done) => listener.stdout.once('data', done));
      const page = await run(full);
      listener.kill();
      expect(page).toMatchObject({ status: '503 Service Unavailable' });
      expect(page.ms).toBeGreaterThan(900);
      expect(page.ms).toBeLessThan(SOON_MS);
    });
  });

  const head = (...lines: readonly string[]): string =>
    ['HTTP/1.1 200 OK', ...lines, '', 'secret body'].join('\r\n');
  test.each([
    ['nothing', ''],
    ['no HTTP', 'secret body\r\n\r\n'],
    ['a head without end', 'HTTP/1.1 200 OK\r\nX: secret body'],
    ['another protocol', 'HTTP/2 200 OK\r\n\r\nsecret body'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\nsecret body'],
    ['an interim status', 'HTTP/1.1 100 Continue\r\n\r\nsecret body'],
    ['a reason with a line end', 'HTTP/1.1 200 OK\nX: 1\r\n\r\nsecret body'],
    ['a reason with markup', 'HTTP/1.1 200 <b>\r\n\r\nsecret body'],
    ['a header split by CR', head('ETag: a\rX: b')],
    ['a header split by LF', head('ETag: a\nX: b')],
    ['a header with NUL', head('ETag: a\0b')],
    ['a header with DEL', head('ETag: a\x7f')],
    ['a folded header', head('ETag: a', ' b')],
    ['a header without name', head(': a')],
    ['a header with a blank in its name', head('ETag : a')],
    ['a bad header among those not relayed', head('X-Other: a\nX: b')],
    ['a line that is no header', head('nothing')],
    ['two lengths', head('Content-Length: 11', 'Content-Length: 12')],
    ['two equal lengths', head('Content-Length: 11', 'Content-Length: 11')],
    ['two types', head('Content-Type: text/plain', 'Content-Type: text/html')],
    ['a negative length', head('Content-Length: -1')],
    ['two lengths in one', head('Content-Length: 11, 11')],
    ['a body in chunks', head('Transfer-Encoding: chunked')],
    ['a packed body', head('Content-Encoding: gzip')],
    ['a head over 64 KiB', head(`X-Long: ${'x'.repeat(70_000)}`)],
    ['ten thousand headers', head(...Array.from({ length: 10_000 }, (_, i) => `X-${i}: y`))],
  ])('a service that answers %s gives 502, and nothing of it is shown', async (_, answer) => {
    service.answer = Buffer.from(answer, 'latin1');
    const page = await run(bridge);
    expect(page.status).toBe('502 Bad Gateway');
    expect(page.text).not.toContain('secret body');
    expect(header(page, 'etag')).toBeUndefined();
    expect(page.stderr).toMatch(/^whyblocked: garbage: [ -~]+\n$/);
  });

  test.each([
    ['https://example.com/'],
    ['//example.com/'],
    ['/\\example.com/'],
    ['\\\\example.com'],
    ['/cgi/whyblocked/index.cgi'],
    ['index.cgi.example.com'],
    ['index.cgi/../../x'],
    ['index.cgi?\\example'],
    ['index.cgi?a b'],
    ['index.cgi?a"b'],
    ['index.cgi?<script>'],
    ['index.cgi?\x80'],
    ['Index.cgi'],
    [' index.cgi?x\t'],
    ['?p=/'],
    ['../index.cgi'],
    ['javascript:alert(1)'],
    ['data:text/html,x'],
    [''],
  ])('a redirect to %j is no redirect', async (location) => {
    for (const status of ['302 Found', '300 Multiple Choices']) {
      service.answer = Buffer.from(`HTTP/1.1 ${status}\r\nLocation: ${location}\r\n\r\n`, 'latin1');
      const page = await run(bridge);
      expect([page.status, header(page, 'location')]).toEqual(['502 Bad Gateway', undefined]);
    }
  });

  test('a redirect with line ends, without target or with two is none', async () => {
    for (const lines of [
      'Location: index.cgi\rX: 1\r\n',
      'Location: index.cgi\nX: 1\r\n',
      '',
      'Location: index.cgi\r\nLocation: index.cgi\r\n',
    ]) {
      service.answer = `HTTP/1.1 303 See Other\r\n${lines}\r\n`;
      expect(await run(bridge)).toMatchObject({ status: '502 Bad Gateway' });
    }
  });

  test('random answers and damaged good ones: always a whole CGI answer with known headers', async () => {
    const good = ok('hello', 'ETag: "1"', 'Set-Cookie: a=b', 'X-WB-Title: t', 'Vary: Accept');
    const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
    const damaged = fc
      .tuple(fc.nat(good.length), fc.nat(6), bytes)
      .map(([at, gone, more]) =>
        Buffer.concat([good.subarray(0, at), more.subarray(0, 8), good.subarray(at + gone)]),
      );
    const started = bytes.map((more) => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n'), more]));
    const lines = fc
      .array(
        fc.tuple(
          fc.constantFrom('ETag', 'Location', 'Vary', 'Content-Type', 'X'),
          fc.string({ unit: 'binary' }),
        ),
      )
      .map((list) =>
        Buffer.from(`HTTP/1.1 302 Found\r\n${list.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`),
      );
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, damaged, started, lines), async (answer) => {
        service.answer = answer;
        // `run` throws when a header is none, or when there is no Content-Type.
        const page = await run(bridge);
        for (const line of page.headers)
          expect(line).toMatch(
            /^(?:Allow|Content-(?:Type|Length|Security-Policy)|ETag|Vary|Location|Cache-Control|X-Content-Type-Options|X-Frame-Options|Referrer-Policy): /,
          );
        const location = header(page, 'location');
        if (location !== undefined) expect(location).toMatch(/^index\.cgi(?:[?#]|$)/);
        expect(page.code).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test('more body than told is not passed on; an answer before the whole request was read is heard', async () => {
    service.answer = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef';
    expect(await run(bridge)).toMatchObject({ text: 'abc' });
    await withBridge({ limits: LIMITS }, async (hasty) => {
      const heard = await hasty.service();
      heard.answer = ok('too early');
      const env = { ...POST, CONTENT_LENGTH: '1000000' };
      expect(await run(hasty, env, { body: Buffer.alloc(1_000_000) })).toMatchObject({ text: 'too early' });
    });
  });

  /** Largest resident size of a process so far, in MiB. */
  const peak = (pid: number): number =>
    Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;

  test('200 MiB pass through without the process growing', async () => {
    const total = 200 * 1024 * 1024;
    const block = Buffer.alloc(1024 * 1024, 'x');
    service.answer = (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
      let left = total;
      const more = (): void => {
        while (left > 0) {
          left -= block.length;
          if (!socket.write(block)) return void socket.once('drain', more);
        }
      };
      more();
    };
    await withBridge({ limits: { STREAM_S: 60 } }, async (wide) => {
      wide.write(readFileSync(wide.file, 'utf8').replace(wide.socket, bridge.socket));
      const child = wide.start({});
      child.stdin.end();
      let got = 0;
      let largest = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        const before = Math.floor(got / 10_000_000);
        got += chunk.length;
        if (Math.floor(got / 10_000_000) > before && child.pid !== undefined)
          largest = Math.max(largest, peak(child.pid));
      });
      await new Promise((done) => child.once('close', done));
      expect(got).toBeGreaterThan(total);
      expect(largest).toBeGreaterThan(1);
      expect(largest).toBeLessThan(24);
    });
  });

  test('a caller who leaves ends the bridge', async () => {
    service.answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const timer = setInterval(() => socket.write('x'.repeat(70_000)), 20);
      socket.once('close', () => {
        clearInterval(timer);
      });
    };
    const began = performance.now();
    const child = bridge.start({});
    child.stdin.end();
    await new Promise((done) => child.stdout.once('data', done));
    child.stdout.destroy();
    expect(await new Promise((done) => child.once('exit', done))).toBe(1);
    expect(performance.now() - began).toBeLessThan(SOON_MS);
  });

  test('a caller who takes nothing is given up at the limit', async () => {
    service.answer = ok(Buffer.alloc(4_000_000));
    const child = bridge.start({});
    child.stdin.end();
    child.stdout.pause();
    expect(await new Promise((done) => child.once('exit', done))).toBe(1);
    child.stdout.destroy();
  });
});

suite(`${title} under attack behind Apache`, () => {
  let bare: BareBridge;
  let service: StandInService;
  let whm: Cpsrvd;
  beforeAll(async () => {
    bare = new BareBridge();
    service = await bare.service();
    whm = await startCpsrvd({
      socket: service.socket,
      staticDir: bare.dir,
      limits: { ...LIMITS, ANSWER_S: 3, IDLE_S: 3 },
    });
  });
  afterAll(async () => {
    await whm.stop();
    await bare.remove();
  });
  afterEach(() => {
    service.requests.length = 0;
    service.answer = ok('hello');
  });

  /** Sends bytes as they are and gives the whole answer. */
  async function raw(text: string): Promise<string> {
    const { port } = new URL(whm.url);
    return new Promise((done, fail) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(Buffer.from(text, 'latin1')));
      let out = '';
      socket.on('data', (chunk: Buffer) => (out += chunk.toString('latin1')));
      socket.once('close', () => {
        done(out);
      });
      socket.once('error', fail);
    });
  }
  const path = (): string => new URL(whm.url).pathname;
  const request = (method: string, lines: readonly string[], body = ''): string =>
    `${method} ${path()}index.cgi HTTP/1.1\r\nHost: whm.example.com\r\nConnection: close\r\n${lines.map((l) => `${l}\r\n`).join('')}\r\n${body}`;

  test('chunked bodies, two lengths, a length without end: refused or whole, never passed on in part', async () => {
    const chunked = await raw(request('POST', ['Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n'));
    expect(chunked).toMatch(/^HTTP\/1\.1 411 /);
    const both = await raw(
      request('POST', ['Content-Length: 3', 'Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n'),
    );
    expect(both).toMatch(/^HTTP\/1\.1 4\d\d /);
    const two = await raw(request('POST', ['Content-Length: 3', 'Content-Length: 4'], 'abcd'));
    expect(two).toMatch(/^HTTP\/1\.1 400 /);
    const negative = await raw(request('POST', ['Content-Length: -3'], 'abc'));
    expect(negative).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(request('POST', [], ''))).toMatch(/^HTTP\/1\.1 411 /);
    expect(service.requests).toEqual([]);
  });

  test('header floods and folded headers reach nobody but as one clean line each', async () => {
    const many = Array.from({ length: 90 }, (_, i) => `X-Flood-${i}: ${'x'.repeat(60)}`);
    expect(await raw(request('GET', [...many, `User-Agent: ${'u'.repeat(5_000)}`]))).toMatch(
      /^HTTP\/1\.1 200 /,
    );
    expect(service.requests[0]?.raw.length).toBeLessThan(1_200);
    expect(
      await raw(
        request(
          'GET',
          Array.from({ length: 500 }, (_, i) => `X-${i}: y`),
        ),
      ),
    ).toMatch(/^HTTP\/1\.1 400 /);
    service.requests.length = 0;
    await raw(request('GET', ['User-Agent: a', '\tX-WB-User: forged', 'Referer: b']));
    expect(service.requests.flatMap(({ lines }) => lines.filter((line) => !KNOWN.test(line)))).toEqual([]);
    expect(
      service.requests.flatMap(({ lines }) => lines.filter((line) => line.startsWith('X-WB-User'))),
    ).toEqual(service.requests.map(() => 'X-WB-User: root'));
  });

  test('encoded line ends in the address stay encoded', async () => {
    await raw(request('GET', []).replace('index.cgi', 'index.cgi?p=%0d%0aX-WB-User:%20forged%00'));
    expect(service.requests.map(({ first }) => first)).toEqual([
      'GET /index.cgi?p=%0d%0aX-WB-User:%20forged%00 HTTP/1.0',
    ]);
  });

  test('100 at once are all answered', async () => {
    service.answer = (socket, heard) => {
      setTimeout(() => socket.end(ok(heard.first)), 20);
    };
    const began = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const response = await fetch(`${whm.url}index.cgi?n=${i}`);
        return [response.status, await response.text()];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_, i) => [200, `GET /index.cgi?n=${i} HTTP/1.0`]));
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('100 at once while the service hangs all end at the limit, and the next one is answered', async () => {
    service.answer = () => undefined;
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => (await fetch(`${whm.url}index.cgi`)).status),
    );
    expect(new Set(answers)).toEqual(new Set([504]));
    service.answer = ok('hello');
    await sleep(50);
    expect((await fetch(`${whm.url}index.cgi`)).status).toBe(200);
  });
});
