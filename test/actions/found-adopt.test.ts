import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adoption } from '../../src/actions/found-adopt.ts';
import { type FoundGroup, groupFound } from '../../src/actions/found-groups.ts';
import { foundWarnings, takingNotes, treesDiffer } from '../../src/analyse/found-warnings.ts';
import { switchedOffWords } from '../../src/analyse/found-words.ts';
import type { IncludeFile } from '../../src/host/vhost-includes.ts';
import { ruleInfo } from '../analyse/fixtures.ts';

const RULES = new Map(
  [
    ruleInfo('911100', { phase: 1 }),
    ruleInfo('941100', { tags: ['attack-xss'] }),
    ruleInfo('942100', { tags: ['attack-sqli'] }),
    ruleInfo('949110'),
  ].map((rule) => [rule.id, [rule]]),
);

const PIECES = [
  '# Do not modify this file directly as it will be overwritten by cmc',
  '# Start cmc block',
  '# End cmc block',
  '# a comment \\',
  '<IfModule mod_security2.c>',
  '</IfModule>',
  '<LocationMatch .*>',
  '<LocationMatch "^/shop/">',
  '</LocationMatch>',
  '<IfDefine X>',
  'SecRuleRemoveById 942100',
  'SecRuleRemoveById 941100 911100',
  '  SecRuleRemoveById "900000-999999"',
  'SecRuleRemoveById 949110',
  'SecRuleRemoveById abc',
  'SecRuleRemoveById 942100 \\',
  '941100',
  'SecRuleRemoveByTag attack-sqli',
  'SecRuleEngine Off',
  'SecRuleEngine On',
  'SecRequestBodyAccess Off',
  'SecAction "id:1,phase:1,pass,nolog,ctl:ruleRemoveTargetById=942100;ARGS:q"',
  // A chain in one piece: Apache does not start when another rule stands in it.
  'SecRule REQUEST_URI "@beginsWith /x/" "id:2,phase:1,pass,nolog,chain"\nSecRule TIME_EPOCH "@lt 5" "ctl:ruleRemoveById=942100,ctl:ruleEngine=Off"',
  'Header set A b\r',
  '\0\xff\x1b[31m',
  '',
];

const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((lines) => lines.join('\n'));

function files(std: string, ssl: string): IncludeFile[] {
  return (['std', 'ssl'] as const).map((tree) => ({
    path: `/userdata/${tree}/2_4/a/b/modsec.conf`,
    text: tree === 'std' ? std : ssl,
    mtimeMs: 0,
    tree,
    account: 'a',
    domain: 'b',
    owner: null,
  }));
}

/** What has an effect: kind, ids and the rest, without places. */
function working(groups: readonly FoundGroup[]): string[] {
  return groups
    .flatMap(({ lines }) => lines)
    .filter(({ reach }) => reach.from !== null)
    .map(({ file, line, reach }) => `${file.tree} ${reach.from ?? 0} ${line.text}`)
    .sort();
}

test('taking over changes only the lines taken over, and leaves what stays in force', () => {
  fc.assert(
    fc.property(texts, texts, (std, ssl) => {
      const before = files(std, ssl);
      for (const group of groupFound(before, RULES)) {
        const { scopes, edits } = adoption(group);
        expect(scopes.length > 0).toBe(edits.length > 0);
        const after = before.map((file) => {
          const edit = edits.find(({ path }) => path === file.path);
          return edit === undefined ? file : { ...file, text: edit.after };
        });
        const left = working(groupFound(after, RULES));
        const stayed = group.lines.filter(({ taken }) => taken.kind === 'stays');
        for (const { line, file, reach } of stayed)
          expect(left).toContain(`${file.tree} ${reach.from ?? 0} ${line.text}`);
        const was = working(groupFound(before, RULES));
        for (const text of left) expect(was).toContain(text);
        if (scopes.length > 0) expect(left.length).toBeLessThan(was.length);
        for (const { before: old, after: young } of edits) {
          expect(young.trim()).not.toBe('');
          if (!young.includes('# adopted')) continue;
          expect(young.replaceAll('# adopted by Whyblocked: ', '')).toBe(old);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('taken over one find after the other, there is soon nothing more to take over', () => {
  fc.assert(
    fc.property(texts, (text) => {
      let left = text;
      const next = (): string | undefined =>
        groupFound([files(left, '')[0]!], RULES).flatMap((group) => adoption(group).edits)[0]?.after;
      for (let round = 0; round < 3; round++) left = next() ?? left;
      expect(next()).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('words and warnings are texts of bounded length for any file', () => {
  const noise = fc.string({
    unit: fc.oneof(fc.constantFrom(...PIECES, '\n', ' ', '"', '\\'), fc.string({ maxLength: 3 })),
    maxLength: 40,
  });
  fc.assert(
    fc.property(noise, noise, (std, ssl) => {
      for (const { lines } of groupFound(files(std, ssl), RULES)) {
        const trees = {
          std: lines.filter(({ file }) => file.tree === 'std'),
          ssl: lines.filter(({ file }) => file.tree === 'ssl'),
        };
        expect(switchedOffWords(lines.map(({ line }) => line)).length).toBeLessThan(20_000);
        const notes = [...foundWarnings(lines, RULES), ...takingNotes(lines), treesDiffer(trees, trees)];
        for (const note of notes) expect(note?.text).not.toBe('');
      }
    }),
    { numRuns: 300 },
  );
});
