// `mark`, `marks` and `unmark`: said, listed, taken back; on a copied server too, of which no byte changes.
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runCli } from '../../src/cli/program.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { cli, listing, open } from '../actions/kit.ts';
import { makeServer, tempDir } from '../host/make-root.ts';

const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?[+-]\d\d:\d\d$/;

describe('on a copied server', () => {
  let root = '';
  let at: string[] = [];
  beforeAll(() => {
    root = unpackDemo(join(tempDir(), 'demo'), NOW).root;
  });
  beforeEach(() => {
    at = ['--root', root, '--state', join(tempDir(), 'state')];
  });
  const say = (...args: string[]): ReturnType<typeof cli> => cli([...args, ...at]);

  test('a mark is shown by explain and incidents until it is taken back, and no file of the server changes', async () => {
    const files = listing(root);
    const before = await say('explain', '192.0.2.44', '--json');
    const marked = await say('mark', '192.0.2.44', '--as', 'monitor', '--note', 'ours', '--yes');
    expect(marked).toEqual({
      code: 0,
      err: '',
      out: 'Marked 192.0.2.44 as an uptime monitor (mark 1). Nothing was changed on the server. Take it back: whyblocked unmark 1\n',
    });
    const { marks } = JSON.parse((await say('explain', '192.0.2.44', '--json')).out) as { marks: unknown[] };
    expect(marks).toEqual([
      {
        ...{ id: 1, kind: 'monitor', about: '192.0.2.44', note: 'ours', author: 'root' },
        at: expect.stringMatching(TIME),
      },
    ]);
    expect((await say('explain', '192.0.2.44')).out).toMatch(
      /YOUR WORD +You said on .*: an uptime\s+monitor\./,
    );
    const rows = (await say('incidents', '--json')).out.trimEnd().split('\n');
    const kinds = rows.map((line) => JSON.parse(line) as { ip: string; mark: string | null });
    expect(kinds.length).toBeGreaterThan(2);
    for (const { ip, mark } of kinds)
      expect([ip, mark]).toEqual([ip, ip === '192.0.2.44' ? 'monitor' : null]);
    expect((await say('incidents')).out.match(/\[your monitor\]/g)).toHaveLength(1);
    expect(await say('unmark', '1')).toEqual({
      code: 0,
      err: '',
      out: '192.0.2.44 is not marked as an uptime monitor any more.\n',
    });
    expect((await say('explain', '192.0.2.44', '--json')).out).toBe(before.out);
    expect(listing(root)).toEqual(files);
  });

  test('marks are listed and counted', async () => {
    expect((await say('marks')).out).toBe('No such mark.\nNothing was ever marked.\n');
    await say('mark', '203.0.113.0/24', '--as', 'partner', '--yes');
    await say('mark', '2001:DB8::7', '--as', 'false-alarm', '--note', 'a\u009bb', '--yes');
    await say('mark', '2001:DB8::7', '--as', 'false-alarm', '--note', 'shop', '--yes');
    await say('unmark', '1');
    const text = (await say('marks')).out;
    expect(text).toMatch(
      /^ {3}2 {2}2001:db8::7 +false-alarm +\d+ \w+ \d{4}, [\d:]+ {2}root {2}0 incidents since: shop\n/,
    );
    expect(text).toContain('Counted: false-alarm 1 now, 1 ever; partner 0 now, 1 ever.');
    expect((await say('marks', '--ended')).out).toMatch(
      /203\.0\.113\.0\/24 +partner .* taken back .* by root\n/,
    );
    const json = JSON.parse((await say('marks', '--json')).out) as unknown;
    expect(json).toEqual({
      marks: [
        {
          ...{ id: 2, kind: 'false-alarm', subject: 'address', about: '2001:db8::7', note: 'shop' },
          ...{ author: 'root', at: expect.stringMatching(TIME), endedAt: null, endedBy: null },
          ...{ incidentsSince: 0, cause: null },
        },
      ],
      counts: [
        { subject: 'address', kind: 'false-alarm', active: 1, ever: 1 },
        { subject: 'address', kind: 'partner', active: 0, ever: 1 },
      ],
    });
  });

  test('--json prints the mark', async () => {
    const fields = {
      id: 1,
      kind: 'payment',
      subject: 'address',
      about: '198.51.100.9',
      note: '',
      author: 'root',
    };
    const made = await say('mark', '198.51.100.9', '--as', 'payment', '--yes', '--json');
    expect(JSON.parse(made.out)).toEqual({
      ...fields,
      ...{ at: expect.stringMatching(TIME), endedAt: null, endedBy: null },
    });
    const ended = await say('unmark', '1', '--json');
    expect(JSON.parse(ended.out)).toMatchObject({
      ...fields,
      endedAt: expect.stringMatching(TIME),
      endedBy: 'root',
    });
  });

  test('without --yes and without a terminal it is a dry run', async () => {
    expect(await say('mark', '192.0.2.44', '--as', 'monitor')).toEqual({
      code: 0,
      err: '',
      out: 'Nothing was changed: this is a dry run. Mark 192.0.2.44 as an uptime monitor with --yes.\n',
    });
    expect((await say('marks')).out).toContain('Nothing was ever marked.');
  });

  test.each([
    ['no', 0, 'Nothing was changed.\n'],
    ['y', 1, 'Marked 192.0.2.44 as an uptime monitor (mark 1).'],
  ])('at a terminal it asks: %s', async (answer, marks, words) => {
    let out = '';
    const asked: string[] = [];
    const write = (text: string): void => {
      out += text;
    };
    const none = (): Promise<never> => Promise.reject(new Error('not here'));
    const ctx = open({ root, state: at[3] });
    const code = await runCli(['mark', '192.0.2.44', '--as', 'monitor'], {
      version: '0.0.0',
      output: { colour: false, width: 100, write, note: write },
      ...{ readStdin: none, indexLogs: none, search: none, serve: none, login: none, demo: none },
      isDamage: () => false,
      sendTrial: () => Promise.reject(new Error('not here')),
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(answer);
      },
      author: 'root',
      openContext: () => Promise.resolve({ ...ctx, close: () => undefined }),
    });
    expect([code, asked]).toEqual([0, ['Mark 192.0.2.44 as an uptime monitor? [y/N] ']]);
    expect(out).toContain(words);
    expect(ctx.store.marks.active('address')).toHaveLength(marks);
    ctx.close();
  });
});

describe('exit codes', () => {
  let at: string[] = [];
  beforeAll(async () => {
    at = ['--root', makeServer().dir, '--state', join(tempDir(), 'state')];
    await cli(['mark', '203.0.113.7', '--as', 'monitor', '--yes', ...at]);
  });

  test.each([
    ['no address', ['mark', 'why', '--as', 'monitor'], 2, /"why" is no address and no net/],
    ['neither address nor cause', ['mark', '--as', 'monitor'], 2, /Name an address, a net, or a cause/],
    ['both', ['mark', '203.0.113.9', '--cause', '1', '--as', 'false-alarm'], 2, /one of them/],
    ['no kind', ['mark', '203.0.113.9'], 2, /Say what it is with --as: monitor, payment, /],
    ['an unknown kind', ['mark', '203.0.113.9', '--as', 'friend'], 2, /Allowed choices are monitor, payment/],
    ['too wide a net', ['mark', '203.0.0.0/8', '--as', 'monitor'], 2, /is too wide/],
    [
      'a cause as a monitor',
      ['mark', '--cause', '1', '--as', 'monitor'],
      2,
      /only be marked as a false alarm/,
    ],
    ['no number of a mark', ['unmark', 'x'], 2, /x is no mark’s number/],
    ['a second equal mark', ['mark', '203.0.113.7', '--as', 'monitor', '--yes'], 1, /already \(mark 1\)/],
    ['the same in a dry run', ['mark', '203.0.113.7', '--as', 'monitor'], 1, /already \(mark 1\)/],
    ['the server itself', ['mark', '127.0.0.1', '--as', 'monitor', '--yes'], 1, /is this server itself/],
    [
      'a cause that is not there',
      ['mark', '--cause', '9', '--as', 'false-alarm', '--yes'],
      1,
      /There is no cause 9/,
    ],
    ['a mark that is not there', ['unmark', '99'], 1, /There is no mark 99/],
  ] as const)('%s', async (_name, args, code, words) => {
    const answer = await cli([...args, ...at]);
    expect([answer.code, answer.out]).toEqual([code, '']);
    expect(answer.err).toMatch(words);
  });
});
