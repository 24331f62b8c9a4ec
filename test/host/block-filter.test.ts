import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clientScanner } from '../../src/host/block-clients.ts';
import type { ClientHash, FilterColumn } from '../../src/host/block-filter.ts';
import {
  FILTERS_BYTES,
  GROUP_BYTES,
  SLAB_BLOCKS,
  addClient,
  blocksWith,
  clearBlock,
  groupOf,
  hashClient,
  newHash,
} from '../../src/host/block-filter.ts';
import { accessLineClient } from '../../src/parse/access-log.ts';
import { parseErrorLogLine } from '../../src/parse/error-log.ts';
import { normalizeAddress } from '../../src/parse/address.ts';

function emptyColumn(block = 0): FilterColumn {
  return { words: new Uint32Array(FILTERS_BYTES / 4), block };
}

function hashOf(client: string): ClientHash {
  const hash = newHash();
  hashClient(client, hash);
  return hash;
}

function holds(column: FilterColumn, client: string): boolean {
  return holdsHash(column, hashOf(client));
}

function holdsHash({ words, block }: FilterColumn, hash: ClientHash): boolean {
  const at = (groupOf(hash) * GROUP_BYTES) / 4;
  const halves = blocksWith(words.subarray(at, at + GROUP_BYTES / 4), hash);
  return (halves[block >>> 5]! & (1 << (block & 31))) !== 0;
}

function put(column: FilterColumn, client: string): void {
  addClient(column, hashOf(client));
}

function scanned(kind: 'access' | 'error', text: string): FilterColumn {
  const column = emptyColumn();
  clientScanner(kind)(Buffer.from(text, 'latin1'), column);
  return column;
}

/** 198.18.0.0/15 and its like would be real nets; these stand for one /16 of the same shape. */
const inNet = (third: number, fourth: number): string => `192.0.${third}.${fourth}`;

/** Nearly as many clients as a block has lines: one of less than 180 bytes is rare. */
const FULL = 250;
const OTHERS = 20_000;

function hashesOf(clientOf: (n: number) => string): ClientHash[] {
  return Array.from({ length: FULL + OTHERS }, (_, n) => hashOf(clientOf(n)));
}

function expectFewOthers(column: FilterColumn, hashes: readonly ClientHash[]): void {
  for (const hash of hashes.slice(0, FULL)) addClient(column, hash);
  expect(hashes.slice(0, FULL).filter((hash) => !holdsHash(column, hash))).toEqual([]);
  const wrong = hashes.slice(FULL).filter((hash) => holdsHash(column, hash)).length;
  expect(wrong / OTHERS).toBeLessThan(0.005);
  // The filter is not so empty that the test says nothing.
  expect(wrong).toBeGreaterThan(5);
}

describe('filter', () => {
  const neighbours = hashesOf((n) => inNet(n >> 8, n & 255));

  test.each([0, 31, 32, 63])('holds a full block of neighbours and few others (block %i)', (block) => {
    expectFewOthers(emptyColumn(block), neighbours);
  });

  test('holds a full block of neighbours of an IPv6 net and few others', () => {
    expectFewOthers(
      emptyColumn(7),
      hashesOf((n) => `2001:db8::${(n + 1).toString(16)}`),
    );
  });

  test('keeps the blocks of a slab apart, and takes one back without touching the others', () => {
    const { words } = emptyColumn();
    for (let block = 0; block < SLAB_BLOCKS; block++) put({ words, block }, `192.0.2.${block}`);
    clearBlock({ words, block: 40 });
    for (let block = 0; block < SLAB_BLOCKS; block++) {
      expect(holds({ words, block }, `192.0.2.${block}`)).toBe(block !== 40);
    }
    for (let block = 0; block < SLAB_BLOCKS; block++) if (block !== 40) clearBlock({ words, block });
    expect(words.every((word) => word === 0)).toBe(true);
  });
});

const word = fc.oneof(
  fc.constantFrom(
    '-',
    '',
    '203.0.113.7',
    '1.2',
    '01.2.3.4',
    '2001:DB8:0::7',
    '::ffff:192.0.2.9',
    'a.example.net',
  ),
  fc.ipV4(),
  fc.ipV6(),
  fc.stringMatching(/^[\x01-\x09\x0b-\xff]{0,20}$/),
  fc.nat(3).map((n) => '7'.repeat([44, 96, 511, 513][n]!)),
  fc.nat(3).map((n) => 'v'.repeat([44, 96, 511, 700][n]!)),
);

describe('access lines', () => {
  test('every client that the parser reads is held, whatever stands in the line', () => {
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 5 }), { maxLength: 20 }), (rows) => {
        const lines = rows.map((words) => words.join(' '));
        const column = scanned('access', lines.join('\n'));
        for (const line of lines) {
          const client = accessLineClient(line);
          if (client !== null) expect({ line, held: holds(column, client) }).toEqual({ line, held: true });
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('only the client is held, in its normalised form', () => {
    const column = scanned(
      'access',
      [
        '203.0.113.7 - - [x] "GET /198.51.100.1 HTTP/1.1" 200 1 "-" "198.51.100.2"',
        'shop.example.com:443 203.0.113.8 - - [x]',
        '2001:0db8:0:0::9 - - [x]',
        'shop.example.com:443 2001:DB8::A - - [x]',
        '::ffff:203.0.113.9 - bob [x]\r',
      ].join('\n'),
    );
    for (const client of ['203.0.113.7', '203.0.113.8', '2001:db8::9', '2001:db8::a', '203.0.113.9'])
      expect({ client, held: holds(column, client) }).toEqual({ client, held: true });
    for (const client of ['198.51.100.1', '198.51.100.2', 'shop.example.com:443', '-', '203.0.113.70'])
      expect({ client, held: holds(column, client) }).toEqual({ client, held: false });
  });

  test('clients that share a slot of the memory of clients seen stay apart', () => {
    const clients = Array.from({ length: 6000 }, (_, n) => `2001:db8::${(n + 1).toString(16)}`);
    const scan = clientScanner('access');
    for (const client of [...clients, ...clients.slice(0, 100)]) {
      const column = emptyColumn();
      scan(Buffer.from(`${client} - - [x]\n`), column);
      if (!holds(column, client)) expect(client).toBe('held');
    }
  });
});

describe('error lines', () => {
  const time = '[Sun Nov 22 13:00:11.110242 2026]';
  const front = `${time} [security2:error] [pid 7:tid 8]`;

  test.each([
    ['[client 203.0.113.7:5123] AH01630: client denied', '203.0.113.7'],
    ['[client 203.0.113.7] [client 203.0.113.7] ModSecurity: Warning.', '203.0.113.7'],
    ['(36)File name too long: [client 203.0.113.7:5123] AH00036: access', '203.0.113.7'],
    ['[remote 203.0.113.7:80] AH01114: HTTP', '203.0.113.7'],
    ['[client 2001:db8::7:51234] AH01630', '2001:db8::7'],
    ['[client 2001:DB8:0::7:443] AH01630', '2001:db8::7'],
    ['[client 2001:db8::7] ModSecurity: x', '2001:db8::7'],
    ['[client [2001:db8::7]:443] AH01630', '2001:db8::7'],
    ['[client ::ffff:203.0.113.7:5123] AH01630', '203.0.113.7'],
    ['[client 192.0.2.1:7] [client 203.0.113.7] ModSecurity: x', '203.0.113.7'],
    [`${'long '.repeat(300)}[client 203.0.113.7:5123] AH`, '203.0.113.7'],
    ['[client 203.0.113.7', null],
    ['[client 192.0.2.1:7] AH01630: [client 203.0.113.7:1] forged', null],
    ['[client', null],
    ['[clients 203.0.113.7:1]', null],
  ])('%s', (rest, client) => {
    const column = scanned('error', `${front} other\n${front} ${rest}\r\n${front} last`);
    const held = ['203.0.113.7', '2001:db8::7'].filter((address) => holds(column, address));
    expect(held).toEqual(client === null ? [] : [client]);
  });

  test('every client that the parser reads is held', () => {
    const token = fc
      .oneof(fc.ipV4(), fc.ipV6())
      .chain((address) =>
        fc.constantFrom(
          `client ${address}`,
          `client ${address}:443`,
          `client ${address}:51234`,
          `remote ${address}:9`,
        ),
      );
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 3 }), (tokens) => {
        const line = `${front} ${tokens.map((text) => `[${text}] `).join('')}ModSecurity: Warning. x`;
        const client = parseErrorLogLine(line)?.client ?? null;
        const column = scanned('error', `${line}\n`);
        expect(client === null || holds(column, client)).toBe(true);
        const plain = normalizeAddress(tokens.at(-1)!.slice('client '.length));
        expect(plain === null || holds(column, plain)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
