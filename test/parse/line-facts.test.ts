import { spawnSync } from 'node:child_process';
import { rgPath } from '@vscode/ripgrep';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { netCovers, normalizeAddress, normalizeNet } from '../../src/parse/address.ts';
import {
  addressPattern,
  hasAddress,
  hasAddressIn,
  lineClient,
  lineStatus,
  lineVhost,
} from '../../src/parse/line-facts.ts';

const MODSEC =
  'ModSecurity: Warning. Pattern match "x" at ARGS:a. [file "/etc/crs/x.conf"] [line "66"] [id "942100"] [msg "m"] [data "d"] [severity "CRITICAL"] [hostname "Shop.example.com"] [uri "/"] [unique_id "awLq7YJt7YbiEVet6illiQAAAAI"]';
const APACHE = '[Sun Nov 22 17:56:41.110242 2026] [security2:error] [pid 1:tid 2] ';
const NGINX = '2026/11/22 13:00:11 [error] 12#12: *3 ';

describe('lineClient', () => {
  test.each([
    ['203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5', '203.0.113.5'],
    [
      'shop.example.com:80 203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5',
      '203.0.113.5',
    ],
    ['2001:0DB8::0005 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5', '2001:db8::5'],
    ['dsl.example.net - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5', null],
    ['', null],
  ])('access %s', (line, client) => {
    expect(lineClient('access', line)).toBe(client);
  });

  test.each([
    [`${APACHE}[client 203.0.113.5:51234] [client 203.0.113.5] ${MODSEC}`, '203.0.113.5'],
    [`${APACHE}[client 2001:db8::7:0] [client 2001:db8::7] ${MODSEC}`, '2001:db8::7'],
    [`${APACHE}[client 2001:db8::1:7] [client 2001:db8::1:7] ${MODSEC}`, '2001:db8::1'],
    [`${APACHE}[client 2001:db8::7:443] AH01630: client denied by server configuration: /x`, '2001:db8::7'],
    [`${APACHE}[client [2001:db8::7]:443] AH01630: x`, '2001:db8::7'],
    [`${APACHE}[client 203.0.113.5:443] [client 198.51.100.9] ModSecurity: a visitor's words`, '203.0.113.5'],
    [`${APACHE}(70014)End of file found: [client 203.0.113.5:4430] AH01102: error reading`, '203.0.113.5'],
    [`${APACHE}mod_proxy.c(12): (111)Connection refused: [client 203.0.113.5:4430] x`, '203.0.113.5'],
    ['[Sun Nov 22 17:56:41 2026] [error] [client 203.0.113.5] File does not exist', '203.0.113.5'],
    ['[Sun Nov 22 17:56:41 2026] [error] [client 2001:db8::1:7] File does not exist', '2001:db8::1:7'],
    [`${APACHE}AH00094: Command line: '[client 203.0.113.5:1] '`, null],
    [`${APACHE}text [client 203.0.113.5:1] text`, null],
    ['[client 203.0.113.5] text without a time', null],
    [
      `${NGINX}open() "/x" failed (2: No such file), client: 203.0.113.5, server: shop.example.com, request: "GET /x HTTP/1.1", host: "shop.example.com"`,
      '203.0.113.5',
    ],
    [
      `${NGINX}open() "/, client: 198.51.100.9, server: x" failed, client: 203.0.113.5, server: s, request: "GET / HTTP/1.1"`,
      '203.0.113.5',
    ],
    [
      `${NGINX}x, client: 203.0.113.5, server: s, request: "GET /, client: 198.51.100.9, server: s HTTP/1.1"`,
      null,
    ],
    [
      `${NGINX}x, client: 203.0.113.5, server: s, request: "GET / HTTP/1.1", referrer: ", client: 203.0.113.5, server: t"`,
      '203.0.113.5',
    ],
    [`${NGINX}x, client: 2001:DB8::5, server: s`, '2001:db8::5'],
    [`${NGINX}x, client: unix:, server: s`, null],
    [`text, client: 203.0.113.5, server: s`, null],
    [
      '2026-04-01 17:13:53.887905 [NOTICE] [1] [T1] [203.0.113.5:5123-CONN#APVH_*_server.example.com] [MODSEC] x',
      '203.0.113.5',
    ],
    [
      '2026-04-01 17:13:53.887 [NOTICE] [1] [T0] [[2001:db8::7]:5123-H3:AB-1#APVH_shop.example.com:443] [MODSEC] x',
      '2001:db8::7',
    ],
    ['2026-04-01 17:13:53.887 [NOTICE] [1] text [203.0.113.5:5123-CONN#APVH_x] x', null],
  ])('error %s', (line, client) => {
    expect(lineClient('error', line)).toBe(client);
  });

  test('other kinds have none', () => {
    for (const kind of ['audit', 'lfd', 'mail', 'system'] as const) {
      expect(
        lineClient(kind, '203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5'),
      ).toBeNull();
      expect(
        lineVhost(kind, 's.example.com 203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "G" 200 5'),
      ).toBeNull();
    }
  });
});

describe('lineVhost', () => {
  const forged = MODSEC.replace(
    'ARGS:a',
    'ARGS:a"] [hostname "evil.example.org"] [uri "/e"] [unique_id "FAKE-FAKE"]',
  );
  test.each([
    [`${APACHE}[client 203.0.113.5:0] [client 203.0.113.5] ${MODSEC}`, 'shop.example.com'],
    [`${APACHE}[client 203.0.113.5:0] [client 203.0.113.5] ${forged}`, 'shop.example.com'],
    [
      `${APACHE}[client 203.0.113.5:0] [client 203.0.113.5] ${MODSEC.replace('"d"', '"[hostname \\\\x22evil\\\\x22]"')}`,
      'shop.example.com',
    ],
    [`${APACHE}[client 203.0.113.5:1] AH01071: Got error '[hostname "evil.example.org"]'`, null],
    [
      `${NGINX}x, client: 203.0.113.5, server: Shop.example.com, request: "GET / HTTP/1.1", host: "evil.example.org"`,
      'shop.example.com',
    ],
    [
      `${NGINX}x, client: 203.0.113.5, server: _, request: "GET / HTTP/1.1", host: "shop.example.com:8080"`,
      'shop.example.com',
    ],
    [
      `${NGINX}x, client: 203.0.113.5, server: , request: "GET / HTTP/1.1", host: "shop.example.com", referrer: "http://x/, host: "evil.example.org"`,
      null,
    ],
    [
      `${NGINX}x, client: 203.0.113.5, server: s, request: "GET / HTTP/1.1", referrer: ", client: 203.0.113.5, server: evil"`,
      null,
    ],
    [
      '2026-04-01 17:13:53.887905 [NOTICE] [1] [T1] [203.0.113.5:5-C#APVH_*_server.example.com] x',
      'server.example.com',
    ],
    [
      '2026-04-01 17:13:53.887905 [NOTICE] [1] [T1] [203.0.113.5:5-H3:A-1#APVH_Shop.example.com:443] x',
      'shop.example.com',
    ],
    ['2026-04-01 17:13:53.887905 [NOTICE] text', null],
  ])('error %s', (line, vhost) => {
    expect(lineVhost('error', line)).toBe(vhost);
  });
  test('access', () => {
    const rest = '203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 200 5';
    expect(lineVhost('access', `Shop.example.com:443 ${rest}`)).toBe('shop.example.com');
    expect(lineVhost('access', rest)).toBeNull();
  });
});

test.each([
  ['203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET / HTTP/1.1" 403 5 "-" "-"', 403],
  ['203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET /\\" 200 HTTP/1.1" 404 5', 404],
  ['203.0.113.5 - - [22/Nov/2026:17:56:41 +0100] "GET /\\\\" 200 5 "x" 403', 200],
  ['203.0.113.5 - \\"x\\" 999 [22/Nov/2026:17:56:41 +0100] "-" 408 -', 408],
  ['203.0.113.5 - - [t] "GET /" 200', 200],
  ['203.0.113.5 - - [t] "GET /" 2000 5', null],
  ['203.0.113.5 - - [t] "GET /" - 5', null],
  ['203.0.113.5 - - [t] "GET /', null],
  ['', null],
])('lineStatus %s', (line, status) => {
  expect(lineStatus(line)).toBe(status);
});

describe('hasAddress', () => {
  test.each([
    '203.0.113.5',
    'x 203.0.113.5 y',
    'SRC=203.0.113.5:443',
    'from 203.0.113.5.',
    '[203.0.113.5]',
    '203.0.113.5, x',
    'https://203.0.113.5/',
    '::ffff:203.0.113.5',
    '[::FFFF:203.0.113.5]:80',
    '0:0:0:0:0:ffff:203.0.113.5',
    '::ffff:cb00:7105',
    '0000:0000:0000:0000:0000:FFFF:CB00:7105',
    '203.0.113.52 203.0.113.5',
    'load:203.0.113.5',
    'a\x00203.0.113.5\x1b[0m',
  ])('203.0.113.5 in %j', (line) => {
    expect(hasAddress(line, '203.0.113.5')).toBe(true);
    expect(hasAddressIn(line, '203.0.113.0/24')).toBe(true);
    expect(hasAddressIn(line, '203.0.113.5/32')).toBe(true);
    expect(hasAddressIn(line, '200.0.0.0/5')).toBe(true);
    expect(hasAddressIn(line, '198.51.100.0/24')).toBe(false);
  });

  test.each([
    '203.0.113.52',
    '1203.0.113.5',
    '203.0.113.5.7',
    '7.203.0.113.5',
    '203.0.113.05',
    '203.0.113',
    '64:ff9b::203.0.113.5',
    '203-0-113-5',
    '203.0x113.5',
    '2001:db8::cb00:7105',
    '',
  ])('203.0.113.5 not in %j', (line) => {
    expect(hasAddress(line, '203.0.113.5')).toBe(false);
    expect(hasAddressIn(line, '203.0.113.5/32')).toBe(false);
  });

  test.each([
    '2001:db8::7',
    '[2001:DB8::7]:443',
    '2001:0db8:0000:0000:0000:0000:0000:0007',
    '2001:db8:0:0:0:0:0.0.0.7',
    'client 2001:db8::7, server',
    'from 2001:db8::7.',
    'from 2001:db8::7: 5 in the last',
    '[client 2001:db8::7:51234] x',
    '[client 2001:db8::7:0] x',
    '[client 2001:db8::7:443] [client 2001:db8::7] x',
    'SRC=2001:db8::7%eth0',
    'client:2001:db8::7',
    'http://[2001:db8::7]/',
  ])('2001:db8::7 in %j', (line) => {
    expect(hasAddress(line, '2001:db8::7')).toBe(true);
    expect(hasAddressIn(line, '2001:db8::/32')).toBe(true);
    expect(hasAddressIn(line, '2001:db8::7/128')).toBe(true);
    expect(hasAddressIn(line, '2001:db9::/32')).toBe(false);
  });

  test.each([
    '2001:db8::71',
    '2001:db8::7:1',
    '12001:db8::7',
    '2001:db8:7',
    '2001:db8::7x',
    'x2001:db8::7',
    '1:2001:db8::7',
  ])('2001:db8::7 not in %j', (line) => {
    expect(hasAddress(line, '2001:db8::7')).toBe(false);
  });

  test('bad input finds nothing', () => {
    expect(hasAddress('a', '')).toBe(false);
    expect(hasAddressIn('203.0.113.5', 'x')).toBe(false);
    expect(hasAddressIn('203.0.113.5 ::1', 'x:/3')).toBe(false);
  });
});

/** Byte values as an IPv4 address, with many zeros and small ones. */
const byte = fc.oneof(fc.constant(0), fc.nat(15), fc.nat(255));
const group = fc.oneof(fc.constant(0), fc.constant(0), fc.nat(255), fc.nat(0xffff));
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
const ipv6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => normalizeAddress(groups.map((part) => part.toString(16)).join(':')) ?? '::1');
const address = fc.oneof(ipv4, ipv6);

/** One of the spellings of an address, steered by `choice`. */
function spelling(value: string, choice: number): string {
  const upper = (text: string): string => ((choice & 1) === 1 ? text.toUpperCase() : text);
  if (!value.includes(':')) {
    const bytes = value.split('.').map(Number) as [number, number, number, number];
    const hex = (high: number, low: number): string => (high * 256 + low).toString(16);
    const groups = `${hex(bytes[0], bytes[1])}:${hex(bytes[2], bytes[3])}`;
    const forms = [
      value,
      value,
      `::ffff:${value}`,
      `0:0:0:0:0:ffff:${value}`,
      `::ffff:${groups}`,
      `0::ffff:${groups}`,
    ];
    return upper(forms[(choice >> 1) % forms.length] ?? value);
  }
  const groups = expand(value);
  const padded = groups.map((part) =>
    (choice & 2) === 2 ? part.toString(16).padStart(4, '0') : part.toString(16),
  );
  const [g, h] = [groups[6] ?? 0, groups[7] ?? 0];
  const dotted = (choice & 4) === 4;
  if (dotted) padded.splice(6, 2, `${g >> 8}.${g & 255}.${h >> 8}.${h & 255}`);
  const full = padded.join(':');
  if ((choice & 8) === 0) return upper(full);
  const zeros = groups.slice(0, dotted ? 6 : 8).map((part, index) => ({ part, index }));
  const at = zeros.find(({ part, index }) => part === 0 && index >= (choice >> 4) % 7);
  if (at === undefined) return upper(full);
  const head = padded.slice(0, at.index).join(':');
  let end = at.index + 1;
  while (end < (dotted ? 6 : 8) && groups[end] === 0 && (choice & 128) === 0) end++;
  const short = `${head}::${padded.slice(end).join(':')}`;
  // `::192.0.2.1` (IPv4-compatible, long deprecated) is read as the IPv4 address everywhere.
  return upper(/^::\d+\./.test(short) ? full : short);
}

function expand(value: string): number[] {
  const [head = '', tail] = value.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((text) => Number.parseInt(text, 16));
  if (tail === undefined) return read(head);
  const [left, right] = [read(head), read(tail)];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

const around = fc.tuple(
  fc.constantFrom('', ' ', '[', 'x=', 'client: ', '/', '"', '-'),
  fc.constantFrom('', ' ', ']', ':443 ', ', ', '.', ';', '"', '/', '\r'),
);

/** The indices of the lines that ripgrep finds. */
function ripgrep(pattern: string, lines: readonly string[]): Set<number> {
  const args = [
    '--no-config',
    '-a',
    '-n',
    '--no-unicode',
    '-E',
    'none',
    '--color=never',
    '-o',
    '-e',
    pattern,
    '--',
    '-',
  ];
  const run = spawnSync(rgPath, args, { input: Buffer.from(lines.join('\n'), 'latin1'), encoding: 'latin1' });
  if (run.status === 2) throw new Error(`${pattern}: ${run.stderr}`);
  return new Set(run.stdout.split('\n').map((line) => Number(line.split(':')[0]) - 1));
}

describe('addressPattern', () => {
  test('finds every line that holds the address or net, in any spelling', () => {
    const lines = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), around), {
      minLength: 30,
      maxLength: 30,
    });
    let held = 0;
    fc.assert(
      fc.property(
        address,
        lines,
        fc.array(address, { maxLength: 10 }),
        fc.nat(127),
        (value, spellings, others, cut) => {
          const isV4 = !value.includes(':');
          const net = normalizeNet(`${value}/${(cut % (isV4 ? 32 : 128)) + 1}`) ?? '';
          const texts = [
            ...spellings.map(([choice, [before, after]]) => before + spelling(value, choice) + after),
            ...others.map((other) => `x ${other} y`),
          ];
          const byAddress = ripgrep(addressPattern(value), texts);
          const byNet = ripgrep(addressPattern(net), texts);
          for (const [index, text] of texts.entries()) {
            const isOwn = index < spellings.length;
            if (isOwn) {
              // A slash or hyphen in front changes nothing; a port behind bare IPv6 makes it another address.
              const isBare = text.endsWith(':443 ') && text.includes('::') && !(isV4 && text.includes('.'));
              if (!isBare) expect([text, value, hasAddress(text, value)]).toEqual([text, value, true]);
              if (!isBare) expect([text, net, hasAddressIn(text, net)]).toEqual([text, net, true]);
              held++;
            } else if (netCovers(net, others[index - spellings.length] ?? '')) {
              expect(hasAddressIn(text, net)).toBe(true);
            }
            if (hasAddress(text, value))
              expect([text, value, byAddress.has(index)]).toEqual([text, value, true]);
            if (hasAddressIn(text, net)) expect([text, net, byNet.has(index)]).toEqual([text, net, true]);
          }
        },
      ),
      { numRuns: 40 },
    );
    expect(held).toBeGreaterThan(1000);
  });

  test('is a literal with a boundary', () => {
    const lines = [
      'a 203.0.113.5',
      '203.0.113.52',
      '203.0.113.5:1',
      '203x0.113.5 ',
      '2001:0DB8::1',
      '2001:db80::1',
    ];
    expect([...ripgrep(addressPattern('203.0.113.5'), lines)].filter((line) => line >= 0)).toEqual([0, 2]);
    expect([...ripgrep(addressPattern('203.0.113.0/24'), lines)].filter((line) => line >= 0)).toEqual([
      0, 1, 2,
    ]);
    expect([...ripgrep(addressPattern('2001:db8::/32'), lines)].filter((line) => line >= 0)).toEqual([4]);
    expect([...ripgrep(addressPattern('no address'), lines)].filter((line) => line >= 0)).toEqual([]);
  });
});

describe('hostile lines', () => {
  const all = (line: string): void => {
    lineClient('access', line);
    lineClient('error', line);
    lineVhost('access', line);
    lineVhost('error', line);
    lineStatus(line);
    for (const value of ['203.0.113.5', '2001:db8::7', '::1', '1.1.1.1']) hasAddress(line, value);
    for (const net of ['203.0.113.0/24', '2001:db8::/32', '1.0.0.0/8']) hasAddressIn(line, net);
  };

  test('never throws', () => {
    const piece = fc.constantFrom(
      '203.0.113.5',
      '2001:db8::7',
      '::',
      ':',
      '.',
      '[client ',
      '] ',
      APACHE,
      NGINX,
      ', client: ',
      ', server: ',
      ', host: "',
      '[hostname "',
      '"] ',
      'ffff:',
      '\x00',
      '\x1b[31m',
      '\xff\xfe',
      '\\"',
      '"',
      ' 200 5',
      'ModSecurity: ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.string(), (pieces, noise) => {
        all(pieces.join(''));
        all(pieces.join(noise));
      }),
      { numRuns: 600 },
    );
  });

  test('time grows no faster than the line', () => {
    const fillers = [
      'a',
      ':',
      '1',
      '.',
      '1.',
      '1.1.1.1',
      '1.1.1.1.',
      '::1 ',
      'ffff:',
      'a:',
      '[client ',
      '[client a::1:2]',
      ', client: 1.1.1.1, server: x',
      ', client: ',
      ', host: "',
      '"',
      '\\',
      '[a] ',
      '[',
      ' ',
      '203.0.113.5',
      '203.0.113.5.',
      '::203.0.113.5',
    ];
    const once = (size: number): number => {
      const started = performance.now();
      for (const filler of fillers) {
        const text = filler.repeat(Math.ceil(size / filler.length));
        for (const front of ['', APACHE, NGINX]) all(front + text);
      }
      return performance.now() - started;
    };
    once(1000);
    const small = once(8000);
    expect(once(80_000)).toBeLessThan(10 * 8 * Math.max(small, 5));
    all(`203.0.113.5 - - [x] "${'a'.repeat(1_048_576)}" 200 5`);
  });
});
