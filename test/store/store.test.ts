// The database file: made, migrated, refused, set aside; and nothing secret in its bytes.
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { explain } from '../../src/actions/explain.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { openDatabase, readMeta } from '../../src/store/database.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { cli, ingestOnce, newState, open, start } from '../actions/kit.ts';
import { makeServer, tempDir } from '../host/make-root.ts';

const NAME = 'whyblocked.db';
const version = (path: string): number => {
  const db = openDatabase(path, '/srv/a');
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } finally {
    db.close();
  }
};

describe('the schema', () => {
  test('is made from nothing, and opened again as it is', () => {
    const path = join(tempDir(), NAME);
    expect(version(path)).toBe(MIGRATIONS.length);
    const before = readFileSync(path);
    expect(version(path)).toBe(MIGRATIONS.length);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test.each(MIGRATIONS.map((_, index) => index))('is brought up from step %d', (steps) => {
    const path = join(tempDir(), NAME);
    const db = openDatabase(path, '/srv/a');
    const tables = (one: typeof db): unknown[] =>
      one
        .prepare("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
        .all();
    const whole = tables(db);
    db.close();
    const old = join(tempDir(), NAME);
    const raw = openDatabase(old, '/srv/a');
    for (const { type, name } of tables(raw) as { type: string; name: string }[])
      if (type === 'table') raw.exec(`DROP TABLE "${name}"`);
    for (const sql of MIGRATIONS.slice(0, steps)) raw.exec(sql);
    raw.pragma(`user_version = ${String(steps)}`);
    raw.close();
    const again = openDatabase(old, '/srv/a');
    expect(tables(again)).toEqual(whole);
    again.close();
  });

  test('two processes that make it at once agree', async () => {
    const root = makeServer();
    const state = join(tempDir(), 'state');
    const args = ['incidents', '--root', root.dir, '--state', state];
    const all = await Promise.all([1, 2, 3].map(() => start(args).ended));
    expect(all.map(({ code, err }) => [code, err])).toEqual([1, 2, 3].map(() => [0, '']));
  });

  test('is readable by its owner alone', async () => {
    const root = makeServer();
    const state = join(tempDir(), 'state');
    await ingestOnce(root.dir, state);
    expect(statSync(state).mode & 0o777).toBe(0o700);
  });
});

describe('what is refused', () => {
  test('a database of a newer version, with the sentence', async () => {
    const root = makeServer();
    const state = newState(root.dir);
    const db = openDatabase(join(state, NAME), root.dir);
    db.pragma(`user_version = ${String(MIGRATIONS.length + 3)}`);
    db.close();
    const before = readFileSync(join(state, NAME));
    const answer = await cli(['incidents', '--root', root.dir, '--state', state]);
    expect(answer).toEqual({
      code: 1,
      out: '',
      err: `whyblocked: The database ${join(state, NAME)} was written by a newer Whyblocked (schema ${String(MIGRATIONS.length + 3)}, this one knows ${String(MIGRATIONS.length)}). Update Whyblocked, or name another folder with --state.\n`,
    });
    expect(readFileSync(join(state, NAME)).equals(before)).toBe(true);
    expect(readdirSync(state).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  test('a database of another server folder', () => {
    const state = newState('/srv/a');
    expect(() => openDatabase(join(state, NAME), '/srv/b')).toThrow(
      /belongs to the server folder \/srv\/a, not to \/srv\/b/,
    );
    const db = openDatabase(join(state, NAME), '/srv/a');
    expect(readMeta(db, 'root')).toBe('/srv/a');
    db.close();
  });
});

describe('a damaged file is set aside and made anew from the logs', () => {
  let demo = '';
  beforeAll(() => {
    demo = unpackDemo(join(tempDir(), 'demo'), Date.UTC(2027, 0, 5, 9, 30)).root;
  });
  const damages: readonly (readonly [string, (path: string) => void])[] = [
    [
      'overwritten with text',
      (path) => {
        writeFileSync(path, 'not a database at all, but long enough to be looked at '.repeat(2000));
      },
    ],
    [
      'cut',
      (path) => {
        truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096 + 100);
      },
    ],
    [
      'garbage in its last pages',
      (path) => {
        const bytes = readFileSync(path);
        const pages = bytes.length / 4096;
        for (let page = Math.floor(pages / 3); page < pages; page++)
          bytes.fill(0xa5, page * 4096, page * 4096 + 512);
        writeFileSync(path, bytes);
      },
    ],
    [
      'garbage in its pages',
      (path) => {
        const bytes = readFileSync(path);
        for (let page = 1; page * 4096 < bytes.length; page++)
          bytes.fill(0xa5, page * 4096, page * 4096 + 512);
        writeFileSync(path, bytes);
      },
    ],
  ];
  test.each(damages)('%s', async (_name, damage) => {
    const state = join(tempDir(), 'state');
    const at = ['--root', demo, '--state', state];
    const good = await cli(['incidents', '--json', ...at]);
    expect(good.code).toBe(0);
    damage(join(state, NAME));
    const bytes = readFileSync(join(state, NAME));
    const again = await cli(['incidents', '--json', ...at]);
    expect(again.out).toBe(good.out);
    expect(again.code).toBe(0);
    expect(again.err).toMatch(/is damaged: .* It was set aside as \S+; the logs are read again\./);
    const aside = readdirSync(state).filter((name) => /\.damaged-[\dTZ-]+$/.test(name));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(state, aside[0] ?? '')).equals(bytes)).toBe(true);
    expect(await cli(['incidents', '--json', ...at])).toEqual({ ...good, err: '' });
  });
});

describe('nothing secret is stored', () => {
  const secrets = {
    password: 'hunter2-Plant-pwd',
    passwordInJson: 'JsonPlantPass99',
    cookie: 'c00kiePlantValue77',
    session: 'sessPlant8844abcd',
    token: 'tokPlantAAbb1122',
    bearer: 'BearerPlantZZ9911',
    basic: Buffer.from('admin:BasicPlant66').toString('base64'),
    nonce: 'noncePlant5533',
    userinfo: 'UrlPlantPw44',
    card: '4111111111111111',
    cardSpaced: '4012 8888 8888 1881',
    broken: 'BrokenLinePlant31',
    access: 'AccessPlantPw12',
    lfd: 'LfdPlantPw21',
  };
  /** What stands around a secret, so that a failure names the place. */
  const around = (bytes: Buffer, secret: string): string => {
    const at = bytes.indexOf(secret);
    return at < 0 ? '' : bytes.toString('latin1', Math.max(0, at - 120), at + secret.length + 20);
  };
  const id = (index: number): string => `aSGk0kXnq5Qe4V2mXh3000${String(index)}AAAEs`;
  const line = (index: number, text: string, uri = '/wp-login.php'): string =>
    `[Sun Nov 22 13:00:0${String(index)}.000001 2026] [security2:error] [pid 1:tid 2] [client 203.0.113.7:1] [client 203.0.113.7] ModSecurity: Warning. ${text} [severity "CRITICAL"] [hostname "shop.example.com"] [uri "${uri}"] [unique_id "${id(index)}"]\n`;
  const rule = (target: string, data: string): string =>
    `Pattern match "x" at ${target}. [file "/x.conf"] [line "1"] [id "942100"] [msg "SQLi"] [data "Matched Data: x found within ${target}: ${data}"]`;

  test('of audit records, error_log, access log and lfd.log', async () => {
    const root = makeServer();
    root.write(
      '/var/log/apache2/error_log',
      [
        line(1, rule('ARGS:pwd', `x${secrets.password}`)),
        line(2, rule('ARGS:json.password', secrets.passwordInJson)),
        line(3, rule('REQUEST_COOKIES:wordpress_logged_in_abc', secrets.cookie)),
        line(4, rule('REQUEST_HEADERS:Authorization', `Bearer ${secrets.bearer}`)),
        line(5, rule('ARGS:comment', `my card ${secrets.card} or ${secrets.cardSpaced} exp 12/29`)),
        line(6, rule('REQUEST_URI', `/reset?token=${secrets.token}&_wpnonce=${secrets.nonce}`), '/reset'),
        line(7, rule('ARGS:url', `https://bob:${secrets.userinfo}@example.com/`)),
        `[Sun Nov 22 13:00:09.000001 2026] [security2:error] [client 203.0.113.7:1] ModSecurity: odd line?password=${secrets.broken}\n`,
      ].join(''),
    );
    const record = (index: number, request: string, body: string): string =>
      `--0000000${String(index)}-A--\n[22/Nov/2026:13:00:0${String(index)}.000001 +0000] ${id(index)} 203.0.113.7 1 192.0.2.1 443\n--0000000${String(index)}-B--\n${request}\n--0000000${String(index)}-C--\n${body}\n--0000000${String(index)}-F--\nHTTP/1.1 403 Forbidden\nSet-Cookie: sid=${secrets.session}\n\n--0000000${String(index)}-H--\nMessage: Warning. ${rule('ARGS:pwd', `x${secrets.password}`)} [severity "CRITICAL"]\n\n--0000000${String(index)}-Z--\n\n`;
    root.write(
      '/var/log/apache2/modsec_audit.log',
      [
        record(
          1,
          `POST /wp-login.php?sessionid=${secrets.session} HTTP/1.1\nHost: shop.example.com\nCookie: PHPSESSID=${secrets.session}; theme=${secrets.cookie}\nAuthorization: Basic ${secrets.basic}\nReferer: https://shop.example.com/?token=${secrets.token}\nContent-Type: application/x-www-form-urlencoded\n`,
          `log=admin&pwd=x${secrets.password}&card=${secrets.card}`,
        ),
        record(
          2,
          `POST /api HTTP/1.1\nHost: shop.example.com\nX-Api-Key: ${secrets.token}\nContent-Type: application/json\n`,
          `{"user":"a","password":"${secrets.passwordInJson}' or 1=1"}`,
        ),
        `--00000009-A--\ngarbage ?password=${secrets.broken}\n--00000009-Z--\n\n`,
      ].join(''),
    );
    root.write(
      '/var/log/apache2/access_log',
      [1, 2, 3]
        .map(
          (second) =>
            `203.0.113.7 - - [22/Nov/2026:13:00:0${String(second)} +0000] "GET /login?password=${secrets.access}&a=1 HTTP/1.1" 200 5 "https://shop.example.com/?token=${secrets.token}" "curl"\n`,
        )
        .join(''),
    );
    root.write(
      '/var/log/lfd.log',
      'Nov 22 13:00:10 server lfd[9]: (mod_security) mod_security (id:942100) triggered by 203.0.113.7 (-): 5 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]\n',
    );
    const state = newState(root.dir);
    const ctx = open({ root: root.dir, state });
    try {
      const answer = await explain(ctx, '203.0.113.7');
      expect(answer.incident?.requests).toBe(7);
      expect(answer.incident?.contextTotal).toBeGreaterThan(0);
      const shown = JSON.stringify(answer);
      for (const [name, secret] of Object.entries(secrets))
        expect([name, shown.includes(secret)]).toEqual([name, false]);
      for (const file of readdirSync(state)) {
        const bytes = readFileSync(join(state, file));
        for (const [name, secret] of Object.entries(secrets))
          expect([file, name, around(bytes, secret)]).toEqual([file, name, '']);
      }
    } finally {
      ctx.close();
    }
    // What is left after closing is the folded file.
    const bytes = readFileSync(join(state, NAME));
    for (const [name, secret] of Object.entries(secrets))
      expect([name, bytes.includes(secret)]).toEqual([name, false]);
    expect(bytes.includes('ARGS:pwd')).toBe(true);
  });
});
