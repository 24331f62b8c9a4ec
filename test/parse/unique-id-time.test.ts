import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { uniqueIdTime } from '../../src/parse/unique-id-time.ts';

describe('the time in a unique_id', () => {
  // Ids and times of a real log: Apache 2.4, UTC.
  test.each([
    ['awLy0ZTl8T6MLlnnqKzuxwAAACA', '2026-11-22T13:49:05Z'],
    ['awLy0T9eNekR3u5KVNK0vwAAAEc', '2026-11-22T13:49:05Z'],
  ])('%s', (id, time) => {
    const at = Date.parse(time);
    expect(uniqueIdTime(id, at)).toBe(at);
    expect(uniqueIdTime(id, at + 14 * 3_600_000)).toBe(at);
    expect(uniqueIdTime(id, at - 86_400_000)).toBe(at);
  });

  test.each([
    ['a day apart and more', 'awLy0ZTl8T6MLlnnqKzuxwAAACA', Date.UTC(2026, 10, 24)],
    ['of ModSecurity 3', '179535534515.528071', Date.UTC(2026, 10, 22)],
    ['of LiteSpeed, made up', 'ls-0123456789abcdef01234567', Date.UTC(2026, 10, 22)],
    ['cut', 'awLy0ZTl8T6MLlnn', Date.UTC(2026, 10, 22, 13)],
    ['empty', '', 0],
    ['with a character that is none of its', 'awLy0ZTl8T6MLlnnqKzuxwAAAC+', Date.UTC(2026, 10, 22, 13)],
  ])('none: %s', (_name, id, near) => {
    expect(uniqueIdTime(id, near)).toBeNull();
  });

  test('every second comes back from the id that Apache makes of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.constantFrom(18, 20),
        (second, rest, length) => {
          const bytes = Buffer.concat([Buffer.alloc(4), rest]).subarray(0, length);
          bytes.writeUInt32BE(second);
          const id = bytes.toString('base64').replaceAll('+', '@').replaceAll('/', '-').replace(/=+$/, '');
          expect(uniqueIdTime(id, second * 1000 + 5000)).toBe(second * 1000);
        },
      ),
    );
  });

  test('any text gives a time within a day or nothing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.integer({ min: 0, max: 2 ** 42 }),
        (id, near) => {
          const at = uniqueIdTime(id, near);
          expect(at === null || Math.abs(at - near) <= 86_400_000).toBe(true);
        },
      ),
    );
  });
});
