// What csf makes of its arguments is what was meant, whatever stands in comment, address and ports.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CsfCommand } from '../../src/model-firewall.ts';
import { normalizeAddress } from '../../src/parse/address.ts';
import { csfArgv, csfComment, csfShown } from '../../src/parse/csf-argv.ts';
import { parseCsfListText } from '../../src/parse/csf-list.ts';
import { parseTempbanLine } from '../../src/parse/csf-tempban.ts';
import { csfReads, csfWrites, netIpShort } from './csf-own-parser.ts';

const REMOVALS = [
  'remove-deny',
  'remove-allow',
  'remove-temp-deny',
  'remove-temp-allow',
  'remove-temp',
  'remove-cluster',
] as const;

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '-p',
      '-p22',
      ' -p 22',
      '-P ',
      '-d',
      ' -d out',
      '-dinout',
      '-d in',
      'sub-page',
      'pre-dinner',
      'x-d',
      '--',
      '-',
      ' ',
      '  ',
    ],
    ...[
      '\n',
      '\r\n',
      '\0',
      '|',
      '\x1b[31m',
      '\u0085',
      '\u2028',
      '\t',
      '#',
      ';',
      "'",
      '"',
      '$(id)',
      '`id`',
      '\\',
    ],
    ...[
      'Include',
      'Include /etc/passwd',
      'do not delete',
      'Do  Not\nDelete',
      '(CF_ENABLE)',
      'lfd: ',
      'lfd - ',
      ':',
    ],
    ...[
      'do -not delete',
      'CF_',
      'ENABLE',
      'do',
      'not',
      'delete',
      'Whyblocked: customer’s office',
      '198.51.100.7 # more',
    ],
    ...['a', 'p', 'd', 'P', 'D', 'out', 'in', '22', '_', '/', '(', ')', ',', '.', 'x'.repeat(119)],
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const hostile = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));

const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'));
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 }).map(netIpShort);
const address = fc.oneof(ipv4, ipv6);
const target = fc.oneof(
  address,
  fc.tuple(address, fc.integer({ min: 0, max: 130 })).map(([ip, bits]) => `${ip}/${bits}`),
  fc.constantFrom(
    ...[
      '203.0.113.9',
      '198.51.100.0/24',
      '2001:db8:0:1::abc',
      '2001:db8:1::/48',
      '203.0.113.77/24',
      '::1',
      '127.0.0.1',
    ],
    ...[
      '2001:DB8::1',
      '2001:0db8::1',
      '::ffff:192.0.2.1',
      '192.0.2.1 ',
      ' 192.0.2.1',
      '192.0.2.1\n198.51.100.1',
      'example.com',
    ],
    ...[
      '192.0.2.1 -p 22',
      'tcp|in|d=80|s=192.0.2.1',
      '192.0.2.1/032',
      '192.0.2.1/24/8',
      '0.0.0.0/0',
      '-d',
      '',
      '010.0.0.1',
    ],
  ),
  hostile,
);
const ports = fc.option(
  fc.oneof(
    fc
      .array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 15 })
      .map((list) => list.join(',')),
    fc.constantFrom(
      '80',
      '80,443',
      '0',
      '080',
      '80,',
      ',80',
      '65536',
      '80;udp',
      '*',
      '80 443',
      '80\n',
      '',
      '80 -d out',
    ),
    hostile,
  ),
);
const seconds = fc.oneof(
  fc.integer({ min: -5, max: 40_000_000 }),
  fc.double(),
  fc.constantFrom(0, 1, 2, 3600, 31_536_000, 31_536_001, 1.5, Infinity, -0),
);

const command: fc.Arbitrary<CsfCommand> = fc.oneof(
  fc.record({ kind: fc.constantFrom('deny' as const, 'allow' as const), target, comment: hostile }),
  fc.record({
    kind: fc.constantFrom('temp-deny' as const, 'temp-allow' as const),
    target,
    seconds,
    ports,
    comment: hostile,
  }),
  fc.record({ kind: fc.constantFrom(...REMOVALS), target }),
);

const OPTION: Readonly<Record<CsfCommand['kind'], string>> = {
  deny: '-d',
  allow: '-a',
  'temp-deny': '-td',
  'temp-allow': '-ta',
  'remove-deny': '-dr',
  'remove-allow': '-ar',
  'remove-temp-deny': '-trd',
  'remove-temp-allow': '-tra',
  'remove-temp': '-tr',
  'remove-cluster': '-cr',
};

describe('csf’s arguments', () => {
  test('are read by csf as they were meant, or there are none (property)', () => {
    let made = 0;
    fc.assert(
      fc.property(command, (one) => {
        const argv = csfArgv(one);
        if (argv === null) return;
        made += 1;
        const timed = 'seconds' in one;
        expect(csfReads(argv)).toEqual({
          option: OPTION[one.kind],
          target: one.target,
          seconds: timed ? one.seconds : null,
          ports: timed ? (one.ports ?? '') : '',
          direction: timed ? (one.kind === 'temp-deny' ? 'in' : 'inout') : null,
          comment: 'comment' in one ? csfComment(one.comment) : '',
        });
      }),
      { numRuns: 1500 },
    );
    expect(made).toBeGreaterThan(200);
  });

  test('hold no other option, no control byte and no separator (property)', () => {
    fc.assert(
      fc.property(command, (one) => {
        const argv = csfArgv(one) ?? [];
        expect(argv.slice(1).filter((word) => word.startsWith('-') && word !== '-p')).toEqual([]);
        expect(argv.filter((word) => word === '-p').length).toBe(
          'ports' in one && one.ports !== null && argv.length > 0 ? 1 : 0,
        );
        expect(argv.join('\n')).toMatch(/^[A-Za-z0-9 .,:()_/\n-]*$/);
        expect(argv.every((word) => !word.includes('\n') && word !== '')).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test('make one line that reads back as the entry (property)', () => {
    fc.assert(
      fc.property(command, (one) => {
        const argv = csfArgv(one);
        if (argv === null || !('comment' in one)) return;
        const line = csfWrites(csfReads(argv));
        const wanted = csfComment(one.comment);
        if ('seconds' in one) {
          expect(line.split('\n')).toHaveLength(2);
          const entry = parseTempbanLine(line);
          expect(entry).toMatchObject({
            target: { address: one.target, ports: one.ports },
            ttlSeconds: one.seconds,
            message: null,
          });
          if (wanted !== '') expect(entry?.comment).toBe(wanted);
          return;
        }
        const { entries, includes } = parseCsfListText(line, 'deny');
        expect(includes).toEqual([]);
        expect(entries.map(({ entry }) => entry)).toMatchObject([
          { target: { address: one.target, ports: null }, doNotDelete: false, message: null },
        ]);
        expect(line).not.toContain('Include');
        if (wanted !== '') expect(entries[0]?.entry.comment).toBe(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    [{ kind: 'deny', target: '203.0.113.9', comment: 'x' }, ['-d', '203.0.113.9', 'x']],
    [{ kind: 'allow', target: '203.0.113.9', comment: '' }, ['-a', '203.0.113.9']],
    [
      { kind: 'temp-deny', target: '198.51.100.0/24', seconds: 600, ports: '80,443', comment: 'a - b' },
      ['-td', '198.51.100.0/24', '600', '-p', '80,443', 'a b'],
    ],
    [
      { kind: 'temp-allow', target: '2001:db8:0:1::abc', seconds: 86_400, ports: null, comment: 'x' },
      ['-ta', '2001:db8:0:1::abc', '86400', 'x'],
    ],
    [{ kind: 'remove-deny', target: '203.0.113.9' }, ['-dr', '203.0.113.9']],
    // As an admin wrote it: only so does csf find it.
    [{ kind: 'remove-deny', target: '203.0.113.77/24' }, ['-dr', '203.0.113.77/24']],
    [{ kind: 'remove-allow', target: '203.0.113.9' }, ['-ar', '203.0.113.9']],
    [{ kind: 'remove-temp-deny', target: '203.0.113.9' }, ['-trd', '203.0.113.9']],
    [{ kind: 'remove-temp-allow', target: '203.0.113.9' }, ['-tra', '203.0.113.9']],
    [{ kind: 'remove-temp', target: '203.0.113.9' }, ['-tr', '203.0.113.9']],
    [{ kind: 'remove-cluster', target: '203.0.113.9' }, ['-cr', '203.0.113.9']],
  ] satisfies [CsfCommand, string[]][])('%j', (one, argv) => {
    expect(csfArgv(one)).toEqual(argv);
  });

  test.each([
    ...[
      '127.0.0.1',
      '127.9.9.0/24',
      '::1',
      '::',
      '0.0.0.0',
      '0.0.0.0/0',
      '0.0.0.0/8',
      '::/0',
      '::/64',
      '203.0.113.9/0',
    ],
    ...[
      '128.0.0.0/7',
      '2000::/15',
      '2001:DB8::1',
      '2001:db8:0:0::1',
      '::ffff:192.0.2.1',
      '192.0.2.1/33',
      '192.0.2.1/024',
    ],
    ...[
      '192.0.2.1/24/',
      '192.0.2.1/',
      '192.0.2',
      '192.0.2.01',
      'localhost',
      'example.com',
      'tcp|in|d=80|s=192.0.2.1',
      '',
      ' ',
    ],
    ...['192.0.2.1 # x', '192.0.2.1\0', '192.0.2.1\n', '-p', '--', 'fe80::1%eth0'],
  ])('there are none for the target %j', (text) => {
    expect(csfArgv({ kind: 'deny', target: text, comment: '' })).toBeNull();
    expect(csfArgv({ kind: 'remove-deny', target: text })).toBeNull();
  });

  test.each([
    ['203.0.113.77/24', '2001:db8::1/48'],
    ['203.0.113.77/8', '2001:db8::1/16'],
  ])('a net with host bits is written to no list: %s, %s', (v4, v6) => {
    for (const net of [v4, v6]) {
      expect(csfArgv({ kind: 'deny', target: net, comment: '' })).toBeNull();
      expect(csfArgv({ kind: 'remove-allow', target: net })).toEqual(['-ar', net]);
    }
  });

  test('a time that csf would not take as it is: below 2 s it makes an hour of it', () => {
    const of = (span: number): readonly string[] | null =>
      csfArgv({ kind: 'temp-deny', target: '203.0.113.9', seconds: span, ports: null, comment: '' });
    expect([0, 1, -3, 1.5, NaN, Infinity, 31_536_001].map(of)).toEqual(Array(7).fill(null));
    expect([2, 31_536_000].map((span) => of(span)?.[2])).toEqual(['2', '31536000']);
  });

  test('ports: at most 15, none of them odd', () => {
    const of = (list: string): readonly string[] | null =>
      csfArgv({ kind: 'temp-allow', target: '203.0.113.9', seconds: 60, ports: list, comment: '' });
    const many = (count: number): string => Array.from({ length: count }, (_, index) => index + 1).join(',');
    for (const list of ['', '0', '65536', '080', '80,', '80;udp', '*', '20_30', '80, 443', many(16)])
      expect(of(list)).toBeNull();
    for (const list of ['1', '65535', '80,443', many(15)]) expect(of(list)?.slice(3)).toEqual(['-p', list]);
  });
});

describe('the form of IPv6 addresses', () => {
  test('is the short form of Net::IP (property)', () => {
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const long = groups.map((one) => one.toString(16).padStart(4, '0')).join(':');
        if (groups[0] !== 0) expect(normalizeAddress(long)).toBe(netIpShort(groups));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a comment', () => {
  test.each([
    ['Whyblocked: customer of shop.example.com', 'Whyblocked: customer of shop.example.com'],
    ['x|y -p 22 z', 'x y p 22 z'],
    ['sub-page and log-din, well-known', 'sub_page and log_din, well-known'],
    ['2026-11-22 - done', '2026-11-22 done'],
    ['a\n198.51.100.99 # injected', 'a 198.51.100.99 injected'],
    ['please DO NOT  DELETE it', 'please DO_NOT_DELETE it'],
    ['Included for Include', 'included for include'],
    ['(CF_ENABLE)', '(CF ENABLE)'],
    ['lfd: (mod_security) x', 'lfd (mod_security) x'],
    ['lfd - (mod_security) x', 'lfd (mod_security) x'],
    ['\x1b[31mred\x1b[0m', '31mred 0m'],
    ['- -- ---', ''],
    ['', ''],
    [`${'a'.repeat(119)}-b`, 'a'.repeat(119)],
  ])('%j becomes %j', (text, comment) => {
    expect(csfComment(text)).toBe(comment);
  });

  test('keeps within its alphabet and length, and a second time is the same (property)', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = csfComment(text);
        expect(once).toMatch(/^(?:[A-Za-z0-9.,:()_/](?:[A-Za-z0-9 .,:()_/-]{0,118}[A-Za-z0-9.,:()_/])?)?$/);
        expect(once).not.toMatch(
          /(?:^| )-|-\s*[pPdD]|-(?: |$)| {2}|Include|do not delete|CF_ENABLE|^lfd(?:: | - )/,
        );
        expect(csfComment(once)).toBe(once);
      }),
      { numRuns: 1500 },
    );
  });

  test('of a megabyte takes no time', () => {
    const started = performance.now();
    for (const unit of [' ', '-', '- ', 'lfd:', 'do not ', '\0'])
      csfComment(unit.repeat(1_000_000 / unit.length));
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('as an admin sees it', () => {
  test('a command is what he would type', () => {
    expect(csfShown({ kind: 'remove-deny', target: '203.0.113.9' })).toBe('csf -dr 203.0.113.9');
    expect(
      csfShown({
        kind: 'temp-deny',
        target: '203.0.113.9',
        seconds: 600,
        ports: '80,443',
        comment: 'it’s (me)',
      }),
    ).toBe("csf -td 203.0.113.9 600 -p 80,443 'it s (me)'");
  });

  test('one that is never run shows nothing of its target', () => {
    expect(csfShown({ kind: 'deny', target: '$(id)', comment: 'x' })).toBe('csf -d …');
  });

  test('nothing breaks out of the quotes (property)', () => {
    fc.assert(
      fc.property(command, (one) => {
        expect(csfShown(one)).toMatch(/^csf -[a-z]+(?: [\w.,:/…-]+| '[^'\n]*')*$/);
      }),
    );
  });
});
