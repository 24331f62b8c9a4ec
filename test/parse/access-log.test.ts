import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { accessLineClient, accessLineTime, parseAccessLogLine } from '../../src/parse/access-log.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

testSamples('access-log', parseAccessLogLine);
testSurvival('access-log', parseAccessLogLine);

describe('the cheap looks', () => {
  test('agree with the whole reading on every sample', () => {
    for (const { raw } of readSamples('access-log')) {
      const entry = parseAccessLogLine(raw);
      if (entry === null) continue;
      expect(accessLineClient(raw)).toBe(entry.client);
      expect(accessLineTime(raw)).toBe(entry.at);
    }
  });

  test('give null for lines of other logs', () => {
    expect(accessLineTime('[Sun Nov 22 13:00:11.110242 2026] [error] "x"')).toBeNull();
    expect(accessLineTime('')).toBeNull();
    expect(accessLineClient('')).toBeNull();
    expect(accessLineClient('word')).toBeNull();
  });
});

/** Escapes a field as Apache does (ap_escape_logitem). */
function logItem(text: string): string {
  const named: Readonly<Record<string, string>> = {
    '"': '\\"',
    '\\': '\\\\',
    '\n': '\\n',
    '\t': '\\t',
    '\r': '\\r',
  };
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return named[char] ?? (byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, '0')}` : char);
    })
    .join('');
}

test('what Apache wrote comes back, whatever the visitor sent', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, fc.integer({ min: 100, max: 599 }), (user, referer, agent, status) => {
      fc.pre(referer !== '-' && agent !== '-');
      const name = logItem(user.replaceAll('\u0000', ''));
      const line = `203.0.113.7 - ${name} [22/Nov/2026:13:49:04 +0100] "GET /${logItem(referer)} HTTP/1.1" ${String(status)} 5 "${logItem(referer)}" "${logItem(agent)}"`;
      expect(parseAccessLogLine(line)).toEqual({
        at: Date.UTC(2026, 10, 22, 12, 49, 4),
        offsetMinutes: 60,
        client: '203.0.113.7',
        vhost: null,
        method: 'GET',
        uri: `/${referer}`,
        status,
        bytes: 5,
        referer,
        userAgent: agent,
      });
    }),
    { numRuns: 500 },
  );
});
