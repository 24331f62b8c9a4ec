// The pages of the firewall over HTTP: lists, previews, acts from the form to the outcome, the alarm; and hostile entries.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FirewallPlan } from '../../src/actions/firewall-view.ts';
import {
  actRow,
  actView,
  ALARM,
  ALLOWED,
  entry,
  fakeFirewall,
  firewallList,
  plan,
  where,
} from './firewall-fixtures.ts';
import { type Agent, FakeBadInput, type Harness, makeHarness, signIn } from './harness.ts';
import { type ReadPage, readHtml } from './html.ts';

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
  const { view, planOf, byHand, runs, ledger, check } = fakeFirewall();
  Object.assign(harness.firewall, { view, planOf, byHand, runs, ledger, check, problem: null });
  for (const list of [harness.firewall.filters, harness.firewall.asked, harness.firewall.orders])
    list.length = 0;
  harness.records.length = 0;
});

class FakeRefused extends Error {
  override readonly name = 'Refused';
}

async function read(page: string, status = 200): Promise<ReadPage> {
  const answer = await user.agent.get(`/index.cgi?p=${page}`);
  const shown = readHtml(answer.text);
  expect([answer.status, shown.problems]).toEqual([status, []]);
  return { ...shown, text: shown.text.replaceAll(/\s+/g, ' ') };
}

interface Sent {
  readonly status: number;
  readonly location: string | undefined;
  readonly page: ReadPage;
}

async function send(fields: Record<string, string>, page = '/firewall/act'): Promise<Sent> {
  const answer = await user.agent
    .post(`/index.cgi?p=${page}`)
    .type('form')
    .send({ csrf: user.csrf, ...fields });
  const shown = readHtml(answer.text);
  expect(shown.problems).toEqual([]);
  return {
    status: answer.status,
    location: answer.headers.location,
    page: { ...shown, text: shown.text.replaceAll(/\s+/g, ' ') },
  };
}

const links = ({ tags }: ReadPage): string[] => tags.flatMap((tag) => tag.attributes.get('href') ?? []);
const buttons = ({ tags }: ReadPage): string[] =>
  tags
    .filter(({ name, attributes }) => name === 'form' && attributes.get('method') === 'post')
    .map(({ attributes }) => attributes.get('action') ?? '');

describe('the lists', () => {
  test('finding, rotation, settings to look at, rows, newest acts', async () => {
    const { text } = await read('/firewall');
    for (const part of [
      '193 addresses are denied: 187 permanently, 6 for a while.',
      'full in about 4 days. inferred',
      'Settings of csf to look atLF_MODSEC_PERM = "3"for 3 seconds',
      'above 1 it is seconds',
      'All 193',
      'Web firewall 131',
      '193 entries, read at 18:02:09',
      '192.0.2.118permanent',
      '10 refusals by ModSecurity within an hour',
      'drops out in about 9 days',
      'False positive',
      'Unblock… 192.0.2.118',
      '“abuser - do not delete”',
      'kept when the list is trimmed',
      'page 1 of 2',
      'Newest acts',
      'the fix is in force, ticket 8841',
      'What csf.conf says about blocks',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('until somebody has looked');
  });

  test('the whole state stands in the address', async () => {
    await read('/firewall&kind=nets&q=198.51&page=2');
    expect(harness.firewall.filters).toEqual([{ kind: 'nets', text: '198.51', page: 2 }]);
  });

  test('what cannot be read is never called empty', async () => {
    harness.firewall.view = firewallList({
      rows: [],
      permanent: 0,
      temporary: 0,
      matching: 0,
      rotation: null,
      problems: [{ source: '/etc/csf/csf.deny', why: 'EACCES' }],
    });
    const { text } = await read('/firewall');
    expect(text).toContain('What csf denies is not known.');
    expect(text).toContain('Not all lists could be read.');
    expect(text).toContain('That does not mean that nobody is denied');
  });

  test('nothing denied, nothing done, no csf to run', async () => {
    harness.firewall.view = firewallList({
      rows: [],
      permanent: 0,
      temporary: 0,
      matching: 0,
      acts: [],
      settings: [],
      cannot: 'This is a copied server.',
    });
    const { text } = await read('/firewall');
    expect(text).toContain('No address is denied.');
    expect(text).toContain('Whyblocked has done nothing with csf yet.');
    expect(text).toContain('Nothing can be done with csf from here. This is a copied server.');
  });

  test('allowed entries lead to the end of the allow', async () => {
    harness.firewall.view = firewallList({ rows: ALLOWED });
    expect(links(await read('/firewall&kind=allowed'))).toContain(
      'index.cgi?p=/firewall/act&do=disallow&target=192.0.2.50',
    );
  });
});

describe('the alarm', () => {
  beforeEach(() => {
    harness.firewall.view = firewallList({ alarm: ALARM });
  });

  test('stands on top with what to look at, and is ended with a reason', async () => {
    const page = await read('/firewall');
    expect(page.text).toContain('Nothing is done with csf until somebody has looked.');
    expect(page.text).toContain('Does csf -l show rules?');
    expect(buttons(page)).toContain('index.cgi?p=/firewall/alarm');
    const { status, location } = await send({ reason: 'csf.deny was mended' }, '/firewall/alarm');
    expect([status, location]).toEqual([303, 'index.cgi?p=/firewall']);
    expect(harness.firewall.orders).toEqual([
      { endAlarm: 'csf.deny was mended', by: { who: 'root', address: expect.stringContaining('127.0.0.1') } },
    ]);
  });

  test.each([
    [new FakeBadInput('Say why.', 'reason'), 400],
    [new FakeRefused('csf still has its file csf.error.'), 409],
  ])('that cannot be ended says why, and keeps what was typed', async (error, status) => {
    harness.firewall.problem = error;
    const answer = await send({ reason: 'looked' }, '/firewall/alarm');
    expect([answer.status, answer.page.text.includes(error.message)]).toEqual([status, true]);
    const field = answer.page.tags.find(({ attributes }) => attributes.get('id') === 'wb-alarm-why');
    expect(field?.attributes.get('value')).toBe('looked');
  });
});

describe('a preview', () => {
  const UNBLOCK = '/firewall/act&do=unblock&target=192.0.2.118';

  test('shows the commands, where it stands, what comes next, and the fix first', async () => {
    const page = await read(`${UNBLOCK}&allow=3600&from=2026-11-22T09:14:40%2B01:00`);
    for (const part of [
      'Unblock 192.0.2.118?',
      'Very probably a false alarm. Nothing has been changed yet.',
      'The fix first',
      'Preview the fix…',
      'csf -dr 192.0.2.118',
      'Takes 192.0.2.118 out of csf.deny, with all lines about it.',
      'csf -ta 192.0.2.118 3600',
      '192.0.2.118 in csf.deny, permanent, all ports',
      'csf -dr takes it out.',
      'known · csf.deny @ 1,200',
      'What happens if the same request comes again',
      'at the 5th refusal within an hour',
    ])
      expect(page.text).toContain(part);
    expect(harness.firewall.asked).toEqual([
      {
        act: 'unblock',
        target: '192.0.2.118',
        seconds: null,
        wholeNet: false,
        thenAllow: 3600,
        incidentFrom: '2026-11-22T09:14:40+01:00',
        by: expect.stringContaining('127.0.0.1'),
      },
    ]);
    const main = page.tags.filter(
      ({ attributes }) => attributes.get('class')?.includes('wb-btn--main') === true,
    );
    expect(main.map(({ attributes }) => attributes.get('href')?.slice(0, 22))).toEqual([
      'index.cgi?p=/propose&v',
    ]);
  });

  test('of an attack folds the form away and asks to type the address', async () => {
    const verdict = { label: 'attack', words: 'Almost certainly a scanner.' } as const;
    harness.firewall.planOf = (request) => plan(request, { verdict, fix: null, typed: '192.0.2.118' });
    const page = await read(UNBLOCK);
    expect(page.text).toContain('Unblock 192.0.2.118 anyway');
    expect(page.text).toContain('Type 192.0.2.118 to confirm');
    const fold = page.tags.find(({ attributes }) => attributes.get('id') === 'apply');
    expect([fold?.name, fold?.attributes.has('open')]).toEqual(['details', false]);
  });

  test('that is refused is a sentence without a button', async () => {
    harness.firewall.planOf = (request) =>
      plan(request, { refusal: 'csf does not block it now.', steps: [], fix: null });
    const page = await read(UNBLOCK);
    expect(page.text).toContain('csf does not block it now.');
    expect(buttons(page).filter((action) => action.includes('/firewall'))).toEqual([]);
  });

  test('of a copied server gives the commands to be run by hand', async () => {
    harness.firewall.byHand = true;
    harness.firewall.planOf = (request) => plan(request, { refusal: 'This is a copied server.' });
    const page = await read(UNBLOCK);
    expect(page.text).toContain('To be run by hand, in a root terminal of that server');
    expect(page.text).toContain('csf -dr 192.0.2.118');
    expect(page.tags.some(({ attributes }) => attributes.get('data-wb-copy') === 'csf-command')).toBe(true);
  });

  test('says what else to look at where csf does not block it, and who is near', async () => {
    const said = (sentence: string): FirewallPlan['again'][number] => ({
      basis: 'missing',
      sentence,
      lines: [],
    });
    harness.firewall.planOf = (request) =>
      plan(request, {
        where: where({
          blocked: false,
          places: [],
          elsewhere: [said('cPHulk may hold it.')],
          neighbours: [said('3 more of 2001:db8:5::/64 are denied.')],
        }),
        warnings: [said('This is an address of this server.')],
      });
    const { text } = await read(UNBLOCK);
    for (const part of [
      'In no list of csf that was read.',
      'csf does not block it: what else may',
      'cPHulk may hold it.',
      '3 more of 2001:db8:5::/64 are denied.',
      'Look at this first',
      'This is an address of this server.',
    ])
      expect(text).toContain(part);
  });

  test('of what is no address asks again, with the message at the field', async () => {
    harness.firewall.planOf = () => {
      throw new FakeBadInput('“x y” is no address and no net.', 'target');
    };
    const page = await read('/firewall/act&do=block&target=x%20y', 400);
    const field = page.tags.find(({ attributes }) => attributes.get('id') === 'wb-fw-target');
    expect([field?.attributes.get('value'), field?.attributes.get('aria-invalid')]).toEqual(['x y', 'true']);
    expect(page.text).toContain('“x y” is no address and no net.');
    const chosen = page.tags.find(({ attributes }) => attributes.has('selected'));
    expect(chosen?.attributes.get('value')).toBe('block');
    harness.firewall.planOf = () => {
      throw new FakeBadInput('The time must be between a minute and a year.', 'seconds');
    };
    const other = await read('/firewall/act&do=temp-block&target=192.0.2.1&seconds=5', 400);
    expect(other.text).toContain('Not understood. The time must be between a minute and a year.');
  });

  test.each(['', '&do=nothing', '&do=__proto__'])('an address that names no act: %s', async (query) => {
    const page = await read(`/firewall/act${query}`, 400);
    expect(page.text).toContain('The link names nothing that could be done.');
  });
});

describe('an act', () => {
  const FIELDS = { do: 'unblock', target: '192.0.2.118', seen: 'csf -dr 192.0.2.118', reason: 'ticket 8841' };

  test('is ordered with the commands that were seen, recorded, and watched', async () => {
    const { status, location } = await send({ ...FIELDS, allow: '3600', typed: '192.0.2.118' });
    expect([status, location]).toEqual([303, 'index.cgi?p=/firewall/run&id=f1']);
    expect(harness.firewall.orders).toEqual([
      {
        request: {
          act: 'unblock',
          target: '192.0.2.118',
          seconds: null,
          wholeNet: false,
          thenAllow: 3600,
          incidentFrom: null,
        },
        confirmation: {
          who: 'root',
          address: expect.stringContaining('127.0.0.1'),
          reason: 'ticket 8841',
          typed: '192.0.2.118',
          seen: ['csf -dr 192.0.2.118'],
        },
      },
    ]);
    expect(harness.records).toMatchObject([
      { act: 'ask: firewall unblock', detail: '192.0.2.118: ticket 8841', result: 'taken on (act f1)' },
    ]);
  });

  test('without a reason comes back with the message at the field; nothing is ordered', async () => {
    const { status, page } = await send({ ...FIELDS, reason: '  ', typed: 'x' });
    expect([status, harness.firewall.orders]).toEqual([400, []]);
    const field = page.tags.find(({ attributes }) => attributes.get('id') === 'wb-why');
    expect(field?.attributes.get('aria-invalid')).toBe('true');
    expect(page.text).toContain('Say why: the reason stays in the activity.');
    expect(page.text).toContain('Not done. The form is not complete.');
  });

  test('with another address typed comes back, with the reason that was given', async () => {
    harness.firewall.planOf = (request) => plan(request, { typed: '192.0.2.118' });
    harness.firewall.check = () => {
      throw new FakeBadInput('Nothing was changed: type 192.0.2.118 to confirm.', 'typed');
    };
    const { status, page } = await send({ ...FIELDS, typed: '192.0.2.119' });
    const value = (id: string) =>
      page.tags.find(({ attributes }) => attributes.get('id') === id)?.attributes.get('value');
    expect([status, value('wb-why'), value('wb-typed')]).toEqual([400, 'ticket 8841', '192.0.2.119']);
    expect(page.text).toContain('Nothing was changed: type 192.0.2.118 to confirm.');
  });

  test('that is refused comes back with the lists as they are now, and is recorded', async () => {
    harness.firewall.check = () => {
      throw new FakeRefused('Nothing was changed: csf’s lists are not what they were.');
    };
    const { status, page } = await send(FIELDS);
    expect(status).toBe(409);
    expect(page.text).toContain('Not done. Nothing was changed: csf’s lists are not what they were.');
    expect(harness.records).toMatchObject([
      { act: 'ask: firewall unblock', result: expect.stringContaining('refused') },
    ]);
  });

  test('of an attack that came back unfolds', async () => {
    const verdict = { label: 'attack', words: 'x' } as const;
    harness.firewall.planOf = (request) => plan(request, { verdict, fix: null, typed: '192.0.2.118' });
    const { page } = await send({ ...FIELDS, reason: '' });
    const fold = page.tags.find(({ attributes }) => attributes.get('id') === 'apply');
    expect(fold?.attributes.has('open')).toBe(true);
  });

  test('other problems of the engine are said on the page', async () => {
    harness.firewall.check = () => {
      throw new FakeBadInput('The time must be between a minute and a year.', 'seconds');
    };
    const { status, page } = await send(FIELDS);
    expect([status, page.text.includes('The time must be between a minute and a year.')]).toEqual([
      400,
      true,
    ]);
    harness.firewall.check = () => {
      throw new TypeError('secret detail');
    };
    expect((await send(FIELDS)).status).toBe(500);
    expect((await send({ reason: 'x' })).status).toBe(400);
  });

  test('is watched until it has ended: page, state, refresh without JavaScript', async () => {
    const running = actView({
      state: 'running',
      now: 'Running csf -dr 192.0.2.118',
      steps: [],
      sentence: null,
    });
    harness.firewall.runs = [running, running, actView()];
    const answer = await user.agent.get('/index.cgi?p=/firewall/run&id=f1');
    expect(answer.text).toContain(
      '<noscript><meta http-equiv="refresh" content="2;url=index.cgi?p=/firewall/run&amp;id=f1">',
    );
    const state = await user.agent.get('/index.cgi?p=/firewall/run/state&id=f1');
    expect([state.text.includes('Running csf -dr'), state.text.includes('<html')]).toEqual([true, false]);
    const { text, tags } = await read('/firewall/run&id=f1');
    expect(text).toContain('csf does not block 192.0.2.118 now.');
    expect(text).toContain('csf -dr 192.0.2.118csf said: “Removing rule...”. Its files show it. 412 ms');
    expect(tags.some(({ attributes }) => attributes.get('http-equiv') === 'refresh')).toBe(false);
  });

  test('has a permanent page', async () => {
    const { text } = await read('/firewall/done&id=7');
    expect(text).toContain('csf does not block 192.0.2.118 now.');
    expect(text).toContain('Reasonthe fix is in force, ticket 8841');
  });

  test.each([
    '/firewall/run&id=f2',
    '/firewall/run&id=x',
    '/firewall/run/state&id=',
    '/firewall/done&id=8',
    '/firewall/done&id=1e3',
  ])('that is not there: %s', async (page) => {
    await read(page, 404);
  });
});

describe('hostile entries', () => {
  const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u001b[31m\u202e';
  const evil = {
    entry: EVIL,
    address: null,
    size: EVIL,
    trigger: EVIL,
    words: EVIL,
    comment: EVIL,
    covers: EVIL,
    since: EVIL,
    until: EVIL,
    includedFrom: EVIL,
    dropsOut: EVIL,
    noIncident: EVIL,
  };

  async function harmless(page: string): Promise<ReadPage> {
    const shown = await read(page);
    expect(shown.tags.filter(({ name, attributes }) => name === 'script' && !attributes.has('src'))).toEqual(
      [],
    );
    expect(shown.tags.filter(({ name }) => name === 'img')).toEqual([]);
    expect(shown.text).toContain('<script>alert(1)</script>');
    expect(shown.text).toContain('‹U+001B›[31m‹U+202E›');
    return shown;
  }

  test('in the lists', async () => {
    harness.firewall.view = firewallList({
      rows: [
        entry(evil),
        entry({ ...evil, words: null, incident: { client: EVIL, from: EVIL, label: null, words: EVIL } }),
      ],
      settings: [{ name: EVIL, value: EVIL, meaning: EVIL, misreading: EVIL, state: 'fail' }],
      alarm: { at: EVIL, sentence: EVIL, todo: [EVIL] },
      problems: [{ source: EVIL, why: EVIL }],
      acts: [actRow({ target: EVIL, reason: EVIL, who: EVIL })],
      readAt: EVIL,
      cannot: EVIL,
    });
    for (const link of links(await harmless('/firewall')))
      expect(link).toMatch(/^(?:index\.cgi|static\/|#|data:,$)/);
  });

  test('in a preview', async () => {
    const statement = { basis: 'known', sentence: EVIL, lines: [{ file: EVIL, offset: 0 }] } as const;
    harness.firewall.planOf = (request) =>
      plan(
        { ...request, target: EVIL },
        {
          title: EVIL,
          steps: [{ shown: EVIL, effect: EVIL }],
          warnings: [statement],
          again: [statement],
          typed: EVIL,
          fix: {
            sentence: EVIL,
            isDone: false,
            frees: true,
            ruleId: EVIL,
            vhost: EVIL,
            target: EVIL,
            path: EVIL,
          },
          where: {
            address: EVIL,
            blocked: true,
            places: [
              {
                kind: 'deny-net',
                sentence: EVIL,
                basis: 'known',
                way: EVIL,
                entry: EVIL,
                ref: statement.lines[0],
              },
            ],
            elsewhere: [statement],
            neighbours: [statement],
          },
          verdict: { label: 'attack', words: EVIL },
        },
      );
    await harmless('/firewall/act&do=unblock&target=x');
    harness.firewall.planOf = () => {
      throw new FakeBadInput(EVIL, 'target');
    };
    const again = await read(`/firewall/act&do=unblock&target=${encodeURIComponent(EVIL)}`, 400);
    expect(again.tags.filter(({ name }) => name === 'img')).toEqual([]);
  });

  test('in an act', async () => {
    const steps = [{ shown: EVIL, ok: false, text: EVIL, ms: 1 }];
    harness.firewall.runs = [actView({ target: EVIL, steps, sentence: EVIL })];
    await harmless('/firewall/run&id=f1');
    harness.firewall.ledger = [
      actRow({ target: EVIL, reason: EVIL, who: EVIL, commands: [EVIL], steps, sentence: EVIL }),
    ];
    await harmless('/firewall/done&id=7');
  });
});
