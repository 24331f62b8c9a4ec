// What the owner of a site is advised: about a field that holds the text of a page one thing, whatever rules met it.
import { expect, test } from '@jest/globals';
import { whatToChange } from '../../src/actions/report-advice.ts';
import type { CaseHit, ReportCase } from '../../src/actions/report-case.ts';
import { plainOf } from '../../src/actions/report-value.ts';

function advised(hits: readonly CaseHit[]): readonly string[] {
  const request = {
    ...{ at: 0, method: 'POST', path: '/save', isForm: true, isRefused: true, isEarly: true, hits },
    ...{ total: 45, limit: 5 },
  };
  const one: ReportCase = {
    ...{ client: '203.0.113.7', vhost: 'shop.example.com', isSole: true, requests: [request], isPart: false },
    ...{ from: null, to: null, block: null, verdict: null, evidence: new Set<string>(), sources: [] },
    ...{ hasRecords: true, offset: '+00:00', isOffsetKnown: true },
  };
  const [block] = whatToChange(one, { isMended: false, packages: [] }).blocks;
  return block?.kind === 'list' ? block.items.map(plainOf) : [];
}

const hit = (ruleId: string, reads: CaseHit['reads'], target = 'ARGS:body'): CaseHit => ({
  ruleId,
  target,
  reads,
});

test('a field that holds the text of a page for one rule holds it for all', () => {
  const items = advised([
    hit('941100', 'content'),
    hit('921130', null),
    hit('932100', null),
    hit('941160', 'content'),
  ]);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatch(
    /^The field body holds the text of a page .*nothing is wrong with it\. Parts of it look to the rules like .*script.* and /,
  );
  expect(items[0]).not.toContain('If a plugin');
});

test('another field keeps its own advice', () => {
  const items = advised([hit('941100', 'content'), hit('942100', null, 'ARGS:order')]);
  expect(items).toHaveLength(2);
  expect(items.join(' ')).toMatch(/A part of it looks to the rule like .*What was sent in the field order/);
});
