// What is told of an exclusion that lost its sense: its rule, its vhost, its use, its time.
import { expect, test } from '@jest/globals';
import { staleness } from '../../src/actions/exclusion-list.ts';
import type { RuleInfo } from '../../src/model-rules.ts';
import type { KeptExclusion } from '../../src/store/exclusions.ts';
import { ruleInfo } from '../analyse/fixtures.ts';

const NOW = 1_796_000_000_000;
const DAY = 86_400_000;

function codes(
  more: Partial<KeptExclusion>,
  rules: readonly RuleInfo[] = [ruleInfo('942100')],
  served = true,
): string[] {
  const kept: KeptExclusion = {
    id: 1,
    scope: {
      kind: 'rule-vhost',
      vhost: 'shop.example.com',
      ruleId: '942100',
      tag: null,
      target: null,
      path: null,
    },
    account: 'shopuser',
    form: 'ctl',
    reason: 'x',
    author: 'root',
    createdAt: NOW - 100 * DAY,
    expiresAt: null,
    state: 'active',
    endedAt: null,
    uses: 5,
    lastUseAt: NOW - DAY,
    usesUntil: NOW,
    ...more,
  };
  return staleness(kept, NOW, { rulesOf: () => rules, isServed: () => served }).map(({ code }) => code);
}

test.each<[string, Partial<KeptExclusion>, readonly RuleInfo[], boolean, string[]]>([
  ['all is well', {}, [ruleInfo('942100')], true, []],
  ['its id is gone after an update', {}, [], true, ['rule-gone']],
  ['its rule moved to phase 1', {}, [ruleInfo('942100', { phase: 1 })], true, ['rule-moved']],
  ['a removal reaches phase 1', { form: 'directive' }, [ruleInfo('942100', { phase: 1 })], true, []],
  ['its vhost is gone', {}, [ruleInfo('942100')], false, ['vhost-gone']],
  ['unused for 90 days', { lastUseAt: NOW - 91 * DAY }, [ruleInfo('942100')], true, ['unused']],
  ['never used since 100 days', { lastUseAt: null, uses: 0 }, [ruleInfo('942100')], true, ['unused']],
  ['not counted yet', { lastUseAt: null, uses: null }, [ruleInfo('942100')], true, []],
  ['over', { expiresAt: NOW }, [ruleInfo('942100')], true, ['over']],
])('%s', (...[, more, rules, served, expected]) => {
  expect(codes(more, rules, served)).toEqual(expected);
});
