// Exclusions applied by the product on a real Apache: what changes, what does not, and the way back.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing } from './apache.ts';
import { product, type Product } from './product.ts';
import type { BedRequest } from './send.ts';
import { SHOP, STATIC } from './sites.ts';

const missing = bedMissing();
if (missing.length > 0)
  console.warn(`SKIPPED: exclusions on a real Apache, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : describe;

const SQLI = "1' OR '1'='1";
const enc = encodeURIComponent;

/** Numbers of the exclusions that an applied act made. */
function madeBy(value: Record<string, unknown>): number[] {
  return (value.change as { exclusions: number[] }).exclusions;
}

suite('CRS 3: every scope', () => {
  let made: Product;
  const get = (host: string, path: string, more: Partial<BedRequest> = {}): Promise<number> =>
    made.bed.send({ host, path, client: '198.51.100.7', ...more }).then(({ status }) => status);
  const attack = (path: string, arg: string): string => `${path}?${arg}=${enc(SQLI)}`;

  beforeAll(async () => {
    made = await product('3');
  }, 60_000);
  afterAll(async () => {
    await made.bed.stop();
  });

  interface Case {
    readonly name: string;
    readonly options: readonly string[];
    /** [host, path] that pass with it. */
    readonly freed: readonly (readonly [string, string])[];
    readonly refused: readonly (readonly [string, string])[];
  }
  const shop = SHOP.servername;
  const other = STATIC.servername;
  const cases: readonly Case[] = [
    {
      name: 'target on a path',
      options: ['--rule', '942100', '--target', 'ARGS:id', '--path', '/product.php'],
      freed: [
        [shop, attack('/product.php', 'id')],
        ['www.shop.example.com', attack('/product.php', 'id')],
      ],
      refused: [
        [shop, attack('/product.php', 'q')],
        [shop, attack('/search.php', 'id')],
        [other, attack('/product.php', 'id')],
      ],
    },
    {
      name: 'target on the vhost',
      options: ['--rule', '942100', '--target', 'ARGS:id'],
      freed: [
        [shop, attack('/product.php', 'id')],
        [shop, attack('/search.php', 'id')],
      ],
      refused: [
        [shop, attack('/product.php', 'q')],
        [other, attack('/', 'id')],
      ],
    },
    {
      name: 'rule on a path',
      options: ['--rule', '942100', '--path', '/product*'],
      freed: [
        [shop, attack('/product.php', 'id')],
        [shop, attack('/product.php', 'q')],
      ],
      refused: [
        [shop, attack('/search.php', 'id')],
        [other, attack('/product.php', 'id')],
      ],
    },
    {
      name: 'rule on the vhost',
      options: ['--rule', '942100'],
      freed: [
        [shop, attack('/product.php', 'id')],
        [shop, attack('/search.php', 'q')],
      ],
      refused: [
        [shop, '/product.php?id=%3Cscript%3Ealert(1)%3C/script%3E'],
        [other, attack('/', 'id')],
      ],
    },
    {
      name: 'tag on the vhost',
      options: ['--tag', 'attack-sqli'],
      freed: [
        [shop, attack('/product.php', 'id')],
        [shop, attack('/search.php', 'q')],
      ],
      refused: [
        [shop, '/product.php?id=%3Cscript%3Ealert(1)%3C/script%3E'],
        [other, attack('/', 'id')],
      ],
    },
    {
      name: 'engine off for an hour',
      options: ['--engine-off', '--expires', '1h'],
      freed: [
        [shop, attack('/product.php', 'id')],
        [shop, '/product.php?id=%3Cscript%3Ealert(1)%3C/script%3E'],
      ],
      refused: [[other, attack('/', 'id')]],
    },
  ];

  test.each(cases)(
    '$name: std and ssl, applied and taken back',
    async ({ options, freed, refused }) => {
      const statuses = async (): Promise<number[][]> =>
        Promise.all(
          [freed, refused].map((list) =>
            Promise.all(list.flatMap(([host, path]) => [get(host, path), get(host, path, { tls: true })])),
          ),
        );
      const before = await statuses();
      expect(new Set(before.flat())).toEqual(new Set([403]));
      const { code, value } = await made.json([
        'exclude',
        '--vhost',
        'shop.example.com',
        ...options,
        '--reason',
        'ticket 7',
        '--yes',
      ]);
      expect({ code, sentence: value.sentence }).toMatchObject({ code: 0 });
      const [now = [], still = []] = await statuses();
      expect(new Set(now)).toEqual(new Set([200]));
      expect(new Set(still)).toEqual(new Set([403]));
      for (const id of madeBy(value)) {
        const back = await made.json(['revert', String(id), '--reason', 'tried enough', '--yes']);
        expect(back.code).toBe(0);
      }
      expect(new Set((await statuses()).flat())).toEqual(new Set([403]));
      expect(made.bed.configTest().ok).toBe(true);
    },
    90_000,
  );

  test('the last exclusion leaves a comment-only file in both folders', () => {
    const folder = join(made.bed.root, 'etc/apache2/conf.d/userdata');
    for (const kind of ['std', 'ssl']) {
      const home = join(folder, kind, '2_4/shopuser/shop.example.com');
      expect(readdirSync(home)).toEqual(['whyblocked.conf']);
      const text = readFileSync(join(home, 'whyblocked.conf'), 'latin1');
      expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
    }
  });

  test.each([
    ['949110 only adds up', ['--rule', '949110'], /only adds up/],
    ['an unknown id', ['--rule', '1234567'], /1234567/],
    ['a tag that blocking rules carry', ['--tag', 'attack-generic'], /949110/],
    ['a collection the rule does not name', ['--rule', '942100', '--target', 'ARGS_GET:id'], /ARGS_GET/],
    ['a regular expression as target', ['--rule', '942100', '--target', 'ARGS:/^i/'], /./],
  ])('refused with a reason and nothing written: %s', async (_, options, words) => {
    const folder = join(made.bed.root, 'etc/apache2/conf.d/userdata/std/2_4/statuser');
    const { code, out, err } = await made.run([
      'exclude',
      '--vhost',
      'static.example.net',
      ...options,
      '--reason',
      'x',
      '--yes',
    ]);
    expect(code).toBe(1);
    expect(out + err).toMatch(words);
    expect(existsSync(folder)).toBe(false);
  });

  test('without a terminal and --yes nothing is changed', async () => {
    const { code, out } = await made.run(['exclude', '--vhost', 'static.example.net', '--rule', '942100']);
    expect(code).toBe(0);
    expect(out).toContain('dry run');
    expect(existsSync(join(made.bed.root, 'etc/apache2/conf.d/userdata/std/2_4/statuser'))).toBe(false);
  });
});

suite('CRS 4: rules of phase 1', () => {
  let made: Product;
  beforeAll(async () => {
    made = await product('4ish');
  }, 60_000);
  afterAll(async () => {
    await made.bed.stop();
  });

  test('a path cannot reach them, the vhost can; taken back they fire again', async () => {
    const scan = (host: string, tls: boolean): Promise<number> =>
      made.bed
        .send({
          host,
          path: '/product.php',
          tls,
          headers: { 'User-Agent': 'sqlmap/1.7' },
          client: '198.51.100.8',
        })
        .then(({ status }) => status);
    expect([await scan('shop.example.com', false), await scan('shop.example.com', true)]).toEqual([403, 403]);
    const path = await made.run([
      'exclude',
      '--vhost',
      'shop.example.com',
      '--rule',
      '913100',
      '--path',
      '/product.php',
      '--reason',
      'x',
      '--yes',
    ]);
    expect(path.code).toBe(1);
    expect(path.out + path.err).toMatch(/phase 1/);
    const whole = await made.json([
      'exclude',
      '--vhost',
      'shop.example.com',
      '--rule',
      '913100',
      '--reason',
      'our own scanner',
      '--yes',
    ]);
    expect(whole.code).toBe(0);
    expect([await scan('shop.example.com', false), await scan('shop.example.com', true)]).toEqual([200, 200]);
    expect(await scan('static.example.net', false)).toBe(403);
    for (const id of madeBy(whole.value))
      expect((await made.json(['revert', String(id), '--reason', 'done', '--yes'])).code).toBe(0);
    expect([await scan('shop.example.com', false), await scan('shop.example.com', true)]).toEqual([403, 403]);
  }, 90_000);
});
