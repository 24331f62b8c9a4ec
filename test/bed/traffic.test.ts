// Generated requests: the same list each time, answered the same each time, and varied enough to try exclusions on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing, readBedFile, startBed } from './apache.ts';
import type { Bed } from './apache.ts';
import { ALL_VHOSTS } from './sites.ts';
import { makeTraffic, sendTraffic } from './traffic.ts';

const missing = bedMissing();
const title =
  missing.length === 0 ? 'generated requests' : `SKIPPED: the test bed needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(title);
const suite = missing.length === 0 ? describe : describe.skip;

test('the list depends on the seed alone', () => {
  const list = makeTraffic(7, 300, ALL_VHOSTS);
  expect(makeTraffic(7, 300, ALL_VHOSTS)).toEqual(list);
  expect(makeTraffic(7, 100, ALL_VHOSTS)).toEqual(list.slice(0, 100));
  expect(makeTraffic(8, 300, ALL_VHOSTS)).not.toEqual(list);
});

test('clients come from documentation ranges alone', () => {
  for (const { client } of makeTraffic(7, 1000, ALL_VHOSTS))
    expect(client).toMatch(/^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}$|^2001:db8::[0-9a-f]{1,4}$/);
});

suite(title, () => {
  const requests = makeTraffic(1, 1000, ALL_VHOSTS);
  let dir = '';
  let bed: Bed;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    bed = await startBed({
      dir,
      crs: '3',
      auditLog: 'serial',
      vhosts: ALL_VHOSTS,
      mpm: 'event',
      answerIds: true,
    });
  });
  afterAll(async () => {
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('sent twice they are answered the same, and each refusal is found in the log by its unique id', async () => {
    const answers = await sendTraffic(bed, requests);
    const again = await sendTraffic(bed, requests);
    await bed.settle();
    expect(again.map(({ status }) => status)).toEqual(answers.map(({ status }) => status));
    expect(new Set([...answers, ...again].map(({ uniqueId }) => uniqueId)).size).toBe(2 * requests.length);

    const log = readBedFile(bed, 'var/log/apache2/error_log').split('\n');
    const refused = answers.filter(({ status }) => status === 403);
    const totals = new Map<string, number>();
    const rules = new Map<string, Set<string>>();
    for (const line of log) {
      const id = /\[unique_id "([^"]+)"\]/.exec(line)?.[1] ?? '';
      const rule = /\[id "(\d+)"\]/.exec(line)?.[1] ?? '';
      const total = rule === '949110' ? /Total Score: (\d+)/.exec(line)?.[1] : undefined;
      if (total !== undefined) totals.set(id, Number(total));
      if (rule !== '') rules.set(id, (rules.get(id) ?? new Set()).add(rule));
    }
    for (const { uniqueId } of refused) expect(totals.get(uniqueId)).toBeGreaterThanOrEqual(5);
    // Varied: a third to two thirds refused, dozens of rules, requests with one rule and with many, small scores and large.
    expect(refused.length).toBeGreaterThan(requests.length / 3);
    expect(refused.length).toBeLessThan((requests.length * 2) / 3);
    expect(new Set([...rules.values()].flatMap((ids) => [...ids])).size).toBeGreaterThan(35);
    const sizes = refused.map(({ uniqueId }) => rules.get(uniqueId)?.size ?? 0);
    expect(sizes.filter((size) => size === 3).length).toBeGreaterThan(30);
    expect(sizes.filter((size) => size > 5).length).toBeGreaterThan(30);
    const scores = refused.map(({ uniqueId }) => totals.get(uniqueId) ?? 0);
    expect(scores.filter((score) => score === 5).length).toBeGreaterThan(30);
    expect(scores.filter((score) => score >= 20).length).toBeGreaterThan(30);
    // Some score and are let pass all the same.
    const passed = answers.filter(({ status, uniqueId }) => status !== 403 && rules.has(uniqueId));
    expect(passed.length).toBeGreaterThan(5);
  });
});
