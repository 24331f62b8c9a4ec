// When nothing can be read in or kept: what each error means, and that what is kept still answers, with its gap.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { exitCodeOf } from '../../src/actions/json.ts';
import { explain } from '../../src/actions/explain.ts';
import { readInbox } from '../../src/actions/inbox.ts';
import {
  failureOf,
  NOT_READ_YET,
  type ReadFailure,
  readNotice,
  readStateHealth,
  stoppedBy,
} from '../../src/actions/read-state.ts';
import { openContext } from '../../src/context.ts';
import { openDatabase } from '../../src/store/database.ts';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';
import { cli, ingestOnce } from './kit.ts';

describe('what an error means', () => {
  test.each<[string, ReadFailure]>([
    ['SQLITE_FULL', 'disk-full'],
    ['SQLITE_IOERR_SHMSIZE', 'disk-full'],
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['SQLITE_BUSY', 'locked'],
    ['SQLITE_BUSY_SNAPSHOT', 'locked'],
    ['SQLITE_LOCKED', 'locked'],
    ['SQLITE_READONLY_DBMOVED', 'denied'],
    ['SQLITE_CANTOPEN', 'denied'],
    ['EACCES', 'denied'],
    ['EROFS', 'denied'],
    ['SQLITE_CORRUPT_VTAB', 'damaged'],
    ['SQLITE_NOTADB', 'damaged'],
    ['SQLITE_ERROR', 'other'],
    ['ENOENT', 'other'],
  ])('%s: %s', (code, failure) => {
    const error = Object.assign(new Error('a reason'), { code });
    expect(failureOf(error)).toEqual({ failure, detail: 'a reason' });
    expect(failureOf(new Error('above', { cause: new Error('between', { cause: error }) }))).toEqual({
      failure,
      detail: failure === 'other' ? 'above' : 'a reason',
    });
    const keepsOn = failure === 'disk-full' || failure === 'locked' || failure === 'denied';
    expect(stoppedBy(error) !== null).toBe(keepsOn);
    const state = { ...NOT_READ_YET, failure, detail: 'a reason' };
    const notice = readNotice(state, { when: () => 'noon', folder: '/var/lib/whyblocked' });
    expect(notice?.text).toContain('that does not mean nothing happened. It was reported as: a reason.');
    expect(`${notice?.title} ${notice?.mend}`).not.toContain('FOLDER');
    expect(readStateHealth(state)).toEqual([
      { name: 'reading', state: 'bad', text: expect.stringMatching(/^stopped: /), check: 'reading' },
    ]);
  });

  test('whatever is thrown becomes a failure with a short detail', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        const { detail } = failureOf(thrown);
        return typeof detail === 'string' && detail.length <= 300;
      }),
    );
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    expect(failureOf(circle).failure).toBe('other');
  });

  test('while all goes well nothing is said but what is left to read', () => {
    expect(readNotice(NOT_READ_YET, { when: String, folder: '/' })).toBeNull();
    expect(readStateHealth(NOT_READ_YET)).toEqual([]);
    expect(readStateHealth({ ...NOT_READ_YET, running: true, bytesLeft: 5 * 1024 * 1024 })[0]?.text).toBe(
      'first read in progress, 5 MiB still to be read',
    );
  });
});

const STAMP = '[Sun Nov 22 14:01:33.972399 2026]';
const line = (client: string, id: string): string =>
  `${STAMP} [security2:error] [pid 1:tid 1] [client ${client}:443] [client ${client}] ModSecurity: Warning. Pattern match "x" at ARGS:a. [file "/r.conf"] [line "1"] [id "942100"] [msg "SQL"] [severity "CRITICAL"] [tag "attack-sqli"] [hostname "shop.example.com"] [uri "/"] [unique_id "${id}"]\n`;
const KNOWN = '192.0.2.7';

async function made(state: string): Promise<TestRoot> {
  const root = makeServer();
  root.write('/etc/csf/csf.conf', 'LF_MODSEC = "5"\n');
  root.write('/etc/csf/csf.deny', '# nobody\n');
  root.write('/var/log/apache2/error_log', line(KNOWN, 'aaaaaaaaaaaaaaaaaaaaaaaaaaA'));
  await ingestOnce(root.dir, state);
  root.write(
    '/var/log/apache2/error_log',
    line(KNOWN, 'aaaaaaaaaaaaaaaaaaaaaaaaaaA') + line('192.0.2.8', 'bbbbbbbbbbbbbbbbbbbbbbbbbbB'),
  );
  return root;
}

async function answersFromWhatIsKept(root: TestRoot, state: string, title: string): Promise<void> {
  const ask = (...args: string[]) =>
    cli([...args, '--root', root.dir, '--state', state], '', { databaseWaitMs: 20 });
  const known = await ask('explain', KNOWN);
  expect([known.code, known.err]).toEqual([0, expect.stringContaining(title)]);
  expect(known.err).toContain('that does not mean nothing happened');
  expect(known.out).toContain('942100');
  // Not in what is kept, and the log goes on: that is a gap, not "no trace".
  const unknown = await ask('explain', '192.0.2.99', '--json');
  expect([unknown.code, unknown.err]).toEqual([4, expect.stringContaining(title)]);
  expect(unknown.out).toContain('reading has stopped');
  const listed = await ask('incidents', '--json');
  expect([listed.code, listed.out.trim().split('\n').length]).toEqual([0, 1]);
  for (const question of ['causes', 'rules', 'exclusions'])
    expect(await ask(question)).toMatchObject({ code: 0, err: expect.stringContaining(title) });
  for (const question of ['marks', 'activity']) expect((await ask(question)).code).toBe(0);
  const tested = await ask('doctor');
  expect([tested.code, tested.out]).toEqual([1, expect.stringContaining(`FAIL  logs: Reading: ${title}`)]);
  // An act is not done, and says why in the same words.
  const marked = await ask('mark', KNOWN, '--as', 'monitor', '--yes');
  expect([marked.code, marked.err]).toEqual([1, expect.stringContaining(title)]);
}

test('the database is locked: the answer is what was kept, on stderr why', async () => {
  const state = tempDir();
  const root = await made(state);
  const other = new Database(join(state, 'whyblocked.db'));
  other.exec('BEGIN EXCLUSIVE');
  try {
    await answersFromWhatIsKept(root, state, 'Another program holds the database locked');
  } finally {
    other.close();
  }
  const after = await cli(['explain', '192.0.2.8', '--root', root.dir, '--state', state]);
  expect([after.code, after.err]).toEqual([0, '']);
});

test('pages in such a state: the notice, the strip, and rows of what was kept', async () => {
  const state = tempDir();
  const root = await made(state);
  const stopped = {
    ...NOT_READ_YET,
    at: Date.UTC(2026, 10, 22, 14, 2),
    failure: 'denied' as const,
    detail: 'EROFS',
  };
  const ctx = openContext({
    root: root.dir,
    state,
    version: '0',
    env: {},
    reader: () => stopped,
    warn: () => undefined,
  });
  try {
    const filter = { verdict: 'all', sinceHours: null, vhost: null, blockedOnly: false, page: 1 } as const;
    const inbox = await readInbox(ctx, filter);
    expect(inbox.server.notice).toMatchObject({
      title: 'The database cannot be written: nothing new can be kept.',
      text: expect.stringContaining('Whatever came after 22 Nov 2026, 14:02:00 is missing here'),
    });
    expect(inbox.health[0]).toMatchObject({
      name: 'reading',
      text: 'stopped: the database cannot be written',
    });
    expect(inbox.rows.map(({ client }) => client)).toEqual([KNOWN]);
    const explanation = await explain(ctx, '192.0.2.99');
    expect(exitCodeOf(explanation)).toBe(4);
    expect(explanation.coverage.find(({ kind }) => kind === 'error_log')).toMatchObject({
      state: 'gap',
      sentence: expect.stringContaining('reading has stopped, because the database cannot be written'),
    });
  } finally {
    ctx.close();
  }
});

test('who only reads takes no database of another version', () => {
  const path = join(tempDir(), 'whyblocked.db');
  openDatabase(path, '/').close();
  const db = new Database(path);
  db.pragma('user_version = 1');
  db.close();
  expect(() => openDatabase(path, '/', { readOnly: true })).toThrow('tables of another version');
});

/** Mounts a small file system; null where this process may not. */
function mounted(size: string): { readonly folder: string; readonly end: () => void } | null {
  const folder = join(tempDir(), 'disk');
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder]).status !== 0)
    return null;
  return {
    folder,
    end: () => {
      const { status, stderr } = spawnSync('umount', [folder], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${folder} is still mounted: ${stderr}`);
    },
  };
}

test('the disk is full: the answer is what was kept, on stderr why', async () => {
  const disk = mounted('4m');
  if (disk === null) {
    console.warn('SKIPPED: a full disk under the database, missing: the right to mount a file system');
    return;
  }
  try {
    const root = await made(disk.folder);
    expect(() => {
      writeFileSync(join(disk.folder, 'fill'), Buffer.alloc(8 * 1024 * 1024));
    }).toThrow(/ENOSPC/);
    await answersFromWhatIsKept(root, disk.folder, 'The disk is full');
  } finally {
    disk.end();
  }
});

test('a folder that is no database’s: no answer can be given, and that is said', async () => {
  const state = tempDir();
  mkdirSync(join(state, 'whyblocked.db'));
  chmodSync(state, 0o700);
  const answer = await cli(['explain', KNOWN, '--root', makeServer().dir, '--state', state]);
  expect([answer.code, answer.err]).toEqual([1, expect.stringContaining('cannot be used')]);
});
