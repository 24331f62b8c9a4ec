// The pages of causes by their addresses: what they show, what they set, what they refuse; hostile names as text.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { causePageView, causeRow, causesView, fakeCauses, scoreHistogram } from './cause-fixtures.ts';
import type { Agent, Harness } from './harness.ts';
import { BRIDGE, FakeBadInput, makeHarness, signIn } from './harness.ts';
import { HOSTILE_CAUSE, HOSTILE_CAUSES, HOSTILE_SCORES } from './hostile.ts';
import type { ReadPage } from './html.ts';
import { readHtml } from './html.ts';

const SHOP = 'shop.example.com';

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
  const { causesOf, causePageOf, causeNamed, histogramOf, checkState } = fakeCauses();
  const calm = { causesOf, causePageOf, causeNamed, histogramOf, checkState };
  Object.assign(harness.exclusions.causeDesk, calm);
  harness.exclusions.causeDesk.states.length = 0;
  harness.exclusions.causeDesk.filters.length = 0;
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
  fields: Record<string, string>,
  csrf = user.csrf,
): Promise<Shown & { readonly to: string }> {
  const answer = await user.agent
    .post('/index.cgi?p=/cause/state')
    .type('form')
    .send({ csrf, ...fields });
  const shown = readHtml(answer.text);
  expect(shown.problems).toEqual([]);
  return {
    ...shown,
    status: answer.status,
    to: String(answer.headers.location),
    text: shown.text.replaceAll(/\s+/g, ' '),
    links: [],
  };
}

function holds({ text }: { readonly text: string }, parts: readonly string[]): void {
  for (const part of parts) expect(text).toContain(part);
}

describe('the list', () => {
  test('finding, matrix, its twin, engine failures', async () => {
    const page = await read('/causes');
    expect(page.status).toBe(200);
    holds(page, [
      '2 causes stop ordinary visitors',
      'Counted 22 Nov 2026, 18:01:30.',
      'Where rules are noisy',
      '10 visitors, mostly false alarms',
      'Rule 942100',
      'REQUEST_COOKIES:consent_prefs',
      '9 unrelated ordinary visitors',
      '5.4 noisy',
      '\u22122.0 leave',
      'until 3 more visitors',
      'The engine failed: 2 kinds of failure',
      'SecPcreMatchLimit (now 1000)',
      'They are no attacks and no causes',
    ]);
    expect(page.links).toContain('index.cgi?p=/cause&id=4');
    const heads = page.tags.filter(
      ({ name, attributes }) => name === 'th' && attributes.get('scope') === 'col',
    );
    expect(heads.length).toBe(1 + 6 + 10 + 6);
  });

  test('the bar names it between the inbox and the domains, with its key', async () => {
    const { tags } = await read('/causes');
    const keys = tags.flatMap((tag) => tag.attributes.get('data-wb-key') ?? []);
    expect(keys).toEqual(['i', 'c', 'd', 'r', 'e', 's', 'f', 'a']);
    const current = tags.find((tag) => tag.attributes.get('aria-current') === 'page');
    expect(current?.attributes.get('href')).toBe('index.cgi?p=/causes');
  });

  test('the filter goes to the engine and stays in the form', async () => {
    const page = await read(
      '/causes&vhost=Shop.Example.com&rule=942100&text=consent&days=7&state=all&page=2',
    );
    expect(harness.exclusions.causeDesk.filters).toEqual([
      { vhost: SHOP, ruleId: '942100', state: 'all', text: 'consent', days: 7, page: 2 },
    ]);
    const values = page.tags.flatMap(({ name, attributes }) =>
      name === 'input' && attributes.get('value') ? [attributes.get('value')] : [],
    );
    expect(values).toEqual(expect.arrayContaining([SHOP, '942100', 'consent', 'all']));
  });

  test('what is not counted, empty or still waiting is said', async () => {
    const { causeDesk } = harness.exclusions;
    causeDesk.causesOf = () => causesView({ countedAt: null, rows: [], matching: 0, waiting: 5, noisy: 0 });
    holds(await read('/causes'), [
      'The causes are not counted yet',
      '5 incidents wait to be judged.',
      'Not counted yet.',
      'says nothing',
      'Look again',
    ]);
    causeDesk.causesOf = () => causesView({ rows: [], matching: 0 });
    holds(await read('/causes&text=zz'), ['No cause passes this filter.', 'Show all']);
  });

  test('what the engine cannot read is a 400 in its words, a failure of ours a 500 without any', async () => {
    const { causeDesk } = harness.exclusions;
    causeDesk.causesOf = () => {
      throw new FakeBadInput('No vhost of this server serves x.', 'vhost');
    };
    const refused = await read('/causes&vhost=x');
    expect(refused.status).toBe(400);
    holds(refused, ['No vhost of this server serves x.']);
    causeDesk.causesOf = () => {
      throw new TypeError('secret detail');
    };
    const failed = await read('/causes');
    expect([failed.status, failed.text.includes('secret detail')]).toEqual([500, false]);
  });

  test('pages follow', async () => {
    harness.exclusions.causeDesk.causesOf = () => causesView({ page: 2, pages: 3, matching: 500 });
    const page = await read('/causes&page=2');
    expect(page.links).toEqual(expect.arrayContaining(['index.cgi?p=/causes&page=3', 'index.cgi?p=/causes']));
  });
});

describe('a cause', () => {
  test('headline, numbers, widths, people, others, history', async () => {
    const page = await read('/cause&id=1');
    expect(page.status).toBe(200);
    holds(page, [
      'Rule 942100 stops ordinary visitors on shop.example.com: it reacts to the cookie consent_prefs.',
      'Visitors hit10in 10 networks, 9 of them with ordinary visitors',
      'Flagged on its path2.1 %',
      'target on the vhost suggested',
      '11 other rules still look at it.',
      'Requests a day',
      'The same as a table',
      '58 of 62 refused',
      'What else rule 942100 reacted to here',
      'Set to known: asked the shop.',
      'State: new',
      'Was it a false alarm?',
    ]);
    expect(page.links).toContain(
      'index.cgi?p=/incident&ip=2001%3Adb8%3A9%3A%3A51&from=2026-11-22T09%3A14%3A16%2B01%3A00',
    );
    expect(page.links).toContain('index.cgi?p=/cause&id=5');
    const images = page.tags.filter((tag) => tag.attributes.get('role') === 'img');
    const tables = page.tags.filter((tag) => tag.attributes.get('id') === 'trend-table');
    expect([images.length, tables.length]).toEqual([1, 1]);
  });

  test('by what makes it: the same page where it is counted, else what the logs say', async () => {
    const asked: unknown[] = [];
    const at = `/cause&vhost=www.${SHOP}&rule=942100&target=REQUEST_COOKIES%3Aconsent_prefs&path=%2Fp%2F17`;
    harness.exclusions.causeDesk.causeNamed = (names) => {
      asked.push(names);
      return causePageView();
    };
    holds(await read(at), ['Rule 942100 stops ordinary visitors on shop.example.com', 'State: new']);
    expect(asked).toEqual([
      { vhost: `www.${SHOP}`, ruleId: '942100', target: 'REQUEST_COOKIES:consent_prefs', path: '/p/17' },
    ]);
    harness.exclusions.causeDesk.causeNamed = () => null;
    holds(await read(at.replace('17', '%7Bn%7D')), [
      'Rule 942100 reacted to REQUEST_COOKIES:consent_prefs on shop.example.com: 10 visitors, 64 requests.',
      'are not counted yet: Causes lists those that are.',
    ]);
    const gone = await read(at.replace('17', '18'));
    expect(gone.status).toBe(404);
    holds(gone, ['This cause is not on shop.example.com in the last 30 days']);
    asked.length = 0;
    expect((await read('/cause&rule=x&vhost=')).status).toBe(400);
    expect(asked).toEqual([]);
  });

  test('the rows of an incident\u2019s score lead to their causes', async () => {
    const page = await read('/explain&q=192.0.2.118');
    const links = page.links.filter((link) => link.startsWith('index.cgi?p=/cause&vhost='));
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(link).toMatch(/&rule=\d+&target=[^&]+&path=%2F/);
  });

  test('of host names that nobody owns there is nothing to exclude', async () => {
    const page = await read('/cause&id=4');
    holds(page, ['No vhost here has these host names', 'under host names that nobody here owns']);
    expect(page.links.filter((link) => link.includes('/propose'))).toEqual([]);
  });

  test.each(['', 'x', '-1', '1e3', '1.5', '%00', '9'.repeat(16)])(
    'the number %j is none: 400',
    async (id) => {
      expect((await read(`/cause&id=${id}`)).status).toBe(400);
    },
  );
  test('a number that nothing has is a 404 with words', async () => {
    const page = await read('/cause&id=999');
    expect(page.status).toBe(404);
    holds(page, ['There is no cause 999. The page Causes lists those that are kept.']);
  });

  test('a mark that was made is shown with its way back, and asked for no more', async () => {
    harness.exclusions.causeDesk.causePageOf = () => HOSTILE_CAUSE;
    const page = await read('/cause&id=1');
    holds(page, ['You said: a false alarm', 'Take back']);
    const actions = page.tags.flatMap((tag) => tag.attributes.get('action') ?? []);
    expect([actions.includes('index.cgi?p=/unmark'), actions.includes('index.cgi?p=/mark')]).toEqual([
      true,
      false,
    ]);
  });
});

describe('its state', () => {
  test.each([
    [
      { state: 'known', note: '' },
      { state: 'known', until: null, note: '' },
    ],
    [
      { state: 'ignored', more: '5', note: 'shop knows' },
      { state: 'ignored', until: 5, note: 'shop knows' },
    ],
    [
      { state: 'fixed', more: '5', note: 'mended' },
      { state: 'fixed', until: null, note: 'mended' },
    ],
    [
      { state: 'new', note: '' },
      { state: 'new', until: null, note: '' },
    ],
  ])('%j is set, and leads back', async (fields, change) => {
    const { status, to } = await post({ id: '1', ...fields });
    expect([status, to]).toEqual([303, 'index.cgi?p=/cause&id=1']);
    expect(harness.exclusions.causeDesk.states).toEqual([
      { id: 1, change, by: { who: 'root', address: expect.stringContaining('127.0.0.1') as unknown } },
    ]);
  });

  test.each([
    [{ state: 'reopened' }, 'Choose one of the states.'],
    [{ state: '<script>' }, 'Choose one of the states.'],
    [{}, 'Choose one of the states.'],
    [{ state: 'ignored', more: 'many', note: 'x' }, 'Give a number from 1 to 10,000, or nothing.'],
    [{ state: 'fixed', note: '' }, 'Say why: others will ask.'],
  ])('%j is refused at its field, and nothing is set', async (fields: Record<string, string>, words) => {
    const page = await post({ id: '1', ...fields });
    expect(page.status).toBe(400);
    holds(page, [words]);
    expect(harness.exclusions.causeDesk.states).toEqual([]);
  });

  test('what was typed comes back', async () => {
    const page = await post({ id: '1', state: 'ignored', more: 'many', note: '"><b>x' });
    const typed = page.tags
      .filter(({ name }) => name === 'input')
      .map(({ attributes }) => attributes.get('value'));
    expect(typed).toEqual(expect.arrayContaining(['many', '"><b>x']));
    expect(page.tags.filter((tag) => tag.attributes.get('aria-invalid') === 'true')).toHaveLength(1);
  });

  test('the engine\u2019s own words stand at the field that they are about', async () => {
    harness.exclusions.causeDesk.checkState = () => {
      throw new FakeBadInput('No exclusion covers it.', 'note');
    };
    const page = await post({ id: '1', state: 'fixed', note: 'x' });
    expect(page.status).toBe(400);
    holds(page, ['No exclusion covers it.', 'Save the state']);
    harness.exclusions.causeDesk.checkState = () => {
      throw new FakeBadInput('Of another field.', 'zz');
    };
    const other = await post({ id: '1', state: 'known' });
    expect(other.status).toBe(400);
    holds(other, ['Of another field.']);
  });

  test.each([
    [{ id: '999', state: 'known' }, 404],
    [{ id: 'x', state: 'known' }, 400],
    [{ state: 'known' }, 400],
  ])('%j: %i', async (fields: Record<string, string>, status) => {
    expect((await post(fields)).status).toBe(status);
  });

  test('without the token, by GET or from another site: refused', async () => {
    expect((await post({ id: '1', state: 'known' }, 'x'.repeat(43))).status).toBe(403);
    expect((await read('/cause/state&id=1&state=known')).status).toBe(405);
    const cross = await user.agent
      .post('/index.cgi?p=/cause/state')
      .set('Sec-Fetch-Site', 'cross-site')
      .type('form')
      .send({ csrf: user.csrf, id: '1', state: 'known' });
    expect(cross.status).toBe(403);
    expect(harness.exclusions.causeDesk.states).toEqual([]);
  });

  test('who may only look sees no form of it', async () => {
    const readOnly = makeHarness({ mode: 'bridge' }, { readOnly: ['root'] });
    const answer = await request(readOnly.app).get('/index.cgi?p=/cause&id=1').set(BRIDGE);
    const shown = readHtml(answer.text);
    expect([answer.status, shown.problems]).toEqual([200, []]);
    expect(shown.text).toContain('You may look at it, but not change it.');
    const actions = shown.tags.flatMap((tag) => tag.attributes.get('action') ?? []);
    expect(actions.filter((to) => /\/(?:cause\/state|mark|unmark)$/.test(to))).toEqual([]);
  });
});

describe('scores on the page of a domain', () => {
  test('bars, limit, table', async () => {
    const page = await read(`/domain&vhost=${SHOP}`);
    holds(page, ['Scores, 14 days', 'reached the limit of 5. Of ordinary visitors: 53 of 80.', 'limit 5']);
    expect(page.links).toContain(`index.cgi?p=/causes&vhost=${SHOP}`);
    expect(page.tags.filter((tag) => tag.attributes.get('id') === 'scores-table')).toHaveLength(1);
  });
  test('none where nothing scored, and none on the page of one rule', async () => {
    expect((await read(`/domain&vhost=${SHOP}&rule=942100`)).text).not.toContain('Scores, 14 days');
    for (const histogram of [null, scoreHistogram({ bars: [] })]) {
      harness.exclusions.causeDesk.histogramOf = () => histogram;
      expect((await read(`/domain&vhost=${SHOP}`)).text).not.toContain('Scores,');
    }
  });
});

describe('hostile text', () => {
  const foreign = ({ tags }: ReadPage): unknown[] =>
    tags.filter(
      ({ name, attributes }) =>
        ['img', 'script'].includes(name) &&
        !/^static\/whyblocked\.js\?v=\w+$/.test(attributes.get('src') ?? ''),
    );

  test.each(['/causes', '/cause&id=1', `/domain&vhost=${SHOP}`])('%s shows it as text', async (at) => {
    const { causeDesk } = harness.exclusions;
    causeDesk.causesOf = () => HOSTILE_CAUSES;
    causeDesk.causePageOf = () => HOSTILE_CAUSE;
    causeDesk.histogramOf = () => HOSTILE_SCORES;
    const page = await read(at);
    expect([page.status, foreign(page)]).toEqual([200, []]);
    if (at !== `/domain&vhost=${SHOP}`)
      holds(page, ['<script>alert(document.domain)</script>', '\u2039U+202E\u203a']);
  });

  test('other rules at the same field stand on the page, each with its link', async () => {
    const one = causeRow({ id: 8, ruleId: '941160', title: 'HTML tags', refused: 7, decisive: 0 });
    harness.exclusions.causeDesk.causePageOf = () => causePageView({ beside: [one] });
    const page = (await user.agent.get('/index.cgi?p=/cause&id=1')).text;
    expect(page).toContain('Other rules at the same field here');
    expect(page).toMatch(/<a href="index\.cgi\?p=\/cause&amp;id=8">941160<\/a>, HTML tags<\/td>/);
    expect(page).toMatch(/data-label="Refused"[^>]*>7<\/td><td data-label="Decisive"[^>]*>0</);
  });

  test('long values are cut in headlines and rows', async () => {
    const long = `ARGS:${'a'.repeat(20_000)}`;
    const cause = causeRow({ target: long, path: `/${'b'.repeat(20_000)}`, title: 'c'.repeat(20_000) });
    harness.exclusions.causeDesk.causePageOf = () => causePageView({ cause, others: [] });
    harness.exclusions.causeDesk.causesOf = () => causesView({ rows: [cause] });
    const list = await user.agent.get('/index.cgi?p=/causes');
    const heading =
      /<h1[^>]*>([^<]*)/.exec((await user.agent.get('/index.cgi?p=/cause&id=1')).text)?.[1] ?? '';
    expect(heading.length).toBeLessThan(300);
    // The whole value stands once, in the link to the preview.
    expect(list.text.length).toBeLessThan(120_000);
  });
});
