// Many exclusions on many vhosts: one change, one test, one reload; lists stay quick (figures are printed, not judged).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { carryOut } from '../../src/actions/act.ts';
import type { Intent } from '../../src/actions/act-plan.ts';
import { listExclusions } from '../../src/actions/exclusion-lists.ts';
import { peakMegabytes, serve, signedIn } from '../service-kit.ts';
import { bedMissing } from './apache.ts';
import { product, type Product } from './product.ts';
import { smallVhosts } from './sites.ts';

const missing = bedMissing();
if (missing.length > 0)
  console.warn(`SKIPPED: many exclusions on a real Apache, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;
const VHOSTS = 300;
const EACH = 40;
const [FIRST = { servername: '' }] = smallVhosts(1);
const PAGES = [
  '/exclusions',
  '/exclusions&page=60',
  '/exclusions&text=field7',
  `/exclusions&vhost=${FIRST.servername}`,
  '/exclusion&id=5000',
  '/domains',
  `/domain&vhost=${FIRST.servername}`,
];

/** The median of five looks at each page of the service, with its name. */
async function pageTimes({ place }: Product): Promise<string[]> {
  const served = await serve(place.root, ['--config', place.config, '--state', place.state]);
  try {
    const headers = { cookie: await signedIn(served.link) };
    const times: string[] = [];
    for (const page of PAGES) {
      const took: number[] = [];
      for (let look = 0; look < 6; look++) {
        const start = performance.now();
        const response = await fetch(`${served.origin}/index.cgi?p=${page}`, { headers });
        await response.text();
        if (response.status !== 200) throw new Error(`${page} answered ${response.status}`);
        // The first look reads everything once.
        if (look > 0) took.push(performance.now() - start);
      }
      times.push(`${page} ${Math.round(took.sort((a, b) => a - b)[2] ?? 0)} ms`);
    }
    return [...times, `peak memory ${Math.round(peakMegabytes(served.pid))} MB`];
  } finally {
    served.child.kill('SIGTERM');
    await served.ended;
  }
}

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
      const view = await listExclusions(ctx);
      expect(view.active).toHaveLength(VHOSTS * EACH);
      expect(view.drift).toEqual([]);
      const pages = await pageTimes(made);
      console.info(`${VHOSTS} x ${EACH}: applied in ${Math.round(applied)} ms; pages: ${pages.join(', ')}`);
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
