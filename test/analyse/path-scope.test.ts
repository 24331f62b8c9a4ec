import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesPath, readPath, sentPath } from '../../src/analyse/path-scope.ts';
import { pathText } from '../../src/analyse/scope-words.ts';

const matches = (text: string, path: string): boolean => matchesPath(readPath(text)!, path);

describe('paths of scopes', () => {
  test.each([
    ['/cart/', { kind: 'exact', text: '/cart/' }],
    ['/cart/*', { kind: 'prefix', text: '/cart/' }],
    ['/post/{n}/edit', { kind: 'template', text: '/post/{n}/edit' }],
    ['/*', { kind: 'prefix', text: '/' }],
    ['/post/{n}/*', null],
  ])('%s', (text, read) => {
    expect(readPath(text)).toEqual(read);
    if (read !== null) expect(pathText(readPath(text)!)).toBe(text);
  });

  test('exact and with all below', () => {
    expect(matches('/cart', '/cart')).toBe(true);
    expect(matches('/cart', '/cart/')).toBe(false);
    expect(matches('/cart', '/Cart')).toBe(false);
    expect(matches('/cart/*', '/cart/a/b')).toBe(true);
    expect(matches('/cart/*', '/cart')).toBe(false);
  });

  test.each([
    ['/post/{n}/edit', '/post/12/edit', true],
    ['/post/{n}/edit', '/post/0af3-99/edit', true],
    ['/post/{n}/edit', '/post//edit', false],
    ['/post/{n}/edit', '/post/12g/edit', false],
    ['/post/{n}/edit', '/post/12/edit/', false],
    ['/{n}', '/1', true],
    ['/{n}a', '/aaa', true],
    ['/{n}a{n}', '/1a', false],
    ['/{n}{n}', '/12', true],
    ['/{n}{n}', '/1', false],
  ])('%s for %s: %s', (template, path, covers) => {
    expect(matches(template, path)).toBe(covers);
  });

  test('a template means what its expression means', () => {
    const part = fc.constantFrom('{n}', '/', 'a', '-', 'x', '1');
    const path = fc.string({ unit: fc.constantFrom('/', 'a', '-', 'x', '1', 'F'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), path, (parts, text) => {
        const template = `${parts.join('')}{n}`;
        const expression = new RegExp(`^${template.replaceAll('{n}', '[0-9a-fA-F-]+')}$`);
        expect(matches(template, text)).toBe(expression.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('many numbers and a long path take no time', () => {
    const start = performance.now();
    expect(matches('/' + '{n}'.repeat(300), '/' + 'a'.repeat(8000))).toBe(true);
    expect(matches('/' + '{n}'.repeat(300), '/' + 'a'.repeat(8000) + 'x')).toBe(false);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

test.each([
  ['/a?b', '/a'],
  ['/a#b?c', '/a'],
  ['//a', '/a'],
  ['///a//b', '/a//b'],
  ['http://host/a?b', '/a'],
  ['HTTPS://host:8443', ''],
  ['http://host?x', ''],
  ['*', '*'],
  ['/a;x', '/a;x'],
  ['/%2e/a', '/%2e/a'],
])('the path sent in %s', (uri, path) => {
  expect(sentPath(uri)).toBe(path);
});
