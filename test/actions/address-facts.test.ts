// The facts about an address, from a server's files to what the evidence is computed from.
import { afterEach, describe, expect, it } from '@jest/globals';
import { addressFacts, readFactSources } from '../../src/actions/address-facts.ts';
import { readFirewall } from '../../src/actions/firewall.ts';
import { markAddress } from '../../src/actions/marks.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { caughtElsewhere, listed } from '../../src/analyse/evidence/history.ts';
import { knownClient } from '../../src/analyse/evidence/known-client.ts';
import { originName } from '../../src/analyse/evidence/origin-name.ts';
import type { OpenContext } from '../../src/context.ts';
import type { AddressFacts } from '../../src/model-evidence.ts';
import { input } from '../analyse/fixtures.ts';
import { makeRoot, type TestRoot } from '../host/make-root.ts';
import { open } from './kit.ts';

const TO = Date.UTC(2026, 10, 22, 14, 0, 0);
const DAY = 86_400_000;
const epoch = (at: number): number => Math.round(at / 1000);
const opened: OpenContext[] = [];

afterEach(() => {
  for (const ctx of opened.splice(0)) ctx.close();
});

/** A server whose lfd.log ends at TO. */
function server(lfdLog: readonly string[] | null = []): TestRoot {
  const root = makeRoot();
  if (lfdLog !== null) {
    const started = 'Nov 22 00:00:01 host lfd[1]: Daemon started on host.example.net - csf v15.10 (cpanel)';
    root.write('/var/log/lfd.log', [started, ...lfdLog, ''].join('\n'), Date.now() - TO);
  }
  return root;
}

async function context(root: TestRoot): Promise<OpenContext> {
  const ctx = open({ root: root.dir });
  opened.push(ctx);
  await refresh(ctx);
  return ctx;
}

async function factsOf(ctx: OpenContext, address: string): Promise<AddressFacts> {
  const sources = await readFactSources(ctx, await readFirewall(ctx));
  return addressFacts(ctx, sources, address, { from: TO - 1000, to: TO });
}

describe('nothing at hand', () => {
  it('nobody can tell', async () => {
    const facts = await factsOf(await context(makeRoot()), '203.0.113.7');
    expect(facts).toEqual({
      logins: null,
      caught: null,
      listings: null,
      known: [],
      knownAsked: false,
      reverse: { state: 'unknown', name: null, at: null },
      lfdName: null,
      lfdNameRef: null,
    });
    const about = input({ facts });
    for (const item of [caughtElsewhere, listed, knownClient, originName])
      expect(item(about).status).toBe('unknown');
  });
});

describe('what lfd caught', () => {
  const block = (day: string, app: string, trigger: string, lookup = ''): string =>
    `${day} 10:00:00 host lfd[1]: (${app}) Failed ${app} login from 203.0.113.7${lookup}: 5 in the last 3600 secs - *Blocked in csf* [${trigger}]`;

  it('counts on other services in 30 days, with the host name beside it', async () => {
    const lines = [
      block('Oct 20', 'sshd', 'LF_SSHD'),
      block('Oct 24', 'ftpd', 'LF_FTPD', ' (SK/Slovakia/dsl-7.example.net)'),
      block('Nov 20', 'imapd', 'LF_IMAPD', ' (SK/Slovakia/-)'),
      'Nov 21 10:00:00 host lfd[1]: (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (SK/Slovakia/<x>.example.net): 5 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]',
      'Nov 21 11:00:00 host lfd[1]: (sshd) Failed SSH login from 203.0.113.7 (SK/Slovakia/-) - ignored',
      block('Nov 22', 'sshd', 'LF_SSHD').replace('10:00:00', '15:00:00'),
    ];
    const facts = await factsOf(await context(server(lines)), '203.0.113.7');
    expect(facts.caught?.map(({ at, trigger }) => [new Date(at).toISOString(), trigger])).toEqual([
      ['2026-11-20T10:00:00.000Z', 'LF_IMAPD'],
      ['2026-10-24T10:00:00.000Z', 'LF_FTPD'],
    ]);
    expect(facts.caught?.[0]?.ref).toMatchObject({ file: '/var/log/lfd.log' });
    expect(facts.lfdName).toBe('dsl-7.example.net');
    expect(facts.lfdNameRef).toMatchObject({ file: '/var/log/lfd.log' });
    const about = input({ facts });
    expect(caughtElsewhere(about)).toMatchObject({ id: 'L1', status: 'present' });
    expect(originName(about)).toMatchObject({
      ...{ id: 'O2c', status: 'present', basis: 'inferred' },
      lines: [facts.lfdNameRef],
    });
  });

  it('is nothing when lfd.log tells of others only', async () => {
    const facts = await factsOf(await context(server([block('Nov 20', 'sshd', 'LF_SSHD')])), '203.0.113.8');
    expect(facts.caught).toEqual([]);
    expect(caughtElsewhere(input({ facts })).status).toBe('absent');
  });

  it('is found in csf.tempip too, and told once', async () => {
    const at = epoch(TO - DAY);
    const tempip = [
      `203.0.113.7|0|${at}|(sshd) Failed SSH login from 203.0.113.7 (SK/Slovakia/-): 5 in the last 3600 secs`,
      `203.0.113.7|0|${epoch(TO - 2 * DAY)}|(mod_security) mod_security (id:949110) triggered by 203.0.113.7: 5 in the last 3600 secs`,
      'no such line',
      `203.0.113.9|1|${at}|(ftpd) Failed FTP login from 203.0.113.9: 5 in the last 3600 secs`,
      '',
    ].join('\n');
    const alone = server(null);
    alone.write('/var/lib/csf/csf.tempip', tempip);
    const ctx = await context(alone);
    const first = await factsOf(ctx, '203.0.113.7');
    expect(first.caught?.map(({ trigger }) => trigger)).toEqual(['LF_SSHD']);
    const other = await factsOf(ctx, '203.0.113.9');
    expect(other.caught).toEqual([
      {
        at: at * 1000,
        trigger: 'LF_FTPD',
        ref: { file: '/var/lib/csf/csf.tempip', offset: tempip.indexOf('203.0.113.9') },
      },
    ]);
    expect((await factsOf(ctx, '203.0.113.8')).caught).toBeNull();

    const logged = server([
      'Nov 21 14:00:00 host lfd[1]: (sshd) Failed SSH login from 203.0.113.7: 5 in the last 3600 secs - *Blocked in csf* [LF_SSHD]',
    ]);
    logged.write('/var/lib/csf/csf.tempip', tempip);
    const both = await factsOf(await context(logged), '203.0.113.7');
    expect(both.caught).toHaveLength(1);
  });
});

describe('who knows the address', () => {
  const lists = (root: TestRoot): TestRoot => {
    root.write('/etc/csf/csf.deny', '# nothing\n');
    root.write(
      '/etc/csf/csf.allow',
      [
        '203.0.113.7 # office \x1b[31mred - Sun Nov 22 10:00:00 2026',
        'tcp|in|d=22|s=203.0.113.8 # ssh of the developer',
        'tcp|out|d=25|d=203.0.113.9 # our relay',
        '198.51.0.0/16 # partner net',
        '192.0.0.0/15 # a provider',
        '203.0.113.10 # lfd: something',
        `203.0.113.11 # ${'long '.repeat(40)}`,
        'Include /etc/csf/own.allow',
        '',
      ].join('\n'),
    );
    root.write('/etc/csf/own.allow', '203.0.113.12\n');
    root.write('/etc/csf/csf.ignore', '2001:db8:7::/48 # monitor\n203.0.113.7\n');
    root.write('/var/lib/csf/csf.tempallow', '1795338000|203.0.113.13||inout|86400|Whyblocked\n');
    return root;
  };

  it.each([
    ['203.0.113.7', ['csf.ignore names it', 'csf.allow names it (office \\x1b[31mred)']],
    ['203.0.113.8', ['csf.allow names it (ssh of the developer)']],
    ['203.0.113.9', []],
    ['198.51.100.1', ['csf.allow names 198.51.0.0/16 (partner net)']],
    ['192.0.2.1', []],
    ['203.0.113.10', []],
    ['203.0.113.12', ['csf.allow names it']],
    ['203.0.113.13', []],
    ['2001:db8:7:1::9', ['csf.ignore names 2001:db8:7::/48 (monitor)']],
    ['203.0.113.200', []],
  ])('%s', async (address, words) => {
    const facts = await factsOf(await context(lists(server())), address);
    expect(facts.known.map((one) => one.words)).toEqual(words);
    expect(facts.knownAsked).toBe(true);
    expect(facts.known.every(({ ref }) => ref !== null)).toBe(true);
    const item = knownClient(input({ facts }));
    expect(item.status).toBe(words.length > 0 ? 'present' : 'absent');
  });

  it('long comments are cut', async () => {
    const facts = await factsOf(await context(lists(server())), '203.0.113.11');
    expect(facts.known[0]?.words).toMatch(/^csf\.allow names it \(long .{54}…\)$/);
  });

  it('marks count, a false alarm does not', async () => {
    const ctx = await context(lists(server()));
    const by = { who: 'root', address: null };
    markAddress(ctx, { address: '203.0.113.20', kind: 'monitor', note: '' }, by);
    markAddress(ctx, { address: '203.0.113.21', kind: 'false-alarm', note: '' }, by);
    const monitor = await factsOf(ctx, '203.0.113.20');
    expect(monitor.known).toEqual([
      { source: 'mark', words: 'You marked it as an uptime monitor', ref: null },
    ]);
    expect((await factsOf(ctx, '203.0.113.21')).known).toEqual([]);
  });
});

describe('lists and names', () => {
  it('tells the block lists that hold it, and what DNS said before', async () => {
    const root = server();
    root.write('/etc/csf/csf.blocklists', 'DSHIELD|86400|0|x\nTOR|86400|0|x\n');
    root.write('/var/lib/csf/csf.block.DSHIELD', '203.0.113.0/24\n');
    root.write('/var/lib/csf/csf.block.TOR', '# top\n203.0.113.7\n');
    const ctx = await context(root);
    ctx.store.write(() => {
      ctx.store.dnsNames.keep('203.0.113.7', { state: 'confirmed', name: 'vps-7.example.net', at: TO });
    });
    const facts = await factsOf(ctx, '203.0.113.7');
    expect(facts.listings).toEqual([
      {
        list: 'DSHIELD',
        entry: '203.0.113.0/24',
        ref: { file: '/var/lib/csf/csf.block.DSHIELD', offset: 0 },
      },
      { list: 'TOR', entry: '203.0.113.7', ref: { file: '/var/lib/csf/csf.block.TOR', offset: 6 } },
    ]);
    expect(facts.reverse).toEqual({ state: 'confirmed', name: 'vps-7.example.net', at: TO });
    expect(listed(input({ facts }))).toMatchObject({ id: 'L3', status: 'present' });
    expect(originName(input({ facts }))).toMatchObject({ id: 'O2h', status: 'present', basis: 'known' });
    expect((await factsOf(ctx, '198.51.100.1')).listings).toEqual([]);
  });

  it('takes the name out of csf.deny when lfd.log has none', async () => {
    const root = server(null);
    root.write(
      '/etc/csf/csf.deny',
      '203.0.113.7 # lfd: (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (US/United States/ec2-203-0-113-7.compute.amazonaws.com): 5 in the last 3600 secs - Sun Nov 22 13:00:00 2026\n',
    );
    const facts = await factsOf(await context(root), '203.0.113.7');
    expect(facts.lfdName).toBe('ec2-203-0-113-7.compute.amazonaws.com');
    expect(originName(input({ facts }))).toMatchObject({
      ...{ id: 'O2h', basis: 'inferred' },
      lines: [{ file: '/etc/csf/csf.deny', offset: 0 }],
    });
  });
});
