// Follows every link and form of the pages below WHM's prefix: none may lose the prefix with its security token.
import { expect, test } from '@jest/globals';
import { ALARM, ALLOWED, ENTRIES, firewallList } from './firewall-fixtures.ts';
import type { Harness } from './harness.ts';
import { makeHarness, signIn, TOKEN } from './harness.ts';
import type { ReadPage, Tag } from './html.ts';
import { addressesOf, readHtml } from './html.ts';
import { causePageView } from './cause-fixtures.ts';
import { DOMAINS } from './exclusion-fixtures.ts';
import { LOGS, RUNNING, searchView } from './search-fixtures.ts';
import { loginLink } from '../../src/web/login.ts';
import request from 'supertest';

const STARTS = ['/cpsess1234567890/cgi/whyblocked/index.cgi', '/index.cgi', '/'];
const SEEDS = [
  '',
  '?p=/explain&q=192.0.2.118',
  '?p=/explain&q=198.51.100.77',
  '?p=/explain&q=hostile',
  '?p=/explain&q=203.0.113.456',
  '?p=/nosuch',
  '?p=/explain&q=broken',
  '?p=/activity',
  '?p=/&page=2',
  '?p=/&verdict=attack',
  '?p=/search',
  '?p=/search&q=203&log=access&log=/var/log/apache2/error_log&from=-2h&limit=1000&context=2',
  '?p=/search&q=running',
  '?p=/search&q=x&before=older',
  '?p=/search/logs&text=shop',
  '?p=/search/around&file=/var/log/apache2/error_log&offset=5',
  '?p=/domains&text=shop',
  '?p=/domain&vhost=shop.example.com',
  '?p=/rules&text=sqli',
  '?p=/propose&kind=rule-vhost&vhost=shop.example.com&rule=942100',
  '?p=/scope&vhost=shop.example.com',
  '?p=/exclusions',
  '?p=/exclusions&show=drift',
  '?p=/change&id=30',
  '?p=/act&id=act-1',
  '?p=/report&ip=203.0.113.45',
  '?p=/firewall',
  '?p=/firewall&kind=allowed&q=192.0',
  '?p=/firewall/act&do=unblock&target=192.0.2.118',
];

/** What a reader would put into a form's field without a value of its own. */
const TYPED: Readonly<Record<string, string>> = {
  q: '203.0.113.45',
  name: 'A name',
  reason: 'why',
  ends: 'never',
  note: 'why',
};

const FIELDS = new Set(['input', 'textarea', 'select', 'button']);

/** The fields of each form of a page, filled in, by the form. */
function formsOf(page: ReadPage): { readonly form: Tag; readonly fields: Record<string, string> }[] {
  const forms: { form: Tag; fields: Record<string, string> }[] = [];
  for (const tag of page.tags) {
    if (tag.name === 'form') forms.push({ form: tag, fields: {} });
    const name = tag.attributes.get('name');
    const fields = forms.at(-1)?.fields;
    if (fields === undefined || name === undefined || !FIELDS.has(tag.name)) continue;
    fields[name] =
      [tag.attributes.get('value'), TYPED[name]].find((one) => one !== undefined && one !== '') ?? '';
    if (name === 'q') fields[name] = TYPED.q ?? '';
  }
  return forms;
}

async function crawl(harness: Harness, start: string): Promise<{ seen: Set<string>; problems: string[] }> {
  const { agent, csrf, close } = await signIn(harness);
  const folder = start.slice(0, start.lastIndexOf('/') + 1);
  const seen = new Set<string>();
  const problems: string[] = [];
  const queue = SEEDS.map((query) => new URL(`${start}${query}`, 'http://x'));
  const follow = (address: string, base: URL): void => {
    if (address.startsWith('#') || address === 'data:,') return;
    const url = new URL(address, base);
    if (/^[a-z]+:|^\//i.test(address)) problems.push(`${base.pathname} has the absolute ${address}`);
    if (!url.pathname.startsWith(folder)) problems.push(`${address} leaves ${folder}`);
    url.hash = '';
    queue.push(url);
  };
  for (let url = queue.shift(); url !== undefined; url = queue.shift()) {
    const place = url.pathname + url.search;
    if (seen.has(place) || seen.size > 400) continue;
    seen.add(place);
    const answer = await agent.get(place);
    const location = answer.headers.location;
    if (location !== undefined) follow(location, url);
    if (answer.status === 404 && !place.includes('nosuch')) problems.push(`${place} is a dead link`);
    if (!String(answer.headers['content-type']).startsWith('text/html')) continue;
    const page = readHtml(answer.text);
    problems.push(...page.problems.map((problem) => `${place}: ${problem}`));
    for (const address of addressesOf(page)) follow(address, url);
    for (const { form, fields } of formsOf(page)) {
      if (form.attributes.get('method') !== 'post') continue;
      const target = new URL(form.attributes.get('action') ?? '', url);
      if (target.search.includes('logout')) continue;
      const sent = await agent
        .post(target.pathname + target.search)
        .type('form')
        .send({ ...fields, csrf });
      if (sent.status !== 303) problems.push(`the form of ${place} answers ${sent.status}`);
      else follow(String(sent.headers.location), target);
    }
  }
  close();
  return { seen, problems };
}

test.each(STARTS)('below %s nothing leaves the prefix and nothing is dead', async (start) => {
  const harness = makeHarness();
  harness.search.allLogs = LOGS.slice(0, 5);
  harness.exclusions.domainsView = { ...DOMAINS, rows: DOMAINS.rows.slice(0, 3) };
  harness.exclusions.ruleRows = harness.exclusions.ruleRows.slice(0, 3);
  // All vhosts and causes that the pages name are there.
  const { domainOf } = harness.exclusions;
  harness.exclusions.domainOf = (vhost) => domainOf(vhost) ?? domainOf('shop.example.com');
  harness.exclusions.causeDesk.causeNamed = () => causePageView();
  harness.firewall.view = firewallList({ rows: [...ENTRIES.slice(0, 2), ...ALLOWED], alarm: ALARM });
  harness.search.answer = (query) => {
    if (query.pattern === 'running') return { ...RUNNING, id: 'job-2', query };
    return searchView({ query, older: query.before === null ? 'older' : null });
  };
  const { seen, problems } = await crawl(harness, start);
  expect(problems).toEqual([]);
  expect(seen.size).toBeGreaterThan(25);
  expect([...seen].some((place) => place.includes('static/whyblocked.css'))).toBe(true);
  for (const part of ['/incident&ip=', '/search&log=', '/search/around&', '/search/logs&', '/search/export&'])
    expect([...seen].filter((place) => place.includes(`p=${part}`)).length).toBeGreaterThan(0);
  for (const page of [
    ...['/domains', '/domain', '/causes', '/cause', '/rules', '/rule', '/propose', '/scope', '/act'],
    ...['/exclusions', '/exclusion', '/found', '/change'],
    ...['/firewall', '/firewall/act', '/firewall/run', '/firewall/done'],
  ])
    expect([page, [...seen].some((place) => place.includes(`?p=${page}&`))]).toEqual([page, true]);
  const ordered = new Set(harness.exclusions.orders.map(({ what }) => what));
  expect(ordered).toEqual(new Set(['exclude', 'revert', 'edit', 'adopt', 'settle']));
  const acts = harness.firewall.orders;
  expect([acts.some((one) => 'endAlarm' in one), acts.some((one) => 'request' in one)]).toEqual([true, true]);
  expect(harness.marks.orders.length).toBeGreaterThan(2);
  expect(harness.exclusions.causeDesk.states.length).toBeGreaterThan(0);
  expect([harness.search.saves.length > 0, harness.search.forgets.length > 0]).toEqual([true, true]);
  expect(harness.search.stops).toContain('job-2');
});

test.each(STARTS)('below %s sign-in and sign-out keep the prefix', async (start) => {
  const { app } = makeHarness();
  const folder = start.slice(0, start.lastIndexOf('/') + 1);
  const answer = await request(app).get(`${folder}${loginLink(TOKEN)}`);
  expect(answer.headers.location).toBe('index.cgi?p=/');
});
