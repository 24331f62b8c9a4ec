import { expect, test } from '@jest/globals';
import { pathText, scopeWords } from '../../src/analyse/scope-words.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';

const SCOPE: ExclusionScope = {
  kind: 'target-vhost',
  vhost: 'shop.example.com',
  ruleId: '942100',
  tag: null,
  target: 'ARGS:comment',
  path: null,
};

test.each<[Partial<ExclusionScope>, string]>([
  [{}, 'Rule 942100 skips ARGS:comment on shop.example.com'],
  [
    { kind: 'target-path', path: { kind: 'prefix', text: '/cart/' } },
    'Rule 942100 skips ARGS:comment on shop.example.com, only for /cart/ and what is below it',
  ],
  [{ kind: 'rule-vhost', target: null }, 'Rule 942100 is off on shop.example.com'],
  [
    { kind: 'rule-path', target: null, path: { kind: 'exact', text: '/a.php' } },
    'Rule 942100 is off on shop.example.com, only for /a.php',
  ],
  [
    { kind: 'rule-path', target: null, path: { kind: 'template', text: '/post/{n}/edit' } },
    'Rule 942100 is off on shop.example.com, only for paths like /post/{n}/edit',
  ],
  [
    { kind: 'tag-vhost', ruleId: null, target: null, tag: 'attack-sqli' },
    'All rules with the tag attack-sqli are off on shop.example.com',
  ],
  [{ kind: 'engine-off', ruleId: null, target: null }, 'All rules are off on shop.example.com'],
])('%j', (more, expected) => {
  expect(scopeWords({ ...SCOPE, ...more })).toBe(expected);
});

test('paths as links carry them', () => {
  expect(pathText({ kind: 'exact', text: '/cart/' })).toBe('/cart/');
  expect(pathText({ kind: 'prefix', text: '/cart/' })).toBe('/cart/*');
  expect(pathText({ kind: 'template', text: '/post/{n}/edit' })).toBe('/post/{n}/edit');
});
