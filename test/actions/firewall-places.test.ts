// Each row of the table of unblocking: where an address stands, by csf's own files, and what undoes it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { whereIs } from '../../src/actions/firewall-places.ts';
import type { PlaceKind, WhereView } from '../../src/actions/firewall-view.ts';
import { type CsfTexts, EPOCH, type FirewallServer, firewallServer, modsec, NOW_MS } from './firewall-kit.ts';

let server: FirewallServer;
beforeAll(async () => {
  server = firewallServer();
  server.lists({});
  const block = (address: string, how: string): string =>
    `(mod_security) mod_security (id:949110) triggered by ${address} (DE/Germany/-): 5 in the last 3600 secs - *Blocked in csf*${how} [LF_MODSEC]`;
  await server.lfdLog([
    `Nov 21 13:00:00 ${block('192.0.2.10', '')}`,
    `Nov 22 13:00:01 *Error*: csf output: deny failed: 192.0.2.11 is in the allow file /etc/csf/csf.allow 1 times`,
    `Nov 22 13:00:02 ${block('192.0.2.11', '')}`,
    `Nov 22 13:00:03 ${block('192.0.2.12', ' for 3600 secs')}`,
    `Nov 22 13:00:04 ${block('192.0.2.13', ' for 3600 secs')}`,
    `Nov 22 14:00:05 Incoming IP 192.0.2.13 temporary block removed`,
    `Nov 22 17:55:00 ${block('192.0.2.14', ' for 3600 secs')}`,
    `Nov 22 17:56:00 mod_security (id:949110) triggered by 192.0.2.15 - ignored`,
    `Nov 22 13:00:02 ${block('192.0.2.16', '')}`,
  ]);
  server.incident('192.0.2.10', NOW_MS - 3_600_000, 'attack', 7);
  server.incident('198.51.100.7', NOW_MS - 7_200_000, 'attack');
  server.incident('198.51.100.9', NOW_MS - 7_200_000, 'false-positive');
  server.incident('2001:db8:5:6::77', NOW_MS - 7_200_000, 'attack');
});
afterAll(() => {
  server.ctx.close();
});

async function where(
  address: string,
  texts: CsfTexts,
  conf: Readonly<Record<string, string>> = {},
): Promise<WhereView> {
  server.lists(texts, conf);
  return (await server.where(address)).where;
}
const kinds = ({ places }: WhereView): PlaceKind[] => places.map(({ kind }) => kind);
const text = ({ places, elsewhere }: WhereView): string =>
  [
    ...places.flatMap(({ sentence, way }) => [sentence, way]),
    ...elsewhere.map(({ sentence }) => sentence),
  ].join('\n');

describe('csf.deny', () => {
  test('the address itself', async () => {
    const view = await where('203.0.113.7', { deny: `# list\n203.0.113.7 # ${modsec('203.0.113.7')}\n` });
    expect(view).toEqual({
      address: '203.0.113.7',
      blocked: true,
      places: [
        {
          kind: 'deny',
          basis: 'known',
          sentence:
            '203.0.113.7 in csf.deny, permanent, all ports, both ways, since 22 Nov 2026, 13:04:08: 5 refusals by ModSecurity within an hour.',
          way: 'csf -dr 203.0.113.7 takes it out, with every line about it.',
          entry: '203.0.113.7',
          ref: { file: '/etc/csf/csf.deny', offset: 7 },
        },
      ],
      elsewhere: [],
      neighbours: [],
    });
  });

  test('a line a port (LF_SELECT)', async () => {
    const view = await where(
      '203.0.113.7',
      {
        deny: `tcp|in|d=80|s=203.0.113.7 # ${modsec('203.0.113.7')}\ntcp|in|d=443|s=203.0.113.7 # ${modsec('203.0.113.7')}\n`,
      },
      { LF_SELECT: '1' },
    );
    expect(kinds(view)).toEqual(['deny-ports', 'deny-ports']);
    expect(view.blocked).toBe(true);
    expect(view.places[1]).toMatchObject({
      entry: 'tcp|in|d=443|s=203.0.113.7',
      sentence: expect.stringContaining('permanent, port 443, incoming'),
      way: 'csf -dr 203.0.113.7 takes it out, with every line about it.',
    });
  });

  test('a filter for outgoing traffic keeps no visitor out', async () => {
    const view = await where('203.0.113.7', { deny: 'tcp|out|d=25|d=203.0.113.7 # no mail there\n' });
    expect([kinds(view), view.blocked]).toEqual([['deny-ports'], false]);
  });

  test('"do not delete"', async () => {
    const view = await where('203.0.113.7', {
      deny: '203.0.113.7 # abuse, Do Not Delete - Sun Apr 26 20:00:41 2026\n',
    });
    expect(kinds(view)).toEqual(['deny-kept']);
    expect(view.blocked).toBe(true);
    expect(text(view)).toContain(
      'marked “do not delete”, since 26 Apr 2026, 20:00:41: “abuse, Do Not Delete”',
    );
    expect(text(view)).toContain('csf does not remove a line that says “do not delete”');
  });

  test('a net that covers it, with who else is in it', async () => {
    const view = await where('198.51.100.7', {
      deny: '198.51.100.0/24 # lfd: (NETBLOCK) 198.51.100.0/24 (-) has had more than 2 blocks in the last 86400 secs - Sun Nov 22 13:04:07 2026\n198.51.100.44 # own line\n',
    });
    expect(kinds(view)).toEqual(['deny-net']);
    expect(view.blocked).toBe(true);
    expect(view.places[0]?.sentence).toBe(
      '198.51.100.0/24 in csf.deny, permanent, all ports, both ways, since 22 Nov 2026, 13:04:07: more than 2 blocked addresses of the net within 24 hours: 256 addresses; seen of them: 2 addresses with incidents (1 judged as attacks, 1 as ordinary visitors).',
    );
    expect(view.places[0]?.way).toBe(
      'For 198.51.100.7 alone: csf -ta 198.51.100.7 1d lets it in for a day, csf -a 198.51.100.7 for good; csf asks who is allowed first. csf -dr 198.51.100.7 finds nothing. csf -dr 198.51.100.0/24 frees 256 addresses. lfd may block the net again (LF_NETBLOCK).',
    );
  });

  test('an own line and nets around it, one in another', async () => {
    const view = await where('198.51.100.7', {
      deny: '198.51.100.7 # own\n198.51.100.0/24 # near do not delete\n198.51.0.0/16 # far\n198.51.101.0/24 # another\n',
    });
    expect(view.places.map(({ kind, entry }) => [kind, entry])).toEqual([
      ['deny', '198.51.100.7'],
      ['deny-net', '198.51.100.0/24'],
      ['deny-net', '198.51.0.0/16'],
    ]);
    expect(view.places[1]?.way).toContain('csf does not remove the line: it says “do not delete”.');
    expect(text(view)).not.toContain('finds nothing');
  });

  test('a net that is asked about by itself', async () => {
    const view = await where('198.51.100.0/24', {
      deny: '198.51.100.0/24 # by hand\n198.51.100.7 # in it\n198.51.0.0/16 # around it\n',
    });
    expect(view.places.map(({ kind, entry }) => [kind, entry])).toEqual([
      ['deny', '198.51.100.0/24'],
      ['deny-net', '198.51.0.0/16'],
    ]);
    expect(view.neighbours.map(({ sentence }) => sentence)).toEqual([
      '198.51.100.0/24 holds 256 addresses.',
      'Seen of 198.51.100.0/24 in the logs that are kept: 2 addresses with incidents (1 judged as attacks, 1 as ordinary visitors).',
      '1 other entry in it stays blocked by its own line: 198.51.100.7.',
    ]);
    expect(view.places[0]?.way).toBe(
      'csf -dr 198.51.100.0/24 frees all of 198.51.100.0/24, with every line about it.',
    );
  });

  test('a line that csf passes over', async () => {
    const view = await where('203.0.113.7', { deny: '203.0.113.7 # Included by mistake\n' });
    expect(kinds(view)).toEqual(['deny']);
    expect(text(view)).toContain('has the word “Include”, and csf passes over such lines');
  });

  test('a file that it includes, and a net in that', async () => {
    server.root.write('/etc/csf/customers.deny', '# theirs\n203.0.113.7 # spammer\n203.0.113.0/24 # all\n');
    const view = await where('203.0.113.7', { deny: 'Include /etc/csf/customers.deny\n' });
    expect(kinds(view)).toEqual(['include', 'include']);
    expect(view.places[0]).toMatchObject({
      sentence:
        '203.0.113.7 in /etc/csf/customers.deny, which csf.deny includes, permanent, all ports, both ways: “spammer”.',
      ref: { file: '/etc/csf/customers.deny', offset: 9 },
    });
    expect(view.places[0]?.way).toContain('csf does not edit included files (csf -dr says “not found”)');
    expect(view.places[1]?.way).toContain('csf does not edit included files');
  });
});

describe('csf.tempban', () => {
  const line = (
    more: Readonly<Partial<{ age: number; address: string; ports: string; ttl: number; words: string }>>,
  ): string =>
    `${EPOCH - (more.age ?? 600)}|${more.address ?? '203.0.113.7'}|${more.ports ?? ''}|in|${more.ttl ?? 3600}|${more.words ?? 'lfd - (mod_qos) mod_qos triggered by 203.0.113.7 (-): 3 in the last 3600 secs'}\n`;
  test('several lines, with ports', async () => {
    const view = await where('203.0.113.7', {
      tempban: line({}) + line({ ports: '80,443', words: 'by hand' }),
    });
    expect(kinds(view)).toEqual(['temp-deny', 'temp-deny']);
    expect(view.places.map(({ sentence }) => sentence)).toEqual([
      '203.0.113.7 in csf.tempban, until 22 Nov 2026, 18:50:00, all ports, incoming: 3 requests over the mod_qos limit within an hour.',
      '203.0.113.7 in csf.tempban, until 22 Nov 2026, 18:50:00, ports 80,443, incoming: “by hand”.',
    ]);
    expect(view.places[0]?.way).toBe(
      'csf -trd 203.0.113.7 ends it, with every temporary block of the address.',
    );
  });
  test('one whose time is over still stands until lfd takes it out', async () => {
    const view = await where('203.0.113.7', { tempban: line({ ttl: 300 }) });
    expect(view.places[0]).toMatchObject({
      kind: 'temp-deny',
      basis: 'inferred',
      sentence: expect.stringContaining('its time was over on 22 Nov 2026, 17:55:00'),
    });
    expect(view.blocked).toBe(true);
  });
  test('a net', async () => {
    const view = await where('198.51.100.7', { tempban: line({ address: '198.51.100.0/24' }) });
    expect(kinds(view)).toEqual(['temp-deny-net']);
    expect(view.places[0]?.way).toBe(
      'For 198.51.100.7 alone: csf -ta 198.51.100.7 1d. csf -trd 198.51.100.0/24 ends the block of 256 addresses.',
    );
  });
  test('Cloudflare, too', async () => {
    const view = await where('203.0.113.7', {
      tempban: line({
        words:
          'lfd - (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (-): 5 in the last 3600 secs (CF_ENABLE)',
      }),
    });
    expect(kinds(view)).toEqual(['temp-deny', 'cloudflare']);
    expect(view.places[1]?.way).toContain('csf -tr 203.0.113.7 ends it here and at Cloudflare');
  });
});

describe('lists that csf loads', () => {
  const lists: CsfTexts = {
    blocklists: 'BADPEOPLE|86400|0|https://lists.example.org/a\n',
    gdeny: '198.51.100.0/25\n',
  };
  test('a block list', async () => {
    server.root.write('/var/lib/csf/csf.block.BADPEOPLE', '# list\n203.0.113.7\n');
    const view = await where('203.0.113.7', lists);
    expect(view.places).toEqual([
      {
        kind: 'blocklist',
        basis: 'known',
        sentence:
          '203.0.113.7 is in the block list BADPEOPLE, which csf loads again and again (/var/lib/csf/csf.block.BADPEOPLE).',
        way: 'It cannot be taken out: csf -dr does not reach it, and csf.ignore does not help. csf -a 203.0.113.7 lets it in, or csf -ta 203.0.113.7 1d for a day: csf asks who is allowed first.',
        entry: null,
        ref: { file: '/var/lib/csf/csf.block.BADPEOPLE', offset: 7 },
      },
    ]);
    expect(view.blocked).toBe(true);
  });
  test('GLOBAL_DENY, by a net', async () => {
    const view = await where('198.51.100.7', lists);
    expect(kinds(view)).toEqual(['global-deny']);
    expect(text(view)).toContain('198.51.100.0/25, which holds 198.51.100.7, is in the list of GLOBAL_DENY');
  });
  test('none of them', async () => {
    const view = await where('203.0.113.8', lists);
    expect(text(view)).toContain(
      'It is in none of the block lists that csf has loaded (BADPEOPLE and GLOBAL_DENY).',
    );
  });
});

describe('countries', () => {
  test('one that lfd wrote', async () => {
    const view = await where('192.0.2.10', {}, { CC_DENY: 'XX,de', DENY_IP_LIMIT: '0' });
    expect(view.places).toMatchObject([
      { kind: 'country', basis: 'inferred', entry: null, ref: { file: '/var/log/lfd.log', offset: 0 } },
    ]);
    expect(text(view)).toContain(
      'CC_DENY keeps out all that comes from DE, and lfd wrote DE beside 192.0.2.10.',
    );
    expect(view.blocked).toBe(false);
  });
  test('one that nobody wrote is not known', async () => {
    const view = await where('203.0.113.8', {}, { CC_DENY: 'XX', CC_ALLOW_FILTER: 'DE,AS64500' });
    expect(kinds(view)).toEqual([]);
    expect(view.elsewhere.find(({ sentence }) => sentence.includes('CC_DENY'))).toEqual({
      basis: 'missing',
      sentence:
        'Its country is not known here; csf keeps whole countries out (CC_DENY = "XX", CC_ALLOW_FILTER = "DE,AS64500"), and no list shows whom. csf -g 203.0.113.8 tells.',
      lines: [],
    });
  });
});

describe('the cluster', () => {
  const deny =
    '203.0.113.7 # lfd: Cluster member 192.0.2.200 (-) said, DENY 203.0.113.7, Reason:[bad] - Sun Nov 22 13:04:07 2026\n';
  test('can be asked', async () => {
    const view = await where('203.0.113.7', { deny }, { CLUSTER_SENDTO: '192.0.2.200' });
    expect(kinds(view)).toEqual(['deny', 'cluster']);
    expect(text(view)).toContain('192.0.2.200, another server of the cluster, asked for it.');
    expect(view.places[1]?.way).toBe(
      'csf -cr 203.0.113.7 asks them to take it out. csf -dr and -trd do so only here.',
    );
  });
  test('cannot be asked from here', async () => {
    const view = await where('203.0.113.7', { deny });
    expect(kinds(view)).toEqual(['deny']);
    expect(text(view)).toContain('CLUSTER_SENDTO is empty');
  });
});

describe('allowed and ignored', () => {
  const deny = '203.0.113.7 # own\n';
  test('csf.allow comes before csf.deny', async () => {
    const view = await where('203.0.113.7', { deny, allow: '203.0.113.7 # the office\n' });
    expect([kinds(view), view.blocked]).toEqual([['deny', 'allow'], false]);
    expect(view.places[1]).toMatchObject({
      entry: '203.0.113.7',
      sentence:
        '203.0.113.7 is in csf.allow (“the office”): it is let in before any block is asked, so a block of it does not work. lfd still counts it and mails blocks that csf then refuses (IGNORE_ALLOW).',
      way: 'csf -ar 203.0.113.7 takes it out.',
    });
  });
  test.each<[string, CsfTexts, PlaceKind, boolean, string]>([
    [
      'a net',
      { allow: '203.0.113.0/24 # all\n' },
      'allow-net',
      false,
      'csf -ar 203.0.113.0/24 takes the whole net out.',
    ],
    [
      'ports',
      { allow: 'tcp|in|d=22|s=203.0.113.7 # ssh\n' },
      'allow-ports',
      true,
      'let in on port 22, incoming',
    ],
    [
      'for a while',
      { tempallow: `${EPOCH - 60}|203.0.113.7||inout|3600|ticket 2231\n` },
      'temp-allow',
      false,
      '203.0.113.7 is in csf.tempallow, until 22 Nov 2026, 18:59:00 (“ticket 2231”): it is let in',
    ],
    [
      'for a while that is over',
      { tempallow: `${EPOCH - 7200}|203.0.113.7||inout|3600|\n` },
      'temp-allow',
      true,
      'its time was over on 22 Nov 2026, 17:00:00',
    ],
    [
      'for a while on some ports',
      { tempallow: `${EPOCH - 60}|203.0.113.7|22|in|3600|\n` },
      'allow-ports',
      true,
      'csf -tra 203.0.113.7 ends it.',
    ],
    [
      'everywhere',
      { gallow: '203.0.113.0/25\n' },
      'global-allow',
      false,
      'change the list that GLOBAL_ALLOW',
    ],
    [
      'ignored',
      { ignore: '203.0.113.7 # monitor\n' },
      'ignore',
      true,
      'lfd counts nothing of 203.0.113.7, of any service, as of its last start. A block that stands goes on',
    ],
    ['ignored everywhere', { gignore: '203.0.113.7\n' }, 'ignore', true, 'GLOBAL_IGNORE in csf.conf'],
  ])('%s', async (_, ...[texts, kind, blocked, words]) => {
    const view = await where('203.0.113.7', { deny, ...texts });
    expect([kinds(view), view.blocked]).toEqual([['deny', kind], blocked]);
    expect(text(view)).toContain(words);
  });
});

describe('not by csf', () => {
  const elsewhere = async (address: string, conf: Readonly<Record<string, string>> = {}): Promise<string> => {
    const view = await where(address, { allow: '192.0.2.11\n' }, conf);
    expect(view.blocked).toBe(false);
    return text(view);
  };
  test('a permanent block that is gone', async () => {
    expect(await elsewhere('192.0.2.10')).toContain(
      'lfd.log says "permanent", but 192.0.2.10 is not in csf.deny any more: somebody has removed it, or it was rotated out: csf.deny keeps 200 addresses (DENY_IP_LIMIT) and drops the oldest.',
    );
  });
  test('and that dropped out of a full list', async () => {
    const deny = ['1', '2'].map((n) => `203.0.113.${n} # lfd: x - Sun Nov 22 13:04:0${n} 2026\n`).join('');
    const view = await where('192.0.2.10', { deny }, { DENY_IP_LIMIT: '2' });
    expect(text(view)).toContain(
      'it has dropped out. csf.deny keeps 2 addresses (DENY_IP_LIMIT) and is full',
    );
  });
  test('or that was taken back with Whyblocked', async () => {
    const { store } = server.ctx;
    store.write(() => {
      const id = store.firewall.acts.begin({
        ...{ at: NOW_MS - 60_000, who: 'root', act: 'unblock', target: '192.0.2.16', reason: 'ticket 2231' },
        ...{ incident: null, commands: [] },
      });
      store.firewall.acts.finish(id, { state: 'done', steps: [], sentence: 'done' });
    });
    const said = await elsewhere('192.0.2.16');
    expect(said).toContain('root unblocked it on 22 Nov 2026, 17:59:00 with Whyblocked: “ticket 2231”.');
    expect(said).not.toContain('rotated out');
  });
  test('a block that csf refused', async () => {
    const view = await where('192.0.2.11', { allow: '192.0.2.11\n' });
    expect(kinds(view)).toEqual(['allow']);
    const refused = view.elsewhere.find(({ sentence }) => sentence.includes('csf refused'));
    expect(refused).toMatchObject({
      basis: 'known',
      sentence:
        'lfd.log and lfd’s mail say that 192.0.2.11 was blocked on 22 Nov 2026, 13:00:02, but csf refused (“deny failed: 192.0.2.11 is in the allow file /etc/csf/csf.allow 1 times”): it never was.',
    });
    expect(refused?.lines).toHaveLength(2);
  });
  test.each([
    [
      '192.0.2.12',
      'The temporary block for an hour of 22 Nov 2026, 13:00:03 is over: its time ended on 22 Nov 2026, 14:00:03.',
    ],
    [
      '192.0.2.13',
      'The temporary block for an hour of 22 Nov 2026, 13:00:04 ended on 22 Nov 2026, 14:00:05: lfd.log says so.',
    ],
    ['192.0.2.14', 'is gone before its time: somebody removed it, or csf ended its oldest temporary entries'],
    ['192.0.2.15', 'lfd passed over 192.0.2.15 on 22 Nov 2026, 17:56:00: lfd.log says “ignored”.'],
    ['203.0.113.8', 'lfd.log tells of no block of 203.0.113.8, as far as it is kept.'],
  ])('%s: %s', async (address, sentence) => {
    expect(await elsewhere(address)).toContain(sentence);
  });
  test('ModSecurity’s own refusals, and the places that are not read here', async () => {
    const said = await elsewhere('192.0.2.10');
    expect(said).toContain(
      'ModSecurity refused 7 of its requests, the last about 22 Nov 2026, 17:00:01: the web server answers those itself (403)',
    );
    for (const name of ['cPHulk', 'Imunify360', 'fail2ban']) expect(said).toContain(name);
    expect(await elsewhere('203.0.113.8')).toContain('ModSecurity refused none of its requests');
  });
  test('limits and Cloudflare', async () => {
    const said = await elsewhere('203.0.113.8', { CONNLIMIT: '80;20', SYNFLOOD: '1', CF_ENABLE: '1' });
    expect(said).toContain('csf drops connections beyond a limit for each address (CONNLIMIT and SYNFLOOD)');
    expect(said).toContain('lfd blocks at Cloudflare, too (CF_ENABLE)');
  });
  test('csf that is off blocks nobody, whatever its lists say', async () => {
    const deny = '203.0.113.7 # own\n';
    server.root.write('/etc/csf/csf.disable', '');
    server.root.write('/etc/csf/csf.error', 'Error: iptables failed');
    const view = await where('203.0.113.7', { deny }, { TESTING: '1' });
    const { rmSync } = await import('node:fs');
    for (const name of ['disable', 'error']) rmSync(`${server.root.dir}/etc/csf/csf.${name}`);
    expect([kinds(view), view.blocked]).toEqual([['deny'], false]);
    expect(view.elsewhere.map(({ sentence }) => sentence)).toEqual([
      '/etc/csf/csf.disable is there: csf is switched off and blocks nobody (csf -e switches it on).',
      '/etc/csf/csf.error is there: csf could not load its rules, and nobody is blocked until it can (csf -r says what is wrong).',
      'csf is in testing mode (TESTING = "1"): it takes its rules away again after some minutes, and lfd does not run. An entry in a list may block nobody.',
    ]);
  });
  test('a list that cannot be read says nothing', async () => {
    server.lists({});
    const { facts, clock } = await server.where('203.0.113.8');
    const firewall = {
      ...facts.firewall,
      readable: false,
      problems: [{ source: '/etc/csf/csf.deny', why: 'permission denied' }],
    };
    const { elsewhere: said } = whereIs({ ...facts, firewall, hasLfdLog: false }, '203.0.113.8', clock);
    expect(said.filter(({ basis }) => basis === 'missing').map(({ sentence }) => sentence)).toEqual(
      expect.arrayContaining([
        'csf.deny could not be read whole (/etc/csf/csf.deny: permission denied): that an address is not in it says nothing.',
        'No lfd.log was read: whether lfd ever blocked it is not known.',
      ]),
    );
  });
});

describe('IPv6', () => {
  test('however it is written, with its /64', async () => {
    const view = await where('2001:db8:5:6::7', {
      deny: '2001:0DB8:5:6:0:0:0:7 # own\n2001:db8:5:6::8 # near\n2001:db8:5:7::8 # far\n',
      tempban: `${EPOCH}|2001:db8:5:6:a:b:c:d||in|3600|x\n`,
      allow: '2001:db8:5:6:f::/80 # some\n',
    });
    expect(view.places).toMatchObject([{ kind: 'deny', entry: '2001:0DB8:5:6:0:0:0:7' }]);
    expect(view.neighbours.map(({ sentence }) => sentence)).toEqual([
      '1 other entry of 2001:db8:5:6::/64 in csf.deny: 2001:db8:5:6::8.',
      '1 other entry of 2001:db8:5:6::/64 in csf.tempban: 2001:db8:5:6:a:b:c:d.',
      '1 other entry of 2001:db8:5:6::/64 in csf.allow: 2001:db8:5:6:f::/80.',
      'Others of 2001:db8:5:6::/64 in the logs that are kept: 1 address with incidents (1 judged as attacks), the last on 22 Nov 2026: 2001:db8:5:6::77.',
      'One visitor has a whole /64 as a rule: the others of 2001:db8:5:6::/64 may be the same one.',
    ]);
  });
  test('alone in its /64', async () => {
    const view = await where('2001:db8:9::7', { deny: '2001:db8::/32 # all\n' });
    expect(kinds(view)).toEqual(['deny-net']);
    expect(text(view)).toContain('4,294,967,296 nets of /64');
    expect(view.neighbours).toHaveLength(1);
    expect(view.neighbours[0]?.sentence).toContain('Nothing else of 2001:db8:9::/64 is in csf’s lists');
  });
});

test('hostile comments stay masked, printable and short, and change nothing', async () => {
  const comment = `<img src=x onerror=alert(1)> \x1b[31m password=hunter2 Include do\x00not delete ${'x'.repeat(5000)}`;
  const view = await where('203.0.113.7', {
    deny: `203.0.113.7 # ${comment}\n`,
    tempban: `${EPOCH}|203.0.113.7||in|3600|${comment}|y (CF_ENABLE\n`,
  });
  expect(kinds(view)).toEqual(['deny', 'temp-deny']);
  expect(text(view)).not.toMatch(/hunter2|[\x00-\x09\x0b-\x1f]/);
  for (const { sentence, way } of view.places) expect(sentence.length + way.length).toBeLessThan(600);
});

test('any lines give places that are about the address', async () => {
  server.lists({});
  const { facts, clock } = await server.where('203.0.113.7');
  const { parseCsfListText } = await import('../../src/parse/csf-list.ts');
  const { netHolds } = await import('../../src/parse/net-range.ts');
  const part = fc.oneof(
    fc.constantFrom(
      '203.0.113.7',
      '203.0.113.0/24',
      '198.51.100.7',
      '0.0.0.0/0',
      'tcp|in|d=1|s=203.0.113.7',
      '# ',
      '\n',
      'do not delete',
      'lfd: Cluster member x said, DENY 203.0.113.7',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const deny = parseCsfListText(parts.join(' '), 'deny').entries.map(({ entry, offset }) => ({
        ...{ ...entry, ref: { file: '/etc/csf/csf.deny', offset }, included: false },
      }));
      const firewall = { ...facts.firewall, deny };
      const view = whereIs({ ...facts, firewall }, '203.0.113.7', clock);
      for (const { ref } of view.places) {
        const own = deny.find((entry) => entry.ref.offset === ref?.offset)?.target.address ?? '';
        expect(own === '203.0.113.7' || netHolds(own, '203.0.113.7')).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});
