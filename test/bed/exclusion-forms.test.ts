// Each way of writing an exclusion, and each trap in it, on a real Apache: what works, what does nothing without a
// word, and what the config test refuses.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing, readBedFile } from './apache.ts';
import type { Bed } from './apache.ts';
import { CONDITIONS, CONTROLS, DIRECTIVES, PATHS } from './form-cases.ts';
import { COLLECTIONS, JSON_NAMES, MARK_RULES, NAMES, PHASES } from './form-targets.ts';
import { PROBES, putIn, SQLI, startForms, testText, timed } from './forms.ts';
import type { Form, FormBed } from './forms.ts';

const missing = bedMissing();
const title =
  missing.length === 0 ? 'forms of exclusions' : `SKIPPED: the test bed needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(title);
const suite = missing.length === 0 ? describe : describe.skip;

const ERROR_LOG = 'var/log/apache2/error_log';

/** Rule ids of the lines that one request leaves. */
async function idsOf(bed: Bed, host: string, path: string): Promise<string[]> {
  await bed.settle();
  const before = readBedFile(bed, ERROR_LOG).length;
  await bed.send({ host, path });
  await bed.settle();
  return [
    ...readBedFile(bed, ERROR_LOG)
      .slice(before)
      .matchAll(/\[id "(\d+)"\]/g),
  ].map((match) => match[1] ?? '');
}

suite(title, () => {
  const groups: readonly [string, readonly Form[]][] = [
    ['whole rules by directive', DIRECTIVES],
    ['whole rules by ctl', CONTROLS],
    ['conditions', CONDITIONS],
    ['paths', PATHS],
    ['collections', COLLECTIONS],
    ['JSON', JSON_NAMES],
    ['names', NAMES],
    ['phases', PHASES],
  ];
  const all = groups.flatMap(([, forms]) => forms);
  const named = (name: string): Form => {
    const form = all.find((one) => one.name === name);
    if (form === undefined) throw new Error(`no form is called ${name}`);
    return form;
  };
  const first = named('SecRuleRemoveById');
  let dir = '';
  let forms: FormBed;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
    forms = await startForms({ dir, crs: '3' }, all, MARK_RULES);
  });
  afterAll(async () => {
    await forms.bed.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  describe.each(groups)('%s', (_, group) => {
    test.each(group)('$name', async (form) => {
      expect(await forms.freed(form)).toBe(form.freed);
    });
  });

  test('an include counts for the vhost with its aliases, not for its https twin, not for another vhost', async () => {
    const probe = async (host: string, tls = false): Promise<number> =>
      (await forms.bed.send({ ...PROBES.sqli, host, tls })).status;
    const host = forms.host(first);
    expect(await probe(host)).toBe(200);
    expect(await probe(`www.${host}`)).toBe(200);
    expect(await probe(host, true)).toBe(403);
    expect(await probe(`s${all.length}.example.com`)).toBe(403);
    const exact = named('the target on the path until a time');
    const absolute = { path: `http://${forms.host(exact)}/product.php?id=${SQLI}`, host: forms.host(exact) };
    expect((await forms.bed.send(absolute)).status).toBe(200);
  });

  test('without the adding rule its report goes too; DetectionOnly still logs all', async () => {
    const ids = async (name: string): Promise<string[]> =>
      idsOf(forms.bed, forms.host(named(name)), PROBES.sqli.path);
    expect(await ids('nothing')).toEqual(['942100', '949110', '980130']);
    expect(await ids('the rule that adds up')).toEqual(['942100']);
    expect(await ids('the rule that reports')).toEqual(['942100', '949110']);
    expect(await ids('DetectionOnly')).toEqual(['942100', '949110', '980130']);
    expect(await ids('the engine off')).toEqual([]);
    expect(await ids('a higher threshold')).toEqual(['942100']);
  });

  test.each([
    ['an unknown directive', 'NoSuchDirective\n', 'Invalid command'],
    ['no argument', 'SecRuleRemoveById\n', 'requires at least one argument'],
    [
      'a target update without rules of its own',
      'SecRuleUpdateTargetById 942100 "!ARGS:id"\n',
      'no ruleset in this context',
    ],
    [
      'the same in LocationMatch',
      '<LocationMatch "/">\nSecRuleUpdateTargetById 942100 "!ARGS:id"\n</LocationMatch>\n',
      'no ruleset in this context',
    ],
    [
      'one id twice',
      'SecAction "id:5,phase:1,pass"\nSecAction "id:5,phase:1,pass"\n',
      'Found another rule with the same id',
    ],
    ['a rule without id', 'SecAction "phase:1,pass"\n', 'No action id present'],
    ['id 0', 'SecAction "id:0,phase:1,pass"\n', 'Invalid value for action ID'],
    ['an id of 32 bits', 'SecAction "id:2147483648,phase:1,pass"\n', 'Invalid value for action ID'],
    [
      'an id in the second rule of a chain',
      timed('REQUEST_URI "@rx ."', 'id:2,ctl:ruleRemoveById=1'),
      'can only be specified by chain starter rules',
    ],
    ['a broken tag', 'SecRuleRemoveByTag "["\n', 'Invalid regular expression'],
    [
      'a broken tag in ctl',
      'SecAction "id:5,phase:1,pass,ctl:ruleRemoveByTag=["\n',
      'Invalid regular expression',
    ],
    [
      'a name with a blank',
      'SecAction "id:5,phase:1,pass,ctl:ruleRemoveTargetById=942100;ARGS:a b"\n',
      'Unknown action: b',
    ],
    [
      'a name with a comma',
      'SecAction "id:5,phase:1,pass,ctl:ruleRemoveTargetById=942100;ARGS:a,b"\n',
      'Unknown action: b',
    ],
    [
      'two targets with a bar',
      'SecAction "id:5,phase:1,pass,ctl:ruleRemoveTargetById=942100;ARGS|ARGS_NAMES"\n',
      'Unknown action',
    ],
    [
      'a name with a quote',
      'SecAction "id:5,phase:1,pass,ctl:ruleRemoveTargetById=942100;ARGS:a"b"\n',
      'takes one argument',
    ],
    [
      'quotes around the value alone',
      `SecAction "id:5,phase:1,pass,ctl:ruleRemoveTargetById='942100;ARGS:a,b'"\n`,
      'Unknown action',
    ],
    [
      'a remark that hides the first line of a chain',
      `# note \\\n${timed('REQUEST_URI "@rx ."', 'ctl:ruleRemoveById=1')}`,
      'No action id present',
    ],
    ['a byte order mark', '\ufeffSecRuleRemoveById 942100\n', 'Invalid command'],
  ])('the config test refuses %s', (_, text, words) => {
    const { ok, output } = testText(forms, first, text);
    expect(output).toContain(words);
    expect(ok).toBe(false);
  });

  test.each([
    [
      'the same id in vhost and section',
      'SecAction "id:5,phase:1,pass"\n<Location "/">\nSecAction "id:5,phase:1,pass"\n</Location>\n',
    ],
    ['an IfModule that is not closed', '<IfModule security2_module>\nSecRuleRemoveById 942100\n'],
    ['the highest id', 'SecAction "id:2147483647,phase:1,pass,nolog"\n'],
    [
      'a variable that Apache does not know',
      timed('REQUEST_FILENAME "@streq /${NOPE}"', 'ctl:ruleRemoveById=1'),
    ],
  ])('the config test accepts %s', (_, text) => {
    expect(testText(forms, first, text)).toMatchObject({ ok: true });
  });

  test('the same id in two vhosts and in std and ssl is accepted: ids count for each place alone', () => {
    const other = named('ctl:ruleRemoveById');
    putIn(forms.bed, forms.file(other, 'ssl'), other.conf);
    forms.bed.rebuild();
    expect(forms.bed.configTest()).toMatchObject({ ok: true });
    rmSync(join(forms.bed.root, forms.file(other, 'ssl')));
    forms.bed.rebuild();
  });
});
