// Golden cases as raw logs: the items that come out of the logs are those of the case, and so is the verdict.
import { beforeAll, expect, test } from '@jest/globals';
import { CASES, expected, said } from './golden.ts';
import { tell, type Told } from './kit.ts';
import { MACHINES } from './scenario-machines.ts';
import { PEOPLE } from './scenario-people.ts';
import { SHARED } from './scenario-shared.ts';
import type { Story } from './story.ts';

const stories = Object.entries({ ...MACHINES, ...PEOPLE, ...SHARED }).map(([name, story]): Story => ({
  name,
  ...story,
}));
const golden = CASES.filter(({ name }) => stories.some((story) => story.name === name));
let told: ReadonlyMap<string, Told> = new Map();

beforeAll(async () => {
  told = await tell(stories);
}, 60_000);

test('every story is a golden case, and most cases are stories', () => {
  expect(golden).toHaveLength(stories.length);
  expect(stories.length).toBeGreaterThanOrEqual(40);
});

test.each(golden.map((one) => [one.name, one] as const))('%s', (name, one) => {
  expect(said(told.get(name))).toEqual(expected(one));
});

test.each(golden.map((one) => [one.name, one] as const))(
  'the logs of "%s" are those of the case',
  (name, one) => {
    const { without = [], mail } = stories.find((story) => story.name === name) ?? {};
    expect(mail === undefined ? [...without].sort() : ['access', 'audit', 'error']).toEqual(
      [...one.missing].sort(),
    );
  },
);

test('error_log and audit log tell the same of each request, and its points add up', () => {
  const whole = stories.filter(({ without, mail }) => without === undefined && mail === undefined);
  const requests = whole.flatMap(({ name }) => told.get(name)?.transactions ?? []);
  expect(requests.length).toBeGreaterThan(100);
  const sources = new Set(
    requests.flatMap(({ ruleHits }) => ruleHits.map((hit) => [...hit.sources].sort().join())),
  );
  expect([...sources]).toEqual(['audit_log,error_log']);
  expect(requests.filter(({ score }) => score.total !== null && score.total !== score.computed)).toEqual([]);
});
