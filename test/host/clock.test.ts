import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Zone } from '../../src/host/clock.ts';
import { fixedZone, readZone, utc } from '../../src/host/clock.ts';
import { openRoot } from '../../src/host/root.ts';
import { readSamples } from '../parse/samples.ts';
import { makeRoot, type TestRoot } from './make-root.ts';

const tzif = (index: number): Buffer => Buffer.from(readSamples('tzif')[index]?.raw.trim() ?? '', 'hex');
const PRAGUE = tzif(0);
const LORD_HOWE = tzif(1);

function zoneOf(build: (root: TestRoot) => void): Zone | null {
  const root = makeRoot();
  root.folder('/etc');
  build(root);
  return readZone(openRoot(root.dir));
}

function known(build: (root: TestRoot) => void): Zone {
  const zone = zoneOf(build);
  if (zone === null) throw new Error('no zone');
  return zone;
}

describe('where the zone is read from', () => {
  test('the file itself', () => {
    const zone = known((root) => {
      root.write('/etc/localtime', PRAGUE);
    });
    expect(zone.basis).toBe('known');
    expect(zone.offsetMinutesAt(Date.UTC(2026, 6, 1))).toBe(120);
  });

  test('an absolute link, inside the root: not this machine’s zone of that name', () => {
    const zone = known((root) => {
      // A wrong file on purpose: only the one inside the root has it.
      root.write('/usr/share/zoneinfo/Europe/Bratislava', LORD_HOWE);
      root.link('/etc/localtime', '/usr/share/zoneinfo/Europe/Bratislava');
    });
    expect(zone.name).toBe('Europe/Bratislava');
    expect(zone.offsetMinutesAt(Date.UTC(2026, 0, 1))).toBe(660);
  });

  test('a link whose file was not copied: the zone that it names', () => {
    const zone = known((root) => {
      root.link('/etc/localtime', '../usr/share/zoneinfo/America/St_Johns');
    });
    expect([zone.name, zone.basis]).toEqual(['America/St_Johns', 'known']);
    expect(zone.offsetMinutesAt(Date.UTC(2026, 0, 1))).toBe(-210);
  });

  test('nothing that tells it: null', () => {
    expect(zoneOf(() => undefined)).toBeNull();
    expect(
      zoneOf((root) => {
        root.write('/etc/localtime', 'no zone');
      }),
    ).toBeNull();
    expect(
      zoneOf((root) => {
        root.link('/etc/localtime', '/usr/share/zoneinfo/No/Where');
      }),
    ).toBeNull();
    expect(
      zoneOf((root) => {
        root.link('/etc/localtime', '/usr/share/zoneinfo/../../etc/x');
      }),
    ).toBeNull();
    expect(
      zoneOf((root) => {
        root.link('/etc/localtime', '/etc/localtime');
      }),
    ).toBeNull();
  });

  test('fixed zones', () => {
    expect([utc.name, utc.basis, utc.offsetMinutesAt(0)]).toEqual(['UTC', 'inferred', 0]);
    const zone = fixedZone(-210, 'known');
    expect([zone.name, zone.basis, zone.wallToEpoch(0)]).toEqual(['-03:30', 'known', 12_600_000]);
  });
});

describe('local times', () => {
  const file = known((root) => {
    root.write('/etc/localtime', PRAGUE);
  });
  const named = known((root) => {
    root.link('/etc/localtime', '/usr/share/zoneinfo/Europe/Prague');
  });

  test.each([
    ['the file', file],
    ['the name', named],
  ])('a clock change both ways, by %s', (_name, zone) => {
    const epoch = (wall: string): string => new Date(zone.wallToEpoch(Date.parse(`${wall}Z`))).toISOString();
    expect(epoch('2026-01-15T12:00:00')).toBe('2026-01-15T11:00:00.000Z');
    expect(epoch('2026-07-15T12:00:00')).toBe('2026-07-15T10:00:00.000Z');
    // 29 March: 02:00 becomes 03:00; a time in between is moved on by the hour.
    expect(epoch('2026-03-29T01:59:59')).toBe('2026-03-29T00:59:59.000Z');
    expect(epoch('2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
    expect(epoch('2026-03-29T03:00:00')).toBe('2026-03-29T01:00:00.000Z');
    // 25 October: 03:00 becomes 02:00; of the two the earlier.
    expect(epoch('2026-10-25T01:59:59')).toBe('2026-10-24T23:59:59.000Z');
    expect(epoch('2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
    expect(epoch('2026-10-25T03:00:00')).toBe('2026-10-25T02:00:00.000Z');
  });

  test('microseconds stay', () => {
    expect(file.wallToEpoch(Date.UTC(2026, 0, 1) + 0.125)).toBe(Date.UTC(2025, 11, 31, 23) + 0.125);
  });

  test('every instant comes back from its local time, but for the second pass of a repeated hour', () => {
    const lordHowe = known((root) => {
      root.write('/etc/localtime', LORD_HOWE);
    });
    for (const zone of [file, named, lordHowe]) {
      const instants = fc.integer({ min: Date.UTC(1985, 0), max: Date.UTC(2055, 0) });
      fc.assert(
        fc.property(instants, (at) => {
          const wall = at + zone.offsetMinutesAt(at) * 60_000;
          const back = zone.wallToEpoch(wall);
          // Equal, or the earlier of two instants with the same local time.
          expect(back + zone.offsetMinutesAt(back) * 60_000).toBe(wall);
          expect(back).toBeLessThanOrEqual(at);
          expect(at - back).toBeLessThanOrEqual(3_600_000);
        }),
        { numRuns: 500 },
      );
    }
  });

  test('the two ways of knowing a zone agree', () => {
    const instants = fc.integer({ min: Date.UTC(1985, 0), max: Date.UTC(2035, 0) });
    fc.assert(
      fc.property(instants, (at) => {
        expect(named.offsetMinutesAt(at)).toBe(file.offsetMinutesAt(at));
        expect(named.wallToEpoch(at)).toBe(file.wallToEpoch(at));
      }),
      { numRuns: 300 },
    );
  });
});
