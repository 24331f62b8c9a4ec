import { expect, test } from '@jest/globals';
import { parseCmcFile } from '../../src/parse/cmc-file.ts';
import { testSamples, testSurvival } from './samples.ts';

const read = (text: string, name = 'modsec.conf'): unknown => {
  const found = parseCmcFile(text, name);
  return found === null ? null : { own: [...found.own], mixed: found.mixed };
};

testSamples('cmc-file', (raw) => read(raw));
testSurvival('cmc-file', (raw) => parseCmcFile(raw, 'modsec.conf'));

const FOLDERS = [
  '# Do not modify this file directly as it will be overwritten by cmc',
  '<IfModule mod_security2.c>',
  "<DirectoryMatch '/home/shopuser/public_html/admin'>",
  '\tSecRuleEngine Off',
  '</DirectoryMatch>',
  "<DirectoryMatch '/home/x/.*'>",
  '\tSecRuleRemoveById 942100',
  '</DirectoryMatch>',
  'SecRuleRemoveById 941160',
  '</IfModule>',
].join('\n');

test('blocks for folders are CMC’s in the global file alone', () => {
  expect(read(FOLDERS, 'modsec2.whitelist.conf')).toEqual({ own: [4, 7, 9], mixed: false });
  expect(read(FOLDERS)).toEqual({ own: [9], mixed: true });
});

test('the comment of the first start', () => {
  expect(read('# ConfigServer ModSecurity whitelist file\n', 'modsec2.whitelist.conf')).toEqual({
    own: [],
    mixed: false,
  });
});

test('another name needs the head or marks', () => {
  expect(read('SecRuleRemoveById 942100\n', 'custom.conf')).toBeNull();
  expect(read('# Start cmc block\nSecRuleRemoveById 1\n# End cmc block\n', 'custom.conf')).toEqual({
    own: [2],
    mixed: false,
  });
});
