// The page of a report: its forms to be copied, whose it is, and what stands there when there is none.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { reportText } from '../../src/actions/report-text.ts';
import { type Agent, FakeBadInput, type Harness, makeHarness, signIn } from './harness.ts';
import { readHtml, type ReadPage } from './html.ts';
import { ATTACK_CRS, CHOOSE, reportMade, reportOf, TOUCHED } from './report-fixtures.ts';

const HOSTILE = `<script>alert(1)</script> "'&amp;</pre> \`@root\` [a](javascript:alert(1))`;
let harness: Harness;
let user: Agent;
beforeAll(async () => {
  harness = makeHarness();
  user = await signIn(harness);
});
beforeEach(() => {
  harness.reports.answer = ({ kind }) => reportMade({ kind });
  harness.reports.asked.length = 0;
});
afterAll(() => {
  user.close();
});

async function read(query: string, status = 200): Promise<ReadPage & { readonly html: string }> {
  const answer = await user.agent.get(`/index.cgi?p=/report&${query}`).expect(status);
  const shown = readHtml(answer.text);
  expect(shown.problems).toEqual([]);
  return { ...shown, text: shown.text.replaceAll(/\s+/g, ' '), html: answer.text };
}

/** The text in a box, as a browser gives it to the clipboard. */
function boxOf(html: string, id: string): string {
  const inner = new RegExp(`<pre id="${id}">([\\s\\S]*?)</pre>`).exec(html)?.[1] ?? '';
  return inner
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

test('each form stands in a box of its own, whole, whatever a log said', async () => {
  const title = ['Refused requests to ', { value: HOSTILE }];
  harness.reports.answer = () => reportMade({ title });
  const { html, tags, text } = await read('ip=203.0.113.45&from=2026-11-22T17:56:37.106402%2B01:00');
  for (const format of ['plain', 'markdown', 'html'] as const)
    expect(boxOf(html, `wb-${format}`)).toBe(reportText(reportOf({ title }), format).trimEnd());
  const copied = tags.flatMap((tag) => tag.attributes.get('data-wb-copy') ?? []);
  expect(copied).toEqual(['wb-plain', 'wb-markdown', 'wb-html']);
  expect(tags.filter((tag) => tag.name === 'script')).toHaveLength(1);
  expect(text).toContain('Read it before you send it.');
  expect(harness.reports.asked).toEqual([
    {
      ...{ address: '203.0.113.45', from: '2026-11-22T17:56:37.106402+01:00', vhost: null, kind: 'customer' },
      ...{ hideAddress: false, nameServer: false },
    },
  ]);
});

test('the other report, the shortened address and the incident are a link away', async () => {
  const { tags } = await read('ip=203.0.113.45&vhost=shop.example.com');
  const links = tags.map((tag) => tag.attributes.get('href') ?? '');
  const own =
    'index.cgi?p=/report&ip=203.0.113.45&from=2026-11-22T17%3A56%3A37.106402%2B01%3A00&vhost=shop.example.com';
  expect(links).toContain(`${own}&crs=1`);
  expect(links).toContain(`${own}&hide=1`);
  expect(links).toContain(
    'index.cgi?p=/incident&ip=203.0.113.45&from=2026-11-22T17%3A56%3A37.106402%2B01%3A00',
  );
  const { tags: crs, text } = await read('ip=203.0.113.45&crs=1&hide=1');
  expect(harness.reports.asked.at(-1)).toMatchObject({ kind: 'crs', hideAddress: true });
  expect(crs.flatMap((tag) => tag.attributes.get('data-wb-copy') ?? [])).toEqual(['wb-markdown', 'wb-plain']);
  expect(text).toContain('Nothing is sent');
});

test('where several accounts were touched, one is chosen first, and can be changed', async () => {
  harness.reports.answer = ({ vhost }) => (vhost === null ? CHOOSE : reportMade({ vhost }, TOUCHED));
  const first = await read('ip=203.0.113.45');
  expect(first.text).toContain('Whose report is it?');
  expect(first.text).toContain('The requests went to 2 sites of several accounts.');
  expect(first.text).toContain('shop.example.com, shopuser: 6 requests');
  expect(first.tags.some((tag) => tag.attributes.has('data-wb-copy'))).toBe(false);
  const fields = first.tags.flatMap(({ name, attributes }) =>
    name === 'input' && attributes.get('type') === 'hidden' ? [attributes.get('name')] : [],
  );
  expect(fields.filter((name) => name !== 'csrf')).toEqual(['p', 'ip', 'from']);
  const second = await read('ip=203.0.113.45&vhost=blog.example.org');
  const chosen = second.tags.filter((tag) => tag.name === 'option' && tag.attributes.has('selected'));
  expect(chosen.map((tag) => tag.attributes.get('value'))).toEqual(['blog.example.org']);
});

test('what was masked is said; a refusal is said with its reason', async () => {
  harness.reports.answer = () => reportMade({ masked: 1 });
  expect((await read('ip=203.0.113.45')).text).toContain(
    '1 text of it looked like a secret or like somebody else’s, and is masked',
  );
  harness.reports.answer = () => ATTACK_CRS;
  const { text, tags } = await read('ip=203.0.113.45&crs=1');
  expect(text).toContain('There is no report');
  expect(text).toContain('The verdict is an attack.');
  expect(tags.some((tag) => tag.attributes.has('data-wb-copy'))).toBe(false);
});

test('links that name no address, no time, or a site that was not touched', async () => {
  await read('ip=nobody', 400);
  await read('ip=203.0.113.45&from=soon', 400);
  expect(harness.reports.asked).toEqual([]);
  harness.reports.answer = () => {
    throw new FakeBadInput('The incident has no request to "x".', 'vhost');
  };
  expect((await read('ip=203.0.113.45&vhost=x', 400)).text).toContain('The incident has no request to "x".');
});

test('the incident’s page leads here, by the key t too', async () => {
  const answer = await user.agent.get('/index.cgi?p=/explain&q=203.0.113.45').expect(200);
  const { tags } = readHtml(answer.text);
  const link = tags.find((tag) => tag.attributes.get('data-wb-do') === 't');
  expect(link?.attributes.get('href')).toMatch(/^index\.cgi\?p=\/report&ip=203\.0\.113\.45&from=2026-11-22T/);
  const foreign = await user.agent.get('/index.cgi?p=/explain&q=shop.example.com').expect(200);
  expect(foreign.text).not.toContain('p=/report');
});
