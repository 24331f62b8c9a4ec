import { describe, expect, test } from '@jest/globals';
import { type Position, reachOf, requestSections, samePlace } from '../../src/analyse/exclusion-reach.ts';
import { exclusionLines } from '../../src/parse/exclusion-lines.ts';

/** The first line of a text: from which phase on it reaches rules, and the codes of its notes. */
function reach(text: string, position: Position = 'vhost'): [number | null, ...string[]] {
  const line = exclusionLines(text)[0]!;
  const { from, notes } = reachOf(line, position);
  return [from, ...notes.map(({ code }) => code)];
}

const inside = (section: string, text: string): string =>
  `<${section}>\n${text}\n</${section.split(' ')[0] ?? ''}>`;
const action = (list: string): string => `SecAction "id:1000,pass,nolog,${list}"`;

// Each row was tried on Apache 2.4.71 with ModSecurity 2.9.7.
describe('in a vhost', () => {
  test.each([
    ['by id', 'SecRuleRemoveById 942100', [1]],
    ['by tag', 'SecRuleRemoveByTag attack-sqli', [1]],
    ['by message', 'SecRuleRemoveByMsg "SQL Injection"', [1]],
    ['engine off', 'SecRuleEngine Off', [1]],
    ['nothing inherited', 'SecRuleInheritance Off', [1]],
    ['id 0', 'SecRuleRemoveById abc', [1]],
    ['id 0 behind others', 'SecRuleRemoveById 942100 # note', [1, 'odd-id']],
    ['a reversed range', 'SecRuleRemoveById 942999-942000', [null, 'no-id']],
    ['an id with a letter', 'SecRuleRemoveById 942100x', [1, 'odd-id']],
    ['two ids in one word', 'SecRuleRemoveById "942100 942200"', [1, 'odd-id']],
    ['targets updated', 'SecRuleUpdateTargetById 942100 "!ARGS:id"', [null, 'update-in-vhost']],
    ['actions updated', 'SecRuleUpdateActionById 942100 "pass"', [null, 'update-in-vhost']],
    ['ctl in phase 1', action('phase:1,ctl:ruleRemoveById=942100'), [2]],
    ['ctl in phase 2', action('phase:2,ctl:ruleRemoveById=942100'), [3, 'late-phase']],
    ['ctl without a phase', action('ctl:ruleRemoveTargetById=942100;ARGS:id'), [3, 'late-phase']],
    ['ctl in phase 5', action('phase:5,ctl:ruleRemoveById=942100'), [null, 'late-phase']],
    ['ctl in no phase', action('phase:9,ctl:ruleRemoveById=942100'), [null, 'no-phase']],
    ['ctl with a bad id', action('phase:1,ctl:ruleRemoveById=abc'), [null, 'no-id']],
    ['a regex target', action('phase:1,ctl:ruleRemoveTargetById=942100;ARGS:/^i/'), [null, 'ignored-target']],
    ['a limit in phase 1', action('phase:1,setvar:tx.inbound_anomaly_score_threshold=10'), [2]],
    ['a part of XML', action('phase:1,ctl:ruleRemoveTargetById=942100;XML:/*'), [null, 'ignored-target']],
    ['a count', action('phase:1,ctl:ruleRemoveTargetById=942100;&ARGS:a'), [null, 'ignored-target']],
    ['all of XML', action('phase:1,ctl:ruleRemoveTargetById=942100;XML'), [2]],
    [
      'a limit in phase 2',
      action('phase:2,setvar:tx.inbound_anomaly_score_threshold=10'),
      [null, 'late-phase'],
    ],
    ['allow in phase 1', 'SecAction "id:1,phase:1,allow,nolog"', [2]],
  ])('%s', (_name, text, expected) => {
    expect(reach(text)).toEqual(expected);
  });

  test.each([
    'LocationMatch ^/x$',
    'Location /',
    'DirectoryMatch /home',
    'Directory /',
    'Files *',
    'If true',
  ])('inside <%s> a directive reaches phase 2, a rule nothing', (section) => {
    expect(reach(inside(section, 'SecRuleRemoveById 942100'))).toEqual([2, 'section']);
    expect(reach(inside(section, 'SecRuleEngine Off'))).toEqual([2, 'section']);
    expect(reach(inside(section, action('phase:1,ctl:ruleRemoveById=1')))).toEqual([null, 'rule-in-section']);
  });

  test.each([
    ['IfModule mod_security2.c', [1]],
    ['IfModule security2_module', [1]],
    ['IfModule !mod_security3.c', [1]],
    ['IfModule mod_security.c', [null, 'not-loaded']],
    ['IfModule !mod_security2.c', [null, 'not-loaded']],
    ['IfModule mod_other.c', [1, 'depends']],
    ['IfDefine SSL', [1, 'depends']],
  ])('inside <%s>', (section, expected) => {
    expect(reach(inside(section, 'SecRuleRemoveById 942100'))).toEqual(expected);
  });
});

describe('in the main configuration', () => {
  test.each<[string, [number | null, ...string[]], [number | null, ...string[]]]>([
    ['SecRuleRemoveById 942100', [null, 'before-rules'], [1]],
    [inside('LocationMatch .*', 'SecRuleRemoveById 942100'), [2, 'section'], [2, 'section']],
    ['SecRuleUpdateTargetById 942100 "!ARGS:id"', [null, 'before-rules'], [1]],
    ['SecRuleUpdateActionById 942100 "pass"', [null, 'before-rules'], [1]],
    [action('phase:1,ctl:ruleRemoveById=911100'), [1], [2]],
    [action('phase:2,ctl:ruleRemoveById=942100'), [2], [3, 'late-phase']],
    [action('phase:2,setvar:tx.inbound_anomaly_score_threshold=10'), [2], [null, 'late-phase']],
    ['SecRuleEngine Off', [1], [1]],
  ])('%j', (text, before, after) => {
    expect(reach(text, 'before-rules')).toEqual(before);
    expect(reach(text, 'after-rules')).toEqual(after);
  });

  test('a <VirtualHost> in it counts as a vhost', () => {
    const text = inside('VirtualHost 192.0.2.1:80', action('phase:2,ctl:ruleRemoveById=942100'));
    expect(reach(text, 'before-rules')).toEqual([3, 'late-phase']);
  });
});

test('hostile names come out short', () => {
  const line = exclusionLines(inside(`IfModule !mod_security2.c${'x'.repeat(900)}`, 'SecRuleEngine Off'))[0]!;
  for (const { text } of reachOf(line, 'vhost').notes) expect(text.length).toBeLessThan(300);
  const odd = exclusionLines(`SecRuleRemoveById 9-${'1'.repeat(900)}`)[0]!;
  for (const { text } of reachOf(odd, 'vhost').notes) expect(text.length).toBeLessThan(300);
});

test('which lines stand in the same place, and what chooses requests there', () => {
  const text = [
    'SecRuleEngine Off',
    '<IfModule mod_security2.c>',
    'SecRuleEngine On',
    '<LocationMatch /x>',
    'SecRuleEngine On',
    '</LocationMatch>',
    '</IfModule>',
  ].join('\n');
  const [one, two, three] = exclusionLines(text);
  expect(samePlace(one!, two!)).toBe(true);
  expect(samePlace(one!, three!)).toBe(false);
  expect(requestSections(two!)).toEqual([]);
  expect(requestSections(three!)).toEqual([{ name: 'LocationMatch', argument: '/x' }]);
});
