// Every evidence item on raw logs: a story where it holds, one where it does not, one where the logs cannot tell.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ITEMS } from '../../src/analyse/weights.ts';
import { tell, type Told } from './kit.ts';
import { CLIENT, PAYLOAD } from './rows-client-payload.ts';
import { CROSS, HUMAN } from './rows-human.ts';
import { ORIGIN } from './rows-origin.ts';
import { PACE_REACH } from './rows-pace-reach.ts';
import type { Row } from './rows.ts';

const ROWS: readonly Row[] = [...PACE_REACH, ...CLIENT, ...PAYLOAD, ...HUMAN, ...CROSS, ...ORIGIN];
/** Items that no log leads to as yet. */
const WAITING = new Set(['C7', 'C7x', 'C8', 'O2h', 'O2c', 'O4', 'L1', 'L3', 'R2', 'X2']);
let told: ReadonlyMap<string, Told> = new Map();

beforeAll(async () => {
  const stories = ROWS.flatMap(({ present, absent, unknown }) => [
    present,
    absent,
    ...(typeof unknown === 'string' ? [] : [unknown]),
  ]);
  told = await tell(stories);
}, 60_000);

/**
 * What was said of one item. Some items are steps of one scale and say which step holds (P1, P1b): then the others do
 * not, and all are as unknown as the scale is.
 */
function statusOf(item: string, { evidence }: Told): string {
  const own = evidence.find(({ id }) => id === item);
  if (own !== undefined) return own.status;
  const scale = /^[A-Z]\d/.exec(item)?.[0] ?? item;
  const step = evidence.find(({ id }) => id.startsWith(scale));
  if (step === undefined) return `no item ${item}`;
  return step.status === 'present' ? 'absent' : step.status;
}

function answer(story: Row['present']): Told {
  const one = told.get(story.name);
  if (one === undefined) throw new Error(`nothing was said of ${story.name}`);
  return one;
}

test('there is a row for every item of the table of weights, and none for another', () => {
  expect(ROWS.map(({ item }) => item).sort()).toEqual(Object.keys(ITEMS).sort());
});

describe.each(ROWS.filter(({ item }) => !WAITING.has(item)).map((row) => [row.item, row] as const))(
  '%s',
  (item, { present, absent, unknown }) => {
    test('holds', () => {
      const one = answer(present);
      expect(statusOf(item, one)).toBe('present');
      const said = one.evidence.find(({ id }) => id === item);
      expect(said?.sentence).toMatch(/^[A-Z\d].*\.$/);
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
  },
);
