// A text whose address was cut out, on the server whose logs still hold its requests: the unique_id leads to them.
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { explain } from '../../src/actions/explain.ts';
import type { Explanation } from '../../src/actions/explanation.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { tempDir } from '../host/make-root.ts';
import { newState, open } from './kit.ts';

const CLIENT = '198.51.100.77';
const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);
let root = '';
let state = '';
let mail = '';

async function ask(text: string): Promise<Explanation> {
  const ctx = open({ root, state });
  try {
    return await explain(ctx, text);
  } finally {
    ctx.close();
  }
}

beforeAll(() => {
  const demo = unpackDemo(join(tempDir(), 'demo'), NOW);
  root = demo.root;
  state = newState(root);
  mail = demo.mails.find(({ text }) => text.includes(CLIENT))?.text ?? '';
});

test('a mail without its address is explained like the whole one', async () => {
  const whole = await ask(mail);
  const cut = await ask(mail.replaceAll(CLIENT, 'xx.xx.xx.xx'));
  expect(whole.incident?.requests).toBe(10);
  expect(cut.asked).toEqual({ kind: 'mail', value: null });
  expect(cut.incident).toEqual(whole.incident);
  expect(cut.verdict).toEqual(whole.verdict);
  expect(cut.block).toMatchObject({ state: 'permanent', source: 'csf.deny', address: CLIENT });
  expect(cut.statements.map(({ sentence }) => sentence).join(' ')).toContain('cut out of the text');
});

test('one quoted line leads to its incident, not to the newest', async () => {
  const { transactions } = (await ask(CLIENT)).incident ?? { transactions: [] };
  const [first] = transactions;
  const line = mail.split('\n').find((text) => text.includes(first?.uniqueId ?? '?')) ?? '';
  const found = await ask(line.replace(/\[client [^\]]*\]/g, '[client ***]'));
  expect(found.incident?.client).toBe(CLIENT);
  expect(found.incident?.transactions.map(({ uniqueId }) => uniqueId)).toContain(first?.uniqueId);
});

test('an unknown unique_id is called a request, not an address', async () => {
  const found = await ask('awLy0ZTl8T6MLlnnqKzuxwAAACX');
  expect(found.outcome).toBe('no-trace');
  expect(found.headline).toBe('The request awLy0ZTl8T6MLlnnqKzuxwAAACX is not in the logs of this server.');
});

test('requests that covering logs do not hold are not called gone', async () => {
  const other = mail
    .replaceAll(CLIENT, '203.0.113.222')
    .replaceAll(/\[unique_id "[^"]{4}/g, '[unique_id "zzzz')
    .replaceAll('[hostname "192.0.2.10"]', '[hostname "shop.example.com"]');
  const found = await ask(other);
  const said = found.statements.map(({ sentence }) => sentence).join(' ');
  expect(found.coverage.find(({ kind }) => kind === 'error_log')?.state).toBe('ok');
  expect(said).toContain('error_log covers that time and holds none of the 10 requests');
  expect(found.headline).toContain("this server's logs hold none of its requests");
  expect(`${found.headline} ${found.lead} ${said}`).not.toContain('gone');
});

test('lfd.log is not said to be used when it holds no line about the address', async () => {
  const lines = async (address: string): Promise<number | undefined> =>
    (await ask(mail.replaceAll(CLIENT, address))).coverage.find(({ kind }) => kind === 'lfd_log')?.lines;
  expect(await lines(CLIENT)).toBe(1);
  expect(await lines('203.0.113.222')).toBe(0);
});
