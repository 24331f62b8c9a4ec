// One ModSecurity message as the audit log has it, and the messages that are no rule hits.
import { describe, expect, test } from '@jest/globals';
import { parseModsecMessage, readEngineMessage } from '../../src/parse/modsec-message.ts';
import { testSamples, testSurvival } from './samples.ts';

testSamples('modsec-message', parseModsecMessage);
testSurvival('modsec-message', (raw) => [parseModsecMessage(raw), readEngineMessage(raw)]);

describe('engine messages', () => {
  test.each([
    ['JSON parser error: parse error: premature EOF', 'parser'],
    ['XML parser error: XML: Failed parsing document.', 'parser'],
    ['Multipart parsing error: Multipart: Final boundary missing.', 'parser'],
    ['Multipart: Invalid boundary in C-T (characters).', 'parser'],
    ['Request body no files data length is larger than the configured limit (131072).', 'limit'],
    ['Request body (Content-Length) is larger than the configured limit (13107200).', 'limit'],
    ['Internal error: REQUEST_BODY phase incomplete for input filter in phase 1', 'internal'],
    ['Error reading request body: Partial results are valid but processing is incomplete', 'internal'],
    ['collection_retrieve_ex: Unable to retrieve collection (name "ip", key "203.0.113.7").', 'internal'],
  ])('%s', (text, kind) => {
    expect(readEngineMessage(text)).toEqual({ kind, text, ruleId: null });
    expect(parseModsecMessage(text)).toBeNull();
  });

  test('a rule that could not be run names its id', () => {
    const text =
      'Rule 7f4b071f9e78 [id "942360"][file "/r/a.conf"][line "445"] - Execution error - PCRE limits exceeded (-47): (null).';
    expect(readEngineMessage(text)).toEqual({ kind: 'execution', text, ruleId: '942360' });
  });

  test.each([
    'APR compiled version="1.7.2"; loaded version="1.7.2"',
    'Status engine is currently disabled, enable it by set SecStatusEngine to On.',
    '',
  ])('a notice of the start is neither: %s', (text) => {
    expect(readEngineMessage(text)).toBeNull();
    expect(parseModsecMessage(text)).toBeNull();
  });

  test('a rule hit is no engine message', () => {
    expect(readEngineMessage('Warning. Pattern match "JSON parser error" at ARGS:a.')).toBeNull();
  });
});

test.each([
  ['0', 'EMERGENCY'],
  ['2', 'CRITICAL'],
  ['7', 'DEBUG'],
  ['ERROR', 'ERROR'],
  ['8', null],
  ['CRIT', null],
])('severity %s is %s', (written, severity) => {
  const text = `Warning. Unconditional match in SecAction. [file "/r/a.conf"] [line "1"] [id "1"] [severity "${written}"]`;
  expect(parseModsecMessage(text)?.hit.severity).toBe(severity);
});
