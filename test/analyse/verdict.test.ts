// From an incident to the answer: ceilings of poor sources, words, invariances.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gradeOf } from '../../src/analyse/grade.ts';
import { judgeIncident } from '../../src/analyse/judge.ts';
import { clientKind, proxyNets } from '../../src/analyse/proxies.ts';
import { judge, type VerdictFacts } from '../../src/analyse/verdict.ts';
import { GRAMMAR } from '../../src/analyse/patterns/grammar.ts';
import { findValues } from '../../src/analyse/values.ts';
import { ITEMS } from '../../src/analyse/weights.ts';
import type { Evidence, Transaction } from '../../src/model.ts';
import {
  access,
  blocked,
  browsingLines,
  context,
  finding,
  input,
  rawHit,
  request,
  START,
  transaction,
} from './fixtures.ts';

const evidence = (ids: readonly string[]): Evidence[] =>
  ids.map((id) => ({
    id,
    group: ITEMS[id]!.group,
    weight: ITEMS[id]!.weight,
    direction: 'for',
    status: 'present',
    basis: 'known',
    sentence: 'It is.',
    lines: [],
  }));
const facts = (more: Partial<VerdictFacts> = {}): VerdictFacts => ({
  grade: 'A',
  errorLogOnly: false,
  client: 'normal',
  vhosts: 1,
  ...more,
});
const words = (ids: readonly string[], more: Partial<VerdictFacts> = {}): string =>
  judge(evidence(ids), facts(more)).words;

describe('words', () => {
  test.each([
    [
      ['P1b', 'R1b', 'R4', 'R5', 'H4x'],
      {},
      'Almost certainly a scanner, not a customer. Leave the block in place.',
    ],
    [['P1b', 'R5'], {}, 'Very likely a scanner, not a customer. Leave the block in place.'],
    [['R7', 'C4'], {}, 'Very likely a login attack. Leave the block in place.'],
    [
      ['C1', 'P1b'],
      { tool: 'sqlmap' },
      'Almost certainly an attack tool (sqlmap), not a customer. Leave the block in place.',
    ],
    [
      ['Y1b'],
      { site: 'shop.example.com' },
      'Very likely a targeted attack on shop.example.com. Leave the block in place.',
    ],
    [
      ['Y1b'],
      { vhosts: 3 },
      'Very likely an attack: what it asked for is hostile. Leave the block in place.',
    ],
    [
      ['H1', 'H4', 'H5', 'X3'],
      {},
      'Very probably a false alarm: an ordinary visitor was stopped. Fix the rule, then unblock.',
    ],
    [['H1'], {}, 'Probably a false alarm: an ordinary visitor was stopped. Fix the rule, then unblock.'],
    [['Y7'], {}, "Probably a false alarm: the rule looked at the site's answer. Fix the rule, then unblock."],
    [
      ['P1b'],
      { grade: 'D' },
      'Cannot be decided: the mail proves a script, but the logs that say what it wanted are gone.',
    ],
    [[], { grade: 'D' }, 'Cannot be decided: only the mail is left, and it does not say what was asked for.'],
    [
      ['P2', 'C2'],
      {},
      'Scripted, but nothing hostile in what it asked. Is it a monitor or a program of yours?',
    ],
    [
      ['Y1', 'H1', 'H4'],
      { families: ['sqli'] },
      'Looks like a person, but the text is an SQL trick: a tester or a targeted try.',
    ],
    [['Y6', 'H1', 'H4'], {}, 'Looks like a person, but a rule reacted to a text that nothing here explains.'],
    [['Y1c', 'H1'], {}, 'Looks like a person who saved code in a page, but no login is in the logs.'],
  ] as const)('%p %p', (ids, more, text) => {
    expect(words(ids, more)).toBe(text);
  });

  test.each([
    [['R7', 'C1', 'R1b'], 'login attack'],
    [['C1', 'R1b'], 'named tool'],
    [['X2', 'R1b'], 'campaign'],
    [['R1b'], 'scanner'],
    [['Y1b', 'P1'], 'scanner'],
    [['Y1b'], 'targeted'],
    [['R1'], 'hostile request'],
  ])('%p is a %s', (ids, sub) => {
    expect(judge(evidence(ids), facts())).toMatchObject({ label: 'attack', sub });
  });

  test('an unclear case says what would decide it, the others do not', () => {
    expect(judge(evidence(['Y1c', 'H1']), facts({ site: 'shop.example.com' })).wouldDecide).toBe(
      'a login POST from this address in the log of shop.example.com or your own knowledge of who edits shop.example.com',
    );
    expect(judge(evidence(['P2']), facts()).wouldDecide).toContain('mark the client as known');
    expect(
      judge(
        evidence([]),
        facts({ grade: 'C', has: { errorLog: true, auditLog: false, accessLog: false, mailOnly: false } }),
      ).wouldDecide,
    ).toContain('access log');
    expect(judge(evidence(['R1b']), facts()).wouldDecide).toBeNull();
  });

  test('every verdict is one or two plain sentences', () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(ITEMS)), fc.constantFrom('A', 'B', 'C', 'D'), (ids, grade) => {
        expect(words(ids, { grade })).toMatch(/^[A-Z][^!]*[.?]$/);
      }),
    );
  });
});

describe('ceilings', () => {
  test('a mail or an error_log alone never gives a false alarm, nor certainty', () => {
    for (const more of [{ grade: 'D' }, { grade: 'C', errorLogOnly: true }] as const) {
      expect(judge(evidence(['H1', 'H4', 'X1b']), facts(more)).label).toBe('unclear');
      expect(words(['R1b', 'C1', 'P1b'], more)).toMatch(/^Very likely/);
    }
  });
  test('grades', () => {
    const has = (errorLog: boolean, auditLog: boolean, accessLog: boolean, mailOnly = false) =>
      gradeOf({ errorLog, auditLog, accessLog, mailOnly });
    expect([
      has(true, true, true),
      has(true, false, true),
      has(true, true, false),
      has(true, false, false),
      has(false, false, true),
      has(true, true, true, true),
    ]).toEqual(['A', 'B', 'C', 'C', 'D', 'D']);
    expect(has(false, true, true)).toBe('A');
  });
  test('the server itself and shared proxies get no verdict on a visitor', () => {
    expect(judge(evidence(['R1b']), facts({ client: 'local' })).label).toBe('local');
    expect(judge(evidence(['H1', 'H4']), facts({ client: 'proxy' })).label).toBe('not-attributable');
    expect(clientKind('127.0.0.1', [])).toBe('local');
    expect(clientKind('::1', [])).toBe('local');
    expect(clientKind('2001:DB8::7', ['2001:db8:0::7'])).toBe('local');
    expect(clientKind('104.16.3.4', [])).toBe('proxy');
    expect(clientKind('::ffff:162.158.1.1', [])).toBe('proxy');
    expect(clientKind('2606:4700:10::1', [])).toBe('proxy');
    expect(clientKind('198.51.100.9', [], proxyNets({ own: ['198.51.100.0/24'] }))).toBe('proxy');
    expect(clientKind('203.0.113.7', ['192.0.2.1'])).toBe('normal');
    expect(clientKind('garbage', ['garbage'])).toBe('normal');
  });
});

describe('whole incidents', () => {
  const noSources = { errorLog: true, auditLog: false, accessLog: false, mailOnly: false };
  const story = Array.from({ length: 10 }, (_, index) =>
    transaction(`s${index}`, index * 140, { vhost: 'host.example.net', path: '/', hits: [blocked(8)] }),
  );

  test('the story with its error_log: very likely a scanner', () => {
    const { verdict } = judgeIncident(input({ transactions: story, has: noSources }));
    expect(verdict).toMatchObject({
      label: 'attack',
      sub: 'scanner',
      logOdds: 4.5,
      words:
        'Without the audit log and access log: very likely a scanner, not a customer. Leave the block in place.',
    });
  });
  test('the story with the mail only, host cut out: cannot be decided', () => {
    const mail = story.map((one) => ({ ...one, vhost: null, path: null, sources: ['mail' as const] }));
    const { verdict } = judgeIncident(
      input({ transactions: mail, has: { ...noSources, errorLog: false, mailOnly: true } }),
    );
    expect(verdict).toMatchObject({ label: 'unclear', logOdds: 2.5 });
    expect(verdict.words).toContain('the mail proves a script');
  });

  const visitor = (findings: Transaction['findings']): Transaction[] => [
    transaction('v', 0, {
      findings,
      request: request({ method: 'POST', uri: '/contact.php' }),
      path: '/contact.php',
    }),
  ];
  const judged = (findings: Transaction['findings'], sources = true) =>
    judgeIncident(
      input({ transactions: visitor(findings), context: sources ? context(browsingLines()) : null }),
    ).verdict.label;

  test('a browsing visitor is a false alarm, unless something hostile or unexplained was sent', () => {
    const explained = finding({ outcome: 'none', explained: true, grammar: [], families: [] });
    expect(judged([explained])).toBe('false-positive');
    expect(judged([explained], false)).toBe('unclear');
    expect(judged([{ ...explained, explained: false }])).toBe('unclear');
    expect(judged([finding()])).toBe('unclear');
    expect(judged(['a', 'b', 'c'].map((excerpt) => finding({ excerpt })))).toBe('attack');
    expect(judged([finding({ outcome: 'author' })])).toBe('unclear');
  });

  test('every hostile text in id, q, message and pwd of a browsing visitor: never a false alarm', () => {
    for (const entry of GRAMMAR.filter((one) => one.id !== 'upload-exec')) {
      for (const text of entry.hostile) {
        for (const name of ['id', 'q', 'message', 'pwd']) {
          const hits = [
            rawHit('942100', {
              target: `ARGS:${name}`,
              data: `Matched Data: x found within ARGS:${name}: ${text}`,
            }),
          ];
          const args = [{ name, value: text, where: 'body' as const }];
          const found = findValues(
            { path: '/contact.php', method: 'POST', args, headers: [], uri: '/contact.php', hits },
            (value) => value,
          );
          expect(judged(found)).not.toBe('false-positive');
        }
      }
    }
  });

  test('order and repeats of transactions, access lines and the day change nothing', () => {
    const lines = [
      ...browsingLines(),
      access(50_000, '/.env'),
      access(51_000, '/x?id=1%27%20or%20%271%27=%271'),
    ];
    const list = [...visitor([finding()]), ...story];
    const judgeThem = (transactions: readonly Transaction[], hits: typeof lines) =>
      judgeIncident(input({ transactions, context: context(hits), day: transactions })).verdict;
    const expected = judgeThem(list, lines);
    fc.assert(
      fc.property(fc.shuffledSubarray(list, { minLength: list.length }), (shuffled) => {
        expect(judgeThem([...shuffled, ...shuffled.slice(0, 3)], lines)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('taking a source away never makes a false alarm', () => {
    const pieces = {
      findings: fc.subarray([
        finding(),
        finding({ outcome: 'author' }),
        finding({ outcome: 'none', explained: true }),
        finding({ outcome: 'none' }),
      ]),
      browsed: fc.boolean(),
      path: fc.constantFrom('/contact.php', '/.env', '/'),
      count: fc.integer({ min: 1, max: 12 }),
    };
    fc.assert(
      fc.property(fc.record(pieces), ({ findings, browsed, path, count }) => {
        const transactions = Array.from({ length: count }, (_, index) =>
          transaction(`t${index}`, index * 100, { findings, path, request: request({ uri: path }) }),
        );
        const lines = context(browsed ? browsingLines() : []);
        const full = judgeIncident(input({ transactions, context: lines })).verdict.label;
        const bare = transactions.map((one) => ({ ...one, request: null }));
        const poorer = [
          judgeIncident(input({ transactions, context: null })),
          judgeIncident(input({ transactions, context: lines, contextCovered: false })),
          judgeIncident(input({ transactions: bare, context: null, has: noSources })),
        ];
        if (full === 'false-positive') return;
        for (const { verdict } of poorer) expect(verdict.label).not.toBe('false-positive');
      }),
      { numRuns: 200 },
    );
  });

  test('an empty incident is unclear', () => {
    expect(judgeIncident(input()).verdict).toMatchObject({ label: 'unclear', logOdds: 0 });
    expect(START).toBeGreaterThan(0);
  });
});
