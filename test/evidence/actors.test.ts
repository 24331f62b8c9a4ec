// Golden cases that are one visitor of a shared address, as raw logs of the whole address.
import { beforeAll, expect, test } from '@jest/globals';
import { CASES, expected, said } from './golden.ts';
import { type Judged, tell, type Told } from './kit.ts';
import { PARTS, SPLIT } from './scenario-shared.ts';

let told: ReadonlyMap<string, Told> = new Map();

beforeAll(async () => {
  told = await tell(Object.entries(SPLIT).map(([name, story]) => ({ name, ...story })));
}, 60_000);

/** What was said of the visitor with this User-Agent. */
function partOf(story: string, agent: string): Judged | undefined {
  return told.get(story)?.actors.find(({ agents }) => agents.includes(agent));
}

test.each(PARTS.map((part) => [part.name, part] as const))('%s', (name, { story, agent }) => {
  const one = CASES.find((known) => known.name === name);
  if (one === undefined) throw new Error(`no golden case ${name}`);
  expect(said(partOf(story, agent))).toEqual(expected(one));
});

test('the address is judged as its worst visitor, and the words name the other', () => {
  const office = told.get('office');
  expect(office?.actors.map(({ verdict }) => verdict?.label)).toEqual(['attack', 'false-positive']);
  expect(office?.verdict?.label).toBe('attack');
  expect(office?.verdict?.words).toContain('Another visitor behind the same address looks ordinary.');
});
