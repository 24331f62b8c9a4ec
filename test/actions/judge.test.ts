// Judgements on whole servers: the same in whatever pieces incidents are judged, kept when the logs go, and made again
// when others tell something new.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { judgePending } from '../../src/actions/judge.ts';
import { listIncidents } from '../../src/actions/inbox.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { indexVhosts } from '../../src/actions/vhosts.ts';
import type { OpenContext } from '../../src/context.ts';
import { CROSS, HUMAN } from '../evidence/rows-human.ts';
import { CLIENT, PAYLOAD } from '../evidence/rows-client-payload.ts';
import { PACE_REACH } from '../evidence/rows-pace-reach.ts';
import { SPLIT } from '../evidence/scenario-shared.ts';
import { castOf, writeServer } from '../evidence/server.ts';
import type { Story } from '../evidence/story.ts';
import { tempDir, type TestRoot } from '../host/make-root.ts';
import { open } from './kit.ts';

const rows = [...HUMAN, ...CROSS, ...CLIENT, ...PAYLOAD, ...PACE_REACH];
const stories: Story[] = [
  ...rows.map(({ item, present }): Story => ({ ...present, name: item })),
  ...Object.entries(SPLIT).map(([name, story]): Story => ({ ...story, name })),
].filter((story) => story.mail === undefined && (story.without ?? []).length === 0);
const casts = stories.map(castOf);

let root: TestRoot;
beforeAll(() => {
  root = writeServer(casts, false);
});

const newState = (): string => join(tempDir(), 'state');

/** What an incident was judged as, by address and start: label, sum, and the items that hold. */
function judgedIn(ctx: OpenContext): ReadonlyMap<string, string> {
  const told = new Map<string, string>();
  for (const { client, from } of ctx.store.incidents.newest(null)) {
    const one = ctx.store.incidents.ofClient(client).find((record) => Math.abs(record.from - from) < 1);
    const held = (one?.judgement?.evidence ?? []).filter(({ status }) => status === 'present');
    const ids = held.map(({ id }) => id).sort();
    const { label, logOdds, words } = one?.judgement?.verdict ?? { label: 'none', logOdds: 0, words: '' };
    const actors = (one?.judgement?.actors ?? []).map(({ verdict }) => verdict.label);
    told.set(`${client} ${from}`, JSON.stringify([label, logOdds, words, ids, actors]));
  }
  return told;
}

async function judgedWhole(state: string): Promise<ReadonlyMap<string, string>> {
  const ctx = open({ root: root.dir, state });
  try {
    await listIncidents(ctx, { sinceMs: null, verdict: null });
    return judgedIn(ctx);
  } finally {
    ctx.close();
  }
}

test('incidents judged one by one, newest or oldest first, come out as those judged at once', async () => {
  const whole = await judgedWhole(newState());
  expect(whole.size).toBeGreaterThan(40);
  const ctx = open({ root: root.dir, state: newState() });
  try {
    const { clock } = await refresh(ctx);
    const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
    while ((await judgePending(ctx, clock, vhosts, { most: 1 })) > 0);
    expect(judgedIn(ctx)).toEqual(whole);
  } finally {
    ctx.close();
  }
}, 120_000);

describe('when the logs go', () => {
  test.each([
    ['domlogs', ['domlogs', 'access_log']],
    ['all logs of Apache', ['domlogs', 'access_log', 'modsec_audit.log', 'error_log']],
  ])(
    '%s deleted after everything was read: nothing changes',
    async (_name, logs) => {
      root = writeServer(casts, false);
      const state = newState();
      const before = await judgedWhole(state);
      for (const log of logs)
        rmSync(join(root.dir, 'var/log/apache2', log), { recursive: true, force: true });
      expect(await judgedWhole(state)).toEqual(before);
    },
    60_000,
  );

  test('an incident that is judged again without its domlogs keeps what they showed', async () => {
    root = writeServer(casts, false);
    const state = newState();
    const before = await judgedWhole(state);
    rmSync(join(root.dir, 'var/log/apache2/domlogs'), { recursive: true });
    rmSync(join(root.dir, 'var/log/apache2/access_log'), { force: true });
    const ctx = open({ root: root.dir, state });
    try {
      const clients = [...new Set(ctx.store.incidents.newest(null).map(({ client }) => client))];
      ctx.store.write(() => {
        ctx.store.incidents.forgetJudgementStamp(clients);
      });
      await listIncidents(ctx, { sinceMs: null, verdict: null });
      const after = judgedIn(ctx);
      const changed = [...before].filter(([key, value]) => after.get(key) !== value);
      expect(changed.map(([key, value]) => [key, value, after.get(key)])).toEqual([]);
    } finally {
      ctx.close();
    }
  }, 60_000);
});
