// The forms that say what an address is, the page that lists what was said, and what they refuse.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Explanation } from '../../src/actions/explanation.ts';
import { markedLine } from '../../src/web/view-marks.ts';
import { wordCard } from '../../src/web/view-word.ts';
import { ATTACK, inbox } from './fixtures.ts';
import { type Agent, FakeBadInput, type Harness, makeHarness, signIn } from './harness.ts';
import { HOSTILE_MARKS } from './hostile.ts';
import { readHtml } from './html.ts';
import { MARK, marksView, NO_WORD, WORD } from './mark-fixtures.ts';

let harness: Harness;
let user: Agent;
beforeEach(async () => {
  harness = makeHarness();
  user = await signIn(harness);
});
afterEach(() => {
  user.close();
});

const FROM = ATTACK.incident!.from;
const post = (page: string, fields: Record<string, string>): ReturnType<Agent['agent']['post']> =>
  user.agent
    .post(`/index.cgi?p=${page}`)
    .type('form')
    .send({ csrf: user.csrf, ...fields });

class FakeRefused extends Error {
  override readonly name = 'Refused';
}

/** The fields of the forms of a page that go to `action`. */
function formsTo(html: string, action: string): Record<string, string>[] {
  return [...html.matchAll(/<form[^>]* action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g)]
    .filter(([, to]) => to === `index.cgi?p=${action}`)
    .map(([, , body = '']) =>
      Object.fromEntries(
        [...body.matchAll(/<(?:input|select)[^>]* name="([^"]+)"(?: value="([^"]*)")?/g)].map((one) => [
          one[1] ?? '',
          one[2] ?? '',
        ]),
      ),
    );
}

describe('the card on an incident’s page', () => {
  test('asks where nothing was said, and its forms come back to the incident', async () => {
    const { text } = await user.agent.get('/index.cgi?p=/explain&q=203.0.113.45').expect(200);
    expect(readHtml(text).problems).toEqual([]);
    expect(text).toContain('Is this a program of yours?');
    const forms = formsTo(text, '/mark');
    expect(forms).toEqual([
      { csrf: user.csrf, address: '203.0.113.45', kind: '', note: '', q: '203.0.113.45', from: FROM },
      { csrf: user.csrf, address: '203.0.113.45', kind: 'false-alarm', q: '203.0.113.45', from: FROM },
    ]);
    const answer = await post('/mark', { ...forms[0]!, kind: 'monitor', note: 'ours' });
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      `index.cgi?p=/incident&ip=203.0.113.45&from=${encodeURIComponent(FROM)}`,
    ]);
    expect(harness.marks.orders).toEqual([
      {
        ...{ subject: 'address', about: '203.0.113.45', kind: 'monitor', note: 'ours' },
        ...{ who: 'root', address: '127.0.0.1' },
      },
    ]);
  });

  test('shows what was said with who and when, and takes it back', async () => {
    harness.explain = () => ({ ...ATTACK, word: WORD });
    const { text } = await user.agent.get('/index.cgi?p=/explain&q=203.0.113.45').expect(200);
    const shown = readHtml(text);
    expect(shown.problems).toEqual([]);
    expect(shown.text).toContain('Your word');
    expect(shown.text).toContain(
      'You said on 22 Nov 2026: an uptime monitor. You said of 203.0.113.0/24 on 22 Nov 2026: a false alarm. The model says: attack.',
    );
    expect(shown.text).toContain('checks the shop every minute, ticket 8841');
    expect(shown.text).toContain('root, 22 Nov 2026, 18:01:00');
    expect(formsTo(text, '/unmark').map(({ id }) => id)).toEqual(['12', '9']);
    // The net's false alarm is not one of the address itself; the monitor is said already.
    expect(formsTo(text, '/mark').map(({ kind }) => kind)).toEqual(['', 'false-alarm']);
    expect(text).not.toContain('<option value="monitor">');
    const answer = await post('/unmark', { id: '12', q: '203.0.113.45', from: FROM });
    expect([answer.status, harness.marks.orders]).toEqual([
      303,
      [{ id: 12, who: 'root', address: '127.0.0.1' }],
    ]);
  });

  test('of a pasted text leads back to it', async () => {
    const pasted = await post('/explain', { q: 'Failures: 10 (mod_security)\nhostile' });
    harness.explain = () => ({ ...ATTACK, word: NO_WORD });
    const { text } = await user.agent.get(`/${String(pasted.headers.location)}`).expect(200);
    const [form] = formsTo(text, '/mark');
    expect(form).not.toHaveProperty('from');
    const answer = await post('/mark', { ...form!, csrf: user.csrf });
    expect(answer.headers.location).toBe(pasted.headers.location);
  });

  test('is not there where there is no address, and has no form where none can be marked', () => {
    const card = (change: Partial<Explanation>): ReturnType<typeof wordCard> =>
      wordCard({ ...ATTACK, ...change }, null);
    const wordless = Object.entries(ATTACK).filter(([name]) => name !== 'word');
    expect(wordCard(Object.fromEntries(wordless) as unknown as Explanation, null)).toBeNull();
    expect(card({ word: { marks: [], sentences: [], markable: null } })).toBeNull();
    expect(card({ word: { ...WORD, markable: null } })).toMatchObject({
      form: null,
      tags: ['your monitor', 'your false alarm'],
    });
    const all = (['monitor', 'payment', 'partner', 'own-program', 'false-alarm'] as const).map((kind) => ({
      ...MARK,
      kind,
    }));
    expect(card({ word: { ...WORD, marks: all } })?.form).toBeNull();
  });
});

describe('where a form leads back to', () => {
  test.each([
    [{ q: '203.0.113.45' }, '/explain&q=203.0.113.45'],
    [{ q: '203.0.113.0/24' }, '/explain&q=203.0.113.0%2F24'],
    [{ q: '2001:db8::1', from: 'never' }, '/explain&q=2001%3Adb8%3A%3A1'],
    [{ paste: 'abc-1' }, '/explain&paste=abc-1'],
    [{ paste: 'a b', q: '203.0.113.45' }, '/explain&q=203.0.113.45'],
    [{ q: '//evil.example.com/' }, '/marks'],
    [{ q: 'https://evil.example.com/24' }, '/marks'],
    [{ q: '203.0.113.45\r\nSet-Cookie: x=1' }, '/marks'],
    [{}, '/marks'],
  ])('%j', async (fields, to) => {
    for (const [page, more] of [
      ['/mark', { address: '203.0.113.45', kind: 'monitor' }],
      ['/unmark', { id: '12' }],
    ] as const) {
      const answer = await post(page, { ...more, ...fields });
      expect([answer.status, answer.headers.location]).toEqual([303, `index.cgi?p=${to}`]);
    }
  });

  test('of a cause: its page', async () => {
    const answer = await post('/mark', { cause: '4', kind: 'false-alarm', note: 'n' });
    expect(answer.headers.location).toBe('index.cgi?p=/cause&id=4');
    expect(harness.marks.orders).toMatchObject([
      { subject: 'cause', about: '4', kind: 'false-alarm', note: 'n' },
    ]);
  });
});

describe('refusals', () => {
  test.each([
    [new FakeBadInput('Say what it is: monitor.', 'kind'), 400],
    [new FakeRefused('203.0.113.45 is marked as an uptime monitor already (mark 12).'), 409],
  ])('the engine’s own words: %s', async (problem, status) => {
    for (const [page, fields] of [
      ['/mark', { address: '203.0.113.45', kind: 'monitor' }],
      ['/unmark', { id: '12' }],
    ] as const) {
      harness.marks.problem = problem;
      const answer = await post(page, fields);
      expect([answer.status, answer.text.includes(problem.message)]).toEqual([status, true]);
    }
    expect(harness.marks.orders).toEqual([]);
  });

  test.each(['', '0', '-1', '1e3', '9'.repeat(16), "1' OR 1=1"])('no mark is numbered %j', async (id) => {
    const answer = await post('/unmark', { id });
    expect([answer.status, answer.text.includes('names no mark')]).toEqual([400, true]);
    expect(harness.marks.orders).toEqual([]);
  });

  test.each(['/mark', '/unmark'])('%s needs the token', async (page) => {
    for (const csrf of ['', 'wrong'])
      expect((await post(page, { csrf, id: '12', address: '203.0.113.45', kind: 'monitor' })).status).toBe(
        403,
      );
    expect(harness.marks.orders).toEqual([]);
  });
});

describe('the list of marks', () => {
  test('who said what, how many incidents since, the counts', async () => {
    const { text } = await user.agent.get('/index.cgi?p=/marks').expect(200);
    const shown = readHtml(text);
    expect(shown.problems).toEqual([]);
    for (const words of [
      '3 marks hold',
      'your monitor',
      '3 incidents',
      'Cause 4',
      'rule 942100, ARGS:q, /search on shop.example.com',
      'It is not kept any more.',
      'A false alarm, said of causes',
    ])
      expect(shown.text).toContain(words);
    expect(harness.marks.filters).toEqual([{ show: 'active', page: 1 }]);
    expect(formsTo(text, '/unmark').map(({ id }) => id)).toEqual(['12', '11', '10']);
    const [form] = formsTo(text, '/mark');
    expect(Object.keys(form!)).toEqual(['csrf', 'address', 'kind', 'note']);
    expect((await post('/mark', { address: '192.0.2.1', kind: 'partner' })).headers.location).toBe(
      'index.cgi?p=/marks',
    );
  });

  test('those taken back have no form; pages', async () => {
    const ended = {
      ...MARK,
      endedAt: '2026-11-22T18:02:00+01:00',
      endedBy: 'admin',
      incidentsSince: 0,
      cause: null,
    };
    harness.marks.view = marksView({ rows: [ended], page: 2, pages: 3, active: 0 });
    const { text } = await user.agent.get('/index.cgi?p=/marks&show=ended&page=2').expect(200);
    expect(harness.marks.filters).toEqual([{ show: 'ended', page: 2 }]);
    expect(formsTo(text, '/unmark')).toEqual([]);
    expect(readHtml(text).text).toContain('Taken back 22 Nov 2026, 18:02:00 by admin');
    expect(text).toContain('index.cgi?p=/marks&amp;show=ended&amp;page=3');
    expect(text).toContain('Nothing is marked');
  });

  test('is empty at first', async () => {
    harness.marks.view = marksView({ rows: [], counts: [], active: 0, ended: 0 });
    const { text } = await user.agent.get('/index.cgi?p=/marks&page=x').expect(200);
    expect(readHtml(text).problems).toEqual([]);
    expect(text).toContain('Say on an incident’s page');
    expect(text).not.toContain('Counted');
  });

  test('hostile notes, authors and causes are text', async () => {
    harness.marks.view = HOSTILE_MARKS;
    const { text } = await user.agent.get('/index.cgi?p=/marks').expect(200);
    const shown = readHtml(text);
    expect(shown.problems).toEqual([]);
    expect(
      shown.tags
        .filter(({ name }) => ['script', 'img', 'svg'].includes(name))
        .map(({ attributes }) => attributes.get('src') ?? 'x'),
    ).toHaveLength(
      readHtml((await user.agent.get('/index.cgi?p=/activity')).text).tags.filter(({ name }) =>
        ['script', 'img', 'svg'].includes(name),
      ).length,
    );
    expect(shown.text).toContain('<script>alert(document.domain)</script>');
    expect(text).not.toMatch(/[\u0000\u001b\u202e]/);
  });
});

describe('the inbox', () => {
  test('says how many are marked, and which rows', async () => {
    const calm = await user.agent.get('/index.cgi').expect(200);
    expect(calm.text).not.toContain('p=/marks');
    const [first, ...rest] = inbox().rows;
    harness.inbox = inbox({
      marked: { addresses: 3, causes: 1 },
      rows: [{ ...first!, mark: 'false-alarm' }, ...rest],
    });
    const { text } = await user.agent.get('/index.cgi').expect(200);
    expect(text).toContain('<a href="index.cgi?p=/marks">3 addresses and 1 cause are marked</a>');
    expect(text.match(/your false alarm/g)).toHaveLength(1);
  });

  test.each([
    [0, 0, null],
    [1, 0, '1 address is marked'],
    [0, 2, '2 causes are marked'],
  ])('%d addresses and %d causes', (addresses, causes, text) => {
    expect(markedLine({ addresses, causes })?.text ?? null).toBe(text);
  });
});
