// Every page through the shipped bridge, within WHM's page, on an Apache that plays cpsrvd: no address loses the token.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PAGE_NAMES, routeOf } from '../../src/web/pages.ts';
import { tempDir } from '../host/make-root.ts';
import { cpsrvdMissing, startCpsrvd, TOKEN } from '../plugin/cpsrvd.ts';
import { serveSocket } from '../socket-kit.ts';
import { crawlPrefix } from './crawl.ts';
import { makeHostileRoot } from './hostile-root.ts';

const missing = cpsrvdMissing();
const title = missing.length === 0 ? 'below a cpsess prefix' : `SKIPPED: it needs ${missing.join(', ')}`;
const suite = missing.length === 0 ? describe : describe.skip;
const ASSETS = join(import.meta.dirname, '../../views/assets');
/** Pages that only an act, the script or a trial of the self-test leads to. */
const OF_ACTS = [
  ...['/act', '/act/state', '/search/results', '/doctor/dot'],
  ...['/firewall/run', '/firewall/run/state', '/firewall/done'],
];

suite(title, () => {
  test('every link, form, redirect and asset of every page stays there', async () => {
    const folder = tempDir();
    const made = makeHostileRoot(folder);
    const socket = join(folder, 'run', 's');
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ access: { costlyPerMinute: 10_000 } }));
    const service = await serveSocket(made.root, socket, ['--state', made.state, '--config', config]);
    const whm = await startCpsrvd({ socket, staticDir: ASSETS, chrome: true });
    try {
      const { pages, violations, links, forms } = await crawlPrefix(whm.url, {
        perShape: 2,
        seeds: ['index.cgi?p=/search&q=alert', 'index.cgi?p=/exclusion&id=1'],
      });
      expect(violations).toEqual([]);
      expect([...pages.keys()].filter((place) => !place.startsWith(`${TOKEN}/`))).toEqual([]);
      expect([pages.size > 100, links.length > 1000, forms.length > 100]).toEqual([true, true, true]);
      const seen = new Set(
        [...pages.keys()].map((place) => new URL(place, whm.url).searchParams.get('p') ?? '/'),
      );
      const all = PAGE_NAMES.filter(
        (name) => routeOf(name).methods.includes('GET') && !OF_ACTS.includes(name),
      );
      const unseen = all.filter((name) => !seen.has(name));
      expect(unseen).toEqual([]);
      const statuses = new Set([...pages.values()].map(({ status }) => status));
      for (const status of statuses) expect([200, 303, 400]).toContain(status);
    } finally {
      await whm.stop();
      service.child.kill('SIGTERM');
      await service.ended;
    }
  }, 60_000);
});
