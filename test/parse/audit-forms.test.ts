// The audit log's other forms: JSON of ModSecurity 2.9 and 3, 3's native one, and how a form is told.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { auditForm } from '../../src/parse/audit-form.ts';
import { parseAuditJson } from '../../src/parse/audit-json.ts';
import type { AuditRecord } from '../../src/parse/audit-log.ts';
import { parseAuditV3 } from '../../src/parse/audit-v3.ts';
import { sameV3Boundary, v3BoundaryPart } from '../../src/parse/audit-v3-boundary.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const fromText = (text: string): AuditRecord | null => parseAuditV3(bytesOf(text));

testSamples('audit-json', parseAuditJson);
testSamples('audit-v3', fromText);
testSurvival('audit-v3', fromText);

describe('JSON', () => {
  const lines = readSamples('audit-json').map(({ raw }) => raw);

  test('a line cut at any byte is refused', () => {
    for (const line of lines.filter((one) => parseAuditJson(one) !== null)) {
      for (let cut = 0; cut < line.length; cut += 97) expect(parseAuditJson(line.slice(0, cut))).toBeNull();
    }
  });

  test('values of any type in any place are survived', () => {
    const strange = fc.jsonValue({ maxDepth: 3 });
    const record = fc.record(
      {
        client_ip: fc.constantFrom('203.0.113.7', 7, null),
        time_stamp: fc.constantFrom('Sun Nov 22 13:18:07 2026', 'then', 1),
        unique_id: fc.constantFrom('179535340720.992270', '', {}),
        transaction_id: fc.constantFrom('abc', 1),
        request: strange,
        response: strange,
        producer: strange,
        messages: fc.oneof(strange, fc.array(fc.record({ message: strange, details: strange }))),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(record, strange, (transaction, rest) => {
        const parsed = parseAuditJson(JSON.stringify({ transaction, request: rest, audit_data: rest }));
        if (parsed !== null) expect(parsed.client).toBe('203.0.113.7');
      }),
    );
  });

  test('a line of a MiB and one of a hundred thousand brackets take no time to speak of', () => {
    const [line = ''] = lines;
    const long = line.replace('"body":""', `"body":"${'a=1&'.repeat(262_144)}"`);
    const started = performance.now();
    expect(parseAuditJson(long)?.args.length).toBeLessThanOrEqual(500);
    expect(parseAuditJson(`{"transaction":${'['.repeat(100_000)}`)).toBeNull();
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("an id's second that lies no zone's distance from the time tells nothing", () => {
    const [line = ''] = lines;
    const elsewhen = line.replace(/"unique_id":"1795762959/, '"unique_id":"1795999999');
    expect(elsewhen).not.toBe(line);
    expect(parseAuditJson(elsewhen)).toMatchObject({ at: 1795762959000, atWall: 1795762959000 });
  });
});

describe("3's boundaries", () => {
  const part = (line: string): number => v3BoundaryPart(bytesOf(line), 0, line.length);

  test('one line is one, and no other', () => {
    expect(part('---AbCd3fGh---A--')).toBe(0x41);
    expect(part('---AbCd3fGh---Z--\r')).toBe(0x5a);
    for (const line of [
      '--5f1b2c3d-A--',
      '---AbCd3fG---A--',
      '---AbCd3fGh---a--',
      '---AbCd-fGh---A--',
      '---AbCd3fGh---A-- ',
    ]) {
      expect(part(line)).toBe(0);
    }
  });

  test('two of one record are the same, those of two are not', () => {
    const both = bytesOf('---AbCd3fGh---A--\n---AbCd3fGh---B--\n---AbCd3fGH---B--\n');
    expect(sameV3Boundary(both, 0, 18)).toBe(true);
    expect(sameV3Boundary(both, 0, 36)).toBe(false);
  });

  test('no bytes in a body change what the record says', () => {
    const sample =
      readSamples('audit-v3').find(({ note }) => note.startsWith('a body that holds'))?.raw ?? '';
    const [, before = '', , after = ''] = /^(.*?---C--\n)(.*?)(\n\n---\w{8}---D--\n.*)$/s.exec(sample) ?? [];
    expect(before).not.toBe('');
    const pieces = fc.constantFrom(
      '---AbCdEfGh---H--\n',
      '\nModSecurity: Warning. x\n',
      '---AbCdEfGh---Z--',
      '\x00',
      '\xff',
      'a=1',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (texts) => {
        const record = fromText(before + texts.join('') + after);
        expect(record?.messages.map(({ hit }) => hit.ruleId)).toEqual([
          '920270',
          '941100',
          '941110',
          '941160',
          '949110',
        ]);
        expect(record?.complete).toBe(true);
      }),
    );
  });
});

describe('the form', () => {
  const form = (text: string): ReturnType<typeof auditForm> => auditForm(bytesOf(text));
  const [json = ''] = readSamples('audit-json').map(({ raw }) => raw);
  const [native3 = ''] = readSamples('audit-v3').map(({ raw }) => raw);
  const [native = ''] = readSamples('audit-log').map(({ raw }) => raw);
  const index =
    'shop.example.com 203.0.113.7 - - [22/Nov/2026:13:16:23 +0000] "GET / HTTP/1.1" 403 199 "-" "-" awLrJ4Jt7YbiEVet6ilsqgAAAAg "-" /www-data/20261122/20261122-1316/20261122-131623-awLrJ4Jt7YbiEVet6ilsqgAAAAg 0 1871 md5:0cc175b9c0f1b6a831c399e269772661';

  test('each form is told by how it begins, also after blank lines and cut in the midst', () => {
    expect(form(native)).toBe('native');
    expect(form(native3)).toBe('native3');
    expect(form(json)).toBe('json');
    expect(form(json.slice(0, 300))).toBe('json');
    expect(form(`${index}\n`)).toBe('index');
    // ModSecurity 2.9 ends each with a blank.
    expect(form(`${index} \n`)).toBe('index');
    expect(form(`\n\n${native3}`)).toBe('native3');
  });

  test('nothing, and what is none of them, has no form', () => {
    for (const text of ['', '\n', 'x', '{"a":1}', index.slice(0, 200)]) expect(form(text)).toBeNull();
  });

  test('what a body holds does not count', () => {
    expect(form(`${native3}\n--5f1b2c3d-A--\n`)).toBe('native3');
    expect(form(`${native}\n---AbCdEfGh---A--\n${json}`)).toBe('native');
  });
});
