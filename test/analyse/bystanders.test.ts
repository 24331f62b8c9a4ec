// Somebody who reads a site behind a scanner's address is seen, though no rule stopped them.
import { expect, test } from '@jest/globals';
import { bystandersOf } from '../../src/analyse/bystanders.ts';
import { judgeIncident } from '../../src/analyse/judge.ts';
import type { AccessHit, Transaction } from '../../src/model.ts';
import { access, browsingLines, context, finding, input, request, transaction } from './fixtures.ts';

const TOOL = 'Mozilla/5.0 zgrab/0.x';
const scan: readonly Transaction[] = Array.from({ length: 12 }, (_, nth) =>
  transaction(`s${nth}`, nth * 100, {
    path: '/.env',
    request: request({ uri: '/.env', userAgent: TOOL }),
    findings: [finding({ hash: `h${nth}`, excerpt: `${nth}' OR '1'='1` })],
  }),
);
const judged = (lines: readonly AccessHit[], transactions = scan) =>
  judgeIncident(input({ transactions, day: transactions, context: context(lines) }));

test('the reader is told apart, the address stays an attack, and the words name both', () => {
  const { verdict, actors } = judged(browsingLines());
  expect(actors.map(({ agents, requests, verdict: own }) => [agents.length, requests, own.label])).toEqual([
    [1, 12, 'attack'],
    [1, 0, 'false-positive'],
  ]);
  expect(actors[0]?.agents).toEqual([TOOL]);
  expect(actors[1]?.evidence[0]).toMatchObject({ id: 'H1', status: 'present' });
  expect(verdict.label).toBe('attack');
  expect(verdict.words).toContain('Another visitor behind the same address looks ordinary.');
  expect(verdict.words).not.toContain('Leave the block in place');
});

test.each([
  ['reads too little', browsingLines().slice(0, 6)],
  ['asks for a hidden file too', [...browsingLines(), access(30_000, '/.git/config')]],
  ['sends an attack too', [...browsingLines(), access(30_000, '/p.php?id=1%27%20OR%20%271%27=%271')]],
  [
    'reads too fast',
    [...browsingLines(), ...[1, 2, 3, 4, 5].map((nth) => access(nth * 100, `/fast-${nth}.html`))],
  ],
  ['is the program of the flagged requests', browsingLines().map((hit) => ({ ...hit, userAgent: TOOL }))],
  ['has no name', browsingLines().map((hit) => ({ ...hit, userAgent: null }))],
  [
    'is one of many names',
    [
      ...browsingLines(),
      ...Array.from({ length: 8 }, (_, nth) => access(nth, '/', { userAgent: `Look/${nth}` })),
    ],
  ],
])('nobody is told apart who %s', (_name, lines) => {
  expect(judged(lines).actors).toEqual([]);
});

test('without records nobody can tell whose requests were flagged', () => {
  const bare = scan.map((one) => ({ ...one, request: null }));
  expect(bystandersOf(input({ transactions: bare, context: context(browsingLines()) }))).toEqual([]);
});
