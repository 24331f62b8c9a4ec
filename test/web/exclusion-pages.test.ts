// The pages of domains, rules, proposals, exclusions and acts: what they show, what they order, what they refuse.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  actView,
  CHANGE,
  domainRule,
  domainView,
  DOMAINS,
  DRIFT,
  EXCLUSION,
  exclusionsView,
  fakeExclusions,
  FOUND,
  previewRow,
  proposal,
  ROLLED_BACK,
  RULE,
  rung,
  SHOP,
  STAYS,
} from './exclusion-fixtures.ts';
import type { Agent, Harness } from './harness.ts';
import { FakeBadInput, makeHarness, signIn } from './harness.ts';
import type { ReadPage } from './html.ts';
import { readHtml } from './html.ts';

class FakeRefused extends Error {
  override readonly name = 'Refused';
}

let harness: Harness;
let user: Agent;
beforeAll(async () => {
  harness = makeHarness();
  user = await signIn(harness);
});
afterAll(() => {
  user.close();
});
beforeEach(() => {
  const { orders, asked, ...fresh } = fakeExclusions();
  Object.assign(harness.exclusions, {
    ...Object.fromEntries(Object.entries(fresh).filter(([, value]) => typeof value !== 'function')),
    domainOf: fresh.domainOf,
    ruleOf: fresh.ruleOf,
    proposalOf: fresh.proposalOf,
    check: fresh.check,
  });
  harness.exclusions.orders.splice(0, Infinity, ...orders);
  harness.exclusions.asked.splice(0, Infinity, ...asked);
});

interface Shown extends ReadPage {
  readonly status: number;
  readonly links: readonly string[];
}

async function read(page: string): Promise<Shown> {
  const answer = await user.agent.get(`/index.cgi?p=${page}`);
  const shown = readHtml(answer.text);
  expect(shown.problems).toEqual([]);
  return {
    ...shown,
    status: answer.status,
    text: shown.text.replaceAll(/\s+/g, ' '),
    links: shown.tags.flatMap((tag) => tag.attributes.get('href') ?? []),
  };
}

async function post(
  page: string,
  fields: Record<string, string>,
): Promise<{ status: number; to: string; text: string }> {
  const answer = await user.agent
    .post(`/index.cgi?p=${page}`)
    .type('form')
    .send({ csrf: user.csrf, ...fields });
  const { text, problems } = readHtml(answer.text);
  expect(problems).toEqual([]);
  return { status: answer.status, to: String(answer.headers.location), text: text.replaceAll(/\s+/g, ' ') };
}

function holds({ text }: { readonly text: string }, parts: readonly string[]): void {
  for (const part of parts) expect(text).toContain(part);
}

const HIDDEN = { kind: 'target-vhost', vhost: SHOP, rule: '942100', target: 'REQUEST_COOKIES:consent_prefs' };

test('the bar leads to domains, rules and exclusions', async () => {
  const { links } = await read('/');
  for (const page of ['/domains', '/rules', '/exclusions']) expect(links).toContain(`index.cgi?p=${page}`);
});

describe('domains', () => {
  test('counts, aliases, 200 a page', async () => {
    const first = await read('/domains');
    holds(first, ['250 of 250 vhosts', 'www.shop.example.com', 'in the last 30 days', 'page 1 of 2']);
    expect(first.links).toContain(`index.cgi?p=/domain&vhost=${SHOP}`);
    expect(first.links.filter((link) => link.includes('/domain&vhost='))).toHaveLength(200);
    const last = await read('/domains&page=99');
    holds(last, ['page 2 of 2']);
    expect(last.links.filter((link) => link.includes('/domain&vhost='))).toHaveLength(50);
  });

  test('the filter knows names, aliases and accounts', async () => {
    holds(await read('/domains&text=www.shop'), ['1 of 250 vhosts']);
    holds(await read('/domains&text=acct17'), ['1 of 250 vhosts']);
    holds(await read('/domains&text=nosuch'), ['No vhost has this in its names', 'Show all']);
    harness.exclusions.domainsView = { ...DOMAINS, rows: [] };
    holds(await read('/domains'), ['No vhost of this server is known']);
  });
});

describe('a domain', () => {
  test('rules with their switches, causes, exclusions, finds, engine', async () => {
    const page = await read(`/domain&vhost=www.${SHOP}`);
    holds(page, [
      'shop.example.com is protected. 1 rule partly off, 1 rule off.',
      'Account shopexam · also www.shop.example.com, shop.example.org, shop.example.net: they share this vhost, so a change is for all 4.',
      'Rules that fired, 30 days: 5',
      '942100 Text read as SQL',
      'critical · 5 points · PL 1 · phase 2',
      '100 refused',
      '10 false alarms, 2 attack',
      'Partly off. Change rule 942100',
      'Off for 1 target',
      'It only adds up',
      'Always on',
      '2 causes of rule 942100',
      'REQUEST_COOKIES:consent_prefs',
      'Exclude… ARGS:q at /search',
      'Exclusions: 2',
      '31 times, last 18:00',
      'not known',
      '2 further hits of what it switches off',
      'Left by others: 1',
      'left by ConfigServer ModSec Control',
      'On, refusing',
      'crs-setup.conf:30',
      'The logs show another limit than the configuration.',
    ]);
    expect(page.links).toContain(
      `index.cgi?p=/propose&vhost=${SHOP}&rule=942100&target=REQUEST_COOKIES%3Aconsent_prefs&path=%2Fp%2F%7Bn%7D`,
    );
    expect(page.links).toContain('index.cgi?p=/exclusion&id=13');
    expect(page.links).toContain(`index.cgi?p=/found&key=${FOUND.key}`);
    expect(page.links.filter((link) => link.includes('propose') && link.includes('949110'))).toEqual([]);
    expect(page.links.filter((link) => link.includes('propose') && link.includes('930130'))).toEqual([]);
  });

  test('one rule alone has all its causes', async () => {
    const [first] = domainRule().causes;
    const causes = Array.from({ length: 23 }, (_, index) => ({ ...first!, target: `ARGS:f${index}` }));
    harness.exclusions.domainOf = () => domainView({ rules: [domainRule('942100', { causes })] });
    const all = await read(`/domain&vhost=${SHOP}`);
    expect(all.links.filter((link) => link.includes('/cause&'))).toHaveLength(10);
    holds(all, ['All 23 causes of rule 942100']);
    const alone = await read(`/domain&vhost=${SHOP}&rule=942100`);
    expect(alone.links.filter((link) => link.includes('/cause&'))).toHaveLength(23);
    holds(await read(`/domain&vhost=${SHOP}&rule=1`), ['Rule 1 did not fire here.']);
  });

  test.each([
    ['DetectionOnly', 'is only watched: its rules refuse nothing. No rule that fired is excluded.'],
    ['Off', 'is not protected: the engine is off.'],
    [null, 'shop.example.com: no rule that fired is excluded.'],
  ] as const)('engine mode %s is said', async (mode, words) => {
    const view = domainView({ rules: [domainRule()], exclusions: [], found: [] });
    harness.exclusions.domainOf = () => ({ ...view, engine: { ...view.engine, mode } });
    holds(await read(`/domain&vhost=${SHOP}`), [words, 'None is in force.']);
  });

  test('the engine off for a while is the headline', async () => {
    const scope = { ...EXCLUSION.scope, kind: 'engine-off' as const };
    harness.exclusions.domainOf = () => domainView({ exclusions: [{ ...EXCLUSION, scope }] });
    holds(await read(`/domain&vhost=${SHOP}`), ['All rules are off on shop.example.com for a while.']);
  });

  test('a hand-changed file is shown with its diff and the choices', async () => {
    harness.exclusions.domainOf = () =>
      domainView({ drift: [DRIFT, { ...DRIFT, kind: 'missing', diff: '', adoptable: false }] });
    const page = await read(`/domain&vhost=${SHOP}`);
    holds(page, [
      'The file of shop.example.com was changed by hand.',
      '+SecAction "id:48700012,log"',
      'Adopt what it says',
      'Keep it as it is',
      'The file of shop.example.com is missing.',
    ]);
    expect(page.tags.filter(({ name }) => name === 'del')).toHaveLength(1);
    expect(page.tags.filter((tag) => tag.attributes.get('name') === 'how')).toHaveLength(2);
  });

  test('where nothing can be written, it says why', async () => {
    harness.exclusions.domainOf = () =>
      domainView({ writable: { ok: false, why: 'This server runs ModSecurity 3.' } });
    holds(await read(`/domain&vhost=${SHOP}`), [
      'Nothing can be changed from here. This server runs ModSecurity 3.',
    ]);
  });

  test('a name that is none is a 404 with a sentence; none at all a 400', async () => {
    const page = await read('/domain&vhost=nosuch.example.com');
    expect(page.status).toBe(404);
    expect(page.text).not.toContain('There is no such page');
    holds(page, ['nosuch.example.com is no domain of this server.']);
    expect((await read('/domain')).status).toBe(400);
    harness.exclusions.domainOf = () => {
      throw new FakeBadInput('This is no name.', 'vhost');
    };
    expect((await read('/domain&vhost=x')).status).toBe(400);
  });
});

describe('a cause', () => {
  const AT = `/cause&vhost=${SHOP}&rule=942100&target=REQUEST_COOKIES%3Aconsent_prefs&path=%2Fp%2F%7Bn%7D`;

  test('numbers, the widths that it has parts for, its rule’s other causes', async () => {
    const page = await read(AT);
    holds(page, [
      'Rule 942100 reacted to REQUEST_COOKIES:consent_prefs on shop.example.com: 10 visitors, 64 requests.',
      'on paths like /p/{n}. 62 were refused; 4 came from incidents judged as attacks.',
      'Rule 942100 skips REQUEST_COOKIES:consent_prefs at /p/{n} only',
      'What else rule 942100 reacted to here',
      '22 Nov 2026, 17:40:03',
    ]);
    expect(page.links).toContain(
      `index.cgi?p=/propose&kind=rule-path&vhost=${SHOP}&rule=942100&path=%2Fp%2F%7Bn%7D`,
    );
    expect(page.links).toContain(`index.cgi?p=/propose&kind=rule-vhost&vhost=${SHOP}&rule=942100`);
    expect(page.links.some((link) => link.includes('/search&q=%5Bid%20%22942100%22%5D&syntax=literal'))).toBe(
      true,
    );
  });

  test('a rule that only adds up has nothing to exclude', async () => {
    const page = await read(`/cause&vhost=${SHOP}&rule=949110&target=TX%3Aanomaly_score`);
    holds(page, ['Rule 949110 cannot be switched off here.']);
    expect(page.links.filter((link) => link.includes('/propose'))).toEqual([]);
  });

  test('an exact path is no pattern, none is none', async () => {
    const [first] = domainRule().causes;
    const causes = [{ ...first!, path: '/cart/', refused: 1, attackRequests: 0 }];
    harness.exclusions.domainOf = () => domainView({ rules: [domainRule('942100', { causes })] });
    holds(await read(AT.replace('%2Fp%2F%7Bn%7D', '%2Fcart%2F')), [
      'on the path /cart/. 1 was refused; none came from incidents judged as attacks.',
    ]);
  });

  test.each(['&rule=942100', '&rule=1&target=x', ''])('one that is not there (%s) is a 404', async (rest) => {
    const page = await read(`/cause&vhost=${SHOP}${rest}`);
    expect(page.status).toBe(404);
    holds(page, ['This cause is not on shop.example.com in the last 30 days']);
  });
});

describe('rules', () => {
  test('the list, its filter and its pages', async () => {
    const page = await read('/rules&text=sql&vhost=shop.example.com');
    holds(page, [
      '250 rules',
      'REQUEST-942-APPLICATION-ATTACK-SQLI.conf:66',
      'switched off on the whole server',
      'page 1 of 2',
    ]);
    expect(page.links).toContain(`index.cgi?p=/rules&text=sql&vhost=${SHOP}&page=2`);
    harness.exclusions.ruleRows = [];
    holds(await read('/rules&text=x'), ['No rule matches.', 'Show all']);
    holds(await read('/rules'), ['No rule is installed, and none fired.']);
  });

  test('a vhost that is none is said at its field', async () => {
    harness.exclusions.rules = () =>
      Promise.reject(new FakeBadInput('No vhost of this server serves x.', 'vhost'));
    const page = await read('/rules&vhost=x');
    expect(page.status).toBe(400);
    holds(page, ['No vhost of this server serves x.']);
    harness.exclusions.rules = () => Promise.resolve(harness.exclusions.ruleRows);
  });

  test('one rule: words, definitions, where it fires, is excluded, what else looks', async () => {
    const page = await read('/rule&id=942100');
    holds(page, [
      '942100: Text read as SQL',
      'It looks for text that a database would read as a command.',
      'REQUEST-942-APPLICATION-ATTACK-SQLI.conf:66',
      'REQUEST_COOKIES | !REQUEST_COOKIES:/__utm/ | ARGS | XML:/*',
      '@detectSQLi',
      'ARGS @rx (?i)select',
      'not in force: switched off in WHM',
      'Where it fires: 1 vhost',
      'and 10 more',
      'whole server',
      'Off on the whole server.',
    ]);
    expect(page.links).toContain('index.cgi?p=/causes&rule=942100');
    expect(page.links).toContain(`index.cgi?p=/propose&vhost=${SHOP}&rule=942100`);
    expect(page.links).toContain('index.cgi?p=/exclusion&id=12');
  });

  test('names that visitors made up stand together, and lead nowhere', async () => {
    harness.exclusions.ruleOf = (id) => ({
      ...{ ...RULE, id },
      fires: [{ vhost: 'other host names', requests: 3, visitors: 1 }],
    });
    const page = await read('/rule&id=942100');
    holds(page, ['other host names']);
    expect(page.links.filter((link) => link.includes('other%20host'))).toEqual([]);
  });

  test('an unknown id is a 404, no id a 400', async () => {
    const page = await read('/rule&id=100');
    expect(page.status).toBe(404);
    holds(page, ['Rule 100 is neither installed here nor in any log that is kept.']);
    expect((await read('/rule&id=x')).status).toBe(400);
  });
});

describe('a proposal', () => {
  const AT = `/propose&kind=target-vhost&vhost=${SHOP}&rule=942100&target=REQUEST_COOKIES%3Aconsent_prefs`;

  test('numbers, ladder, requests, checks, caveats, blocks, file, form', async () => {
    const page = await read(AT);
    holds(page, [
      'This frees 58 requests of 10 visitors and lets no known attack request through.',
      'With this exclusion: Rule 942100 skips REQUEST_COOKIES:consent_prefs on shop.example.com. Nothing has been changed yet.',
      'Freed5856 false alarms, 2 not judged',
      'Still blocked422 false alarms, 40 attack',
      'Not certain2at most 2 more freed',
      'Attacks passing0of 40 recorded attack requests',
      'Tried on 102 requests that were refused on shop.example.com, 8 Nov 18:02 to 18:02; 64 of them are touched.',
      'scores add up in 62 of 64',
      'target on a path',
      'suggested',
      'does not work',
      'A phase-1 rule cannot be switched off on a path.',
      '5 → 0',
      '20 → 15',
      '10 → ?',
      'other rules reach the limit. Still counts: 942190 on ARGS:q, 942270',
      'What still refuses requests that it touches',
      'Rule 942190 on ARGS:q: 1 request. Preview that too',
      'lfd blocks that would not have happened: 1 of 2',
      '0 of 10 refusals left (limit 5)',
      '942100 is a phase-2 rule',
      'Freed pages were never produced.',
      'userdata/ssl/2_4/shopexam/shop.example.com/whyblocked.conf',
      'ctl:ruleRemoveTargetById=942100;REQUEST_COOKIES:consent_prefs',
      'Test the configuration (900 ms last time)',
      'Apply to shop.example.com',
    ]);
    const radios = page.tags.filter((tag) => tag.attributes.get('type') === 'radio');
    expect(page.links).toContain(`index.cgi?p=/propose&vhost=${SHOP}&rule=942190&target=ARGS%3Aq`);
    expect(radios.map((tag) => [tag.attributes.has('checked'), tag.attributes.has('disabled')])).toEqual([
      [false, false],
      [true, false],
      [false, true],
      [false, false],
    ]);
    expect(page.tags.some((tag) => tag.attributes.get('name') === 'typed')).toBe(false);
    const [selected] = page.tags.filter(
      ({ name, attributes }) => name === 'option' && attributes.has('selected'),
    );
    expect(selected?.attributes.get('value')).toBe('never');
    expect(harness.exclusions.asked).toEqual([
      {
        kind: 'target-vhost',
        vhost: SHOP,
        ruleId: '942100',
        tag: null,
        target: 'REQUEST_COOKIES:consent_prefs',
        path: null,
      },
    ]);
  });

  test('a radio leads to the address of its rung', async () => {
    const page = await read(AT);
    const radio = page.tags.filter((tag) => tag.attributes.get('type') === 'radio').at(-1)!;
    const answer = await user.agent.get(
      `/index.cgi?p=/propose&scope=${encodeURIComponent(radio.attributes.get('value')!)}`,
    );
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      `index.cgi?p=/propose&kind=rule-vhost&vhost=${SHOP}&rule=942100`,
    ]);
    const wide = await read(`/propose&kind=rule-vhost&vhost=${SHOP}&rule=942100`);
    holds(wide, ['Type the vhost to confirm', 'Attacks passing17of 40']);
    expect(wide.tags.some((tag) => tag.attributes.get('name') === 'typed')).toBe(true);
  });

  test('without a kind it leads to the suggested width', async () => {
    const answer = await user.agent.get(
      `/index.cgi?p=/propose&vhost=${SHOP}&rule=942100&target=ARGS%3Aq&path=%2Fcart%2F`,
    );
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      `index.cgi?p=/propose&kind=target-vhost&vhost=${SHOP}&rule=942100&target=REQUEST_COOKIES%3Aconsent_prefs`,
    ]);
    expect(harness.exclusions.asked[0]).toMatchObject({
      kind: 'target-path',
      target: 'ARGS:q',
      path: '/cart/',
    });
  });

  test.each([
    ['passes', ['192.0.2.118'], ['203.0.113.77']],
    ['blocked', ['203.0.113.77'], ['GET /cart/']],
    ['bound', ['198.51.100.31', '? not in the logs', '1 of 2 are listed'], ['GET /cart/']],
  ])('the tab %s', async (show, there, away) => {
    const page = await read(`${AT}&show=${show}`);
    holds(page, there);
    const list = page.text.slice(
      page.text.indexOf('The requests, before'),
      page.text.indexOf('lfd blocks that'),
    );
    for (const part of away) expect(list).not.toContain(part);
  });

  test('the engine off: at most an hour, never without an end', async () => {
    const page = await read(`/propose&kind=engine-off&vhost=${SHOP}`);
    const options = page.tags
      .filter(({ name }) => name === 'option')
      .map((tag) => tag.attributes.get('value'));
    expect(options).toEqual(['15m', '30m', '60m']);
  });

  describe('a width that does not work', () => {
    const REFUSED = `/propose&kind=rule-path&vhost=${SHOP}&rule=942100&path=%2Fcart%2F`;

    test('says why once, without numbers of what would do nothing, without a form', async () => {
      const page = await read(REFUSED);
      holds(page, ['This width does not work here, so it cannot be applied.']);
      expect(page.text.split('A phase-1 rule cannot be switched off on a path.')).toHaveLength(2);
      for (const part of [
        'Apply to',
        'This frees',
        'The requests, before',
        'lfd blocks that',
        'What this cannot tell',
      ])
        expect(page.text).not.toContain(part);
      holds(page, ['\u2013\u2013\u2013\u2013']);
    });

    test('leads to the width that works, or to the domain', async () => {
      harness.exclusions.proposalOf = (fields) => proposal(fields, { instead: 3 });
      const page = await read(REFUSED);
      holds(page, [`What works instead: Rule 942100 is off on ${SHOP}`]);
      expect(page.links).toContain(`index.cgi?p=/propose&kind=rule-vhost&vhost=${SHOP}&rule=942100`);
      harness.exclusions.proposalOf = proposal;
      const none = await read(REFUSED);
      expect(none.text).not.toContain('What works instead');
      expect(none.links).toContain(`index.cgi?p=/domain&vhost=${SHOP}`);
    });

    test('of a rule that only adds up leads to the rules that scored', async () => {
      harness.exclusions.proposalOf = (fields) => {
        const one = proposal(fields);
        const lint = [{ level: 'refuse', code: 'adds-up', text: 'Rule 949110 only adds up.' } as const];
        return { ...one, ladder: one.ladder.map((rung) => ({ ...rung, lint, allowed: false })) };
      };
      holds(await read(REFUSED), [`Go on here: The rules that scored on ${SHOP}`]);
    });
  });

  test('where nothing can be written: why, and the lines', async () => {
    harness.exclusions.proposalOf = (fields) =>
      proposal(fields, { writable: { ok: false, why: 'This server runs ModSecurity 3.' } });
    const page = await read(AT);
    holds(page, ['It cannot be applied from here. This server runs ModSecurity 3.', 'by hand', 'SecAction']);
    expect(page.text).not.toContain('Apply to');
  });

  test('a file that exists is shown as what goes and comes', async () => {
    harness.exclusions.proposalOf = (fields) => {
      const one = proposal(fields);
      return {
        ...one,
        file: { ...one.file, before: '# Whyblocked exclusions for shop.example.com\n# none\n' },
      };
    };
    const page = await read(AT);
    expect([
      page.tags.filter(({ name }) => name === 'del').length,
      page.tags.filter(({ name }) => name === 'ins').length,
    ]).toEqual([1, 1]);
    holds(page, ['The whole new file', '# none']);
  });

  test('what cannot be understood comes back in a form, at its field', async () => {
    harness.exclusions.proposalOf = () => {
      throw new FakeBadInput('Name the target as the log does.', 'target');
    };
    for (const at of [AT, `/propose&vhost=${SHOP}&rule=942100&target=x`]) {
      const page = await read(at);
      expect(page.status).toBe(400);
      holds(page, ['This scope cannot be tried.', 'Name the target as the log does.']);
      const field = page.tags.find((tag) => tag.attributes.get('name') === 'target');
      expect(field?.attributes.get('aria-invalid')).toBe('true');
    }
    harness.exclusions.proposalOf = () => {
      throw new FakeBadInput('There is nothing to try.');
    };
    holds(await read(AT), ['Not understood. There is nothing to try.']);
    harness.exclusions.proposalOf = () => {
      throw new FakeRefused('Too much waits.');
    };
    expect((await read(AT)).status).toBe(409);
  });

  test('the scope’s form is filled with what is known', async () => {
    const page = await read(`/scope&kind=tag-vhost&vhost=${SHOP}&tag=attack-sqli`);
    const value = (name: string): string | undefined =>
      page.tags.find((tag) => tag.attributes.get('name') === name)?.attributes.get('value');
    expect([page.status, value('vhost'), value('tag'), value('rule')]).toEqual([
      200,
      SHOP,
      'attack-sqli',
      '',
    ]);
  });
});

describe('applying', () => {
  const FORM = { ...HIDDEN, reason: ' consent cookie ', ends: '30d' };

  test('orders exactly what was shown, and leads to the act', async () => {
    const answer = await post('/exclude', FORM);
    expect([answer.status, answer.to]).toEqual([303, 'index.cgi?p=/act&id=act-1']);
    expect(harness.exclusions.orders).toEqual([
      {
        what: 'exclude',
        with: {
          scope: {
            kind: 'target-vhost',
            vhost: SHOP,
            ruleId: '942100',
            tag: null,
            target: 'REQUEST_COOKIES:consent_prefs',
            path: null,
          },
          reason: 'consent cookie',
          author: 'root',
          expiresAt: harness.time.now + 30 * 86_400_000,
          typed: null,
        },
      },
    ]);
  });

  test.each([
    ['never', null],
    ['60m', 3_600_000],
    ['1d', 86_400_000],
  ])('the end %s', async (ends, after) => {
    await post('/exclude', { ...FORM, ends, typed: SHOP });
    const { expiresAt, typed } = harness.exclusions.orders[0]!.with as {
      expiresAt: number | null;
      typed: string;
    };
    expect([expiresAt, typed]).toEqual([after === null ? null : harness.time.now + after, SHOP]);
  });

  test.each(['', 'x', '0d', '-1d', '30', '1e3d', '99999d'])('the end %j is none', async (ends) => {
    const answer = await post('/exclude', { ...FORM, ends });
    expect(answer.status).toBe(400);
    holds(answer, ['Choose when it ends.']);
    expect(harness.exclusions.orders).toEqual([]);
  });

  test('without a reason it comes back, the rest kept', async () => {
    const answer = await post('/exclude', { ...FORM, reason: ' ' });
    expect(answer.status).toBe(400);
    holds(answer, ['Say why: the reason stays', 'Not applied: the form is not complete.']);
    expect(harness.exclusions.orders).toEqual([]);
  });

  test('what the engine does not understand stands at its field, what it refuses above the form', async () => {
    harness.exclusions.check = () => {
      throw new FakeBadInput('Type shop.example.com to confirm.', 'typed');
    };
    const wide = { ...FORM, kind: 'rule-vhost', typed: 'shop' };
    const untyped = await user.agent
      .post('/index.cgi?p=/exclude')
      .type('form')
      .send({ csrf: user.csrf, ...wide });
    const page = readHtml(untyped.text);
    expect([untyped.status, page.problems]).toEqual([400, []]);
    const value = (name: string): string | undefined =>
      page.tags.find((tag) => tag.attributes.get('name') === name)?.attributes.get('value');
    expect([
      value('typed'),
      value('reason'),
      page.text.includes('Type shop.example.com to confirm.'),
    ]).toEqual(['shop', 'consent cookie', true]);
    harness.exclusions.check = () => {
      throw new FakeBadInput('Something else.', 'expires');
    };
    holds(await post('/exclude', FORM), ['Something else.']);
    harness.exclusions.check = () => {
      throw new FakeBadInput('No field.');
    };
    holds(await post('/exclude', FORM), ['Not applied. No field.']);
    harness.exclusions.check = () => {
      throw new FakeRefused('Not applied; nothing was changed. Exclusion 12 does this already.');
    };
    const refused = await post('/exclude', FORM);
    expect(refused.status).toBe(409);
    holds(refused, ['Exclusion 12 does this already.', 'Apply to shop.example.com']);
  });

  test('a form without a kind orders nothing', async () => {
    const answer = await post('/exclude', { vhost: SHOP, reason: 'x', ends: 'never' });
    expect(answer.status).toBe(400);
    expect(harness.exclusions.orders).toEqual([]);
  });
});

const ACTS: readonly (readonly [string, Record<string, string>])[] = [
  ['/exclude', { ...HIDDEN, reason: 'x', ends: 'never' }],
  ['/revert', { id: '12', reason: 'x' }],
  ['/exclusion/edit', { id: '12', reason: 'x', ends: 'same' }],
  ['/adopt', { key: FOUND.key, reason: 'x' }],
  ['/settle', { vhost: SHOP, how: 'keep', reason: 'x' }],
];

describe.each(ACTS)('%s', (page, fields) => {
  test('changes nothing by GET, and nothing without the token', async () => {
    const query = new URLSearchParams(fields).toString();
    const answer = await user.agent.get(`/index.cgi?p=${page}&${query}`);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    for (const csrf of ['', 'wrong']) expect((await post(page, { ...fields, csrf })).status).toBe(403);
    const foreign = await user.agent
      .post(`/index.cgi?p=${page}`)
      .set('Sec-Fetch-Site', 'cross-site')
      .type('form')
      .send({ ...fields, csrf: user.csrf });
    expect(foreign.status).toBe(403);
    expect(harness.exclusions.orders).toEqual([]);
  });

  test('starts with the token, needs a reason, and says what is refused', async () => {
    expect((await post(page, fields)).to).toBe('index.cgi?p=/act&id=act-1');
    expect(harness.exclusions.orders).toHaveLength(1);
    expect((await post(page, { ...fields, reason: '' })).status).toBe(400);
    harness.exclusions.check = () => {
      throw new FakeRefused('Another change runs.');
    };
    const refused = await post(page, fields);
    expect(refused.status).toBe(409);
    holds(refused, ['Another change runs.']);
    expect(harness.exclusions.orders).toHaveLength(1);
  });
});

describe('taking back, changing, adopting, settling', () => {
  test('order what the form says, by the signed-in user', async () => {
    await post('/revert', { id: '12', reason: 'the rule was mended' });
    await post('/exclusion/edit', { id: '12', reason: 'longer', ends: 'same' });
    await post('/exclusion/edit', { id: '13', reason: 'shorter', ends: '7d' });
    await post('/exclusion/edit', { id: '13', reason: 'as it is', ends: 'same' });
    await post('/adopt', { key: FOUND.key, reason: 'ours now' });
    await post('/settle', { vhost: SHOP, how: 'adopt', reason: 'it is right' });
    const author = 'root';
    expect(harness.exclusions.orders).toEqual([
      { what: 'revert', with: { id: 12, reason: 'the rule was mended', author } },
      {
        what: 'edit',
        with: { id: 12, reason: 'longer', expiresAt: Date.parse(EXCLUSION.expiresAt!), author },
      },
      {
        what: 'edit',
        with: { id: 13, reason: 'shorter', expiresAt: harness.time.now + 7 * 86_400_000, author },
      },
      { what: 'edit', with: { id: 13, reason: 'as it is', expiresAt: null, author } },
      { what: 'adopt', with: { key: FOUND.key, reason: 'ours now', author } },
      { what: 'settle', with: { vhost: SHOP, how: 'adopt', reason: 'it is right', author } },
    ]);
  });

  test.each([
    ['/revert', { id: 'x', reason: 'x' }, 400],
    ['/exclusion/edit', { id: '99', reason: 'x', ends: 'same' }, 404],
    ['/exclusion/edit', { id: '12', reason: 'x', ends: 'whenever' }, 400],
    ['/adopt', { key: '', reason: 'x' }, 400],
    ['/adopt', { key: 'k'.repeat(501), reason: 'x' }, 400],
    ['/settle', { vhost: SHOP, how: 'delete', reason: 'x' }, 400],
    ['/settle', { vhost: '', how: 'keep', reason: 'x' }, 400],
  ])('%s with %j is answered %d and orders nothing', async (page, fields, status) => {
    const answer = await post(page, fields);
    expect(answer.status).toBe(status);
    holds(answer, ['Nothing was changed']);
    expect(harness.exclusions.orders).toEqual([]);
  });
});

describe('an act', () => {
  const RUNNING = actView({
    state: 'running',
    now: 'Testing the configuration',
    change: { ...CHANGE, state: 'running', steps: CHANGE.steps.slice(0, 1) },
    sentence: null,
  });

  test('is watched without a script until it has ended', async () => {
    harness.exclusions.acts = [
      actView({
        state: 'waiting',
        now: 'Waiting for the reload that runs',
        change: null,
        sentence: null,
        exclusionIds: [],
      }),
      RUNNING,
      actView(),
    ];
    const refresh = (page: ReadPage): string | undefined =>
      page.tags.find((tag) => tag.attributes.get('http-equiv') === 'refresh')?.attributes.get('content');
    const waiting = await read('/act&id=act-1');
    holds(waiting, ['Waiting for the reload that runs']);
    expect(refresh(waiting)).toBe('2;url=index.cgi?p=/act&id=act-1');
    const running = await read('/act&id=act-1');
    holds(running, ['At work', 'Testing the configuration', 'new bytes are on the disk beside it.']);
    expect(running.links.some((link) => link.includes('/exclusion&id='))).toBe(false);
    const done = await read('/act&id=act-1');
    holds(done, [
      'Done',
      'In force on shop.example.com. No request has tried it yet.',
      'The configuration passes its test. 900 ms',
      'Take back…',
    ]);
    expect(refresh(done)).toBeUndefined();
    expect(done.links).toContain('index.cgi?p=/exclusion&id=12#h-back');
    expect(done.links).toContain('index.cgi?p=/change&id=31');
    expect(done.links).toContain(`index.cgi?p=/domain&vhost=${SHOP}`);
  });

  test('the part that the script polls', async () => {
    harness.exclusions.acts = [RUNNING];
    const answer = await user.agent.get('/index.cgi?p=/act/state&id=act-1').expect(200);
    expect(answer.text).toContain('aria-busy="true" data-wb-poll="index.cgi?p=/act/state&amp;id=act-1"');
    expect(answer.text).not.toContain('<html');
  });

  test('one that failed says so and has nothing to take back', async () => {
    harness.exclusions.acts = [
      actView({
        state: 'failed',
        change: ROLLED_BACK,
        sentence: 'Not applied. Everything is as it was.',
        exclusionIds: [],
      }),
    ];
    const page = await read('/act&id=act-1');
    holds(page, ['Not done', 'Not applied. Everything is as it was.', 'line 14: Invalid command.']);
    expect(page.text).not.toContain('Take back');
  });

  test.each(['act-9', '', '../x', 'x'.repeat(65)])('%j is not known', async (id) => {
    const page = await read(`/act&id=${encodeURIComponent(id)}`);
    expect(page.status).toBe(404);
    holds(page, ['This act is not kept any more.']);
    expect((await user.agent.get(`/index.cgi?p=/act/state&id=${encodeURIComponent(id)}`)).status).toBe(404);
  });
});

describe('exclusions', () => {
  test('in force, with their warnings; other files to look at', async () => {
    const page = await read('/exclusions');
    holds(page, [
      '2 exclusions in force on 1 vhost',
      '1 file of Whyblocked is not as it was written.',
      'In force 2',
      'Ended 1',
      'Left by others 2',
      'To look at 1',
      'Changes 2',
      'Exclusion 12 on shop.example.com',
      'consent cookie read as SQL, ticket 8841',
      'No installed rule has the id 920420 any more.',
      '22 Dec 09:04',
      'when taken back',
    ]);
  });

  test.each([
    ['ended', ['Exclusion 7', 'ended by itself, Fri 12:00']],
    ['found', ['Off on the whole server: rule 930130.', 'switched off in WHM', 'modsec.conf:3']],
    ['drift', ['The file of shop.example.com was changed by hand.', 'Keep it as it is']],
    ['changes', ['Applied (change 31)', 'not done, everything is as it was']],
    ['nosuch', ['Exclusion 12']],
  ])('the list %s', async (show, parts) => {
    holds(await read(`/exclusions&show=${show}`), parts);
  });

  test('the filter, in every list', async () => {
    holds(await read('/exclusions&text=8841'), ['2 of 2']);
    holds(await read('/exclusions&text=consent_prefs'), ['1 of 2']);
    holds(await read(`/exclusions&vhost=${SHOP.toUpperCase()}`), ['2 of 2']);
    holds(await read('/exclusions&vhost=blog.example.net'), ['The filter hides 2.', 'Show all']);
    holds(await read('/exclusions&show=found&text=930130'), ['1 of 2']);
    holds(await read(`/exclusions&show=changes&vhost=${SHOP}&text=change+30`), ['1 of 2']);
    holds(await read('/exclusions&show=drift&text=nothing'), ['The filter hides 1.']);
  });

  test('nothing at all', async () => {
    harness.exclusions.all = exclusionsView({
      active: [],
      ended: [],
      found: [],
      drift: [],
      writable: { ok: false, why: 'nginx runs ModSecurity here.' },
    });
    harness.exclusions.ledger = [];
    holds(await read('/exclusions'), [
      'No exclusion is in force',
      'No exclusions.',
      'Nothing can be changed from here. nginx runs ModSecurity here.',
    ]);
    holds(await read('/exclusions&show=drift'), ['All files are as Whyblocked wrote them.']);
    holds(await read('/exclusions&show=changes'), ['Nothing was changed yet.']);
  });

  test('one: its facts, its forms, its changes', async () => {
    const page = await read('/exclusion&id=12');
    holds(page, [
      'Exclusion 12: Rule 942100 skips REQUEST_COOKIES:consent_prefs on shop.example.com',
      'in force',
      '0 of 12 requests with rule hits: it works',
      'it ends without a reload',
      'Take back on shop.example.com',
      'as now: 22 Dec 2026, 09:04:11',
      'after 30 days from now',
      'Applied (change 31)',
    ]);
    expect((await read('/exclusion&id=99')).status).toBe(404);
    expect((await read('/exclusion&id=x')).status).toBe(400);
  });

  test('one that does not work, one that has ended, one that cannot be changed', async () => {
    holds(await read('/exclusion&id=13'), [
      '2 of 12 requests with rule hits: it does not work as it should',
      'as now: when taken back',
    ]);
    const ended = await read('/exclusion&id=7');
    holds(ended, ['ended by itself, Fri 12:00', 'Preview the same exclusion again']);
    expect(ended.tags.some((tag) => tag.attributes.get('name') === 'reason')).toBe(false);
    harness.exclusions.all = exclusionsView({ writable: { ok: false, why: 'LiteSpeed.' } });
    holds(await read('/exclusion&id=12'), ['It cannot be changed from here', 'LiteSpeed.']);
  });

  test('what others left: lines, what it would become, the form; or why it stays', async () => {
    const page = await read(`/found&key=${FOUND.key}`);
    holds(page, [
      'Off on shop.example.com: rule 920420.',
      'SecRuleRemoveById 920420',
      'What it would become',
      'Rule 920420 is off on shop.example.com',
      'Adopt',
    ]);
    expect(page.links).toContain(`index.cgi?p=/propose&kind=rule-vhost&vhost=${SHOP}&rule=920420`);
    const stays = await read(`/found&key=${STAYS.key}`);
    holds(stays, ['It cannot be taken over. Exclusions of ours hold for one vhost']);
    expect(stays.tags.some((tag) => tag.attributes.get('name') === 'key')).toBe(false);
    expect((await read('/found&key=gone')).status).toBe(404);
  });

  test('one change: steps, bytes, undo', async () => {
    const page = await read('/change&id=31');
    holds(page, [
      'Change 31: applied on shop.example.com',
      'new file',
      'changed',
      '# old',
      'The configuration passes its test.',
      'How to undo it',
      'whyblocked revert 12',
    ]);
    expect(page.links).toContain('index.cgi?p=/exclusion&id=12');
    holds(await read('/change&id=30'), ['not done, everything is as it was', 'line 14']);
    expect((await read('/change&id=99')).status).toBe(404);
    expect((await read('/change&id=x')).status).toBe(400);
  });
});

test('the fixtures have every rung once', () => {
  expect(new Set(proposal().ladder.map(({ scope }) => scope.kind)).size).toBe(4);
  expect(rung().allowed).toBe(true);
});

describe('pages of hundreds of rows (times are printed, not judged)', () => {
  const vhost = (index: number): string => `site${index}.example.net`;

  /** Prints the fastest of four looks. */
  async function measure(page: string): Promise<void> {
    const times: number[] = [];
    for (let time = 0; time < 4; time++) {
      const began = performance.now();
      await user.agent.get(`/index.cgi?p=${page}`).expect(200);
      times.push(performance.now() - began);
    }
    console.info(`${page}: ${Math.round(Math.min(...times))} ms`);
  }

  test('300 rules with 10 causes each', async () => {
    const [one] = domainRule().causes;
    const causes = Array.from({ length: 10 }, (_, index) => ({ ...one!, target: `ARGS:field${index}` }));
    const rules = Array.from({ length: 300 }, (_, index) => domainRule(String(920_000 + index), { causes }));
    harness.exclusions.domainOf = () => domainView({ rules });
    const page = await read(`/domain&vhost=${SHOP}`);
    holds(page, ['page 1 of 2']);
    expect(page.links.filter((link) => link.includes('/cause&'))).toHaveLength(2000);
    await measure(`/domain&vhost=${SHOP}`);
  });

  test('300 vhosts with 40 exclusions each', async () => {
    const active = Array.from({ length: 12_000 }, (_, index) => ({
      ...EXCLUSION,
      id: index + 1,
      scope: { ...EXCLUSION.scope, vhost: vhost(Math.floor(index / 40)) },
    }));
    harness.exclusions.all = exclusionsView({ active });
    holds(await read('/exclusions&page=60'), [
      '12,000 exclusions in force on 300 vhosts',
      'page 60 of 60',
      'Exclusion 12000',
    ]);
    holds(await read(`/exclusions&vhost=${vhost(7)}`), ['40 of 12,000']);
    await measure('/exclusions');
    await measure(`/exclusions&vhost=${vhost(7)}&text=consent`);
    await measure('/exclusion&id=11999');
  });

  test('300 requests of a preview', async () => {
    const rows = Array.from({ length: 300 }, () => previewRow());
    harness.exclusions.proposalOf = (fields) => {
      const one = proposal(fields);
      return { ...one, preview: { ...one.preview, transactions: rows } };
    };
    const at = `/propose&kind=target-vhost&vhost=${SHOP}&rule=942100&target=ARGS%3Aq`;
    holds(await read(at), ['page 1 of 2']);
    holds(await read(`${at}&page=2`), ['page 2 of 2']);
    await measure(at);
  });
});
