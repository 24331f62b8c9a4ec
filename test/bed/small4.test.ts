// The bed's own rule set: CRS 4's phases and wording on a real Apache, with and without the refusal in phase 1.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing, readBedFile, startBed } from './apache.ts';
import type { Bed } from './apache.ts';
import type { BedRequest } from './send.ts';
import { SHOP } from './sites.ts';

const missing = bedMissing();
const title =
  missing.length === 0 ? 'the small rule set' : `SKIPPED: the test bed needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(title);
const suite = missing.length === 0 ? describe.each([[false], [true]]) : describe.skip.each([[false], [true]]);

const SQLI = encodeURIComponent("1' OR 1=1-- -");
const XSS = encodeURIComponent('<script>alert(1)</script>');
/** What each request breaks, and whether phase 1 knows it. */
const HITS: readonly {
  readonly rule: string;
  readonly early: boolean;
  readonly request: Partial<BedRequest>;
}[] = [
  { rule: '911100', early: true, request: { method: 'PUT' } },
  { rule: '913100', early: true, request: { headers: { 'User-Agent': 'sqlmap/1.8' } } },
  { rule: '920440', early: true, request: { path: '/dump.sql' } },
  { rule: '930120', early: false, request: { path: '/product.php?file=../../etc/passwd' } },
  { rule: '941100', early: false, request: { path: `/product.php?q=${XSS}` } },
  { rule: '942100', early: false, request: { path: `/product.php?id=${SQLI}` } },
];

suite(`${title}, refusal in phase 1: %s`, (earlyBlock) => {
  let dir = '';
  let bed: Bed;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    bed = await startBed({ dir, crs: '4ish', earlyBlock, auditLog: 'serial', vhosts: [SHOP], mpm: 'event' });
  });
  afterAll(async () => {
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function watch(request: Partial<BedRequest>) {
    const before = readBedFile(bed, 'var/log/apache2/error_log').length;
    const { status } = await bed.send({ host: SHOP.servername, path: '/product.php', ...request });
    await bed.settle();
    const lines = readBedFile(bed, 'var/log/apache2/error_log').slice(before).split('\n').slice(0, -1);
    return { status, lines, ids: lines.map((line) => /\[id "(\d+)"\]/.exec(line)?.[1]) };
  }

  test('an ordinary request leaves no line', async () => {
    expect(await watch({ path: '/product.php?id=7' })).toMatchObject({ status: 200, lines: [] });
  });

  test.each(HITS)('$rule scores and the request is refused', async ({ rule, early, request }) => {
    const { status, lines, ids } = await watch(request);
    expect(status).toBe(403);
    expect(ids).toEqual([rule, early && earlyBlock ? '949111' : '949110', '980170']);
    expect(lines[0]).toMatch(/\[severity "CRITICAL"\] \[ver "OWASP_CRS\/4\.25\.1"\]/);
    expect(lines[0]).toContain('/etc/apache2/conf.d/modsec_vendor_configs/SMALL4/rules/');
    expect(lines[2]).toMatch(
      /\[msg "Anomaly Scores: \(Inbound Scores: blocking=5, detection=5, per_pl=5-0-0-0, threshold=5\) - \(Outbound Scores: blocking=0, detection=0, per_pl=0-0-0-0, threshold=4\) - \(SQLI=\d, XSS=\d, RFI=0, LFI=\d, RCE=0, PHPI=0, HTTP=0, SESS=0, COMBINED_SCORE=5\)"\]/,
    );
  });

  test('points of both phases add up, unless phase 1 refuses alone', async () => {
    const { ids, lines } = await watch({ method: 'PUT', path: `/product.php?id=${SQLI}&q=${XSS}` });
    if (earlyBlock) {
      expect(ids).toEqual(['911100', '949111', '980170']);
      expect(lines[1]).toMatch(
        /Access denied with code 403 \(phase 1\)\. Operator EQ matched 1 at TX:early_blocking\. .*\[msg "Inbound Anomaly Score Exceeded in phase 1 \(Total Score: 5\)"\]/,
      );
    } else {
      expect(ids).toEqual(['911100', '941100', '942100', '949110', '980170']);
      expect(lines[3]).toMatch(
        /Access denied with code 403 \(phase 2\)\. Operator GE matched 5 at TX:blocking_inbound_anomaly_score\. .*\[msg "Inbound Anomaly Score Exceeded \(Total Score: 15\)"\]/,
      );
    }
  });
});
