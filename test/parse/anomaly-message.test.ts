// The totals of the summing rules, in the words of CRS 3.0 to 4.x.
import { expect, test } from '@jest/globals';
import { parseAnomalyMessage } from '../../src/parse/anomaly-message.ts';

const GE = 'Operator GE matched 5 at TX:anomaly_score.';
const SUMMARY_4 =
  'Anomaly Scores: (Inbound Scores: blocking=5, detection=10, per_pl=5-5-0-0, threshold=7) - (Outbound Scores: blocking=0, detection=0, per_pl=0-0-0-0, threshold=4) - (SQLI=0, XSS=0, RFI=0, LFI=5, RCE=0, PHPI=0, HTTP=0, SESS=0, COMBINED_SCORE=18)';

test.each([
  [
    '949110',
    'Inbound Anomaly Score Exceeded (Total Score: 15)',
    GE,
    { total: 15, threshold: 5, direction: 'inbound' },
  ],
  [
    '949111',
    'Inbound Anomaly Score Exceeded in phase 1 (Total Score: 5)',
    'Operator GE matched 5 at TX:blocking_inbound_anomaly_score.',
    { total: 5, threshold: 5, direction: 'inbound' },
  ],
  [
    '959100',
    'Outbound Anomaly Score Exceeded (Total Score: 4)',
    'Operator GE matched 4 at TX:outbound_anomaly_score.',
    { total: 4, threshold: 4, direction: 'outbound' },
  ],
  [
    '949110',
    'Inbound Anomaly Score Exceeded (Total Inbound Score: 8 - SQLI=5,XSS=): Last Matched Message: x',
    GE,
    { total: 8, threshold: 5, perClass: { SQLI: 5 }, direction: 'inbound' },
  ],
  ['949110', '', '', { total: null, threshold: null, direction: 'inbound' }],
])('%s %s', (ruleId, message, operator, expected) => {
  expect(parseAnomalyMessage(ruleId, message, operator)).toEqual(expected);
});

test('980130 of CRS 3 has the points per class', () => {
  const message =
    'Inbound Anomaly Score Exceeded (Total Inbound Score: 25 - SQLI=0,XSS=15,RFI=0,LFI=10,RCE=0,PHPI=0,HTTP=0,SESS=0): individual paranoia level scores: 25, 0, 0, 0';
  expect(parseAnomalyMessage('980130', message, GE)).toEqual({
    total: 25,
    threshold: 5,
    perClass: { SQLI: 0, XSS: 15, RFI: 0, LFI: 10, RCE: 0, PHPI: 0, HTTP: 0, SESS: 0 },
    direction: 'inbound',
  });
});

test('980170 of CRS 4 has both directions; the combined score is no class', () => {
  const perClass = { SQLI: 0, XSS: 0, RFI: 0, LFI: 5, RCE: 0, PHPI: 0, HTTP: 0, SESS: 0 };
  expect(parseAnomalyMessage('980170', SUMMARY_4, 'Unconditional match in SecAction.')).toEqual({
    total: 5,
    threshold: 7,
    perClass,
    direction: 'inbound',
  });
});

test('980170 answers for the outbound side when only that reached its threshold', () => {
  const message = SUMMARY_4.replace('blocking=0', 'blocking=4');
  expect(parseAnomalyMessage('980170', message, '')).toMatchObject({
    total: 4,
    threshold: 4,
    direction: 'outbound',
  });
  const both = message.replace('blocking=5', 'blocking=7');
  expect(parseAnomalyMessage('980170', both, '')).toMatchObject({
    total: 7,
    threshold: 7,
    direction: 'inbound',
  });
});

test('other rules have no totals', () => {
  expect(parseAnomalyMessage('942100', 'SQL Injection (Total Score: 5)', GE)).toBeNull();
});

test("3.x names the threshold in its own words, Comodo's sum in its own", () => {
  const v3 = "Matched \"Operator `Ge' with parameter `5' against variable `TX:ANOMALY_SCORE' (Value: `10' )";
  const crs = parseAnomalyMessage('949110', 'Inbound Anomaly Score Exceeded (Total Score: 10)', v3);
  expect(crs).toMatchObject({ total: 10, threshold: 5, direction: 'inbound' });
  const comodo = 'COMODO WAF: Outbound Points Exceeded| Total Outgoing Points: 4';
  expect(parseAnomalyMessage('214940', comodo, 'Operator GE matched 4 at TX:outgoing_points.')).toMatchObject(
    {
      total: 4,
      threshold: 4,
      direction: 'outbound',
    },
  );
});
