// A search in an address: the way there and back, what cannot be read, and values of form fields.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SearchQuery } from '../../src/actions/search-query.ts';
import { EMPTY_QUERY } from '../../src/actions/search-query.ts';
import { fieldOf, isSameSearch, readSearch, searchLink, searchParams } from '../../src/web/search-query.ts';
import { escapeHtml, FieldValue } from '../../src/web/view-text.ts';

/** The parameters of a link as the server reads them. */
function fieldsOf(link: string): URLSearchParams {
  expect(link).toMatch(/^index\.cgi\?p=\/search&[\x21-\x7e]*$/);
  return new URLSearchParams(link.slice(link.indexOf('?') + 1));
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('a+b&c=d#e%f%zz', `"'<>`, 'a\nb\r\nc', '\0', '--pre=/bin/sh', 'äöü😀\u202e', '1', 'null'),
);
const trimmed = text.map((one) => one.trim());
const optional = trimmed.map((one) => (one === '' ? null : one));
const query: fc.Arbitrary<SearchQuery> = fc.record({
  pattern: text,
  syntax: fc.constantFrom('regex', 'literal', 'pcre'),
  ignoreCase: fc.boolean(),
  invert: fc.boolean(),
  logs: fc
    .array(fc.oneof(trimmed, fc.constantFrom('access', 'mail')), { maxLength: 5 })
    .map((all) => all.filter((one) => one !== '')),
  vhost: optional,
  account: optional,
  ip: optional,
  from: optional,
  to: optional,
  status: optional,
  rotated: fc.constantFrom('auto', 'always', 'never'),
  context: fc.integer({ min: 0, max: 20 }),
  limit: fc.integer({ min: 1, max: 10_000 }),
  before: optional,
});

describe('round trip', () => {
  test('any query comes back from its link, and from the text that forms send', () => {
    fc.assert(
      fc.property(query, (one) => {
        const expected = { query: one, errors: new Map(), asked: true };
        expect(readSearch(fieldsOf(searchLink(one)))).toEqual(expected);
        expect(readSearch(new URLSearchParams(searchParams(one).toString()))).toEqual(expected);
        expect(isSameSearch(one, { ...one })).toBe(true);
      }),
    );
  });

  test('defaults are not in it; a search without anything still is one', () => {
    expect(searchLink(EMPTY_QUERY)).toBe('index.cgi?p=/search&q=');
    expect(searchLink({ ...EMPTY_QUERY, ip: '2001:db8::1', logs: ['access', 'error'] }, { job: 'x' })).toBe(
      'index.cgi?p=/search&log=access&log=error&ip=2001%3Adb8%3A%3A1&job=x',
    );
    expect(searchLink({ ...EMPTY_QUERY, pattern: '\ud800' })).toBe('index.cgi?p=/search&q=%EF%BF%BD');
  });
});

describe('what cannot be read', () => {
  const read = (address: string) => readSearch(new URLSearchParams(address));

  test.each([
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['limit=1,000', 'limit'],
    ['limit=-5', 'limit'],
    ['context=21', 'context'],
    ['context=x', 'context'],
    ['syntax=perl', 'syntax'],
    ['rotated=yes', 'rotated'],
    ['i=on', 'i'],
    ['v=2', 'v'],
  ] as const)('%s has a sentence and the default', (address, field) => {
    const { query: got, errors, asked } = read(address);
    expect([...errors.keys()]).toEqual([field]);
    expect(errors.get(field)).toContain(address.slice(address.indexOf('=') + 1));
    expect([got, asked]).toEqual([EMPTY_QUERY, true]);
  });

  test('a long one is cut in its sentence', () => {
    expect(read(`syntax=${'x'.repeat(5000)}`).errors.get('syntax')).toHaveLength(200);
  });

  test('empty fields, as a form without script sends them, are defaults', () => {
    const address = 'p=/search&q=&syntax=&log=&vhost=&from=&limit=&context=&rotated=&i=0';
    expect(read(address)).toEqual({ query: EMPTY_QUERY, errors: new Map(), asked: true });
    expect(read('p=/search').asked).toBe(false);
    expect(read('p=/search&q=x&run=0').asked).toBe(false);
  });

  test('the pattern keeps its spaces, the others lose them', () => {
    expect(read('q=+a+&ip=+203.0.113.5+&log=+/var/log/x+').query).toEqual({
      ...EMPTY_QUERY,
      pattern: ' a ',
      ip: '203.0.113.5',
      logs: ['/var/log/x'],
    });
  });

  test('names of the query lead to fields of the form', () => {
    expect([fieldOf('pattern'), fieldOf('logs'), fieldOf('ip')]).toEqual(['q', 'log', 'ip']);
    expect([fieldOf('constructor'), fieldOf('nothing'), fieldOf(null)]).toEqual([null, null, null]);
  });
});

describe('the value of a form field', () => {
  /** What a browser makes of the attribute: entities and character references decoded. */
  const decode = (html: string): string =>
    html
      .replaceAll(/&#x([0-9a-f]+);/g, (_all, code: string) => String.fromCodePoint(parseInt(code, 16)))
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');

  test('comes back as it was, or says that it cannot', () => {
    fc.assert(
      fc.property(text, (one) => {
        const value = new FieldValue(one);
        const html = escapeHtml(value);
        expect(html).not.toMatch(/[<>"'\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]/);
        if (value.isWhole) expect(decode(html)).toBe(one);
        else expect(html).toMatch(/‹U\+00[0-9A-F]{2}›/);
      }),
    );
  });

  test('hidden characters are there, control bytes are spelled out', () => {
    expect(escapeHtml(new FieldValue('a\u202e"&#x41;'))).toBe('a&#x202e;&quot;&amp;#x41;');
    expect(escapeHtml(new FieldValue('a\0b\nc'))).toBe('a‹U+0000›b‹U+000A›c');
  });
});
