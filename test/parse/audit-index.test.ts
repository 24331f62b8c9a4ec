import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAuditIndex } from '../../src/parse/audit-index.ts';
import {
  auditNameId,
  isAuditUser,
  minuteOf,
  minutesBefore,
  parseAuditPath,
} from '../../src/parse/audit-path.ts';
import { isWholeRecord } from '../../src/parse/audit-whole.ts';

const ID = 'awLq7YJt7YbiEVet6illiQAAAAI';
const PATH = `/www-data/20261122/20261122-1315/20261122-131525-${ID}`;
const FRONT = `api.example.com 203.0.113.104 - - [22/Nov/2026:13:15:25.375477 +0000] "GET /x HTTP/1.1" 403 25 "-" "-"`;
const MD5 = `md5:${'0123456789abcdef'.repeat(2)}`;
const line = (path: string, id = ID): string => `${FRONT} ${id} "-" ${path} 0 4351 ${MD5} `;
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('a line of the index', () => {
  it('names the file', () => {
    expect(parseAuditIndex(line(PATH))).toEqual({ uniqueId: ID, path: PATH, size: 4351 });
    expect(parseAuditIndex(`${line(PATH).trimEnd()}\r`)?.path).toBe(PATH);
    expect(parseAuditIndex(line(PATH.replace('/www-data', '')))?.path).toBe(PATH.replace('/www-data', ''));
  });

  it('of version 3 tells the whole path, and the size with decimals', () => {
    const id = '17953534877.671319';
    const below = `/20261122/20261122-1315/20261122-131525-${id}`;
    const whole = `shop.example.com 203.0.113.7 - - [22/Nov/2026:13:15:25 +0000] "GET / HTTP/1.1" 403 0 - - ${id} "-" /etc/apache2/logs/modsec_audit${below} 0 4351.000000 ${MD5}`;
    expect(parseAuditIndex(whole)).toEqual({ uniqueId: id, path: below, size: 4351 });
  });

  it.each([
    ['', 'nothing'],
    [FRONT, 'no file'],
    [line(PATH, 'another'), 'another unique_id than the name has'],
    [line(`/www-data/../../20261122/20261122-1315/20261122-131525-${ID}`), 'a way up'],
    [line(`/../20261122/20261122-1315/20261122-131525-${ID}`), 'a way up'],
    [line(PATH.replace('/20261122-1315/', '/20261122-1316/')), 'another minute than the name has'],
    [line(PATH.replace('/20261122/', '/20261123/')), 'another day than the minute has'],
    [line(PATH.replaceAll('1315', '2515')), 'no hour'],
    [line(PATH.replaceAll('20261122', '20261322')), 'no month'],
    [line(PATH.replace('/www-data', '/.ssh')), 'a hidden folder'],
    [line(PATH.replace('/www-data', '//www-data')), 'an empty name'],
    [line(`/x${PATH}`).replace('/x/', '/x\u0000/'), 'a NUL'],
    [`${line(PATH)}trailing`, 'text behind it'],
  ])('is none of another form: %#', (text) => {
    expect(parseAuditIndex(text)).toBeNull();
  });

  it('is not forged by what a visitor sends in front of it', () => {
    const forged = `"GET /" 200 "-" evil "-" /root/20261122/20261122-1315/20261122-131525-evil 0 1 ${MD5} HTTP/1.1"`;
    expect(parseAuditIndex(line(PATH).replace('"GET /x HTTP/1.1"', forged))?.path).toBe(PATH);
  });

  test('any text is harmless, whole or cut', () => {
    const names = fc.constantFrom(
      '..',
      '.',
      '',
      'www-data',
      '20261122',
      '20261122-1315',
      `20261122-131525-${ID}`,
    );
    const paths = fc.array(names, { maxLength: 7 }).map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          paths.map((path) => line(path)),
        ),
        fc.nat(400),
        (text, cut) => {
          for (const one of [text, text.slice(0, cut), text.slice(cut)]) {
            const entry = parseAuditIndex(one);
            if (entry === null) continue;
            expect(entry.path).toMatch(/^(?:\/[\w.-]+)?\/\d{8}\/\d{8}-\d{4}\/\d{8}-\d{6}-[\w@.-]+$/);
            expect(entry.path).not.toContain('..');
            expect(parseAuditPath(entry.path)?.uniqueId).toBe(entry.uniqueId);
          }
        },
      ),
    );
  });

  it.each([' a "', ' a "" /', '/'.repeat(3), ` ${'a'.repeat(64)} "" /`])(
    'takes linear time on %j',
    (piece) => {
      const began = performance.now();
      expect(parseAuditIndex(piece.repeat(300_000))).toBeNull();
      expect(performance.now() - began).toBeLessThan(500);
    },
  );
});

describe('names in the storage folder', () => {
  it('are those that ModSecurity gives', () => {
    expect(parseAuditPath(PATH)).toEqual({
      user: 'www-data',
      date: '20261122',
      minute: '20261122-1315',
      name: `20261122-131525-${ID}`,
      uniqueId: ID,
    });
    expect(auditNameId(`20261122-131560-${ID}`, '20261122-1315')).toBe(ID);
    expect(auditNameId(`20261122-131525-${ID}.gz/`, '20261122-1315')).toBeNull();
    expect(auditNameId(`20261122-131525-${'a'.repeat(65)}`, '20261122-1315')).toBeNull();
    expect(auditNameId('20261122-131525-', '20261122-1315')).toBeNull();
    expect(['nobody', 'a.b-c_d', '20261122', '..', '.', '', 'a b', 'a'.repeat(65)].map(isAuditUser)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('count minutes over midnight and years', () => {
    expect(minutesBefore('20260101-0010', 75)).toBe('20251231-2255');
    expect(minutesBefore('20240301-0000', 1)).toBe('20240229-2359');
    expect(minuteOf(Date.UTC(2026, 10, 22, 13, 15, 59))).toBe('20261122-1315');
  });
});

describe('a file that is written to its end', () => {
  it.each([
    ['--5f1b2c3d-A--\n[x]\n--5f1b2c3d-H--\n\n--5f1b2c3d-Z--\n', true],
    ['--5f1b2c3d-A--\n[x]\n--5f1b2c3d-H--\n\n--5f1b2c3d-Z--\n\n', true],
    ['--5f1b2c3d-A--\n[x]\n--5f1b2c3d-C--\n--00000000-Z--\n', false],
    ['--5f1b2c3d-A--\n[x]\n', false],
    ['--5f1b2c3d-A--', false],
    ['---AbCdEfGh---A--\n[x]\n---AbCdEfGh---Z--\n\n', true],
    ['---AbCdEfGh---A--\n[x]\n---AbCdEfGh---H--\n', false],
    ['{"transaction":{}}\n', true],
    ['{"transaction":{', false],
    ['', false],
    ['text', false],
  ])('%#', (text, whole) => {
    expect(isWholeRecord(latin1(text))).toBe(whole);
  });

  it('has its end at no other byte than the last', () => {
    const text = '--5f1b2c3d-A--\n[x]\n--5f1b2c3d-C--\na=--5f1b2c3d-Z-\n--5f1b2c3d-Z--';
    for (let cut = 0; cut < text.length; cut++) expect(isWholeRecord(latin1(text.slice(0, cut)))).toBe(false);
    expect(isWholeRecord(latin1(text))).toBe(true);
  });
});
