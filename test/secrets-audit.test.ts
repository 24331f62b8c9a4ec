// Secrets in every log of a server must be in nothing that is shown, exported, written to the service's log or stored.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readReason } from '../src/actions/exclude.ts';
import { cli } from './actions/kit.ts';
import { tempDir } from './host/make-root.ts';
import {
  CLIENT,
  MARK,
  OTHER_CLIENT,
  plantSecrets,
  type Planted,
  RULE,
  type Secret,
  uniqueId,
  VHOST,
} from './secrets-plant.ts';
import { serve, type Served, signedIn } from './service-kit.ts';
import { crawlPrefix } from './web/crawl.ts';

/** All ways in which a text may stand in something: escaped for addresses, HTML and JSON, in base64, in hex. */
function formsOf({ plain, written }: Secret): readonly string[] {
  const bytes = Buffer.from(plain);
  const shifted = [0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), bytes]).toString('base64');
    // The first and the last characters depend on what stands beside.
    return text.slice(pad === 0 ? 0 : pad + 1, -4);
  });
  const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const html = plain.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return [
    plain,
    written,
    encodeURIComponent(plain),
    percent,
    html,
    JSON.stringify(plain).slice(1, -1),
    bytes.toString('hex'),
  ]
    .map((text) => text.toLowerCase())
    .concat(shifted.map((text) => `=${text}`));
}

/** Digests of a text as somebody might store them without a key. */
function digestsOf({ plain }: Secret): readonly string[] {
  return ['md5', 'sha1', 'sha256', 'sha512'].flatMap((name) => {
    const digest = createHash(name).update(plain).digest();
    return [
      digest.toString('hex').slice(0, 16),
      digest.toString('base64url').slice(0, 16),
      digest.toString('latin1').slice(0, 8),
    ];
  });
}

let planted: Planted;
let state = '';
let temporary = '';
const usual = process.env.TMPDIR;
let served: Served | null = null;
const seen = new Map<string, string>();
const leaks: { surface: string; source: string; form: string }[] = [];

/** Looks for all secrets in what a surface gave. */
function look(surface: string, text: string): void {
  seen.set(surface, text);
  for (const { source, form } of leaksIn(text)) leaks.push({ surface, source, form });
}

/** What was found: each secret once, with the first surface that showed it and how many did. */
function leaksBySource(): string[] {
  const all = Map.groupBy(leaks, ({ source }) => source);
  return [...all].map(
    ([source, found]) =>
      `${source}: in ${found[0]?.surface ?? ''} as ${found[0]?.form ?? ''}, ${found.length} times`,
  );
}

let needles: readonly { readonly source: string; readonly exact: string; readonly lower: string }[] = [];

function leaksIn(text: string): { source: string; form: string }[] {
  const lower = text.toLowerCase();
  const found = needles.flatMap(({ source, exact, lower: form }) =>
    (exact === '' ? lower.includes(form) : text.includes(exact)) ? [{ source, form: exact || form }] : [],
  );
  if (found.length > 0) return found;
  // A part of a secret that was cut.
  return [...new Set([...text.matchAll(MARK)].map(([mark]) => mark))].map((form) => ({
    source: 'a part',
    form,
  }));
}

/** Runs a command and looks at all that it printed. */
async function run(args: readonly string[], stdin = ''): Promise<string> {
  const { out, err } = await cli([...args, '--root', planted.root.dir, '--state', state], stdin);
  look(`whyblocked ${args.join(' ').slice(0, 100)}${stdin === '' ? '' : ' < stdin'}`, out + err);
  return out;
}

beforeAll(() => {
  planted = plantSecrets(Date.now());
  state = join(tempDir(), 'state');
  temporary = tempDir();
  needles = planted.secrets.flatMap((secret) =>
    [...new Set(formsOf(secret))].map((form) => ({
      source: secret.source,
      exact: form.startsWith('=') ? form.slice(1) : '',
      lower: form.startsWith('=') ? '' : form,
    })),
  );
});

afterAll(() => {
  served?.child.kill('SIGKILL');
});

const SEARCHES: readonly (readonly string[])[] = [
  [''],
  ['', '--json'],
  ['', '--csv'],
  ['', '--count'],
  ['login', '--context', '5'],
  ['zqx', '-i', '--json'],
  ['pass', '-i', '-v'],
  ['', '--ip', CLIENT],
  ['', '--vhost', VHOST, '--json'],
  ['--logs'],
];
const LOGS = ['access', 'error', 'audit', 'lfd', 'mail', 'system'].flatMap((log) => ['--log', log]);

test('the audit finds a secret in each form, and planted each in a log', () => {
  const lines = [...planted.lines.values()].flat().join('\n') + planted.mail;
  expect(planted.secrets.filter(({ written }) => !lines.includes(written))).toEqual([]);
  expect(planted.secrets.length).toBeGreaterThan(140);
  const [first] = planted.secrets;
  const plain = first?.plain ?? '';
  for (const text of [
    plain,
    plain.toUpperCase(),
    encodeURIComponent(plain),
    Buffer.from(`ab${plain}cd`).toString('base64'),
    Buffer.from(plain).toString('hex'),
    plain.slice(0, 6),
  ])
    expect([text, leaksIn(`x ${text} y`).length > 0]).toEqual([text, true]);
  expect(leaksIn('keyword author passage')).toEqual([]);
});

describe('the command line', () => {
  test('reads, explains, lists and searches without showing one', async () => {
    await run(['ingest']);
    await run(['ingest', '--json']);
    const targets = [CLIENT, OTHER_CLIENT, '198.51.100.0/24', VHOST, RULE, '949110'];
    for (const target of [
      ...targets,
      ...Array.from({ length: 40 }, (_, n) => uniqueId(n)),
      ...Array.from({ length: 8 }, (_, n) => uniqueId(100 + n)),
    ]) {
      await run(['explain', target]);
      await run(['explain', target, '--json']);
    }
    for (const text of [
      planted.mail,
      ...(planted.lines.get('/var/log/apache2/error_log') ?? []).filter((_, n) => n % 2 === 0),
      (planted.lines.get('/var/log/apache2/modsec_audit.log') ?? []).join('\n'),
    ]) {
      await run(['explain', '-'], text);
      await run(['explain', '-', '--json'], text);
    }
    for (const command of ['incidents', 'rules', 'exclusions', 'activity', 'doctor', 'reconcile']) {
      await run([command]);
      await run([command, '--json']);
    }
    await run(['doctor', '--redact']);
    for (const scope of [
      [],
      ['--target', 'ARGS:pwd'],
      ['--path', '/login.php'],
      ['--target', 'REQUEST_COOKIES:lang'],
    ])
      for (const format of [[], ['--json']])
        await run(['preview', '--vhost', VHOST, '--rule', RULE, ...scope, ...format]);
    for (const search of SEARCHES)
      await run(['search', ...search, ...LOGS, '--limit', '1000', '--rotated', 'always']);
    expect(leaksBySource()).toEqual([]);
    expect(seen.get(`whyblocked explain ${CLIENT}`)).toContain(CLIENT);
    expect(seen.get(`whyblocked explain ${uniqueId(0)}`)).toContain('ARGS:pwd');
    expect(seen.get(`whyblocked preview --vhost ${VHOST} --rule ${RULE}`)).toContain(VHOST);
  }, 60_000);

  test('shows each when told to, and records that without a secret of the pattern', async () => {
    const args = [
      'search',
      '',
      ...LOGS,
      '--limit',
      '1000',
      '--rotated',
      'always',
      '--reveal',
      '--root',
      planted.root.dir,
      '--state',
      state,
    ];
    const { out, code } = await cli(args);
    expect(code).toBe(0);
    const lines = [...planted.lines.values()].flat().join('\n');
    const unsearched = [...planted.lines]
      .flatMap(([file, texts]) => (/\/csf|concurrent/.test(file) ? texts : []))
      .join('\n');
    const shown = planted.secrets.filter(
      ({ written }) =>
        lines.includes(written) && !unsearched.includes(written) && /^[\x20-\x7e]+$/.test(written),
    );
    expect(shown.filter(({ written }) => !out.includes(written)).map(({ source }) => source)).toEqual([]);
    const secret = planted.secrets.find(({ source }) => source === 'access password')?.written ?? '';
    await cli(['search', `password=${secret}`, ...args.slice(2)]);
    const { code: keeping } = await cli(['search', `token=${secret}`, '--save', 'x', ...args.slice(-4)]);
    expect(keeping).toBe(2);
    const activity = await run(['activity', '--json']);
    expect(activity.match(/"reveal lines"/g)).toHaveLength(2);
    expect(leaksBySource()).toEqual([]);
  }, 20_000);
});

test('a reason, which stays in files and records, keeps none', () => {
  expect(readReason('they sent password=hunter2 to the form')).toBe('they sent password=•••• to the form');
});

describe('the pages', () => {
  let cookie = '';
  const ask = async (
    surface: string,
    query: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const origin = served?.origin ?? '';
    const answer = await fetch(`${origin}/index.cgi?${query}`, {
      redirect: 'manual',
      headers: { cookie, ...(form === undefined ? {} : { origin }) },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    const text = await answer.text();
    const head = JSON.stringify([...answer.headers].filter(([name]) => name !== 'set-cookie'));
    look(`page ${surface}`, head + text);
    return text;
  };

  beforeAll(async () => {
    const config = join(tempDir(), 'config.json');
    writeFileSync(config, JSON.stringify({ access: { costlyPerMinute: 10_000 } }));
    process.env.TMPDIR = temporary;
    served = await serve(planted.root.dir, ['--state', state, '--config', config]);
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
    cookie = await signedIn(served.link);
  }, 20_000);

  test('no page that a link leads to shows one', async () => {
    const { pages } = await crawlPrefix(`${served?.origin ?? ''}/index.cgi`, {
      headers: { cookie },
      perShape: 3,
      most: 160,
      seeds: [
        `?p=/explain&q=${CLIENT}`,
        `?p=/explain&q=${OTHER_CLIENT}`,
        `?p=/explain&q=${uniqueId(0)}`,
        `?p=/explain&q=${uniqueId(101)}`,
        `?p=/domain&vhost=${VHOST}`,
        `?p=/rule&id=${RULE}`,
        `?p=/propose&vhost=${VHOST}&rule=${RULE}`,
        '?p=/search&q=zqx&i=1&limit=500&log=access&log=error&log=audit&log=lfd&log=mail&log=system',
      ].map((seed) => `index.cgi${seed}`),
    });
    expect(pages.size).toBeGreaterThan(30);
    for (const [place, page] of pages) look(`page ${place}`, page.body);
    expect(leaksBySource()).toEqual([]);
  }, 60_000);

  test('no export, pasted text, bad request or failure shows one', async () => {
    const logs = ['access', 'error', 'audit', 'lfd', 'mail', 'system'].map((log) => `&log=${log}`).join('');
    for (const format of ['text', 'csv', 'jsonl']) {
      const text = await ask(`export ${format}`, `p=/search/export&format=${format}&limit=1000${logs}`);
      expect(text).toContain('ARGS:pwd');
    }
    const csrf = /name="csrf" value="([^"]*)"/.exec(await ask('home', 'p=/'))?.[1] ?? '';
    const asked = await ask('asked', 'p=/explain', { csrf, q: planted.mail });
    expect(asked).not.toContain('Not understood');
    const line = planted.secrets.find(({ source }) => source === 'access reset key')?.written ?? '';
    await ask('unknown page', `p=/nosuch?password=${line}`);
    await ask('unknown page that is posted', `p=/nosuch?password=${line}`, { csrf: 'wrong', password: line });
    await ask('broken link', `p=/search/around&file=/etc/shadow?token=${line}&offset=0`);
    await ask('broken escape', `p=/incident&ip=%&from=password=${line}`);
    const search = { csrf, name: 'kept-one', query: 'q=wp-login&log=access' };
    await ask('kept search', 'p=/search/save', search);
    await ask('kept search with a secret', 'p=/search/save', {
      ...search,
      name: 'kept-none',
      query: `q=password%3D${line}&log=access`,
    });
    const kept = await ask('search', 'p=/search');
    expect([kept.includes('kept-one'), kept.includes('kept-none')]).toEqual([true, false]);
    await ask('activity', 'p=/activity');
    expect(leaksBySource()).toEqual([]);
  }, 30_000);

  test('a reveal is a POST that shows them, and is recorded', async () => {
    const before = ((await ask('activity before a reveal', 'p=/activity')).match(/reveal lines/g) ?? [])
      .length;
    const found = await ask('lines with a mask', 'p=/search&q=PHPSESSID&log=access');
    const around =
      /index\.cgi\?(p=\/search\/around&amp;[^"]*)"/.exec(found)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const page = await ask('lines around', around);
    const form = /<form[^>]*reveal[\s\S]*?<\/form>/.exec(page)?.[0] ?? '';
    const fields = Object.fromEntries(
      [...form.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map((field) => [
        field[1] ?? '',
        field[2] ?? '',
      ]),
    );
    const answer = await fetch(`${served?.origin ?? ''}/index.cgi?p=/reveal`, {
      method: 'POST',
      headers: { cookie, origin: served?.origin ?? '' },
      body: new URLSearchParams(fields),
    });
    const shown = planted.secrets.find(({ source }) => source === 'access session in a path')?.written ?? '';
    expect(await answer.text()).toContain(shown);
    const after = await ask('activity after a reveal', 'p=/activity');
    expect(after.match(/reveal lines/g)).toHaveLength(before + 1);
    expect(leaksBySource()).toEqual([]);
  }, 20_000);
});

/** Everything in the files of the state folder. */
function lookAtFiles(when: string): readonly (readonly [name: string, text: string])[] {
  const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((item) => item.isFile());
  return files.map(({ parentPath, name }) => {
    const text = readFileSync(join(parentPath, name), 'latin1');
    look(`file ${name} ${when}`, text);
    look(`file ${name} ${when}, as UTF-8`, Buffer.from(text, 'latin1').toString('utf8'));
    return [name, text];
  });
}

describe('what stays', () => {
  test('no file holds one while the service runs', () => {
    expect(lookAtFiles('at work').map(([name]) => name)).toContain('whyblocked.db-wal');
    expect(leaksBySource()).toEqual([]);
  });

  test('the service wrote none to its log', async () => {
    served?.child.kill('SIGTERM');
    const ended = await served?.ended;
    look('the output of the service', `${ended?.out ?? ''}${ended?.err ?? ''}`);
    expect(leaksBySource()).toEqual([]);
  });

  test('no file of the state folder holds one, nor its digest', () => {
    const files = lookAtFiles('in the end');
    expect(files.map(([name]) => name)).toContain('whyblocked.db');
    for (const secret of planted.secrets)
      for (const digest of digestsOf(secret))
        for (const [name, text] of files)
          if (text.includes(digest))
            leaks.push({ surface: `file ${name}`, source: secret.source, form: digest });
    expect(leaksBySource()).toEqual([]);
  });

  test('nothing of it is left in the folder for temporary files', () => {
    expect(readdirSync(temporary, { recursive: true })).toEqual([]);
  });
});
