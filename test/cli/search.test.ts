// `whyblocked search` from end to end: options, forms of output, exit codes, hostile text, signals and closed pipes.
import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { searchCommand } from '../../src/actions/search-command.ts';
import { EMPTY_QUERY, type SearchQuery } from '../../src/actions/search-query.ts';
import { jsonRow } from '../../src/actions/search-rows.ts';
import type { FoundLine } from '../../src/actions/search-view.ts';
import { runCli } from '../../src/cli/program.ts';
import { queryOf } from '../../src/cli/search-options.ts';
import { showProgress } from '../../src/cli/search-progress.ts';
import { foundCsv, foundText } from '../../src/cli/search-text.ts';
import { cli, type CliAnswer, LAUNCHER, start } from '../actions/kit.ts';
import { makeRoot, makeServer, tempDir, type TestRoot } from '../host/make-root.ts';

const ACCESS = '/etc/apache2/logs/access_log';
const SHOP = '/etc/apache2/logs/domlogs/shop.example.com';
const LFD = '/var/log/lfd.log';
const two = (value: number): string => String(value).padStart(2, '0');

/** An access line at 13:00 UTC plus some seconds. */
function request(
  seconds: number,
  change: { client?: string; uri?: string; status?: number; agent?: string } = {},
): string {
  const { client = '203.0.113.5', uri = '/', status = 200, agent = 'Agent/1' } = change;
  const time = `${two(13 + Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${client} - - [22/Nov/2026:${time} +0000] "GET ${uri} HTTP/1.1" ${status} 5 "-" "${agent}"\n`;
}

const LINES = [
  request(0, { uri: '/start' }),
  request(60, { client: '203.0.113.52', uri: '/fifty-two', status: 403 }),
  request(120, { client: '2001:db8::5', uri: '/six', status: 404 }),
  request(180, { uri: '/a|b?x=(1)', status: 500 }),
  request(240, { uri: '/-1%20UNION', agent: '-1 UNION SELECT' }),
  request(300, { uri: '/secret?password=hunter22&x=1' }),
  request(3600, { uri: '/later', agent: "quote ' and $HOME `id`" }),
];

let root: TestRoot;
let at: string[] = [];

beforeAll(() => {
  root = makeServer();
  root.write('/var/log/apache2/access_log', LINES.join(''));
  root.write(
    '/var/log/apache2/error_log',
    '[Sun Nov 22 13:00:30.000001 2026] [core:error] [pid 1:tid 2] [client 203.0.113.5:1] File does not exist\n',
  );
  root.write(
    '/var/log/apache2/domlogs/shop.example.com',
    request(30, { uri: '/shop', client: '198.51.100.9' }) +
      request(90, { uri: '/shop/old', client: '198.51.100.9' }),
  );
  root.write('/var/log/lfd.log', 'Nov 22 13:04:00 server lfd[77]: *Started* csf\n');
  at = ['--root', root.dir, '--state', join(tempDir(), 'state')];
});

const search = (...args: readonly string[]): Promise<CliAnswer> => cli(['search', ...args, ...at]);

interface Row {
  readonly file: string;
  readonly offset: number;
  readonly at: string | null;
  readonly text: string;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

const rowsOf = ({ out }: CliAnswer): Row[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

/** The URIs of the lines found, newest first. */
async function uris(...args: readonly string[]): Promise<string[]> {
  const answer = await search(...args, '--json');
  expect([0, 3, 4]).toContain(answer.code);
  return rowsOf(answer).map(({ text }) => /"GET (\S+)/.exec(text)?.[1] ?? text);
}

describe('forms of output', () => {
  test('lines: time, file@offset, line; newest first', async () => {
    const { code, out, err } = await search('GET', '--log', 'access', '--limit', '2');
    expect(code).toBe(0);
    const [first, second] = out.split('\n');
    const offset = LINES.slice(0, 6).join('').length;
    expect(first).toBe(`22 Nov 2026, 14:00:00  ${ACCESS}@${offset}  ${LINES[6]!.trimEnd()}`);
    expect(second).toMatch(/^22 Nov 2026, 13:05:00 {2}\S+@\d+ {2}203\.0\.113\.5 /);
    expect(out.split('\n')).toHaveLength(3);
    expect(err).toMatch(
      /^whyblocked: 9 lines in all, the newest 2 shown; older ones: --before \S+\n$|^whyblocked: The newest 2 lines are shown; older ones: --before \S+\n$/,
    );
  });

  test('--before goes on where the page ended, to the end', async () => {
    const all = await uris('GET', '--log', 'access');
    expect(all).toHaveLength(9);
    const seen: string[] = [];
    let before: string[] = [];
    for (let page = 0; page < 9; page++) {
      const answer = await search('GET', '--log', 'access', '--limit', '2', '--json', ...before);
      seen.push(...rowsOf(answer).map(({ text }) => /"GET (\S+)/.exec(text)?.[1] ?? text));
      const place = /--before '?([^'\n]+)/.exec(answer.err)?.[1];
      if (place === undefined) break;
      before = ['--before', place];
    }
    expect(seen).toEqual(all);
  });

  test('--json: exactly file, offset, at, text; the offset is where the line begins', async () => {
    const rows = rowsOf(await search('GET', '--log', 'access', '--json'));
    const bytes = readFileSync(join(root.dir, 'var/log/apache2/access_log'));
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(['file', 'offset', 'at', 'text']);
      expect(row.at).toMatch(/^2026-11-22T1[34]:\d\d:\d\d\+00:00$/);
      if (row.file !== ACCESS || row.text.includes('••••')) continue;
      expect(bytes.toString('utf8', row.offset, row.offset + row.text.length)).toBe(row.text);
    }
  });

  test('--json with --context: lines before and after', async () => {
    const [row] = rowsOf(await search('fifty-two', '--json', '--context', '1'));
    expect(Object.keys(row!)).toEqual(['file', 'offset', 'at', 'text', 'before', 'after']);
    expect([row!.before, row!.after]).toEqual([[LINES[0]!.trimEnd()], [LINES[2]!.trimEnd()]]);
    const { out } = await search('fifty-two', '--context', '1');
    expect(out).toMatch(
      /^ {4}203\.0\.113\.5 .*\n22 Nov 2026, 13:01:00 {2}.*fifty-two.*\n {4}2001:db8::5 .*\n\n$/,
    );
  });

  test('a line of no time: null, and "no time"', async () => {
    const own = makeServer();
    own.write('/var/log/apache2/error_log', 'no time here\n');
    const options = ['--log', 'error', '--root', own.dir];
    expect(rowsOf(await cli(['search', 'here', '--json', ...options]))[0]).toMatchObject({ at: null });
    expect((await cli(['search', 'here', ...options])).out).toMatch(/^ {14}no time {2}/);
  });

  test('--csv: RFC 4180, and no formulas', async () => {
    const own = makeServer();
    own.write('/var/log/apache2/error_log', '=cmd|" /C calc"!A0\n+1\n-1\n@x\n\ty\n\rz\nplain, text\n');
    const { code, out } = await cli(['search', '', '--csv', '--log', 'error', '--root', own.dir]);
    expect(code).toBe(0);
    const rows = out.split('\r\n');
    expect(rows[0]).toBe('time,file,offset,text');
    expect(rows.at(-1)).toBe('');
    const texts = rows.slice(1, -1).map((row) => /^"","[^"]+",\d+,"(.*)"$/.exec(row)?.[1]);
    expect(texts.toSorted()).toEqual(
      ['\'=cmd|"" /C calc""!A0', "'+1", "'-1", "'@x", '\\x09y', '\\x0dz', 'plain, text'].toSorted(),
    );
  });

  test('--count is what grep -c says, and --count --json has it by file', async () => {
    for (const pattern of ['GET', '203\\.0\\.113\\.5', 'nothing-like-it', '[0-9]{2}:0[0-4]:']) {
      const files = ['access_log', 'domlogs/shop.example.com'].map((name) =>
        join(root.dir, 'var/log/apache2', name),
      );
      const grep = files.map((file) => {
        try {
          return Number(execFileSync('grep', ['-c', '-E', pattern, file], { encoding: 'utf8' }));
        } catch {
          return 0;
        }
      });
      const sum = grep[0]! + grep[1]!;
      const { code, out } = await search(pattern, '--log', 'access', '--count');
      expect([pattern, code, out]).toEqual([pattern, sum > 0 ? 0 : 3, `${sum}\n`]);
      const json = await search(pattern, '--log', 'access', '--count', '--json');
      expect(JSON.parse(json.out)).toEqual({
        count: sum,
        files: expect.arrayContaining([
          { path: ACCESS, count: grep[0] },
          { path: SHOP, count: grep[1] },
        ]) as unknown,
      });
    }
  });

  test('--count counts all, whatever the limit', async () => {
    const { out, err } = await search('GET', '--log', 'access', '--count', '--limit', '3');
    expect([out, err]).toEqual(['9\n', '']);
  });
});

describe('what is searched', () => {
  test('regex, literal, PCRE, case, invert', async () => {
    expect(await uris('/START')).toEqual([]);
    expect(await uris('/START', '-i')).toEqual(['/start']);
    expect(await uris('a|b?x=(1)', '--literal')).toEqual(['/a|b?x=(1)']);
    expect(await uris('st(?=art)', '--pcre')).toEqual(['/start']);
    expect(await uris('203', '-v', '--log', ACCESS)).toEqual(['/six']);
    expect(await uris('203', '--invert', '--log', ACCESS)).toEqual(['/six']);
  });

  test('--log: kinds and paths, several', async () => {
    const files = async (...logs: string[]): Promise<string[]> => {
      const rows = rowsOf(await search('', '--json', ...logs.flatMap((log) => ['--log', log])));
      return [...new Set(rows.map(({ file }) => file))].toSorted();
    };
    expect(await files('lfd')).toEqual([LFD]);
    expect(await files('lfd', 'access')).toEqual([ACCESS, SHOP, LFD]);
    expect(await files(SHOP)).toEqual([SHOP]);
    expect(await files(SHOP, 'lfd')).toEqual([SHOP, LFD]);
    expect(await files()).toEqual([ACCESS, SHOP, '/etc/apache2/logs/error_log', LFD]);
  });

  test('--ip knows where an address ends, and IPv6 in any spelling', async () => {
    expect(await uris('', '--ip', '203.0.113.52')).toEqual(['/fifty-two']);
    const five = await uris('', '--ip', '203.0.113.5', '--log', 'access');
    expect(five).not.toContain('/fifty-two');
    expect(five).toHaveLength(5);
    expect(await uris('', '--ip', '2001:0DB8:0:0::5')).toEqual(['/six']);
    expect(await uris('', '--ip', '[2001:db8::5]')).toEqual(['/six']);
    expect(await uris('', '--ip', '203.0.113.48/28')).toEqual(['/fifty-two']);
  });

  test('--vhost, --account, --status', async () => {
    expect(await uris('', '--vhost', 'shop.example.com', '--log', 'access')).toContain('/shop');
    expect(await uris('shop', '--account', 'shopuser')).toEqual(['/shop/old', '/shop']);
    expect(await uris('', '--status', '4xx')).toEqual(['/six', '/fifty-two']);
    expect(await uris('', '--status', '500')).toEqual(['/a|b?x=(1)']);
  });

  test('--from, --to, --at', async () => {
    const log = ['--log', ACCESS];
    expect(await uris('', '--from', '2026-11-22 13:04', '--to', '2026-11-22 13:05:30', ...log)).toHaveLength(
      2,
    );
    expect(await uris('', '--from', '-2m', ...log)).toEqual(['/later']);
    expect(await uris('', '--at', '2026-11-22 13:59:00', ...log)).toEqual(['/later']);
    expect(await uris('', '--at', '2026-11-22 13:50:00', ...log)).toEqual([]);
    expect(await uris('', '--at', '2026-11-22 13:50:00 +-10 min', ...log)).toEqual(['/later']);
    expect(await uris('', '--now', '2026-11-22T14:10:00Z', '--from', '-10m', ...log)).toEqual(['/later']);
  });

  test('--rotated', async () => {
    const own = makeServer();
    own.write('/var/log/apache2/access_log', request(600, { uri: '/new' }));
    own.write('/var/log/apache2/access_log-20261122.gz', gzipSync(request(0, { uri: '/old' })));
    const found = async (...args: string[]): Promise<string[]> => {
      const answer = await cli(['search', 'GET', '--log', 'access', '--json', '--root', own.dir, ...args]);
      return rowsOf(answer).map(({ text }) => /"GET (\S+)/.exec(text)?.[1] ?? '');
    };
    expect(await found()).toEqual(['/new']);
    expect(await found('--rotated', 'auto', '--from', '2026-11-22 12:30')).toEqual(['/new', '/old']);
    expect(await found('--rotated', 'always')).toEqual(['/new', '/old']);
    expect(await found('--rotated', 'never', '--from', '2026-11-22 12:30')).toEqual(['/new']);
  });

  test('a plain search makes no database, and works where no state folder can be made', async () => {
    const state = join(tempDir(), 'state');
    expect((await cli(['search', '/start', '--root', root.dir, '--state', state])).code).toBe(0);
    expect(existsSync(join(state, 'whyblocked.db'))).toBe(false);
    const shared = tempDir();
    chmodSync(shared, 0o777);
    const refused = await cli(['search', '/start', '--root', root.dir, '--state', shared]);
    expect(refused.code).toBe(0);
    expect(refused.err).toMatch(
      /^Others can write to the state folder \S+\. The search goes on without it\.\n$/,
    );
  });
});

describe('exit codes', () => {
  test('3: not found in logs that cover the time', async () => {
    const { code, out, err } = await search('nothing-like-it');
    expect([code, out]).toEqual([3, '']);
    expect(err).toBe('whyblocked: No line was found; 4 logs read.\n');
    expect((await search('nothing-like-it', '--csv')).out).toBe('time,file,offset,text\r\n');
  });

  test('4: not found, and a log does not reach back, or is missing', async () => {
    const back = await search('nothing-like-it', '--log', LFD, '--from', '2026-11-20 10:00');
    expect([back.code, back.out]).toEqual([4, '']);
    expect(back.err).toContain(`whyblocked: ${LFD}: it cannot be read before 22 Nov 2026, 13:04:00.\n`);
    const empty = makeServer();
    const missing = await cli(['search', 'x', '--log', 'lfd', '--root', empty.dir]);
    expect(missing.code).toBe(4);
    expect(missing.err).toContain(`whyblocked: ${LFD}: `);
    const none = await search('x', '--log', 'lfd', '--status', '4xx');
    expect([none.code, none.err]).toEqual([
      4,
      'whyblocked: No log was read: only access logs have a status.\n',
    ]);
    expect((await search('x', '--log', 'mail')).err).toBe(
      'whyblocked: No log was read: no such log is here.\n',
    );
  });

  test('0: found, although a log is missing; that is said', async () => {
    const own = makeServer();
    own.write('/var/log/apache2/access_log', LINES[0]!);
    const { code, err } = await cli(['search', 'start', '--root', own.dir]);
    expect(code).toBe(0);
    expect(err).toContain(LFD);
  });

  test.each([
    ['an unclosed group', ['('], /not a valid regular expression.*--literal/],
    ['lookaround without --pcre', ['a(?=b)'], /--pcre/],
    ['a pattern that grows too large', ['((a{1,100}){1,100}){1,100}z'], /grows too large/],
    ['a line break', ['a\nb'], /holds a line break/],
    ['an empty pattern turned around', ['', '-v'], /need a pattern/],
    ['a flag without a pattern', ['-i'], /need a pattern.*--regex=PATTERN/],
    ['flags without a pattern', ['-iv'], /need a pattern/],
    [
      'an option that is none',
      ['-x'],
      /unknown option '-x' A pattern that begins with - is written --regex=PATTERN/,
    ],
    ['a pattern like an option', ['-1 UNION'], /unknown option '-1 UNION'.*--regex=PATTERN/],
    ['an option of ripgrep', ['--pre=cat'], /unknown option '--pre=cat'.*--regex=PATTERN/],
    ['two patterns', ['a', '--regex', 'b'], /Two patterns/],
    ['two words', ['a', 'b'], /too many arguments/],
    ['two syntaxes', ['a', '--literal', '--pcre'], /contradict each other/],
    ['two outputs', ['a', '--json', '--csv'], /two forms of output/],
    ['a table of a count', ['a', '--count', '--csv'], /--count prints a number/],
    ['a revealed count', ['a', '--count', '--reveal'], /--count prints no lines/],
    ['two windows', ['a', '--at', 'now', '--from', '-2h'], /--at sets both ends/],
    ['an address that is none', ['a', '--ip', '203.0.113.999'], /is no address/],
    ['a time that is none', ['a', '--from', 'soonish'], /“from” time “soonish” was not understood/],
    ['a moment that is none', ['a', '--at', 'soonish'], /was not understood/],
    ['a window that ends before', ['a', '--from', '-1h', '--to', '-2h'], /ends before it begins/],
    ['a status that is none', ['a', '--status', '999'], /is no status/],
    ['a kind that is none', ['a', '--log', 'errors'], /is no kind of log/],
    ['a list of kinds', ['a', '--log', 'error,lfd'], /is no kind of log/],
    ['a path that is no log', ['a', '--log', '/etc/passwd'], /cannot be searched/],
    ['a path with dots', ['a', '--log', '/var/log/../../etc/passwd'], /cannot be searched/],
    ['a vhost that is none', ['a', '--vhost', 'nobody.example.net'], /No vhost/],
    ['an account that is none', ['a', '--account', 'nobody'], /No account/],
    ['a limit of none', ['a', '--limit', '0'], /from 1 to 10000/],
    ['a limit that is no number', ['a', '--limit', '1e3'], /--limit needs a whole number, not “1e3”/],
    ['too much context', ['a', '--context', '21'], /from 0 to 20/],
    ['a negative context', ['a', '--context', '-1'], /--context needs a whole number/],
    ['a timeout of none', ['a', '--timeout', '0'], /from 1 to 3600/],
    ['a timeout that is too long', ['a', '--timeout', '3601'], /from 1 to 3600/],
    ['a damaged place', ['a', '--before', 'here'], /damaged/],
    [
      'rotated logs at a time that is none',
      ['a', '--rotated', 'maybe'],
      /Allowed choices are auto, always, never/,
    ],
    ['--logs with a pattern', ['a', '--logs'], /--logs searches nothing/],
    [
      '--saved alone with a pattern',
      ['a', '--saved'],
      /No search is kept|--saved without a name searches nothing/,
    ],
    ['--forget with a filter', ['--forget', 'a', '--ip', '203.0.113.5'], /--forget searches nothing/],
    ['--forget of what is not there', ['--forget', 'a'], /No search is kept under “a”/],
    ['--saved of what is not there', ['--saved', 'a'], /No search is kept under “a”/],
    ['--save without a name', ['a', '--save', ' '], /name of 1 to 80 characters/],
  ])('2: %s', async (_name, args, sentence) => {
    const { code, out, err } = await search(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('2: an option without its value', async () => {
    const { code, out, err } = await cli(['search', 'a', ...at, '--ip']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: option '--ip <address>' argument missing\n$/);
  });

  test('2: a moment and a root that cannot be', async () => {
    expect(await search('a', '--now', 'soon')).toMatchObject({ code: 2, out: '' });
    expect(await cli(['search', 'a', '--root', '/nonexistent/x'])).toMatchObject({ code: 2, out: '' });
  });
});

describe('patterns are only text', () => {
  test('one that begins with -', async () => {
    for (const args of [['--regex=-1 UNION'], ['--regex', '-1 UNION'], ['--', '-1 UNION']])
      expect(rowsOf(await cli(['search', '--json', ...at, ...args]))).toHaveLength(1);
    for (const pattern of ['--pre=cat', '-f/etc/passwd', '--files', '-e', '--help', '--version', '--'])
      expect(await search(`--regex=${pattern}`)).toMatchObject({ code: 3, out: '' });
  });

  test('quotes, dollars and backticks', async () => {
    expect(await uris("' and $HOME `id`", '--literal')).toEqual(['/later']);
    expect(await uris("' and \\$HOME `id`")).toEqual(['/later']);
  });

  test("a pattern in csf's basic grep: the sentence and the form that works", async () => {
    const { code, out, err } = await search('start\\|later');
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/whyblocked: .*\\\|.* Try: whyblocked search 'start\|later'\n/);
    expect(await uris('start|later')).toEqual(['/later', '/start']);
  });
});

test('the command that a page offers gives the same query here', async () => {
  const change: Partial<SearchQuery>[] = [
    {},
    { pattern: '-1 UNION', syntax: 'literal', ignoreCase: true, invert: true },
    { pattern: 'it\'s $HOME `id` \\ "x"', syntax: 'pcre' },
    { pattern: '--pre=cat', logs: ['lfd', '/var/log/a b'], rotated: 'always' },
    { pattern: '--', vhost: '-x.example.com', account: '--json', ip: '2001:db8::/32' },
    { pattern: 'a\tb\u202ec\x1b', from: '-2h', to: '-1h', status: '4xx', context: 3, limit: 7 },
    { pattern: '', from: '2026-11-22 17:56 +-5 min', rotated: 'never' },
  ];
  for (const one of change) {
    const query = { ...EMPTY_QUERY, pattern: 'x', ...one };
    const words = execFileSync('bash', [
      '-c',
      `whyblocked() { printf '%s\\0' "$@"; }; ${searchCommand(query)}`,
    ]);
    let read: SearchQuery | null = null;
    const nobody = (): Promise<never> => Promise.reject(new Error('not here'));
    const code = await runCli(words.toString().split('\0').slice(0, -1), {
      version: '0.0.0',
      output: { colour: false, width: 100, write: () => undefined, note: () => undefined },
      readStdin: nobody,
      indexLogs: () => Promise.resolve(0),
      isDamage: () => false,
      sendTrial: () => Promise.reject(new Error('not here')),
      ask: null,
      author: 'root',
      openContext: nobody,
      search: (args) => {
        read = queryOf(args);
        return Promise.resolve(0);
      },
      serve: nobody,
      login: nobody,
      demo: nobody,
    });
    expect([code, read]).toEqual([0, query]);
  }
});

describe('what a log holds acts nowhere', () => {
  const BYTES = '\x1b[31m\x1b]0;x\x07\x9b31m\xc2\x9b31m\xe2\x80\xae\x00\x7f\r';
  let own: TestRoot;
  beforeAll(() => {
    own = makeServer();
    own.write(
      '/var/log/apache2/access_log',
      Buffer.from(
        request(0, { agent: `evil ${BYTES} end` }) + request(1, { agent: `next ${BYTES}` }),
        'latin1',
      ),
    );
  });
  const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

  test.each([
    [[]],
    [['--json']],
    [['--csv']],
    [['--context', '2']],
    [['--json', '--context', '1']],
    [['--reveal']],
    [['--reveal', '--json']],
  ])('search evil %j', async (args) => {
    const options = ['--log', 'access', '--root', own.dir, '--state', join(tempDir(), 'state')];
    const { code, out, err } = await cli(['search', 'evil', ...args, ...options]);
    expect(code).toBe(0);
    expect((out + err).replaceAll('\r\n', '\n')).not.toMatch(UNSAFE);
    expect(out).toContain('evil');
  });

  test('colours are ours alone, and marked parts are whole', () => {
    const output = { colour: true, width: 100, write: () => undefined, note: () => undefined };
    const found: FoundLine = {
      at: '2026-11-22T13:00:00+00:00',
      file: '/var/log/a\x1b[31m\nb',
      offset: 7,
      parts: [
        { text: 'a\x1b[2J', marked: false, link: null },
        { text: 'b\x9b\n', marked: true, link: null },
      ],
      before: ['\x1b]0;x\x07'],
      after: [],
    };
    const text = foundText(output, found);
    expect(text.replaceAll(/\x1b\[\d+m/g, '')).not.toMatch(UNSAFE);
    expect(text).toContain('\x1b[1m\x1b[7mb\\x9b\\x0a');
    expect(text.split('\n')).toHaveLength(4);
    expect(jsonRow(found, true)).not.toMatch(UNSAFE);
    expect(JSON.parse(jsonRow(found, false))).toMatchObject({ text: 'a\x1b[2Jb\x9b\n' });
    const formula = foundCsv({ ...found, parts: [{ text: '\t=1', marked: false, link: null }] });
    expect(formula).toMatch(/,7,"'\t=1"\r\n$/);
    expect(foundCsv(found).replace('\r\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  });

  test('progress is one line, erased at the end, and none without a terminal', async () => {
    let written = '';
    const run = { bytesDone: 50, bytesTotal: 200, reading: '/var/log/a\x1b[31m\nb', collector: { count: 3 } };
    const none = showProgress(run as Parameters<typeof showProgress>[0], null, (text) => (written += text));
    const hide = showProgress(run as Parameters<typeof showProgress>[0], 40, (text) => (written += text));
    await new Promise((resolve) => setTimeout(resolve, 700));
    hide();
    none();
    expect(written).not.toMatch(/[\x00-\x0c\x0e-\x1f]/);
    expect(written).toContain('25 %  3 lines found');
    const shown = written.split('\r').filter((text) => text.trim() !== '');
    expect(shown.length).toBeGreaterThanOrEqual(1);
    expect(shown.length).toBeLessThanOrEqual(4);
    for (const text of written.split('\r')) expect(text.length).toBeLessThan(40);
    expect(written).toMatch(/\r +\r$/);
  });
});

describe('secrets', () => {
  test('are masked, in lines and around them', async () => {
    for (const args of [[], ['--json'], ['--csv'], ['--context', '3']])
      expect((await search('UNION|secret', ...args)).out).not.toContain('hunter22');
  });

  test('--reveal shows them, after the act was recorded', async () => {
    const { code, out } = await search('secret', '--reveal');
    expect(code).toBe(0);
    expect(out).toContain('password=hunter22');
    const rows = rowsOf(await cli(['activity', '--json', ...at])) as unknown as Record<string, unknown>[];
    expect(rows[0]).toMatchObject({
      who: 'root',
      act: 'reveal lines',
      detail: 'whyblocked search secret',
      result: '1 line',
    });
  });

  test('--reveal is refused when it cannot be recorded', async () => {
    const state = join(tempDir(), 'state');
    mkdirSync(join(state, 'whyblocked.db'), { recursive: true, mode: 0o700 });
    const { code, out, err } = await cli([
      'search',
      'secret',
      '--reveal',
      '--root',
      root.dir,
      '--state',
      state,
    ]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^whyblocked: No line is revealed, because that could not be recorded: .*\n$/);
  });
});

describe('--logs and kept searches', () => {
  test('--logs', async () => {
    const { code, out } = await search('--logs');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^access +\d+ B +\/etc\/apache2\/logs\/domlogs\/shop\.example\.com {2}shop\.example\.com$/m,
    );
    expect(out).toMatch(/^audit +0 B +\S+ {2}.+$/m);
    const rows = rowsOf(await search('--logs', '--json')) as unknown as Record<string, unknown>[];
    expect(rows).toContainEqual({
      kind: 'access',
      path: SHOP,
      size: statSync(join(root.dir, 'var/log/apache2/domlogs/shop.example.com')).size,
      compressed: false,
      rotated: false,
      vhost: 'shop.example.com',
      account: 'shopuser',
      problem: null,
    });
  });

  test('keep, list, run, change, forget', async () => {
    const options = ['--root', root.dir, '--state', join(tempDir(), 'state')];
    const kept = (...args: string[]): Promise<CliAnswer> => cli(['search', ...args, ...options]);
    expect(await kept('(', '--save', 'broken')).toMatchObject({ code: 2 });
    expect(await kept('--saved')).toEqual({ code: 0, out: '', err: '' });
    const first = await kept('a|b', '--literal', '--log', 'access', '--limit', '5', '--save', "it's mine");
    expect([first.code, first.out.split('\n').length]).toEqual([0, 2]);
    const list = rowsOf(await kept('--saved', '--json')) as unknown as Record<string, unknown>[];
    expect(list).toEqual([
      {
        name: "it's mine",
        who: 'root',
        at: expect.stringMatching(/^20\d\d-/) as unknown,
        command: "whyblocked search 'a|b' --literal --log access --limit 5",
      },
    ]);
    expect((await kept('--saved')).out).toMatch(
      /^it's mine {2}\(root, \d+ \w+ 20\d\d, [\d:]+\)\n {4}whyblocked search 'a\|b' --literal --log access --limit 5\n$/,
    );
    expect((await kept('--saved', "it's mine")).out).toBe(first.out);
    expect((await kept('--saved', "it's mine", '--count')).out).toBe('1\n');
    // A pattern brings its own syntax.
    expect((await kept('start|later', '--saved', "it's mine", '--count')).out).toBe('2\n');
    expect((await kept('--saved', "it's mine", '--log', 'lfd')).code).toBe(3);
    expect(await kept('--forget', "it's mine")).toEqual({ code: 0, out: '', err: '' });
    expect((await kept('--saved')).out).toBe('');
    const acts = rowsOf(await cli(['activity', '--json', ...options])) as unknown as { act: string }[];
    expect(acts.map(({ act }) => act)).toEqual(['forget search', 'save search']);
  });
});

describe('as a process of its own', () => {
  /** Gzip members that unpack to many GiB: a search that goes on until it is ended. */
  function slowRoot(): string[] {
    const own = makeRoot();
    own.folder('/etc/apache2');
    own.link('/etc/apache2/logs', '/var/log/apache2');
    own.write('/var/log/apache2/access_log', request(0, { uri: '/new' }));
    const member = gzipSync(request(0).repeat(200_000));
    const path = '/var/log/apache2/access_log-20261122.gz';
    own.write(path, member);
    const all = Buffer.concat(Array.from({ length: 50 }, () => member));
    for (let i = 0; i < 30; i++) appendFileSync(join(own.dir, path), all);
    return ['--log', 'access', '--rotated', 'always', '--root', own.dir, '--state', join(tempDir(), 'state')];
  }
  let slow: string[] = [];
  beforeAll(() => {
    slow = slowRoot();
  });

  const childrenOf = (pid: number): number[] =>
    readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`);

  async function searcher(pid: number): Promise<number> {
    for (let wait = 0; wait < 200; wait++) {
      const found = childrenOf(pid).filter((child) => {
        try {
          return readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('nothing-like');
        } catch {
          return false;
        }
      });
      // The first children only compile the pattern and read the small log.
      await new Promise((resolve) => setTimeout(resolve, 100));
      const left = found.filter(isRunning);
      if (left[0] !== undefined) return left[0];
    }
    throw new Error('no ripgrep was started');
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: one sentence, exit code %i, no child left', async (signal, code) => {
    const running = start(['search', 'nothing-like', ...slow]);
    const child = await searcher(running.child.pid!);
    running.child.kill(signal);
    expect(await running.ended).toEqual({
      code,
      signal: null,
      out: '',
      err: 'whyblocked: The search was stopped; nothing is shown.\n',
    });
    expect(isRunning(child)).toBe(false);
  });

  test('Ctrl-C reaches ripgrep too: still one sentence', async () => {
    const child = spawn(LAUNCHER, ['search', 'nothing-like', ...slow], { detached: true, stdio: 'pipe' });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await searcher(child.pid!);
    process.kill(-child.pid!, 'SIGINT');
    expect([await ended, said]).toEqual([130, 'whyblocked: The search was stopped; nothing is shown.\n']);
  });

  test('--timeout: what was found is printed, then a sentence, exit code 1', async () => {
    const { code, out, err } = await start(['search', '/new', '--count', '--timeout', '1', ...slow]).ended;
    expect([code, out]).toEqual([1, '1\n']);
    expect(err).toMatch(/^whyblocked: The search was ended after 1 seconds?\. [^\n]*\n$/);
  });

  test('a reader that stops early is no failure; no ANSI without a terminal', async () => {
    const own = makeServer();
    own.write(
      '/var/log/apache2/access_log',
      Array.from({ length: 12_000 }, (_, i) => request(i % 3600, { uri: `/${i}` })).join(''),
    );
    const options = [
      '--limit',
      '10000',
      '--log',
      'access',
      '--root',
      own.dir,
      '--state',
      join(tempDir(), 'state'),
    ];
    const command = '"$0" search GET "$@" | head -n 1; exit "${PIPESTATUS[0]}"';
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command, LAUNCHER, ...options]);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('');
    // One that reads late gets all of it.
    const late = await promisify(execFile)(
      'bash',
      ['-c', '"$0" search GET "$@" 2>&1 | (sleep 2; cat)', LAUNCHER, ...options],
      {
        maxBuffer: 1e8,
      },
    );
    expect(late.stdout.split('\n').filter((line) => line.includes('access_log@'))).toHaveLength(10_000);
    expect(late.stdout).not.toContain('\x1b');
    expect(late.stdout).toContain('--before');
  });

  test('--config names the logs of another panel', async () => {
    const folder = tempDir();
    mkdirSync(join(folder, 'root/srv/logs'), { recursive: true });
    writeFileSync(
      join(folder, 'root/srv/logs/errors'),
      '[Sun Nov 22 13:00:30.000001 2026] [core:error] [pid 1:tid 2] found here\n',
    );
    writeFileSync(join(folder, 'c.json'), '{"errorLogs": ["/srv/logs/errors"]}');
    const { code, out } = await start([
      'search',
      'found',
      '--log',
      'error',
      '--root',
      join(folder, 'root'),
      '--config',
      join(folder, 'c.json'),
    ]).ended;
    expect([code, out.split('\n').length]).toEqual([0, 2]);
  });
});

describe('ingest', () => {
  test('indexes the clients of big logs, and a search for an address uses that', async () => {
    const root = makeRoot();
    const line = (ip: string, i: number): string =>
      `${ip} - - [22/Nov/2026:${two(Math.floor(i / 3600) % 24)}:${two(Math.floor(i / 60) % 60)}:${two(i % 60)} +0000] "GET /${i} HTTP/1.1" 200 1 "-" "Mozilla/5.0 (X11; Linux x86_64)"\n`;
    const lines = Array.from({ length: 80_000 }, (_, i) =>
      line(i === 70_000 ? '203.0.113.5' : '198.51.100.7', i),
    );
    root.write(ACCESS, lines.join(''));
    const state = join(tempDir(), 'state');
    const at = ['--root', root.dir, '--state', state];
    const first = await cli(['ingest', '--json', ...at]);
    expect((JSON.parse(first.out) as { indexedBytes: number }).indexedBytes).toBeGreaterThan(4_000_000);
    expect(readdirSync(join(state, 'index')).length).toBeGreaterThan(0);
    const again = await cli(['ingest', '--json', ...at]);
    expect((JSON.parse(again.out) as { indexedBytes: number }).indexedBytes).toBeLessThan(1_000_000);
    const found = await cli(['search', '--ip', '203.0.113.5', '--log', 'access', '--json', ...at]);
    expect(found.out.trim().split('\n')).toHaveLength(1);
    expect(found.out).toContain('/70000 ');
  });
});
