// The search from query to found lines, on small servers with real files.
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { EMPTY_QUERY } from '../../src/actions/search-query.ts';
import { SearchRun } from '../../src/actions/search-run.ts';
import { makeRoot } from '../host/make-root.ts';
import { ACCESS, AUDIT, ERROR, hit, places, search, searching, stamp, textOf } from './search-kit.ts';

const IP = '203.0.113.5';

describe('what is found', () => {
  test('newest first over several logs, with place, time and marks', async () => {
    const root = makeRoot();
    root.write(
      ACCESS,
      hit(IP, stamp(0), 'GET /wp-login.php HTTP/1.1') + hit(IP, stamp(9), 'GET /wp-login.php HTTP/1.1'),
    );
    root.write(
      ERROR,
      `[Sun Nov 22 17:00:05.000000 2026] [security2:error] [pid 1] [client ${IP}:4] [client ${IP}] ModSecurity: Warning. x [id "913100"] [hostname "shop.example.com"] [uri "/wp-login.php"] [unique_id "aSGk0kXnq5Qe4V2mXh30001AAAEs"]\n`,
    );
    root.write('/etc/localtime', '');
    const view = await search(searching(root), { pattern: 'wp-login' });
    expect(view.count).toBe(3);
    expect(view.phase).toBe('done');
    expect(places(view)).toEqual(['access_log@100', 'error_log@0', 'access_log@0']);
    expect(view.lines[0]?.at).toBe('2026-11-22T17:00:09+01:00');
    const marked = view.lines[1]?.parts.filter((part) => part.marked).map((part) => part.text);
    expect(marked).toEqual(['wp-login']);
    const links = view.lines[1]?.parts.flatMap(({ link }) =>
      link === null ? [] : `${link.kind} ${link.value}`,
    );
    expect(links).toContain('ruleId 913100');
    expect(links).toContain('uniqueId aSGk0kXnq5Qe4V2mXh30001AAAEs');
    expect(links).toContain(`ip ${IP}`);
  });

  test('an address is a whole address, in any spelling, and the client of the line', async () => {
    const root = makeRoot();
    const lines = [
      hit(IP, stamp(0)),
      hit('203.0.113.52', stamp(1)),
      hit('198.51.100.1', stamp(2), `GET /?ip=${IP} HTTP/1.1`),
      hit('2001:db8::5', stamp(3)),
      hit('2001:db8::50', stamp(4)),
      hit('2001:DB8:0:0:0:0:0:5', stamp(5)),
    ];
    root.write(ACCESS, lines.join(''));
    const ctx = searching(root);
    const found = async (ip: string): Promise<number> => (await search(ctx, { ip, logs: ['access'] })).count;
    expect(await found(IP)).toBe(1);
    expect(await found('203.0.113.0/24')).toBe(2);
    expect(await found('2001:0db8:0000::0005')).toBe(2);
    expect(await found('2001:db8::/32')).toBe(3);
    expect(await found('::ffff:203.0.113.5')).toBe(1);
    expect((await search(ctx, { ip: IP, pattern: 'POST' })).count).toBe(0);
    expect((await search(ctx, { ip: IP, pattern: 'POST', invert: true })).count).toBe(1);
    await expect(search(ctx, { ip: '203.0.113' })).rejects.toThrow(/is no address/);
  });

  test('a window is exact, also for lines up to five minutes late', async () => {
    const root = makeRoot();
    const late = hit(IP, stamp(10), 'GET /late HTTP/1.1');
    let text = '';
    for (let i = 0; i < 2000; i++) text += hit('198.51.100.7', stamp(i)) + (i === 280 ? late : '');
    root.write(ACCESS, text);
    const view = await search(searching(root), {
      from: '2026-11-22 17:00:10',
      to: '2026-11-22 17:00:20',
      logs: ['access'],
    });
    expect(view.count).toBe(12);
    expect(view.lines.filter((line) => textOf(line).includes('/late'))).toHaveLength(1);
    expect(view.covered).toBe(true);
  });

  test('a log that begins after the window says so', async () => {
    const root = makeRoot();
    root.write(ACCESS, hit(IP, stamp(60)));
    const view = await search(searching(root), { from: '2026-11-22 16:00', logs: ['access'] });
    expect(view.covered).toBe(false);
    expect(view.files[0]?.note).toMatch(/cannot be read before 22 Nov 2026, 17:01:00/);
  });

  test('an unfinished last line, CRLF, NUL and invalid UTF-8 are searched as they are', async () => {
    const root = makeRoot();
    const odd = `${IP} - - [${stamp(0)}] "GET /a\xff\xfeb HTTP/1.1" 200 1 "-" "-"\r\n`;
    root.write(
      ACCESS,
      `\xef\xbb\xbf${odd}${hit(IP, stamp(1), 'GET /\0x HTTP/1.1')}${hit(IP, stamp(2)).trimEnd()}`,
    );
    const ctx = searching(root);
    expect((await search(ctx, { pattern: 'a.*b HTTP' })).count).toBe(1);
    expect((await search(ctx, { pattern: '\\x00x' })).count).toBe(1);
    expect((await search(ctx, { pattern: '\0x' })).count).toBe(1);
    expect((await search(ctx, { pattern: '/\0x', syntax: 'literal' })).count).toBe(1);
    expect((await search(ctx, { pattern: '' })).count).toBe(3);
    expect((await search(ctx, { pattern: '\\xef\\xbb\\xbf' })).count).toBe(1);
  });

  test('vhost: its own logs, and of shared logs the lines that name it or an alias', async () => {
    const root = makeRoot();
    root.write(
      '/etc/userdatadomains',
      'shop.example.com: joe==root==main==shop.example.com==/home/joe/public_html==192.0.2.1:80==192.0.2.1:443====0==\nother.example.com: ann==root==main==other.example.com==/home/ann/public_html==192.0.2.1:80==192.0.2.1:443====0==\n',
    );
    root.write('/var/cpanel/userdata/joe/shop.example.com', 'serveralias: www.shop.example.com\n');
    root.write('/etc/apache2/logs/domlogs/shop.example.com', hit(IP, stamp(0)));
    root.write('/etc/apache2/logs/domlogs/shop.example.com-ssl_log', hit(IP, stamp(1)));
    root.write('/etc/apache2/logs/domlogs/other.example.com', hit(IP, stamp(2)));
    root.write(
      ACCESS,
      `www.shop.example.com:80 ${hit(IP, stamp(3))}other.example.com:80 ${hit(IP, stamp(4))}${hit(IP, stamp(5))}`,
    );
    const ctx = searching(root);
    expect((await search(ctx, { vhost: 'shop.example.com' })).count).toBe(3);
    expect((await search(ctx, { account: 'joe' })).count).toBe(3);
    expect((await search(ctx, {})).count).toBe(6);
    await expect(search(ctx, { vhost: 'nobody.example.net' })).rejects.toThrow(/No vhost/);
    await expect(search(ctx, { account: 'nobody' })).rejects.toThrow(/No account/);
    const lfd = await search(ctx, { vhost: 'shop.example.com', logs: ['lfd'] });
    expect(lfd.files.every(({ state }) => state === 'left out' || state === 'problem')).toBe(true);
  });

  test('status class and code', async () => {
    const root = makeRoot();
    root.write(
      ACCESS,
      [200, 403, 404, 500]
        .map((status, i) => hit(IP, stamp(i), 'GET /" 403 x HTTP/1.1'.replace('"', '\\"'), status))
        .join(''),
    );
    const ctx = searching(root);
    const count = async (status: string): Promise<number> => (await search(ctx, { status })).count;
    expect(await count('4xx')).toBe(2);
    expect(await count('403')).toBe(1);
    expect(await count('5XX')).toBe(1);
    await expect(count('40')).rejects.toThrow(/no status/);
  });

  test('audit records: a line belongs to its record, by time and by client', async () => {
    const root = makeRoot();
    const record = (id: string, client: string, seconds: number, body: string): string =>
      `--${id}-A--\n[${stamp(seconds)}] aSGk0kXnq5Qe4V2mXh${id} ${client} 40000 192.0.2.10 443\n--${id}-B--\nPOST /x HTTP/1.1\nHost: shop.example.com\n\n--${id}-C--\n${body}\n--${id}-Z--\n\n`;
    const text =
      record('aaaaaaaa', IP, 0, 'needle') +
      record('bbbbbbbb', '203.0.113.52', 60, 'needle') +
      record('cccccccc', IP, 120, 'other');
    root.write(AUDIT, text);
    root.write(
      `${AUDIT}-20261121.gz`,
      gzipSync(Buffer.concat([Buffer.from(record('dddddddd', IP, -3600, 'needle'))])),
    );
    root.write(
      '/etc/userdatadomains',
      'shop.example.com: joe==root==main==shop.example.com==/home/joe/public_html==192.0.2.1:80==192.0.2.1:443====0==\n',
    );
    const ctx = searching(root);
    const view = await search(ctx, { pattern: 'needle', logs: ['audit'], ip: IP, rotated: 'always' });
    expect(view.lines.map(({ at }) => at)).toEqual([
      '2026-11-22T17:00:00+01:00',
      '2026-11-22T16:00:00+01:00',
    ]);
    const window = await search(ctx, {
      logs: ['audit'],
      from: '2026-11-22 17:01',
      to: '2026-11-22 17:01:30',
    });
    expect(window.count).toBe(10);
    expect(textOf(window.lines.at(-1)!)).toBe('--bbbbbbbb-A--');
    expect((await search(ctx, { logs: ['audit'], pattern: 'other', vhost: 'shop.example.com' })).count).toBe(
      1,
    );
  });
});

describe('rotated and packed logs', () => {
  const texts = {
    now: hit(IP, stamp(0)),
    older: hit(IP, stamp(-86_400)),
    oldest: hit(IP, stamp(-2 * 86_400)),
  };

  function rotated(): ReturnType<typeof makeRoot> {
    const root = makeRoot();
    root.write(ACCESS, texts.now);
    root.write(`${ACCESS}.1`, texts.older, 2 * 86_400_000);
    const members = [gzipSync(texts.oldest), gzipSync(hit(IP, stamp(-2 * 86_400 + 5)))];
    root.write(`${ACCESS}-11-2026.gz`, Buffer.concat(members), 3 * 86_400_000);
    return root;
  }

  test('auto reads them only when the window begins before the current log', async () => {
    const ctx = searching(rotated());
    expect((await search(ctx, {})).count).toBe(1);
    expect((await search(ctx, { from: '2026-11-22 17:00' })).count).toBe(1);
    expect((await search(ctx, { from: '2026-11-21 12:00' })).count).toBe(2);
    expect((await search(ctx, { rotated: 'always' })).count).toBe(4);
    expect((await search(ctx, { from: '2026-11-20', rotated: 'never' })).count).toBe(1);
    expect((await search(ctx, { logs: [`${ACCESS}-11-2026.gz`] })).count).toBe(2);
  });

  test('a damaged archive gives its good part and its problem', async () => {
    const root = rotated();
    const whole = gzipSync(Array.from({ length: 3000 }, (_, i) => hit(IP, stamp(i - 90_000))).join(''));
    root.write(`${ACCESS}-12-2026.gz`, whole.subarray(0, whole.length - 2000));
    const view = await search(searching(root), { rotated: 'always' });
    expect(view.phase).toBe('done');
    expect(view.count).toBeGreaterThan(4);
    expect(view.covered).toBe(false);
    const archive = view.files.find(({ path }) => path.endsWith('12-2026.gz'));
    expect(archive).toMatchObject({ state: 'problem', note: 'unfinished archive' });
  });
});

describe('paging', () => {
  test('older lines go on where the page ended, each line once', async () => {
    const root = makeRoot();
    // Many lines within one second, in two logs.
    root.write(
      ACCESS,
      Array.from({ length: 25 }, (_, i) => hit(IP, stamp(Math.floor(i / 10)), `GET /a${i} HTTP/1.1`)).join(
        '',
      ),
    );
    root.write(
      '/var/log/nginx/access.log',
      Array.from({ length: 25 }, (_, i) => hit(IP, stamp(Math.floor(i / 10)), `GET /b${i} HTTP/1.1`)).join(
        '',
      ),
    );
    const ctx = searching(root);
    const seen: string[] = [];
    let before: string | null = null;
    for (let page = 0; page < 20; page++) {
      const view: Awaited<ReturnType<typeof search>> = await search(ctx, { limit: 7, before });
      seen.push(...places(view));
      before = view.older;
      if (before === null) break;
    }
    expect(seen).toHaveLength(50);
    expect(new Set(seen).size).toBe(50);
    expect(seen).toEqual(places(await search(ctx, { limit: 100 })));
  });
});

describe('patterns that do not work', () => {
  const root = makeRoot();
  root.write(ACCESS, hit(IP, stamp(0), `GET /${'a'.repeat(40)}X HTTP/1.1`));
  const ctx = searching(root);

  test.each([
    ['(a', 'regex', /not a valid regular expression: unclosed group/],
    ['a(?=b)', 'regex', /lookaround or a backreference.*PCRE/],
    ['(a)\\1', 'regex', /lookaround or a backreference.*PCRE/],
    ['((a{1,100}){1,100}){1,100}z', 'regex', /too large/],
    ['((a{1,100}){1,100}){1,100}z', 'pcre', /too large/],
    ['(a', 'pcre', /not a valid PCRE/],
    ['a\\nb', 'regex', /line break/],
    ['a\nb', 'literal', /line break/],
    ['x'.repeat(100_000), 'regex', /too long \(100000 bytes\)/],
  ] as const)('%p as %s', async (pattern, syntax, words) => {
    await expect(search(ctx, { pattern, syntax })).rejects.toThrow(words);
  });

  test('a pattern that PCRE gives up on ends with a sentence', async () => {
    const view = await search(ctx, { pattern: '(a+)+$', syntax: 'pcre' });
    expect(view.phase).toBe('failed');
    expect(view.problem).toMatch(/PCRE gave up on a line/);
    expect((await search(ctx, { pattern: '(a+)+$' })).phase).toBe('done');
    expect((await search(ctx, { pattern: '(.*a){25}b' })).phase).toBe('done');
  });

  test('lookaround and backreferences with PCRE', async () => {
    expect((await search(ctx, { pattern: '(a)\\1X', syntax: 'pcre' })).count).toBe(1);
    expect((await search(ctx, { pattern: 'a(?=X)', syntax: 'pcre' })).count).toBe(1);
  });

  test.each(['-1 UNION', '--pre=cat', '-f/etc/passwd', '--', "'; rm -rf /", '$(id)', '-e', '\\', '"'])(
    '%p is only text',
    async (text) => {
      root.write('/etc/apache2/logs/domlogs/shop.example.com', hit(IP, stamp(0), `GET /?${text} HTTP/1.1`));
      const view = await search(searching(root), { pattern: text, syntax: 'literal', logs: ['access'] });
      expect(view.count).toBeGreaterThanOrEqual(1);
    },
  );

  test('the basic form of csf is answered with a note and the form that works', async () => {
    const view = await search(ctx, { pattern: 'zz\\|GET' });
    expect(view.count).toBe(0);
    expect(view.notes[0]?.sentence).toMatch(/\\\|/);
    expect(view.notes[0]?.change).toEqual({ pattern: 'zz|GET' });
    expect((await search(ctx, { ...view.notes[0]?.change, logs: [ACCESS] })).count).toBe(1);
  });

  test('classes beyond ASCII are understood', async () => {
    root.write('/var/log/nginx/access.log', Buffer.from(hit(IP, stamp(0), 'GET /čaj HTTP/1.1')));
    const all = searching(root);
    expect((await search(all, { pattern: '/[čď]aj' })).count).toBe(1);
    expect((await search(all, { pattern: '/ČAJ', ignoreCase: true })).count).toBe(1);
    expect((await search(all, { pattern: '/čaj' })).count).toBe(1);
  });
});

describe('logs that change while they are searched', () => {
  const LINES = 60_000;

  async function changing(change: (path: string) => void): Promise<{ count: number; offsets: number[] }> {
    const root = makeRoot();
    const path = join(root.dir, ACCESS);
    root.write(ACCESS, Array.from({ length: LINES }, (_, i) => hit(IP, stamp(i % 3000))).join(''));
    const ctx = searching(root);
    const query = { ...EMPTY_QUERY, pattern: 'GET', limit: 10_000 };
    const run = new SearchRun(ctx, await ctx.clock(), query, { countAll: true, timeoutMs: 30_000 });
    await run.check();
    const ended = run.run();
    // The first lines are there: the search is under way.
    while (run.collector.count === 0) await new Promise((resolve) => setImmediate(resolve));
    change(path);
    await ended;
    expect(run.phase).toBe('done');
    return { count: run.collector.count, offsets: run.collector.newest().map(({ offset }) => offset) };
  }

  test('one that grows: the lines that were there', async () => {
    const { count } = await changing((path) => {
      appendFileSync(path, Array.from({ length: 5000 }, () => hit(IP, stamp(3000))).join(''));
    });
    expect(count).toBe(LINES);
  });

  test('one that is renamed, and a new one in its place', async () => {
    const { count } = await changing((path) => {
      renameSync(path, `${path}.1`);
      writeFileSync(path, hit(IP, stamp(3000)));
    });
    expect(count).toBe(LINES);
  });

  test('one that is cut off: no line twice, no line that is none', async () => {
    const { count, offsets } = await changing((path) => {
      truncateSync(path, 0);
    });
    expect(count).toBeLessThanOrEqual(LINES);
    expect(new Set(offsets).size).toBe(offsets.length);
  });
});
