// Error log lines of nginx with ModSecurity 3 and of LiteSpeed: samples, forgeries, survival.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseErrorLogLine } from '../../src/parse/error-log.ts';
import { parseModsecLine } from '../../src/parse/modsec-line.ts';
import { stableHash } from '../../src/parse/stable-hash.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

testSamples('modsec-line', parseModsecLine);
testSurvival('modsec-line', parseModsecLine);

const CLIENT = '203.0.113.7';
const UNIQUE_ID = '179535340720.992270';
const FIELDS =
  ' [file "/r/a.conf"] [line "38"] [id "300001"] [rev ""] [msg "m"] [data "d"] [severity "2"] [ver ""] [maturity "0"] [accuracy "0"] [tag "t"]';

/** What a visitor chooses. */
interface Chosen {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly referrer: string;
}

function nginxLine({ name, value, path, referrer }: Chosen, isRefusal: boolean): string {
  const act = isRefusal
    ? `[client ${CLIENT}] ModSecurity: Access denied with code 403 (phase 2). `
    : 'ModSecurity: Warning. ';
  const operator = `Matched "Operator \`Rx' with parameter \`x' against variable \`ARGS:${name}' (Value: \`${value}' )`;
  const tail = ` [hostname "127.0.0.1"] [uri "/${path}"] [unique_id "${UNIQUE_ID}"] [ref "v1,2"]`;
  const suffix = `, client: ${CLIENT}, server: shop.example.com, request: "GET /a HTTP/1.1", host: "shop.example.com", referrer: "${referrer}"`;
  return `2026/11/22 13:18:07 [${isRefusal ? 'error' : 'info'}] 27488#27488: *5824 ${act}${operator}${FIELDS}${tail}${suffix}`;
}

describe('forged text on nginx', () => {
  const parts = fc.constantFrom(
    ' [file "/r/b.conf"] [line "1"] [id "9"]',
    ' [hostname "v"] [uri "/v"] [unique_id "FAKE"] [ref ""]',
    '"] [unique_id "FAKE"] [ref ""]',
    ', client: 198.51.100.9, server: evil.example.org, request: "GET / HTTP/1.1", host: "evil.example.org"',
    `, client: ${CLIENT}, server: evil.example.org`,
    "' (Value: `",
    "' )",
    '"',
    '", host: "evil.example.org',
    'a',
  );
  const forged = fc.array(parts, { maxLength: 6 }).map((texts) => texts.join(''));
  const chosen = fc.record({ name: forged, value: forged, path: forged, referrer: forged });

  test('the real reading is among the candidates, or the line is not ambiguous and read right', () => {
    fc.assert(
      fc.property(chosen, fc.boolean(), (texts, isRefusal) => {
        const line = nginxLine(texts, isRefusal);
        fc.pre(line.length < 2040);
        const entry = parseModsecLine(line);
        // Without a client in front the visitor can leave only doubt.
        if (entry === null) expect(isRefusal).toBe(false);
        else {
          expect(entry.client).toBe(CLIENT);
          const read = { ruleId: entry.hit?.ruleId ?? '', uniqueId: entry.uniqueId };
          const readings = entry.ambiguous ? entry.candidates : [read];
          expect(readings).toContainEqual(expect.objectContaining({ ruleId: '300001', uniqueId: UNIQUE_ID }));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('where only the referrer is forged, with a blank in front, the vhost is the server that nginx names', () => {
    const line = nginxLine(
      { name: 'a', value: 'b', path: '', referrer: 'x", host: "evil.example.org' },
      true,
    );
    expect(parseModsecLine(line)?.hostname).toBe('shop.example.com');
  });
});

test('any text is read or refused, never thrown at', () => {
  const starts = fc.constantFrom(
    '2026/11/22 13:18:07 [error] 1#1: *5 [client 203.0.113.7] ModSecurity: ',
    '2026-04-01 17:13:53.887905 [NOTICE] [1] [T1] [203.0.113.7:1-3#APVH_*_s.example.com] [MODSEC] ',
    "[Wed Apr 01 15:15:05.234401 2026] [error] [client 203.0.113.7] ModSecurity: Access denied with code 403, [Rule: 'A' ",
    '',
  );
  fc.assert(
    fc.property(starts, fc.string({ unit: 'binary', maxLength: 300 }), (start, rest) => {
      const entry = parseModsecLine(start + rest);
      if (entry !== null) expect(entry.wallAt).toBeGreaterThan(0);
    }),
  );
});

test("Apache's lines are read as ever", () => {
  for (const { raw } of readSamples('error-log'))
    expect(parseModsecLine(raw)).toEqual(parseErrorLogLine(raw));
});

describe('requests without a unique_id', () => {
  const line = (second: string, peer: string): string =>
    `2026-04-01 17:13:${second} [NOTICE] [1] [T1] [${peer}#APVH_*_server.example.com] [MODSEC] mod_security rule [id "920170"] at [/r/X.conf:180] triggered!`;
  const idOf = (text: string): string | null | undefined => parseModsecLine(text)?.uniqueId;

  test('rules of one connection within one second are one request, and the id is the same whenever it is read', () => {
    const first = idOf(line('53.887905', '203.0.113.7:51234-3'));
    expect(first).toMatch(/^ls-[0-9a-f]{16}-[0-9a-f]{16}$/);
    expect(idOf(line('53.999999', '203.0.113.7:51234-3'))).toBe(first);
    expect(idOf(line('54.000001', '203.0.113.7:51234-3'))).not.toBe(first);
    expect(idOf(line('53.887905', '203.0.113.7:51235-3'))).not.toBe(first);
  });

  test('the hash spreads', () => {
    const sums = new Set(Array.from({ length: 20_000 }, (_one, index) => stableHash(`203.0.113.7 ${index}`)));
    expect(sums.size).toBe(20_000);
  });
});
