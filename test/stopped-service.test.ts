// The service while its database is locked: pages answer, say so, and all goes on by itself afterwards.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Inbox, InboxFilter } from '../src/actions/inbox-view.ts';
import { Engine } from '../src/engine.ts';
import { makeServer, tempDir } from './host/make-root.ts';
import { until } from './service-kit.ts';

const ALL: InboxFilter = { verdict: 'all', sinceHours: null, vhost: null, blockedOnly: false, page: 1 };
const line = (client: string, id: string): string =>
  `[Sun Nov 22 14:01:33.972399 2026] [security2:error] [pid 1:tid 1] [client ${client}:443] [client ${client}] ModSecurity: Warning. Pattern match "x" at ARGS:a. [file "/r.conf"] [line "1"] [id "942100"] [msg "SQL"] [severity "CRITICAL"] [hostname "shop.example.com"] [uri "/"] [unique_id "${id}"]\n`;

const root = makeServer();
const log = join(root.dir, 'var/log/apache2/error_log');
const state = tempDir();
let engine: Engine;
beforeAll(async () => {
  root.write('/var/log/apache2/error_log', line('192.0.2.7', 'aaaaaaaaaaaaaaaaaaaaaaaaaaA'));
  engine = new Engine({ root: root.dir, state, version: '0', env: {}, databaseWaitMs: 50 }, (error) => {
    throw error;
  });
  await engine.read.ask('catchUp', 0);
});
afterAll(async () => {
  await engine.stop();
});

/** The inbox once it is as wanted, at most 10 s later; else as it is then. */
async function inboxWhen(isSo: (inbox: Inbox) => boolean): Promise<Inbox> {
  let inbox = await engine.ask('inbox', ALL);
  await until(async () => {
    inbox = await engine.ask('inbox', ALL);
    return isSo(inbox);
  }, 10_000);
  return inbox;
}

test('locked: the rows of before with a notice; free again: the new rows without it', async () => {
  const clients = ({ rows }: Inbox): string[] => rows.map(({ client }) => client);
  const before = await inboxWhen(({ rows }) => rows.length > 0);
  expect([clients(before), before.server.notice]).toEqual([['192.0.2.7'], null]);
  const other = new Database(join(state, 'whyblocked.db'));
  other.exec('BEGIN EXCLUSIVE');
  appendFileSync(log, line('192.0.2.8', 'bbbbbbbbbbbbbbbbbbbbbbbbbbB'));
  try {
    const stopped = await inboxWhen(({ server }) => server.notice !== null);
    expect(stopped.server.notice?.title).toBe(
      'Another program holds the database locked: nothing new can be kept.',
    );
    expect(stopped.server.notice?.mend).toContain(`${state}/whyblocked.db`);
    expect(stopped.health[0]).toMatchObject({ name: 'reading', text: 'stopped: the database is locked' });
    expect(clients(stopped)).toEqual(['192.0.2.7']);
    expect((await engine.ask('explain', '192.0.2.99', null)).outcome).toBe('gap');
    // What the self-test learns through WHM cannot be kept; the page comes all the same.
    await engine.ask('saw', { names: ['REMOTE_USER'], facts: [], chrome: true });
    expect((await engine.ask('examine')).checks.find(({ id }) => id === 'reading')?.state).toBe('fail');
  } finally {
    other.close();
  }
  const after = await inboxWhen(({ rows, server }) => rows.length > 1 && server.notice === null);
  expect([clients(after).sort(), after.server.notice]).toEqual([['192.0.2.7', '192.0.2.8'], null]);
}, 40_000);
