import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Cause, CauseTable, pathTemplate, targetTemplate } from '../../src/analyse/causes.ts';
import { readPath, matchesPath } from '../../src/analyse/path-scope.ts';
import { blocked, hit, request, START, transaction } from './fixtures.ts';

test.each([
  ['/post/12/edit', '/post/{n}/edit'],
  ['/a/0af3bc99/b', '/a/{n}/b'],
  ['/a/0af3bc9/b', '/a/0af3bc9/b'],
  ['/u/123e4567-e89b-12d3-a456-426614174000', '/u/{n}'],
  ['/img/5.jpg', '/img/{n}.jpg'],
  ['/page2', '/page2'],
  ['/2026/11/', '/{n}/{n}/'],
  ['', ''],
])('the path %s is one of %s', (path, template) => {
  expect(pathTemplate(path)).toBe(template);
});

test.each([
  ['ARGS:foo[12][bar]', 'ARGS:foo[{n}][bar]'],
  ['ARGS:item_7', 'ARGS:item_{n}'],
  ['ARGS:a1', 'ARGS:a1'],
  ['REQUEST_COOKIES:wp-123', 'REQUEST_COOKIES:wp-{n}'],
  ['TX:1', 'TX:1'],
  ['REQUEST_URI', 'REQUEST_URI'],
])('the target %s is one of %s', (target, template) => {
  expect(targetTemplate(target)).toBe(template);
});

test('a template covers what it was made of', () => {
  const part = fc.oneof(fc.constantFrom('a', 'post', '5.jpg'), fc.uuid(), fc.nat().map(String));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const path = `/${parts.join('/')}`;
      expect(matchesPath(readPath(pathTemplate(path))!, path)).toBe(true);
    }),
  );
});

describe('grouping', () => {
  const sql = (target: string | null): ReturnType<typeof hit> => hit('942100', { target });
  const table = (
    ...rows: readonly [path: string, target: string | null, client?: string][]
  ): readonly Cause[] => {
    const causes = new CauseTable();
    for (const [index, [path, target, client = '203.0.113.7']] of rows.entries()) {
      const one = transaction(String(index), index, {
        path,
        client,
        hits: [sql(target), sql(target), blocked(10)],
      });
      causes.add({ transaction: one, refused: index % 2 === 0, isAttack: client.endsWith('9') });
    }
    expect([...causes.byRule().keys()]).toEqual(['942100']);
    return causes.byRule().get('942100') ?? [];
  };

  test('counts a request once, however often its rule matched', () => {
    expect(table(['/a', 'ARGS:x'], ['/a', 'ARGS:x', '203.0.113.9'], ['/b', 'ARGS:x'])).toEqual([
      {
        ruleId: '942100',
        target: 'ARGS:x',
        path: '/a',
        requests: 2,
        refused: 1,
        visitors: 2,
        attackRequests: 1,
        lastAt: START + 1,
      },
      expect.objectContaining({ path: '/b', requests: 1, refused: 1, attackRequests: 0 }),
    ]);
  });

  test('one path and one name stand as they are, several as what they have in common', () => {
    expect(table(['/post/1', 'ARGS:a[1]'])).toMatchObject([{ path: '/post/1', target: 'ARGS:a[1]' }]);
    expect(table(['/post/1', 'ARGS:a[1]'], ['/post/2', 'ARGS:a[1]'], ['/post/1', 'ARGS:a[1]'])).toMatchObject(
      [{ path: '/post/{n}', target: 'ARGS:a[1]', requests: 3 }],
    );
    expect(table(['/post/1', 'ARGS:a[1]'], ['/post/1', 'ARGS:a[2]'])).toMatchObject([
      { path: '/post/1', target: 'ARGS:a[{n}]' },
    ]);
  });

  test('the path as it was sent comes before the decoded one', () => {
    const causes = new CauseTable();
    const one = transaction('a', 0, {
      path: '/a b',
      request: request({ uri: '/a%20b?q=1' }),
      hits: [sql('ARGS:q')],
    });
    causes.add({ transaction: one, refused: true, isAttack: false });
    expect(causes.byRule().get('942100')).toMatchObject([{ path: '/a%20b' }]);
  });

  test('thousands of made-up paths are counted together', () => {
    const rows = Array.from({ length: 3000 }, (_, index): [string, string] => [
      `/x${String(index)}y`,
      'ARGS:x',
    ]);
    const causes = table(...rows);
    expect(causes.length).toBe(501);
    expect(causes[0]).toMatchObject({ path: null, target: null, requests: 2500 });
    expect(causes.reduce((sum, { requests }) => sum + requests, 0)).toBe(3000);
  });
});
