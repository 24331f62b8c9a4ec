// The pure parts of the search page: folding, histogram, list of logs, sizes and times.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LinePart, SearchFileView } from '../../src/actions/search-view.ts';
import { histogramPicture } from '../../src/web/view-histogram.ts';
import { filesView } from '../../src/web/view-search-files.ts';
import { hitRows, lineText } from '../../src/web/view-search-lines.ts';
import { searchResults } from '../../src/web/view-search.ts';
import { byteShare, byteSize } from '../../src/web/view-text.ts';
import { lineTime, offsetOf } from '../../src/web/view-time.ts';
import { found, HISTOGRAM, marked, plain, RUNNING } from './search-fixtures.ts';

const NOW = '2026-11-22T18:02:11+01:00';

describe('a line', () => {
  const part: fc.Arbitrary<LinePart> = fc.record({
    text: fc.string({ unit: 'binary', maxLength: 400 }),
    marked: fc.boolean(),
    link: fc.constantFrom(null, { kind: 'ip', value: '203.0.113.5' } as const),
  });

  test('loses nothing by folding and is never cut inside a character', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const whole = parts.map((one) => one.text).join('');
        const { start, rest, cut } = lineText(parts);
        const pieces = [...start, ...rest];
        expect(pieces.map((one) => one.text).join('')).toBe(whole);
        expect(cut).toBe('');
        for (const piece of pieces) expect(piece.text.isWellFormed()).toBe(true);
        const shown = start.map((one) => one.text).join('');
        expect(shown.length).toBeLessThanOrEqual(640);
      }),
    );
  });

  test('folds before a character of two units', () => {
    const { start, rest } = lineText([plain(`${'x'.repeat(599)}${'\u{1f600}'.repeat(100)}`)]);
    expect([start[0]?.text, rest[0]?.text]).toEqual(['x'.repeat(599), '\u{1f600}'.repeat(100)]);
  });

  test('keeps marks and links on both sides of the fold', () => {
    const parts = [
      plain('x'.repeat(590)),
      { ...marked('y'.repeat(100)), link: { kind: 'ip', value: 'z' } as const },
    ];
    const { start, rest, more } = lineText(parts);
    expect(start.at(-1)).toEqual({ text: 'y'.repeat(10), marked: true, href: 'index.cgi?p=/explain&q=z' });
    expect(rest).toEqual([{ text: 'y'.repeat(90), marked: true, href: 'index.cgi?p=/explain&q=z' }]);
    expect(more).toBe('90 more characters, with what was found');
  });

  test('a very long one is cut and says so', () => {
    const { start, rest, more, cut } = lineText([plain('\u{1f600}'.repeat(100_000))]);
    expect([start[0]?.text.length, rest[0]?.text.length]).toEqual([600, 16_384]);
    expect([more, cut]).toEqual(['199,400 more characters', '183,016 characters are not shown here']);
  });

  test('all of a page together are limited', () => {
    const rows = hitRows(
      Array.from({ length: 1000 }, () => found({ parts: [plain('x'.repeat(100_000))] })),
      NOW,
    );
    const size = rows.reduce((sum, row) => sum + (row.line.rest[0]?.text.length ?? 0), 0);
    expect(size).toBe(1024 * 1024);
    expect(rows.at(-1)?.line).toMatchObject({
      rest: [],
      more: '',
      cut: '99,400 characters are not shown here',
    });
  });
});

describe('the histogram', () => {
  test('bars in percent, the highest labelled, the finding as a sentence', () => {
    const picture = histogramPicture(HISTOGRAM, NOW);
    expect(picture?.title).toBe('Lines found a minute, 17:30 to 18:00. Most, 40, at 17:56.');
    expect(picture?.labels).toEqual(['17:30', '17:45', '18:00']);
    expect(picture?.bars).toHaveLength(5);
    expect(picture?.bars.at(-1)).toEqual({ x: '87%', width: '2.67%', y: 14, height: 40 });
    expect(picture?.bars[0]).toMatchObject({ y: 51, height: 3 });
    expect(picture?.most).toEqual({ x: '88.33%', anchor: 'middle', text: '40' });
    expect(picture?.rows).toContainEqual({ time: '17:56', lines: '40 lines' });
    expect(picture?.unit).toBe('Minute');
  });

  test('nothing to draw', () => {
    expect(histogramPicture(null, NOW)).toBeNull();
    expect(histogramPicture({ stepSeconds: 60, bars: [] }, NOW)).toBeNull();
    expect(histogramPicture({ stepSeconds: 60, bars: [{ at: NOW, lines: 0 }] }, NOW)).toBeNull();
  });

  test.each([
    [1, 'a second'],
    [15, 'in 15 seconds'],
    [90, 'in 90 seconds'],
    [300, 'in 5 minutes'],
    [3600, 'an hour'],
    [7200, 'in 2 hours'],
    [86_400, 'a day'],
  ])('steps of %d s are %s', (stepSeconds, words) => {
    const bars = [
      { at: '2026-11-21T17:00:00+01:00', lines: 1 },
      { at: '2026-11-21T18:00:00+01:00', lines: 0 },
      { at: '2026-11-22T17:00:00+01:00', lines: 5 },
    ];
    const picture = histogramPicture({ stepSeconds, bars }, NOW);
    expect(picture?.title).toContain(`Lines found ${words}, Sat 17:00`);
    expect(picture?.labels[1]).toBe('');
  });

  test('one bar alone', () => {
    const picture = histogramPicture({ stepSeconds: 60, bars: [{ at: NOW, lines: 1 }] }, NOW);
    expect(picture?.bars).toEqual([{ x: '10%', width: '80%', y: 14, height: 40 }]);
  });
});

describe('the logs read', () => {
  const file = (index: number, change: Partial<SearchFileView> = {}): SearchFileView => ({
    path: `/var/log/x${index}`,
    kind: 'access',
    lines: 0,
    state: 'done',
    note: null,
    ...change,
  });

  test('are counted; problems stand outside the fold; found ones first, left out ones last', () => {
    const view = filesView([
      file(1, { state: 'left out', note: 'not wanted' }),
      file(2, { state: 'problem', note: 'permission denied' }),
      file(3),
      file(4, { lines: 7 }),
      file(5, { state: 'reading' }),
      file(6, { state: 'waiting' }),
    ]);
    expect(view?.summary).toBe('Searched: 3 logs, 1 still to read, 1 left out, 1 not readable');
    expect(view?.problems.map((row) => [row.path, row.tone, row.state])).toEqual([
      ['/var/log/x2', 'bad', 'permission denied'],
    ]);
    expect(view?.rows.map((row) => row.path.at(-1))).toEqual(['4', '2', '3', '5', '6', '1']);
    expect(view?.rows.map((row) => row.state)).toEqual([
      'read',
      'permission denied',
      'read',
      'is being read',
      'waits',
      'not wanted',
    ]);
  });

  test('many are cut, and counted', () => {
    const view = filesView(Array.from({ length: 2000 }, (_, index) => file(index, { note: 'begins later' })));
    expect([view?.rows.length, view?.moreRows]).toEqual([300, 'and 1,700 more']);
    expect([view?.problems.length, view?.moreProblems]).toEqual([5, 'and 1,995 more']);
    expect(filesView([])).toBeNull();
  });
});

test('a running search has no older lines yet and no claim about none', () => {
  const view = searchResults({ ...RUNNING, count: 0, lines: [], older: 'x' });
  expect([view.older, view.empty, view.exports.lead]).toEqual([null, null, 'Export the newest 200, masked:']);
  expect(view.progress).toMatchObject({ value: RUNNING.bytesDone, max: RUNNING.bytesTotal });
});

test('sizes and times', () => {
  expect([byteSize(0), byteSize(1), byteSize(1023), byteSize(1536), byteSize(10 * 1024 * 1024)]).toEqual([
    '0 bytes',
    '1 byte',
    '1,023 bytes',
    '1.5 KiB',
    '10 MiB',
  ]);
  expect([byteShare(0, 500), byteShare(1, 3 * 1024 ** 3), byteShare(512, 2048)]).toEqual([
    '0 of 500 bytes',
    '0.0 of 3 GiB',
    '0.5 of 2 KiB',
  ]);
  expect([lineTime('2026-11-22T01:02:03+01:00', NOW), lineTime('2026-11-21T01:02:03+01:00', NOW)]).toEqual([
    '01:02:03',
    '21 Nov 01:02:03',
  ]);
  expect([lineTime('2025-11-21T01:02:03+01:00', NOW), lineTime('x', NOW)]).toEqual([
    '21 Nov 2025 01:02:03',
    'x',
  ]);
  expect([offsetOf(NOW), offsetOf('2026-11-22T18:02:11Z')]).toEqual(['+01:00', '+00:00']);
});
