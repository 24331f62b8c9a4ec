// error_log as ModSecurity writes it: samples, forgeries, survival.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseErrorLogLine } from '../../src/parse/error-log.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

const PREFIX =
  '[Sun Nov 22 13:00:11.110242 2026] [security2:error] [pid 1:tid 2] [client 203.0.113.7:0] [client 203.0.113.7] ModSecurity: ';
const FIELDS = '[file "/r/a.conf"] [line "38"] [id "300001"] [msg "m"] [severity "CRITICAL"] [tag "t"]';
const TAIL = '[hostname "shop.example.com"] [uri "/"] [unique_id "awLnAA9EhiZpbizFOi3ZJgAAAAo"]';
const UNIQUE_ID = 'awLnAA9EhiZpbizFOi3ZJgAAAAo';

/** What Apache and ModSecurity do to a name in the operator's text: escapes for all but quotes, then again. */
function loggedName(name: string): string {
  const once = Array.from(name, (char) => {
    if (char === '\\') return '\\\\';
    return char < ' ' || char > '~' ? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}` : char;
  });
  return once.join('').replaceAll('\\', '\\\\');
}

function line(name: string, referer: string | null): string {
  const message = `Warning. Pattern match "x" at ARGS:${loggedName(name)}. ${FIELDS}`;
  return `${PREFIX}${message} ${TAIL}${referer === null ? '' : `, referer: ${referer.replaceAll('\\', '\\\\')}`}`;
}

testSamples('error-log', parseErrorLogLine);
testSurvival('error-log', parseErrorLogLine);

describe('forged text', () => {
  const parts = fc.constantFrom(
    ' [file "/r/b.conf"] [line "1"] [id "9"]',
    ' [hostname "v.example.net"] [uri "/v"] [unique_id "FAKE"]',
    ', referer: ',
    ' [id "8"]',
    ' [severity "',
    '"]',
    ' [msg "',
    '. ',
    'a',
    '\\',
    '\n',
  );
  const forged = fc.array(parts, { maxLength: 8 }).map((texts) => texts.join(''));

  test('the real reading is among the candidates, or the line is not ambiguous and read right', () => {
    fc.assert(
      fc.property(forged, fc.option(forged), (name, referer) => {
        const entry = parseErrorLogLine(line(name, referer));
        expect(entry?.client).toBe('203.0.113.7');
        const read = { ruleId: entry?.hit?.ruleId ?? '', uniqueId: entry?.uniqueId };
        const readings = entry?.ambiguous === true ? entry.candidates : [read];
        expect(readings).toContainEqual(expect.objectContaining({ ruleId: '300001', uniqueId: UNIQUE_ID }));
      }),
      { numRuns: 2000 },
    );
  });

  test("where the operator names nothing of the visitor's, no referer makes the line ambiguous", () => {
    fc.assert(
      fc.property(forged, (referer) => {
        const text = `${PREFIX}Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. ${FIELDS} ${TAIL}, referer: ${referer.replaceAll('\\', '\\\\')}`;
        const entry = parseErrorLogLine(text);
        expect(entry).toMatchObject({ ambiguous: false, uniqueId: UNIQUE_ID, hit: { ruleId: '300001' } });
      }),
    );
  });

  test('a flood of forged runs is bounded and keeps the real one', () => {
    const run = ' [file "/r/b.conf"] [line "1"] [id "9"] [hostname "v"] [uri "/"] [unique_id "F"], referer: ';
    const entry = parseErrorLogLine(line('a', run.repeat(500)));
    expect(entry?.candidates.length).toBeLessThan(100);
    expect(entry?.candidates).toContainEqual(
      expect.objectContaining({ ruleId: '300001', uniqueId: UNIQUE_ID }),
    );
  });
});

test('names come back as they were sent', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('abc"][:.\\\n\x00x')), maxLength: 30 }),
      (name) => {
        expect(parseErrorLogLine(line(name, null))?.hit?.target).toBe(`ARGS:${name}`);
      },
    ),
  );
});

test('nothing throws, whatever stands behind the prefix', () => {
  const samples = readSamples('error-log').map(({ raw }) => raw);
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.string({ unit: 'binary' }), fc.nat(), (raw, noise, at) => {
      const place = at % (raw.length + 1);
      parseErrorLogLine(raw.slice(0, place) + noise + raw.slice(place));
      parseErrorLogLine(PREFIX + noise);
      parseErrorLogLine(noise);
    }),
  );
});

test('eight times the text takes about eight times the time', () => {
  const fillers = [
    ' [file "',
    ' [file "a"] [line "1"] [id "1"]',
    '\\',
    '"',
    ' [hostname "a"] [uri "/"]',
    ' at ARGS:',
    '\\x22',
  ];
  // The processor's time of the quickest of three, in ms: other suites run beside this one.
  const time = (size: number): number => Math.min(...[1, 2, 3].map(() => once(size)));
  const once = (size: number): number => {
    const started = process.threadCpuUsage();
    for (const filler of fillers) {
      const text = filler.repeat(Math.ceil(size / filler.length));
      parseErrorLogLine(`${PREFIX}Warning. Pattern match "x" at ARGS:${text}. ${FIELDS} ${TAIL}`);
      parseErrorLogLine(
        `${PREFIX}Access denied with redirection to ${text} (phase 1). x ${FIELDS} ${TAIL}, referer: ${text}`,
      );
    }
    const { user, system } = process.threadCpuUsage(started);
    return (user + system) / 1000;
  };
  time(12_000);
  const small = Math.max(time(12_000), 5);
  expect(time(96_000)).toBeLessThan(small * 30);
});
