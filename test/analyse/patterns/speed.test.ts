// No expression of the tables takes long on texts made of its own pieces: a catastrophe would take minutes.
import { describe, expect, test } from '@jest/globals';
import { ASYNC_PATHS } from '../../../src/analyse/patterns/async-paths.ts';
import { TOOL_ENTRIES } from '../../../src/analyse/patterns/attack-tools.ts';
import { AUTHOR_FIELDS } from '../../../src/analyse/patterns/authors.ts';
import { LABEL_ENTRIES, LIBRARY_ENTRIES } from '../../../src/analyse/patterns/clients.ts';
import { ENUMERATION, NO_ENUMERATION } from '../../../src/analyse/patterns/enumeration.ts';
import { FIELDS, FREE, PASSWORD, SEARCH, URL_FIELDS } from '../../../src/analyse/patterns/fields.ts';
import { GRAMMAR } from '../../../src/analyse/patterns/grammar.ts';
import { CMS_LOGINS } from '../../../src/analyse/patterns/login-cms.ts';
import { TOOL_LOGINS } from '../../../src/analyse/patterns/login-tools.ts';
import { PAIRS } from '../../../src/analyse/patterns/pair-entries.ts';
import * as probeEntries from '../../../src/analyse/patterns/probe-entries.ts';
import * as probes from '../../../src/analyse/patterns/probes.ts';
import { TRACKING } from '../../../src/analyse/patterns/tracking.ts';

const LENGTH = 4096;
const BOUND_MS = 400;

/** An expression with texts that it matches, or nearly. */
interface Timed {
  readonly re: RegExp;
  readonly texts: readonly string[];
}

const entriesOf = (
  list: readonly {
    readonly re: RegExp;
    readonly fits: readonly string[];
    readonly fitsNot: readonly string[];
  }[],
): Timed[] => list.map(({ re, fits, fitsNot }) => ({ re, texts: [...fits, ...fitsNot] }));

const logins: Timed[] = [...CMS_LOGINS, ...TOOL_LOGINS].flatMap(({ login, proof, author, lines }) => {
  const texts = Object.values(lines).flatMap(({ fits, fitsNot }) => [...fits, ...fitsNot]);
  return [login, proof, author].flatMap((shape) =>
    [shape?.path, shape?.notPath, shape?.query, shape?.notQuery]
      .filter((re) => re !== undefined)
      .map((re) => ({ re, texts: texts.map((text) => text.split(' ')[1] ?? '') })),
  );
});
const pairs: Timed[] = PAIRS.flatMap(({ rules, target, path, agent, fits }) =>
  [rules, target, path, ...(agent === undefined ? [] : [agent])].map((re) => ({
    re,
    texts: fits.flatMap((one) => one.map((text) => text ?? '')),
  })),
);
const authors: Timed[] = AUTHOR_FIELDS.flatMap(({ path, field, only, fits, fitsNot }) =>
  [path, field, ...(only === undefined ? [] : [only])].map((re) => ({
    re,
    texts: [...fits, ...fitsNot].flatMap((one) => one.map((text) => text ?? '')),
  })),
);
const together: Timed[] = [
  ...Object.values(FIELDS).map((re) => ({ re, texts: [...FREE, ...TRACKING].flatMap((one) => one.fits) })),
  ...[probes.PROBE_HARD, probes.PROBE_BACKUP, probes.PROBE_INSTALLED, probes.PROBE_QUERY].map((re) => ({
    re,
    texts: probes.PROBE_TESTS.hostile,
  })),
];

const TABLES: readonly (readonly [string, readonly Timed[]])[] = [
  ['grammar', GRAMMAR.map(({ re, hostile, innocent }) => ({ re, texts: [...hostile, ...innocent] }))],
  ['probes', Object.values(probeEntries).flatMap(entriesOf)],
  ['fields', [FREE, SEARCH, PASSWORD, URL_FIELDS, TRACKING].flatMap(entriesOf)],
  ['clients', [TOOL_ENTRIES, LIBRARY_ENTRIES, LABEL_ENTRIES].flatMap(entriesOf)],
  ['requests', [ENUMERATION, NO_ENUMERATION, ASYNC_PATHS].flatMap(entriesOf)],
  ['logins', logins],
  ['pairs', pairs],
  ['authors', authors],
  ['all of a table as one', together],
];

/** Texts of 4,096 characters: each piece repeated, with a start that may match and an end that does not. */
function worstCases({ re, texts }: Timed): string[] {
  const literals = re.source.match(/[\w ./'"<>;(-]{2,20}/g) ?? [];
  const short = [
    ' ',
    '\n',
    "'",
    '"',
    '(',
    ')',
    '/',
    '\\',
    '.',
    ';',
    '<',
    '=',
    '-',
    '+',
    '%',
    'a',
    '0',
    '$',
    '{',
    '&',
    '../',
    '%2e',
    '/*',
    'a/',
    "' ",
    '0 ',
  ];
  const pieces = [...new Set([...short, ...literals.slice(0, 12), ...texts.slice(0, 12)])].filter(
    (one) => one !== '',
  );
  const starts = ['', "'", '1', 'or', '<script>', (texts[0] ?? '').slice(0, 30)];
  return pieces.flatMap((piece) => {
    const body = piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH - 60);
    return starts.map((start) => `${start}${body}\0`);
  });
}

describe.each(TABLES)('%s', (_name, list) => {
  test('takes no text for long', () => {
    const slow = list.flatMap((timed) =>
      worstCases(timed).flatMap((text) => {
        const from = performance.now();
        timed.re.test(text);
        const took = performance.now() - from;
        return took < BOUND_MS ? [] : [[timed.re.source.slice(0, 60), text.slice(0, 40), Math.round(took)]];
      }),
    );
    expect(list.length).toBeGreaterThan(0);
    expect(slow).toEqual([]);
  });
});

test('none keeps a place between texts', () => {
  for (const { re } of TABLES.flatMap(([, list]) => list)) expect(re.flags).not.toMatch(/[gy]/);
});
