// Many exclusions on many vhosts: one change, one test, one reload; lists stay quick (figures are printed, not judged).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { carryOut } from '../../src/actions/act.ts';
import type { Intent } from '../../src/actions/act-plan.ts';
import { listExclusions } from '../../src/actions/reconcile.ts';
import { bedMissing } from './apache.ts';
import { product, type Product } from './product.ts';
import { smallVhosts } from './sites.ts';

const missing = bedMissing();
if (missing.length > 0)
  console.warn(`SKIPPED: many exclusions on a real Apache, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;
const VHOSTS = 300;
const EACH = 40;

suite(`${VHOSTS} vhosts with ${EACH} exclusions each`, () => {
  let made: Product;
  beforeAll(async () => {
    made = await product('3', { vhosts: smallVhosts(VHOSTS) });
  }, 60_000);
  afterAll(async () => {
    await made.bed.stop();
  });

  test('are one change with one reload', async () => {
    const ctx = made.open();
    try {
      const intents = smallVhosts(VHOSTS).flatMap(({ servername, account }) =>
        Array.from({ length: EACH }, (_, index): Intent => ({
          kind: 'add',
          exclusion: {
            scope: {
              ...{ kind: 'target-path', vhost: servername, ruleId: '942100', tag: null },
              target: `ARGS:field${index}`,
              path: { kind: 'exact', text: `/page-${index}` },
            },
            account,
            form: 'ctl',
            reason: 'many',
            author: 'root',
            createdAt: Date.now(),
            expiresAt: Date.now() + 86_400_000,
          },
        })),
      );
      const log = (): number =>
        readFileSync(join(made.bed.root, 'var/log/apache2/error_log'), 'latin1').split(
          'resuming normal operations',
        ).length;
      const before = log();
      const started = performance.now();
      const change = await carryOut(ctx, { act: 'apply', who: 'root', reason: 'many' }, intents);
      const applied = performance.now() - started;
      expect(change.state).toBe('done');
      expect(log()).toBe(before + 1);
      const first = performance.now();
      const view = await listExclusions(ctx);
      const list = performance.now() - first;
      await sleep(1100);
      await listExclusions(ctx);
      const second = performance.now();
      await listExclusions(ctx);
      const again = performance.now() - second;
      expect(view.active).toHaveLength(VHOSTS * EACH);
      expect(view.drift).toEqual([]);
      console.info(
        `${VHOSTS} x ${EACH}: applied in ${Math.round(applied)} ms, listed in ${Math.round(list)} ms, again in ${Math.round(again)} ms`,
      );
      const attack = `/page-7?field7=${encodeURIComponent("1' OR '1'='1")}`;
      const host = smallVhosts(VHOSTS)[200]?.servername ?? '';
      expect(await made.bed.send({ host, path: attack })).toMatchObject({ status: 200 });
      expect(await made.bed.send({ host, path: attack.replace('field7', 'field8') })).toMatchObject({
        status: 403,
      });
    } finally {
      ctx.close();
    }
  }, 120_000);
});
