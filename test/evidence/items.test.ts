// Every evidence item on raw logs: a story where it holds, one where it does not, one where the logs cannot tell.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ITEMS } from '../../src/analyse/weights.ts';
import { statusOf, tell, type Told } from './kit.ts';
import { CLIENT, PAYLOAD } from './rows-client-payload.ts';
import { CROSS, HUMAN } from './rows-human.ts';
import { ORIGIN } from './rows-origin.ts';
import { PACE_REACH } from './rows-pace-reach.ts';
import type { Row } from './rows.ts';

const ROWS: readonly Row[] = [...PACE_REACH, ...CLIENT, ...PAYLOAD, ...HUMAN, ...CROSS, ...ORIGIN];
let told: ReadonlyMap<string, Told> = new Map();

beforeAll(async () => {
  const stories = ROWS.flatMap(({ present, absent, unknown }) => [
    present,
    absent,
    ...(typeof unknown === 'string' ? [] : [unknown]),
  ]);
  told = await tell(stories);
}, 60_000);

function answer(story: Row['present']): Told {
  const one = told.get(story.name);
  if (one === undefined) throw new Error(`nothing was said of ${story.name}`);
  return one;
}

test('there is a row for every item of the table of weights, and none for another', () => {
  expect(ROWS.map(({ item }) => item).sort()).toEqual(Object.keys(ITEMS).sort());
});

describe.each(ROWS.map((row) => [row.item, row] as const))('%s', (item, { present, absent, unknown }) => {
  test('holds', () => {
    const one = answer(present);
    expect(statusOf(item, one)).toBe('present');
    const said = one.evidence.find(({ id }) => id === item);
    expect(said?.sentence).toMatch(/^(?:[A-Z\d]|csf\.|lfd )[^!]*\.$/);
    // DNS is no log, so what it said stands in no line.
    if (present.dns === undefined) expect(said?.lines).not.toEqual([]);
  });
  test('does not hold', () => {
    expect(statusOf(item, answer(absent))).toBe('absent');
  });
  if (typeof unknown === 'string') {
    test(`is never unknown: ${unknown}`, () => {
      for (const one of told.values()) expect(statusOf(item, one)).not.toBe('unknown');
    });
  } else {
    test('cannot be known', () => {
      const one = answer(unknown);
      expect(statusOf(item, one)).toBe('unknown');
      expect(one.present).not.toContain(item);
    });
  }
});
