// The whole report on a copied server, what is kept of requests through WHM, and what a redacted report leaves out.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { examine, redacted } from '../../src/actions/doctor.ts';
import { redactor } from '../../src/actions/doctor-redact.ts';
import { noteSeen, noteTrial, readSeen } from '../../src/actions/doctor-seen.ts';
import { reportText } from '../../src/actions/doctor-text.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { tempDir } from '../host/make-root.ts';

let ctx: OpenContext;
beforeAll(() => {
  const { root } = unpackDemo(join(tempDir(), 'demo'), Date.UTC(2027, 0, 5, 9, 30, 0));
  const state = join(tempDir(), 'state');
  ctx = openContext({ root, state, version: '0.0.0', env: {}, warn: () => undefined });
});
afterAll(() => {
  ctx.close();
});

test('a copied server: the logs are looked at, no program is run', async () => {
  const { checks, counts } = await examine(ctx);
  const state = (id: string): string | undefined => checks.find((one) => one.id === id)?.state;
  expect([state('error_log'), state('audit_log'), state('engine'), state('csf')]).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
  ]);
  expect([state('apache'), state('service'), state('glibc')]).toEqual(['unknown', 'unknown', 'unknown']);
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(checks.length);
});

test('what is seen through WHM is kept, the newest of each kind', () => {
  expect(readSeen(ctx)).toBeNull();
  noteTrial(ctx, { id: 'slow', at: 1, result: null });
  expect(readSeen(ctx)).toBeNull();
  noteSeen(
    ctx,
    { names: ['REMOTE_USER', 'bad name', 'x'.repeat(99)], facts: ['script=plain', '<b>'], chrome: true },
    5,
  );
  noteTrial(ctx, { id: 'slow', at: 6, result: null });
  noteSeen(ctx, { names: null, facts: ['script=cpsess', 'path-info=works'], chrome: false }, 7);
  noteTrial(ctx, { id: 'slow', at: 8, result: 'ok' });
  expect(readSeen(ctx)).toEqual({
    ...{ at: 7, names: ['REMOTE_USER'], facts: ['script=cpsess', 'path-info=works'], chrome: false },
    trials: { slow: { at: 8, result: 'ok' } },
  });
});

describe('redacted', () => {
  test('no name of the server, its accounts and sites is left', async () => {
    const report = await examine(ctx);
    const planted = {
      ...report.checks[0]!,
      found: `shop.example.com of account ${ctx.host.vhosts()[0]?.account ?? ''} at 203.0.113.7, 2001:db8::7, mail a.b@example.org, /home/somebody/logs`,
    };
    const clean = redacted(ctx, { ...report, checks: [planted, ...report.checks] });
    const text = reportText(clean) + JSON.stringify(clean.sources);
    const names = [
      ctx.host.hostname() ?? 'none',
      ...ctx.host.vhosts().flatMap((one) => [one.domain, one.vhost]),
    ];
    for (const name of [...names, 'somebody', '203.0.113.7', '2001:db8::7', 'example.org', 'a.b@'])
      expect(text).not.toContain(name);
    for (const kept of ['error_log', 'modsec_audit.log', 'csf.deny']) expect(text).toContain(kept);
  });

  test('the same name is always the same text', () => {
    const clean = redactor({ hosts: ['a.example.com'], accounts: ['anna'] });
    expect(clean('a.example.com and anna; A.example.com, b.example.net; anna')).toBe(
      'host-1 and account-1; host-1, host-2; account-1',
    );
    expect(clean('127.0.0.1 ::1 glibc 2.34, 2.9.13, /etc/csf/csf.deny, index.cgi, root, 12:30:01')).toBe(
      '127.0.0.1 ::1 glibc 2.34, 2.9.13, /etc/csf/csf.deny, index.cgi, root, 12:30:01',
    );
  });

  test('planted names never come through, whatever stands around them', () => {
    const around = fc.string({
      unit: fc.constantFrom(' ', ',', ';', '/', '(', '"', '=', '\n'),
      minLength: 1,
      maxLength: 4,
    });
    const name = fc.constantFrom(
      'web7.example.net',
      'customer.example.org',
      'kunde12',
      '198.51.100.23',
      '2001:db8:1::9',
    );
    const clean = redactor({ hosts: ['web7.example.net'], accounts: ['kunde12'] });
    fc.assert(
      fc.property(fc.array(fc.tuple(around, name), { minLength: 1, maxLength: 6 }), around, (parts, end) => {
        const text = clean(parts.flat().join('') + end);
        return parts.every(([, one]) => !text.includes(one));
      }),
    );
  });
});
