import { expect, test } from '@jest/globals';
import type { FoundView } from '../../src/actions/exclusion-view.ts';
import { foundLines } from '../../src/cli/found-text.ts';

const OUTPUT = { colour: false, width: 60, write: () => undefined, note: () => undefined };

const FOUND: FoundView = {
  key: 'AbC',
  maker: 'cmc',
  vhost: 'shop.example.com',
  account: 'shopuser',
  places: [3, 4, 3].map((line) => ({ file: '/u/std/modsec.conf', line, text: 'SecRuleRemoveById 942100' })),
  words: 'Off on shop.example.com: rules 941160 and 942100.',
  warnings: [{ level: 'warn', code: 'trees-differ', text: 'Plain HTTP and HTTPS differ.' }],
  scopes: [],
  adoptWhy: null,
};

test('who, what, where, warnings, and what can be done', () => {
  expect(foundLines(OUTPUT, [FOUND])).toEqual([
    'CMC      Off on shop.example.com: rules 941160 and 942100.',
    '         /u/std/modsec.conf:3,4',
    '         Note: Plain HTTP and HTTPS differ.',
    '         Can be taken over as 0 exclusions (AbC)',
  ]);
  expect(foundLines(OUTPUT, [{ ...FOUND, maker: 'hand', adoptWhy: 'It does more.' }]).at(-1)).toBe(
    '         Stays: It does more.',
  );
});

test('many lines of one file are counted', () => {
  const places = Array.from({ length: 9 }, (_, line) => ({ file: '/f', line, text: '' }));
  expect(foundLines(OUTPUT, [{ ...FOUND, places }])[1]).toBe('         /f:0,1,2,3,4,5 and 3 more');
});

test('no byte of a file name acts on the terminal or begins a line', () => {
  const places = [{ file: '/x\n\u001b[31mCMC      fake', line: 1, text: '' }];
  const text = foundLines(OUTPUT, [{ ...FOUND, places, words: 'a\r\nb' }]).join('\n');
  expect(text).not.toMatch(/[\u001b\r]/);
  expect(text).not.toMatch(/^CMC {6}fake/m);
});
