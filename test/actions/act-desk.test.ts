// The queue of changes: what a database that cannot be opened does to it, and whose act a number means.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ActDesk, type Order } from '../../src/actions/act-desk.ts';
import type { OpenContext } from '../../src/context.ts';
import { makeRoot, tempDir } from '../host/make-root.ts';
import { open } from './kit.ts';

const ORDER: Order = { head: { act: 'edit', who: 'root', reason: 'x' }, intents: [] };
let ctx: OpenContext;

beforeAll(() => {
  ctx = open({ root: makeRoot().dir, state: join(tempDir(), 'state') });
});
afterAll(() => {
  ctx.close();
});

test('a database that cannot be opened ends one change, and the next one goes on', async () => {
  let opens = 0;
  const desk = new ActDesk(() => {
    opens++;
    if (opens === 2) throw new Error('the database cannot be opened');
    return ctx;
  });
  const first = desk.submit(ORDER);
  await desk.idle();
  expect(await desk.look(first.id, 0)).toMatchObject({
    state: 'failed',
    sentence: 'the database cannot be opened',
  });
  const second = desk.submit(ORDER);
  await desk.idle();
  expect(await desk.look(second.id, 0)).toMatchObject({
    state: 'failed',
    sentence: expect.stringContaining('copied server'),
  });
});

test('an open page never shows a change of another start of the service', async () => {
  const before = new ActDesk(() => ctx).submit(ORDER).id;
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 5000);
  const after = new ActDesk(() => ctx);
  clock.mockRestore();
  after.submit(ORDER);
  expect(await after.look(before, 0)).toBeNull();
  await after.idle();
});
