// The bridge as it is meant to be used: behind an Apache that plays cpsrvd, with a stand-in for the service.
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BareBridge, header, ok, run, withBridge } from './bridge-kit.ts';
import type { Heard, StandInService } from './bridge-kit.ts';
import { PLANTED, TOKEN, bridgeText, cpsrvdMissing, startCpsrvd } from './cpsrvd.ts';
import type { Cpsrvd } from './cpsrvd.ts';

const missing = cpsrvdMissing();
const title = missing.length === 0 ? 'the bridge' : `SKIPPED: the bridge needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(`${title} (Debian: apt-get install apache2 perl)`);
const suite = missing.length === 0 ? describe : describe.skip;

const PLUGIN = join(import.meta.dirname, '../../plugin');
const ASSETS = join(import.meta.dirname, '../../views/assets');
const STRICT = "default-src 'none'; script-src 'self'";
const IN_FRAME = "frame-ancestors 'self'; base-uri 'none'; object-src 'none'; form-action 'self'";
const FRAGMENT = '<link rel="stylesheet" href="static/whyblocked.css"><div class="whyblocked">Zażółć €</div>';
const ENCODED = '<div class="whyblocked">Za&#380;&#243;&#322;&#263; &#8364;</div>';
const asFragment = (text: string | Buffer, name = 'Caf%C3%A9%20%3Cb%3E'): Buffer =>
  ok(text, 'X-WB-Fragment: 1', `X-WB-Title: ${name}`, `Content-Security-Policy: ${STRICT}`);

/** No planted secret, and nothing that names one, stands in what the service heard. */
function expectNoSecret(request: Heard): void {
  for (const secret of Object.values(PLANTED)) expect(request.raw).not.toContain(secret);
  expect(request.raw).not.toMatch(/^(?:cookie|authorization|proxy-|x-wb-pass|accept-encoding)/im);
}

suite(`${title} behind Apache`, () => {
  let bare: BareBridge;
  let service: StandInService;
  let whm: Cpsrvd;
  let reseller: Cpsrvd;
  let framed: Cpsrvd;
  beforeAll(async () => {
    bare = new BareBridge();
    service = await bare.service();
    const options = { socket: service.socket, staticDir: ASSETS };
    [whm, reseller, framed] = await Promise.all([
      startCpsrvd(options),
      startCpsrvd({ ...options, caller: 'reseller' }),
      startCpsrvd({ ...options, chrome: true }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([whm.stop(), reseller.stop(), framed.stop()]);
    await bare.remove();
  });
  afterEach(() => {
    service.requests.length = 0;
    service.answer = ok('hello');
  });
  const only = (): Heard => {
    expect(service.requests).toHaveLength(1);
    return service.requests[0]!;
  };

  test('the file that runs is the shipped one but for shebang, library and socket', () => {
    const shipped = readFileSync(join(PLUGIN, 'index.cgi'), 'utf8').split('\n');
    const running = readFileSync(whm.bridge, 'utf8').split('\n');
    expect(running).toHaveLength(shipped.length);
    const changed = shipped.flatMap((line, i) => (line === running[i] ? [] : [line]));
    expect(changed).toEqual([
      '#!/usr/local/cpanel/3rdparty/bin/perl',
      "use constant CPANEL_LIB => '/usr/local/cpanel';",
      "use constant SOCKET     => '/run/whyblocked/whyblocked.sock';",
    ]);
  });

  test('the service hears the chosen headers, in one form, and no secret', async () => {
    const response = await fetch(`${whm.url}index.cgi?p=/incidents&q=a%20b`, {
      headers: {
        accept: 'text/html',
        'accept-language': 'sk',
        cookie: PLANTED.cookie,
        authorization: PLANTED.authorization,
        'proxy-authorization': PLANTED.password,
        origin: 'https://whm.example.com:2087',
        referer: 'https://whm.example.com:2087/cpsess1234567890/cgi/whyblocked/index.cgi',
        'sec-fetch-site': 'same-origin',
        'user-agent': 'a test',
        'x-wb-user': 'forged',
        'x-wb-root': '1',
        'x-forwarded-for': '203.0.113.9',
      },
    });
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
    const request = only();
    expect(request.first).toBe('GET /index.cgi?p=/incidents&q=a%20b HTTP/1.0');
    expect([...request.lines].sort()).toEqual([
      'Accept-Language: sk',
      'Accept: text/html',
      'Connection: close',
      `Host: ${new URL(whm.url).host}`,
      'Origin: https://whm.example.com:2087',
      'Referer: https://whm.example.com:2087/cpsess1234567890/cgi/whyblocked/index.cgi',
      'Sec-Fetch-Site: same-origin',
      'User-Agent: a test',
      'X-WB-Addr: 127.0.0.1',
      'X-WB-Root: 1',
      `X-WB-Token: ${TOKEN}`,
      'X-WB-User: root',
    ]);
    expectNoSecret(request);
  });

  test('a POST comes with its body, byte for byte, up to 1 MiB', async () => {
    const body = randomBytes(1_048_576);
    const response = await fetch(`${whm.url}index.cgi?p=/explain`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(response.status).toBe(200);
    const request = only();
    expect(request.first).toBe('POST /index.cgi?p=/explain HTTP/1.0');
    expect(request.lines).toContain('Content-Length: 1048576');
    expect(request.lines).toContain('Content-Type: application/x-www-form-urlencoded');
    expect(Buffer.from(request.body, 'latin1').equals(body)).toBe(true);
    expectNoSecret(request);
  });

  test('a body over 1 MiB is refused and the service hears nothing of it', async () => {
    const response = await fetch(`${whm.url}index.cgi`, { method: 'POST', body: Buffer.alloc(1_048_577) });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('At most 1 MiB is taken');
    expect(service.requests).toEqual([]);
  });

  test('a caller without root gets a page with 403, whatever is sent; the service hears nothing', async () => {
    for (const init of [
      {},
      { method: 'POST', body: 'x'.repeat(70_000) },
      { method: 'POST', body: Buffer.alloc(2_000_000) },
    ]) {
      const response = await fetch(`${reseller.url}index.cgi?p=/incidents`, init);
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('WHM users with root');
    }
    expect(service.requests).toEqual([]);
  });

  test('5 MiB of bytes come down as they are, with name and length', async () => {
    const file = randomBytes(5 * 1024 * 1024);
    service.answer = ok(
      file,
      'Content-Type: application/octet-stream',
      'Content-Disposition: attachment; filename="a.bin"',
    );
    const response = await fetch(`${whm.url}index.cgi?p=/export`);
    const got = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="a.bin"');
    expect(response.headers.get('content-length')).toBe(String(file.length));
    const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(digest(got)).toBe(digest(file));
  });

  test('HEAD is asked as HEAD and has no body', async () => {
    service.answer = (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\nnot to be seen');
    for (const server of [whm, framed]) {
      const response = await fetch(`${server.url}index.cgi`, { method: 'HEAD' });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    expect(service.requests.map((request) => request.first)).toEqual(
      Array(2).fill('HEAD /index.cgi HTTP/1.0'),
    );
    // Apache would hide a body: the bridge itself gives none.
    const page = await run(bare, { REQUEST_METHOD: 'HEAD' });
    expect([page.status, page.text, header(page, 'content-length')]).toEqual(['200 OK', '', '500']);
  });

  test('redirects within the page go on, and stay below the session path', async () => {
    for (const location of [
      'index.cgi',
      'index.cgi?p=/changes/7&x=a%20b',
      'index.cgi?p=//x#h-do',
      'index.cgi#top',
    ]) {
      service.answer = `HTTP/1.1 303 See Other\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
      const response = await fetch(`${whm.url}index.cgi`, { redirect: 'manual' });
      expect([response.status, response.headers.get('location')]).toEqual([303, location]);
      const target = new URL(location, response.url);
      expect(target.href.startsWith(whm.url)).toBe(true);
    }
  });

  test('static files lie beside it; a path without the token ends at the login page', async () => {
    const css = await fetch(`${whm.url}static/whyblocked.css?v=1`);
    expect([css.status, css.headers.get('content-type')]).toEqual([200, 'text/css']);
    expect(await css.text()).toBe(readFileSync(join(ASSETS, 'whyblocked.css'), 'utf8'));
    for (const path of ['/cgi/whyblocked/index.cgi', '/cpsess0000000000/cgi/whyblocked/index.cgi', '/']) {
      const response = await fetch(new URL(path, whm.url));
      expect([response.status, await response.text()]).toEqual([401, expect.stringContaining('login_form')]);
    }
    expect((await fetch(`${whm.url}other.cgi`)).status).toBe(404);
    expect((await fetch(`${whm.url}../../scripts/command?PFILE=main`)).status).toBe(200);
    expect(service.requests).toEqual([]);
  });

  test('with the master template a fragment gets the frame of WHM, and only then the policy gives way', async () => {
    service.answer = asFragment(FRAGMENT);
    const response = await fetch(`${framed.url}index.cgi`);
    const html = await response.text();
    expect(only().lines).toContain('X-WB-Chrome: whm');
    expect(html).toContain(
      `<a href="${TOKEN}/scripts/command?PFILE=Plugins">Plugins</a> &raquo; <a href="${TOKEN}/cgi/whyblocked/index.cgi">Whyblocked</a>`,
    );
    expect(html).toContain('<title>WHM - Caf&#233; b </title>');
    expect(html).toContain(ENCODED);
    expect(html.match(/<html/g)).toHaveLength(1);
    expect(html.trimEnd().endsWith('</html>')).toBe(true);
    expect(response.headers.get('content-security-policy')).toBe(IN_FRAME);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect([...response.headers.keys()].filter((name) => name.startsWith('x-wb'))).toEqual([]);
  });

  test('with the master template files, other answers and parts that a script asks for stay as they are', async () => {
    service.answer = ok('a,b\n', 'Content-Type: text/csv', `Content-Security-Policy: ${STRICT}`);
    const file = await fetch(`${framed.url}index.cgi?p=/export`);
    expect([await file.text(), file.headers.get('content-security-policy')]).toEqual(['a,b\n', STRICT]);
    service.requests.length = 0;
    await fetch(`${framed.url}index.cgi`, { headers: { 'sec-fetch-dest': 'empty' } });
    expect(only().lines.filter((line) => line.startsWith('X-WB-Chrome'))).toEqual([]);
  });

  test('without the master template the service is asked for a whole page, and its policy stays', async () => {
    service.answer = ok('<!doctype html><p>whole</p>', `Content-Security-Policy: ${STRICT}`);
    const response = await fetch(`${whm.url}index.cgi`);
    expect(await response.text()).toBe('<!doctype html><p>whole</p>');
    expect(response.headers.get('content-security-policy')).toBe(STRICT);
    expect(only().lines.filter((line) => line.startsWith('X-WB-Chrome'))).toEqual([]);
  });
});

suite(`${title} on its own`, () => {
  let bare: BareBridge;
  let framed: BareBridge;
  let service: StandInService;
  let framedService: StandInService;
  beforeAll(async () => {
    bare = new BareBridge();
    framed = new BareBridge({ chrome: true, limits: { RENDER_S: 1 } });
    service = await bare.service();
    framedService = await framed.service();
  });
  afterAll(async () => {
    await bare.remove();
    await framed.remove();
  });
  afterEach(() => {
    service.requests.length = 0;
    service.answer = ok('hello');
  });

  test('what is no limit of its own cannot be changed, and a copy with another socket says so', () => {
    expect(() => bridgeText({ lib: '/x', socket: '/y', limits: { NO_SUCH_S: 1 } })).toThrow(/NO_SUCH_S/);
    expect(bridgeText({ lib: '/x', socket: '/y', limits: { ANSWER_S: 2 } })).toContain('ANSWER_S => 2,');
  });

  test('it runs in taint mode too, and Perl finds nothing to say about it', async () => {
    expect(await run(bare, {}, { flags: ['-T', '-w'] })).toMatchObject({
      status: '200 OK',
      text: 'hello',
      stderr: '',
    });
    const post = await run(
      bare,
      { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '3' },
      { body: 'a=b', flags: ['-T', '-w'] },
    );
    expect(post).toMatchObject({ status: '200 OK', stderr: '' });
    const check = spawnSync('/usr/bin/perl', ['-c', join(PLUGIN, 'index.cgi')], { encoding: 'utf8' });
    expect(check.stderr).toMatch(/syntax OK\n$/);
  });

  test.each([
    ['says no', 'sub init_acls {} sub hasroot { return 0 }'],
    ['says nothing', 'sub init_acls {} sub hasroot { return }'],
    ['dies', 'sub init_acls { die "broken" } sub hasroot { return 1 }'],
    ['dies late', 'sub init_acls {} sub hasroot { die "broken" }'],
    ['has no hasroot', 'sub init_acls {}'],
    ['does not compile', 'sub {'],
    ['prints', 'sub init_acls { print "Status: 200 OK\\r\\n\\r\\nwelcome" } sub hasroot { return 0 }'],
  ])('when Whostmgr::ACLS %s, nobody gets in', async (_, text) => {
    await withBridge({ limits: { BODY_S: 0.5, DRAIN_S: 0.05 } }, async (closed) => {
      closed.module('Whostmgr/ACLS.pm', `package Whostmgr::ACLS;\n${text}\n1;\n`);
      const heard = await closed.service();
      const post = { REQUEST_METHOD: 'POST', CONTENT_LENGTH: '100' };
      // The body is held back: a refusal that waits for it would never come.
      const refused = [await run(closed), await run(closed, post, { hold: true })];
      for (const page of refused)
        expect(page).toMatchObject({ status: '403 Forbidden', text: expect.not.stringContaining('welcome') });
      expect(heard.requests).toEqual([]);
    });
  });

  test('when Whostmgr::ACLS is missing or ends the program, nobody gets in', async () => {
    await withBridge({}, async (closed) => {
      const heard = await closed.service();
      closed.module('Whostmgr/ACLS.pm', 'package Whostmgr::ACLS;\nsub init_acls { exit 0 }\n1;\n');
      expect(await run(closed)).toMatchObject({ status: '500 Internal Server Error' });
      rmSync(join(closed.lib, 'Whostmgr'), { recursive: true });
      expect(await run(closed)).toMatchObject({ status: '403 Forbidden' });
      expect(heard.requests).toEqual([]);
    });
  });

  test('what a module of cPanel prints reaches nobody', async () => {
    await withBridge({}, async (loud) => {
      await loud.service();
      loud.module(
        'Whostmgr/ACLS.pm',
        'package Whostmgr::ACLS;\nsub init_acls { print "X: 1\\n\\n" } sub hasroot { 1 }\n1;\n',
      );
      expect(await run(loud)).toMatchObject({ status: '200 OK', text: 'hello' });
    });
  });

  test('headers of the service that are not for the browser stay behind', async () => {
    service.answer = ok(
      'x',
      'Set-Cookie: session=1; Path=/',
      'set-cookie: session=2',
      'Server: secret',
      'Date: today',
      'Connection: close',
      'Keep-Alive: timeout=5',
      'Trailer: X',
      'Upgrade: h2c',
      'Proxy-Authenticate: Basic',
      'X-Powered-By: it',
      'X-WB-Title: t',
      'X-WB-Other: t',
      'Status: 404 Not Found',
      'X-Sendfile: /etc/shadow',
      'X-Accel-Redirect: /etc/shadow',
      'Location: https://example.com/',
      'Cache-Control: no-store',
      "Content-Security-Policy: default-src 'none'",
      'Referrer-Policy: same-origin',
      'X-Frame-Options: SAMEORIGIN',
      'X-Whyblocked-Note: cut after 1000 lines',
    );
    const page = await run(bare);
    expect(page.status).toBe('200 OK');
    expect(page.headers).toEqual([
      'Cache-Control: no-store',
      "Content-Security-Policy: default-src 'none'",
      'Referrer-Policy: same-origin',
      'X-Frame-Options: SAMEORIGIN',
      'X-Whyblocked-Note: cut after 1000 lines',
      'X-Content-Type-Options: nosniff',
      'Content-Type: text/html; charset=utf-8',
      'Content-Length: 1',
    ]);
  });

  test('a Content-Type is always there; one that is none is not believed', async () => {
    for (const line of [
      '',
      'Content-Type: \r\n',
      'Content-Type: text/html; x="\r\n',
      'Content-Type: html\r\n',
    ]) {
      service.answer = `HTTP/1.1 200 OK\r\n${line}\r\nbody`;
      expect(header(await run(bare), 'content-type')).toBe('application/octet-stream');
    }
    service.answer = 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n';
    expect(await run(bare)).toMatchObject({ status: '304 Not Modified', text: '' });
  });

  test('methods other than GET, HEAD and POST are refused', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'get', 'GET\r\nX: 1', 'POST ', '']) {
      const page = await run(bare, { REQUEST_METHOD: method });
      expect([page.status, header(page, 'allow')]).toEqual(['405 Method Not Allowed', 'GET, HEAD, POST']);
    }
    expect(service.requests).toEqual([]);
  });

  test('its own pages are plain, strict, stored by nobody, and without a body for HEAD', async () => {
    await withBridge({}, async (dead) => {
      const page = await run(dead);
      expect(page.status).toBe('503 Service Unavailable');
      for (const command of ['systemctl status whyblocked', 'journalctl -u whyblocked', 'whyblocked doctor'])
        expect(page.text).toContain(command);
      expect(page.text).not.toMatch(/<script|<style| style=| on[a-z]+=|https?:/i);
      expect(page.headers).toEqual([
        "Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
        'Cache-Control: no-store',
        'X-Content-Type-Options: nosniff',
        'X-Frame-Options: SAMEORIGIN',
        'Referrer-Policy: same-origin',
        'Content-Type: text/html; charset=utf-8',
        `Content-Length: ${page.body.length}`,
      ]);
      expect(await run(dead, { REQUEST_METHOD: 'HEAD' })).toMatchObject({
        status: '503 Service Unavailable',
        text: '',
      });
    });
  });

  test.each([
    ['dies', 'sub process_template { die "broken" }'],
    ['refuses', 'sub process_template { return ( 0, "no such file" ) }'],
    ['gives nothing', 'sub process_template { return ( 1, \\q{} ) }'],
    ['leaves the page out', 'sub process_template { return ( 1, \\"<html>half" ) }'],
    ['prints instead', 'sub process_template { print "<html>half $_[1]{whyblocked_page}"; return 1 }'],
    ['hangs', 'sub process_template { sleep 60; return }'],
    ['does not compile', 'sub {'],
  ])('when the template of WHM %s, the page comes whole and plain, with its own policy', async (_, text) => {
    framed.module('Cpanel/Template.pm', `package Cpanel::Template;\n${text}\n1;\n`);
    framedService.answer = asFragment(FRAGMENT);
    const page = await run(framed);
    expect(page.status).toBe('200 OK');
    expect(page.text).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page.text).toContain('<title>Caf&#233; b </title>');
    expect(page.text).toContain(ENCODED);
    expect(page.text.endsWith('</body></html>\n')).toBe(true);
    expect(header(page, 'content-security-policy')).toBe(STRICT);
    expect(page.stderr).toMatch(/^whyblocked: WHM's template: .+\n$/);
  });

  test.each([
    ['a reference alone', '\\"<html>$page</html>"', '<html>PAGE</html>'],
    ['wide characters', '(1, \\"<html>\\x{17c}$page</html>")', '<html>żPAGE</html>'],
    ['bytes', '(1, "<html>\\xc5\\xbc$page</html>")', '<html>żPAGE</html>'],
  ])('the template may give %s', async (_, value, wanted) => {
    framed.module(
      'Cpanel/Template.pm',
      `package Cpanel::Template;\nsub process_template { my $page = $_[1]{whyblocked_page}; return ${value} }\n1;\n`,
    );
    framedService.answer = asFragment('<p>é</p>');
    expect((await run(framed)).text).toBe(wanted.replace('PAGE', '<p>&#233;</p>'));
  });

  test('a page for the frame that is cut, too large or of unknown length is not shown', async () => {
    const start = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-WB-Fragment: 1\r\n';
    const unusable: readonly [string, string][] = [
      ['', 'of unknown length'],
      ['Content-Length: 10\r\n', 'cut off'],
      ['Content-Length: 8388609\r\n', 'too large'],
    ];
    for (const [length, why] of unusable) {
      framedService.answer = `${start}${length}\r\n<i>half`;
      const page = await run(framed);
      expect(page).toMatchObject({ status: '502 Bad Gateway', text: expect.not.stringContaining('half') });
      expect(page.stderr).toContain(why);
    }
    framedService.answer = asFragment(Buffer.from('<p>\xff</p>', 'latin1'), '%FF%00%0d%0aX:%20y');
    expect((await run(framed)).text).toContain('<p>&#65533;</p>');
  });

  test('the registration names the places that install.sh fills; the icon is 48 by 48 with a clear corner', () => {
    const conf = readFileSync(join(PLUGIN, 'whyblocked.conf'), 'utf8');
    const keys = Object.fromEntries(
      conf.split('\n').flatMap((line) => (/^[a-z0-9]+=/.test(line) ? [line.split(/=(.*)/, 2)] : [])) as [
        string,
        string,
      ][],
    );
    expect(keys).toMatchObject({
      name: 'whyblocked',
      service: 'whostmgr',
      url: '/cgi/whyblocked/index.cgi',
      user: 'root',
      acls: 'all',
      entryurl: 'whyblocked/index.cgi',
      displayname: 'Whyblocked',
      icon: 'whyblocked.png',
      target: '_self',
      upgradecall: '/opt/whyblocked/plugin/hook',
    });
    expect(conf.split('\n').filter((line) => !/^(?:#.*|[a-z0-9]+=\S.*)?$/.test(line))).toEqual([]);
    const png = readFileSync(join(PLUGIN, 'whyblocked.png'));
    expect(png.subarray(12, 16).toString()).toBe('IHDR');
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([48, 48, 8, 6]);
    const data: Buffer[] = [];
    for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
      if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
        data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
    const pixels = inflateSync(Buffer.concat(data));
    expect([...pixels.subarray(1, 5)]).toEqual([0, 0, 0, 0]);
  });
});
