import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lineTime } from '../eval/search-logs.ts';
import {
  generate,
  LATEST_MS,
  LOG_FROM,
  LOG_TO,
  LOGS_FOLDER,
  namesOf,
  SMALL,
  type Written,
} from './generate.ts';
import { median, ratios } from './measure.ts';
import { MIDDLING, RARE, RARE_LINES, SQLI_PATTERN } from './traffic.ts';

const work = mkdtempSync(join(tmpdir(), 'whyblocked-generate-'));
const roots = { first: join(work, 'first'), again: join(work, 'again'), other: join(work, 'other') };
let written: Written[] = [];
let lines: string[] = [];

const bytesOf = (root: string): Buffer[] =>
  namesOf(SMALL).map((name) => readFileSync(join(root, LOGS_FOLDER, name)));
const hash = (bytes: readonly Buffer[]): string[] =>
  bytes.map((one) => createHash('sha256').update(one).digest('hex'));

beforeAll(async () => {
  written = await generate(roots.first, 1, SMALL);
  await generate(roots.again, 1, SMALL);
  await generate(roots.other, 2, SMALL);
  lines = bytesOf(roots.first)[0]!.toString('latin1').trimEnd().split('\n');
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe('the generated logs', () => {
  test('are the same bytes for the same seed, others for another', () => {
    const first = hash(bytesOf(roots.first));
    expect(hash(bytesOf(roots.again))).toEqual(first);
    expect(hash(bytesOf(roots.other)).filter((one) => first.includes(one))).toEqual([]);
  });

  test('have the planted numbers of lines', () => {
    const counts = new Map<string, number>();
    for (const line of lines) {
      const client = line.slice(0, line.indexOf(' '));
      counts.set(client, (counts.get(client) ?? 0) + 1);
    }
    expect(RARE.map((client) => counts.get(client))).toEqual(RARE.map(() => RARE_LINES));
    expect(MIDDLING.map(({ client }) => counts.get(client))).toEqual(MIDDLING.map((one) => one.lines));
    const attack = new RegExp(SQLI_PATTERN, 'i');
    expect(lines.filter((line) => attack.test(line))).toHaveLength(SMALL.attacks);
    expect(written[0]?.lines).toBe(lines.length);
  });

  test('are at most five minutes out of order, within their days, and of documentation addresses alone', () => {
    let newest = -Infinity;
    let late = 0;
    for (const line of lines) {
      const time = lineTime(line)!;
      newest = Math.max(newest, time);
      if (time < newest) late++;
      expect(newest - time).toBeLessThanOrEqual(LATEST_MS);
    }
    expect(late).toBeGreaterThan(0);
    expect(newest).toBeLessThan(LOG_TO);
    expect(lineTime(lines[0]!)).toBeGreaterThanOrEqual(LOG_FROM);
    const allowed = /^(192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:)/;
    expect(lines.filter((line) => !allowed.test(line))).toEqual([]);
  });

  test('have archives that are older than the log', () => {
    const packed = bytesOf(roots.first).slice(1);
    expect(packed).toHaveLength(SMALL.archives);
    for (const bytes of packed) {
      const text = gunzipSync(bytes).toString('latin1').trimEnd().split('\n');
      expect(Math.max(...text.map((line) => lineTime(line)!))).toBeLessThan(LOG_FROM);
    }
  });
});

test('medians, and ratios taken round by round', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  const row = { name: 'a', ms: [10, 90], results: 0, rssMib: null };
  expect(ratios(row, { ...row, ms: [5, 30] })).toEqual([2, 3]);
});
