// Which exclusions cover a cause, and which packages of CRS are on.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildCatalogue } from '../../src/analyse/catalogue.ts';
import { coversCause, type CoveredCause } from '../../src/analyse/cause-cover.ts';
import { CRS_PACKAGES, packageFor, packageState } from '../../src/analyse/crs-packages.ts';
import { readPath } from '../../src/analyse/path-scope.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';
import { readRuleFile } from '../../src/parse/crs-rule.ts';

const CAUSE: CoveredCause = {
  vhost: 'shop.example.com',
  ruleId: '942100',
  target: 'ARGS:item[{n}]',
  path: '/order/{n}/edit',
  targetSeen: 'ARGS:item[{n}]',
  pathSeen: '/order/{n}/edit',
};
const scope = (more: Partial<Omit<ExclusionScope, 'path'>> & { path?: string }): ExclusionScope => ({
  kind: 'rule-vhost',
  vhost: 'shop.example.com',
  ruleId: '942100',
  tag: null,
  target: null,
  ...more,
  path: more.path === undefined ? null : readPath(more.path),
});
const tagsOf = (id: string): string[] => (id === '942100' ? ['attack-sqli'] : []);
const covers = (one: ExclusionScope, more: Partial<CoveredCause> = {}): boolean =>
  coversCause(one, { ...CAUSE, ...more }, tagsOf);

describe('an exclusion covers a cause', () => {
  test.each<[string, ExclusionScope, Partial<CoveredCause>, boolean]>([
    ['the rule on the vhost', scope({}), {}, true],
    ['another vhost', scope({ vhost: 'blog.example.org' }), {}, false],
    ['another rule', scope({ ruleId: '942190' }), {}, false],
    ['the engine off', scope({ kind: 'engine-off', ruleId: null }), {}, true],
    ['the tag', scope({ kind: 'tag-vhost', ruleId: null, tag: 'attack-sqli' }), {}, true],
    ['another tag', scope({ kind: 'tag-vhost', ruleId: null, tag: 'attack-xss' }), {}, false],
    ['the collection', scope({ kind: 'target-vhost', target: 'ARGS' }), {}, true],
    ['one name of several', scope({ kind: 'target-vhost', target: 'ARGS:item[3]' }), {}, false],
    [
      'the name',
      scope({ kind: 'target-vhost', target: 'args:Item[3]' }),
      { targetSeen: 'ARGS:item[3]' },
      true,
    ],
    ['a longer collection', scope({ kind: 'target-vhost', target: 'ARGS_NAMES' }), {}, false],
    [
      'a target that is not named',
      scope({ kind: 'target-vhost', target: 'ARGS' }),
      { target: '', targetSeen: '' },
      false,
    ],
    ['the template', scope({ kind: 'rule-path', path: '/order/{n}/edit' }), {}, true],
    ['all below', scope({ kind: 'rule-path', path: '/order/*' }), {}, true],
    ['all below something else', scope({ kind: 'rule-path', path: '/orders/*' }), {}, false],
    ['one of many paths', scope({ kind: 'rule-path', path: '/order/7/edit' }), {}, false],
    [
      'the only path',
      scope({ kind: 'rule-path', path: '/order/7/edit' }),
      { pathSeen: '/order/7/edit' },
      true,
    ],
    [
      'the template of the only path',
      scope({ kind: 'rule-path', path: '/order/{n}/edit' }),
      { pathSeen: '/order/7/edit' },
      true,
    ],
    ['a path that is not named', scope({ kind: 'rule-path', path: '/*' }), { path: '', pathSeen: '' }, false],
    ['target right, path wrong', scope({ kind: 'target-path', target: 'ARGS', path: '/x' }), {}, false],
    ['both right', scope({ kind: 'target-path', target: 'ARGS', path: '/order/*' }), {}, true],
  ])('%s', (_, one, cause, expected) => {
    expect(covers(one, cause)).toBe(expected);
  });

  test('names that nobody owns are covered by nothing', () => {
    expect(covers(scope({ kind: 'engine-off', vhost: '', ruleId: null }), { vhost: '' })).toBe(false);
  });
});

describe('packages of CRS', () => {
  test.each([
    ['/wp-admin/post.php', 'wordpress'],
    ['/blog/wp-json/wp/v2/posts/{n}', 'wordpress'],
    ['/node/{n}/edit', 'drupal'],
    ['/remote.php/dav/files/a', 'nextcloud'],
    ['/wiki/doku.php', 'dokuwiki'],
    ['/threads/a.12/add-reply', 'xenforo'],
    ['/whm-server-status', 'cpanel'],
  ])('%s belongs to %s', (path, name) => {
    expect(packageFor(path)?.name).toBe(name);
  });

  test.each([
    '/',
    '',
    '/index.php',
    '/my-wp-admin.php',
    '/wp-content/x.php',
    '/node/{n}',
    '/doku.php.bak',
    '/threads/',
  ])('%s belongs to none', (path) => {
    expect(packageFor(path)).toBeNull();
  });

  test('any path is looked at in no time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (path) => {
        const found = packageFor(path);
        expect(found === null || CRS_PACKAGES.includes(found)).toBe(true);
      }),
    );
    const before = performance.now();
    packageFor(`/threads/${'a/'.repeat(100_000)}`);
    expect(performance.now() - before).toBeLessThan(500);
  });

  const wordpress = CRS_PACKAGES[0]!;
  const state = (text: string, name = 'crs-setup.conf'): string => {
    const path = `/etc/apache2/conf.d/${name}`;
    const entry = '/etc/apache2/conf.d/modsec2.conf';
    const files = [readRuleFile('Include /etc/apache2/conf.d/*-*.conf\n', entry), readRuleFile(text, path)];
    return packageState(buildCatalogue(files, [entry]), wordpress);
  };
  const action = (setvar: string): string => `SecAction "id:900130,phase:1,pass,nolog,setvar:${setvar}"\n`;

  test('on, off, on for some, unknown', () => {
    expect(state(action('tx.crs_exclusions_wordpress=1'))).toBe('on');
    expect(state(action('tx.crs_exclusions_drupal=1'))).toBe('off');
    const some = `SecRule REQUEST_HEADERS:Host "@streq a" "id:1,phase:1,pass,nolog,setvar:tx.crs_exclusions_wordpress=1"\n`;
    expect(state(some)).toBe('some');
    expect(state('')).toBe('unknown');
    expect(state(action('tx.x=1'), 'wordpress-rule-exclusions-before.conf')).toBe('on');
    const off = action('tx.wordpress-rule-exclusions-plugin_enabled=0');
    expect(state(off, 'wordpress-rule-exclusions-config.conf')).toBe('off');
  });
});
