import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tzOffset } from '@date-fns/tz';
import { parsePosixTz } from '../../src/parse/posix-tz.ts';
import { parseTzif } from '../../src/parse/tzif.ts';
import { readSamples, testSurvival } from './samples.ts';

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.trim(), 'hex');

for (const [index, sample] of readSamples('tzif').entries()) {
  test(`tzif.samples ${String(index + 1)}: ${sample.note}`, () => {
    const zone = parseTzif(bytesOf(sample.raw));
    if (sample.expected === null) {
      expect(zone).toBeNull();
      return;
    }
    expect(zone).not.toBeNull();
    const read = Object.keys(sample.expected).map((at) => [at, zone?.offsetMinutesAt(Date.parse(at))]);
    expect(Object.fromEntries(read)).toEqual(sample.expected);
  });
}

testSurvival('tzif', (raw) => parseTzif(Buffer.from(raw, 'latin1')) ?? parseTzif(bytesOf(raw)));

test('agrees with the zone data of the runtime at random instants', () => {
  const samples = readSamples('tzif');
  for (const [index, name] of ['Europe/Prague', 'Australia/Lord_Howe', 'Asia/Kolkata'].entries()) {
    const zone = parseTzif(bytesOf(samples[index]?.raw ?? ''));
    const instants = fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2060, 0) });
    fc.assert(
      fc.property(instants, (at) => {
        expect(zone?.offsetMinutesAt(at)).toBe(tzOffset(name, new Date(at)));
      }),
      { numRuns: 300 },
    );
  }
});

test('POSIX texts of all kinds', () => {
  const hours = (text: string, at: string): number | undefined => {
    const seconds = parsePosixTz(text)?.(Date.parse(at));
    return seconds === undefined ? undefined : seconds / 3600;
  };
  expect(hours('<-03>3', '2026-01-01T00:00:00Z')).toBe(-3);
  expect(hours('IST-5:30', '2026-01-01T00:00:00Z')).toBe(5.5);
  // Day 60 of `J` is 1 March in every year; without J it is 29 February or 1 March, counted from 0.
  expect(hours('AAA0BBB,J60/0,J300/0', '2028-02-29T23:59:59Z')).toBe(0);
  expect(hours('AAA0BBB,J60/0,J300/0', '2028-03-01T00:00:00Z')).toBe(1);
  expect(hours('AAA0BBB,59/0,300/0', '2028-02-29T00:00:00Z')).toBe(1);
  // Southern summer runs over the new year.
  expect(hours('NZST-12NZDT,M9.5.0,M4.1.0/3', '2026-01-01T00:00:00Z')).toBe(13);
  expect(hours('NZST-12NZDT,M9.5.0,M4.1.0/3', '2026-06-01T00:00:00Z')).toBe(12);
  for (const bad of [
    '',
    'CET',
    'CET-1CEST',
    'CET-1CEST,M13.5.0,M10.5.0',
    'CET-1CEST,M3.5.0',
    'CET-1CEST,X,Y',
  ]) {
    expect(parsePosixTz(bad)).toBeNull();
  }
});
