import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAuditRecord } from '../../src/parse/audit-log.ts';
import { parseErrorLogLine } from '../../src/parse/error-log.ts';
import { AUDIT_LOG, ERROR_LOG, generateIngest, INGEST_SMALL } from './ingest-logs.ts';

const MIB = 1024 * 1024;
const SIZE = { ...INGEST_SMALL, errorBytes: MIB, auditBytes: MIB };
const work = mkdtempSync(join(tmpdir(), 'whyblocked-ingest-logs-'));
let written: ReturnType<typeof generateIngest>;

const bytesOf = (seed: string): Buffer[] =>
  ['error', 'audit'].map((name) =>
    readFileSync(join(work, seed, name, name === 'error' ? ERROR_LOG : AUDIT_LOG)),
  );
const hashes = (seed: string): string[] =>
  bytesOf(seed).map((bytes) => createHash('sha256').update(bytes).digest('hex'));

beforeAll(() => {
  written = generateIngest(join(work, 'first'), 1, SIZE);
  generateIngest(join(work, 'again'), 1, SIZE);
  generateIngest(join(work, 'other'), 2, SIZE);
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe('the generated ModSecurity logs', () => {
  test('are the same bytes for the same seed, others for another', () => {
    expect(hashes('again')).toEqual(hashes('first'));
    expect(hashes('other').filter((one) => hashes('first').includes(one))).toEqual([]);
  });

  test('tell the same of the same transactions, all of it understood, from documentation addresses alone', () => {
    const [errors = Buffer.alloc(0), audit = Buffer.alloc(0)] = bytesOf('first');
    const lines = errors.toString('latin1').trimEnd().split('\n');
    const entries = lines.filter((line) => line.includes('ModSecurity: ')).map(parseErrorLogLine);
    expect(entries.filter((entry) => entry?.hit == null || entry.ambiguous)).toEqual([]);
    expect(entries.length / lines.length).toBeGreaterThan(0.85);
    const byId = new Map<string, string[]>();
    for (const { uniqueId, hit } of entries.flatMap((entry) => entry ?? []))
      byId.set(uniqueId ?? '', [...(byId.get(uniqueId ?? '') ?? []), hit?.ruleId ?? '']);
    expect(byId.size).toBe(written.error.transactions);

    const parsed = audit
      .toString('latin1')
      .split(/(?<=-Z--\n\n)/)
      .map((record) => parseAuditRecord(Buffer.from(record, 'latin1')));
    expect(parsed).toHaveLength(written.audit.transactions);
    for (const record of parsed.slice(0, byId.size - 1)) {
      const told = record?.messages.map(({ hit }) => hit.ruleId);
      expect([record?.complete, told]).toEqual([true, byId.get(String(record?.uniqueId))]);
      expect(record?.client).toMatch(/^(192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:)/);
    }
  });
});
