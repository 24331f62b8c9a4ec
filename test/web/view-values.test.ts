// The small pure functions behind the views: text, numbers, times, links, filters.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inboxLink, readInboxFilter } from '../../src/web/inbox-filter.ts';
import { explainLink, incidentLink, pageLink } from '../../src/web/links.ts';
import {
  baseName,
  counted,
  escapeHtml,
  longText,
  percent,
  points,
  signed,
  visible,
} from '../../src/web/view-text.ts';
import * as time from '../../src/web/view-time.ts';

describe('text', () => {
  test('escapes and shows what hides', () => {
    expect(escapeHtml(`<a href="x" id='y'>&`)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;');
    expect(visible('a\u001b[31m\u0000\u007f\u0085\u202e\u200b\ufeff\u{e0041}b')).toBe(
      'a‹U+001B›[31m‹U+0000›‹U+007F›‹U+0085›‹U+202E›‹U+200B›‹U+FEFF›‹U+E0041›b',
    );
    expect(visible('a\r\nb\tc\rd')).toBe('a\nb\tc‹U+000D›d');
    expect([escapeHtml(null), escapeHtml(undefined), escapeHtml(0), escapeHtml(false)]).toEqual([
      '',
      '',
      '0',
      'false',
    ]);
    expect(() => escapeHtml({})).toThrow(TypeError);
  });

  test('nothing that acts survives, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  test('numbers', () => {
    expect([signed(4), signed(-2.5), signed(0), signed(-0.04)]).toEqual(['+4.0', '\u22122.5', '0.0', '0.0']);
    expect([points(5), points(-2)]).toEqual(['+5', '\u22122']);
    expect([counted(1, 'line'), counted(7021, 'line'), counted(2, 'address', 'addresses')]).toEqual([
      '1 line',
      '7,021 lines',
      '2 addresses',
    ]);
    expect([percent(14.567), percent(100)]).toEqual(['14.57%', '100%']);
    expect([baseName('/var/log/error_log'), baseName('x'), baseName('/a/')]).toEqual([
      'error_log',
      'x',
      '/a/',
    ]);
  });

  test('long texts lose nothing and are never cut inside a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const long = longText(text, 50);
        expect(long.start + (long.rest ?? '')).toBe(text);
        expect(long.start.isWellFormed()).toBe(true);
      }),
    );
    expect(longText('x'.repeat(10_000)).more).toBe('9,760 more characters');
  });
});

describe('time', () => {
  const iso = '2026-11-22T17:56:37.106402+01:00';
  const now = '2026-11-22T18:02:11+01:00';
  test('is cut out of the text, never converted', () => {
    expect(time.clockTime(iso)).toBe('17:56:37');
    expect(time.clockMs(iso)).toBe('17:56:37.106');
    expect(time.clockMs('2026-11-22T17:56:37.1-05:00')).toBe('17:56:37.100');
    expect(time.dayTime(iso)).toBe('22 Nov 2026, 17:56:37');
    expect(time.weekDay(iso)).toBe('Sun, 22 Nov 2026');
    expect(time.clockTime('nonsense')).toBe('nonsense');
  });
  test('is short for lists', () => {
    expect(time.shortTime(iso, now)).toBe('17:56');
    expect(time.shortTime('2026-11-21T17:56:39+01:00', now)).toBe('Sat 17:56');
    expect(time.shortTime('2026-11-15T17:56:39+01:00', now)).toBe('15 Nov 17:56');
    expect(time.shortTime('2025-11-22T17:56:39+01:00', now)).toBe('22 Nov 2025 17:56');
    expect(time.shortTime('2026-11-23T00:00:01+01:00', now)).toBe('23 Nov 00:00');
    expect(time.shortTime(iso, 'nonsense')).toBe('22 Nov 2026 17:56');
  });
  test('goes to epoch and back', () => {
    expect(time.epochOf(iso)).toBe(Date.UTC(2026, 10, 22, 16, 56, 37, 106));
    expect(time.epochOf('2026-11-22')).toBeNull();
    expect(time.isoAt(Date.UTC(2026, 10, 22, 2, 12), '+01:00')).toBe('2026-11-22T03:12:00+01:00');
    expect(time.isoAt(Date.UTC(2026, 10, 22, 2, 12), '-03:30')).toBe('2026-11-21T22:42:00-03:30');
    expect(time.isoAt(Date.UTC(2026, 10, 22, 2, 12), '?')).toBe('2026-11-22T02:12:00+00:00');
    expect(time.isoAt(Number.NaN, '+01:00')).toBe('NaN');
  });
  test.each([
    [340, '340 ms'],
    [1302, '1.302 s'],
    [4000, '4 s'],
    [38_123, '38.1 s'],
    [150_000, '3 min'],
    [7_200_000, '2 h'],
    [7_500_000, '2 h 5 min'],
    [300_000_000, '3 days'],
    [-5000, '5 s'],
  ])('%d ms is %s', (ms, words) => {
    expect(time.duration(ms)).toBe(words);
  });
  test('intervals and rough durations', () => {
    expect([3600, 86_400, 300, 60, 90].map(time.interval)).toEqual([
      '1 hour',
      '24 hours',
      '5 minutes',
      '1 minute',
      '90 seconds',
    ]);
    expect([4098, 12, 38_123].map(time.roughDuration)).toEqual(['4.1 s', '0 s', '38.1 s']);
  });
});

describe('links', () => {
  test('are relative and encoded', () => {
    expect(pageLink('/')).toBe('index.cgi?p=/');
    expect(explainLink('a b&c="#\ud800')).toBe('index.cgi?p=/explain&q=a%20b%26c%3D%22%23%EF%BF%BD');
    expect(incidentLink('2001:db8::1', '2026-11-22T17:56:37+01:00')).toBe(
      'index.cgi?p=/incident&ip=2001%3Adb8%3A%3A1&from=2026-11-22T17%3A56%3A37%2B01%3A00',
    );
  });
  test('of the inbox say only what is not the default, and are read back', () => {
    const filter = {
      verdict: 'attack',
      sinceHours: null,
      vhost: 'a.example.com',
      blockedOnly: true,
      page: 2,
    } as const;
    const link = inboxLink(filter);
    expect(link).toBe('index.cgi?p=/&verdict=attack&since=all&vhost=a.example.com&blocked=1&page=2');
    expect(readInboxFilter(new URL(link, 'http://x/').searchParams)).toEqual(filter);
    expect(inboxLink(readInboxFilter(new URLSearchParams()))).toBe('index.cgi?p=/');
  });
  test.each([
    'verdict=x',
    'since=-1',
    'since=1e9',
    'page=0',
    'page=-1',
    'page=9999999',
    'page=1.5',
    'vhost=a/../b',
    'vhost=%00',
    'blocked=yes',
  ])('nonsense in the filter is the default: %s', (query) => {
    expect(readInboxFilter(new URLSearchParams(query))).toEqual({
      verdict: 'all',
      sinceHours: 24,
      vhost: null,
      blockedOnly: false,
      page: 1,
    });
  });
});
