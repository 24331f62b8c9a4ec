// The golden stories with their logs taken away one by one, and with their lines in another order and twice.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ITEMS } from '../../src/analyse/weights.ts';
import { tell, type Told } from './kit.ts';
import { MACHINES } from './scenario-machines.ts';
import { PEOPLE } from './scenario-people.ts';
import { SHARED, SPLIT } from './scenario-shared.ts';
import type { Source, Story } from './story.ts';

const whole: readonly Story[] = Object.entries({ ...MACHINES, ...PEOPLE, ...SHARED, ...SPLIT })
  .map(([name, story]): Story => ({ name, ...story }))
  .filter(({ without, mail }) => without === undefined && mail === undefined);
const LOGS = ['error', 'audit', 'access'] as const satisfies readonly Source[];
/** What the verdict calls them. */
const WORDS = { error: 'error_log', audit: 'audit log', access: 'access log' } as const;
const named = (name: string, log: Source): string => `${name}, without ${log}`;

let full: ReadonlyMap<string, Told> = new Map();
let poorer: ReadonlyMap<string, Told> = new Map();

beforeAll(async () => {
  full = await tell(whole);
  poorer = await tell(
    LOGS.flatMap((log) => whole.map((story) => ({ ...story, name: named(story.name, log), without: [log] }))),
  );
}, 60_000);

function of(told: ReadonlyMap<string, Told>, name: string): Told {
  const one = told.get(name);
  if (one === undefined) throw new Error(`nothing was said of ${name}`);
  return one;
}

const forbidsFalseAlarm = (id: string): boolean => ITEMS[id]?.veto === true || ITEMS[id]?.kind === 'hostile';

describe.each(LOGS)('without the %s log', (log) => {
  test.each(whole.map(({ name }) => name))('%s', (name) => {
    const before = of(full, name);
    const { verdict, present } = of(poorer, named(name, log));
    const moved = `${before.verdict?.label ?? ''} > ${verdict?.label ?? ''}`;
    expect(moved).not.toBe('attack > false-positive');
    expect(moved).not.toBe('false-positive > attack');
    if (moved === 'unclear > false-positive') expect(before.present.filter(forbidsFalseAlarm)).toEqual([]);
    if (moved !== 'unclear > attack') return;
    expect(present.some((id) => ITEMS[id]?.kind === 'hostile')).toBe(true);
    expect(verdict?.words).toMatch(new RegExp(`^Without the [\\w ,]*${WORDS[log]}[\\w ,]*: very likely `));
  });
});

test('lines in another order and written twice change no item and no verdict', async () => {
  const messy = await tell(whole, true);
  const said = ({ verdict, present }: Told) => ({
    label: verdict?.label,
    logOdds: verdict?.logOdds,
    present,
  });
  for (const { name } of whole)
    expect({ name, ...said(of(messy, name)) }).toEqual({ name, ...said(of(full, name)) });
}, 60_000);
