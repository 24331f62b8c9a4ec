// One line of csf.conf that is to be changed, and nothing else of it.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCsfConf } from '../../src/parse/csf-conf.ts';
import { findConfSlot } from '../../src/parse/csf-conf-slot.ts';

const KEY = 'BLOCK_REPORT';
const around = (line: string): string =>
  `# comment\nTESTING = "0"\n\n${line}\n# BLOCK_REPORT = "/old"\nUNBLOCK_REPORT = ""\n`;

describe('the line', () => {
  test.each([
    ['BLOCK_REPORT = ""', ''],
    ['BLOCK_REPORT=""', ''],
    ['BLOCK_REPORT  =\t"/usr/local/bin/report"  ', '/usr/local/bin/report'],
    ['BLOCK_REPORT = "/a b/c"\r', '/a b/c'],
  ])('%j', (line, value) => {
    const slot = findConfSlot(around(line), KEY);
    expect(slot).toMatchObject({ line: line.replace('\r', ''), number: 4, value });
    if (typeof slot === 'string') return;
    expect(slot.withValue('/opt/x')).toBe(around(line.replace(`"${value}"`, '"/opt/x"')));
    expect(slot.withValue(value)).toBe(around(line));
  });

  test.each([
    ['missing', '# BLOCK_REPORT = ""'],
    ['missing', 'BLOCK_REPORTS = ""'],
    ['repeated', 'BLOCK_REPORT = ""\nBLOCK_REPORT = ""'],
    ['repeated', 'BLOCK_REPORT = ""\nBLOCK _REPORT = ""'],
    ['odd-line', 'BLOCK_REPORT = "/a" "/b"'],
    ['odd-line', 'BLOCK_REPORT = "" # see "readme.txt"'],
    ['odd-line', 'BLOCK_REPORT = ""; x'],
    ['odd-file', 'BLOCK_REPORT = none'],
    ['odd-file', 'OTHER = none\nBLOCK_REPORT = ""'],
    ['odd-file', 'OTHER = "1"\nOTHER = "1"\nBLOCK_REPORT = ""'],
    ['odd-file', 'OTHER = "1"\rBLOCK_REPORT = ""'],
    ['odd-file', 'OTHER = "1"\x0bBLOCK_REPORT = ""'],
  ])('%s: %j', (expected, line) => {
    expect(findConfSlot(around(line), KEY)).toBe(expected);
  });

  test('an empty file has none', () => {
    expect(findConfSlot('', KEY)).toBe('missing');
  });
});

test('any file: either a line that csf reads the same way, changed alone, or a reason', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'BLOCK_REPORT',
      ' = ',
      '=',
      '"',
      '""',
      '\n',
      '\r\n',
      '#',
      'OTHER = "1"\n',
      '\x0b',
      '\0',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = Buffer.from(pieces.join('')).toString('latin1');
      const slot = findConfSlot(text, KEY);
      if (typeof slot === 'string') return;
      const changed = slot.withValue('/opt/x');
      expect(changed.length - text.length).toBe('/opt/x'.length - slot.value.length);
      const [before, after] = [parseCsfConf(text), parseCsfConf(changed)];
      expect([before.has(KEY), after.get(KEY)]).toEqual([true, '/opt/x']);
      expect([...after].filter(([key]) => key !== KEY)).toEqual([...before].filter(([key]) => key !== KEY));
    }),
    { numRuns: 300 },
  );
});

test('1 MB is read in a moment', () => {
  const began = performance.now();
  findConfSlot(`${'BLOCK_REPORT = "'.repeat(30_000)}\n${'#'.repeat(500_000)}`, KEY);
  findConfSlot(`${' '.repeat(500_000)}=\nBLOCK_REPORT =${' '.repeat(500_000)}""`, KEY);
  expect(performance.now() - began).toBeLessThan(500);
});
