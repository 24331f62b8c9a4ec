// Exclusions and what surrounds them on a real Apache: the main server, .htaccess, time, and rules with CRS 4's phases.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bedMissing, startBed } from './apache.ts';
import type { Bed } from './apache.ts';
import { PROBES, putIn, SQLI, startForms, timed } from './forms.ts';
import type { Form, FormBed } from './forms.ts';
import { BLOG, SHOP } from './sites.ts';

const missing = bedMissing();
const title = missing.length === 0 ? 'exclusions' : `SKIPPED: the test bed needs ${missing.join(', ')}`;
if (missing.length > 0) console.warn(title);
const suite = missing.length === 0 ? describe : describe.skip;

const folder = (): string => mkdtempSync(join(tmpdir(), 'whyblocked-bed-'));
const VHOST_FILE = (kind: string): string =>
  `etc/apache2/conf.d/userdata/${kind}/2_4/${SHOP.account}/${SHOP.servername}/wb.conf`;

suite(`${title}, whole servers`, () => {
  let dir = '';
  let bed: Bed;
  const USER = 'etc/apache2/conf.d/modsec/modsec2.user.conf';
  const CPANEL = 'etc/apache2/conf.d/modsec/modsec2.cpanel.conf';
  beforeAll(async () => {
    dir = folder();
    bed = await startBed({ dir, crs: '3', auditLog: 'serial', vhosts: [SHOP, BLOG], mpm: 'event' });
  });
  afterAll(async () => {
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const status = async (host: string, path = `/product.php?id=${SQLI}`): Promise<number> =>
    (await bed.send({ host, path })).status;
  async function load(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) putIn(bed, path, text);
    bed.rebuild();
    await bed.graceful();
  }

  test('in Sec* in .htaccess the config test sees nothing and every request is answered 500', async () => {
    const file = `home/${SHOP.account}/public_html/.htaccess`;
    putIn(bed, file, 'SecRuleRemoveById 942100\n');
    expect(bed.configTest().ok).toBe(true);
    expect(await status(SHOP.servername, '/style.css')).toBe(500);
    rmSync(join(bed.root, file));
    expect(await status(SHOP.servername, '/style.css')).toBe(200);
  });

  test('a time limit ends by itself, without a reload', async () => {
    const until = Math.ceil(Date.now() / 1000) + 2;
    await load({
      [VHOST_FILE('std')]:
        `SecRule TIME_EPOCH "@lt ${until}" "id:1,phase:1,pass,nolog,t:none,ctl:ruleRemoveById=942100"\n`,
      [VHOST_FILE('ssl')]:
        `SecRule TIME_EPOCH "@lt ${until}" "id:1,phase:1,pass,nolog,t:none,ctl:ruleEngine=Off"\n`,
    });
    const both = async (): Promise<number[]> => [
      await status(SHOP.servername),
      (await bed.send({ host: SHOP.servername, path: `/product.php?id=${SQLI}`, tls: true })).status,
    ];
    expect(await both()).toEqual([200, 200]);
    await sleep(until * 1000 - Date.now() + 50);
    expect(await both()).toEqual([403, 403]);
  });

  test('LocationMatch and the path of phase 1 know the address that was asked for, not what .htaccess makes of it', async () => {
    const file = `etc/apache2/conf.d/userdata/std/2_4/${BLOG.account}/${BLOG.servername}/wb.conf`;
    const ask = `/2026/post/?id=${SQLI}`;
    await load({ [file]: '<LocationMatch "^/2026/post/$">\nSecRuleRemoveById 942100\n</LocationMatch>\n' });
    expect(await status(BLOG.servername, ask)).toBe(200);
    await load({
      [file]: timed('REQUEST_FILENAME "@streq /2026/post/"', 'ctl:ruleRemoveTargetById=942100;ARGS:id'),
    });
    expect(await status(BLOG.servername, ask)).toBe(200);
    expect(await status(BLOG.servername, `/2026/other/?id=${SQLI}`)).toBe(403);
  });

  test('two files of a vhost and the main server add up', async () => {
    const cpanel = readFileSync(join(bed.root, CPANEL), 'latin1');
    await load({
      [VHOST_FILE('std')]: 'SecRuleRemoveById 941100\n',
      [VHOST_FILE('std').replace('wb.conf', 'other.conf')]: 'SecRuleRemoveById 941110\n',
      [CPANEL]: `${cpanel}SecRuleRemoveById 941160\n`,
    });
    expect(await status(SHOP.servername, PROBES.xss.path)).toBe(200);
    expect(await status(BLOG.servername, PROBES.xss.path)).toBe(403);
    await load({ [CPANEL]: cpanel, [VHOST_FILE('std')]: '# nothing\n' });
    expect(await status(SHOP.servername, PROBES.xss.path)).toBe(403);
  });

  test('SecRuleUpdateTargetById works behind the rules in the main server, for all vhosts', async () => {
    const cpanel = readFileSync(join(bed.root, CPANEL), 'latin1');
    await load({ [CPANEL]: `${cpanel}SecRuleUpdateTargetById 942100 "!ARGS:id"\n` });
    expect([await status(SHOP.servername), await status(BLOG.servername)]).toEqual([200, 200]);
    expect(await status(SHOP.servername, PROBES.other.path)).toBe(403);
    await load({ [CPANEL]: cpanel });
  });

  test('before the rules a removal does nothing, a ctl for one server name works, also in phase 1', async () => {
    await load({ [USER]: 'SecRuleRemoveById 942100\n' });
    expect(await status(SHOP.servername)).toBe(403);
    await load({
      [USER]: `SecRule SERVER_NAME "@streq ${SHOP.servername}" "id:5,phase:1,pass,nolog,ctl:ruleRemoveById=942100,ctl:ruleRemoveById=6"\nSecRule ARGS:v "@streq early" "id:6,phase:1,deny,log"\n`,
    });
    expect(await status(SHOP.servername)).toBe(200);
    expect(await status(SHOP.servername, '/?v=early')).toBe(200);
    expect(await status(BLOG.servername)).toBe(403);
    expect(await status(BLOG.servername, '/?v=early')).toBe(403);
    await load({ [USER]: '# nothing\n' });
  });
});

suite(`${title}, rules of CRS 4`, () => {
  const ctl = (text: string): string => `SecAction "id:1,phase:1,pass,nolog,${text}"\n`;
  const probes = {
    put: { path: '/', method: 'PUT' },
    scanner: { path: '/', headers: { 'User-Agent': 'sqlmap/1.8' } },
    bak: { path: '/a.bak' },
    sqli: PROBES.sqli,
  };
  const form = (name: string, conf: string, freed: string): Form => ({ name, conf, freed, probes });
  const NOTHING = form('nothing', '# nothing\n', '');
  const FORMS: readonly Form[] = [
    NOTHING,
    form(
      'ctl comes too late for phase 1',
      ctl('ctl:ruleRemoveById=911100,ctl:ruleRemoveById=913100,ctl:ruleRemoveById=920440'),
      '',
    ),
    form('the directive reaches them', 'SecRuleRemoveById 911100 913100 920440\n', 'put scanner bak'),
    form(
      'in LocationMatch it does not',
      '<LocationMatch "^/">\nSecRuleRemoveById 911100 913100 920440 942100\n</LocationMatch>\n',
      'sqli',
    ),
    form('a target in phase 2', ctl('ctl:ruleRemoveTargetById=942100;ARGS:id'), 'sqli'),
    form('a target in phase 1', ctl('ctl:ruleRemoveTargetById=920440;REQUEST_BASENAME'), ''),
    form('the allowed methods, too late', ctl("setvar:'tx.allowed_methods=GET POST PUT'"), ''),
    form('a tag by ctl leaves phase 1', ctl('ctl:ruleRemoveByTag=^OWASP_CRS$'), 'put scanner bak sqli'),
  ];
  describe.each([[false], [true]])('refusal in phase 1: %s', (earlyBlock) => {
    let dir = '';
    let forms: FormBed;
    beforeAll(async () => {
      dir = folder();
      forms = await startForms({ dir, crs: '4ish', earlyBlock }, FORMS);
    });
    afterAll(async () => {
      await forms.bed.stop();
      rmSync(dir, { recursive: true, force: true });
    });
    // All adding rules of phase 2 have the tag too; the one of phase 1 has run before.
    test.each(FORMS)('$name', async (one) => {
      const wanted = earlyBlock && one.name.startsWith('a tag') ? 'sqli' : one.freed;
      expect(await forms.freed(one)).toBe(wanted);
    });
    test('a higher threshold comes too late for the refusal of phase 1', async () => {
      putIn(forms.bed, forms.file(NOTHING), ctl('setvar:tx.inbound_anomaly_score_threshold=10'));
      await forms.bed.graceful();
      expect(await forms.freed(NOTHING)).toBe(earlyBlock ? 'sqli' : 'put scanner bak sqli');
    });
  });
});
