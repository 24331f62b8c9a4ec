// Runs a parser over its sample file: raw records with the expectation beside each.
//
// A file is a list of records split by lines that are exactly `%%`. In a record, leading `# ` lines are
// notes, one `= JSON` line holds the fields that matter (or `= null` for "refused"), the rest is the raw record.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

export interface Sample {
  readonly note: string;
  readonly expected: Record<string, unknown> | null;
  readonly raw: string;
}

/** Reads `test/parse/<name>.samples`; text as latin1, as parsers take it (pass 'utf8' for mails). */
export function readSamples(name: string, encoding: 'latin1' | 'utf8' = 'latin1'): Sample[] {
  const text = readFileSync(new URL(`./${name}.samples`, import.meta.url), encoding);
  return text
    .split(/^%%\n/m)
    .filter((record) => record.trim() !== '')
    .map(readRecord);
}

function readRecord(record: string): Sample {
  const lines = record.split('\n');
  const notes: string[] = [];
  while (lines[0]?.startsWith('# ')) notes.push((lines.shift() ?? '').slice(2));
  const expectation = lines.shift();
  if (!expectation?.startsWith('= ')) throw new Error(`no expectation in the record: ${record.slice(0, 80)}`);
  if (lines.at(-1) === '') lines.pop();
  return {
    note: notes.join(' '),
    expected: JSON.parse(expectation.slice(2)) as Sample['expected'],
    raw: lines.join('\n'),
  };
}

/** One test per record: the parser's value holds the fields named, or is null where `= null` stands. */
export function testSamples(
  name: string,
  parse: (raw: string) => unknown,
  encoding: 'latin1' | 'utf8' = 'latin1',
): void {
  const samples = readSamples(name, encoding);
  test(`${name}.samples has both records that match and records that are refused`, () => {
    expect(samples.some((sample) => sample.expected === null)).toBe(true);
    expect(samples.some((sample) => sample.expected !== null)).toBe(true);
  });
  for (const [index, sample] of samples.entries()) {
    test(`${name}.samples ${String(index + 1)}: ${sample.note || sample.raw.slice(0, 60)}`, () => {
      const value = parse(sample.raw);
      if (sample.expected === null) expect(value).toBeNull();
      else expect(value).toMatchObject(sample.expected);
    });
  }
}

/** The parser survives each sample cut at every byte, noise in the middle and a line of a MiB. */
export function testSurvival(name: string, parse: (raw: string) => unknown): void {
  const samples = readSamples(name);
  test(`${name}: survives every cut, NUL, invalid UTF-8, ANSI and CRLF`, () => {
    for (const { raw } of samples) {
      for (let cut = 0; cut <= Math.min(raw.length, 3000); cut++) parse(raw.slice(0, cut));
      const middle = Math.floor(raw.length / 2);
      for (const noise of ['\x00', '\xff\xfe', '\x1b[31m', '\r\n', '"', ']', '\\']) {
        parse(raw.slice(0, middle) + noise + raw.slice(middle));
        parse(raw + noise);
      }
    }
  });
  test(`${name}: time grows no faster than the line`, () => {
    const once = (size: number): number => {
      const started = performance.now();
      for (const { raw } of samples) {
        const half = Math.floor(raw.length / 2);
        for (const filler of ['a', '[', '"', '\\', ' [id "', '<']) {
          parse(raw.slice(0, half) + filler.repeat(Math.ceil(size / filler.length)) + raw.slice(half));
        }
      }
      return performance.now() - started;
    };
    // The best of several runs: other work on the machine only ever adds time.
    const time = (size: number): number => Math.min(once(size), once(size), once(size));
    once(10_000);
    // Eight times the line may cost more than eight times the time; quadratic work would cost sixty-four times.
    expect(time(400_000)).toBeLessThan(Math.max(time(50_000), 20) * 30);
  });
}
