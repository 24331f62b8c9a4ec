// Each row of the table of how csf is unblocked, done with the stand-in for csf: what is run, and where the address stands then.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { carryOutFirewall } from '../../src/actions/firewall-act.ts';
import { firewallOrder, planFirewall } from '../../src/actions/firewall-plan.ts';
import type { PlaceKind } from '../../src/actions/firewall-view.ts';
import type { OpenContext } from '../../src/context.ts';
import { csfServer, type CsfServer } from '../csf/kit.ts';
import { BY, openOnCsf, request } from './firewall-order.ts';

const NOW = Math.floor(Date.now() / 1000);
const MODSEC = 'lfd: (mod_security) mod_security (id:949110) triggered by';
const line = (entry: string, words: string): string => `${entry} # ${words} - Sun Nov 22 13:00:15 2026\n`;
const ban = (address: string, ports: string, words: string): string =>
  `${NOW}|${address}|${ports}|in|86400|${words}\n`;

let server: CsfServer;
let ctx: OpenContext;

beforeAll(() => {
  server = csfServer({
    settings: { CLUSTER_SENDTO: '192.0.2.200', CF_ENABLE: '1', DENY_IP_LIMIT: '0' },
    lists: {
      deny: [
        line('203.0.113.1', `${MODSEC} 203.0.113.1: 5 in the last 3600 secs`),
        line('tcp|in|d=80|s=203.0.113.2', `${MODSEC} 203.0.113.2: 5 in the last 3600 secs`),
        line('tcp|in|d=443|s=203.0.113.2', `${MODSEC} 203.0.113.2: 5 in the last 3600 secs`),
        line('203.0.113.3', 'abuser, do not delete'),
        line(
          '198.51.100.0/28',
          'lfd: (NETBLOCK) 198.51.100.0/28 (-) has had more than 2 blocks in the last 86400 secs',
        ),
        line('192.0.2.64/28', 'theirs, do not delete'),
        'Include /etc/csf/more.deny\n',
        line('203.0.113.6', 'lfd: Cluster member 192.0.2.200 (-) said, DENY 203.0.113.6, Reason:[bad]'),
        line('2001:db8:5::7', `${MODSEC} 2001:db8:5::7: 5 in the last 3600 secs`),
      ].join(''),
      tempban: [
        ban('203.0.113.4', '', 'lfd - (mod_security) x'),
        ban('203.0.113.5', '80', 'lfd - x'),
        ban('203.0.113.5', '443', 'lfd - x'),
        ban(
          '203.0.113.7',
          '',
          'lfd - (mod_security) mod_security (id:949110) triggered by 203.0.113.7: 5 in the last 3600 secs (CF_ENABLE)',
        ),
      ].join(''),
      blocklists: 'BADPEOPLE|86400|0|https://lists.example.org/a\n',
    },
    files: {
      'etc/csf/more.deny': '203.0.113.8\n',
      'var/lib/csf/csf.block.BADPEOPLE': '203.0.113.9\n',
      'var/lib/csf/csf.gdeny': '198.51.100.128/25\n',
    },
  });
  ctx = openOnCsf(server);
});

afterAll(() => {
  ctx.close();
  server.close();
});

interface Row {
  readonly target: string;
  readonly kinds: readonly PlaceKind[];
  readonly shown: readonly string[];
  readonly wholeNet?: boolean;
}

const LET_IN = "86400 'Whyblocked: <your reason>'";

describe('each row of the table', () => {
  test.each<Row>([
    { target: '203.0.113.1', kinds: ['deny'], shown: ['csf -dr 203.0.113.1'] },
    { target: '203.0.113.2', kinds: ['deny-ports', 'deny-ports'], shown: ['csf -dr 203.0.113.2'] },
    { target: '203.0.113.3', kinds: ['deny-kept'], shown: [`csf -ta 203.0.113.3 ${LET_IN}`] },
    { target: '203.0.113.4', kinds: ['temp-deny'], shown: ['csf -trd 203.0.113.4'] },
    { target: '203.0.113.5', kinds: ['temp-deny', 'temp-deny'], shown: ['csf -trd 203.0.113.5'] },
    {
      target: '203.0.113.6',
      kinds: ['deny', 'cluster'],
      shown: ['csf -dr 203.0.113.6', 'csf -cr 203.0.113.6'],
    },
    { target: '203.0.113.7', kinds: ['temp-deny', 'cloudflare'], shown: ['csf -tr 203.0.113.7'] },
    { target: '203.0.113.8', kinds: ['include'], shown: [`csf -ta 203.0.113.8 ${LET_IN}`] },
    { target: '203.0.113.9', kinds: ['blocklist'], shown: [`csf -ta 203.0.113.9 ${LET_IN}`] },
    { target: '198.51.100.130', kinds: ['global-deny'], shown: [`csf -ta 198.51.100.130 ${LET_IN}`] },
    { target: '198.51.100.3', kinds: ['deny-net'], shown: [`csf -ta 198.51.100.3 ${LET_IN}`] },
    { target: '198.51.100.4', kinds: ['deny-net'], shown: ['csf -dr 198.51.100.0/28'], wholeNet: true },
    // A net that is kept is not taken out, whoever asks.
    {
      ...{ target: '192.0.2.70', kinds: ['deny-net'], wholeNet: true },
      shown: [`csf -ta 192.0.2.70 ${LET_IN}`],
    },
    { target: '2001:DB8:5:0::7', kinds: ['deny'], shown: ['csf -dr 2001:db8:5::7'] },
  ])('$target: $kinds', async ({ target, kinds, shown, wholeNet = false }) => {
    const plan = await planFirewall(ctx, request('unblock', target, { wholeNet }));
    expect(plan.where.blocked).toBe(true);
    expect(plan.where.places.map(({ kind }) => kind)).toEqual(kinds);
    expect(plan.steps.map((step) => step.shown)).toEqual(shown);
    expect(plan.refusal).toBeNull();
    const order = await firewallOrder(ctx, request('unblock', target, { wholeNet }), {
      ...{ ...BY, typed: plan.typed, seen: shown },
    });
    const act = await carryOutFirewall(ctx, order);
    expect(act).toMatchObject({ state: 'done', sentence: expect.stringMatching(/does not block|is let in/) });
    expect((await planFirewall(ctx, request('unblock', target))).where.blocked).toBe(false);
  });

  test('what csf does not block is said with the other places to look at', async () => {
    const plan = await planFirewall(ctx, request('unblock', '192.0.2.44'));
    expect(plan).toMatchObject({
      steps: [],
      refusal: expect.stringMatching(/does not block 192\.0\.2\.44 now/),
    });
    const elsewhere = plan.where.elsewhere.map(({ sentence }) => sentence).join(' ');
    for (const name of ['ModSecurity', 'cPHulk', 'Imunify', 'fail2ban']) expect(elsewhere).toContain(name);
  });

  test('testing mode is said before anything is done', async () => {
    server.set({ TESTING: '1' });
    const plan = await planFirewall(ctx, { ...request('unblock', '192.0.2.45'), act: 'block' });
    expect(plan.warnings[0]?.sentence).toMatch(/testing mode/);
    server.set({ TESTING: '0' });
  });
});
