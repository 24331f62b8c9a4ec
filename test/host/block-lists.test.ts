import { describe, expect, it } from '@jest/globals';
import { makeRoot } from './make-root.ts';

describe('the block lists of csf', () => {
  it('are those that are switched on and loaded, with the place of each entry', async () => {
    const root = makeRoot();
    root.write(
      '/etc/csf/csf.blocklists',
      'DSHIELD|86400|0|x\n#OFF|1|0|x\nGONE|1|0|x\nEMPTY|1|0|x\nFEW|1|1|x\n',
    );
    root.write('/var/lib/csf/csf.block.DSHIELD', '# note\n198.51.100.0/24\n203.0.113.7\n');
    root.write('/var/lib/csf/csf.block.OFF', '203.0.113.9\n');
    root.write('/var/lib/csf/csf.block.EMPTY', '# nothing\n');
    root.write('/var/lib/csf/csf.block.FEW', '203.0.113.1\n203.0.113.2\n');
    root.write('/var/lib/csf/csf.gdeny', '2001:db8::/32\n');
    const lists = await root.host().blockLists();
    expect(lists.map(({ name, path, entries }) => [name, path, entries])).toEqual([
      ['DSHIELD', '/var/lib/csf/csf.block.DSHIELD', 2],
      ['FEW', '/var/lib/csf/csf.block.FEW', 1],
      ['GLOBAL_DENY', '/var/lib/csf/csf.gdeny', 1],
    ]);
    const holding = (address: string): unknown[] => lists.map((list) => list.find(address));
    expect(holding('203.0.113.7')).toEqual([{ entry: '203.0.113.7', offset: 23 }, null, null]);
    expect(holding('198.51.100.200')).toEqual([{ entry: '198.51.100.0/24', offset: 7 }, null, null]);
    expect(holding('2001:db8::1')).toEqual([null, null, { entry: '2001:db8::/32', offset: 0 }]);
    expect(holding('203.0.113.2')).toEqual([null, null, null]);
  });

  it('are none without csf, behind a link out of the root, or in a folder', async () => {
    const root = makeRoot();
    expect(await root.host().blockLists()).toEqual([]);
    root.write('/etc/csf/csf.blocklists', 'OUT|1|0|x\nFOLDER|1|0|x\n');
    root.link('/var/lib/csf/csf.block.OUT', '/../../secret');
    root.folder('/var/lib/csf/csf.block.FOLDER');
    expect(await root.host().blockLists()).toEqual([]);
  });

  it('are read again when a file changes, and only then', async () => {
    const root = makeRoot();
    root.write('/etc/csf/csf.blocklists', 'A|1|0|x\n');
    root.write('/var/lib/csf/csf.block.A', '203.0.113.7\n');
    const host = root.host();
    const [first] = await host.blockLists();
    const [again] = await host.blockLists();
    expect(again?.find).toBe(first?.find);
    root.write('/var/lib/csf/csf.block.A', '203.0.113.8\n', 1000);
    const [changed] = await host.blockLists();
    expect(changed?.find('203.0.113.7')).toBeNull();
    expect(changed?.find('203.0.113.8')).not.toBeNull();
    root.write('/etc/csf/csf.blocklists', '#A|1|0|x\n', 1000);
    expect(await host.blockLists()).toEqual([]);
  });

  it('a long line costs nothing', async () => {
    const root = makeRoot();
    root.write('/etc/csf/csf.blocklists', 'A|1|0|x\n');
    root.write(
      '/var/lib/csf/csf.block.A',
      Buffer.concat([Buffer.alloc(3_000_000, 0x31), Buffer.from('\n203.0.113.7')]),
    );
    const [list] = await root.host().blockLists();
    expect(list?.find('203.0.113.7')).toEqual({ entry: '203.0.113.7', offset: 3_000_001 });
  });
});
