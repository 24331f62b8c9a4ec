import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayOf } from '../../src/actions/mail-clock.ts';
import {
  type BlockSeen,
  dailyDue,
  decide,
  decideUnseen,
  dueOfHeld,
  HELD_WHY,
  heldFor,
  isQuiet,
} from '../../src/actions/mail-policy.ts';
import type { MailSettings } from '../../src/actions/mail-settings.ts';
import type { VerdictLabel } from '../../src/model.ts';
import { zoneOf } from '../actions/zone-kit.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const zone = zoneOf('Europe/Berlin');
const NOON = Date.parse('2026-11-22T12:00:00+01:00');
const NIGHT = Date.parse('2026-11-22T23:00:00+01:00');

const SETTINGS: MailSettings = {
  to: ['admin@example.com'],
  from: 'whyblocked@example.com',
  policy: 'all',
  networks: 3,
  daily: false,
  digestAt: '07:00',
  quiet: null,
  quietLets: 'nothing',
  perHour: 20,
  smtp: null,
  whm: null,
};
const QUIET = { from: '22:00', to: '07:00' };
const seen = (label: VerdictLabel | null, more: Partial<BlockSeen> = {}): BlockSeen => ({
  label,
  isWaf: true,
  cause: null,
  ...more,
});

function decided(settings: Partial<MailSettings>, what: BlockSeen, now = NOON, inHour = 0): string {
  const block = { hasAddress: true, at: now - 3000, wasHeld: false };
  const decision = decide(block, what, { ...SETTINGS, ...settings }, { now, zone, inHour });
  return decision.do === 'hold' ? heldFor(decision.why) : decision.do;
}

test('which blocks are mailed', () => {
  expect(decided({}, seen('attack'))).toBe('mail');
  expect(decided({ policy: 'doubtful' }, seen('attack'))).toBe('skip');
  expect(decided({ policy: 'doubtful', daily: true }, seen('attack'))).toBe('digest');
  for (const label of ['false-positive', 'unclear', 'not-attributable', null] as const)
    expect(decided({ policy: 'doubtful' }, seen(label))).toBe('mail');
  expect(decided({ policy: 'doubtful' }, seen(null, { isWaf: false }))).toBe('skip');
  expect(decided({ policy: 'digest' }, seen('false-positive'))).toBe('digest');
});

test('one cause that stops visitors of several networks', () => {
  const with_ = (networks: number, isMailed = false): BlockSeen =>
    seen('unclear', { cause: { networks, isMailed } });
  expect(decided({ policy: 'networks' }, seen('false-positive'))).toBe('skip');
  expect(decided({ policy: 'networks' }, with_(2))).toBe('skip');
  expect(decided({ policy: 'networks' }, with_(3))).toBe('mail');
  expect(decided({ policy: 'networks' }, with_(9, true))).toBe('skip');
  expect(decided({ policy: 'networks', networks: 10 }, with_(9))).toBe('skip');
});

test('quiet hours, and what may break through', () => {
  expect(decided({ quiet: QUIET }, seen('attack'), NIGHT)).toBe('quiet');
  expect(decided({ quiet: QUIET }, seen('false-positive'), NIGHT)).toBe('quiet');
  expect(decided({ quiet: QUIET, quietLets: 'false-positives' }, seen('false-positive'), NIGHT)).toBe('mail');
  expect(decided({ quiet: QUIET, quietLets: 'false-positives' }, seen('attack'), NIGHT)).toBe('quiet');
  expect(decided({ quiet: QUIET }, seen('attack'), NOON)).toBe('mail');
});

test('a flood of attacks leaves room for the others', () => {
  expect(decided({}, seen('attack'), NOON, 14)).toBe('mail');
  expect(decided({}, seen('attack'), NOON, 15)).toBe('flood');
  expect(decided({}, seen('false-positive'), NOON, 19)).toBe('mail');
  expect(decided({}, seen('false-positive'), NOON, 20)).toBe('flood');
  expect(decided({ perHour: 1 }, seen('attack'), NOON, 0)).toBe('mail');
});

test('nobody looks where every answer would be the same', () => {
  const block = { hasAddress: true, at: NOON - 3000, wasHeld: false };
  const unseen = (settings: Partial<MailSettings>, inHour = 0, now = NOON): unknown =>
    decideUnseen({ ...block, at: now - 3000 }, { ...SETTINGS, ...settings }, { now, zone, inHour });
  expect(unseen({})).toBe('look');
  expect(unseen({ policy: 'doubtful' }, 99)).toBe('look');
  expect(unseen({}, 20)).toEqual({ do: 'hold', why: HELD_WHY.flood });
  expect(unseen({ quiet: QUIET }, 0, NIGHT)).toEqual({ do: 'hold', why: HELD_WHY.quiet });
  expect(unseen({ quiet: QUIET, quietLets: 'false-positives' }, 0, NIGHT)).toBe('look');
  expect(unseen({ policy: 'digest' })).toEqual({ do: 'hold', why: HELD_WHY.digest });
  const other = { ...SETTINGS, policy: 'doubtful' as const };
  const moment = { now: NOON, zone, inHour: 0 };
  expect(decideUnseen({ ...block, hasAddress: false }, other, moment)).toMatchObject({ do: 'skip' });
  expect(decideUnseen({ ...block, at: NOON - 25 * HOUR }, other, moment)).toMatchObject({ do: 'skip' });
});

/** Blocks over three days, often many at once; labels and causes of all kinds. */
const DAYS = fc.constantFrom('2026-03-28', '2026-10-24', '2026-06-10');
const blocks = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 40 * 60 }),
    burst: fc.constantFrom(1, 1, 1, 2, 5, 40),
    label: fc.constantFrom<VerdictLabel | null>(
      'attack',
      'attack',
      'false-positive',
      'unclear',
      'local',
      null,
    ),
    isWaf: fc.boolean(),
    networks: fc.integer({ min: 0, max: 5 }),
    hasAddress: fc.integer({ min: 0, max: 20 }).map((number) => number > 0),
  }),
  { maxLength: 25 },
);
const settings = fc.record({
  policy: fc.constantFrom<MailSettings['policy']>('all', 'doubtful', 'networks', 'digest'),
  daily: fc.boolean(),
  quiet: fc.constantFrom(null, QUIET, { from: '23:30', to: '02:30' }, { from: '13:00', to: '14:00' }),
  quietLets: fc.constantFrom<MailSettings['quietLets']>('nothing', 'false-positives'),
  perHour: fc.integer({ min: 1, max: 20 }),
});

interface Block {
  readonly at: number;
  readonly seen: BlockSeen;
  readonly hasAddress: boolean;
  state: 'waiting' | 'held' | 'mailed' | 'skipped';
  why: string;
}

interface Sent {
  readonly kind: 'block' | 'summary' | 'daily';
  readonly at: number;
  readonly label: VerdictLabel | null;
}

/** What the rounds do, every five minutes. */
function run(all: readonly Block[], set: MailSettings, from: number, to: number): Sent[] {
  const sent: Sent[] = [];
  const days = new Set<string>();
  const since = (kind: Sent['kind'], at: number): number =>
    sent.slice(-100).filter((one) => one.kind === kind && one.at > at).length;
  const one = (block: Block, now: number): void => {
    const moment = { now, zone, inHour: since('block', now - HOUR) };
    const decision = decide({ ...block, wasHeld: block.state === 'held' }, block.seen, set, moment);
    block.state = decision.do === 'mail' ? 'mailed' : decision.do === 'hold' ? 'held' : 'skipped';
    block.why = decision.why;
    if (decision.do === 'mail') sent.push({ kind: 'block', at: now, label: block.seen.label });
  };
  const summed = (some: readonly Block[], kind: 'summary' | 'daily', now: number): void => {
    for (const block of some) block.state = 'mailed';
    sent.push({ kind, at: now, label: null });
  };
  let open = [...all];
  for (let now = from; now < to; now += 5 * MINUTE) {
    open = open.filter(({ state }) => state === 'waiting' || state === 'held');
    const held = open
      .filter(({ state }) => state === 'held')
      .map((block) => ({ block, at: block.at, held: heldFor(block.why) }));
    const day = dailyDue(held, set, { now, zone }, from);
    if (day !== null && !days.has(dayOf(zone, day))) {
      days.add(dayOf(zone, day));
      summed(
        held.map(({ block }) => block),
        'daily',
        now,
      );
      continue;
    }
    const summaries = since('summary', now - HOUR) + since('daily', now - HOUR);
    const due = dueOfHeld(held, set, { now, zone }, summaries);
    const some = held.filter((each) => each.held === due?.held).map(({ block }) => block);
    if (due?.how === 'summary') summed(some, 'summary', now);
    else if (due !== null) for (const block of some) one(block, now);
    for (const block of open) if (block.state === 'waiting' && block.at < now) one(block, now);
  }
  return sent;
}

test('property: no block is lost, no hour holds more mails than are wanted, quiet hours are quiet', () => {
  fc.assert(
    fc.property(DAYS, blocks, settings, (day, some, chosen) => {
      const set: MailSettings = { ...SETTINGS, ...chosen, daily: chosen.daily || chosen.policy === 'digest' };
      const from = Date.parse(`${day}T12:00:00Z`);
      const all = some.flatMap(({ after, burst, label, isWaf, networks, hasAddress }) =>
        Array.from({ length: burst }, (): Block => ({
          at: from + after * MINUTE,
          seen: { label, isWaf, cause: networks === 0 ? null : { networks, isMailed: false } },
          hasAddress,
          state: 'waiting',
          why: '',
        })),
      );
      const sent = run(all, set, from, from + 68 * HOUR);
      const isTold = ({ state, why }: Block): boolean =>
        (state === 'mailed' || state === 'skipped') && why !== '';
      expect(all.filter((block) => !isTold(block))).toEqual([]);
      const isWrong = ({ kind, at, label }: Sent, index: number): boolean => {
        const hour = sent.slice(index).filter((other) => other.kind === kind && other.at < at + HOUR).length;
        const most = kind === 'block' ? set.perHour : 1;
        const mayBreak = label === 'false-positive' && set.quietLets === 'false-positives';
        return hour > most || (isQuiet(set, { zone, now: at }) && !(kind === 'block' && mayBreak));
      };
      expect(sent.filter(isWrong)).toEqual([]);
      const dailies = sent.filter(({ kind }) => kind === 'daily').length;
      if (set.daily) expect(dailies).toBeGreaterThanOrEqual(2);
      expect(dailies).toBeLessThanOrEqual(3);
    }),
    { numRuns: 20 },
  );
});
