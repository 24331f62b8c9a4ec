import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Directive, directives } from '../../src/parse/apache-directives.ts';
import { testSamples, testSurvival } from './samples.ts';

const parse = (raw: string): Directive[] => [...directives(raw)];

/** The last directive: records may open sections or hold comments before it. */
testSamples('apache-directives', (raw) => parse(raw).at(-1) ?? null);
testSurvival('apache-directives', parse);

test('sections enclose what stands in them and nothing else', () => {
  const text = [
    'A 1',
    '<VirtualHost 192.0.2.1:80 192.0.2.2:80>',
    'B',
    '  <ifmodule security2_module>',
    '    <LocationMatch "^/a b$">',
    'C',
    '    </LocationMatch>',
    'D',
    '  </IfModule>',
    '</Nowhere>',
    'E',
    '<IfModule x>',
    'F',
    // Closes the module too, which its own mark does not.
    '</VirtualHost>',
    'G',
    '<Limit>',
    'H',
  ].join('\n');
  const found = parse(text).map(({ name, line, sections }) => [
    name,
    line,
    sections.map((section) => `${section.name}(${section.argument})`).join(' '),
  ]);
  const vhost = 'VirtualHost(192.0.2.1:80 192.0.2.2:80)';
  expect(found).toEqual([
    ['A', 1, ''],
    ['B', 3, vhost],
    ['C', 6, `${vhost} ifmodule(security2_module) LocationMatch(^/a b$)`],
    ['D', 8, `${vhost} ifmodule(security2_module)`],
    ['E', 11, vhost],
    ['F', 13, `${vhost} IfModule(x)`],
    ['G', 15, ''],
    ['H', 17, 'Limit()'],
  ]);
});

test('sections nested beyond all measure stay bounded and are closed one by one', () => {
  const depth = 20_000;
  const text = `${'<A b>\n'.repeat(depth)}In\n${'</A>\n'.repeat(depth)}Out\n`;
  const [inner, outer] = parse(text);
  expect(inner?.sections.length).toBeLessThan(100);
  expect(outer).toMatchObject({ name: 'Out', sections: [] });
});

test('never throws for any text; lines stay within the file and texts are whole', () => {
  const piece = fc.constantFrom(
    '<A b>',
    '</A>',
    '"',
    "'",
    '\\',
    '\n',
    '\\\n',
    '\\\r\n',
    ' ',
    '#',
    'Sec',
    '\0',
    '\xff',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      const count = text.split('\n').length;
      let last = 0;
      for (const one of parse(text)) {
        expect(one.firstLine).toBeGreaterThan(last);
        expect(one.line).toBeGreaterThanOrEqual(one.firstLine);
        expect(one.line).toBeLessThanOrEqual(count);
        expect(one.text).toBe(one.text.trim());
        expect(one.text).toMatch(/^[^#<]/);
        last = one.line;
      }
    }),
    { numRuns: 500 },
  );
});

test('words written in quotes are read back', () => {
  const quoted = (word: string): string => `"${word.replace(/["\\]/g, '\\$&')}"`;
  // A quote of the other kind, blanks, backslashes: all but what ends a line.
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '#', '<', '\t'), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      expect(parse(`Name ${words.map(quoted).join(' ')}\n`)[0]?.words).toEqual(words);
    }),
  );
});
