// Reverse DNS against a nameserver on the loopback that this test answers for.
import { afterEach, describe, expect, it } from '@jest/globals';
import { createSocket } from 'node:dgram';
import { openDns } from '../../src/host/dns.ts';
import type { ReverseName } from '../../src/model-evidence.ts';
import { arpaName } from '../../src/parse/arpa-name.ts';
import {
  type DnsAnswer,
  type DnsServer,
  encodeName,
  NO_SUCH_NAME,
  REFUSED,
  SERVER_FAILURE,
  startDns,
} from './dns-server.ts';

const LOCAL = '1.0.0.127.in-addr.arpa PTR';
let server: DnsServer | null = null;

afterEach(async () => {
  await server?.stop();
  server = null;
});

/** Answers by address and by `NAME TYPE`. */
async function serve(answers: Readonly<Record<string, DnsAnswer>>, delayMs = 0): Promise<string[]> {
  const table = new Map(
    Object.entries(answers).map(([key, answer]) => [
      key.includes(' ') ? key : `${arpaName(key) ?? key} PTR`,
      answer,
    ]),
  );
  server = await startDns((question) => table.get(question), delayMs);
  return [server.address];
}

async function askOne(
  servers: readonly string[],
  address: string,
): Promise<Pick<ReverseName, 'state' | 'name'> | null> {
  const found = (await openDns({ servers, tryMs: 150 }).ask([address], 3000)).get(address);
  return found === undefined ? null : { state: found.state, name: found.name };
}

describe('names that lead back', () => {
  it('are confirmed, IPv4 and IPv6', async () => {
    const servers = await serve({
      '203.0.113.7': { names: ['Crawl-7.Bot.Example.COM'] },
      'crawl-7.bot.example.com A': { addresses: ['198.51.100.1', '203.0.113.7'] },
      '2001:db8::7': { names: ['six.example.org'] },
      'six.example.org AAAA': { addresses: ['2001:db8:0::7'] },
    });
    const at = 1_700_000_000_000;
    const answers = await openDns({ servers, clock: () => at }).ask(['203.0.113.7', '2001:db8::7'], 3000);
    expect([...answers]).toEqual([
      ['203.0.113.7', { state: 'confirmed', name: 'crawl-7.bot.example.com', at }],
      ['2001:db8::7', { state: 'confirmed', name: 'six.example.org', at }],
    ]);
  });

  it('may be any of several', async () => {
    const servers = await serve({
      '203.0.113.7': { names: ['first.example.com', 'bad name.example.com', 'second.example.com'] },
      'first.example.com A': 'silence',
      'second.example.com A': { addresses: ['203.0.113.7'] },
    });
    expect(await askOne(servers, '203.0.113.7')).toEqual({ state: 'confirmed', name: 'second.example.com' });
    expect(server?.asked.some((question) => question.includes('bad name'))).toBe(false);
  });

  it('are looked up for five names at most', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `n${index}.example.com`);
    const servers = await serve({ '203.0.113.7': { names } });
    expect(await askOne(servers, '203.0.113.7')).toEqual({ state: 'mismatch', name: 'n0.example.com' });
    expect(server?.asked.filter((question) => question.endsWith(' A'))).toHaveLength(5);
  });
});

describe('other answers', () => {
  it.each<[string, Readonly<Record<string, DnsAnswer>>, Pick<ReverseName, 'state' | 'name'>]>([
    ['no such name', { '203.0.113.7': NO_SUCH_NAME }, { state: 'none', name: null }],
    ['no record', { '203.0.113.7': { names: [] } }, { state: 'none', name: null }],
    [
      'a name without addresses',
      { '203.0.113.7': { names: ['a.example.com'] } },
      { state: 'mismatch', name: 'a.example.com' },
    ],
    [
      "another's name",
      {
        '203.0.113.7': { names: ['crawl.googlebot.com'] },
        'crawl.googlebot.com A': { addresses: ['192.0.2.1'] },
      },
      { state: 'mismatch', name: 'crawl.googlebot.com' },
    ],
    ['failure of the nameserver', { '203.0.113.7': SERVER_FAILURE }, { state: 'unknown', name: null }],
    ['refusal', { '203.0.113.7': REFUSED }, { state: 'unknown', name: null }],
    ['silence', { '203.0.113.7': 'silence' }, { state: 'unknown', name: null }],
    [
      'silence about the name',
      { '203.0.113.7': { names: ['a.example.com'] }, 'a.example.com A': 'silence' },
      { state: 'unknown', name: null },
    ],
    [
      'garbage',
      { '203.0.113.7': { bytes: Buffer.from('\xff'.repeat(300), 'latin1') } },
      { state: 'unknown', name: null },
    ],
    ['an empty answer', { '203.0.113.7': { bytes: Buffer.alloc(0) } }, { state: 'unknown', name: null }],
  ])('%s', async (_, answers, expected) => {
    expect(await askOne(await serve(answers), '203.0.113.7')).toEqual(expected);
  });

  it.each([
    ['control bytes', 'a\x1b[31m\n.example.com'],
    ['markup', '<script>alert(1)</script>.example.com'],
    ['other bytes', '\xff\xfe.example.com'],
    ['one label', 'localhost'],
    ['an address', '192.0.2.1'],
    ['blanks', 'a b.example.com'],
  ])('a name with %s is never given out', async (_, name) => {
    const answer = await askOne(await serve({ '203.0.113.7': { names: [encodeName(name)] } }), '203.0.113.7');
    expect(answer?.name).toBeNull();
    expect(['mismatch', 'unknown']).toContain(answer?.state);
  });

  it('a huge answer ends in time', async () => {
    const names = Array.from({ length: 300 }, (_, index) =>
      encodeName(`${'x'.repeat(60)}${index}.${'y'.repeat(60)}.example.com`),
    );
    const servers = await serve({ '203.0.113.7': { names } });
    const started = performance.now();
    expect(['mismatch', 'unknown']).toContain((await askOne(servers, '203.0.113.7'))?.state);
    expect(performance.now() - started).toBeLessThan(2500);
  });

  it('what is no address is not asked for', async () => {
    const servers = await serve({});
    for (const text of ['', 'shop.example.com', '203.0.113.0/24', 'fe80::1%eth0'])
      expect(await askOne(servers, text)).toEqual({ state: 'none', name: null });
    expect(server?.asked).toEqual([]);
  });
});

describe('many addresses', () => {
  const many = Array.from({ length: 40 }, (_, index) => `198.51.100.${index}`);

  it('are asked for eight at once, each once', async () => {
    const servers = await serve({}, 20);
    const answers = await openDns({ servers }).ask([...many, ...many], 5000);
    expect(answers.size).toBe(40);
    expect([...answers.values()].every(({ state }) => state === 'none')).toBe(true);
    expect(server?.asked).toHaveLength(40);
    expect(server?.most()).toBe(8);
  });

  it('end at the limit; those without an answer are left out', async () => {
    const servers = await serve({}, 100);
    const started = performance.now();
    const answers = await openDns({ servers }).ask(many, 250);
    expect(performance.now() - started).toBeLessThan(600);
    expect(answers.size).toBe(16);
  });
});

describe('without network', () => {
  it('a refused connection pauses it for ten minutes', async () => {
    const port = await freePort();
    let now = 1_000_000;
    const dns = openDns({ servers: [`127.0.0.1:${port}`], tryMs: 150, clock: () => now });
    const first = await dns.ask(['203.0.113.7'], 2000);
    expect(first.get('203.0.113.7')).toEqual({ state: 'unknown', name: null, at: now });
    now += 599_000;
    expect((await dns.ask(['203.0.113.8'], 2000)).size).toBe(0);
    now += 1000;
    expect((await dns.ask(['203.0.113.8'], 2000)).size).toBe(1);
  });

  it('silence pauses it after three questions, also of the resolver about itself', async () => {
    const silent = Object.fromEntries(
      [...Array(30).keys()].map((index) => [`203.0.113.${index}`, 'silence' as const]),
    );
    const servers = await serve({ ...silent, [LOCAL]: 'silence' });
    const now = 1_000_000;
    const dns = openDns({ servers, tryMs: 100, clock: () => now });
    const silentCount = Object.keys(silent).length;
    const answers = await dns.ask(Object.keys(silent), 5000);
    expect(answers.size).toBeGreaterThanOrEqual(3);
    expect(answers.size).toBeLessThan(silentCount);
    const before = server?.asked.length;
    expect((await dns.ask(['198.51.100.1'], 2000)).size).toBe(0);
    expect(server?.asked).toHaveLength(before ?? -1);
  });

  it('zones that never answer do not stop the questions about others', async () => {
    const silent = [...Array(24).keys()].map((index) => `203.0.113.${index}`);
    const servers = await serve({
      ...Object.fromEntries(silent.map((address) => [address, 'silence' as const])),
      [LOCAL]: { names: ['localhost'] },
      '198.51.100.1': { names: ['a.example.com'] },
      'a.example.com A': { addresses: ['198.51.100.1'] },
    });
    const answers = await openDns({ servers, tryMs: 100 }).ask([...silent, '198.51.100.1'], 5000);
    expect(answers.get('198.51.100.1')).toMatchObject({ state: 'confirmed' });
    expect(answers.get('203.0.113.3')).toMatchObject({ state: 'unknown', name: null });
  });
});

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) =>
    socket.close(() => {
      resolve();
    }),
  );
  return port;
}
