// What each of the engine's own failures is, and which limit it names.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failureOfRule, isEngineRule, readFailure } from '../../src/analyse/engine-errors.ts';
import { readEngineMessage } from '../../src/parse/modsec-message.ts';

describe('texts of ModSecurity', () => {
  test.each<[string, string, string | null, string | null, string]>([
    [
      'Rule 7fe9e29599e0 [id "300010"][file "/etc/apache2/conf.d/modsec/modsec2.user.conf"][line "44"] - Execution error - PCRE limits exceeded (-47): (null).',
      ...(['execution', 'SecPcreMatchLimit', null] as const),
      'Rule 300010 - Execution error - PCRE limits exceeded (-{n}): (null).',
    ],
    [
      'Rule 55d0 [id "941100"][file "/x.conf"][line "1"] - Execution error - PCRE limits exceeded (-21): (null).',
      ...(['execution', 'SecPcreMatchLimitRecursion', null] as const),
      'Rule 941100 - Execution error - PCRE limits exceeded (-{n}): (null).',
    ],
    [
      'Request body no files data length is larger than the configured limit (131072).',
      ...(['limit', 'SecRequestBodyNoFilesLimit', '131072'] as const),
      'Request body no files data length is larger than the configured limit ({n}).',
    ],
    [
      'Request body (Content-Length) is larger than the configured limit (13107200).',
      ...(['limit', 'SecRequestBodyLimit', '13107200'] as const),
      'Request body (Content-Length) is larger than the configured limit ({n}).',
    ],
    [
      'Output filter: Response body too large (over limit of 524288, total not specified).',
      ...(['limit', 'SecResponseBodyLimit', '524288'] as const),
      'Output filter: Response body too large (over limit of {n}, total not specified).',
    ],
    [
      'XML parser error: XML: Failed parsing document.',
      ...(['parser', null, null] as const),
      'XML parser error: XML: Failed parsing document.',
    ],
    [
      'JSON parser error: parse error: premature EOF\n',
      ...(['parser', null, null] as const),
      'JSON parser error: parse error: premature EOF',
    ],
    [
      'Multipart parsing error: Multipart: Final boundary missing.',
      ...(['parser', null, null] as const),
      'Multipart parsing error: Multipart: Final boundary missing.',
    ],
    [
      'Internal error: REQUEST_BODY phase incomplete for input filter in phase 1',
      ...(['internal', null, null] as const),
      'Internal error: REQUEST_BODY phase incomplete for input filter in phase {n}',
    ],
  ])('%s', (line, ...[kind, directive, value, text]) => {
    const error = readEngineMessage(line)!;
    expect(readFailure(error)).toMatchObject({ kind, directive, value, text });
  });

  test('a limit is said to be no attack; a broken body has no limit to raise', () => {
    const limit = readFailure({ kind: 'execution', text: 'PCRE limits exceeded (-8): (null).' });
    expect(limit.words).toMatch(/This is no attack; a higher limit/);
    expect(readFailure({ kind: 'parser', text: 'XML: x' }).words).toMatch(/No limit would help\.$/);
  });

  test('quoted values, numbers and control signs are left out', () => {
    const { text } = readFailure({
      kind: 'parser',
      text: 'Multipart: Invalid header "x-secret: 4711"\u0000\u001b[2J for part 12',
    });
    expect(text).toBe('Multipart: Invalid header "…" [{n}J for part {n}');
  });

  test('any text gives a short line without control signs', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000, unit: 'binary' }), (text) => {
        const read = readFailure({ kind: 'internal', text });
        expect(read.text.length).toBeLessThanOrEqual(160);
        expect(read.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(read.words).not.toBe('');
      }),
    );
  });
});

describe('rules of ModSecurity on what it could not read', () => {
  test.each([
    ['200002', 'parser', null],
    ['200003', 'parser', null],
    ['200004', 'parser', null],
    ['200005', 'limit', 'SecPcreMatchLimit'],
    ['200007', 'limit', 'SecArgumentsLimit'],
  ])('%s', (id, kind, directive) => {
    expect(failureOfRule(id, 'Failed to parse request body.')).toMatchObject({
      ...{ kind, directive, text: 'Failed to parse request body.' },
    });
  });

  test.each(['200001', '2000021', '942100', '200010'])('%s is none', (id) => {
    expect(isEngineRule(id)).toBe(false);
    expect(failureOfRule(id, null)).toBeNull();
  });
});
