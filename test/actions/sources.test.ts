// Each source in each of its states: what the strip, the self-test and the terminal say of it; samples without names.
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { examine, redacted } from '../../src/actions/doctor.ts';
import { shapeOf } from '../../src/actions/doctor-redact.ts';
import type { SourceReport } from '../../src/actions/doctor-view.ts';
import { readInbox } from '../../src/actions/inbox.ts';
import type { HealthItem, InboxFilter } from '../../src/actions/inbox-view.ts';
import { NOT_READ_YET } from '../../src/actions/read-state.ts';
import { refresh } from '../../src/actions/refresh.ts';
import type { FileLook, SourceLook } from '../../src/actions/source-looks.ts';
import { sourceState, type SourceState } from '../../src/actions/source-state.ts';
import { openContext } from '../../src/context.ts';
import type { LogFile } from '../../src/model.ts';
import type { FileRow } from '../../src/store/files.ts';
import { makeServer, tempDir } from '../host/make-root.ts';
import { open } from './kit.ts';

const MIB = 1024 * 1024;
const ERROR_LOG = '/var/log/apache2/error_log';
const ALL: InboxFilter = { verdict: 'all', sinceHours: null, vhost: null, blockedOnly: false, page: 1 };

describe('the state of a source', () => {
  const log = (change: Partial<LogFile> = {}): LogFile => ({
    ...{ kind: 'error_log', path: ERROR_LOG, size: 300 * MIB, mtimeMs: 0, compressed: false },
    ...{ rotated: false, vhost: null, problem: null, ...change },
  });
  const file = (change: Partial<LogFile> = {}): FileLook => ({ log: log(change), row: null, unread: 0 });
  const row = { cursor: 7 } as FileRow;
  const look = (change: Partial<SourceLook> = {}): SourceLook => ({
    ...{ name: 'error_log', current: [file()], rotated: [], troubles: [], rows: [row] },
    ...{ bytes: 300 * MIB, unread: 0, lastAt: 0, lines: 1000, refused: 0, ...change },
  });
  const trouble = { path: `${ERROR_LOG}.1.gz`, problem: 'damaged archive' };
  const denied = { problem: 'permission denied' };
  test.each<[SourceState['is'], SourceState['tone'], string, SourceLook]>([
    ['well', 'ok', 'last line 60 s ago', look()],
    ['well', 'ok', 'last line 60 s ago; 1 line not understood', look({ refused: 1 })],
    ['well', 'ok', 'last written 60 s ago', look({ unread: null })],
    ['quiet', 'off', 'no line of interest yet', look({ lastAt: null })],
    ['not-understood', 'warn', '50 of 1000 lines not understood', look({ refused: 50 })],
    [
      'not-understood',
      'warn',
      '21 of 21 records not understood',
      look({ name: 'audit_log', lines: 21, refused: 21 }),
    ],
    ['missing', 'bad', 'not found', look({ current: [], rows: [], lastAt: null })],
    ['gone', 'bad', 'gone: it was there before', look({ current: [] })],
    ['denied', 'bad', 'permission denied', look({ current: [file(denied)] })],
    ['partly', 'warn', '1 of 2 files: permission denied', look({ current: [file(), file(denied)] })],
    ['older-broken', 'warn', '1 older file cannot be read', look({ troubles: [trouble] })],
    ['lagging', 'warn', 'lagging: 260 MiB still to be read', look({ unread: 260 * MIB })],
    // What is written between two reads is no lag.
    ['well', 'ok', 'last line 60 s ago', look({ unread: MIB })],
  ])('%s, %s: %s', (is, tone, text, one) => {
    expect(sourceState(one, 60_000, false)).toEqual({ is, tone, text });
  });
  test('a first read says how far it is', () => {
    expect(sourceState(look({ unread: 260 * MIB }), 0, true)).toEqual({
      is: 'first-read',
      tone: 'warn',
      text: 'first read in progress: read 40 MiB of 300 MiB',
    });
  });
});

const STAMP = '[Sun Nov 22 14:01:33.972399 2026]';
const BAD = `${STAMP} [security2:error] [pid 1] [client x] ModSecurity: Access denied of anna@example.org pwd=geheim1\n`;
const LFD =
  'Nov 22 14:02:05 server lfd[1]: (mod_security) mod_security (id:1) triggered by 192.0.2.9 (-): 5 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]\n';

function server() {
  const root = makeServer();
  root.write(ERROR_LOG, `${STAMP} [core:notice] [pid 1] AH00094: Command line\n${BAD.repeat(30)}`);
  root.write('/var/log/lfd.log', LFD);
  return root;
}

async function look(root: string, state: string, problems: { path: string; problem: string }[] = []) {
  const first = open({ root, state });
  await refresh(first);
  first.close();
  const read = { ...NOT_READ_YET, at: 1, problems };
  const ctx = openContext({ root, state, version: '0', env: {}, reader: () => read, warn: () => undefined });
  try {
    const { sources } = await examine(ctx);
    const { health } = await readInbox(ctx, ALL);
    const one = (id: string): SourceReport => sources.find((source) => source.id === id)!;
    const item = (id: string): HealthItem => health.find(({ check }) => check === id)!;
    return { one, item, text: JSON.stringify(redacted(ctx, await examine(ctx)).sources) };
  } finally {
    ctx.close();
  }
}

describe('a server of files', () => {
  test('lines that are not understood come with masked samples, in the redacted report only with their shape', async () => {
    const { one, item, text } = await look(server().dir, tempDir());
    const source = one('error_log');
    expect([source.state, source.refused, source.lines, source.format]).toEqual(['warn', 30, 31, 'Apache']);
    expect(source.samples).toHaveLength(3);
    for (const sample of source.samples) {
      expect(sample).toContain('ModSecurity: Access denied');
      expect(sample).not.toContain('geheim1');
    }
    expect(item('error_log')).toMatchObject({ state: 'warn', text: '30 of 31 lines not understood' });
    expect(text).toContain('ModSecurity: Access denied xx xxxx@xxxxxxx.xxx');
    expect(text).not.toMatch(/anna|geheim/);
  });

  test('a vanished log is gone, not merely missing, and says up to when it was read', async () => {
    const root = server();
    const state = tempDir();
    await look(root.dir, state);
    rmSync(join(root.dir, ERROR_LOG));
    const { one, item } = await look(root.dir, state);
    expect(item('error_log')).toMatchObject({ state: 'bad', text: 'gone: it was there before' });
    expect(one('error_log')).toMatchObject({ state: 'fail', readable: false, files: [] });
    expect(one('error_log').means).toContain('It was read up to 22 Nov 2026');
    expect(one('error_log').mend).toContain('restart that program');
  });

  test('a file whose reading failed and an older one that is damaged are named with what mends them', async () => {
    const root = server();
    const packed = gzipSync(Buffer.from(LFD.repeat(500)));
    root.write('/var/log/lfd.log-20261101.gz', packed.subarray(0, packed.length - 20));
    const { one, item } = await look(root.dir, tempDir(), [
      { path: '/var/log/lfd.log-20261101.gz', problem: 'unfinished archive' },
    ]);
    expect(item('lfd_log')).toMatchObject({ state: 'warn', text: '1 older file cannot be read' });
    expect(one('lfd_log').means).toContain('/var/log/lfd.log-20261101.gz (unfinished archive)');
    expect(one('lfd_log').mend).toContain('still being packed');
    expect(one('lfd_log').rotatedFiles).toBe(1);
  });

  test('what was written since it was read is said in bytes', async () => {
    const root = server();
    const state = tempDir();
    await look(root.dir, state);
    const path = `${root.dir}/var/log/lfd.log`;
    const ctx = openContext({
      ...{ root: root.dir, state, version: '0', env: {}, warn: () => undefined },
      reader: () => ({ ...NOT_READ_YET, at: 1 }),
    });
    appendFileSync(path, LFD.repeat(10));
    const { sources } = await examine(ctx);
    ctx.close();
    expect(sources.find(({ id }) => id === 'lfd_log')?.unreadBytes).toBe(LFD.length * 10);
  });

  test('access logs: the form and the lines of their ends', async () => {
    const root = server();
    const line = '192.0.2.1 - - [22/Nov/2026:14:01:33 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"\n';
    root.write('/var/log/apache2/domlogs/shop.example.com', `${line}what is this\n${line}`);
    const { one } = await look(root.dir, tempDir());
    const { format, refused, samples, unreadBytes } = one('domlogs');
    expect([format, refused, samples, unreadBytes]).toEqual(['combined', 1, ['what is this'], null]);
  });
});

test('the shape of a line keeps how it is built, and no word of a stranger', () => {
  expect(shapeOf('[client 192.0.2.7:443] ModSecurity: Größe of Anna_B (id "942100")')).toBe(
    '[client 000.0.0.0:000] ModSecurity: xxxxx xx xxxxxx (id "000000")',
  );
});
