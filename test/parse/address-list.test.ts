import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { netCovers, normalizeAddress, usableNet } from '../../src/parse/address.ts';
import { AddressListReader, type AddressList } from '../../src/parse/address-list.ts';
import { parseBlocklists } from '../../src/parse/csf-blocklists.ts';

/** Reads a text in pieces of a size. */
function read(text: string | Buffer, size = 1 << 20, most: number | null = null): AddressList {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const reader = new AddressListReader(most);
  for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size), at);
  return reader.done();
}

const LIST = [
  '# a list; of nets',
  '203.0.113.7',
  '198.51.100.0/24 ; SBL123',
  '198.51.100.9/32\r',
  '\t192.0.2.64/26,field',
  '192.0.2.70#x',
  '2001:DB8:1::/48 # six',
  '2001:db8:1::9',
  '::ffff:192.0.2.200',
  '10.0.0.0/7',
  '0.0.0.0/0',
  '192.0.2.1x',
  '192.0.2.2/33',
  '192.0.2.003',
  '192.0.2',
  '256.0.2.4',
  'shop.example.com 192.0.2.5',
  '2001:db8::/15',
  '',
  '203.0.113.200',
].join('\n');

describe('a long list of addresses', () => {
  it('finds the narrowest entry and its line', () => {
    const list = read(LIST);
    const offset = (line: string): number => LIST.indexOf(line);
    expect(list.entries).toBe(9);
    expect(list.find('203.0.113.7')).toEqual({ entry: '203.0.113.7', offset: offset('203.0.113.7') });
    expect(list.find('198.51.100.8')).toEqual({ entry: '198.51.100.0/24', offset: offset('198.51.100.0') });
    expect(list.find('198.51.100.9')).toEqual({ entry: '198.51.100.9', offset: offset('198.51.100.9') });
    expect(list.find('192.0.2.127')).toEqual({ entry: '192.0.2.64/26', offset: offset('\t192.0.2.64') });
    expect(list.find('192.0.2.70')?.entry).toBe('192.0.2.70');
    expect(list.find('2001:db8:1:2::3')?.entry).toBe('2001:db8:1::/48');
    expect(list.find('2001:db8:1::9')).toEqual({ entry: '2001:db8:1::9', offset: offset('2001:db8:1::9') });
    expect(list.find('192.0.2.200')?.entry).toBe('192.0.2.200');
    expect(list.find('203.0.113.200')?.entry).toBe('203.0.113.200');
    for (const other of [
      '10.1.2.3',
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.3',
      '192.0.2.5',
      '2001:db9::1',
      '',
      'x',
      '1.2',
    ])
      expect([other, list.find(other)]).toEqual([other, null]);
  });

  it('is the same in pieces of any size, and cut anywhere it stays a list', () => {
    const whole = read(LIST);
    const asked = [
      '203.0.113.7',
      '198.51.100.8',
      '192.0.2.70',
      '2001:db8:1::9',
      '203.0.113.200',
      '192.0.2.1',
    ];
    for (let size = 1; size < 150; size++) {
      const list = read(LIST, size);
      expect(list.entries).toBe(whole.entries);
      for (const address of asked) expect(list.find(address)).toEqual(whole.find(address));
    }
    for (let end = 0; end <= LIST.length; end++) expect(read(LIST.slice(0, end), 7).entries).toBeLessThan(10);
  });

  it('takes no more entries than it is told to', () => {
    const list = read('203.0.113.1\n203.0.113.2\n203.0.113.3\n', 5, 2);
    expect(list.entries).toBe(2);
    expect(list.find('203.0.113.2')).not.toBeNull();
    expect(list.find('203.0.113.3')).toBeNull();
  });

  it('agrees with a look at every line', () => {
    const line = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
      fc.ipV4(),
      fc.ipV6().map((address) => `${address}/64`),
      fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replace(/[\n\u0100-\uffff]/g, '?')),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        fc.ipV4(),
        fc.integer({ min: 1, max: 40 }),
        (lines, asked, size) => {
          const address = normalizeAddress(asked) ?? '';
          const list = read(lines.join('\n'), size);
          const nets = lines.flatMap((text) => {
            const word = /^[ \t]*([0-9a-fA-F:./]+)(?=[\s#;,\x00-\x20]|$)/.exec(text)?.[1];
            const net = word === undefined ? null : usableNet(word);
            return net === null ? [] : [net];
          });
          for (const candidate of [address, ...nets.map((net) => net.split('/')[0] ?? '')]) {
            const expected = nets.some((net) =>
              net.includes('/') ? netCovers(net, candidate) : net === candidate,
            );
            const found = list.find(candidate);
            expect([candidate, found !== null]).toEqual([candidate, expected]);
          }
        },
      ),
    );
  });

  it('stands hostile bytes: NUL, broken UTF-8, lines of a megabyte, no line at all', () => {
    expect(read(Buffer.alloc(3_000_000, 0x39), 1 << 16).entries).toBe(0);
    expect(read(Buffer.alloc(1_000_000)).entries).toBe(0);
    expect(read(`${'\xff'.repeat(1e6)}\n203.0.113.7`, 1 << 16).find('203.0.113.7')?.offset).toBe(1_000_001);
    expect(read(`${' '.repeat(1e6)}203.0.113.7\n203.0.113.8 ${'x'.repeat(1e6)}\n`, 1000).entries).toBe(1);
    expect(read('').find('203.0.113.7')).toBeNull();
  });

  it('reads a million addresses in a second or so and finds among them in microseconds', () => {
    const lines: string[] = [];
    for (let i = 0; i < 1_000_000; i++)
      lines.push(`${1 + (i % 199)}.${(i >> 8) & 255}.${i & 255}.${(i * 7) & 255}`);
    const bytes = Buffer.from(lines.join('\n'));
    const started = performance.now();
    const list = read(bytes);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(list.entries).toBe(1_000_000);
    const asked = performance.now();
    for (let i = 0; i < 1_000_000; i += 1000) expect(list.find(lines[i] ?? '')).not.toBeNull();
    expect(performance.now() - asked).toBeLessThan(500);
  });
});

describe('the names of block lists', () => {
  it('are those of lines that are switched on', () => {
    const text = [
      '# Spamhaus',
      '#SPAMDROP|86400|0|https://example.com/drop.txt',
      'DSHIELD|86400|0|https://example.net/block.txt?key=secret',
      'TOR|3600|500|https://example.org/',
      'TOR|1|1|https://example.org/second',
      'BAD NAME|1|1|x',
      '../x|1|1|x',
      'SHORT|1',
      '',
    ].join('\r\n');
    expect(parseBlocklists(text)).toEqual([
      { name: 'DSHIELD', most: null },
      { name: 'TOR', most: 500 },
    ]);
  });

  it('never throw, and fit a file name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const { name } of parseBlocklists(`${text}|1|1|x`)) expect(name).toMatch(/^\w{1,32}$/);
      }),
    );
    expect(parseBlocklists('x'.repeat(1e6))).toEqual([]);
  });
});
