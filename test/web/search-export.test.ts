// Exports: what is in the files, what can never act in a terminal or a table program, and what the headers say.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FoundLine, SearchView } from '../../src/actions/search-view.ts';
import type { Agent, Harness } from './harness.ts';
import { FakeBadInput, makeHarness, signIn } from './harness.ts';
import { found, marked, plain, RUNNING, searchView } from './search-fixtures.ts';

let harness: Harness;
let user: Agent;
beforeEach(async () => {
  harness = makeHarness();
  user = await signIn(harness);
});
afterEach(() => {
  user.close();
});

const line = (text: string, change: Partial<FoundLine> = {}): FoundLine =>
  found({ parts: [plain(text)], ...change });
const answering = (change: Partial<SearchView>): void => {
  harness.search.answer = (query) => searchView({ query, ...change });
};
const get = (format: string, query = 'q=203') =>
  user.agent
    .get(`/index.cgi?p=/search/export&format=${format}&${query}`)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        done(null, Buffer.concat(chunks).toString('utf8'));
      });
    });
const bodyOf = async (format: string): Promise<string> => String((await get(format).expect(200)).body);

/** Reads CSV strictly by RFC 4180; throws on anything else. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (match === null) throw new Error('not a CSV');
    rows.at(-1)?.push((match[1] ?? '').replaceAll('""', '"') + (match[2] ?? ''));
    if (match[3] === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('headers', () => {
  test.each([
    ['text', 'txt', 'text/plain; charset=utf-8'],
    ['csv', 'csv', 'text/csv; charset=utf-8; header=present'],
    ['jsonl', 'jsonl', 'application/x-ndjson; charset=utf-8'],
  ])('%s is a file to save, never shown and never kept', async (format, ending, type) => {
    const { headers, status } = await get(format);
    expect(status).toBe(200);
    expect(headers['content-disposition']).toBe(
      `attachment; filename="whyblocked-search-2026-11-22.${ending}"`,
    );
    expect(headers['content-type']).toBe(type);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-whyblocked-note']).toBeUndefined();
  });

  test('nothing from outside gets into the file name', async () => {
    answering({ server: { ...searchView().server, now: '2026\r\nSet-Cookie: a=b"' } });
    const { headers } = await get('text', 'q=x%0d%0aX:y&vhost=%22%0d%0aSet-Cookie:a');
    expect(headers['content-disposition']).toBe('attachment; filename="whyblocked-search-undated.txt"');
    expect(headers['set-cookie']).toBeUndefined();
  });

  test.each<[Partial<SearchView>, string]>([
    [{ older: 'x', phase: 'enough' }, 'cut: the newest 3 lines, there are older ones'],
    [{ phase: 'timeout' }, 'incomplete: the search took too long'],
    [{ phase: 'failed' }, 'incomplete: the search failed'],
    [{ phase: 'stopped' }, 'incomplete: the search was cancelled'],
    [
      { covered: false, older: 'x' },
      'cut: the newest 3 lines, there are older ones; not all logs cover the time asked for',
    ],
  ])('%j is said in a header', async (change, note) => {
    answering(change);
    expect((await get('csv')).headers['x-whyblocked-note']).toBe(note);
  });

  test.each(['', 'xml', 'constructor'])('format %j is refused', async (format) => {
    expect((await get(format)).status).toBe(400);
    expect(harness.search.started).toEqual([]);
  });
});

describe('the search behind it', () => {
  test('is the one of the address, with its limit', async () => {
    await get('text', 'q=a%2Bb&log=mail&log=lfd&limit=10000');
    expect(harness.search.started[0]?.query).toMatchObject({
      pattern: 'a+b',
      logs: ['mail', 'lfd'],
      limit: 10_000,
    });
  });

  test('is waited for', async () => {
    harness.search.answer = (query) => ({ ...RUNNING, query });
    const answer = await get('text');
    expect([answer.status, harness.search.looks.length]).toEqual([200, 2]);
  });

  test('that goes away is said', async () => {
    harness.search.answer = (query) => ({ ...RUNNING, query });
    harness.search.looked = () => null;
    expect((await get('text')).status).toBe(400);
  });

  test('that takes far too long is stopped', async () => {
    harness.search.answer = (query) => ({ ...RUNNING, query });
    harness.search.looked = (id) => {
      harness.time.now += 61_000;
      return { ...RUNNING, id };
    };
    const answer = await get('text');
    expect(answer.headers['x-whyblocked-note']).toContain('cancelled');
    expect(harness.search.stops).toEqual(['job-1']);
  });

  test('is stopped when nobody waits for the file any more', async () => {
    harness.search.answer = (query) => ({ ...RUNNING, query });
    harness.search.looked = (id) => ({ ...RUNNING, id });
    const asked = get('text');
    const sent = asked.then(
      () => 'answered',
      () => 'aborted',
    );
    while (harness.search.looks.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    asked.abort();
    for (let time = 0; time < 200 && harness.search.stops.length === 0; time++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(harness.search.stops).toEqual(['job-1']);
    void sent;
  });

  test('that failed without a line leads to its page', async () => {
    answering({ phase: 'failed', lines: [], count: 0, problem: 'No.' });
    const answer = await get('csv');
    expect([answer.status, answer.headers.location]).toEqual([303, 'index.cgi?p=/search&q=203&job=job-1']);
  });

  test('that cannot be understood is a 400 page', async () => {
    expect((await get('text', 'q=x&limit=0')).status).toBe(400);
    harness.search.answer = () => {
      throw new FakeBadInput('The bracket is not closed.');
    };
    const answer = await get('text');
    expect([answer.status, String(answer.body).includes('The bracket is not closed.')]).toEqual([400, true]);
  });
});

describe('text', () => {
  test('one line a line, whatever is in it', async () => {
    answering({
      lines: [
        line('a\u001b[31m\0\nb\r\nc\td\u202e'),
        found({ parts: [plain('x '), marked('y'), plain(' z')] }),
      ],
    });
    expect(await bodyOf('text')).toBe('a‹U+001B›[31m‹U+0000›‹U+000A›b‹U+000A›c\td‹U+202E›\nx y z\n');
  });
});

describe('CSV', () => {
  const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=cmd|"/c calc"!A1'];

  test('a header, quoted cells, formulas as text', async () => {
    answering({
      lines: [...FORMULAS.map((text) => line(text)), line('plain, "quoted"', { at: null, file: '=x' })],
    });
    const rows = readCsv(await bodyOf('csv'));
    expect(rows[0]).toEqual(['time', 'file', 'offset', 'text']);
    expect(rows[1]).toEqual(['2026-11-22T17:56:37+01:00', '/var/log/apache2/error_log', '18402113', "'=1+1"]);
    expect(rows.slice(1, -1).map((row) => row[3]?.[0])).toEqual(FORMULAS.map(() => "'"));
    expect(rows.at(-1)).toEqual(['', "'=x", '18402113', 'plain, "quoted"']);
  });

  test('whatever is in a line: four cells, no formula, no control byte', async () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 30 }), { numRuns: 300, seed: 7 });
    answering({ lines: [...texts, ...FORMULAS, '"', '","', '\r\n'].map((text) => line(text)) });
    const csv = await bodyOf('csv');
    expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e]/);
    const rows = readCsv(csv);
    expect(rows).toHaveLength(1 + 300 + FORMULAS.length + 3);
    for (const row of rows) {
      expect(row).toHaveLength(4);
      for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }
  });
});

describe('JSON lines', () => {
  test('one object a line, faithful, and harmless in a terminal', async () => {
    const texts = ['a\u001b[31m\0\nb\u0085\u202e\u{e0041}\ud800', '"}\n{"file":"x"}', 'äöü😀'];
    answering({ lines: texts.map((text) => line(text, { at: null })) });
    const body = await bodyOf('jsonl');
    expect(body.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
    const objects = body
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row) as Record<string, unknown>);
    expect(objects).toEqual(
      texts.map((text) => ({ file: '/var/log/apache2/error_log', offset: 18_402_113, at: null, text })),
    );
    expect(Object.keys(objects[0] ?? {})).toEqual(['file', 'offset', 'at', 'text']);
  });
});

test('a file that would be too long is cut at a whole line, and says so', async () => {
  answering({ lines: Array.from({ length: 200 }, () => line('x'.repeat(256 * 1024))), count: 200 });
  const answer = await get('text');
  const rows = String(answer.body).split('\n').slice(0, -1);
  expect(rows.length).toBeLessThan(200);
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([256 * 1024]));
  expect(answer.headers['x-whyblocked-note']).toContain(`cut: the first ${rows.length} lines only`);
});
