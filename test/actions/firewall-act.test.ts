// Acts on the firewall against the stand-in for csf: what is said of them is what csf's files show.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { carryOutFirewall } from '../../src/actions/firewall-act.ts';
import { alarmOf, clearAlarm } from '../../src/actions/firewall-alarm.ts';
import { FirewallDesk } from '../../src/actions/firewall-desk.ts';
import { type Confirmation, firewallOrder, planFirewall } from '../../src/actions/firewall-plan.ts';
import type { FirewallRequest } from '../../src/actions/firewall-view.ts';
import type { OpenContext } from '../../src/context.ts';
import type { FirewallAct } from '../../src/model-firewall.ts';
import { csfServer, type CsfServer } from '../csf/kit.ts';
import { runFirewall } from '../eval/firewall-runs.ts';
import { BY, openOnCsf, request } from './firewall-order.ts';

const LFD = 'lfd: (mod_security) mod_security (id:949110) triggered by';
const NOW = Math.floor(Date.now() / 1000);
const line = (entry: string, words: string): string => `${entry} # ${words} - Sun Nov 22 13:00:15 2026\n`;

let server: CsfServer;
let ctx: OpenContext;

beforeAll(() => {
  server = csfServer({
    lists: {
      deny: [
        line('203.0.113.1', `${LFD} 203.0.113.1: 5 in the last 3600 secs`),
        line('203.0.113.2', `${LFD} 203.0.113.2: 5 in the last 3600 secs`),
        line('203.0.113.3', 'abuser, do not delete'),
        line('198.51.100.128/26', 'by hand'),
        'Include /etc/csf/more.deny\n',
        line('203.0.113.4', 'x'),
        line('203.0.113.5', 'x'),
        line('203.0.113.6', 'x'),
      ].join(''),
      allow: '203.0.113.150 # office\n',
      tempban: `${NOW}|203.0.113.41|80,443|in|86400|lfd - (mod_security) x\n${NOW}|203.0.113.42||in|86400|x\n`,
    },
    files: { 'etc/csf/more.deny': '203.0.113.70 # theirs\n' },
  });
  ctx = openOnCsf(server);
});

afterAll(() => {
  ctx.close();
  server.close();
});

async function done(asked: FirewallRequest, more: Partial<Confirmation> = {}): Promise<FirewallAct> {
  return carryOutFirewall(ctx, await firewallOrder(ctx, asked, { ...BY, ...more }));
}

describe('an act on the firewall', () => {
  test('is previewed as the command that is run, and is done when csf’s files show it', async () => {
    const plan = await planFirewall(ctx, request('unblock', '203.0.113.1'));
    expect(plan.steps.map(({ shown }) => shown)).toEqual(['csf -dr 203.0.113.1']);
    expect(plan.where.blocked).toBe(true);
    const act = await done(request('unblock', '203.0.113.1'), { seen: ['csf -dr 203.0.113.1'] });
    expect(act).toMatchObject({ state: 'done', sentence: 'csf does not block 203.0.113.1 now.' });
    expect(server.entries('deny')).not.toContain('203.0.113.1');
    expect(server.calls().at(-1)?.facts?.argv).toEqual(['-dr', '203.0.113.1']);
    expect(ctx.store.activity(1)[0]).toMatchObject({ act: 'firewall', result: 'done', who: 'root' });
  });

  test('is refused when the lists are not what was shown', async () => {
    await expect(done(request('unblock', '203.0.113.2'), { seen: ['csf -trd 203.0.113.2'] })).rejects.toThrow(
      /not what they were when the act was shown/,
    );
    const order = await firewallOrder(ctx, request('unblock', '203.0.113.2'), {
      ...BY,
    });
    server.write('deny', (server.read('deny') ?? '').replace(/^203\.0\.113\.2 .*\n/m, ''));
    await expect(carryOutFirewall(ctx, order)).rejects.toThrow(/nothing to take out/);
  });

  test('takes a temporary block out with its ports', async () => {
    expect(await done(request('unblock', '203.0.113.41'))).toMatchObject({ state: 'done' });
    expect(server.entries('tempban').join()).not.toContain('203.0.113.41');
    expect(server.entries('tempban').join()).toContain('203.0.113.42');
  });

  test('lets one address of a blocked net in for a day, and frees the net only when it is typed', async () => {
    expect(await done(request('unblock', '198.51.100.130'))).toMatchObject({ state: 'done' });
    expect(server.entries('deny')).toContain('198.51.100.128/26');
    expect(server.entries('tempallow').join()).toContain(
      '|198.51.100.130||inout|86400|Whyblocked: ticket 8841',
    );
    const all = request('unblock', '198.51.100.130', { wholeNet: true });
    await expect(done(all)).rejects.toThrow('type 198.51.100.130 to confirm');
    expect(await done(all, { typed: '198.51.100.130' })).toMatchObject({ state: 'done' });
    expect(server.entries('deny')).not.toContain('198.51.100.128/26');
  });

  test('lets in what csf does not take out: an included file, a line that is kept', async () => {
    for (const target of ['203.0.113.70', '203.0.113.3']) {
      const act = await done(request('unblock', target));
      expect(act.commands.map(({ kind }) => kind)).toEqual(['temp-allow']);
      expect(act.sentence).toMatch(/is let in now/);
    }
    expect(server.read('etc/csf/more.deny')).toContain('203.0.113.70');
    expect(server.entries('deny')).toContain('203.0.113.3');
  });

  test('does not block what csf lets in, nor the server itself', async () => {
    await expect(done(request('block', '203.0.113.150'))).rejects.toThrow(
      /is allowed, so a block would not work/,
    );
    await expect(done(request('block', '127.0.0.1'))).rejects.toThrow(/this server itself/);
    await expect(done(request('block', '203.0.113.160'), { address: '203.0.113.160' })).rejects.toThrow(
      /You are connected from/,
    );
    await expect(done(request('block', 'example.com'))).rejects.toThrow(/no address and no net/);
    await expect(done(request('temp-block', '203.0.113.99', { seconds: 5 }))).rejects.toThrow(
      /between a minute and a year/,
    );
  });

  test('takes csf’s own refusal for what it is', async () => {
    // Allowed by somebody between the look and the command.
    server.fault({ kind: 'slow', ms: 400 });
    const order = await firewallOrder(ctx, request('block', '203.0.113.151'), {
      ...BY,
    });
    const running = carryOutFirewall(ctx, {
      ...order,
      check: () => {
        server.write('allow', `${server.read('allow') ?? ''}203.0.113.151 # new\n`);
        return Promise.resolve();
      },
    });
    expect(await running).toMatchObject({
      state: 'refused',
      sentence: expect.stringMatching(/was refused by csf; nothing was changed.*is in csf\.allow/),
    });
    expect(alarmOf(ctx)).toBeNull();
  });

  test('raises the alarm when csf says yes and its files do not show it; nothing more is done until somebody looked', async () => {
    server.fault({ kind: 'unwritten' });
    const act = await done(request('unblock', '203.0.113.4'));
    expect(act).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('said yes, but its files do not show it'),
    });
    await expect(done(request('unblock', '203.0.113.5'))).rejects.toThrow(/earlier act went wrong/);
    expect(() => clearAlarm(ctx, ' ', { who: 'root', address: null })).toThrow(/Say why/);
    clearAlarm(ctx, 'looked at it', { who: 'root', address: null });
    expect(await done(request('unblock', '203.0.113.4'))).toMatchObject({ state: 'done' });
  });

  test('says which lines are gone when csf dies in the middle of the list', async () => {
    server.fault({ kind: 'die', at: 'middle' });
    const act = await done(request('unblock', '203.0.113.5'));
    expect(act).toMatchObject({
      state: 'failed',
      sentence: expect.stringMatching(/ended by signal 9\. Its lists have lost \d+ lines/),
    });
    expect(alarmOf(ctx)?.todo.join()).toContain('203.0.113.6');
    clearAlarm(ctx, 'written anew by hand', { who: 'root', address: null });
  });

  test('keeps the alarm while csf.error is there', async () => {
    server.write('deny', line('203.0.113.5', 'x') + line('203.0.113.6', 'x'));
    server.fault({ kind: 'error', at: 'open' });
    expect(await done(request('unblock', '203.0.113.5'))).toMatchObject({ state: 'failed' });
    expect(() => clearAlarm(ctx, 'x', { who: 'root', address: null })).toThrow(/csf\.error/);
    rmSync(join(server.root, 'etc/csf/csf.error'));
    clearAlarm(ctx, 'csf -r was run', { who: 'root', address: null });
    server.write('etc/csf/csf.disable', '');
    await expect(done(request('unblock', '203.0.113.5'))).rejects.toThrow(/csf is switched off/);
    rmSync(join(server.root, 'etc/csf/csf.disable'));
  });

  test('goes one after the other in the service, each with its own end', async () => {
    const desk = new FirewallDesk(() => ctx);
    const orders = await Promise.all(
      ['203.0.113.5', '203.0.113.6'].map((target) =>
        firewallOrder(ctx, request('unblock', target), {
          ...BY,
        }),
      ),
    );
    const views = orders.map((order) => desk.submit(order));
    expect(views.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    await desk.idle();
    for (const { id } of views)
      expect(await desk.look(id, 0)).toMatchObject({ state: 'done', steps: [{ ok: true }] });
    expect(await desk.look('f99', 0)).toBeNull();
  });
});

describe('fifty acts with something going wrong in most of them', () => {
  test('none is called done that csf’s files do not show, none is lost, no two csf run at once', async () => {
    // Each on a server of its own: most of the time is waiting.
    const parts = await Promise.all([
      ...[8, 18, 28, 38].map((seed) => runFirewall(seed, { runs: 10, killEvery: 5 }, () => undefined)),
      runFirewall(9, { runs: 10, killEvery: 0, atOnce: 3 }, () => undefined),
    ]);
    const acts = parts.flat();
    expect(acts.filter(({ fault }) => fault !== 'all')).toHaveLength(50);
    expect(acts.filter(({ problems }) => problems.length > 0)).toEqual([]);
    const ends = new Set(acts.map(({ outcome }) => outcome));
    for (const one of ['done', 'failed', 'not begun', 'killed']) expect(ends).toContain(one);
  }, 120_000);
});
