// What holds for any incident: hostile things never help it, order and repeats change nothing, a missing log never
// turns an attack into a false alarm or the reverse.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { combine } from '../../src/analyse/combine.ts';
import type { EvidenceInput } from '../../src/analyse/evidence/evidence-input.ts';
import { judgeIncident } from '../../src/analyse/judge.ts';
import { ITEMS } from '../../src/analyse/weights.ts';
import type { AccessHit, Transaction, Verdict } from '../../src/model.ts';
import { access, input } from '../analyse/fixtures.ts';
import {
  ANOTHER,
  BROWSER,
  type Incident,
  incidents,
  plainIncidents,
  requestOf,
  requestsOf,
  withAllLogs,
} from './incidents.ts';

const RUNS = { seed: 20261122, numRuns: 400 } as const;
const kinds = (...wanted: readonly string[]): string[] =>
  Object.keys(ITEMS).filter((id) => wanted.includes(ITEMS[id]?.kind ?? ''));

const judged = (given: EvidenceInput): Verdict => judgeIncident(given).verdict;
const whole = (incident: Incident): Verdict => judged(withAllLogs(requestsOf(incident), incident.lines));
const present = (given: EvidenceInput): string[] =>
  judgeIncident(given).evidence.flatMap(({ id, status }) => (status === 'present' ? [id] : []));
const isHostile = (given: EvidenceInput): boolean =>
  present(given).some((id) => ITEMS[id]?.kind === 'hostile');
const speaksAgainst = (given: EvidenceInput): string[] =>
  present(given).filter((id) => ITEMS[id]?.kind === 'hostile' || ITEMS[id]?.veto === true);

test('the incidents that are tried get all three answers', () => {
  const labels = fc.sample(incidents, RUNS).map((one) => whole(one).label);
  for (const label of ['attack', 'unclear', 'false-positive'])
    expect(labels.filter((one) => one === label).length).toBeGreaterThan(20);
});

describe('sets of items', () => {
  const sets = fc.subarray(Object.keys(ITEMS));
  test('a weak, neutral or automatic item never makes a false alarm, and never lowers the sum', () => {
    fc.assert(
      fc.property(sets, fc.constantFrom(...kinds('hostile_weak', 'neutral', 'auto')), (ids, one) => {
        const [before, after] = [combine(ids), combine([...ids, one])];
        expect(after.logOdds).toBeGreaterThanOrEqual(before.logOdds);
        if (before.label !== 'false-positive') expect(after.label).not.toBe('false-positive');
      }),
      { ...RUNS, numRuns: 2000 },
    );
  });
  test('a good item never raises the sum and never makes an attack', () => {
    fc.assert(
      fc.property(sets, fc.constantFrom(...kinds('good')), (ids, one) => {
        const [before, after] = [combine(ids), combine([...ids, one])];
        expect(after.logOdds).toBeLessThanOrEqual(before.logOdds);
        if (before.label !== 'attack') expect(after.label).not.toBe('attack');
        if (before.label === 'false-positive') expect(after.label).toBe('false-positive');
      }),
      { ...RUNS, numRuns: 2000 },
    );
  });
});

describe('one hostile value more', () => {
  const place = fc.nat(20);

  /** The same incident whose request number `nth` also holds another hostile value. */
  const more = (incident: Incident, nth: number): Incident => ({
    ...incident,
    pieces: incident.pieces.map((one, index) =>
      index === nth % incident.pieces.length ? { ...one, values: [...one.values, ANOTHER] } : one,
    ),
  });

  test('in a request: never a false alarm, and of one program the sum never falls', () => {
    fc.assert(
      fc.property(incidents, place, (incident, nth) => {
        expect(whole(more(incident, nth)).label).not.toBe('false-positive');
      }),
      RUNS,
    );
    fc.assert(
      fc.property(plainIncidents, place, (incident, nth) => {
        const [before, after] = [whole(incident), whole(more(incident, nth))];
        expect(after.logOdds).toBeGreaterThanOrEqual(before.logOdds);
        if (before.label === 'attack') expect(after.label).toBe('attack');
      }),
      RUNS,
    );
  });

  test('in a further request: never a false alarm, and of one program on one site the sum never falls', () => {
    const further = (incident: Incident, at: number): Transaction[] => {
      const own = requestsOf(incident);
      const first = incident.pieces[0];
      if (first === undefined) return own;
      return [...own, requestOf({ ...first, path: '/product.php', values: [ANOTHER] }, at, 'x99')];
    };
    fc.assert(
      fc.property(incidents, fc.integer({ min: 0, max: 200_000 }), (incident, at) => {
        expect(judged(withAllLogs(further(incident, at), incident.lines)).label).not.toBe('false-positive');
      }),
      RUNS,
    );
    fc.assert(
      fc.property(plainIncidents, fc.integer({ min: 0, max: 200_000 }), (incident, at) => {
        // Only requests that come at random: one more would end an even rhythm.
        const before = whole(incident);
        const after = judged(withAllLogs(further(incident, at), incident.lines));
        expect(after.logOdds).toBeGreaterThanOrEqual(before.logOdds);
      }),
      RUNS,
    );
  });

  test('in an access line that tripped no rule: never a false alarm, the sum never falls', () => {
    fc.assert(
      fc.property(plainIncidents, fc.integer({ min: 1, max: 300 }), (incident, second) => {
        const line = access(300_000 + second * 1000, '/api?host=127.0.0.1;id', { userAgent: BROWSER });
        const after = judged(withAllLogs(requestsOf(incident), [...incident.lines, line]));
        expect(after.label).not.toBe('false-positive');
        expect(after.logOdds).toBeGreaterThanOrEqual(whole(incident).logOdds);
      }),
      RUNS,
    );
  });
});

test('order and repeats of requests and of the day, and order of lines of one moment, change nothing', () => {
  const shuffled = incidents.chain((incident) => {
    const own = requestsOf(incident);
    return fc.record({
      incident: fc.constant(incident),
      transactions: fc.shuffledSubarray(own, { minLength: own.length }),
      again: fc.subarray(own),
      lines: fc.shuffledSubarray([...incident.lines], { minLength: incident.lines.length }),
    });
  });
  fc.assert(
    fc.property(shuffled, ({ incident, transactions, again, lines }) => {
      const expected = judgeIncident(withAllLogs(requestsOf(incident), incident.lines));
      const found = judgeIncident({
        ...withAllLogs(requestsOf(incident), lines),
        transactions: [...transactions, ...again],
        day: [...again, ...transactions],
      });
      expect(found.verdict).toEqual(expected.verdict);
      expect(found.evidence.map(({ id, status }) => `${id} ${status}`)).toEqual(
        expected.evidence.map(({ id, status }) => `${id} ${status}`),
      );
    }),
    RUNS,
  );
});

describe('a missing log', () => {
  const bare = (one: Transaction): Transaction => ({
    ...one,
    request: null,
    sources: ['error_log'],
    auditRef: null,
  });
  const has = (errorLog: boolean, auditLog: boolean, accessLog: boolean) => ({
    errorLog,
    auditLog,
    accessLog,
    mailOnly: false,
  });
  /** The inputs without one log, and without two. */
  const poorer = (incident: Incident): EvidenceInput[] => {
    const own = requestsOf(incident);
    const lines: readonly AccessHit[] = incident.lines;
    const full = withAllLogs(own, lines);
    const recorded = own.map((one) => ({ ...one, sources: ['audit_log' as const] }));
    const logged = own.map(bare);
    const dark = { context: null, contextCovered: false };
    return [
      { ...full, transactions: recorded, day: recorded, has: has(false, true, true) },
      { ...full, transactions: logged, day: logged, has: has(true, false, true) },
      { ...full, ...dark, has: has(true, true, false) },
      input({ transactions: logged, day: logged, has: has(true, false, false) }),
    ];
  };

  test('never turns an attack into a false alarm or a false alarm into an attack', () => {
    fc.assert(
      fc.property(incidents, (incident) => {
        const full = withAllLogs(requestsOf(incident), incident.lines);
        const { label } = judged(full);
        for (const less of poorer(incident)) {
          const other = judged(less).label;
          if (label === 'attack') expect(other).not.toBe('false-positive');
          if (label === 'false-positive') expect(other).not.toBe('attack');
          // What only an audit record shows of a program (no language named) may be gone, and no more than that.
          if (label === 'unclear' && other === 'false-positive') expect(speaksAgainst(full)).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  test('makes an attack of an unclear case only with a hostile item, and as very likely', () => {
    let moved = 0;
    fc.assert(
      fc.property(incidents, (incident) => {
        if (whole(incident).label !== 'unclear') return;
        for (const less of poorer(incident)) {
          const other = judged(less);
          if (other.label !== 'attack') continue;
          moved++;
          expect(isHostile(less)).toBe(true);
          expect(other.words).toMatch(/^(?:Very likely|Without the [a-z_ ,]+: very likely) /);
        }
      }),
      RUNS,
    );
    expect(moved).toBeGreaterThan(0);
  });
});
