// Somebody who browses like a customer and does one hostile thing: whatever it is, no false alarm.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { judgeIncident } from '../../src/analyse/judge.ts';
import { GRAMMAR } from '../../src/analyse/patterns/grammar.ts';
import { findValues } from '../../src/analyse/values.ts';
import { browsingLines, context, input, rawHit, transaction } from '../analyse/fixtures.ts';
import { CASES } from './golden.ts';
import { tell, type Told } from './kit.ts';
import { MACHINES } from './scenario-machines.ts';
import { PEOPLE } from './scenario-people.ts';
import { SHARED } from './scenario-shared.ts';
import { hit, posted, refused, type Sent, sqli, type Story, visit } from './story.ts';

const SQL = "1' OR '1'='1";
const HARMLESS = 'Please drop the table at my door and select a lamp from the shop';
const flagged = (rule: string, target: string, value: string, more: Partial<Sent> = {}): Sent => ({
  at: 0,
  uri: '/products/',
  hits: [hit(rule, target, value, value.slice(0, 10))],
  ...more,
});

const HOSTILE: Readonly<Record<string, readonly Sent[]>> = {
  'SQL in a consent cookie': [
    flagged('942100', 'REQUEST_COOKIES:cookieyes-consent', SQL, {
      headers: { Cookie: `cookieyes-consent=${SQL}` },
    }),
  ],
  'SQL in a cookie of the shop': [
    flagged('942100', 'REQUEST_COOKIES:basket', SQL, { headers: { Cookie: `basket=${SQL}` } }),
  ],
  'SQL as referer': [flagged('942100', 'REQUEST_HEADERS:Referer', SQL, { referer: SQL })],
  'SQL behind an address as referer': [
    flagged('942100', 'REQUEST_HEADERS:Referer', `https://x.example.net/?a=${SQL}`, {
      referer: `https://x.example.net/?a=${SQL}`,
    }),
  ],
  'SQL in a header of proxies': [
    flagged('942100', 'REQUEST_HEADERS:X-Forwarded-For', SQL, { headers: { 'X-Forwarded-For': SQL } }),
  ],
  'SQL in an advertising code': [sqli(0, ['/products/', 'utm_source'], SQL)],
  'a quote that the database complains about': [
    flagged('951220', 'RESPONSE_BODY', 'SQL error', { uri: '/product.php?id=1%27', status: 403 }),
  ],
  'a value nothing explains two hours before': [sqli(-7200, ['/list.php', 'sort'], 'a%b"c'), refused(0)],
  'SQL in one field, the rule in another': [
    posted(0, ['/contact/', '942360', 'message'], { message: HARMLESS, name: SQL }),
  ],
  'SQL in JSON beside a harmless text': [
    flagged('942360', 'ARGS:json.note', HARMLESS, {
      uri: '/api/notes',
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ note: HARMLESS, id: SQL }),
    }),
  ],
  'SQL encoded twice': [
    flagged('942100', 'ARGS:q', '%27%20OR%201%3D1--', { uri: '/search?q=%2527%2520OR%25201%253D1--' }),
  ],
  'SQL in the path': [flagged('942100', 'REQUEST_FILENAME', `/p/${SQL}`, { uri: "/p/1'%20OR%20'1'='1" })],
  'SQL with comments for blanks': [sqli(0, ['/search', 'q'], "1'/**/OR/**/'1'='1")],
  ...Object.fromEntries(
    [SQL, '<script>alert(1)</script>', '../../../../etc/passwd'].map((end) => [
      `five thousand harmless letters, then ${end}`,
      [
        posted(0, ['/contact/', '942100', 'message'], {
          message: `${'Thank you all for coming to the old mill on Saturday. '.repeat(100)}${end}`,
        }),
      ],
    ]),
  ),
};

describe('on raw logs', () => {
  const golden: readonly Story[] = Object.entries({ ...MACHINES, ...PEOPLE, ...SHARED })
    .filter(([, { mail }]) => mail === undefined)
    .map(([name, story]) => ({
      ...story,
      name: `${name}, and one exploit`,
      sent: [...story.sent, sqli(14, ['/another.php', 'id'], SQL)],
    }));
  const stories: readonly Story[] = [
    ...Object.entries(HOSTILE).map(([name, sent]): Story => ({ name, sent: [...visit(), ...sent] })),
    ...golden,
  ];
  let told: ReadonlyMap<string, Told> = new Map();
  beforeAll(async () => {
    told = await tell(stories);
  }, 60_000);

  test.each(stories.map(({ name }) => name))('%s', (name) => {
    expect(['attack', 'unclear']).toContain(told.get(name)?.verdict?.label);
  });

  test('an attack with one exploit more is an attack', () => {
    const attacks = new Set(
      CASES.filter((one) => one.expect === 'attack').map(({ name }) => `${name}, and one exploit`),
    );
    const labels = stories
      .filter(({ name }) => attacks.has(name))
      .map(({ name }) => told.get(name)?.verdict?.label);
    expect(labels.length).toBeGreaterThan(8);
    expect(new Set(labels)).toEqual(new Set(['attack']));
  });
});

test('every hostile text that only the data of a hit shows, in id, q, message and pwd', () => {
  const innocent: string[] = [];
  for (const entry of GRAMMAR.filter((one) => one.id !== 'upload-exec')) {
    for (const text of entry.hostile) {
      for (const name of ['id', 'q', 'message', 'pwd']) {
        const data = `Matched Data: x found within ARGS:${name}: ${text}`;
        const findings = findValues(
          {
            path: '/contact.php',
            method: null,
            args: [],
            headers: [],
            uri: null,
            hits: [rawHit('942100', { target: `ARGS:${name}`, data })],
          },
          (value) => value,
        );
        const transactions = [transaction('v', 0, { path: '/contact.php', findings })];
        const has = { errorLog: true, auditLog: false, accessLog: true, mailOnly: false };
        const { verdict } = judgeIncident(input({ transactions, context: context(browsingLines()), has }));
        if (verdict.label === 'false-positive') innocent.push(`${name}: ${text}`);
      }
    }
  }
  expect(innocent).toEqual([]);
});
