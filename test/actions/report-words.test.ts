// Sentences of a report by what is known of the requests: as many as there were, refused or not, with the address or without.
import { expect, test } from '@jest/globals';
import type { CaseRequest, ReportCase } from '../../src/actions/report-case.ts';
import { howToCheck } from '../../src/actions/report-check.ts';
import { happened, reportTitle } from '../../src/actions/report-happened.ts';
import { plainOf } from '../../src/actions/report-value.ts';
import type { ReportSection } from '../../src/actions/report-view.ts';
import { wasNot } from '../../src/actions/report-was-not.ts';

const REQUEST: CaseRequest = {
  ...{ at: Date.UTC(2026, 10, 22, 9), method: 'GET', path: '/feed/', isForm: false },
  ...{ isRefused: true, isEarly: true, hits: [], total: 5, limit: 5 },
};
const PASSED: CaseRequest = { ...REQUEST, isRefused: false, isEarly: false, total: 2 };
const at = '2026-11-22T09:00:00+00:00';

function caseOf(requests: readonly CaseRequest[], more: Partial<ReportCase> = {}): ReportCase {
  return {
    ...{ client: '203.0.113.70', vhost: 'blog.example.org', isSole: true, requests, isPart: false },
    ...{ from: at, to: at, verdict: null, evidence: new Set(), sources: [], hasRecords: true },
    ...{ offset: '+00:00', isOffsetKnown: true },
    block: {
      ...{ state: 'none', since: null, until: null, trigger: null, count: null, intervalSeconds: null },
      ...{ isNet: false, isWhole: true, isForThese: false, isNotWeb: false, isWeb: false },
    },
    ...more,
  };
}

const words = (section: ReportSection | null): string =>
  (section?.blocks ?? [])
    .map((block) =>
      block.kind === 'text'
        ? plainOf(block.spans)
        : block.kind === 'list'
          ? block.items.map(plainOf).join(' ')
          : '',
    )
    .filter((part) => part !== '')
    .join(' ');

test('where nothing was refused, nothing is said of refusals', () => {
  const one = caseOf([PASSED, PASSED]);
  expect(plainOf(reportTitle(one))).toBe('Requests to blog.example.org on 22 Nov 2026');
  expect(words(happened(one))).toContain(
    'Rules of the web firewall reacted to 2 requests to your site blog.example.org on 22 Nov 2026, 09:00:00 (the server’s clock, +00:00). None of them was refused.',
  );
  expect(words(howToCheck(one, false))).toBe('Nothing was refused, so there is nothing to try again.');
  const single = words(happened(caseOf([PASSED])));
  expect(single).toContain('reacted to 1 request to');
  expect(single).toContain('It was not refused. It came from');
  const mixed = caseOf([PASSED, REQUEST]);
  expect(plainOf(reportTitle(mixed))).toBe('Refused requests to blog.example.org on 22 Nov 2026');
  expect(words(happened(mixed))).toContain('refused 1 request to');
  expect(words(happened(mixed))).toContain('1 more request set off a rule and got through.');
});

test('one refused request is spoken of as one', () => {
  expect(words(wasNot(caseOf([REQUEST])))).toBe(
    'The refused request did not get as far as the programs of your site: nothing was saved or changed there by it.',
  );
  expect(words(wasNot(caseOf([REQUEST, REQUEST])))).toContain('The refused requests did not get as far');
});

test('of a net that stands for the address it is not said that nobody in it is blocked', () => {
  const text = words(happened(caseOf([REQUEST], { client: '203.0.113.0/24' })));
  expect(text).toContain('It came from an address in the net 203.0.113.0/24. The address is not blocked.');
});
