// The commands as DESIGN promises them: JSON fields, exit codes, options, and one sentence when something is wrong.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type DemoServer, unpackDemo } from '../../src/host/demo-root.ts';
import { cli, LAUNCHER, start } from '../actions/kit.ts';
import { makeServer, tempDir } from '../host/make-root.ts';

const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);
let demo: DemoServer;
let at: string[] = [];
beforeAll(() => {
  demo = unpackDemo(join(tempDir(), 'demo'), NOW);
  at = ['--root', demo.root, '--state', join(tempDir(), 'state')];
});

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?[+-]\d\d:\d\d$/;

/** What is wrong with a value: `either(...)`, a shape with exactly these fields, `[item]` for a list, or a kind. */
function wrong(value: unknown, kind: unknown, path = '$'): string[] {
  if (typeof kind === 'function') return (kind as (value: unknown, path: string) => string[])(value, path);
  if (Array.isArray(kind)) {
    if (!Array.isArray(value)) return [`${path}: no list`];
    return value.flatMap((item, index) => wrong(item, kind[0], `${path}[${String(index)}]`));
  }
  if (typeof kind === 'object' && kind !== null) {
    if (typeof value !== 'object' || value === null) return [`${path}: no object`];
    const keys = Object.keys(kind).sort().join();
    const own = Object.keys(value).sort().join();
    if (keys !== own) return [`${path}: ${own} instead of ${keys}`];
    return Object.entries(kind).flatMap(([key, one]) =>
      wrong((value as Record<string, unknown>)[key], one, `${path}.${key}`),
    );
  }
  return wrongPlain(value, kind, path);
}

function wrongPlain(value: unknown, kind: unknown, path: string): string[] {
  if (kind === 'null') return value === null ? [] : [`${path}: not null`];
  if (kind === 'time')
    return typeof value === 'string' && TIME.test(value) ? [] : [`${path}: ${String(value)} is no time`];
  return typeof value === kind ? [] : [`${path}: ${typeof value} instead of ${String(kind)}`];
}
const or =
  (...kinds: readonly unknown[]) =>
  (value: unknown, path: string): string[] =>
    kinds.some((kind) => wrong(value, kind, path).length === 0) ? [] : wrong(value, kinds[0], path);
const oneOf =
  (...words: readonly string[]) =>
  (value: unknown, path: string): string[] =>
    words.includes(value as string) ? [] : [`${path}: ${JSON.stringify(value)} is none of ${words.join()}`];

const LABEL = oneOf('attack', 'false-positive', 'unclear', 'local', 'not-attributable');
const KIND = oneOf('monitor', 'payment', 'partner', 'own-program', 'false-alarm');
const text = or('string', 'null');
const number = or('number', 'null');
const time = or('time', 'null');
const verdict = { label: LABEL, sub: text, logOdds: 'number' };
const row = {
  ip: 'string',
  from: 'time',
  to: 'time',
  spanSeconds: 'number',
  requests: 'number',
  vhosts: ['string'],
  ruleIds: ['string'],
  blocked: 'boolean',
  mark: text,
  verdict,
};
const place = { file: 'string', offset: 'number' };
const evidence = {
  id: 'string',
  weight: 'number',
  direction: oneOf('for', 'against', 'neutral'),
  status: oneOf('present', 'absent', 'unknown'),
  basis: oneOf('known', 'inferred', 'missing'),
  sentence: 'string',
  lines: [place],
};
const answer = { short: 'string', long: 'string' };
const EXPLAIN = {
  target: { kind: oneOf('ip', 'cidr', 'domain', 'uniqueId', 'ruleId', 'line', 'mail'), value: text },
  block: or(
    {
      state: oneOf('permanent', 'temporary', 'none', 'unknown'),
      source: text,
      since: time,
      until: time,
      trigger: text,
      count: number,
      intervalSeconds: number,
      line: text,
    },
    'null',
  ),
  incident: or(
    { from: 'time', to: 'time', spanSeconds: 'number', requests: 'number', vhosts: ['string'] },
    'null',
  ),
  incidents: [row],
  transactions: [
    {
      uniqueId: 'string',
      at: 'time',
      vhost: text,
      method: text,
      uri: text,
      status: number,
      score: {
        total: number,
        threshold: number,
        computed: 'number',
        reconciled: 'boolean',
        inferred: 'boolean',
        sets: [['number']],
      },
      ruleHits: [
        {
          id: 'string',
          severity: text,
          points: 'number',
          target: text,
          message: text,
          file: text,
          line: number,
          sources: ['string'],
        },
      ],
    },
  ],
  evidence: [evidence],
  statements: [{ basis: evidence.basis, sentence: 'string', lines: [place] }],
  missing: [{ source: 'string', why: 'string' }],
  verdict: or({ ...verdict, words: 'string' }, 'null'),
  answers: or({ visitor: answer, unblock: answer, exclude: answer }, 'null'),
  actors: [
    {
      agents: ['string'],
      requests: 'number',
      verdict: { ...verdict, words: 'string' },
      evidence: [evidence],
    },
  ],
  marks: [{ id: 'number', kind: KIND, about: 'string', note: 'string', author: 'string', at: 'time' }],
  proposals: ['null'],
  mail: or(
    {
      host: text,
      at: time,
      addresses: ['string'],
      trigger: text,
      count: number,
      intervalSeconds: number,
      permanent: or('boolean', 'null'),
      temporarySeconds: number,
      lines: ['string'],
    },
    'null',
  ),
};

describe('JSON', () => {
  test.each([
    ['an address', '198.51.100.77', 'ip'],
    ['an address that was seen and is not blocked', '192.0.2.44', 'ip'],
    ['an IPv6 address', '2001:DB8:5:0::7', 'ip'],
    ['a net', '203.0.113.0/24', 'cidr'],
    ['a domain', 'shop.example.com', 'domain'],
    ['an address of its own site', 'https://www.shop.example.com/cart?x=1', 'domain'],
    ['a rule', '949110', 'ruleId'],
  ])('explain %s', async (_name, target, kind) => {
    const { code, out, err } = await cli(['explain', target, '--json', ...at]);
    expect([code, err]).toEqual([0, '']);
    expect(out.endsWith('}\n') && out.indexOf('\n') === out.length - 1).toBe(true);
    const value = JSON.parse(out) as { target: { kind: string }; incident: unknown; block: unknown };
    expect(wrong(value, EXPLAIN)).toEqual([]);
    expect(value.target.kind).toBe(kind);
    if (kind !== 'ip') expect([value.incident, value.block]).toEqual([null, null]);
  });

  test('explain a unique_id, and each mail of the demo', async () => {
    const found = await cli(['explain', '198.51.100.77', '--json', ...at]);
    const [first] = (JSON.parse(found.out) as { transactions: { uniqueId: string }[] }).transactions;
    const one = await cli(['explain', first!.uniqueId, '--json', ...at]);
    const value = JSON.parse(one.out) as { target: unknown; incident: { requests: number } };
    expect(wrong(value, EXPLAIN)).toEqual([]);
    expect(value).toMatchObject({
      target: { kind: 'uniqueId', value: first!.uniqueId },
      incident: { requests: 10 },
    });
    for (const mail of demo.mails) {
      const answer = await cli(['explain', '-', '--json', ...at], mail.text);
      expect([mail.name, answer.code, wrong(JSON.parse(answer.out), EXPLAIN)]).toEqual([mail.name, 0, []]);
    }
  });

  test('incidents: one object a line, newest first', async () => {
    const { code, out } = await cli(['incidents', '--json', ...at]);
    expect(code).toBe(0);
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { ip: string; to: string; blocked: boolean; requests: number });
    expect(rows.length).toBeGreaterThanOrEqual(5);
    for (const one of rows) expect(wrong(one, row)).toEqual([]);
    const ends = rows.map(({ to }) => Date.parse(to));
    expect(ends).toEqual(ends.toSorted((a, b) => b - a));
    expect(rows.find(({ ip }) => ip === '198.51.100.77')).toMatchObject({ requests: 10, blocked: true });
    expect(rows.find(({ ip }) => ip === '192.0.2.44')).toMatchObject({ blocked: false });
  });

  test('ingest and activity', async () => {
    const state = join(tempDir(), 'state');
    const { out } = await cli(['ingest', '--json', '--root', demo.root, '--state', state]);
    expect(JSON.parse(out)).toMatchObject({ files: 6, problems: [] });
    expect(await cli(['activity', '--json', '--root', demo.root, '--state', state])).toMatchObject({
      code: 0,
      out: '',
    });
  });
});

describe('exit codes', () => {
  test('0: seen, but not blocked', async () => {
    const { code, out } = await cli(['explain', '192.0.2.44', '--json', ...at]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      block: { state: 'none', source: null },
      incident: { requests: 2 },
    });
  });

  test('3: no trace in logs that cover the time', async () => {
    const { code, out } = await cli(['explain', '203.0.113.250', ...at]);
    expect(code).toBe(3);
    expect(out).toContain('203.0.113.250 is not blocked here, and no line of ModSecurity or lfd names it.');
  });

  test.each([
    ['error_log is missing', ['/etc/csf/csf.deny']],
    ['csf.deny is missing', ['/var/log/apache2/error_log']],
  ])('4: no trace, and %s', async (_name, files) => {
    const root = makeServer();
    for (const file of files) root.write(file, '# nothing\n');
    const options = ['--root', root.dir, '--state', join(tempDir(), 'state')];
    const { code, out } = await cli(['explain', '203.0.113.250', ...options]);
    expect(code).toBe(4);
    expect(out).toContain('Nothing is known about 203.0.113.250: it is not in the logs that are left.');
    expect(out).toContain('MISSING');
    const json = await cli(['explain', '203.0.113.250', '--json', ...options]);
    expect(json.code).toBe(4);
    expect(JSON.parse(json.out)).toMatchObject({ verdict: null, transactions: [] });
  });

  test.each([
    [
      'an impossible address',
      ['explain', '203.0.113.999'],
      /203\.0\.113\.999 is not an address: 999 is more than 255/,
    ],
    ['an impossible net', ['explain', '203.0.113.0/40'], /is not a net: the number after the slash/],
    ['a broken IPv6 address', ['explain', '2001:db8:::1'], /is not an IPv6 address/],
    ['a word that is nothing', ['explain', 'why?'], /"why\?" was not understood/],
    ['an empty target', ['explain', ''], /Nothing was given/],
    ['no target', ['explain'], /missing required argument/],
    ['an unknown command', ['explode'], /unknown command/],
    ['an unknown option', ['incidents', '--jsno'], /unknown option '--jsno'/],
    ['a span of no unit', ['incidents', '--since', 'yesterday'], /Give a number and s, m, h or d/],
    ['an unknown verdict', ['incidents', '--verdict', 'evil'], /Allowed choices are attack/],
    ['a moment that is none', ['explain', '192.0.2.1', '--now', 'soon'], /--now soon is no ISO 8601 time/],
    [
      'a root that is not there',
      ['incidents', '--root', '/nonexistent/x'],
      /--root \/nonexistent\/x cannot be read: ENOENT/,
    ],
    ['a root that is a file', ['incidents', '--root', LAUNCHER], /--root .*whyblocked cannot be read/],
  ])('2: %s', async (_name, args, sentence) => {
    const own = args.includes('--root') ? args : [...args, ...at];
    const { code, out, err } = await cli(own);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
    expect(err.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    expect(err).not.toMatch(/\n\s+at |node:|\.ts:\d/);
  });

  test('2: nothing on stdin, and too much of it', async () => {
    expect(await cli(['explain', '-', ...at], '')).toMatchObject({ code: 2, out: '' });
    const much = await cli(['explain', '-', ...at], 'x'.repeat(1024 * 1024 + 1));
    expect(much).toMatchObject({ code: 2, err: expect.stringContaining('more than 1 MiB') as unknown });
  });

  test('1: a database of another server, and one of a newer version', async () => {
    const other = makeServer();
    const state = join(tempDir(), 'state');
    await cli(['ingest', '--root', demo.root, '--state', state]);
    const refused = await cli(['explain', '192.0.2.1', '--root', other.dir, '--state', state]);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(
      /^whyblocked: The database \S+ belongs to the server folder \S+, not to \S+\. [^\n]*\n$/,
    );
  });

  test('1: ingest says which log it could not read', async () => {
    const root = makeServer();
    root.folder('/var/log/apache2/error_log');
    root.write('/var/log/apache2/modsec_audit.log', '');
    const { code, err } = await cli(['ingest', '--root', root.dir, '--state', join(tempDir(), 'state')]);
    expect(code).toBe(1);
    expect(err).toMatch(/whyblocked: \/etc\/apache2\/logs\/error_log: /);
  });

  test('a control character in what was typed does not reach the terminal', async () => {
    const { code, err } = await cli(['explain', 'a\x1b[31mb', ...at]);
    expect(code).toBe(2);
    expect(err).not.toContain('\x1b');
  });
});

describe('options', () => {
  test('--since and --verdict narrow the list', async () => {
    const all = (await cli(['incidents', '--json', ...at])).out.trimEnd().split('\n');
    const recent = (await cli(['incidents', '--json', '--since', '30m', ...at])).out.trimEnd().split('\n');
    expect(recent.length).toBeLessThan(all.length);
    expect(all.slice(0, recent.length)).toEqual(recent);
    const attacks = (await cli(['incidents', '--json', '--verdict', 'attack', ...at])).out
      .trimEnd()
      .split('\n');
    expect(attacks).toEqual(
      all.filter((line) => (JSON.parse(line) as { verdict: { label: string } }).verdict.label === 'attack'),
    );
    expect(attacks.length).toBeGreaterThan(0);
    expect((await cli(['incidents', '--since', '1s', ...at])).out).toBe(
      'No incidents in the logs that were read.\n',
    );
  });

  test('--now decides what has ended', async () => {
    const state = async (now: string): Promise<unknown> =>
      (
        JSON.parse((await cli(['explain', '203.0.113.140', '--json', '--now', now, ...at])).out) as {
          block: unknown;
        }
      ).block;
    expect(await state('2027-01-05T10:30:00+01:00')).toMatchObject({ state: 'temporary', source: 'tempban' });
    expect(await state('2027-01-06T10:30:00+01:00')).toMatchObject({ state: 'none', source: null });
  });

  test.each(['explain', 'incidents', 'ingest', 'activity', 'serve', 'demo'])(
    '%s --help and --version',
    async (command) => {
      const help = await cli([command, '--help']);
      expect([help.code, help.err]).toEqual([0, '']);
      expect(help.out).toContain(`Usage: whyblocked ${command}`);
      expect(await cli([command, '--version'])).toEqual({ code: 0, out: '0.0.0\n', err: '' });
    },
  );

  test('--help and --version alone', async () => {
    const help = await cli(['--help']);
    expect(help.code).toBe(0);
    for (const command of ['explain', 'incidents', 'ingest', 'serve', 'demo'])
      expect(help.out).toContain(command);
    expect(await cli(['--version'])).toEqual({ code: 0, out: '0.0.0\n', err: '' });
    const nothing = await cli([]);
    expect(nothing.code).toBe(2);
    expect(nothing.err + nothing.out).toContain('Usage: whyblocked');
  });

  test('--config: a wrong file is refused with its field', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'c.json'), '{"errorLog": ["/x"]}');
    const bad = await start(['incidents', ...at, '--config', join(folder, 'c.json')]).ended;
    expect([bad.code, bad.out]).toEqual([2, '']);
    expect(bad.err).toMatch(/^whyblocked: [^\n]*errorLog[^\n]*\n$/);
  });

  test('--config: paths of another panel', async () => {
    const root = join(tempDir(), 'root');
    mkdirSync(join(root, 'srv/logs'), { recursive: true });
    const line =
      '[Sun Nov 22 13:00:01.000001 2026] [security2:error] [pid 1:tid 2] [client 203.0.113.7:1] [client 203.0.113.7] ModSecurity: Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/x/949.conf"] [line "94"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 5)"] [severity "CRITICAL"] [hostname "shop.example.com"] [uri "/"] [unique_id "aSGk0kXnq5Qe4V2mXh30001AAAEs"]\n';
    writeFileSync(join(root, 'srv/logs/errors'), line);
    writeFileSync(join(root, 'c.json'), '{"errorLogs": ["/srv/logs/errors"]}');
    const options = ['--root', root, '--config', join(root, 'c.json'), '--state', join(tempDir(), 'state')];
    const { code, out } = await start(['explain', '203.0.113.7', '--json', ...options]).ended;
    expect([code, (JSON.parse(out) as { transactions: unknown[] }).transactions.length]).toEqual([0, 1]);
  });
});

test('a reader that stops early is no failure', async () => {
  const command = `"$0" incidents --json --root "$1" --state "$2" | head -n 1; exit "\${PIPESTATUS[0]}"`;
  const state = join(tempDir(), 'state');
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command, LAUNCHER, demo.root, state]);
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).toBe('');
});
