// Acts on the firewall at the edges: entries that csf does not take out, lists that others write, words that must not say too much.
import { mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Refused } from '../../src/actions/errors.ts';
import { carryOutFirewall } from '../../src/actions/firewall-act.ts';
import { alarmOf } from '../../src/actions/firewall-alarm.ts';
import { FirewallDesk } from '../../src/actions/firewall-desk.ts';
import { endSentence } from '../../src/actions/firewall-end.ts';
import { mendFirewall } from '../../src/actions/firewall-mend.ts';
import { type Confirmation, firewallOrder, planFirewall } from '../../src/actions/firewall-plan.ts';
import { isCut, shownBy, tornOff } from '../../src/actions/firewall-verify.ts';
import type { FirewallPlan, FirewallRequest } from '../../src/actions/firewall-view.ts';
import { readFirewall } from '../../src/actions/firewall.ts';
import type { OpenContext } from '../../src/context.ts';
import type { CsfCommand, FirewallAct } from '../../src/model-firewall.ts';
import { csfServer, type CsfServer, type ListName } from '../csf/kit.ts';
import { BY, openOnCsf, request } from './firewall-order.ts';
import { EPOCH, firewallServer, NOW_MS } from './firewall-kit.ts';

const NOW = Math.floor(Date.now() / 1000);
let server: CsfServer;
let ctx: OpenContext;

beforeEach(() => {
  server = csfServer();
  ctx = openOnCsf(server);
});

afterEach(() => {
  ctx.close();
  server.close();
});

async function done(asked: FirewallRequest, more: Partial<Confirmation> = {}): Promise<FirewallAct> {
  return carryOutFirewall(ctx, await firewallOrder(ctx, asked, { ...BY, ...more }));
}

/** As somebody wrote it long ago: what is young is read more than once. */
function put(name: ListName, text: string): void {
  server.write(name, text);
  for (const folder of ['etc/csf', 'var/lib/csf'])
    for (const file of readdirSync(join(server.root, folder)))
      utimesSync(join(server.root, folder, file), 1e9, 1e9);
}

const plan = (asked: FirewallRequest): Promise<FirewallPlan> => planFirewall(ctx, asked);
const shown = ({ steps }: FirewallPlan): string[] => steps.map((step) => step.shown);

describe('what is allowed', () => {
  test('by an included file is not called ended: csf does not edit such a file', async () => {
    server.write('etc/csf/more.allow', '203.0.113.9 # office\n');
    put('allow', 'Include /etc/csf/more.allow\n');
    const { steps, refusal } = await plan(request('disallow', '203.0.113.9'));
    expect(steps).toEqual([]);
    expect(refusal).toMatch(
      /more\.allow, which csf\.allow includes.* take the line out by hand, then csf -r/,
    );
  });

  test('on some ports only: what csf finds by the address is ended, of the rest it is said how', async () => {
    put('allow', 'tcp|in|d=22|s=203.0.113.9 # office\n');
    put('tempallow', `${NOW}|203.0.113.10|22|in|86400|x\n`);
    const filter = await plan(request('disallow', '203.0.113.9'));
    expect([shown(filter), filter.refusal]).toEqual([
      [],
      expect.stringMatching(/csf -ar 203\.0\.113\.9 does not find/),
    ]);
    expect(shown(await plan(request('disallow', '203.0.113.10')))).toEqual(['csf -tra 203.0.113.10']);
  });

  test('on some ports by GLOBAL_ALLOW does not stand against a block', async () => {
    server.write('var/lib/csf/csf.gallow', 'tcp|in|d=22|s=203.0.113.9\n');
    expect((await plan(request('block', '203.0.113.9'))).refusal).toBeNull();
    put('deny', '203.0.113.9 # x\n');
    const ended = { act: 'block', target: '203.0.113.9' } as const;
    expect(await endSentence(ctx, ended, 'done')).toMatch(/^203\.0\.113\.9 is blocked now/);
    expect((await plan(request('disallow', '203.0.113.9'))).refusal).toMatch(/GLOBAL_ALLOW/);
  });

  test('for a while is ended first when it is let in anew: csf refuses a second entry', async () => {
    put('deny', '203.0.113.9 # x\n');
    put('tempallow', `${NOW}|203.0.113.9||inout|3600|x\n`);
    const asked = request('unblock', '203.0.113.9', { thenAllow: 86_400 });
    expect(shown(await plan(asked))).toEqual([
      'csf -dr 203.0.113.9',
      'csf -tra 203.0.113.9',
      "csf -ta 203.0.113.9 86400 'Whyblocked: <your reason>'",
    ]);
    expect(await done(asked)).toMatchObject({ state: 'done' });
    expect(server.entries('tempallow').map((entry) => entry.split('|')[4])).toEqual(['86400']);
  });

  test('already needs no second allow beside a net', async () => {
    put('deny', '198.51.100.0/24 # y\n');
    put('allow', '198.51.100.10 # z\n');
    put('tempallow', `${NOW}|198.51.100.9||inout|3600|x\n`);
    for (const target of ['198.51.100.9', '198.51.100.10'])
      expect((await plan(request('unblock', target))).refusal).toMatch(/is let in already/);
    expect((await plan(request('temp-allow', '198.51.100.10'))).refusal).toMatch(/let in for good already/);
  });
});

test('a temporary block, of some ports too, can be made permanent', async () => {
  put('tempban', `${NOW}|203.0.113.9|80,443|in|3600|x\n`);
  expect((await plan(request('temp-block', '203.0.113.9'))).refusal).toMatch(/blocked already/);
  expect(shown(await plan(request('block', '203.0.113.9')))).toEqual([
    "csf -d 203.0.113.9 'Whyblocked: <your reason>'",
  ]);
});

test('without IPv6 nothing is said to be blocked, and nothing is written that csf calls failed', async () => {
  server.set({ IPV6: '0' });
  put('deny', '2001:db8::9 # x\n');
  const { where } = await plan(request('unblock', '2001:db8::9'));
  expect([where.blocked, where.elsewhere[0]?.sentence]).toEqual([
    false,
    expect.stringContaining('IPV6 is 0'),
  ]);
  for (const act of ['temp-allow', 'allow', 'block', 'temp-block'] as const)
    await expect(done(request(act, '2001:db8::7'))).rejects.toThrow(/leaves IPv6 alone/);
  expect(server.calls()).toEqual([]);
  expect(shown(await plan(request('unblock', '2001:db8::9')))).toEqual(['csf -dr 2001:db8::9']);
});

test('in testing mode nobody is said to be blocked or let in', async () => {
  server.set({ TESTING: '1' });
  put('deny', '203.0.113.10 # x\n');
  const ended = { act: 'block', target: '203.0.113.10' } as const;
  expect(await endSentence(ctx, ended, 'done')).toMatch(
    /^csf’s lists hold 203\.0\.113\.10 now, but they are not in force: /,
  );
});

test('of a list that cannot be read it is not said that it does not hold an address', async () => {
  rmSync(join(server.root, 'etc/csf/csf.deny'));
  mkdirSync(join(server.root, 'etc/csf/csf.deny'));
  expect((await plan(request('unblock', '203.0.113.9'))).refusal).toMatch(/could not be read whole/);
});

describe('what others do meanwhile', () => {
  const NEWEST = 'tcp|in|d=80|s=203.0.113.7 # x\ntcp|in|d=443|s=203.0.113.7 # x\n';
  const LISTED = '203.0.113.9 # x\n203.0.113.8 # x\n';

  /** The entries at the end that are gone after csf -dr of the first. */
  async function torn(before: string, after: string): Promise<ReturnType<typeof tornOff>> {
    put('deny', before);
    const was = await readFirewall(ctx);
    put('deny', after);
    return tornOff(was, await readFirewall(ctx), { kind: 'remove-deny', target: '203.0.113.9' });
  }

  test('the newest block with all its lines, taken out by an admin, is no list that was cut', async () => {
    expect(isCut(await torn(LISTED + NEWEST, LISTED))).toBe(false);
  });

  test('two of the newest are', async () => {
    const lost = await torn(`${LISTED}203.0.113.6 # x\n${NEWEST}`, LISTED);
    expect([lost.length, isCut(lost)]).toEqual([3, true]);
  });
});

test('a net that is written in two ways is taken out by two commands, and the first is no contradiction', async () => {
  put('deny', '198.51.100.130/26 # x\n198.51.100.128/26 # y\n');
  expect(shown(await plan(request('unblock', '198.51.100.128/26')))).toEqual([
    'csf -dr 198.51.100.130/26',
    'csf -dr 198.51.100.128/26',
  ]);
  put('deny', '198.51.100.128/26 # y\n');
  const [left, now] = [await readFirewall(ctx), Date.now()];
  expect(shownBy(left, { kind: 'remove-deny', target: '198.51.100.130/26' }, now)).toBe('done');
  expect(shownBy(left, { kind: 'remove-deny', target: '198.51.100.128/26' }, now)).toBe('not-done');
});

test('a database that cannot be opened ends one act, not the queue', async () => {
  let calls = 0;
  const desk = new FirewallDesk(() => {
    if (calls++ === 0) throw new Error('the database is damaged');
    return ctx;
  });
  const check = (): Promise<void> => Promise.reject(new Refused('Not now.'));
  const order = { ...(await firewallOrder(ctx, request('block', '203.0.113.10'), BY)), check };
  const views = [desk.submit(order), desk.submit(order)];
  await desk.idle();
  const ends = await Promise.all(views.map(({ id }) => desk.look(id, 0)));
  expect(ends.map((view) => view?.state)).toEqual(['failed', 'refused']);
});

test('an act of an earlier service is never taken for one of this', async () => {
  const check = (): Promise<void> => Promise.reject(new Refused('Not now.'));
  const order = { ...(await firewallOrder(ctx, request('block', '203.0.113.10'), BY)), check };
  const before = new FirewallDesk(() => ctx);
  const { id } = before.submit(order);
  const later = Date.now() + 5000;
  const clock = jest.spyOn(Date, 'now').mockReturnValue(later);
  const after = new FirewallDesk(() => ctx);
  clock.mockRestore();
  const own = after.submit(order);
  expect([own.id === id, await after.look(id, 0)]).toEqual([false, null]);
  await Promise.all([before.idle(), after.idle()]);
});

test('an interrupted act is measured by the time when it began', async () => {
  const at = Date.now() - 3_600_000;
  const target = '203.0.113.9';
  const command: CsfCommand = { kind: 'temp-allow', target, seconds: 86_400, ports: null, comment: 'x' };
  put('tempallow', `${Math.floor(at / 1000)}|203.0.113.9||inout|86400|x\n`);
  const id = ctx.store.writeDurably(() =>
    ctx.store.firewall.acts.begin({
      ...{ act: 'temp-allow', target, who: 'root', reason: 'x', incident: null },
      ...{ commands: [command], at },
    }),
  );
  await mendFirewall(ctx);
  expect(ctx.store.firewall.acts.byId(id)).toMatchObject({ state: 'done' });
});

test('an interrupted act that csf’s files do not show raises the alarm', async () => {
  put('deny', '203.0.113.9 # x\n');
  const target = '203.0.113.9';
  const id = ctx.store.writeDurably(() =>
    ctx.store.firewall.acts.begin({
      ...{ act: 'unblock', target, who: 'root', reason: 'x', incident: null, at: Date.now() },
      commands: [{ kind: 'remove-deny', target }],
    }),
  );
  await mendFirewall(ctx);
  expect(ctx.store.firewall.acts.byId(id)).toMatchObject({ state: 'failed' });
  expect(alarmOf(ctx)?.sentence).toMatch(/was interrupted, and csf’s files do not show/);
});

test('an attacker is let in only when his address is typed, whichever incident the form names', async () => {
  const other = firewallServer();
  try {
    other.lists({ tempban: `${EPOCH - 60}|203.0.113.9||in|86400|x\n` });
    other.incident('203.0.113.9', NOW_MS - 3_600_000, 'attack');
    for (const incidentFrom of [null, '2026-11-01T00:00:00+01:00', 'nothing'])
      for (const act of ['unblock', 'temp-allow', 'allow'] as const)
        expect((await planFirewall(other.ctx, request(act, '203.0.113.9', { incidentFrom }))).typed).toBe(
          '203.0.113.9',
        );
    const { warnings } = await planFirewall(
      other.ctx,
      request('unblock', '203.0.113.9', { incidentFrom: '2026-11-01T00:00:00+01:00' }),
    );
    expect(warnings[0]?.sentence).toBe('1 incident of it was judged as an attack.');
  } finally {
    other.ctx.close();
  }
});
