import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineTimeReader, type LineClock } from '../../src/parse/line-time.ts';
import type { SearchKind } from '../../src/model.ts';

const HOUR = 3_600_000;
/** An hour east of UTC, no clock change. */
const clock: LineClock = {
  now: Date.UTC(2026, 10, 22, 18, 0, 0),
  wallToEpoch: (wall) => wall - HOUR,
  offsetMinutesAt: () => 60,
};
const KINDS: readonly SearchKind[] = ['access', 'error', 'audit', 'lfd', 'mail', 'system'];
const SERVICES: readonly SearchKind[] = ['lfd', 'mail', 'system', 'error', 'access'];
const at = (kind: SearchKind, line: string): string | null => {
  const time = lineTimeReader(kind, clock)(line);
  return time === null ? null : new Date(time).toISOString();
};
const TIME = '2026-11-22T16:56:41.000Z';

describe('access logs', () => {
  test.each([
    '203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5',
    'shop.example.com:443 203.0.113.5 - - [22/Nov/2026:16:56:41 +0000] "GET / HTTP/1.1" 200 5 "-" "-"',
    '2001:db8::5 - x [1/Jan/2020:00:00:00 +0000] [22/Nov/2026:16:56:41 +0000] "GET / HTTP/1.1" 200 5',
    '203.0.113.5 - x\\" [22/Nov/2026:16:56:41 +0000] "GET / [22/Nov/2020:16:56:41 +0000] \\"x HTTP/1.1" 200 5',
    'dsl.example.net - - [22/Nov/2026:16:56:41 +0000] "-" 408 0\r',
    '203.0.113.5 - root [11/22/2026:16:56:41 -0000] "GET /cpsess1/ HTTP/1.1" 200 0 "-" "-" "s" "-" 2087',
  ])('%s', (line) => {
    expect(at('access', line)).toBe(TIME);
  });

  test('a time that the visitor wrote is none', () => {
    expect(at('access', '"GET / [22/Nov/2026:16:56:41 +0000] "')).toBeNull();
    expect(at('access', 'x GET [22/Nov/2026:16:56:41 +0000]')).toBeNull();
    expect(at('access', '203.0.113.5 - - [31/Apr/2026:16:56:41 +0000] "GET / HTTP/1.1" 200 5')).toBeNull();
    expect(
      at('access', '203.0.113.5 - - - "GET [22/Nov/2026:16:56:41 +0000] "x" HTTP/1.1" 200 5'),
    ).toBeNull();
  });

  test('the remembered second is not taken for another', () => {
    const reader = lineTimeReader('access', clock);
    const line = (clf: string): string => `203.0.113.5 - - [${clf}] "GET / HTTP/1.1" 200 5`;
    expect(reader(line('22/Nov/2026:16:56:41 +0000'))).toBe(Date.parse(TIME));
    expect(reader(line('22/Nov/2026:16:56:41 +0000'))).toBe(Date.parse(TIME));
    expect(reader(line('22/Nov/2026:16:56:41 +0100'))).toBe(Date.parse(TIME) - HOUR);
    expect(reader(line('22/Nov/2026:16:56:42 +0000'))).toBe(Date.parse(TIME) + 1000);
    expect(reader('continued')).toBeNull();
  });
});

describe('error logs', () => {
  test.each([
    '[Sun Nov 22 17:56:41.000000 2026] [security2:error] [pid 1:tid 2] [client 203.0.113.5:0] text',
    '[Sun Nov 22 17:56:41 2026] [error] [client 203.0.113.5] File does not exist: /x',
    '2026/11/22 17:56:41 [error] 27488#27488: *3 open() "/x" failed, client: 203.0.113.5, server: s',
    '2026-11-22 17:56:41 [NOTICE] [2288689] [T1] [203.0.113.5:1-2#APVH_x] [MODSEC] mod_security rule',
    '2026-11-22 17:56:41.000000 [NOTICE] [2288689] text',
    'Nov 22 17:56:41 host httpd[1]: text',
    '203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5',
  ])('%s', (line) => {
    expect(at('error', line)).toBe(TIME);
  });

  test('microseconds, a padded day and a new second', () => {
    const reader = lineTimeReader('error', clock);
    expect(reader('[Mon Nov  2 17:56:41.110242 2026] x')).toBe(Date.UTC(2026, 10, 2, 16, 56, 41) + 110.242);
    expect(reader('[Mon Nov  2 17:56:41.5 2026] x')).toBe(Date.UTC(2026, 10, 2, 16, 56, 41) + 500);
    expect(reader('[Mon Nov  2 17:56:42.000001 2026] x')).toBe(Date.UTC(2026, 10, 2, 16, 56, 42) + 0.001);
  });

  test.each([
    'AH00558: httpd: Could not reliably determine [Sun Nov 22 17:56:41 2026]',
    ' [Sun Nov 22 17:56:41 2026] x',
    '[Sun Nov 31 17:56:41 2026] x',
    '[Sun Nov 22 24:56:41 2026] x',
    '[Sun Nov 22 17:56:41.000000 2026 x',
    '2026/11/22 17:56:4',
    '2026/11/22 17:56:411 [error]',
    'PHP Notice: x [22/Nov/2026:17:56:41 +0100] "GET',
    '[client 203.0.113.5] Sun Nov 22 17:56:41 2026',
  ])('no time: %s', (line) => {
    expect(at('error', line)).toBeNull();
  });

  test('the real lines all have a time, near each other', () => {
    const lines = readFileSync(new URL('./error-log.samples', import.meta.url), 'latin1')
      .split('\n')
      .filter((line) => /^\[[A-Z][a-z]{2} Nov /.test(line));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(at('error', line)).not.toBeNull();
  });
});

describe('audit logs', () => {
  test.each([
    '[22/Nov/2026:17:56:41.000000 +0100] awLq7YJt7YbiEVet6illiQAAAAI 203.0.113.5 51234 192.0.2.1 443',
    '[22/Nov/2026:17:56:41 +0100] 179535340720.992270 2001:db8::5 0 127.0.0.1 18090\r',
    '{"transaction":{"time":"22/Nov/2026:17:56:41.000000 +0100","transaction_id":"awLq7YJt7YbiEVet6illiQAAAAI","remote_address":"203.0.113.5"},"request":{"request_line":"GET / HTTP/1.1"}}',
    '{"transaction":{"client_ip":"203.0.113.5","time_stamp":"Sun Nov 22 17:56:41 2026","server_id":"x","unique_id":"179535340720.992270","request":{"method":"GET"}}}',
    `shop.example.com 203.0.113.5 - - [22/Nov/2026:17:56:41.000000 +0100] "GET / HTTP/1.1" 403 25 "-" "-" awLq7YJt7YbiEVet6illiQAAAAI "-" /www-data/20261122/20261122-1315/x 0 4351 md5:${'a'.repeat(32)} `,
  ])('%s', (line) => {
    expect(at('audit', line)).toBe(TIME);
  });

  test.each([
    '--5f1b2c3d-A--',
    'GET / HTTP/1.1',
    'Message: Warning. [22/Nov/2026:17:56:41 +0100] x',
    '[22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1"',
    '[22/Nov/2026:17:56:41 +0100] id 203.0.113.5 1 192.0.2.1 2 more',
    '203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5',
    '[Sun Nov 22 17:56:41 2026] x',
    '2026-11-22 17:56:41 x',
    'User-Agent: 2026-11-22T17:56:41Z',
    '{"transaction":{"transaction_id":"x"},"request":{"headers":{"time":"22/Nov/2026:17:56:41 +0100"}}}',
    '{"transaction":{"remote_user":"\\"time\\":\\"22/Nov/2026:17:56:41 +0100\\""},"request":{}}',
    '{"time":"22/Nov/2026:17:56:41 +0100"}',
  ])('no time: %s', (line) => {
    expect(at('audit', line)).toBeNull();
  });
});

describe('services', () => {
  test.each([
    'Nov 22 17:56:41 host lfd[1]: text',
    '2026-11-22T17:56:41+01:00 host sshd[1]: text',
    '2026-11-22T16:56:41.000Z host sshd[1]: text',
    '2026-11-22 17:56:41 1abcde-000000-AB <= a@example.com H=x [203.0.113.5]',
    '2026-11-22 17:56:41 +0100 1abcde-000000-AB Completed',
    '2026-11-22 18:56:41 +0200',
    '2026-11-22 17:56:41,000 fail2ban.actions [1]: NOTICE',
    '[2026-11-22 17:56:41 +0100] info [cpaneld] 203.0.113.5 - root "POST /login/"',
    '203.0.113.5 - root [11/22/2026:16:56:41 -0000] "GET / HTTP/1.1" FAILED LOGIN',
    '203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5',
    '[Sun Nov 22 17:56:41 2026] [error] text',
    '2026/11/22 17:56:41 [error] text',
  ])('%s', (line) => {
    for (const kind of SERVICES) expect([kind, at(kind, line)]).toEqual([kind, TIME]);
  });

  test.each([
    '',
    'text Nov 22 17:56:41 host',
    'Nov 32 17:56:41 host',
    'Nov 22 17:56:41',
    '  Subject: 2026-11-22 17:56:41 x',
    '203.0.113.5 - root [13/22/2026:16:56:41 -0000] "GET /"',
    '[2026-11-22 17:56:41 +0100 info',
    '2026-11-22T17:56:41+99:00 host',
  ])('no time: %s', (line) => {
    for (const kind of SERVICES) expect([kind, at(kind, line)]).toEqual([kind, null]);
  });

  test('a header that a visitor wrote is no access line, except in an access log', () => {
    const line = 'F From: x - - [22/Nov/2026:17:56:41 +0100] "x';
    for (const kind of ['lfd', 'mail', 'system', 'error'] as const) expect(at(kind, line)).toBeNull();
  });

  test('a zone in the text behind the time is not the line’s', () => {
    expect(at('mail', '2026-11-22 17:56:41 +0100x id')).toBe(TIME);
    expect(at('mail', '2026-11-22 17:56:41 Z id')).toBe(TIME);
  });

  test('a time without year is the newest that is not more than a day after now', () => {
    const year = (line: string): string | undefined => at('lfd', line)?.slice(0, 13);
    expect(year('Nov 23 18:59:59 h x')).toBe('2026-11-23T17');
    expect(year('Nov 23 19:00:01 h x')).toBe('2025-11-23T18');
    expect(year('Dec 31 23:00:00 h x')).toBe('2025-12-31T22');
    expect(year('Jan  1 00:00:00 h x')).toBe('2025-12-31T23');
    expect(year('Jan 1 02:00:00 h x')).toBe('2026-01-01T01');
    expect(year('Feb 29 02:00:00 h x')).toBe('2024-02-29T01');
    const newYear = lineTimeReader('lfd', { ...clock, now: Date.UTC(2026, 11, 31, 20) });
    expect(newYear('Jan  1 00:30:00 h x')).toBe(Date.UTC(2026, 11, 31, 23, 30));
  });
});

describe('hostile lines', () => {
  const BASES = [
    '203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5',
    '[Sun Nov 22 17:56:41.000000 2026] [x:error] x',
    '2026-11-22T17:56:41.1+01:00 host x',
    'Nov 22 17:56:41 host x',
    '[22/Nov/2026:17:56:41.000000 +0100] awLq7YJt7YbiEVet6illiQAAAAI 203.0.113.5 51234 192.0.2.1 443',
    '{"transaction":{"time":"22/Nov/2026:17:56:41.000000 +0100"},"request":{}}',
  ];

  test('never throws, and gives null or a finite time', () => {
    const readers = KINDS.map((kind) => lineTimeReader(kind, clock));
    const bytes = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(fc.constantFrom(...BASES), bytes, fc.nat(120), fc.nat(120), (base, noise, from, to) => {
        for (const reader of readers) {
          const time = reader(base.slice(0, from) + noise + base.slice(Math.min(from, to)));
          expect(time === null || Number.isFinite(time)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('every cut, NUL and ANSI', () => {
    for (const base of BASES) {
      for (const kind of KINDS) {
        for (let cut = 0; cut <= base.length; cut++) {
          at(kind, base.slice(0, cut));
          at(kind, `${base.slice(0, cut)}\x00\x1b[31m\xff${base.slice(cut)}`);
        }
      }
    }
    expect(at('access', `${BASES[0] ?? ''} \x00\x1b[31m\xff\xfe`)).toBe(TIME);
  });

  test('time grows no faster than the line', () => {
    const once = (size: number): number => {
      const started = performance.now();
      for (const kind of KINDS) {
        for (const filler of ['a', '\\"', '"', '[', ' ', '1', ':', '{"transaction":', 'md5:']) {
          const text = filler.repeat(size / filler.length);
          at(kind, text);
          at(kind, `203.0.113.5 ${text}`);
          at(kind, `{"transaction":${text}`);
        }
      }
      return performance.now() - started;
    };
    once(1000);
    const small = once(100_000);
    expect(once(1_600_000)).toBeLessThan(16 * 8 * Math.max(small, 2));
  });
});
