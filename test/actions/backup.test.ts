// `backup`: a whole, private copy while others write; refusals; nothing left behind.
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { backUp } from '../../src/actions/backup.ts';
import { openDatabase } from '../../src/store/database.ts';
import { markRoot } from '../mark-root.ts';
import { tempDir } from '../host/make-root.ts';
import { cli, open, rowsIn } from './kit.ts';

function place(): { root: string; state: string; args: string[] } {
  const root = markRoot().dir;
  const state = join(tempDir(), 'state');
  return { root, state, args: ['--root', root, '--state', state] };
}

describe('backup', () => {
  test('holds all, is private, and can be restored', async () => {
    const { root, state, args } = place();
    await cli(['ingest', ...args]);
    const folder = tempDir();
    const file = join(folder, 'copy.db');
    // Somebody is in the middle of writing, for as long as it takes.
    const ctx = open({ root, state });
    const busy = openDatabase(join(state, 'whyblocked.db'), root);
    busy.exec('BEGIN IMMEDIATE; DELETE FROM transactions;');
    const told = backUp(ctx, file, false);
    busy.exec('ROLLBACK');
    busy.close();
    ctx.close();
    const whole = rowsIn(root, state);
    expect(told).toMatchObject({ path: file, bytes: statSync(file).size, transactions: whole.parts.length });
    expect(whole.parts.length).toBeGreaterThan(20);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['copy.db']);
    const again = join(tempDir(), 'state');
    mkdirSync(again, { mode: 0o700 });
    writeFileSync(join(again, 'whyblocked.db'), readFileSync(file));
    expect(rowsIn(root, again)).toEqual(whole);
    expect((await cli(['ingest', '--root', root, '--state', again])).out).toMatch(/^0 bytes read/);
  });

  test('refuses what is there, unless forced; and places where it does not belong', async () => {
    const { root, state, args } = place();
    await cli(['ingest', ...args]);
    const folder = tempDir();
    const file = join(folder, 'copy.db');
    writeFileSync(file, 'mine');
    const refused = await cli(['backup', file, ...args]);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/copy\.db exists already\. Nothing was written\./);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const forced = await cli(['backup', file, '--force', ...args]);
    expect(forced.code).toBe(0);
    expect(forced.out).toMatch(
      /copy\.db: \d+ (?:KiB|MiB), 34 transactions, \d+ incidents; every page was checked\.\n/,
    );
    expect(forced.out).toMatch(/To restore: stop the service, remove \S+-wal/);
    symlinkSync(file, join(folder, 'link'));
    mkdirSync(join(folder, 'public_html'));
    const rows: [string, RegExp][] = [
      [join(folder, 'link'), /is no plain file/],
      [join(folder, 'missing', 'x.db'), /cannot be used: missing/],
      [join(folder, 'public_html', 'x.db'), /hand it out/],
      [join(state, 'whyblocked.db'), /logs or the database itself/],
      [join(root, 'var/log/apache2/x.db'), /logs or the database itself/],
    ];
    for (const [where, why] of rows) {
      const answer = await cli(['backup', where, '--force', ...args]);
      expect([answer.code, answer.err]).toEqual([2, expect.stringMatching(why)]);
    }
    expect(readdirSync(folder).sort()).toEqual(['copy.db', 'link', 'public_html']);
  });

  test('of a database of an older version can give space back', () => {
    const { root, state } = place();
    mkdirSync(state, { mode: 0o700 });
    // As older versions made it: the file was there before anybody asked for another form.
    const old = new Database(join(state, 'whyblocked.db'));
    old.exec('CREATE TABLE first (x); DROP TABLE first;');
    old.close();
    const ctx = open({ root, state });
    expect(ctx.store.file.size().shrinks).toBe(false);
    expect(ctx.store.file.giveBack()).toBe(false);
    const file = join(tempDir(), 'copy.db');
    backUp(ctx, file, false);
    ctx.close();
    const copy = new Database(file, { readonly: true });
    expect(copy.pragma('auto_vacuum', { simple: true })).toBe(2);
    copy.close();
  });
});
