// The serial audit log: one record, and how records are cut out of hostile bytes.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAuditRecord, splitAuditRecords } from '../../src/parse/audit-log.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

const parse = (raw: string): unknown => parseAuditRecord(bytesOf(raw));
testSamples('audit-log', parse);
testSurvival('audit-log', parse);

interface Shape {
  readonly hex: string;
  readonly id: string;
  /** Body of part C. */
  readonly body: string;
  /** Written into the headers instead of the true length. */
  readonly headers?: string;
}

const START = (hex: string, id: string): string =>
  `--${hex}-A--\n[22/Nov/2026:13:00:11.101736 +0000] ${id} 203.0.113.7 40000 192.0.2.1 443\n`;

function record({ hex, id, body, headers }: Shape): string {
  const length = headers ?? `Content-Length: ${body.length}\n`;
  return (
    `${START(hex, id)}--${hex}-B--\nPOST /${id} HTTP/1.1\nHost: shop.example.com\n` +
    `Content-Type: application/x-www-form-urlencoded\n${length}\n--${hex}-C--\n${body}\n--${hex}-F--\n` +
    `HTTP/1.1 403 Forbidden\n\n--${hex}-H--\nMessage: Warning. Unconditional match in SecAction. ` +
    `[file "/r/a.conf"] [line "1"] [id "1"]\nEngine-Mode: "ENABLED"\n\n--${hex}-Z--\n\n`
  );
}

/** Ids of the records found, and what was given up. */
function idsIn(
  text: string,
  atEnd = true,
): { ids: (string | undefined)[]; skipped: number; consumed: number } {
  const bytes = bytesOf(text);
  const { records, skipped, consumed } = splitAuditRecords(bytes, { atEnd });
  const ids = records.map(({ start, end }) => parseAuditRecord(bytes.subarray(start, end))?.uniqueId);
  return { ids, skipped, consumed };
}

const fake = record({ hex: 'abcdef12', id: 'FAKE', body: 'x=1' });
const first = record({ hex: '11111111', id: 'one', body: 'a=1' });
const second = record({ hex: '22222222', id: 'two', body: 'b=2' });

/** Bytes with a liking for boundaries. */
const hostileBody = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r\n',
        '--',
        '--abcdef12-Z--\n',
        '\n--abcdef12-A--\n',
        fake,
        START('abcdef12', 'FAKE'),
        '\x00',
        '\xff',
        'Message: x\n',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));
const shapes = fc.array(
  fc.record({ hex: fc.constantFrom('0a1b2c3d', '99999999', '5f1b2c3d'), body: hostileBody }),
  { maxLength: 5 },
);

describe('whole records', () => {
  test('bodies come back byte for byte whatever they hold', () => {
    fc.assert(
      fc.property(shapes, (list) => {
        const texts = list.map(({ hex, body }, index) => record({ hex, id: `id${index}`, body }));
        const bytes = bytesOf(texts.join(''));
        const { records, skipped, consumed } = splitAuditRecords(bytes, { atEnd: false });
        expect(records.map(({ start, end }) => bytes.subarray(start, end))).toEqual(
          texts.map((text) => bytesOf(text.slice(0, -1))),
        );
        expect(skipped).toBe(0);
        expect(consumed).toBe(bytes.length);
        for (const [index, { start, end }] of records.entries()) {
          const parsed = parseAuditRecord(bytes.subarray(start, end));
          expect(parsed).toMatchObject({
            uniqueId: `id${index}`,
            complete: true,
            messages: [{ hit: { ruleId: '1' } }],
          });
          expect(parsed?.messages).toHaveLength(1);
        }
      }),
    );
  });

  test('a form body comes back as it was sent', () => {
    fc.assert(
      fc.property(hostileBody, (body) => {
        const sent = encodeURIComponent(body);
        const found = parseAuditRecord(bytesOf(record({ hex: '0a1b2c3d', id: 'x', body: `v=${sent}` })));
        expect(found?.args).toEqual([{ name: 'v', value: body, where: 'body' }]);
      }),
    );
  });

  test('two chunks, cut anywhere, give the same records as one', () => {
    const noise = `junk\n${first}--22222222-A--\nnot an opening\n${record({ hex: '33333333', id: 'three', body: `x\n${fake}\n` })}${first.slice(0, 300)}${second}`;
    const whole = idsIn(noise, false);
    for (let cut = 0; cut <= noise.length; cut++) {
      const head = idsIn(noise.slice(0, cut), false);
      const tail = idsIn(noise.slice(head.consumed), false);
      expect([...head.ids, ...tail.ids]).toEqual(whole.ids);
      expect(head.skipped + tail.skipped).toBe(whole.skipped);
      expect(head.consumed + tail.consumed).toBe(whole.consumed);
    }
  });

  test('random bytes never throw and are always used up in the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), hostileBody, fc.boolean(), (noise, text, atEnd) => {
        const bytes = new Uint8Array([...noise, ...bytesOf(text), ...noise]);
        const { records, consumed } = splitAuditRecords(bytes, { atEnd });
        for (const { start, end } of records) parseAuditRecord(bytes.subarray(start, end));
        parseAuditRecord(bytes);
        expect(consumed).toBeLessThanOrEqual(bytes.length);
        if (atEnd) expect(consumed).toBe(bytes.length);
      }),
    );
  });
});

describe('records without an end', () => {
  test('one at the end waits for its rest, and is given up at the end', () => {
    const cut = first.indexOf('--11111111-H--');
    expect(idsIn(second + first.slice(0, cut), false)).toEqual({
      ids: ['two'],
      skipped: 0,
      consumed: second.length,
    });
    expect(idsIn(second + first.slice(0, cut), true)).toMatchObject({ ids: ['two'], skipped: 1 });
  });

  test.each(['A', 'B', 'C', 'F', 'H'])(
    'a process that died in part %s does not swallow the next record',
    (part) => {
      const cut = first.indexOf('\n', first.indexOf(`--11111111-${part}--`)) + 1;
      const dead = part === 'C' ? `${first.slice(0, cut)}a=1` : first.slice(0, cut);
      expect(idsIn(`${dead}\n${second}${second}`, false)).toMatchObject({ ids: ['two', 'two'], skipped: 1 });
    },
  );

  test('the same digits open the next record: child processes draw the same ones', () => {
    const dead = first.slice(0, first.indexOf('a=1'));
    const next = record({ hex: '11111111', id: 'next', body: 'c=3' });
    expect(idsIn(`${dead}\n${next}`, false)).toMatchObject({ ids: ['next'], skipped: 1 });
  });

  test('a forged record in the body of a dead one is never taken, what follows the body is', () => {
    const body = `x=1\n${fake}\ny=2`;
    const whole = record({ hex: '11111111', id: 'dead', body });
    const dead = whole.slice(0, whole.indexOf('\n--11111111-F--'));
    expect(idsIn(dead, false)).toMatchObject({ ids: [], skipped: 0, consumed: 0 });
    expect(idsIn(dead, true)).toMatchObject({ ids: [], skipped: 1 });
    expect(idsIn(`${dead}\n${second}`, false)).toMatchObject({ ids: ['two'], skipped: 1 });
  });

  test.each([
    'Transfer-Encoding: chunked\n',
    'Content-Length: 3\nTransfer-Encoding: chunked\n',
    'Content-Length: 3\nContent-Length: 3\n',
    'Content-Length: 3\nContent-Encoding: gzip\n',
    '',
  ])("without a length to trust (%j) nothing within a body's room is taken for a record", (headers) => {
    const whole = record({ hex: '11111111', id: 'dead', body: `x=1\n${fake}\n`, headers });
    const dead = whole.slice(0, whole.indexOf('\n--11111111-F--'));
    expect(idsIn(`${dead}\n${second}`, true)).toMatchObject({ ids: [], skipped: 1 });
    expect(idsIn(whole + second, false)).toMatchObject({ ids: ['dead', 'two'], skipped: 0 });
    const room = 'z'.repeat(99) + '\n';
    const filled = `${dead}\n${room.repeat(131_100)}${second}`;
    expect(idsIn(filled, false)).toMatchObject({ ids: ['two'], skipped: 1 });
  });

  test('part I reaches thrice as far as what was sent: it is percent-encoded', () => {
    const whole = record({ hex: '11111111', id: 'dead', body: 'BODY', headers: 'Content-Length: 300\n' });
    const dead = whole.slice(0, whole.indexOf('BODY')).replace('-C--', '-I--');
    const row = `${'z'.repeat(99)}\n`;
    expect(idsIn(`${dead}${row.repeat(8)}${second}`, true)).toMatchObject({ ids: [], skipped: 1 });
    expect(idsIn(`${dead}${row.repeat(9)}${second}`, true)).toMatchObject({ ids: ['two'], skipped: 1 });
  });

  test('a record of more than 64 MiB is given up', () => {
    const row = `${'z'.repeat(4095)}\n`;
    const headers = 'Content-Length: 999999999\n';
    const whole = record({ hex: '11111111', id: 'dead', body: 'BODY', headers });
    const text = whole.slice(0, whole.indexOf('BODY')) + row.repeat(16_400);
    expect(idsIn(text.slice(0, 60_000_000), false)).toMatchObject({ ids: [], skipped: 0, consumed: 0 });
    expect(idsIn(text, false)).toMatchObject({ ids: [], skipped: 1, consumed: text.length });
    expect(idsIn(text + second, false)).toMatchObject({ ids: ['two'], skipped: 1 });
  });

  test('an opening without a valid line below is no record', () => {
    expect(idsIn(`--33333333-A--\nHello\n\n--33333333-Z--\n${second}`, false)).toMatchObject({
      ids: ['two'],
      skipped: 1,
    });
    expect(idsIn(`--33333333-A--\n`, false)).toMatchObject({ ids: [], skipped: 0, consumed: 0 });
  });
});

describe('arguments', () => {
  const args = (type: string, body: string): unknown[] => {
    const raw = record({ hex: '0a1b2c3d', id: 'x', body }).replace('application/x-www-form-urlencoded', type);
    return (parseAuditRecord(bytesOf(raw))?.args ?? []).map(({ name, value }) => [name, value]);
  };

  test('at most 500, each at most 64 KiB', () => {
    expect(args('application/x-www-form-urlencoded', 'a=1&'.repeat(2000))).toHaveLength(500);
    expect(args('application/json', JSON.stringify(Array(2000).fill(1)))).toHaveLength(500);
    const [first] = args('application/x-www-form-urlencoded', `a=${'%41'.repeat(100_000)}`);
    expect(first).toEqual(['a', 'A'.repeat(65_536)]);
  });

  test('JSON by the names that ModSecurity 2.9.7 gives', () => {
    expect(args('application/json', '{"a":{"b":[1,{"c":null}]},"d":true,"":"e"}')).toEqual([
      ['a.b.b', '1'],
      ['a.b.b.c', ''],
      ['d', 'true'],
      ['', 'e'],
    ]);
    expect(args('application/json', '"x"')).toEqual([['', 'x']]);
    expect(args('application/json', '{"a":')).toEqual([]);
    expect(args('application/json', '['.repeat(5000) + ']'.repeat(5000))).toEqual([]);
  });

  test('a body of another kind has none', () => {
    expect(args('text/xml', '<a b="1"/>')).toEqual([]);
    expect(args('multipart/form-data', '--x')).toEqual([]);
  });

  test('multipart is read in linear time', () => {
    const body = '--b\r\nContent-Disposition: form-data; name="n"\r\n\r\nv\r\n'.repeat(20_000);
    expect(args('multipart/form-data; boundary=b', body)).toHaveLength(500);
  });
});

test('the same samples, one log: all are found, in order', () => {
  const samples = readSamples('audit-log').filter(
    ({ expected }) => expected?.complete !== false && expected !== null,
  );
  const { ids, skipped } = idsIn(samples.map(({ raw }) => `${raw}\n\n`).join(''), false);
  expect(ids).toHaveLength(samples.length);
  expect(skipped).toBe(0);
});

test('eight times the log takes about eight times the time', () => {
  const dead = first.slice(0, first.indexOf('--11111111-F--'));
  const time = (times: number): number => {
    const logs = [first + second, dead, '\n--\n', '--11111111-A--\n', '\n'].map((text) =>
      bytesOf(text.repeat(times)),
    );
    const started = performance.now();
    for (const log of logs) splitAuditRecords(log, { atEnd: true });
    return performance.now() - started;
  };
  time(300);
  const small = Math.max(time(300), 5);
  expect(time(2400)).toBeLessThan(small * 30);
});
