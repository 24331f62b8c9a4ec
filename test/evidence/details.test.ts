// What exactly counts for an item, clause by clause, on raw logs.
import { beforeAll, expect, test } from '@jest/globals';
import { ADDRESS_DETAILS } from './details-address.ts';
import { PAYLOAD_DETAILS } from './details-payload.ts';
import { PEOPLE_DETAILS } from './details-people.ts';
import { REACH_DETAILS } from './details-reach.ts';
import type { Detail } from './details.ts';
import { statusOf, tell, type Told } from './kit.ts';

const DETAILS: readonly Detail[] = [
  ...REACH_DETAILS,
  ...PAYLOAD_DETAILS,
  ...PEOPLE_DETAILS,
  ...ADDRESS_DETAILS,
];
const named = (clause: string, item: string): string => `${item}: ${clause}`;
let told: ReadonlyMap<string, Told> = new Map();

beforeAll(async () => {
  told = await tell(DETAILS.map(([clause, item, , story]) => ({ ...story, name: named(clause, item) })));
}, 60_000);

test.each(DETAILS.map(([clause, item, status]) => [named(clause, item), item, status] as const))(
  '%s',
  (name, item, status) => {
    const one = told.get(name);
    expect(one === undefined ? null : statusOf(item, one)).toBe(status);
  },
);
