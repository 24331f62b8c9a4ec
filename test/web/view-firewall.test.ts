// What the firewall's pages say of lists, plans and acts.
import { describe, expect, test } from '@jest/globals';
import type { FirewallPlan } from '../../src/actions/firewall-view.ts';
import { readFirewallFilter, readFirewallRequest, requestFields } from '../../src/web/firewall-query.ts';
import { firewallPage } from '../../src/web/view-firewall.ts';
import { firewallPlanPage, NO_INPUT, readSeen, seenOf } from '../../src/web/view-firewall-plan.ts';
import { donePage, runPage } from '../../src/web/view-firewall-run.ts';
import { actRow, actView, ALLOWED, entry, firewallList, plan, where } from './firewall-fixtures.ts';
import { SERVER } from './fixtures.ts';

const ALL = readFirewallFilter(new URLSearchParams());
const page = (change: Parameters<typeof firewallList>[0] = {}, filter = ALL) =>
  firewallPage(firewallList(change), filter);
const shown = (of: FirewallPlan, byHand = false) =>
  firewallPlanPage({ plan: of, byHand, server: SERVER }, NO_INPUT);

describe('the finding', () => {
  test.each([
    [{}, '193 addresses are denied: 187 permanently, 6 for a while.'],
    [{ temporary: 0 }, '187 addresses are denied, all permanently.'],
    [{ permanent: 0, temporary: 2 }, '2 addresses are denied, all for a while.'],
    [{ permanent: 1, temporary: 0 }, '1 address is denied, permanently.'],
    [{ permanent: 0, temporary: 0 }, 'No address is denied.'],
    [
      { permanent: 0, temporary: 0, problems: [{ source: '/etc/csf/csf.deny', why: 'EACCES' }] },
      'What csf denies is not known.',
    ],
    [
      { problems: [{ source: '/etc/csf/csf.deny', why: 'EACCES' }] },
      'At least 193 addresses are denied: 187 permanently, 6 for a while.',
    ],
  ])('case %#', (change, words) => {
    expect(page(change).headline).toBe(words);
  });
});

describe('rows', () => {
  test('say why, until when, what of it was judged, and what can be done', () => {
    const [first, temporary, net, kept, filter, foreign] = page().rows;
    expect(first).toMatchObject({
      href: 'index.cgi?p=/explain&q=192.0.2.118',
      tone: 'bad',
      state: 'permanent',
      about: 'LF_MODSEC, all ports, both ways',
      since: '09:15',
      until: 'no end',
      dropsOut: 'drops out in about 9 days',
      mark: { word: 'False positive' },
      incident: 'index.cgi?p=/incident&ip=192.0.2.118&from=2026-11-22T09%3A14%3A40%2B01%3A00',
      act: {
        href: 'index.cgi?p=/firewall/act&do=unblock&target=192.0.2.118&from=2026-11-22T09%3A14%3A40%2B01%3A00',
        text: 'Unblock…',
      },
    });
    expect(temporary).toMatchObject({ tone: 'warn', until: '18:41, in 39 min', dropsOut: '' });
    expect(net).toMatchObject({
      href: null,
      size: '256 addresses',
      mark: null,
      judged: 'no incident of a net',
    });
    expect(net?.act?.href).toBe('index.cgi?p=/firewall/act&do=unblock&target=198.51.100.0%2F24');
    expect(kept).toMatchObject({
      about: 'all ports, both ways; kept when the list is trimmed',
      since: '3 Mar 2025 10:00',
    });
    expect(kept?.comment?.start).toBe('abuser - do not delete');
    expect(filter).toMatchObject({
      entry: 'tcp|in|d=443|s=203.0.113.99',
      mark: null,
      judged: 'not judged yet',
    });
    expect(filter?.about).toContain('from /etc/csf/office.deny');
    expect(filter?.act?.href).toContain('target=203.0.113.99');
    expect(foreign?.why.start).toBe(
      'Not understood, shown as written: “lfd: (x) disparado pelo ip 192.0.2.200”',
    );
    expect([foreign?.until, foreign?.comment]).toEqual(['not known', null]);
  });

  test('an allow can be ended, what lfd ignores cannot be changed from here', () => {
    const rows = page({ rows: [...ALLOWED, entry({ list: 'ignore', kind: 'ignored' })] }).rows;
    expect(rows.map(({ state, act }) => [state, act?.text])).toEqual([
      ['allowed', 'End the allow…'],
      ['ignored', undefined],
    ]);
  });
});

test('tabs: lists that hold something, and the one that is open; each keeps the text', () => {
  const { tabs, text, shown: words } = page({ matching: 2 }, { kind: 'other', text: 'a b', page: 1 });
  expect(tabs.map(({ name, count, current }) => [name, count, current])).toEqual([
    ['All', '193', false],
    ['Web firewall', '131', false],
    ['Logins', '49', false],
    ['By hand', '8', false],
    ['Networks', '5', false],
    ['Other', '0', true],
    ['Allowed', '12', false],
    ['Ignored', '3', false],
  ]);
  expect(tabs[1]?.href).toBe('index.cgi?p=/firewall&kind=waf&q=a%20b');
  expect([text.text, words]).toEqual(['a b', '2 entries with this text, read at 18:02:09']);
});

test('pages keep list and text', () => {
  const list = page({ page: 2, pages: 3 }, { kind: 'waf', text: '192.0', page: 2 });
  expect([list.newer, list.older, list.pages]).toEqual([
    'index.cgi?p=/firewall&kind=waf&q=192.0',
    'index.cgi?p=/firewall&kind=waf&q=192.0&page=3',
    'page 2 of 3',
  ]);
});

test('why a list is empty: the filter, a file that cannot be read, nothing there', () => {
  const empty = { rows: [], matching: 0 };
  expect(page(empty, { ...ALL, text: 'x' }).empty).toMatchObject({
    title: 'Nothing matches.',
    all: 'index.cgi?p=/firewall',
  });
  expect(page({ ...empty, problems: [{ source: 'csf.deny', why: 'EACCES' }] }).empty?.title).toBe(
    'Nothing can be shown.',
  );
  expect(page(empty).empty).toMatchObject({ title: 'Nothing here.', all: null });
  expect(page().empty).toBeNull();
});

test('settings that are misread stand on top', () => {
  expect(page().misread.map(({ name }) => name)).toEqual(['LF_MODSEC_PERM']);
  expect(page().settings).toHaveLength(2);
});

describe('an address of a page', () => {
  test.each([
    ['', { kind: 'all', text: null, page: 1 }],
    ['kind=allowed&q=+203.0.113.9+&page=3', { kind: 'allowed', text: '203.0.113.9', page: 3 }],
    ['kind=constructor&page=-1', { kind: 'all', text: null, page: 1 }],
  ])('list %s', (query, filter) => {
    expect(readFirewallFilter(new URLSearchParams(query))).toEqual(filter);
  });

  test.each([
    'do=unblock&target=192.0.2.118',
    'do=unblock&target=192.0.2.118&net=1&allow=86400&from=2026-11-22T09%3A14%3A40%2B01%3A00',
    'do=temp-block&target=2001%3Adb8%3A%3A7&seconds=3600',
  ])('act %s comes back as it was', (query) => {
    const request = readFirewallRequest(new URLSearchParams(query));
    const again = new URLSearchParams(requestFields(request ?? {}));
    expect(readFirewallRequest(again)).toEqual(request);
    expect(new Set(again.keys())).toEqual(new Set(new URLSearchParams(query).keys()));
  });

  test('names an act that there is, or nothing; numbers that are none stay wrong', () => {
    expect(readFirewallRequest(new URLSearchParams('do=csf -x&target=1'))).toBeNull();
    expect(readFirewallRequest(new URLSearchParams(''))).toBeNull();
    const odd = readFirewallRequest(new URLSearchParams('do=allow&seconds=1e3&from=yesterday'));
    expect(odd).toMatchObject({ seconds: Number.NaN, incidentFrom: null, target: '' });
  });
});

describe('a plan', () => {
  test('of a false alarm: the fix is the suggested step, the unblock the second', () => {
    const { fix, form, mark } = shown(plan());
    expect(fix).toMatchObject({ isDone: false, isMain: true });
    expect(fix?.href).toBe(
      'index.cgi?p=/propose&vhost=shop.example.com&rule=942100&target=ARGS%3Aq&path=%2Fsearch',
    );
    expect([form?.isMain, form?.fold, form?.button]).toEqual([false, '', 'Unblock 192.0.2.118']);
    expect(mark?.word).toBe('False positive');
  });

  test('where the fix is done, the unblock is the suggested step', () => {
    const done = plan();
    const { fix, form } = shown({ ...done, fix: done.fix === null ? null : { ...done.fix, isDone: true } });
    expect([fix?.isMain, form?.isMain]).toEqual([false, true]);
  });

  test('of an attack: folded away, the address is typed; a block of it is not', () => {
    const verdict = { label: 'attack', words: 'Almost certainly a scanner.' } as const;
    const { form } = shown(plan({}, { verdict, fix: null, typed: '192.0.2.118' }));
    expect(form).toMatchObject({
      fold: 'Unblock 192.0.2.118 anyway',
      wants: '192.0.2.118',
      isMain: false,
    });
    const block = shown(plan({ act: 'block' }, { verdict, fix: null })).form;
    expect(block).toMatchObject({ fold: '', isMain: true, button: 'Block 192.0.2.118 for good' });
  });

  test('of what cannot be decided: a day of watching is suggested', () => {
    const verdict = { label: 'unclear', words: 'Cannot be decided.' } as const;
    const { suggestion, form } = shown(plan({}, { verdict, fix: null }));
    expect(suggestion?.href).toBe('index.cgi?p=/firewall/act&do=unblock&target=192.0.2.118&allow=86400');
    expect(form?.isMain).toBe(false);
    const watched = shown(plan({ thenAllow: 86_400 }, { verdict, fix: null }));
    expect([watched.suggestion, watched.form?.button, watched.form?.isMain]).toEqual([
      null,
      'Unblock for 24 hours and watch',
      true,
    ]);
  });

  test('that is refused has no form, and nothing is suggested', () => {
    const verdict = { label: 'unclear', words: 'Cannot be decided.' } as const;
    const { form, refusal, suggestion, byHand } = shown(plan({}, { refusal: 'csf is off.', verdict }));
    expect([form, refusal, suggestion, byHand]).toEqual([null, 'csf is off.', null, false]);
  });

  test('of a copied server: the commands are for a terminal', () => {
    const { byHand, commands } = shown(plan({ thenAllow: 3600 }, { refusal: 'A copy.' }), true);
    expect([byHand, commands]).toEqual([true, 'csf -dr 192.0.2.118\ncsf -ta 192.0.2.118 3600']);
    const unsafe = plan({}, { refusal: 'x', steps: [{ shown: 'csf -dr …', effect: '' }] });
    expect(shown(unsafe, true)).toMatchObject({ byHand: false, steps: [], commands: '' });
  });

  test('sends along the commands without the reason, as they were seen', () => {
    const seen = seenOf(plan({ thenAllow: 3600 }));
    expect(readSeen(seen)).toEqual(['csf -dr 192.0.2.118', 'csf -ta 192.0.2.118 3600']);
    expect(readSeen('')).toEqual([]);
    const hidden = shown(plan()).form?.hidden.map(({ name, value }) => [name, value.text]);
    expect(hidden).toEqual([
      ['do', 'unblock'],
      ['target', '192.0.2.118'],
      ['seen', 'csf -dr 192.0.2.118'],
    ]);
  });

  test('choices: time, and the net that covers it; each is its own preview', () => {
    const groups = (of: FirewallPlan) =>
      shown(of).choices.map(({ choices }) =>
        choices.map(({ text, current }) => (current ? `[${text}]` : text)),
      );
    expect(groups(plan({ act: 'temp-allow', seconds: 7200 }))).toEqual([
      ['1 hour', '24 hours', '7 days', '30 days', '[2 hours]', 'for good'],
    ]);
    expect(groups(plan({ act: 'block' }))[0]?.at(-1)).toBe('[for good]');
    expect(groups(plan({ act: 'disallow' }))).toEqual([]);
    expect(groups(plan())).toEqual([['[no]', '1 hour', '24 hours', '7 days']]);
    const letIn = { shown: "csf -ta 192.0.2.118 86400 'Whyblocked: <your reason>'", effect: 'Lets it in.' };
    expect(groups(plan({}, { steps: [letIn] }))).toEqual([['1 hour', '[24 hours]', '7 days']]);
    const net = where({
      places: [
        {
          ...where().places[0]!,
          kind: 'deny-net',
          entry: '192.0.2.0/24',
          way: 'Taking it out frees 256 addresses.',
        },
      ],
    });
    const covered = shown(plan({ wholeNet: true }, { where: net, typed: '192.0.2.118' })).choices[0];
    expect(covered?.choices.map(({ href }) => href)).toEqual([
      'index.cgi?p=/firewall/act&do=unblock&target=192.0.2.118',
      'index.cgi?p=/firewall/act&do=unblock&target=192.0.2.118&net=1',
    ]);
    expect([covered?.hint, covered?.choices[1]?.current]).toEqual([
      'Taking it out frees 256 addresses.',
      true,
    ]);
  });
});

describe('an act', () => {
  test('at work: says what it does, and where the script asks', () => {
    const { state } = runPage(
      actView({ state: 'running', now: 'Running csf -dr 192.0.2.118', sentence: null }),
    );
    expect(state).toMatchObject({
      busy: true,
      heading: 'At work',
      now: 'Running csf -dr 192.0.2.118',
      poll: 'index.cgi?p=/firewall/run/state&id=f1',
    });
  });

  test('done: the outcome is the heading, and leads on', () => {
    const { state } = runPage(actView({ act: 'temp-allow' }));
    expect(state).toMatchObject({
      heading: 'csf does not block 192.0.2.118 now.',
      tone: 'ok',
      sentence: 'Done: csf’s own files show it.',
    });
    expect(state.links.map(({ text }) => text)).toEqual([
      'What is known of 192.0.2.118',
      'Firewall',
      'Act 7',
    ]);
    expect(state.back).toEqual([
      { href: 'index.cgi?p=/firewall/act&do=disallow&target=192.0.2.118', text: 'End the allow…' },
    ]);
    expect(state.steps[0]).toMatchObject({ code: 'csf -dr 192.0.2.118', tone: 'ok', ms: '412 ms' });
  });

  test('refused: the first sentence is the heading, the rest stays', () => {
    const sentence =
      'Unblock of 192.0.2.118 was refused by csf; nothing was changed. 192.0.2.118 is blocked now: 192.0.2.118 in csf.deny.';
    expect(runPage(actView({ state: 'refused', sentence })).state).toMatchObject({
      heading: 'Unblock of 192.0.2.118 was refused by csf; nothing was changed.',
      sentence: '192.0.2.118 is blocked now: 192.0.2.118 in csf.deny.',
      tone: 'warn',
      back: [],
    });
    const letIn = '2001:db8::7 is let in now: 2001:db8::7 is in csf.tempallow.';
    expect(runPage(actView({ sentence: letIn })).state).toMatchObject({
      heading: '2001:db8::7 is let in now.',
      sentence: '2001:db8::7 is in csf.tempallow.',
    });
    expect(runPage(actView({ state: 'failed', sentence: null })).state).toMatchObject({
      heading: 'It went wrong.',
      tone: 'attack',
    });
  });

  test('in the ledger: its facts; one without an end says so', () => {
    const { state, facts } = donePage(actRow());
    expect(facts.map(({ name, value }) => `${name}: ${value.start}`)).toEqual([
      'Act: Unblock',
      'Address: 192.0.2.118',
      'When: 22 Nov 2026, 17:59:00',
      'Who: root',
      'Reason: the fix is in force, ticket 8841',
      'Command: csf -dr 192.0.2.118',
      'Ended: done',
    ]);
    expect(state.links[0]?.href).toContain('/incident&ip=192.0.2.118');
    expect(donePage(actRow({ state: 'running', sentence: null })).state.heading).toBe(
      'Unblock of 192.0.2.118 has no end yet.',
    );
    const net = donePage(actRow({ target: '198.51.100.0/24', incident: null })).state.links;
    expect(net.map(({ text }) => text)).toEqual(['Firewall']);
  });
});
